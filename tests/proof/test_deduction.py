# SPDX-License-Identifier: Apache-2.0
"""
Deductive proofs, by Frama-C's WP with the provers CVC4 and Z3: of the very sources, whose contracts are in this folder
and whose loop invariants stand at the loops. And each of them fails when the source has a fault.
"""
import functools
import os
import pathlib
import re
import subprocess
import tempfile

from planted import planted
from testing import BUILD, LIMIT, ROOT, Failed, check, for_each, takes

HERE = pathlib.Path(__file__).resolve().parent
PLAIN = ["-wp-model", "Typed+Cast", "-wp-prover", "cvc4"]
# Integers without end, which is right where no operation and no conversion goes beyond its type: that is proved with it.
WHOLE = ["-wp-model", "Typed+Cast+nat", "-wp-prover", "z3,cvc4", "-warn-unsigned-downcast", "-warn-signed-downcast"]

# Handles' short functions are proved where they are called: a contract of each would say what it does once more.
SHORT = "handle_type,handle_rights,handle_value,is_there,look,find"
HANDLES = [*PLAIN, "-inline-calls", SHORT + ",handle_replace"]
CLOSED = [*HANDLES, "-wp-prover", "z3,cvc4"]
GRANTS = [*PLAIN, "-inline-calls", SHORT + ",object"]

PROOFS = {      # the promise: the file, functions, options
    "no object is found without a handle of its type and rights":
        ("handle.c", "handle_of,handle_at,handle_find,handle_object,handle_replace,handle_put", HANDLES),
    "a handle that is closed is gone, and no other": ("handle.c", "handle_close", CLOSED),
    "nobody is given a right that the giver has not": ("grant.c", "call_grant", GRANTS),
    "no budget overflows, and none is gained as periods go by":
        ("budget.c", "budget_is_possible,budget_next_period,budget_period_is_over,budget_lasts_till,budget_begin_period,"
         "budget_give,budget_renew,budget_charge_periods,budget_charge,budget_replenish", WHOLE),
}

SECONDS = 200       # that a prover has for a goal; 0.2 are enough for most, and a host may be slow
PROMISES = ["-wp-prop", "@ensures,@invariant"]

FAULTS = {      # what is wrong: the proof, the function in which it must be found, the source, right, wrong
    "a handle beyond the table": ("handle.c", "handle_object", "core/handle.c", *[
        f"uint32_t rights)\n{{\n    if (h {is_beyond} t->slots)\n        return (struct handle){{ 0 }};\n"
        for is_beyond in (">=", ">")]),
    "some right is enough": ("handle.c", "handle_find", "core/handle.c", "& rights) == rights", "& rights) != 0"),
    "a slot in use is taken": ("handle.c", "handle_put", "core/handle.c", "handle_type(tag) == OBJECT_NONE && handle_replace",
                               "handle_replace"),
    "a handle is closed that another CPU has in hand": ("handle.c", "handle_close", "core/handle.c",
                                                        "handle_type(tag) != OBJECT_MOVING;", "true;"),
    "what has come meanwhile is put over": ("handle.c", "handle_replace", "core/handle.c",
                                            "        return false;\n    if (handle_type(was)",
                                            "        (void)0;\n    if (handle_type(was)"),
    "an extent's handle is not counted": ("handle.c", "handle_replace", "core/handle.c", "h->object)->handles, 1",
                                          "h->object)->handles, 2"),
    "rights grow as they are given": ("grant.c", "call_grant", "entry/calls_mem.c", "(h.tag) & x[2]", "(h.tag) | x[2]"),
    "a budget anew for what was left": ("budget.c", "budget_charge_periods", "core/budget.h", "(left < 0 ? left : 0)",
                                        "left"),
    "what it ran over is forgotten": ("budget.c", "budget_charge_periods", "core/budget.h", "(left < 0 ? left : 0)", "0"),
    "a budget more than periods began": ("budget.c", "budget_replenish", "core/budget.h", "(int64_t)(periods * s->budget);",
                                         "(int64_t)((periods + 1) * s->budget);"),
    "more than a budget is kept": ("budget.c", "budget_replenish", "core/budget.h",
                                   "if (s->remaining > (int64_t)s->budget)", "if (s->remaining > (int64_t)s->period)"),
    "a run that is not charged": ("budget.c", "budget_charge", "core/budget.h", "s->remaining -= (int64_t)used;",
                                  "s->remaining -= (int64_t)used / 2;"),
    "a period too many": ("budget.c", "budget_begin_period", "core/budget.h", "/ s->period * s->period;",
                          "/ s->period * s->period + s->period;"),
}
OPTIONS = {(file, name): options for file, functions, options in PROOFS.values() for name in functions.split(",")}


@functools.cache
def provers():
    """Why3's list of the provers that are installed."""
    home = BUILD / "proof"
    config = home / ".why3.conf"
    home.mkdir(parents=True, exist_ok=True)
    config.unlink(missing_ok=True)
    subprocess.run(["why3", "config", "detect"], env={**os.environ, "HOME": str(home)}, check=True, capture_output=True,
                   timeout=LIMIT)
    return config


def prove(file, what, options, folder=ROOT / "nucleus"):
    """Goals that are proved, and all; the words that Frama-C says. `folder`: where sources are looked for first."""
    includes = " ".join(f"-I{path}" for path in [folder, ROOT / "nucleus", ROOT / "include", HERE, ROOT / "tests/unit"])
    with tempfile.TemporaryDirectory(prefix="belay-proof-") as scratch:
        done = subprocess.run(
            ["frama-c", "-machdep", "gcc_x86_64", "-c11", f"-cpp-extra-args=-DBELAY_HOST_TEST {includes}", HERE / file,
             "-wp", "-wp-rte", "-warn-unsigned-overflow", *options, *what, "-wp-timeout", str(SECONDS), "-wp-par", "1",
             "-wp-cache", "none", "-wp-session", scratch],
            capture_output=True, text=True, env={**os.environ, "WHY3CONFIG": str(provers())}, timeout=3000)
    counts = re.search(r"Proved goals: +(\d+) / (\d+)", done.stdout)
    if done.returncode or not counts:
        raise Failed("\n".join((done.stdout + done.stderr).splitlines()[-9:]))
    return int(counts[1]), int(counts[2]), done.stdout


def unproved_goals(words):
    return [line for line in words.splitlines() if " Goal " in line and ": Valid" not in line]


def check_all(proved):
    good, goals, words = proved
    check("turned to False" not in words, "WP takes a part of a contract for false, from which all follows")
    unproved = unproved_goals(words)
    check(good == goals > 0, f"{good} of {goals} goals:\n" + "\n".join(unproved))
    return goals


@for_each(*PROOFS)
@takes(60)
def test_is_deduced(promise):
    file, functions, options = PROOFS[promise]
    goals = check_all(prove(file, ["-wp-fct", functions], options))
    if "lemma" in (HERE / file).read_text():
        goals += check_all(prove(file, ["-wp-prop", "@lemma"], options))
    print(f"        {promise}: {goals} goals", flush=True)


@functools.lru_cache(maxsize=None)
def steps_of_proof(file, function):
    """
    How many steps the longest of the proofs of what a function promises took: on any machine the same. Where WP itself has
    proved all of it no prover was asked: then as many as the easiest goals take.
    """
    proved = prove(file, ["-wp-fct", function, *PROMISES], OPTIONS[file, function])
    check_all(proved)
    return max(map(int, re.findall(r" Goal .*: Valid .*\((\d+)\)$", proved[2], re.M)), default=1000)


@for_each(*FAULTS)
@takes(30)
def test_no_proof_where(fault):
    """A goal for which ten times the steps are not enough. One for which the time was not has not been found."""
    file, function, source, right, wrong = FAULTS[fault]
    enough = 10 * steps_of_proof(file, function)
    with planted(source, right, wrong) as folder:
        what = ["-wp-fct", function, *PROMISES, "-wp-steps", str(enough)]
        good, goals, words = prove(file, what, OPTIONS[file, function], folder)
    check(good < goals, "it was proved all the same")
    found = [goal for goal in unproved_goals(words) if "Timeout" not in goal]
    check(found, f"this machine is too slow to tell:\n{words}")
