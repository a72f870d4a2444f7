/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Work for another CPU. What belongs to a CPU (cpu.h) only that CPU touches:
 * who wants a change there changes the object's own words and sends the
 * object's message, which has that CPU look at them. A message is part of its
 * object and is in one inbox at most, so nothing is allocated and no inbox overflows.
 */
#ifndef NUCLEUS_CORE_MESSAGE_H
#define NUCLEUS_CORE_MESSAGE_H

#include <stdbool.h>

struct cpu;

struct message {
    struct message *next;
    void (*deliver)(struct message *);  /* on the CPU that it was sent to; looks at what is so by then */
    bool queued;
};

#define MESSAGES_AT_ONCE 4      /* that one interrupt delivers; the next delivers the rest */

/* To a CPU that runs. What was written before is seen by `deliver`, also where the message was still on its way. */
void message_send(unsigned cpu, struct message *m);

/* Delivers what this CPU was sent: the SGI that message_send made. */
void message_interrupt(struct cpu *cpu);
#endif
