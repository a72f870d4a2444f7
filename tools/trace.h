/* SPDX-License-Identifier: Apache-2.0 */
/* What is made of a recording: words, runs, and the files and tables that people look at. */
#ifndef TOOLS_TRACE_H
#define TOOLS_TRACE_H

#include <stdio.h>

#include "recording.h"

/* A context that had a CPU without a break: the time that it paid for, portal calls and the nucleus included. */
struct run {
    uint64_t begin, end;            /* ticks */
    uint16_t domain;                /* 0: idle */
    uint8_t context, priority;
};

/* Those of a CPU, by time; to free. Where records are missing there is none. */
struct run *trace_runs(const struct recording *, unsigned cpu, size_t *count);

/* The name of a kind, and what a record says, in a line. */
const char *trace_kind(unsigned kind);
struct trace_words { char text[120]; } trace_words(const struct recording *, const struct belay_trace_record *);

/* The name of an exception class (DDI 0487, ESR_EL2.EC). */
const char *trace_exception(uint64_t esr);

/* Which part of a recording is shown: of all domains or of some, and from when till when, in ticks. */
struct trace_view {
    bool some, *shown;              /* by domain */
    uint64_t begin, end;
};

/* Chrome's trace event format, which Perfetto's viewer opens: tracks of CPUs, and of vCPUs and threads. */
void trace_write_json(const struct recording *, const struct trace_view *, FILE *);

/* A picture: who ran when. */
void trace_write_svg(const struct recording *, const struct trace_view *, FILE *);

/* Who ran how long on each CPU. */
void trace_print_summary(const struct recording *, FILE *);

/* The longest time from when a vCPU of the domain had something to do, by a timer or an interrupt, till it was resumed. */
void trace_print_latency(const struct recording *, unsigned domain, FILE *);
#endif
