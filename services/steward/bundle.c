/* SPDX-License-Identifier: Apache-2.0 */
#include "bundle.h"

#include <libfdt.h>

#include "bundle_reader.h"
#include "properties.h"

static bool is_named(const char *name, const char *wanted)
{
    return strcmp(name, wanted) == 0;
}

/* Each node in the one that the cursor is in, by `read`, which leaves it. */
static bool each(struct bundle_reader *r, bool (*read)(struct bundle_reader *, const char *))
{
    const char *name;

    while ((name = tree_node(&r->tree)) != NULL)
        if (!read(r, name))
            return problem_in(r->why, name);
    return !tree_broken(&r->tree) || problem(r->why, ": the tree is damaged in it");
}

static bool pass_over(struct bundle_reader *r)
{
    tree_leave(&r->tree);
    return true;
}

static const struct image *find(const struct config *c, const char *name)
{
    for (uint32_t i = 0; i < c->images; i++)
        if (is_named(c->image[i].name, name))
            return &c->image[i];
    return NULL;
}

static bool read_hash(struct bundle_reader *r, struct image *image)
{
    struct { const char *algo; uint32_t value; } hash;
    static const struct property table[] = {
        { "algo", PROPERTY_STRING, offsetof(__typeof__(hash), algo), true },
        { "value", PROPERTY_U32, offsetof(__typeof__(hash), value), true },
    };

    if (!properties_read(&r->tree, table, COUNT(table), &hash, r->why))
        return false;
    if (!is_named(hash.algo, "crc32"))
        return problem(r->why, ": algo is not crc32");
    image->crc32 = hash.value;
    return pass_over(r);
}

static bool read_hashes(struct bundle_reader *r, struct image *image)
{
    const char *name;
    bool hashed = false;

    while ((name = tree_node(&r->tree)) != NULL) {
        bool hash = is_named(name, "hash-1");
        if (hash && hashed)
            return problem(r->why, ": hash-1 is there twice");
        if (!(hash ? read_hash(r, image) : pass_over(r)))
            return problem_in(r->why, name);
        hashed |= hash;
    }
    return hashed || problem(r->why, ": hash-1 is missing");
}

static bool check_place(const struct bundle_reader *r, const struct image *image)
{
    if (image->position % BELAY_BUNDLE_ALIGN != 0 || image->position < fdt_totalsize(r->tree.fdt))
        return problem(r->why, ": data-position 0x%x is not the start of a page behind the tree", image->position);
    if (image->size == 0 || (uint64_t)image->position + image->size > r->bundle_bytes)
        return problem(r->why, ": data-size 0x%x is 0 or reaches beyond the bundle's end", image->size);
    return true;
}

static bool read_image(struct bundle_reader *r, const char *name)
{
    static const struct property table[] = {
        { "data-position", PROPERTY_U32, offsetof(struct image, position), true },
        { "data-size", PROPERTY_U32, offsetof(struct image, size), true },
    };
    struct config *c = r->config;

    if (find(c, name))
        return problem(r->why, ": is there twice");
    if (c->images == IMAGES_MAX)
        return problem(r->why, ": is more than %d images", IMAGES_MAX);
    struct image *image = &c->image[c->images++];
    image->name = name;
    return properties_read(&r->tree, table, COUNT(table), image, r->why) && check_place(r, image) &&
           read_hashes(r, image);
}

bool bundle_check_timing(const struct timing *t, struct problem *why)
{
    if (t->priority < 1 || t->priority > 255)
        return problem(why, ": priority %u is not in 1 to 255", t->priority);
    if (t->period_ns && (t->budget_ns == 0 || t->budget_ns > t->period_ns))
        return problem(why, ": budget-ns is 0 or longer than period-ns");
    return true;
}

static struct service_config *service_named(struct config *c, const char *name)
{
    return is_named(name, "steward") ? &c->steward : is_named(name, "console") ? &c->console :
           is_named(name, "manager") ? &c->manager : is_named(name, "watchdog") ? &c->watchdog :
           is_named(name, "gdb") ? &c->gdb : NULL;
}

static bool read_service(struct bundle_reader *r, const char *name)
{
    static const struct property table[] = {
        { "image", PROPERTY_STRING, offsetof(struct service_config, image_name), true },
        { "priority", PROPERTY_U32, offsetof(struct service_config, timing.priority), true },
        { "budget-ns", PROPERTY_U64, offsetof(struct service_config, timing.budget_ns), false },
        { "period-ns", PROPERTY_U64, offsetof(struct service_config, timing.period_ns), false },
        { "rights", PROPERTY_U32, offsetof(struct service_config, rights), false },
        { "needed", PROPERTY_FLAG, offsetof(struct service_config, needed), false },
    };
    struct service_config *s = service_named(r->config, name);

    if (s == NULL)
        return problem(r->why, ": no service has that name");
    if (s->image_name)
        return problem(r->why, ": is there twice");
    return properties_read(&r->tree, table, COUNT(table), s, r->why) && bundle_check_timing(&s->timing, r->why) &&
           pass_over(r);
}

static bool read_part(struct bundle_reader *r, const char *name)
{
    if (is_named(name, "services"))
        return each(r, read_service);
    return is_named(name, "vms") ? each(r, bundle_read_vm) : pass_over(r);
}

static bool read_configuration(struct bundle_reader *r, const char *name)
{
    struct { struct bytes compatible; } text;
    static const struct property table[] = { { "compatible", PROPERTY_BYTES, 0, true } };

    if (!is_named(name, "belay"))
        return pass_over(r);
    if (!properties_read(&r->tree, table, COUNT(table), &text, r->why))
        return false;
    if (!fdt_stringlist_contains(text.compatible.data, (int)text.compatible.size, BELAY_BUNDLE_COMPATIBLE))
        return problem(r->why, ": compatible is not %s", BELAY_BUNDLE_COMPATIBLE);
    return each(r, read_part);
}

static bool read_top(struct bundle_reader *r, const char *name)
{
    if (is_named(name, "images"))
        return each(r, read_image);
    return is_named(name, "configurations") ? each(r, read_configuration) : pass_over(r);
}

static bool look_up(const struct bundle_reader *r, const char *kind, const char *user, const char *name,
                    const struct image **image)
{
    *image = find(r->config, name);
    return *image || problem(r->why, BELAY_BUNDLE_CONFIG "/%s/%s: there is no /images/%s", kind, user, name);
}

/* When all have been read: configurations may come before images. */
static bool look_up_images(const struct bundle_reader *r)
{
    struct config *c = r->config;

    for (uint32_t i = 0; i < c->vms; i++) {
        struct vm_config *vm = &c->vm[i];
        if (!look_up(r, "vms", vm->name, vm->kernel_name, &vm->kernel) ||
            (vm->payload_name && !look_up(r, "vms", vm->name, vm->payload_name, &vm->payload)) ||
            (vm->initrd_name && !look_up(r, "vms", vm->name, vm->initrd_name, &vm->initrd)))
            return false;
        if (vm->watchdog && c->watchdog.image_name == NULL)
            return problem(r->why, BELAY_BUNDLE_CONFIG "/services: watchdog is missing, which %s has", vm->name);
    }
    if (c->watchdog.image_name && !look_up(r, "services", "watchdog", c->watchdog.image_name, &c->watchdog.image))
        return false;
    return look_up(r, "services", "steward", c->steward.image_name, &c->steward.image) &&
           look_up(r, "services", "console", c->console.image_name, &c->console.image) &&
           (c->manager.image_name == NULL ||
            look_up(r, "services", "manager", c->manager.image_name, &c->manager.image)) &&
           (c->gdb.image_name == NULL || look_up(r, "services", "gdb", c->gdb.image_name, &c->gdb.image));
}

bool bundle_read(const void *fit, uint64_t bundle_bytes, uint32_t cpus, struct config *c, struct problem *why)
{
    struct bundle_reader r = { .bundle_bytes = bundle_bytes, .cpus = cpus, .config = c, .why = why };

    *c = (struct config){ 0 };
    if (!tree_open(&r.tree, fit))
        return problem(why, "/: the tree is damaged");
    if (!each(&r, read_top))
        return why->text[0] == ':' ? problem_in(why, "") : false;
    if (c->steward.image_name == NULL || c->console.image_name == NULL)
        return problem(why, BELAY_BUNDLE_CONFIG "/services: %s is missing",
                       c->steward.image_name ? "console" : "steward");
    if (c->vms == 0)
        return problem(why, BELAY_BUNDLE_CONFIG "/vms: there is none");
    return look_up_images(&r);
}
