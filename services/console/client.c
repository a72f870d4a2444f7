/* SPDX-License-Identifier: Apache-2.0 */
#include "client.h"

#include <stdatomic.h>

#include "lib/hypercall.h"
#include "pl011.h"
#include "lib/service.h"

/*
 * Both sides change what the line depends on, and either may be held up between
 * looking and setting. So one of them owns the line at a time; the other leaves word to look again.
 */
enum line_owner { LINE_FREE = 0, LINE_GUEST = 1, LINE_WORKER = 2, LINE_AGAIN = 4 };

struct client_live {
    _Atomic uint32_t locked;        /* by a vCPU */
    _Atomic uint32_t line_owner;
    _Atomic uint32_t line;          /* as last set, plus 1; 0: not known */
};

static PERSIST struct pl011 uarts[CLIENTS];     /* zeroed: after reset */
static struct client_live live[CLIENTS];
static bool held[CLIENTS];          /* the worker's */
static _Atomic uint32_t resting;    /* enum client_rest */

static void drive_line(unsigned i)
{
    uint32_t level = pl011_interrupt(&uarts[i]);

    if (live[i].line != level + 1) {
        live[i].line = level + 1;
        (void)hc_line_set(CONSOLE_H_LINE + i, level);   /* fails for a VM that is gone: nobody is there to tell */
    }
}

static bool own_line(unsigned i, uint32_t owner)
{
    uint32_t old = live[i].line_owner, new;

    do {
        new = old == LINE_FREE ? owner : old | LINE_AGAIN;
    } while (!atomic_compare_exchange_weak(&live[i].line_owner, &old, new));
    return old == LINE_FREE;
}

/* Keeps the line when there is word to look again. */
static bool free_line(unsigned i, uint32_t owner)
{
    uint32_t expected = owner;

    if (atomic_compare_exchange_strong(&live[i].line_owner, &expected, LINE_FREE))
        return true;
    live[i].line_owner = owner;
    return false;
}

/* Bound: the worker leaves word once a round. */
static void guest_update_line(unsigned i)
{
    if (!own_line(i, LINE_GUEST))
        return;
    do {
        drive_line(i);
    } while (!free_line(i, LINE_GUEST));
}

/* Looks once: a guest on another CPU could leave word for ever. */
bool client_update_line(unsigned i)
{
    if (!own_line(i, LINE_WORKER))
        return false;
    drive_line(i);
    return atomic_exchange(&live[i].line_owner, LINE_FREE) != LINE_WORKER;
}

/*
 * The fence stands between writing to a ring and looking whether the worker
 * rests; client_rest has its twin, so one of the two sees the other.
 */
static void wake_worker(unsigned i)
{
    uint32_t rest;

    atomic_thread_fence(memory_order_seq_cst);
    rest = resting;
    if (rest == CLIENT_AWAKE || (rest == CLIENT_NAP && client_waiting(i) < RING_SIZE / 2))
        return;
    resting = CLIENT_AWAKE;
    (void)hc_notify(CONSOLE_H_WAKE, CONSOLE_BIT_TX);
}

/* Only vCPUs of the same VM meet here: what one loses by waiting is the VM's own time. */
static void lock(unsigned i)
{
    while (atomic_exchange_explicit(&live[i].locked, 1, memory_order_acquire) != 0)
        (void)hc_yield();
}

static void unlock(unsigned i)
{
    atomic_store_explicit(&live[i].locked, 0, memory_order_release);
}

static __attribute__((noinline)) uint64_t change(unsigned i, uint64_t offset, uint64_t access, uint64_t value)
{
    struct pl011 *u = &uarts[i];
    uint64_t result = 0;

    lock(i);
    bool masked = u->imsc == 0;
    if (access & BELAY_ACCESS_WRITE)
        pl011_write(u, offset, BELAY_ACCESS_SIZE(access), value);
    else
        result = pl011_read(u, offset, BELAY_ACCESS_SIZE(access));
    if (!masked || u->imsc != 0)
        guest_update_line(i);
    unlock(i);
    if (client_waiting(i) != 0)
        wake_worker(i);
    return result;
}

/* What guests poll changes nothing: it takes the short way, without the lock. */
uint64_t client_access(unsigned i, uint64_t offset, uint64_t access, uint64_t value)
{
    if ((access & BELAY_ACCESS_WRITE) || !pl011_read_is_pure(offset))
        return change(i, offset, access, value);
    return pl011_read(&uarts[i], offset, BELAY_ACCESS_SIZE(access));
}

uint64_t client_log(uint64_t count, const uint64_t words[3])
{
    struct ring *tx = &uarts[CLIENT_LOG].tx;
    uint64_t taken = 0;

    while (taken < count && taken < 24 && ring_push(tx, (uint8_t)(words[taken / 8] >> taken % 8 * 8)))
        taken++;
    if (taken != 0)
        wake_worker(CLIENT_LOG);
    return taken;
}

/* So that the next life's words begin on a line of their own. */
static void end_line(struct ring *tx)
{
    if (tx->head != 0 && tx->bytes[(tx->head - 1) % RING_SIZE] != '\n')
        (void)ring_push(tx, '\n');
}

void client_reset(unsigned i)
{
    uint32_t guest = LINE_GUEST, guest_again = LINE_GUEST | LINE_AGAIN;

    live[i].locked = 0;
    if (!atomic_compare_exchange_strong(&live[i].line_owner, &guest, LINE_FREE))
        atomic_compare_exchange_strong(&live[i].line_owner, &guest_again, LINE_FREE);
    pl011_reset(&uarts[i]);
    end_line(&uarts[i].tx);
    live[i].line = 0;
    guest_update_line(i);
    if (client_waiting(i) != 0)
        wake_worker(i);             /* a handler may have ended before it could */
}

/* Where a fault of ours left counters that make no sense, the worker mends its own side of the ring. */
void client_start_worker(void)
{
    for (unsigned i = 0; i < CLIENTS; i++) {
        if (!ring_sane(&uarts[i].tx))
            ring_clear(&uarts[i].tx);
        if (!ring_sane(&uarts[i].rx))
            uarts[i].rx.head = uarts[i].rx.tail;
    }
}

bool client_take(unsigned i, uint8_t *byte)
{
    return ring_pop(&uarts[i].tx, byte);
}

bool client_give(unsigned i, uint8_t byte)
{
    return ring_push(&uarts[i].rx, byte);
}

bool client_has_room(unsigned i)
{
    return ring_fill(&uarts[i].rx) < RING_SIZE;
}

uint32_t client_waiting(unsigned i)
{
    return ring_fill(&uarts[i].tx);
}

bool client_rest(enum client_rest how)
{
    uint32_t enough = how == CLIENT_NAP ? RING_SIZE / 2 : 1;
    bool may_wait = true;

    resting = how;
    atomic_thread_fence(memory_order_seq_cst);
    for (unsigned i = 0; i < CLIENTS; i++) {
        if (client_waiting(i) >= enough && !held[i])
            may_wait = false;
    }
    return may_wait;
}

void client_hold(unsigned i, bool now)
{
    held[i] = now;
}

void client_awake(void)
{
    resting = CLIENT_AWAKE;
}

bool client_worker_awake(void)
{
    return resting == CLIENT_AWAKE;
}
