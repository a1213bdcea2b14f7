#!/usr/bin/env python3
"""Runs the bench programs, prints a table and writes the figures with the machine that they are from.

    run.py [--runs 5] --json build/bench.json PROGRAM...

A program measures once and prints a line for each figure, its fields separated by tabs: name, value, unit and, where there is
one to reach, the target as ">= 1000000" or "<= 5". Each program runs five times; shown are the median and the spread. Nothing
here passes or fails: machines are noisy, so a figure that misses its target is marked and no more.
"""
import argparse
import json
import os
import pathlib
import platform
import statistics
import subprocess
import sys
import time


def field_of(path, key):
    try:
        for line in pathlib.Path(path).read_text(encoding="utf-8").splitlines():
            if line.startswith(key):
                return line.split(":", 1)[1].strip()
    except OSError:
        pass
    return None


def output_of(*command):
    try:
        return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    except (OSError, subprocess.CalledProcessError):
        return None


def machine():
    return {
        "processor": field_of("/proc/cpuinfo", "model name"),
        "processors": len(os.sched_getaffinity(0)),
        "memory": field_of("/proc/meminfo", "MemTotal"),
        "kernel": platform.release(),
        "architecture": platform.machine(),
        "system": system_name(),
        "file_system": output_of("stat", "-f", "-c", "%T", "build"),
        "compiler": (output_of("gcc", "--version") or "").split("\n")[0],
    }


def system_name():
    for line in pathlib.Path("/etc/os-release").read_text(encoding="utf-8").splitlines():
        if line.startswith("PRETTY_NAME="):
            return line.split("=", 1)[1].strip('"')
    return None


def measure(program, runs, figures):
    for _ in range(runs):
        done = subprocess.run([program], stdout=subprocess.PIPE, text=True, check=True)
        for line in done.stdout.splitlines():
            name, value, unit, *target = line.split("\t")
            figure = figures.setdefault(name, {"unit": unit, "target": target[0] if target else None, "values": []})
            figure["values"].append(float(value))


def reached(value, target):
    sign, limit = target.split()
    return value >= float(limit) if sign == ">=" else value <= float(limit)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", type=pathlib.Path, required=True)
    parser.add_argument("programs", nargs="*")
    options = parser.parse_args()

    figures = {}
    for program in options.programs:
        measure(program, options.runs, figures)
    report = {
        "machine": machine(),
        "commit": output_of("git", "describe", "--always", "--dirty"),
        "at": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
        "runs": options.runs,
        "figures": figures,
    }
    row = "{:<44} {:>14} {:<8} {:>28}  {}".format
    print(", ".join(f"{key} {value}" for key, value in report["machine"].items() if value))
    print(row("figure", "median", "unit", f"spread of {options.runs}", "target"))
    for name, figure in figures.items():
        values = figure["values"]
        figure["median"] = statistics.median(values)
        target = figure["target"]
        note = "" if target is None else target if reached(figure["median"], target) else f"{target}  MISSED"
        spread = f"{min(values):,.6g} to {max(values):,.6g}"
        print(row(name, f"{figure['median']:,.6g}", figure["unit"], spread, note).rstrip())
    options.json.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    print(f"bench: {len(figures)} figures, written to {options.json}")


if __name__ == "__main__":
    sys.exit(main())
