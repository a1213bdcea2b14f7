#!/usr/bin/env python3
"""Random scenarios for `instalmentd decide`, for comparing two readings of the rules.

    python3 generate.py --seed N --count M > scenarios.jsonl

Each scenario depends on (seed, its number) alone, so that one case can be made again with --only.
The history is that of a patient who collects with some probability what the plan makes due;
a few events are made that a careful pharmacy would not record.
"""
import argparse
import json
import random
import sys
from datetime import date

sys.dont_write_bytecode = True
import model  # noqa: E402

OPIOIDS = ['methadone-1mg-ml', 'methadone-1mg-ml-sf', 'methadone-10mg-ml', 'buprenorphine-8mg-sl',
           'buprenorphine-2mg-sl', 'buprenorphine-8mg-oral-lyophilisate']
BENZODIAZEPINES = ['diazepam-2mg', 'diazepam-5mg', 'diazepam-10mg']
WEEK = ['mon', 'tue', 'wed', 'thu', 'fri', 'sat', 'sun']
CENTRES = [  # (weight, from, to): Christmas first, then clock changes, leap days, anything
    (10, '2026-11-16', '2027-01-04'), (2, '2026-10-12', '2026-10-26'), (2, '2027-03-15', '2027-03-29'),
    (2, '2028-02-14', '2028-03-01'), (3, '2026-01-01', '2028-06-30'),
]
CHRISTMAS = ['2026-12-25', '2026-12-28', '2027-01-01', '2027-03-26', '2027-03-29', '2027-12-27', '2027-12-28']

name = model.NAME.__getitem__


def ordinal(text):
    return date.fromisoformat(text).toordinal()


SPANS = [(ordinal(a), ordinal(b)) for _, a, b in CENTRES]
SPAN_WEIGHTS = [w for w, _, _ in CENTRES]


def make_calendar(rng, begin):
    window = range(begin - 5, begin + 45)
    weekly = rng.choice([[], ['sun'], ['sun'], ['sun'], ['sat', 'sun'], ['sat', 'sun'], ['wed', 'sun']])
    holidays = {name(rng.choice(window)) for _ in range(rng.choice([0, 0, 1, 1, 2, 3]))}
    if rng.random() < 0.7:
        holidays |= {d for d in CHRISTMAS if begin - 10 <= ordinal(d) <= begin + 50}
    closures = set()
    for _ in range(rng.choice([0, 0, 1, 1, 2, 3])):
        day = rng.choice(window)
        closures |= {name(day + i) for i in range(rng.choice([1, 1, 1, 2, 3]))}
    unplanned = {name(rng.choice(window)) for _ in range(rng.choice([0, 0, 0, 0, 1, 1, 2]))}
    pool = sorted(holidays | closures) or [name(begin)]
    opened = {rng.choice(pool + [name(rng.choice(window))]) for _ in range(rng.choice([0, 0, 0, 0, 0, 1, 2]))}
    calendar = {'weekly_closed': weekly, 'bank_holidays': sorted(holidays), 'closures': sorted(closures),
                'unplanned': sorted(unplanned), 'opened': sorted(opened)}
    if rng.random() < 0.05:
        calendar = {k: v for k, v in calendar.items() if v}
    return calendar


def number(thousandths):
    return model.quantity_text(max(0, thousandths))


def make_doses(rng, first, days, product, stage):
    liquid = product.startswith('methadone')
    if liquid:
        dose = rng.choice([30, 45, 54, 60, 62.5, 80, 100]) if '10mg' not in product else rng.choice([3, 6, 8.5])
    else:
        dose = rng.choice([1, 1, 2, 2, 3])
    dose = int(dose * 1000)
    step = rng.choice([2000, 5000, 5000, 10000]) if liquid else 1000
    if liquid and '10mg' in product:
        step = 500
    least = step if liquid else 1000
    part = None
    if rng.random() < 0.08:
        part = rng.choice([dose // 2, dose // 2, dose // 3, 0, dose, dose * 2])
    pattern = rng.random()
    runs, day, end = [], first, first + days

    def add(day, count, dose):
        run = {'from': name(day), 'days': count, 'dose': number(dose)}
        if part is not None and rng.random() < 0.8:
            run['supervised_part'] = number(part)
        runs.append(run)

    if pattern < 0.45:
        add(first, days, dose)
    elif pattern < 0.80:                        # titration, taper, or both
        while day < end:
            count = min(rng.choice([1, 1, 2, 3, 4, 5]), end - day)
            add(day, count, dose)
            day += count
            up = rng.random() < (0.8 if stage == 'titration' else 0.25)
            dose = dose + step * rng.choice([1, 1, 2]) if up else max(least, dose - step)
    elif pattern < 0.95:                        # every other or third day, written or left out
        written, every = rng.random() < 0.5, rng.choice([2, 2, 2, 3])
        while day < end:
            add(day, 1, dose)
            rest = min(every - 1, end - day - 1)
            if written and rest:
                add(day + 1, rest, 0)
            day += every
    else:                                       # a pause, or a start or an end of no dose
        cut = rng.randrange(0, days)
        rest = min(rng.choice([1, 2, 4, 17]), days - (cut or 1))    # never a plan without any dose
        if cut:
            add(first, cut, dose)
        if rest and (not cut or rng.random() < 0.5):
            add(first + cut, rest, 0)
        if cut + rest < days:
            add(first + cut + rest, days - cut - rest, dose)
    return runs


def make_prescription(rng, ident, kind, first, days=None, product=None):
    stage = rng.choice(['stable', 'stable', 'titration', 'reduction'])
    days = days or rng.choice([3, 3, 7, 7, 14, 14, 14, 28])
    product = product or rng.choice(OPIOIDS if kind == 'opioid' else BENZODIAZEPINES)
    before = rng.choice([0, 0, 1, 2, 3, 3, 5, 6])
    if rng.random() < 0.04:
        before = rng.choice([26, 27, 28, 29, 30])
    start = rng.choice([None, first, first, first, first - rng.randrange(0, before + 1)])
    signed = first - before
    out = {'id': ident, 'form': 'GP10' if days > 14 or rng.random() < 0.1 else 'FP10MDA',
           'signed_on': name(signed), 'start_on': None if start is None else name(start),
           'stage': stage}
    if rng.random() < 0.03:                     # a plan that begins before the appropriate date
        out['start_on'] = name(first + rng.choice([1, 2]))
    if rng.random() < 0.06:
        out['entered_on'] = name(first + rng.choice([-1, 1, 2, 3, 4, 6]))
    elif rng.random() < 0.5:
        out['entered_on'] = None
    wording = [w for w, p in (('W2', .55), ('W3', .55), ('W4', .5), ('W5', .6)) if rng.random() < p]
    closed = rng.random()
    if closed < 0.66:
        wording.append('W1')
    if 0.60 < closed < 0.75:
        wording.append('W1old')
    out['wording'] = sorted(wording)
    products = [product]
    if product == 'buprenorphine-8mg-sl' and rng.random() < 0.3:
        products.append('buprenorphine-2mg-sl')
    elif kind == 'benzodiazepine' and rng.random() < 0.15:
        products.append(rng.choice([p for p in BENZODIAZEPINES if p != product]))
    elif kind == 'opioid' and rng.random() < 0.03:
        products.append('buprenorphine-2mg-sl' if product != 'buprenorphine-2mg-sl' else 'methadone-1mg-ml')
    out['items'] = []
    for i, code in enumerate(products):
        length = days if i == 0 or rng.random() < 0.6 else rng.randrange(1, days + 1)
        doses = make_doses(rng, first, length, code, stage)
        item = {'product': code, 'doses': doses}
        total = sum(model.QUANTITY[r['dose']] * r['days'] for r in doses)
        if rng.random() < 0.08:                 # a total below (or above) the plan
            total += rng.choice([-3, -2, -1, -1, 1]) * model.QUANTITY[doses[0]['dose']]
        if rng.random() < 0.9:
            item['total'] = number(total)
        out['items'].append(item)
    shape = rng.random()
    if shape < 0.40:
        out['collect'] = {'weekdays': WEEK[:6]}
    elif shape < 0.55:
        out['collect'] = {'weekdays': WEEK[:]}
    elif shape < 0.72:
        out['collect'] = {'weekdays': rng.choice([['mon', 'wed', 'fri'], ['mon', 'thu'], ['tue', 'fri'], ['mon'],
                                                  ['sat'], ['sun', 'wed'], ['mon', 'sat']])}
    elif shape < 0.87:
        out['collect'] = {'every_days': rng.choice([1, 2, 2, 3, 4, 5, 6, 7, 14])}
    else:
        picks = {rng.randrange(first - 1, first + days + 2) for _ in range(rng.choice([1, 2, 3, 4]))}
        picks = list(picks)
        if rng.random() < 0.8:
            picks.sort()
        out['collect'] = {'dates': [name(d) for d in picks]}
    out['supervised'] = rng.choice(['collection_days'] * 6 + ['none'] * 2 + [
        {'weekdays': ['mon', 'wed', 'fri']}, {'weekdays': [rng.choice(WEEK)]}])
    out['stopped_from'] = name(first + rng.randrange(-1, days + 1)) if rng.random() < 0.08 else None
    return out


def make_prescriptions(rng, begin):
    """A (B, C) after one another in one class, T together with one of them, Z of the other class."""
    kind = rng.choice(['opioid', 'opioid', 'benzodiazepine'])
    other = 'benzodiazepine' if kind == 'opioid' else 'opioid'
    out = [make_prescription(rng, 'A', kind, begin)]
    last = model.Prescription(out[0]).last
    count = rng.choice([1, 1, 1, 2, 2, 3])
    for ident in 'BC'[:count - 1]:
        gap = rng.choice([1, 1, 1, 1, 2, 3, 4, 5, 8, 15, 16, 17, 0, -1, -3, -6])
        first = max(begin + 1, last + gap)
        new = make_prescription(rng, ident, kind, first)
        if gap <= 0 or rng.random() < 0.25:
            day = first + rng.choice([0, 0, 0, 0, -1, -2, -3, 1])
            if rng.random() < 0.85:
                new['replaces'] = {'prescription': out[-1]['id'], 'from': name(day)}
        out.append(new)
        last = model.Prescription(new).last
    if rng.random() < 0.12:
        mate = rng.choice(out)
        parsed = model.Prescription(mate)
        twin = make_prescription(rng, 'T', kind, parsed.first + rng.choice([0, 0, 0, 1]),
                                 days=rng.choice([3, 7, 14]))
        twin['together_with'] = mate['id']
        out.append(twin)
    if len(out) > 1:                            # two drugs on one form: only where it stands alone
        for new in out:
            drugs = [model.MEDICINES[item['product']][1] for item in new['items']]
            new['items'] = [item for item, drug in zip(new['items'], drugs) if drug == drugs[0]]
    if rng.random() < 0.35 and len(out) < 4:
        out.append(make_prescription(rng, 'Z', other, begin + rng.choice([0, 0, 0, 1, 2, -3])))
    return out


def simulate(rng, scenario, until):
    """The days up to `until`, of a patient who collects with some probability."""
    decision = model.Decision({**scenario, 'ask': {'prescription': 'A', 'on': name(until)}})
    events, plans = [], []
    for item in decision.prescriptions.values():
        decision.asked = item
        collection = item.collection_days()
        instalments = item.instalments(collection)
        for instalment in instalments:
            decision.place(instalment, collection)
        plans.append((item, instalments))
    comes = rng.choice([0.2, 0.5, 0.75, 0.85, 0.95, 1.0])
    begin = min(item.first for item, _ in plans) - 6
    elsewhere = set()
    silent = range(0)
    if rng.random() < 0.25:                     # a stretch of missed days
        start = rng.randrange(begin + 6, max(begin + 7, until + 1))
        silent = range(start, start + rng.choice([1, 2, 3, 4, 6, 8]))
    odd = rng.choice([0, 0, 0.01, 0.03])
    for day in range(begin, until + 1):
        here = day not in silent and rng.random() < comes and decision.calendar.open(day)
        for item, instalments in plans:
            if day < item.signed or day >= item.stop:
                continue
            covers = set()
            for instalment in instalments:
                due = instalment.due if instalment.due is not None else instalment.collect
                if instalment.supplied:
                    continue
                if instalment.due == day and day >= item.entered or (instalment.usual == day and rng.random() < 0.3):
                    covers.update(instalment.days)
                elif due < day <= instalment.days[-1] and 'W2' in item.wording:
                    covers.update(d for d in instalment.days if d >= day)
            covers -= {d for d in covers if d in elsewhere}
            roll = rng.random()
            if covers and (roll < 0.04 or (not here and roll < 0.06)):
                events.append({'type': 'withheld', 'prescription': item.id, 'on': name(day)})
                if rng.random() < 0.7:
                    continue
            if covers and here and rng.random() < 0.97:
                if rng.random() < odd:
                    covers = {d for d in covers if rng.random() < 0.6} or covers
                for instalment in instalments:
                    if any(d in covers for d in instalment.days):
                        instalment.supplied = True
                events.append({'type': 'supplied', 'prescription': item.id, 'on': name(day),
                               'covers': [name(d) for d in sorted(covers)]})
            if rng.random() < odd * 0.3 and day >= item.first:      # what should not have been
                events.append({'type': 'supplied', 'prescription': item.id, 'on': name(day),
                               'covers': [name(day + i) for i in range(rng.choice([1, 1, 2]))]})
            if rng.random() < odd:
                events.append({'type': 'withheld', 'prescription': item.id, 'on': name(day)})
            if rng.random() < odd:
                events.append(consultation(rng, item.id, day))
        if rng.random() < 0.012:
            events.append(dosed_elsewhere(rng, plans, day, elsewhere))
    if rng.random() < 0.05:
        rng.shuffle(events)
        events.sort(key=lambda e: e.get('on') or e.get('from'))
    return events


def consultation(rng, ident, day, outcome=None):
    outcome = outcome or rng.choice(['continue'] * 8 + ['new_prescription', 'stop', 'allow_representative',
                                                       'allow_once', 'allow_once', 'allow_once'])
    event = {'type': 'consultation', 'prescription': ident, 'on': name(day), 'outcome': outcome}
    if outcome == 'continue' and rng.random() < 0.4:
        event['resume_on'] = name(day + rng.choice([0, 1, 2, 3, 5]))
    if outcome in ('allow_once', 'allow_representative'):
        event['for_day'] = name(day + rng.choice([0, 0, 0, 1, 2]))
    if outcome == 'allow_once':
        begin = model.DAY[event['for_day']] + rng.choice([0, 0, 0, 0, 1, -1, -2])
        event['covers'] = [name(begin + i) for i in range(rng.choice([1, 1, 2, 3, 4]))]
    return event


def dosed_elsewhere(rng, plans, day, elsewhere):
    kind = rng.choice([item.kind for item, _ in plans])
    begin = day + rng.choice([0, 0, -1, -2, -4, 1])
    end = begin + rng.choice([0, 0, 1, 2, 3, 4, 6])
    event = {'type': 'dosed_elsewhere', 'class': kind, 'from': name(begin), 'to': name(end)}
    if rng.random() < 0.85:
        event['on'] = name(day + rng.choice([0, 0, 0, 1, 3]))
    if rng.random() < 0.7:
        elsewhere.update(range(begin, end + 1))
    return event


def days_of_interest(rng, scenario, asked):
    """Days on which an instalment is due, may be had in advance, or is just late."""
    decision = model.Decision({**scenario, 'ask': {'prescription': asked['id'], 'on': '2026-01-01'}})
    item = decision.asked
    collection = item.collection_days()
    due, usual, late = [], [], []
    for instalment in item.instalments(collection):
        decision.place(instalment, collection)
        due.append(instalment.due if instalment.due is not None else instalment.days[-1])
        if instalment.usual is not None:
            usual.append(instalment.usual)
        late.extend(d for d in instalment.days if d > due[-1])
        if instalment.moved:
            late.append(instalment.collect)
    roll = rng.random()
    return (usual if roll < 0.25 else late if roll < 0.45 else due) or due or [item.first]


def scenario(seed, index):
    rng = random.Random(f'{seed}/{index}')
    low, high = rng.choices(SPANS, SPAN_WEIGHTS)[0]
    begin = rng.randrange(low, high)
    out = {'name': f'seed {seed} case {index}', 'calendar': make_calendar(rng, begin), 'policy': {}}
    if rng.random() < 0.12:
        out['policy'] = {'hold_after_missed_days': rng.choice([1, 2, 2, 4, 5])}
    elif rng.random() < 0.05:
        del out['policy']
    out['prescriptions'] = make_prescriptions(rng, begin)
    asked = rng.choice(out['prescriptions'])
    parsed = model.Prescription(asked)
    roll = rng.random()
    if roll < 0.50:
        day = rng.choice(days_of_interest(rng, out, asked))
    elif roll < 0.72:
        day = rng.randrange(parsed.first, parsed.last + 1)
    elif roll < 0.80:
        day = parsed.first
    elif roll < 0.88:
        day = parsed.first - rng.choice([1, 1, 2, 3, 5])
    elif roll < 0.96:
        day = parsed.last + rng.choice([1, 1, 2, 3, 6, 12, 20])
    else:
        day = parsed.signed + rng.choice([-1, 0, 1, 27, 28, 29])
    out['events'] = simulate(rng, out, day + rng.choice([-1] * 10 + [0, 4]))
    # something on the day itself, or just before it
    if rng.random() < 0.25:
        out['events'].append(consultation(rng, rng.choice([asked['id']] * 4 + [out['prescriptions'][0]['id']]),
                                          day - rng.choice([0, 0, 0, 1, 1, 2, 3])))
        if out['events'][-1]['outcome'] == 'allow_once' and rng.random() < 0.1:     # asked twice, for the same day
            again = consultation(rng, out['events'][-1]['prescription'], day, 'allow_once')
            out['events'].append({**again, 'for_day': out['events'][-1]['for_day']})
    if rng.random() < 0.04:
        out['events'].append({'type': 'withheld', 'prescription': rng.choice(out['prescriptions'])['id'],
                              'on': name(day)})
    if rng.random() < 0.06:
        length = rng.choice([1, 1, 2, 3, 5])
        away = {'type': 'dosed_elsewhere', 'class': parsed.kind, 'from': name(day - length),
                'to': name(day - 1 + rng.choice([0, 0, 0, 1, 2])), 'on': name(day - rng.choice([0, 0, 1]))}
        out['events'].append(away)
    out['ask'] = {'prescription': asked['id'], 'on': name(day),
                  'collector': rng.choice(['patient'] * 8 + ['representative', 'professional'])}
    if rng.random() < 0.35:
        out['ask']['advance'] = rng.random() < 0.9
    return out


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument('--seed', default='1')
    parser.add_argument('--count', type=int, default=1000)
    parser.add_argument('--only', type=int, help='this one case of the seed')
    args = parser.parse_args()
    for index in ([args.only] if args.only is not None else range(args.count)):
        sys.stdout.write(json.dumps(scenario(args.seed, index), separators=(',', ':')) + '\n')


if __name__ == '__main__':
    main()
