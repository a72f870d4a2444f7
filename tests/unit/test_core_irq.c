/* SPDX-License-Identifier: Apache-2.0 */
/* Host interrupts: whose each is, and that one whose owner is gone harms nobody. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "core/cpu.h"
#include "core/irq.h"
#include "core/notification.h"
#include "fake_sysreg.h"
#include "gic/gic.h"

#define SPI     40u
#define INTIDS 128u

struct cpu *fake_cpu;
static struct cpu cpu;
static struct notification n;
static uint64_t signalled;
static bool enabled[INTIDS], active[INTIDS];
static bool full;

unsigned gic_intids(void) { return INTIDS; }
void gic_enable(uint32_t intid) { enabled[intid] = true; }
void gic_disable(uint32_t intid) { enabled[intid] = false; }
void gic_set_active(uint32_t intid, bool value) { active[intid] = value; }
void gic_spi_config(uint32_t intid, bool edge, unsigned c) { (void)intid, (void)edge, (void)c; }

void notification_signal(struct notification *to, uint64_t bits)
{
    assert_ptr_equal(to, &n);
    signalled |= bits;
}

static void deactivate(uint64_t intid)
{
    active[intid] = false;
}

/* It is acknowledged, whether or not it is enabled: it had been on its way. */
static void comes(uint32_t intid)
{
    active[intid] = true;
    FAKE_SYSREG(ICC_IAR1_EL1)->value = intid;
    FAKE_SYSREG(ICC_DIR_EL1)->on_write = deactivate;
    irq_handle(&cpu);
}

static void arrives(void) { comes(SPI); }

static int begin(void **state)
{
    (void)state;
    fake_sysreg_reset();
    fake_cpu = &cpu;
    signalled = 0;
    for (unsigned i = 0; i < IRQS_MAX; i++)
        if (irqs[i].intid)
            irq_free(&irqs[i]);
    return 0;
}

static struct irq *bound(void)
{
    struct irq *irq = irq_claim(SPI, false, &full);

    assert_non_null(irq);
    irq_bind(irq, &n, 4);
    return irq;
}

static void an_interrupt_has_one_owner_and_is_told_to_it(void **state)
{
    (void)state;
    struct irq *irq = bound();
    assert_null(irq_claim(SPI, false, &full));
    assert_false(full);
    arrives();
    assert_int_equal(signalled, 4);
    assert_true(active[SPI]);
    irq_finish(irq);
    assert_false(active[SPI]);
}

static void one_that_is_silenced_ends_without_a_word(void **state)
{
    (void)state;
    struct irq *irq = bound();
    irq_silence(irq);
    assert_false(enabled[SPI]);
    arrives();
    assert_int_equal(signalled, 0);
    assert_false(active[SPI]);
    assert_null(irq_claim(SPI, false, &full));
}

static void one_that_is_free_ends_without_a_word_and_can_be_had_again(void **state)
{
    (void)state;
    struct irq *irq = bound();
    irq_silence(irq);
    active[SPI] = true;         /* its owner did not end it */
    irq_free(irq);
    assert_false(active[SPI]);
    arrives();
    assert_false(active[SPI]);
    assert_int_equal(signalled, 0);
    bound();
    arrives();
    assert_int_equal(signalled, 4);
}

static void places_are_used_again(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 3 * IRQS_MAX; i++) {
        struct irq *irq = bound();
        irq_silence(irq);
        irq_free(irq);
    }
}

static void there_are_so_many_places_and_no_more(void **state)
{
    (void)state;
    for (uint32_t i = 0; i < IRQS_MAX; i++)
        assert_non_null(irq_claim(GIC_SPI_FIRST + i, false, &full));
    assert_null(irq_claim(GIC_SPI_FIRST + IRQS_MAX, false, &full));
    assert_true(full);
    irq_free(&irqs[7]);
    assert_ptr_equal(irq_claim(GIC_SPI_FIRST + IRQS_MAX, false, &full), &irqs[7]);
    assert_false(full);
}

/* It stays active, so that it does not come again and again. */
static void a_private_one_that_is_nobodys_comes_once(void **state)
{
    (void)state;
    comes(21);
    assert_int_equal(FAKE_SYSREG(ICC_EOIR1_EL1)->value, 21);
    assert_int_equal(signalled, 0);
    assert_true(active[21]);
}

#define T(name) cmocka_unit_test_setup(name, begin)

int main(void)
{
    const struct CMUnitTest tests[] = {
        T(an_interrupt_has_one_owner_and_is_told_to_it), T(one_that_is_silenced_ends_without_a_word),
        T(one_that_is_free_ends_without_a_word_and_can_be_had_again), T(places_are_used_again),
        T(there_are_so_many_places_and_no_more), T(a_private_one_that_is_nobodys_comes_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
