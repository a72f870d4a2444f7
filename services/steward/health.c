/* SPDX-License-Identifier: Apache-2.0 */
#include "health.h"

#include "belay/service.h"
#include "lib/cpu.h"
#include "report.h"
#include "service.h"
#include "tag.h"
#include "voice.h"

#define SERVICES_MAX   24u
#define FIRST_BIT      32u      /* of HEALTH_BITS */
#define LOOK_HZ        1u       /* how often all is looked at */
#define RESTART_HZ     10u      /* a service is run again so often in a second at most: its callers wait */
#define PATIENCE_HZ    20u      /* CPU time that a worker may take to come round, and a call to return: more than any does */
#define FALLS_MAX      3u       /* so often in a row what it keeps is given the benefit of the doubt */

static struct patient {
    struct service *service;
    bool waits;                 /* to be run again, at `at` */
    uint64_t at;                /* when it was run last, or is to be */
    unsigned falls;             /* one shortly after the other */
    bool asked;                 /* its worker, whether it is well; its beats and ticks then: */
    uint32_t beats;
    uint64_t ticks;
} patients[SERVICES_MAX];

static uint32_t count;
static handle_t watch;
static uint64_t frequency, next_look;
static bool calls_due;

void health_init(handle_t watcher, uint64_t hz)
{
    watch = watcher;
    frequency = hz;
    next_look = counter_now() + hz / LOOK_HZ;
}

int health_add(struct service *s)
{
    if (count == SERVICES_MAX)
        return BELAY_ENOMEM;
    patients[count] = (struct patient){ .service = s, .at = counter_now() };
    return hc_domain_watch(s->domain, watch, UINT64_C(1) << (FIRST_BIT + count++));
}

/* It ended, or hangs. */
static void fell(struct patient *p)
{
    uint64_t now = counter_now(), earliest = p->at + frequency / RESTART_HZ;

    if (p->waits)
        return;
    p->falls = now - p->at < frequency ? p->falls + 1 : 1;
    p->waits = true;
    p->at = earliest > now ? earliest : now;
}

void health_handle(uint64_t bits)
{
    for (uint32_t i = 0; i < count; i++)
        if (bits >> (FIRST_BIT + i) & 1)
            fell(&patients[i]);
}

/* Without the console the VMs' words are lost, but not the VMs. What a service keeps may be what it dies of. */
static void run_again(struct patient *p)
{
    struct service *s = p->service;
    bool keep = p->falls <= FALLS_MAX;
    struct problem why;

    report_end(s->name, s->domain, &s->worker, 1, s->report);
    p->waits = p->asked = false;
    if (service_restart(s, keep, &why))
        say("%s: restarted%s", s->name, keep ? "" : "; its devices are as after reset");
    else
        say_directly("%s: is not restarted: %s", s->name, why.text);
    p->at = counter_now();
}

static unsigned long milliseconds(uint64_t ticks)
{
    return (unsigned long)(ticks / (frequency / 1000));
}

/* It was woken: if it waits, then for something else. If not, what it has run tells whether it had the time. */
static bool hangs(const struct patient *p, const struct activity *a)
{
    return a->what == BELAY_ACTIVITY_WAITING ||
           ((a->what == BELAY_ACTIVITY_READY || a->what == BELAY_ACTIVITY_CALLING) &&
            a->ticks - p->ticks > frequency / PATIENCE_HZ);
}

static void look_at_worker(struct patient *p)
{
    const struct service *s = p->service;
    struct activity a;
    uint32_t beats;

    if (p->waits || hc_activity(s->worker, &a) != BELAY_OK || !service_read_beats(s, &beats))
        return;
    if (!p->asked || beats != p->beats) {
        p->beats = beats;
        p->ticks = a.ticks;
        p->asked = true;
    } else if (hangs(p, &a)) {
        s->report("%s: hung: its worker %s for %lu ms", s->name,
                  a.what == BELAY_ACTIVITY_WAITING ? "does not wake up" : "has run without coming round",
                  a.what == BELAY_ACTIVITY_WAITING ? 1000ul / LOOK_HZ : milliseconds(a.ticks - p->ticks));
        fell(p);
        return;
    }
    (void)hc_notify(s->wake, SERVICE_BIT_BEAT);
}

static struct patient *patient_of(uint64_t domain_tag)
{
    for (uint32_t i = 0; i < count; i++)
        if (tag(patients[i].service->name) == domain_tag)
            return &patients[i];
    return NULL;
}

bool health_looks_at_calls(void)
{
    bool due = calls_due;

    calls_due = false;
    return due;
}

void health_of_calls(struct calls *c, handle_t context, const char *caller, uint32_t index)
{
    struct activity a;
    struct patient *p;

    if (hc_activity(context, &a) != BELAY_OK || a.what != BELAY_ACTIVITY_CALLING) {
        c->calling = false;
    } else if (!c->calling || c->exits != a.exits) {
        *c = (struct calls){ a.exits, a.ticks, true };
    } else if (a.ticks - c->ticks > frequency / PATIENCE_HZ && (p = patient_of(a.tag)) != NULL && !p->waits) {
        p->service->report("%s: hung: a call by context %u of %s has run for %lu ms", p->service->name, index, caller,
                           milliseconds(a.ticks - c->ticks));
        fell(p);
    }
}

uint64_t health_check(void)
{
    uint64_t next;

    if (counter_now() >= next_look) {
        next_look = counter_now() + frequency / LOOK_HZ;
        calls_due = true;
        for (uint32_t i = 0; i < count; i++)
            look_at_worker(&patients[i]);
    }
    next = next_look;
    for (uint32_t i = 0; i < count; i++) {
        if (patients[i].waits && patients[i].at <= counter_now())
            run_again(&patients[i]);
        if (patients[i].waits && patients[i].at < next)
            next = patients[i].at;
    }
    return next;
}
