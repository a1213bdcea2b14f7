#!/usr/bin/env bash
# Runs test programs one after the other and adds up what they say: cmocka's, or any others that print TAP.
#
#   run-tests.sh NAME PROGRAM...
#
# A program that ends early, says nothing, fails after its last test (a leak that a sanitizer saw) or takes longer than
# TEST_TIMEOUT seconds is a failure. The output of a program that failed is shown in full. TEST_WRAPPER goes in front of
# each program, for instance "valgrind -q". Lines "figures: ..." are shown. The last line is "NAME: N passed, N failed".
set -u

name=$1
shift
log=$(mktemp)
trap 'rm -f "$log"' EXIT
read -ra wrapper <<<"${TEST_WRAPPER:-}"
passed=0 failed=0 skipped=0

for program; do
    CMOCKA_MESSAGE_OUTPUT=TAP timeout -k 5 "${TEST_TIMEOUT:-120}" ${wrapper[@]+"${wrapper[@]}"} "$program" >"$log" 2>&1 </dev/null
    status=$?
    read -r planned good bad skip < <(awk '
        /^1\.\.[0-9]+/ { planned += substr($1, 4) }
        /^ok / { if (/# SKIP/) skip++; else good++ }
        /^not ok / { bad++ }
        END { print planned + 0, good + 0, bad + 0, skip + 0 }' "$log")
    missing=$((planned - good - bad - skip))
    [ "$missing" -le 0 ] || bad=$((bad + missing))
    if [ "$bad" = 0 ] && { [ "$status" != 0 ] || [ $((good + skip)) = 0 ]; }; then
        bad=1
    fi
    # What a test measured is shown where it passed too.
    sed -n 's/^# *figures: /  /p; s/^figures: /  /p' "$log"
    if [ "$bad" != 0 ]; then
        printf -- '---- %s (exit status %s)\n' "$program" "$status"
        cat "$log"
    fi
    passed=$((passed + good)) failed=$((failed + bad)) skipped=$((skipped + skip))
done
if [ $# = 0 ]; then
    echo "$name: no tests"
    failed=1
fi
[ "$skipped" = 0 ] || echo "$name: $skipped skipped"
echo "$name: $passed passed, $failed failed"
[ "$failed" = 0 ]
