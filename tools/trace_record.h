/* SPDX-License-Identifier: Apache-2.0 */
/* A recording, made of a machine that runs. */
#ifndef TOOLS_TRACE_RECORD_H
#define TOOLS_TRACE_RECORD_H

#include <stddef.h>
#include <stdint.h>

struct trace_wish {
    const char *machine, *socket;   /* as in tools/socket.h */
    uint32_t kinds;                 /* a BELAY_TRACE_BIT for each */
    uint64_t ns;                    /* how long, in the machine's time */
};

/*
 * The bytes of a recording (tools/recording.h), to free. Ends early at Ctrl-C; ends the program when the machine
 * can't be traced.
 */
void *trace_record(const struct trace_wish *, size_t *size);
#endif
