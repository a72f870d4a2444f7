/* SPDX-License-Identifier: Apache-2.0 */
#include "manage_commands.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "error.h"
#include "link.h"
#include "run.h"
#include "view.h"

#define LINE_MAX_BYTES 512
#define AGAIN_US       250000

const char log_help[] =
    "belay log [options]\n"
    "Prints what the machine has said of itself and its VMs, oldest first, with the seconds since\n"
    "it began. It keeps the last 16 KiB.\n"
    "  -f                  goes on with what it says from now on, till Ctrl-C\n"
    VIEW_HELP_JSON VIEW_HELP;

/* A line that comes in pieces. */
struct reader {
    struct link link;
    uint64_t position;
    char line[LINE_MAX_BYTES + 1];
    size_t length;
    json_t *lines;          /* NULL: they are printed */
};

static bool follows;

/* `ticks in hex`, a space, the text. */
static void end_line(struct reader *r)
{
    char *text;
    r->line[r->length] = '\0';
    r->length = 0;
    uint64_t ticks = strtoull(r->line, &text, 16);
    double seconds = (double)ticks / (double)r->link.machine.counter_hz;
    if (*text++ != ' ')
        return;
    if (r->lines)
        json_array_append_new(r->lines, json_pack("{s:f, s:s}", "seconds", seconds, "text", text));
    else
        printf("[%12.6f] %s\n", seconds, text);
}

static void take(struct reader *r, char c)
{
    if (c == '\n')
        end_line(r);
    else if (r->length < LINE_MAX_BYTES)
        r->line[r->length++] = c >= ' ' && c < 0x7f ? c : '?';
}

/* False: there is no more for now. */
static bool read_piece(struct reader *r)
{
    struct { struct manage_log_text head; char text[MANAGE_PAYLOAD]; } answer;
    const struct manage_log log = { r->position };
    if (link_ask(&r->link, MANAGE_LOG, &log, sizeof(log), &answer, sizeof(answer)))
        die("%s", r->link.failure);
    if (answer.head.bytes > MANAGE_PAYLOAD - sizeof(answer.head))
        die("the machine says what can't be; use a belay of its version");
    if (answer.head.first != r->position && r->position) {
        r->length = 0;              /* what it begins with is the rest of nothing */
        say("%" PRIu64 " bytes of the log are forgotten", answer.head.first - r->position);
    }
    for (uint32_t i = 0; i < answer.head.bytes; i++)
        take(r, answer.text[i]);
    r->position = answer.head.next;
    return answer.head.bytes != 0;
}

static bool own_option(int letter, const char *argument)
{
    (void)argument;
    follows |= letter == 'f';
    return letter == 'f';
}

int command_log(int argc, char **argv)
{
    struct view v;
    struct reader r = { .position = 0 };
    view_options(&v, argc, argv, log_help, "f", own_option, 0, 0);
    if (v.help)
        return EXIT_ALL_WELL;
    if (follows && v.json)
        die("-f and --json don't go together: JSON has an end");
    link_open(&r.link, v.socket, v.machine);
    r.lines = v.json ? json_array() : NULL;
    do {
        while (read_piece(&r)) {}
    } while (follows && fflush(stdout) == 0 && usleep(AGAIN_US) == 0);
    if (r.lines)
        view_print(r.lines);
    link_close(&r.link);
    return EXIT_ALL_WELL;
}
