#!/usr/bin/env bash
# Runs one fuzzer over its committed corpus for some seconds. What it finds of interest goes to build/fuzz/corpus, an input that
# breaks the program to build/fuzz/crash-NAME-*.
#
#   run-fuzzer.sh NAME SECONDS
set -eu

name=$1
seconds=$2
corpus=tests/fuzz/corpus/$name
found=build/fuzz/corpus/$name
log=build/fuzz/$name.log
mkdir -p "$found"
arguments=("$found")
[ ! -d "$corpus" ] || arguments+=("$corpus")
[ ! -f "tests/fuzz/$name.dict" ] || arguments+=("-dict=tests/fuzz/$name.dict")

if ! "build/fuzz/fuzz_$name" -max_total_time="$seconds" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 \
    "-artifact_prefix=build/fuzz/crash-$name-" "${arguments[@]}" >"$log" 2>&1 </dev/null; then
    cat "$log"
    echo "fuzz $name: FAILED"
    exit 1
fi
echo "fuzz $name: passed ($(sed -n 's/^stat::number_of_executed_units: *//p' "$log") inputs in $seconds s)"
