-- What becomes of a print job on its way to paper, what the jobs of sheets and cards are about, printers, cards that were
-- given, and labels that were printed when an instalment was bagged. Conventions as in 0001.

-- Beyond a supply's label, which 0001 has: whose it is, and what it is about.
ALTER TABLE print_job ADD COLUMN patient TEXT;          -- NULL: the sheet is about everybody
ALTER TABLE print_job ADD COLUMN on_day INTEGER;        -- label: date of dispensing; bag: of collection; sheet: its day
ALTER TABLE print_job ADD COLUMN supervised INTEGER;    -- label: swallowed at the counter
ALTER TABLE print_job ADD COLUMN preparation INTEGER REFERENCES preparation; -- label, bag: printed when bagged
ALTER TABLE print_job ADD COLUMN collect_day INTEGER;   -- and of which instalment
ALTER TABLE print_job ADD COLUMN addressee TEXT;        -- letter
ALTER TABLE print_job ADD COLUMN card TEXT;             -- card: its code, as in config/cards
ALTER TABLE print_job ADD COLUMN card_version TEXT;
ALTER TABLE print_job ADD COLUMN card_language TEXT;
ALTER TABLE print_job ADD COLUMN card_form TEXT;        -- normal, large, easy
ALTER TABLE print_job ADD COLUMN reprint INTEGER;       -- n of "REPRINT n"; NULL: the first print
ALTER TABLE print_job ADD COLUMN facts_seq INTEGER;     -- reprint: says what was true at this seq; NULL: at its own
CREATE INDEX print_job_made ON print_job (seq);
CREATE INDEX print_job_patient ON print_job (patient, seq);
CREATE INDEX print_job_preparation ON print_job (preparation) WHERE preparation IS NOT NULL;
-- A print is reprinted once; then its reprint is the one that counts.
CREATE UNIQUE INDEX print_job_reprint ON print_job (reprint_of) WHERE reprint_of IS NOT NULL;

-- The doses in a container of several days; one of a single day has them all.
CREATE TABLE print_dose (
    job         TEXT NOT NULL REFERENCES print_job,
    day         INTEGER NOT NULL,
    dose        INTEGER NOT NULL,
    PRIMARY KEY (job, day)
) STRICT;

-- The newest is what is true; none: queued.
CREATE TABLE print_state (
    job         TEXT NOT NULL REFERENCES print_job,
    seq         INTEGER NOT NULL REFERENCES audit,
    state       TEXT NOT NULL,             -- queued, sent, accepted_by_printer, unverified, confirmed, failed, cancelled
    printer     TEXT,                      -- id of a printer; 'file': the folder
    cups_job    INTEGER,                   -- its number at the print server, written before the document is sent
    reason      TEXT,                      -- a code: why, where it is not plain
    PRIMARY KEY (job, seq)
) STRICT;
-- What was printed before there were printers is not printed now.
INSERT INTO print_state (job, seq, state, reason) SELECT id, seq, 'cancelled', 'before_printing' FROM print_job;

CREATE TABLE printer_version (
    id          TEXT NOT NULL,
    seq         INTEGER NOT NULL REFERENCES audit,
    name        TEXT NOT NULL,             -- as staff call it
    server      TEXT,                      -- "host:port" or a socket's path; NULL: the machine's own
    queue       TEXT NOT NULL,
    kind        TEXT NOT NULL,             -- label, a4, card
    width       INTEGER NOT NULL,          -- of its media, hundredths of a millimetre
    height      INTEGER NOT NULL,
    fallback    TEXT,                      -- the printer that takes over
    active      INTEGER NOT NULL,
    PRIMARY KEY (id, seq)
) STRICT;

-- The printer's sign on the counter, newest wins; none: it has not been asked yet.
CREATE TABLE printer_light (
    printer     TEXT NOT NULL,
    seq         INTEGER NOT NULL REFERENCES audit,
    light       TEXT NOT NULL,             -- ready, trouble
    reasons     TEXT NOT NULL,             -- printer-state-reasons with commas; ''
    PRIMARY KEY (printer, seq)
) STRICT;

-- A label or bag label printed when the instalment was bagged, and handed out with this supply.
CREATE TABLE label_given (
    supply      TEXT NOT NULL REFERENCES supply,
    job         TEXT NOT NULL REFERENCES print_job,
    seq         INTEGER NOT NULL REFERENCES audit,
    scanned     INTEGER NOT NULL,
    PRIMARY KEY (supply, job)
) STRICT;

-- A safety card that a patient was given.
CREATE TABLE card_given (
    id          TEXT PRIMARY KEY,
    seq         INTEGER NOT NULL REFERENCES audit,
    patient     TEXT NOT NULL,
    card        TEXT NOT NULL,
    version     TEXT NOT NULL,
    language    TEXT NOT NULL,
    form        TEXT NOT NULL,             -- normal, large, easy
    given_to    TEXT NOT NULL,             -- patient, representative, other
    talked_about INTEGER NOT NULL,
    job         TEXT REFERENCES print_job  -- NULL: handed over from a stock of printed ones
) STRICT;
CREATE INDEX card_given_patient ON card_given (patient, seq);

CREATE TRIGGER print_dose_no_update BEFORE UPDATE ON print_dose BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER print_dose_no_delete BEFORE DELETE ON print_dose BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER print_state_no_update BEFORE UPDATE ON print_state BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER print_state_no_delete BEFORE DELETE ON print_state BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER printer_version_no_update BEFORE UPDATE ON printer_version BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER printer_version_no_delete BEFORE DELETE ON printer_version BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER printer_light_no_update BEFORE UPDATE ON printer_light BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER printer_light_no_delete BEFORE DELETE ON printer_light BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER label_given_no_update BEFORE UPDATE ON label_given BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER label_given_no_delete BEFORE DELETE ON label_given BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER card_given_no_update BEFORE UPDATE ON card_given BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER card_given_no_delete BEFORE DELETE ON card_given BEGIN SELECT RAISE(ABORT, 'append-only'); END;
