/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The guest that holds the interrupt controller to its word. It says the same
 * on the bare machine, which is its reference, as on Belay. Interrupts stay
 * masked in PSTATE: it asks for them by ICC_IAR1_EL1.
 */
#ifndef CONFORM_H
#define CONFORM_H

#include <stdint.h>

struct promise {
    const char *name;
    void (*keep)(void);
};

/* Ended by one without a name. */
extern const struct promise promises[];

/* Nothing enabled, pending or active: how each begins. */
void all_quiet(void);

/* The promise at hand is broken where the two differ. */
#define SAME(got, want) same(#got, (uint64_t)(got), (uint64_t)(want))
void same(const char *what, uint64_t got, uint64_t want);

/* The second CPU, where there is one, has no MMU and shares no memory with the first. */
void secondary(void);           /* secondary.S: where it starts */
void secondary_main(void);

void a_second_cpu_answers(void);                                /* second.c */
void an_interrupt_goes_to_the_cpu_of_its_router(void);
void what_another_cpu_handles_can_be_ended_from_here(void);
void another_cpus_sgi_is_held_back_by_its_redistributor(void);
void a_cpu_goes_off_and_comes_on_again(void);
#endif
