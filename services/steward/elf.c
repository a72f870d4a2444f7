/* SPDX-License-Identifier: Apache-2.0 */
#include "elf.h"

#include <string.h>

struct elf_header {
    uint8_t ident[16];
    uint16_t type, machine;
    uint32_t version;
    uint64_t entry, phoff, shoff;
    uint32_t flags;
    uint16_t ehsize, phentsize, phnum, shentsize, shnum, shstrndx;
};

struct program_header {
    uint32_t type, flags;
    uint64_t offset, vaddr, paddr, filesz, memsz, align;
};

_Static_assert(sizeof(struct elf_header) == 64 && sizeof(struct program_header) == 56, "gABI, 64 bits");

#define ELF_IDENT   "\177ELF\2\1\1"     /* 64 bits, little-endian, version 1 */
#define ET_EXEC     2
#define ET_DYN      3                   /* static-pie: entered where it was linked */
#define EM_AARCH64  183
#define PT_LOAD     1
#define PF_X        1u

const char *elf_open(struct elf *e, const void *image, uint64_t size)
{
    struct elf_header h;

    if (size < sizeof h)
        return "is too short for an ELF file";
    memcpy(&h, image, sizeof h);
    if (memcmp(h.ident, ELF_IDENT, sizeof ELF_IDENT - 1) != 0 || h.machine != EM_AARCH64)
        return "is not an ELF file for AArch64";
    if (h.type != ET_EXEC && h.type != ET_DYN)
        return "is not an ELF program";
    if (h.phentsize != sizeof(struct program_header) || h.phoff > size ||
        h.phnum > (size - h.phoff) / sizeof(struct program_header))
        return "has its ELF program headers outside the file";
    *e = (struct elf){ image, size, h.entry, h.phoff, h.phnum };
    return NULL;
}

const char *elf_segment(const struct elf *e, unsigned i, struct elf_segment *s, bool *loads)
{
    struct program_header h;

    memcpy(&h, e->image + e->headers + i * sizeof h, sizeof h);
    *loads = h.type == PT_LOAD && h.memsz != 0;
    if (!*loads)
        return NULL;
    if (h.offset > e->size || h.filesz > e->size - h.offset)
        return "has an ELF segment that reaches beyond the file";
    if (h.filesz > h.memsz || h.paddr + h.memsz < h.paddr || h.vaddr + h.memsz < h.vaddr)
        return "has an ELF segment of an impossible size";
    *s = (struct elf_segment){ h.offset, h.filesz, h.paddr, h.memsz, h.vaddr, h.flags & PF_X };
    return NULL;
}

const char *elf_entry(const struct elf *e, uint64_t *physical)
{
    for (unsigned i = 0; i < e->count; i++) {
        struct elf_segment s;
        bool loads;
        const char *wrong = elf_segment(e, i, &s, &loads);
        if (wrong)
            return wrong;
        if (loads && s.executable && e->entry - s.virtual_address < s.bytes) {
            *physical = e->entry - s.virtual_address + s.address;
            return NULL;
        }
    }
    return "has its ELF entry outside its executable segments";
}
