#!/usr/bin/env bash
# Function length and cyclomatic complexity (pmccabe's modified count: a switch counts as one decision). There is no list of
# exceptions: a function that is too long or too complex is taken apart.
#
#   function-metrics.sh FILE...
set -eu

max_lines=100
warn_lines=60
max_complexity=15

[ $# -gt 0 ] || exit 0
# Complexity, the same with each case counted, statements, first line, lines, FILE(LINE): NAME
pmccabe "$@" | awk -v max_lines=$max_lines -v warn_lines=$warn_lines -v max_complexity=$max_complexity -F '\t' '
    {
        functions++
        if ($5 > max_lines) { bad++; printf "%s: %d lines, at most %d\n", $6, $5, max_lines }
        else if ($5 > warn_lines) printf "%s: %d lines (warning above %d)\n", $6, $5, warn_lines
        if ($1 > max_complexity) { bad++; printf "%s: complexity %d, at most %d\n", $6, $1, max_complexity }
    }
    END {
        if (bad) { print "lint: " bad " functions too long or too complex"; exit 1 }
        print "lint: function metrics passed (" functions + 0 " functions)"
    }'
