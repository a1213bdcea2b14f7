// The keyworkers' page. Whatever a pharmacy or a person wrote becomes text, never markup.

import { age, answers, day, didWhat, heading, moment, summary, time } from './words.js';

const EVERY_MS = 3000;
const at = (id) => document.getElementById(id);
const state = { csrf: '', tag: '', alerts: [], offset: 0, moved: 0, demo: false, cards: new Map(), timer: 0, known: null, minute: '' };
const now = () => new Date(Date.now() + state.offset + state.moved);

function make(name, members = {}, ...children) {
  const element = document.createElement(name);
  for (const [member, value] of Object.entries(members)) {
    if (member in element) element[member] = value;
    else element.setAttribute(member, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

async function ask(method, path, body, headers = {}) {
  if (body !== undefined) headers['Content-Type'] = 'application/json';
  if (method !== 'GET') headers['X-CSRF-Token'] = state.csrf;
  const answer = await fetch(path, {
    method, headers, body: body === undefined ? undefined : JSON.stringify(body), cache: 'no-store',
    signal: AbortSignal.timeout(15000),
  });
  const date = answer.headers.get('Date');
  if (date) {
    const offset = new Date(date).getTime() - Date.now();
    if (Math.abs(offset - state.offset) > 2000) state.offset = offset;
  }
  const json = answer.status === 204 || answer.status === 304 ? {} : await answer.json().catch(() => ({}));
  return { status: answer.status, json, tag: answer.headers.get('ETag') };
}

// In a demonstration the pharmacy's clock is moved by hand: what the inbox stamped is shown by that clock.
function byTheirClock(alerts) {
  const moved = (text, by) => new Date(new Date(text).getTime() + by).toISOString();
  let newest = null;
  for (const alert of alerts) {
    const by = alert.sent ? new Date(alert.sent) - new Date(alert.received) : NaN;
    if (Number.isNaN(by)) continue;
    if (newest === null || alert.number > newest.number) newest = { number: alert.number, by };
    alert.received = moved(alert.received, by);
    for (const action of alert.actions) action.at = moved(action.at, by);
    if (alert.corrected_at) alert.corrected_at = moved(alert.corrected_at, by);
  }
  state.moved = newest?.by ?? 0;
}

// ---- a message

function history(alert) {
  if (alert.actions.length === 0) return null;
  return make('ul', { className: 'history' }, ...alert.actions.map((action) => make('li', {},
    make('strong', { textContent: didWhat(action) }), `, ${moment(action.at, now())}`,
    action.note ? make('p', { className: 'words', textContent: action.note }) : null)));
}

function telephone(alert) {
  const { telephone: number, name } = alert.pharmacy ?? {};
  if (!number) return null;
  return make('p', { className: 'telephone' }, `Telephone ${name ?? 'the pharmacy'}: `,
    make('a', { href: `tel:${number.replace(/[^0-9+]/g, '')}`, textContent: number }));
}

function link(id, words, className = 'note') {
  const other = state.alerts.find((one) => one.id === id);
  if (!other) return make('p', { className, textContent: `${words}.` });
  const jump = make('a', { href: `#m-${id}`, textContent: `${heading(other)}, ${moment(other.sent ?? other.received, now())}` });
  jump.addEventListener('click', (event) => {
    event.preventDefault();
    at(`h-${id}`)?.focus();
  });
  return make('p', { className }, `${words}: `, jump);
}

// Others about the same client's prescription, where the pharmacy says so.
function episode(alert) {
  const others = alert.correlation
    ? state.alerts.filter((one) => one.correlation === alert.correlation && one.id !== alert.id
      && one.id !== alert.corrects && one.id !== alert.corrected_by)
    : [];
  return others.slice(0, 3).map((one) => link(one.id, 'Same episode', 'episode'));
}

function tags(alert, open) {
  const late = open && alert.due && new Date(alert.due) < now();
  return make('p', { className: 'tags' },
    alert.urgent ? make('span', { className: 'tag urgent', textContent: 'Urgent' }) : null,
    alert.corrected_by ? make('span', { className: 'tag', textContent: 'Superseded' }) : null,
    late ? make('span', { className: 'tag late', textContent: 'Late: the pharmacy may telephone' }) : null);
}

function client(patient) {
  if (!patient) return null;
  const name = [patient.given, patient.name].filter(Boolean).join(' ');
  return [patient.reference, name, patient.nhs_number && `NHS number ${patient.nhs_number}`,
    patient.born && `born ${day(patient.born)} ${patient.born.slice(0, 4)}`].filter(Boolean).join(', ');
}

function facts(alert, open) {
  const rows = [
    ['Client', client(alert.patient)],
    ['Pharmacy', alert.pharmacy?.name],
    ['Prescription', alert.product],
    ['No dose on', alert.missed?.filter((one) => one.day).map((one) => day(one.day)).join(', ')],
    ['Reason', [...new Set(alert.missed?.map((one) => one.reason).filter(Boolean))].join('; ')],
    ['What was seen', alert.signs?.join('; ')],
    ['Sent', alert.sent ? `${moment(alert.sent, now())} (${age(alert.sent, now())})` : null],
    ['Arrived', !alert.sent || new Date(alert.received) - new Date(alert.sent) > 120000 ? moment(alert.received, now()) : null],
    ['Answer by', open && alert.due ? moment(alert.due, now()) : null],
  ];
  return make('dl', {}, ...rows.filter(([, value]) => value).flatMap(([name, value]) => [
    make('dt', { textContent: name }), make('dd', { textContent: value })]));
}

// What a finished message said is folded away.
function said(card) {
  const { alert } = card;
  const parts = [
    make('p', { className: 'words text', textContent: alert.text ?? 'This message cannot be shown. Please telephone the pharmacy.' }),
    facts(alert, alert.status === 'requested'), telephone(alert),
  ].filter(Boolean);
  if (alert.status !== 'completed' && alert.status !== 'rejected') return parts;
  const folded = make('details', { open: card.unfolded ?? false },
    make('summary', { textContent: `What it said${alert.patient?.reference ? ` (${alert.patient.reference})` : ''}` }), ...parts);
  folded.addEventListener('toggle', () => { card.unfolded = folded.open; });
  return [folded];
}

function info(card) {
  const { alert } = card;
  const open = alert.status === 'requested';
  return [
    tags(alert, open),
    make('h3', { id: `h-${alert.id}`, tabIndex: -1, textContent: heading(alert) }),
    alert.corrected_by ? link(alert.corrected_by, `A later message, ${moment(alert.corrected_at, now())}, corrects this one`) : null,
    alert.corrects ? link(alert.corrects, 'This corrects an earlier message') : null,
    ...episode(alert), ...said(card), history(alert),
  ].filter(Boolean);
}

// ---- answering

async function send(card, status, note) {
  const { alert } = card;
  card.error.hidden = true;
  card.buttons.forEach((button) => { button.disabled = true; });
  let answer;
  try {
    answer = await ask('POST', `/api/alerts/${encodeURIComponent(alert.id)}/actions`,
      { status, note, seen: alert.actions.length });
  } catch {
    answer = { status: 0, json: {} };
  }
  card.buttons.forEach((button) => { button.disabled = false; });
  if (answer.status === 401) { signedOut('You were signed out. Please sign in and answer again.'); return; }
  if (answer.status !== 201) {
    card.error.textContent = answer.json.detail ?? 'The answer did not arrive. Try again, or telephone the pharmacy.';
    card.error.hidden = false;
    card.error.focus();
    if (answer.status === 409) await refresh(false);
    return;
  }
  close(card);
  await refresh(false);
  say('Your answer is recorded. The pharmacy will see it within a minute or two.');
  at(`h-${alert.id}`)?.focus();
}

function close(card) {
  card.form.hidden = true;
  card.form.reset();
  card.error.hidden = true;
  card.toggle.setAttribute('aria-expanded', 'false');
}

function choices(alert) {
  return make('fieldset', {}, make('legend', { textContent: 'What are you doing about it?' }),
    ...answers.map(([status, words]) => make('div', { className: 'choice' },
      make('input', { type: 'radio', name: 'status', value: status, id: `${status}-${alert.id}` }),
      make('label', { htmlFor: `${status}-${alert.id}`, textContent: words }))));
}

function answering(card) {
  const { alert } = card;
  const label = `h-${alert.id}`;
  card.error = make('p', { className: 'error', role: 'alert', tabIndex: -1, hidden: true });
  card.accept = make('button', { type: 'button', className: 'main-button', textContent: 'Accept', 'aria-describedby': label });
  card.toggle = make('button', { type: 'button', className: 'second-button', textContent: 'Answer with a note',
    'aria-describedby': label, 'aria-expanded': 'false', 'aria-controls': `f-${alert.id}` });
  const note = make('textarea', { id: `n-${alert.id}`, name: 'note', rows: 3, maxLength: 1000, 'aria-describedby': `i-${alert.id}` });
  const submit = make('button', { type: 'submit', className: 'main-button', textContent: 'Send to the pharmacy' });
  const cancel = make('button', { type: 'button', className: 'second-button', textContent: 'Cancel' });
  card.form = make('form', { id: `f-${alert.id}`, hidden: true, noValidate: true }, choices(alert),
    make('label', { htmlFor: note.id, textContent: 'Note for the pharmacy' }),
    make('p', { className: 'hint', id: `i-${alert.id}`, textContent: 'The pharmacy’s staff read it. Write no more about the client than they need.' }),
    note, make('div', { className: 'row' }, submit, cancel));
  card.buttons = [card.accept, card.toggle, submit];
  card.accept.addEventListener('click', () => send(card, 'accepted', ''));
  card.toggle.addEventListener('click', () => {
    card.form.hidden = !card.form.hidden;
    card.toggle.setAttribute('aria-expanded', String(!card.form.hidden));
    if (!card.form.hidden) card.form.querySelector('input').focus();
  });
  cancel.addEventListener('click', () => { close(card); card.toggle.focus(); });
  card.form.addEventListener('submit', (event) => {
    event.preventDefault();
    const status = card.form.elements.status.value;
    if (status === '') {
      card.error.textContent = 'Choose what you are doing about it.';
      card.error.hidden = false;
      card.error.focus();
      return;
    }
    send(card, status, note.value);
  });
  card.row = make('div', { className: 'row' }, card.accept, card.toggle);
  return [card.error, card.row, card.form];
}

function cardOf(alert) {
  let card = state.cards.get(alert.id);
  if (!card) {
    card = { alert, info: make('div'), answer: make('div', { className: 'answer' }) };
    card.answer.append(...answering(card));
    card.element = make('article', { id: `m-${alert.id}`, 'aria-labelledby': `h-${alert.id}` }, card.info, card.answer);
    state.cards.set(alert.id, card);
  }
  card.alert = alert;
  card.element.className = `card${alert.urgent && alert.status === 'requested' ? ' is-urgent' : ''}`;
  // Somebody who stands on a link or heading of it is not thrown off.
  const focused = card.info.contains(document.activeElement) ? document.activeElement : null;
  card.info.replaceChildren(...info(card));
  if (focused !== null) {
    const again = focused.localName === 'h3' ? 'h3' : `${focused.parentElement?.className ? `.${focused.parentElement.className} ` : ''}${focused.localName}`;
    (card.info.querySelector(again) ?? card.info.querySelector('h3')).focus({ preventScroll: true });
  }
  card.toggle.textContent = alert.status === 'requested' ? 'Answer with a note' : 'Answer again';
  card.accept.hidden = alert.status !== 'requested' && alert.status !== 'rejected';
  card.answer.hidden = alert.status === 'completed';
  return card.element;
}

// Elements that already stand in their place are not moved: a moved one loses the focus.
function fill(list, alerts) {
  let next = list.firstElementChild;
  for (const alert of alerts) {
    const element = cardOf(alert);
    if (element === next) next = next.nextElementSibling;
    else list.insertBefore(element, next);
  }
  while (next) {
    const after = next.nextElementSibling;
    next.remove();
    next = after;
  }
}

// Urgent first, then what nothing supersedes, then newest; the server's order within.
function sorted(alerts) {
  const rank = (alert) => (alert.urgent ? 0 : 2) + (alert.corrected_by ? 1 : 0);
  return [...alerts].sort((a, b) => rank(a) - rank(b));
}

function draw() {
  const open = sorted(state.alerts.filter((alert) => alert.status === 'requested'));
  const hand = sorted(state.alerts.filter((alert) => alert.status === 'accepted' || alert.status === 'in-progress'));
  const finished = state.alerts.filter((alert) => alert.status === 'completed' || alert.status === 'rejected');
  const urgent = open.filter((alert) => alert.urgent).length;
  fill(at('open-list'), open);
  fill(at('hand-list'), hand);
  fill(at('done-list'), finished);
  at('open-none').hidden = open.length > 0;
  at('hand').hidden = hand.length === 0;
  at('done').hidden = finished.length === 0;
  at('summary').textContent = summary(open.length, urgent);
  document.title = `${open.length > 0 ? `(${open.length}${urgent > 0 ? `, ${urgent} urgent` : ''}) ` : ''}Pharmacy messages`;
}

// ---- keeping it true

const say = (words) => { at('live').textContent = words; };

function lost(since) {
  at('lost').hidden = since === null;
  if (since !== null) {
    at('lost').textContent = `The line to the inbox is lost since ${time(since)}. What you see may be old: if in doubt, telephone the pharmacy.`;
  }
}

function announce(alerts) {
  const fresh = state.known === null ? [] : alerts.filter((alert) => !state.known.has(alert.id));
  state.known = new Set(alerts.map((alert) => alert.id));
  if (fresh.length > 0) {
    say(fresh.length === 1 ? `New ${fresh[0].urgent ? 'urgent ' : ''}message: ${heading(fresh[0])}.` : `${fresh.length} new messages.`);
  }
}

async function refresh(byItself) {
  const headers = byItself ? { 'X-By-Itself': '1' } : {};
  if (state.tag) headers['If-None-Match'] = state.tag;
  try {
    const answer = await ask('GET', '/api/alerts', undefined, headers);
    if (answer.status === 401) { signedOut('You were signed out. Please sign in again.'); return; }
    if (answer.status !== 200 && answer.status !== 304) throw new Error('not served');
    state.last = now();
    lost(null);
    at('checked').textContent = `Checked ${time(state.last)}. New messages appear by themselves.`;
    const minute = time(state.last);
    if (answer.status === 200) {
      state.tag = answer.tag;
      state.alerts = answer.json.alerts;
      if (state.demo) byTheirClock(state.alerts);
      at('cut').hidden = !answer.json.cut;
      announce(state.alerts);
    }
    if (answer.status === 200 || minute !== state.minute) draw();
    state.minute = minute;
  } catch {
    lost(state.last ?? now());
  }
}

function watch() {
  clearTimeout(state.timer);
  state.timer = setTimeout(async () => {
    const generation = state.timer;
    await refresh(true);
    if (state.timer === generation) watch();
  }, EVERY_MS);
}

// ---- signing in and out

function signedOut(why) {
  clearTimeout(state.timer);
  state.timer = 0;
  Object.assign(state, { csrf: '', tag: '', alerts: [], known: null });
  state.cards.clear();
  draw();
  document.title = 'Sign in: pharmacy messages';
  say('');
  lost(null);
  at('checked').textContent = '';
  at('person').hidden = true;
  at('inbox').hidden = true;
  at('sign-in').hidden = false;
  at('sign-in-error').hidden = !why;
  at('sign-in-error').textContent = why ?? '';
  at('who').focus();
}

async function signedIn(session) {
  state.csrf = session.csrf;
  state.demo = session.demo;
  at('name').textContent = session.name;
  at('service').textContent = session.service ? `· ${session.service}` : '';
  at('sign-in').hidden = true;
  at('sign-in-form').reset();
  at('inbox').hidden = false;
  at('person').hidden = false;
  await refresh(false);
  at('inbox-heading').focus();
  watch();
}

at('sign-in-form').addEventListener('submit', async (event) => {
  event.preventDefault();
  const error = at('sign-in-error');
  const button = event.target.querySelector('button');
  error.hidden = true;
  button.disabled = true;
  try {
    const answer = await ask('POST', '/api/session', { name: at('who').value.trim(), password: at('password').value });
    if (answer.status === 200) { await signedIn(answer.json); return; }
    error.textContent = answer.json.detail ?? 'Signing in did not work. Try again in a moment.';
  } catch {
    error.textContent = 'The inbox does not answer. Try again in a moment.';
  } finally {
    button.disabled = false;
  }
  error.hidden = false;
  at('password').select();
});

at('sign-out').addEventListener('click', async () => {
  await ask('DELETE', '/api/session').catch(() => null);
  signedOut(null);
});

document.addEventListener('visibilitychange', () => { if (!document.hidden && state.csrf) refresh(true); });

ask('GET', '/api/session').then(
  (answer) => (answer.status === 200 ? signedIn(answer.json) : signedOut(null)),
  () => { signedOut('The inbox does not answer. Try again in a moment.'); },
);
