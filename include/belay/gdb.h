/* SPDX-License-Identifier: Apache-2.0 */
/* What the steward and a VM's debug service agree on: the page that the service finds at BELAY_BOOT_INFO, and its handles. */
#ifndef BELAY_GDB_H
#define BELAY_GDB_H

#include <stdint.h>

#include "belay/abi.h"
#include "belay/service.h"
#include "belay/stream.h"

#define GDB_STREAM_IPA  0x204000u     /* struct stream: its client, by the manager */

/* The VM's RAM is where the VM has it. */

enum gdb_handle {
    GDB_H_WAKE = SERVICE_H_WAKE,
    GDB_H_VM = 3,           /* the VM, with the right DEBUG alone */
    GDB_H_MANAGER = 4,      /* to notify: the stream has moved */
    GDB_H_STEWARD = 5,      /* to notify: the VM has a debugger, or has none any more */
    GDB_H_VCPU = 8,         /* + index: the vCPUs, with the right DEBUG alone */
};

#define GDB_BIT_VM      1u  /* the VM is paused, or is down */
/* and STREAM_BIT: the stream has moved */

#define GDB_BIT_STEWARD (UINT64_C(1) << 61)     /* of the steward's notification */

struct gdb_config {
    uint32_t version;       /* 1 */
    uint32_t vcpus;
    uint64_t ram, ram_bytes;
};
#endif
