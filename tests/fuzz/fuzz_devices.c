/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A VM that does anything to its small devices while time passes, it is reset, and the service is restarted. Whatever
 * comes: nothing is answered beyond the access's size, the lines are as the registers say once the worker has looked
 * when it was to, and another VM's devices are as they were.
 */
#include <stdlib.h>
#include <string.h>

#include "handset/devices.c"

#define VM    1
#define OTHER 0
#define HZ    UINT64_C(1000)
#define CHECK(x) do { if (!(x)) abort(); } while (0)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t ram[8192], kernel[5000];
static const char cmdline[] = "console=ttyAMA0";
static const struct handset_config config = {
    .clock = { .seconds = 0xffffff00, .ticks = 1000 }, .vcpus = { 4, 5, 6, 7 },
    .boot = { [VM] = { { (uintptr_t)ram, sizeof ram }, { (uintptr_t)kernel, sizeof kernel }, { 0, 0 },
                       { (uintptr_t)cmdline, sizeof cmdline } } },
};
static uint64_t counter;
static uint64_t level[HANDSET_LINES];
static uint8_t stored[2 * CFI_BLOCK_BYTES];

uint64_t counter_now(void)
{
    return counter;
}

uint64_t counter_hz(void)
{
    return HZ;
}

struct hypercall_result hypercall(unsigned number, uint64_t a0, uint64_t a1, uint64_t a2, uint64_t a3, uint64_t a4,
                                  uint64_t a5)
{
    (void)a2, (void)a3, (void)a4, (void)a5;
    CHECK(number == BELAY_HC_LINE_SET || number == BELAY_HC_NOTIFY);    /* it never has to yield */
    if (number == BELAY_HC_LINE_SET) {
        uint64_t line = a0 - CONSOLE_H_DEVICES - VM * HANDSET_LINES;
        CHECK(a1 <= 1);
        if (line < HANDSET_LINES)
            level[line] = a1;
        else
            CHECK(a1 == 0);             /* the others do nothing */
    } else {
        CHECK(a0 == SERVICE_H_WAKE && a1 == CONSOLE_BIT_DEVICES);
    }
    return (struct hypercall_result){ 0, { 0 } };
}

static uint64_t read_4(unsigned vm, uint64_t address)
{
    return devices_access(vm, &config, address - HANDSET_DEVICES, 4, 0).x0;
}

static void check_lines(void)
{
    CHECK((read_4(VM, HANDSET_RTC + PL031_MIS) != 0) == level[HANDSET_LINE_RTC]);
    CHECK((read_4(VM, HANDSET_GPIO + PL061_MIS) != 0) == level[HANDSET_LINE_GPIO]);
}

/* The worker looks when it is to: nothing is left for now then. */
static void pass(uint64_t ticks)
{
    uint64_t to = counter + ticks;

    while (devices_due() <= to) {
        counter = devices_due() > counter ? devices_due() : counter;
        devices_look();
        CHECK(devices_due() > counter);
    }
    counter = to;
    check_lines();
}

static void restart(void)
{
    memset(live, 0, sizeof live);
    due = 0;
}

static void access_register(const uint8_t op[8])
{
    /* Registers that do something, mostly, all of each, and times that come: else an alarm would seldom be due. */
    bool odd_one = op[2] & 0x80;
    uint64_t page = odd_one ? op[1] & 3 : (op[1] & 1) << 1;
    uint64_t within = (page == 2 ? PL061_DATA + 0x3e0 : 0) + (op[3] & (page == 2 ? 15 : 7)) * 4u;
    uint64_t offset = page << 16 | (odd_one ? (uint64_t)(op[2] & 0x1f) << 8 | op[3] : within);
    offset += odd_one && op[1] & 0x20 ? HANDSET_SLOTS_OFFSET : 0;
    unsigned odd = odd_one ? op[4] & 0x1f : 4;
    uint64_t value = (uint64_t)op[5] << 36 | (uint64_t)op[6] << 24 | op[7];
    bool write = op[4] & 0x40;
    if (op[4] & 0x10)
        value = (uint32_t)(read_4(VM, HANDSET_RTC + PL031_DR) + op[7] % 4);
    struct portal_reply r = devices_access(VM, &config, offset, odd | (write ? BELAY_ACCESS_WRITE : 0), value);

    CHECK(r.x1 == 0 || (r.x1 == BELAY_ACCESS_ABORT && r.x0 == 0));
    CHECK(!write || r.x0 == 0);
    CHECK(odd >= 8 || r.x0 >> odd * 8 == 0);
}

/* Whatever is written: what is stored is in its place, and nothing else is touched (ASan). */
static void access_flash_bank(const uint8_t op[8])
{
    static const uint8_t commands[] = { CFI_READ_ARRAY, CFI_READ_ID, CFI_QUERY, CFI_READ_STATUS, CFI_CLEAR_STATUS, CFI_PROGRAM,
                                        CFI_ERASE, CFI_CONFIRM, CFI_BUFFER, CFI_LOCK_SETUP, 0, 1, 31, 32 };
    const struct cfi_store store = { stored, sizeof stored };
    uint64_t offset = (uint64_t)(op[1] & 7) << 17 | (op[1] & 8 ? CFI_BANK_BYTES - 0x10000 : 0) | (uint64_t)op[2] << 8 | op[3];
    uint64_t value = op[4] & 0x20 ? op[5] | (uint64_t)op[6] << 32 : commands[op[5] % sizeof commands];
    unsigned size = op[4] & 0x80 ? op[4] & 0x1f : 1u << (op[4] & 3);

    if (op[4] & 0x40) {
        access_flash(VM, &store, offset + (op[1] & 0x10 ? 0 : HANDSET_FLASH_BANK), size | BELAY_ACCESS_WRITE, value);
    } else {
        uint64_t read = access_flash(VM, &store, offset + (op[1] & 0x10 ? 0 : HANDSET_FLASH_BANK), size, 0);
        CHECK(size >= 8 || read >> size * 8 == 0);
    }
}

/* Whatever is asked for, and from wherever: the VM's RAM alone is written, with what the items have, or zeros (ASan). */
static void access_by_dma(const uint8_t op[8])
{
    static const uint8_t keys[] = { FW_CFG_SIGNATURE, FW_CFG_ID, FW_CFG_KERNEL_SIZE, FW_CFG_KERNEL_DATA, FW_CFG_INITRD_DATA,
                                    FW_CFG_CMDLINE_DATA, FW_CFG_FILE_DIR, 0x77 };
    uint64_t at = (uint64_t)op[2] << 5 | (op[1] & 31), address = HANDSET_RAM + ((uint64_t)op[3] << 5);
    uint32_t control = (uint32_t)keys[op[4] & 7] << 16 | op[4] >> 3, length = (uint32_t)op[5] << (op[6] & 31) | op[7];
    const struct dma { uint32_t control, length; uint64_t address; } a = {
        __builtin_bswap32(control), __builtin_bswap32(length), __builtin_bswap64(op[6] & 0x80 ? ~address : address) };

    if (at <= sizeof ram - sizeof a)
        memcpy(ram + at, &a, sizeof a);
    devices_access(VM, &config, HANDSET_FW_CFG - HANDSET_DEVICES + FW_CFG_DMA, 8 | BELAY_ACCESS_WRITE,
                   __builtin_bswap64(HANDSET_RAM + at));
    for (unsigned i = 0; i < sizeof kernel; i++)
        CHECK(kernel[i] == (uint8_t)i);
}

static void step(const uint8_t op[8])
{
    switch (op[0] & 7) {
    case 0: pass(op[1]); break;
    case 1: pass((uint64_t)op[1] << (op[2] & 31)); break;
    case 2:
        if (op[1] < 16)
            devices_reset(VM);
        pass(0);
        break;
    case 3:
        if (op[1] < 32)
            restart();
        pass(0);
        break;
    case 4: devices_press(VM); pass(op[1]); break;
    case 5: access_flash_bank(op); break;
    case 6: access_by_dma(op); break;
    default: access_register(op);
    }
    CHECK(read_4(OTHER, HANDSET_GPIO + PL061_DATA + 0x3fc) == 0);
    CHECK(read_4(OTHER, HANDSET_RTC + PL031_DR) == (uint32_t)(config.clock.seconds + (counter - config.clock.ticks) / HZ));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    memset(states, 0, sizeof states);
    memset(level, 0, sizeof level);
    memset(ram, 0, sizeof ram);
    for (unsigned i = 0; i < sizeof kernel; i++)
        kernel[i] = (uint8_t)i;
    counter = config.clock.ticks;
    restart();
    pass(0);
    for (; size >= 8; data += 8, size -= 8)
        step(data);
    pass(0);
    return 0;
}
