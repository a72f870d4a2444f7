/* SPDX-License-Identifier: Apache-2.0 */
#include "devices.h"

#include <stdatomic.h>
#include <stdbool.h>

#include "belay/console.h"
#include "cfi.h"
#include "fw_cfg.h"
#include "lib/cpu.h"
#include "pl031.h"
#include "pl061.h"
#include "slot.h"

#define NEVER    UINT64_MAX
#define NOW      1u             /* has passed */
#define SOON     0x10000u       /* ticks after which the worker looks again at what was just being changed */
#define HOLD_HZ  10u            /* a key is down for so long at least, longer than a driver waits for it to settle */
#define KEY      (1u << HANDSET_POWER_KEY)

/* The registers, which only handlers that have the lock write, and what others look at. Zeroed: after reset. */
struct device_state {
    struct pl031 rtc;
    struct fw_cfg fw_cfg;
    struct cfi flash;           /* of the second bank */
    _Atomic uint64_t alarm;     /* the counter from which on the RTC's line is high; 0: it stays low */
    _Atomic uint64_t gpio;      /* struct pl061 */
    _Atomic uint64_t pressed;   /* since when the power key is down; 0: it is not */
    _Atomic uint32_t noticed;   /* the guest has read that it is */
};

struct device_live {
    _Atomic uint32_t locked;                /* by a vCPU */
    _Atomic uint32_t line[HANDSET_LINES];   /* as last set, plus 1; 0: not known */
};

static PERSIST struct device_state states[BELAY_VMS_MAX];
static struct device_live live[BELAY_VMS_MAX];
static _Atomic uint64_t due;            /* when the worker looks next */

static uint64_t seconds_now(const struct handset_clock *c)
{
    return c->seconds + (counter_now() - c->ticks) / counter_hz();
}

static uint64_t ticks_at(const struct handset_clock *c, uint64_t seconds)
{
    if (seconds <= c->seconds)
        return NOW;
    return seconds - c->seconds < NEVER / 4 / counter_hz() ? c->ticks + (seconds - c->seconds) * counter_hz() : NEVER;
}

/* With its input as it is by now. */
static struct pl061 gpio_of(unsigned i)
{
    const union { uint64_t word; struct pl061 g; } kept = { .word = states[i].gpio };
    struct pl061 g = kept.g;

    pl061_drive(&g, states[i].pressed ? KEY : 0);
    return g;
}

static void keep_gpio(unsigned i, const struct pl061 *g)
{
    const union { struct pl061 g; uint64_t word; } kept = { .g = *g };

    _Static_assert(sizeof(struct pl061) == sizeof(uint64_t), "read and written at one moment");
    states[i].gpio = kept.word;
}

static uint32_t level_of(unsigned i, enum handset_line line)
{
    uint64_t alarm = states[i].alarm;
    struct pl061 g;

    if (line == HANDSET_LINE_RTC)
        return alarm != 0 && counter_now() >= alarm;
    g = gpio_of(i);
    return pl061_interrupts(&g) != 0;
}

/*
 * Handlers and the worker set a line, and each looks again after it did: so who is last leaves it right. False: to be
 * called once more.
 */
static bool drive_line(unsigned i, enum handset_line line)
{
    uint32_t level = level_of(i, line);

    if (live[i].line[line] == level + 1)
        return true;
    live[i].line[line] = level + 1;
    (void)hc_line_set(CONSOLE_H_DEVICES + i * HANDSET_LINES + line, level); /* fails for a VM that is gone: nobody hears */
    if (level_of(i, line) == level)
        return true;
    live[i].line[line] = 0;
    return false;
}

static uint64_t release_at(unsigned i)
{
    uint64_t pressed = states[i].pressed;

    return pressed && states[i].noticed ? pressed + counter_hz() / HOLD_HZ : NEVER;
}

/* When a device does something by itself. */
static uint64_t next_of(unsigned i, uint64_t now)
{
    uint64_t alarm = states[i].alarm, release = release_at(i);

    if (alarm <= now)
        return release;
    return alarm < release ? alarm : release;
}

/* The worker is to look then, if not earlier. True: it did not know. */
static bool want(uint64_t at)
{
    uint64_t old = due;

    while (at < old)
        if (atomic_compare_exchange_weak(&due, &old, at))
            return true;
    return false;
}

static void want_and_wake(uint64_t at)
{
    if (want(at))
        (void)hc_notify(SERVICE_H_WAKE, CONSOLE_BIT_DEVICES);
}

/* Only vCPUs of the same VM meet here: what one loses by waiting is the VM's own time. */
static void lock(unsigned i)
{
    while (atomic_exchange_explicit(&live[i].locked, 1, memory_order_acquire) != 0)
        (void)hc_yield();
}

static void unlock(unsigned i)
{
    atomic_store_explicit(&live[i].locked, 0, memory_order_release);
}

/* What has changed by an access. Bound: each turn but the first is another change by the VM, or the worker's at its time. */
static void settle(unsigned i, enum handset_line line)
{
    uint64_t now = counter_now();

    while (!drive_line(i, line)) {}
    want_and_wake(next_of(i, now));
}

static uint64_t access_rtc(unsigned i, const struct handset_clock *c, uint64_t offset, uint64_t access, uint64_t value)
{
    struct pl031 *r = &states[i].rtc;
    uint64_t now = seconds_now(c), at;

    if ((access & BELAY_ACCESS_WRITE) == 0)
        return pl031_read(r, now, offset, BELAY_ACCESS_SIZE(access));
    pl031_write(r, now, offset, BELAY_ACCESS_SIZE(access), value);
    at = pl031_interrupt_at(r, now);
    states[i].alarm = at == PL031_NEVER ? 0 : at <= now ? NOW : ticks_at(c, at);
    settle(i, HANDSET_LINE_RTC);
    return 0;
}

static uint64_t access_gpio(unsigned i, uint64_t offset, uint64_t access, uint64_t value)
{
    struct pl061 g = gpio_of(i);
    uint64_t result = 0;

    if (access & BELAY_ACCESS_WRITE)
        pl061_write(&g, offset, BELAY_ACCESS_SIZE(access), value);
    else
        result = pl061_read(&g, offset, BELAY_ACCESS_SIZE(access));
    keep_gpio(i, &g);
    if (offset < PL061_DIR && (result & KEY))
        states[i].noticed = 1;
    settle(i, HANDSET_LINE_GPIO);
    return result;
}

static struct fw_cfg_bytes found(const struct handset_range *r)
{
    return (struct fw_cfg_bytes){ (const uint8_t *)(uintptr_t)r->at, (uint32_t)r->bytes };
}

static struct fw_cfg_items items_of(unsigned i, const struct handset_config *c)
{
    const struct handset_boot *b = &c->boot[i];

    return (struct fw_cfg_items){ c->vcpus[i], found(&b->kernel), found(&b->initrd), found(&b->cmdline),
                                  { (uint8_t *)(uintptr_t)b->ram.at, b->ram.bytes, HANDSET_RAM } };
}

static uint64_t access_fw_cfg(unsigned i, const struct handset_config *c, uint64_t offset, uint64_t access, uint64_t value)
{
    const struct fw_cfg_items items = items_of(i, c);

    if ((access & BELAY_ACCESS_WRITE) == 0)
        return fw_cfg_read(&states[i].fw_cfg, &items, offset, BELAY_ACCESS_SIZE(access));
    fw_cfg_write(&states[i].fw_cfg, &items, offset, BELAY_ACCESS_SIZE(access), value);
    return 0;
}

struct portal_reply devices_access(unsigned vm, const struct handset_config *config, uint64_t offset, uint64_t access,
                                   uint64_t value)
{
    uint64_t within = offset % HANDSET_DEVICE_BYTES, result;
    bool write = access & BELAY_ACCESS_WRITE;

    if (offset - HANDSET_SLOTS_OFFSET < HANDSET_SLOTS_BYTES)
        return (struct portal_reply){ write ? 0 : slot_read(offset % HANDSET_SLOT_BYTES, BELAY_ACCESS_SIZE(access)), 0 };
    lock(vm);
    switch (offset - within) {
    case HANDSET_RTC - HANDSET_DEVICES:  result = access_rtc(vm, &config->clock, within, access, value); break;
    case HANDSET_FW_CFG - HANDSET_DEVICES: result = access_fw_cfg(vm, config, within, access, value); break;
    case HANDSET_GPIO - HANDSET_DEVICES: result = access_gpio(vm, within, access, value); break;
    default:
        unlock(vm);
        return (struct portal_reply){ 0, BELAY_ACCESS_ABORT };
    }
    unlock(vm);
    return (struct portal_reply){ result, 0 };
}

/* The first bank's image is mapped; what comes here is behind it, and can't be written. */
static uint64_t access_flash(unsigned i, const struct cfi_store *store, uint64_t offset, uint64_t access, uint64_t value)
{
    static const struct cfi rom;
    bool second = offset >= HANDSET_FLASH_BANK;
    const struct cfi_store none = { 0 };

    if ((access & BELAY_ACCESS_WRITE) == 0)
        return cfi_read(second ? &states[i].flash : &rom, second ? store : &none, offset % HANDSET_FLASH_BANK,
                        BELAY_ACCESS_SIZE(access));
    if (second)
        cfi_write(&states[i].flash, store, offset - HANDSET_FLASH_BANK, BELAY_ACCESS_SIZE(access), value);
    return 0;
}

struct portal_reply devices_flash(unsigned vm, const struct handset_config *config, uint64_t offset, uint64_t access,
                                  uint64_t value)
{
    const struct cfi_store store = { (uint8_t *)(uintptr_t)config->flash[vm], config->flash[vm] ? HANDSET_FLASH_STORED : 0 };
    uint64_t result;

    lock(vm);
    result = access_flash(vm, &store, offset, access, value);
    unlock(vm);
    return (struct portal_reply){ result, 0 };
}

void devices_reset(unsigned vm)
{
    struct device_state *s = &states[vm];

    s->rtc = (struct pl031){ 0 };
    s->fw_cfg = (struct fw_cfg){ 0 };
    s->flash = (struct cfi){ 0 };
    s->alarm = s->gpio = s->pressed = 0;
    s->noticed = 0;
    live[vm].locked = 0;
    for (unsigned line = 0; line < HANDSET_LINES; line++)
        live[vm].line[line] = 0;
    want_and_wake(NOW);
}

void devices_press(unsigned vm)
{
    if (states[vm].pressed)
        return;
    states[vm].noticed = 0;
    states[vm].pressed = counter_now() | 1;
    want_and_wake(NOW);
}

static void release_key(unsigned i)
{
    uint64_t pressed = states[i].pressed;

    if (release_at(i) <= counter_now())
        (void)atomic_compare_exchange_strong(&states[i].pressed, &pressed, 0);
}

static uint64_t look(unsigned i)
{
    uint64_t now = counter_now();
    bool settled = true;

    release_key(i);
    for (unsigned line = 0; line < HANDSET_LINES; line++)
        settled &= drive_line(i, (enum handset_line)line);
    return settled ? next_of(i, now) : now + SOON;
}

/* What is wanted while it looks, stays wanted. */
void devices_look(void)
{
    if (due > counter_now())
        return;
    due = NEVER;
    for (unsigned i = 0; i < BELAY_VMS_MAX; i++)
        (void)want(look(i));
}

uint64_t devices_due(void)
{
    return due;
}
