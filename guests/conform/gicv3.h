/* SPDX-License-Identifier: Apache-2.0 */
/* What only GICv3 has: redistributors, routers, and a CPU interface of system registers (IHI 0069, 12). */
#ifndef CONFORM_GICV3_H
#define CONFORM_GICV3_H

#define GICR_BASE      0x080a0000ul
#define GICR_FRAME     0x20000ul
#define GICR_SGI       0x10000ul        /* from a redistributor's base to its SGI and PPI frame */
#define FIRST_SGIS     (GICR_BASE + GICR_SGI)
#define SECOND_SGIS    (GICR_BASE + GICR_FRAME + GICR_SGI)

#define GICD_IROUTER   0x6000ul
#define GICR_TYPER     0x08ul
#define GICR_WAKER     0x14ul
#define TYPER_LAST     (1u << 4)
#define WAKER_SLEEP    (1u << 1)        /* ProcessorSleep */
#define WAKER_ASLEEP   (1u << 2)        /* ChildrenAsleep */
#define PIDR2          0xffe8ul

/* ICC_*_EL1 */
#define ICC_PMR        S3_0_C4_C6_0
#define ICC_IAR0       S3_0_C12_C8_0
#define ICC_EOIR0      S3_0_C12_C8_1
#define ICC_HPPIR0     S3_0_C12_C8_2
#define ICC_BPR0       S3_0_C12_C8_3
#define ICC_AP0R0      S3_0_C12_C8_4
#define ICC_AP1R0      S3_0_C12_C9_0
#define ICC_DIR        S3_0_C12_C11_1
#define ICC_RPR        S3_0_C12_C11_3
#define ICC_SGI1R      S3_0_C12_C11_5
#define ICC_ASGI1R     S3_0_C12_C11_6
#define ICC_SGI0R      S3_0_C12_C11_7
#define ICC_IAR1       S3_0_C12_C12_0
#define ICC_EOIR1      S3_0_C12_C12_1
#define ICC_HPPIR1     S3_0_C12_C12_2
#define ICC_BPR1       S3_0_C12_C12_3
#define ICC_CTLR       S3_0_C12_C12_4
#define ICC_SRE        S3_0_C12_C12_5
#define ICC_IGRPEN0    S3_0_C12_C12_6
#define ICC_IGRPEN1    S3_0_C12_C12_7
#define ICC_EOIMODE    2u
#define SGI_OTHERS     (1ul << 40)      /* ICC_SGI1R.IRM */
#endif
