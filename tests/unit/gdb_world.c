/* SPDX-License-Identifier: Apache-2.0 */
#include "gdb_world.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

#include "belay/gdb.h"
#include "lib/cpu.h"
#include "lib/hypercall.h"
#include "lib/service.h"

struct world world;
uint8_t world_ram[WORLD_BYTES];
struct session world_session;

static const struct gdb_config config = { 1, WORLD_VCPUS, WORLD_RAM, WORLD_BYTES };
static char told[64 * (PACKET_MAX + 8)];        /* each of some bytes may ask for the last reply anew */
static size_t told_bytes;

uint64_t counter_hz(void);
struct hypercall_result hypercall(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                                  uint64_t a5);

uint64_t counter_now(void) { return 1; }
uint64_t counter_hz(void) { return 1000000; }

void cache_sync_code(const void *start, size_t bytes)
{
    assert((const uint8_t *)start >= world_ram && (const uint8_t *)start + bytes <= world_ram + WORLD_BYTES);
}

static int change(bool pause)
{
    if (world.busy > 0) {
        world.busy--;
        return BELAY_EAGAIN;
    }
    if (pause ? world.state == BELAY_STATE_RUNNING : world.state == BELAY_STATE_PAUSED)
        world.state = pause ? BELAY_STATE_PAUSED : BELAY_STATE_RUNNING;
    else if (world.state != BELAY_STATE_PAUSED)
        return BELAY_ESTATE;
    world.held = pause;
    return BELAY_OK;
}

static int set_debugger(uint64_t notification)
{
    if (world.state == BELAY_STATE_RUNNING)
        return BELAY_ESTATE;
    world.debugged = notification != 0;
    memset(world.breaks, 0, sizeof world.breaks);
    memset(world.watches, 0, sizeof world.watches);
    for (unsigned i = 0; i < WORLD_VCPUS; i++)
        world.regs[i][BELAY_REG_STEP] = world.regs[i][BELAY_REG_HELD] = world.regs[i][BELAY_REG_STOP_ESR] = 0;
    return BELAY_OK;
}

static int set_point(uint64_t n, uint64_t address, uint64_t control)
{
    struct world_point p = { address, control };

    if (world.state == BELAY_STATE_RUNNING || !world.debugged)
        return BELAY_ESTATE;
    if (n < WORLD_POINTS)
        world.breaks[n] = p;
    else if (n - BELAY_POINT_WATCH < WORLD_POINTS)
        world.watches[n - BELAY_POINT_WATCH] = p;
    else
        return BELAY_EINVAL;
    return BELAY_OK;
}

static struct hypercall_result read_regs(uint64_t *regs, uint64_t first)
{
    struct hypercall_result r = { world.state == BELAY_STATE_RUNNING ? BELAY_ESTATE : BELAY_OK, { 0 } };

    assert(first < BELAY_REG_COUNT);
    for (unsigned i = 0; r.error == BELAY_OK && i < 6 && first + i < BELAY_REG_COUNT; i++)
        r.v[i] = regs[first + i];
    return r;
}

static int pass(unsigned vcpu)
{
    if (world.regs[vcpu][BELAY_REG_STOP_ESR] >> 26 != 0x3c)
        return BELAY_ESTATE;
    world.regs[vcpu][BELAY_REG_STOP_ESR] = 0;
    world.passed[vcpu]++;
    return BELAY_OK;
}

struct hypercall_result hypercall(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                                  uint64_t a5)
{
    uint64_t vcpu = a0 - GDB_H_VCPU;

    (void)a4, (void)a5;
    switch (number) {
    case BELAY_HC_DOMAIN_PAUSE:
    case BELAY_HC_DOMAIN_RESUME:
        assert(a0 == GDB_H_VM && a1 == BELAY_HOLD_DEBUGGER);
        return (struct hypercall_result){ change(number == BELAY_HC_DOMAIN_PAUSE), { 0 } };
    case BELAY_HC_DEBUG:
        assert(a0 == GDB_H_VM && (a1 == 0 || (a1 == GDB_H_WAKE && a2 == GDB_BIT_VM)));
        return (struct hypercall_result){ set_debugger(a1), { 0 } };
    case BELAY_HC_POINT:
        assert(a0 == GDB_H_VM);
        return (struct hypercall_result){ set_point(a1, a2, a3), { 0 } };
    case BELAY_HC_NOTIFY:
        assert(a0 == GDB_H_STEWARD && a1 == GDB_BIT_STEWARD);
        return (struct hypercall_result){ BELAY_OK, { 0 } };
    case BELAY_HC_WAIT:
        world.waits++;
        return (struct hypercall_result){ BELAY_ETIMEDOUT, { 0 } };
    case BELAY_HC_REGS:
        assert(vcpu < WORLD_VCPUS);
        return read_regs(world.regs[vcpu], a1);
    case BELAY_HC_REGS_WRITE:
        assert(vcpu < WORLD_VCPUS && a1 < BELAY_REG_COUNT);
        if (world.state != BELAY_STATE_PAUSED)
            return (struct hypercall_result){ BELAY_ESTATE, { 0 } };
        world.regs[vcpu][a1] = a2;
        return (struct hypercall_result){ BELAY_OK, { 0 } };
    default:
        assert(number == BELAY_HC_DEBUG_PASS && vcpu < WORLD_VCPUS);
        return (struct hypercall_result){ pass((unsigned)vcpu), { 0 } };
    }
}

void world_restart(void)
{
    target_init(&config, world_ram);
    session_end(&world_session);
    session_begin(&world_session);
}

void world_begin(void)
{
    session_end(&world_session);
    world = (struct world){ .state = BELAY_STATE_RUNNING };
    memset(world_ram, 0, sizeof world_ram);
    for (unsigned i = 0; i < WORLD_VCPUS; i++) {
        world.regs[i][BELAY_REG_PC] = WORLD_RAM + 0x1000 * (i + 1);
        world.regs[i][BELAY_REG_PSTATE] = 5;
    }
    world.regs[0][BELAY_REG_ON] = 1;
    world_restart();
}

static void listen(void)
{
    uint8_t byte;

    while (packet_next(&world_session.packet, &byte)) {
        assert(told_bytes < sizeof told - 1);
        told[told_bytes++] = (char)byte;
    }
    told[told_bytes] = 0;
}

const char *world_bytes(const void *bytes, size_t n)
{
    told_bytes = 0;
    told[0] = 0;
    for (size_t i = 0; i < n; i++) {
        session_take(&world_session, ((const uint8_t *)bytes)[i]);
        listen();
    }
    return told;
}

const char *world_packet(const char *command)
{
    static char packet[2 * PACKET_MAX];
    uint8_t sum = 0;

    for (const char *c = command; *c; c++)
        sum = (uint8_t)(sum + (uint8_t)*c);
    return world_bytes(packet, (size_t)snprintf(packet, sizeof packet, "$%s#%02x", command, sum));
}

/* "$data#xx", perhaps after a '+' */
static const char *data_of(char *reply)
{
    if (*reply == '+')
        reply++;
    if (*reply == 0)
        return "nothing";
    size_t n = strlen(reply);
    assert(n >= 4 && *reply == '$' && reply[n - 3] == '#');
    reply[n - 3] = 0;
    return reply + 1;
}

const char *world_ask(const char *command)
{
    (void)world_packet(command);
    return data_of(told);
}

const char *world_looks(void)
{
    told_bytes = 0;
    session_look(&world_session);
    listen();
    return data_of(told);
}

const char *world_stops(unsigned vcpu, unsigned exception_class, uint64_t far)
{
    assert(world.state == BELAY_STATE_RUNNING && world.debugged && !world.regs[vcpu][BELAY_REG_HELD]);
    world.state = BELAY_STATE_PAUSED;
    world.held = true;
    world.regs[vcpu][BELAY_REG_STOP_ESR] = (uint64_t)exception_class << 26;
    world.regs[vcpu][BELAY_REG_STOP_FAR] = far;
    world.regs[vcpu][BELAY_REG_STEP] = 0;
    return world_looks();
}
