/* SPDX-License-Identifier: Apache-2.0 */
#include <libfdt.h>

#include "bundle_reader.h"
#include "belay/manage.h"
#include "properties.h"

#define NO_ADDRESS UINT64_MAX

/* The node of a VM as it is there. */
struct vm_text {
    const char *kind, *kernel, *initrd, *cmdline, *on_failure, *on_reset, *on_hang;
    struct bytes cpus, devices;
    uint64_t memory, load_address;
    struct timing timing;
    uint32_t weight, manages, gic;
    uint64_t watchdog_ns, stop_ns;
    bool idle_time, console, watchdog, debug, no_autostart;
};

static const struct property vm_table[] = {
    { "memory", PROPERTY_U64, offsetof(struct vm_text, memory), true },
    { "cpus", PROPERTY_BYTES, offsetof(struct vm_text, cpus), true },
    { "priority", PROPERTY_U32, offsetof(struct vm_text, timing.priority), true },
    { "budget-ns", PROPERTY_U64, offsetof(struct vm_text, timing.budget_ns), false },
    { "period-ns", PROPERTY_U64, offsetof(struct vm_text, timing.period_ns), false },
    { "weight", PROPERTY_U32, offsetof(struct vm_text, weight), false },
    { "no-autostart", PROPERTY_FLAG, offsetof(struct vm_text, no_autostart), false },
    { "idle-time", PROPERTY_FLAG, offsetof(struct vm_text, idle_time), false },
    { "kind", PROPERTY_STRING, offsetof(struct vm_text, kind), true },
    { "kernel", PROPERTY_STRING, offsetof(struct vm_text, kernel), true },
    { "initrd", PROPERTY_STRING, offsetof(struct vm_text, initrd), false },
    { "cmdline", PROPERTY_STRING, offsetof(struct vm_text, cmdline), false },
    { "load-address", PROPERTY_U64, offsetof(struct vm_text, load_address), false },
    { "on-failure", PROPERTY_STRING, offsetof(struct vm_text, on_failure), false },
    { "on-reset", PROPERTY_STRING, offsetof(struct vm_text, on_reset), false },
    { "on-hang", PROPERTY_STRING, offsetof(struct vm_text, on_hang), false },
    { "watchdog", PROPERTY_FLAG, offsetof(struct vm_text, watchdog), false },
    { "watchdog-ns", PROPERTY_U64, offsetof(struct vm_text, watchdog_ns), false },
    { "stop-ns", PROPERTY_U64, offsetof(struct vm_text, stop_ns), false },
    { "console", PROPERTY_FLAG, offsetof(struct vm_text, console), false },
    { "debug", PROPERTY_FLAG, offsetof(struct vm_text, debug), false },
    { "manages", PROPERTY_U32, offsetof(struct vm_text, manages), false },
    { "gic", PROPERTY_U32, offsetof(struct vm_text, gic), false },
    { "devices", PROPERTY_BYTES, offsetof(struct vm_text, devices), false },
};

static bool valid_name(const char *name)
{
    const char *s = name;

    if (*s < 'a' || *s > 'z')
        return false;
    while ((*s >= 'a' && *s <= 'z') || (*s >= '0' && *s <= '9') || *s == '-')
        s++;
    return *s == '\0' && s - name <= BELAY_NAME_MAX;
}

/* One of `count` words. */
static bool choose(const struct bundle_reader *r, const char *property, const char *word, const char *const *words,
                   unsigned count, unsigned *choice)
{
    for (unsigned i = 0; i < count; i++)
        if (strcmp(word, words[i]) == 0) {
            *choice = i;
            return true;
        }
    return problem(r->why, ": %s: \"%s\" is none of its values", property, word);
}

static bool choose_kind(const struct bundle_reader *r, const struct vm_text *text, struct vm_config *vm)
{
    static const char *const kinds[] = { [VM_LINUX] = "linux", [VM_ELF] = "elf", [VM_RAW] = "raw",
                                         [VM_FIRMWARE] = "firmware" };
    static const char *const actions[] = { "stop", "restart" };
    unsigned kind = 0, failure = 0, reset = 0, hang = 0;

    if (!choose(r, "kind", text->kind, kinds, COUNT(kinds), &kind) ||
        !choose(r, "on-failure", text->on_failure, actions, COUNT(actions), &failure) ||
        !choose(r, "on-reset", text->on_reset, actions, COUNT(actions), &reset) ||
        !choose(r, "on-hang", text->on_hang ? text->on_hang : text->on_failure, actions, COUNT(actions), &hang))
        return false;
    vm->kind = (enum vm_kind)kind;
    vm->restart_on_failure = failure;
    vm->restart_on_reset = reset;
    vm->restart_on_hang = hang;
    return true;
}

static bool choose_images(const struct bundle_reader *r, const struct vm_text *text, struct vm_config *vm)
{
    vm->kernel_name = text->kernel;
    vm->initrd_name = text->initrd;
    return text->initrd == NULL || vm->kind == VM_LINUX ||
           problem(r->why, ": initrd is for kind \"linux\" alone");
}

static bool choose_cpus(const struct bundle_reader *r, const struct bytes *cpus, struct vm_config *vm)
{
    vm->vcpus = cpus->size / sizeof(fdt32_t);
    if (cpus->size % sizeof(fdt32_t) || vm->vcpus == 0 || vm->vcpus > BELAY_VCPUS_MAX)
        return problem(r->why, ": cpus is not a list of 1 to %d CPUs", BELAY_VCPUS_MAX);
    for (uint32_t i = 0; i < vm->vcpus; i++) {
        vm->cpu[i] = fdt32_ld((const fdt32_t *)cpus->data + i);
        if (vm->cpu[i] >= r->cpus)
            return problem(r->why, ": cpus: this host has no CPU %u", vm->cpu[i]);
    }
    return true;
}

static bool choose_memory(const struct bundle_reader *r, const struct vm_text *text, struct vm_config *vm)
{
    vm->memory = text->memory;
    if (vm->memory == 0 || vm->memory % BELAY_PAGE_SIZE || vm->memory > (UINT64_C(1) << (BELAY_IPA_BITS - 1)))
        return problem(r->why, ": memory is not a number of pages");
    vm->load_address = text->load_address;
    vm->has_load_address = text->load_address != NO_ADDRESS;
    if (vm->has_load_address && vm->kind != VM_RAW)
        return problem(r->why, ": load-address is for kind \"raw\" alone");
    return true;
}

static bool choose_weight(const struct bundle_reader *r, uint32_t weight, struct vm_config *vm)
{
    vm->weight = weight;
    return (weight >= 1 && weight <= BELAY_WEIGHT_MAX) ||
           problem(r->why, ": weight %u is not in 1 to %d", weight, BELAY_WEIGHT_MAX);
}

static bool choose_watchdog(const struct bundle_reader *r, const struct vm_text *text, struct vm_config *vm)
{
    vm->watchdog = text->watchdog;
    vm->watchdog_ns = text->watchdog_ns;
    return vm->watchdog_ns <= BELAY_WATCHDOG_MAX_NS || problem(r->why, ": watchdog-ns is more than an hour");
}

static bool choose_stop(const struct bundle_reader *r, uint64_t stop_ns, struct vm_config *vm)
{
    vm->stop_ns = stop_ns;
    return stop_ns <= BELAY_STOP_MAX_NS || problem(r->why, ": stop-ns is more than an hour");
}

/* There is one link to the manager for all VMs together. */
static bool choose_rights(const struct bundle_reader *r, uint32_t rights, struct vm_config *vm)
{
    vm->manages = rights;
    if (rights & ~(uint32_t)MANAGE_RIGHTS)
        return problem(r->why, ": manages 0x%x has rights that there are not", rights);
    for (const struct vm_config *other = r->config->vm; rights && other < vm; other++)
        if (other->manages)
            return problem(r->why, ": manages, and so does %s", other->name);
    return true;
}

static bool choose_gic(const struct bundle_reader *r, uint32_t gic, struct vm_config *vm)
{
    vm->gic = gic;
    return gic == 0 || gic == 2 || gic == 3 || problem(r->why, ": gic %u is not 2 or 3", gic);
}

static bool choose_devices(const struct bundle_reader *r, const struct bytes *devices, struct vm_config *vm)
{
    vm->devices = (struct strings){ devices->data, devices->size };
    if (vm->devices.bytes && vm->devices.first[vm->devices.bytes - 1] != '\0')
        return problem(r->why, ": devices is not a list of strings");
    return true;
}

bool bundle_read_vm(struct bundle_reader *r, const char *name)
{
    struct config *c = r->config;
    struct vm_text text = { .on_failure = "stop", .on_reset = "restart", .load_address = NO_ADDRESS, .cmdline = "",
                            .weight = BELAY_WEIGHT_DEFAULT };

    if (!valid_name(name))
        return problem(r->why, ": that is no name for a VM");
    for (uint32_t i = 0; i < c->vms; i++)
        if (strcmp(c->vm[i].name, name) == 0)
            return problem(r->why, ": is there twice");
    if (c->vms == BELAY_VMS_MAX)
        return problem(r->why, ": is more than %d VMs", BELAY_VMS_MAX);
    if (!properties_read(&r->tree, vm_table, COUNT(vm_table), &text, r->why))
        return false;
    struct vm_config *vm = &c->vm[c->vms++];
    vm->name = name;
    vm->cmdline = text.cmdline;
    vm->timing = text.timing;
    vm->idle_time = text.idle_time;
    vm->autostart = !text.no_autostart;
    vm->console = text.console;
    vm->debug = text.debug;
    tree_leave(&r->tree);
    return bundle_check_timing(&vm->timing, r->why) && choose_weight(r, text.weight, vm) &&
           choose_rights(r, text.manages, vm) && choose_kind(r, &text, vm) &&
           choose_images(r, &text, vm) && choose_cpus(r, &text.cpus, vm) &&
           choose_memory(r, &text, vm) && choose_watchdog(r, &text, vm) &&
           choose_stop(r, text.stop_ns, vm) && choose_gic(r, text.gic, vm) && choose_devices(r, &text.devices, vm);
}
