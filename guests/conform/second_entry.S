/* SPDX-License-Identifier: Apache-2.0 */
    .text
    .global second_entry
second_entry:
    adrp    x1, stack_top
    add     x1, x1, :lo12:stack_top
    mov     sp, x1
    b       second_main

    .bss
    .balign 16
    .space  4096
stack_top:
