/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The management protocol: what a client outside and the machine say to each
 * other, over the second UART or over the UART of a VM that may manage.
 * docs/management.md tells it as a story; tests hold the two together.
 *
 * On the wire a frame is a header and a payload, made a SLIP packet (RFC 1055)
 * with an END before and behind it: whatever was lost or invented, the next END
 * begins anew. All numbers are little-endian, all structures have no gaps, and
 * what a frame may hold has a bound. A frame that is not right is dropped.
 */
#ifndef BELAY_MANAGE_H
#define BELAY_MANAGE_H

#include <stdint.h>

#include "belay/abi.h"
#include "belay/bundle.h"

#define MANAGE_VERSION   1
#define MANAGE_PAYLOAD   480u       /* bytes at most */
#define MANAGE_CHANNELS  16u        /* of a link; 0 is that of who divides the others among clients */
#define MANAGE_TEXT      160u       /* of an error, at most */

struct manage_header {
    uint8_t version;                /* MANAGE_VERSION: of this header, and of all after HELLO */
    uint8_t type;                   /* enum manage_type, perhaps with MANAGE_ANSWER */
    uint16_t channel;               /* the client's */
    uint16_t stream;                /* 0: none */
    uint16_t length;                /* of the payload */
    uint32_t sequence;              /* the client's; its answer has the same */
    uint32_t crc32;                 /* (ISO 3309) of this header with 0 here, and of the payload */
};

#define MANAGE_FRAME     (sizeof(struct manage_header) + MANAGE_PAYLOAD)
#define MANAGE_WIRE      (2 * MANAGE_FRAME + 2)     /* every byte escaped, and two ENDs */

/* X(number, NAME, right that it needs, "payload", "payload of the answer, - where there is none", "what it does") */
#define MANAGE_TYPES(X) \
X( 1, HELLO,   0,       "manage_hello", "manage_welcome", \
   "Begins: the machine answers with the version that both speak, and what this client may do. All else comes after it.") \
X( 2, MACHINE, LIST,    "-", "manage_machine", \
   "Tells what the machine is, and its time.") \
X( 3, VM,      LIST,    "manage_which", "manage_vm", \
   "Tells of a VM, by its place in the configuration.") \
X( 4, VCPU,    LIST,    "manage_which", "manage_vcpu", \
   "Tells of one of its vCPUs.") \
X( 5, CONTROL, CONTROL, "manage_control", "manage_status", \
   "Starts, stops, pauses, resumes, resets, creates or destroys a VM. The answer comes when it is done, " \
   "or the VM was told to stop.") \
X( 6, LOG,     LIST,    "manage_log", "manage_log_text", \
   "Reads the machine's own messages from a position on. Those before `first` are forgotten.") \
X( 7, OPEN,    0,       "manage_open", "manage_opened", \
   "Opens a stream of a VM; the kind says which right it needs. One client at a time has it.") \
X( 8, CLOSE,   0,       "-", "manage_status", \
   "Closes the stream that the header names. From the machine, without an answer: it has ended.") \
X( 9, DATA,    0,       "bytes", "-", \
   "Bytes of the stream that the header names, never more than the other side has given credit for.") \
X(10, CREDIT,  0,       "manage_credit", "-", \
   "The sender has taken so many bytes of the stream: as many more may come.") \
X(11, LOST,    0,       "manage_credit", "-", \
   "From the machine: so many bytes of the stream had no room and are lost.") \
X(12, GOODBYE, 0,       "-", "-", \
   "The client of this channel is gone: its streams are closed. On channel 0 from the machine: its manager has begun anew, " \
   "all clients are unknown.")

enum manage_type {
#define MANAGE_X(number, name, right, in, out, text) MANAGE_##name = number,
    MANAGE_TYPES(MANAGE_X)
#undef MANAGE_X
    MANAGE_ANSWER = 0x80
};

/* Rights, as bits. A link has those that the configuration gives it, and all of its clients have them. */
enum manage_right {
    MANAGE_RIGHT_LIST = 1,          /* see what there is */
    MANAGE_RIGHT_CONTROL = 2,       /* start, stop, pause, resume, reset, create and destroy VMs */
    MANAGE_RIGHT_CONSOLE = 4,       /* read and type on consoles */
    MANAGE_RIGHT_DEBUG = 8,         /* debug a VM whose configuration allows it */
    MANAGE_RIGHT_TRACE = 16,        /* read the nucleus's trace */
    MANAGE_RIGHTS = 31
};

enum manage_error {
    MANAGE_OK = 0,
    MANAGE_EVERSION = 1,            /* no version that both speak */
    MANAGE_ETYPE = 2,               /* no such request */
    MANAGE_EPAYLOAD = 3,            /* the payload has another length, or a value out of its range */
    MANAGE_EHELLO = 4,              /* HELLO comes first */
    MANAGE_ERIGHT = 5,              /* this link has not the right */
    MANAGE_EVM = 6,                 /* no such VM or vCPU */
    MANAGE_ESTATE = 7,              /* not in the VM's present state */
    MANAGE_EBUSY = 8,               /* the last request has no answer yet; another has the stream; too many clients */
    MANAGE_ESTREAM = 9,             /* no such stream, or it is not this client's */
    MANAGE_EFAILED = 10,            /* it went wrong: the text says how */
    MANAGE_EUNSUPPORTED = 11,       /* this machine can't */
};

/* Every answer begins with a status. One that is not 0 is followed by words, without a 0, in place of what else it has. */
struct manage_status { uint32_t error; };

struct manage_hello { uint16_t lowest, highest; };

struct manage_welcome {
    uint32_t error;
    uint16_t version, payload;      /* MANAGE_PAYLOAD */
    uint32_t rights;
};

struct manage_machine {
    uint32_t error;
    uint32_t vms, cpus, priority;   /* priority: of the steward */
    uint64_t counter_hz, now;       /* ticks a second, and since the machine has begun */
    uint64_t nucleus_bytes;         /* memory that the nucleus keeps */
};

struct manage_which { uint16_t vm, vcpu; };

enum manage_state {
    MANAGE_OFF = 0,                 /* it ended by itself */
    MANAGE_RUNNING = 1,
    MANAGE_WAITS = 2,               /* it ended, and is to be started again */
    MANAGE_STOPPED = 3,             /* by its manager, or created and never started */
    MANAGE_PAUSED = 4,
    MANAGE_FAILED = 5,              /* its last end was a failure */
    MANAGE_ABSENT = 6,              /* not created yet, or destroyed: it has no memory */
    MANAGE_STATES
};

struct manage_vm {
    uint32_t error;
    uint32_t state;                 /* enum manage_state */
    char name[BELAY_NAME_MAX + 1];  /* ends with a 0 */
    uint32_t vcpus, priority, restarts;
    uint32_t streams;               /* which may be opened: 1 << enum manage_stream */
    uint64_t memory;                /* bytes */
    uint64_t since;                 /* ticks of the machine when it was last started */
    uint64_t ticks;                 /* that its vCPUs have run since it was created */
    uint64_t budget_ns, period_ns;  /* of each vCPU; 0: unlimited */
    uint32_t vmid;                  /* what the trace calls it by; 0: it is absent */
    uint32_t stops;                 /* 1: it was told to stop, and has not yet */
};

/* Why a vCPU left for the nucleus (Arm ARM, D17.2.37). */
enum manage_cause {
    MANAGE_CAUSE_WAIT,              /* WFI and WFE */
    MANAGE_CAUSE_CALL,              /* HVC and SMC */
    MANAGE_CAUSE_REGISTER,          /* a system register */
    MANAGE_CAUSE_DEVICE,            /* a data abort: a device's register */
    MANAGE_CAUSE_FP,                /* the first use of FP and SIMD after another */
    MANAGE_CAUSE_INTERRUPT,         /* of the host */
    MANAGE_CAUSE_OTHER,
    MANAGE_CAUSES
};

struct manage_vcpu {
    uint32_t error;
    uint32_t cpu;                   /* of the host */
    uint64_t ticks;                 /* that it has run */
    uint32_t overruns;              /* of its budget */
    uint32_t interrupts;            /* that it was given */
    uint32_t switches;              /* to it */
    uint32_t exits[MANAGE_CAUSES];  /* these and the three before run over after 2^32 */
    uint32_t wakes;                 /* since its VM was started: how often it ran after it had waited for an event */
    uint32_t reserved;
    uint64_t late_total, late_worst;    /* how late, in ticks: from those events till it was in the CPU */
};

enum manage_control_what {
    MANAGE_START = 1, MANAGE_STOP, MANAGE_PAUSE, MANAGE_RESUME, MANAGE_RESET,
    MANAGE_CREATE, MANAGE_DESTROY,
    MANAGE_SHUT_DOWN,               /* by its power key, if its configuration says so: it stops later. Else as STOP */
};
struct manage_control { uint16_t vm, what; };

struct manage_log { uint64_t position; };

/* Lines, each `ticks since the machine began in hex`, a space, the text, a line feed. */
struct manage_log_text {
    uint32_t error;
    uint32_t bytes;                 /* of the text behind this */
    uint64_t first, next;           /* where the text begins, and what to ask for next: the same when there is no more */
};

enum manage_stream {
    MANAGE_CONSOLE = 0, MANAGE_GDB = 1,
    MANAGE_TRACE = 2,               /* of a host CPU: told in 4 bytes which kinds, it sends packs of records, one a DATA */
    MANAGE_STREAMS
};
struct manage_open {
    uint16_t kind, vm;              /* of a trace: the host CPU */
    uint32_t credit;                /* bytes that the client has room for */
};
struct manage_opened {
    uint32_t error;
    uint32_t stream;
    uint32_t credit;                /* bytes that the machine has room for */
};
struct manage_credit { uint32_t bytes; };
#endif
