/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VM that does anything to its watchdog while time passes, it is started anew and paused, and the service is
 * restarted. Whatever comes: the line is as the registers say once the worker has looked, the worker is never told to
 * look later than something happens, and who feeds in time is not said to hang.
 */
#include <stdlib.h>
#include <string.h>

#include "watchdog/client.c"

#define VM 0
#define CHECK(x) do { if (!(x)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct watchdog_config page;
static struct watchdog_shared both;
static uint64_t counter, line_level, deadline;
static bool woken, told;

uint64_t counter_now(void)
{
    return counter;
}

struct hypercall_result hypercall(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                                  uint64_t a5)
{
    (void)a2, (void)a3, (void)a4, (void)a5;
    CHECK(number == BELAY_HC_LINE_SET || number == BELAY_HC_NOTIFY);    /* it never has to yield */
    if (number == BELAY_HC_LINE_SET) {
        CHECK(a0 == WATCHDOG_H_LINE + VM && a1 <= 1);
        line_level = a1;
    } else if (a0 == WATCHDOG_H_STEWARD) {
        CHECK(a1 == UINT64_C(1) << (WATCHDOG_BIT_HUNG + VM));
        told = true;
    } else {
        CHECK(a0 == SERVICE_H_WAKE);
        woken = true;
    }
    return (struct hypercall_result){ 0, { 0 } };
}

static uint32_t status(void)
{
    return (uint32_t)client_access(VM, GWDT_WCS, 4, 0);
}

/* As the worker does: till nothing is left for now. */
static void look(void)
{
    woken = false;
    client_looking();
    deadline = client_look(VM);
    client_waiting_until(deadline);
    CHECK(deadline > counter);
}

/* The worker looks when it said, and when it is woken. Nothing happens before. */
static void pass(uint64_t ticks)
{
    uint64_t to = counter + ticks;

    while (woken || deadline <= to) {
        if (!woken && deadline > counter)
            counter = deadline;
        bool due = (status() & GWDT_WCS_WS1) != 0;
        look();
        CHECK(both.client[VM].held || line_level == ((status() & GWDT_WCS_WS0) != 0));
        CHECK(both.client[VM].held || !due || both.client[VM].hung == both.client[VM].epoch);
    }
    counter = to;
    CHECK(both.client[VM].held || (line_level != 0) == ((status() & GWDT_WCS_WS0) != 0));
}

static void hold(bool stop)
{
    if (!both.client[VM].held) {
        both.client[VM].held = counter;
    } else if (stop) {
        both.client[VM].base = counter;
        both.client[VM].epoch++;
        told = false;
    } else {
        both.client[VM].base += counter - both.client[VM].held;
    }
    if (stop || both.client[VM].held != counter)
        both.client[VM].held = 0;
    woken = true;
}

static void restart(void)
{
    memset(live, 0, sizeof live);
    up_since = planned = 0;
    client_begin(counter);
    woken = true;
}

static void access_register(const uint8_t op[8])
{
    uint64_t offset = (uint64_t)(op[1] & 0x1c) | (op[2] & 1 ? 0x1000 : 0) | (op[2] & 2 ? 0xfc0 : 0) | (op[2] >> 6);
    uint64_t value = (uint64_t)op[5] << 40 | (uint64_t)op[6] << 8 | op[7];

    if (!both.client[VM].held)
        client_access(VM, offset, op[3] % 17 | (op[4] & 1 ? BELAY_ACCESS_WRITE : 0), value);
}

static void step(const uint8_t op[8])
{
    switch (op[0] & 7) {
    case 0: pass(op[1]); break;
    case 1: pass((uint64_t)op[1] << (op[2] & 31)); break;
    case 2: hold(op[1] & 1); break;
    case 3: restart(); break;
    default: access_register(op);
    }
    if (told)
        CHECK(both.client[VM].hung != 0 && both.client[VM].hung <= both.client[VM].epoch);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    memset(states, 0, sizeof states);
    memset(&page, 0, sizeof page);
    memset(&both, 0, sizeof both);
    page.clients = 1;
    page.limit[VM] = size > 8 && data[0] & 0x80 ? 1 + data[7] * 16 : 0;
    counter = 1000;
    line_level = 0;
    told = false;
    deadline = UINT64_MAX;
    client_init(&page, &both);
    restart();
    both.client[VM] = (struct watchdog_client){ .epoch = 1, .base = counter };
    for (; size >= 8; data += 8, size -= 8)
        step(data);
    return 0;
}
