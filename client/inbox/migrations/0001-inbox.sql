-- What a service's inbox keeps. Everything is append-only: a row, once written, is never changed or deleted (triggers
-- below, and an authorizer in the program). Instants (…_at) are seconds since 1970 UTC.

-- One message of a pharmacy, once.
CREATE TABLE message (
    seq          INTEGER PRIMARY KEY,
    id           TEXT NOT NULL UNIQUE,     -- webhook-id = Bundle.id
    alert        TEXT NOT NULL UNIQUE,     -- the Task's identifier, which polls ask for
    pharmacy     TEXT NOT NULL,            -- whose secret it was signed with: its name in the configuration
    received_at  INTEGER NOT NULL,
    correlation  TEXT,                     -- X-Correlation-ID: the episode it belongs to
    corrects     TEXT,                     -- the alert that this one corrects; it may have come later or never
    urgent       INTEGER NOT NULL,         -- 0, 1
    answer       TEXT NOT NULL,            -- id of the Bundle that it was answered with
    digest       BLOB NOT NULL,            -- SHA-256 of the body
    body         BLOB NOT NULL             -- as it came, byte for byte
) STRICT;
CREATE INDEX message_corrects ON message (corrects) WHERE corrects IS NOT NULL;

-- What a keyworker did about a message. The newest row is its status; without any it is 'requested'.
CREATE TABLE action (
    seq          INTEGER PRIMARY KEY,
    message      INTEGER NOT NULL REFERENCES message,
    at           INTEGER NOT NULL,
    keyworker    TEXT NOT NULL,            -- full name, as the pharmacy sees it
    status       TEXT NOT NULL CHECK (status IN ('accepted', 'in-progress', 'completed', 'rejected')),
    note         TEXT                      -- in the keyworker's words; NULL: none
) STRICT;
CREATE INDEX action_message ON action (message, seq);

-- Who may sign in: the newest row of a name counts.
CREATE TABLE keyworker (
    seq           INTEGER PRIMARY KEY,
    name          TEXT NOT NULL COLLATE NOCASE,
    at            INTEGER NOT NULL,
    password_hash TEXT                     -- Argon2id, libsodium's string form; NULL: may not sign in any more
) STRICT;
CREATE INDEX keyworker_name ON keyworker (name, seq);

-- Who signed in, who read what, who did what. 'read': the first time on a day that a message was shown to that person.
CREATE TABLE audit (
    seq          INTEGER PRIMARY KEY,
    at           INTEGER NOT NULL,
    keyworker    TEXT,                     -- NULL: nobody who is known
    what         TEXT NOT NULL,            -- 'signed in', 'wrong password', 'signed out', 'read', 'accepted', ...
    message      INTEGER REFERENCES message,
    on_day       INTEGER NOT NULL          -- UTC day, days since 1970
) STRICT;
CREATE UNIQUE INDEX audit_read ON audit (message, keyworker, on_day) WHERE what = 'read';

CREATE TRIGGER message_keep   BEFORE DELETE ON message   BEGIN SELECT raise(ABORT, 'append only'); END;
CREATE TRIGGER message_stay   BEFORE UPDATE ON message   BEGIN SELECT raise(ABORT, 'append only'); END;
CREATE TRIGGER action_keep    BEFORE DELETE ON action    BEGIN SELECT raise(ABORT, 'append only'); END;
CREATE TRIGGER action_stay    BEFORE UPDATE ON action    BEGIN SELECT raise(ABORT, 'append only'); END;
CREATE TRIGGER keyworker_keep BEFORE DELETE ON keyworker BEGIN SELECT raise(ABORT, 'append only'); END;
CREATE TRIGGER keyworker_stay BEFORE UPDATE ON keyworker BEGIN SELECT raise(ABORT, 'append only'); END;
CREATE TRIGGER audit_keep     BEFORE DELETE ON audit     BEGIN SELECT raise(ABORT, 'append only'); END;
CREATE TRIGGER audit_stay     BEFORE UPDATE ON audit     BEGIN SELECT raise(ABORT, 'append only'); END;
