/* SPDX-License-Identifier: Apache-2.0 */
#include "link.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "error.h"
#include "socket.h"

#define PATIENCE_MS 120000      /* starting a large VM on a busy host takes long */
#define HELLO_MS    60000

static const char *const failures[] = {
    [MANAGE_OK] = "",
    [MANAGE_EVERSION] = "this belay and the machine speak no common version of the protocol; use those of one version",
    [MANAGE_ETYPE] = "the machine does not know this request; use a belay of its version",
    [MANAGE_EPAYLOAD] = "the machine does not understand this request; use a belay of its version",
    [MANAGE_EHELLO] = "the machine's manager has begun anew; try again",
    [MANAGE_ERIGHT] = "the machine's configuration does not allow this; see management: in docs/configuration.md",
    [MANAGE_EVM] = "there is no such VM",
    [MANAGE_ESTATE] = "that is not possible now",
    [MANAGE_EBUSY] = "another client has it; end that one first",
    [MANAGE_ESTREAM] = "the VM has none",
    [MANAGE_EFAILED] = "it went wrong; belay log says more",
    [MANAGE_EUNSUPPORTED] = "this machine can't",
};

static const char *words(uint32_t error)
{
    return error < sizeof(failures) / sizeof(failures[0]) ? failures[error] : "the machine gives a reason that is not known";
}

static const char turned_away[] = "the machine has ended, or has too many clients";

/* The socket's buffers are larger than a frame, and the broker reads: this does not wait for the machine. */
void link_send(struct link *l, enum manage_type type, uint16_t stream, const void *payload, size_t length)
{
    uint8_t wire[MANAGE_WIRE];
    struct manage_header header = { .version = MANAGE_VERSION, .type = (uint8_t)type, .channel = 1, .stream = stream,
                                    .sequence = l->sequence };
    size_t bytes = frame_put(wire, header, payload, length);
    for (size_t sent = 0; sent < bytes;) {
        ssize_t done = send(l->fd, wire + sent, bytes - sent, MSG_NOSIGNAL);
        if (done < 0 && errno != EINTR)
            die(turned_away);
        sent += done > 0 ? (size_t)done : 0;
    }
}

const struct frame *link_take(struct link *l)
{
    while (l->at < l->length) {
        if (frame_take(&l->in, l->bytes[l->at++]))
            return &l->in.frame;
    }
    return NULL;
}

bool link_read(struct link *l)
{
    ssize_t length = recv(l->fd, l->bytes, sizeof(l->bytes), 0);
    l->at = 0;
    l->length = length > 0 ? (size_t)length : 0;
    return length > 0 || (length < 0 && errno == EINTR);
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* NULL: the time is up. */
static const struct frame *await(struct link *l, int64_t until)
{
    for (;;) {
        const struct frame *f = link_take(l);
        if (f)
            return f;
        int64_t left = until - now_ms();
        if (left <= 0)
            return NULL;
        int ready = poll(&(struct pollfd){ .fd = l->fd, .events = POLLIN }, 1, (int)left);
        if (ready > 0 && !link_read(l))
            die(turned_away);
    }
}

/* The words behind a status: the machine's own, where it has some. They may not talk to the terminal. */
static void read_failure(struct link *l, const struct frame *f, uint32_t error)
{
    size_t length = f->header.length - sizeof(struct manage_status);
    l->failure = words(error);
    if (!error || !length || f->header.length <= sizeof(struct manage_status))
        return;
    length = length < MANAGE_TEXT ? length : MANAGE_TEXT;
    for (size_t i = 0; i < length; i++) {
        uint8_t c = f->payload[sizeof(struct manage_status) + i];
        l->text[i] = c >= ' ' && c < 0x7f ? (char)c : '?';
    }
    l->text[length] = '\0';
    l->failure = l->text;
}

static enum manage_error ask(struct link *l, enum manage_type type, const void *payload, size_t length, void *answer,
                             size_t size, int patience)
{
    int64_t until = now_ms() + patience;
    struct manage_status status;
    const struct frame *f;
    l->sequence++;
    link_send(l, type, 0, payload, length);
    do {
        f = await(l, until);
        if (!f)
            die("the machine does not answer: its management is off, or it hangs");
    } while (f->header.type != (type | MANAGE_ANSWER) || f->header.sequence != l->sequence);
    if (f->header.length < sizeof(status))
        die("the machine's answer is too short; use a belay of its version");
    memcpy(&status, f->payload, sizeof(status));
    read_failure(l, f, status.error);
    memset(answer, 0, size);
    if (!status.error)
        memcpy(answer, f->payload, f->header.length < size ? f->header.length : size);
    else
        memcpy(answer, &status, size < sizeof(status) ? size : sizeof(status));
    return (enum manage_error)status.error;
}

enum manage_error link_ask(struct link *l, enum manage_type type, const void *payload, size_t length, void *answer,
                           size_t size)
{
    return ask(l, type, payload, length, answer, size, PATIENCE_MS);
}

void link_open(struct link *l, const char *path, const char *name)
{
    static const struct manage_hello hello = { MANAGE_VERSION, MANAGE_VERSION };
    struct manage_welcome welcome;
    /* What is still on its way to the client that had this channel before is not taken for an answer. */
    *l = (struct link){ .fd = socket_connect(path, name), .sequence = (uint32_t)getpid() << 16 ^ (uint32_t)now_ms() };
    if (ask(l, MANAGE_HELLO, &hello, sizeof(hello), &welcome, sizeof(welcome), HELLO_MS))
        die("%s", l->failure);
    l->rights = welcome.rights;
    if (link_ask(l, MANAGE_MACHINE, NULL, 0, &l->machine, sizeof(l->machine)))
        die("%s", l->failure);
    if (l->machine.counter_hz == 0 || l->machine.vms > BELAY_VMS_MAX)
        die("the machine says what can't be; use a belay of its version");
}

void link_close(struct link *l)
{
    close(l->fd);
}

void link_vm(struct link *l, unsigned number, struct manage_vm *vm)
{
    const struct manage_which which = { (uint16_t)number, 0 };
    if (link_ask(l, MANAGE_VM, &which, sizeof(which), vm, sizeof(*vm)))
        die("VM %u: %s", number, l->failure);
    vm->name[sizeof(vm->name) - 1] = '\0';
    if (vm->name[strspn(vm->name, "abcdefghijklmnopqrstuvwxyz0123456789-")] || vm->vcpus > BELAY_VCPUS_MAX)
        die("the machine says what can't be; use a belay of its version");
}

void link_vcpu(struct link *l, unsigned number, unsigned vcpu, struct manage_vcpu *v)
{
    const struct manage_which which = { (uint16_t)number, (uint16_t)vcpu };
    if (link_ask(l, MANAGE_VCPU, &which, sizeof(which), v, sizeof(*v)))
        die("VM %u: vCPU %u: %s", number, vcpu, l->failure);
}

unsigned link_find(struct link *l, const char *name, struct manage_vm *vm)
{
    char *names = text_format("%s", "");
    for (unsigned i = 0; i < l->machine.vms; i++) {
        link_vm(l, i, vm);
        if (strcmp(vm->name, name) == 0) {
            free(names);
            return i;
        }
        char *longer = text_format("%s%s%s", names, i ? ", " : "", vm->name);
        free(names);
        names = longer;
    }
    die("no VM is called '%.40s'; write one of: %s", name, names);
}
