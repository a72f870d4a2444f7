/* SPDX-License-Identifier: Apache-2.0 */
/* The console service (belay/console.h): what it is given, and what VMs get from it. */
#ifndef STEWARD_CONSOLE_H
#define STEWARD_CONSOLE_H

#include "belay/handset.h"
#include "config.h"
#include "host.h"
#include "problem.h"
#include "lib/hypercall.h"

struct service;

/* Makes the console and its portals, so that VMs can be made; it does not run yet. NULL: the problem says why. */
struct service *console_make(const struct config *c, struct problem *why);

/*
 * Gives it the host's UART, the time, and its streams to the manager, if there is one, and
 * runs it. From then on the steward speaks through it.
 */
bool console_begin(const struct config *c, const struct host_uart *uart, const struct handset_clock *clock, uint64_t hz,
                   struct problem *why);

/* Gives the VM, which is client number `client`, its PL011, if it has one, and its small devices. */
struct console_devices { bool uart, rtc, gpio, flash; };
int console_attach(handle_t vm, uint32_t client, uint32_t vcpus, const struct console_devices *d);

/* Where its firmware fetches what it starts by fw_cfg (fetched.h), the console sees its RAM, until that is given back. */
int console_see_ram(uint32_t client, handle_t ram);
void console_forget_ram(uint32_t client);

/* Gives the VM a second PL011, whose other end is the manager. For one VM. */
int console_attach_link(handle_t vm, uint32_t vcpus);
#endif
