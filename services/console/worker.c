/* SPDX-License-Identifier: Apache-2.0 */
#include "worker.h"

#include "client.h"
#include "handset/devices.h"
#include "host_uart.h"
#include "lib/cpu.h"
#include "lib/hypercall.h"
#include "lib/service.h"
#include "mux.h"
#include "remote.h"

#define TURN         128u       /* bytes of a client before it is the next one's turn */
#define INPUT_TURN   64u        /* more than the UART's FIFO */
#define NAP_HZ       1000u      /* how long output may gather, once the first byte was shown */
#define QUIET_HZ     100u       /* how long a client is quiet before the line that it has begun is shown */
#define PATIENCE_HZ  1u         /* how long a VM may leave its input unread before what is typed is lost */
#define ROOM_HZ      10u        /* how long to wait for the UART's interrupt before looking again */

/* The steward wants all lines ended; they are, and no client has spoken since. */
enum flush { FLUSH_NO, FLUSH_WANTED, FLUSHED };

static PERSIST uint32_t kept_focus;     /* plus 1 */
static struct mux mux;
static struct ring input;               /* typed, and not looked at yet */
static _Atomic uint32_t flushing;       /* enum flush */
static unsigned first;                  /* the client whose turn it is */
static uint64_t patience;               /* lasts until then */
static uint64_t heard;                  /* when the one with the keyboard last said something */

/* One client's turn: tells whether it had anything to say. */
static bool serve_client(unsigned i)
{
    uint8_t byte;
    unsigned taken = 0;

    while (taken < TURN && mux_room(&mux) >= MUX_STEP + MUX_WORDS && client_take(i, &byte)) {
        mux_output(&mux, i, byte);
        remote_copy(i, byte);
        taken++;
    }
    if (taken == 0)
        return false;
    if (flushing == FLUSHED)
        flushing = FLUSH_NO;
    if (i == mux.focus)
        heard = counter_now();
    return true;
}

/* Who was served goes to the back, so that no client keeps the others' lines out. */
static bool serve_clients(void)
{
    unsigned from = first;
    bool served = false;

    for (unsigned n = 0; n < MUX_CLIENTS; n++) {
        unsigned i = (from + n) % MUX_CLIENTS;

        if (serve_client(i)) {
            first = (i + 1) % MUX_CLIENTS;
            served = true;
        }
    }
    return served;
}

static bool update_lines(void)
{
    bool again = false;

    for (unsigned i = 0; i < mux.vms; i++)
        again |= mux.line[i].has_uart && client_update_line(i);
    return again;
}

static void type(uint8_t byte)
{
    uint32_t vm = mux_input(&mux, byte);

    kept_focus = mux.focus + 1;
    if (vm == MUX_NOBODY)
        return;
    if (client_give(vm, byte))
        mux.lost = false;
    else
        mux_lost(&mux);
}

/* What is typed faster than the VM reads waits here and then in the host's UART, as long as the VM reads at all. */
static bool may_type(void)
{
    if (mux.focus == MUX_NOBODY || client_has_room(mux.focus))
        patience = counter_now() + counter_hz() / PATIENCE_HZ;
    else if (counter_now() < patience)
        return false;
    return mux_room(&mux) >= MUX_WORDS;
}

static bool take_input(void)
{
    uint8_t byte;
    bool taken = false;

    for (unsigned n = 0; n < INPUT_TURN && ring_fill(&input) < RING_SIZE && host_uart_get(&byte); n++)
        taken |= ring_push(&input, byte);
    while (ring_fill(&input) != 0 && may_type() && ring_pop(&input, &byte)) {
        type(byte);
        taken = true;
    }
    return taken;
}

static bool send_output(void)
{
    uint8_t byte;
    bool sent = false;

    while (host_uart_has_room() && ring_pop(&mux.out, &byte)) {
        host_uart_put(byte);
        sent = true;
    }
    return sent;
}

/* When the line that was begun is to be shown; 0 when there is none. */
static uint64_t begun_line_due(void)
{
    return mux_has_begun(&mux) ? heard + counter_hz() / QUIET_HZ : 0;
}

static void show_begun_line(void)
{
    uint64_t due = begun_line_due();

    if (due != 0 && counter_now() >= due && mux_room(&mux) >= MUX_STEP)
        mux_quiet(&mux);
}

/* Once the clients have nothing to say. */
static bool end_lines(void)
{
    if (flushing != FLUSH_WANTED || mux_room(&mux) < MUX_STEP)
        return false;
    if (!mux_end_line(&mux))
        flushing = FLUSHED;
    return true;
}

/* All that there is to do now, a bounded piece of it; false when there was nothing. */
static bool work(void)
{
    bool moved = take_input();

    devices_look();
    moved |= serve_clients();
    moved |= remote_work();
    if (!moved || mux.fresh)
        show_begun_line();
    moved |= update_lines();
    moved |= !moved && end_lines();
    return send_output() || moved;
}

/*
 * With output that the UART has no room for, waits for its interrupt; after
 * work, for a moment in which more may gather; with input that its VM has no
 * room for, for a moment too; then until a begun line is to be shown; otherwise until something comes. In any case not
 * longer than the small devices allow.
 */
static uint64_t rest_deadline(bool full, bool nap)
{
    uint64_t deadline = begun_line_due(), devices = devices_due();

    if (full || nap || (deadline == 0 && remote_waits()))
        deadline = counter_now() + counter_hz() / (nap ? NAP_HZ : ROOM_HZ);
    return devices < deadline || (deadline == 0 && devices != UINT64_MAX) ? devices : deadline;
}

static void rest(bool worked)
{
    bool full = ring_fill(&mux.out) != 0, nap = worked || ring_fill(&input) != 0;
    uint64_t bits = 0, deadline = rest_deadline(full, nap);
    int error = BELAY_OK;

    host_uart_want(ring_fill(&input) < RING_SIZE, full);
    if (client_rest(full || nap ? CLIENT_NAP : CLIENT_ASLEEP) || full)
        error = service_wait(deadline, &bits);
    client_awake();
    if (!full)
        first = 0;                      /* the log comes last: it tells what became of who spoke before */
    if (error != BELAY_OK && error != BELAY_ETIMEDOUT)
        __builtin_trap();               /* the steward tells where */
    if (bits & CONSOLE_BIT_UART) {
        host_uart_interrupt();
        (void)take_input();
        (void)hc_irq_ack(CONSOLE_H_IRQ);
    }
}

static void give_keyboard(const struct console_config *config)
{
    uint32_t vm = kept_focus ? kept_focus - 1 : config->first_focus;

    for (uint32_t i = 0; i < mux.vms && (vm >= mux.vms || !mux.line[vm].has_uart); i++)
        vm = i;
    if (vm < mux.vms && mux.line[vm].has_uart)
        mux_focus(&mux, vm);
    kept_focus = mux.focus + 1;
}

static void start(const struct console_config *config)
{
    mux_init(&mux);
    remote_init(config);
    for (uint32_t i = 0; i < config->clients && i < BELAY_VMS_MAX; i++)
        mux_add(&mux, config->client[i].name, config->client[i].has_uart);
    give_keyboard(config);
    host_uart_init(config->uart_clock_hz);
    client_start_worker();
    (void)hc_irq_ack(CONSOLE_H_IRQ);    /* a fault may have kept it from being acknowledged */
}

static uint64_t waiting_for_host(void)
{
    uint64_t bytes = ring_fill(&mux.out) + host_uart_busy() + client_worker_awake();

    for (unsigned i = 0; i < MUX_CLIENTS; i++)
        bytes += client_waiting(i);
    return bytes;
}

uint64_t worker_flush(void)
{
    if (flushing == FLUSHED)
        return waiting_for_host();
    flushing = FLUSH_WANTED;
    (void)hc_notify(CONSOLE_H_WAKE, CONSOLE_BIT_TX);
    return waiting_for_host() + 1;
}

_Noreturn void worker_run(const struct console_config *config)
{
    start(config);
    for (bool worked = true;;) {
        bool moved = work();

        service_beat();
        if (!moved)
            rest(worked);
        worked = moved;
    }
}
