/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A debugger that says anything, by packets that are right and by bytes that are not, to a VM that runs, stops, ends
 * and starts meanwhile, and a service that dies. Whatever comes: replies are whole packets, no memory but the VM's is touched,
 * and when the debugger is gone the VM runs on as it would have without it.
 */
#include <stdlib.h>
#include <string.h>

#include "gdb/breakpoints.h"
#include "gdb_world.h"

#define CHECK(x) do { if (!(x)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const uint8_t *in, *in_end;

static unsigned take(void)
{
    return in < in_end ? *in++ : 0;
}

/* Beginnings of commands that are right, so that there is something behind them to go wrong. */
static const char *const begins[] = {
    "g", "G", "p2", "P0=", "m4000", "M40001000,4:", "X40001000,4:", "Z0,4000100", "z0,4000100", "Z1,4000", "z1,4000",
    "Z2,4000200", "z2,4000200", "c", "s", "vCont;", "vCont;s:1;c", "Hg", "Hc", "T", "?", "qfThreadInfo",
    "qThreadExtraInfo,", "qC", "qXfer:features:read:target.xml:", "qRcmd,70687973203430303030",
    "qRcmd,7472616e736c61746520", "qSupported:swbreak+;hwbreak+", "vKill", "k", "D", "Z0,40001000,4", "z0,40001000,4",
};

/* '+' and '-', and packets that end with their sum. */
static void check_reply(const char *reply)
{
    while (*reply) {
        if (*reply == '+' || *reply == '-') {
            reply++;
            continue;
        }
        CHECK(*reply == '$');
        uint8_t sum = 0;
        const char *at = reply + 1;
        for (; *at && *at != '#'; at++)
            sum = (uint8_t)(sum + (uint8_t)*at);
        CHECK(*at == '#' && strlen(at) >= 3 && strtoul((char[]){ at[1], at[2], 0 }, NULL, 16) == sum);
        CHECK(at + 3 - reply <= PACKET_MAX);
        reply = at + 3;
    }
}

static void say(void)
{
    char command[64];
    size_t n = strlen(strcpy(command, begins[take() % (sizeof begins / sizeof begins[0])]));

    for (unsigned more = take() % (sizeof command - n); more > 1; more--) {
        char c = (char)take();
        command[n++] = c == '#' || c == '$' || c == '}' || c == 0 ? '0' : c;
    }
    command[n] = 0;
    check_reply(world_packet(command));
}

static void say_anything(void)
{
    uint8_t bytes[64];
    size_t n = take() % sizeof bytes;

    for (size_t i = 0; i < n; i++)
        bytes[i] = (uint8_t)take();
    check_reply(world_bytes(bytes, n));
}

static void happens_to_vm(void)
{
    static const uint8_t classes[] = { 0x30, 0x32, 0x34, 0x38, 0x3c, 0 };
    unsigned vcpu = take() % WORLD_VCPUS, what = take();

    world.busy = take() % 4;
    if (what % 8 == 0) {
        world.state = BELAY_STATE_ENDED;
        world.held = false;
        world.regs[0][BELAY_REG_ON] = world.regs[1][BELAY_REG_ON] = 0;
        (void)world_looks();
    } else if (what % 8 == 1 && world.state != BELAY_STATE_PAUSED) {
        world.state = BELAY_STATE_RUNNING;
        world.regs[0][BELAY_REG_ON] = 1;
    } else if (world.state == BELAY_STATE_RUNNING && world.debugged && !world.regs[vcpu][BELAY_REG_HELD]) {
        (void)world_stops(vcpu, classes[what % sizeof classes], WORLD_RAM + take() * 64);
    } else {
        world.regs[vcpu][BELAY_REG_ON] ^= 1;
    }
}

static void map_memory(void)
{
    uint64_t *regs = world.regs[take() % WORLD_VCPUS];

    regs[BELAY_REG_SCTLR_EL1] = take() & 1;
    regs[BELAY_REG_TCR_EL1] = take() | (uint64_t)take() << 8 | (uint64_t)take() << 16;
    regs[BELAY_REG_TTBR0_EL1] = WORLD_RAM + (uint64_t)take() * 512;
    for (unsigned n = take(), at = take() * 512; n > 0 && at + n < WORLD_BYTES; n--)
        world_ram[at + n] = (uint8_t)take();
}

static void leave(bool by_dying)
{
    world.busy = 0;
    if (by_dying)
        world_session.attached = false;
    world_restart();
    CHECK(!world.held && !world.debugged && world.state != BELAY_STATE_PAUSED);
    for (unsigned i = 0x1000; i < 0x1100; i += 4)
        CHECK(!soft_is_at(WORLD_RAM + i));
    for (unsigned i = 0; i < WORLD_VCPUS; i++)
        CHECK(!world.regs[i][BELAY_REG_HELD] && !world.regs[i][BELAY_REG_STEP]);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    in = data;
    in_end = data + size;
    world_begin();
    while (in < in_end)
        switch (take() % 8) {
        case 0: say_anything(); break;
        case 1: happens_to_vm(); break;
        case 2: map_memory(); break;
        case 3: if (take() % 8 == 0) leave(take() & 1); break;
        case 4: check_reply(world_bytes("\x03", 1)); break;
        default: say(); break;
        }
    leave(false);
    return 0;
}
