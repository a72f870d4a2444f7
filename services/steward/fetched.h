/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What firmware fetches by fw_cfg (belay/handset.h), of VMs whose configuration has it: images of the bundle, and the VM's
 * RAM, where DMA puts them, mapped for the service behind fw_cfg. No other VM's RAM is seen by a service.
 */
#ifndef STEWARD_FETCHED_H
#define STEWARD_FETCHED_H

#include "belay/handset.h"
#include "config.h"
#include "lib/hypercall.h"

/* What the mappings take of the service's pool. */
struct fetched_size { uint32_t mappings; uint64_t tables; };
struct fetched_size fetched_size(const struct config *c);

/* Finds a place in the service's address space for all, from CONSOLE_BOOT_IPA on, maps the images there, and tells of it. */
int fetched_map_images(const struct config *c, handle_t service, struct handset_boot *boot);

/* Likewise the RAM of a VM that is made, which has to be taken away before somebody else may have it. */
int fetched_map_ram(handle_t service, handle_t ram, const struct handset_boot *boot);
void fetched_unmap_ram(handle_t service, const struct handset_boot *boot);
#endif
