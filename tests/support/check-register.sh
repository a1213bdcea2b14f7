#!/bin/sh
# Checks an export of the register (format=txt) with sha256sum alone: each entry's lines must have the hash that stands
# below them, and begin with the hash of the entry before (docs/register.md).
#
#   check-register.sh FILE
set -eu
before=0000000000000000000000000000000000000000000000000000000000000000
entry=$(mktemp)
trap 'rm -f "$entry"' EXIT
: >"$entry"
count=0
while IFS= read -r line; do
    case $line in
    'sha256 '*)
        made=$(sha256sum "$entry")
        [ "$(head -n 1 "$entry")" = "$before" ] || { echo "entry after number $count: does not follow the one before"; exit 1; }
        [ "sha256 ${made%% *}" = "$line" ] || { echo "entry after number $count: is not what was hashed"; exit 1; }
        before=${made%% *}
        count=$((count + 1))
        : >"$entry"
        ;;
    '') ;;
    *) printf '%s\n' "$line" >>"$entry" ;;
    esac
done <"$1"
[ ! -s "$entry" ] || { echo "the last entry is cut"; exit 1; }
[ "$count" -gt 0 ] || { echo "there is no entry"; exit 1; }
echo "$count entries hold together; the last hash is $before"
