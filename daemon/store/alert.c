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

struct alert_row *alerts_of_seq(struct tx *tx, int64_t seq, size_t *count) {
    struct alert_row *rows = NULL;
    struct statement *s =
        db_use(tx->db, "SELECT id, kind, priority, patient, prescription, service, raised_at, on_day,"
                       " about, number, corrects FROM alert WHERE seq = ? ORDER BY id");
    bind_int(s, seq);
    for (*count = 0; statement_row(s); (*count)++) {
        rows = rows_room(tx, rows, *count, sizeof *rows);
        if (rows == NULL) {
            *count = 0;
            return NULL;
        }
        struct alert_row *row = &rows[*count];
        row->id = tx_keep(tx, column_text(s));
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
    }
    return rows;
}
