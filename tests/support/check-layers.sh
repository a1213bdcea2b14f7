#!/usr/bin/env bash
# The walls between the layers (README.md, "Map of the folders").
#
#   check-layers.sh ROOT LIBCORE
#
# 1. The archive of the core asks nothing of the system but what core-symbols.allow lists, and has no data that could change.
# 2. Each folder includes only the layers it may see, and the core only the pure headers of C.
# 3. SQL text stands only in daemon/store; sqlite3.h, cJSON and the reading of clocks have one home each.
set -eu

root=$1
libcore=$2
here=$(cd "$(dirname "$0")" && pwd)
failed=0
fail() {
    printf '%s\n' "$1"
    failed=1
}

# ---- 1. the core's archive

allowed=$(grep -v '^#' "$here/core-symbols.allow")
unknown=$(comm -23 <(nm -u -P "$libcore" | awk 'NF == 2 { print $1 }' | sort -u) \
    <(nm -P --defined-only "$libcore" | awk 'NF >= 2 { print $1 }' | cat - <(printf '%s\n' "$allowed") | sort -u))
[ -z "$unknown" ] || fail "core: calls what the rules may not call: $(echo "$unknown" | paste -sd ' ')"

mutable=$(objdump -t "$libcore" | awk 'NF > 3 && $(NF - 2) ~ /^(\.t?data|\.t?bss|\*COM\*)(\.[^r]|$)/ && $(NF - 1) !~ /^0+$/ { print $NF }')
[ -z "$mutable" ] || fail "core: data that can change: $(echo "$mutable" | paste -sd ' ')"

# ---- 2. includes by folder

# Whom a folder may see besides itself. "instalment" is include/instalment, "." the sources beside main.c.
may_see() {
    case $1 in
    core) echo ;;
    sys) echo core instalment ;;
    store) echo core sys embed instalment ;;
    desk) echo core sys store embed instalment ;;
    http) echo core sys desk embed instalment ;;
    schedule) echo core sys desk instalment ;;
    alert) echo core sys store instalment ;;
    render) echo core sys instalment ;;
    print) echo core sys store render instalment ;;
    embed) echo ;;
    .) echo core sys store desk http schedule alert render print embed instalment ;;
    cli | inbox | lib) echo lib instalment ;;
    *) return 1 ;;
    esac
}
# The queue of jobs, which is all that these two see of the store: facts are the desk's business.
may_see_too() {
    case $1 in
    http | schedule) echo store/store.h ;;
    esac
}
pure_headers=' assert.h limits.h stdbool.h stddef.h stdint.h stdlib.h string.h '

check_include() { # file, line, layer, name as written with its quotes
    local name=${4:1:-1} seen
    if [ "${4:0:1}" = '"' ] && [ -f "$(dirname "$1")/$name" ] && [[ $name != */* ]]; then
        return
    fi
    while [[ $name == ../* ]]; do name=${name#../}; done
    case $name in
    instalment/*) seen=instalment ;;
    */*)
        seen=${name%%/*}
        # Not one of ours: <event2/...>, <sys/socket.h>, <cups/...>.
        if [ "${4:0:1}" = '<' ]; then seen=; fi
        ;;
    *)
        seen=
        if [ "${4:0:1}" = '"' ] && [ -f "$root/daemon/$name" ]; then seen=.; fi
        ;;
    esac
    if [ -z "${seen-}" ]; then
        if [ "$3" = core ] && [[ $pure_headers != *" $name "* ]]; then
            fail "$1:$2: core includes $4"
        fi
    elif [ "$seen" != "$3" ] && [[ " $(may_see "$3") " != *" $seen "* ]] && [ "$name" != "$(may_see_too "$3")" ]; then
        fail "$1:$2: $3 may not see $4"
    fi
}

mapfile -t files < <(cd "$root" && find daemon client -name '*.[ch]' 2>/dev/null | sort)
[ ${#files[@]} -gt 0 ] || fail "no sources below $root"
cd "$root"
root=.
layer_of() {
    case $1 in
    daemon/*/*) set -- "${1#daemon/}" ;;
    client/*/*) set -- "${1#client/}" ;;
    *) set -- ./ ;;
    esac
    echo "${1%%/*}"
}

for file in ${files[@]+"${files[@]}"}; do
    may_see "$(layer_of "$file")" >/dev/null || fail "$file: a folder that check-layers.sh does not know"
done
code=$("$here/strip-comments.sh" ${files[@]+"${files[@]}"})
while IFS=: read -r file line text; do
    layer=$(layer_of "$file")
    if may_see "$layer" >/dev/null && [[ $text =~ ^[[:space:]]*\#[[:space:]]*include[[:space:]]*([<\"][^>\"]+[>\"]) ]]; then
        check_include "$file" "$line" "$layer" "${BASH_REMATCH[1]}"
    fi
done < <(grep -E '^[^:]*:[0-9]+:[[:space:]]*#[[:space:]]*include' <<<"$code")

# ---- 3. what has one home

only_in() { # home (a pattern of paths), what it is, pattern of code, source of text
    local found
    found=$(grep -E "^[^:]*:[0-9]+:(.*[^A-Za-z0-9_])?($3)" <<<"$4" | grep -vE "^($1)" || true)
    [ -z "$found" ] || fail "$found
$2 does not belong there"
}
bare=$("$here/strip-comments.sh" --no-strings ${files[@]+"${files[@]}"})
only_in 'daemon/store/' 'SQL' '"[[:space:]]*(SELECT|INSERT (OR [A-Z]+ )?INTO|UPDATE [a-z_]+ SET|DELETE FROM|CREATE (UNIQUE |TEMP )*(TABLE|INDEX|TRIGGER|VIEW)|BEGIN IMMEDIATE|PRAGMA) ?' "$code"
only_in 'daemon/store/' 'sqlite3.h' 'sqlite3\.h[>"]' "$code"
only_in 'daemon/(http|alert)/|client/' 'JSON' 'cJSON(\.h[>"]|_[A-Za-z]+)' "$code"
only_in 'daemon/sys/clock\.c|client/lib/watch\.c' 'reading a clock' \
    '(time|localtime_r|clock_gettime|gettimeofday|timespec_get|evutil_gettimeofday|event_base_gettimeofday_cached)[[:space:]]*\(' "$bare"

[ "$failed" = 0 ] || { echo "layers: FAILED"; exit 1; }
echo "layers: passed (${#files[@]} files)"
