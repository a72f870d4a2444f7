/* SPDX-License-Identifier: Apache-2.0 */
/* A VM without a nucleus, to be debugged: its registers, its RAM, its states, as the hypercalls of a debugger find them. */
#ifndef TESTS_UNIT_GDB_WORLD_H
#define TESTS_UNIT_GDB_WORLD_H

#include "belay/abi.h"
#include "gdb/session.h"

#define WORLD_RAM   UINT64_C(0x40000000)
#define WORLD_BYTES 0x20000u
#define WORLD_VCPUS 2u
#define WORLD_POINTS 2u         /* breakpoints, and as many watchpoints, that its CPU has */

struct world_point { uint64_t address, control; };

struct world {
    enum belay_state state;
    bool held, debugged;        /* by the debugger */
    unsigned busy;              /* so many changes of state fail at first */
    uint64_t regs[WORLD_VCPUS][BELAY_REG_COUNT];
    struct world_point breaks[WORLD_POINTS], watches[WORLD_POINTS];
    unsigned passed[WORLD_VCPUS];       /* BRKs that were handed on to the guest */
    unsigned waits;
};

extern struct world world;
extern uint8_t world_ram[WORLD_BYTES];
extern struct session world_session;

/* All is new, vCPU 0 is on, the VM runs; the service begins, and a debugger comes. */
void world_begin(void);

/* The service dies and begins anew: what it keeps stays. */
void world_restart(void);

/* The debugger says that, as a packet; all that it is answered till then, acknowledgements included. */
const char *world_packet(const char *command);
const char *world_bytes(const void *bytes, size_t n);

/* The same without what is around the data of one reply. */
const char *world_ask(const char *command);

/* The VM stops at a debug exception of that class; what the debugger is told by itself. */
const char *world_stops(unsigned vcpu, unsigned exception_class, uint64_t far);
const char *world_looks(void);
#endif
