/* SPDX-License-Identifier: Apache-2.0 */
#include "commands.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "check.h"
#include "fit.h"
#include "parts.h"
#include "run.h"
#include "socket.h"
#include "timing.h"
#include "units.h"

const char check_help[] =
    "belay check FILE...\n"
    "Says what is wrong with a configuration, a line for each mistake; else prints who\n"
    "runs with what, and the longest that each may wait for the CPU.\n"
    "docs/configuration.md describes the file.\n";

const char pack_help[] =
    "belay pack FILE -o OUT.itb [--build FOLDER]\n"
    "Checks a configuration and writes its bundle: what a boot loader gives the nucleus\n"
    "as the initrd. The same input gives the same bytes (SOURCE_DATE_EPOCH is its time).\n"
    "  -o, --output FILE   the bundle\n"
    "  --build FOLDER      where the services are built; default: where this program is\n";

const char run_help[] =
    "belay run [FILE] [options] [-- arguments for QEMU]\n"
    "Checks and packs a configuration and starts it on QEMU. Without FILE:\n"
    "examples/phone.yaml, Linux and a radio on one core.\n"
    "Ctrl-C ends it; Ctrl-] c types a Ctrl-C for the guest; Ctrl-] ? shows the other keys.\n"
    "  --cpu TYPE          default cortex-a57\n"
    "  --board NAME        in place of the file's: qemu-virt or qemu-virt-gicv2\n"
    "  --icount            the machine's time is its own, a nanosecond for each instruction: a busy\n"
    "                      host makes nothing late, and every run is the same; the default\n"
    "  --wall-clock        the machine's time is the host's\n"
    "  --gdb               wait for gdb on port 1234 (target remote :1234)\n"
    "  --log FILE          a copy of the console\n"
    "  --timeout TIME      give up after so long, such as 60s\n"
    "  --qemu PATH         default qemu-system-aarch64\n"
    "  --build FOLDER      where nucleus and services are built; default: where this program is\n"
    "  --socket PATH       where belay ps and others find this machine; default: by the name of FILE\n"
    "Exit code: 0 all VMs are off and none failed; 1 one failed, the machine halted or the\n"
    "time was up; 2 a mistake in the command or the file; 130 ended by Ctrl-C.\n";

/* True: `c` is a right machine, on `board` unless that is NULL. Else it is freed, and what is wrong was said. */
static bool load(struct config *c, const char *path, const char *board)
{
    struct report r = { .file = path };
    bool good = config_load(c, path, &r);
    if (good && board)
        config_set_board(c, board);
    if (good && !check_config(c)) {
        config_free(c);
        good = false;
    }
    report_print(&r, stderr);
    report_free(&r);
    return good;
}

/* Past the options; ends the program on one that is not known. */
static void usage_error(const char *help)
{
    fprintf(stderr, "usage: %s", help);
    exit(EXIT_MISTAKE);
}

static bool check_file(const char *path)
{
    struct config c;
    if (!load(&c, path, NULL))
        return false;
    const struct board *b = board_find(c.machine->board);
    timing_print(&c, b, stdout);
    printf("%s: right: %u VM%s on %u CPU%s, at most %s of %s\n", path, c.machine->vms_count,
           c.machine->vms_count == 1 ? "" : "s", c.machine->board_cpus, c.machine->board_cpus == 1 ? "" : "s",
           show_size(memory_needed(&c)).text, show_size(c.machine->memory).text);
    config_free(&c);
    return true;
}

int command_check(int argc, char **argv)
{
    static const struct option options[] = { { "help", no_argument, NULL, 'h' }, { 0 } };
    int option = getopt_long(argc, argv, "h", options, NULL);
    if (option == 'h')
        return fputs(check_help, stdout) < 0 ? EXIT_FAILED : EXIT_ALL_WELL;
    if (option != -1 || optind == argc)
        usage_error(check_help);
    int result = EXIT_ALL_WELL;
    for (; optind < argc; optind++) {
        if (!check_file(argv[optind]))
            result = EXIT_MISTAKE;
    }
    return result;
}

static uint32_t timestamp(void)
{
    const char *epoch = getenv("SOURCE_DATE_EPOCH");
    uint64_t value = 0;
    if (epoch && (!parse_number(epoch, &value) || value > UINT32_MAX))
        die("SOURCE_DATE_EPOCH is '%s'; write seconds since 1970", epoch);
    return (uint32_t)value;
}

static void make_bundle(struct fit *fit, const struct config *c, const struct parts *parts)
{
    char *wrong = fit_make(fit, c, parts, timestamp());
    if (wrong)
        die("%s", wrong);
}

/* A device, a folder or a link of that name would be replaced, which nobody means. */
static void check_output(const char *output)
{
    struct stat status;
    if (lstat(output, &status) == 0 && !S_ISREG(status.st_mode))
        die("%s is there and no regular file; write -o and the path of a file to make", output);
}

/* NULL, or what is wrong (to free). */
static char *write_file(const struct fit *fit, const char *path)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        return text_format("%s", strerror(errno));
    char *wrong = fit_write(fit, fd);
    if (close(fd) < 0 && !wrong)
        wrong = text_format("cannot write: %s", strerror(errno));
    return wrong;
}

static void pack(const struct config *c, const struct parts *parts, const char *output)
{
    struct fit fit;
    check_output(output);
    make_bundle(&fit, c, parts);
    char *draft = text_format("%s.part", output);
    char *wrong = write_file(&fit, draft);
    if (!wrong && rename(draft, output) < 0)
        wrong = text_format("%s", strerror(errno));
    if (wrong) {
        unlink(draft);
        die("%s: %s", output, wrong);
    }
    free(draft);
    fit_free(&fit);
}

int command_pack(int argc, char **argv)
{
    static const struct option options[] = {
        { "help", no_argument, NULL, 'h' }, { "output", required_argument, NULL, 'o' },
        { "build", required_argument, NULL, 'b' }, { 0 },
    };
    const char *output = NULL, *build = NULL;
    for (int option; (option = getopt_long(argc, argv, "ho:", options, NULL)) != -1;) {
        switch (option) {
        case 'o': output = optarg; break;
        case 'b': build = optarg; break;
        case 'h': return fputs(pack_help, stdout) < 0 ? EXIT_FAILED : EXIT_ALL_WELL;
        default:  usage_error(pack_help);
        }
    }
    if (optind != argc - 1 || !output)
        usage_error(pack_help);
    struct config c;
    struct parts parts;
    if (!load(&c, argv[optind], NULL))
        return EXIT_MISTAKE;
    parts_find(&parts, build);
    pack(&c, &parts, output);
    parts_free(&parts);
    config_free(&c);
    return EXIT_ALL_WELL;
}

struct run_options {
    struct qemu_options qemu;
    const char *build, *log, *socket, *board;
    uint64_t timeout;
    bool help;
};

/* What follows "--" is QEMU's; the rest is ours. */
static int split_extra(int argc, char **argv, struct run_options *o)
{
    static char *none[] = { NULL };
    o->qemu.extra = none;
    for (int i = 1; i < argc; i++) {
        if (strcmp(argv[i], "--") == 0) {
            o->qemu.extra = &argv[i + 1];
            return i;
        }
    }
    return argc;
}

static void parse_run(int argc, char **argv, struct run_options *o)
{
    static const struct option options[] = {
        { "help", no_argument, NULL, 'h' }, { "cpu", required_argument, NULL, 'c' },
        { "icount", no_argument, NULL, 'i' }, { "wall-clock", no_argument, NULL, 'w' },
        { "gdb", no_argument, NULL, 'g' }, { "log", required_argument, NULL, 'l' },
        { "timeout", required_argument, NULL, 't' }, { "qemu", required_argument, NULL, 'q' },
        { "build", required_argument, NULL, 'b' }, { "socket", required_argument, NULL, 's' },
        { "board", required_argument, NULL, 'B' }, { 0 },
    };
    for (int option; (option = getopt_long(argc, argv, "h", options, NULL)) != -1;) {
        switch (option) {
        case 'h': o->help = true; break;
        case 'c': o->qemu.cpu = optarg; break;
        case 'i': o->qemu.wall_clock = false; break;
        case 'w': o->qemu.wall_clock = true; break;
        case 'g': o->qemu.gdb = true; break;
        case 'l': o->log = optarg; break;
        case 'q': o->qemu.program = optarg; break;
        case 'b': o->build = optarg; break;
        case 's': o->socket = optarg; break;
        case 'B': o->board = optarg; break;
        case 't':
            if (!parse_time(optarg, &o->timeout) || !o->timeout)
                die("--timeout is '%s'; write a whole number and a unit, such as 60s", optarg);
            break;
        default:  usage_error(run_help);
        }
    }
}

static int open_log(const char *path)
{
    if (!path)
        return -1;
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
    if (fd < 0)
        die("%s: %s", path, strerror(errno));
    return fd;
}

static void announce(const struct machine *m, const struct qemu_options *o)
{
    fputs("belay: starting", stderr);
    for (unsigned i = 0; i < m->vms_count; i++)
        fprintf(stderr, "%s %s", i ? "," : "", m->vms[i].name);
    fprintf(stderr, " on %s (%u %s, %s); Ctrl-C ends it, Ctrl-] ? shows the keys\n", m->board, m->board_cpus, o->cpu,
            show_size(m->memory).text);
    if (o->gdb)
        say("waiting for gdb: gdb-multiarch -ex 'target remote :1234'");
}

static int run_config(const struct config *c, struct run_options *o)
{
    struct listener listener = { .fd = -1 };
    struct parts parts;
    o->qemu.managed = c->machine->management.uart != 0;
    o->qemu.gic = board_find(c->machine->board)->gic;
    if (o->qemu.managed)
        listener_open(&listener, o->socket, c->path);
    parts_find(&parts, o->build);
    announce(c->machine, &o->qemu);
    int bundle = memfd_create("belay-bundle", MFD_CLOEXEC);     /* nothing to clean up, however this ends */
    if (bundle < 0)
        die("cannot make a file for the bundle: %s", strerror(errno));
    struct fit fit;
    make_bundle(&fit, c, &parts);
    char *wrong = fit_write(&fit, bundle);
    if (wrong)
        die("%s", wrong);
    fit_free(&fit);
    int log = open_log(o->log);
    int result = run(&o->qemu, c->machine, parts.nucleus, bundle, log, o->timeout, listener.fd);
    listener_close(&listener);
    if (log >= 0)
        close(log);
    close(bundle);
    parts_free(&parts);
    return result;
}

int command_run(int argc, char **argv)
{
    struct run_options o = { .qemu = { .program = "qemu-system-aarch64", .cpu = "cortex-a57" } };
    argc = split_extra(argc, argv, &o);
    parse_run(argc, argv, &o);
    if (o.help)
        return fputs(run_help, stdout) < 0 ? EXIT_FAILED : EXIT_ALL_WELL;
    if (optind < argc - 1)
        usage_error(run_help);
    char *path = optind < argc ? text_format("%s", argv[optind]) : parts_example();
    struct config c;
    int result = EXIT_MISTAKE;
    if (load(&c, path, o.board)) {
        result = run_config(&c, &o);
        config_free(&c);
    }
    free(path);
    return result;
}
