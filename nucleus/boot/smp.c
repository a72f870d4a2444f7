/* SPDX-License-Identifier: Apache-2.0 */
/* The other CPUs: each is turned on by the host's PSCI (DEN0022, 5.6), and waited for, one after another. */
#include "base/address.h"
#include "base/string.h"
#include "boot/boot.h"
#include "core/machine.h"
#include "core/start.h"

#define PSCI_CPU_ON      0xc4000003u
#define MPIDR_AFFINITY   UINT64_C(0xff00ffffff)

/* What the nucleus keeps for each of them. */
#define AREA_BYTES ((sizeof(struct cpu_area) + PAGE_SIZE - 1) & ~(PAGE_SIZE - 1))

void boot_secondary_entry(void);            /* head.S */
_Noreturn void boot_secondary(void);

/* Its first writes go round the caches: nothing of its memory may be left in them (Arm ARM, D7.5.9). */
static void leave_caches(uintptr_t start, uint64_t bytes)
{
    uint64_t line = UINT64_C(4) << (sysreg_read(ctr_el0) >> 16 & 0xf);

    for (uintptr_t at = start; at < start + bytes; at += line)
        __asm__ volatile("dc civac, %0" : : "r"(at) : "memory");
    __asm__ volatile("dsb sy" ::: "memory");
}

static void start_cpu(struct host *host, unsigned index, const struct host_cpu *h)
{
    uint64_t at = ranges_take(&host->ram, AREA_BYTES);
    struct cpu_area *area = pa_to_ptr(pa(at));
    struct cpu *cpu = &area->cpu;

    if (at == 0)
        boot_fail("host device tree", "/memory", "too little for each CPU's stack");
    memset(area, 0, AREA_BYTES);
    cpu->index = (uint8_t)index;
    cpus[index] = cpu;
    host->cpu_bytes += AREA_BYTES;
    leave_caches(at, AREA_BYTES);
    if (machine_psci(PSCI_CPU_ON, h->affinity, (uintptr_t)boot_secondary_entry, (uintptr_t)cpu) != 0)
        boot_fail("host device tree", h->name, "PSCI does not turn it on");
    for (uint64_t until = now() + sysreg_read(cntfrq_el0); !__atomic_load_n(&cpu->running, __ATOMIC_ACQUIRE);)
        if (now() > until)
            boot_fail("host device tree", h->name, "it was turned on, and does not come in a second");
    cpus_running++;
}

/* Those that PSCI can turn on; without it, this one is all. */
void boot_start_cpus(struct host *host)
{
    uint64_t own = sysreg_read(mpidr_el1) & MPIDR_AFFINITY;

    cpus[0] = this_cpu();
    cpus_running = 1;
    for (unsigned i = 0; i < host->cpus && machine.psci; i++)       /* bound: CPUS_MAX */
        if (host->cpu[i].affinity != own && cpus_running < CPUS_MAX)
            start_cpu(host, cpus_running, &host->cpu[i]);
}

/* On the CPU that was turned on, with its MMU on. */
_Noreturn void boot_secondary(void)
{
    boot_init_cpu();
    start_secondary();
}
