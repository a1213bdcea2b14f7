/* Alerts on their way: see outbox.h. */
#include "outbox.h"

#include <openssl/evp.h>

#include "rows.h"
#include "said.h"

static const char *const state_texts[OUTBOX_STATE_COUNT] = {"waiting",  "queued",  "sending",
                                                            "retrying", "refused", "accepted"};

const char *outbox_state_text(enum outbox_state state) {
    return state_texts[state];
}

enum outbox_state outbox_state_parse(const char *text) {
    unsigned state = 0;
    while (state < OUTBOX_STATE_COUNT && strcmp(state_texts[state], text) != 0)
        state++;
    return (enum outbox_state)state;
}

/* ---- what is open ---- */

#define OPEN_COLUMNS                                                                                  \
    "SELECT number, alert, kind, patient, service, urgent, state, why, raised_at, accept_by, due_by," \
    " attempts, location, phone, digest FROM alert_open "

static void read_open(struct tx *tx, struct statement *s, struct outbox_row *row) {
    row->number = column_int(s);
    row->alert = tx_keep(tx, column_text(s));
    row->kind = tx_keep(tx, column_text(s));
    row->patient = tx_keep(tx, column_text(s));
    row->service = tx_keep(tx, column_text(s));
    row->urgent = column_bool(s);
    const char *state = column_text(s);
    row->state = state == NULL ? OUTBOX_STATE_COUNT : outbox_state_parse(state);
    row->why = tx_keep(tx, column_text(s));
    row->raised_at = column_int(s);
    row->accept_by = column_int(s);
    row->due_by = column_int(s);
    row->attempts = (int32_t)column_int(s);
    row->location = tx_keep(tx, column_text(s));
    row->phone = tx_keep(tx, column_text(s));
    row->digest = tx_keep(tx, column_text(s));
}

static bool read_all_open(struct tx *tx, struct statement *s, struct outbox_row **rows, size_t *count) {
    *rows = NULL;
    for (*count = 0; statement_row(s); ++*count) {
        *rows = rows_room(tx, *rows, *count, sizeof **rows);
        if (*rows == NULL)
            return false;
        read_open(tx, s, &(*rows)[*count]);
    }
    return db_state(tx->db) == DB_FINE && !arena_failed(tx->arena);
}

/* Alerts under one audit row. */
#define NUMBERS_OF_SEQ (INT64_C(1) << 20)

/* Larger than any number before, also than those of rows that are gone: whoever reads on must not miss one. */
static int64_t next_number(struct tx *tx) {
    struct statement *s = db_use(tx->db, "SELECT MAX(number) FROM alert_open");
    int64_t least = tx->seq * NUMBERS_OF_SEQ;
    int64_t last = statement_row(s) ? column_int(s) : 0;
    statement_run(s);
    return last < least ? least : last + 1;
}

void outbox_add(struct tx *tx, const struct outbox_row *row) {
    int64_t number = next_number(tx);
    struct statement *s =
        db_use(tx->db, "INSERT INTO alert_open (number, alert, kind, patient, service, urgent, state, why,"
                       " raised_at, accept_by, due_by, attempts, location, phone, digest)"
                       " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    bind_int(s, number);
    bind_text(s, row->alert);
    bind_text(s, row->kind);
    bind_text(s, row->patient);
    bind_text(s, row->service);
    bind_bool(s, row->urgent);
    bind_text(s, outbox_state_text(row->state));
    bind_text(s, row->why);
    bind_int(s, row->raised_at);
    bind_int(s, row->accept_by);
    bind_int(s, row->due_by);
    bind_int(s, row->attempts);
    bind_text(s, row->location);
    bind_text(s, row->phone);
    bind_text(s, row->digest);
    statement_run(s);
    db_note(tx->db);
}

bool outbox_find(struct tx *tx, const char *alert, struct outbox_row *out) {
    struct statement *s = db_use(tx->db, OPEN_COLUMNS "WHERE alert = ?");
    bind_text(s, alert);
    bool found = statement_row(s);
    if (found)
        read_open(tx, s, out);
    statement_run(s);
    return found && db_state(tx->db) == DB_FINE;
}

bool outbox_after(struct tx *tx, int64_t number, int32_t limit, struct outbox_row **rows, size_t *count) {
    struct statement *s = db_use(tx->db, OPEN_COLUMNS "WHERE number > ? ORDER BY number LIMIT ?");
    bind_int(s, number);
    bind_int(s, limit);
    return read_all_open(tx, s, rows, count);
}

bool outbox_of_service(struct tx *tx, const char *service, struct outbox_row **rows, size_t *count) {
    struct statement *s = db_use(tx->db, OPEN_COLUMNS "WHERE service = ? ORDER BY number");
    bind_text(s, service);
    return read_all_open(tx, s, rows, count);
}

bool outbox_of_patient(struct tx *tx, const char *patient, struct outbox_row **rows, size_t *count) {
    struct statement *s = db_use(tx->db, OPEN_COLUMNS "WHERE patient = ? ORDER BY number");
    bind_text(s, patient);
    return read_all_open(tx, s, rows, count);
}

bool outbox_on_phone(struct tx *tx, int32_t limit, struct outbox_row **rows, size_t *count) {
    struct statement *s =
        db_use(tx->db, OPEN_COLUMNS "WHERE phone IS NOT NULL ORDER BY urgent DESC, number LIMIT ?");
    bind_int(s, limit);
    return read_all_open(tx, s, rows, count);
}

#define COUNTS \
    "COALESCE(SUM(o.kind <> 'digest'), 0), COALESCE(MAX(o.phone IS NOT NULL), 0) FROM alert_open o "

static void read_count(struct statement *s, struct outbox_count *row) {
    row->open = (int32_t)column_int(s);
    row->telephone = column_bool(s);
}

/* A record that was merged counts for the one that stands at the end of the chain. */
bool outbox_by_patient(struct tx *tx, struct outbox_count **rows, size_t *count) {
    struct statement *s = db_use(
        tx->db,
        "WITH RECURSIVE chain (id, into_id) AS (SELECT patient, into_patient FROM patient_merged UNION "
        "SELECT c.id, m.into_patient FROM chain c JOIN patient_merged m ON m.patient = c.into_id), "
        "ends (id, into_id) AS (SELECT id, into_id FROM chain "
        "WHERE into_id NOT IN (SELECT patient FROM patient_merged)) "
        "SELECT COALESCE(e.into_id, o.patient) AS stands, " COUNTS
        "LEFT JOIN ends e ON e.id = o.patient WHERE o.patient IS NOT NULL GROUP BY stands ORDER BY stands");
    *rows = NULL;
    for (*count = 0; statement_row(s); ++*count) {
        *rows = rows_room(tx, *rows, *count, sizeof **rows);
        if (*rows == NULL)
            return false;
        (*rows)[*count].patient = tx_keep(tx, column_text(s));
        read_count(s, &(*rows)[*count]);
    }
    return db_state(tx->db) == DB_FINE && !arena_failed(tx->arena);
}

bool outbox_count_of(struct tx *tx, const char *patient, struct outbox_count *out) {
    struct statement *s =
        db_use(tx->db, "WITH RECURSIVE who (id) AS (SELECT CAST(? AS TEXT) UNION SELECT m.patient"
                       " FROM patient_merged m JOIN who w ON m.into_patient = w.id) SELECT " COUNTS
                       "WHERE o.patient IN (SELECT id FROM who)");
    *out = (struct outbox_count){.patient = patient};
    bind_text(s, patient);
    while (statement_row(s))
        read_count(s, out);
    return db_state(tx->db) == DB_FINE;
}

void outbox_set_state(struct tx *tx, const char *alert, enum outbox_state state, const char *why) {
    struct statement *s = db_use(tx->db, "UPDATE alert_open SET state = ?, why = ? WHERE alert = ?");
    bind_text(s, outbox_state_text(state));
    bind_text(s, why);
    bind_text(s, alert);
    statement_run(s);
}

void outbox_set_phone(struct tx *tx, const char *alert, const char *why) {
    struct statement *s = db_use(tx->db, "UPDATE alert_open SET phone = ? WHERE alert = ?");
    bind_text(s, why);
    bind_text(s, alert);
    statement_run(s);
}

void outbox_set_tried(struct tx *tx, const char *alert, enum outbox_state state, int32_t attempts,
                      const char *location) {
    struct statement *s =
        db_use(tx->db, "UPDATE alert_open SET state = ?, attempts = ?, location = ? WHERE alert = ?");
    bind_text(s, outbox_state_text(state));
    bind_int(s, attempts);
    bind_text(s, location);
    bind_text(s, alert);
    statement_run(s);
}

void outbox_set_digest(struct tx *tx, const char *alert, const char *digest) {
    struct statement *s = db_use(tx->db, "UPDATE alert_open SET digest = ? WHERE alert = ?");
    bind_text(s, digest);
    bind_text(s, alert);
    statement_run(s);
}

void outbox_remove(struct tx *tx, const char *alert) {
    struct statement *s = db_use(tx->db, "DELETE FROM alert_open WHERE alert = ?");
    bind_text(s, alert);
    statement_run(s);
}

/* ---- bytes ---- */

void outbox_body_append(struct tx *tx, const char *alert, const struct outbox_body *body) {
    unsigned char digest[OUTBOX_DIGEST_SIZE];
    unsigned len = 0;
    if (EVP_Digest(body->bytes, body->len, digest, &len, EVP_sha256(), NULL) != 1)
        len = 0; /* the empty digest is refused below: NOT NULL */
    struct statement *s =
        db_use(tx->db, "INSERT INTO alert_body (alert, seq, made_at, correlation, digest, body)"
                       " VALUES (?, ?, ?, ?, ?, ?)");
    bind_text(s, alert);
    bind_int(s, tx->seq);
    bind_int(s, tx->now.at);
    bind_text(s, body->correlation);
    if (len == 0)
        bind_null(s);
    else
        bind_blob(s, digest, len);
    bind_blob(s, body->bytes, body->len);
    statement_run(s);
}

bool outbox_body_find(struct tx *tx, const char *alert, struct outbox_body *out) {
    struct statement *s = db_use(tx->db, "SELECT correlation, body FROM alert_body WHERE alert = ?");
    bind_text(s, alert);
    bool found = statement_row(s);
    if (found) {
        out->correlation = tx_keep(tx, column_text(s));
        const void *bytes = column_blob(s, &out->len);
        void *copy = arena_take_raw(tx->arena, out->len + 1);
        if (copy != NULL && bytes != NULL)
            memcpy(copy, bytes, out->len);
        out->bytes = bytes == NULL ? NULL : copy;
        found = out->bytes != NULL;
    }
    statement_run(s);
    return found && db_state(tx->db) == DB_FINE;
}

/* ---- attempts ---- */

void attempt_append(struct tx *tx, const struct attempt_row *row) {
    struct statement *s = db_use(
        tx->db, "INSERT INTO alert_attempt (seq, alert, number, at, sent_at, ms, status, result, error,"
                " answer_digest) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    bind_int(s, tx->seq);
    bind_text(s, row->alert);
    bind_int(s, row->number);
    bind_int(s, row->at);
    bind_int(s, row->sent_at);
    bind_int(s, row->ms);
    bind_int(s, row->status);
    bind_text(s, row->result);
    bind_text(s, row->error);
    if (row->answer_digest == NULL)
        bind_null(s);
    else
        bind_blob(s, row->answer_digest, OUTBOX_DIGEST_SIZE);
    statement_run(s);
}

bool attempts_of(struct tx *tx, const char *alert, struct attempt_row **rows, size_t *count) {
    struct statement *s = db_use(tx->db, "SELECT number, at, sent_at, ms, status, result, error"
                                         " FROM alert_attempt WHERE alert = ? AND seq <= ? ORDER BY id");
    bind_text(s, alert);
    bind_int(s, tx->as_of);
    *rows = NULL;
    for (*count = 0; statement_row(s); ++*count) {
        *rows = rows_room(tx, *rows, *count, sizeof **rows);
        if (*rows == NULL)
            return false;
        (*rows)[*count] = (struct attempt_row){.alert = alert};
        struct attempt_row *row = &(*rows)[*count];
        row->number = (int32_t)column_int(s);
        row->at = column_int(s);
        row->sent_at = column_int(s);
        row->ms = column_int(s);
        row->status = (int32_t)column_int(s);
        row->result = tx_keep(tx, column_text(s));
        row->error = tx_keep(tx, column_text(s));
    }
    return db_state(tx->db) == DB_FINE;
}

int64_t attempts_accepted_at(struct tx *tx, const char *alert) {
    struct statement *s = db_use(tx->db, "SELECT at FROM alert_attempt WHERE alert = ? AND"
                                         " result IN ('accepted', 'unconfirmed') ORDER BY id LIMIT 1");
    bind_text(s, alert);
    int64_t at = statement_row(s) ? column_int(s) : 0;
    statement_run(s);
    return at;
}

/* ---- what became of it ---- */

void event_append(struct tx *tx, const struct event_row *row) {
    struct statement *s =
        db_use(tx->db, "INSERT INTO alert_event (seq, alert, kind, at, why, how, person, note)"
                       " VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    bind_int(s, tx->seq);
    bind_text(s, row->alert);
    bind_text(s, row->kind);
    bind_int(s, row->at == 0 ? tx->now.at : row->at);
    bind_text(s, row->why);
    bind_text(s, row->how);
    bind_text(s, row->person);
    bind_text(s, row->note);
    statement_run(s);
    db_note(tx->db);
}

#define EVENT_COLUMNS                                                                                \
    "SELECT e.id, e.alert, e.kind, e.at, e.why, e.how, e.person, e.note, a.staff FROM alert_event e" \
    " JOIN audit a ON a.seq = e.seq "

static bool read_events(struct tx *tx, struct statement *s, struct event_row **rows, size_t *count) {
    *rows = NULL;
    for (*count = 0; statement_row(s); ++*count) {
        *rows = rows_room(tx, *rows, *count, sizeof **rows);
        if (*rows == NULL)
            return false;
        struct event_row *row = &(*rows)[*count];
        row->id = column_int(s);
        row->alert = tx_keep(tx, column_text(s));
        row->kind = tx_keep(tx, column_text(s));
        row->at = column_int(s);
        row->why = tx_keep(tx, column_text(s));
        row->how = tx_keep(tx, column_text(s));
        row->person = tx_keep(tx, column_text(s));
        row->note = tx_keep(tx, column_text(s));
        row->staff = tx_keep(tx, column_text(s));
    }
    return db_state(tx->db) == DB_FINE && !arena_failed(tx->arena);
}

bool events_of(struct tx *tx, const char *alert, struct event_row **rows, size_t *count) {
    struct statement *s = db_use(tx->db, EVENT_COLUMNS "WHERE e.alert = ? AND e.seq <= ? ORDER BY e.id");
    bind_text(s, alert);
    bind_int(s, tx->as_of);
    return read_events(tx, s, rows, count);
}

bool events_after(struct tx *tx, int64_t id, int32_t limit, struct event_row **rows, size_t *count) {
    struct statement *s = db_use(tx->db, EVENT_COLUMNS "WHERE e.id > ? ORDER BY e.id LIMIT ?");
    bind_int(s, id);
    bind_int(s, limit);
    return read_events(tx, s, rows, count);
}

int64_t events_last(struct tx *tx) {
    struct statement *s = db_use(tx->db, "SELECT MAX(id) FROM alert_event");
    int64_t id = statement_row(s) ? column_int(s) : 0;
    statement_run(s);
    return id;
}

bool parts_of(struct tx *tx, const char *digest, const char ***alerts, size_t *count) {
    struct statement *s = db_use(tx->db, "SELECT alert FROM alert_part WHERE digest = ? ORDER BY rowid");
    bind_text(s, digest);
    *alerts = NULL;
    for (*count = 0; statement_row(s); ++*count) {
        *alerts = rows_room(tx, *alerts, *count, sizeof **alerts);
        if (*alerts == NULL)
            return false;
        (*alerts)[*count] = tx_keep(tx, column_text(s));
    }
    return db_state(tx->db) == DB_FINE && !arena_failed(tx->arena);
}

void part_append(struct tx *tx, const char *digest, const char *alert) {
    struct statement *s = db_use(tx->db, "INSERT INTO alert_part (alert, digest, seq) VALUES (?, ?, ?)");
    bind_text(s, alert);
    bind_text(s, digest);
    bind_int(s, tx->seq);
    statement_run(s);
}

/* ---- endpoints ---- */

enum endpoint_state endpoint_state_of(struct tx *tx, const char *service, int64_t *changed) {
    struct statement *s =
        db_use(tx->db, "SELECT seq, kind FROM endpoint_fact WHERE service = ? ORDER BY seq");
    enum endpoint_state state = ENDPOINT_UNCONFIRMED;
    bind_text(s, service);
    *changed = 0;
    while (statement_row(s)) {
        int64_t seq = column_int(s);
        const char *kind = column_text(s);
        if (kind != NULL && strcmp(kind, "confirmed") == 0) {
            state = ENDPOINT_CONFIRMED;
        } else {
            bool off = kind != NULL && strcmp(kind, "switched_off") == 0;
            state = off ? ENDPOINT_SWITCHED_OFF : ENDPOINT_UNCONFIRMED;
            *changed = seq;
        }
    }
    return state;
}

void endpoint_fact_append(struct tx *tx, const char *service, const char *kind, const char *alert) {
    struct statement *s =
        db_use(tx->db, "INSERT INTO endpoint_fact (service, seq, kind, alert) VALUES (?, ?, ?, ?)");
    bind_text(s, service);
    bind_int(s, tx->seq);
    bind_text(s, kind);
    bind_text(s, alert);
    statement_run(s);
}

/* ---- what ends or holds up alerts ---- */

/* When an alert was raised: the seq of its row. */
static int64_t seq_of(struct tx *tx, const char *alert) {
    struct statement *s = db_use(tx->db, "SELECT seq FROM alert WHERE id = ?");
    bind_text(s, alert);
    int64_t seq = statement_row(s) ? column_int(s) : 0;
    statement_run(s);
    return seq;
}

/* A route_test came back: alerts that waited for that alone may go. */
static void confirm(struct tx *tx, const struct outbox_row *test) {
    struct outbox_row *rows = NULL;
    size_t count = 0;
    int64_t changed = 0;
    enum endpoint_state before = endpoint_state_of(tx, test->service, &changed);
    if (seq_of(tx, test->alert) < changed || before == ENDPOINT_CONFIRMED)
        return;
    tx_audit(tx, "endpoint confirmed", NULL, test->service, NULL);
    endpoint_fact_append(tx, test->service, "confirmed", test->alert);
    if (!outbox_of_service(tx, test->service, &rows, &count))
        return;
    for (size_t i = 0; i < count; i++) {
        const char *why = rows[i].state == OUTBOX_WAITING ? rows[i].why : NULL;
        if (why == NULL || (strcmp(why, "not_confirmed") != 0 && strcmp(why, "switched_off") != 0))
            continue;
        event_append(tx, &(struct event_row){.alert = rows[i].alert, .kind = "queued", .why = "confirmed"});
        outbox_set_state(tx, rows[i].alert, OUTBOX_QUEUED, NULL);
        outbox_set_phone(tx, rows[i].alert, NULL);
    }
}

/* One alert, without what hangs on it. False where it is not open. */
static bool acknowledge_one(struct tx *tx, const struct event_row *event, struct outbox_row *row) {
    if (!outbox_find(tx, event->alert, row))
        return false;
    event_append(tx, event);
    outbox_remove(tx, event->alert);
    return true;
}

void outbox_acknowledge(struct tx *tx, const struct event_row *event) {
    struct outbox_row row;
    struct outbox_row part_row;
    const char **parts = NULL;
    size_t count = 0;
    bool told = strcmp(event->how, "telephone") == 0;
    if (!acknowledge_one(tx, event, &row))
        return;
    if (strcmp(row.kind, "route_test") == 0 && !told)
        confirm(tx, &row);
    if (strcmp(row.kind, "digest") != 0 || !parts_of(tx, event->alert, &parts, &count))
        return;
    for (size_t i = 0; i < count; i++) {
        struct event_row part = *event;
        part.alert = parts[i];
        part.how = told ? event->how : "digest";
        (void)acknowledge_one(tx, &part, &part_row);
    }
}

void outbox_switch_off(struct tx *tx, const char *service, const char *alert) {
    struct outbox_row *rows = NULL;
    size_t count = 0;
    tx_audit(tx, "endpoint switched off", NULL, service, NULL);
    endpoint_fact_append(tx, service, "switched_off", alert);
    if (!outbox_of_service(tx, service, &rows, &count))
        return;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].state == OUTBOX_ACCEPTED || rows[i].state == OUTBOX_WAITING)
            continue;
        event_append(tx,
                     &(struct event_row){.alert = rows[i].alert, .kind = "waiting", .why = "switched_off"});
        outbox_set_state(tx, rows[i].alert, OUTBOX_WAITING, "switched_off");
        outbox_set_phone(tx, rows[i].alert, "switched_off");
    }
}
