/* SPDX-License-Identifier: Apache-2.0 */
#include "explore.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct snapshot {
    struct snapshot *next;
    uint64_t hash;
    uint32_t number, words;
    struct { uint32_t at; uint64_t value; } __attribute__((packed)) word[];     /* those that are not 0 */
};

static const struct exploration *now;
static struct snapshot *first, **last;
static struct { uint32_t from; uint32_t action; } *way;         /* how each state was first come to */
static uint64_t *seen, hash;                                    /* open addressing; 0 is empty */
static size_t seen_size, states, ways;
static uint32_t current, acting;
static unsigned long steps;

static void *need(void *p)
{
    if (p == NULL) {
        fprintf(stderr, "out of memory\n");
        exit(2);
    }
    return p;
}

static void save(uint32_t number)
{
    static struct snapshot *s;
    static size_t room;
    uint32_t at = 0, n = 0;

    if (now->to_save)
        now->to_save();
    for (const struct region *r = now->regions; r->bytes; r++) {
        const uint64_t *word = r->at;
        for (size_t i = 0; i < r->bytes / 8; i++, at++) {
            if (word[i] == 0)
                continue;
            if (n == room) {
                room = room * 2 + 1000;
                s = need(realloc(s, sizeof *s + room * sizeof s->word[0]));
            }
            s->word[n].at = at;
            s->word[n++].value = word[i];
        }
    }
    size_t bytes = sizeof *s + n * sizeof s->word[0];
    struct snapshot *kept = need(malloc(bytes));
    memcpy(kept, s, bytes);
    kept->hash = hash;
    kept->number = number;
    kept->words = n;
    kept->next = NULL;
    *last = kept;
    last = &kept->next;
}

static void put_back(const struct snapshot *s)
{
    uint32_t at = 0, n = 0;

    for (const struct region *r = now->regions; r->bytes; r++) {
        uint64_t *word = r->at;
        uint32_t end = at + (uint32_t)(r->bytes / 8);
        memset(word, 0, r->bytes);
        for (; n < s->words && s->word[n].at < end; n++)
            word[s->word[n].at - at] = s->word[n].value;
        at = end;
    }
    if (now->put_back)
        now->put_back();
}

void explore_word(uint64_t word)
{
    hash = (hash ^ word) * UINT64_C(0x9e3779b97f4a7c15);        /* two rounds of a 64-bit mix for each word */
    hash ^= hash >> 32;
    hash *= UINT64_C(0xd6e8feb86659fd93);
    hash ^= hash >> 29;
}

static bool put(uint64_t key)
{
    for (size_t i = key % seen_size;; i = (i + 1) % seen_size) {
        if (seen[i] == key)
            return false;
        if (seen[i] == 0) {
            seen[i] = key;
            return true;
        }
    }
}

static bool is_new(void)
{
    hash = 1;
    now->state();
    hash |= hash == 0;
    if (states * 2 >= seen_size) {
        uint64_t *old = seen;
        size_t size = seen_size;
        seen_size = size * 2 + 65537;
        seen = need(calloc(seen_size, sizeof *seen));
        for (size_t i = 0; i < size; i++)
            if (old[i])
                put(old[i]);
        free(old);
    }
    if (!put(hash))
        return false;
    if (states == ways) {
        ways = ways * 2 + 1000;
        way = need(realloc(way, ways * sizeof *way));
    }
    way[states].from = current;
    way[states].action = acting;
    states++;
    return true;
}

static void tell_way(uint32_t state)
{
    if (state == 0)
        return;
    tell_way(way[state].from);
    now->tell(way[state].action);
}

void explore_failed(const char *file, int line, const char *what)
{
    printf("%s:%d: %s does not hold after\n", file, line, what);
    tell_way(current);
    now->tell(acting);
    exit(1);
}

static void aborted(int signal)
{
    (void)signal;
    explore_failed("here", 0, "what is asserted");
}

static void act_all(const struct snapshot *s)
{
    current = s->number;
    put_back(s);
    if (now->before)
        now->before();
    for (unsigned a = 0; a < now->actions; a++) {
        acting = a;
        if (!now->act(a))
            continue;
        steps++;
        now->check();
        if (is_new())
            save((uint32_t)states - 1);
        if (hash != s->hash)
            put_back(s);
    }
}

bool explore(const struct exploration *x, const char *name)
{
    unsigned depth = 0;

    signal(SIGABRT, aborted);
    now = x;
    first = NULL;
    last = &first;
    free(seen);
    seen = NULL;
    seen_size = states = steps = 0;
    current = acting = 0;
    x->check();
    (void)is_new();
    save(0);
    for (uint32_t level = 1; first && (x->depth == 0 || depth < x->depth); depth++) {
        for (; first && first->number < level;) {
            struct snapshot *s = first;
            act_all(s);
            first = s->next;
            if (first == NULL)
                last = &first;
            free(s);
        }
        level = (uint32_t)states;
    }
    printf("%s: %zu states, %lu steps, %s %u actions in a row\n", name, states, steps,
           first ? "cut at" : "all there are; no new ones after", first ? depth : depth - 1);
    bool all = first == NULL;
    while (first) {
        struct snapshot *s = first;
        first = s->next;
        free(s);
    }
    return all;
}
