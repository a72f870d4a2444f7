/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/service.h"

_Atomic uint32_t service_beats;
