/* SPDX-License-Identifier: Apache-2.0 */
/* The tag of a domain: the first eight characters of its name. */
#ifndef STEWARD_TAG_H
#define STEWARD_TAG_H

#include <stdint.h>

static inline uint64_t tag(const char *name)
{
    uint64_t t = 0;

    for (unsigned i = 0; i < 8 && name[i]; i++)
        t |= (uint64_t)(uint8_t)name[i] << (8 * i);
    return t;
}
#endif
