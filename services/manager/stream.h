/* SPDX-License-Identifier: Apache-2.0 */
/* The streams that clients open: each is one client's at a time, and has credit both ways. */
#ifndef MANAGER_STREAM_H
#define MANAGER_STREAM_H

#include <stdbool.h>
#include <stdint.h>

#include "belay/manager.h"

#define STREAM_NOBODY UINT32_MAX

/* All are closed: a manager that died may have left them open. */
void stream_init(const struct manager_config *config);

/* The memory of a stream that is there. */
struct stream *stream_at(unsigned number);

bool stream_is_there(unsigned number);
uint32_t stream_owner(unsigned number);     /* a client, or STREAM_NOBODY */

/* Opens it for a client that has room for `credit` bytes. Returns how many bytes the stream has room for. */
uint32_t stream_open(unsigned number, uint32_t client, uint32_t credit);
void stream_close(unsigned number);
void stream_close_all(uint32_t client);

/* From its client. What goes beyond the credit that it was given is lost. */
void stream_write(unsigned number, const uint8_t *bytes, uint32_t count);
void stream_credit(unsigned number, uint32_t bytes);

/* What there is for its client: each tells how much it put there, 0 when nothing is due. */
uint32_t stream_read(unsigned number, uint8_t *to, uint32_t max);
uint32_t stream_take_lost(unsigned number);
uint32_t stream_take_credit(unsigned number);

/* It can't be what its client wants, or its service can't go on with it: it is to be closed. */
bool stream_failed(unsigned number);

/* Tells the service at the other end that bytes have moved. */
void stream_moved(unsigned number);
#endif
