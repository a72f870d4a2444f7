/* SPDX-License-Identifier: Apache-2.0 */
#include "console.h"

#include "belay/console.h"
#include "handset.h"
#include "lib/text.h"
#include "memory.h"
#include "report.h"
#include "service.h"
#include "ticks.h"
#include "voice.h"

#define PAGE_MASK (BELAY_PAGE_SIZE - 1ull)
#define HANDLES   (CONSOLE_H_LINE + BELAY_VMS_MAX)

static struct service console;
static struct console_config page;
static handle_t wake, log_portal, control_portal;

static void describe(const struct config *c)
{
    page = (struct console_config){ .version = 1, .clients = c->vms };
    for (uint32_t i = c->vms; i-- > 0;) {
        text_format(page.client[i].name, sizeof page.client[i].name, "%s", c->vm[i].name);
        page.client[i].has_uart = c->vm[i].console;
        if (c->vm[i].console)
            page.first_focus = i;
    }
}

/* The steward is client 0 of two portals, and its calls come one at a time: one handler serves both. */
static int make_own_portals(void)
{
    handle_t handler;
    int error = service_handler(&console, &handler);

    error = error ? error : service_portal(&console, CONSOLE_BADGE_LOG, &log_portal);
    error = error ? error : service_portal(&console, CONSOLE_BADGE_CONTROL, &control_portal);
    error = error ? error : hc_portal_bind(log_portal, 0, handler);
    error = error ? error : hc_portal_bind(control_portal, 0, handler);
    return error ? error : hc_handle_close(handler);
}

bool console_make(const struct config *c, handle_t watcher, uint64_t bits, struct problem *why)
{
    struct service_size size = { .handlers = 1, .portals = 2, .handles = HANDLES, .mappings = 1 };

    for (uint32_t i = 0; i < c->vms; i++) {
        size.handlers += c->vm[i].console ? c->vm[i].vcpus : 0;
        size.portals += c->vm[i].console;
    }
    if (!service_make(&console, "console", c->console.image, &size, why))
        return false;
    describe(c);
    int error = hc_notification_create(console.domain, &wake);
    error = error ? error : hc_grant(console.domain, wake, BELAY_RIGHT_USE | BELAY_RIGHT_MANAGE, CONSOLE_H_WAKE);
    error = error ? error : hc_domain_watch(console.domain, watcher, bits);
    error = error ? error : make_own_portals();
    return error == BELAY_OK || problem(why, "console: could not be made: error %d", error);
}

static int give_uart(const struct host_uart *uart)
{
    struct extent registers;
    handle_t irq;

    if (!memory_take_device(uart->address & ~PAGE_MASK, BELAY_PAGE_SIZE, &registers))
        return BELAY_ENOMEM;
    int error = hc_map(console.domain, registers.handle, 0, CONSOLE_UART_IPA, BELAY_PAGE_SIZE,
                       BELAY_MAP_READ | BELAY_MAP_WRITE);
    error = error ? error : hc_irq_create(BELAY_H_MACHINE, uart->irq.intid, uart->irq.edge, &irq);
    error = error ? error : hc_grant(console.domain, irq, BELAY_RIGHT_USE, CONSOLE_H_IRQ);
    return error ? error : hc_irq_bind(irq, wake, CONSOLE_BIT_UART);
}

static int schedule_worker(const struct timing *t, uint64_t hz)
{
    return hc_sched(console.worker, 0, t->priority, 0, ticks_down(t->budget_ns, hz), ticks_up(t->period_ns, hz));
}

bool console_begin(const struct config *c, const struct host_uart *uart, uint64_t hz, struct problem *why)
{
    const struct timing *t = &c->steward.timing;
    const struct voice_thread thread = { 0, t->priority, ticks_down(t->budget_ns, hz), ticks_up(t->period_ns, hz) };
    int error = give_uart(uart);

    if (error)
        return problem(why, "host device tree: %s: its registers or its interrupt can't be used: error %d", uart->name,
                       error);
    page.uart_clock_hz = uart->clock_hz;
    if (!service_fill(&console, &page, sizeof page, false, why))
        return false;
    error = schedule_worker(&c->console.timing, hz);
    error = error ? error : service_run(&console);
    error = error ? error : voice_start(log_portal, control_portal, &thread);
    return error == BELAY_OK || problem(why, "console: could not be started: error %d", error);
}

bool console_restart(struct problem *why)
{
    report_end(console.name, console.domain, &console.worker, 1, say_directly);
    int error = hc_domain_stop(console.domain);

    if (!service_fill(&console, &page, sizeof page, true, why))
        return false;
    error = error ? error : service_run(&console);
    return error == BELAY_OK || problem(why, "console: could not be started again: error %d", error);
}

int console_attach(handle_t vm, uint32_t client, uint32_t vcpus)
{
    handle_t portal, line, handler;
    int error = service_portal(&console, client, &portal);

    for (uint32_t i = 0; error == BELAY_OK && i < vcpus; i++) {
        error = service_handler(&console, &handler);
        error = error ? error : hc_portal_bind(portal, i, handler);
        error = error ? error : hc_handle_close(handler);
    }
    error = error ? error : hc_trap(vm, HANDSET_UART, HANDSET_UART_BYTES, portal);
    error = error ? error : hc_line_create(vm, HANDSET_UART_INTID, &line);
    error = error ? error : hc_grant(console.domain, line, BELAY_RIGHT_USE, CONSOLE_H_LINE + client);
    error = error ? error : hc_handle_close(line);
    return error ? error : hc_handle_close(portal);
}
