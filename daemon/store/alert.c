#include "alert.h"

#include "id.h"
#include "rows.h"
#include "said.h"

const char *alert_about(struct tx *tx, const char *about) {
    struct statement *s = db_use(tx->db, "SELECT id FROM alert WHERE about = ?");
    bind_text(s, about);
    const char *id = statement_row(s) ? tx_keep(tx, column_text(s)) : NULL;
    statement_run(s);
    return id;
}

const char *alert_append(struct tx *tx, const struct alert_row *row) {
    const char *known = alert_about(tx, row->about);
    if (known != NULL) {
        return known;
    }
    char text[ID_UUID_SIZE];
    const char *id = id_make_uuid(tx->now.at, text) ? tx_keep(tx, text) : NULL;
    struct statement *s = db_use(
        tx->db, "INSERT INTO alert (id, seq, kind, priority, patient, prescription, service, raised_at, "
                "on_day, about, number, corrects) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    bind_text(s, id);
    bind_int(s, tx->seq);
    bind_text(s, row->kind);
    bind_text(s, row->priority);
    bind_text(s, row->patient);
    bind_text(s, row->prescription);
    bind_text(s, row->service);
    bind_int(s, row->raised_at);
    bind_int(s, row->on);
    bind_text(s, row->about);
    if (row->number < 0) {
        bind_null(s);
    } else {
        bind_int(s, row->number);
    }
    bind_text(s, row->corrects);
    return statement_run(s) ? id : NULL;
}

#define COLUMNS                                                                                         \
    "SELECT id, seq, kind, priority, patient, prescription, service, raised_at, on_day, about, number," \
    " corrects FROM alert "

static int64_t read_row(struct tx *tx, struct statement *s, struct alert_row *row) {
    row->id = tx_keep(tx, column_text(s));
    int64_t seq = column_int(s);
    row->kind = tx_keep(tx, column_text(s));
    row->priority = tx_keep(tx, column_text(s));
    row->patient = tx_keep(tx, column_text(s));
    row->prescription = tx_keep(tx, column_text(s));
    row->service = tx_keep(tx, column_text(s));
    row->raised_at = column_int(s);
    row->on = column_day(s);
    row->about = tx_keep(tx, column_text(s));
    row->number = column_said(s);
    row->corrects = tx_keep(tx, column_text(s));
    return seq;
}

static bool read_rows(struct tx *tx, struct statement *s, struct alert_row **rows, size_t *count) {
    *rows = NULL;
    for (*count = 0; statement_row(s); ++*count) {
        *rows = rows_room(tx, *rows, *count, sizeof **rows);
        if (*rows == NULL) {
            *count = 0;
            return false;
        }
        read_row(tx, s, &(*rows)[*count]);
    }
    return db_state(tx->db) == DB_FINE && !arena_failed(tx->arena);
}

struct alert_row *alerts_of_seq(struct tx *tx, int64_t seq, size_t *count) {
    struct alert_row *rows = NULL;
    struct statement *s = db_use(tx->db, COLUMNS "WHERE seq = ? ORDER BY id");
    bind_int(s, seq);
    (void)read_rows(tx, s, &rows, count);
    return rows;
}

bool alert_find(struct tx *tx, const char *id, struct alert_row *out, int64_t *seq) {
    struct statement *s = db_use(tx->db, COLUMNS "WHERE id = ? AND seq <= ?");
    bind_text(s, id);
    bind_int(s, tx->as_of);
    bool found = statement_row(s);
    if (found) {
        int64_t of = read_row(tx, s, out);
        if (seq != NULL) {
            *seq = of;
        }
    }
    statement_run(s);
    return found && db_state(tx->db) == DB_FINE;
}

/* Larger than any id. */
#define ID_LAST "~"

bool alert_page(struct tx *tx, const char *patient, const char *before, int32_t limit, const char ***ids,
                size_t *count) {
    struct statement *s =
        patient == NULL
            ? db_use(tx->db, "SELECT id FROM alert WHERE id < ? ORDER BY id DESC LIMIT ?")
            : db_use(tx->db, "SELECT id FROM alert WHERE patient = ? AND id < ? ORDER BY id DESC LIMIT ?");
    if (patient != NULL) {
        bind_text(s, patient);
    }
    bind_text(s, before == NULL ? ID_LAST : before);
    bind_int(s, limit);
    *ids = NULL;
    for (*count = 0; statement_row(s); ++*count) {
        *ids = rows_room(tx, *ids, *count, sizeof **ids);
        if (*ids == NULL) {
            return false;
        }
        (*ids)[*count] = tx_keep(tx, column_text(s));
    }
    return db_state(tx->db) == DB_FINE && !arena_failed(tx->arena);
}

bool alerts_of_prescription(struct tx *tx, const char *prescription, day_t on, struct alert_row **rows,
                            size_t *count) {
    struct statement *s = db_use(tx->db, COLUMNS "WHERE prescription = ? AND on_day = ? ORDER BY id");
    bind_text(s, prescription);
    bind_int(s, on);
    return read_rows(tx, s, rows, count);
}

bool alerts_of_day(struct tx *tx, day_t on, const char *kind, struct alert_row **rows, size_t *count) {
    struct statement *s = db_use(tx->db, COLUMNS "WHERE on_day = ? AND kind = ? ORDER BY id");
    bind_int(s, on);
    bind_text(s, kind);
    return read_rows(tx, s, rows, count);
}

bool alerts_of_patient(struct tx *tx, const char *patient, const char *kind, day_t from, day_t to,
                       struct alert_row **rows, size_t *count) {
    struct statement *s = db_use(
        tx->db, COLUMNS "WHERE patient = ? AND kind = ? AND on_day BETWEEN ? AND ? ORDER BY on_day, id");
    bind_text(s, patient);
    bind_text(s, kind);
    bind_int(s, from);
    bind_int(s, to);
    return read_rows(tx, s, rows, count);
}

bool alert_is_corrected(struct tx *tx, const char *id) {
    /* What makes corrections unique begins with "correction/ID/" (desk/alert.c): "0" comes next after "/". */
    struct statement *s = db_use(tx->db, "SELECT 1 FROM alert WHERE about > 'correction/' || ? || '/'"
                                         " AND about < 'correction/' || ? || '0' LIMIT 1");
    bind_text(s, id);
    bind_text(s, id);
    bool corrected = statement_row(s);
    statement_run(s);
    return corrected;
}

/* ---- what it says ---- */

const struct alert_detail_row alert_detail_none = {.missed_pickups = -1,
                                                   .last_dosed = DAY_NONE,
                                                   .next_collection = DAY_NONE,
                                                   .minutes_after = -1,
                                                   .first_day = DAY_NONE,
                                                   .last_day = DAY_NONE};

static void instalment_append(struct tx *tx, const char *alert, size_t position,
                              const struct alert_instalment_row *row) {
    struct statement *s =
        db_use(tx->db, "INSERT INTO alert_instalment (alert, position, due_day, item, quantity, reason,"
                       " reason_text) VALUES (?, ?, ?, ?, ?, ?, ?)");
    bind_text(s, alert);
    bind_int(s, (int64_t)position);
    bind_int(s, row->due);
    bind_int(s, row->item);
    bind_int(s, row->quantity);
    bind_text(s, row->reason);
    bind_text(s, row->reason_text);
    statement_run(s);
}

void alert_detail_append(struct tx *tx, const char *alert, const struct alert_detail_row *row) {
    struct statement *s = db_use(
        tx->db,
        "INSERT INTO alert_detail (alert, accept_by, due_by, missed_pickups, last_dosed, last_dose,"
        " next_collection, on_hold, signs, concern, decision, outcome, swallowed, minutes_after, note, why,"
        " why_codes, where_to_go, first_day, last_day, source)"
        " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    bind_text(s, alert);
    bind_int(s, row->accept_by);
    bind_int(s, row->due_by);
    bind_said(s, row->missed_pickups);
    bind_day(s, row->last_dosed);
    bind_text(s, row->last_dose);
    bind_day(s, row->next_collection);
    bind_bool(s, row->on_hold);
    bind_text(s, row->signs);
    bind_text(s, row->concern);
    bind_text(s, row->decision);
    bind_text(s, row->outcome);
    bind_text(s, row->swallowed);
    bind_said(s, row->minutes_after);
    bind_text(s, row->note);
    bind_text(s, row->why);
    bind_text(s, row->why_codes);
    bind_text(s, row->where_to_go);
    bind_day(s, row->first_day);
    bind_day(s, row->last_day);
    bind_text(s, row->source);
    statement_run(s);
    for (size_t i = 0; i < row->instalment_count; i++) {
        instalment_append(tx, alert, i, &row->instalments[i]);
    }
}

static bool read_instalments(struct tx *tx, const char *alert, struct alert_detail_row *out) {
    struct statement *s = db_use(tx->db, "SELECT due_day, item, quantity, reason, reason_text"
                                         " FROM alert_instalment WHERE alert = ? ORDER BY position");
    struct alert_instalment_row *rows = NULL;
    size_t count = 0;
    bind_text(s, alert);
    for (; statement_row(s); count++) {
        rows = rows_room(tx, rows, count, sizeof *rows);
        if (rows == NULL) {
            return false;
        }
        rows[count].due = column_day(s);
        rows[count].item = (int32_t)column_int(s);
        rows[count].quantity = column_int(s);
        rows[count].reason = tx_keep(tx, column_text(s));
        rows[count].reason_text = tx_keep(tx, column_text(s));
    }
    out->instalments = rows;
    out->instalment_count = count;
    return true;
}

bool alert_detail_find(struct tx *tx, const char *alert, struct alert_detail_row *out) {
    struct statement *s = db_use(
        tx->db, "SELECT accept_by, due_by, missed_pickups, last_dosed, last_dose, next_collection,"
                " on_hold, signs, concern, decision, outcome, swallowed, minutes_after, note, why,"
                " why_codes, where_to_go, first_day, last_day, source FROM alert_detail WHERE alert = ?");
    bind_text(s, alert);
    bool found = statement_row(s);
    *out = alert_detail_none;
    if (found) {
        out->accept_by = column_int(s);
        out->due_by = column_int(s);
        out->missed_pickups = column_said(s);
        out->last_dosed = column_day(s);
        out->last_dose = tx_keep(tx, column_text(s));
        out->next_collection = column_day(s);
        out->on_hold = column_bool(s);
        out->signs = tx_keep(tx, column_text(s));
        out->concern = tx_keep(tx, column_text(s));
        out->decision = tx_keep(tx, column_text(s));
        out->outcome = tx_keep(tx, column_text(s));
        out->swallowed = tx_keep(tx, column_text(s));
        out->minutes_after = column_said(s);
        out->note = tx_keep(tx, column_text(s));
        out->why = tx_keep(tx, column_text(s));
        out->why_codes = tx_keep(tx, column_text(s));
        out->where_to_go = tx_keep(tx, column_text(s));
        out->first_day = column_day(s);
        out->last_day = column_day(s);
        out->source = tx_keep(tx, column_text(s));
        found = read_instalments(tx, alert, out);
    }
    statement_run(s);
    return found && db_state(tx->db) == DB_FINE && !arena_failed(tx->arena);
}
