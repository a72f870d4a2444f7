/* SPDX-License-Identifier: Apache-2.0 */
/* A recording of the nucleus's trace (belay/trace.h): read from bytes that nobody vouches for. */
#ifndef TOOLS_RECORDING_H
#define TOOLS_RECORDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "belay/trace.h"

#define RECORDING_CPUS    256       /* at most */
#define RECORDING_DOMAINS 256       /* VMIDs have 8 bits */
#define RECORDING_NAME    25        /* with its 0 */

struct recording_cpu {
    struct belay_trace_record *record;  /* by time */
    size_t count;
    uint64_t lost;                      /* records that are missing */
};

struct recording {
    uint64_t hz;
    uint64_t first, last;               /* ticks of the first record and of the last; the same when there is none */
    unsigned cpus;
    bool cut_short;                     /* the end of the last piece is missing */
    struct recording_cpu cpu[RECORDING_CPUS];
    struct { char name[RECORDING_NAME]; uint8_t vcpus; } domain[RECORDING_DOMAINS];    /* no name: none is known */
};

/* NULL, or what is wrong (to free); then there is nothing to free in the recording. */
char *recording_read(struct recording *, const void *bytes, size_t size);
void recording_free(struct recording *);

/* How many records are missing between record n of a CPU and the one before it. */
uint32_t recording_lost_before(const struct recording_cpu *, size_t n);

/* What the context of a record is called: linux/0, or linux where the record is of the domain as a whole; idle. */
struct recording_label { char text[RECORDING_NAME + 8]; };
struct recording_label recording_label(const struct recording *, unsigned domain, unsigned context);

/* The domain of that name, or -1. */
int recording_find(const struct recording *, const char *name);

double recording_seconds(const struct recording *, uint64_t ticks);

/* Where one is while one reads the records of all CPUs in the order of time: begins as zeros. */
struct recording_place { size_t next[RECORDING_CPUS]; };

/* The next record, with its CPU; NULL after the last. It is record place->next[cpu] - 1 of that CPU. */
const struct belay_trace_record *recording_next(const struct recording *, struct recording_place *, unsigned *cpu);
#endif
