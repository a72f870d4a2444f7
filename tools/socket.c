/* SPDX-License-Identifier: Apache-2.0 */
#include "socket.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "error.h"

#define ENDING    ".sock"
#define SAME_MAX  99            /* machines of one name */
#define BACKLOG   16

/* $XDG_RUNTIME_DIR is there while the user is logged in; a service or a container may have none. */
static char *folder(void)
{
    const char *runtime = getenv("XDG_RUNTIME_DIR");
    return runtime && runtime[0] == '/' ? text_format("%s/belay", runtime)
                                        : text_format("/tmp/belay-%u", (unsigned)geteuid());
}

/* Nobody else may have made it: what is in it is believed. */
static bool folder_is_own(const char *path)
{
    struct stat status;
    if (lstat(path, &status) < 0)
        return false;
    if (S_ISDIR(status.st_mode) && status.st_uid == geteuid() && (status.st_mode & 077) == 0)
        return true;
    errno = EPERM;
    return false;
}

static bool address_of(const char *path, struct sockaddr_un *address)
{
    *address = (struct sockaddr_un){ .sun_family = AF_UNIX };
    if (strlen(path) >= sizeof(address->sun_path)) {
        errno = ENAMETOOLONG;
        return false;
    }
    strcpy(address->sun_path, path);
    return true;
}

static int make_socket(void)
{
    return socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
}

/* -1: nobody listens there; errno. */
static int try_connect(const char *path)
{
    struct sockaddr_un address;
    int fd = address_of(path, &address) ? make_socket() : -1;
    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof(address)) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

static bool is_stale(const char *path)
{
    struct stat status;
    int fd = try_connect(path), error = errno;
    if (fd >= 0)
        close(fd);
    errno = EADDRINUSE;
    return fd < 0 && error == ECONNREFUSED && lstat(path, &status) == 0 && S_ISSOCK(status.st_mode);
}

/* For its user alone. */
static int bind_at(const char *path)
{
    struct sockaddr_un address;
    int fd = address_of(path, &address) ? make_socket() : -1;
    if (fd < 0)
        return -1;
    mode_t mask = umask(0177);
    bool bound = bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0 ||
                 (errno == EADDRINUSE && is_stale(path) && unlink(path) == 0 &&
                  bind(fd, (struct sockaddr *)&address, sizeof(address)) == 0);
    umask(mask);
    if (bound && listen(fd, BACKLOG) == 0 && fcntl(fd, F_SETFL, O_NONBLOCK) == 0)
        return fd;
    int error = errno;
    close(fd);
    errno = error;
    return -1;
}

/* phone of examples/phone.yaml */
static char *name_of(const char *config)
{
    const char *slash = strrchr(config, '/'), *name = slash ? slash + 1 : config;
    const char *dot = strrchr(name, '.');
    return text_format("%.*s", (int)(dot && dot != name ? (size_t)(dot - name) : strlen(name)), name);
}

static void open_by_name(struct listener *l, const char *in, const char *config)
{
    char *name = name_of(config);
    for (unsigned n = 1; l->fd < 0 && n <= SAME_MAX; n++) {
        free(l->path);
        l->path = n == 1 ? text_format("%s/%s" ENDING, in, name) : text_format("%s/%s-%u" ENDING, in, name, n);
        l->fd = bind_at(l->path);
        if (l->fd < 0 && errno != EADDRINUSE)
            break;
    }
    free(name);
}

static const char *made;        /* to be removed however the program ends by itself */

static void remove_made(void)
{
    if (made)
        unlink(made);
    made = NULL;
}

static void keep_in_mind(const struct listener *l)
{
    made = l->path;
    atexit(remove_made);
}

void listener_open(struct listener *l, const char *path, const char *config)
{
    *l = (struct listener){ .fd = -1, .path = path ? text_format("%s", path) : NULL };
    if (path) {
        l->fd = bind_at(path);
        if (l->fd < 0)
            die("--socket %s: %s", path, strerror(errno));
        keep_in_mind(l);
        return;
    }
    char *in = folder();
    if ((mkdir(in, 0700) == 0 || errno == EEXIST) && folder_is_own(in)) {
        int lock = open(in, O_RDONLY | O_DIRECTORY | O_CLOEXEC);        /* one looks at a time what is stale */
        if (lock >= 0 && flock(lock, LOCK_EX) == 0)
            open_by_name(l, in, config);
        if (lock >= 0)
            close(lock);
    }
    if (l->fd >= 0)
        keep_in_mind(l);
    else
        say("belay ps and others won't find this machine: %s: %s; write --socket PATH", in, strerror(errno));
    free(in);
}

void listener_close(struct listener *l)
{
    remove_made();
    if (l->fd >= 0)
        close(l->fd);
    free(l->path);
    *l = (struct listener){ .fd = -1 };
}

static bool is_socket_name(const char *name)
{
    size_t length = strlen(name), tail = strlen(ENDING);
    return length > tail && strcmp(name + length - tail, ENDING) == 0;
}

/* Of all that run: the connection to the only one, and how many there are; `names` lists them. */
static int connect_to_only(const char *in, unsigned *count, char **names)
{
    DIR *all = folder_is_own(in) ? opendir(in) : NULL;
    int only = -1;
    *count = 0;
    *names = text_format("%s", "");
    for (struct dirent *entry; all && (entry = readdir(all)) != NULL;) {
        char *path = text_format("%s/%s", in, entry->d_name);
        int fd = is_socket_name(entry->d_name) ? try_connect(path) : -1;
        free(path);
        if (fd < 0)
            continue;
        char *longer = text_format("%s%s%.*s", *names, *count ? ", " : "",
                                   (int)(strlen(entry->d_name) - strlen(ENDING)), entry->d_name);
        free(*names);
        *names = longer;
        if ((*count)++ == 0)
            only = fd;
        else
            close(fd);
    }
    if (all)
        closedir(all);
    return only;
}

static int connect_by_name(const char *in, const char *name, const char *names)
{
    char *path = text_format("%s/%s" ENDING, in, name);
    int fd = strchr(name, '/') ? -1 : try_connect(path);
    if (fd < 0 && names[0])
        die("no machine '%.40s' runs; write --machine and one of: %s", name, names);
    if (fd < 0)
        die("no machine '%.40s' runs; start it with belay run %.40s.yaml", name, name);
    free(path);
    return fd;
}

int socket_connect(const char *path, const char *name)
{
    if (path) {
        int fd = try_connect(path);
        if (fd < 0)
            die("--socket %s: %s; belay run FILE --socket PATH makes it", path, strerror(errno));
        return fd;
    }
    char *in = folder(), *names;
    unsigned count;
    int fd = connect_to_only(in, &count, &names);
    if (name) {
        if (fd >= 0)
            close(fd);
        fd = connect_by_name(in, name, names);
    } else if (count != 1) {
        die(count ? "several machines run; write --machine and one of: %s"
                  : "no machine runs here%s; start one with belay run", names);
    }
    free(names);
    free(in);
    return fd;
}
