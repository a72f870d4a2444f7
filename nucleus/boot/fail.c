/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "boot/boot.h"
#include "core/machine.h"

_Noreturn void boot_fail(const char *tree, const char *node, const char *what)
{
    const void *fdt = boot_tree;

    boot_tree = NULL;                   /* looked at once: it may be what is wrong */
    if (machine.uart == 0 && fdt)
        boot_read_console(fdt);
    machine_puts("belay: ");
    machine_puts(tree);
    machine_puts(": ");
    machine_puts(node);
    machine_puts(": ");
    machine_puts(what);
    machine_puts("; halted\n");
    machine_halt();
}
