/* SPDX-License-Identifier: Apache-2.0 */
/* Within the service: the commands of a session, and what they need of it. */
#ifndef GDB_COMMANDS_H
#define GDB_COMMANDS_H

#include "breakpoints.h"
#include "hex.h"
#include "session.h"

/* A debugger is attached. A command that is not known gets an empty reply, one that is not right an error. */
void command_answer(struct session *s, struct text t);

/* `q` and `Q` (queries.c), after that letter. */
void query_answer(struct session *s, struct text t);
void query_set(struct session *s, struct text t);

/* One reply: words, or that something is wrong. */
void reply(struct session *s, const char *words);
void reply_ok(struct session *s, bool ok);

/* A thread of the protocol; false: there is none of that number. 0 and -1 are any and all: *vcpu is BELAY_VCPUS_MAX. */
bool text_thread(struct text *t, unsigned *vcpu);

/* The first vCPU that is on; 0 where none is. */
unsigned session_first(void);

/* Why it stopped last. */
void session_tell_stop(struct session *s);

/* It goes on; when it stops, that is the reply. */
void session_go(struct session *s, const enum action action[BELAY_VCPUS_MAX]);
#endif
