/* SPDX-License-Identifier: Apache-2.0 */
#include "guest.h"

#include <libfdt.h>
#include <stdlib.h>
#include <string.h>

#include "arm64.h"

int64_t hvc(uint64_t function, uint64_t a, uint64_t b, uint64_t c)
{
    register uint64_t x0 __asm__("x0") = function;
    register uint64_t x1 __asm__("x1") = a;
    register uint64_t x2 __asm__("x2") = b;
    register uint64_t x3 __asm__("x3") = c;
    __asm__ volatile("hvc #0" : "+r"(x0), "+r"(x1), "+r"(x2), "+r"(x3) : : "memory",
                     "x4", "x5", "x6", "x7", "x8", "x9", "x10", "x11", "x12", "x13", "x14", "x15", "x16", "x17");
    return (int64_t)x0;
}

void system_off(void)
{
    hvc(PSCI_SYSTEM_OFF, 0, 0, 0);
    for (;;) {
        __asm__ volatile("wfi");
    }
}

void crash(void)
{
    irq_disable();
    sysreg_write(vbar_el1, GUEST_HOLE);
    isb();
    ((void (*)(void))GUEST_HOLE)();
    __builtin_unreachable();
}

__attribute__((weak)) void guest_exception(struct exception *e, unsigned vector)
{
    print("exception: vector %u, esr %lx, pc %lx, far %lx\n", vector, e->esr, e->pc, e->far);
    system_off();
}

static bool usable(const void *dtb) { return dtb && fdt_check_header(dtb) == 0; }

const char *bootargs(const void *dtb)
{
    if (!usable(dtb)) {
        return "";
    }
    const char *args = fdt_getprop(dtb, fdt_path_offset(dtb, "/chosen"), "bootargs", NULL);
    return args ? args : "";
}

/* What stands after `name=` in the words of `args`, or NULL. */
static const char *option(const char *args, const char *name)
{
    size_t length = strlen(name);
    for (const char *word = args; *word; word++) {
        bool first = word == args || word[-1] == ' ';
        if (first && strncmp(word, name, length) == 0 && word[length] == '=') {
            return word + length + 1;
        }
    }
    return NULL;
}

bool option_number(const char *args, const char *name, uint64_t *value)
{
    const char *text = option(args, name);
    if (!text) {
        return false;
    }
    *value = strtoul(text, NULL, 0);
    return true;
}

bool option_word(const char *args, const char *name, char *word, unsigned size)
{
    const char *text = option(args, name);
    if (!text) {
        return false;
    }
    unsigned n = 0;
    for (; n + 1 < size && text[n] && text[n] != ' '; n++) {
        word[n] = text[n];
    }
    word[n] = '\0';
    return true;
}

static uint64_t cells(const fdt32_t *at, int count)
{
    uint64_t value = 0;
    for (int n = 0; n < count; n++) {
        value = value << 32 | fdt32_ld(at + n);
    }
    return value;
}

void memory_range(const void *dtb, uint64_t *start, uint64_t *size)
{
    *start = GUEST_RAM;
    *size = 128ul << 20;
    if (!usable(dtb)) {
        return;
    }
    int node = fdt_node_offset_by_prop_value(dtb, -1, "device_type", "memory", sizeof "memory");
    int bytes = 0;
    const fdt32_t *reg = fdt_getprop(dtb, node, "reg", &bytes);
    int address_cells = fdt_address_cells(dtb, 0), size_cells = fdt_size_cells(dtb, 0);
    if (reg && address_cells > 0 && size_cells > 0 && bytes >= 4 * (address_cells + size_cells)) {
        *start = cells(reg, address_cells);
        *size = cells(reg + address_cells, size_cells);
    }
}
