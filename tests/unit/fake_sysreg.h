/* SPDX-License-Identifier: Apache-2.0 */
/*
 * System registers of a host build (arm64/sysreg.h includes this): a table of
 * values by name, which a test sets and looks at by FAKE_SYSREG(name)->value.
 * A register that does more than keep its value has a function for it.
 */
#ifndef TESTS_UNIT_FAKE_SYSREG_H
#define TESTS_UNIT_FAKE_SYSREG_H

#include <stdbool.h>
#include <stdint.h>

struct fake_sysreg {
    const char *name;
    uint64_t value;
    uint64_t (*on_read)(void);
    void (*on_write)(uint64_t value);
    unsigned writes;
};

/* The register of that name; it is there from the first time on that it is asked for, with value 0. */
struct fake_sysreg *fake_sysreg_find(const char *name);

/* Is the host's GIC a GICv2 (gic/version.h)? And are its registers in memory then, or, of a GICv3 that is played, here? */
extern bool fake_gicv2, fake_gicv2_interface;

/* All registers are 0 and have no functions. */
void fake_sysreg_reset(void);

#define FAKE_SYSREG_STR_(r) #r
#define FAKE_SYSREG_STR(r)  FAKE_SYSREG_STR_(r)
/* Looked up once for each place in the source. */
#define FAKE_SYSREG(r) \
    ({ static struct fake_sysreg *r_; if (!r_) r_ = fake_sysreg_find(FAKE_SYSREG_STR(r)); r_; })

static inline uint64_t fake_sysreg_read(struct fake_sysreg *r)
{
    return r->on_read ? r->on_read() : r->value;
}

static inline void fake_sysreg_write(struct fake_sysreg *r, uint64_t value)
{
    r->value = value;
    r->writes++;
    if (r->on_write)
        r->on_write(value);
}

#define sysreg_read(reg)         fake_sysreg_read(FAKE_SYSREG(reg))
#define sysreg_write(reg, value) fake_sysreg_write(FAKE_SYSREG(reg), (value))

static inline void isb(void) {}
static inline void dsb_ish(void) {}
static inline void dsb_ishst(void) {}
static inline void dmb_ishst(void) {}
static inline void dsb_sy(void) {}
static inline void wfi(void) {}
#endif
