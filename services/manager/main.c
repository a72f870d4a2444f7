/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The manager: what the outside says to this machine comes here first. It has
 * the second UART and nothing else; what it lets through are requests of a fixed size.
 */
#include "client.h"
#include "lib/hypercall.h"
#include "lib/service.h"
#include "link.h"
#include "trace.h"

#define TURN 8u

/* Frames of a link, before it is the turn of the streams. */
static bool take_frames(enum manager_link link)
{
    const struct frame *f;
    bool taken = false;

    for (unsigned n = 0; n < TURN && link_has_room(link) && (f = link_take(link)) != NULL; n++) {
        client_frame(link, f);
        taken = true;
    }
    return taken || (link_has_room(link) && link_has_more(link));
}

static void rest(void)
{
    uint64_t bits;

    link_rest();
    int error = service_wait(trace_rest(), &bits);
    if (error != BELAY_OK && error != BELAY_ETIMEDOUT)
        __builtin_trap();               /* the steward tells where */
    if (bits & MANAGER_BIT_UART)
        (void)hc_irq_ack(MANAGER_H_IRQ);
}

_Noreturn void service_main(void)
{
    const struct manager_config *config = (const void *)(uintptr_t)BELAY_BOOT_INFO;

    link_init(config);
    client_init(config, (struct manager_slot *)(uintptr_t)MANAGER_SLOTS_IPA);
    if (config->has_uart)
        (void)hc_irq_ack(MANAGER_H_IRQ);        /* a fault may have kept it from being acknowledged */
    for (;;) {
        bool moved = take_frames(MANAGER_LINK_UART);
        moved |= take_frames(MANAGER_LINK_VM);
        moved |= client_work();
        moved |= link_flush();
        service_beat();
        if (!moved)
            rest();
    }
}
