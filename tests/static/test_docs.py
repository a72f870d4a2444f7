# SPDX-License-Identifier: Apache-2.0
"""The documents say what is so."""
import pathlib
import re
import signal
import subprocess
import tempfile

from machine import RADIO, Terminal, radio, write_config
from testing import OBJ, ROOT, check, for_each, takes

HYPERCALLS = ROOT / "docs" / "hypercalls.md"


def test_the_hypercall_reference_is_what_the_header_says():
    written = subprocess.run([OBJ / "hypercalls"], capture_output=True, text=True, check=True).stdout
    check(written == HYPERCALLS.read_text(), "it is not: build/obj/hypercalls > docs/hypercalls.md")


def test_the_hypercall_reference_names_the_rights_that_the_nucleus_asks_for():
    documented = {name: set(re.findall(r"\b(USE|MANAGE|GRANT|WRITE|EXEC)\b", rights)) for name, rights in
                  re.findall(r"^## \d+ (\w+)\n(?:[^#\n].*\n|\n)*- rights: (.*)$", HYPERCALLS.read_text(), re.M)}
    source = "".join(f.read_text() for f in sorted((ROOT / "nucleus" / "entry").glob("calls_*.c")))
    for name, body in re.findall(r"^int call_(\w+)\(.*?^{(.*?)^}", source, re.M | re.S):
        asked = set(re.findall(r"BELAY_RIGHT_(\w+)", body))
        if re.search(r"\bmanaged(_\w+)?\(", body):
            asked.add("MANAGE")
        check(documented[name.upper()] == asked, f"{name}: documented {documented[name.upper()]}, asked for {asked}")


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
