/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The device trees that the VMs of a bundle are given on a host: `trees HOST.dtb BUNDLE FOLDER` writes FOLDER/NAME.dtb for
 * each, and FOLDER/NAME-gicv2.dtb for a host with that interrupt controller. All of the steward's own code that decides
 * about them runs here; a nucleus that grants everything is played to it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/cpu.h"
#include "steward/bundle.h"
#include "steward/console.h"
#include "steward/gdb.h"
#include "steward/handset.h"
#include "steward/image.h"
#include "steward/load.h"
#include "steward/memory.h"
#include "steward/tree.h"
#include "steward/vm.h"
#include "steward/voice.h"
#include "steward/watchdog.h"

#define CPUS 8

static const char *folder;
static char *bundle;
static struct belay_boot_info info = { .counter_hz = 1000000000 };

static _Noreturn void end(const char *what, const char *why)
{
    fprintf(stderr, "trees: %s: %s\n", what, why);
    exit(1);
}

static char *read_file(const char *name, size_t *bytes)
{
    FILE *file = fopen(name, "rb");
    char *data = NULL;

    if (file == NULL || fseek(file, 0, SEEK_END) != 0)
        end(name, "cannot be read");
    *bytes = (size_t)ftell(file);
    rewind(file);
    data = aligned_alloc(8, (*bytes + 7) & ~(size_t)7);
    if (data == NULL || fread(data, 1, *bytes, file) != *bytes)
        end(name, "cannot be read");
    fclose(file);
    return data;
}

static void write_file(const char *name, const void *data, size_t bytes)
{
    char path[4096];
    FILE *file = NULL;

    if (snprintf(path, sizeof path, "%s/%s%s.dtb", folder, name, info.gic == 2 ? "-gicv2" : "") < (int)sizeof path)
        file = fopen(path, "wb");
    if (file == NULL || fwrite(data, 1, bytes, file) != bytes || fclose(file) != 0)
        end(name, "its tree cannot be written");
}

/* Where load.c would put it. */
bool load_vm(const struct vm_config *vm, const struct extent *ram, struct guest_tree *tree, struct entry *entry,
             struct problem *why)
{
    static _Alignas(8) char written[HANDSET_DTB_MAX];
    struct placing p;

    (void)ram;
    if (!image_place(vm, bundle + vm->kernel->position, &p, why))
        return false;
    tree->initrd = p.initrd;
    tree->initrd_bytes = vm->initrd ? vm->initrd->size : 0;
    size_t bytes = devicetree_write(written, sizeof written, tree);
    write_file(vm->name, written, bytes);
    *entry = (struct entry){ p.entry, p.dtb };
    return bytes != 0;
}

/* Everything is granted, and nothing done. */
struct hypercall_result hypercall(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4, uint64_t a5)
{
    (void)number, (void)a0, (void)a1, (void)a2, (void)a3, (void)a4, (void)a5;
    return (struct hypercall_result){ BELAY_OK, { 1, 1 } };
}

static bool take(struct extent *e)
{
    *e = (struct extent){ .handle = 1 };
    return true;
}

bool memory_take(uint64_t bytes, uint64_t align, struct extent *e) { (void)bytes, (void)align; return take(e); }
bool memory_take_device(uint64_t at, uint64_t bytes, struct extent *e) { (void)at, (void)bytes; return take(e); }
bool memory_take_pool(uint64_t bytes, struct extent *e) { (void)bytes; return take(e); }
void memory_give_pool(handle_t pool) { (void)pool; }
void memory_give(const struct extent *e, bool dirty) { (void)e, (void)dirty; }
uint64_t memory_clear(const struct extent *e, uint64_t offset) { (void)offset; return e->bytes; }
int load_map(const struct image *i, handle_t domain, uint64_t ipa, unsigned flags)
{
    (void)i, (void)domain, (void)ipa, (void)flags;
    return BELAY_OK;
}
uint64_t load_ticks(void) { return 0; }
int console_attach(handle_t vm, uint32_t client, uint32_t vcpus, const struct console_devices *d)
{
    (void)vm, (void)client, (void)vcpus, (void)d;
    return BELAY_OK;
}
int console_see_ram(uint32_t client, handle_t ram) { (void)client, (void)ram; return BELAY_OK; }
void console_forget_ram(uint32_t client) { (void)client; }
int console_attach_link(handle_t vm, uint32_t vcpus) { (void)vm, (void)vcpus; return BELAY_OK; }
int watchdog_attach(handle_t vm, uint32_t client, uint32_t n) { (void)vm, (void)client, (void)n; return BELAY_OK; }
void watchdog_starts(uint32_t client) { (void)client; }
int gdb_attach(const struct vm *vm) { (void)vm; return BELAY_OK; }
int gdb_detach(const struct vm *vm) { (void)vm; return BELAY_OK; }
bool voice_control(uint64_t what, uint64_t client, uint64_t *a) { (void)what, (void)client, (void)a; return true; }
uint64_t counter_now(void) { return 0; }

int main(int argc, char **argv)
{
    static struct config config;
    struct problem why = { 0 };
    size_t host_bytes, bytes;

    if (argc != 4)
        end("usage", "trees HOST.dtb BUNDLE FOLDER");
    char *host = read_file(argv[1], &host_bytes);
    bundle = read_file(argv[2], &bytes);
    folder = argv[3];
    if (!bundle_read(bundle, bytes, CPUS, &config, &why))
        end(argv[2], why.text);
    for (info.gic = 2; info.gic <= 3; info.gic++)
        for (uint32_t i = 0; i < config.vms; i++) {
            struct vm vm = { 0 };
            if (config.vm[i].gic && config.vm[i].gic != info.gic)
                continue;
            if (!vm_make(&vm, &config.vm[i], i, host, &info, 1, 1, &why) || !vm_start(&vm, &why))
                end(config.vm[i].name, why.text);
        }
    free(bundle);
    free(host);
    return 0;
}
