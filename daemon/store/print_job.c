#include "print_job.h"

#include "rows.h"

static const char insert_job[] = "INSERT INTO print_job (id, seq, kind, supply, prescription, for_day, "
                                 "last_day, product, quantity, code, reprint_of)"
                                 " VALUES (?,?,?,?,?,?,?,?,?,?,?)";
static const char select_jobs[] = "SELECT id, kind, supply, prescription, for_day, last_day, product, "
                                  "quantity, code, reprint_of FROM print_job"
                                  " WHERE supply = ? AND seq <= ? ORDER BY id";

void print_job_append(struct tx *tx, struct print_job_row *row) {
    if (row->id == NULL) {
        row->id = tx_new_id(tx, "pj");
    }
    if (row->code == NULL) {
        row->code = tx_new_id(tx, "l");
    }
    struct statement *s = db_use(tx->db, insert_job);
    bind_text(s, row->id);
    bind_int(s, tx->seq);
    bind_text(s, row->kind);
    bind_text(s, row->supply);
    bind_text(s, row->prescription);
    bind_day(s, row->for_day);
    bind_day(s, row->last_day);
    bind_text(s, row->product);
    bind_int(s, row->quantity);
    bind_text(s, row->code);
    bind_text(s, row->reprint_of);
    statement_run(s);
}

static void row_read(struct tx *tx, struct statement *s, struct print_job_row *row) {
    row->id = tx_keep(tx, column_text(s));
    row->kind = tx_keep(tx, column_text(s));
    row->supply = tx_keep(tx, column_text(s));
    row->prescription = tx_keep(tx, column_text(s));
    row->for_day = column_day(s);
    row->last_day = column_day(s);
    row->product = tx_keep(tx, column_text(s));
    row->quantity = column_int(s);
    row->code = tx_keep(tx, column_text(s));
    row->reprint_of = tx_keep(tx, column_text(s));
}

struct print_job_row *print_jobs_of_supply(struct tx *tx, const char *supply, size_t *count) {
    struct print_job_row *rows = NULL;
    struct statement *s = db_use(tx->db, select_jobs);
    bind_text(s, supply);
    bind_int(s, tx->as_of);
    for (*count = 0; statement_row(s); (*count)++) {
        rows = rows_room(tx, rows, *count, sizeof *rows);
        if (rows == NULL) {
            *count = 0;
            break;
        }
        row_read(tx, s, &rows[*count]);
    }
    return rows;
}
