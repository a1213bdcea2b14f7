#include "patient_return.h"

#include "rows.h"

#define SELECT                                                                                           \
    "SELECT r.id, r.seq, r.on_day, r.at, r.patient, r.product, r.description, r.quantity, r.brought_by," \
    " r.witness, r.note, a.staff FROM patient_return r JOIN audit a ON a.seq = r.seq WHERE r.seq <= ?"
static const char select_one[] = SELECT " AND r.id = ?";
static const char select_page[] = SELECT " AND r.seq < ? ORDER BY r.seq DESC LIMIT ?";
static const char select_day[] = SELECT " AND r.on_day = ? ORDER BY r.seq";
static const char insert_one[] =
    "INSERT INTO patient_return (id, seq, on_day, at, patient, product, description, quantity, brought_by,"
    " witness, note) VALUES (?,?,?,?,?,?,?,?,?,?,?)";

void patient_return_append(struct tx *tx, const struct patient_return_row *row) {
    struct statement *s = db_use(tx->db, insert_one);
    bind_text(s, row->id);
    bind_int(s, tx->seq);
    bind_day(s, row->on);
    bind_int(s, row->at);
    bind_text(s, row->patient);
    bind_text(s, row->product);
    bind_text(s, row->description);
    if (row->quantity == QUANTITY_NONE) {
        bind_null(s);
    } else {
        bind_int(s, row->quantity);
    }
    bind_text(s, row->brought_by);
    bind_text(s, row->witness);
    bind_text(s, row->note);
    statement_run(s);
}

static void read_row(struct tx *tx, struct statement *s, struct patient_return_row *row) {
    row->id = tx_keep(tx, column_text(s));
    row->seq = column_int(s);
    row->on = column_day(s);
    row->at = column_int(s);
    row->patient = tx_keep(tx, column_text(s));
    row->product = tx_keep(tx, column_text(s));
    row->description = tx_keep(tx, column_text(s));
    bool counted = !column_null(s);
    row->quantity = column_int(s);
    row->quantity = counted ? row->quantity : QUANTITY_NONE;
    row->brought_by = tx_keep(tx, column_text(s));
    row->witness = tx_keep(tx, column_text(s));
    row->note = tx_keep(tx, column_text(s));
    row->by = tx_keep(tx, column_text(s));
}

bool patient_return_find(struct tx *tx, const char *id, struct patient_return_row *out) {
    struct statement *s = db_use(tx->db, select_one);
    bind_int(s, tx->as_of);
    bind_text(s, id);
    bool found = statement_row(s);
    if (found) {
        read_row(tx, s, out);
    }
    return found && db_state(tx->db) == DB_FINE;
}

static bool read_all(struct tx *tx, struct statement *s, struct patient_return_row **rows, size_t *count) {
    *rows = NULL;
    for (*count = 0; statement_row(s); (*count)++) {
        *rows = rows_room(tx, *rows, *count, sizeof **rows);
        if (*rows == NULL) {
            return false;
        }
        read_row(tx, s, &(*rows)[*count]);
    }
    return db_state(tx->db) == DB_FINE;
}

bool patient_returns(struct tx *tx, int64_t before, int32_t limit, struct patient_return_row **rows,
                     size_t *count) {
    struct statement *s = db_use(tx->db, select_page);
    bind_int(s, tx->as_of);
    bind_int(s, before);
    bind_int(s, limit);
    return read_all(tx, s, rows, count);
}

bool patient_returns_of_day(struct tx *tx, day_t on, struct patient_return_row **rows, size_t *count) {
    struct statement *s = db_use(tx->db, select_day);
    bind_int(s, tx->as_of);
    bind_day(s, on);
    return read_all(tx, s, rows, count);
}
