/* SPDX-License-Identifier: Apache-2.0 */
#include "door.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "error.h"
#include "units.h"

static void listen_or_die(struct door *d, const char *at, const void *address, socklen_t size)
{
    if (bind(d->fd, address, size) < 0 || listen(d->fd, 1) < 0)
        die("cannot listen at %s: %s", at, strerror(errno));
}

/* Who may connect may debug: only this computer's programs, and of a path only who may use it. */
static void open_port(struct door *d, const char *at)
{
    uint64_t port;
    struct sockaddr_in address = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
    socklen_t size = sizeof(address);
    if (!parse_number(at, &port) || port > UINT16_MAX)
        die("--listen %s is neither a port, 0 to 65535, nor a path with a / in it", at);
    address.sin_port = htons((uint16_t)port);
    d->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (d->fd >= 0)
        setsockopt(d->fd, SOL_SOCKET, SO_REUSEADDR, &(int){ 1 }, sizeof(int));
    listen_or_die(d, at, &address, sizeof(address));
    if (getsockname(d->fd, (struct sockaddr *)&address, &size) < 0)
        die("cannot listen at %s: %s", at, strerror(errno));
    snprintf(d->name, sizeof(d->name), "localhost:%u", ntohs(address.sin_port));
}

/* However it ends: one that is there still could not be listened at again. */
static const char *made;

static void remove_path(void)
{
    unlink(made);
}

static void open_path(struct door *d, const char *at)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    if (strlen(at) >= sizeof(address.sun_path))
        die("--listen %s is too long a path; write one of at most %zu characters", at, sizeof(address.sun_path) - 1);
    strcpy(address.sun_path, at);
    d->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    mode_t mask = umask(0177);
    listen_or_die(d, at, &address, sizeof(address));
    umask(mask);
    made = at;
    d->path = at;
    atexit(remove_path);
    snprintf(d->name, sizeof(d->name), "%s", at);
}

void door_open(struct door *d, const char *at)
{
    *d = (struct door){ .fd = -1 };
    if (strchr(at, '/'))
        open_path(d, at);
    else
        open_port(d, at);
}

void door_close(struct door *d)
{
    close(d->fd);
}

int door_wait(struct door *d, int other)
{
    struct pollfd files[] = { { .fd = d->fd, .events = POLLIN }, { .fd = other, .events = POLLIN } };
    if (poll(files, 2, -1) < 0 || !files[0].revents)
        return -1;
    int fd = accept4(d->fd, NULL, NULL, SOCK_CLOEXEC);
    if (fd >= 0 && !d->path)
        setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &(int){ 1 }, sizeof(int));
    return fd;
}
