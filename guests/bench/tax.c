/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tax: the init process of a Linux guest that measures what Linux's own work
 * costs, in the time that the guest sees. `tax busy` instead keeps the CPU
 * busy for ever with the same kinds of work.
 */
#include <err.h>
#include <fcntl.h>
#include <linux/random.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096

static const char *self;

static void compute(unsigned rounds)
{
    static double vector[512];
    volatile uint64_t result = 1;
    double sum = 0;

    while (rounds--) {
        for (unsigned i = 0; i < 512; i++) {
            result = result * 6364136223846793005u + 1442695040888963407u;
            vector[i] = vector[i] * 0.5 + (double)(result >> 40);
            sum += vector[i];
        }
    }
    result += sum > 0;
}

static void syscalls(unsigned rounds)
{
    while (rounds--) {
        syscall(SYS_getppid);
    }
}

static pid_t fork_or_end(void)
{
    pid_t child = fork();

    if (child < 0) {
        err(1, "fork");
    }
    return child;
}

static void wait_for(pid_t child)
{
    int status;

    if (waitpid(child, &status, 0) != child || status != 0) {
        errx(1, "a child failed");
    }
}

static void fork_and_exec(unsigned rounds)
{
    while (rounds--) {
        pid_t child = fork_or_end();

        if (child == 0) {
            execl(self, self, "exit", (char *)NULL);
            _exit(1);
        }
        wait_for(child);
    }
}

static void pass_on(int from, int to)
{
    char token;

    if (read(from, &token, 1) != 1 || write(to, &token, 1) != 1) {
        err(1, "pipe");
    }
}

/* Two processes hand one byte to and fro. */
static void pipes(unsigned rounds)
{
    int there[2], back[2];

    if (pipe(there) || pipe(back) || write(there[1], "x", 1) != 1) {
        err(1, "pipe");
    }
    pid_t child = fork_or_end();
    for (unsigned i = 0; i < rounds; i++) {
        child == 0 ? pass_on(there[0], back[1]) : pass_on(back[0], there[1]);
    }
    if (child == 0) {
        _exit(0);
    }
    wait_for(child);
    close(there[0]), close(there[1]), close(back[0]), close(back[1]);
}

static void page_faults(unsigned rounds)
{
    enum { PAGES = 1024 };

    while (rounds--) {
        char *pages = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

        if (pages == MAP_FAILED || madvise(pages, PAGES * PAGE, MADV_NOHUGEPAGE)) {
            err(1, "mmap");
        }
        for (unsigned i = 0; i < PAGES; i++) {
            *(volatile char *)(pages + i * PAGE) = 1;
        }
        munmap(pages, PAGES * PAGE);
    }
}

/* A line now and then: what the console can take, and no flood. */
static void console(unsigned rounds)
{
    while (rounds--) {
        puts("tax: busy");
        usleep(20000);
    }
}

static const struct work {
    const char *name;
    void (*run)(unsigned rounds);
    unsigned rounds;
} works[] = {
    { "compute", compute, 100000 },
    { "syscall", syscalls, 1500000 },
    { "forkexec", fork_and_exec, 1000 },
    { "pipe", pipes, 40000 },
    { "fault", page_faults, 150 },
};
#define WORKS (sizeof(works) / sizeof(works[0]))

static uint64_t nanoseconds(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

/* Until it has entropy the kernel makes each random number the slow way, and each system call takes one. */
static void give_entropy(void)
{
    union { struct rand_pool_info info; char room[sizeof(struct rand_pool_info) + 64]; } pool =
        { .info = { .entropy_count = 512, .buf_size = 64 } };

    if (mount("none", "/dev", "devtmpfs", 0, NULL)) {
        err(1, "/dev");
    }
    int random = open("/dev/random", O_RDWR);
    if (random < 0 || ioctl(random, RNDADDENTROPY, &pool)) {
        err(1, "/dev/random");
    }
    close(random);
}

static void measure(void)
{
    sleep(2);       /* what the kernel still does after its boot is no part of this */
    for (const struct work *w = works; w < works + WORKS; w++) {
        w->run(1 + w->rounds / 100);
        uint64_t start = nanoseconds();
        w->run(w->rounds);
        printf("tax: %s ns %llu\n", w->name, (unsigned long long)(nanoseconds() - start));
    }
    puts("tax: done");
    sync();
    reboot(RB_POWER_OFF);
}

_Noreturn static void for_ever(void (*run)(unsigned), unsigned rounds)
{
    while (true) {
        run(rounds);
    }
}

_Noreturn static void keep_busy(void)
{
    for (const struct work *w = works; w < works + WORKS; w++) {
        if (fork_or_end() == 0) {
            for_ever(w->run, w->rounds);
        }
    }
    for_ever(console, 1);
}

int main(int count, char **arguments)
{
    const char *mode = arguments[count - 1];     /* the kernel puts words of its own before it */

    self = arguments[0];
    setvbuf(stdout, NULL, _IOLBF, 0);
    if (!strcmp(mode, "exit")) {
        return 0;
    }
    give_entropy();
    if (!strcmp(mode, "busy")) {
        keep_busy();
    }
    measure();
    return 0;
}
