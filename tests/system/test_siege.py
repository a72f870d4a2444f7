# SPDX-License-Identifier: Apache-2.0
"""Whatever a guest does, by a seed: nobody misses anything, nothing gets out, the nucleus is sound. And else it would show."""
from machine import Machine
from siege import AUDITED, besiege, check_held, grant_secrets, leave_a_register, miscount_ready, siege
from testing import OBJ, Failed, check, for_each, takes

ACTIONS = 200000
FEW = 60000
LIMIT = 240


@takes(60)
@for_each(101, 102)
def test_what_a_guest_does_at_random_is_its_own_affair(seed):
    result = besiege(seed, ACTIONS, LIMIT)
    check_held(result)
    check(result.actions >= ACTIONS and all(result.kinds.values()) and len(result.kinds) == 24, f"{result.kinds}")
    check(result.frames > 0 and result.rounds > 0, "nobody looked on")


def test_what_a_guest_does_at_random_on_two_cpus_is_its_own_affair():
    check_held(besiege(103, ACTIONS // 2, LIMIT, cpus=2))


def test_a_siege_that_is_started_again_goes_on_with_the_next_action():
    with Machine(siege(1, 100 * ACTIONS), limit=LIMIT) as m:
        m.expect(r"siege: start 1, seed 1, 3 vcpus, 0 actions done")
        for _ in range(3):
            m.belay("ps")           # it goes on meanwhile
        m.belay("reset", "siege")
        done = int(m.expect(r"siege: start 2, seed 1, 3 vcpus, (\d+) actions done").group(1))
        check(done > 0 and "spoiled" not in m.text, f"{done} actions are known of")


def test_memory_of_another_that_a_guest_is_given_by_mistake_is_noticed_by_all_who_look():
    result = besiege(1, FEW, LIMIT, plant=grant_secrets, build=OBJ)
    check(result.found > 0, "the siege found no secret in it")
    check(result.words > 0, "the witness found its words as they were")
    check(result.changed.get("witness", 0) > 0, f"from outside this had changed: {result.changed}")


def test_a_register_that_a_switch_leaves_to_the_next_is_noticed():
    result = besiege(1, FEW, LIMIT, plant=leave_a_register)
    check(result.found > 0, "the siege found no secret in it")
    check("nucleus" in result.changed, f"from outside this had changed: {result.changed}")


def panic_of(plant):
    try:
        besiege(1, FEW, LIMIT, plant=plant, build=AUDITED)
    except Failed as why:
        return str(why)
    return "it went on"


def test_a_mapping_that_leads_elsewhere_stops_a_nucleus_that_audits_itself():
    why = panic_of(grant_secrets)
    check("belay: panic: assertion: " in why and "audit.c" in why, why)


def test_a_context_too_many_in_a_run_queue_stops_a_nucleus_that_audits_itself():
    why = panic_of(miscount_ready)
    check("belay: panic: assertion: " in why and "audit.c" in why, why)
