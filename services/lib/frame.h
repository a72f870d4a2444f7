/* SPDX-License-Identifier: Apache-2.0 */
/* Frames of the management protocol (belay/manage.h) as bytes of a wire, for both of its ends. Pure. */
#ifndef SERVICE_FRAME_H
#define SERVICE_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "belay/manage.h"

struct frame {
    struct manage_header header;
    uint8_t payload[MANAGE_PAYLOAD];
};

_Static_assert(sizeof(struct frame) == MANAGE_FRAME, "a frame has no gaps");

/* Zeroed: at the begin of a wire. */
struct frame_decoder {
    uint32_t bytes;         /* of the frame that comes in; more than it can hold: it is not right */
    bool escaped;
    uint32_t dropped;       /* frames ever that were not right */
    struct frame frame;
};

/* One more byte of the wire; true: `frame` is whole and right but for what its payload means, until the next byte. */
bool frame_take(struct frame_decoder *d, uint8_t byte);

/* Makes bytes of it, at most MANAGE_WIRE, and tells how many. Of the header length and crc32 are filled in. */
size_t frame_put(uint8_t *to, struct manage_header header, const void *payload, size_t length);
#endif
