/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The keyboard for the guests: keys go to them one by one and unseen. Only
 * Ctrl-C may stay a signal. What was set before is set again at exit.
 */
#ifndef TOOLS_TERMINAL_H
#define TOOLS_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

/* Does nothing where standard input is no terminal. `all`: Ctrl-C is a key, too. */
void terminal_take(bool all);
void terminal_give_back(void);

/*
 * Ctrl-] c types a Ctrl-C for the guest; the console service knows the other
 * keys after Ctrl-]. Where input is no terminal all bytes pass as they are. The
 * length of `out`, which has room for one more than `length`.
 */
size_t terminal_keys(const char *bytes, size_t length, char *out);
#endif
