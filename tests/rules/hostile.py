#!/usr/bin/env python3
"""Lines that are no scenarios, or very large ones: `instalmentd decide` answers each in its place and never ends early.

    hostile.py --decide "build/bin/instalmentd decide"

Each case is a line and what must come out: ERROR, or some members of the decision. The last line is
"hostile: N passed, N failed".
"""
import argparse
import copy
import json
import shlex
import subprocess
import sys
import threading
import time

ERROR = "error"
MILLION = 1_000_000
ALLOWED_SECONDS = 60  # for a million lines, on a busy machine; the bench says how long it takes

PLAIN = {
    "prescriptions": [
        {
            "id": "A",
            "signed_on": "2026-11-20",
            "wording": ["W1", "W2"],
            "items": [
                {"product": "methadone-1mg-ml-sf", "doses": [{"from": "2026-11-23", "days": 14, "dose": "60"}]}
            ],
            "collect": {"every_days": 1},
            "supervised": "collection_days",
        }
    ],
    "ask": {"prescription": "A", "on": "2026-11-23"},
}
GOOD = {"verdict": "check", "covers": ["2026-11-23"], "reasons": ["first_dose"], "missed_days": 0}


def changed(path, value):
    """The plain scenario with one member set: changed("ask.on", "2026-02-30")."""
    scenario = copy.deepcopy(PLAIN)
    at = scenario
    *names, last = path.split(".")
    for name in names:
        at = at[int(name) if name.isdigit() else name]
    at[int(last) if last.isdigit() else last] = value
    return json.dumps(scenario).encode()


def raw(old, new):
    """The plain scenario's text with something replaced."""
    text = json.dumps(PLAIN).encode()
    assert old in text
    return text.replace(old, new, 1)


def runs(*doses):
    return [{"from": start, "days": days, "dose": dose} for start, days, dose in doses]


def day_after(start, days):
    from datetime import date, timedelta

    return (date.fromisoformat(start) + timedelta(days)).isoformat()


DOSES = "prescriptions.0.items.0.doses"
RUN = DOSES + ".0."


def cases():
    plain = json.dumps(PLAIN).encode()
    yield "plain", plain, GOOD
    yield "plain with blanks around", b"  \t" + plain + b"  \r", GOOD
    yield from text_cases(plain)
    yield from number_cases()
    yield from date_cases()
    yield from member_cases()
    yield from plan_cases()


def text_cases(plain):
    for name, line in {
        "an empty line": b"",
        "a blank line": b"   ",
        "a word": b"scenario",
        "half a scenario": plain[: len(plain) // 2],
        "something behind": plain + b" {}",
        "two on one line": plain + plain,
        "a list": b"[" + plain + b"]",
        "a number": b"7",
        "null": b"null",
        "a byte order mark": b"\xef\xbb\xbf" + plain,
        "a NUL in front": b"\0" + plain,
        "a NUL behind": plain + b"\0",
        "a NUL in a text": raw(b'"A"', b'"A\0B"'),
        "an escaped NUL in a text": raw(b'"A"', b'"A\\u0000"'),
        "a control character in a text": raw(b'"A"', b'"A\x01"'),
        "a byte that is no UTF-8": raw(b'"A"', b'"\xff"'),
        "UTF-8 cut off": raw(b'"A"', b'"\xe2\x82"'),
        "UTF-8 too long": raw(b'"A"', b'"\xc0\xaf"'),
        "half of a surrogate pair": raw(b'"A"', b'"\xed\xa0\x80"'),
        "a comment": plain + b" // plain",
        "single quotes": plain.replace(b'"', b"'"),
        "a comma too many": raw(b'"ask"', b',"ask"'),
        "fifteen levels too deep": b'{"x":' * 15 + b"[]" * 1 + b"}" * 15,
        "a hundred levels": b'{"prescriptions":' + b"[" * 100 + b"]" * 100 + b"}",
        "a hundred thousand levels": b"[" * 100_000 + b"]" * 100_000,
        "a hundred thousand brackets, never closed": b"[" * 100_000,
        "a line of 9 MB": b'{"x":"' + b"a" * (9 << 20) + b'"}',
        "a line of 9 MB of brackets": b"[" * (9 << 20),
        "a line of 7 MB that is no scenario": b'{"x":"' + b"a" * (7 << 20) + b'"}',
        "a thousand members": b"{" + b",".join(b'"m%d":1' % i for i in range(1000)) + b"}",
    }.items():
        yield name, line, ERROR
    yield "an unknown member of 1 MB is passed over", raw(b"{", b'{"note":"' + b"a" * (1 << 20) + b'",'), GOOD
    yield "a name in other letters", raw(b"{", '{"name":"Ünïcødé 名前 \\ud83d\\ude00",'.encode()), GOOD


def number_cases():
    for number in ("1e400", "-1e400", "1.5", "-1", "0", "3661", "4294967297", "9" * 400, '"14"', "true", "null", "[]"):
        yield f"days {number[:20]}", raw(b'"days": 14', f'"days": {number}'.encode()), ERROR
    for number in ("14.0", "1.4e1"):
        yield f"days {number}", raw(b'"days": 14', f'"days": {number}'.encode()), GOOD
    for number in ("+14", "014", "0x0e", "NaN", "Infinity", "14."):
        yield f"days {number}: no JSON", raw(b'"days": 14', f'"days": {number}'.encode()), None
    for dose in ("", "-60", "+60", "60.", ".5", "060", "6e1", "60.0001", "1000000.001", "9" * 30, "60 ", "60,0", "NaN", "٦٠"):
        yield f"dose {dose!r}", changed(RUN + "dose", dose), ERROR
    for dose in (60, 60.5, None, [], {}):
        yield f"dose {dose!r}, not in a text", changed(RUN + "dose", dose), ERROR
    yield "the largest dose", changed(RUN + "dose", "1000000"), GOOD
    yield "the smallest dose", changed(RUN + "dose", "0.001"), GOOD
    yield "the largest dose on 3660 days", changed(DOSES, runs(("2026-11-23", 3660, "1000000"))), GOOD
    for hold in (0, 15, -1, 1.5, "3", True):
        yield f"policy {hold!r}", changed("policy", {"hold_after_missed_days": hold}), ERROR
    for every in (0, -1, 3661, 1.5, "1"):
        yield f"every {every!r} days", changed("prescriptions.0.collect", {"every_days": every}), ERROR


def date_cases():
    for day in ("2026-02-30", "2026-02-29", "2100-02-29", "0000-01-01", "2026-13-01", "2026-00-10", "2026-11-31", "2026-11-00",
                "10000-01-01", "2026-1-1", "26-11-23", "2026/11/23", "2026-11-23T00:00", " 2026-11-23", "", "٢٠٢٦-11-23", "-001-01-01"):
        for member in ("ask.on", "prescriptions.0.signed_on", RUN + "from"):
            yield f"{member} {day!r}", changed(member, day), ERROR
    for day in (20261123, None, [], True):
        yield f"ask.on {day!r}", changed("ask.on", day), ERROR
    nothing = {"verdict": "refuse", "covers": [], "items": []}
    for day in ("0001-01-01", "9999-12-31", "2028-02-29"):
        yield f"asked on {day}", changed("ask.on", day), nothing
    yield "signed on 9999-12-31", changed("prescriptions.0.signed_on", "9999-12-31"), nothing
    yield "signed on 0001-01-01", changed("prescriptions.0.signed_on", "0001-01-01"), nothing
    yield "a plan to the last day there is", changed(DOSES, runs(("9999-12-31", 1, "60"))), nothing
    yield "a plan beyond it", changed(DOSES, runs(("9999-12-31", 2, "60"))), ERROR
    yield "a plan from the first day there is", changed(DOSES, runs(("0001-01-01", 14, "60"))), {"verdict": "refuse"}
    last = json.loads(changed(DOSES, runs(("9999-12-31", 1, "60"))))
    last["ask"]["on"] = "9999-12-31"
    last["prescriptions"][0]["signed_on"] = "9999-12-31"
    yield "supplied on the last day there is", json.dumps(last).encode(), {"verdict": "check", "covers": ["9999-12-31"]}
    first = json.loads(changed(DOSES, runs(("0001-01-01", 1, "60"))))
    first["ask"]["on"] = "0001-01-01"
    first["prescriptions"][0]["signed_on"] = "0001-01-01"
    first["calendar"] = {"weekly_closed": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}
    yield "closed on the first day there is", json.dumps(first).encode(), {"verdict": "refuse", "reasons": ["not_due"]}
    always = json.loads(changed("calendar", {"weekly_closed": ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]}))
    yield "a pharmacy that never opens", json.dumps(always).encode(), {"verdict": "refuse", "reasons": ["not_due"]}


def member_cases():
    yield "a member twice", raw(b'"ask"', b'"ask": {}, "ask"'), ERROR
    yield "a member twice, further in", raw(b'"days": 14', b'"days": 14, "days": 14'), ERROR
    yield "an id twice", changed("prescriptions", PLAIN["prescriptions"] * 2), ERROR
    for name, path, value in (
        ("no prescription", "prescriptions", []),
        ("sixty-five prescriptions", "prescriptions", [dict(PLAIN["prescriptions"][0], id=str(i)) for i in range(65)]),
        ("a prescription that is no object", "prescriptions", ["A"]),
        ("an id that is a number", "prescriptions.0.id", 7),
        ("an unknown product", "prescriptions.0.items.0.product", "heroin-100mg"),
        ("an unknown product of 100 kB", "prescriptions.0.items.0.product", "x" * 100_000),
        ("no item", "prescriptions.0.items", []),
        ("no run", DOSES, []),
        ("unknown wording", "prescriptions.0.wording", ["W9"]),
        ("an unknown form", "prescriptions.0.form", "FP99"),
        ("an unknown stage", "prescriptions.0.stage", "done"),
        ("two ways to collect", "prescriptions.0.collect", {"every_days": 1, "weekdays": ["mon"]}),
        ("an unknown weekday", "prescriptions.0.collect", {"weekdays": ["mon", "caturday"]}),
        ("unknown supervision", "prescriptions.0.supervised", "always"),
        ("it replaces itself", "prescriptions.0.replaces", {"prescription": "A", "from": "2026-11-25"}),
        ("together with itself", "prescriptions.0.together_with", "A"),
        ("together with nobody", "prescriptions.0.together_with", "Z"),
        ("asked for nobody", "ask.prescription", "Z"),
        ("an unknown collector", "ask.collector", "dog"),
        ("advance in a text", "ask.advance", "yes"),
        ("an unknown event", "events", [{"type": "danced"}]),
        ("a supply of nobody", "events", [{"type": "supplied", "prescription": "Z", "on": "2026-11-23", "covers": []}]),
        ("a supply without days", "events", [{"type": "supplied", "prescription": "A", "on": "2026-11-23"}]),
        ("dosed elsewhere in no class", "events", [{"type": "dosed_elsewhere", "from": "2026-11-23"}]),
        ("seventy thousand events", "events", [{"type": "withheld", "prescription": "A", "on": "2026-11-23"}] * 70_000),
    ):
        yield name, changed(path, value), ERROR
    mixed = copy.deepcopy(PLAIN["prescriptions"][0]["items"])
    mixed.append({"product": "diazepam-5mg", "doses": runs(("2026-11-23", 1, "1"))})
    yield "two classes on one prescription", changed("prescriptions.0.items", mixed), ERROR
    circle = copy.deepcopy(PLAIN)
    circle["prescriptions"] = [dict(PLAIN["prescriptions"][0], id=str(i), together_with=str((i + 1) % 64)) for i in range(64)]
    circle["ask"]["prescription"] = "63"
    yield "sixty-four together in a circle", json.dumps(circle).encode(), GOOD
    elsewhere = {"type": "dosed_elsewhere", "class": "opioid", "from": "0001-01-01", "to": "9999-12-31"}
    yield "dosed elsewhere since the first day there is", changed("events", [elsewhere]), ERROR
    long_stay = dict(elsewhere, **{"from": "2017-01-01", "to": "2026-12-31"})
    yield "dosed elsewhere for ten years", changed("events", [long_stay]), {"verdict": "refuse"}
    backwards = dict(elsewhere, **{"from": "2026-11-25", "to": "2026-11-20", "on": "2026-11-20"})
    yield "dosed elsewhere backwards", changed("events", [backwards]), GOOD
    stray = {"type": "supplied", "prescription": "A", "on": "2026-11-20", "covers": [f"{y}-06-01" for y in range(1000, 4000)]}
    yield "supplied on three thousand days of no plan", changed("events", [stray]), {"verdict": "check"}


def plan_cases():
    start = "2026-11-23"
    single = [(day_after(start, i), 1, "60") for i in range(3651)]
    yield "3650 days in one run", changed(DOSES, runs((start, 3650, "60"))), GOOD
    yield "3650 days in 3650 runs", changed(DOSES, runs(*single[:3650])), GOOD
    yield "3660 days in two runs", changed(DOSES, runs((start, 1, "60"), (day_after(start, 1), 3659, "60"))), GOOD
    yield "3661 days in two runs", changed(DOSES, runs((start, 1, "60"), (day_after(start, 1), 3660, "60"))), ERROR
    yield "3661 days in one run", changed(DOSES, runs((start, 3661, "60"))), ERROR
    yield "two days, ten years between", changed(DOSES, runs((start, 1, "60"), (day_after(start, 3660), 1, "60"))), ERROR
    yield "without a dose it is no plan day", changed(DOSES, runs((start, 1, "60"), (day_after(start, 1), 3660, "0"))), GOOD
    yield "nine thousand runs", changed(DOSES, runs(*[(day_after(start, i), 1, "60") for i in range(9000)])), ERROR
    yield "runs that overlap", changed(DOSES, runs((start, 2, "60"), (day_after(start, 1), 2, "60"))), ERROR
    yield "runs backwards", changed(DOSES, runs((day_after(start, 7), 7, "60"), (start, 7, "60"))), ERROR
    yield "no dose on any day", changed(DOSES, runs((start, 14, "0"))), {"verdict": "refuse", "reasons": ["not_due"]}


def agrees(answer, want):
    if want is None:  # JSON or not: an answer, whichever
        return "error" in answer or "verdict" in answer
    if want == ERROR:
        return list(answer) == ["error"] and isinstance(answer["error"], str) and answer["error"] != ""
    return all(answer.get(member) == value for member, value in want.items())


class Report:
    def __init__(self):
        self.passed, self.failed = 0, 0

    def add(self, good, name, detail=""):
        if good:
            self.passed += 1
        else:
            self.failed += 1
            print(f"hostile: {name}: {str(detail)[:300]}")


def answers_of(output):
    try:
        return [json.loads(line) for line in output.decode("utf-8").split("\n")[:-1]]
    except ValueError as error:
        return [{"not JSON": str(error)}]


def run(decide, data):
    return subprocess.run(decide, input=data, capture_output=True, check=False, timeout=120)


def check_cases(decide, report):
    """All of them in one stream, a good line behind each: every answer in its place."""
    names, data, wants = [], [], []
    good = json.dumps(PLAIN).encode()
    for name, line, want in cases():
        names += [name, f"the good line behind {name}"]
        data += [line, good]
        wants += [want, GOOD]
    done = run(decide, b"\n".join(data) + b"\n")
    answers = answers_of(done.stdout)
    report.add(len(answers) == len(names), "the number of answers", f"{len(answers)} to {len(names)} lines")
    report.add(done.returncode == 1, "exit status", done.returncode)
    for name, answer, want in zip(names, answers, wants):
        report.add(agrees(answer, want), name, answer)


def check_streams(decide, report):
    good = json.dumps(PLAIN).encode()
    for name, data, count, status in (
        ("nothing at all", b"", 0, 0),
        ("one line", good + b"\n", 1, 0),
        ("no final newline", good + b"\n" + good, 2, 0),
        ("only a newline", b"\n", 1, 1),
        ("empty lines between", good + b"\n\n" + good + b"\n", 3, 1),
        ("no newline in 9 MB", b"[" * (9 << 20), 1, 1),
        ("a good line behind 9 MB", b"[" * (9 << 20) + b"\n" + good, 2, 1),
        ("lines that end in CR LF", (good + b"\r\n") * 3, 3, 0),
    ):
        done = run(decide, data)
        answers = answers_of(done.stdout)
        report.add(len(answers) == count and done.returncode == status, name, (len(answers), done.returncode))


def check_closed_pipe(decide, report):
    """Nobody reads the answers: it ends, and not with success."""
    with subprocess.Popen(decide, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        process.stdout.close()
        try:
            process.stdin.write((json.dumps(PLAIN).encode() + b"\n") * 20_000)
            process.stdin.close()
        except BrokenPipeError:
            pass
        process.stderr.read()
        status = process.wait(timeout=30)
    report.add(status in (1, -13), "a closed output", status)
    with open("/dev/full", "wb") as full:
        done = subprocess.run(decide, input=json.dumps(PLAIN).encode(), stdout=full, stderr=subprocess.PIPE, check=False, timeout=30)
    report.add(done.returncode == 1 and done.stderr != b"", "a full disk", done.returncode)


def check_million(decide, report):
    line = json.dumps(PLAIN).encode() + b"\n"
    bad = b"{}\n"
    block = line * 999 + bad
    start = time.monotonic()
    with subprocess.Popen(decide, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:

        def feed():
            for _ in range(MILLION // 1000):
                process.stdin.write(block)
            process.stdin.close()

        feeder = threading.Thread(target=feed)
        feeder.start()
        count = errors = 0
        while chunk := process.stdout.read(1 << 20):
            count += chunk.count(b"\n")
            errors += chunk.count(b'"error"')  # may be cut by a chunk's end: at least nearly all
        feeder.join()
        status = process.wait()
    seconds = time.monotonic() - start
    report.add(count == MILLION and status == 1 and errors > 990, "a million lines", (count, errors, status))
    report.add(seconds < ALLOWED_SECONDS, "a million lines in time", f"{seconds:.1f} s")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--decide", required=True)
    options = parser.parse_args()
    decide = shlex.split(options.decide)
    report = Report()
    check_cases(decide, report)
    check_streams(decide, report)
    check_closed_pipe(decide, report)
    check_million(decide, report)
    print(f"hostile: {report.passed} passed, {report.failed} failed")
    return 1 if report.failed else 0


if __name__ == "__main__":
    sys.exit(main())
