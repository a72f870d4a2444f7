/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The end of a domain. All that lies in its pool goes at once, so first nothing
 * may point there any more: what does is taken away, in pieces, and a message
 * goes round all CPUs, after which none of them is still in the nucleus with
 * what it had looked up before. Then all that once more, for what they did
 * meanwhile. Then the VMID and the memory are free.
 */
#ifndef NUCLEUS_CORE_DESTROY_H
#define NUCLEUS_CORE_DESTROY_H

#include "core/domain.h"

/*
 * Begins: from here on it can't be started, and who calls keeps the only handle
 * that is left. ESTATE when it is not stopped; EBUSY when a VM's accesses are
 * calls of its portals, extents that it has cut are in its pool, or somebody else has begun.
 */
int destroy_begin(struct domain *d, struct context *c);

/*
 * Goes on, a piece a call. OK: the domain is no more, and *pool is an ordinary
 * extent. EAGAIN: there is more to do; `c` waits till it can be done, where it
 * has to. EBUSY: as above, or another thread does it.
 */
int destroy_go_on(struct domain *d, struct context *c, struct mem **pool);
#endif
