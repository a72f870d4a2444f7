/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Entered at EL1 with the MMU off. The tables are static data and are reached
 * PC-relative, so the MMU and caches go on first and all that follows, moving
 * the image to its link address included, runs cached.
 */
#define MAIR            0x00ff          /* 0: normal write-back, 1: device nGnRnE */
#define TCR_IPS_40      (2 << 32)
/* T0SZ 25 (39 bits), 4 KiB granule, inner shareable write-back, no TTBR1 walks (EPD1) */
#define TCR             (TCR_IPS_40 | (1 << 23) | (3 << 12) | (1 << 10) | (1 << 8) | 25)
#define SCTLR           0x30d5180d      /* RES1 bits of Armv8.0, nTWE, nTWI, I, SA, C, M */
#define DTB_MAGIC       0xedfe0dd0      /* as a little-endian word */

    .section .text.start, "ax"
    .global _start
_start:
    msr     daifset, #15
    mov     x19, x0
    adrp    x1, guest_table
    add     x1, x1, :lo12:guest_table
    msr     ttbr0_el1, x1
    ldr     x1, =MAIR
    msr     mair_el1, x1
    ldr     x1, =TCR
    msr     tcr_el1, x1
    mov     x1, #(3 << 20)              /* CPACR_EL1.FPEN: no trap */
    msr     cpacr_el1, x1
    tlbi    vmalle1
    ic      iallu
    dsb     sy
    isb
    ldr     x1, =SCTLR
    msr     sctlr_el1, x1
    isb

    adr     x1, _start                  /* where it is, and where it should be */
    ldr     x2, =_start
    cmp     x1, x2
    b.eq    2f
    ldr     x3, =__image_end
    mov     x4, x2
1:  ldp     x5, x6, [x1], #16
    stp     x5, x6, [x4], #16
    cmp     x4, x3
    b.lo    1b
    bl      clean_code
    ldr     x1, =guest_table
    msr     ttbr0_el1, x1
    isb
2:  ldr     x1, =3f
    br      x1
3:
    ldr     x1, =__bss_start
    ldr     x2, =__bss_end
4:  cmp     x1, x2
    b.hs    5f
    stp     xzr, xzr, [x1], #16
    b       4b
5:  msr     spsel, #1
    ldr     x1, =__stack_top
    mov     sp, x1
    ldr     x1, =vectors
    msr     vbar_el1, x1
    isb

    /* An ELF image gets no x0 from QEMU: the device tree is at the start of memory. */
    mov     x0, x19
    cbnz    x0, 6f
    mov     x0, #0x40000000
    ldr     w1, [x0]
    ldr     w2, =DTB_MAGIC
    cmp     w1, w2
    csel    x0, x0, xzr, eq
6:  mov     x29, xzr
    mov     x30, xzr
    bl      guest_main
    bl      system_off

/* What was copied to [x2, x3) becomes code. 16 bytes: the smallest line there is. */
clean_code:
    mov     x4, x2
1:  dc      cvau, x4
    add     x4, x4, #16
    cmp     x4, x3
    b.lo    1b
    dsb     ish
    ic      iallu
    dsb     ish
    isb
    ret

    .section .data.table, "aw"
    .balign 4096
    .global guest_table
guest_table:                            /* level 1, 1 GiB an entry, all accessed (AF) */
    .quad   0x0060000000000405          /* devices: never executed */
    .quad   0x0000000040000701          /* RAM: normal, inner shareable */
    .quad   0x0000000080000701
    .quad   0x00000000c0000701
    .fill   508, 8, 0
