/* SPDX-License-Identifier: Apache-2.0 */
/* The kinds of access: x0 address, x1 to x4 values. Each is 16 bytes; access() enters one by its number. */
    .arch   armv8.5-a+memtag

    .macro  kind one, two=nop, three=nop
    .balign 16
    \one
    \two
    \three
    ret
    .endm

    .section .text.access, "ax"
    .balign 16
    .global access_kinds, access_kinds_end, access
access_kinds:
    kind    "ldrb w1, [x0]"             /* ACCESS_PLAIN of them */
    kind    "ldrh w1, [x0]"
    kind    "ldr w1, [x0]"
    kind    "ldr x1, [x0]"
    kind    "strb w1, [x0]"
    kind    "strh w1, [x0]"
    kind    "str w1, [x0]"
    kind    "str x1, [x0]"
    kind    "ldrsb w1, [x0]"
    kind    "ldrsb x1, [x0]"
    kind    "ldrsh x1, [x0]"
    kind    "ldrsw x1, [x0]"
    kind    "ldr wzr, [x0]"
    kind    "str xzr, [x0]"
    kind    "ldtr x1, [x0]"
    kind    "sttr w1, [x0]"
    kind    "ldur x1, [x0, #1]"
    kind    "stur x1, [x0, #3]"
    kind    "ldr x1, [x0], #8"
    kind    "ldr w1, [x0, #4]!"
    kind    "str x1, [x0], #-8"
    kind    "strh w1, [x0, #2]!"
    kind    "ldrb w1, [x0], #1"
    kind    "strb w1, [x0], #1"
    kind    "ldp w1, w2, [x0]"
    kind    "ldp x1, x2, [x0]"
    kind    "ldpsw x1, x2, [x0]"
    kind    "ldnp x1, x2, [x0]"
    kind    "stp w1, w2, [x0]"
    kind    "stp x1, x2, [x0]"
    kind    "ldp x1, x2, [x0], #16"
    kind    "ldp x1, x2, [x0, #16]!"
    kind    "stp x1, x2, [x0], #16"
    kind    "stp w1, w2, [x0, #-8]!"
    kind    "stnp x1, x2, [x0]"
    kind    "ldr b0, [x0]"
    kind    "ldr h0, [x0]"
    kind    "ldr s0, [x0]"
    kind    "ldr d0, [x0]"
    kind    "ldr q0, [x0]"
    kind    "str b0, [x0]"
    kind    "str h0, [x0]"
    kind    "str s0, [x0]"
    kind    "str d0, [x0], #8"
    kind    "str q0, [x0]"
    kind    "ldp q0, q1, [x0]"
    kind    "stp q0, q1, [x0], #32"
    kind    "ld1 {v0.16b-v3.16b}, [x0]"
    kind    "st1 {v0.16b-v3.16b}, [x0]"
    kind    "ld4 {v0.4s-v3.4s}, [x0]"
    kind    "st4 {v0.8h-v3.8h}, [x0], #64"
    kind    "ld1r {v0.2d}, [x0]"
    kind    "st1 {v0.s}[1], [x0]"
    kind    "ldxr x3, [x0]", "stxr w4, x1, [x0]"
    kind    "ldaxr w3, [x0]", "stlxr w4, w1, [x0]"
    kind    "ldxrb w3, [x0]", "stxrb w4, w1, [x0]", "clrex"
    kind    "ldxrh w3, [x0]", "stxrh w4, w1, [x0]"
    kind    "ldxp x2, x3, [x0]", "stxp w4, x1, x1, [x0]"
    kind    "stlxp w4, w1, w2, [x0]"
    kind    "ldar x1, [x0]"
    kind    "ldarb w1, [x0]"
    kind    "stlr x1, [x0]"
    kind    "stlrh w1, [x0]"
    kind    "ldapr w1, [x0]"
    kind    "ldapur x1, [x0, #4]"
    kind    "ldadd x1, x2, [x0]"
    kind    "ldaddalb w1, w2, [x0]"
    kind    "ldclr w1, w2, [x0]"
    kind    "ldset x1, xzr, [x0]"
    kind    "ldumaxh w1, w2, [x0]"
    kind    "swp x1, x2, [x0]"
    kind    "swpalb w1, w2, [x0]"
    kind    "cas x1, x2, [x0]"
    kind    "casalh w1, w2, [x0]"
    kind    "casp x2, x3, x4, x5, [x0]"
    kind    "prfm pldl1keep, [x0]"
    kind    "prfm pstl1strm, [x0]"
    kind    "dc zva, x0"
    kind    "dc cvac, x0"
    kind    "dc civac, x0"
    kind    "dc cvau, x0"
    kind    "ic ivau, x0"
    kind    "at s1e1r, x0", "at s1e1w, x0", "at s1e0w, x0"
    kind    "stg x0, [x0]"
    kind    "ldg x1, [x0]"
    kind    "stzg x0, [x0]"
access_kinds_end:

access:
    adrp    x3, access_kinds
    add     x3, x3, :lo12:access_kinds
    add     x5, x3, w0, uxtw #4
    mov     x0, x1
    mov     x1, x2
    dup     v0.2d, x2
    dup     v1.2d, x2
    dup     v2.2d, x2
    dup     v3.2d, x2
    mov     x3, x2
    mov     x4, x2
    br      x5
