/* SPDX-License-Identifier: Apache-2.0 */
/* What the steward and every service that it makes agree on. */
#ifndef BELAY_SERVICE_H
#define BELAY_SERVICE_H

enum service_handle {
    SERVICE_H_WAKE = 2,      /* notification that its worker waits on */
};

/*
 * The steward sets this bit of SERVICE_H_WAKE each second, and then looks
 * whether the worker's counter of beats (belay_service_header) has moved.
 */
#define SERVICE_BIT_BEAT (1ull << 63)
#endif
