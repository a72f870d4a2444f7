/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The witness holds words of a secret in its memory and in all registers that keep a value, where nobody else may read or
 * write them: guests/siege looks for such words in all that it sees. It says each second how often it found all as it was.
 */
#include "arm64.h"
#include "guest.h"

#define SECRET       (0x5ec2e7b1a9ull << 24)
#define FIRST        (GUEST_RAM + 0x200000ul)    /* to the end of its 4 MiB */
#define WORDS        0x40000ul
#define PIECE        0x1000ul                   /* words that are looked at in a round */

extern uint64_t hold(uint64_t secret, uint64_t turns);     /* fill.S: how many registers have changed */

static uint64_t word(uint64_t n) { return SECRET | (n * 0x9e3779b1u & 0xffffff); }

static volatile uint64_t *const memory = (volatile uint64_t *)FIRST;

static uint64_t changed_words(uint64_t first)
{
    uint64_t changed = 0;
    for (uint64_t n = first; n < first + PIECE; n++) {
        changed += memory[n] != word(n);
    }
    return changed;
}

void guest_main(const void *dtb)
{
    uint64_t rounds = 0, changed = 0, registers = 0, next = counter() + counter_hz();

    (void)dtb;
    for (uint64_t n = 0; n < WORDS; n++) {
        memory[n] = word(n);
    }
    print("witness: %lu words from %lx on\n", WORDS, FIRST);
    for (;;) {
        registers += hold(word(rounds), 8000);
        changed += changed_words(rounds++ % (WORDS / PIECE) * PIECE);
        if (counter() >= next) {
            print("witness: %lu rounds, %lu words and %lu registers changed\n", rounds, changed, registers);
            next += counter_hz();
        }
    }
}
