#!/usr/bin/env bash
# The negative controls of the checks: each must pass on what is sound and fail where something was planted.
#
#   check-controls.sh LIBCORE
#
# The last line is "controls: N passed, N failed".
set -u

libcore=$(realpath "$1")
here=$(cd "$(dirname "$0")" && pwd)
top=$(pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
passed=0 failed=0

expect() { # passes|fails, what, command...
    local want=$1 what=$2 got=fails
    shift 2
    if "$@" >"$work/log" 2>&1; then got=passes; fi
    if [ "$got" = "$want" ]; then
        passed=$((passed + 1))
    else
        failed=$((failed + 1))
        echo "control: $what: $got, expected $want"
        cat "$work/log"
    fi
}

# ---- layers, on a copy of the sources

fresh_copy() {
    rm -rf "$work/tree" && mkdir -p "$work/tree"
    cp -r "$top/daemon" "$work/tree/"
    [ ! -d "$top/client" ] || cp -r "$top/client" "$work/tree/"
    cp "$libcore" "$work/libcore.a"
}
plant() { # file, code: appended to a file of the copy, which may be new
    fresh_copy
    mkdir -p "$(dirname "$work/tree/$1")"
    printf '%s\n' "$2" >>"$work/tree/$1"
}
plant_object() { # code: one more object in the core's archive
    fresh_copy
    printf '%s\n' "$1" >"$work/planted.c"
    gcc -std=gnu17 -O2 -c -o "$work/planted.o" "$work/planted.c" && ar rD "$work/libcore.a" "$work/planted.o" 2>/dev/null
}
layers=("$here/check-layers.sh" "$work/tree" "$work/libcore.a")

fresh_copy
expect passes "layers, as they are" "${layers[@]}"
plant_object '#include <time.h>
long planted(void); long planted(void) { return (long)time(0); }'
expect fails "a call to time in the core's archive" "${layers[@]}"
plant_object 'int planted(void); int planted(void) { static int calls; return ++calls; }'
expect fails "a variable in the core" "${layers[@]}"
plant_object 'extern const char *const planted[2]; const char *const planted[2] = {"a", "b"};'
expect passes "a constant table in the core" "${layers[@]}"
plant daemon/core/day.c '#include <time.h>'
expect fails "core includes time.h" "${layers[@]}"
plant daemon/core/day.c '#include "store/db.h"'
expect fails "core includes a layer" "${layers[@]}"
plant daemon/http/planted.c '#include "store/db.h"'
expect fails "http includes store" "${layers[@]}"
plant daemon/http/planted.c '#include "../store/db.h"'
expect fails "http includes store by its path" "${layers[@]}"
plant daemon/http/planted.c '#include <sqlite3.h>'
expect fails "http includes sqlite3.h" "${layers[@]}"
plant daemon/desk/planted.c 'const char *text = "SELECT id FROM supply";'
expect fails "SQL in desk" "${layers[@]}"
plant daemon/desk/planted.c '#include <cjson/cJSON.h>'
expect fails "JSON in desk" "${layers[@]}"
plant daemon/desk/planted.c '#include <time.h>
long planted(void) { return time(0); }'
expect fails "a clock in desk" "${layers[@]}"
plant daemon/sys/clock.c '#include <time.h>
long planted(void) { return time(0); }'
expect passes "a clock in sys/clock.c" "${layers[@]}"
plant client/inbox/planted.c 'const char *text = "SELECT id FROM message";'
expect fails "SQL in the inbox outside its store" "${layers[@]}"
plant client/inbox/planted.c '#include <time.h>
long planted(void) { return time(0); }'
expect fails "a clock in the inbox outside its own" "${layers[@]}"
plant client/inbox/planted.c '#include "sys/buffer.h"'
expect fails "the inbox includes a layer of the daemon" "${layers[@]}"
plant daemon/desk/planted.c '/* not "SELECT id", nor time(0) */
long planted(void) { return desk_time(0) + day->count; }'
expect passes "words in comments" "${layers[@]}"
plant daemon/nobody/planted.c 'int planted;'
expect fails "a folder nobody knows" "${layers[@]}"

# ---- banned calls and function metrics

mkdir -p "$work/code"
echo 'int f(const char *s) { return my_atoi(s) /* atoi(s) */ + g("atoi(s)"); }' >"$work/code/a.c"
expect passes "no banned call" "$here/check-banned.sh" "$work/code"
echo 'int f(const char *s) { return atoi(s); }' >"$work/code/a.c"
expect fails "a banned call" "$here/check-banned.sh" "$work/code"

write_function() { # lines inside, line of code
    { echo 'void f(int a) {'; for ((i = 0; i < $1; i++)); do echo "$2"; done; echo '}'; } >"$work/code/a.c"
}
write_function 98 'a++;'
expect passes "a function of 100 lines" "$here/function-metrics.sh" "$work/code/a.c"
write_function 99 'a++;'
expect fails "a function of 101 lines" "$here/function-metrics.sh" "$work/code/a.c"
write_function 14 'if (a) a++;'
expect passes "a complexity of 15" "$here/function-metrics.sh" "$work/code/a.c"
write_function 15 'if (a) a++;'
expect fails "a complexity of 16" "$here/function-metrics.sh" "$work/code/a.c"

# ---- the runners

test_program() { # what it does
    printf '#!/bin/sh\n%s\n' "$1" >"$work/program"
    chmod +x "$work/program"
}
run=(env TEST_TIMEOUT=1 TEST_WRAPPER= "$here/run-tests.sh" control "$work/program")
test_program 'echo 1..2; echo ok 1 - a; echo ok 2 - b'
expect passes "two tests that pass" "${run[@]}"
test_program 'echo 1..2; echo ok 1 - a; echo not ok 2 - b'
expect fails "a test that fails" "${run[@]}"
test_program 'echo 1..2; echo ok 1 - a'
expect fails "a test that is missing" "${run[@]}"
test_program 'echo 1..1; echo ok 1 - a; exit 23'
expect fails "a program that fails at its end" "${run[@]}"
test_program 'exit 0'
expect fails "a program without tests" "${run[@]}"
test_program 'echo 1..1; echo ok 1 - a; sleep 5'
expect fails "a program that hangs" "${run[@]}"
expect fails "no programs" "$here/run-tests.sh" control

mkdir -p "$work/rules"
decide() { # the runner with a daemon that gives these answers
    test_program "cat >/dev/null; $1"
    expect "$2" "$3" python3 "$here/../rules/run.py" --decide "$work/program" "$work/rules"
}
printf '{"name":"a"}\n{"name":"b"}\n' >"$work/rules/x.jsonl"
printf '{"verdict":"supply","reasons":["a","b"]}\n{"verdict":"refuse"}\n' >"$work/rules/x.expected.jsonl"
good='echo "{\"reasons\": [\"a\",\"b\"], \"verdict\":\"supply\"}"; echo "{\"verdict\":\"refuse\"}"'
decide "$good" passes "the expected decisions"
decide "$good; exit 1" fails "an exit status that is not expected"
decide "$good; echo {}" fails "an answer too many"
decide "${good%;*}" fails "an answer too few"
decide "${good/refuse/supply}" fails "another verdict"
decide "${good/\\\"a\\\",\\\"b\\\"/\\\"b\\\",\\\"a\\\"}" fails "reasons in another order"

echo "controls: $passed passed, $failed failed"
[ "$failed" = 0 ]
