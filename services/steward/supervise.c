/* SPDX-License-Identifier: Apache-2.0 */
#include "supervise.h"

#include "console.h"
#include "health.h"
#include "host.h"
#include "lib/cpu.h"
#include "load.h"
#include "manage.h"
#include "manager.h"
#include "memory.h"
#include "report.h"
#include "tracing.h"
#include "vm.h"
#include "voice.h"
#include "watchdog.h"

#define VM_RESTART_HZ 1u    /* a VM is started again so often in a second at most: it takes long to load */

/* Waits: to be started again, at `at`. Stopped: by its manager, who may start it again; the machine stays on for that. */
enum health { VM_DOWN, VM_UP, VM_WAITS, VM_STOPPED };

static struct supervised {
    struct vm vm;
    enum health health;
    bool made;
    bool failed;                            /* its last end was a failure */
    bool paused;                            /* by its manager, while it is up */
    uint32_t restarts;
    uint64_t at;                            /* when it was started, or is to be */
    struct calls calls[BELAY_VCPUS_MAX];
} vms[BELAY_VMS_MAX];

static const struct machine *machine;
static handle_t watcher;
static struct calls own_calls;              /* of the thread that speaks */
static bool watchdogs;                      /* a VM has one */

static void fail(struct supervised *s, const struct problem *why)
{
    s->health = VM_DOWN;
    s->failed = true;
    say("%s: is not started: %s", s->vm.config->name, why->text);
}

static bool start(struct supervised *s, struct problem *why)
{
    s->at = counter_now();
    s->restarts += s->vm.ran;
    if (!vm_start(&s->vm, why)) {
        fail(s, why);
        return false;
    }
    s->health = VM_UP;
    s->failed = s->paused = false;
    return true;
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

    s->made = vm_make(&s->vm, &m->config->vm[i], i, m->host, m->info->counter_hz, watcher, UINT64_C(1) << i, &why);
    if (s->made)
        (void)start(s, &why);
    else
        fail(s, &why);
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
    struct problem why;

    make_manager(m);
    if (!host_find_uart(m->host, &uart, &why) || !console_begin(m->config, &uart, m->info->counter_hz, &why) ||
        (watchdogs && !watchdog_begin(m->config, m->info->counter_hz, &why)))
        fatal("%s", why.text);
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
    begin_services(m);
    if (!load_check(m->config->steward.image, &why))
        fatal("%s", why.text);
    while ((s = next_to_make(m->config)) != NULL)
        make(s, m);
    if (manager_slots() && !manager_begin(m, &why))
        say("belay: no management: %s", why.text);
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

/* While it does not run, it need not be fed. */
static void hold_watchdog(const struct supervised *s)
{
    if (s->vm.config->watchdog)
        watchdog_stops(s->vm.client);
}

static void down(struct supervised *s, bool failed, bool again)
{
    hold_watchdog(s);
    s->failed = failed;
    s->health = again ? VM_WAITS : VM_DOWN;
    s->at = again ? restart_at(s->at, VM_RESTART_HZ) : 0;
}

static void ended(struct supervised *s)
{
    const struct vm_config *c = s->vm.config;
    struct domain_status status;

    if (s->health != VM_UP || hc_domain_status(s->vm.domain, &status) != BELAY_OK ||
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

    if (s->health != VM_UP || !c->watchdog || !watchdog_says_hung(s->vm.client, &unfed) ||
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
    struct problem why;

    if (start(s, &why))
        say("%s: started again", s->vm.config->name);
}

static void handle(uint64_t bits)
{
    for (uint32_t i = 0; i < machine->config->vms; i++)
        if (bits >> i & 1)
            ended(&vms[i]);
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
        for (uint32_t v = 0; vms[i].health == VM_UP && v < vms[i].vm.config->vcpus; v++)
            health_of_calls(&vms[i].calls[v], vms[i].vm.vcpu[v], vms[i].vm.config->name, v);
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
        if (vms[i].health == VM_WAITS && vms[i].at <= counter_now())
            start_again(&vms[i]);
        if (vms[i].health == VM_WAITS && vms[i].at < next)
            next = vms[i].at;
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
    health_init(watcher, m->info->counter_hz);
    struct service *console = console_make(m->config, &why), *watchdog;
    if (console == NULL || !watchdog_make(m->config, watcher, m->info->counter_hz, &watchdog, &why))
        fatal("%s", why.text);
    watchdogs = watchdog != NULL;
    if (health_add(console) != BELAY_OK || (watchdogs && health_add(watchdog) != BELAY_OK))
        fatal("the services can't be watched");
    make_all(m);
}

const struct machine *supervise_machine(void)
{
    return machine;
}

static enum manage_state state_of(const struct supervised *s)
{
    switch (s->health) {
    case VM_UP:      return s->paused ? MANAGE_PAUSED : MANAGE_RUNNING;
    case VM_WAITS:   return MANAGE_WAITS;
    case VM_STOPPED: return MANAGE_STOPPED;
    default:         return s->failed ? MANAGE_FAILED : MANAGE_OFF;
    }
}

bool supervise_look(uint32_t i, struct supervised_vm *v)
{
    if (i >= machine->config->vms)
        return false;
    *v = (struct supervised_vm){ &vms[i].vm, state_of(&vms[i]), vms[i].restarts };
    return true;
}

bool supervise_start(uint32_t i, struct problem *why)
{
    struct supervised *s = &vms[i];

    if (s->health == VM_UP)
        return problem(why, "it runs already");
    if (!s->made)
        return problem(why, "it could not be made when the machine began; the log says why");
    if (!start(s, why))
        return false;
    say("%s: started by its manager", s->vm.config->name);
    return true;
}

bool supervise_stop(uint32_t i, struct problem *why)
{
    struct supervised *s = &vms[i];

    if (s->health != VM_UP && s->health != VM_WAITS)
        return problem(why, "it does not run");
    int error = hc_domain_stop(s->vm.domain);
    if (error)
        return problem(why, "it could not be stopped: error %d", error);
    hold_watchdog(s);
    s->health = VM_STOPPED;
    s->failed = s->paused = false;
    say("%s: stopped by its manager", s->vm.config->name);
    return true;
}

bool supervise_pause(uint32_t i, struct problem *why)
{
    struct supervised *s = &vms[i];

    if (s->health != VM_UP || s->paused)
        return problem(why, s->paused ? "it is paused already" : "it does not run");
    int error = hc_domain_pause(s->vm.domain, BELAY_HOLD_MANAGER);
    if (error)
        return problem(why, "it could not be paused: error %d", error);
    hold_watchdog(s);
    s->paused = true;
    say("%s: paused by its manager", s->vm.config->name);
    return true;
}

bool supervise_resume(uint32_t i, struct problem *why)
{
    struct supervised *s = &vms[i];

    if (s->health != VM_UP || !s->paused)
        return problem(why, "it is not paused");
    int error = hc_domain_resume(s->vm.domain, BELAY_HOLD_MANAGER);
    if (error)
        return problem(why, "it could not be resumed: error %d", error);
    if (s->vm.config->watchdog)
        watchdog_goes_on(s->vm.client);
    s->paused = false;
    say("%s: resumed by its manager", s->vm.config->name);
    return true;
}

bool supervise_reset(uint32_t i, struct problem *why)
{
    struct supervised *s = &vms[i];

    if (s->health != VM_UP)
        return problem(why, "it does not run");
    if (!start(s, why))
        return false;
    say("%s: reset by its manager", s->vm.config->name);
    return true;
}

void supervise(const struct machine *m)
{
    uint64_t bits;
    uint32_t failures;

    begin(m);
    for (;;) {
        uint64_t deadline = do_what_is_due();
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
