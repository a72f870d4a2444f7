/* SPDX-License-Identifier: Apache-2.0 */
#include "image.h"

#include <elf.h>
#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define IMAGE_HEADER_SIZE 64
#define IMAGE_TEXT_OFFSET 8
#define IMAGE_SIZE        16
#define IMAGE_FLAGS       24
#define IMAGE_MAGIC       56
#define ZIMAGE_HEADER_SIZE 48
#define ZIMAGE_MAGIC      36
#define ZIMAGE_ROOM       (UINT64_C(32) << 20)    /* in which it unpacks itself */
#define IMAGE_OLD_OFFSET  0x80000         /* where the header has no size: kernels before 3.17 */

static uint64_t read_le64(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof(value));
    return le64toh(value);
}

static const char *map(struct file *f, int fd)
{
    struct stat status;
    if (fstat(fd, &status) < 0)
        return strerror(errno);
    if (!S_ISREG(status.st_mode))
        return "is not a file";
    if (status.st_size == 0)
        return "is empty";
    f->size = (size_t)status.st_size;
    void *data = mmap(NULL, f->size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (data == MAP_FAILED)
        return strerror(errno);
    f->data = data;
    return NULL;
}

const char *file_map(struct file *f, const char *path)
{
    *f = (struct file){ NULL, 0 };
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);     /* a pipe is not waited for */
    if (fd < 0)
        return errno == ENOENT ? "does not exist" : strerror(errno);
    const char *wrong = map(f, fd);
    close(fd);
    return wrong;
}

void file_unmap(struct file *f)
{
    if (f->data)
        munmap((void *)(uintptr_t)f->data, f->size);
    *f = (struct file){ NULL, 0 };
}

const char *image_linux(const struct file *f, uint64_t *bytes)
{
    if (f->size >= 2 && f->data[0] == 0x1f && f->data[1] == 0x8b)
        return "is compressed with gzip";
    if (f->size < IMAGE_HEADER_SIZE || memcmp(f->data + IMAGE_MAGIC, "ARM\x64", 4) != 0)
        return "is not an arm64 Linux Image";
    if (f->data[IMAGE_FLAGS] & 1)
        return "is a big-endian kernel";
    uint64_t offset = read_le64(f->data + IMAGE_TEXT_OFFSET), size = read_le64(f->data + IMAGE_SIZE);
    if (offset > UINT32_MAX || size > UINT32_MAX)
        return "has a damaged header";
    if (size == 0)
        offset = IMAGE_OLD_OFFSET;
    *bytes = offset + (size > f->size ? size : f->size);
    return NULL;
}

const char *image_zimage(const struct file *f, uint64_t *bytes)
{
    if (f->size < ZIMAGE_HEADER_SIZE || memcmp(f->data + ZIMAGE_MAGIC, "\x18\x28\x6f\x01", 4) != 0)
        return "is not an arm Linux zImage";
    *bytes = f->size > ZIMAGE_ROOM ? f->size : ZIMAGE_ROOM;
    return NULL;
}

static bool header_fits(const Elf64_Ehdr *e, size_t size)
{
    return e->e_phentsize == sizeof(Elf64_Phdr) && e->e_phoff <= size
        && (uint64_t)e->e_phnum * sizeof(Elf64_Phdr) <= size - e->e_phoff;
}

static bool segment_fits(const Elf64_Phdr *p, size_t size)
{
    uint64_t end, virtual_end;
    return p->p_offset <= size && p->p_filesz <= size - p->p_offset && p->p_filesz <= p->p_memsz
        && !__builtin_add_overflow(p->p_paddr, p->p_memsz, &end)
        && !__builtin_add_overflow(p->p_vaddr, p->p_memsz, &virtual_end);
}

const char *image_elf(const struct file *f, uint64_t *low, uint64_t *high)
{
    Elf64_Ehdr e;
    if (f->size < sizeof(e) || memcmp(f->data, ELFMAG, SELFMAG) != 0)
        return "is not an ELF file";
    memcpy(&e, f->data, sizeof(e));
    if (e.e_ident[EI_CLASS] != ELFCLASS64 || e.e_ident[EI_DATA] != ELFDATA2LSB || e.e_machine != EM_AARCH64)
        return "is not an ELF file for AArch64, little-endian";
    if (e.e_ident[EI_VERSION] != EV_CURRENT)
        return "is of an unknown version of ELF";
    if (e.e_type != ET_EXEC && e.e_type != ET_DYN)
        return "is not an executable ELF file";
    if (!header_fits(&e, f->size))
        return "is a damaged ELF file";
    *low = UINT64_MAX;
    *high = 0;
    for (unsigned i = 0; i < e.e_phnum; i++) {
        Elf64_Phdr p;
        memcpy(&p, f->data + e.e_phoff + i * sizeof(p), sizeof(p));
        if (p.p_type != PT_LOAD || p.p_memsz == 0)
            continue;
        if (!segment_fits(&p, f->size))
            return "is a damaged ELF file";
        *low = p.p_paddr < *low ? p.p_paddr : *low;
        *high = p.p_paddr + p.p_memsz > *high ? p.p_paddr + p.p_memsz : *high;
    }
    return *high ? NULL : "is an ELF file without anything to load";
}

bool image_elf_entry(const struct file *f)
{
    Elf64_Ehdr e;
    memcpy(&e, f->data, sizeof(e));
    for (unsigned i = 0; i < e.e_phnum; i++) {
        Elf64_Phdr p;
        memcpy(&p, f->data + e.e_phoff + i * sizeof(p), sizeof(p));
        if (p.p_type == PT_LOAD && p.p_flags & PF_X && e.e_entry - p.p_vaddr < p.p_memsz)
            return true;
    }
    return false;
}
