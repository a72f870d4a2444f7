# SPDX-License-Identifier: Apache-2.0
"""The documents say what is so."""
import pathlib
import re
import signal
import subprocess
import tempfile

from images import IMAGES
from machine import RADIO, Terminal, radio, write_config
from testing import OBJ, ROOT, TOOL, check, for_each, takes

HYPERCALLS = ROOT / "docs" / "hypercalls.md"


def test_the_hypercall_reference_is_what_the_header_says():
    written = subprocess.run([OBJ / "hypercalls"], capture_output=True, text=True, check=True).stdout
    check(written == HYPERCALLS.read_text(), "it is not: build/obj/hypercalls > docs/hypercalls.md")


def test_the_hypercall_reference_names_the_rights_that_the_nucleus_asks_for():
    documented = {name: set(re.findall(r"\b(USE|MANAGE|GRANT|WRITE|EXEC|DEBUG)\b", rights)) for name, rights in
                  re.findall(r"^## \d+ (\w+)\n(?:[^#\n].*\n|\n)*- rights: (.*)$", HYPERCALLS.read_text(), re.M)}
    source = "".join(f.read_text() for f in sorted((ROOT / "nucleus" / "entry").glob("calls_*.c")))
    for name, body in re.findall(r"^int call_(\w+)\(.*?^{(.*?)^}", source, re.M | re.S):
        asked = set(re.findall(r"BELAY_RIGHT_(\w+)", body)) - {"ALL"}      # which a new handle is given
        if re.search(r"\bmanaged(_\w+)?\(", body):
            asked.add("MANAGE")
        if re.search(r"\bdebugged(_\w+)?\(", body):
            asked.add("DEBUG")
        if "held_by(" in body:
            asked |= {"MANAGE", "DEBUG"}
        check(documented[name.upper()] == asked, f"{name}: documented {documented[name.upper()]}, asked for {asked}")


def test_the_management_protocol_is_what_the_header_says():
    header = (ROOT / "include" / "belay" / "manage.h").read_text()
    document = (ROOT / "docs" / "management.md").read_text()
    types = re.findall(r'X\(\s*(\d+), (\w+), *(\w+), +"([^"]*)", "([^"]*)", \\\n((?: +"[^"]*"(?: \\\n)?)+)\)', header)
    check(len(types) == header.count("\nX("), "not all types are understood")
    for number, name, right, payload, answer, text in types:
        code = [f"`{word}`" if word.startswith("manage_") else word for word in (payload, answer)]
        words = "".join(re.findall(r'"([^"]*)"', text))
        line = f"| {number} | {name} | {'' if right == '0' else right} | {code[0]} | {code[1]} | {words} |"
        check(line in document.splitlines(), f"it has not: {line}")
    for name, number, words in re.findall(r"MANAGE_(E\w+) = (\d+), +/\* (.*) \*/", header):
        check(f"| {number} | {name} | {words} |" in document, f"it has not: {name}")
    for name, number, words in re.findall(r"MANAGE_RIGHT_(\w+) = (\d+), +/\* (.*) \*/", header):
        check(f"| `{name.lower()}` | {number} |" in document, f"it has not: {name}")
    for size in re.findall(r"define MANAGE_(?:PAYLOAD|CHANNELS) +(\d+)u", header):
        check(size in document or str(int(size) - 1) in document, f"it has not: {size}")


def test_the_commands_in_the_document_on_management_are_those_that_there_are():
    document = (ROOT / "docs" / "management.md").read_text()
    table = re.findall(r"^\| (`belay .*?) \|", document, re.M)
    told = {name for row in table for name in re.findall(r"`belay (\w+)", row)}
    listed = subprocess.run([TOOL, "help"], capture_output=True, text=True, check=True).stdout
    there = set(re.findall(r"^  belay (\w+)", listed, re.M)) - {"check", "pack", "run"}
    check(told == there, f"told of {sorted(told)}, there are {sorted(there)}")


def test_the_document_on_tracing_is_what_the_header_and_the_tool_say():
    header = (ROOT / "include" / "belay" / "trace.h").read_text()
    document = (ROOT / "docs" / "tracing.md").read_text()
    kinds = re.findall(r'^X\( *\d+, \w+, "(\w+)", "(.*?)", "(.*?)", "(.*?)"\)', header, re.M)
    check(len(kinds) == header.count("\nX("), "not all kinds are understood")
    for row in kinds:
        check("| `{}` | {} | {} | {} |".format(*row) in document, f"it has not: {row}")
    for arguments in ([], ["--latency", "radio"]):
        shown = subprocess.run([TOOL, "trace", "--from", ROOT / "docs" / "phone.trace", *arguments], capture_output=True,
                               text=True, check=True).stdout
        check(shown in document, f"it has not: {shown}")


def test_the_picture_in_the_document_on_tracing_is_what_the_command_draws():
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        drawn = pathlib.Path(folder) / "trace.svg"
        subprocess.run([TOOL, "trace", "--from", ROOT / "docs" / "phone.trace", "--svg", drawn], check=True)
        check(drawn.read_text() == (ROOT / "docs" / "trace.svg").read_text(),
              "it is not: ./belay trace --from docs/phone.trace --svg docs/trace.svg")


def test_the_document_on_conformance_names_each_case_in_its_group():
    told = {group: re.findall(r"^- (.*)$", cases, re.M) for group, cases in
            re.findall(r"^### (\w+)\n\n((?:- .*\n)+)", (ROOT / "docs" / "conformance.md").read_text(), re.M)}
    there = {}
    for source in sorted((ROOT / "guests" / "conform").glob("*.c")):
        text = source.read_text()
        for group, cases in re.findall(r"^const struct promise (\w+)\[\] = {\n((?:    PROMISE.*\n)+)", text, re.M):
            there[group] = [case.replace("_", " ") for case in re.findall(r"PROMISE(?:_OF)?\((?:\d, )?(\w+)\)", cases)]
    wrong = [group for group in {*told, *there} if told.get(group) != there.get(group)]
    check(not wrong, f"it tells otherwise of {wrong}")


def test_the_document_on_images_has_a_line_of_each_image():
    rows = re.findall(r"^\| (\S+) \| (\S+) \| .* \| (\d+) \| v(\d) \| `", (ROOT / "docs" / "images.md").read_text(), re.M)
    there = [(i.name, i.package, str(i.vcpus), str(i.gic)) for i in IMAGES]
    check(rows == there, f"it tells of {rows}, there are {there}")


def test_the_configuration_in_the_readme_is_the_example():
    shown = re.search(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.S).group(1)
    check(shown in (ROOT / "examples" / "phone.yaml").read_text(), "examples/phone.yaml is another")


def commands():
    """What the documents tell one to type: their sh blocks."""
    for document in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for block in re.findall(r"^ *```sh\n(.*?)^ *```", document.read_text(), re.M | re.S):
            yield f"{document.name}: " + " && ".join(line.strip() for line in block.splitlines())


def checkout_with_a_guest(folder):
    """This checkout under another name, with the files of one's own that the documents speak of."""
    for entry in ROOT.iterdir():
        (folder / entry.name).symlink_to(entry)
    (folder / "my-guest.elf").symlink_to(RADIO)
    write_config(folder, radio()).rename(folder / "my.yaml")


@takes(120)
@for_each(*[c for c in commands() if not c.endswith("./belay test")])     # which is what runs this
def test_the_command_that_one_is_told_to_type_works(line):
    command = line.split(": ", 1)[1]
    with tempfile.TemporaryDirectory(prefix="belay-test-") as name:
        folder = pathlib.Path(name)
        checkout_with_a_guest(folder)
        last = command if "&&" in command else f"exec {command}"
        with Terminal(["sh", "-c", f"cd {folder if 'my' in command else ROOT} && {last}"], 500) as t:
            if not command.startswith(("./belay run", "qemu-")):
                t.ends(0)
                return
            t.expect(r"radio: 1 s, frames \d+, missed|^\[rt\] Debian's Linux")
            t.process.send_signal(signal.SIGTERM if command.startswith("qemu-") else signal.SIGINT)
            t.ends(0 if command.startswith("qemu-") else 130)


def test_links_between_documents_lead_somewhere():
    for document in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for link in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text()):
            check((document.parent / link).exists(), f"{document.name}: {link}")
