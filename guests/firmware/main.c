/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A firmware, which runs out of flash and keeps a word in its second bank, as EDK2 keeps its variables there: it counts
 * its starts by the bits that it clears, resets the machine till there were three, and erases the block.
 */
#include <stdint.h>

#define UART      ((volatile uint32_t *)0x09000000)
#define BANK      ((volatile uint32_t *)0x04000000)
#define FW_CFG    ((volatile uint32_t *)0x09020000)
#define TREE      ((const volatile uint32_t *)0x40000000)
#define END_OF_BANK ((const volatile uint32_t *)0x03fffffc)

#define BOTH(command) ((uint32_t)(command) << 16 | (command))
#define STARTS    3u
#define SYSTEM_RESET 0x84000009u

extern volatile uint32_t _start[];      /* at address 0 */

void main(void);

static void say(const char *text)
{
    for (; *text; text++)
        *UART = (uint8_t)*text;
}

static void say_whether(const char *what, int it_is)
{
    say("firmware: ");
    say(what);
    say(it_is ? ": yes\n" : ": no\n");
}

static uint32_t status(void)
{
    uint32_t now = BANK[0];

    BANK[0] = BOTH(0xff);
    return now;
}

static uint32_t program(uint32_t word, uint32_t value)
{
    BANK[word] = BOTH(0x40);
    BANK[word] = value;
    return status();
}

static uint32_t erase(uint32_t word)
{
    BANK[word] = BOTH(0x20);
    BANK[word] = BOTH(0xd0);
    return status();
}

static int is_flash(void)
{
    BANK[0x55] = BOTH(0x98);
    int is = BANK[0x10] == BOTH('Q') && BANK[0x11] == BOTH('R') && BANK[0x12] == BOTH('Y');
    BANK[0] = BOTH(0xff);
    return is;
}

static void reset(void)
{
    register uint64_t x0 __asm__("x0") = SYSTEM_RESET;

    __asm__ volatile("hvc #0" : "+r"(x0) : : "memory");
}

#define SELECTOR  ((volatile uint16_t *)0x09020008)
#define DMA       ((volatile uint64_t *)0x09020010)
#define ID        0x0001u
#define KERNEL    0x0011u
#define READ      0x02u
#define SELECT    0x08u
#define HERE      0x40100000u           /* in RAM; the kernel's start follows */
#define BYTES     64u

static uint64_t item(uint16_t key)
{
    *SELECTOR = __builtin_bswap16(key);
    return *(const volatile uint64_t *)FW_CFG;
}

/* The kernel that it may fetch, by DMA as by the data register. */
static int fetches(void)
{
    volatile uint32_t *control = (volatile uint32_t *)HERE;
    const volatile uint64_t *got = (const volatile uint64_t *)(HERE + 16);

    control[0] = __builtin_bswap32(KERNEL << 16 | SELECT | READ);
    control[1] = __builtin_bswap32(BYTES);
    *(volatile uint64_t *)(HERE + 8) = __builtin_bswap64(HERE + 16);
    *DMA = __builtin_bswap64(HERE);
    int same = control[0] == 0 && got[0] == item(KERNEL);
    for (uint32_t i = 1; i < BYTES / 8; i++)
        same = same && got[i] == *(const volatile uint64_t *)FW_CFG;
    return same;
}

static void first_start(void)
{
    say_whether("a device tree is at the start of RAM", TREE[0] == 0xedfe0dd0);
    say_whether("fw_cfg is QEMU's", *FW_CFG == 0x554d4551);
    say_whether("the second bank is flash", is_flash());
    uint32_t code = _start[1];
    _start[1] = ~code;
    say_whether("its image can't be written", _start[1] == code);
    say_whether("the first bank is erased behind the image", *END_OF_BANK == UINT32_MAX);
    say_whether("behind what is stored nothing can be programmed", program(0x100000 / 4, 0) == BOTH(0x90));
    BANK[0] = BOTH(0x50);
    BANK[0] = BOTH(0xff);
    if (item(ID) & 2)
        say_whether("its kernel is fetched by DMA", fetches());
}

void main(void)
{
    uint32_t starts = 1, kept = BANK[0x100];

    for (; !(kept & 1); kept >>= 1)
        starts++;
    say("firmware: start ");
    *UART = '0' + starts;
    say(" out of flash\n");
    if (starts == 1)
        first_start();
    if (starts < STARTS) {
        say_whether("a word is programmed", program(0x100, UINT32_MAX << starts) == BOTH(0x80));
        reset();
    }
    say_whether("a block is erased", erase(0x100) == BOTH(0x80) && BANK[0x100] == UINT32_MAX);
}
