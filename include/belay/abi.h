/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The ABI: everything that the nucleus and the programs above it agree on.
 *
 * A service asks by `svc #number`, a guest by HVC or SMC under the SMC Calling
 * Convention (BELAY_SMCCC(number)). Arguments are in x0..x5; x0 returns an
 * error (0 or a negative BELAY_E*), x1..x6 return values; all other registers
 * are preserved. No hypercall takes a pointer: the nucleus never reads or
 * writes the memory of its callers.
 *
 * Every object is named by a handle, an index into the caller's own table.
 * Times are in ticks of the system counter, CNTFRQ_EL0 a second; a service reads it from CNTVCT_EL0.
 */
#ifndef BELAY_ABI_H
#define BELAY_ABI_H

#define BELAY_ABI_VERSION 1

/* Errors */
#define BELAY_OK          0
#define BELAY_EHANDLE   (-1)  /* no such handle, wrong type, or the right is missing */
#define BELAY_EINVAL    (-2)  /* an argument is out of its range */
#define BELAY_ENOMEM    (-3)  /* the domain's pool or handle table is full */
#define BELAY_EBUSY     (-4)  /* in use: mapped, bound, owned by another, or in a call */
#define BELAY_ESTATE    (-5)  /* not allowed in the object's present state */
#define BELAY_EAGAIN    (-6)  /* did a piece of the work: call again with the rest */
#define BELAY_ENOSYS    (-7)  /* no such hypercall */
#define BELAY_ETIMEDOUT (-8)  /* the deadline passed first */
#define BELAY_EEXIST    (-9)  /* the address range or slot is taken */

/*
 * The hypercalls: X(number, NAME, "arguments", "returns", "what it does")
 * The hypercall reference in docs/ is generated from this list.
 * `hC` below means: a handle to an object of class C.
 */
#define BELAY_HYPERCALLS(X) \
X( 0, REPLY, "x0..x3: results", "does not return", \
   "Ends a portal handler; its caller goes on with the results.") \
X( 1, CALL, "x0: hPortal, x1..x4: words", "x0: error, x1..x4: results", \
   "Calls a portal on the caller's scheduling context. EBUSY when the handler is already in a call. " \
   "While the portal's service is down the caller waits for it.") \
X( 2, WAIT, "x0: hNotification, x1: deadline in ticks, 0 for none", "x0: error, x1: bits", \
   "Blocks until the notification has bits, takes them all. Workers only (EINVAL in a handler). ETIMEDOUT at the deadline.") \
X( 3, NOTIFY, "x0: hNotification, x1: bits", "x0: error", \
   "Sets bits in a notification and wakes its waiter.") \
X( 4, LINE_SET, "x0: hLine, x1: level 0 or 1", "x0: error", \
   "Drives a VM's interrupt line (a virtual SPI), as a device would.") \
X( 5, IRQ_ACK, "x0: hIrq", "x0: error", \
   "Deactivates a host interrupt that was delivered as a notification, so that it can fire again.") \
X( 6, YIELD, "none", "x0: error", \
   "Gives the CPU to the next ready context of the same priority.") \
X( 7, HANDLE_CLOSE, "x0: handle", "x0: error", \
   "Frees a slot of the caller's table. The object lives on while its domain does.") \
X( 8, GRANT, "x0: hDomain, x1: handle, x2: rights to keep, x3: slot", "x0: error", \
   "Copies a handle of the caller into a slot of another domain's table, with rights taken away. " \
   "EEXIST when the slot is taken.") \
X( 9, MEM_SPLIT, "x0: hMem, x1: offset in bytes", "x0: error, x1: hMem of the upper part", \
   "Cuts an extent in two. The offset is a multiple of 4096. EBUSY while any of it is mapped or in use.") \
X(10, MEM_INFO, "x0: hMem", "x0: error, x1: physical address, x2: bytes, x3: enum belay_mem", \
   "Tells what an extent is.") \
X(11, MAP, "x0: hDomain, x1: hMem, x2: offset, x3: IPA, x4: bytes, x5: BELAY_MAP_* flags", "x0: error, x1: bytes done", \
   "Maps a part of an extent at an intermediate physical address of a domain. A long range is mapped in pieces: " \
   "EAGAIN tells how far it came. EEXIST when something is mapped there.") \
X(12, UNMAP, "x0: hDomain, x1: IPA, x2: bytes", "x0: error, x1: bytes done", \
   "Takes one whole mapping away; pieces as in MAP. EINVAL when no mapping starts there with that size.") \
X(13, DOMAIN_CREATE, \
   "x0: hMem that becomes the domain's pool, x1: enum belay_domain or BELAY_DOMAIN_VM | BELAY_DOMAIN_CLOCK_STANDS, " \
   "x2: handle slots, x3: tag", \
   "x0: error, x1: hDomain, x2: its VMID", \
   "Makes a domain. All that the nucleus ever keeps for it comes out of its pool. The tag (8 characters at most, " \
   "little-endian) names the domain in traces and in the words of a panic; records of a trace have its VMID.") \
X(14, DOMAIN_WATCH, "x0: hDomain, x1: hNotification, x2: bits", "x0: error", \
   "Says which bits to set when the domain stops by itself or by a fault.") \
X(15, DOMAIN_START, "x0: hDomain", "x0: error", \
   "STOPPED to RUNNING: the domain's contexts that were started may run, and callers that waited for its portals go on.") \
X(16, DOMAIN_STOP, "x0: hDomain", "x0: error", \
   "Any state to STOPPED: nothing of it runs any more, its calls to others are abandoned, callers of its portals wait, " \
   "its vCPUs, timers and virtual interrupts are as after reset. Mappings and handles stay.") \
X(18, DOMAIN_STATUS, "x0: hDomain", \
   "x0: error, x1: enum belay_state, x2: enum belay_reason, x3: hContext index, x4: PC, x5: ESR, x6: FAR or IPA", \
   "Tells a domain's state and, where it ended, why and where. x3 is the index of the vCPU or thread in its domain. " \
   "x2 of one that runs or is paused is BELAY_HOLD_*, and BELAY_DEBUGGED.") \
X(19, VCPU_CREATE, "x0: hDomain", "x0: error, x1: hContext", \
   "Adds a vCPU to a VM that has never run. The first is vCPU 0, the boot CPU.") \
X(20, THREAD_CREATE, "x0: hDomain, x1: top of its stack", "x0: error, x1: hContext", \
   "Adds a thread to a service: a worker once SCHED gives it a scheduling context, a portal handler otherwise.") \
X(21, SCHED, "x0: hContext, x1: BELAY_SCHED(cpu, priority, flags), x2: budget, x3: period (both in ticks)", "x0: error", \
   "Gives a vCPU or a worker its scheduling context, or changes it. Budget 0: unlimited. " \
   "Period 0: the budget is a time slice among contexts of the same priority. " \
   "ESTATE while it is running, and for another CPU than before while its VM is not stopped.") \
X(22, START, "x0: hContext, x1: PC, x2..x3: its x0 and x1", "x0: error", \
   "Puts a vCPU or worker in its reset state with these registers, ready to run while its domain is RUNNING. " \
   "ESTATE while it is running, and for a context that another CPU may have to do with while its domain is not stopped.") \
X(23, REGS, "x0: hContext, x1: index of the first (enum belay_reg)", "x0: error, x1..x6: registers", \
   "Reads six registers of a context that is not running, or is paused. A thread has x0 to x30, SP_EL0, PC and PSTATE.") \
X(24, PORTAL_CREATE, "x0: hDomain of a service, x1: entry, x2: badge", "x0: error, x1: hPortal", \
   "Makes a portal: calls through it enter the service at `entry` with the badge in x0.") \
X(25, PORTAL_BIND, "x0: hPortal, x1: client index, x2: hContext of a thread", "x0: error", \
   "The thread that serves calls of that client: a VM's vCPU by its index, any other caller is client 0.") \
X(26, TRAP, "x0: hDomain of a VM, x1: IPA, x2: bytes, x3: hPortal", "x0: error", \
   "Accesses of the VM to that range become calls of the portal.") \
X(27, NOTIFICATION_CREATE, "x0: hDomain to keep it", "x0: error, x1: hNotification", \
   "Makes a notification out of that domain's pool.") \
X(28, IRQ_CREATE, "x0: hMachine, x1: INTID of a host SPI, x2: 1 edge, 0 level", "x0: error, x1: hIrq", \
   "Makes the handle of a host interrupt. EBUSY when it is owned, EINVAL when it is not an SPI of this host.") \
X(29, IRQ_BIND, "x0: hIrq, x1: hNotification, x2: bits", "x0: error", \
   "The interrupt becomes a notification; IRQ_ACK lets it fire again.") \
X(30, IRQ_ASSIGN, "x0: hIrq, x1: hDomain of a VM, x2: virtual INTID", "x0: error", \
   "The interrupt becomes a virtual SPI of the VM, by a hardware-linked list register. ESTATE unless the VM is stopped.") \
X(31, LINE_CREATE, "x0: hDomain of a VM, x1: virtual INTID of an SPI", "x0: error, x1: hLine", \
   "Makes the handle of a VM's interrupt line.") \
X(32, MACHINE_PUTC, "x0: hMachine, x1: character", "x0: error", \
   "Writes one character to the host UART by polling: for the words of a service that has no console yet.") \
X(33, MACHINE_OFF, "x0: hMachine, x1: 0 off, 1 reset, 2 halt", "x0: error", \
   "Turns the host off, resets it (PSCI), or stops it for good.") \
X(34, TRACE_START, "x0: hMachine, x1: CPU, x2: hMem, x3: a BELAY_TRACE_BIT for each kind", "x0: error", \
   "Makes an extent of 4096 bytes or more the ring into which that CPU writes what happens on it (belay/trace.h), whoever " \
   "has mapped it. It is not split while it is a ring. EBUSY: the CPU has a ring, or the extent is a pool.") \
X(35, STATS, "x0: hContext", "x0: error, x1: ticks run, x2: exits, x3: budget exhaustions, x4: interrupts, x5: switches", \
   "Reads the counters of a context.") \
X(36, DOMAIN_DESTROY, "x0: hDomain", "x0: error, x1: hMem of what was its pool", \
   "Ends a domain that is stopped, in pieces: EAGAIN until it is gone. All handles to it and to what is in its pool " \
   "(contexts, portals, notifications, lines), its mappings and its host interrupts go with it; who waits for any of them " \
   "gets EHANDLE. " \
   "From the first call on x0 is a handle for DOMAIN_DESTROY only, and in the end it is the pool's. ESTATE when it is not " \
   "stopped, EBUSY while accesses of a VM are calls of its portals (TRAP), or when it has cut extents.") \
X(37, MEM_MERGE, "x0: hMem, x1: hMem of the memory right above it", "x0: error", \
   "Makes one extent of two, which x0 names; x1 is closed. EINVAL when they are no neighbours of one kind, EBUSY while one " \
   "of them is mapped, in use, or has another handle to it, EHANDLE when x0 has a right that x1 has not.") \
X(40, DOMAIN_PAUSE, "x0: hDomain of a VM, x1: BELAY_HOLD_*", "x0: error", \
   "RUNNING to PAUSED: nothing of it runs any more, and all its state stays: vCPUs, calls to services, timers. Time goes on, " \
   "and what falls due meanwhile is pending when it is resumed; with BELAY_DOMAIN_CLOCK_STANDS its virtual counter stands, " \
   "and its virtual timers with it. OK too when another holds it already; ESTATE when it is neither running nor paused.") \
X(41, DOMAIN_RESUME, "x0: hDomain of a VM, x1: BELAY_HOLD_*", "x0: error", \
   "Ends that hold of a paused VM. It goes on when nobody else holds it. EAGAIN while its last change is still on its way.") \
X(42, DEBUG, "x0: hDomain of a VM that is not running, x1: hNotification, 0 for none, x2: bits", "x0: error", \
   "From here on the VM has a debugger: its debug exceptions pause it for BELAY_HOLD_DEBUGGER, and the bits tell when it is " \
   "paused or down. The guest's own single steps do not come meanwhile. With 0 it has none any more, and breakpoints, " \
   "watchpoints, steps and holds of vCPUs are gone. ESTATE while it runs.") \
X(43, POINT, "x0: hDomain of a debugged VM that is not running, x1: number, x2: address, x3: control, 0 for none", \
   "x0: error", \
   "Sets a hardware breakpoint or watchpoint of all its vCPUs (BELAY_POINT_*). EINVAL when the CPU has no such one.") \
X(44, REGS_WRITE, "x0: hContext of a vCPU, x1: index (enum belay_reg), x2: value", "x0: error", \
   "Writes a register of a paused vCPU. EINVAL for a value that it can't have. EBUSY, but for STEP and HELD, while it waits " \
   "for the answer to an access.") \
X(45, DEBUG_PASS, "x0: hContext of a vCPU", "x0: error", \
   "The BRK that a paused vCPU is stopped at becomes the guest's own exception. ESTATE when it is stopped at none.") \
X(46, TRACE_STOP, "x0: hMachine, x1: CPU", "x0: error", \
   "Ends the trace of a CPU. EAGAIN until that CPU knows: call again; with 0 the extent is no ring any more. " \
   "ESTATE: the CPU has none.") \
X(49, EXITS, "x0: hContext, x1: the first cause, at most 8", "x0: error, x1..x4: counts, two in each", \
   "Reads how often a context has left for the nucleus, for eight causes (BELAY_EXIT_CAUSE): " \
   "the first in the low half of x1.") \
X(50, LATENESS, "x0: hContext", "x0: error, x1: how often, x2: ticks in all, x3: ticks at worst, x4: ticks of the last, " \
   "0: it is in these, x5: since when now, 0: it is not, or may not run", \
   "Reads how late a context ran after it waited for an event (WAIT; a vCPU: WFI): from when that came, a timer's at its " \
   "deadline, till the context was in the CPU. x5 lies ahead while its timer does. Stopping a VM sets its vCPUs' to 0.") \
X(52, ACTIVITY, "x0: hContext", "x0: error, x1: enum belay_activity, x2: ticks run, x3: exits, x4: tag of a domain", \
   "Tells what a context does now. While it is CALLING and its exits stay, it is in one and the same portal call, and x2 " \
   "counts what that runs; x4 is the tag of the domain that its time is spent in: its own, or that of the last service " \
   "in its chain of calls.")

enum belay_hypercall {
#define BELAY_X(number, name, in, out, text) BELAY_HC_##name = number,
    BELAY_HYPERCALLS(BELAY_X)
#undef BELAY_X
    BELAY_HC_COUNT = 53  /* one more than the highest number */
};

/* A guest may call YIELD, NOTIFY, CALL and HANDLE_CLOSE: the vendor-specific hypervisor range of SMCCC (DEN0028, 6.3). */
#define BELAY_SMCCC(number) (0xC6000000u | (unsigned)(number))

/* Rights of a handle. What each hypercall needs is in docs/hypercalls.md. */
#define BELAY_RIGHT_USE     1u  /* call, notify, wait, set, acknowledge, map */
#define BELAY_RIGHT_MANAGE  2u  /* change, bind, create from, start, stop, read state */
#define BELAY_RIGHT_GRANT   4u  /* copy to another domain */
#define BELAY_RIGHT_WRITE   8u  /* memory: may be mapped writable */
#define BELAY_RIGHT_EXEC   16u  /* memory: may be mapped executable */
#define BELAY_RIGHT_DEBUG  32u  /* read and write registers, pause as its debugger */
#define BELAY_RIGHT_ALL    63u

enum belay_domain { BELAY_DOMAIN_SERVICE = 0, BELAY_DOMAIN_VM = 1 };
#define BELAY_DOMAIN_CLOCK_STANDS 2u    /* of a VM: its virtual counter (CNTVCT_EL0) stands while it is paused */

enum belay_mem {
    BELAY_MEM_RAM = 0,
    BELAY_MEM_DEVICE = 1,
};

#define BELAY_MAP_READ   1u
#define BELAY_MAP_WRITE  2u
#define BELAY_MAP_EXEC   4u

enum belay_state {
    BELAY_STATE_STOPPED = 0,   /* never started, or stopped by its manager */
    BELAY_STATE_RUNNING = 1,
    BELAY_STATE_ENDED = 2,     /* ended by itself or by a fault: see the reason */
    BELAY_STATE_PAUSED = 3,    /* held: goes on where it was */
};

/* Who holds a paused VM, a bit each: it goes on when nobody does. */
#define BELAY_HOLD_MANAGER   1u
#define BELAY_HOLD_DEBUGGER  2u
#define BELAY_DEBUGGED       4u    /* for DOMAIN_STATUS: it has a debugger */

enum belay_reason {
    BELAY_REASON_NONE = 0,
    BELAY_REASON_OFF = 1,         /* PSCI SYSTEM_OFF */
    BELAY_REASON_RESET = 2,       /* PSCI SYSTEM_RESET */
    BELAY_REASON_FAULT = 3,       /* a service's fault, or a guest that can't take its own exceptions */
};

/*
 * Causes of exits, for EXITS: the exception class (Arm ARM, D17.2.37), four classes each. In the last, of classes that
 * no exit of a guest has, are interrupts.
 */
#define BELAY_EXIT_CAUSES      16
#define BELAY_EXIT_CAUSE(ec)   ((ec) >> 2)
#define BELAY_EXIT_WAIT        0     /* WFI, WFE */
#define BELAY_EXIT_FP          1
#define BELAY_EXIT_CALL        5     /* SVC, HVC, SMC */
#define BELAY_EXIT_REGISTER    6
#define BELAY_EXIT_FETCH       8
#define BELAY_EXIT_DEVICE      9     /* data aborts */
#define BELAY_EXIT_INTERRUPT  15

enum belay_activity {
    BELAY_ACTIVITY_DORMANT = 0,   /* not started, or stopped */
    BELAY_ACTIVITY_READY = 1,     /* runs, or would if it were its turn */
    BELAY_ACTIVITY_WAITING = 2,   /* for an interrupt, or a notification */
    BELAY_ACTIVITY_CALLING = 3,   /* in a portal call */
    BELAY_ACTIVITY_DOWN = 4,      /* for a service that is down */
};

/* Registers by number, for REGS and REGS_WRITE. */
enum belay_reg {
    BELAY_REG_X0 = 0,             /* x0..x30 are 0..30 */
    BELAY_REG_SP_EL0 = 31,
    BELAY_REG_PC, BELAY_REG_PSTATE,
    BELAY_REG_SP_EL1, BELAY_REG_ELR_EL1, BELAY_REG_SPSR_EL1, BELAY_REG_ESR_EL1, BELAY_REG_FAR_EL1,
    BELAY_REG_SCTLR_EL1, BELAY_REG_VBAR_EL1, BELAY_REG_TTBR0_EL1, BELAY_REG_TTBR1_EL1, BELAY_REG_TCR_EL1,
    BELAY_REG_TPIDR_EL0, BELAY_REG_TPIDR_EL1, BELAY_REG_FPSR, BELAY_REG_FPCR,
    BELAY_REG_STOP_ESR,           /* of the debug exception that a vCPU is stopped at, 0: none; 0 may be written */
    BELAY_REG_STOP_FAR,           /* the address that a watchpoint saw; not written */
    BELAY_REG_STEP,               /* 1: stops after its next instruction, before which it takes no interrupt */
    BELAY_REG_HELD,               /* 1: does not run when its VM does */
    BELAY_REG_ON,                 /* 1: it is on (PSCI); not written */
    BELAY_REG_V0,                 /* V0 to V31: two each, the low half first */
    BELAY_REG_COUNT = BELAY_REG_V0 + 64
};

/* POINT's number and control. A watchpoint's are the fields LSC, BAS and MASK of DBGWCR<n>_EL1, where they are there. */
#define BELAY_POINT_WATCH  16u    /* + n: a watchpoint; below: breakpoint n. A CPU has 2 of each at least, 4 are used at most */
#define BELAY_POINT_BREAK  1u

/* SCHED's packed argument. Priorities: 1 (lowest) to 255; 0 is idle time. */
#define BELAY_SCHED(cpu, priority, flags) ((cpu) | (priority) << 8 | (flags) << 16)
#define BELAY_SCHED_IDLE_TIME 1u  /* runs in idle time once its budget is used up */

/*
 * A portal handler is entered with x0 = badge, x1..x4 = the caller's words,
 * x5 = client index and SP = the top of its stack; its other registers are as
 * its own last call left them, 0 at the first.
 * For a VM's access to a trapped range the words are:
 *   x1 = offset in the range, x2 = size in bytes | BELAY_ACCESS_WRITE, x3 = value;
 * and it replies x0 = value read, x1 = 0, or BELAY_ACCESS_ABORT for an external abort.
 */
#define BELAY_ACCESS_SIZE(w)  ((w) & 0xff)
#define BELAY_ACCESS_WRITE    0x100u
#define BELAY_ACCESS_ABORT    1u

/* Limits that every domain can rely on. */
#define BELAY_VCPUS_MAX  8     /* of one VM */
#define BELAY_PAGE_SIZE  4096

/*
 * A service image is flat: this header, then text, read-only data and data,
 * each starting on a page, loaded at BELAY_SERVICE_BASE. Its linker script
 * makes the header. bss follows data; `persist` is the part at the end of bss
 * that a restart keeps.
 */
#define BELAY_SERVICE_BASE   0x400000
#define BELAY_SERVICE_MAGIC  0x3143565359414c42  /* "BLAYSVC1" */
/* The stage-2 address space of every domain: 39 bits. */
#define BELAY_IPA_BITS 39

#ifndef __ASSEMBLER__
#include <stdint.h>

struct belay_service_header {
    uint64_t magic;
    uint32_t text_bytes;      /* header included; read and execute */
    uint32_t rodata_bytes;    /* read only */
    uint32_t data_bytes;      /* read and write, from the image */
    uint32_t bss_bytes;       /* read and write, zeroed at each start; all four are multiples of a page */
    uint32_t persist_bytes;   /* read and write, zeroed at the first start only */
    uint32_t entry_offset;    /* of the first worker's entry, from the start of the image */
    uint32_t stack_bytes;     /* of the first worker, directly below BELAY_SERVICE_BASE */
    uint32_t abi_version;     /* BELAY_ABI_VERSION */
    uint32_t portal_offset;   /* where all of its portals enter, from the start of the image; 0: it serves none */
    uint32_t handler_bytes;   /* stack of each portal handler: a multiple of a page */
    uint32_t beat_offset;     /* of the counter that its first worker moves on while it is well (belay/service.h) */
    uint32_t reserved;        /* 0 */
};

/*
 * What the steward finds at BELAY_BOOT_INFO, read only, and its first handles.
 * Any other service finds at that address the page that its creator put there.
 */
#define BELAY_BOOT_INFO   0x200000
#define BELAY_BOOT_MEMS   16

enum belay_boot_handle {
    BELAY_H_SELF = 1,         /* the steward's own domain */
    BELAY_H_MACHINE = 2,      /* IRQ_CREATE, MACHINE_*, TRACE_* */
    BELAY_H_BUNDLE = 3,       /* the bundle, read only */
    BELAY_H_DTB = 4,          /* the host's device tree, read only */
    BELAY_H_THREAD = 5,       /* the steward's own worker */
    BELAY_H_MEM = 8,          /* memory that nobody owns yet: boot_info.mems of them */
};

struct belay_boot_info {
    uint32_t version;         /* BELAY_ABI_VERSION */
    uint32_t cpus;            /* host CPUs that run */
    uint64_t bundle_bytes, bundle_offset;  /* the bundle starts so far into its extent */
    uint64_t dtb_bytes, dtb_offset;
    uint64_t counter_hz;
    uint64_t boot_ticks;      /* the counter when the nucleus was entered */
    uint32_t mems;            /* extents from BELAY_H_MEM on: RAM first, then device space */
    uint32_t vm_bytes, vcpu_bytes;  /* of the nucleus's own state of each, tables aside */
    uint32_t nucleus_bytes;   /* that the nucleus keeps: its image after booting, and the steward's pool */
};
#endif
#endif
