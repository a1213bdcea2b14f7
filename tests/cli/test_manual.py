#!/usr/bin/env python3
"""The manual pages: every command and option stands in them, and every example does what it says.

An example is a line that begins with "$ " in a block of the section EXAMPLES; "# exits with N" behind it tells its exit
status (otherwise 0), and each line below it must be found in what it said. Examples run in their order, each page in a
folder of its own, at a terminal whose questions are answered.
"""

import os
import pty
import re
import select
import subprocess
import termios
import time

from playing import BIN, Shop, main

SHOP = Shop()
DOCS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "docs")
ANSWERS = [(r"New PIN of \S+: $", "48213"), (r"The same again: $", "48213"), (r"Name, as it stands on records: $", "Bea Ford"),
           (r"Why \(.*: $", "refit"), (r"Close it all the same.*: $", "yes"),
           (r"Registration number: $", "5012999")]


def page(name):
    with open(os.path.join(DOCS, name), encoding="utf-8") as file:
        return file.read()


def plain(text):
    return re.sub(r"[*_\\]", "", text.replace("\\_", "\0")).replace("\0", "_")


def examples(name):
    """(command, exit status, what must be said), in order."""
    text = page(name).split("# EXAMPLES", 1)[1]
    found = []
    for block in re.findall(r"```\n(.*?)```", text, re.S):
        lines = block.splitlines()
        while lines:
            line = lines.pop(0)
            assert line.startswith("$ "), line
            command, _, remark = line[2:].partition("   # exits with ")
            if "<<'END'" in command:
                while not command.endswith("\nEND"):
                    command += "\n" + lines.pop(0)
            said = []
            while lines and not lines[0].startswith("$ "):
                said.append(lines.pop(0))
            found.append((command, int(remark or 0), said))
    assert len(found) > 1, name
    return found


def answer_to(question):
    """What is typed, and whether it is a secret; None: nothing is asked."""
    pin = re.search(r"(?<!New )PIN of (\S+): $", question)
    if pin:
        return SHOP.pins[pin.group(1)], True
    for asked, answer in ANSWERS:
        if re.search(asked, question):
            return answer, answer == "48213"
    return None, False


def play(command, folder, names):
    """A command in bash at a terminal; its exit status and everything that was said."""
    for word, meant in names.items():
        command = re.sub(rf"(?<=\s){word}(?=\s|$)", meant, command)
    child, terminal = pty.fork()
    if child == 0:
        os.chdir(folder)
        os.execvpe("bash", ["bash", "-c", command], SHOP.environment(TERM="dumb"))
    said, answered, begin = "", 0, time.monotonic()
    while True:
        assert time.monotonic() - begin < 20, f"{command}: does not end\n{said}"
        if select.select([terminal], [], [], 0.05)[0]:
            try:
                data = os.read(terminal, 65536)
            except OSError:
                data = b""
            if not data:
                break
            said += data.decode("utf-8", "replace").replace("\r\n", "\n")
        answer, hidden = answer_to(said[answered:])
        # What is typed before the echo is off would be thrown away.
        if answer is not None and not (hidden and termios.tcgetattr(terminal)[3] & termios.ECHO):
            answered = len(said)
            os.write(terminal, (answer + "\n").encode())
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said


def squeezed(text):
    return re.sub(r"\s+", " ", text).strip()


def play_all(name, names):
    folder = os.path.join(SHOP.folder, name)
    os.mkdir(folder)
    for command, status, wanted in examples(name):
        got, said = play(command, folder, names)
        assert got == status, f"{command}: exit status {got}, not {status}\n{said}"
        for one in wanted:
            assert squeezed(one) in squeezed(said), f"{command}: did not say \"{one}\"\n{said}"


def commands():
    """(name and subcommand, help) of every command, as the program lists them."""
    names = re.findall(r"^  ([a-z].*?)  +\S", SHOP.run("--help").split("Of every command")[0], re.M)
    assert len(names) > 30, names
    return [(name, SHOP.run(*name.split(), "--help")) for name in names]


def the_page_tells_of_every_command_and_option():
    text = page("instalment.1.scd")
    for name, usage in commands():
        entry = re.search(rf"^(?:\S.*)?\*{re.escape(name)}\*.*$", text, re.M)
        assert entry, f"instalment(1) does not tell of {name}"
        for option in re.findall(r"^  --([a-z-]+)", usage.split("Of every command")[0], re.M):
            assert f"*--{option}*" in entry.group(0), f"instalment(1): {name} --{option} is not told of"
    for option in re.findall(r"^  --([a-z-]+)", SHOP.run("--help").split("Of every command")[1], re.M):
        assert f"*--{option}*" in text, f"instalment(1) does not tell of --{option}"
    for variable in ("INSTALMENT_SOCKET", "INSTALMENT_TERMINAL", "XDG_RUNTIME_DIR", "NO_COLOR"):
        assert variable in plain(text), variable


def the_page_tells_of_every_option_of_the_configuration():
    text = plain(page("instalment.conf.5.scd"))
    SHOP.sign_in("m.hughes")
    options = SHOP.json("config")
    assert len(options) >= 19, options
    for option in options:
        default = option["default"] or '""'
        assert f"\n{option['key']} = {default}\n" in text, f"{option['key']} = {default}"
        entry = squeezed(text.split(f"\n{option['key']} = {default}\n", 1)[1].split("\n\n")[0])
        assert plain(option["help"]) in entry and option["takes"] in entry, entry
        assert ("A reload changes it." in entry) == option["reloadable"], entry
    told = re.findall(r"^(\w+) = ", text.split("# OPTIONS")[1].split("# EXAMPLES")[0], re.M)
    assert sorted(told) == sorted(option["key"] for option in options), told


def the_page_tells_of_every_option_of_the_daemon():
    text = page("instalmentd.8.scd")
    usage = subprocess.run([f"{BIN}/instalmentd", "--help"], capture_output=True, text=True, check=True).stdout
    for option in set(re.findall(r"--[a-z][a-z-]+", usage.split("Options of the configuration")[0])):
        assert f"*{option}" in text, option


def the_examples_of_instalment_do_what_they_say():
    SHOP.sign_in("a.khan")
    due = SHOP.json("today")[0]["due"]
    short = {row["patient"]["name"].split()[0]: row["prescription"][-5:] for row in due}
    SHOP.run("today")  # what was shown may be named by its end
    SHOP.run("service", "list")
    with open(os.path.join(SHOP.runtime, "instalment.seen"), encoding="utf-8") as file:
        service = [line.strip() for line in file if line.startswith("sv-")][0]
    SHOP.run("sign-out")
    play_all("instalment.1.scd", {"RX": short["Quenby"], "RX-ON-HOLD": short["Perpetua"], "RX-OTHER": short["Marigold"],
                                  "SERVICE": service[-5:]})


def the_examples_of_the_daemon_do_what_they_say():
    play_all("instalmentd.8.scd", {})
    play_all("instalment.conf.5.scd", {})


def the_pages_are_made_without_a_complaint():
    for name in sorted(os.listdir(DOCS)):
        if name.endswith(".scd"):
            made = subprocess.run(["scdoc"], input=page(name), capture_output=True, text=True, check=False)
            assert made.returncode == 0 and ".TH" in made.stdout, f"{name}: {made.stderr}"


if __name__ == "__main__":
    try:
        main([the_page_tells_of_every_command_and_option, the_page_tells_of_every_option_of_the_configuration,
              the_page_tells_of_every_option_of_the_daemon, the_pages_are_made_without_a_complaint,
              the_examples_of_instalment_do_what_they_say, the_examples_of_the_daemon_do_what_they_say])
    finally:
        SHOP.stop()
