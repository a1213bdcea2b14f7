#!/usr/bin/env python3
"""Completion for bash: sourced in bash, it completes what the table of commands has, and the ids that were shown."""

import os
import re
import subprocess
import tempfile

from playing import BIN, Shop, main

SHOP = Shop()
SCRIPT = SHOP.run("completion")


def completes(*words):
    """What is offered for the last of these words."""
    asked = " ".join("'" + word + "'" for word in words)
    done = subprocess.run(
        ["bash", "--norc", "-c", f'source /dev/stdin; COMP_WORDS=(instalment {asked}); COMP_CWORD={len(words)}; '
         '_instalment; printf "%s\\n" "${COMPREPLY[@]}"; complete -p instalment'],
        input=SCRIPT, capture_output=True, text=True, check=False, env=SHOP.environment())
    assert done.returncode == 0 and not done.stderr, done.stderr
    lines = done.stdout.splitlines()
    assert lines.pop() == "complete -F _instalment instalment", done.stdout
    return [line for line in lines if line]


def commands():
    return re.findall(r"^  ([a-z].*?)  +\S", SHOP.run("--help").split("Of every command")[0], re.M)


def every_command_and_subcommand_is_offered():
    names = sorted({command.split()[0] for command in commands()})
    assert sorted(completes("")) == names, completes("")
    assert completes("counte") == ["counter"], completes("counte")
    assert completes("--socket", "/x", "wh") == ["whoami"], "an option's value is taken for a command"
    for name in names:
        subs = sorted(command.split()[1] for command in commands() if command.split()[0] == name and " " in command)
        if subs:
            assert sorted(completes(name, "")) == subs, (name, completes(name, ""))


def every_option_of_a_command_is_offered():
    for command in commands():
        usage = SHOP.run(*command.split(), "--help")
        wanted = set(re.findall(r"^  (--[a-z-]+)", usage, re.M))
        offered = set(completes(*command.split(), "--"))
        assert offered == wanted, (command, offered ^ wanted)
    assert completes("decide", "abcde", "--collector", "rep") == ["representative"]
    assert completes("--j") == ["--json"]


def ids_that_were_shown_are_offered_and_nothing_else_of_a_patient():
    SHOP.sign_in("a.khan")
    assert completes("decide", "") == []
    SHOP.run("today")
    rows = SHOP.json("today")[0]["due"]
    assert sorted(completes("decide", "")) == sorted(row["prescription"][-5:] for row in rows)
    for row in rows:
        assert row["patient"]["name"].split()[0] not in " ".join(completes("supply", "")) + SCRIPT
    one = rows[0]["prescription"][-5:]
    assert completes("decide", one[:4]) == [one]
    SHOP.run("service", "list")
    assert len(completes("service", "show", "")) == 1


def it_is_what_is_installed_and_shellcheck_is_content():
    with open(os.path.join(os.path.dirname(BIN), "completions", "instalment"), encoding="utf-8") as file:
        assert file.read() == SCRIPT
    with tempfile.NamedTemporaryFile("w", suffix=".bash") as file:
        file.write(SCRIPT)
        file.flush()
        done = subprocess.run(["shellcheck", "-s", "bash", file.name], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout


if __name__ == "__main__":
    try:
        main([every_command_and_subcommand_is_offered, every_option_of_a_command_is_offered,
              ids_that_were_shown_are_offered_and_nothing_else_of_a_patient,
              it_is_what_is_installed_and_shellcheck_is_content])
    finally:
        SHOP.stop()
