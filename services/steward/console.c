/* SPDX-License-Identifier: Apache-2.0 */
#include "console.h"

#include <string.h>

#include "belay/console.h"
#include "fetched.h"
#include "handset.h"
#include "lib/text.h"
#include "manager.h"
#include "memory.h"
#include "service.h"
#include "ticks.h"
#include "voice.h"

#define PAGE_MASK (BELAY_PAGE_SIZE - 1ull)
#define FLASH_BYTES (HANDSET_FLASH_STORED + HANDSET_CMDLINE_MAX)
#define HANDLES(vms) (CONSOLE_H_DEVICES + (vms) * HANDSET_LINES)

_Static_assert(CONSOLE_BADGE_LINK < SERVICE_CLIENTS, "a client of its own");

static struct service console;
static struct console_config page;
static handle_t log_portal, control_portal;

static void describe(const struct config *c)
{
    page = (struct console_config){ .version = 1, .clients = c->vms };
    for (uint32_t i = c->vms; i-- > 0;) {
        text_format(page.client[i].name, sizeof page.client[i].name, "%s", c->vm[i].name);
        page.client[i].has_uart = c->vm[i].console;
        page.handset.vcpus[i] = c->vm[i].vcpus;
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

struct service *console_make(const struct config *c, struct problem *why)
{
    struct service_size size = { .handlers = 1, .portals = 2, .handles = HANDLES(c->vms), .mappings = 2 + c->vms };
    uint32_t flashes = 0;

    for (uint32_t i = 0; i < c->vms; i++) {
        size.handlers += c->vm[i].vcpus;
        size.portals += c->vm[i].console + 1u;
        flashes += c->vm[i].kind == VM_FIRMWARE;
        size.handlers += c->vm[i].manages ? c->vm[i].vcpus : 0;
        size.portals += c->vm[i].manages != 0;
    }
    const struct fetched_size fetched = fetched_size(c);
    size.portals += flashes;
    size.mappings += flashes + fetched.mappings;
    size.tables = (flashes * FLASH_BYTES + BLOCK_BYTES - 1) / BLOCK_BYTES + fetched.tables;
    if (!service_make(&console, "console", c->console.image, &size, why))
        return NULL;
    console.report = say_directly;
    describe(c);
    int error = make_own_portals();
    error = error ? error : fetched_map_images(c, console.domain, page.handset.boot);  /* before a VM that fetches is made */
    return error == BELAY_OK || problem(why, "console: could not be made: error %d", error) ? &console : NULL;
}

static bool fill(const struct extent *memory, uint64_t offset, uint64_t bytes, const char *text)
{
    struct view v;
    char *to = view_open(&v, VIEW_SERVICE, memory, offset, bytes, BELAY_MAP_READ | BELAY_MAP_WRITE);

    if (to && text)
        memcpy(to, text, strlen(text) + 1);
    else if (to)
        memset(to, 0xff, bytes);
    view_close(&v);
    return to != NULL;
}

/* The command line that firmware fetches is not longer than its room (bundle_vm.c). */
static bool fill_flash(const struct extent *memory, const struct vm_config *vm)
{
    return fill(memory, 0, HANDSET_FLASH_STORED, NULL) &&
           fill(memory, HANDSET_FLASH_STORED, HANDSET_CMDLINE_MAX, vm->payload ? vm->cmdline : "");
}

/*
 * Memory for what a VM's flash stores, erased, and behind it for its command line: it is the VM's for as long as the
 * machine runs.
 */
static int make_flash(const struct vm_config *vm, uint32_t client, uint32_t ipa)
{
    struct extent memory;

    if (!memory_take(FLASH_BYTES, BELAY_PAGE_SIZE, &memory) || !fill_flash(&memory, vm))
        return BELAY_ENOMEM;
    page.handset.flash[client] = ipa;
    if (vm->payload && vm->cmdline[0])
        page.handset.boot[client].cmdline = (struct handset_range){ ipa + HANDSET_FLASH_STORED, strlen(vm->cmdline) + 1 };
    int error = hc_map(console.domain, memory.handle, 0, ipa, FLASH_BYTES, BELAY_MAP_READ | BELAY_MAP_WRITE);
    return error ? error : hc_handle_close(memory.handle);
}

static int make_flashes(const struct config *c)
{
    uint32_t ipa = CONSOLE_FLASH_IPA;
    int error = BELAY_OK;

    for (uint32_t i = 0; error == BELAY_OK && i < c->vms; i++)
        if (c->vm[i].kind == VM_FIRMWARE) {
            error = make_flash(&c->vm[i], i, ipa);
            ipa += FLASH_BYTES;
        }
    return error;
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
    return error ? error : hc_irq_bind(irq, console.wake, CONSOLE_BIT_UART);
}

/* By what of the manager's, and the how-manieth of the console's. */
static int make_stream(unsigned number, uint32_t place)
{
    return manager_stream(number, &(struct stream_end){ console.domain, console.wake,
                                                        CONSOLE_STREAMS_IPA + (uint64_t)place * STREAM_BYTES,
                                                        CONSOLE_H_MANAGER });
}

static int make_streams(const struct config *c)
{
    int error = BELAY_OK;

    page.managed = manager_slots() != NULL;
    for (uint32_t i = 0; error == BELAY_OK && i < c->vms; i++) {
        if (c->vm[i].console)
            error = make_stream(MANAGER_STREAM(MANAGE_CONSOLE, i), i);
        if (error == BELAY_OK && c->vm[i].manages) {
            page.has_link = true;
            error = make_stream(MANAGER_STREAM_VM, BELAY_VMS_MAX);
        }
    }
    return error;
}

bool console_begin(const struct config *c, const struct host_uart *uart, const struct handset_clock *clock, uint64_t hz,
                   struct problem *why)
{
    const struct timing *t = &c->steward.timing;
    const struct voice_timing timing = { 0, t->priority, ticks_down(t->budget_ns, hz), ticks_up(t->period_ns, hz) };
    int error = give_uart(uart);

    if (error)
        return problem(why, "host device tree: %s: its registers or its interrupt can't be used: error %d", uart->name,
                       error);
    page.uart_clock_hz = uart->clock_hz;
    page.handset.clock = *clock;
    error = make_flashes(c);
    if (error)
        return problem(why, "console: there is no memory for the VMs' flash: error %d", error);
    error = make_streams(c);
    if (error)
        return problem(why, "console: has no streams to the manager: error %d", error);
    if (!service_begin(&console, &page, sizeof page, &c->console.timing, hz, why))
        return false;
    error = voice_start(log_portal, control_portal, &timing);
    return error == BELAY_OK || problem(why, "console: could not be started: error %d", error);
}

int console_attach(handle_t vm, uint32_t client, uint32_t vcpus, const struct console_devices *d)
{
    const struct service_range ranges[] = {
        { HANDSET_UART, HANDSET_UART_BYTES, client },
        { HANDSET_DEVICES, HANDSET_DEVICES_BYTES, CONSOLE_BADGE_DEVICES + client },
        { HANDSET_SLOTS - HANDSET_SLOTS_OFFSET, HANDSET_SLOTS_OFFSET + HANDSET_SLOTS_BYTES,
          CONSOLE_BADGE_DEVICES + client },
        { HANDSET_FLASH, 2 * HANDSET_FLASH_BANK, CONSOLE_BADGE_FLASH + client },
    };
    const handle_t lines = CONSOLE_H_DEVICES + client * HANDSET_LINES;
    unsigned first = d->uart ? 0 : 1, count = sizeof ranges / sizeof ranges[0] - first - !d->flash;
    int error = service_attach(&console, vm, client, vcpus, ranges + first, count);

    if (error == BELAY_OK && d->uart)
        error = service_line(&console, vm, HANDSET_UART_INTID, CONSOLE_H_LINE + client);
    if (error == BELAY_OK && d->rtc)
        error = service_line(&console, vm, HANDSET_RTC_INTID, lines + HANDSET_LINE_RTC);
    if (error == BELAY_OK && d->gpio)
        error = service_line(&console, vm, HANDSET_GPIO_INTID, lines + HANDSET_LINE_GPIO);
    return error;
}

int console_see_ram(uint32_t client, handle_t ram)
{
    return fetched_map_ram(console.domain, ram, &page.handset.boot[client]);
}

void console_forget_ram(uint32_t client)
{
    fetched_unmap_ram(console.domain, &page.handset.boot[client]);
}

int console_attach_link(handle_t vm, uint32_t vcpus)
{
    const struct service_range uart = { HANDSET_LINK, HANDSET_UART_BYTES, CONSOLE_BADGE_LINK };
    int error = service_attach(&console, vm, CONSOLE_BADGE_LINK, vcpus, &uart, 1);

    return error ? error : service_line(&console, vm, HANDSET_LINK_INTID, CONSOLE_H_LINK_LINE);
}
