-- The rest of the register (C1 to C7), the stock as double entry, the closing of days (section 6), patient returns, and
-- what the claim counts. Append-only like everything in 0001.

-- Members of an entry that are not a supply's. NULL: not given; the canonical form leaves them out, so that what was
-- written before keeps its hash.
ALTER TABLE register_entry ADD COLUMN reason TEXT;        -- adjusted: overage, spillage, residue, count, correction
ALTER TABLE register_entry ADD COLUMN witness TEXT;       -- sign-in name of the second person
ALTER TABLE register_entry ADD COLUMN authorised_by TEXT; -- C7: the authorised witness, name and capacity
ALTER TABLE register_entry ADD COLUMN reference TEXT;     -- invoice, requisition, sheet
ALTER TABLE register_entry ADD COLUMN packs TEXT;         -- "2 x 500 AB12 2027-05-31", several with "; "
ALTER TABLE register_entry ADD COLUMN counted INTEGER;    -- check: what two people found, thousandths

-- The last stock check is looked for among what is no supply: few entries.
CREATE INDEX register_kind ON register_entry (section, kind, number) WHERE kind <> 'supplied';
CREATE INDEX register_entered ON register_entry (entered_at, section, number);
CREATE INDEX supply_at ON supply (at);

-- C4: a balance fell below zero, or a count differed from the balance. Open until an entry explains it.
CREATE TABLE discrepancy (
    id          TEXT PRIMARY KEY,
    seq         INTEGER NOT NULL REFERENCES audit,
    section     TEXT NOT NULL,
    number      INTEGER NOT NULL,          -- the entry that showed it
    kind        TEXT NOT NULL,             -- below_zero, count
    quantity    INTEGER NOT NULL,          -- the balance; found less expected
    on_day      INTEGER NOT NULL
) STRICT;
CREATE INDEX discrepancy_section ON discrepancy (section, seq);
CREATE TABLE discrepancy_explained (
    discrepancy TEXT PRIMARY KEY REFERENCES discrepancy,
    seq         INTEGER NOT NULL REFERENCES audit,
    number      INTEGER NOT NULL           -- of the section's entry that explains it
) STRICT;

-- ---- stock: every move has legs that add up to zero -------------------------------------------------------------------

-- One move for each register entry (notes and checks have no legs), and for what moves within the pharmacy.
CREATE TABLE stock_move (
    id          INTEGER PRIMARY KEY,
    seq         INTEGER NOT NULL REFERENCES audit,
    product     TEXT NOT NULL,
    kind        TEXT NOT NULL,             -- as the entry's; brought_forward, prepared, put_back
    on_day      INTEGER NOT NULL,
    number      INTEGER,                   -- of the register entry; NULL: it has none
    subject     TEXT,                      -- prepared, put_back: the instalment; supplied, reversed: the supply
    UNIQUE (product, number)
) STRICT;
CREATE INDEX stock_move_day ON stock_move (on_day, product);
CREATE INDEX stock_move_subject ON stock_move (subject) WHERE subject IS NOT NULL;

-- A lot: one batch with one expiry in one size of bottle or pack.
CREATE TABLE stock_lot (
    product     TEXT NOT NULL,
    lot         TEXT NOT NULL,             -- "500/2027-05-31/AB12"
    batch       TEXT,
    expiry      INTEGER,
    pack        INTEGER NOT NULL,          -- thousandths in one
    PRIMARY KEY (product, lot)
) STRICT;

-- Here: full (by lot), open, prepared. Elsewhere: supplier, patient, destroyed, overage, waste, difference,
-- brought_forward. The balance of an account is that of its last leg.
CREATE TABLE stock_leg (
    product     TEXT NOT NULL,
    account     TEXT NOT NULL,
    lot         TEXT NOT NULL,             -- '' but for full
    number      INTEGER NOT NULL,          -- counts in the account and lot
    move        INTEGER NOT NULL REFERENCES stock_move,
    quantity    INTEGER NOT NULL,
    balance     INTEGER NOT NULL,
    PRIMARY KEY (product, account, lot, number)
) STRICT;
CREATE INDEX stock_leg_move ON stock_leg (move);

-- What was in the register before there was a stock.
INSERT INTO stock_move (seq, product, kind, on_day)
    SELECT r.seq, r.section, 'brought_forward', r.on_day FROM register_entry r
    WHERE r.number = (SELECT max(m.number) FROM register_entry m WHERE m.section = r.section);
INSERT INTO stock_leg (product, account, lot, number, move, quantity, balance)
    SELECT m.product, 'open', '', 1, m.id, r.balance, r.balance FROM stock_move m
    JOIN register_entry r ON r.seq = m.seq AND r.section = m.product
    WHERE r.number = (SELECT max(n.number) FROM register_entry n WHERE n.section = m.product);
INSERT INTO stock_leg (product, account, lot, number, move, quantity, balance)
    SELECT l.product, 'brought_forward', '', 1, l.move, 0 - l.quantity, 0 - l.quantity FROM stock_leg l;

-- C7: brought back by patients, never part of the stock or the register.
CREATE TABLE patient_return (
    id          TEXT PRIMARY KEY,
    seq         INTEGER NOT NULL REFERENCES audit,
    on_day      INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    patient     TEXT,
    product     TEXT,                      -- of the catalogue; NULL: something else
    description TEXT,
    quantity    INTEGER,
    brought_by  TEXT,
    witness     TEXT NOT NULL,             -- sign-in name: saw it destroyed
    note        TEXT
) STRICT;
CREATE INDEX patient_return_day ON patient_return (on_day);

-- ---- days ------------------------------------------------------------------------------------------------------------------

-- Section 6: a day's reconciliation, report 1, 2 ... Its answer is rendered from the facts as of seq.
CREATE TABLE day_close (
    day         INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    seq         INTEGER NOT NULL UNIQUE REFERENCES audit,
    at          INTEGER NOT NULL,
    by_staff    TEXT,                      -- NULL: the program itself
    signed      INTEGER NOT NULL,          -- 0: it closed by itself, with open items
    reason      TEXT,                      -- why alerts are left as they are
    PRIMARY KEY (day, number)
) STRICT;

-- The register's heads as the report printed them.
CREATE TABLE day_head (
    seq         INTEGER NOT NULL REFERENCES audit,
    section     TEXT NOT NULL,
    number      INTEGER NOT NULL,
    hash        BLOB NOT NULL,
    PRIMARY KEY (section, seq)
) STRICT;

-- H40: typed from paper after a downtime.
CREATE TABLE late_entry (
    id          TEXT PRIMARY KEY,
    seq         INTEGER NOT NULL REFERENCES audit,
    day         INTEGER NOT NULL,
    sheet       TEXT NOT NULL,             -- the sheet's number
    at          INTEGER NOT NULL,          -- when it happened, as the paper says
    prescription TEXT NOT NULL REFERENCES prescription,
    supply      TEXT REFERENCES supply,    -- what it recorded: one of the two
    outcome     TEXT REFERENCES outcome,
    reason      TEXT NOT NULL,
    second      TEXT NOT NULL,             -- sign-in name
    objections  TEXT                       -- codes with blanks: where the rules would have objected
) STRICT;
CREATE INDEX late_entry_day ON late_entry (day, seq);

-- What is claimed: each supervised item of a supply, in the order in which a year is counted. Derivable, kept to be quick.
CREATE TABLE supervised_dose (
    service     TEXT NOT NULL,
    on_day      INTEGER NOT NULL,
    product     TEXT NOT NULL,
    supply      TEXT NOT NULL,
    seq         INTEGER NOT NULL,
    PRIMARY KEY (service, product, on_day, supply)
) STRICT;
INSERT INTO supervised_dose (service, on_day, product, supply, seq)
    SELECT p.service, s.on_day, i.product, s.id, s.seq FROM supply s JOIN prescription p ON p.id = s.prescription
    JOIN supply_item i ON i.supply = s.id WHERE i.supervised > 0 AND s.kind <> 'before_entry' AND p.service IS NOT NULL;

CREATE TRIGGER discrepancy_no_update BEFORE UPDATE ON discrepancy BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER discrepancy_no_delete BEFORE DELETE ON discrepancy BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER discrepancy_explained_no_update BEFORE UPDATE ON discrepancy_explained BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER discrepancy_explained_no_delete BEFORE DELETE ON discrepancy_explained BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER stock_move_no_update BEFORE UPDATE ON stock_move BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER stock_move_no_delete BEFORE DELETE ON stock_move BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER stock_lot_no_update BEFORE UPDATE ON stock_lot BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER stock_lot_no_delete BEFORE DELETE ON stock_lot BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER stock_leg_no_update BEFORE UPDATE ON stock_leg BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER stock_leg_no_delete BEFORE DELETE ON stock_leg BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER patient_return_no_update BEFORE UPDATE ON patient_return BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER patient_return_no_delete BEFORE DELETE ON patient_return BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER day_close_no_update BEFORE UPDATE ON day_close BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER day_close_no_delete BEFORE DELETE ON day_close BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER day_head_no_update BEFORE UPDATE ON day_head BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER day_head_no_delete BEFORE DELETE ON day_head BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER late_entry_no_update BEFORE UPDATE ON late_entry BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER late_entry_no_delete BEFORE DELETE ON late_entry BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER supervised_dose_no_update BEFORE UPDATE ON supervised_dose BEGIN SELECT RAISE(ABORT, 'append-only'); END;
CREATE TRIGGER supervised_dose_no_delete BEFORE DELETE ON supervised_dose BEGIN SELECT RAISE(ABORT, 'append-only'); END;
