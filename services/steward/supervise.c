/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise.h"

#include "clock.h"
#include "console.h"
#include "gdb.h"
#include "health.h"
#include "host.h"
#include "lib/cpu.h"
#include "load.h"
#include "manage.h"
#include "manager.h"
#include "memory.h"
#include "operate.h"
#include "report.h"
#include "tracing.h"
#include "vm.h"
#include "voice.h"
#include "watchdog.h"

#define POLL     1u                 /* a deadline that has passed */
#define NS_PER_S 1000000000u

static struct supervised vms[BELAY_VMS_MAX];

static const struct machine *machine;
static handle_t watcher;
static struct calls own_calls;              /* of the thread that speaks */
static bool watchdogs;                      /* a VM has one */

bool supervised_make(struct supervised *s, struct problem *why)
{
    uint32_t i = (uint32_t)(s - vms);

    if (!vm_make(&s->vm, &machine->config->vm[i], i, machine->host, machine->info, watcher, UINT64_C(1) << i, why))
        return false;
    lifecycle_move(&s->life, LIFE_STOPPED);
    return true;
}

bool supervised_start(struct supervised *s, bool by_manager, struct problem *why)
{
    uint64_t now = counter_now();

    if (s->life.life == LIFE_ABSENT && !supervised_make(s, why))
        return false;
    if (s->life.life != LIFE_STOPPED)
        lifecycle_move(&s->life, LIFE_STOPPED);
    if (!vm_start(&s->vm, why)) {
        lifecycle_failed(&s->life);
        return false;
    }
    lifecycle_started(&s->life, now, by_manager);
    return true;
}

/* One that nobody has asked for now: what goes wrong is told all. */
static bool start_or_say(struct supervised *s, bool by_manager)
{
    struct problem why;

    if (supervised_start(s, by_manager, &why))
        return true;
    lifecycle_failed(&s->life);
    say("%s: is not started: %s", s->vm.config->name, why.text);
    return false;
}

/* The next by priority that starts by itself and has not yet, in the order of the bundle among equals; NULL: none is left. */
static struct supervised *next_to_start(const struct config *c)
{
    uint32_t best = c->vms;

    for (uint32_t i = 0; i < c->vms; i++)
        if (vms[i].life.life == LIFE_ABSENT && !vms[i].life.failed && c->vm[i].autostart &&
            (best == c->vms || c->vm[i].timing.priority > c->vm[best].timing.priority))
            best = i;
    return best == c->vms ? NULL : &vms[best];
}

/* Without it the machine runs as well, and only who asked for it is told that it has none. */
static void make_manager(const struct machine *m)
{
    const struct service_config *c = &m->config->manager;
    struct problem why;

    if (c->image == NULL)
        return;
    struct service *manager = manager_make(m, watcher, &why);
    if (manager ? health_add(manager) != BELAY_OK : c->needed)
        say("belay: no management: %s", manager ? "there are too many services to watch" : why.text);
}

static void begin_services(const struct machine *m)
{
    struct host_uart uart;
    struct handset_clock clock;
    struct problem why;
    bool has_clock = clock_read(m->host, &clock);

    make_manager(m);
    if (!host_find_uart(m->host, &uart, &why) || !console_begin(m->config, &uart, &clock, m->info->counter_hz, &why) ||
        (watchdogs && !watchdog_begin(m->config, m->info->counter_hz, &why)))
        fatal("%s", why.text);
    if (!has_clock)
        say("belay: the host's clock can't be read: those of the VMs begin with 1970");
}

/*
 * One by one, so that the most urgent run while the others are still being
 * loaded. The first waits neither for the console (who writes to it is blocked until that runs) nor for the
 * steward's own hash.
 */
static void start_all(const struct machine *m)
{
    struct supervised *s = next_to_start(m->config);
    struct problem why;

    if (s)
        start_or_say(s, true);
    begin_services(m);
    if (!load_check(m->config->steward.image, &why))
        fatal("%s", why.text);
    while ((s = next_to_start(m->config)) != NULL)
        start_or_say(s, true);
    gdb_begin(m);
    if (manager_slots() && !manager_begin(m, &why))
        say("belay: no management: %s", why.text);
    for (uint32_t i = 0; i < m->config->vms; i++)
        if (vms[i].vm.ran)
            say("belay: started %s at %lu ticks, %lu of them copying images", m->config->vm[i].name,
                (unsigned long)(vms[i].vm.started - m->info->boot_ticks), (unsigned long)vms[i].vm.copying);
    say("belay: the nucleus keeps %lu bytes, %u for a VM, %u for each vCPU",
        (unsigned long)(m->info->nucleus_bytes + memory_of_pools()), m->info->vm_bytes, m->info->vcpu_bytes);
}

bool supervised_runs(const struct supervised *s)
{
    return s->life.life == LIFE_RUNNING || s->life.life == LIFE_PAUSED;
}

void supervised_hold_watchdog(const struct supervised *s)
{
    if (s->vm.config->watchdog)
        watchdog_stops(s->vm.client);
}

static void down(struct supervised *s, bool failed, bool again)
{
    supervised_hold_watchdog(s);
    lifecycle_ended(&s->life, failed, again, counter_now(), machine->info->counter_hz);
}

void supervised_ended(struct supervised *s)
{
    const struct vm_config *c = s->vm.config;
    struct domain_status status;

    if (!supervised_runs(s) || hc_domain_status(s->vm.domain, &status) != BELAY_OK ||
        status.state != BELAY_STATE_ENDED)
        return;
    report_end(c->name, s->vm.domain, s->vm.vcpu, c->vcpus, say);
    down(s, status.reason == BELAY_REASON_FAULT,
         (status.reason == BELAY_REASON_FAULT && c->restart_on_failure) ||
         (status.reason == BELAY_REASON_RESET && c->restart_on_reset));
}

/* One that ended by itself just now is told of as such. */
static void hung(struct supervised *s)
{
    const struct vm_config *c = s->vm.config;
    struct domain_status status;
    uint64_t unfed;

    if (s->life.life != LIFE_RUNNING || !c->watchdog || !watchdog_says_hung(s->vm.client, &unfed) ||
        hc_domain_status(s->vm.domain, &status) != BELAY_OK || status.state != BELAY_STATE_RUNNING)
        return;
    say("%s: hung: its watchdog was not fed for %lu ms", c->name,
        (unsigned long)(unfed / (machine->info->counter_hz / 1000)));
    (void)hc_domain_stop(s->vm.domain);
    for (uint32_t i = 0; i < c->vcpus; i++)
        report_place(c->name, s->vm.vcpu[i], i, say);
    down(s, true, c->restart_on_hang);
}

static void start_again(struct supervised *s)
{
    if (start_or_say(s, false))
        say("%s: started again", s->vm.config->name);
}

static void handle(uint64_t bits)
{
    for (uint32_t i = 0; i < machine->config->vms; i++)
        if (bits >> i & 1)
            supervised_ended(&vms[i]);
    for (uint32_t i = 0; bits & WATCHDOG_BITS && i < machine->config->vms; i++)
        hung(&vms[i]);
    health_handle(bits);
    if (bits & MANAGER_BIT_REQUEST) {
        manage_answer();
        tracing_look();
    }
}

/* A call to a service that does not return is found by who made it. */
static void look_at_calls(void)
{
    health_of_calls(&own_calls, voice_thread(), "the steward", 0);
    for (uint32_t i = 0; i < machine->config->vms; i++)
        for (uint32_t v = 0; vms[i].life.life == LIFE_RUNNING && v < vms[i].vm.config->vcpus; v++)
            health_of_calls(&vms[i].calls[v], vms[i].vm.vcpu[v], vms[i].vm.config->name, v);
}

/* It was told to, and has had its time. */
static void stop_at_last(struct supervised *s)
{
    const struct vm_config *c = s->vm.config;
    struct problem why;

    say("%s: has not turned itself off in the %lu s that it had: it is stopped", c->name,
        (unsigned long)(c->stop_ns / NS_PER_S));
    if (!operate(s, OPERATION_STOP, &why))
        say("%s: %s", c->name, why.text);
}

/* What waits and is due starts; returns when there is something to do next. */
static uint64_t do_what_is_due(void)
{
    uint64_t next = health_check();

    if (health_looks_at_calls()) {
        look_at_calls();
        next = health_check();              /* who was found to hang */
    }
    for (uint32_t i = 0; i < machine->config->vms; i++) {
        if (lifecycle_is_due(&vms[i].life, counter_now()))
            start_again(&vms[i]);
        if (lifecycle_has_not_stopped(&vms[i].life, counter_now()))
            stop_at_last(&vms[i]);
        if (vms[i].life.life == LIFE_WAITING && vms[i].life.at < next)
            next = vms[i].life.at;
        if (vms[i].life.stop_by && vms[i].life.stop_by < next)
            next = vms[i].life.stop_by;
    }
    return next;
}

static bool all_down(uint32_t *failures)
{
    bool down = true;

    *failures = 0;
    for (uint32_t i = 0; i < machine->config->vms; i++) {
        down = down && !(lifecycle_is_up(&vms[i].life) || (lifecycle_is_off(&vms[i].life) && manager_may_control()));
        *failures += vms[i].life.failed;
    }
    return down;
}

void supervise_begin(const struct machine *m)
{
    struct problem why;
    int error = hc_notification_create(BELAY_H_SELF, &watcher);

    machine = m;
    for (uint32_t i = 0; i < m->config->vms; i++)
        vms[i].vm.config = &m->config->vm[i];
    if (error)
        fatal("the steward's pool is used up: error %d", error);
    health_init(watcher, m->info->counter_hz);
    struct service *console = console_make(m->config, &why), *watchdog;
    if (console == NULL || !watchdog_make(m->config, watcher, m->info->counter_hz, &watchdog, &why))
        fatal("%s", why.text);
    watchdogs = watchdog != NULL;
    if (health_add(console) != BELAY_OK || (watchdogs && health_add(watchdog) != BELAY_OK))
        fatal("the services can't be watched");
    gdb_make(m, watcher);
    start_all(m);
}

const struct machine *supervise_machine(void)
{
    return machine;
}

static _Noreturn void end(uint32_t failures)
{
    voice_flush();
    say_directly(BELAY_END_LINE, failures);     /* without the console's prefix, as the host tool looks for it */
    for (;;)
        hc_machine_off(BELAY_H_MACHINE, MACHINE_POWER_OFF);
}

/* While there is nothing else to do: memory that somebody had, a piece of it. False when all is zeroed. */
static bool clean_a_piece(void)
{
    for (uint32_t i = 0; i < machine->config->vms; i++) {
        enum life life = vms[i].life.life;
        if ((life == LIFE_STOPPED || life == LIFE_ENDED || life == LIFE_WAITING) && vm_clean(&vms[i].vm))
            return true;
    }
    return memory_scrub();
}

void supervise_step(uint64_t latest)
{
    uint64_t bits, deadline = do_what_is_due();
    uint32_t failures;

    for (uint32_t i = 0; i < machine->config->vms; i++)
        gdb_rest_watchdog(i, &vms[i].vm, vms[i].life.life);
    if (latest && latest < deadline)
        deadline = latest;
    if (all_down(&failures))
        end(failures);
    if (clean_a_piece())
        deadline = POLL;
    int error = hc_wait(watcher, deadline, &bits);
    if (error != BELAY_OK && error != BELAY_ETIMEDOUT)
        fatal("the steward can't wait: error %d", error);
    handle(bits);
}

bool supervise_operate(uint32_t vm, enum operation what, struct problem *why)
{
    return operate(&vms[vm], what, why);
}

bool supervise_look(uint32_t vm, struct supervised_vm *v)
{
    if (vm >= machine->config->vms)
        return false;
    *v = (struct supervised_vm){ &vms[vm].vm, &vms[vm].life };
    return true;
}
