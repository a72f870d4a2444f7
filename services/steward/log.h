/* SPDX-License-Identifier: Apache-2.0 */
/* What was said, kept for who asks later: lines with their time, as many of the newest as there is room for. */
#ifndef STEWARD_LOG_H
#define STEWARD_LOG_H

#include <stdint.h>

#define LOG_BYTES 16384u

/* A line of text without its line feed; `ticks` since the machine began. */
void log_add(uint64_t ticks, const char *text);

/*
 * Up to `max` bytes of the log from `*position` on, which counts bytes ever
 * added; what is forgotten is passed over. Tells how many, and where they begin.
 */
uint32_t log_read(uint64_t *position, uint8_t *to, uint32_t max);
#endif
