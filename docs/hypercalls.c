/* SPDX-License-Identifier: Apache-2.0 */
/* Writes docs/hypercalls.md out of belay/abi.h: build/obj/hypercalls > docs/hypercalls.md */
#include <stdio.h>

#include "belay/abi.h"

static const char head[] =
    "# Hypercalls\n"
    "\n"
    "Generated from `include/belay/abi.h` by `docs/hypercalls.c`.\n"
    "\n"
    "A service makes a hypercall by `svc #number`, with arguments in x0 to x5. x0 returns 0 or a negative error, x1 to x6\n"
    "return values, and all other registers are preserved. A guest makes CALL, NOTIFY, YIELD and HANDLE_CLOSE by `hvc #0`\n"
    "or `smc #0` with w0 = 0xC6000000 + number, and its arguments from x1 on. No hypercall takes a pointer: the nucleus\n"
    "reads and writes none of its callers' memory. Times are in ticks of CNTPCT_EL0.\n"
    "\n"
    "An object is named by a handle, an index into the caller's own table. A handle has rights; a hypercall that finds\n"
    "another type of object than it needs, or misses a right, returns EHANDLE. Who creates an object has all rights on\n"
    "it, and GRANT hands on what is left of them. `hC` is a handle of an object of class C.\n"
    "\n"
    "| right | value | allows |\n"
    "|---|---|---|\n"
    "| USE | 1 | call, notify, set a line, acknowledge, map |\n"
    "| MANAGE | 2 | change, bind, create from, wait, start, stop, read state |\n"
    "| GRANT | 4 | copy to another domain |\n"
    "| WRITE | 8 | memory: may be mapped writable |\n"
    "| EXEC | 16 | memory: may be mapped executable |\n"
    "| DEBUG | 32 | read and write registers, pause as its debugger |\n"
    "\n"
    "| error | value | means |\n"
    "|---|---|---|\n"
    "| EHANDLE | -1 | no such handle, another type, or a right is missing |\n"
    "| EINVAL | -2 | an argument is out of its range |\n"
    "| ENOMEM | -3 | the domain's pool or handle table is full |\n"
    "| EBUSY | -4 | in use: mapped, bound, owned by another, or in a call |\n"
    "| ESTATE | -5 | not allowed in the object's present state |\n"
    "| EAGAIN | -6 | did a piece of the work: call again with the rest |\n"
    "| ENOSYS | -7 | no such hypercall |\n"
    "| ETIMEDOUT | -8 | the deadline passed first |\n"
    "| EEXIST | -9 | the address range or slot is taken |\n";

/* The rights that entry/calls_*.c asks for; a test compares. */
static const char *const rights[BELAY_HC_COUNT] = {
    [BELAY_HC_CALL] = "hPortal: USE",
    [BELAY_HC_WAIT] = "hNotification: MANAGE",
    [BELAY_HC_NOTIFY] = "hNotification: USE",
    [BELAY_HC_LINE_SET] = "hLine: USE",
    [BELAY_HC_IRQ_ACK] = "hIrq: USE",
    [BELAY_HC_GRANT] = "hDomain: MANAGE; the handle: GRANT",
    [BELAY_HC_MEM_SPLIT] = "hMem: MANAGE",
    [BELAY_HC_MAP] = "hDomain: MANAGE; hMem: USE, and WRITE and EXEC to map it so",
    [BELAY_HC_UNMAP] = "hDomain: MANAGE",
    [BELAY_HC_DOMAIN_CREATE] = "hMem: MANAGE, WRITE",
    [BELAY_HC_DOMAIN_WATCH] = "hDomain: MANAGE; hNotification: USE",
    [BELAY_HC_DOMAIN_START] = "hDomain: MANAGE",
    [BELAY_HC_DOMAIN_STOP] = "hDomain: MANAGE",
    [BELAY_HC_DOMAIN_STATUS] = "hDomain: MANAGE",
    [BELAY_HC_VCPU_CREATE] = "hDomain: MANAGE",
    [BELAY_HC_THREAD_CREATE] = "hDomain: MANAGE",
    [BELAY_HC_SCHED] = "hContext: MANAGE",
    [BELAY_HC_START] = "hContext: MANAGE",
    [BELAY_HC_REGS] = "hContext: DEBUG",
    [BELAY_HC_PORTAL_CREATE] = "hDomain: MANAGE",
    [BELAY_HC_PORTAL_BIND] = "hPortal: MANAGE; hContext: MANAGE",
    [BELAY_HC_TRAP] = "hDomain: MANAGE; hPortal: USE",
    [BELAY_HC_NOTIFICATION_CREATE] = "hDomain: MANAGE",
    [BELAY_HC_IRQ_CREATE] = "hMachine: MANAGE",
    [BELAY_HC_IRQ_BIND] = "hIrq: MANAGE; hNotification: USE",
    [BELAY_HC_IRQ_ASSIGN] = "hIrq: MANAGE; hDomain: MANAGE",
    [BELAY_HC_LINE_CREATE] = "hDomain: MANAGE",
    [BELAY_HC_MACHINE_PUTC] = "hMachine: MANAGE",
    [BELAY_HC_MACHINE_OFF] = "hMachine: MANAGE",
    [BELAY_HC_TRACE_START] = "hMachine: MANAGE; hMem: MANAGE, WRITE",
    [BELAY_HC_STATS] = "hContext: MANAGE",
    [BELAY_HC_DOMAIN_DESTROY] = "hDomain: MANAGE",
    [BELAY_HC_MEM_MERGE] = "both: MANAGE, and on x1 whatever there is on x0",
    [BELAY_HC_DOMAIN_PAUSE] = "hDomain: MANAGE for HOLD_MANAGER, DEBUG for HOLD_DEBUGGER",
    [BELAY_HC_DOMAIN_RESUME] = "hDomain: MANAGE for HOLD_MANAGER, DEBUG for HOLD_DEBUGGER",
    [BELAY_HC_DEBUG] = "hDomain: DEBUG; hNotification: USE",
    [BELAY_HC_POINT] = "hDomain: DEBUG",
    [BELAY_HC_REGS_WRITE] = "hContext: DEBUG",
    [BELAY_HC_DEBUG_PASS] = "hContext: DEBUG",
    [BELAY_HC_EXITS] = "hContext: MANAGE",
    [BELAY_HC_TRACE_STOP] = "hMachine: MANAGE",
    [BELAY_HC_LATENESS] = "hContext: MANAGE",
    [BELAY_HC_ACTIVITY] = "hContext: MANAGE",
};

int main(void)
{
    fputs(head, stdout);
#define X(number, name, in, out, text) \
    printf("\n## %d %s\n\n%s\n\n- in: %s\n- out: %s\n- rights: %s\n", number, #name, text, in, out, \
           rights[number] ? rights[number] : "none");
    BELAY_HYPERCALLS(X)
    return 0;
}
