/* SPDX-License-Identifier: Apache-2.0 */
/*
 * void cache_sync_code(const void *start, size_t bytes)
 *
 * CTR_EL0 tells the line sizes, and where cleaning or invalidating is not
 * needed at all: IDC (bit 28) and DIC (bit 29). A guest starts with its MMU and
 * caches off and reads memory itself, so what it is given is cleaned to the
 * Point of Coherency (dc cvac) whatever IDC says.
 */
    .section .text.cache_sync_code, "ax"
    .global cache_sync_code
    .type cache_sync_code, %function
cache_sync_code:
    add     x1, x0, x1              /* end */
    mrs     x2, ctr_el0
    mov     x3, #4
    ubfx    x4, x2, #16, #4         /* DminLine: log2 of words */
    lsl     x4, x3, x4
    sub     x5, x4, #1
    bic     x5, x0, x5
1:  cmp     x5, x1
    b.hs    2f
    dc      cvac, x5
    add     x5, x5, x4
    b       1b
2:  dsb     ish
    tbnz    x2, #29, 4f             /* DIC */
    and     x4, x2, #15             /* IminLine */
    lsl     x4, x3, x4
    sub     x5, x4, #1
    bic     x5, x0, x5
3:  cmp     x5, x1
    b.hs    4f
    ic      ivau, x5
    add     x5, x5, x4
    b       3b
4:  dsb     ish
    isb
    ret
    .size cache_sync_code, . - cache_sync_code
