/* SPDX-License-Identifier: Apache-2.0 */
/* A client's end of a machine's management: requests and their answers, streams, over the broker's socket. */
#ifndef TOOLS_LINK_H
#define TOOLS_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lib/frame.h"

struct link {
    int fd;
    uint32_t sequence;              /* of the last request */
    uint32_t rights;                /* enum manage_right */
    struct manage_machine machine;
    struct frame_decoder in;
    uint8_t bytes[4096];            /* received, and not looked at from `at` on */
    size_t at, length;
    const char *failure;            /* of the last request that did not succeed, in words */
    char text[MANAGE_TEXT + 1];
};

/* Connects, says hello and asks what machine it is. Ends the program when that can't be (tools/socket.h). */
void link_open(struct link *, const char *path, const char *name);
void link_close(struct link *);

/*
 * Asks, and waits for the answer, of which `size` bytes are wanted. The error that it begins with, and `failure`.
 * Frames of streams that come meanwhile are dropped. Ends the program when the machine is gone, or does not answer.
 */
enum manage_error link_ask(struct link *, enum manage_type type, const void *payload, size_t length, void *answer,
                           size_t size);

/* One frame, without waiting for anything but room. */
void link_send(struct link *, enum manage_type type, uint16_t stream, const void *payload, size_t length);

/* The next frame that has come; NULL when none is whole. It is good till the next call. */
const struct frame *link_take(struct link *);
/* Reads what there is, after `fd` was ready. False: the machine is gone. */
bool link_read(struct link *);

/* Tells of a VM by its name: its number. Ends the program when there is none, naming those that there are. */
unsigned link_find(struct link *, const char *name, struct manage_vm *vm);

/* Tells of VM `number`. Ends the program when that fails. */
void link_vm(struct link *, unsigned number, struct manage_vm *vm);
void link_vcpu(struct link *, unsigned number, unsigned vcpu, struct manage_vcpu *v);
#endif
