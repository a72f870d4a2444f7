# SPDX-License-Identifier: Apache-2.0
"""
Each configuration in this folder says in its first lines what `belay check` must say of it:
`# expect LINE: MESSAGE` for each mistake, or `# expect right`.
"""
import pathlib
import re
import struct
import subprocess
import tempfile

from testing import LIMIT, ROOT, TOOL, check, for_each

HERE = pathlib.Path(__file__).resolve().parent
EXPECT = "# expect "
MISTAKE = 2  # the exit code


def linux_image(size):
    """The header of an arm64 Image: text offset 0, its size, its magic."""
    return struct.pack("<IIQQQQQQ4sI", 0, 0, 0, size, 0, 0, 0, 0, b"ARM\x64", 0).ljust(4096, b"\0")


def elf(machine=183, at=0x40080000, size=4096, version=1, entry=0, flags=5, virtual=0):
    """A 64-bit little-endian executable with one segment; 183 is AArch64, 5 is PF_R and PF_X."""
    ident = b"\x7fELF\x02\x01" + bytes([version])
    virtual = virtual or at
    header = struct.pack("<16sHHIQQQIHHHHHH", ident, 2, machine, 1, entry or virtual, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, flags, 4096, virtual, at, size, size, 4096)
    return (header + segment).ljust(4096, b"\0") + bytes(size)


def make_guests(folder):
    """The images that the configurations name."""
    guests = pathlib.Path(folder) / "guests"
    guests.mkdir()
    files = {
        "Image": linux_image(16 << 20), "Image.old": linux_image(0), "Image.gz": b"\x1f\x8b\x08" + bytes(61),
        "initrd.cpio.gz": bytes(8192), "empty": b"",
        "radio.elf": elf(), "x86.elf": elf(machine=62), "cut.elf": elf()[:4200], "low.elf": elf(at=0x80000),
        "high.elf": elf(at=0x50000000), "start.elf": elf(at=0x40000000), "behind.elf": elf(at=0x40010000),
        "version.elf": elf(version=2), "beside.elf": elf(entry=0x40081000), "data.elf": elf(flags=6),
        "moved.elf": elf(virtual=0xffffff8000000000), "around.elf": elf(virtual=0xfffffffffffff800),
        "radio.bin": bytes(8192), "grub.efi": b"MZ".ljust(8192, b"\0"),
        "zImage": struct.pack("<9I4sII", *[0] * 9, b"\x18\x28\x6f\x01", 0, 4096).ljust(4096, b"\0"),
    }
    for name, data in files.items():
        (guests / name).write_bytes(data)
    for megabytes in [64, 500, 502, 504, 506, 508, 510, 511]:
        with open(guests / f"{megabytes}M", "wb") as file:
            file.truncate(megabytes << 20)     # takes no room on the disk


def expected(file):
    lines = [line[len(EXPECT):] for line in file.read_text().splitlines() if line.startswith(EXPECT)]
    check(lines, f"{file.name} does not say what to expect")
    return [] if lines == ["right"] else [f"{file.name}:{line}" for line in lines]


def check_text(name, text):
    with tempfile.TemporaryDirectory(prefix="belay-test-") as folder:
        make_guests(folder)
        (pathlib.Path(folder) / name).write_text(text)
        return subprocess.run([TOOL, "check", name], cwd=folder, capture_output=True, text=True, timeout=LIMIT)


@for_each(*sorted(path.stem for path in HERE.glob("*.yaml")))
def test_check_says_what_is_wrong_with(name):
    file = HERE / f"{name}.yaml"
    done = check_text(file.name, file.read_text())
    want = expected(file)
    check(done.stderr.splitlines() == want, "said:\n" + done.stderr + "and not:\n" + "\n".join(want))
    check(done.returncode == (MISTAKE if want else 0), f"exit code {done.returncode}")


DOCUMENT = (ROOT / "docs" / "configuration.md").read_text()


def test_the_document_shows_the_example_and_what_check_prints_of_it():
    lines = (ROOT / "examples" / "phone.yaml").read_text().splitlines(keepends=True)
    example = "".join(line for line in lines if not line.startswith("#"))
    check(f"```yaml\n{example}```" in DOCUMENT, "another example")
    table = check_text("machine.yaml", (HERE / "right-two-vms.yaml").read_text()).stdout.splitlines()[:-1]
    check("".join(f"    {line}\n" for line in table) in DOCUMENT, "another table than\n" + "\n".join(table))


def test_the_document_names_every_key_and_shows_messages_as_they_are():
    known = {line.split(": ", 1)[1] for file in HERE.glob("*.yaml") for line in expected(file)}
    keys = {key for line in known if line.startswith("unknown key") and "one of: " in line
            for key in line.split("one of: ")[1].split(", ")}
    missing = {key for key in keys if f"`{key}`" not in DOCUMENT and f"  {key}: {{" not in DOCUMENT}
    check(keys and not missing, f"it does not name {missing}")
    shown = re.findall(r"^    phone\.yaml:\d+: (.*)$", DOCUMENT, re.M)
    check(shown and set(shown) <= known, f"messages that nothing gives: {set(shown) - known}")


def vm_of_line(lines, number):
    """The lines of the VM that a line belongs to, as a range of indices."""
    first = max(i for i in range(number) if lines[i].startswith("  - "))
    following = [i for i in range(first + 1, len(lines)) if lines[i].startswith("  - ")]
    return range(first, min(following, default=len(lines)))


def obey(text, number, advice, at_the_top):
    """The text with what the message says to write: in the VM of that line, or of the board."""
    lines = text.splitlines()
    if at_the_top:
        return "\n".join([line for line in lines if line.startswith("#")] + [advice]
                         + [line for line in lines if not line.startswith("#")])
    key = advice.split(":")[0]
    for i in vm_of_line(lines, number):
        if lines[i].strip().startswith(key + ":"):
            lines[i] = "    " + advice
    return "\n".join(lines)


ADVICE = re.compile(r"'((?:priority|deadline|period|memory): \w+)'( at the top)?")
ADVISED = [path.stem for path in sorted(HERE.glob("*.yaml")) for line in expected(path)[:1]
           if path.stem.startswith(("deadline-", "memory-", "elf-above", "raw-too")) and ADVICE.search(line)]


@for_each(*ADVISED)
def test_what_a_message_says_to_write_is_right(name):
    file = HERE / f"{name}.yaml"
    message = expected(file)[0]
    for advice in ADVICE.finditer(message):
        done = check_text(file.name, obey(file.read_text(), int(message.split(":")[1]), advice[1], advice[2]))
        check(done.returncode == 0, f"with {advice[1]}: {done.stderr}")
