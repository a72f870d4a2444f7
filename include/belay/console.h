/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the steward and the console agree on: the page that the console finds
 * at BELAY_BOOT_INFO, the handles in its table, and the portals it serves.
 */
#ifndef BELAY_CONSOLE_H
#define BELAY_CONSOLE_H

#include <stdint.h>

#include "belay/bundle.h"
#include "belay/handset.h"
#include "belay/service.h"

#define CONSOLE_UART_IPA     0x202000   /* the host's PL011, one page */
#define CONSOLE_STREAMS_IPA  0x380000   /* of each client, and behind them that of the link */
#define CONSOLE_FLASH_IPA    0x600000   /* for each VM that has flash HANDSET_FLASH_STORED, and its command line */
#define CONSOLE_BOOT_IPA     0x40000000 /* what firmware fetches, and such VMs' RAM */

/*
 * Badges. A VM's PL011 portal has its client number. The one VM that manages has a second PL011, which is a client, too:
 * its bytes are the manager's.
 */
#define CONSOLE_BADGE_LINK     17
#define CONSOLE_BADGE_LOG      0x100   /* CALL x1: characters, x2..x4: up to 24 of them; replies x0: how many were taken */
#define CONSOLE_BADGE_CONTROL  0x101   /* CALL x1: enum console_control, x2: client */
#define CONSOLE_BADGE_DEVICES  0x200   /* + client: the VM's small devices (belay/handset.h) */
#define CONSOLE_BADGE_FLASH    0x300   /* + client: its flash, the offset is in both banks */
enum console_control {
    CONSOLE_RESET_CLIENT = 1,          /* the VM was reset: so are its PL011 and its small devices */
    CONSOLE_FLUSH = 2,                 /* ends all lines that were begun; replies x0: characters that still wait */
    CONSOLE_PRESS_KEY = 3,             /* the VM's power key */
};

enum console_handle {
    CONSOLE_H_WAKE = SERVICE_H_WAKE,
    CONSOLE_H_IRQ = 3,       /* the host UART's interrupt, bound to CONSOLE_BIT_UART */
    CONSOLE_H_MANAGER = 4,   /* to notify: a stream has moved */
    CONSOLE_H_LINE = 16,     /* + client: the interrupt line of that VM's PL011 */
    CONSOLE_H_LINK_LINE = CONSOLE_H_LINE + CONSOLE_BADGE_LINK,
    CONSOLE_H_DEVICES,       /* + client * HANDSET_LINES + enum handset_line */
};

#define CONSOLE_BIT_UART  1u
#define CONSOLE_BIT_TX    2u   /* a client has output */
#define CONSOLE_BIT_DEVICES 4u /* a small device has something to be done earlier than was known */
/* and STREAM_BIT (belay/stream.h) */

struct console_config {
    uint32_t version;        /* 1 */
    uint32_t clients;
    uint32_t uart_clock_hz;
    uint32_t first_focus;    /* the client that has the keyboard first */
    uint32_t managed;        /* there is a manager, and its streams */
    uint32_t has_link;       /* a VM manages */
    struct handset_config handset;
    struct { char name[BELAY_NAME_MAX + 1]; uint32_t has_uart; } client[BELAY_VMS_MAX];
};
#endif
