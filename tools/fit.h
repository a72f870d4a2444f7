/* SPDX-License-Identifier: Apache-2.0 */
/* The bundle: a flattened image tree with its images outside the tree. belay/bundle.h says what is in it. */
#ifndef TOOLS_FIT_H
#define TOOLS_FIT_H

#include "board.h"
#include "config.h"
#include "image.h"
#include "parts.h"

#define FIT_SERVICES   4
#define FIT_IMAGES_MAX (BELAY_VMS_MAX * 3 + FIT_SERVICES)
#define FIT_NAME_MAX   32

struct fit_image {
    char name[FIT_NAME_MAX];
    const char *type, *os;
    char *path;
    struct file file;
    uint64_t position;
    uint32_t crc;
};

/* What goes into a bundle, before it is written. */
struct fit {
    const struct board *board;
    struct fit_image images[FIT_IMAGES_MAX];
    size_t count;
    void *tree;
    size_t tree_size;
    uint64_t size;                          /* of the whole bundle */
};

/*
 * Maps all images, lays them out and makes the tree. The same input gives the
 * same bytes; `timestamp` goes into the tree. NULL, or what is wrong (to free).
 */
char *fit_make(struct fit *, const struct config *, const struct parts *, uint32_t timestamp);
/* NULL, or what is wrong. */
char *fit_write(const struct fit *, int fd);
void fit_free(struct fit *);
#endif
