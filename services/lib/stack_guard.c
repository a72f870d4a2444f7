/* SPDX-License-Identifier: Apache-2.0 */
/* Debian builds its libraries with stack protection; start.S sets the guard. */
#include <stdint.h>

extern uintptr_t __stack_chk_guard;
_Noreturn void __stack_chk_fail(void);

uintptr_t __stack_chk_guard;

void __stack_chk_fail(void)
{
    __builtin_trap();
}
