#!/usr/bin/env python3
"""Verifies an export of the controlled drugs register (JSON lines), sharing no code with the program that wrote it.

    verify-register.py [-q] [--head NUMBER:HASH]... FILE [FILE...]

Files are consecutive pieces of one section, in order. Each entry's hash is worked out again from the canonical form that
docs/register.md describes; numbers, balances and the chain must follow each other, and each piece must end with the line
that says how far it goes. --head: what a day's report or an alert printed; the entry must be there with this hash.
Exit status 0: everything holds together; 1: it does not, and standard output says where.
"""
import argparse
import hashlib
import json
import sys

MEMBERS = (
    "section number kind on entered_at quantity_thousandths balance_thousandths supply corrects person_name "
    "person_address authority collector_role collector_name collector_address identity_requested identity_provided "
    "by note reason witness authorised_by reference packs counted_thousandths"
).split()
KNOWN = set(MEMBERS) | {"previous", "hash"}


class Wrong(Exception):
    pass


def escaped(value):
    return "".join("%%%02X" % ord(c) if c == "%" or ord(c) < 0x20 or ord(c) == 0x7F else c for c in str(value))


def hash_of(entry):
    lines = [entry["previous"]] + ["%s=%s" % (name, escaped(entry[name])) for name in MEMBERS if name in entry]
    return hashlib.sha256("".join(line + "\n" for line in lines).encode()).hexdigest()


def pairs(members):
    names = [name for name, _ in members]
    if len(names) != len(set(names)):
        raise Wrong("a member stands twice in a line")
    return dict(members)


def read(path):
    with open(path, "rb") as file:
        data = file.read()
    if not data.endswith(b"\n"):
        raise Wrong("%s: the last line is cut" % path)
    return [json.loads(line, object_pairs_hook=pairs) for line in data.decode().splitlines()]


class Section:
    def __init__(self):
        self.name = None
        self.number = 0
        self.balance = 0
        self.head = "0" * 64
        self.hashes = {}

    def entry(self, entry):
        number = entry.get("number")
        where = "entry %s: " % number
        if set(entry) - KNOWN:
            raise Wrong(where + "has members that nobody knows")
        if entry.get("section") != self.name:
            raise Wrong(where + "belongs to another section")
        if number != self.number + 1:
            raise Wrong(where + "does not follow number %d" % self.number)
        if entry.get("previous") != self.head:
            raise Wrong(where + "does not follow the hash of the entry before")
        if self.balance + entry["quantity_thousandths"] != entry["balance_thousandths"]:
            raise Wrong(where + "the balance does not add up")
        if hash_of(entry) != entry.get("hash"):
            raise Wrong(where + "is not what was hashed")
        self.number, self.balance, self.head = number, entry["balance_thousandths"], entry["hash"]
        self.hashes[number] = entry["hash"]

    def piece(self, lines, last):
        if len(lines) < 2 or "register" not in lines[0] or "end" not in lines[-1]:
            raise Wrong("the first or the last line is missing: the file is not whole")
        if self.name not in (None, lines[0]["section"]):
            raise Wrong("the files are of different sections")
        self.name = lines[0]["section"]
        for line in lines[1:-1]:
            self.entry(line)
        tail = lines[-1]
        if tail["end"] != self.name or tail["entries"] != len(lines) - 2:
            raise Wrong("the last line does not fit the file")
        if tail["entries"] and (tail["to"] != self.number or tail["head"] != self.head):
            raise Wrong("the last line names another end")
        if last and tail.get("more"):
            raise Wrong("this is not the end of the register: a further piece is missing")


def main():
    parser = argparse.ArgumentParser(description="verify an export of the controlled drugs register")
    parser.add_argument("-q", action="store_true", help="say nothing where all is well")
    parser.add_argument("--head", action="append", default=[], metavar="NUMBER:HASH")
    parser.add_argument("files", nargs="+", metavar="FILE")
    options = parser.parse_args()
    section = Section()
    try:
        for path in options.files:
            section.piece(read(path), path == options.files[-1])
        for head in options.head:
            number, _, digest = head.partition(":")
            if section.hashes.get(int(number)) != digest.lower():
                raise Wrong("entry %s: is not there with the hash that was printed" % number)
    except (Wrong, KeyError, TypeError, ValueError, OSError) as error:
        print("does NOT verify: %s" % error)
        return 1
    if not options.q:
        print("%s: %d entries hold together, balance %d thousandths, head %d:%s" % (
            section.name, section.number, section.balance, section.number, section.head))
    return 0


if __name__ == "__main__":
    sys.exit(main())
