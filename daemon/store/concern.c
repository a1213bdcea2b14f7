#include "concern.h"

#include "rows.h"

#define CONCERN_COLUMNS                                                                                  \
    "SELECT c.seq, a.at, a.staff, c.id, c.patient, c.prescription, c.kind, c.signs, c.note, c.decision," \
    " c.prescriber_contacted, c.at FROM concern c JOIN audit a ON a.seq = c.seq"

static void read_concern(struct tx *tx, struct statement *s, struct concern_row *row) {
    row->recorded.seq = column_int(s);
    row->recorded.at = column_int(s);
    row->recorded.by = tx_keep(tx, column_text(s));
    row->id = tx_keep(tx, column_text(s));
    row->patient = tx_keep(tx, column_text(s));
    row->prescription = tx_keep(tx, column_text(s));
    row->kind = tx_keep(tx, column_text(s));
    row->signs = tx_keep(tx, column_text(s));
    row->note = tx_keep(tx, column_text(s));
    row->decision = tx_keep(tx, column_text(s));
    row->prescriber_contacted = tx_keep(tx, column_text(s));
    row->at = column_int(s);
}

void concern_add(struct tx *tx, const struct concern_row *row) {
    struct statement *s =
        db_use(tx->db, "INSERT INTO concern (id, seq, patient, prescription, kind, signs, note, decision,"
                       " prescriber_contacted, at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    bind_text(s, row->id);
    bind_int(s, tx->seq);
    bind_text(s, row->patient);
    bind_text(s, row->prescription);
    bind_text(s, row->kind);
    bind_text(s, row->signs);
    bind_text(s, row->note);
    bind_text(s, row->decision);
    bind_text(s, row->prescriber_contacted);
    bind_int(s, row->at);
    statement_run(s);
}

const struct concern_row *concern_find(struct tx *tx, const char *id) {
    struct statement *s = db_use(tx->db, CONCERN_COLUMNS " WHERE c.id = ? AND c.seq <= ?");
    struct concern_row *row = arena_take(tx->arena, 1, sizeof *row);
    bind_text(s, id);
    bind_int(s, tx->as_of);
    while (row != NULL && statement_row(s))
        read_concern(tx, s, row);
    return row != NULL && row->id != NULL && db_state(tx->db) == DB_FINE ? row : NULL;
}

static bool read_all(struct tx *tx, struct statement *s, struct concern_row **rows, size_t *count) {
    struct concern_row *all = NULL;
    size_t n = 0;
    while (statement_row(s)) {
        all = rows_room(tx, all, n, sizeof *all);
        if (all == NULL)
            return false;
        read_concern(tx, s, &all[n++]);
    }
    *rows = all;
    *count = n;
    return db_state(tx->db) == DB_FINE;
}

bool concern_list(struct tx *tx, const char *patient, int64_t before, int32_t limit,
                  struct concern_row **rows, size_t *count) {
    static const char of_all[] =
        CONCERN_COLUMNS " WHERE c.seq <= ? AND c.seq < ? ORDER BY c.seq DESC, c.id LIMIT ?";
    static const char of_patient[] =
        CONCERN_COLUMNS " WHERE c.patient = ? AND c.seq <= ? AND c.seq < ? ORDER BY c.seq DESC, c.id LIMIT ?";
    struct statement *s = db_use(tx->db, patient == NULL ? of_all : of_patient);
    if (patient != NULL)
        bind_text(s, patient);
    bind_int(s, tx->as_of);
    bind_int(s, before);
    bind_int(s, limit);
    return read_all(tx, s, rows, count);
}
