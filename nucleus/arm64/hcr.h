/* SPDX-License-Identifier: Apache-2.0 */
/* HCR_EL2, MDCR_EL2 and the rest of EL2's configuration (Arm ARM, D17.2.48 and D17.3.19). */
#ifndef NUCLEUS_ARM64_HCR_H
#define NUCLEUS_ARM64_HCR_H

#define HCR_VM    (UINT64_C(1) << 0)
#define HCR_SWIO  (UINT64_C(1) << 1)
#define HCR_PTW   (UINT64_C(1) << 2)     /* a guest's tables are in memory: a walk to a device could fail at EL2 (AT) */
#define HCR_FMO   (UINT64_C(1) << 3)
#define HCR_IMO   (UINT64_C(1) << 4)
#define HCR_AMO   (UINT64_C(1) << 5)
#define HCR_FB    (UINT64_C(1) << 9)     /* a guest's maintenance is broadcast: its vCPUs may be on other CPUs */
#define HCR_BSU   (UINT64_C(1) << 10)    /* and its barriers are inner shareable at least */
#define HCR_DC    (UINT64_C(1) << 12)
#define HCR_TWI   (UINT64_C(1) << 13)
#define HCR_TWE   (UINT64_C(1) << 14)
#define HCR_TID3  (UINT64_C(1) << 18)
#define HCR_TSC   (UINT64_C(1) << 19)
#define HCR_TIDCP (UINT64_C(1) << 20)
#define HCR_TACR  (UINT64_C(1) << 21)
#define HCR_TSW   (UINT64_C(1) << 22)
#define HCR_TGE   (UINT64_C(1) << 27)
#define HCR_RW    (UINT64_C(1) << 31)
#define HCR_TLOR  (UINT64_C(1) << 35)
#define HCR_TERR  (UINT64_C(1) << 36)
#define HCR_TID5  (UINT64_C(1) << 58)

#define HCR_GUEST   (HCR_VM | HCR_SWIO | HCR_PTW | HCR_FMO | HCR_IMO | HCR_AMO | HCR_FB | HCR_BSU | HCR_TID3 | HCR_TSC | \
                     HCR_TIDCP | HCR_TACR | HCR_TSW | HCR_RW | HCR_TLOR | HCR_TERR | HCR_TID5)

/* EL0 alone: its exceptions come to EL2, stage 1 is off and Normal write-back by default. */
#define HCR_SERVICE (HCR_VM | HCR_SWIO | HCR_FMO | HCR_IMO | HCR_AMO | HCR_DC | HCR_TGE | HCR_RW | HCR_TIDCP)

/* Debug registers, OS lock and performance monitors trap; the counters that EL2 could reserve stay EL1's. */
#define MDCR_TPMCR (UINT64_C(1) << 5)
#define MDCR_TPM   (UINT64_C(1) << 6)
#define MDCR_TDE   (UINT64_C(1) << 8)      /* debug exceptions come to EL2 (arm64/debug.h) */
#define MDCR_TDA   (UINT64_C(1) << 9)
#define MDCR_TDOSA (UINT64_C(1) << 10)
#define MDCR_TDRA  (UINT64_C(1) << 11)
#define MDCR_TPMS  (UINT64_C(1) << 14)
#define MDCR_TTRF  (UINT64_C(1) << 19)
#define MDCR_GUEST (MDCR_TPMCR | MDCR_TPM | MDCR_TDA | MDCR_TDOSA | MDCR_TDRA | MDCR_TPMS | MDCR_TTRF)

#define CNTHCTL_EL1PCTEN (UINT64_C(1) << 0)   /* the physical counter does not trap; the physical timer does */
#endif
