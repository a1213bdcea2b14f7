#!/usr/bin/env python3
"""Compares `instalmentd decide` with the model, over random scenarios or a file of them.

    python3 compare.py --decide "CMD" --seed N --count M [--show K]
    python3 compare.py --decide "CMD" --file scenarios.jsonl [--expected decisions.jsonl]

CMD reads scenarios and writes decisions, JSON lines. With --expected the answers of CMD and of the
model are both held against that file. `--break NAME` changes the model on purpose: differences must
then be found, which shows that the comparison can fail. The last line is "N passed, N failed"; the
exit status is 1 where any failed.
"""
import argparse
import json
import shlex
import subprocess
import sys
import tempfile
import time

sys.dont_write_bytecode = True
import generate  # noqa: E402
import model  # noqa: E402

MEMBERS = ('verdict', 'covers', 'items', 'reasons', 'missed_days')

BREAKS = {  # the negative controls: one number of the rules each
    'three-day': {'hold_after': 4, 'hold_w3': 4},
    'first-28': {'first_within': 27},
    'gap-14': {'new_episode_gap': 13},
    'restart': {'restart_days': 4},
    'elsewhere': {'elsewhere_hold': 4},
    'benzodiazepine': {'benzodiazepine_check': 2},
}


def short(days):
    """Days in a few characters: 2026-12-24..27, 30."""
    out, previous = [], None
    for text in days:
        day = model.DAY[text]
        if previous is not None and day == previous + 1:
            out[-1][1] = text
        else:
            out.append([text, None])
        previous = day
    return ' '.join(a if b is None else f'{a}..{b[5:]}' for a, b in out) or '-'


def describe(scenario):
    calendar = scenario.get('calendar') or {}
    lines = ['  calendar ' + '; '.join(f'{k} {" ".join(v)}' for k, v in calendar.items() if v)
             + (f'; policy {json.dumps(scenario["policy"])}' if scenario.get('policy') else '')]
    for p in scenario['prescriptions']:
        extra = ''.join(f' {k} {p[k]}' for k in ('entered_on', 'stopped_from', 'together_with') if p.get(k))
        if p.get('replaces'):
            extra += f' replaces {p["replaces"]["prescription"]} from {p["replaces"]["from"]}'
        lines.append(f'  {p["id"]} signed {p["signed_on"]} start {p.get("start_on")} {p.get("stage")} '
                     f'{",".join(p.get("wording") or ())} collect {json.dumps(p["collect"])} '
                     f'supervised {json.dumps(p.get("supervised"))}{extra}')
        for item in p['items']:
            runs = ' '.join(f'{r["from"]}x{r["days"]}={r["dose"]}'
                            + (f'/{r["supervised_part"]}' if r.get('supervised_part') is not None else '')
                            for r in item['doses'])
            lines.append(f'      {item["product"]} total {item.get("total")}: {runs}')
    for event in scenario.get('events') or ():
        kind = event['type']
        if kind == 'dosed_elsewhere':
            lines.append(f'    {event.get("on") or event["from"]} elsewhere {event["class"]} '
                         f'{event["from"]}..{event.get("to")}')
        else:
            rest = ' '.join(f'{k} {short(v) if isinstance(v, list) else v}' for k, v in event.items()
                            if k not in ('type', 'prescription', 'on'))
            lines.append(f'    {event["on"]} {kind} {event["prescription"]} {rest}')
    lines.append('  ask ' + ' '.join(f'{k} {v}' for k, v in scenario['ask'].items()))
    return '\n'.join(lines)


def answer_text(answer):
    if 'error' in answer:
        return 'error ' + str(answer['error'])
    items = '; '.join(f'{i["product"]} {i["quantity"]} = {i["supervised"]} + {i["take_home"]}'
                      for i in answer.get('items', ()))
    return (f'{answer.get("verdict")} [{" ".join(answer.get("reasons", ()))}] missed {answer.get("missed_days")} '
            f'covers {short(answer.get("covers", ()))} {items}')


def differing(a, b):
    return [k for k in sorted(set(a) | set(b)) if a.get(k) != b.get(k)]


def run(command, text):
    with tempfile.TemporaryFile('w+') as source:
        source.write(text)
        source.seek(0)
        done = subprocess.run(shlex.split(command), stdin=source, stdout=subprocess.PIPE, check=False)
    lines = done.stdout.decode('utf-8', 'replace').splitlines()
    return lines, done.returncode


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--decide', help='the command; without it the unchanged model stands in for it')
    parser.add_argument('--seed', default='1')
    parser.add_argument('--count', type=int, default=10000)
    parser.add_argument('--file', help='scenarios from a file, in place of random ones')
    parser.add_argument('--expected', help='decisions that both must give (with --file)')
    parser.add_argument('--show', type=int, default=5, help='differences to print')
    parser.add_argument('--break', dest='broken', nargs='?', const='three-day', choices=sorted(BREAKS),
                        help='negative control: change the model on purpose')
    args = parser.parse_args()

    started = time.monotonic()
    if args.file:
        with open(args.file, encoding='utf-8') as source:
            scenarios = [json.loads(line) for line in source if line.strip()]
    else:
        scenarios = [generate.scenario(args.seed, i) for i in range(args.count)]
    text = ''.join(json.dumps(s, separators=(',', ':')) + '\n' for s in scenarios)
    made = time.monotonic()

    if args.decide:
        lines, status = run(args.decide, text)
    else:
        lines, status = [json.dumps(model.decide(s)) for s in scenarios], 0
    answered = time.monotonic()
    if args.broken:
        model.LIMITS.update(BREAKS[args.broken])
    ours = [model.decide(s) for s in scenarios]
    ended = time.monotonic()

    expected = None
    if args.expected:
        with open(args.expected, encoding='utf-8') as source:
            expected = [json.loads(line) for line in source if line.strip()]
        if len(expected) != len(scenarios):
            print(f'{len(scenarios)} scenarios, but {len(expected)} expected decisions')
            return 1

    passed = failed = 0
    kinds = {}
    if len(lines) != len(scenarios):
        print(f'{len(scenarios)} scenarios, but {len(lines)} answers (exit status {status})')
    for index, scenario in enumerate(scenarios):
        try:
            theirs = json.loads(lines[index]) if index < len(lines) else {'error': 'no answer'}
            if not isinstance(theirs, dict):
                theirs = {'error': 'not an object'}
        except ValueError:
            theirs = {'error': 'not JSON: ' + lines[index][:80]}
        wanted = [('model', ours[index])] + ([('expected', expected[index])] if expected else [])
        if all(theirs == answer for _, answer in wanted):
            passed += 1
            continue
        failed += 1
        answer = next(a for _, a in wanted if a != theirs)
        mine, other = set(answer.get('reasons', ())), set(theirs.get('reasons', ()))
        key = ' '.join(['-' + c for c in sorted(mine - other)] + ['+' + c for c in sorted(other - mine)]
                       ) or ' '.join(differing(theirs, answer))
        kinds[key] = kinds.get(key, 0) + 1
        if failed <= args.show:
            print(f'--- {index}: {scenario.get("name", "")}')
            print(describe(scenario))
            for label, answer in wanted:
                print(f'  {label:9s}{answer_text(answer)}')
            print(f'  {"command":9s}{answer_text(theirs)}')
    if failed:
        print('--- kinds of difference (- the model alone says, + the command alone says)')
        for key, count in sorted(kinds.items(), key=lambda pair: -pair[1])[:20]:
            print(f'  {count:6d}  {key}')
    print(f'made {made - started:.1f} s, command {answered - made:.1f} s, '
          f'model {ended - answered:.1f} s ({len(scenarios) / max(ended - answered, 1e-9):.0f} scenarios a second)')
    print(f'{passed} passed, {failed} failed')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
