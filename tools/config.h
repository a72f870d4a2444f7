/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A configuration: what docs/configuration.md describes, as structures that
 * libcyaml fills by the schema in config.c. A quantity is read as text; its
 * number stands beside it.
 */
#ifndef TOOLS_CONFIG_H
#define TOOLS_CONFIG_H

#include <stdbool.h>
#include <stdint.h>

#include "belay/abi.h"
#include "belay/bundle.h"
#include "belay/manage.h"
#include "source.h"

enum choice { UNSET, YES, NO };                  /* idle-time, debug: no unless set; the others: yes */
enum gic { GIC_UNSET, GIC_V2 = 2, GIC_V3 = 3 };
enum action { ACTION_UNSET, ACTION_STOP, ACTION_RESTART };

struct budget {
    char *budget_text, *period_text;
    uint64_t ns, period;                         /* 0: unlimited */
};

struct linux_image {
    char *kernel, *initrd, *cmdline;             /* the last two may be NULL */
};

struct raw_image {
    char *image, *load_address_text;
    uint64_t load_address;
};

struct vm {
    char *name;
    struct linux_image *linux_image;             /* of these, elf, raw and firmware one is not NULL */
    char *elf;
    char *cmdline;                               /* of an ELF or raw image; may be NULL */
    struct raw_image *raw;
    char *firmware;
    char *memory_text;
    uint64_t memory;
    uint32_t *cpus;
    unsigned cpus_count;
    uint32_t priority;
    uint32_t weight;                             /* of a vCPU among equals; 0: not said */
    struct budget budget;
    char *deadline_text;
    uint64_t deadline;                           /* 0: none */
    enum choice idle_time, console, debug, autostart;
    uint32_t manages;                            /* enum manage_right */
    char *watchdog_text;
    bool watchdog;
    uint64_t watchdog_limit;                     /* 0: as the VM wants */
    char *stop_text;
    uint64_t stop;                               /* that it has to stop in, told by its power key; 0: it is not told */
    enum action on_failure, on_reset, on_hang;
    enum gic gic;                                /* what it must have; not said: what the board has */
    char **devices;
    unsigned devices_count;
};

struct service {
    uint32_t priority;
    struct budget budget;
};

struct services {
    struct service steward, console, manager, watchdog, gdb;
};

/* Who may do what from outside, as bits of enum manage_right. */
struct management {
    uint32_t uart;                               /* who comes by the board's second UART; 0: it has none */
    bool asked_for;                              /* the file says so */
};

struct machine {
    char *board;
    char *memory_text;
    uint64_t memory;                             /* of the board */
    uint32_t board_cpus;
    struct services services;
    struct management management;
    struct vm *vms;
    unsigned vms_count;
};

/* Is there anybody who may manage it? Then it has a manager. */
bool config_is_managed(const struct machine *);

struct config {
    const char *path;
    struct source source;
    struct machine *machine;
    struct report *report;
};

/* Reads, and checks all that can be said without looking at other files. False: the report says why. */
bool config_load(struct config *, const char *path, struct report *);
/* In place of what the file says, whether there is such a board or not. */
void config_set_board(struct config *, const char *board);
/* The same from memory. */
bool config_parse(struct config *, const char *text, size_t size, struct report *);
void config_free(struct config *);

struct place config_vm(struct config *, unsigned vm);
struct place config_service(struct config *, const char *name);
/* Does a VM have one, or may be debugged? Only then is there the service. */
bool config_has_watchdogs(const struct machine *);
bool config_has_debug(const struct machine *);

/* The line of a key, or of what should hold it. */
unsigned config_line(struct config *, struct place, const char *key);

/* Reports a mistake in the line of that key; key NULL: of the place itself. */
void config_wrong(struct config *, struct place, const char *key, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* A path of the file, which is relative to the file's own folder, from where the tool runs. */
char *config_path(const struct config *, const char *path);
#endif
