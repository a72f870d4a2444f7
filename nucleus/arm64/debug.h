/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Self-hosted debug of a guest, by EL2 or by itself (Arm ARM, D2): its debug exceptions come to EL2 while MDCR_EL2.TDE is 1,
 * which it is only while the view of EL0 (arm64/el0.h) of a vCPU that EL2 debugs is in the hardware. While no view is that
 * has points of either, MDSCR_EL1.MDE is 0, so that what the breakpoint registers hold matches nothing.
 */
#ifndef NUCLEUS_ARM64_DEBUG_H
#define NUCLEUS_ARM64_DEBUG_H

#include <stdint.h>

#define DEBUG_POINTS 4              /* breakpoints, and as many watchpoints, that are used of what a CPU has */

#define MDSCR_SS    (1u << 0)
#define MDSCR_TDCC  (1u << 12)
#define MDSCR_KDE   (1u << 13)
#define MDSCR_MDE   (1u << 15)      /* breakpoints and watchpoints match */

/* DBGBCR<n>_EL1 and DBGWCR<n>_EL1 (D17.3.2, D17.3.12): at EL0 and EL1 only, never at EL2. */
#define DBGBCR_ON           (1u << 0 | 3u << 1 | 0xfu << 5)
#define DBGWCR_ON           (1u << 0 | 3u << 1)
#define DBGWCR_LSC_BAS_MASK (3u << 3 | 0xffu << 5 | 0x1fu << 24)

struct debug_points {
    union {
        struct { uint64_t bvr[DEBUG_POINTS], bcr[DEBUG_POINTS], wvr[DEBUG_POINTS], wcr[DEBUG_POINTS]; };
        uint64_t reg[4][DEBUG_POINTS];      /* the same, in the order of their encodings */
    };
    uint64_t trap;                          /* MDCR_TDE where they are EL2's, who takes its exceptions then, else 0 */
};

/* How many of them this CPU has, DEBUG_POINTS at most. */
unsigned debug_breakpoints(void);
unsigned debug_watchpoints(void);

/* A vCPU comes to EL0 and EL1 of this CPU with that MDSCR_EL1, and these points or (NULL) none. */
void debug_open(uint64_t mdscr, const struct debug_points *points);
void debug_close(void);
#endif
