/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise.h"

#include "console.h"
#include "host.h"
#include "lib/cpu.h"
#include "load.h"
#include "memory.h"
#include "report.h"
#include "vm.h"
#include "voice.h"

#define BIT_CONSOLE (UINT64_C(1) << 32)     /* the VMs have the bits below */

/* A domain is started again so often in a second at most: a VM takes long to load, the console's callers wait. */
#define VM_RESTART_HZ      1u
#define CONSOLE_RESTART_HZ 10u

enum health { VM_DOWN, VM_UP, VM_WAITS };   /* waits: to be started again, at `at` */

static struct supervised {
    struct vm vm;
    enum health health;
    bool failed;                            /* its last end was a failure */
    uint64_t at;                            /* when it was started, or is to be */
} vms[BELAY_VMS_MAX];

static const struct machine *machine;
static handle_t watcher;
static bool console_waits;
static uint64_t console_at;

static void fail(struct supervised *s, const struct problem *why)
{
    s->health = VM_DOWN;
    s->failed = true;
    say("%s: is not started: %s", s->vm.config->name, why->text);
}

static void start(struct supervised *s)
{
    struct problem why;

    s->at = counter_now();
    if (vm_start(&s->vm, &why))
        s->health = VM_UP;
    else
        fail(s, &why);
}

/* The next by priority that is not made yet, in the order of the bundle among equals; NULL when all are. */
static struct supervised *next_to_make(const struct config *c)
{
    uint32_t best = c->vms;

    for (uint32_t i = 0; i < c->vms; i++)
        if (vms[i].vm.config == NULL &&
            (best == c->vms || c->vm[i].timing.priority > c->vm[best].timing.priority))
            best = i;
    return best == c->vms ? NULL : &vms[best];
}

static void make(struct supervised *s, const struct machine *m)
{
    uint32_t i = (uint32_t)(s - vms);
    struct problem why;

    if (vm_make(&s->vm, &m->config->vm[i], i, m->host, m->info->counter_hz, watcher, UINT64_C(1) << i, &why))
        start(s);
    else
        fail(s, &why);
}

static void begin_console(const struct machine *m)
{
    struct host_uart uart;
    struct problem why;

    if (!host_find_uart(m->host, &uart, &why) || !console_begin(m->config, &uart, m->info->counter_hz, &why))
        fatal("%s", why.text);
    console_at = counter_now();
}

/*
 * One by one, so that the most urgent run while the others are still being
 * loaded. The first waits neither for the console (who writes to it is blocked until that runs) nor for the
 * steward's own hash.
 */
static void make_all(const struct machine *m)
{
    struct supervised *s = next_to_make(m->config);
    struct problem why;

    make(s, m);
    begin_console(m);
    if (!load_check(m->config->steward.image, &why))
        fatal("%s", why.text);
    while ((s = next_to_make(m->config)) != NULL)
        make(s, m);
    for (uint32_t i = 0; i < m->config->vms; i++)
        if (vms[i].vm.ran)
            say("belay: started %s at %lu ticks, %lu of them copying images", m->config->vm[i].name,
                (unsigned long)(vms[i].vm.started - m->info->boot_ticks), (unsigned long)vms[i].vm.copying);
    say("belay: the nucleus keeps %lu bytes, %u for a VM, %u for each vCPU",
        (unsigned long)(m->info->nucleus_bytes + memory_of_pools()), m->info->vm_bytes, m->info->vcpu_bytes);
}

/* When a domain that was started at `since` may be started again. */
static uint64_t restart_at(uint64_t since, unsigned hz)
{
    uint64_t now = counter_now(), at = since + machine->info->counter_hz / hz;

    return at > now ? at : now;
}

static void ended(struct supervised *s)
{
    const struct vm_config *c = s->vm.config;
    struct domain_status status;

    if (s->health != VM_UP || hc_domain_status(s->vm.domain, &status) != BELAY_OK ||
        status.state != BELAY_STATE_ENDED)
        return;
    report_end(c->name, s->vm.domain, s->vm.vcpu, c->vcpus, say);
    s->failed = status.reason == BELAY_REASON_FAULT;
    s->health = VM_DOWN;
    if ((status.reason == BELAY_REASON_FAULT && c->restart_on_failure) ||
        (status.reason == BELAY_REASON_RESET && c->restart_on_reset)) {
        s->health = VM_WAITS;
        s->at = restart_at(s->at, VM_RESTART_HZ);
    }
}

static void start_again(struct supervised *s)
{
    start(s);
    if (s->health == VM_UP)
        say("%s: started again", s->vm.config->name);
}

/* Without it the VMs' words are lost, but not the VMs. */
static void restart_console(void)
{
    struct problem why;

    console_waits = false;
    console_at = counter_now();
    if (console_restart(&why))
        say("console: restarted");
    else
        say_directly("console: is not restarted: %s", why.text);
}

static void handle(uint64_t bits)
{
    for (uint32_t i = 0; i < machine->config->vms; i++)
        if (bits >> i & 1)
            ended(&vms[i]);
    if (bits & BIT_CONSOLE) {
        console_waits = true;
        console_at = restart_at(console_at, CONSOLE_RESTART_HZ);
    }
}

static void earlier(uint64_t *first, uint64_t at)
{
    if (*first == 0 || at < *first)
        *first = at;
}

/* What waits and is due starts; returns when the next is due, 0 when nothing waits. */
static uint64_t start_what_is_due(void)
{
    uint64_t next = 0;

    if (console_waits && console_at <= counter_now())
        restart_console();
    if (console_waits)
        earlier(&next, console_at);
    for (uint32_t i = 0; i < machine->config->vms; i++) {
        if (vms[i].health == VM_WAITS && vms[i].at <= counter_now())
            start_again(&vms[i]);
        if (vms[i].health == VM_WAITS)
            earlier(&next, vms[i].at);
    }
    return next;
}

static bool all_down(uint32_t *failures)
{
    bool down = true;

    *failures = 0;
    for (uint32_t i = 0; i < machine->config->vms; i++) {
        down = down && vms[i].health == VM_DOWN;
        *failures += vms[i].failed;
    }
    return down;
}

static void begin(const struct machine *m)
{
    struct problem why;
    int error = hc_notification_create(BELAY_H_SELF, &watcher);

    machine = m;
    if (error)
        fatal("the steward's pool is used up: error %d", error);
    if (!console_make(m->config, watcher, BIT_CONSOLE, &why))
        fatal("%s", why.text);
    make_all(m);
}

void supervise(const struct machine *m)
{
    uint64_t bits;
    uint32_t failures;

    begin(m);
    for (;;) {
        uint64_t deadline = start_what_is_due();
        if (all_down(&failures))
            break;
        int error = hc_wait(watcher, deadline, &bits);
        if (error != BELAY_OK && error != BELAY_ETIMEDOUT)
            fatal("the steward can't wait: error %d", error);
        handle(bits);
    }
    voice_flush();
    say_directly(BELAY_END_LINE, failures);     /* without the console's prefix, as the host tool looks for it */
    for (;;)
        hc_machine_off(BELAY_H_MACHINE, MACHINE_POWER_OFF);
}
