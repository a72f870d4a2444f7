# SPDX-License-Identifier: Apache-2.0
"""One terminal for all VMs."""
import hashlib

from machine import PROMPT, Machine, linux
from testing import for_each, takes

KEY = "\x1d"    # Ctrl-]


def test_the_keyboard_goes_to_the_vm_that_was_chosen():
    with Machine(linux("one", memory="160M"), linux("two", memory="160M")) as m:
        m.expect(r"^\[one\] " + PROMPT)
        m.type(KEY + "2")
        m.expect(r"^\[belay\] keyboard: two$")
        m.expect(r"^\[two\] " + PROMPT)
        m.type("echo I am $((1 + 1))\r")
        m.expect(r"^\[two\] I am 2$")
        m.type(KEY + "1")
        m.expect(r"^\[belay\] keyboard: one$")
        m.type("echo I am $((0 + 1))\r")
        m.expect(r"^\[one\] I am 1$")


def test_the_keys_are_explained():
    with Machine(linux()) as m:
        m.expect(PROMPT)
        m.type(KEY + "?")
        m.expect(r"^\[belay\] Ctrl-\] 1  phone \(keyboard\)$")


def test_a_vm_that_does_not_exist_is_not_chosen():
    with Machine(linux()) as m:
        m.expect(PROMPT)
        m.type(KEY + "5")
        m.expect(r"^\[belay\] there is no such VM$")
        m.type("echo still $((40 + 2))\r")
        m.expect(r"^\[phone\] still 42$")


@takes(60)
@for_each(3000)
def test_a_long_paste_arrives_whole(characters):
    with Machine(linux()) as m:
        m.expect(PROMPT)
        m.type("stty -echo; echo go; md5sum\r")
        m.expect(r"^\[phone\] go$")
        line = "0123456789" * 5 + "\r"
        m.type(line * (characters // len(line)) + "\x04")
        text = (line.replace("\r", "\n") * (characters // len(line))).encode()
        m.expect(r"^\[phone\] " + hashlib.md5(text).hexdigest())
