/* SPDX-License-Identifier: Apache-2.0 */
/* What the two halves of the bundle's reader share: bundle.c (images, services) and bundle_vm.c. */
#ifndef STEWARD_BUNDLE_READER_H
#define STEWARD_BUNDLE_READER_H

#include "config.h"
#include "problem.h"
#include "tree.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct bundle_reader {
    struct tree tree;           /* in the node that is being read */
    uint64_t bundle_bytes;
    uint32_t cpus;              /* of the host */
    struct config *config;
    struct problem *why;
};

bool bundle_check_timing(const struct timing *t, struct problem *why);

/* Reads the node that the cursor is in, and leaves it. A problem begins with ": ": who is told of it knows the node. */
bool bundle_read_vm(struct bundle_reader *r, const char *name);
#endif
