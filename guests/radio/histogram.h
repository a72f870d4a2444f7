/* SPDX-License-Identifier: Apache-2.0 */
/* Counts of values in buckets that are exact below 16 and at most 1/16 of their value wide above. */
#ifndef RADIO_HISTOGRAM_H
#define RADIO_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BUCKETS (16 * 61)

struct histogram {
    uint64_t total;
    uint64_t worst;
    uint32_t count[HISTOGRAM_BUCKETS];
};

void histogram_add(struct histogram *h, uint64_t value);

/* The smallest bucket's end that at least `part` of `whole` values do not exceed; 0 when there are none. */
uint64_t histogram_quantile(const struct histogram *h, uint64_t part, uint64_t whole);

/* The bucket of a value, and the largest value of a bucket. */
unsigned histogram_bucket(uint64_t value);
uint64_t histogram_bucket_end(unsigned bucket);
#endif
