/* SPDX-License-Identifier: Apache-2.0 */
/* The steward's answers to what the manager passes on. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "lib/cpu.h"
#include "lib/hypercall.h"
#include "steward/log.h"
#include "steward/manage.h"
#include "steward/manager.h"
#include "steward/memory.h"
#include "steward/supervise.h"
#include "steward/voice.h"

static struct manager_slot slots[MANAGER_SLOTS];
static bool there = true;
static unsigned told, controls;
static struct { enum operation what; uint32_t vm; } last;
static bool refuses;
static struct lifecycle life;
static struct hypercall_result late;        /* of LATENESS */

static struct vm vms[2];
static struct config config = {
    .vms = 2, .steward.timing.priority = 120,
    .vm = { { .name = "phone", .memory = 4096, .vcpus = 2, .cpu = { 0, 3 }, .timing = { 10, 0, 0 } },
            { .name = "radio", .memory = 8192, .vcpus = 1, .timing = { 200, 300000, 1000000 } } },
};
static const struct belay_boot_info info = { .cpus = 4, .counter_hz = 1000, .boot_ticks = 500, .nucleus_bytes = 100 };
static const struct machine machine = { &info, NULL, &config };

struct hypercall_result hypercall(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                                  uint64_t a5)
{
    (void)a2, (void)a3, (void)a4, (void)a5;
    if (number == BELAY_HC_STATS)
        return (struct hypercall_result){ BELAY_OK, { 1000 * a0, 7, 2, 3, 4 } };
    if (number == BELAY_HC_LATENESS) {
        assert_int_equal(a0, 5);
        return late;
    }
    assert_int_equal(number, BELAY_HC_EXITS);
    assert_true(a1 == 0 || a1 == 8);            /* each cause as often as its number */
    return (struct hypercall_result){ BELAY_OK, { a1 | (a1 + 1) << 32, (a1 + 2) | (a1 + 3) << 32,
                                                  (a1 + 4) | (a1 + 5) << 32, (a1 + 6) | (a1 + 7) << 32 } };
}

uint64_t counter_now(void) { return 2500; }
uint64_t memory_of_pools(void) { return 11; }
struct manager_slot *manager_slots(void) { return there ? slots : NULL; }
bool manager_has_stream(unsigned number) { return number == MANAGER_STREAM(MANAGE_CONSOLE, 1); }
void manager_tell(void) { told++; }
void say(const char *format, ...) { (void)format; }
const struct machine *supervise_machine(void) { return &machine; }

bool supervise_look(uint32_t i, struct supervised_vm *v)
{
    if (i < 2)
        *v = (struct supervised_vm){ &vms[i], &life };
    return i < 2;
}

bool supervise_operate(uint32_t vm, enum operation what, struct problem *why)
{
    controls++;
    last.what = what;
    last.vm = vm;
    strcpy(why->text, "it does not like to");
    return !refuses;
}

static int setup(void **state)
{
    (void)state;
    memset(slots, 0, sizeof(slots));
    there = true;
    refuses = false;
    life = (struct lifecycle){ .life = LIFE_RUNNING, .restarts = 5 };
    late = (struct hypercall_result){ BELAY_OK, { 0 } };
    told = controls = 0;
    for (unsigned i = 0; i < 2; i++)
        vms[i] = (struct vm){ .config = &config.vm[i], .ran = true, .started = 1500, .vcpu = { 1 + i, 5 } };
    return 0;
}

/* By the last slot; the answer's bytes are in it. */
static uint32_t ask(uint32_t type, const void *payload, uint32_t length)
{
    struct manager_slot *s = &slots[MANAGER_SLOTS - 1];
    uint32_t error;

    s->type = type;
    s->length = length;
    if (length <= sizeof(s->payload) && length)
        memcpy(s->payload, payload, length);
    s->state = SLOT_ASKED;
    manage_answer();
    assert_int_equal(s->state, SLOT_ANSWERED);
    assert_true(s->length >= sizeof(error) && s->length <= MANAGE_PAYLOAD);
    memcpy(&error, s->payload, sizeof(error));
    return error;
}

#define ANSWER(type) ((const struct type *)(const void *)slots[MANAGER_SLOTS - 1].payload)

static void a_vm_is_told_of_as_it_is(void **state)
{
    (void)state;
    assert_int_equal(ask(MANAGE_VM, &(struct manage_which){ 1, 0 }, sizeof(struct manage_which)), MANAGE_OK);
    const struct manage_vm *vm = ANSWER(manage_vm);
    assert_string_equal(vm->name, "radio");
    assert_int_equal(vm->state, MANAGE_RUNNING);
    assert_int_equal(vm->priority, 200);
    assert_int_equal(vm->restarts, 5);
    assert_int_equal(vm->streams, 1 << MANAGE_CONSOLE);
    assert_int_equal(vm->since, 1000);
    assert_int_equal(vm->ticks, 2000);
    assert_int_equal(vm->period_ns, 1000000);
}

static void a_vcpu_is_told_of_with_its_exits_by_cause(void **state)
{
    (void)state;
    assert_int_equal(ask(MANAGE_VCPU, &(struct manage_which){ 0, 1 }, sizeof(struct manage_which)), MANAGE_OK);
    const struct manage_vcpu *v = ANSWER(manage_vcpu);
    assert_int_equal(v->cpu, 3);
    assert_int_equal(v->ticks, 5000);
    assert_int_equal(v->overruns, 2);
    assert_int_equal(v->exits[MANAGE_CAUSE_WAIT], BELAY_EXIT_WAIT);
    assert_int_equal(v->exits[MANAGE_CAUSE_CALL], BELAY_EXIT_CALL);
    assert_int_equal(v->exits[MANAGE_CAUSE_DEVICE], BELAY_EXIT_DEVICE);
    assert_int_equal(v->exits[MANAGE_CAUSE_INTERRUPT], BELAY_EXIT_INTERRUPT);
    uint32_t all = 0;
    for (unsigned i = 0; i < MANAGE_CAUSES; i++)
        all += v->exits[i];
    assert_int_equal(all, 15 * 16 / 2);
}

static void assert_late(uint32_t wakes, uint64_t total, uint64_t worst)
{
    assert_int_equal(ask(MANAGE_VCPU, &(struct manage_which){ 0, 1 }, sizeof(struct manage_which)), MANAGE_OK);
    assert_int_equal(slots[MANAGER_SLOTS - 1].length, 80);
    const struct manage_vcpu *v = ANSWER(manage_vcpu);
    assert_int_equal(v->wakes, wakes);
    assert_int_equal(v->late_total, total);
    assert_int_equal(v->late_worst, worst);
}

static void how_late_a_vcpu_was_has_its_last_wake_and_what_it_is_late_by_now(void **state)
{
    (void)state;
    late = (struct hypercall_result){ BELAY_OK, { 7, 100, 40 } };
    assert_late(7, 100, 40);
    late.v[3] = 30;                         /* the last */
    assert_late(8, 130, 40);
    late.v[3] = 50;
    assert_late(8, 150, 50);
    late.v[3] = UINT64_MAX;                 /* less than nothing */
    assert_late(7, 100, 40);
    late.v[4] = 3000;                       /* its timer is to come */
    assert_late(7, 100, 40);
    late.v[4] = 2490;
    assert_late(7, 100, 40);
    late.v[4] = 2400;
    assert_late(7, 100, 100);
    late = (struct hypercall_result){ BELAY_EHANDLE, { 7, 100, 40, 50, 2400 } };
    assert_late(0, 0, 0);
}

static void the_machine_is_told_of(void **state)
{
    (void)state;
    assert_int_equal(ask(MANAGE_MACHINE, NULL, 0), MANAGE_OK);
    const struct manage_machine *m = ANSWER(manage_machine);
    assert_int_equal(m->vms, 2);
    assert_int_equal(m->cpus, 4);
    assert_int_equal(m->now, 2000);
    assert_int_equal(m->nucleus_bytes, 111);
}

static void vms_and_vcpus_that_there_are_not_are_refused(void **state)
{
    static const struct manage_which bad[] = { { 2, 0 }, { 65535, 0 }, { 0, 2 }, { 1, 1 }, { 0, 65535 } };

    (void)state;
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
        assert_int_equal(ask(MANAGE_VCPU, &bad[i], sizeof(bad[i])), MANAGE_EVM);
    assert_int_equal(ask(MANAGE_VM, &bad[0], sizeof(bad[0])), MANAGE_EVM);
    assert_int_equal(ask(MANAGE_CONTROL, &(struct manage_control){ 2, MANAGE_STOP }, 4), MANAGE_EVM);
    assert_int_equal(controls, 0);
}

static void each_control_does_its_own(void **state)
{
    static const enum operation does[] = {
        [MANAGE_START] = OPERATION_START, [MANAGE_STOP] = OPERATION_STOP, [MANAGE_PAUSE] = OPERATION_PAUSE,
        [MANAGE_RESUME] = OPERATION_RESUME, [MANAGE_RESET] = OPERATION_RESET, [MANAGE_CREATE] = OPERATION_CREATE,
        [MANAGE_DESTROY] = OPERATION_DESTROY, [MANAGE_SHUT_DOWN] = OPERATION_SHUT_DOWN,
    };

    (void)state;
    for (uint16_t what = MANAGE_START; what <= MANAGE_SHUT_DOWN; what++) {
        assert_int_equal(ask(MANAGE_CONTROL, &(struct manage_control){ what & 1, what }, 4), MANAGE_OK);
        assert_int_equal(last.what, does[what]);
        assert_int_equal(last.vm, what & 1);
    }
    controls = 0;
    assert_int_equal(ask(MANAGE_CONTROL, &(struct manage_control){ 0, 0 }, 4), MANAGE_EUNSUPPORTED);
    assert_int_equal(ask(MANAGE_CONTROL, &(struct manage_control){ 0, MANAGE_SHUT_DOWN + 1 }, 4), MANAGE_EUNSUPPORTED);
    assert_int_equal(ask(MANAGE_CONTROL, &(struct manage_control){ 0, 65535 }, 4), MANAGE_EUNSUPPORTED);
    assert_int_equal(controls, 0);
}

static void a_vm_that_was_told_to_stop_is_one_that_stops_till_it_has(void **state)
{
    (void)state;
    assert_int_equal(ask(MANAGE_VM, &(struct manage_which){ 1, 0 }, 4), MANAGE_OK);
    assert_int_equal(ANSWER(manage_vm)->stops, 0);
    life.stop_by = 77;
    assert_int_equal(ask(MANAGE_VM, &(struct manage_which){ 1, 0 }, 4), MANAGE_OK);
    assert_int_equal(ANSWER(manage_vm)->stops, 1);
}

static void the_state_of_a_vm_is_where_it_is_in_its_life(void **state)
{
    static const struct { enum life life; bool failed; uint32_t is; } all[] = {
        { LIFE_ABSENT, false, MANAGE_ABSENT }, { LIFE_ABSENT, true, MANAGE_FAILED }, { LIFE_STOPPED, false, MANAGE_STOPPED },
        { LIFE_STOPPED, true, MANAGE_FAILED }, { LIFE_RUNNING, false, MANAGE_RUNNING }, { LIFE_PAUSED, false, MANAGE_PAUSED },
        { LIFE_ENDED, false, MANAGE_OFF }, { LIFE_ENDED, true, MANAGE_FAILED }, { LIFE_WAITING, true, MANAGE_WAITS },
    };

    (void)state;
    for (size_t i = 0; i < sizeof(all) / sizeof(all[0]); i++) {
        life = (struct lifecycle){ .life = all[i].life, .failed = all[i].failed };
        assert_int_equal(ask(MANAGE_VM, &(struct manage_which){ 0, 0 }, sizeof(struct manage_which)), MANAGE_OK);
        assert_int_equal(ANSWER(manage_vm)->state, all[i].is);
    }
}

static void what_could_not_be_done_says_why(void **state)
{
    (void)state;
    refuses = true;
    assert_int_equal(ask(MANAGE_CONTROL, &(struct manage_control){ 0, MANAGE_STOP }, 4), MANAGE_EFAILED);
    assert_int_equal(slots[MANAGER_SLOTS - 1].length, 4 + strlen("it does not like to"));
    assert_memory_equal(slots[MANAGER_SLOTS - 1].payload + 4, "it does not like to", strlen("it does not like to"));
}

static void requests_of_no_type_or_length_that_there_is_are_refused(void **state)
{
    static const uint8_t zeros[MANAGE_PAYLOAD];

    (void)state;
    assert_int_equal(ask(0, NULL, 0), MANAGE_ETYPE);
    assert_int_equal(ask(MANAGE_HELLO, zeros, 4), MANAGE_ETYPE);
    assert_int_equal(ask(MANAGE_OPEN, zeros, 8), MANAGE_ETYPE);
    assert_int_equal(ask(UINT32_MAX, zeros, 8), MANAGE_ETYPE);
    for (uint32_t type = MANAGE_MACHINE; type <= MANAGE_LOG; type++) {
        assert_int_equal(ask(type, zeros, 13), MANAGE_EPAYLOAD);
        assert_int_equal(ask(type, zeros, UINT32_MAX), MANAGE_EPAYLOAD);
    }
}

static void the_log_comes_in_pieces_from_where_one_has_read(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 100; i++)
        log_add(i, "phone: stopped by its manager");
    assert_int_equal(ask(MANAGE_LOG, &(struct manage_log){ 0 }, 8), MANAGE_OK);
    struct manage_log_text t = *ANSWER(manage_log_text);
    assert_int_equal(t.bytes, MANAGE_PAYLOAD - sizeof(t));
    assert_int_equal(t.next, t.first + t.bytes);
    assert_int_equal(ask(MANAGE_LOG, &(struct manage_log){ UINT64_MAX }, 8), MANAGE_OK);
    assert_int_equal(ANSWER(manage_log_text)->bytes, 0);
}

static void all_that_are_asked_are_answered_and_the_manager_is_told_once(void **state)
{
    (void)state;
    for (unsigned i = 0; i < MANAGER_SLOTS; i++) {
        slots[i].type = MANAGE_MACHINE;
        slots[i].state = i % 3;                 /* free, asked, answered */
    }
    manage_answer();
    assert_int_equal(told, 1);
    for (unsigned i = 0; i < MANAGER_SLOTS; i++)
        assert_int_equal(slots[i].state, i % 3 == SLOT_FREE ? SLOT_FREE : SLOT_ANSWERED);
    manage_answer();
    assert_int_equal(told, 1);
    there = false;
    manage_answer();
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup(name, setup)
    const struct CMUnitTest tests[] = {
        TEST(a_vm_is_told_of_as_it_is), TEST(a_vcpu_is_told_of_with_its_exits_by_cause), TEST(the_machine_is_told_of),
        TEST(how_late_a_vcpu_was_has_its_last_wake_and_what_it_is_late_by_now),
        TEST(a_vm_that_was_told_to_stop_is_one_that_stops_till_it_has),
        TEST(vms_and_vcpus_that_there_are_not_are_refused), TEST(each_control_does_its_own),
        TEST(what_could_not_be_done_says_why), TEST(the_state_of_a_vm_is_where_it_is_in_its_life),
        TEST(requests_of_no_type_or_length_that_there_is_are_refused),
        TEST(the_log_comes_in_pieces_from_where_one_has_read),
        TEST(all_that_are_asked_are_answered_and_the_manager_is_told_once),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
