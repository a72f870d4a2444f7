/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a proof by Frama-C assumes of the compiler and the CPU: one CPU alone
 * touches the objects, so an atomic access is a plain one, and a system register
 * is a value from outside. Given to each proof before all else.
 */
#ifndef TESTS_PROOF_SEQUENTIAL_H
#define TESTS_PROOF_SEQUENTIAL_H

#include <stdbool.h>
#include <stdint.h>

#define _Alignas(n)                     /* Frama-C knows none */
#define __atomic_load_n(p, order)       (*(p))
#define __atomic_store_n(p, v, order)   (*(p) = (v))
#define __atomic_fetch_add(p, v, order) (*(p) += (v))
#define __atomic_fetch_sub(p, v, order) (*(p) -= (v))
#define __atomic_compare_exchange_n(p, e, v, weak, success, failure) sequential_compare_exchange((p), (e), (v))

/*@ requires \valid(p) && \valid(e) && \separated(p, e);
    assigns *p, *e;
    ensures \result <==> \old(*p) == \old(*e);
    ensures \result ==> *p == v && *e == \old(*e);
    ensures !\result ==> *p == \old(*p) && *e == \old(*p); */
static inline bool sequential_compare_exchange(uint64_t *p, uint64_t *e, uint64_t v)
{
    if (*p == *e) {
        *p = v;
        return true;
    }
    *e = *p;
    return false;
}
#endif
