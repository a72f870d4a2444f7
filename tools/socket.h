/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Where machines that run are found: each has a socket, in a folder that is its
 * user's alone, by the name of its configuration file.
 */
#ifndef TOOLS_SOCKET_H
#define TOOLS_SOCKET_H

struct listener {
    int fd;                 /* -1: there is none */
    char *path;
};

/*
 * At `path`, or, where that is NULL, by the name of that configuration: phone.sock, or phone-2.sock while another
 * phone runs. What a machine left that was killed is replaced. When it can't be made: with a path given this ends the
 * program, else says so; the machine runs without.
 */
void listener_open(struct listener *, const char *path, const char *config);
void listener_close(struct listener *);

/*
 * A connection to the machine at `path`, else to the one of that name, else to the only one that runs. Ends the program
 * when there is none, or several.
 */
int socket_connect(const char *path, const char *name);
#endif
