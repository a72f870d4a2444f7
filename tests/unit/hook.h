/* SPDX-License-Identifier: Apache-2.0 */
/* What another party does between two steps of the code under test. */
#ifndef TESTS_HOOK_H
#define TESTS_HOOK_H

#include <stddef.h>

/* Calls a hook that is set: this time, and no other. */
static inline void once(void (**hook)(void))
{
    void (*now)(void) = *hook;

    *hook = NULL;
    if (now)
        now();
}
#endif
