/* SPDX-License-Identifier: Apache-2.0 */
#include "histogram.h"

/* 16 buckets for each power of two from 16 on; the first 16 are single values. */
unsigned histogram_bucket(uint64_t value)
{
    if (value < 16) {
        return (unsigned)value;
    }
    unsigned power = 63 - (unsigned)__builtin_clzll(value);
    return (power - 3) * 16 + (unsigned)(value >> (power - 4) & 15);
}

uint64_t histogram_bucket_end(unsigned bucket)
{
    if (bucket < 16) {
        return bucket;
    }
    unsigned shift = bucket / 16 - 1;
    uint64_t start = (uint64_t)(16 + bucket % 16) << shift;
    return start + ((UINT64_C(1) << shift) - 1);
}

void histogram_add(struct histogram *h, uint64_t value)
{
    h->total++;
    h->worst = value > h->worst ? value : h->worst;
    h->count[histogram_bucket(value)]++;
}

uint64_t histogram_quantile(const struct histogram *h, uint64_t part, uint64_t whole)
{
    uint64_t wanted = (h->total * part + whole - 1) / whole;
    uint64_t seen = 0;
    for (unsigned n = 0; n < HISTOGRAM_BUCKETS; n++) {
        seen += h->count[n];
        if (seen && seen >= wanted) {
            uint64_t end = histogram_bucket_end(n);
            return end < h->worst ? end : h->worst;
        }
    }
    return 0;
}
