/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/frame.h"

#include <string.h>

#if !__STDC_HOSTED__
#define Z_SOLO          /* zlib without a C library */
#endif
#include <zlib.h>

/* RFC 1055 */
enum { END = 0xc0, ESC = 0xdb, ESC_END = 0xdc, ESC_ESC = 0xdd };

static uint32_t checksum(const struct manage_header *header, const void *payload)
{
    struct manage_header h = *header;

    h.crc32 = 0;
    uLong crc = crc32_z(0, (const uint8_t *)&h, sizeof h);
    return (uint32_t)(h.length ? crc32_z(crc, payload, h.length) : crc);   /* of NULL it would be that of nothing */
}

static bool is_right(const struct frame_decoder *d)
{
    const struct manage_header *h = &d->frame.header;

    return d->bytes >= sizeof *h && d->bytes == sizeof *h + h->length && h->crc32 == checksum(h, d->frame.payload);
}

/* What stands between two ENDs; nothing is no frame, and none that was not right. */
static bool end(struct frame_decoder *d)
{
    bool right = d->bytes <= MANAGE_FRAME && !d->escaped && is_right(d);

    d->dropped += !right && d->bytes != 0;
    d->bytes = 0;
    d->escaped = false;
    return right;
}

/* RFC 1055 leaves open what an ESC before any other byte means: here nothing, so the frame is not right. */
static void unescape(struct frame_decoder *d, uint8_t *byte)
{
    d->escaped = false;
    if (*byte == ESC_END)
        *byte = END;
    else if (*byte == ESC_ESC)
        *byte = ESC;
    else
        d->bytes = MANAGE_FRAME + 1;
}

bool frame_take(struct frame_decoder *d, uint8_t byte)
{
    if (byte == END)
        return end(d);
    if (d->escaped) {
        unescape(d, &byte);
    } else if (byte == ESC) {
        d->escaped = true;
        return false;
    }
    if (d->bytes < MANAGE_FRAME)
        ((uint8_t *)&d->frame)[d->bytes++] = byte;
    else
        d->bytes = MANAGE_FRAME + 1;
    return false;
}

static uint8_t *put(uint8_t *to, const void *bytes, size_t count)
{
    for (const uint8_t *from = bytes, *end = from + count; from < end; from++) {
        bool special = *from == END || *from == ESC;
        if (special)
            *to++ = ESC;
        *to++ = special ? (*from == END ? ESC_END : ESC_ESC) : *from;
    }
    return to;
}

size_t frame_put(uint8_t *to, struct manage_header header, const void *payload, size_t length)
{
    uint8_t *at = to;

    header.length = (uint16_t)length;
    header.crc32 = checksum(&header, payload);
    *at++ = END;
    at = put(at, &header, sizeof header);
    if (length)
        at = put(at, payload, length);
    *at++ = END;
    return (size_t)(at - to);
}
