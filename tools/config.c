/* SPDX-License-Identifier: Apache-2.0 */
#include "config.h"

#include <assert.h>
#include <cyaml/cyaml.h>
#include <stdlib.h>
#include <string.h>

#include "schema.h"
#include "units.h"

#define TEXT_MAX    4096
#define CMDLINE_MAX 2048
#define DEVICES_MAX 16
#define STOP_NS     (60 * SEC)

#define OPTIONAL CYAML_FLAG_OPTIONAL
#define REQUIRED CYAML_FLAG_DEFAULT
#define TEXT(key, flags, type, member, max) \
    CYAML_FIELD_STRING_PTR(key, (flags) | CYAML_FLAG_POINTER, type, member, 1, max)
#define WORD(key, type, member, words) \
    CYAML_FIELD_ENUM(key, OPTIONAL | CYAML_FLAG_STRICT, type, member, words, CYAML_ARRAY_LEN(words))

static const cyaml_strval_t choices[] = { { "yes", YES }, { "no", NO }, { "true", YES }, { "false", NO } };
static const cyaml_strval_t actions[] = { { "stop", ACTION_STOP }, { "restart", ACTION_RESTART } };

static const cyaml_strval_t gics[] = { { "v2", GIC_V2 }, { "v3", GIC_V3 } };

static const cyaml_strval_t rights[] = {
    { "list", MANAGE_RIGHT_LIST }, { "control", MANAGE_RIGHT_CONTROL }, { "console", MANAGE_RIGHT_CONSOLE },
    { "debug", MANAGE_RIGHT_DEBUG }, { "trace", MANAGE_RIGHT_TRACE },
};

static const cyaml_schema_field_t linux_fields[] = {
    TEXT("kernel", REQUIRED, struct linux_image, kernel, TEXT_MAX),
    TEXT("initrd", OPTIONAL, struct linux_image, initrd, TEXT_MAX),
    TEXT("cmdline", OPTIONAL, struct linux_image, cmdline, CMDLINE_MAX),
    CYAML_FIELD_END
};

static const cyaml_schema_field_t raw_fields[] = {
    TEXT("image", REQUIRED, struct raw_image, image, TEXT_MAX),
    TEXT("load-address", OPTIONAL, struct raw_image, load_address_text, TEXT_MAX),
    CYAML_FIELD_END
};

static const cyaml_schema_value_t cpu_entry = { CYAML_VALUE_UINT(CYAML_FLAG_DEFAULT, uint32_t) };
static const cyaml_schema_value_t device_entry = { CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char *, 1, TEXT_MAX) };

static const cyaml_schema_field_t vm_fields[] = {
    TEXT("name", REQUIRED, struct vm, name, TEXT_MAX),
    CYAML_FIELD_MAPPING_PTR("linux", OPTIONAL | CYAML_FLAG_POINTER, struct vm, linux_image, linux_fields),
    TEXT("elf", OPTIONAL, struct vm, elf, TEXT_MAX),
    TEXT("cmdline", OPTIONAL, struct vm, cmdline, CMDLINE_MAX),
    CYAML_FIELD_MAPPING_PTR("raw", OPTIONAL | CYAML_FLAG_POINTER, struct vm, raw, raw_fields),
    TEXT("firmware", OPTIONAL, struct vm, firmware, TEXT_MAX),
    TEXT("memory", REQUIRED, struct vm, memory_text, TEXT_MAX),
    CYAML_FIELD_SEQUENCE("cpus", OPTIONAL | CYAML_FLAG_POINTER, struct vm, cpus, &cpu_entry, 1, BELAY_VCPUS_MAX),
    CYAML_FIELD_UINT("priority", REQUIRED, struct vm, priority),
    CYAML_FIELD_UINT("weight", OPTIONAL, struct vm, weight),
    TEXT("budget", OPTIONAL, struct vm, budget.budget_text, TEXT_MAX),
    TEXT("period", OPTIONAL, struct vm, budget.period_text, TEXT_MAX),
    TEXT("deadline", OPTIONAL, struct vm, deadline_text, TEXT_MAX),
    WORD("idle-time", struct vm, idle_time, choices),
    WORD("on-failure", struct vm, on_failure, actions),
    WORD("on-reset", struct vm, on_reset, actions),
    TEXT("watchdog", OPTIONAL, struct vm, watchdog_text, TEXT_MAX),
    WORD("on-hang", struct vm, on_hang, actions),
    TEXT("stop", OPTIONAL, struct vm, stop_text, TEXT_MAX),
    WORD("console", struct vm, console, choices),
    WORD("debug", struct vm, debug, choices),
    WORD("autostart", struct vm, autostart, choices),
    WORD("gic", struct vm, gic, gics),
    CYAML_FIELD_FLAGS("manages", OPTIONAL | CYAML_FLAG_STRICT, struct vm, manages, rights, CYAML_ARRAY_LEN(rights)),
    CYAML_FIELD_SEQUENCE("devices", OPTIONAL | CYAML_FLAG_POINTER, struct vm, devices, &device_entry, 0, DEVICES_MAX),
    CYAML_FIELD_END
};

static const cyaml_schema_field_t service_fields[] = {
    CYAML_FIELD_UINT("priority", OPTIONAL, struct service, priority),
    TEXT("budget", OPTIONAL, struct service, budget.budget_text, TEXT_MAX),
    TEXT("period", OPTIONAL, struct service, budget.period_text, TEXT_MAX),
    CYAML_FIELD_END
};

/* The steward has no budget: the nucleus starts it with a priority alone. */
static const cyaml_schema_field_t steward_fields[] = {
    CYAML_FIELD_UINT("priority", OPTIONAL, struct service, priority),
    CYAML_FIELD_END
};

static const cyaml_schema_field_t services_fields[] = {
    CYAML_FIELD_MAPPING("steward", OPTIONAL, struct services, steward, steward_fields),
    CYAML_FIELD_MAPPING("console", OPTIONAL, struct services, console, service_fields),
    CYAML_FIELD_MAPPING("manager", OPTIONAL, struct services, manager, service_fields),
    CYAML_FIELD_MAPPING("watchdog", OPTIONAL, struct services, watchdog, service_fields),
    CYAML_FIELD_MAPPING("gdb", OPTIONAL, struct services, gdb, service_fields),
    CYAML_FIELD_END
};

static const cyaml_schema_field_t management_fields[] = {
    CYAML_FIELD_FLAGS("uart", OPTIONAL | CYAML_FLAG_STRICT, struct management, uart, rights, CYAML_ARRAY_LEN(rights)),
    CYAML_FIELD_END
};

static const cyaml_schema_value_t vm_entry = { CYAML_VALUE_MAPPING(CYAML_FLAG_DEFAULT, struct vm, vm_fields) };

static const cyaml_schema_field_t machine_fields[] = {
    TEXT("board", REQUIRED, struct machine, board, TEXT_MAX),
    TEXT("memory", OPTIONAL, struct machine, memory_text, TEXT_MAX),
    CYAML_FIELD_UINT("cpus", OPTIONAL, struct machine, board_cpus),
    CYAML_FIELD_MAPPING("services", OPTIONAL, struct machine, services, services_fields),
    CYAML_FIELD_MAPPING("management", OPTIONAL, struct machine, management, management_fields),
    CYAML_FIELD_SEQUENCE("vms", REQUIRED | CYAML_FLAG_POINTER, struct machine, vms, &vm_entry, 1, BELAY_VMS_MAX),
    CYAML_FIELD_END
};

static const cyaml_schema_value_t machine_schema = {
    CYAML_VALUE_MAPPING(CYAML_FLAG_POINTER, struct machine, machine_fields)
};

/* What a service has where the file does not say. */
static const struct { const char *name; uint32_t priority; uint64_t budget, period; } service_defaults[] = {
    { "steward", 120, 0, 0 },
    { "console", 100, 500 * USEC, 5 * MSEC },
    { "manager", 90, 250 * USEC, 5 * MSEC },
    { "watchdog", 110, 100 * USEC, 5 * MSEC },
    { "gdb", 80, 500 * USEC, 5 * MSEC },
};

bool config_has_debug(const struct machine *m)
{
    for (unsigned i = 0; i < m->vms_count; i++)
        if (m->vms[i].debug == YES)
            return true;
    return false;
}

bool config_is_managed(const struct machine *m)
{
    bool managed = m->management.uart != 0;
    for (unsigned i = 0; i < m->vms_count; i++)
        managed |= m->vms[i].manages != 0;
    return managed;
}

struct place config_vm(struct config *c, unsigned vm)
{
    return place_item(&c->source, place_key(&c->source, place_root(&c->source), "vms"), vm);
}

struct place config_service(struct config *c, const char *name)
{
    return place_key(&c->source, place_key(&c->source, place_root(&c->source), "services"), name);
}

bool config_has_watchdogs(const struct machine *m)
{
    bool has = false;
    for (unsigned i = 0; i < m->vms_count; i++)
        has = has || m->vms[i].watchdog;
    return has;
}

unsigned config_line(struct config *c, struct place p, const char *key)
{
    return place_key(&c->source, p, key).line;
}

void config_wrong(struct config *c, struct place p, const char *key, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    report_add_list(c->report, key ? config_line(c, p, key) : p.line, format, arguments);
    va_end(arguments);
}

char *config_path(const struct config *c, const char *path)
{
    const char *slash = strrchr(c->path, '/');
    if (path[0] == '/' || !slash)
        return text_format("%s", path);
    return text_format("%.*s/%s", (int)(slash - c->path), c->path, path);
}

/* Keeps libcyaml's first words: its later ones say in which structure that was. */
__attribute__((format(printf, 3, 0)))
static void keep_first_error(cyaml_log_t level, void *context, const char *format, va_list arguments)
{
    char *first = context;
    if (level == CYAML_LOG_ERROR && !first[0]) {
        vsnprintf(first, TEXT_MAX, format, arguments);
        first[strcspn(first, "\n")] = '\0';
    }
}

static cyaml_config_t cyaml_setup(char *first_error)
{
    return (cyaml_config_t){ .log_fn = keep_first_error, .log_ctx = first_error, .mem_fn = cyaml_mem,
                             .log_level = CYAML_LOG_ERROR };
}

static bool fill(struct config *c)
{
    char first_error[TEXT_MAX] = "";
    cyaml_config_t setup = cyaml_setup(first_error);
    cyaml_data_t *data = NULL;
    cyaml_err_t error = cyaml_load_data((const uint8_t *)c->source.text, c->source.size, &setup, &machine_schema, &data,
                                        NULL);
    c->machine = data;
    if (error != CYAML_OK)
        report_add(c->report, 1, "%s; write it as docs/configuration.md shows",
                   first_error[0] ? first_error : cyaml_strerror(error));
    return error == CYAML_OK;
}

static enum choice choice_of(const char *text)
{
    for (unsigned i = 0; i < CYAML_ARRAY_LEN(choices); i++) {
        if (strcmp(text, choices[i].str) == 0)
            return (enum choice)choices[i].val;
    }
    return UNSET;
}

/* Texts that are numbers are named alike wherever they stand. */
static const char *number_wrong(const char *key, const char *text)
{
    uint64_t value = 0;
    if (strcmp(key, "memory") == 0 && (!parse_size(text, &value) || !value))
        return "a whole number and K, M or G, such as 512M";
    bool time = strcmp(key, "budget") == 0 || strcmp(key, "period") == 0 || strcmp(key, "deadline") == 0;
    if (time && (!parse_time(text, &value) || !value))
        return "a whole number and ns, us, ms or s, such as 300us";
    if (strcmp(key, "watchdog") == 0 && choice_of(text) == UNSET && (!parse_time(text, &value) || !value))
        return "yes, no, or a whole number and ms or s, such as 10s";
    if (strcmp(key, "stop") == 0 && strcmp(text, "power-key") != 0 && strcmp(text, "at-once") != 0 &&
        (!parse_time(text, &value) || !value))
        return "power-key, at-once, or a whole number and s, such as 60s";
    if (strcmp(key, "load-address") == 0 && !parse_number(text, &value))
        return "a number, such as 0x40000000";
    return NULL;
}

/* number_wrong has seen it: it converts. */
static uint64_t convert(bool (*parse)(const char *, uint64_t *), const char *text)
{
    uint64_t value = 0;
    bool good = !text || parse(text, &value);
    assert(good);
    return good ? value : 0;
}

static void convert_budget(struct budget *b)
{
    b->ns = convert(parse_time, b->budget_text);
    b->period = convert(parse_time, b->period_text);
}

static void convert_watchdog(struct vm *vm)
{
    enum choice choice = vm->watchdog_text ? choice_of(vm->watchdog_text) : NO;
    vm->watchdog = choice != NO;
    vm->watchdog_limit = choice == UNSET ? convert(parse_time, vm->watchdog_text) : 0;
}

/* A Linux knows what a power key is; who else does, says so. */
static void convert_stop(struct vm *vm)
{
    const char *how = vm->stop_text ? vm->stop_text : vm->linux_image ? "power-key" : "at-once";
    if (strcmp(how, "power-key") == 0)
        vm->stop = STOP_NS;
    else if (strcmp(how, "at-once") != 0)
        vm->stop = convert(parse_time, how);
}

static void convert_vm(struct vm *vm)
{
    convert_watchdog(vm);
    convert_stop(vm);
    vm->memory = convert(parse_size, vm->memory_text);
    vm->deadline = convert(parse_time, vm->deadline_text);
    convert_budget(&vm->budget);
    if (vm->raw)
        vm->raw->load_address = convert(parse_number, vm->raw->load_address_text);
}

static void convert_service(struct config *c, struct service *s, unsigned which)
{
    struct place p = config_service(c, service_defaults[which].name);
    convert_budget(&s->budget);
    if (!place_key(&c->source, p, "priority").node)
        s->priority = service_defaults[which].priority;
    if (!s->budget.ns && !s->budget.period) {
        s->budget.ns = service_defaults[which].budget;
        s->budget.period = service_defaults[which].period;
    }
}

static void convert_management(struct config *c, struct management *m)
{
    m->asked_for = place_key(&c->source, place_key(&c->source, place_root(&c->source), "management"), "uart").node;
    if (!m->asked_for)
        m->uart = MANAGE_RIGHTS;
}

static void convert_machine(struct config *c)
{
    c->machine->memory = convert(parse_size, c->machine->memory_text);
    convert_service(c, &c->machine->services.steward, 0);
    convert_service(c, &c->machine->services.console, 1);
    convert_service(c, &c->machine->services.manager, 2);
    convert_service(c, &c->machine->services.watchdog, 3);
    convert_service(c, &c->machine->services.gdb, 4);
    convert_management(c, &c->machine->management);
    for (unsigned i = 0; i < c->machine->vms_count; i++)
        convert_vm(&c->machine->vms[i]);
}

static bool load_source(struct config *c)
{
    schema_check(&c->source, &machine_schema, number_wrong, c->report);
    if (c->report->count == 0 && fill(c))
        convert_machine(c);
    if (c->report->count > 0)
        config_free(c);
    return c->report->count == 0;
}

bool config_load(struct config *c, const char *path, struct report *r)
{
    *c = (struct config){ .path = path, .report = r };
    return source_read(&c->source, path, r) && load_source(c);
}

void config_set_board(struct config *c, const char *board)
{
    size_t size = strlen(board) + 1;
    c->machine->board = cyaml_mem(NULL, c->machine->board, size);
    if (!c->machine->board)
        die("out of memory");
    memcpy(c->machine->board, board, size);
}

bool config_parse(struct config *c, const char *text, size_t size, struct report *r)
{
    *c = (struct config){ .path = "", .report = r };
    return source_parse(&c->source, text, size, r) && load_source(c);
}

void config_free(struct config *c)
{
    char ignored[TEXT_MAX] = "";
    cyaml_config_t setup = cyaml_setup(ignored);
    cyaml_free(&setup, &machine_schema, c->machine, 0);
    c->machine = NULL;
    source_free(&c->source);
}
