/* SPDX-License-Identifier: Apache-2.0 */
/* Why a domain ended, in words, with its registers. */
#ifndef STEWARD_REPORT_H
#define STEWARD_REPORT_H

#include <stdint.h>

#include "lib/hypercall.h"

typedef void (*report_line)(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Says what ended the domain: by a fault, then with the registers of the
 * context it happened on, which is context[index] where there are so many.
 */
void report_end(const char *name, handle_t domain, const handle_t *context, uint32_t contexts, report_line line);

/* Says where a context of a domain that was stopped had come to. */
void report_place(const char *name, handle_t context, uint32_t index, report_line line);

/* ESR_EL2 in words, into `to`, with the address of an abort: other classes leave one of long ago in FAR_EL2. */
void report_syndrome(char *to, uint32_t size, uint64_t esr, uint64_t address);
#endif
