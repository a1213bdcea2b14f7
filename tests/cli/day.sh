#!/usr/bin/env bash
# A pharmacy's day through the command line, with its words between, and the keyworker's inbox beside it. It starts a demonstration of its own, in a folder that
# is gone afterwards, and ends with 1 where an answer is another than the one that is written here.
#
#   day.sh FOLDER-OF-PROGRAMS
set -euo pipefail

bin=$(cd "$1" && pwd)
work=$(mktemp -d)
daemon=
finish() {
    [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
    [ -z "$daemon" ] || wait "$daemon" 2>/dev/null || true
    rm -rf "$work"
}
trap finish EXIT

bold='' plain=''
if [ -t 1 ] && [ -z "${NO_COLOR-}" ] && [ "${TERM-dumb}" != dumb ]; then bold=$'\033[1m' plain=$'\033[0m'; fi

# ---- the demonstration, and the terminal at its counter

data=$work/data
mkdir -m 700 "$data"
"$bin/instalmentd" --demo --data "$data" --listen 127.0.0.1:0 >"$work/ready" 2>"$work/log" &
daemon=$!
for ((i = 0; i < 200; i++)); do
    if [ -s "$work/ready" ]; then break; fi
    sleep 0.1
done
ready=$(cat "$work/ready")
member() { # JSON, name: the first text member of that name
    grep -o "\"$2\":\"[^\"]*\"" <<<"$1" | sed -n '1s/.*:"\(.*\)"/\1/p'
}
INSTALMENT_SOCKET=$(member "$ready" socket)
export INSTALMENT_SOCKET
pin() { # name
    grep -o "\"staff\":\"$1\",\"pin\":\"[^\"]*\"" <<<"$ready" | cut -d '"' -f 8
}

# What a person types of an id that was shown: its end.
short() { grep -o '.....$'; }
say() { printf '\n%s%s%s\n' "$bold" "$*" "$plain"; }
fail() {
    printf '\nThis is not how the day goes: %s\n---- the last answer\n' "$1"
    cat "$work/answer"
    printf -- '---- the log\n'
    tail -n 20 "$work/log"
    exit 1
}

export XDG_RUNTIME_DIR="$work/runtime"
mkdir -m 700 "$XDG_RUNTIME_DIR"
cd "$work"
who=
as() { # name: who works at the terminal from here on
    who=$1
    pin "$who" | "$bin/instalment" sign-in "$who" --pin-stdin >/dev/null
}
# expected status, pattern that the answer must have, standard input ("": none), command: shown as it would be typed
run() {
    local expected=$1 pattern=$2 input=$3 status=0
    shift 3
    printf '  %s$ instalment %s\n' "$who" "$*"
    if [ -n "$input" ]; then
        printf '%s\n' "$input" | "$bin/instalment" "$@" >"$work/answer" 2>&1 || status=$?
    else
        "$bin/instalment" "$@" >"$work/answer" 2>&1 </dev/null || status=$?
    fi
    sed 's/^/    /' "$work/answer"
    [ "$status" = "$expected" ] || fail "it ended with $status, not with $expected"
    grep -qE -- "$pattern" "$work/answer" || fail "its answer does not say \"$pattern\""
}
# The same for an answer that is read here: into $json.
ask() {
    json=$("$bin/instalment" --json "$@") || fail "$* ended with $?"
}
# An alert's state becomes this, in at most twenty seconds.
await() { # alert, state
    for ((i = 0; i < 200; i++)); do
        ask alert show "$1"
        if [ "$(member "$json" state)" = "$2" ]; then return; fi
        sleep 0.1
    done
    printf '%s\n' "$json" >"$work/answer"
    fail "an alert is not $2"
}
# The keyworker signs in at the inbox and answers one message there, as its page does.
keyworker() { # alert, status, note
    local inbox name password csrf
    inbox=$(member "$ready" inbox)
    name=$(grep -o '"keyworkers":\[{"name":"[^"]*"' <<<"$ready" | cut -d '"' -f 6)
    password=$(grep -o '"keyworkers":.*' <<<"$ready" | grep -o '"password":"[^"]*"' | sed -n '1s/.*:"\(.*\)"/\1/p')
    printf '  %s at the inbox: %s, "%s"\n' "$name" "$2" "$3"
    printf '{"name":"%s","password":"%s"}' "$name" "$password" |
        curl -sS --cacert "$data/inbox/certificate.pem" -c cookies --json @- "${inbox}api/session" >"$work/answer"
    csrf=$(member "$(cat "$work/answer")" csrf)
    curl -sS --cacert "$data/inbox/certificate.pem" -b cookies -H "X-CSRF-Token: $csrf" -w '%{http_code}' \
        --json "{\"status\":\"$2\",\"note\":\"$3\",\"seen\":0}" "${inbox}api/alerts/$1/actions" >"$work/answer"
    grep -q '201$' "$work/answer" || fail "the keyworker cannot answer"
}
first_id() { grep -o '"id":"[^"]*"' | sed -n '1s/.*:"\(.*\)"/\1/p'; }
alert_of() { # kind, patient or prescription, state wanted: the newest such alert
    local list
    list=$("$bin/instalment" --json alerts --state "${3-open}")
    grep "\"$1\"" <<<"$list" | grep "\"$2" | first_id
}

rx_of() { # name on today's list: the prescription
    ask today
    grep -o "\"name\":\"$1\"[^{}]*}[^{}]*\"prescription\":\"[^\"]*\"" <<<"$json" | sed -n '1s/.*"prescription":"\(.*\)"/\1/p'
}

say "Monday 23 November 2026, nine o'clock. The technician enters a prescription that came in the morning's post."
as p.nowak
ask service list
service=$(member "$json" id)
cat >patient.json <<END
{"name":"Rosalind Tallowmere","born_on":"1987-03-14","identifier":{"system":"nhs","value":"9990002509"},
 "address":"8 Larkspur Row, Testham","sharing":{"service":"$service","agreed_on":"2026-11-20"}}
END
run 0 'Rosalind Tallowmere' '' patient add --from patient.json
patient=$(grep '^pt-' "$XDG_RUNTIME_DIR/instalment.seen" | tail -n 1)
cat >keyed.json <<END
{"wording":["W1","W2","W3","W4"],
 "items":[{"product":"methadone-1mg-ml-sf","doses":[{"from":"2026-11-23","days":14,"dose":"30"}],
           "total":"420","total_in_words":true,"total_in_figures":true}],
 "collect":{"weekdays":["mon","tue","wed","thu","fri","sat"]}}
END
sed "1s/{/{\"patient\":\"$patient\",\"service\":\"$service\",\"form\":\"FP10MDA\",\"signed_on\":\"2026-11-20\",\"start_on\":\"2026-11-23\",\
\"prescriber\":{\"name\":\"Dr Hester Vale\",\"number\":\"0000000\",\"address\":\"1 Weir Street, Testham\"},\"stage\":\"stable\",\
\"supervised\":\"collection_days\",/" keyed.json >prescription.json
run 0 'the doses add up to 420, the form says 420' '' rx add --from prescription.json
rx=$(grep '^rx-' "$XDG_RUNTIME_DIR/instalment.seen" | tail -n 1 | short)

say "Nobody has checked the typing yet: each decision says so."
run 0 'P12' '' decide "$rx"

say "The pharmacist keys it a second time, without seeing the first."
as a.khan
sed 's/"dose":"30"/"dose":"90"/; s/"total":"420"/"total":"1260"/' keyed.json >wrong.json
run 5 'dose' "$(pin a.khan)" rx check "$rx" --from wrong.json --pin-stdin
say "That was a slip, found. Once more:"
run 0 '.' "$(pin a.khan)" rx check "$rx" --from keyed.json --pin-stdin

say "The patient is here. May today's dose be supplied?"
run 0 'first_dose' '' decide "$rx"
say "It is the first dose: the pharmacist looks, speaks with the patient, and sees it swallowed."
run 0 'recorded at 09:00' "$(pin a.khan)" supply "$rx" --confirm first_dose --identified-by 'name and date of birth' --pin-stdin

say "Half an hour later the patient's chart is open on the other terminal, and somebody tries again."
as d.osei
run 5 'D6' "$(pin d.osei)" supply "$rx" --pin-stdin

say "Who is still to come?"
as a.khan
run 0 'Still to come \(12\)' '' today

say "A friend comes for somebody whose dose is supervised. That cannot be."
supervised_rx=$(rx_of 'Quenby Oakhollow')
supervised=$(short <<<"$supervised_rx")
run 5 'D13' '' decide "$supervised" --collector representative
say "A sister comes for somebody who takes the doses home, with a letter and her passport."
home=$(rx_of 'Ambrose Lindenfold' | short)
cat >sister.json <<END
{"collector":{"role":"representative","name":"Cordelia Lindenfold","identity_requested":true,"identity_provided":true}}
END
run 0 'D13' '' decide "$home" --collector representative
run 0 'take-home 210' "$(pin a.khan)" supply "$home" --collector representative --from sister.json \
    --confirm representative --pin-stdin

say "Somebody is drowsy and slurs words. The pharmacist does not give the dose, and tells the service."
unwell_rx=$(rx_of 'Tamsin Ferncastle')
unwell=$(short <<<"$unwell_rx")
ask rx show "$unwell"
patient=$(member "$json" patient | short)
run 0 '.' 'Sleepy at the counter, woke when spoken to, walked home with a friend.' \
    concern "$patient" possible_intoxication --signs drowsy,slurred_speech --decision withheld --rx "$unwell" -
run 0 'D14' '' decide "$unwell"

say "The note is at the service already. The keyworker on duty opens the inbox."
alert=$(alert_of possible_intoxication "$unwell_rx")
await "$alert" accepted
run 0 'received, not read yet' '' alerts
keyworker "$alert" accepted 'Thank you. I am ringing them now, and see them before tomorrow.'
run 0 '09:02' '' clock advance 2026-11-23T09:02:00
await "$alert" acknowledged
run 0 'see them before tomorrow' '' alert show "$(short <<<"$alert")"

say "A closed day ahead: the form for the Christmas fortnight has come early. What will happen on the closed days?"
as p.nowak
sed 's/2026-11-23/2026-12-21/g; s/2026-11-20"/2026-11-23"/; s/\["mon".*\]/["mon","tue","wed","thu","fri","sat","sun"]/' prescription.json >christmas.json
run 0 'Fri 25 Dec' '' rx add --from christmas.json --dry-run
as a.khan

say "Five o'clock. Who has not come yet? Whom to look for first, and what number their service has."
run 0 '17:00' '' clock advance 2026-11-23T17:00:00
run 0 'Not come yet, closing at 18:00 ' '' today
grep -A 4 'Not come yet' "$work/answer" | sed -n 's/^. \([A-Z][a-z]* [A-Z][a-z]*\) .*/\1/p' >first
printf '%s\n' 'Idris Winterbrook' 'Perpetua Stonewell' 'Saffron Pebblewick' 'Wilhelmina Duskmoor' | diff - first ||
    fail "those who are looked for first do not come first"

say "Six o'clock. The pharmacy closes, and the clock finds who did not come."
run 0 '18:01' '' clock advance cut-off
run 0 'Quenby Oakhollow .*missed +alerted' '' today

say "Who is told of Quenby Oakhollow's missed collection? The keyworker has it, and answers."
alert=$(alert_of missed_pickup "$supervised_rx")
await "$alert" accepted
run 0 'missed pickup' '' alerts --state accepted
keyworker "$alert" in-progress 'We have left a message on their telephone.'
run 0 '18:03' '' clock advance 2026-11-23T18:03:00
await "$alert" acknowledged
run 0 'left a message' '' alert show "$(short <<<"$alert")"
say "One patient has no agreement to share: the service is told by telephone, and that is recorded."
run 0 'no agreement' '' alerts --state phone
alert=$(alert_of missed_pickup rx- phone)
run 0 'missed +telephone$' '' today
run 0 'told by telephone' 'Sam Taylor, duty keyworker' alert phoned "$(short <<<"$alert")" -

say "The day is closed by its reconciliation: what was due has one outcome each, and the bottles and the register agree."
run 0 '23 Nov 2026: signed' "$(printf '%s\nThe service has them in its inbox.' "$(pin a.khan)")" close 2026-11-23 --reason - --pin-stdin
run 0 'due 13 = 2 supplied . 10 missed . 1 withheld' '' report 2026-11-23
run 0 'methadone-1mg-ml-sf holds together: balance 3470' '' register verify

say "Tuesday and Wednesday pass, and Quenby Oakhollow comes on neither."
run 0 '09:00' '' clock advance tomorrow
as c.evans
run 0 '1 missed' '' today
as a.khan
run 0 '09:00' '' clock advance tomorrow
run 0 '2 days' '' decide "$supervised"
run 0 '09:00' '' clock advance tomorrow
say "Thursday. Three days missed: the usual dose may now be too strong, and nothing is given before the prescriber is asked."
run 5 'D11' '' decide "$supervised"
run 5 'nothing was recorded' "$(pin a.khan)" supply "$supervised" --pin-stdin

say "The pharmacist telephones. The prescriber has seen the patient, and says to go on."
cat >consultation.json <<END
{"with":"Dr Hester Vale","role":"prescriber","channel":"telephone","on":"2026-11-26","outcome":"continue",
 "note":"seen at the service this morning"}
END
run 0 '.' '' rx consult "$supervised" --from consultation.json
run 0 'may be supplied' '' decide "$supervised"
run 0 'recorded at 09:00' "$(pin a.khan)" supply "$supervised" --identified-by 'name and date of birth' --pin-stdin
run 0 'Thu 26 Nov' '' rx show "$supervised"

say "That was the day. Everything in it was made up, and is gone now."
kill "$daemon"
status=0
wait "$daemon" || status=$?
daemon=
[ "$status" = 0 ] || { echo "The demonstration ended with $status."; exit 1; }
