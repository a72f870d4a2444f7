/* SPDX-License-Identifier: Apache-2.0 */
/*
 * gcda IMAGE COUNTERS RELA_START RELA_END BSS_START GCOV_START GCOV_END: the nucleus's counters, as they were found in
 * the memory of machines, become the files that gcov reads. The image is relocated here as it relocates itself, for it
 * has gcov's structures; libgcov writes the files.
 */
#include <fcntl.h>
#include <gcov.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

static void demand(int promise, const char *what)
{
    if (promise)
        return;
    fprintf(stderr, "gcda: %s\n", what);
    exit(1);
}

static size_t read_file(const char *name, uint8_t *to, size_t max)
{
    FILE *f = fopen(name, "rb");

    demand(f != NULL, name);
    size_t bytes = fread(to, 1, max, f);
    fclose(f);
    return bytes;
}

static FILE *out;

static void begin(const char *name, void *arg)
{
    (void)arg;
    if (out)
        fclose(out);
    out = fopen(name, "wb");
    demand(out != NULL, name);
}

static void write_some(const void *bytes, unsigned n, void *arg)
{
    (void)arg;
    demand(fwrite(bytes, 1, n, out) == n, "cannot write");
}

static void *allocate(unsigned n, void *arg)
{
    (void)arg;
    return malloc(n);
}

/* R_AARCH64_RELATIVE, all of them (ELF for Arm 64-bit, 5.7.7). */
static void relocate(uint8_t *image, const uint8_t *from, const uint8_t *to)
{
    for (; from < to; from += 24) {
        uint64_t rela[3], value;
        memcpy(rela, from, sizeof rela);
        value = (uintptr_t)image + rela[2];
        memcpy(image + rela[0], &value, sizeof value);
    }
}

int main(int arguments, char **argument)
{
    enum { MAX = 16 << 20 };
    static uint8_t image[MAX] __attribute__((aligned(4096)));
    uint64_t at[5];

    demand(arguments == 8, "IMAGE COUNTERS and five addresses are wanted");
    for (int i = 0; i < 5; i++)
        at[i] = strtoull(argument[3 + i], NULL, 16);
    demand(read_file(argument[1], image, MAX) >= at[4] && at[2] < MAX, "the image is not as its symbols say");
    relocate(image, image + at[0], image + at[1]);
    (void)read_file(argument[2], image + at[2], MAX - at[2]);
    for (uint8_t *p = image + at[3]; p < image + at[4]; p += sizeof(void *)) {
        const struct gcov_info *info;
        memcpy(&info, p, sizeof info);
        __gcov_info_to_gcda(info, begin, write_some, allocate, NULL);
    }
    return 0;
}
