/* SPDX-License-Identifier: Apache-2.0 */
#include "manage.h"

#include <string.h>

#include "lib/cpu.h"
#include "lib/text.h"
#include "log.h"
#include "manager.h"
#include "memory.h"
#include "supervise.h"
#include "voice.h"

/* The answer to one request, which begins with a status. */
struct answer {
    union {
        struct manage_status status;
        struct manage_machine machine;
        struct manage_vm vm;
        struct manage_vcpu vcpu;
        struct manage_log_text log;
        uint8_t bytes[MANAGE_PAYLOAD];
    };
    uint32_t length;
};

static void refuse(struct answer *a, enum manage_error error)
{
    a->status.error = error;
    a->length = sizeof a->status;
}

static void refuse_saying(struct answer *a, enum manage_error error, const struct problem *why)
{
    refuse(a, error);
    a->length += (uint32_t)text_format((char *)a->bytes + a->length, MANAGE_TEXT, "%s", why->text);
}

static uint64_t since_boot(uint64_t ticks)
{
    return ticks - supervise_machine()->info->boot_ticks;
}

static void tell_machine(const void *payload, struct answer *a)
{
    const struct machine *m = supervise_machine();

    (void)payload;
    a->machine = (struct manage_machine){
        .vms = m->config->vms, .cpus = m->info->cpus, .priority = m->config->steward.timing.priority,
        .counter_hz = m->info->counter_hz, .now = since_boot(counter_now()),
        .nucleus_bytes = m->info->nucleus_bytes + memory_of_pools(),
    };
    a->length = sizeof a->machine;
}

static uint64_t ticks_of(const struct vm *vm)
{
    struct context_stats stats;
    uint64_t ticks = 0;

    for (uint32_t i = 0; i < vm->config->vcpus; i++)
        if (hc_stats(vm->vcpu[i], &stats) == BELAY_OK)
            ticks += stats.ticks;
    return ticks;
}

static uint32_t streams_of(uint32_t vm)
{
    uint32_t streams = 0;

    for (unsigned kind = 0; kind < MANAGE_TRACE; kind++)
        streams |= (uint32_t)manager_has_stream(MANAGER_STREAM(kind, vm)) << kind;
    return streams;
}

static enum manage_state state_of(const struct lifecycle *l)
{
    static const uint8_t states[LIFE_STATES] = {
        [LIFE_ABSENT] = MANAGE_ABSENT, [LIFE_STOPPED] = MANAGE_STOPPED, [LIFE_RUNNING] = MANAGE_RUNNING,
        [LIFE_PAUSED] = MANAGE_PAUSED, [LIFE_ENDED] = MANAGE_OFF, [LIFE_WAITING] = MANAGE_WAITS,
    };
    bool down = !lifecycle_is_up(l);

    return down && l->failed ? MANAGE_FAILED : states[l->life];
}

static void tell_vm(const void *payload, struct answer *a)
{
    const struct manage_which *which = payload;
    struct supervised_vm s;

    if (!supervise_look(which->vm, &s)) {
        refuse(a, MANAGE_EVM);
        return;
    }
    const struct vm_config *c = s.vm->config;
    a->vm = (struct manage_vm){
        .state = state_of(s.life), .vcpus = c->vcpus, .priority = c->timing.priority, .restarts = s.life->restarts,
        .streams = streams_of(which->vm), .stops = s.life->stop_by != 0, .memory = c->memory,
        .since = s.vm->ran ? since_boot(s.vm->started) : 0,
        .ticks = ticks_of(s.vm), .budget_ns = c->timing.budget_ns, .period_ns = c->timing.period_ns,
        .vmid = s.vm->vmid,
    };
    text_format(a->vm.name, sizeof a->vm.name, "%s", c->name);
    a->length = sizeof a->vm;
}

static void sort_exits(handle_t vcpu, uint32_t sorted[MANAGE_CAUSES])
{
    static const uint8_t cause_of[BELAY_EXIT_CAUSES] = {        /* plus 1; 0: another */
        [BELAY_EXIT_WAIT] = MANAGE_CAUSE_WAIT + 1, [BELAY_EXIT_CALL] = MANAGE_CAUSE_CALL + 1,
        [BELAY_EXIT_REGISTER] = MANAGE_CAUSE_REGISTER + 1, [BELAY_EXIT_DEVICE] = MANAGE_CAUSE_DEVICE + 1,
        [BELAY_EXIT_FP] = MANAGE_CAUSE_FP + 1, [BELAY_EXIT_INTERRUPT] = MANAGE_CAUSE_INTERRUPT + 1,
    };
    uint32_t exits[BELAY_EXIT_CAUSES];

    if (hc_exits(vcpu, exits) != BELAY_OK)
        return;
    for (unsigned i = 0; i < BELAY_EXIT_CAUSES; i++)
        sorted[cause_of[i] ? cause_of[i] - 1 : MANAGE_CAUSE_OTHER] += exits[i];
}

/* What has not come to run yet, and should have, is as late as this at least. */
static uint64_t worst_lateness(const struct context_lateness *late)
{
    uint64_t t = counter_now(), now = late->due && late->due < t ? t - late->due : 0;

    return now > late->worst ? now : late->worst;
}

static void tell_vcpu(const void *payload, struct answer *a)
{
    const struct manage_which *which = payload;
    struct supervised_vm s;
    struct context_stats stats = { 0 };
    struct context_lateness late = { 0 };

    if (!supervise_look(which->vm, &s) || which->vcpu >= s.vm->config->vcpus) {
        refuse(a, MANAGE_EVM);
        return;
    }
    (void)hc_stats(s.vm->vcpu[which->vcpu], &stats);        /* one that was never made has run for nothing */
    (void)hc_lateness(s.vm->vcpu[which->vcpu], &late);
    a->vcpu = (struct manage_vcpu){
        .cpu = s.vm->config->cpu[which->vcpu], .ticks = stats.ticks, .overruns = (uint32_t)stats.exhausted,
        .interrupts = (uint32_t)stats.interrupts, .switches = (uint32_t)stats.switches,
        .wakes = (uint32_t)late.wakes, .late_total = late.total, .late_worst = worst_lateness(&late),
    };
    sort_exits(s.vm->vcpu[which->vcpu], a->vcpu.exits);
    a->length = sizeof a->vcpu;
}

/* By enum manage_control_what. */
static const struct { enum operation operation; const char *done; } controls[] = {
    [MANAGE_START] = { OPERATION_START, "started" }, [MANAGE_STOP] = { OPERATION_STOP, "stopped" },
    [MANAGE_PAUSE] = { OPERATION_PAUSE, "paused" }, [MANAGE_RESUME] = { OPERATION_RESUME, "resumed" },
    [MANAGE_RESET] = { OPERATION_RESET, "reset" }, [MANAGE_CREATE] = { OPERATION_CREATE, "created" },
    [MANAGE_DESTROY] = { OPERATION_DESTROY, "destroyed" }, [MANAGE_SHUT_DOWN] = { OPERATION_SHUT_DOWN, "stopped" },
};

static void control(const void *payload, struct answer *a)
{
    const struct manage_control *c = payload;
    struct supervised_vm s;
    struct problem why;

    if (!supervise_look(c->vm, &s)) {
        refuse(a, MANAGE_EVM);
    } else if (c->what >= sizeof controls / sizeof controls[0] || controls[c->what].done == NULL) {
        refuse(a, MANAGE_EUNSUPPORTED);
    } else if (!supervise_operate(c->vm, controls[c->what].operation, &why)) {
        refuse_saying(a, MANAGE_EFAILED, &why);
    } else {
        say("%s: %s by its manager", s.vm->config->name, s.life->stop_by ? "told to stop" : controls[c->what].done);
        refuse(a, MANAGE_OK);
    }
}

static void tell_log(const void *payload, struct answer *a)
{
    uint64_t position = ((const struct manage_log *)payload)->position;
    uint32_t bytes = log_read(&position, a->bytes + sizeof a->log, sizeof a->bytes - sizeof a->log);

    a->log = (struct manage_log_text){ .bytes = bytes, .first = position, .next = position + bytes };
    a->length = (uint32_t)sizeof a->log + bytes;
}

static const struct {
    uint32_t length;        /* of the payload */
    void (*answer)(const void *payload, struct answer *a);
} requests[] = {
    [MANAGE_MACHINE] = { 0, tell_machine },
    [MANAGE_VM] = { sizeof(struct manage_which), tell_vm },
    [MANAGE_VCPU] = { sizeof(struct manage_which), tell_vcpu },
    [MANAGE_CONTROL] = { sizeof(struct manage_control), control },
    [MANAGE_LOG] = { sizeof(struct manage_log), tell_log },
};

static void answer_one(struct manager_slot *slot)
{
    uint32_t type = slot->type, length = slot->length;
    _Alignas(8) uint8_t payload[16];
    static struct answer a;

    if (type >= sizeof requests / sizeof requests[0] || requests[type].answer == NULL) {
        refuse(&a, MANAGE_ETYPE);
    } else if (length != requests[type].length) {
        refuse(&a, MANAGE_EPAYLOAD);
    } else {
        memcpy(payload, slot->payload, length);
        requests[type].answer(payload, &a);
    }
    memcpy(slot->payload, a.bytes, a.length);
    slot->length = a.length;
    atomic_store_explicit(&slot->state, SLOT_ANSWERED, memory_order_release);
}

void manage_answer(void)
{
    struct manager_slot *slots = manager_slots();
    bool answered = false;

    for (unsigned i = 0; slots && i < MANAGER_SLOTS; i++)
        if (atomic_load_explicit(&slots[i].state, memory_order_acquire) == SLOT_ASKED) {
            answer_one(&slots[i]);
            answered = true;
        }
    if (answered)
        manager_tell();
}
