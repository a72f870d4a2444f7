/* SPDX-License-Identifier: Apache-2.0 */
#include "boot_world.h"

#include <setjmp.h>
#include <stdio.h>
#include <string.h>

#include "core/machine.h"

struct machine machine;
uint64_t world_mapped, world_mapped_end;
char world_node[64], world_why[128];

static jmp_buf halted;

void boot_map(uint64_t start, uint64_t end, uint64_t attributes)
{
    (void)attributes;
    world_mapped = start;
    world_mapped_end = end;
}

_Noreturn void boot_fail(const char *tree, const char *node, const char *what)
{
    (void)tree;
    snprintf(world_node, sizeof world_node, "%s", node);
    snprintf(world_why, sizeof world_why, "%s", what);
    longjmp(halted, 1);
}

bool world_read_host(const void *fdt, struct host *host)
{
    memset(host, 0, sizeof *host);
    machine = (struct machine){ 0 };
    world_mapped = world_mapped_end = 0;
    world_node[0] = world_why[0] = '\0';
    if (setjmp(halted))
        return false;
    boot_read_host(fdt, host);
    return true;
}
