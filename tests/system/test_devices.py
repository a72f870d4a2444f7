# SPDX-License-Identifier: Apache-2.0
"""The handset's small devices, driven by Linux's own drivers."""
import json
import pathlib
import tempfile

from machine import FIRMWARE, PROMPT, Machine, hostile, linux, radio
from testing import check

THEN = ("-rtc", "base=2020-02-02T03:04:05,clock=vm")


def test_linux_starts_with_the_date_of_the_host():
    with Machine(linux(), qemu=THEN) as m:
        m.expect(PROMPT)
        m.type("dmesg | grep rtc-pl031; date -u +%F; poweroff\r")
        m.expect(r"rtc-pl031 9010000\.pl031: setting system clock to 2020-02-02T03:04:0\d UTC")
        m.expect(r"^\[phone\] 2020-02-02$")
        m.ends(0)


def test_linux_sets_its_clock_and_its_alarm():
    run = "date -u -s '2001-02-03 04:05:06'; hwclock -w -u; cat /sys/class/rtc/rtc0/date; " \
          "echo +3 >/sys/class/rtc/rtc0/wakealarm; sleep 2; cat /proc/interrupts; sleep 3; cat /proc/interrupts"
    with Machine(linux(run=run), qemu=THEN) as m:
        m.expect(r"^\[phone\] 2001-02-03$")
        before = int(m.expect(r"(\d+) +GICv3 +34 Level +rtc-pl031").group(1))
        after = int(m.expect(r"(\d+) +GICv3 +34 Level +rtc-pl031").group(1))
        check(after == before + 1, f"{before} interrupts, then {after}")
        m.ends(0)


RADIO = r"^\[radio\] radio: \d+ s, frames \d+, missed 0, voice \d+, bad 0"
LONG = {"cmdline": "seconds=100000"}


def states(m):
    return {vm["name"]: vm["state"] for vm in json.loads(m.belay("ps", "--json"))}


def test_belay_stop_presses_the_power_key_and_linux_turns_itself_off():
    with Machine(linux(**{"on-failure": "restart"}), radio(**LONG)) as m:
        m.expect(PROMPT)
        check(m.belay("stop", "phone") == "phone: stopped\n", "other words")
        m.expect_all(r"^\[belay\] phone: told to stop by its manager$", r"^\[phone\] .*linux: the power key was pressed$",
                     r"^\[phone\] .*reboot: Power down$", r"^\[belay\] phone: turned itself off$")
        check(states(m) == {"phone": "stopped", "radio": "running"}, f"{states(m)}")
        m.expect(RADIO)
        m.belay("start", "phone")       # and its key is up again
        m.expect(PROMPT)
        m.type("cat /sys/class/input/input0/name; grep Poweroff /proc/interrupts\r")
        m.expect(r"^\[phone\] gpio-keys$")
        m.expect(r" 0 9030000\.pl061 +3 Edge +GPIO Key Poweroff")


def test_a_linux_that_does_not_listen_to_its_power_key_is_stopped_when_its_time_is_over():
    with Machine(linux(stop="3s"), radio(**LONG)) as m:
        m.expect(PROMPT)
        m.type("killall acpid\r")
        m.expect(PROMPT)
        check(m.belay("stop", "phone") == "phone: stopped\n", "other words")
        m.expect(r"^\[belay\] phone: has not turned itself off in the 3 s that it had: it is stopped$")
        check("Power down" not in m.text, "it has turned itself off")
        m.expect(RADIO)


def test_belay_stop_now_and_vms_without_a_power_key_wait_for_nothing():
    with Machine(linux(), hostile("spin", name="other"), hostile("spin", name="deaf", stop="1000s"), radio(**LONG)) as m:
        m.expect(PROMPT)
        m.belay("stop", "--now", "phone", "deaf")
        m.belay("stop", "other")
        check(states(m) == {"phone": "stopped", "other": "stopped", "deaf": "stopped", "radio": "running"}, f"{states(m)}")
        check("told to stop" not in m.text and "the power key" not in m.text, "it was told")


def test_a_linux_that_is_paused_hears_no_key():
    with Machine(linux(), radio(**LONG)) as m:
        m.expect(PROMPT)
        m.belay("pause", "phone")
        check("it is paused; belay resume lets it go on, belay stop --now stops it as it is" in
              m.belay("stop", "phone", code=1), "other words")
        m.belay("resume", "phone")
        m.belay("stop", "phone")
        m.expect(r"^\[phone\] .*reboot: Power down$")


def test_a_linux_that_ends_otherwise_than_it_was_told_is_stopped_all_the_same():
    with Machine(linux(), radio(**LONG)) as m:
        m.expect(PROMPT)
        m.type("printf '#!/bin/sh\\nreboot -f\\n' >/etc/acpi/PWRF/00000080; echo done\r")
        m.expect(r"^\[phone\] done$")
        m.belay("stop", "phone")
        m.expect(r"^\[phone\] .*reboot: Restarting system$")
        check(states(m)["phone"] == "stopped", f"{states(m)}")


def test_virtio_slots_say_that_they_are_empty():
    with Machine(linux(run="for r in 0 4 8 c; do devmem 0x0a003e0$r; done")) as m:
        m.expect(r"^\[phone\] 0x74726976\n\[phone\] 0x00000001\n\[phone\] 0x00000000\n\[phone\] 0x554D4551$")
        m.ends(0)


def test_the_firmware_configuration_is_read_by_its_data_register():
    # the selector is 16 bits wide and big-endian: 0, 1 and 5
    run = "for k in 0 0x100 0x500; do devmem 0x09020008 16 $k; devmem 0x09020000 32; done; devmem 0x09020000 64"
    with Machine(linux(run=run, cpus=[0, 0])) as m:
        m.expect(r"^\[phone\] 0x554D4551\n\[phone\] 0x00000001\n\[phone\] 0x00000002\n\[phone\] 0x0000000000000000$")
        m.ends(0)


def firmware(**more):
    return {"name": "fw", "firmware": str(FIRMWARE), "memory": "2M", "priority": 10, **more}


def test_firmware_fetches_its_kernel_by_dma_in_memory_that_comes_and_goes_with_the_vm():
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        kernel = pathlib.Path(folder) / "kernel.efi"
        kernel.write_bytes(b"MZ" + bytes(range(256)) * 16)
        # Of a board of 1G there is as much for one VM at a time. It is the first to start, before the service that serves it.
        with Machine(firmware(memory="512M", priority=210, linux={"kernel": str(kernel)}), radio(**LONG)) as m:
            m.expect(r"^\[fw\] firmware: its kernel is fetched by DMA: yes$")
            m.expect(r"^\[belay\] fw: turned itself off$")
            m.belay("destroy", "fw")
            m.belay("create", "fw")
            m.belay("start", "fw")
            m.expect(r"^\[fw\] firmware: its kernel is fetched by DMA: yes$")
            m.expect(RADIO)


def test_firmware_runs_out_of_flash_and_keeps_what_it_writes_to_the_second_bank():
    with Machine(firmware(), radio(**LONG)) as m:
        for what in ("a device tree is at the start of RAM", "fw_cfg is QEMU's", "the second bank is flash",
                     "its image can't be written", "the first bank is erased behind the image",
                     "behind what is stored nothing can be programmed"):
            m.expect(rf"^\[fw\] firmware: {what}: yes$")
        for start in 2, 3:
            m.expect(r"^\[fw\] firmware: a word is programmed: yes$")
            m.expect(rf"^\[fw\] firmware: start {start} out of flash$")
        m.expect(r"^\[fw\] firmware: a block is erased: yes$")
        m.expect(r"^\[belay\] fw: turned itself off$")
        m.expect(RADIO)
        m.belay("start", "fw")          # what it has erased stays so
        m.expect(r"^\[fw\] firmware: start 1 out of flash$")
