/* SPDX-License-Identifier: Apache-2.0 */
#include "vm.h"

#include <string.h>

#include "belay/console.h"
#include "console.h"
#include "gdb.h"
#include "handset.h"
#include "lib/cpu.h"
#include "load.h"
#include "pool.h"
#include "tag.h"
#include "ticks.h"
#include "voice.h"
#include "watchdog.h"

#define VM_HANDLES 4u
#define CLEAN_MAX  (UINT64_C(16) << 20)     /* larger memories are not zeroed before another run of the same VM */

#define READ_WRITE (BELAY_MAP_READ | BELAY_MAP_WRITE)

static bool failed(const char *what, int error, struct problem *why)
{
    return problem(why, "%s: error %d", what, error);
}

static bool overlaps(const struct host_range *r, uint64_t start, uint64_t bytes)
{
    return r->address < start + bytes && start < r->address + r->bytes;
}

/* A device is passed through at its own address, so none of the handset's own may be there. */
static bool has_place(const struct vm_config *c, const struct host_range *r)
{
    return r->bytes && r->address < (UINT64_C(1) << BELAY_IPA_BITS) && r->bytes < (UINT64_C(1) << BELAY_IPA_BITS) &&
           !overlaps(r, HANDSET_DIST, HANDSET_DIST_BYTES) && !overlaps(r, HANDSET_GICC, HANDSET_GICC_BYTES) &&
           !overlaps(r, HANDSET_REDIST, (uint64_t)HANDSET_REDIST_BYTES * c->vcpus) &&
           !(c->kind == VM_FIRMWARE && overlaps(r, HANDSET_FLASH, 2 * HANDSET_FLASH_BANK)) &&
           !overlaps(r, HANDSET_SLOTS, HANDSET_SLOTS_BYTES) && !overlaps(r, HANDSET_FW_CFG, HANDSET_DEVICE_BYTES) &&
           !(c->console && overlaps(r, HANDSET_UART, HANDSET_UART_BYTES)) &&
           !(c->manages && overlaps(r, HANDSET_LINK, HANDSET_UART_BYTES)) &&
           !(c->watchdog && overlaps(r, HANDSET_WATCHDOG, HANDSET_WATCHDOG_BYTES)) &&
           !overlaps(r, HANDSET_RAM, c->memory);
}

/* One of the host's that is where the VM would have its own, is what it has. */
static void take_places(struct vm *vm, const struct host_device *d)
{
    for (uint32_t i = 0; i < d->regs; i++) {
        vm->rtc = vm->rtc && !overlaps(&d->reg[i], HANDSET_RTC, HANDSET_DEVICE_BYTES);
        vm->gpio = vm->gpio && !overlaps(&d->reg[i], HANDSET_GPIO, HANDSET_DEVICE_BYTES);
    }
}

/* Looks up the devices that the configuration names. */
static bool find_devices(struct vm *vm, struct problem *why)
{
    const struct strings *s = &vm->config->devices;

    vm->devices = 0;
    vm->rtc = vm->gpio = true;
    for (uint32_t at = 0; at < s->bytes; at += (uint32_t)strlen(s->first + at) + 1) {
        const char *path = s->first + at;
        if (vm->devices == DEVICES_MAX)
            return problem(why, "more than %d devices", DEVICES_MAX);
        struct host_device *d = &vm->device[vm->devices];
        if (!host_find_device(vm->host, path, d, why))
            return false;
        for (uint32_t i = 0; i < d->regs; i++)
            if (!has_place(vm->config, &d->reg[i]))
                return problem(why, "%s: its registers are where the handset has its own", path);
        take_places(vm, d);
        vm->devices++;
    }
    return true;
}

static bool give_registers(const struct vm *vm, const char *device, const struct host_range *r, handle_t *handle,
                           struct problem *why)
{
    struct extent e;

    if (!memory_take_device(r->address, r->bytes, &e))
        return problem(why, "%s: registers at 0x%lx are not whole pages, or somebody has them", device,
                       (unsigned long)r->address);
    *handle = e.handle;
    int error = hc_map(vm->domain, e.handle, 0, r->address, r->bytes, READ_WRITE);
    return error == BELAY_OK || failed(device, error, why);
}

/* The guest sees the host's own interrupt number. */
static bool give_irq(const struct vm *vm, const char *device, const struct host_irq *irq, struct problem *why)
{
    handle_t h;

    if ((vm->config->console && irq->intid == HANDSET_UART_INTID) ||
        (vm->config->manages && irq->intid == HANDSET_LINK_INTID) ||
        (vm->rtc && irq->intid == HANDSET_RTC_INTID) || (vm->gpio && irq->intid == HANDSET_GPIO_INTID) ||
        (vm->config->watchdog && irq->intid == HANDSET_WATCHDOG_INTID))
        return problem(why, "%s: its interrupt %u is one of the handset's own", device, irq->intid);
    if (irq->intid >= HANDSET_INTIDS)
        return problem(why, "%s: the handset has no interrupt %u", device, irq->intid);
    int error = hc_irq_create(BELAY_H_MACHINE, irq->intid, irq->edge, &h);
    error = error ? error : hc_irq_assign(h, vm->domain, irq->intid);
    error = error ? error : hc_handle_close(h);
    return error == BELAY_OK || failed(device, error, why);
}

static bool give_devices(struct vm *vm, struct problem *why)
{
    for (uint32_t n = 0; n < vm->devices; n++) {
        const struct host_device *d = &vm->device[n];
        for (uint32_t i = 0; i < d->regs; i++)
            if (!give_registers(vm, d->name, &d->reg[i], &vm->registers[n][i], why))
                return false;
        for (uint32_t i = 0; i < d->irqs; i++)
            if (!give_irq(vm, d->name, &d->irq[i], why))
                return false;
    }
    return true;
}

static uint32_t device_ranges(const struct vm *vm)
{
    uint32_t n = 0;

    for (uint32_t i = 0; i < vm->devices; i++)
        n += vm->device[i].regs;
    return n;
}

static bool has_flash(const struct vm_config *c)
{
    return c->kind == VM_FIRMWARE;
}

/* A table for each block of it that its image fills: that need not lie in memory as blocks do. */
static uint64_t flash_tables(const struct vm_config *c)
{
    return has_flash(c) ? c->kernel->size / BLOCK_BYTES * BELAY_PAGE_SIZE : 0;
}

/* The VM has the GIC that the host can give it. */
static bool check_gic(const struct vm *vm, struct problem *why)
{
    uint32_t wanted = vm->config->gic;

    return wanted == 0 || wanted == vm->gic ||
           problem(why, "gic is v%u, and this host has a GICv%u; write 'gic: v%u' or leave it out", wanted, vm->gic, vm->gic);
}

static bool make_domain(struct vm *vm, struct problem *why)
{
    const struct vm_config *c = vm->config;
    struct extent pool;
    uint32_t ranges = device_ranges(vm) + has_flash(c) + (vm->gic == 2);    /* of a GICv2 the CPU interface */
    uint64_t pool_bytes = pool_of_vm(c->vcpus, VM_HANDLES, c->memory, ranges) + flash_tables(c);
    uint64_t align = c->memory < BLOCK_BYTES ? BELAY_PAGE_SIZE : BLOCK_BYTES;

    bool has_pool = memory_take_pool(pool_bytes, &pool);
    if (!has_pool || !memory_take(c->memory, align, &vm->ram)) {
        if (has_pool)
            memory_give_pool(pool.handle);
        return problem(why, "there is no memory of %lu KiB in one piece left", (unsigned long)(c->memory >> 10));
    }
    vm->clean = c->memory;
    int error = hc_domain_create(pool.handle, BELAY_DOMAIN_VM, VM_HANDLES, tag(c->name), &vm->domain, &vm->vmid);
    if (error)
        memory_give_pool(pool.handle);
    error = error ? error : hc_handle_close(pool.handle);
    error = error ? error : hc_map(vm->domain, vm->ram.handle, 0, HANDSET_RAM, c->memory,
                                   READ_WRITE | BELAY_MAP_EXEC);
    if (error == BELAY_OK && has_flash(c))
        error = load_map(c->kernel, vm->domain, HANDSET_FLASH);
    return error == BELAY_OK || failed("could not be made", error, why);
}

static bool make_vcpus(struct vm *vm, uint64_t hz, struct problem *why)
{
    const struct vm_config *c = vm->config;
    uint64_t period = ticks_up(c->timing.period_ns, hz);
    unsigned flags = c->idle_time ? BELAY_SCHED_IDLE_TIME : 0;

    for (uint32_t i = 0; i < c->vcpus; i++) {
        uint64_t budget = ticks_down(c->timing.budget_ns ? c->timing.budget_ns : c->slice_ns[i], hz);
        int error = hc_vcpu_create(vm->domain, &vm->vcpu[i]);
        error = error ? error : hc_sched(vm->vcpu[i], c->cpu[i], c->timing.priority, flags, budget, period);
        if (error)
            return failed("a vCPU could not be made", error, why);
    }
    return true;
}

/* Back to where it was not made, from wherever making it came to. Nothing of it runs. */
static int give_back(struct vm *vm)
{
    handle_t pool = 0;
    int error = vm->domain ? hc_domain_destroy(vm->domain, &pool) : BELAY_OK;

    if (error)
        return error;
    if (vm->config->debug)
        error = gdb_detach(vm);
    if (pool)
        memory_give_pool(pool);
    if (vm->ram.handle && error == BELAY_OK)   /* else it is nobody's any more */
        memory_give(&vm->ram, vm->clean < vm->ram.bytes);
    for (uint32_t n = 0; n < vm->devices; n++)
        for (uint32_t i = 0; i < vm->device[n].regs; i++)
            if (vm->registers[n][i])
                memory_give(&(struct extent){ vm->registers[n][i], vm->device[n].reg[i].address,
                                              vm->device[n].reg[i].bytes, BELAY_MEM_DEVICE }, false);
    memset(vm->registers, 0, sizeof vm->registers);
    memset(vm->vcpu, 0, sizeof vm->vcpu);
    vm->ram = (struct extent){ 0 };
    vm->domain = vm->vmid = 0;
    return BELAY_OK;
}

static bool make(struct vm *vm, uint64_t hz, handle_t watcher, uint64_t bits, struct problem *why)
{
    const struct vm_config *c = vm->config;

    if (!check_gic(vm, why) || !find_devices(vm, why) || !make_domain(vm, why) || !make_vcpus(vm, hz, why) ||
        !give_devices(vm, why))
        return false;
    int error = console_attach(vm->domain, vm->client, c->vcpus, &(struct console_devices){ c->console, vm->rtc, vm->gpio,
                                                                                   has_flash(c) });
    if (error == BELAY_OK && c->manages)
        error = console_attach_link(vm->domain, c->vcpus);
    if (error == BELAY_OK && c->watchdog)
        error = watchdog_attach(vm->domain, vm->client, c->vcpus);
    if (error == BELAY_OK && c->debug)
        error = gdb_attach(vm);
    error = error ? error : hc_domain_watch(vm->domain, watcher, bits);
    return error == BELAY_OK || failed("its devices, its watchdog or its debug service could not be made", error, why);
}

bool vm_make(struct vm *vm, const struct vm_config *config, uint32_t client, const void *host,
             const struct belay_boot_info *info, handle_t watcher, uint64_t bits, struct problem *why)
{
    vm->config = config;
    vm->client = client;
    vm->host = host;
    vm->gic = info->gic;
    if (make(vm, info->counter_hz, watcher, bits, why))
        return true;
    (void)give_back(vm);
    return false;
}

bool vm_unmake(struct vm *vm, struct problem *why)
{
    int error = hc_domain_stop(vm->domain);

    error = error ? error : give_back(vm);
    return error == BELAY_OK || failed("could not be destroyed", error, why);
}

static void describe(const struct vm *vm, struct guest_tree *g)
{
    const struct vm_config *c = vm->config;

    *g = (struct guest_tree){ .memory = c->memory, .vcpus = c->vcpus, .gic = vm->gic, .cmdline = c->cmdline, .uart = c->console,
                              .watchdog = c->watchdog, .link = c->manages != 0, .rtc = vm->rtc, .gpio = vm->gpio,
                              .flash = has_flash(c),
                              .host = vm->host, .devices = vm->devices, .device = vm->device };
}

/* As after reset: the guest's domain, and its devices. */
static int reset(const struct vm *vm)
{
    uint64_t answer;
    int error = hc_domain_stop(vm->domain);

    (void)voice_control(CONSOLE_RESET_CLIENT, vm->client, &answer);         /* it may be down: then it is as it is */
    if (vm->config->manages)
        (void)voice_control(CONSOLE_RESET_CLIENT, CONSOLE_BADGE_LINK, &answer);
    return error;
}

bool vm_press_power_key(const struct vm *vm, struct problem *why)
{
    uint64_t answer;

    return (voice_control(CONSOLE_PRESS_KEY, vm->client, &answer) && answer == BELAY_OK) ||
           problem(why, "its power key could not be pressed: the console does not answer");
}

bool vm_stop(const struct vm *vm, struct problem *why)
{
    int error = hc_domain_stop(vm->domain);

    return error == BELAY_OK || failed("could not be stopped", error, why);
}

bool vm_clean(struct vm *vm)
{
    uint64_t clean = vm->clean;

    if (vm->config->memory > CLEAN_MAX || clean == vm->ram.bytes)
        return false;
    vm->clean = memory_clear(&vm->ram, clean);
    return vm->clean != clean;
}

bool vm_start(struct vm *vm, struct problem *why)
{
    struct guest_tree tree;
    struct entry entry;
    int error = vm->ran ? reset(vm) : BELAY_OK;

    while (vm_clean(vm)) {}     /* a program may take it for granted that its data starts as zeros, as the first time */
    describe(vm, &tree);
    vm->clean = 0;
    if (!load_vm(vm->config, &vm->ram, &tree, &entry, why))
        return false;
    vm->ran = true;
    vm->started = counter_now();
    vm->copying = load_ticks();
    error = error ? error : hc_start(vm->vcpu[0], entry.pc, entry.dtb, 0);
    if (vm->config->watchdog)
        watchdog_starts(vm->client);
    error = error ? error : hc_domain_start(vm->domain);
    return error == BELAY_OK || failed("could not be started", error, why);
}
