/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Between the clients of a machine's management (belay ps and the others), who
 * connect to a socket, and the machine's one UART for it: gives each client a
 * channel of belay/manage.h, and passes frames on. What is no frame goes no
 * further. A client that does not read is let go; it delays nobody else.
 */
#ifndef TOOLS_BROKER_H
#define TOOLS_BROKER_H

#include <poll.h>

#include "belay/manage.h"

#define BROKER_CLIENTS (MANAGE_CHANNELS - 1)
#define BROKER_FILES   (2 + BROKER_CLIENTS)

struct broker;

/* `machine` is the UART's other end, `listener` listens; both stay the caller's. */
struct broker *broker_begin(int machine, int listener);

/* What to wait for, in BROKER_FILES places. */
void broker_wants(struct broker *, struct pollfd *files);

/* What came of it. Never blocks. */
void broker_turn(struct broker *, const struct pollfd *files);

void broker_end(struct broker *);
#endif
