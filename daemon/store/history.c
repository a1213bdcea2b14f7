/* What happened besides supplies: the words of its columns, consultations, and prescriptions stopped, held, released. */
#include "history.h"

#include "history_rows.h"
#include "patient.h"
#include "rows.h"

#include <string.h>

static const char *const roles[CONSULTED_ROLE_COUNT] = {[CONSULTED_PRESCRIBER] = "prescriber",
                                                        [CONSULTED_DEPUTY] = "deputy",
                                                        [CONSULTED_KEYWORKER] = "keyworker"};

static const char *const outcomes[CONSULTED_COUNT] = {[CONSULTED_CONTINUE] = "continue",
                                                      [CONSULTED_STOP] = "stop",
                                                      [CONSULTED_NEW_PRESCRIPTION] = "new_prescription",
                                                      [CONSULTED_ALLOW_REPRESENTATIVE] =
                                                          "allow_representative",
                                                      [CONSULTED_ALLOW_ONCE] = "allow_once"};

static const char *const changes[CHANGE_COUNT] = {
    [CHANGE_STOP] = "stop", [CHANGE_HOLD] = "hold", [CHANGE_RELEASE] = "release"};

const char *consulted_role_text(enum consulted_role role) {
    return roles[role];
}

const char *consultation_outcome_text(enum consultation_outcome outcome) {
    return outcomes[outcome];
}

const char *change_text(enum change_kind kind) {
    return changes[kind];
}

/* ---- shared with history_doses.c ---- */

bool history_word(const char *text, const char *const *words, size_t count, size_t *out) {
    for (size_t i = 0; text != NULL && i < count; i++) {
        if (strcmp(text, words[i]) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

struct statement *history_select(struct tx *tx, const char *patient, const char *alone, const char *merged) {
    bool is_alone = patient_alone(tx, patient);
    struct statement *s = db_use(tx->db, is_alone ? alone : merged);
    bind_text(s, patient);
    if (!is_alone)
        bind_int(s, tx->as_of);
    bind_int(s, tx->as_of);
    return s;
}

struct recorded history_recorded(struct tx *tx, struct statement *s) {
    struct recorded recorded = {.seq = column_int(s)};
    recorded.at = column_int(s);
    recorded.by = tx_keep(tx, column_text(s));
    return recorded;
}

/* ---- consultations ---- */

#define CONSULTATION_COLUMNS                                                                              \
    "SELECT c.seq, a.at, a.staff, c.id, c.patient, c.prescription, c.asked, c.role, c.channel, c.on_day," \
    " c.outcome, c.resume_on, c.for_day, c.note FROM consultation c JOIN audit a ON a.seq = c.seq"

static bool read_consultation(struct tx *tx, struct statement *s, struct consultation_row *row) {
    size_t role = 0;
    size_t outcome = 0;
    row->recorded = history_recorded(tx, s);
    row->id = tx_keep(tx, column_text(s));
    row->patient = tx_keep(tx, column_text(s));
    row->prescription = tx_keep(tx, column_text(s));
    row->asked = tx_keep(tx, column_text(s));
    bool known = history_word(column_text(s), roles, CONSULTED_ROLE_COUNT, &role);
    row->channel = tx_keep(tx, column_text(s));
    row->on = column_day(s);
    known &= history_word(column_text(s), outcomes, CONSULTED_COUNT, &outcome);
    row->resume_on = column_day(s);
    row->for_day = column_day(s);
    row->note = tx_keep(tx, column_text(s));
    row->role = (enum consulted_role)role;
    row->counts = row->role != CONSULTED_KEYWORKER;
    row->outcome = (enum consultation_outcome)outcome;
    return known && row->id != NULL && row->patient != NULL && row->prescription != NULL;
}

static bool load_covers(struct tx *tx, struct consultation_row *row) {
    struct statement *s =
        db_use(tx->db, "SELECT day FROM consultation_day WHERE consultation = ? ORDER BY day");
    bind_text(s, row->id);
    return rows_days(tx, s, &row->covers);
}

bool history_consultations(struct tx *tx, const char *patient, struct consultation_row **rows,
                           size_t *count) {
    struct statement *s =
        HISTORY_SELECT(tx, patient, CONSULTATION_COLUMNS, "c", "c.seq <= ? ORDER BY c.seq, c.id");
    struct consultation_row *all = NULL;
    size_t n = 0;
    while (statement_row(s)) {
        all = rows_room(tx, all, n, sizeof *all);
        if (all == NULL || !read_consultation(tx, s, &all[n++]))
            return false;
    }
    *rows = all;
    *count = n;
    for (size_t i = 0; i < n; i++) {
        if ((*rows)[i].outcome == CONSULTED_ALLOW_ONCE && !load_covers(tx, &(*rows)[i]))
            return false;
    }
    return db_state(tx->db) == DB_FINE;
}

const struct consultation_row *history_consultation(struct tx *tx, const char *id) {
    struct statement *s = db_use(tx->db, CONSULTATION_COLUMNS " WHERE c.id = ? AND c.seq <= ?");
    struct consultation_row *row = arena_take(tx->arena, 1, sizeof *row);
    bool found = false;
    bind_text(s, id);
    bind_int(s, tx->as_of);
    while (row != NULL && statement_row(s))
        found = read_consultation(tx, s, row);
    return found && load_covers(tx, row) && db_state(tx->db) == DB_FINE ? row : NULL;
}

void history_add_consultation(struct tx *tx, const struct consultation_row *row) {
    struct statement *s = db_use(
        tx->db, "INSERT INTO consultation (id, seq, patient, prescription, asked, role, channel, on_day,"
                " outcome, resume_on, for_day, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    bind_text(s, row->id);
    bind_int(s, tx->seq);
    bind_text(s, row->patient);
    bind_text(s, row->prescription);
    bind_text(s, row->asked);
    bind_text(s, roles[row->role]);
    bind_text(s, row->channel);
    bind_day(s, row->on);
    bind_text(s, outcomes[row->outcome]);
    bind_day(s, row->resume_on);
    bind_day(s, row->for_day);
    bind_text(s, row->note);
    statement_run(s);
    for (size_t i = 0; i < row->covers.count; i++) {
        struct statement *day =
            db_use(tx->db, "INSERT INTO consultation_day (consultation, day) VALUES (?, ?)");
        bind_text(day, row->id);
        bind_day(day, row->covers.days[i]);
        statement_run(day);
    }
}

/* ---- stopped, put on hold, released ---- */

#define CHANGE_COLUMNS                                                          \
    "SELECT c.seq, a.at, a.staff, c.prescription, c.kind, c.from_day, c.reason" \
    " FROM prescription_change c JOIN audit a ON a.seq = c.seq"

static bool read_change(struct tx *tx, struct statement *s, struct change_row *row) {
    size_t kind = 0;
    row->recorded = history_recorded(tx, s);
    row->prescription = tx_keep(tx, column_text(s));
    bool known = history_word(column_text(s), changes, CHANGE_COUNT, &kind);
    row->kind = (enum change_kind)kind;
    row->from = column_day(s);
    row->reason = tx_keep(tx, column_text(s));
    return known && row->prescription != NULL;
}

/* Behind the rows that are there. */
static bool changes_read(struct tx *tx, struct statement *s, struct change_row **rows, size_t *count) {
    while (statement_row(s)) {
        *rows = rows_room(tx, *rows, *count, sizeof **rows);
        if (*rows == NULL || !read_change(tx, s, &(*rows)[(*count)++]))
            return false;
    }
    return db_state(tx->db) == DB_FINE;
}

bool history_changes(struct tx *tx, const char *patient, struct change_row **rows, size_t *count) {
    *rows = NULL;
    *count = 0;
    return changes_read(tx,
                        HISTORY_SELECT(tx, patient,
                                       CHANGE_COLUMNS " JOIN prescription p ON p.id = c.prescription", "p",
                                       "c.seq <= ? ORDER BY c.seq"),
                        rows, count);
}

bool history_changes_of(struct tx *tx, const char *const *prescriptions, size_t prescription_count,
                        struct change_row **rows, size_t *count) {
    bool good = true;
    *rows = NULL;
    *count = 0;
    for (size_t i = 0; good && i < prescription_count; i++) {
        struct statement *s =
            db_use(tx->db, CHANGE_COLUMNS " WHERE c.prescription = ? AND c.seq <= ? ORDER BY c.seq");
        bind_text(s, prescriptions[i]);
        bind_int(s, tx->as_of);
        good = changes_read(tx, s, rows, count);
    }
    return good;
}

const struct change_row *history_change(struct tx *tx, int64_t seq) {
    struct statement *s = db_use(tx->db, CHANGE_COLUMNS " WHERE c.seq = ? AND c.seq <= ?");
    struct change_row *row = arena_take(tx->arena, 1, sizeof *row);
    bool found = false;
    bind_int(s, seq);
    bind_int(s, tx->as_of);
    while (row != NULL && statement_row(s))
        found = read_change(tx, s, row);
    return found && db_state(tx->db) == DB_FINE ? row : NULL;
}

void history_add_change(struct tx *tx, const struct change_row *row) {
    struct statement *s =
        db_use(tx->db, "INSERT INTO prescription_change (seq, prescription, kind, from_day, reason)"
                       " VALUES (?, ?, ?, ?, ?)");
    bind_int(s, tx->seq);
    bind_text(s, row->prescription);
    bind_text(s, changes[row->kind]);
    bind_day(s, row->from);
    bind_text(s, row->reason);
    statement_run(s);
}

day_t change_stopped_from(const struct change_row *rows, size_t count, const char *prescription) {
    day_t from = DAY_NONE;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].kind != CHANGE_STOP || strcmp(rows[i].prescription, prescription) != 0)
            continue;
        if (from == DAY_NONE || rows[i].from < from)
            from = rows[i].from;
    }
    return from;
}

bool change_on_hold(const struct change_row *rows, size_t count, const char *prescription) {
    bool on_hold = false;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].kind != CHANGE_STOP && strcmp(rows[i].prescription, prescription) == 0)
            on_hold = rows[i].kind == CHANGE_HOLD;
    }
    return on_hold;
}
