/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Clients, told apart by link and channel. Here is the door: what a frame may
 * ask for is checked against the version, the rights of its link and the
 * lengths of belay/manage.h, and only then becomes a request in a slot of the steward's, or moves a stream.
 */
#ifndef MANAGER_CLIENT_H
#define MANAGER_CLIENT_H

#include "belay/manager.h"
#include "lib/frame.h"

/* `slots` are shared with the steward; a request that a manager before this one made there goes unheard. */
void client_init(const struct manager_config *config, struct manager_slot *slots);

/* A frame of that link, which has room for an answer. */
void client_frame(enum manager_link link, const struct frame *frame);

/* Answers of the steward and bytes of streams, as far as the links have room; false when nothing was sent. */
bool client_work(void);
#endif
