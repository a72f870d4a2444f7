/* SPDX-License-Identifier: Apache-2.0 */
/* Neither a line nor a block of DC ZVA is larger than a quarter of a page. */
    .macro four what, from, step
    \what  \from
    add     \from, \from, \step
    \what  \from
    add     \from, \from, \step
    \what  \from
    add     \from, \from, \step
    \what  \from
    add     \from, \from, \step
    .endm
    .macro zero_block at
    dc      zva, \at
    .endm
    .macro clean_line at
    dc      cvac, \at
    .endm
    .macro invalidate_line at
    ic      ivau, \at
    .endm
    .macro four_lines size          /* of so many words, as a power of 2, are so many bytes in x4; x5 begins before them */
    mov     x3, #16
    lsl     x3, x3, \size
    sub     x3, x3, #1
    bic     x5, x0, x3
    mov     x3, #4
    lsl     x4, x3, \size
    .endm

/*
 * void cache_sync_code(const void *start, size_t bytes)
 *
 * CTR_EL0 tells the line sizes, and where cleaning or invalidating is not
 * needed at all: IDC (bit 28) and DIC (bit 29). A guest starts with its MMU and
 * caches off and reads memory itself, so what it is given is cleaned to the
 * Point of Coherency (dc cvac) whatever IDC says. Four lines a turn, of the pages that the bytes are in.
 */
    .section .text.cache_sync_code, "ax"
    .global cache_sync_code
    .type cache_sync_code, %function
cache_sync_code:
    add     x1, x0, x1              /* end */
    mrs     x2, ctr_el0
    ubfx    x6, x2, #16, #4         /* DminLine: log2 of words */
    four_lines x6
    cmp     x5, x1
    b.hs    2f
1:  four    clean_line, x5, x4
    cmp     x5, x1
    b.lo    1b
2:  dsb     ish
    tbnz    x2, #29, 4f             /* DIC */
    and     x6, x2, #15             /* IminLine */
    four_lines x6
    cmp     x5, x1
    b.hs    4f
3:  four    invalidate_line, x5, x4
    cmp     x5, x1
    b.lo    3b
4:  dsb     ish
    isb
    ret
    .size cache_sync_code, . - cache_sync_code

/*
 * void cache_clear(void *start, size_t bytes)
 *
 * Zeroes whole pages, by blocks of DC ZVA where that is allowed (DCZID_EL0), and
 * cleans them as above.
 */
    .section .text.cache_clear, "ax"
    .global cache_clear
    .type cache_clear, %function
cache_clear:
    add     x1, x0, x1              /* end */
    mov     x3, #4
    mov     x5, x0
    mrs     x2, dczid_el0
    tbnz    x2, #4, 2f              /* DZP */
    and     x4, x2, #15             /* BS: log2 of words */
    lsl     x4, x3, x4
1:  four    zero_block, x5, x4
    cmp     x5, x1
    b.lo    1b
    b       3f
2:  stp     xzr, xzr, [x5], #16
    cmp     x5, x1
    b.lo    2b
3:  mrs     x2, ctr_el0
    ubfx    x4, x2, #16, #4         /* DminLine */
    lsl     x4, x3, x4
4:  four    clean_line, x0, x4
    cmp     x0, x1
    b.lo    4b
    dsb     ish
    ret
    .size cache_clear, . - cache_clear
