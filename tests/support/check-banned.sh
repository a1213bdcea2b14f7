#!/usr/bin/env bash
# Calls that the house does without: they trust their input's length, hide their errors or share hidden state.
#
#   check-banned.sh FOLDER...
set -eu

here=$(dirname "$0")
banned='strcpy|strcat|sprintf|vsprintf|strtok|atoi|atol|atof|gets|localtime|gmtime|sscanf|alloca|rand'
mapfile -t files < <(find "$@" -name '*.[ch]' | sort)

found=$("$here/strip-comments.sh" --no-strings ${files[@]+"${files[@]}"} |
    grep -E "^[^:]*:[0-9]+:(.*[^A-Za-z0-9_])?($banned)[[:space:]]*\\(" || true)
if [ -n "$found" ]; then
    printf '%s\n' "$found"
    echo "lint: banned calls found"
    exit 1
fi
echo "lint: banned calls passed (${#files[@]} files)"
