/* SPDX-License-Identifier: Apache-2.0 */
#include "board.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

static const struct board *const boards[] = { &board_qemu_virt, &board_qemu_virt_gicv2 };

const struct board *board_find(const char *name)
{
    for (size_t i = 0; i < sizeof(boards) / sizeof(boards[0]); i++) {
        if (strcmp(boards[i]->name, name) == 0)
            return boards[i];
    }
    return NULL;
}

const struct device *board_device(const struct board *b, const char *name)
{
    for (const struct device *d = b->devices; d->name; d++) {
        if (strcmp(d->name, name) == 0 || strcmp(d->path, name) == 0)
            return d;
    }
    return NULL;
}

const char *board_free_devices(const struct board *b)
{
    static char list[256];
    size_t length = 0;
    list[0] = '\0';
    for (const struct device *d = b->devices; d->name && length < sizeof(list); d++) {
        if (d->owner == OWNER_FREE)
            length += (size_t)snprintf(list + length, sizeof(list) - length, "%s%s", length ? ", " : "", d->name);
    }
    return list;
}
