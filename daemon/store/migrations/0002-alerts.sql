-- Alerts on their way: what is said of each, the bytes that were sent, every attempt, and what became of it (A1 to A11).
-- Append-only like everything in 0001 but for alert_open, which is derived from the rest (see there).

-- What a prescribing service wants to be told how: figures by name, the default where none stands. Each version of a
-- service (service_version) has its own.
CREATE TABLE service_policy (
    service     TEXT NOT NULL,
    seq         INTEGER NOT NULL REFERENCES audit, -- of the service_version that it belongs to
    name        TEXT NOT NULL,
    value       INTEGER NOT NULL,
    PRIMARY KEY (service, seq, name)
) STRICT;

-- What became of a service's endpoint, newest counts: changed (not tested since), confirmed (a route_test sent after the
-- last change was acknowledged by the service), switched_off (it answered 410).
CREATE TABLE endpoint_fact (
    service     TEXT NOT NULL,
    seq         INTEGER NOT NULL REFERENCES audit,
    kind        TEXT NOT NULL,
    alert       TEXT REFERENCES alert,     -- confirmed: the route_test; switched_off: whose answer it was
    PRIMARY KEY (service, seq)
) STRICT;

-- What an alert says besides its row in `alert`, as it was known when it was raised. Each kind has its own columns;
-- NULL: not said. last_dose and swallowed are texts for people ("60 ml").
CREATE TABLE alert_detail (
    alert       TEXT PRIMARY KEY REFERENCES alert,
    accept_by   INTEGER NOT NULL,          -- not accepted by then: telephone the service
    due_by      INTEGER NOT NULL,          -- not acknowledged by then: the same (the Task's end)
    missed_pickups INTEGER,
    last_dosed  INTEGER,                   -- day
    last_dose   TEXT,
    next_collection INTEGER,               -- day
    on_hold     INTEGER NOT NULL,
    signs       TEXT,                      -- one a line, in words
    concern     TEXT,
    decision    TEXT,
    outcome     TEXT,
    swallowed   TEXT,
    minutes_after INTEGER,
    note        TEXT,
    why         TEXT,                      -- a sentence
    why_codes   TEXT,                      -- attended_not_supplied: codes with commas
    where_to_go TEXT,
    first_day   INTEGER,                   -- patient_away: from; collection_on_closed_day: the day
    last_day    INTEGER,                   -- patient_away: to; collection_on_closed_day: where it moves to
    source      TEXT                       -- patient_away: who said so
) STRICT;

CREATE TABLE alert_instalment (
    alert       TEXT NOT NULL REFERENCES alert,
    position    INTEGER NOT NULL,
    due_day     INTEGER NOT NULL,
    item        INTEGER NOT NULL,          -- of the prescription
    quantity    INTEGER NOT NULL,
    reason      TEXT NOT NULL,             -- not_collected, withheld, text
    reason_text TEXT,
    PRIMARY KEY (alert, position)
) STRICT;

-- The alerts that a digest stands for; they are not sent by themselves any more.
CREATE TABLE alert_part (
    alert       TEXT PRIMARY KEY REFERENCES alert,
    digest      TEXT NOT NULL REFERENCES alert,
    seq         INTEGER NOT NULL REFERENCES audit
) STRICT;
CREATE INDEX alert_part_of ON alert_part (digest);

-- The bytes that are posted: made once, before the first attempt, and never again.
CREATE TABLE alert_body (
    alert       TEXT PRIMARY KEY REFERENCES alert,
    seq         INTEGER NOT NULL REFERENCES audit,
    made_at     INTEGER NOT NULL,
    correlation TEXT NOT NULL,             -- X-Correlation-ID
    digest      BLOB NOT NULL,             -- SHA-256 of the body
    body        BLOB NOT NULL
) STRICT;

-- Every try: when it began, how long it took, what was answered, and what that means.
CREATE TABLE alert_attempt (
    id          INTEGER PRIMARY KEY,
    seq         INTEGER NOT NULL REFERENCES audit,
    alert       TEXT NOT NULL REFERENCES alert,
    number      INTEGER NOT NULL,          -- 1, 2, ... of the alert
    at          INTEGER NOT NULL,          -- the clock of the service
    sent_at     INTEGER NOT NULL,          -- real time, as webhook-timestamp said
    ms          INTEGER NOT NULL,
    status      INTEGER NOT NULL,          -- HTTP; 0: there was no answer
    result      TEXT NOT NULL,             -- accepted, unconfirmed, retry, refused, gone
    error       TEXT,                      -- connect, tls, timeout, cut, answer, configuration, ...
    answer_digest BLOB                     -- SHA-256 of the answer's body; NULL: there was none
) STRICT;
CREATE INDEX alert_attempt_of ON alert_attempt (alert, id);

-- What became of an alert otherwise: queued (why: agreed, confirmed, released, by_hand), waiting, accepted (of a digest's
-- parts), escalated (on the phone list, why), rejected, acknowledged (how: answer, poll, telephone, digest), closed.
CREATE TABLE alert_event (
    id          INTEGER PRIMARY KEY,
    seq         INTEGER NOT NULL REFERENCES audit,
    alert       TEXT NOT NULL REFERENCES alert,
    kind        TEXT NOT NULL,
    at          INTEGER NOT NULL,          -- telephone: when it was told
    why         TEXT,
    how         TEXT,
    person      TEXT,                      -- who acknowledged; telephone: to whom
    note        TEXT
) STRICT;
CREATE INDEX alert_event_of ON alert_event (alert, id);

-- Derived: one row for each alert that is not ended (acknowledged or closed), with what the facts make of it. It is what
-- the courier, the phone list and the counter look at, so that none of them ever goes through what is done. The only
-- table that is updated and deleted from; store/outbox.c writes it together with the facts, and can make it again.
CREATE TABLE alert_open (
    number      INTEGER PRIMARY KEY,       -- in the order of raising, from the audit row's: never used twice
    alert       TEXT NOT NULL UNIQUE REFERENCES alert,
    kind        TEXT NOT NULL,
    patient     TEXT,
    service     TEXT,
    urgent      INTEGER NOT NULL,
    state       TEXT NOT NULL,             -- waiting, queued, sending, retrying, refused, accepted
    why         TEXT,                      -- waiting: no_service, no_endpoint, not_confirmed, switched_off, no_agreement
    raised_at   INTEGER NOT NULL,
    accept_by   INTEGER NOT NULL,
    due_by      INTEGER NOT NULL,
    attempts    INTEGER NOT NULL,
    location    TEXT,                      -- where to ask for the Task
    phone       TEXT,                      -- why it stands on the phone list; NULL: it does not
    digest      TEXT                       -- goes with this one
) STRICT;
CREATE INDEX alert_open_service ON alert_open (service, state);
CREATE INDEX alert_open_patient ON alert_open (patient, state);

CREATE INDEX alert_day ON alert (on_day, kind);
CREATE INDEX alert_prescription ON alert (prescription, on_day);

-- What was raised before anything could be sent: for a person.
INSERT INTO alert_open (alert, kind, patient, service, urgent, state, why, raised_at, accept_by, due_by, attempts, phone)
    SELECT id, kind, patient, service, CASE WHEN priority = 'urgent' THEN 1 ELSE 0 END, 'waiting', 'no_endpoint',
        raised_at, raised_at, raised_at, 0, 'no_endpoint' FROM alert ORDER BY seq, id;

CREATE TRIGGER service_policy_no_update BEFORE UPDATE ON service_policy BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER service_policy_no_delete BEFORE DELETE ON service_policy BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER endpoint_fact_no_update BEFORE UPDATE ON endpoint_fact BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER endpoint_fact_no_delete BEFORE DELETE ON endpoint_fact BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER alert_detail_no_update BEFORE UPDATE ON alert_detail BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER alert_detail_no_delete BEFORE DELETE ON alert_detail BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER alert_instalment_no_update BEFORE UPDATE ON alert_instalment BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER alert_instalment_no_delete BEFORE DELETE ON alert_instalment BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER alert_part_no_update BEFORE UPDATE ON alert_part BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER alert_part_no_delete BEFORE DELETE ON alert_part BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER alert_body_no_update BEFORE UPDATE ON alert_body BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER alert_body_no_delete BEFORE DELETE ON alert_body BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER alert_attempt_no_update BEFORE UPDATE ON alert_attempt BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER alert_attempt_no_delete BEFORE DELETE ON alert_attempt BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER alert_event_no_update BEFORE UPDATE ON alert_event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER alert_event_no_delete BEFORE DELETE ON alert_event BEGIN SELECT RAISE(ABORT, 'append-only'); END;
