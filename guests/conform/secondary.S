/* SPDX-License-Identifier: Apache-2.0 */
    .global secondary
secondary:
    adr     x0, stack_top
    mov     sp, x0
    b       secondary_main

    .bss
    .balign 16
    .space  4096
stack_top:
