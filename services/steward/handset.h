/* SPDX-License-Identifier: Apache-2.0 */
/* The virtual handset: where a VM finds what it has (QEMU's virt board). */
#ifndef STEWARD_HANDSET_H
#define STEWARD_HANDSET_H

#include "belay/handset.h"

#define HANDSET_DIST         0x08000000u
#define HANDSET_DIST_BYTES   0x00010000u
#define HANDSET_INTIDS       288u            /* that its interrupt controller has */
#define HANDSET_REDIST       0x080a0000u
#define HANDSET_REDIST_BYTES 0x00020000u     /* each vCPU's */
#define HANDSET_GICC         0x08010000u     /* of a GICv2: its CPU interface */
#define HANDSET_GICC_BYTES   0x00010000u
#define HANDSET_UART         0x09000000u
#define HANDSET_UART_BYTES   0x00001000u
#define HANDSET_UART_INTID   33u
#define HANDSET_LINK         0x09040000u     /* the UART of a VM that manages */
#define HANDSET_LINK_INTID   40u
#define HANDSET_WATCHDOG     0x09100000u     /* its refresh frame; the control frame follows */
#define HANDSET_WATCHDOG_FRAME 0x00001000u
#define HANDSET_WATCHDOG_BYTES 0x00002000u
#define HANDSET_WATCHDOG_INTID 42u
#define HANDSET_RAM          0x40000000u
#define HANDSET_DTB_MAX      0x00010000u     /* room for the device tree, which starts at a multiple of it */
#endif
