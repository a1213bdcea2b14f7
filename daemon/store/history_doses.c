/* What happened to doses besides supplies: outcomes and notes on supplies, and doses given elsewhere. */
#include "history.h"

#include "history_rows.h"
#include "rows.h"

#include <string.h>

static const char *const kinds[OUTCOME_COUNT] = {
    [OUTCOME_WITHHELD] = "withheld", [OUTCOME_DEFERRED] = "deferred",
    [OUTCOME_DECLINED] = "declined", [OUTCOME_ATTENDED_NOT_SUPPLIED] = "attended_not_supplied",
    [OUTCOME_VOMITED] = "vomited",   [OUTCOME_SPILLED] = "spilled",
    [OUTCOME_LEFT] = "left",         [OUTCOME_PART] = "part",
    [OUTCOME_MISSED] = "missed",     [OUTCOME_LOST_TO_CLOSURE] = "lost_to_closure",
};

static const char *const classes[CLASS_COUNT] = {
    [CLASS_OPIOID] = "opioid", [CLASS_BENZODIAZEPINE] = "benzodiazepine"};

const char *outcome_text(enum outcome_kind kind) {
    return kinds[kind];
}

bool outcome_is_note(enum outcome_kind kind) {
    return kind >= OUTCOME_VOMITED && kind <= OUTCOME_PART;
}

/* An integer column, or `none` where it is null. */
static int64_t column_int_or(struct statement *s, int64_t none) {
    bool null = column_null(s);
    int64_t value = column_int(s);
    return null ? none : value;
}

static void bind_int_or(struct statement *s, int64_t value, int64_t none) {
    if (value == none)
        bind_null(s);
    else
        bind_int(s, value);
}

/* ---- outcomes ---- */

#define OUTCOME_COLUMNS                                                                             \
    "SELECT o.seq, a.at, a.staff, o.id, o.patient, o.prescription, o.collect_day, o.on_day, o.at, " \
    "o.outcome,"                                                                                    \
    " o.minutes_after, o.quantity, o.reason, o.note FROM outcome o JOIN audit a ON a.seq = o.seq"

static bool read_outcome(struct tx *tx, struct statement *s, struct outcome_row *row) {
    size_t kind = 0;
    row->recorded = history_recorded(tx, s);
    row->id = tx_keep(tx, column_text(s));
    row->patient = tx_keep(tx, column_text(s));
    row->prescription = tx_keep(tx, column_text(s));
    row->collect = column_day(s);
    row->on = column_day(s);
    row->at = column_int(s);
    bool known = history_word(column_text(s), kinds, OUTCOME_COUNT, &kind);
    row->kind = (enum outcome_kind)kind;
    row->minutes_after = (int32_t)column_int_or(s, -1);
    row->quantity = column_int_or(s, QUANTITY_NONE);
    row->reason = tx_keep(tx, column_text(s));
    row->note = tx_keep(tx, column_text(s));
    return known && row->id != NULL && row->patient != NULL && row->prescription != NULL;
}

static bool outcomes_read(struct tx *tx, struct statement *s, struct outcome_row **rows, size_t *count) {
    struct outcome_row *all = NULL;
    size_t n = 0;
    while (statement_row(s)) {
        all = rows_room(tx, all, n, sizeof *all);
        if (all == NULL || !read_outcome(tx, s, &all[n++]))
            return false;
    }
    *rows = all;
    *count = n;
    return db_state(tx->db) == DB_FINE;
}

bool history_outcomes(struct tx *tx, const char *patient, struct outcome_row **rows, size_t *count) {
    struct statement *s =
        HISTORY_SELECT(tx, patient, OUTCOME_COLUMNS, "o", "o.seq <= ? ORDER BY o.seq, o.id");
    return outcomes_read(tx, s, rows, count);
}

bool history_outcomes_since(struct tx *tx, const char *patient, day_t since, struct outcome_row **rows,
                            size_t *count) {
    struct statement *s = db_use(tx->db, OUTCOME_COLUMNS " WHERE o.patient = ? AND o.on_day >= ? AND"
                                                         " o.seq <= ? ORDER BY o.seq, o.id");
    bind_text(s, patient);
    bind_day(s, since);
    bind_int(s, tx->as_of);
    return outcomes_read(tx, s, rows, count);
}

const struct outcome_row *history_outcome(struct tx *tx, const char *id) {
    struct statement *s = db_use(tx->db, OUTCOME_COLUMNS " WHERE o.id = ? AND o.seq <= ?");
    struct outcome_row *row = arena_take(tx->arena, 1, sizeof *row);
    bool found = false;
    bind_text(s, id);
    bind_int(s, tx->as_of);
    while (row != NULL && statement_row(s))
        found = read_outcome(tx, s, row);
    return found && db_state(tx->db) == DB_FINE ? row : NULL;
}

void history_add_outcome(struct tx *tx, const struct outcome_row *row) {
    struct statement *s = db_use(
        tx->db, "INSERT INTO outcome (id, seq, patient, prescription, collect_day, on_day, at, outcome,"
                " minutes_after, quantity, reason, note) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    bind_text(s, row->id);
    bind_int(s, tx->seq);
    bind_text(s, row->patient);
    bind_text(s, row->prescription);
    bind_day(s, row->collect);
    bind_day(s, row->on);
    bind_int(s, row->at);
    bind_text(s, kinds[row->kind]);
    bind_int_or(s, row->minutes_after, -1);
    bind_int_or(s, row->quantity, QUANTITY_NONE);
    bind_text(s, row->reason);
    bind_text(s, row->note);
    statement_run(s);
}

bool outcome_spoils(const struct outcome_row *rows, size_t count, const char *prescription, day_t on,
                    int64_t supply_seq) {
    for (size_t i = 0; i < count; i++) {
        if (outcome_is_note(rows[i].kind) && rows[i].on == on && rows[i].recorded.seq > supply_seq &&
            strcmp(rows[i].prescription, prescription) == 0)
            return true;
    }
    return false;
}

/* ---- doses given elsewhere ---- */

#define ELSEWHERE_COLUMNS                                                                                    \
    "SELECT d.seq, a.at, a.staff, d.id, d.patient, d.drug_class, d.from_day, d.to_day, d.on_day, d.product," \
    " d.dose, d.given_by, d.confirmed_by, d.channel, d.unlike"                                               \
    " FROM dosed_elsewhere d JOIN audit a ON a.seq = d.seq"

static bool read_elsewhere(struct tx *tx, struct statement *s, struct elsewhere_row *row) {
    size_t drug_class = 0;
    row->recorded = history_recorded(tx, s);
    row->id = tx_keep(tx, column_text(s));
    row->patient = tx_keep(tx, column_text(s));
    bool known = history_word(column_text(s), classes, CLASS_COUNT, &drug_class);
    row->drug_class = (enum drug_class)drug_class;
    row->from = column_day(s);
    row->to = column_day(s);
    row->on = column_day(s);
    row->product = tx_keep(tx, column_text(s));
    row->dose = tx_keep(tx, column_text(s));
    row->given_by = tx_keep(tx, column_text(s));
    row->confirmed_by = tx_keep(tx, column_text(s));
    row->channel = tx_keep(tx, column_text(s));
    row->unlike = column_bool(s);
    return known && row->id != NULL && row->patient != NULL;
}

bool history_elsewhere_known(struct tx *tx, const char *patient) {
    struct statement *s = db_use(tx->db, "SELECT 1 FROM dosed_elsewhere WHERE patient = ? LIMIT 1");
    bind_text(s, patient);
    return statement_row(s);
}

bool history_elsewhere(struct tx *tx, const char *patient, struct elsewhere_row **rows, size_t *count) {
    struct statement *s =
        HISTORY_SELECT(tx, patient, ELSEWHERE_COLUMNS, "d", "d.seq <= ? ORDER BY d.seq, d.id");
    struct elsewhere_row *all = NULL;
    size_t n = 0;
    while (statement_row(s)) {
        all = rows_room(tx, all, n, sizeof *all);
        if (all == NULL || !read_elsewhere(tx, s, &all[n++]))
            return false;
    }
    *rows = all;
    *count = n;
    return db_state(tx->db) == DB_FINE;
}

const struct elsewhere_row *history_elsewhere_one(struct tx *tx, const char *id) {
    struct statement *s = db_use(tx->db, ELSEWHERE_COLUMNS " WHERE d.id = ? AND d.seq <= ?");
    struct elsewhere_row *row = arena_take(tx->arena, 1, sizeof *row);
    bool found = false;
    bind_text(s, id);
    bind_int(s, tx->as_of);
    while (row != NULL && statement_row(s))
        found = read_elsewhere(tx, s, row);
    return found && db_state(tx->db) == DB_FINE ? row : NULL;
}

void history_add_elsewhere(struct tx *tx, const struct elsewhere_row *row) {
    struct statement *s =
        db_use(tx->db, "INSERT INTO dosed_elsewhere (id, seq, patient, drug_class, from_day, to_day, on_day,"
                       " product, dose, given_by, confirmed_by, channel, unlike)"
                       " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    bind_text(s, row->id);
    bind_int(s, tx->seq);
    bind_text(s, row->patient);
    bind_text(s, classes[row->drug_class]);
    bind_day(s, row->from);
    bind_day(s, row->to);
    bind_day(s, row->on);
    bind_text(s, row->product);
    bind_text(s, row->dose);
    bind_text(s, row->given_by);
    bind_text(s, row->confirmed_by);
    bind_text(s, row->channel);
    bind_bool(s, row->unlike);
    statement_run(s);
}
