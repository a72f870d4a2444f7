# SPDX-License-Identifier: Apache-2.0
"""
Exhaustive exploration: the sources themselves, built for this machine, in every state that a small world's actions
lead to, in any order and number (explore.h). And each finds what is planted.
"""
import pathlib
import re
import subprocess
import threading

from planted import planted
from testing import BUILD, ROOT, Failed, check, for_each, takes

HERE = pathlib.Path(__file__).resolve().parent
CORE = ["context", "destroy", "domain", "domain_create", "handle", "mem", "message", "notification", "portal", "sched",
        "thread", "timerq", "trace"]
MEMORY = ["proof/memory.c", "proof/explore.c", "unit/core_world.c", "unit/fake_sysreg.c",
          *(f"core/{name}.c" for name in CORE), "arm64/debug.c", "arm64/stage2.c", "base/pool.c", "entry/calls_mem.c",
          "entry/calls_domain.c", "entry/hypercall.c"]
LISTS = ["proof/lists.c", "proof/lists_world.c", "proof/explore.c", "fuzz/gic_model.c", "arm64/lock.c",
         *(f"virt/{name}.c" for name in ["vgic", "vgic_lr", "vgic_choose", "vgic_mmio", "vgic_regs", "vgic_dist",
                                         "vgic_redist", "vgic_spread", "vgic_v2", "mail", "line"])]

MEMORY_WORLDS = ["pages", "pieces", "blocks", "pools"]
LIST_WORLDS = ["one list register", "late maintenance", "two list registers", "EOImode 1", "two vCPUs",
               "late maintenance, two vCPUs"]

# The world in which it is found; the source, right, wrong.
FAULTS = {
    "memory that is a pool is mapped": (MEMORY, "pools", "core/mem.c", "if (m->pool_of)", "if (m->pool_of && flags == 0)"),
    "mapped memory becomes a pool": (MEMORY, "pools", "entry/calls_domain.c", "pool->mappings || pool->pool_of",
                                     "pool->pool_of"),
    "what is mapped is cut": (MEMORY, "pages", "core/mem.c", "m->mappings || m->pool_of ?", "m->pool_of ?"),
    "more than an extent has is mapped": (MEMORY, "pages", "core/mem.c", "!range_ok(offset, size, m->size) || ", ""),
    "another one's handle grows by a merge": (MEMORY, "pages", "core/mem.c",
                                              "lower->handles > 1 || upper->handles > 1", "upper->handles > 1"),
    "rights grow by a merge": (MEMORY, "pages", "entry/calls_mem.c", "(handle_rights(lower.tag) & ~handle_rights(upper.tag))",
                               "(handle_rights(upper.tag) & ~handle_rights(lower.tag))"),
    "what may not be written is mapped writable": (MEMORY, "pages", "entry/calls_mem.c",
                                                   "(flags & BELAY_MAP_WRITE ? BELAY_RIGHT_WRITE : 0) |", ""),
    "a mapping stays": (MEMORY, "pages", "arm64/stage2.c", "            *pte = 0;\n", ""),
    "a mapping goes on at the wrong place": (MEMORY, "pieces", "core/mem.c", "r->ipa += *done;", "r->ipa += 0;"),
    "a block where pages were asked for": (MEMORY, "blocks", "arm64/stage2.c", "!= 0 || size < BLOCK_SIZE)",
                                           "!= 0 || size == 0)"),
    "an interrupt that was pending is lost": (LISTS, "one list register", "virt/vgic_lr.c",
                                              "if (lr & LR_PENDING && v->gic.lr_latched >> n & 1)",
                                              "if (lr & LR_PENDING && lr & LR_ACTIVE && v->gic.lr_latched >> n & 1)"),
    "an interrupt comes twice": (LISTS, "two list registers", "virt/vgic_lr.c", "        w->latch &= ~bit;\n", ""),
    "the highest waits behind others": (LISTS, "two list registers", "virt/vgic_choose.c",
                                        "s0 & ~v->gic.priority_bit[b]", "s0 & v->gic.priority_bit[b]"),
    "nobody tells that others wait": (LISTS, "one list register", "virt/vgic_choose.c",
                                      "(waits ? ICH_HCR_NPIE : 0)", "0"),
    "a host interrupt stays active": (LISTS, "one list register", "virt/vgic_choose.c",
                                      "gic_set_active(vgic_pintid(vm, v, intid), false);", "(void)vgic_pintid(vm, v, intid);"),
    "an end is taken for another's": (LISTS, "late maintenance", "virt/vgic_regs.c",
                                      "            (void)vgic_note_ends(v);\n", "            (void)v;\n"),
    "the line is not looked at again": (LISTS, "one list register", "virt/vgic_lr.c", "        lr |= LR_EOI;  ",
                                        "        lr |= 0;  "),
}


def build(sources, program, folder=None):
    """`folder`: where sources of the nucleus are looked for first."""
    def path(name):
        for place in [folder, ROOT / "nucleus", ROOT / "tests"]:
            if place and (place / name).is_file():
                return place / name
        raise Failed(f"no {name}")
    includes = [f"-I{ROOT / name}" for name in ["nucleus", "include", "tests/unit", "tests/fuzz", "tests/proof"]]
    done = subprocess.run(
        ["gcc", "-std=gnu17", "-O2", "-g", "-Wall", "-Wextra", "-Werror", "-DBELAY_HOST_TEST", "-D_GNU_SOURCE",
         "-ffunction-sections", "-fdata-sections", "-Wl,--gc-sections", *includes, *map(path, sources), "-lcmocka",
         "-o", program], capture_output=True, text=True, timeout=1500)
    check(done.returncode == 0, done.stderr)


def run(program, world):
    return subprocess.run([program, world], capture_output=True, text=True, timeout=3000)


building = threading.Lock()
built = {}


def explore_all(sources, world):
    with building:              # one build for all worlds, by the first of the tests that run beside each other
        name = pathlib.Path(sources[0]).stem
        if name not in built:
            (BUILD / "proof").mkdir(parents=True, exist_ok=True)
            build(sources, BUILD / "proof" / name)
            built[name] = BUILD / "proof" / name
    done = run(built[name], world)
    check(done.returncode == 0 and re.search(r": \d+ states, \d+ steps, all there are", done.stdout),
          done.stdout[-4000:] + done.stderr[-1000:])
    print("        " + done.stdout.strip(), flush=True)


@for_each(*MEMORY_WORLDS)
@takes(60)
def test_no_mapping_reaches_what_is_not_owned_or_granted(world):
    explore_all(MEMORY, world)


@for_each(*LIST_WORLDS)
@takes(20)
def test_no_interrupt_is_lost_or_doubled(world):
    explore_all(LISTS, world)


@for_each(*FAULTS)
@takes(15)
def test_exploration_finds_that(fault):
    sources, world, source, right, wrong = FAULTS[fault]
    with planted(source, right, wrong) as folder:
        build(sources, folder / "explore", folder)
        done = run(folder / "explore", world)
    check(done.returncode == 1 and "does not hold after" in done.stdout, f"exit code {done.returncode}\n{done.stdout[-2000:]}")
