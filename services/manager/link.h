/* SPDX-License-Identifier: Apache-2.0 */
/* The links that clients come by: the UART, and the UART of the VM that manages. Frames in, frames out. */
#ifndef MANAGER_LINK_H
#define MANAGER_LINK_H

#include "belay/manager.h"
#include "lib/frame.h"

void link_init(const struct manager_config *config);

/*
 * The next right frame of the link, among a bounded number of bytes; NULL when
 * there is none yet. It is good until the next call. Needs link_has_room, so that it can be answered.
 */
const struct frame *link_take(enum manager_link link);

/* For one frame, of any size. A link that the other side does not read has none, and then it is not read either. */
bool link_has_room(enum manager_link link);
void link_send(enum manager_link link, struct manage_header header, const void *payload, size_t length);

/* Bytes that link_take has not looked at: it may be called again at once. */
bool link_has_more(enum manager_link link);

/* Moves what was sent to the device; false when nothing moved. */
bool link_flush(void);

/* Before a wait: which interrupts the UART is to give. */
void link_rest(void);
#endif
