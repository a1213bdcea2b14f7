#include "tx.h"

#include <string.h>

#include "id.h"

void tx_audit(struct tx *tx, const char *action, const char *patient, const char *subject,
              const char *detail) {
    struct statement *s = db_use(tx->db, "INSERT INTO audit "
                                         "(at, on_day, staff, terminal, action, patient, subject, detail) "
                                         "VALUES (?, ?, ?, ?, ?, ?, ?, ?) RETURNING seq");
    bind_int(s, tx->now.at);
    bind_int(s, tx->now.day);
    bind_text(s, tx->staff);
    bind_text(s, tx->terminal);
    bind_text(s, action);
    bind_text(s, patient);
    bind_text(s, subject);
    bind_text(s, detail);
    if (statement_row(s)) {
        tx->seq = column_int(s);
    }
    statement_run(s);
}

const char *tx_new_id(struct tx *tx, const char *prefix) {
    char text[TX_ID_SIZE];
    return id_make(tx->now.at, prefix, text) ? tx_keep(tx, text) : NULL;
}

const char *tx_keep(struct tx *tx, const char *text) {
    return text == NULL ? NULL : arena_text(tx->arena, text, strlen(text));
}

const char *tx_setting(struct tx *tx, const char *name) {
    struct statement *s = db_use(tx->db, "SELECT value FROM setting WHERE name = ? AND seq <= ? "
                                         "ORDER BY seq DESC LIMIT 1");
    bind_text(s, name);
    bind_int(s, tx->as_of);
    const char *value = statement_row(s) ? tx_keep(tx, column_text(s)) : NULL;
    statement_run(s);
    return value;
}

void tx_set_setting(struct tx *tx, const char *name, const char *value) {
    struct statement *s = db_use(tx->db, "INSERT INTO setting (seq, name, value) VALUES (?, ?, ?)");
    bind_int(s, tx->seq);
    bind_text(s, name);
    bind_text(s, value);
    statement_run(s);
}
