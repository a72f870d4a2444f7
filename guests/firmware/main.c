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
