#!/usr/bin/env bash
# Reports the coverage of one folder and fails below 100 % of lines or branches.
#
#   coverage.sh BUILD FOLDER
#
# Not counted: the branch into a failed assert; the way past a switch that names every value of its enum (the compiler warns
# where it does not; each case's own line is counted); and a line that says a place cannot be reached: assert(false).
set -u

build=$1
folder=$2
report() { # further options of gcovr
    gcovr --root . --object-directory "$build" --filter "$folder/" \
        --exclude-branches-by-pattern '.*\b(assert|switch)\s*\(.*' --exclude-lines-by-pattern '\s*assert\(false\b.*' \
        "$@" "$build"
}

status=0
report --txt "$build/lines.txt" --print-summary --fail-under-line 100 --fail-under-branch 100 \
    >"$build/summary.txt" 2>"$build/gcovr.log" || status=$?
if [ "$status" != 0 ]; then
    grep -v 'coverage minimum not reached' "$build/gcovr.log"
    echo "lines that no test reaches:"
    grep -E '[0-9]%.*[0-9] *$' "$build/lines.txt"
    echo "lines with a branch that no test takes:"
    report --branches --txt - 2>/dev/null | grep -E '[0-9]%.*[0-9] *$'
fi
grep -E '^(lines|branches):' "$build/summary.txt"
if [ "$status" != 0 ]; then
    echo "coverage: $folder FAILED, every line and branch is asked for"
    exit 1
fi
echo "coverage: $folder passed"
