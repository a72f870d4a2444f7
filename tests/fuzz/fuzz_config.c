/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any text as a configuration. Whatever it is: it is either a machine whose
 * every part is there, or there is a mistake, and each mistake is one line
 * that a terminal can show.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"
#include "timing.h"

#define CHECK(x) do { if (!(x)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static FILE *nowhere;

static void check_mistakes(const struct report *r, size_t size)
{
    CHECK(r->count > 0);
    for (size_t i = 0; i < r->count; i++) {
        CHECK(r->mistakes[i].line <= size + 2);
        for (const char *c = r->mistakes[i].text; *c; c++)
            CHECK((unsigned char)*c >= ' ' && *c != 0x7f);
    }
}

static void check_machine(struct config *c)
{
    const struct machine *m = c->machine;
    CHECK(m->vms_count >= 1 && m->vms_count <= BELAY_VMS_MAX);
    for (unsigned i = 0; i < m->vms_count; i++)
        CHECK(m->vms[i].name && m->vms[i].memory && config_vm(c, i).node);
    if (check_config(c))
        timing_print(c, board_find(m->board), nowhere);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct report r = { .file = "fuzz" };
    struct config c;
    if (!nowhere)
        nowhere = fopen("/dev/null", "w");
    if (config_parse(&c, (const char *)data, size, &r)) {
        check_machine(&c);
        config_free(&c);
    } else {
        check_mistakes(&r, size);
    }
    report_print(&r, nowhere);
    report_free(&r);
    return 0;
}
