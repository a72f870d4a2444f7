/* SPDX-License-Identifier: Apache-2.0 */
#include "log.h"

#include <string.h>

#include "lib/text.h"

#define TIME_MAX 20u    /* of a time in hex, a space and a 0 */

static char ring[LOG_BYTES];
static uint64_t oldest, end;    /* positions; at `oldest` a line begins */

static void forget_line(void)
{
    while (oldest < end && ring[oldest++ % LOG_BYTES] != '\n') {}      /* bound: LOG_BYTES */
}

static void put(const char *text, uint32_t bytes)
{
    while (end + bytes - oldest > LOG_BYTES)
        forget_line();
    for (uint32_t i = 0; i < bytes; i++)
        ring[end++ % LOG_BYTES] = text[i];
}

void log_add(uint64_t ticks, const char *text)
{
    char time[TIME_MAX];

    put(time, (uint32_t)text_format(time, sizeof time, "%lx ", (unsigned long)ticks));
    put(text, (uint32_t)strlen(text));
    put("\n", 1);
}

uint32_t log_read(uint64_t *position, uint8_t *to, uint32_t max)
{
    uint32_t bytes = 0;

    if (*position < oldest)
        *position = oldest;
    if (*position > end)
        *position = end;
    for (; bytes < max && *position + bytes < end; bytes++)
        to[bytes] = (uint8_t)ring[(*position + bytes) % LOG_BYTES];
    return bytes;
}
