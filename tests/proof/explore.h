/* SPDX-License-Identifier: Apache-2.0 */
/*
 * All states that real code comes to by given actions, in any order and number: breadth first, each state once. What
 * the code keeps is saved and put back between actions; which states are the same is the caller's to say by `state`.
 */
#ifndef TESTS_PROOF_EXPLORE_H
#define TESTS_PROOF_EXPLORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct region { void *at; size_t bytes; };      /* in words of 8 bytes */

struct exploration {
    const struct region *regions;       /* all that actions change; the last has 0 bytes */
    unsigned actions;
    void (*before)(void);               /* actions from a state that has been put back follow; may be NULL */
    void (*to_save)(void);              /* what is not as it lies in the regions goes there; may be NULL */
    void (*put_back)(void);             /* and back */
    bool (*act)(unsigned action);       /* false: it does not apply here, and nothing changed */
    void (*check)(void);                /* ends the program when what must hold does not */
    void (*state)(void);                /* gives each word that the future depends on to explore_word */
    void (*tell)(unsigned action);      /* prints it */
    unsigned depth;                     /* no more actions in a row than these; 0: till there is nothing new */
};

void explore_word(uint64_t word);

/* Says what it found in a line, which begins with `name`. False: `depth` ended it, and there is more. */
bool explore(const struct exploration *x, const char *name);

/* For `check`: says what does not hold, and by which actions; ends the program. */
#define EXPECT(x) do { if (!(x)) explore_failed(__FILE__, __LINE__, #x); } while (0)
_Noreturn void explore_failed(const char *file, int line, const char *what);
#endif
