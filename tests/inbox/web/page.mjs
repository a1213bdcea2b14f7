#!/usr/bin/env node
// The keyworkers' page in a real Chromium, against the real inbox: prints TAP. Run where its node_modules are:
//   page.mjs   (TEST_BIN: the programs; TEST_MESSAGES: the fixtures; screenshots are left beside it)
import { spawn } from 'node:child_process';
import crypto from 'node:crypto';
import fs from 'node:fs';
import https from 'node:https';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const here = path.dirname(fileURLToPath(import.meta.url));
const bin = path.resolve(process.env.TEST_BIN ?? 'build/bin');
const messages = path.resolve(process.env.TEST_MESSAGES ?? 'tests/inbox/messages');
const axe = fs.readFileSync(path.join(here, 'node_modules/axe-core/axe.min.js'), 'utf8');
const flags = ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync', '--disable-dev-shm-usage'];

// ---- the inbox

function start(data) {
  const child = spawn(path.join(bin, 'instalment-inbox'), ['--demo', '--data', data, '--listen', '127.0.0.1:0'],
    { stdio: ['pipe', 'pipe', fs.openSync(`${data}.log`, 'a')] });
  return new Promise((resolve, reject) => {
    child.on('exit', (status) => reject(new Error(`the inbox ended with ${status}`)));
    readline.createInterface({ input: child.stdout }).once('line', (line) => {
      const ready = JSON.parse(line);
      resolve({ ...ready, child, port: Number(new URL(ready.url).port), pem: fs.readFileSync(ready.ca) });
    });
  });
}

function request(inbox, method, target, headers = {}, body = '') {
  return new Promise((resolve, reject) => {
    const call = https.request({ host: '127.0.0.1', port: inbox.port, path: target, method, ca: inbox.pem, agent: false,
      headers: { ...headers, 'Content-Length': Buffer.byteLength(body) } }, (answer) => {
      let text = '';
      answer.on('data', (part) => { text += part; });
      answer.on('end', () => resolve({ status: answer.statusCode, text }));
    });
    call.on('error', reject);
    call.end(body);
  });
}

async function send(inbox, name, words = {}) {
  const id = words.id ?? crypto.randomUUID();
  const sent = new Date(Date.now() - (words.ago ?? 20) * 60000).toISOString();
  const due = new Date(Date.now() + (words.due ?? 60) * 60000).toISOString();
  let body = fs.readFileSync(path.join(messages, `${name}.json`), 'utf8').replaceAll('@ID@', id).replaceAll('@SENT@', sent)
    .replaceAll('@DUE@', due).replaceAll('@CORRECTS@', words.corrects ?? '');
  if (words.text) body = body.replace(/"contentString": "[^\n]*"/, () => `"contentString": ${JSON.stringify(words.text)}`);
  const time = String(Math.floor(Date.now() / 1000));
  const mac = crypto.createHmac('sha256', Buffer.from(inbox.secret.slice(6), 'base64')).update(`${id}.${time}.${body}`).digest('base64');
  const answer = await request(inbox, 'POST', '/fhir/$process-message', { 'Content-Type': 'application/fhir+json; fhirVersion=4.0',
    'X-Correlation-ID': words.episode ?? id, 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': `v1,${mac}` }, body);
  if (answer.status !== 200) throw new Error(`${name}: ${answer.status} ${answer.text}`);
  return id;
}

async function task(inbox, id) {
  return JSON.parse((await request(inbox, 'GET', `/fhir/Task/${id}`)).text);
}

// ---- saying what is so

function same(got, want, what) {
  if (JSON.stringify(got) !== JSON.stringify(want)) throw new Error(`${what}: ${JSON.stringify(got)}, expected ${JSON.stringify(want)}`);
}

async function until(what, ask) {
  const end = Date.now() + 12000;
  while (Date.now() < end) {
    if (await ask()) return;
    await new Promise((resolve) => { setTimeout(resolve, 50); });
  }
  throw new Error(`${what}: not in 12 s`);
}

async function accessible(page, what) {
  await page.evaluate(axe);
  const found = await page.evaluate(() => window.axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }));
  same(found.violations.map((one) => `${one.id}: ${one.nodes.map((node) => node.html).join(' ')}`), [], `axe, ${what}`);
}

// Nothing scrolls sideways, nothing to touch is smaller than 44 px.
async function fits(page, what) {
  const found = await page.evaluate(() => ({
    wide: document.documentElement.scrollWidth - document.documentElement.clientWidth,
    small: [...document.querySelectorAll('button, summary, .choice label, input:not([type=radio]), textarea, main a')].filter((one) => {
      const box = one.getBoundingClientRect();
      return box.width > 0 && box.height < 44;
    }).map((one) => one.outerHTML),
  }));
  same(found, { wide: 0, small: [] }, what);
}

const shot = (page, name, fullPage = true) => page.screenshot({ path: path.join(here, `${name}.png`), fullPage });
const card = (page, id) => page.locator(`#m-${id}`);
const order = (page, list) => page.locator(`${list} article`).evaluateAll((all) => all.map((one) => one.id.slice(2)));

async function press(page, selector, most = 80) { // Tab until the focus is there
  for (let i = 0; i < most; i++) {
    if (await page.evaluate((wanted) => document.activeElement?.matches(wanted) ?? false, selector)) return;
    await page.keyboard.press('Tab');
  }
  throw new Error(`the keyboard does not reach ${selector}`);
}

// ---- the tests, one after the other on one inbox

const tests = [];
const test = (name, run) => tests.push({ name, run });
const nasty = '<script>window.stolen=1</script><img src=x onerror="window.stolen=1">';

test('a wrong password is told, and the page before it is accessible', async ({ page, inbox }) => {
  await page.goto(inbox.page);
  await page.getByLabel('Full name').fill('Sam Taylor');
  await page.getByLabel('Password').fill('not the password');
  await accessible(page, 'sign-in');
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByText('The name or the password is not right.').waitFor();
  await accessible(page, 'sign-in refused');
  await shot(page, 'sign-in');
});

test('after signing in urgent messages come first, then the newest', async ({ page, inbox, ids }) => {
  ids.missed = await send(inbox, 'missed_pickup', { ago: 47, episode: 'rx-1' });
  ids.hold = await send(inbox, 'supply_on_hold', { ago: 90, due: -30, episode: 'rx-1' });
  ids.nasty = await send(inbox, 'missed_pickup', { ago: 5, text: nasty });
  await page.getByLabel('Full name').fill(inbox.staff[0].name);
  await page.getByLabel('Password').fill(inbox.staff[0].password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.getByRole('heading', { name: 'Messages from pharmacies' }).waitFor();
  same(await order(page, '#open-list'), [ids.hold, ids.nasty, ids.missed], 'order');
  same(await page.locator('#summary').textContent(), '3 messages to answer, 1 urgent.', 'summary');
  same(await page.title(), '(3, 1 urgent) Pharmacy messages', 'title');
  same(await card(page, ids.hold).locator('.tag').allTextContents(), ['Urgent', 'Late: the pharmacy may telephone'], 'tags');
  same(await card(page, ids.hold).locator('.telephone a').getAttribute('href'), 'tel:01632960111', 'telephone');
  await card(page, ids.hold).getByText('Same episode: Missed collection').waitFor();
  await card(page, ids.hold).getByText('Fri 20 Nov, Sat 21 Nov, Mon 23 Nov').waitFor();
  same(await card(page, ids.nasty).locator('.text').textContent(), nasty, 'a message with markup is text');
  await accessible(page, 'inbox');
  await shot(page, 'inbox');
});

test('a note with markup reaches the pharmacy as text and never runs', async ({ page, inbox, ids }) => {
  const one = card(page, ids.hold);
  await one.getByRole('button', { name: 'Answer with a note' }).click();
  await one.getByLabel('In progress: I have begun').check();
  await one.getByLabel('Note for the pharmacy').fill(`Seeing them at 3. ${nasty}`);
  await accessible(page, 'answering');
  await fits(page, 'answering');
  await shot(page, 'answering');
  await one.getByRole('button', { name: 'Send to the pharmacy' }).click();
  await page.locator('#hand-list').locator(`#m-${ids.hold}`).waitFor();
  same(await page.evaluate(() => document.activeElement.id), `h-${ids.hold}`, 'focus after answering');
  same(await one.locator('.history .words').textContent(), `Seeing them at 3. ${nasty}`, 'history');
  const told = await task(inbox, ids.hold);
  same([told.status, told.owner.display, told.note[0].text], ['in-progress', 'Sam Taylor', `Seeing them at 3. ${nasty}`], 'poll');
  same(await page.evaluate(() => window.stolen ?? null), null, 'script');
});

test('"cannot take it" asks for a reason, and is a rejection', async ({ page, inbox, ids }) => {
  const one = card(page, ids.nasty);
  await one.getByRole('button', { name: 'Answer with a note' }).click();
  await one.getByRole('button', { name: 'Send to the pharmacy' }).click();
  await one.getByText('Choose what you are doing about it.').waitFor();
  await one.getByLabel('We cannot take it').check();
  await one.getByRole('button', { name: 'Send to the pharmacy' }).click();
  await one.getByText('Write why you cannot take it').waitFor();
  await one.getByLabel('Note for the pharmacy').fill('Not our client.');
  await one.getByRole('button', { name: 'Send to the pharmacy' }).click();
  await page.locator('#done-list').locator(`#m-${ids.nasty}`).waitFor();
  same((await task(inbox, ids.nasty)).status, 'rejected', 'poll');
});

test('a new message appears by itself, and disturbs nobody who is typing', async ({ page, inbox, ids }) => {
  const one = card(page, ids.missed);
  await one.getByRole('button', { name: 'Answer with a note' }).click();
  await one.getByLabel('Note for the pharmacy').fill('half a sen');
  ids.concern = await send(inbox, 'possible_intoxication', { ago: 1 });
  await card(page, ids.concern).waitFor();
  same(await page.locator('#live').textContent(), 'New urgent message: Concern at collection.', 'announced');
  same(await order(page, '#open-list'), [ids.concern, ids.missed], 'order');
  await page.keyboard.type('tence');
  same(await one.getByLabel('Note for the pharmacy').inputValue(), 'half a sentence', 'typing goes on');
  await card(page, ids.concern).getByText('unsteady; slurred speech').waitFor();
  await one.getByRole('button', { name: 'Cancel' }).click();
});

test('a correction and what it corrects are linked', async ({ page, inbox, ids }) => {
  ids.correction = await send(inbox, 'correction', { ago: 0, corrects: ids.missed });
  await card(page, ids.correction).waitFor();
  await card(page, ids.missed).getByText('Superseded').waitFor();
  same(await order(page, '#open-list'), [ids.concern, ids.correction, ids.missed], 'order');
  await card(page, ids.missed).getByRole('link', { name: /^Correction/ }).click();
  same(await page.evaluate(() => document.activeElement.id), `h-${ids.correction}`, 'the link leads to the correction');
  await accessible(page, 'corrections');
  await shot(page, 'corrections');
  await card(page, ids.nasty).getByText('What it said').click();
  same(await card(page, ids.nasty).locator('.text').isVisible(), true, 'a finished message unfolds');
});

test('with the keyboard alone: accept, and answer with a note', async ({ page, inbox, ids }) => {
  await page.locator('h1:visible').focus();
  await press(page, `#m-${ids.concern} .row .main-button`);
  await page.keyboard.press('Enter');
  await page.locator('#hand-list').locator(`#m-${ids.concern}`).waitFor();
  same((await task(inbox, ids.concern)).status, 'accepted', 'accepted');
  await page.locator('h1:visible').focus();
  await press(page, `#m-${ids.correction} .row .second-button`);
  await page.keyboard.press('Enter');
  await press(page, `#m-${ids.correction} input`);
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('ArrowDown');
  await press(page, `#m-${ids.correction} textarea`);
  await page.keyboard.type('Thank you.');
  await press(page, `#m-${ids.correction} button[type=submit]`);
  await page.keyboard.press('Enter');
  await page.locator('#done-list').locator(`#m-${ids.correction}`).waitFor();
  const told = await task(inbox, ids.correction);
  same([told.status, told.note[0].text], ['completed', 'Thank you.'], 'poll');
});

test('somebody else was quicker: told, and nothing is written over', async ({ page, inbox, ids, browser }) => {
  const other = await (await browser.newContext({ ignoreHTTPSErrors: true })).newPage();
  await other.goto(inbox.page);
  await other.getByLabel('Full name').fill(inbox.staff[1].name);
  await other.getByLabel('Password').fill(inbox.staff[1].password);
  await other.getByRole('button', { name: 'Sign in' }).click();
  await card(other, ids.missed).waitFor();
  await page.route('**/api/alerts', (route) => route.abort()); // this one does not hear of it
  await card(other, ids.missed).getByRole('button', { name: 'Accept' }).click();
  await other.locator('#hand-list').locator(`#m-${ids.missed}`).waitFor();
  await card(page, ids.missed).getByRole('button', { name: 'Accept' }).click();
  await card(page, ids.missed).getByText('Somebody else has dealt with this').waitFor();
  same((await task(inbox, ids.missed)).owner.display, 'Priya Nair', 'owner');
  await page.unroute('**/api/alerts');
  await page.locator('#hand-list').locator(`#m-${ids.missed}`).waitFor();
  await other.context().close();
});

test('nothing scrolls sideways on a telephone, nor at 400 %', async ({ page, inbox, ids }) => {
  ids.last = await send(inbox, 'supply_on_hold', { ago: 3 });
  await card(page, ids.last).waitFor();
  await card(page, ids.last).getByRole('button', { name: 'Answer with a note' }).click();
  for (const [width, height] of [[360, 740], [320, 256]]) { // 1280 x 1024 at 400 %
    await page.setViewportSize({ width, height });
    await fits(page, `${width} x ${height}`);
    await page.evaluate(() => window.scrollTo(0, 0));
    await shot(page, `narrow-${width}`, false);
  }
  await accessible(page, '400 %');
  await page.setViewportSize({ width: 1280, height: 900 });
});

test('a demonstration goes by the clock of its pharmacy', async ({ page, inbox, ids }) => {
  ids.moved = await send(inbox, 'missed_pickup', { ago: -3 * 24 * 60, due: 3 * 24 * 60 + 60 }); // three days on
  await card(page, ids.moved).waitFor();
  const row = (id, name) => card(page, id).locator(`dt:text-is("${name}") + dd`).textContent();
  same([/^today .*just now/.test(await row(ids.moved, 'Sent')), /^today/.test(await row(ids.moved, 'Answer by'))], [true, true], 'its times');
  same(await card(page, ids.last).locator('.tag').allTextContents(), ['Urgent', 'Late: the pharmacy may telephone'], 'what became late');
});

test('signed out is signed out', async ({ page, inbox }) => {
  await page.getByRole('button', { name: 'Sign out' }).click();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  same(await page.locator('article').count(), 0, 'no message is left in the page');
  await page.reload();
  await page.getByRole('heading', { name: 'Sign in' }).waitFor();
  await page.getByLabel('Full name').fill(inbox.staff[0].name);
  await page.getByLabel('Password').fill(inbox.staff[0].password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('article').first().waitFor();
});

test('a lost line is told', async ({ page, inbox }) => {
  inbox.child.removeAllListeners('exit');
  inbox.child.stdin.end();
  await page.getByText('The line to the inbox is lost').waitFor();
  await accessible(page, 'lost line');
});

const work = fs.mkdtempSync(path.join(os.tmpdir(), 'inbox-page-'));
let inbox = null;
let browser = null;
let failed = 0;
try {
  inbox = await start(path.join(work, 'data'));
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: flags });
  const context = await browser.newContext({ ignoreHTTPSErrors: true, viewport: { width: 1280, height: 900 }, timezoneId: 'Europe/London' });
  context.setDefaultTimeout(12000);
  const page = await context.newPage();
  const complaints = [];
  page.on('pageerror', (error) => complaints.push(String(error)));
  page.on('console', (line) => { if (/Content Security Policy|Trusted/i.test(line.text())) complaints.push(line.text()); });
  console.log(`1..${tests.length + 1}`);
  const given = { page, inbox, browser, ids: {} };
  for (const [at, { name, run }] of tests.entries()) {
    try {
      await run(given);
      console.log(`ok ${at + 1} - ${name}`);
    } catch (error) {
      failed++;
      console.log(`not ok ${at + 1} - ${name}\n# ${String(error.stack).replaceAll('\n', '\n# ')}`);
      await shot(page, 'failed').catch(() => null);
    }
  }
  if (complaints.length === 0) console.log(`ok ${tests.length + 1} - no script failed and nothing was against the policy`);
  else { failed++; console.log(`not ok ${tests.length + 1} - complaints\n# ${complaints.join('\n# ')}`); }
} catch (error) {
  failed++;
  console.log(`Bail out! ${error.stack}`);
} finally {
  await browser?.close();
  inbox?.child.kill('SIGKILL');
  fs.rmSync(work, { recursive: true, force: true });
}
process.exit(failed === 0 ? 0 : 1);
