#include "card_given.h"

#include "rows.h"

#define COLUMNS                                                                                        \
    "SELECT g.id, g.seq, a.at, a.staff, g.patient, g.card, g.version, g.language, g.form, g.given_to," \
    " g.talked_about, g.job FROM card_given g JOIN audit a ON a.seq = g.seq WHERE g.seq <= ?"

static void row_read(struct tx *tx, struct statement *s, struct card_given_row *row) {
    row->id = tx_keep(tx, column_text(s));
    row->seq = column_int(s);
    row->at = column_int(s);
    row->by = tx_keep(tx, column_text(s));
    row->patient = tx_keep(tx, column_text(s));
    row->card = tx_keep(tx, column_text(s));
    row->version = tx_keep(tx, column_text(s));
    row->language = tx_keep(tx, column_text(s));
    row->form = tx_keep(tx, column_text(s));
    row->given_to = tx_keep(tx, column_text(s));
    row->talked_about = column_bool(s);
    row->job = tx_keep(tx, column_text(s));
}

void card_given_append(struct tx *tx, const struct card_given_row *row) {
    struct statement *s =
        db_use(tx->db, "INSERT INTO card_given (id, seq, patient, card, version, language, form, given_to,"
                       " talked_about, job) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    bind_text(s, row->id);
    bind_int(s, tx->seq);
    bind_text(s, row->patient);
    bind_text(s, row->card);
    bind_text(s, row->version);
    bind_text(s, row->language);
    bind_text(s, row->form);
    bind_text(s, row->given_to);
    bind_bool(s, row->talked_about);
    bind_text(s, row->job);
    statement_run(s);
}

bool card_given_find(struct tx *tx, const char *id, struct card_given_row *out) {
    struct statement *s = db_use(tx->db, COLUMNS " AND g.id = ?");
    bool found = false;
    bind_int(s, tx->as_of);
    bind_text(s, id);
    *out = (struct card_given_row){.id = NULL};
    while (statement_row(s)) {
        row_read(tx, s, out);
        found = true;
    }
    return found && db_state(tx->db) == DB_FINE && !arena_failed(tx->arena);
}

bool card_given_page(struct tx *tx, const char *patient, int64_t before, int32_t limit,
                     struct card_given_row **rows, size_t *count) {
    struct statement *s = db_use(
        tx->db, patient == NULL ? COLUMNS " AND g.seq < ? ORDER BY g.seq DESC LIMIT ?"
                                : COLUMNS " AND g.seq < ? AND g.patient = ? ORDER BY g.seq DESC LIMIT ?");
    *rows = NULL;
    bind_int(s, tx->as_of);
    bind_int(s, before);
    if (patient != NULL) {
        bind_text(s, patient);
    }
    bind_int(s, limit);
    for (*count = 0; statement_row(s); (*count)++) {
        *rows = rows_room(tx, *rows, *count, sizeof **rows);
        if (*rows == NULL) {
            *count = 0;
            return false;
        }
        row_read(tx, s, &(*rows)[*count]);
    }
    return db_state(tx->db) == DB_FINE && !arena_failed(tx->arena);
}
