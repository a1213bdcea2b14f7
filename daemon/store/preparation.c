#include "preparation.h"

#include <string.h>

#define PREPARATION_COLUMNS                                                                               \
    "SELECT p.seq, a.at, a.staff, p.prescription, p.collect_day, p.kind, p.containers, p.batch, p.expiry" \
    " FROM preparation p JOIN audit a ON a.seq = p.seq"

static void read_preparation(struct tx *tx, struct statement *s, struct preparation_row *row) {
    row->recorded.seq = column_int(s);
    row->recorded.at = column_int(s);
    row->recorded.by = tx_keep(tx, column_text(s));
    row->prescription = tx_keep(tx, column_text(s));
    row->collect = column_day(s);
    const char *kind = column_text(s);
    row->prepared = kind != NULL && strcmp(kind, "prepare") == 0;
    bool counted = !column_null(s);
    row->containers = (int32_t)column_int(s);
    if (!counted)
        row->containers = -1;
    row->batch = tx_keep(tx, column_text(s));
    row->expiry = column_day(s);
}

void preparation_add(struct tx *tx, const struct preparation_row *row) {
    struct statement *s = db_use(
        tx->db, "INSERT INTO preparation (seq, prescription, collect_day, kind, containers, batch, expiry)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)");
    bind_int(s, tx->seq);
    bind_text(s, row->prescription);
    bind_day(s, row->collect);
    bind_text(s, row->prepared ? "prepare" : "unprepare");
    if (row->containers < 0)
        bind_null(s);
    else
        bind_int(s, row->containers);
    bind_text(s, row->batch);
    bind_day(s, row->expiry);
    statement_run(s);
}

const struct preparation_row *preparation_newest(struct tx *tx, const char *prescription, day_t collect) {
    struct statement *s =
        db_use(tx->db, PREPARATION_COLUMNS " WHERE p.prescription = ? AND p.collect_day = ? AND p.seq <= ?"
                                           " ORDER BY p.seq DESC LIMIT 1");
    struct preparation_row *row = arena_take(tx->arena, 1, sizeof *row);
    bool found = false;
    bind_text(s, prescription);
    bind_day(s, collect);
    bind_int(s, tx->as_of);
    while (row != NULL && statement_row(s)) {
        read_preparation(tx, s, row);
        found = true;
    }
    return found && db_state(tx->db) == DB_FINE ? row : NULL;
}

bool preparation_stands(struct tx *tx, const char *prescription, day_t collect) {
    const struct preparation_row *row = preparation_newest(tx, prescription, collect);
    return row != NULL && row->prepared;
}
