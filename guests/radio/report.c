/* SPDX-License-Identifier: Apache-2.0 */
#include <stddef.h>

#include "guest.h"
#include "radio.h"
#include "task.h"

#define SLOT_CHARACTERS 6       /* what a UART of 115200 baud sends in a slot */
#define LINE            160

static struct semaphore slot_begins;
static volatile bool slot_wanted;
static uint64_t end_after, crash_after;     /* seconds; 0 for never */

static uint64_t ns(uint64_t ticks) { return ticks / hz * 1000000000 + ticks % hz * 1000000000 / hz; }
static uint64_t us(uint64_t ticks) { return (ns(ticks) + 999) / 1000; }

void report_clock(void)
{
    if (slot_wanted) {
        slot_wanted = false;
        semaphore_give(&slot_begins);
    }
}

/* A device may keep the CPU for a while. Right after a slot's work it keeps nobody. */
static void send_slowly(const char *line)
{
    for (unsigned n = 0; line[n]; n++) {
        if (n % SLOT_CHARACTERS == 0) {
            slot_wanted = true;
            semaphore_take(&slot_begins);
        }
        uart_putc(line[n]);
    }
}

static uint64_t quantile_ns(uint64_t per_mille) { return ns(histogram_quantile(&release_latency, per_mille, 1000)); }

static void report_second(uint64_t second)
{
    char line[LINE];
    print_to(line, sizeof line,
             "radio: %lu s, frames %lu, missed %lu, voice %lu, bad %lu, "
             "worst %lu ns, p50 %lu ns, p99 %lu ns, p99.9 %lu ns\n",
             second, counters.frames, counters.missed, counters.voice, counters.bad + fp_lost,
             ns(release_latency.worst), quantile_ns(500), quantile_ns(990), quantile_ns(999));
    send_slowly(line);
}

static void report_end(uint64_t second)
{
    char line[LINE];
    print_to(line, sizeof line, "radio: ends after %lu s: receive %lu us, send %lu us, listen %lu us, voice %lu us\n",
             second, us(counters.late[0]), us(counters.late[3]), us(counters.late[6]), us(counters.voice_late));
    send_slowly(line);
    system_off();
}

static void report_task(void *argument)
{
    (void)argument;
    for (uint64_t second = 1;; second++) {
        sleep_until(time_of(second, 1, 1));
        report_second(second);
        if (second == crash_after) {
            send_slowly("radio: crashes, as it was told\n");
            crash();
        }
        if (second == end_after) {
            report_end(second);
        }
    }
}

void report_start(const char *args)
{
    option_number(args, "seconds", &end_after);
    option_number(args, "crash", &crash_after);
    task_create(PRIORITY_REPORT, report_task, NULL, false);
}
