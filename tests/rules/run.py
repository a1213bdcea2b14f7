#!/usr/bin/env python3
"""Feeds the scenarios of a folder to `instalmentd decide` and compares the decisions.

    run.py --decide "build/bin/instalmentd decide" tests/rules

Each NAME.jsonl with a NAME.expected.jsonl beside it is one run: a scenario a line, and in the same line of the other file
the decision that must come out (compared as JSON: the order of members does not matter, that of lists does). The exit
status must be 1 where an error is expected in some line, else 0. The last line is "rules: N passed, N failed".
"""
import argparse
import json
import pathlib
import shlex
import subprocess
import sys

SHOWN = 10  # failures printed in full


def parse(line):
    try:
        return json.loads(line)
    except ValueError:
        return f"not JSON: {line}"


def name_of(scenario, number):
    value = parse(scenario)
    name = value.get("name", "") if isinstance(value, dict) else ""
    return f"line {number}" + (f" ({name})" if name else "")


def run(decide, scenarios_path, expected_path):
    """Returns (how many agreed, one text for each failure)."""
    scenarios = scenarios_path.read_text(encoding="utf-8").splitlines()
    expected = [parse(line) for line in expected_path.read_text(encoding="utf-8").splitlines()]
    if len(scenarios) != len(expected):
        return 0, [f"{scenarios_path}: {len(scenarios)} scenarios, {len(expected)} expected decisions"]
    with scenarios_path.open("rb") as stream:
        done = subprocess.run(decide, stdin=stream, stdout=subprocess.PIPE, check=False, timeout=300)
    answers = [parse(line) for line in done.stdout.decode("utf-8", "replace").splitlines()]

    failures = []
    for number, (scenario, want) in enumerate(zip(scenarios, expected), 1):
        got = answers[number - 1] if number <= len(answers) else "no answer"
        if got != want:
            failures.append(
                f"{scenarios_path}, {name_of(scenario, number)}\n"
                f"  expected {json.dumps(want, sort_keys=True)}\n"
                f"  got      {json.dumps(got, sort_keys=True)}"
            )
    agreed = len(scenarios) - len(failures)
    if len(answers) > len(scenarios):
        failures.append(f"{scenarios_path}: {len(answers)} answers to {len(scenarios)} scenarios")
    status = 1 if any(isinstance(want, dict) and "error" in want for want in expected) else 0
    if done.returncode != status:
        failures.append(f"{scenarios_path}: exit status {done.returncode}, expected {status}")
    return agreed, failures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--decide", required=True)
    parser.add_argument("folder", type=pathlib.Path)
    options = parser.parse_args()

    passed, failures = 0, []
    for expected_path in sorted(options.folder.glob("*.expected.jsonl")):
        scenarios_path = expected_path.with_name(expected_path.name.replace(".expected.jsonl", ".jsonl"))
        try:
            agreed, failed = run(shlex.split(options.decide), scenarios_path, expected_path)
        except (OSError, subprocess.TimeoutExpired) as error:
            agreed, failed = 0, [f"{scenarios_path}: {error}"]
        passed += agreed
        failures += failed
    if not passed and not failures:
        failures.append(f"{options.folder}: no scenarios")

    for failure in failures[:SHOWN]:
        print(failure)
    if len(failures) > SHOWN:
        print(f"and {len(failures) - SHOWN} more")
    print(f"rules: {passed} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
