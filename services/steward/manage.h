/* SPDX-License-Identifier: Apache-2.0 */
/* Answers the requests that the manager passes on. It is believed in nothing: what it asks is checked here again. */
#ifndef STEWARD_MANAGE_H
#define STEWARD_MANAGE_H

/* All that are asked now; each slot once. */
void manage_answer(void);
#endif
