// The transaction of a supply as a service in Node would do it: the same requests over HTTPS, the same rows in the same
// tables, on a folder that the bench has filled. Loopback only.
//
//     node server.js FOLDER each|group
//
// each: every request is a transaction of its own; group: those that have come in meanwhile share one.

import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import Database from 'better-sqlite3';
import Fastify from 'fastify';

const [folder, mode] = process.argv.slice(2);
const BASE = '/api/v1';
const TODAY = 20780; // 2026-11-23
const NOW = 1795424400;
const PIN_KEY = randomBytes(32);
const PINS = { 'a.khan': '739164' };
const GROUP_MAX = 256;

const db = new Database(join(folder, 'instalment.db'));
db.pragma('synchronous = FULL');
db.pragma('foreign_keys = ON');

const sql = {
  key: db.prepare('SELECT body_digest, subject FROM idempotency WHERE key = ?'),
  prescription: db.prepare(
    'SELECT p.patient, p.prescriber_name, i.product, r.from_day, r.days, r.dose FROM prescription p ' +
      'JOIN prescription_item i ON i.prescription = p.id ' +
      'JOIN prescription_run r ON r.prescription = p.id WHERE p.id = ?',
  ),
  patient: db.prepare('SELECT name, address FROM patient_version WHERE id = ? ORDER BY seq DESC LIMIT 1'),
  dosed: db.prepare('SELECT day FROM dosed_day WHERE prescription = ?'),
  head: db.prepare('SELECT number, balance, hash FROM register_entry WHERE section = ? ORDER BY number DESC LIMIT 1'),
  audit: db.prepare(
    'INSERT INTO audit (at, on_day, staff, terminal, action, patient, subject, detail) ' +
      "VALUES (?, ?, ?, 'te-1', 'supply', ?, ?, ?)",
  ),
  supply: db.prepare(
    'INSERT INTO supply (id, seq, patient, prescription, kind, on_day, at, supervised_at, collector_role, ' +
      'identity_requested, identity_provided, supervised_by, confirmed_by, verdict, missed_days, missed_pickups, ' +
      "next_due, rules) VALUES (?, ?, ?, ?, 'lawful', ?, ?, ?, ?, ?, ?, ?, ?, 'check', 0, 0, ?, '2026.1')",
  ),
  item: db.prepare(
    'INSERT INTO supply_item (supply, position, product, quantity, supervised, take_home) VALUES (?, 0, ?, ?, ?, 0)',
  ),
  reason: db.prepare(
    "INSERT INTO supply_reason (supply, code, severity, number, confirmed) VALUES (?, ?, 'check', 0, 1)",
  ),
  day: db.prepare('INSERT INTO dosed_day (prescription, day, turn, supply) VALUES (?, ?, 0, ?)'),
  entry: db.prepare(
    'INSERT INTO register_entry (section, number, seq, kind, on_day, entered_at, quantity, balance, supply, ' +
      'person_name, person_address, authority, collector_role, identity_requested, identity_provided, by_staff, ' +
      "previous, hash) VALUES (?, ?, ?, 'supplied', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
  ),
  label: db.prepare(
    'INSERT INTO print_job (id, seq, kind, supply, prescription, for_day, last_day, product, quantity, code) ' +
      "VALUES (?, ?, 'label', ?, ?, ?, ?, ?, ?, ?)",
  ),
  bind: db.prepare(
    'INSERT INTO idempotency (key, seq, route, body_digest, status, subject) ' +
      "VALUES (?, ?, 'POST /supplies', ?, 201, ?)",
  ),
};

const sessions = new Map();
const digest = (text) => createHash('sha256').update(text).digest();
const pinHash = (pin) => createHmac('sha256', PIN_KEY).update(pin).digest();

class Refused extends Error {
  constructor(status, code) {
    super(code);
    this.statusCode = status;
  }
}

// What may be supplied today: the plan's dose, once.
function decide(prescription, on) {
  const rows = sql.prescription.all(prescription);
  if (rows.length !== 1) throw new Refused(404, 'not_found');
  const [rx] = rows;
  if (on < rx.from_day || on >= rx.from_day + rx.days) throw new Refused(409, 'refused');
  if (sql.dosed.all(prescription).some(({ day }) => day === on)) throw new Refused(409, 'refused');
  return rx;
}

function enterRegister(rx, supply, seq, body, staff) {
  const patient = sql.patient.get(rx.patient);
  const head = sql.head.get(rx.product) ?? { number: 0, balance: 0, hash: Buffer.alloc(32) };
  const number = head.number + 1;
  const balance = head.balance - rx.dose;
  const who = [patient.name, patient.address, rx.prescriber_name, body.collector.role];
  const said = [body.collector.identity_requested ? 1 : 0, body.collector.identity_provided ? 1 : 0];
  const canonical = [rx.product, number, 'supplied', TODAY, NOW, -rx.dose, balance, supply, ...who, ...said, staff];
  const hash = digest(`${head.hash.toString('hex')}\n${canonical.join('\n')}`);
  sql.entry.run(rx.product, number, seq, TODAY, NOW, -rx.dose, balance, supply, ...who, ...said, staff, head.hash, hash);
  return { number, balance, hash: hash.toString('hex') };
}

// Everything of one supply; inside a transaction.
function record({ body, key, staff }) {
  const { pin, ...rest } = body;
  const bodyDigest = digest(JSON.stringify(rest));
  const first = sql.key.get(key);
  if (first !== undefined) throw new Refused(first.body_digest.equals(bodyDigest) ? 201 : 422, 'idempotency_key_reused');
  const rx = decide(body.prescription, TODAY);
  const id = `su-${randomBytes(13).toString('hex')}`;
  const seq = sql.audit.run(NOW, TODAY, staff, rx.patient, id, `2026.1 ${body.confirm.join(' ')}`).lastInsertRowid;
  const { role, identity_requested: requested, identity_provided: provided } = body.collector;
  sql.supply.run(
    id, seq, rx.patient, body.prescription, TODAY, NOW, NOW, role, requested ? 1 : 0, provided ? 1 : 0,
    body.supervised_by, body.confirmed_by, TODAY + 1,
  );
  sql.item.run(id, rx.product, rx.dose, rx.dose);
  for (const code of body.confirm) sql.reason.run(id, code);
  sql.day.run(body.prescription, TODAY, id);
  const entry = enterRegister(rx, id, seq, body, staff);
  const label = `pj-${randomBytes(13).toString('hex')}`;
  sql.label.run(label, seq, id, body.prescription, TODAY, TODAY, rx.product, rx.dose, randomBytes(10).toString('hex'));
  sql.bind.run(key, seq, bodyDigest, id);
  return {
    id, prescription: body.prescription, on: body.on, decision: { verdict: 'check', items: body.expect.items },
    register: [entry], labels: [label], alerts: [], supervised_by: body.supervised_by,
    confirmed_by: body.confirmed_by, confirmed: body.confirm, reversed: null,
  };
}

// ---- committing

const recordAlone = db.transaction(record);
const recordWithin = db.transaction(record); // in a group: a savepoint
const recordGroup = db.transaction((group) => group.map(recordOne));
let waiting = [];

function recordOne(one) {
  try {
    return { value: recordWithin(one.request) };
  } catch (error) {
    return { error };
  }
}

function commitGroup() {
  const group = waiting.splice(0, GROUP_MAX);
  if (waiting.length > 0) setImmediate(commitGroup);
  const results = recordGroup.immediate(group);
  group.forEach((one, i) => ('error' in results[i] ? one.reject(results[i].error) : one.resolve(results[i].value)));
}

function recordSoon(request) {
  return new Promise((resolvePromise, reject) => {
    if (waiting.length === 0) setImmediate(commitGroup);
    waiting.push({ request, resolve: resolvePromise, reject });
  });
}

// ---- the interface

const app = Fastify({
  https: { cert: readFileSync(join(folder, 'certificate.pem')), key: readFileSync(join(folder, 'key.pem')) },
  bodyLimit: 65536,
});

app.post(`${BASE}/session`, async (request, reply) => {
  const { staff, pin } = request.body;
  if (PINS[staff] !== pin) throw new Refused(401, 'sign_in_failed');
  const token = randomBytes(24).toString('base64url');
  sessions.set(token, { staff, pin: pinHash(pin) });
  return reply.code(201).send({ token });
});

const item = {
  type: 'object',
  required: ['product', 'quantity', 'supervised', 'take_home'],
  properties: Object.fromEntries(['product', 'quantity', 'supervised', 'take_home'].map((name) => [name, { type: 'string' }])),
};
const schema = {
  body: {
    type: 'object',
    required: ['prescription', 'on', 'collector', 'expect', 'supervised_by', 'confirm', 'confirmed_by', 'pin'],
    properties: {
      prescription: { type: 'string' },
      on: { type: 'string' },
      advance: { type: 'boolean' },
      collector: { type: 'object', required: ['role'], properties: { role: { type: 'string' } } },
      expect: { type: 'object', required: ['items'], properties: { items: { type: 'array', items: item } } },
      supervised_by: { type: 'string' },
      confirm: { type: 'array', items: { type: 'string' } },
      confirmed_by: { type: 'string' },
      pin: { type: 'string' },
    },
  },
};

app.post(`${BASE}/supplies`, { schema }, async (request, reply) => {
  const session = sessions.get((request.headers.authorization ?? '').slice('Bearer '.length));
  if (session === undefined) throw new Refused(401, 'session_ended');
  if (!timingSafeEqual(session.pin, pinHash(request.body.pin))) throw new Refused(403, 'pin_wrong');
  const one = { body: request.body, key: request.headers['idempotency-key'], staff: session.staff };
  const made = mode === 'group' ? await recordSoon(one) : recordAlone.immediate(one);
  return reply.code(201).send(made);
});

process.on('SIGTERM', () => {
  app.close().then(() => {
    db.close();
    process.exit(0);
  });
});
app.server.on('secureConnection', (socket) => socket.setNoDelay(true));
await app.listen({ host: '127.0.0.1', port: 0 });
const { port } = app.server.address();
const ready = { ready: true, url: `https://127.0.0.1:${port}`, ca: resolve(folder, 'certificate.pem'), terminal: 'te-1' };
process.stdout.write(`${JSON.stringify(ready)}\n`);
