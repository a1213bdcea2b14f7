#!/usr/bin/env bash
# Prints C sources as "FILE:LINE:text" with comments blanked out, and with --no-strings the insides of string and character
# literals too, for checks that look for words in code.
#
#   strip-comments.sh [--no-strings] FILE...
set -eu

strings=1
if [ "${1:-}" = --no-strings ]; then
    strings=0
    shift
fi
[ $# -gt 0 ] || exit 0
awk -v strings="$strings" '
    FNR == 1 { comment = 0 }
    {
        out = ""
        quote = ""
        n = length($0)
        for (i = 1; i <= n; i++) {
            c = substr($0, i, 1)
            two = substr($0, i, 2)
            if (comment) {
                if (two == "*/") { comment = 0; i++ }
            } else if (quote != "") {
                if (c == "\\") { if (strings) out = out two; i++ }
                else if (c == quote) { quote = ""; out = out c }
                else if (strings) out = out c
            } else if (two == "/*") { comment = 1; i++; out = out " " }
            else if (two == "//") break
            else { if (c == "\"" || c == "\047") quote = c; out = out c }
        }
        print FILENAME ":" FNR ":" out
    }' "$@"
