/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The console's worker: moves bytes between the clients and the host's UART.
 * It has a scheduling context of its own, and waits when there is nothing to do.
 */
#ifndef CONSOLE_WORKER_H
#define CONSOLE_WORKER_H

#include <stdint.h>

#include "belay/console.h"

_Noreturn void worker_run(const struct console_config *config);

/*
 * Anyone may ask: has the worker end all lines that were begun, and tells how
 * many characters are still on their way; 0 when the host's UART has sent the last.
 */
uint64_t worker_flush(void);
#endif
