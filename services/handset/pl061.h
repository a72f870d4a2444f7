/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The PL061 GPIO (DDI 0190), as a guest sees it. Pure state, of eight bytes: it can be read at one moment by who does
 * not write it. A bit is a line; what is outside drives those that are inputs.
 */
#ifndef HANDSET_PL061_H
#define HANDSET_PL061_H

#include <stdint.h>

#define PL061_DATA  0x000u      /* to 0x3fc: address bits 9 to 2 choose lines */
#define PL061_DIR   0x400u
#define PL061_IS    0x404u
#define PL061_IBE   0x408u
#define PL061_IEV   0x40cu
#define PL061_IE    0x410u
#define PL061_RIS   0x414u
#define PL061_MIS   0x418u
#define PL061_IC    0x41cu
#define PL061_AFSEL 0x420u
#define PL061_PERIPH_ID0 0xfe0u

struct pl061 {                  /* zeroed: after reset */
    uint8_t data, direction;
    uint8_t level, both, event; /* GPIOIS, GPIOIBE, GPIOIEV */
    uint8_t mask, edges;        /* GPIOIE; edges that were seen and not cleared */
    uint8_t pins;               /* as last driven from outside */
};

/* From now on they are driven like that. */
void pl061_drive(struct pl061 *g, uint8_t pins);

/* GPIOMIS: its interrupt is raised while a bit is. */
uint8_t pl061_interrupts(const struct pl061 *g);

/* `offset` is within its page. */
uint64_t pl061_read(const struct pl061 *g, uint64_t offset, unsigned size);
void pl061_write(struct pl061 *g, uint64_t offset, unsigned size, uint64_t value);
#endif
