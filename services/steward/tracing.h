/* SPDX-License-Identifier: Apache-2.0 */
/* The rings of the nucleus's trace: made, and taken back, as the manager wants them (struct manager_trace). */
#ifndef STEWARD_TRACING_H
#define STEWARD_TRACING_H

/* Looks what the manager wants. Never waits: it is called again while there is something that it wants. */
void tracing_look(void);
#endif
