/* SPDX-License-Identifier: Apache-2.0 */
/* The steward: reads the bundle, makes the domains that it describes, and looks after them. */
#include "lib/service.h"
#include "machine.h"
#include "supervise.h"

void service_main(void)
{
    supervise_begin(machine_read());
    for (;;)
        supervise_step(0);
}
