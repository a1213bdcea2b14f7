#include "confirmed.h"

void confirmed_append(struct tx *tx) {
    struct statement *s = db_use(tx->db, "INSERT INTO clock_confirmed (seq, at) VALUES (?, ?)");
    bind_int(s, tx->seq);
    bind_int(s, tx->now.at);
    statement_run(s);
}

bool confirmed_find(struct tx *tx, int64_t seq, int64_t *at, const char **staff) {
    struct statement *s = db_use(
        tx->db, "SELECT c.at, a.staff FROM clock_confirmed c JOIN audit a ON a.seq = c.seq WHERE c.seq = ?");
    bind_int(s, seq);
    if (!statement_row(s)) {
        return false;
    }
    *at = column_int(s);
    *staff = tx_keep(tx, column_text(s));
    return true;
}
