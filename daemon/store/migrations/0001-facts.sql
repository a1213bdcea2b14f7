-- The facts of one pharmacy. Everything here is append-only: a row, once written, is never changed or deleted
-- (triggers at the end, and an authorizer in the driver). What changes in the world is a new row; the newest row of a
-- version table (largest seq) is what is true now, the newest up to some seq is what was true then.
--
-- Conventions: seq is the number of the audit row that the fact was written with, so "as of then" is `seq <= ?`.
-- Days are days since 1970-01-01 at the pharmacy; instants (…_at) seconds since 1970 UTC; quantities thousandths of the
-- product's unit; yes/no is 0 or 1. NULL means "not given" and nothing else. Ids are opaque texts made by the program.
-- The statements stay inside what SQLite and PostgreSQL both understand.

-- One row for each thing done or read: who, when, where, what. Every other fact hangs on one.
CREATE TABLE audit (
    seq         INTEGER PRIMARY KEY,
    at          INTEGER NOT NULL,          -- the clock of the service
    on_day      INTEGER NOT NULL,          -- the pharmacy's day
    staff       TEXT,                      -- sign-in name; NULL: the program itself
    terminal    TEXT,                      -- terminals.id; NULL: the program itself or the local socket
    action      TEXT NOT NULL,             -- 'supply', 'read patient', 'missed', ... (a fixed vocabulary, no free text)
    patient     TEXT,                      -- whose record, where it is about one
    subject     TEXT,                      -- the id of what was done or read
    detail      TEXT                       -- reason codes, rules version, field names: never a name or a note
) STRICT;
CREATE INDEX audit_patient ON audit (patient, seq);
CREATE INDEX audit_recorded ON audit (at) WHERE staff IS NOT NULL; -- D20: when the last event was recorded

-- What an idempotency key has made. The answer is rendered again from the rows of `subject` as of `seq`.
CREATE TABLE idempotency (
    key         TEXT PRIMARY KEY,
    seq         INTEGER NOT NULL REFERENCES audit,
    route       TEXT NOT NULL,             -- "POST /supplies"
    body_digest BLOB NOT NULL,             -- keyed digest of the decoded body without PINs
    status      INTEGER NOT NULL,
    subject     TEXT NOT NULL
) STRICT;

-- Single settings that the program keeps for itself, newest wins: 'generation', 'body_digest_key', 'demo_clock', ...
CREATE TABLE setting (
    seq         INTEGER NOT NULL,
    name        TEXT NOT NULL,
    value       TEXT NOT NULL,
    PRIMARY KEY (name, seq)
) STRICT;

-- ---- people who work here -------------------------------------------------------------------------------------------

CREATE TABLE staff_version (
    id           TEXT NOT NULL,            -- sign-in name
    seq          INTEGER NOT NULL REFERENCES audit,
    name         TEXT NOT NULL,
    role         TEXT NOT NULL,            -- counter, technician, pharmacist, manager, inspector
    registration TEXT,                     -- GPhC number
    pin_hash     TEXT NOT NULL,            -- Argon2id, libsodium's string form
    active       INTEGER NOT NULL,
    valid_until  INTEGER,                  -- day; inspectors are let in for a named time
    PRIMARY KEY (id, seq)
) STRICT;

CREATE TABLE terminal_code (
    code_hash    BLOB PRIMARY KEY,
    seq          INTEGER NOT NULL REFERENCES audit,
    expires_at   INTEGER NOT NULL
) STRICT;

CREATE TABLE terminal (
    id           TEXT PRIMARY KEY,
    seq          INTEGER NOT NULL REFERENCES audit,
    name         TEXT NOT NULL,
    token_hash   BLOB NOT NULL,
    code_hash    BLOB UNIQUE               -- the code that enrolled it, used once; NULL: enrolled by the demonstration
) STRICT;

CREATE TABLE terminal_revoked (
    id           TEXT PRIMARY KEY REFERENCES terminal,
    seq          INTEGER NOT NULL REFERENCES audit
) STRICT;

-- Signed on and off, and absences, of the responsible pharmacist.
CREATE TABLE responsible_pharmacist (
    seq          INTEGER PRIMARY KEY REFERENCES audit,
    staff        TEXT NOT NULL,
    kind         TEXT NOT NULL,            -- sign_on, sign_off, absent_from, absent_to
    at           INTEGER NOT NULL
) STRICT;

-- ---- the pharmacy's days ----------------------------------------------------------------------------------------------

-- Regular hours: one row a weekday, newest wins. NULL opens_minute: closed every week on that weekday.
CREATE TABLE opening_hours (
    seq           INTEGER NOT NULL REFERENCES audit,
    weekday       INTEGER NOT NULL,        -- 0 Monday .. 6 Sunday
    opens_minute  INTEGER,                 -- minutes after local midnight
    closes_minute INTEGER,
    PRIMARY KEY (weekday, seq)
) STRICT;

-- Single days, newest wins.
CREATE TABLE calendar_day (
    seq           INTEGER NOT NULL REFERENCES audit,
    day           INTEGER NOT NULL,
    kind          TEXT NOT NULL,           -- bank_holiday, not_bank_holiday, closure, unplanned, opened, regular
    opens_minute  INTEGER,                 -- opened: its hours, NULL: the regular ones
    closes_minute INTEGER,
    reason        TEXT,
    PRIMARY KEY (day, seq)
) STRICT;

-- Policy that the pharmacy tunes, newest wins: hold_after_missed_days, cutoff_grace_minutes, ...
CREATE TABLE policy (
    seq           INTEGER NOT NULL REFERENCES audit,
    name          TEXT NOT NULL,
    value         INTEGER NOT NULL,
    PRIMARY KEY (name, seq)
) STRICT;

-- ---- prescribing services and patients ----------------------------------------------------------------------------------

CREATE TABLE service_version (
    id            TEXT NOT NULL,
    seq           INTEGER NOT NULL REFERENCES audit,
    name          TEXT NOT NULL,
    kind          TEXT NOT NULL,           -- drug_service, general_practice, hospital, prison, other
    telephone     TEXT,
    hours         TEXT,
    ods_code      TEXT,
    endpoint_url  TEXT,
    endpoint_ca   TEXT,
    endpoint_certificate TEXT,
    endpoint_secret TEXT,
    identify_patients INTEGER NOT NULL,
    alert_policy  TEXT,                    -- opaque to SQL: the alert layer's own text
    contacts      TEXT,                    -- the same: in order of escalation
    PRIMARY KEY (id, seq)
) STRICT;

CREATE TABLE patient_version (
    id             TEXT NOT NULL,
    seq            INTEGER NOT NULL REFERENCES audit,
    name           TEXT NOT NULL,
    name_folded    TEXT NOT NULL,          -- lower case, for the search
    preferred_name TEXT,
    born_on        INTEGER NOT NULL,
    identifier_system TEXT,                -- nhs, chi, hc
    identifier_value  TEXT,
    address        TEXT,
    notes          TEXT,
    language       TEXT,
    first_miss_urgent INTEGER NOT NULL,
    PRIMARY KEY (id, seq)
) STRICT;
CREATE INDEX patient_identifier ON patient_version (identifier_value);
CREATE INDEX patient_name ON patient_version (name_folded);

CREATE TABLE patient_representative (
    patient        TEXT NOT NULL,
    seq            INTEGER NOT NULL REFERENCES audit, -- of the patient_version that it belongs to
    name           TEXT NOT NULL,
    valid_until    INTEGER,
    PRIMARY KEY (patient, seq, name)
) STRICT;

-- A sharing agreement of a patient with a service; belongs to a patient_version. NULL service: withdrawn.
CREATE TABLE patient_sharing (
    patient        TEXT NOT NULL,
    seq            INTEGER NOT NULL REFERENCES audit,
    service        TEXT,
    agreed_on      INTEGER,
    reference      TEXT,
    PRIMARY KEY (patient, seq)
) STRICT;

CREATE TABLE patient_merged (
    patient        TEXT PRIMARY KEY,       -- entered twice
    seq            INTEGER NOT NULL REFERENCES audit,
    into_patient   TEXT NOT NULL
) STRICT;
CREATE INDEX patient_merged_into ON patient_merged (into_patient);

-- M9: away, deceased, attending; the newest that applies on a day counts.
CREATE TABLE patient_status (
    seq            INTEGER PRIMARY KEY REFERENCES audit,
    patient        TEXT NOT NULL,
    status         TEXT NOT NULL,          -- attending, away, deceased
    from_day       INTEGER NOT NULL,
    to_day         INTEGER,
    source         TEXT
) STRICT;
CREATE INDEX patient_status_patient ON patient_status (patient, seq);

-- ---- prescriptions ------------------------------------------------------------------------------------------------------

CREATE TABLE prescription (
    id              TEXT PRIMARY KEY,
    seq             INTEGER NOT NULL REFERENCES audit,
    patient         TEXT NOT NULL,
    service         TEXT NOT NULL,
    form            TEXT NOT NULL,
    serial          TEXT,
    drug_class      TEXT NOT NULL,         -- opioid, benzodiazepine: as entered, whatever the catalogue says later
    signed_on       INTEGER NOT NULL,
    start_on        INTEGER,
    entered_on      INTEGER NOT NULL,
    prescriber_name TEXT NOT NULL,
    prescriber_number TEXT,
    prescriber_address TEXT,
    stage           TEXT NOT NULL,         -- titration, stable, reduction
    wording         INTEGER NOT NULL,      -- enum wording_flag, or-ed
    wording_text    TEXT,
    collect_kind    TEXT NOT NULL,         -- weekdays, every_days, dates
    collect_weekdays INTEGER NOT NULL,     -- set of weekdays, bit 0 Monday
    collect_every   INTEGER NOT NULL,
    supervised_kind TEXT NOT NULL,         -- none, collection_days, weekdays
    supervised_weekdays INTEGER NOT NULL,
    replaces        TEXT,
    replaces_from   INTEGER,
    together_with   TEXT,
    dose_warned     INTEGER NOT NULL,      -- P8 warned at entry
    accepted        TEXT                   -- findings accepted by a pharmacist, codes with commas
) STRICT;
CREATE INDEX prescription_patient ON prescription (patient);

CREATE TABLE prescription_item (
    prescription    TEXT NOT NULL REFERENCES prescription,
    position        INTEGER NOT NULL,
    product         TEXT NOT NULL,
    schedule        INTEGER NOT NULL,      -- as entered
    micrograms      INTEGER NOT NULL,      -- of drug in one unit, as entered
    total           INTEGER NOT NULL,      -- what may be supplied in all: the smaller of both figures (P6)
    total_on_form   INTEGER NOT NULL,
    total_in_words  INTEGER NOT NULL,
    total_in_figures INTEGER NOT NULL,
    PRIMARY KEY (prescription, position)
) STRICT;

CREATE TABLE prescription_run (
    prescription    TEXT NOT NULL REFERENCES prescription,
    position        INTEGER NOT NULL,      -- of the item
    from_day        INTEGER NOT NULL,
    days            INTEGER NOT NULL,
    dose            INTEGER NOT NULL,
    supervised_part INTEGER,
    PRIMARY KEY (prescription, position, from_day)
) STRICT;
CREATE INDEX prescription_run_end ON prescription_run ((from_day + days)); -- who is live on a day

CREATE TABLE prescription_date (
    prescription    TEXT NOT NULL REFERENCES prescription,
    day             INTEGER NOT NULL,      -- collect_kind = dates
    PRIMARY KEY (prescription, day)
) STRICT;

-- P12: the second person agreed.
CREATE TABLE prescription_checked (
    prescription    TEXT PRIMARY KEY REFERENCES prescription,
    seq             INTEGER NOT NULL REFERENCES audit,
    staff           TEXT NOT NULL
) STRICT;

-- Stopped, put on hold, released: by a person, with a reason and the day from which.
CREATE TABLE prescription_change (
    seq             INTEGER PRIMARY KEY REFERENCES audit,
    prescription    TEXT NOT NULL REFERENCES prescription,
    kind            TEXT NOT NULL,         -- stop, hold, release
    from_day        INTEGER NOT NULL,
    reason          TEXT
) STRICT;
CREATE INDEX prescription_change_of ON prescription_change (prescription);

-- ---- what happened --------------------------------------------------------------------------------------------------------

-- A supply, lawful or irregular, or one typed from a transferred form (before entry).
CREATE TABLE supply (
    id              TEXT PRIMARY KEY,
    seq             INTEGER NOT NULL REFERENCES audit,
    patient         TEXT NOT NULL,
    prescription    TEXT NOT NULL REFERENCES prescription,
    kind            TEXT NOT NULL,         -- lawful, irregular, before_entry
    on_day          INTEGER NOT NULL,
    at              INTEGER NOT NULL,
    supervised_at   INTEGER NOT NULL,      -- instant of a supervised dose, 0: none (D15)
    collector_role  TEXT NOT NULL,         -- patient, representative, professional
    collector_name  TEXT,
    collector_address TEXT,
    identity_requested INTEGER,
    identity_provided  INTEGER,
    identified_by   TEXT,
    supervised_by   TEXT,
    confirmed_by    TEXT,
    verdict         TEXT NOT NULL,
    missed_days     INTEGER NOT NULL,
    missed_pickups  INTEGER NOT NULL,
    last_dosed      INTEGER,
    next_due        INTEGER,
    rules           TEXT NOT NULL,
    part_reason     TEXT,
    reason          TEXT,                  -- irregular: why
    told            TEXT                   -- irregular: who was told
) STRICT;
-- A patient's history is read for every decision: all that it needs stands in this index and in that of dosed_day.
CREATE INDEX supply_patient ON supply (patient, seq, id, prescription, kind, on_day, supervised_at);
CREATE INDEX supply_day ON supply (on_day);
CREATE INDEX supply_prescription ON supply (prescription, seq);

CREATE TABLE supply_item (
    supply          TEXT NOT NULL REFERENCES supply,
    position        INTEGER NOT NULL,      -- of the prescription's item
    product         TEXT NOT NULL,
    quantity        INTEGER NOT NULL,
    supervised      INTEGER NOT NULL,
    take_home       INTEGER NOT NULL,
    PRIMARY KEY (supply, position)
) STRICT;

CREATE TABLE supply_reason (
    supply          TEXT NOT NULL REFERENCES supply,
    code            TEXT NOT NULL,
    severity        TEXT NOT NULL,
    number          INTEGER NOT NULL,
    day             INTEGER,
    confirmed       INTEGER NOT NULL,
    PRIMARY KEY (supply, code)
) STRICT;

-- The days that a supply dosed. turn 0 is the lawful supply; a further turn exists only through a row that names what
-- opened it: the reversal, the part supply or the irregular record (design.md). Two lawful supplies of one day cannot be.
CREATE TABLE dosed_day (
    prescription    TEXT NOT NULL REFERENCES prescription,
    day             INTEGER NOT NULL,
    turn            INTEGER NOT NULL,
    supply          TEXT NOT NULL REFERENCES supply,
    opened_by       TEXT,                  -- turn > 0: the reversal's seq, or the supply's id
    PRIMARY KEY (prescription, day, turn)
) STRICT;
CREATE INDEX dosed_day_supply ON dosed_day (supply, day);

-- A supply recorded in error: once only. It doses no day any more.
CREATE TABLE supply_reversal (
    supply          TEXT PRIMARY KEY REFERENCES supply,
    seq             INTEGER NOT NULL REFERENCES audit,
    reason          TEXT NOT NULL
) STRICT;

-- M11: in place of a supply (withheld, deferred, declined, attended_not_supplied), notes on one (vomited, spilled, left,
-- part), and what the clock found (missed, lost_to_closure). One of the clock's a collection, exactly once.
CREATE TABLE outcome (
    id              TEXT PRIMARY KEY,
    seq             INTEGER NOT NULL REFERENCES audit,
    patient         TEXT NOT NULL,
    prescription    TEXT NOT NULL REFERENCES prescription,
    collect_day     INTEGER,               -- of the instalment; NULL: none was due
    on_day          INTEGER NOT NULL,
    at              INTEGER NOT NULL,
    outcome         TEXT NOT NULL,
    minutes_after   INTEGER,
    quantity        INTEGER,
    reason          TEXT,                  -- attended_not_supplied: codes
    note            TEXT
) STRICT;
CREATE INDEX outcome_patient ON outcome (patient);
CREATE INDEX outcome_day ON outcome (on_day);
CREATE UNIQUE INDEX outcome_by_clock ON outcome (prescription, collect_day)
    WHERE outcome IN ('missed', 'lost_to_closure');

CREATE TABLE consultation (
    id              TEXT PRIMARY KEY,
    seq             INTEGER NOT NULL REFERENCES audit,
    patient         TEXT NOT NULL,
    prescription    TEXT NOT NULL REFERENCES prescription,
    asked           TEXT NOT NULL,         -- who was asked
    role            TEXT NOT NULL,         -- prescriber, deputy, keyworker
    channel         TEXT,
    on_day          INTEGER NOT NULL,
    outcome         TEXT NOT NULL,
    resume_on       INTEGER,
    for_day         INTEGER,
    note            TEXT
) STRICT;
CREATE INDEX consultation_patient ON consultation (patient);

CREATE TABLE consultation_day (
    consultation    TEXT NOT NULL REFERENCES consultation,
    day             INTEGER NOT NULL,
    PRIMARY KEY (consultation, day)
) STRICT;

CREATE TABLE dosed_elsewhere (
    id              TEXT PRIMARY KEY,
    seq             INTEGER NOT NULL REFERENCES audit,
    patient         TEXT NOT NULL,
    drug_class      TEXT NOT NULL,
    from_day        INTEGER NOT NULL,
    to_day          INTEGER NOT NULL,
    on_day          INTEGER NOT NULL,      -- recorded
    product         TEXT,
    dose            TEXT,
    given_by        TEXT,
    confirmed_by    TEXT NOT NULL,
    channel         TEXT,
    unlike          INTEGER NOT NULL       -- prison, or product or dose unknown or different (D23)
) STRICT;
CREATE INDEX dosed_elsewhere_patient ON dosed_elsewhere (patient);

CREATE TABLE concern (
    id              TEXT PRIMARY KEY,
    seq             INTEGER NOT NULL REFERENCES audit,
    patient         TEXT NOT NULL,
    prescription    TEXT,
    kind            TEXT NOT NULL,
    signs           TEXT NOT NULL,         -- codes with commas
    note            TEXT,
    decision        TEXT NOT NULL,
    prescriber_contacted TEXT,
    at              INTEGER NOT NULL
) STRICT;
CREATE INDEX concern_patient ON concern (patient);

-- Bagged in advance and put back: newest wins for an instalment.
CREATE TABLE preparation (
    seq             INTEGER PRIMARY KEY REFERENCES audit,
    prescription    TEXT NOT NULL REFERENCES prescription,
    collect_day     INTEGER NOT NULL,
    kind            TEXT NOT NULL,         -- prepare, unprepare
    containers      INTEGER,
    batch           TEXT,
    expiry          INTEGER
) STRICT;
CREATE INDEX preparation_of ON preparation (prescription, collect_day);

-- ---- the register, the alerts and the label jobs that belong to a supply -----------------------------------------------------

-- C1 to C5: number runs in each section (product); previous and hash chain it. Nothing is changed or deleted (C3).
CREATE TABLE register_entry (
    section         TEXT NOT NULL,         -- the product's code
    number          INTEGER NOT NULL,
    seq             INTEGER NOT NULL REFERENCES audit,
    kind            TEXT NOT NULL,         -- supplied, received, reversed, adjusted, destroyed, returned, note, check
    on_day          INTEGER NOT NULL,      -- date of the supply or receipt
    entered_at      INTEGER NOT NULL,
    quantity        INTEGER NOT NULL,      -- signed: out is negative
    balance         INTEGER NOT NULL,
    supply          TEXT REFERENCES supply,
    corrects        INTEGER,
    person_name     TEXT,                  -- supplied to, received from
    person_address  TEXT,
    authority       TEXT,                  -- the prescriber
    collector_role  TEXT,
    collector_name  TEXT,
    collector_address TEXT,
    identity_requested INTEGER,
    identity_provided  INTEGER,
    by_staff        TEXT,
    note            TEXT,
    previous        BLOB NOT NULL,         -- hash of the entry before, 32 zero bytes for the first
    hash            BLOB NOT NULL,
    PRIMARY KEY (section, number)
) STRICT;
CREATE INDEX register_supply ON register_entry (supply);

CREATE TABLE alert (
    id              TEXT PRIMARY KEY,      -- UUIDv7
    seq             INTEGER NOT NULL REFERENCES audit,
    kind            TEXT NOT NULL,
    priority        TEXT NOT NULL,         -- routine, urgent
    patient         TEXT,
    prescription    TEXT,
    service         TEXT,
    raised_at       INTEGER NOT NULL,
    on_day          INTEGER NOT NULL,
    about           TEXT NOT NULL,         -- what makes it unique: 'missed_pickup/RX/2026-11-24'
    number          INTEGER,               -- missed days, where it counts some
    corrects        TEXT,
    UNIQUE (about)
) STRICT;
CREATE INDEX alert_patient ON alert (patient);
CREATE INDEX alert_of ON alert (seq);

CREATE TABLE print_job (
    id              TEXT PRIMARY KEY,
    seq             INTEGER NOT NULL REFERENCES audit,
    kind            TEXT NOT NULL,         -- label, bag
    supply          TEXT REFERENCES supply,
    prescription    TEXT,
    for_day         INTEGER,               -- the day on a daily container
    last_day        INTEGER,               -- a run of days in one container
    product         TEXT,
    quantity        INTEGER,
    code            TEXT NOT NULL UNIQUE,  -- what the label's code says: opaque
    reprint_of      TEXT
) STRICT;
CREATE INDEX print_job_supply ON print_job (supply);

-- A day closed by the end-of-day reconciliation, opened again by a supply (D21).
CREATE TABLE day_state (
    seq             INTEGER PRIMARY KEY REFERENCES audit,
    day             INTEGER NOT NULL,
    kind            TEXT NOT NULL          -- closed_signed, closed_unsigned, opened_again
) STRICT;

-- D20: a person confirmed the time.
CREATE TABLE clock_confirmed (
    seq             INTEGER PRIMARY KEY REFERENCES audit,
    at              INTEGER NOT NULL
) STRICT;

-- The sweep of M1 has looked at everything up to this instant; newest wins. Derivable, kept to be quick.
CREATE TABLE swept (
    seq             INTEGER PRIMARY KEY REFERENCES audit,
    until_at        INTEGER NOT NULL
) STRICT;

-- ---- append-only ------------------------------------------------------------------------------------------------------------

-- For whoever opens the file with another program; the daemon's own driver refuses before these are reached.
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER idempotency_no_update BEFORE UPDATE ON idempotency BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER idempotency_no_delete BEFORE DELETE ON idempotency BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER setting_no_update BEFORE UPDATE ON setting BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER setting_no_delete BEFORE DELETE ON setting BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER staff_version_no_update BEFORE UPDATE ON staff_version BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER staff_version_no_delete BEFORE DELETE ON staff_version BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER terminal_code_no_update BEFORE UPDATE ON terminal_code BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER terminal_code_no_delete BEFORE DELETE ON terminal_code BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER terminal_no_update BEFORE UPDATE ON terminal BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER terminal_no_delete BEFORE DELETE ON terminal BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER terminal_revoked_no_update BEFORE UPDATE ON terminal_revoked BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER terminal_revoked_no_delete BEFORE DELETE ON terminal_revoked BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER responsible_pharmacist_no_update BEFORE UPDATE ON responsible_pharmacist BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER responsible_pharmacist_no_delete BEFORE DELETE ON responsible_pharmacist BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER opening_hours_no_update BEFORE UPDATE ON opening_hours BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER opening_hours_no_delete BEFORE DELETE ON opening_hours BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER calendar_day_no_update BEFORE UPDATE ON calendar_day BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER calendar_day_no_delete BEFORE DELETE ON calendar_day BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER policy_no_update BEFORE UPDATE ON policy BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER policy_no_delete BEFORE DELETE ON policy BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER service_version_no_update BEFORE UPDATE ON service_version BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER service_version_no_delete BEFORE DELETE ON service_version BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER patient_version_no_update BEFORE UPDATE ON patient_version BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER patient_version_no_delete BEFORE DELETE ON patient_version BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER patient_representative_no_update BEFORE UPDATE ON patient_representative BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER patient_representative_no_delete BEFORE DELETE ON patient_representative BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER patient_sharing_no_update BEFORE UPDATE ON patient_sharing BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER patient_sharing_no_delete BEFORE DELETE ON patient_sharing BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER patient_merged_no_update BEFORE UPDATE ON patient_merged BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER patient_merged_no_delete BEFORE DELETE ON patient_merged BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER patient_status_no_update BEFORE UPDATE ON patient_status BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER patient_status_no_delete BEFORE DELETE ON patient_status BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER prescription_no_update BEFORE UPDATE ON prescription BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER prescription_no_delete BEFORE DELETE ON prescription BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER prescription_item_no_update BEFORE UPDATE ON prescription_item BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER prescription_item_no_delete BEFORE DELETE ON prescription_item BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER prescription_run_no_update BEFORE UPDATE ON prescription_run BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER prescription_run_no_delete BEFORE DELETE ON prescription_run BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER prescription_date_no_update BEFORE UPDATE ON prescription_date BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER prescription_date_no_delete BEFORE DELETE ON prescription_date BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER prescription_checked_no_update BEFORE UPDATE ON prescription_checked BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER prescription_checked_no_delete BEFORE DELETE ON prescription_checked BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER prescription_change_no_update BEFORE UPDATE ON prescription_change BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER prescription_change_no_delete BEFORE DELETE ON prescription_change BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER supply_no_update BEFORE UPDATE ON supply BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER supply_no_delete BEFORE DELETE ON supply BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER supply_item_no_update BEFORE UPDATE ON supply_item BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER supply_item_no_delete BEFORE DELETE ON supply_item BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER supply_reason_no_update BEFORE UPDATE ON supply_reason BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER supply_reason_no_delete BEFORE DELETE ON supply_reason BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER dosed_day_no_update BEFORE UPDATE ON dosed_day BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER dosed_day_no_delete BEFORE DELETE ON dosed_day BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER supply_reversal_no_update BEFORE UPDATE ON supply_reversal BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER supply_reversal_no_delete BEFORE DELETE ON supply_reversal BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER outcome_no_update BEFORE UPDATE ON outcome BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER outcome_no_delete BEFORE DELETE ON outcome BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER consultation_no_update BEFORE UPDATE ON consultation BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER consultation_no_delete BEFORE DELETE ON consultation BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER consultation_day_no_update BEFORE UPDATE ON consultation_day BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER consultation_day_no_delete BEFORE DELETE ON consultation_day BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER dosed_elsewhere_no_update BEFORE UPDATE ON dosed_elsewhere BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER dosed_elsewhere_no_delete BEFORE DELETE ON dosed_elsewhere BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER concern_no_update BEFORE UPDATE ON concern BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER concern_no_delete BEFORE DELETE ON concern BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER preparation_no_update BEFORE UPDATE ON preparation BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER preparation_no_delete BEFORE DELETE ON preparation BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER register_entry_no_update BEFORE UPDATE ON register_entry BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER register_entry_no_delete BEFORE DELETE ON register_entry BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER alert_no_update BEFORE UPDATE ON alert BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER alert_no_delete BEFORE DELETE ON alert BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER print_job_no_update BEFORE UPDATE ON print_job BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER print_job_no_delete BEFORE DELETE ON print_job BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER day_state_no_update BEFORE UPDATE ON day_state BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER day_state_no_delete BEFORE DELETE ON day_state BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER clock_confirmed_no_update BEFORE UPDATE ON clock_confirmed BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER clock_confirmed_no_delete BEFORE DELETE ON clock_confirmed BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER swept_no_update BEFORE UPDATE ON swept BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER swept_no_delete BEFORE DELETE ON swept BEGIN SELECT RAISE(ABORT, 'append-only'); END;
