/* SPDX-License-Identifier: Apache-2.0 */
/* The PPIs that are the nucleus's own. */
#ifndef NUCLEUS_ENTRY_INTERRUPTS_H
#define NUCLEUS_ENTRY_INTERRUPTS_H

/* Each CPU: says what they do, and lets them arrive. */
void interrupts_init(void);
#endif
