/* SPDX-License-Identifier: Apache-2.0 */
/* Where another program on this computer connects: a TCP port, or a Unix socket. */
#ifndef TOOLS_DOOR_H
#define TOOLS_DOOR_H

struct door {
    int fd;
    const char *path;       /* of a Unix socket, else NULL */
    char name[160];         /* as GDB wants it */
};

/*
 * `at`: a port, of the loopback interface alone, 0 for any that is free; or a path
 * with a / in it. Ends the program on a mistake.
 */
void door_open(struct door *, const char *at);
void door_close(struct door *);

/* The next that connects, or -1: `other` can be read. */
int door_wait(struct door *, int other);
#endif
