/* SPDX-License-Identifier: Apache-2.0 */
#include "target.h"

#include <string.h>

#include "breakpoints.h"
#include "lib/cpu.h"
#include "lib/hypercall.h"
#include "lib/service.h"
#include "walk.h"

#define PATIENCE    1000u           /* attempts, TRY_HZ a second: a change of the VM's state takes microseconds */
#define TRY_HZ      1000u
#define PC_ALIGNED  (~UINT64_C(3))

/* Exception classes of a debug exception (Arm ARM, D17.2.37). */
#define CLASS(esr)      ((unsigned)((esr) >> 26) & 0x3f)
#define CLASS_HARDWARE  0x30
#define CLASS_STEP      0x32
#define CLASS_WATCH     0x34
#define CLASS_BKPT32    0x38
#define CLASS_BRK       0x3c

static const struct gdb_config *config;
static uint8_t *ram;
static PERSIST bool attached;
static bool heard;                  /* something, while something else was waited for */

/* The BRK of the guest's own that each vCPU is stopped at. */
static struct own_break { bool is; uint64_t pc; } own[BELAY_VCPUS_MAX];

unsigned target_vcpus(void)
{
    return config->vcpus < BELAY_VCPUS_MAX ? config->vcpus : BELAY_VCPUS_MAX;
}

/* Another change of the VM's state goes on, or another waits for one: this is tried again soon. */
static bool try_again(int error, unsigned *tries)
{
    uint64_t bits;

    if ((error != BELAY_EAGAIN && error != BELAY_EBUSY) || ++*tries == PATIENCE)
        return false;
    heard |= service_wait(counter_now() + counter_hz() / TRY_HZ, &bits) == BELAY_OK;
    return true;
}

void target_wait(void)
{
    uint64_t bits;

    if (!heard && service_wait(0, &bits) != BELAY_OK)
        __builtin_trap();               /* the steward tells where */
    heard = false;
}

static int change_hold(int (*how)(handle_t domain, unsigned hold))
{
    unsigned tries = 0;
    int error;

    do {
        error = how(GDB_H_VM, BELAY_HOLD_DEBUGGER);
    } while (try_again(error, &tries));
    return error;
}

static int hold(void)
{
    return change_hold(hc_domain_pause);
}

static int release(void)
{
    return change_hold(hc_domain_resume);
}

/* The nucleus changes whom it is debugged by while it does not run; it may begin to between two calls. */
static int set_debugger(handle_t notification)
{
    unsigned tries = 0;
    int error;

    do {
        error = hc_domain_pause(GDB_H_VM, BELAY_HOLD_DEBUGGER);     /* ESTATE: it is down: does not run either */
        if (error == BELAY_OK || error == BELAY_ESTATE)
            error = hc_debug(GDB_H_VM, notification, GDB_BIT_VM);
        if (error == BELAY_ESTATE)
            error = BELAY_EAGAIN;
    } while (try_again(error, &tries));
    return error;
}

/* A service that died may have left the VM debugged. */
void target_init(const struct gdb_config *c, uint8_t *at)
{
    config = c;
    ram = at;
    heard = false;
    if (attached)
        (void)hold();
    breakpoints_init(at, c->ram, c->ram_bytes);
    target_detach();
}

bool target_attach(void)
{
    memset(own, 0, sizeof own);
    attached = attached || set_debugger(GDB_H_WAKE) == BELAY_OK;
    (void)hc_notify(GDB_H_STEWARD, GDB_BIT_STEWARD);
    return attached;
}

void target_detach(void)
{
    if (!attached)
        return;
    (void)hold();
    breakpoints_clear();
    (void)set_debugger(0);
    (void)release();
    (void)hc_notify(GDB_H_STEWARD, GDB_BIT_STEWARD);
    attached = false;
}

void target_stop(void)
{
    (void)hold();
}

bool target_regs(unsigned vcpu, unsigned first, unsigned n, uint64_t *values)
{
    uint64_t six[6];

    for (unsigned i = 0; i < n; i++) {
        if (i % 6 == 0 && hc_regs(GDB_H_VCPU + vcpu, first + i, six) != BELAY_OK)
            return false;
        values[i] = six[i % 6];
    }
    return true;
}

bool target_set_reg(unsigned vcpu, unsigned reg, uint64_t value)
{
    return hc_regs_write(GDB_H_VCPU + vcpu, reg, value) == BELAY_OK;
}

bool target_is_on(unsigned vcpu)
{
    uint64_t on;

    return !target_regs(vcpu, BELAY_REG_ON, 1, &on) || on;      /* what can't be looked at runs */
}

bool target_is_down(void)
{
    for (unsigned i = 0; i < target_vcpus(); i++)
        if (target_is_on(i))
            return false;
    return true;
}

/* Of a vCPU that a BRK stopped: one of the debugger's? */
static enum stop_kind whose_break(unsigned vcpu)
{
    uint64_t pc, pa, left;

    own[vcpu].is = false;
    if (!target_regs(vcpu, BELAY_REG_PC, 1, &pc))
        return STOP_BREAK;
    if (target_translate(vcpu, pc, &pa, &left) && soft_is_at(pa & PC_ALIGNED))
        return STOP_BREAK;
    own[vcpu] = (struct own_break){ true, pc };
    return STOP_OWN_BREAK;
}

static enum stop_kind kind_of(unsigned vcpu, uint64_t esr)
{
    switch (CLASS(esr)) {
    case CLASS_HARDWARE: return STOP_HARDWARE;
    case CLASS_STEP:     return STOP_STEP;
    case CLASS_WATCH:    return STOP_WATCH;
    case CLASS_BRK:
    case CLASS_BKPT32:   return whose_break(vcpu);
    default:             return STOP_NONE;
    }
}

/* The first counts; another that stopped at the same time does so again when it goes on. */
bool target_stopped(struct stop *stop)
{
    bool found = false;

    for (unsigned i = 0; i < target_vcpus(); i++) {
        uint64_t why[2];        /* STOP_ESR, STOP_FAR */
        if (!target_regs(i, BELAY_REG_STOP_ESR, 2, why) || why[0] == 0)
            continue;
        if (!found && hold() != BELAY_OK)
            return false;
        enum stop_kind kind = kind_of(i, why[0]);
        if (!found)
            *stop = (struct stop){ kind, i, why[1] };
        found = true;
    }
    return found;
}

/* What stopped it is over; at a BRK of the guest's own it goes on with the exception. Its PC may have been changed since. */
static void forget_stop(unsigned vcpu)
{
    uint64_t pc;
    bool passed = own[vcpu].is && target_regs(vcpu, BELAY_REG_PC, 1, &pc) && pc == own[vcpu].pc &&
                  hc_debug_pass(GDB_H_VCPU + vcpu) == BELAY_OK;

    own[vcpu].is = false;
    if (!passed)
        (void)target_set_reg(vcpu, BELAY_REG_STOP_ESR, 0);
}

/* One that is held comes to where it stopped once more when it goes on. */
bool target_go(const enum action action[BELAY_VCPUS_MAX])
{
    for (unsigned i = 0; i < target_vcpus(); i++) {
        own[i].is &= action[i] != ACTION_HOLD;
        forget_stop(i);
        (void)target_set_reg(i, BELAY_REG_HELD, action[i] == ACTION_HOLD);
        (void)target_set_reg(i, BELAY_REG_STEP, action[i] == ACTION_STEP);
    }
    return release() == BELAY_OK;
}

/* How many of the bytes from there on are RAM. */
static size_t in_ram(uint64_t pa, uint64_t bytes)
{
    uint64_t offset = pa - config->ram;

    if (offset >= config->ram_bytes)
        return 0;
    return config->ram_bytes - offset < bytes ? config->ram_bytes - offset : bytes;
}

size_t target_read_physical(uint64_t pa, void *to, size_t bytes)
{
    size_t n = in_ram(pa, bytes);

    memcpy(to, ram + (n ? pa - config->ram : 0), n);
    soft_hide(pa, to, n);
    return n;
}

static bool read_descriptor(uint64_t pa, uint64_t *descriptor)
{
    return target_read_physical(pa, descriptor, sizeof *descriptor) == sizeof *descriptor;
}

bool target_translate(unsigned vcpu, uint64_t va, uint64_t *pa, uint64_t *left)
{
    uint64_t r[6];              /* SCTLR_EL1, VBAR_EL1, TTBR0_EL1, TTBR1_EL1, TCR_EL1 */

    if (!target_regs(vcpu, BELAY_REG_SCTLR_EL1, 5, r))
        return false;
    struct walk w = { .sctlr = r[0], .ttbr0 = r[2], .ttbr1 = r[3], .tcr = r[4], .read = read_descriptor };
    return walk(&w, va, pa, left);
}

/* A piece of a range that is in one place, and RAM: its bytes, 0 when there is none. */
static size_t piece(unsigned vcpu, uint64_t va, size_t bytes, uint64_t *pa)
{
    uint64_t left;

    if (!target_translate(vcpu, va, pa, &left))
        return 0;
    return in_ram(*pa, left < bytes ? left : bytes);
}

size_t target_read(unsigned vcpu, uint64_t va, void *to, size_t bytes)
{
    size_t done = 0, n;
    uint64_t pa;

    for (; done < bytes && (n = piece(vcpu, va + done, bytes - done, &pa)) > 0; done += n)
        (void)target_read_physical(pa, (uint8_t *)to + done, n);
    return done;
}

bool target_write(unsigned vcpu, uint64_t va, const void *from, size_t bytes)
{
    size_t done = 0, n;
    uint64_t pa;

    for (; done < bytes && (n = piece(vcpu, va + done, bytes - done, &pa)) > 0; done += n) {
        uint8_t *at = ram + (pa - config->ram);
        memcpy(at, (const uint8_t *)from + done, n);
        cache_sync_code(at, n);
        soft_keep(pa, n);
    }
    return done == bytes;
}
