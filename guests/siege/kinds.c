/* SPDX-License-Identifier: Apache-2.0 */
/* What kinds of actions there are, and how often each comes. */
#include "siege.h"

void (*const kinds[KINDS])(struct actor *) = {
    [SYSREG_READ] = kind_sysreg_read, [SYSREG_WRITE] = kind_sysreg_write, [CPU_INTERFACE] = kind_cpu_interface,
    [DEBUG_PMU] = kind_debug_pmu, [HYPERCALL] = kind_hypercall, [PSCI] = kind_psci, [SMCCC] = kind_smccc, [GIC] = kind_gic,
    [DEVICE] = kind_device, [ANYWHERE] = kind_anywhere, [MEMORY] = kind_memory, [JUMP] = kind_jump, [GARBAGE] = kind_garbage,
    [USER_MODE] = kind_user_mode, [CODE] = kind_code, [TABLES] = kind_tables, [MMU_OFF] = kind_mmu_off, [TIMER] = kind_timer,
    [STORM] = kind_storm, [WAIT] = kind_wait, [EXCEPTION] = kind_exception, [FP] = kind_fp, [SEARCH] = kind_search,
    [SCRIBBLE] = kind_scribble,
};

const char *const kind_names[KINDS] = {
    [SYSREG_READ] = "sysreg-read", [SYSREG_WRITE] = "sysreg-write", [CPU_INTERFACE] = "cpu-interface",
    [DEBUG_PMU] = "debug-pmu", [HYPERCALL] = "hypercall", [PSCI] = "psci", [SMCCC] = "smccc", [GIC] = "gic",
    [DEVICE] = "device", [ANYWHERE] = "anywhere", [MEMORY] = "memory", [JUMP] = "jump", [GARBAGE] = "garbage",
    [USER_MODE] = "user-mode", [CODE] = "code", [TABLES] = "tables", [MMU_OFF] = "mmu-off", [TIMER] = "timer",
    [STORM] = "storm", [WAIT] = "wait", [EXCEPTION] = "exception", [FP] = "fp", [SEARCH] = "search", [SCRIBBLE] = "scribble",
};

const uint16_t kind_weights[KINDS] = {
    [SYSREG_READ] = 300, [SYSREG_WRITE] = 300, [CPU_INTERFACE] = 300, [DEBUG_PMU] = 120, [HYPERCALL] = 480, [PSCI] = 180,
    [SMCCC] = 60, [GIC] = 320, [DEVICE] = 16, [ANYWHERE] = 60, [MEMORY] = 100, [JUMP] = 20, [GARBAGE] = 60, [USER_MODE] = 12,
    [CODE] = 20, [TABLES] = 30, [MMU_OFF] = 10, [TIMER] = 300, [STORM] = 140, [WAIT] = 10, [EXCEPTION] = 60, [FP] = 50,
    [SEARCH] = 60, [SCRIBBLE] = 60,
};
