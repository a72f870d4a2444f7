/* SPDX-License-Identifier: Apache-2.0 */
#include "fake_sysreg.h"

#include <assert.h>
#include <string.h>

#include "gic/gic.h"

static struct fake_sysreg table[256];
static unsigned count;

bool fake_gicv2, fake_gicv2_interface;
__attribute__((weak)) struct gicv2 gicv2;

struct fake_sysreg *fake_sysreg_find(const char *name)
{
    for (unsigned i = 0; i < count; i++)
        if (strcmp(table[i].name, name) == 0)
            return &table[i];
    assert(count < sizeof table / sizeof table[0]);
    table[count].name = name;
    return &table[count++];
}

void fake_sysreg_reset(void)
{
    for (unsigned i = 0; i < count; i++)
        table[i] = (struct fake_sysreg){ .name = table[i].name };
}
