/* The responsible pharmacist: see responsible.h. */
#include "responsible.h"

#include "rows.h"

static bool read_rows(struct tx *tx, struct statement *s, struct responsible_row **rows, size_t *count) {
    *rows = NULL;
    *count = 0;
    while (statement_row(s)) {
        struct responsible_row *list = rows_room(tx, *rows, *count, sizeof *list);
        if (list == NULL)
            return false;
        *rows = list;
        list[*count].seq = column_int(s);
        list[*count].staff = tx_keep(tx, column_text(s));
        list[*count].kind = tx_keep(tx, column_text(s));
        list[*count].at = column_int(s);
        if (list[*count].staff == NULL || list[*count].kind == NULL)
            return false;
        ++*count;
    }
    return db_state(tx->db) == DB_FINE;
}

bool responsible_rows(struct tx *tx, int64_t before, int32_t limit, struct responsible_row **rows,
                      size_t *count) {
    struct statement *s = db_use(tx->db, "SELECT seq, staff, kind, at FROM responsible_pharmacist"
                                         " WHERE seq <= ? AND seq < ? ORDER BY seq DESC LIMIT ?");
    bind_int(s, tx->as_of);
    bind_int(s, before);
    bind_int(s, limit);
    return read_rows(tx, s, rows, count);
}

bool responsible_since(struct tx *tx, int64_t since, struct responsible_row **rows, size_t *count) {
    struct statement *s = db_use(tx->db, "SELECT seq, staff, kind, at FROM responsible_pharmacist"
                                         " WHERE seq <= ? AND at >= ? ORDER BY seq");
    bind_int(s, tx->as_of);
    bind_int(s, since);
    return read_rows(tx, s, rows, count);
}

bool responsible_newest(struct tx *tx, struct responsible_row *out) {
    struct responsible_row *rows = NULL;
    size_t count = 0;
    if (!responsible_rows(tx, TX_NOW, 1, &rows, &count) || count == 0)
        return false;
    *out = rows[0];
    return true;
}

void responsible_append(struct tx *tx, const struct responsible_row *row) {
    struct statement *s =
        db_use(tx->db, "INSERT INTO responsible_pharmacist (seq, staff, kind, at) VALUES (?, ?, ?, ?)");
    bind_int(s, tx->seq);
    bind_text(s, row->staff);
    bind_text(s, row->kind);
    bind_int(s, row->at);
    statement_run(s);
}
