#!/usr/bin/env python3
"""An independent model of the dispensing decision (rules.md, sections 1, 3 and 4).

    python3 model.py < scenarios.jsonl > decisions.jsonl

One decision a line, for each scenario a line. It shares no code with the daemon: it is written
from the specification, as a second reading of it, and is compared with the core (compare.py).
Where the text leaves room, AMBIGUITIES.md tells which reading was taken and why.

Days are ordinals (date.toordinal), quantities are integers of thousandths of the product's unit.
"""
import json
import sys
from datetime import date

# --- Medicines: code -> (class, drug, micrograms in one unit) ------------------------------------

MEDICINES = {
    'methadone-1mg-ml':      ('opioid', 'methadone', 1000),
    'methadone-1mg-ml-sf':   ('opioid', 'methadone', 1000),
    'methadone-10mg-ml':     ('opioid', 'methadone', 10000),
    'methadone-10mg-ml-sf':  ('opioid', 'methadone', 10000),
    'buprenorphine-0.4mg-sl': ('opioid', 'buprenorphine', 400),
    'buprenorphine-2mg-sl':  ('opioid', 'buprenorphine', 2000),
    'buprenorphine-8mg-sl':  ('opioid', 'buprenorphine', 8000),
    # on the tongue, not under it: another medicine (docs/rules.md, D17)
    'buprenorphine-8mg-oral-lyophilisate': ('opioid', 'buprenorphine on the tongue', 8000),
    'diazepam-2mg':          ('benzodiazepine', 'diazepam', 2000),
    'diazepam-5mg':          ('benzodiazepine', 'diazepam', 5000),
    'diazepam-10mg':         ('benzodiazepine', 'diazepam', 10000),
}

# The numbers of the rules. `--break` of compare.py changes one of them on purpose.
LIMITS = {
    'hold_after': 3,            # D11: policy hold_after_missed_days, default
    'hold_w3': 3,               # D11: with W3
    'benzodiazepine_check': 3,  # D11, D16
    'benzodiazepine_hold': 7,   # D11: without W3
    'first_within': 28,         # D3
    'new_episode_gap': 14,      # M2
    'restart_days': 3,          # D26
    'elsewhere_hold': 3,        # D23
}

WEEKDAYS = {'mon': 0, 'tue': 1, 'wed': 2, 'thu': 3, 'fri': 4, 'sat': 5, 'sun': 6}
NEVER = 10 ** 9                 # later than any day

# Severities of the codes whose severity does not depend on the case.
REFUSE, HOLD, CHECK, NOTE = 3, 2, 1, 0
VERDICTS = {REFUSE: 'refuse', HOLD: 'hold', CHECK: 'check', NOTE: 'supply'}


# --- Days and quantities -------------------------------------------------------------------------

class _Days(dict):
    def __missing__(self, text):
        value = self[text] = date.fromisoformat(text).toordinal()
        return value


class _Names(dict):
    def __missing__(self, ordinal):
        value = self[ordinal] = date.fromordinal(ordinal).isoformat()
        return value


class _Quantities(dict):
    def __missing__(self, text):
        whole, _, part = str(text).partition('.')
        value = self[text] = int(whole or '0') * 1000 + int((part + '000')[:3])
        return value


DAY = _Days()                   # "2026-11-23" -> ordinal
NAME = _Names()                 # ordinal -> "2026-11-23"
QUANTITY = _Quantities()        # "62.5" -> 62500


def weekday(day):
    return (day + 6) % 7        # ordinal 1 was a Monday


def quantity_text(thousandths):
    whole, rest = divmod(thousandths, 1000)
    return f'{whole}.{rest:03d}'.rstrip('0') if rest else str(whole)


# --- The calendar (section 1, "open day") --------------------------------------------------------

class Calendar:
    def __init__(self, data):
        data = data or {}
        self.weekly = {WEEKDAYS[d] for d in data.get('weekly_closed') or ()}
        self.dated = {DAY[d] for d in data.get('bank_holidays') or ()}
        self.dated.update(DAY[d] for d in data.get('closures') or ())
        self.unplanned = {DAY[d] for d in data.get('unplanned') or ()}
        self.opened = {DAY[d] for d in data.get('opened') or ()}

    def planned_closed(self, day):
        """Closed, and known to be closed in advance."""
        if day in self.opened:              # a day on which the pharmacy is in fact open is open
            return False
        return day in self.dated or (day + 6) % 7 in self.weekly

    def weekly_closed(self, day):
        return (day + 6) % 7 in self.weekly and day not in self.opened

    def open(self, day):
        return not self.planned_closed(day) and (day not in self.unplanned or day in self.opened)


# --- Prescriptions and instalments ---------------------------------------------------------------

class Instalment:
    __slots__ = ('collect', 'days', 'due', 'usual', 'moved', 'supplied')

    def __init__(self, collect, days):
        self.collect = collect      # C
        self.days = days            # the days with a dose from C up to the next collection day
        self.due = collect          # E where moved, None where due on no day
        self.usual = None           # U (D4)
        self.moved = False
        self.supplied = False


class Prescription:
    def __init__(self, data):
        self.id = data['id']
        self.signed = DAY[data['signed_on']]
        start = data.get('start_on')
        self.appropriate = max(self.signed, DAY[start]) if start else self.signed   # P1
        entered = data.get('entered_on')
        self.entered = DAY[entered] if entered else 0
        self.titration = data.get('stage') == 'titration'
        self.wording = set(data.get('wording') or ())
        self.products = []          # (product, {day: dose}, {day: supervised part}, total)
        self.dosed_plan = set()     # days with a dose
        for item in data['items']:
            doses, parts = {}, {}
            for run in item['doses']:
                start_day, count = DAY[run['from']], run['days']
                dose = QUANTITY[run['dose']] if run.get('dose') is not None else 0
                if not dose:        # a dose of 0 is no dose
                    continue
                part = run.get('supervised_part')
                for day in range(start_day, start_day + count):
                    doses[day] = dose
                    if part is not None:
                        parts[day] = min(QUANTITY[part], dose)
            total = item.get('total')
            self.products.append((item['product'], doses, parts,
                                  None if total is None else QUANTITY[total]))
            self.dosed_plan.update(doses)
        self.first = min(self.dosed_plan, default=NEVER)    # doses of 0 at either end are no part of the plan
        self.last = max(self.dosed_plan, default=0)
        self.kind = MEDICINES[data['items'][0]['product']][0]
        stop = data.get('stopped_from')
        self.stop = DAY[stop] if stop else NEVER
        self.replaces = data.get('replaces')
        self.together = data.get('together_with')
        self.collect = data.get('collect') or {}
        self.supervised = data.get('supervised')
        self.own_days = set()       # days of this prescription that were supplied (no later than T)

    # P2, D1: a day counts as a day of the plan from entry on and before the stop.
    def covers_day(self, day):
        return self.first <= day <= self.last and self.entered <= day < self.stop

    def collection_days(self):
        first, last = self.first, self.last
        if 'weekdays' in self.collect:
            wanted = {WEEKDAYS[d] for d in self.collect['weekdays']}
            days = [d for d in range(first + 1, last + 1) if (d + 6) % 7 in wanted]
        elif 'every_days' in self.collect:
            step = self.collect['every_days']
            days = list(range(first + step, last + 1, step))
        else:
            days = sorted({DAY[d] for d in self.collect.get('dates') or ()})
            days = [d for d in days if first < d <= last]
        return [first] + days       # the plan's first day is always a collection day

    def supervised_day(self, day, collection):
        """Is a dose swallowed here on this day supervised, by the plan?"""
        if self.supervised == 'collection_days':
            return day in collection
        if isinstance(self.supervised, dict):
            return any(WEEKDAYS[d] == (day + 6) % 7 for d in self.supervised['weekdays'])
        return False

    def instalments(self, collection):
        out = []
        planned = sorted(d for d in self.dosed_plan if d < self.stop)   # D1: leaves out its days from the stop on
        at, count = 0, len(planned)
        for i, start in enumerate(collection):
            end = collection[i + 1] if i + 1 < len(collection) else NEVER
            days = []
            while at < count and planned[at] < end:
                days.append(planned[at])
                at += 1
            if days:                # without any, there is no instalment
                out.append(Instalment(start, days))
        return out

    def micrograms(self, day):
        """The dose of a day, {drug: mass} (thousandths of micrograms)."""
        out = {}
        for product, doses, _, _ in self.products:
            dose = doses.get(day)
            if dose:
                _, drug, strength = MEDICINES[product]
                out[drug] = out.get(drug, 0) + dose * strength
        return out


# --- One decision --------------------------------------------------------------------------------

class Decision:
    def __init__(self, scenario):
        self.calendar = Calendar(scenario.get('calendar'))
        policy = scenario.get('policy') or {}
        hold_after = policy.get('hold_after_missed_days')
        self.hold_after = LIMITS['hold_after'] if hold_after is None else hold_after
        ask = scenario['ask']
        self.today = DAY[ask['on']]
        self.collector = ask.get('collector') or 'patient'
        self.advance = bool(ask.get('advance'))
        self.prescriptions = {}
        for data in scenario['prescriptions']:
            item = Prescription(data)
            self.prescriptions[item.id] = item
        self.asked = self.prescriptions[ask['prescription']]
        self.reasons = {}
        self.read_events(scenario.get('events') or ())
        self.read_stops()

    def say(self, code, severity):
        if severity > self.reasons.get(code, -1):
            self.reasons[code] = severity

    # -- what has happened up to T ----------------------------------------------------------------

    def read_events(self, events):
        today = self.today
        self.consultations = []
        self.withheld_today = False
        self.elsewhere = {'opioid': set(), 'benzodiazepine': set()}
        for event in events:
            kind = event['type']
            if kind == 'dosed_elsewhere':
                begin, end = DAY[event['from']], DAY[event.get('to') or event['from']]
                recorded = event.get('on')
                if (DAY[recorded] if recorded else begin) <= today:     # M8: from when it is recorded
                    self.elsewhere[event['class']].update(range(begin, end + 1))
                continue
            on = DAY[event['on']]
            if on > today:          # events later than the day asked about are not looked at
                continue
            if kind == 'supplied':
                self.prescriptions[event['prescription']].own_days.update(
                    DAY[d] for d in event.get('covers') or ())
            elif kind in ('withheld', 'deferred'):
                if on == today:
                    self.withheld_today = True
            elif kind == 'consultation':
                self.consultations.append((on, event))

    def read_stops(self):
        for item in self.prescriptions.values():            # D1: `replaces` of another
            if item.replaces:
                old = self.prescriptions.get(item.replaces['prescription'])
                if old is not None:
                    old.stop = min(old.stop, DAY[item.replaces['from']])
        for on, event in self.consultations:                # D1: consultation `stop`
            if event['outcome'] == 'stop':
                item = self.prescriptions[event['prescription']]
                item.stop = min(item.stop, on)

    def of_class(self, kind):
        return [p for p in self.prescriptions.values() if p.kind == kind]

    def given_together(self, a, b):
        return a is not b and (a.together == b.id or b.together == a.id
                               or (a.together is not None and a.together == b.together))

    # -- M2: the missed-day run -------------------------------------------------------------------

    def walk(self, kind):
        """(missed days, newest first; days of no plan met; ended at a gap)."""
        group = self.of_class(kind)
        dosed = set(self.elsewhere[kind])
        for item in group:
            dosed |= item.own_days
        earliest = min(item.first for item in group)
        today = self.today
        missed, met, gap = [], 0, 0
        day = today - 1
        while day >= earliest:
            if day in dosed:                                # the walk ends at a dosed day
                break
            planned = due = False
            for item in group:
                if item.first <= day <= item.last and item.entered <= day < item.stop:
                    planned = True
                    if day in item.dosed_plan:
                        due = True
                        break
            if planned:
                gap = 0
                if due:
                    missed.append(day)                      # M3: days count, not visits
            else:
                # A day of no plan is met only where a later prescription has begun by T, or where
                # the plan's form has come since; others are passed over, also for the 14 days.
                for item in group:
                    if day < item.first <= today or item.first <= day < item.entered <= today:
                        met += 1
                        gap += 1
                        break
                if gap > LIMITS['new_episode_gap']:         # a new episode
                    return missed, met, True
            day -= 1
        return missed, met, False

    # -- D4: where an instalment is due -----------------------------------------------------------

    def place(self, instalment, collection):
        calendar, item = self.calendar, self.asked
        closed = instalment.collect
        if not calendar.planned_closed(closed):
            return
        instalment.due = None
        if 'W1' not in item.wording and 'W1old' not in item.wording:
            return                                          # due on no day at all
        earlier = closed - 1
        while calendar.planned_closed(earlier):
            earlier -= 1
            if earlier < item.signed:
                return
        if earlier < item.signed:                           # due on no day
            return
        instalment.due, instalment.moved = earlier, True
        if 'W1' in item.wording:
            for usual in reversed(collection):
                if usual < closed and calendar.open(usual):
                    if usual < earlier:
                        instalment.usual = usual
                    break

    # -- the decision -----------------------------------------------------------------------------

    def decide(self):
        asked, today = self.asked, self.today
        missed, met, gap_ended = self.walk(asked.kind)
        self.missed = missed
        active = today < asked.stop

        covers, supervised_today = self.what_is_due(active)
        self.judge_run(missed, met, gap_ended)
        self.judge_start(covers)
        covers = self.leave_out_dosed(covers)
        self.judge_covers(covers, supervised_today)
        self.judge_patient()
        self.apply_consultations()

        strictest = max(self.reasons.values(), default=NOTE)
        refused = strictest == REFUSE
        return {
            'covers': [] if refused else [NAME[d] for d in covers],
            'items': [] if refused else self.quantities(covers, supervised_today),
            'missed_days': len(missed),
            'reasons': sorted(self.reasons),
            'verdict': VERDICTS[strictest],
        }

    def what_is_due(self, active):
        asked, today = self.asked, self.today
        self.early = False          # D2: may be supplied before the start date
        if not active:
            self.say('not_active', REFUSE)                  # D1
            return [], False
        collection = asked.collection_days()
        collection_set = set(collection)
        instalments = asked.instalments(collection)
        covers = set()
        due = late = supplied = forfeited = False
        moved = []                  # of each instalment supplied now: was it moved here?
        supervised_today = asked.supervised_day(today, collection_set)
        for instalment in instalments:
            self.place(instalment, collection)
            instalment.supplied = any(d in asked.own_days for d in instalment.days)
            usable = [d for d in instalment.days if d >= today]
            due_day = instalment.due if instalment.due is not None else instalment.collect
            if instalment.due == today:
                if instalment.supplied:
                    supplied = True                         # D6
                    continue
                due = True
                covers.update(instalment.days)
                moved.append(instalment.moved)
                if instalment.moved:
                    self.say('closed_day_advance', NOTE)    # D4
                    if self.calendar.weekly_closed(instalment.collect):
                        self.say('weekly_closed_advance', NOTE)
            elif today > due_day and today <= instalment.days[-1]:
                if instalment.supplied:
                    supplied = True                         # D6
                elif 'W2' in asked.wording:                 # D7
                    late = True
                    moved.append(instalment.moved and today < instalment.collect)   # still in advance of C
                    covers.update(usable)
                    self.say('missed_remainder', NOTE)
                    if today in instalment.days and asked.supervised_day(instalment.collect, collection_set):
                        supervised_today = True
                else:
                    forfeited = True                        # D8
            elif instalment.usual == today and not instalment.supplied:     # D4: U
                if self.advance:
                    due = True
                    moved.append(True)
                    covers.update(instalment.days)
                    self.say('advance_on_usual_day', CHECK)
                else:
                    self.say('advance_available', NOTE)

        # D24: days that a consultation allows for T
        excepted, any_exception = set(), False
        taken = self.taken() | asked.own_days
        for _, event in self.consultations:
            if (event['prescription'] == asked.id and event['outcome'] == 'allow_once'
                    and event.get('for_day') and DAY[event['for_day']] == today):
                any_exception |= bool(event.get('covers'))
                for text in event.get('covers') or ():
                    day = DAY[text]
                    # days gone by are never supplied, whatever a consultation names
                    if day in asked.dosed_plan and today <= day < asked.stop and day not in taken:
                        excepted.add(day)
        if excepted:
            self.say('exception_agreed', CHECK)
            moved.append(excepted <= covers)    # D2: no other days than those of moved instalments
            covers |= excepted
            if today in excepted:
                for instalment in instalments:              # as D7: T or C is a supervised day
                    if today in instalment.days and asked.supervised_day(instalment.collect, collection_set):
                        supervised_today = True

        self.early = bool(moved) and all(moved)
        if any_exception:
            if not covers:
                self.say('not_due', REFUSE)
        elif forfeited:
            self.say('forfeited', NOTE if due or late else REFUSE)          # D8
        elif not due and not late:
            self.say('already_supplied' if supplied else 'not_due', REFUSE)     # D6, D5
        return sorted(covers), supervised_today

    def judge_start(self, covers):
        asked, today = self.asked, self.today
        if today < asked.signed or (today < asked.appropriate and not self.early):
            self.say('before_start', REFUSE)                                    # D2
        if not asked.own_days and today > asked.appropriate + LIMITS['first_within']:
            self.say('first_instalment_expired', REFUSE)                        # D3

    def taken(self):
        """Days dosed in this class by another prescription (not one given together), or elsewhere."""
        asked = self.asked
        days = set(self.elsewhere[asked.kind])
        for item in self.of_class(asked.kind):
            if item is not asked and not self.given_together(asked, item):
                days |= item.own_days
        return days

    def leave_out_dosed(self, covers):
        """D10: days dosed in this class by another prescription, or elsewhere."""
        if not covers:
            return covers
        taken = self.taken()
        left = [d for d in covers if d not in taken]
        if not left:
            self.say('duplicate_day', REFUSE)
        elif len(left) < len(covers):
            self.say('day_left_out', CHECK)
        return left

    def judge_run(self, missed, met, gap_ended):
        asked = self.asked
        run = len(missed)
        since = sum(1 for d in missed if d >= asked.signed)
        if asked.kind == 'opioid':                                              # D11
            figure = self.hold_after
            if 'W3' in asked.wording:
                figure = min(figure, LIMITS['hold_w3'])
            below = figure
        else:
            figure = LIMITS['hold_w3'] if 'W3' in asked.wording else LIMITS['benzodiazepine_hold']
            below = LIMITS['benzodiazepine_check']
        if since >= figure:
            self.say('three_day_rule', HOLD)
        else:
            if run >= figure:
                self.say('missed_before_signature', CHECK)
            if asked.kind == 'benzodiazepine' and run >= LIMITS['benzodiazepine_check']:
                if since >= LIMITS['benzodiazepine_check']:
                    self.say('missed_run_benzodiazepine', CHECK)
                else:
                    self.say('missed_before_signature', CHECK)
        if 1 <= run < below:                                                    # D16
            self.say('missed_recent', CHECK if asked.titration else NOTE)
        if gap_ended or (met and met + run >= LIMITS['restart_days']):          # D26
            self.say('restart_after_gap', CHECK)

    def last_supplied(self, prescriptions):
        """The newest day before T that was supplied here of these: (day, {drug: mass}) or None."""
        newest, by = None, []
        for item in prescriptions:
            for day in item.own_days:
                if day < self.today:
                    if newest is None or day > newest:
                        newest, by = day, [item]
                    elif day == newest:
                        by.append(item)
        if newest is None:
            return None
        mass = {}
        for item in by:
            masses = item.micrograms(newest)
            if not masses:          # supplied outside its plan: what was supplied is not known
                mass['?'] = 0
            for drug, value in masses.items():
                mass[drug] = mass.get(drug, 0) + value
        return newest, mass

    def judge_covers(self, covers, supervised_today):
        if not covers:
            return
        asked, today = self.asked, self.today
        for _, doses, _, total in asked.products:                               # D9
            if total is not None:
                so_far = sum(doses.get(d, 0) for d in asked.own_days)
                if so_far + sum(doses.get(d, 0) for d in covers) > total:
                    self.say('exceeds_total', REFUSE)
        if self.collector != 'patient':                                         # D13
            if supervised_today and today in covers and not self.representative_allowed():
                self.say('representative_supervised', REFUSE)
            else:
                self.say('representative', CHECK)
        last = self.last_supplied(self.of_class(asked.kind))                                             # D17
        now = asked.micrograms(covers[0])
        mates = [item for item in self.prescriptions.values() if self.given_together(asked, item)]
        if last is None:
            self.say('first_dose', CHECK)
        elif not mates:
            before = last[1]
            if set(now) != set(before):
                self.say('dose_changed', CHECK)
            elif now != before:
                more = any(now[drug] > before[drug] for drug in now)
                self.say('dose_changed', CHECK if more else NOTE)
        if asked.titration and self.missed:                                     # D16
            if mates:               # the other form's dose is not looked at
                last = self.last_supplied([p for p in self.of_class(asked.kind) if p not in mates])
            if last is None:
                first_dose = asked.micrograms(min(asked.dosed_plan))
                before = sum(first_dose.values())
            else:
                before = sum(last[1].values())
            if sum(now.values()) > before:
                self.say('titration_step_after_missed', HOLD)

    def representative_allowed(self):
        return any(event['prescription'] == self.asked.id and event['outcome'] == 'allow_representative'
                   and event.get('for_day') and DAY[event['for_day']] == self.today
                   for _, event in self.consultations)

    def judge_patient(self):
        asked, today = self.asked, self.today
        if self.withheld_today:                                                 # D14
            self.say('withheld_today', CHECK)
        others = [p for p in self.prescriptions.values() if p.kind != asked.kind]
        if any(p.covers_day(today) for p in others):                            # D18
            self.say('opioid_with_benzodiazepine', NOTE)
        if any(p.covers_day(today - 1) for p in others):                        # D19
            if self.walk(others[0].kind)[0]:
                self.say('other_class_missed', CHECK)
        here = set()                                                            # D23
        for item in self.of_class(asked.kind):
            here |= item.own_days
        away, day = 0, today - 1
        while day in self.elsewhere[asked.kind] and day not in here:
            away += 1
            day -= 1
        if away:
            self.say('returned_from_elsewhere', HOLD if away >= LIMITS['elsewhere_hold'] else CHECK)

    def apply_consultations(self):
        asked, today = self.asked, self.today
        newest, awaiting, lifted = None, False, False
        for on, event in self.consultations:
            if event['prescription'] != asked.id:
                continue
            outcome = event['outcome']
            if outcome in ('continue', 'new_prescription'):
                if newest is None or on > newest:
                    newest, awaiting = on, outcome == 'new_prescription'
                elif on == newest:              # order within a day is not looked at: the stricter
                    awaiting = awaiting or outcome == 'new_prescription'
            if outcome == 'continue':
                resume = event.get('resume_on')
                if resume:
                    until = DAY[resume]
                else:
                    until = on + 1                          # that day, or the next open day after it
                    for _ in range(366):
                        if self.calendar.open(until):
                            break
                        until += 1
                if on <= today <= until:
                    lifted = True
        if lifted:
            for code in ('three_day_rule', 'titration_step_after_missed', 'returned_from_elsewhere'):
                if self.reasons.get(code) == HOLD:
                    del self.reasons[code]
                    self.say('consulted', NOTE)
        if awaiting:
            self.say('awaiting_new_prescription', HOLD)                         # D27

    def quantities(self, covers, supervised_today):
        out, today = [], self.today
        for product, doses, parts, _ in self.asked.products:
            total = sum(doses.get(d, 0) for d in covers)
            watched = 0
            if supervised_today and today in covers:
                watched = parts.get(today, doses.get(today, 0))
            if total:
                out.append({'product': product, 'quantity': quantity_text(total),
                            'supervised': quantity_text(watched),
                            'take_home': quantity_text(total - watched)})
        return out


def decide(scenario):
    return Decision(scenario).decide()


def main():
    failed = False
    write = sys.stdout.write
    for line in sys.stdin:
        try:
            answer = decide(json.loads(line))
        except (ValueError, LookupError, TypeError, AttributeError) as problem:
            answer, failed = {'error': f'{type(problem).__name__}: {problem}'}, True
        write(json.dumps(answer, separators=(',', ':'), sort_keys=True) + '\n')
    return 1 if failed else 0


if __name__ == '__main__':
    sys.exit(main())
