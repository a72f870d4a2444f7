# SPDX-License-Identifier: Apache-2.0
"""The bench's own arithmetic, on lines as its guests print them."""
import sys
import xml.dom.minidom

from testing import ROOT, check

sys.path.insert(0, str(ROOT / "bench"))
import figures  # noqa: E402
import picture  # noqa: E402
import rows  # noqa: E402
import traced  # noqa: E402

TIMER = ["bench| bench: timer_wfi", "bench| bench: timer_wfi samples 90:1 100:997 120:1", "phone| something else",
         "bench| bench: timer_wfi samples 3000000:1", "bench| bench: timer_wfi total 1000"]


def fails(function, *arguments):
    try:
        function(*arguments)
    except figures.Failure:
        return True
    return False


def test_a_distribution_counts_every_sample_and_what_was_missed():
    check(figures.distribution(figures.samples(TIMER, "timer_wfi")) ==
          {"min": 90, "mean": 3099.91, "p999": 120, "max": 3_000_000, "missed": 1}, "another distribution")


def test_a_lost_line_of_samples_is_no_figure():
    check(fails(figures.samples, TIMER[:3] + TIMER[4:], "timer_wfi"), "it was taken for one")


def test_a_row_that_was_not_printed_is_no_figure():
    check(fails(figures.per_call, TIMER, "hypercall"), "it was taken for one")


def test_the_loop_around_a_call_is_not_counted():
    lines = ["bench: hypercall calls 10000 ticks 930001 empty 30001"]
    check(figures.per_call(lines, "hypercall") == 90, "it is")


def test_a_round_between_two_vcpus_is_two_switches():
    lines = ["bench: vcpu_switch calls 10000 ticks 2060000 empty 30000"]
    check(figures.per_switch(lines, "vcpu_switch") == 100, "it is not")


def test_a_figure_at_its_limit_passes_and_one_above_does_not():
    def of(number):
        return rows.problem("hypercall", {"hypercall": rows.row("hypercall", None, number)})
    check(of(90) is None and of(90.1) == "over its limit" and of(None) == "missing", "another verdict")


def test_the_worst_has_a_limit_of_its_own():
    figure = {"min": 300, "mean": 400, "p999": 900, "max": 1001, "missed": 0}
    check(rows.problem("timer_contended", {"timer_contended": rows.row("timer_contended", None, figure)})
          == "worst over its limit", "another verdict")


def test_a_budget_that_is_exceeded_over_time_fails_however_little():
    def of(*samples):
        figure = figures.budget_error(dict(samples))
        return figure["max"], rows.problem("budget_busy", {"budget_busy": rows.row("budget_busy", None, figure)})
    check(of((299_000, 500), (301_000, 500)) == (1000, None), "one that holds it did not pass")
    check(of((299_000, 499), (301_000, 501)) == (1000, "missed a period"), "one in the guest's favour passed")
    check(of((294_999, 1), (299_000, 999)) == (5001, "worst over its limit"), "one held to more than 5 us passed")


def recording(record_ticks):
    """Hypercalls of two functions and an abort, each with a record more where that takes time."""
    out = [traced.RECORD.pack(0, 0x80, 1, 0, 0, 0, 10**9)]
    for n, (syndrome, function, stay) in enumerate([(0x16, 1, 90), (0x16, 1, 70), (0x16, 2, 300), (0x24, 7, 20)]):
        end = 1000 * n + stay + record_ticks
        out.append(traced.RECORD.pack(0, traced.PIECE, 0, 0, 2, 0, 0))
        out.append(traced.RECORD.pack(1000 * n, traced.EXIT, 0, 1, 0, syndrome << 26, function))
        out.append(traced.RECORD.pack(end, traced.ENTRY, 0, 1, 0, 0, 0))
    return b"".join(out)


def test_a_record_costs_what_it_makes_the_shortest_stays_longer():
    check(traced.stays(recording(0)) == {1: 70, 2: 300}, "the shortest stays are others")
    check(traced.difference(recording(0), recording(22)) == 22, "another difference")
    check(fails(traced.difference, recording(0), b""), "a figure out of nothing")


def test_the_picture_is_well_formed():
    counts = figures.samples(TIMER, "timer_wfi")
    drawn = picture.histogram("a <title>", counts, 3, figures.distribution(counts), (600, 1000))
    boxes = xml.dom.minidom.parseString(drawn).getElementsByTagName("rect")
    bars = [box for box in boxes if box.getAttribute("class") == "bar"]
    check(len(bars) == 2, f"{len(bars)} bars")
