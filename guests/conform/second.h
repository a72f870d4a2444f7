/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A second CPU, where there is one. It has no MMU, so that the first writes through its caches what the second reads.
 * It answers SGI 1 by SGI 2, ends itself after SGI 3, does the work that it is given before it answers SGI 5, and answers
 * an SPI by SGI 4, which it handles till the next SGI. Other SGIs it ends.
 */
#ifndef CONFORM_SECOND_H
#define CONFORM_SECOND_H

#include <stdbool.h>
#include <stdint.h>

#define SECOND       1ul                    /* its MPIDR_EL1's affinity */

struct second {
    void (*work)(void);
    uint64_t result;
    uint64_t listens;
    /* As it was entered. */
    uint64_t x0, mpidr, el, daif, spsel, sctlr, cntv_ctl, cntp_ctl;
};
extern struct second second;
void second_share(void);                    /* what one CPU writes there the other one reads, after this on the first */

void second_entry(void);                    /* second_entry.S: where it starts */
void second_main(uint64_t x0);

bool second_is_there(void);
bool second_on(void);                       /* turns it on, as CPU_ON with x0 = 0x5ec0d; true when it listens */
void second_off(void);                      /* and waits till it is */
void second_does(void (*work)(void));       /* `work` runs there, and is over */

/* The first CPU listens to answers, with its timer for the case that none comes; through this mask they and it come. */
#define ANSWERS_ONLY 0xf8
void second_listen(void);
uint32_t wait_for_any(uint64_t ticks);      /* waits for an interrupt, and ends it: the timer's after that time */
void expect_sgi(uint32_t sgi);
void ask_second(unsigned to);               /* SGI 1, answered */
void wait_till_second_is(int64_t state);    /* as AFFINITY_INFO says */

#define AFFINITY_ON     0
#define AFFINITY_OFF    1
#endif
