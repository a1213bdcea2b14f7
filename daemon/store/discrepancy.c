#include "discrepancy.h"

#include "rows.h"

#define SELECT                                                                      \
    "SELECT d.id, d.section, d.number, d.kind, d.quantity, d.on_day, e.number FROM" \
    " discrepancy d LEFT JOIN discrepancy_explained e ON e.discrepancy = d.id AND e.seq <= ?"
static const char select_one[] = SELECT " WHERE d.seq <= ? AND d.id = ?";
static const char select_section[] = SELECT " WHERE d.seq <= ? AND d.section = ? ORDER BY d.seq, d.id";
static const char select_all[] = SELECT " WHERE d.seq <= ? ORDER BY d.section, d.seq, d.id";
static const char insert_one[] = "INSERT INTO discrepancy (id, seq, section, number, kind, quantity, on_day)"
                                 " VALUES (?,?,?,?,?,?,?)";
static const char insert_explained[] =
    "INSERT INTO discrepancy_explained (discrepancy, seq, number) VALUES (?,?,?)";

const char *discrepancy_open(struct tx *tx, const struct discrepancy_row *row) {
    const char *id = tx_new_id(tx, "di");
    struct statement *s = db_use(tx->db, insert_one);
    bind_text(s, id);
    bind_int(s, tx->seq);
    bind_text(s, row->section);
    bind_int(s, row->number);
    bind_text(s, row->kind);
    bind_int(s, row->quantity);
    bind_day(s, row->on);
    statement_run(s);
    return id;
}

void discrepancy_explain(struct tx *tx, const char *id, int64_t number) {
    struct statement *s = db_use(tx->db, insert_explained);
    bind_text(s, id);
    bind_int(s, tx->seq);
    bind_int(s, number);
    statement_run(s);
}

static void read_row(struct tx *tx, struct statement *s, struct discrepancy_row *row) {
    row->id = tx_keep(tx, column_text(s));
    row->section = tx_keep(tx, column_text(s));
    row->number = column_int(s);
    row->kind = tx_keep(tx, column_text(s));
    row->quantity = column_int(s);
    row->on = column_day(s);
    row->explained = column_int(s);
}

bool discrepancy_find(struct tx *tx, const char *id, struct discrepancy_row *out) {
    struct statement *s = db_use(tx->db, select_one);
    bind_int(s, tx->as_of);
    bind_int(s, tx->as_of);
    bind_text(s, id);
    bool found = statement_row(s);
    if (found) {
        read_row(tx, s, out);
    }
    return found && db_state(tx->db) == DB_FINE;
}

bool discrepancies(struct tx *tx, const char *section, bool open, struct discrepancy_row **rows,
                   size_t *count) {
    struct statement *s = db_use(tx->db, section == NULL ? select_all : select_section);
    *rows = NULL;
    *count = 0;
    bind_int(s, tx->as_of);
    bind_int(s, tx->as_of);
    if (section != NULL) {
        bind_text(s, section);
    }
    while (statement_row(s)) {
        *rows = rows_room(tx, *rows, *count, sizeof **rows);
        if (*rows == NULL) {
            return false;
        }
        read_row(tx, s, &(*rows)[*count]);
        if (!open || (*rows)[*count].explained == 0) {
            (*count)++;
        }
    }
    return db_state(tx->db) == DB_FINE;
}
