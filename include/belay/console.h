/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the steward and the console agree on: the page that the console finds
 * at BELAY_BOOT_INFO, the handles in its table, and the portals it serves.
 */
#ifndef BELAY_CONSOLE_H
#define BELAY_CONSOLE_H

#include <stdint.h>

#include "belay/bundle.h"

#define CONSOLE_UART_IPA  0x202000   /* the host's PL011, one page */

enum console_handle {
    CONSOLE_H_WAKE = 2,      /* notification that its worker waits on */
    CONSOLE_H_IRQ = 3,       /* the host UART's interrupt, bound to CONSOLE_BIT_UART */
    CONSOLE_H_LINE = 16,     /* + client: the interrupt line of that VM's PL011 */
};

#define CONSOLE_BIT_UART  1u
#define CONSOLE_BIT_TX    2u   /* a client has output */

/* Badges. A VM's PL011 portal has its client number. */
#define CONSOLE_BADGE_LOG      0x100   /* CALL x1: characters, x2..x4: up to 24 of them; replies x0: how many were taken */
#define CONSOLE_BADGE_CONTROL  0x101   /* CALL x1: enum console_control, x2: client */
enum console_control {
    CONSOLE_RESET_CLIENT = 1,          /* the VM was reset: so is its PL011 */
    CONSOLE_FLUSH = 2,                 /* ends all lines that were begun; replies x0: characters that still wait */
};

struct console_config {
    uint32_t version;        /* 1 */
    uint32_t clients;
    uint32_t uart_clock_hz;
    uint32_t first_focus;    /* the client that has the keyboard first */
    struct { char name[BELAY_NAME_MAX + 1]; uint32_t has_uart; } client[BELAY_VMS_MAX];
};
#endif
