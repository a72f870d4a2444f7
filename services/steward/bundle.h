/* SPDX-License-Identifier: Apache-2.0 */
/* Reads the bundle (belay/bundle.h) and checks all of it but the contents of the images. */
#ifndef STEWARD_BUNDLE_H
#define STEWARD_BUNDLE_H

#include "config.h"
#include "problem.h"

/*
 * `fit` is readable as far as tree_bytes said, the bundle is `bundle_bytes` long in all.
 * False and a problem that names the node when anything in it is not as it has to be.
 */
bool bundle_read(const void *fit, uint64_t bundle_bytes, uint32_t cpus, struct config *c, struct problem *why);
#endif
