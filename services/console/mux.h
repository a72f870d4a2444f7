/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Many clients on one terminal. Pure: bytes in, bytes out by a ring.
 *
 * Every line begins with its client's name, `[phone] `. A line is shown when
 * it is complete; of the client that has the keyboard also as far as it has
 * come once the client is quiet (a prompt, an echo). When another's line comes
 * meanwhile, it gets a line of its own and the begun one is shown again after it.
 *
 * The client that has the keyboard controls the terminal (filter.h), so it can
 * draw what it likes, while it has the keyboard. The text of all others stays behind their name.
 */
#ifndef CONSOLE_MUX_H
#define CONSOLE_MUX_H

#include <stdbool.h>
#include <stdint.h>

#include "belay/bundle.h"
#include "filter.h"
#include "belay/ring.h"

#define MUX_VMS      BELAY_VMS_MAX
#define MUX_LOG      MUX_VMS        /* the client whose lines are the machine's own */
#define MUX_CLIENTS  (MUX_VMS + 1)
#define MUX_NOBODY   UINT32_MAX
#define MUX_LINE     512u           /* longer lines are broken */
#define MUX_KEY      0x1d           /* Ctrl-] */

/* What one call adds to the ring at most: a line, or the longest of our own words. */
#define MUX_STEP     (MUX_LINE + 64)
#define MUX_WORDS    900u

struct mux_line {
    char name[BELAY_NAME_MAX + 1];
    bool has_uart;
    bool carriage_return;           /* seen, and not known yet whether a line feed follows */
    struct filter filter;
    uint32_t bytes;
    uint32_t shown;                 /* so much of it is on the terminal */
    uint8_t text[MUX_LINE];
};

struct mux {
    uint32_t vms;
    uint32_t focus;                 /* has the keyboard, or MUX_NOBODY */
    bool fresh;                     /* the focus's line has what the terminal has never had */
    bool open;                      /* the terminal's last line is the focus's, unfinished */
    bool coloured;                  /* an escape sequence passed since the last name */
    bool controlled;                /* one passed since the keyboard changed hands */
    bool key;                       /* Ctrl-] was typed */
    bool lost;                      /* said that input is lost */
    struct ring out;
    struct mux_line line[MUX_CLIENTS];
};

void mux_init(struct mux *m);

/* Adds the next VM. Names that are too long are cut. */
void mux_add(struct mux *m, const char *name, bool has_uart);

/* Gives the keyboard to a VM, if it has a UART; tells so on the terminal. */
void mux_focus(struct mux *m, uint32_t vm);

/* A byte from a client; needs room for MUX_STEP. */
void mux_output(struct mux *m, uint32_t client, uint8_t byte);

/* Has the client with the keyboard begun a line that the terminal does not show as far as it has come? */
bool mux_has_begun(const struct mux *m);

/* That client is quiet: shows what it has begun. Needs room for MUX_STEP. */
void mux_quiet(struct mux *m);

/* Ends a line that a client has begun, if there is one. Needs room for MUX_STEP. */
bool mux_end_line(struct mux *m);

/* A byte from the keyboard: tells which VM it is for, or MUX_NOBODY. Needs room for MUX_WORDS. */
uint32_t mux_input(struct mux *m, uint8_t byte);

/* That VM had no room for it. */
void mux_lost(struct mux *m);

static inline uint32_t mux_room(const struct mux *m)
{
    return RING_SIZE - ring_fill(&m->out);
}
#endif
