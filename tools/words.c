/* SPDX-License-Identifier: Apache-2.0 */
#include "words.h"

#include <stddef.h>
#include <string.h>

#define LONGEST 31

static const char *const synonyms[][2] = {
    { "ram", "memory" }, { "mem", "memory" }, { "cpu", "cpus" }, { "vcpus", "cpus" }, { "prio", "priority" },
    { "bootargs", "cmdline" }, { "append", "cmdline" }, { "ramdisk", "initrd" }, { "bin", "raw" }, { "binary", "raw" },
    { "vm", "vms" }, { "guests", "vms" }, { "domains", "vms" }, { "machine", "board" }, { "image", "kernel" },
    { "image", "raw" }, { "wcet", "budget" }, { "capacity", "budget" }, { "restart", "on-failure" },
    { "passthrough", "devices" }, { "uart", "console" }, { "serial", "console" },
    { "heartbeat", "watchdog" }, { "wdt", "watchdog" },
    { "bios", "firmware" }, { "flash", "firmware" }, { "shutdown", "stop" }, { "on-stop", "stop" },
    { "shares", "weight" }, { "share", "weight" },
};

static const char *const examples[][2] = {
    { "board", "board: qemu-virt" }, { "vms", "vms: [{name: phone, ...}]" }, { "name", "name: phone" },
    { "memory", "memory: 512M" },
    { "priority", "priority: 10" }, { "kernel", "kernel: guests/linux/Image" }, { "initrd", "initrd: initrd.cpio.gz" },
    { "image", "image: guests/radio.bin" }, { "budget", "budget: 300us" }, { "period", "period: 1ms" },
    { "deadline", "deadline: 100us" },
    { "watchdog", "watchdog: 10s" }, { "weight", "weight: 200" }, { "stop", "stop: 60s" }, { "elf", "elf: guests/radio.elf" },
    { "firmware", "firmware: QEMU_EFI.fd" }, { "gic", "gic: v2" },
    { "load-address", "load-address: 0x40000000" },
    { "devices", "devices: [rtc]" }, { "cmdline", "cmdline: \"console=ttyAMA0\"" },
    { "cpus", "cpus: [0]" }, { "linux", "linux: {kernel: guests/linux/Image}" },
    { "raw", "raw: {image: guests/radio.bin}" }, { "management", "management: {uart: [list, control]}" },
    { "uart", "uart: [list, control]" }, { "debug", "debug: yes" },
    { "manages", "manages: [list]" }, { "services", "services: {console: {priority: 100}}" },
};

bool word_stands_for(const char *key, const char *field)
{
    for (size_t i = 0; i < sizeof(synonyms) / sizeof(synonyms[0]); i++) {
        if (strcmp(key, synonyms[i][0]) == 0 && strcmp(field, synonyms[i][1]) == 0)
            return true;
    }
    return false;
}

const char *word_example(const char *key)
{
    for (size_t i = 0; i < sizeof(examples) / sizeof(examples[0]); i++) {
        if (strcmp(key, examples[i][0]) == 0)
            return examples[i][1];
    }
    return NULL;
}

static unsigned least(unsigned a, unsigned b, unsigned c)
{
    unsigned ab = a < b ? a : b;
    return ab < c ? ab : c;
}

unsigned word_distance(const char *a, const char *b)
{
    size_t a_length = strnlen(a, LONGEST), b_length = strnlen(b, LONGEST);
    unsigned row[LONGEST + 1];
    for (unsigned j = 0; j <= b_length; j++)
        row[j] = j;
    for (unsigned i = 1; i <= a_length; i++) {
        unsigned diagonal = row[0];
        row[0] = i;
        for (unsigned j = 1; j <= b_length; j++) {
            unsigned above = row[j];
            row[j] = least(above + 1, row[j - 1] + 1, diagonal + (a[i - 1] != b[j - 1]));
            diagonal = above;
        }
    }
    return row[b_length];
}

unsigned word_distance_max(const char *word)
{
    return strlen(word) <= 4 ? 1 : 2;
}
