/* SPDX-License-Identifier: Apache-2.0 */
#include "fit.h"

#include <errno.h>
#include <libfdt.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "units.h"

#define TREE_MAX (256 * 1024)

/*
 * Writes the tree in sequence. Once a step fails the rest is skipped, and the
 * error stands at the end.
 */
struct writer {
    void *tree;
    int error;
};

static void step(struct writer *w, int result)
{
    if (!w->error)
        w->error = result;
}

static void begin(struct writer *w, const char *name)
{
    if (!w->error)
        step(w, fdt_begin_node(w->tree, name));
}

static void end(struct writer *w)
{
    if (!w->error)
        step(w, fdt_end_node(w->tree));
}

static void put(struct writer *w, const char *name, const void *value, size_t size)
{
    if (!w->error)
        step(w, fdt_property(w->tree, name, value, (int)size));
}

static void put_text(struct writer *w, const char *name, const char *value)
{
    put(w, name, value, strlen(value) + 1);
}

static void put_u32(struct writer *w, const char *name, uint32_t value)
{
    fdt32_t cell = cpu_to_fdt32(value);
    put(w, name, &cell, sizeof(cell));
}

static void put_u64(struct writer *w, const char *name, uint64_t value)
{
    fdt64_t cells = cpu_to_fdt64(value);
    put(w, name, &cells, sizeof(cells));
}

/* data-position and the hash are filled in when the layout is known. */
static void put_image(struct writer *w, const struct fit_image *image)
{
    begin(w, image->name);
    put_text(w, "description", image->name);
    put_text(w, "type", image->type);
    put_text(w, "arch", "arm64");
    put_text(w, "os", image->os);
    put_text(w, "compression", "none");
    put_u32(w, "data-position", (uint32_t)image->position);
    put_u32(w, "data-size", (uint32_t)image->file.size);
    begin(w, "hash-1");
    put_text(w, "algo", "crc32");
    put_u32(w, "value", image->crc);
    end(w);
    end(w);
}

static void put_budget(struct writer *w, const struct budget *b)
{
    if (!b->ns)
        return;
    put_u64(w, "budget-ns", b->ns);
    put_u64(w, "period-ns", b->period);
}

static void begin_service(struct writer *w, const char *name, const struct service *s)
{
    begin(w, name);
    put_text(w, "image", name);
    put_u32(w, "priority", s->priority);
    put_budget(w, &s->budget);
}

static void put_service(struct writer *w, const char *name, const struct service *s)
{
    begin_service(w, name, s);
    end(w);
}

static void put_manager(struct writer *w, const struct machine *m)
{
    if (!config_is_managed(m))
        return;
    begin_service(w, "manager", &m->services.manager);
    put_u32(w, "rights", m->management.uart);
    if (m->management.asked_for)
        put(w, "needed", NULL, 0);
    end(w);
}

static const char *image_for(const struct fit *fit, const char *path)
{
    for (size_t i = 0; i < fit->count; i++) {
        if (strcmp(fit->images[i].path, path) == 0)
            return fit->images[i].name;
    }
    return NULL;
}

static void put_image_name(struct writer *w, const struct fit *fit, const struct config *c, const char *key,
                           const char *file)
{
    char *path = config_path(c, file);
    put_text(w, key, image_for(fit, path));
    free(path);
}

static void put_vm_images(struct writer *w, const struct fit *fit, const struct config *c, const struct vm *vm)
{
    const char *kernel = vm->linux_image ? vm->linux_image->kernel : vm->elf ? vm->elf :
                         vm->raw ? vm->raw->image : vm->firmware;
    put_text(w, "kind", vm->linux_image ? "linux" : vm->elf ? "elf" : vm->raw ? "raw" : "firmware");
    put_image_name(w, fit, c, "kernel", kernel);
    if (vm->linux_image && vm->linux_image->initrd)
        put_image_name(w, fit, c, "initrd", vm->linux_image->initrd);
    const char *cmdline = vm->linux_image ? vm->linux_image->cmdline : vm->cmdline;
    if (cmdline)
        put_text(w, "cmdline", cmdline);
    if (vm->raw && vm->raw->load_address_text)
        put_u64(w, "load-address", vm->raw->load_address);
}

static void put_cpus(struct writer *w, const struct vm *vm)
{
    fdt32_t cells[BELAY_VCPUS_MAX];
    for (unsigned i = 0; i < vm->cpus_count; i++)
        cells[i] = cpu_to_fdt32(vm->cpus[i]);
    put(w, "cpus", cells, vm->cpus_count * sizeof(cells[0]));
}

static void put_devices(struct writer *w, const struct fit *fit, const struct vm *vm)
{
    size_t size = 0;
    for (unsigned i = 0; i < vm->devices_count; i++)
        size += strlen(board_device(fit->board, vm->devices[i])->path) + 1;
    char *list = allocate(size), *at = list;
    for (unsigned i = 0; i < vm->devices_count; i++)
        at = stpcpy(at, board_device(fit->board, vm->devices[i])->path) + 1;
    if (size)
        put(w, "devices", list, size);
    free(list);
}

static void put_watchdog(struct writer *w, const struct vm *vm)
{
    if (!vm->watchdog)
        return;
    put(w, "watchdog", NULL, 0);
    if (vm->watchdog_limit)
        put_u64(w, "watchdog-ns", vm->watchdog_limit);
    if (vm->on_hang != ACTION_UNSET)
        put_text(w, "on-hang", vm->on_hang == ACTION_RESTART ? "restart" : "stop");
}

static void put_vm(struct writer *w, const struct fit *fit, const struct config *c, const struct vm *vm)
{
    begin(w, vm->name);
    put_u64(w, "memory", vm->memory);
    put_cpus(w, vm);
    put_u32(w, "priority", vm->priority);
    put_budget(w, &vm->budget);
    if (vm->deadline)
        put_u64(w, "deadline-ns", vm->deadline);
    if (vm->weight)
        put_u32(w, "weight", vm->weight);
    if (vm->idle_time == YES)
        put(w, "idle-time", NULL, 0);
    put_vm_images(w, fit, c, vm);
    put_text(w, "on-failure", vm->on_failure == ACTION_RESTART ? "restart" : "stop");
    put_text(w, "on-reset", vm->on_reset == ACTION_STOP ? "stop" : "restart");
    put_watchdog(w, vm);
    if (vm->stop)
        put_u64(w, "stop-ns", vm->stop);
    if (vm->console != NO)
        put(w, "console", NULL, 0);
    if (vm->debug == YES)
        put(w, "debug", NULL, 0);
    if (vm->autostart == NO)
        put(w, "no-autostart", NULL, 0);
    if (vm->manages)
        put_u32(w, "manages", vm->manages);
    if (vm->gic)
        put_u32(w, "gic", vm->gic);
    put_devices(w, fit, vm);
    end(w);
}

static void put_configuration(struct writer *w, const struct fit *fit, const struct config *c)
{
    const struct machine *m = c->machine;
    begin(w, "configurations");
    put_text(w, "default", "belay");
    begin(w, "belay");
    put_text(w, "description", m->board);
    put_text(w, "compatible", BELAY_BUNDLE_COMPATIBLE);
    begin(w, "services");
    put_service(w, "steward", &m->services.steward);
    put_service(w, "console", &m->services.console);
    if (config_has_watchdogs(m))
        put_service(w, "watchdog", &m->services.watchdog);
    put_manager(w, m);
    if (config_has_debug(m))
        put_service(w, "gdb", &m->services.gdb);
    end(w);
    begin(w, "vms");
    for (unsigned i = 0; i < m->vms_count; i++)
        put_vm(w, fit, c, &m->vms[i]);
    end(w);
    end(w);
    end(w);
}

static int make_tree(struct fit *fit, const struct config *c, uint32_t timestamp)
{
    struct writer w = { fit->tree, 0 };
    step(&w, fdt_create(w.tree, TREE_MAX));
    step(&w, w.error ? 0 : fdt_finish_reservemap(w.tree));
    begin(&w, "");
    put_text(&w, "description", "Belay bundle");
    put_u32(&w, "#address-cells", 1);
    put_u32(&w, "timestamp", timestamp);
    begin(&w, "images");
    for (size_t i = 0; i < fit->count; i++)
        put_image(&w, &fit->images[i]);
    end(&w);
    put_configuration(&w, fit, c);
    end(&w);
    step(&w, w.error ? 0 : fdt_finish(w.tree));
    return w.error;
}

static uint64_t align_up(uint64_t value, uint64_t to)
{
    return (value + to - 1) / to * to;
}

/* The size of the tree does not depend on the positions in it. */
static void lay_out(struct fit *fit)
{
    uint64_t at = fdt_totalsize(fit->tree);
    for (size_t i = 0; i < fit->count; i++) {
        struct fit_image *image = &fit->images[i];
        image->position = align_up(at, image->file.size >= 2 * MIB ? 2 * MIB : BELAY_BUNDLE_ALIGN);
        at = image->position + image->file.size;
    }
    fit->size = align_up(at, BELAY_BUNDLE_ALIGN);
}

/* An image that several VMs share is in the bundle once. */
static char *add_image(struct fit *fit, char *path, const char *vm, const char *what, const char *type, const char *os)
{
    if (image_for(fit, path)) {
        free(path);
        return NULL;
    }
    struct fit_image *image = &fit->images[fit->count++];
    snprintf(image->name, sizeof(image->name), "%s%s%s", vm, what[0] ? "-" : "", what);
    image->type = type;
    image->os = os;
    image->path = path;
    const char *wrong = file_map(&image->file, path);
    if (wrong)
        return text_format("%s: %s", path, wrong);
    image->crc = (uint32_t)crc32_z(0, image->file.data, image->file.size);
    return NULL;
}

static char *add_vm(struct fit *fit, const struct config *c, const struct vm *vm)
{
    if (vm->elf)
        return add_image(fit, config_path(c, vm->elf), vm->name, "image", "standalone", "elf");
    if (vm->raw)
        return add_image(fit, config_path(c, vm->raw->image), vm->name, "image", "standalone", "raw");
    if (vm->firmware)
        return add_image(fit, config_path(c, vm->firmware), vm->name, "image", "firmware", "firmware");
    char *wrong = add_image(fit, config_path(c, vm->linux_image->kernel), vm->name, "kernel", "kernel", "linux");
    if (!wrong && vm->linux_image->initrd)
        wrong = add_image(fit, config_path(c, vm->linux_image->initrd), vm->name, "initrd", "ramdisk", "linux");
    return wrong;
}

static char *add_all(struct fit *fit, const struct config *c, const struct parts *parts)
{
    char *wrong = add_image(fit, text_format("%s", parts->steward), "steward", "", "firmware", "belay");
    if (!wrong)
        wrong = add_image(fit, text_format("%s", parts->console), "console", "", "firmware", "belay");
    if (!wrong && config_has_watchdogs(c->machine))
        wrong = add_image(fit, text_format("%s", parts->watchdog), "watchdog", "", "firmware", "belay");
    if (!wrong && config_is_managed(c->machine))
        wrong = add_image(fit, text_format("%s", parts->manager), "manager", "", "firmware", "belay");
    if (!wrong && config_has_debug(c->machine))
        wrong = add_image(fit, text_format("%s", parts->gdb), "gdb", "", "firmware", "belay");
    for (unsigned i = 0; i < c->machine->vms_count && !wrong; i++)
        wrong = add_vm(fit, c, &c->machine->vms[i]);
    return wrong;
}

char *fit_make(struct fit *fit, const struct config *c, const struct parts *parts, uint32_t timestamp)
{
    *fit = (struct fit){ .board = board_find(c->machine->board), .tree = allocate(TREE_MAX) };
    char *wrong = add_all(fit, c, parts);
    if (wrong)
        return wrong;
    int error = make_tree(fit, c, timestamp);
    if (!error) {
        lay_out(fit);
        error = make_tree(fit, c, timestamp);
    }
    if (error)
        return text_format("cannot make the bundle's tree: %s", fdt_strerror(error));
    if (fit->size > INT32_MAX)
        return text_format("the bundle would be %s, more than 2 GiB", show_size(fit->size).text);
    return NULL;
}

static char *write_all(int fd, const void *data, size_t size)
{
    const char *at = data;
    while (size > 0) {
        ssize_t done = write(fd, at, size);
        if (done < 0 && errno != EINTR)
            return text_format("cannot write: %s", strerror(errno));
        if (done > 0) {
            at += done;
            size -= (size_t)done;
        }
    }
    return NULL;
}

char *fit_write(const struct fit *fit, int fd)
{
    char *wrong = ftruncate(fd, 0) == 0 && ftruncate(fd, (off_t)fit->size) == 0
                ? NULL : text_format("cannot write: %s", strerror(errno));
    if (!wrong)
        wrong = write_all(fd, fit->tree, fdt_totalsize(fit->tree));
    for (size_t i = 0; i < fit->count && !wrong; i++) {
        const struct fit_image *image = &fit->images[i];
        if (lseek(fd, (off_t)image->position, SEEK_SET) < 0)
            return text_format("cannot write: %s", strerror(errno));
        wrong = write_all(fd, image->file.data, image->file.size);
    }
    return wrong;
}

void fit_free(struct fit *fit)
{
    for (size_t i = 0; i < fit->count; i++) {
        file_unmap(&fit->images[i].file);
        free(fit->images[i].path);
    }
    free(fit->tree);
    *fit = (struct fit){ 0 };
}
