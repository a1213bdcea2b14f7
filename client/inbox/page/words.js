// What the page says: kinds of messages, answers, days and times. No elements here.

const kinds = {
  missed_pickup: 'Missed collection',
  supply_on_hold: 'Supply on hold: please call the pharmacy',
  missed_run: 'Several days without a dose',
  intermittent: 'Collections missed on and off',
  possible_intoxication: 'Concern at collection',
  dose_not_completed: 'Dose not completed',
  other_concern: 'Concern about welfare',
  ending_soon: 'Prescription ends soon',
  collection_on_closed_day: 'Collection falls on a closed day',
  attended_not_supplied: 'Came, but was not supplied',
  pharmacy_closed: 'Pharmacy closed unexpectedly',
  patient_away: 'Client is away',
  irregular_supply: 'A supply that should not have been made',
  correction: 'Correction',
  route_test: 'Test message: please accept it',
  digest: 'Several messages about one client',
};

export const answers = [
  ['accepted', 'Accept: I am dealing with it'],
  ['in-progress', 'In progress: I have begun'],
  ['completed', 'Finished: nothing more to do'],
  ['rejected', 'We cannot take it: the pharmacy must telephone'],
];

const done = {
  accepted: 'is dealing with it',
  'in-progress': 'has begun',
  completed: 'finished it',
  rejected: 'could not take it',
};

export const heading = (alert) => kinds[alert.kind] ?? 'Message from a pharmacy';

export const didWhat = (action) => `${action.by} ${done[action.status] ?? action.status}`;

const zone = 'Europe/London';
const dayOf = new Intl.DateTimeFormat('en-GB', { timeZone: zone, weekday: 'short', day: 'numeric', month: 'short' });
const timeOf = new Intl.DateTimeFormat('en-GB', { timeZone: zone, hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
const keyOf = new Intl.DateTimeFormat('en-CA', { timeZone: zone });

// "2026-11-22" is a day, not a moment.
export function day(text) {
  const at = new Date(/^\d{4}-\d{2}-\d{2}$/.test(text) ? `${text}T12:00:00Z` : text);
  return Number.isNaN(at.getTime()) ? text : dayOf.format(at);
}

// "today 17:31", "Sat 21 Nov, 17:31"
export function moment(text, now) {
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) return text;
  if (keyOf.format(at) === keyOf.format(now)) return `today ${timeOf.format(at)}`;
  const yesterday = new Date(now.getTime() - 86400000);
  if (keyOf.format(at) === keyOf.format(yesterday)) return `yesterday ${timeOf.format(at)}`;
  return `${dayOf.format(at)}, ${timeOf.format(at)}`;
}

const some = (count, one, many) => (count === 1 ? `1 ${one}` : `${count} ${many}`);

export function age(text, now) {
  const minutes = Math.floor((now.getTime() - new Date(text).getTime()) / 60000);
  if (Number.isNaN(minutes)) return '';
  if (minutes < 1) return 'just now';
  if (minutes < 120) return `${some(minutes, 'minute', 'minutes')} ago`;
  if (minutes < 48 * 60) return `${some(Math.floor(minutes / 60), 'hour', 'hours')} ago`;
  return `${Math.floor(minutes / 1440)} days ago`;
}

export const time = (at) => timeOf.format(at);

export function summary(open, urgent) {
  if (open === 0) return 'Nothing to answer.';
  return `${some(open, 'message', 'messages')} to answer${urgent > 0 ? `, ${urgent} urgent` : ''}.`;
}
