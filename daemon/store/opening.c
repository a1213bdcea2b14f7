/* The pharmacy's days: see opening.h. */
#include "opening.h"

#include "rows.h"

static const char *const kinds[OPENING_KIND_COUNT] = {[OPENING_BANK_HOLIDAY] = "bank_holiday",
                                                      [OPENING_NOT_BANK_HOLIDAY] = "not_bank_holiday",
                                                      [OPENING_CLOSURE] = "closure",
                                                      [OPENING_UNPLANNED] = "unplanned",
                                                      [OPENING_OPENED] = "opened",
                                                      [OPENING_REGULAR] = "regular"};

static int32_t column_minute(struct statement *s) {
    if (!column_null(s))
        return (int32_t)column_int(s);
    (void)column_int(s);
    return OPENING_NO_MINUTE;
}

static void bind_minute(struct statement *s, int32_t minute) {
    if (minute == OPENING_NO_MINUTE)
        bind_null(s);
    else
        bind_int(s, minute);
}

/* ---- what a job has read already: the same days are asked for again and again, for each patient of a list ---- */

struct opening_read {
    int64_t as_of;
    bool hours_known;
    bool days_known;
    struct opening_hours_list hours;
    struct opening_day_list days;
};

/* What was read as of now; empty at first. NULL where memory is short. */
static struct opening_read *read_before(struct tx *tx) {
    if (tx->opening == NULL)
        tx->opening = arena_take(tx->arena, 1, sizeof *tx->opening);
    if (tx->opening != NULL && tx->opening->as_of != tx->as_of)
        *tx->opening = (struct opening_read){.as_of = tx->as_of};
    return tx->opening;
}

static bool hours_read(struct tx *tx, struct opening_hours_list *out) {
    struct statement *s = db_use(tx->db, "SELECT h.weekday, h.opens_minute, h.closes_minute, a.on_day"
                                         " FROM opening_hours h JOIN audit a ON a.seq = h.seq"
                                         " WHERE h.seq <= ? ORDER BY h.seq, h.weekday");
    *out = (struct opening_hours_list){0};
    bind_int(s, tx->as_of);
    while (statement_row(s)) {
        struct opening_hours_row *rows = rows_room(tx, out->rows, out->count, sizeof *rows);
        if (rows == NULL)
            return false;
        out->rows = rows;
        struct opening_hours_row *row = &rows[out->count];
        row->weekday = (enum weekday)column_int(s);
        row->opens = column_minute(s);
        row->closes = column_minute(s);
        row->set_on = column_day(s);
        out->count++;
    }
    return db_state(tx->db) == DB_FINE;
}

static bool kind_parse(const char *text, enum opening_kind *out) {
    for (size_t i = 0; text != NULL && i < OPENING_KIND_COUNT; i++) {
        if (strcmp(text, kinds[i]) == 0) {
            *out = (enum opening_kind)i;
            return true;
        }
    }
    return false;
}

static bool days_read(struct tx *tx, struct opening_day_list *out) {
    struct statement *s =
        db_use(tx->db, "SELECT d.day, d.kind, d.opens_minute, d.closes_minute, d.reason FROM calendar_day d"
                       " WHERE d.seq = (SELECT MAX(n.seq) FROM calendar_day n WHERE n.day = d.day"
                       " AND n.seq <= ?) ORDER BY d.day");
    *out = (struct opening_day_list){0};
    bind_int(s, tx->as_of);
    while (statement_row(s)) {
        struct opening_day_row *rows = rows_room(tx, out->rows, out->count, sizeof *rows);
        if (rows == NULL)
            return false;
        out->rows = rows;
        struct opening_day_row *row = &rows[out->count];
        row->day = column_day(s);
        bool known = kind_parse(column_text(s), &row->kind);
        row->opens = column_minute(s);
        row->closes = column_minute(s);
        row->reason = tx_keep(tx, column_text(s));
        if (!known)
            return false;
        out->count++;
    }
    return db_state(tx->db) == DB_FINE;
}

bool opening_hours_all(struct tx *tx, struct opening_hours_list *out) {
    struct opening_read *read = read_before(tx);
    *out = (struct opening_hours_list){0};
    if (read == NULL)
        return false;
    read->hours_known = read->hours_known || hours_read(tx, &read->hours);
    *out = read->hours;
    return read->hours_known && db_state(tx->db) == DB_FINE;
}

bool opening_days_all(struct tx *tx, struct opening_day_list *out) {
    struct opening_read *read = read_before(tx);
    *out = (struct opening_day_list){0};
    if (read == NULL)
        return false;
    read->days_known = read->days_known || days_read(tx, &read->days);
    *out = read->days;
    return read->days_known && db_state(tx->db) == DB_FINE;
}

void opening_hours_append(struct tx *tx, const struct opening_hours_row *row) {
    struct statement *s = db_use(tx->db, "INSERT INTO opening_hours (seq, weekday, opens_minute,"
                                         " closes_minute) VALUES (?, ?, ?, ?)");
    bind_int(s, tx->seq);
    bind_int(s, (int64_t)row->weekday);
    bind_minute(s, row->opens);
    bind_minute(s, row->closes);
    statement_run(s);
    tx->opening = NULL;
}

void opening_day_append(struct tx *tx, const struct opening_day_row *row) {
    struct statement *s = db_use(tx->db, "INSERT INTO calendar_day (seq, day, kind, opens_minute,"
                                         " closes_minute, reason) VALUES (?, ?, ?, ?, ?, ?)");
    bind_int(s, tx->seq);
    bind_day(s, row->day);
    bind_text(s, kinds[row->kind]);
    bind_minute(s, row->opens);
    bind_minute(s, row->closes);
    bind_text(s, row->reason);
    statement_run(s);
    tx->opening = NULL;
}

void policy_append(struct tx *tx, const char *name, int64_t value) {
    struct statement *s = db_use(tx->db, "INSERT INTO policy (seq, name, value) VALUES (?, ?, ?)");
    bind_int(s, tx->seq);
    bind_text(s, name);
    bind_int(s, value);
    statement_run(s);
}

bool policy_find(struct tx *tx, const char *name, int64_t *out) {
    struct statement *s =
        db_use(tx->db, "SELECT value FROM policy WHERE name = ? AND seq <= ? ORDER BY seq DESC LIMIT 1");
    bool found = false;
    bind_text(s, name);
    bind_int(s, tx->as_of);
    while (statement_row(s)) {
        *out = column_int(s);
        found = true;
    }
    return found && db_state(tx->db) == DB_FINE;
}
