# SPDX-License-Identifier: Apache-2.0
"""`belay trace --from`: what is made of a recording."""
import json
import pathlib
import re
import subprocess
import tempfile
import xml.etree.ElementTree

import recording as rec
from testing import LIMIT, TOOL, check

LINUX, RADIO, CONSOLE = 1, 2, 3
TAG = int.from_bytes(b"console\0", "little")

# Linux runs; its access to the UART is served by the console; the radio's timer fires at 5000, it goes on at 5600.
STORY = [
    (1000, "SWITCH", (LINUX, 0), 10), (1000, "ENTRY", (LINUX, 0), 0x4000),
    (2000, "EXIT", (LINUX, 0), 0x24 << 26, 0x9000000), (2100, "CALL", (CONSOLE, 1), LINUX, 0),
    (2200, "ENTRY", (CONSOLE, 1), 0x8000), (2700, "EXIT", (CONSOLE, 1), 0x15 << 26), (2750, "REPLY", (LINUX, 0)),
    (2800, "ENTRY", (LINUX, 0), 0x4004),
    (5100, "INTERRUPT", (LINUX, 0), 26), (5200, "TIMER", (RADIO, 0), 5000, 27), (5300, "INJECT", (RADIO, 0), 27),
    (5400, "WAKE", (RADIO, 0)), (5500, "SWITCH", (RADIO, 0), 200), (5600, "ENTRY", (RADIO, 0), 0x40000),
    (6000, "DEPLETED", (RADIO, 0), 400, 9000), (6100, "SWITCH", (0, 255)), (7000, "SWITCH", (CONSOLE, 0), 60, TAG),
    (8000, "SWITCH", (LINUX, 0), 10), (9000, "ENTRY", (LINUX, 0), 0x4008),
]
NAMES = rec.name(LINUX, "linux", 1) + rec.name(RADIO, "radio", 1)


def trace(data, *arguments, files=()):
    """What it shows, and what it writes; `data` is the recording."""
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        path = pathlib.Path(folder)
        (path / "recording").write_bytes(data)
        done = subprocess.run([TOOL, "trace", "--from", "recording", *arguments], cwd=folder, capture_output=True,
                              text=True, timeout=LIMIT, check=False)
        return done, [(path / file).read_text(encoding="utf-8") for file in files if (path / file).exists()]


def shown(data, *arguments):
    done, _ = trace(data, *arguments)
    check(done.returncode == 0, f"exit code {done.returncode}: {done.stderr}")
    return done.stdout


def written(data, file, *arguments):
    done, files = trace(data, *arguments, files=[file])
    check(done.returncode == 0 and files, f"exit code {done.returncode}: {done.stderr}")
    return files[0]


def story(names=NAMES):
    return rec.head(1) + names + rec.piece(0, STORY)


def test_the_summary_says_who_ran_how_long():
    text = shown(story())
    for words in [r"0\.000008 s of 1 CPU\n", r"CPU 0: 19 records, 0 lost", r"linux/0 +10 +0\.005500 ms +68\.750 % +2\n",
                  r"console/0 +60 +0\.001000 ms +12\.500 % +1\n", r"radio/0 +200 +0\.000600 ms +7\.500 % +1\n",
                  r"idle +- +0\.000900 ms +11\.250 % +1\n"]:
        check(re.search(words, text), f"no '{words}' in\n{text}")


def test_a_domain_without_a_name_has_its_tag_or_its_number():
    text = shown(story(names=b""))
    check("console/0" in text and "domain-1/0" in text and "domain-2/0" in text, text)


def test_the_latency_of_a_timer_is_counted_from_its_deadline_and_told_step_by_step():
    lines = shown(story(), "--latency", "radio").splitlines()
    check("something to do 1 times" in lines[0] and "at worst after 600 ns" in lines[0], lines[0])
    steps = [(int(line.split()[0]), line.split(None, 2)[2]) for line in lines[2:]]
    check(steps == [(0, "linux/0 runs, priority 10"), (100, "linux/0: interrupt 26"),
                    (200, "radio/0: its timer fired, interrupt 27"), (300, "radio/0 is given interrupt 27"),
                    (400, "radio/0 waits no longer"), (500, "radio/0 runs, priority 200"),
                    (600, "radio/0 goes on at 0x40000")], f"{steps}")


def test_a_latency_that_may_span_missing_records_does_not_count():
    data = bytearray(story())
    lost_before = 12
    for n in range(lost_before, len(STORY)):
        place = 32 * (1 + 2 + 1 + n) + 12
        data[place:place + 4] = (n + 7).to_bytes(4, "little")
    text = shown(bytes(data), "--latency", "radio")
    check("nothing of what came of it" in text and "1 more do not count" in text, text)
    check("19 records, 7 lost" in shown(bytes(data)), shown(bytes(data)))


def test_a_deadline_of_long_ago_does_not_make_a_latency():
    data = rec.head(1) + NAMES + rec.piece(0, [
        (1000, "ENTRY", (LINUX, 0)), (9000, "TIMER", (LINUX, 0), 5, 27), (9100, "ENTRY", (LINUX, 0))])
    check("at worst after 100 ns" in shown(data, "--latency", "linux"), shown(data, "--latency", "linux"))


def events(*arguments):
    return json.loads(written(story(), "out.json", "-o", "out.json", *arguments))["traceEvents"]


def tracks(all_events):
    """Names of processes and threads, by their numbers."""
    return {(e["pid"], e["tid"]): e["args"]["name"] for e in all_events if e["ph"] == "M" and e["name"] == "thread_name"}


def slices(all_events, track, kind):
    names = tracks(all_events)
    return [(e["name"], round(e["ts"] * 1000), round(e["dur"] * 1000)) for e in all_events
            if e["ph"] == "X" and e["cat"] == kind and names[(e["pid"], e["tid"])] == track]


def test_the_events_have_a_track_for_each_cpu_and_context():
    made = events()
    check(slices(made, "CPU 0", "run") == [("linux/0", 0, 4500), ("radio/0", 4500, 600), ("console/0", 6000, 1000),
                                           ("linux/0", 7000, 1000)], f"{slices(made, 'CPU 0', 'run')}")
    check(slices(made, "radio/0", "run") == [("CPU 0", 4500, 600)], f"{slices(made, 'radio/0', 'run')}")
    check(slices(made, "console/1", "portal") == [("serves linux/0", 1100, 650)], f"{slices(made, 'console/1', 'portal')}")
    check(slices(made, "CPU 0", "nucleus") == [("data abort", 1000, 200), ("SVC", 1700, 100), ("interrupt 26", 4100, 400)],
          f"{slices(made, 'CPU 0', 'nucleus')}")
    told = [e["cat"] for e in made if e["ph"] == "i"]
    check(told == ["timer", "inject", "wake", "depleted"], f"{told}")


def test_events_of_a_vm_alone_leave_the_others_tracks_out():
    names = set(tracks(events("radio")).values())
    check(names == {"CPU 0", "radio/0"}, f"{names}")


def test_slices_of_one_track_lie_in_each_other():
    by_track = {}
    for e in events():
        if e["ph"] == "X":
            by_track.setdefault((e["pid"], e["tid"]), []).append((e["ts"], e["ts"] + e["dur"]))
    for track, spans in by_track.items():
        for begin, end in spans:
            for other_begin, other_end in spans:
                check(not begin < other_begin < end < other_end, f"{track}: {begin}..{end}, {other_begin}..{other_end}")


def test_a_part_of_it_has_nothing_from_outside():
    for e in events("--show", "4us..5us"):
        if e["ph"] != "M":
            check(4 <= e["ts"] and e["ts"] + e.get("dur", 0) <= 5.0001, f"{e}")


def picture(*arguments):
    text = written(story(), "out.svg", "--svg", "out.svg", *arguments)
    root = xml.etree.ElementTree.fromstring(text)
    space = "{http://www.w3.org/2000/svg}"
    return [t.text for t in root.iter(f"{space}text")], [r.attrib for r in root.iter(f"{space}rect")]


def test_the_picture_names_who_ran_and_the_time():
    texts, _ = picture()
    for words in ["CPU 0", "linux/0", "radio/0", "console/0", "68.8 %", "1 us", "8 us", "idle"]:
        check(words in texts, f"no '{words}' in {texts}")


def test_a_row_of_the_picture_is_coloured_where_its_context_ran():
    texts, rects = picture()
    swatches = [r for r in rects if r.get("x") == "10.00"]
    rows = [t for t in texts if "/" in t]
    check(rows == ["radio/0", "console/0", "linux/0"] and len(swatches) == 3, f"{rows}: the highest priority is first")
    check(len({r["fill"] for r in swatches}) == 3, "colours that are the same")
    radio = [r for r in rects if r["fill"] == swatches[0]["fill"] and r["height"] == "14.0"]
    left = min(float(r["x"]) for r in radio) - 140
    right = max(float(r["x"]) + float(r["width"]) for r in radio) - 140
    check(abs(left - 860 * 4500 / 8000) <= 1 and abs(right - 860 * 5100 / 8000) <= 1, f"{left}..{right}")


def test_a_picture_of_a_vm_alone_has_the_rest_in_one_row():
    texts, _ = picture("radio")
    check("radio/0" in texts and "others" in texts and "linux/0" not in texts, f"{texts}")


def test_cpus_are_shown_side_by_side():
    data = rec.head(2) + NAMES + rec.piece(0, STORY[:2]) + rec.piece(1, [(1000, "SWITCH", (RADIO, 0), 200)]) + \
        rec.piece(1, [])
    data += rec.FORMAT.pack(0, rec.PIECE, 1, 0, 1, 0, 0) + rec.record(3000, "SWITCH", sequence=1)
    text = shown(data)
    check(re.search(r"CPU 1: 2 records, 0 lost\n.*\n  radio/0 .* 100.000 %", text), text)


def refused(data, words, *arguments):
    done, files = trace(data, *arguments, files=["out.json"])
    check(done.returncode == 2 and words in done.stderr and not files, f"{done.returncode}: {done.stderr}{done.stdout}")


def test_what_is_no_recording_is_refused_with_the_reason():
    refused(b"", "is no recording of a trace")
    refused(b"x" * 64, "is no recording of a trace")
    refused(rec.head(0), "0 CPUs and 1000000000 ticks a second are no machine")
    refused(rec.head(1, hz=0), "1 CPUs and 0 ticks a second are no machine")
    refused(rec.head(1) + rec.piece(1, STORY), "record 1 is of CPU 1 of 1")
    refused(rec.head(1) + rec.record(1, "SWITCH"), "record 1 is neither a piece nor a name: 1")
    refused(rec.head(1) + rec.piece(0, [(9, "WAKE"), (8, "WAKE")]), "record 3 is older than the one before it on CPU 0")
    refused(rec.head(1) + rec.piece(0, [(9, "WAKE", (256, 0))]), "record 2 is of a domain that can't be: 256")
    unknown = bytearray(rec.head(1) + rec.piece(0, [(9, "WAKE")]))
    unknown[64 + 8] = 99
    refused(bytes(unknown), "record 2 is of a kind that is not known: 99")


def test_a_recording_without_its_end_is_shown_as_far_as_it_goes():
    for cut, left in ((1, 18), (31, 18), (32, 18), (33, 17)):
        text = shown(story()[:-cut])
        check(f"{left} records" in text and "the end of the recording is missing" in text, text)


def test_an_empty_recording_has_nothing_to_show():
    data = rec.head(2)
    check("CPU 1: 0 records, 0 lost" in shown(data), shown(data))
    check(json.loads(written(data, "out.json", "-o", "out.json"))["traceEvents"], "no events")
    xml.etree.ElementTree.fromstring(written(data, "out.svg", "--svg", "out.svg"))


def test_names_can_carry_no_markup():
    data = rec.head(1) + rec.name(LINUX, '<b>&"\'\x1b') + rec.piece(0, STORY)
    for file, option in (("out.svg", "--svg"), ("out.json", "-o")):
        text = written(data, file, option, file)
        check("?b?????/0" in text and "<b>" not in text and "\x1b" not in text, "markup in " + file)


def test_a_vm_that_is_not_there_is_named():
    for arguments in (["nobody"], ["--latency", "nobody"]):
        refused(story(), "nothing in the recording is called 'nobody'", *arguments)


def test_a_part_that_is_none_is_refused_with_an_example():
    for part in ("5us", "5us..", "..5us", "5us..4us", "4us..4us", "4..5", "x..y"):
        refused(story(), f"--show is '{part}'; write from when till when since the beginning, such as 20ms..45ms",
                "--show", part)


def test_a_file_that_cannot_be_written_is_a_failure():
    for option in ("--svg", "-o"):
        refused(story(), "/dev/full: cannot write: No space left", option, "/dev/full")
