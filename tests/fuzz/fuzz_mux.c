/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Three VMs that write anything, and a person who types anything. Whatever
 * comes: each line on the terminal begins with a name of ours, no letter stands
 * behind another's name, nobody without the keyboard moves the cursor, and no
 * step adds more than its bound.
 */
#include <stdlib.h>
#include <string.h>

#include "console/mux.h"

#define CHECK(x) do { if (!(x)) abort(); } while (0)
#define VMS 3

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static struct mux mux;
static uint8_t line[64 * 1024];
static size_t bytes;

static const char *const prefix[VMS + 1] = { "[one] ", "[two] ", "[three] ", "[belay] " };

/* Past an escape sequence, which is whole. */
static const uint8_t *skip_escape(const uint8_t *p, const uint8_t *end)
{
    bool control = p + 1 < end && p[1] == '[';

    for (p += control ? 2 : 1; p < end && *p >= 0x20 && *p < (control ? 0x40 : 0x30); p++)
        continue;
    CHECK(p < end && *p >= 0x30 && *p < 0x7f);
    return p + 1;
}

/* Without its escape sequences, and from its last carriage return on: what a person reads. */
static size_t plain(uint8_t *text, size_t count)
{
    const uint8_t *p = text, *end = text + count;
    size_t kept = 0;

    while (p < end) {
        if (*p == 0x1b) {
            p = skip_escape(p, end);
            continue;
        }
        if (*p == '\r')
            kept = 0;
        else
            text[kept++] = *p;
        p++;
    }
    return kept;
}

static void check_line(void)
{
    unsigned owner = 0;
    CHECK(line[0] == '[');
    size_t count = plain(line, bytes), start;

    while (owner <= VMS && (count < strlen(prefix[owner]) || memcmp(line, prefix[owner], strlen(prefix[owner]))))
        owner++;
    CHECK(owner <= VMS);
    start = strlen(prefix[owner]);
    for (size_t i = start; i < count && owner < VMS; i++)
        CHECK(line[i] < 'A' || line[i] > 'Z' || line[i] == 'A' + owner);
}

/* Takes what reached the terminal, and looks at each line that is complete. */
static void look(bool nobody)
{
    uint8_t byte;

    while (ring_pop(&mux.out, &byte)) {
        CHECK(!nobody || (byte != 0x1b && byte != '\b' && byte != 7));
        CHECK(!nobody || bytes == 0 || line[bytes - 1] != '\r' || byte == '\n');
        CHECK(bytes < sizeof(line));
        line[bytes++] = byte;
        if (byte != '\n')
            continue;
        CHECK(bytes >= 2 && line[bytes - 2] == '\r');
        bytes -= 2;
        check_line();
        bytes = 0;
    }
}

/* Every client has a letter of its own; capitals of others and of escape sequences become it or are small. */
static uint8_t own_letter(unsigned client, uint8_t byte)
{
    return byte >= 'A' && byte <= 'Z' ? (uint8_t)('A' + client) : byte;
}

static void step(uint8_t op, uint8_t byte)
{
    unsigned client = op & 3;
    uint32_t room = mux_room(&mux), bound = MUX_STEP;

    if (op & 0x80) {
        bound = MUX_WORDS;
        (void)mux_input(&mux, byte);
    } else if ((op & 0x60) == 0x60) {
        (void)mux_end_line(&mux);
    } else if (op & 0x40) {
        mux_quiet(&mux);
    } else {
        mux_output(&mux, client == VMS ? MUX_LOG : client, own_letter(client, byte));
    }
    CHECK(room - mux_room(&mux) <= bound);
}

/* A first byte below 128: nobody ever gets the keyboard. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    bool nobody = size != 0 && data[0] < 128;

    mux_init(&mux);
    mux_add(&mux, "one", !nobody);
    mux_add(&mux, "two", !nobody);
    mux_add(&mux, "three", false);
    bytes = 0;
    for (size_t i = 1; i + 1 < size; i += 2) {
        step(data[i], data[i + 1]);
        look(nobody);
    }
    return 0;
}
