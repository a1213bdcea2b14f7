/* Reading the audit: see audit.h. */
#include "audit.h"

#include "rows.h"

#define COLUMNS "SELECT seq, at, on_day, staff, terminal, action, patient, subject, detail FROM audit"
#define RANGE " seq <= ? AND seq < ? AND on_day >= ? AND on_day <= ?"
#define ORDER " ORDER BY seq DESC LIMIT ?"
#define WHO                                                                                           \
    "WITH RECURSIVE who (id) AS (SELECT CAST(? AS TEXT) UNION SELECT m.patient FROM patient_merged m" \
    " JOIN who w ON m.into_patient = w.id) "

/* One statement for each way of asking: a statement with every condition in it would look through the whole table. */
static struct statement *ask(struct tx *tx, const struct audit_query *query) {
    struct statement *s = NULL;
    if (query->patient == NULL && query->staff == NULL)
        s = db_use(tx->db, COLUMNS " WHERE" RANGE ORDER);
    else if (query->patient == NULL)
        s = db_use(tx->db, COLUMNS " WHERE staff = ? AND" RANGE ORDER);
    else if (query->staff == NULL)
        s = db_use(tx->db, WHO COLUMNS " WHERE patient IN (SELECT id FROM who) AND" RANGE ORDER);
    else
        s = db_use(tx->db,
                   WHO COLUMNS " WHERE patient IN (SELECT id FROM who) AND staff = ? AND" RANGE ORDER);
    if (query->patient != NULL)
        bind_text(s, query->patient);
    if (query->staff != NULL)
        bind_text(s, query->staff);
    bind_int(s, tx->as_of);
    bind_int(s, query->before);
    bind_day(s, query->from == DAY_NONE ? DAY_MIN : query->from);
    bind_day(s, query->to == DAY_NONE ? DAY_MAX : query->to);
    bind_int(s, query->limit);
    return s;
}

bool audit_rows(struct tx *tx, const struct audit_query *query, struct audit_row **rows, size_t *count) {
    struct statement *s = ask(tx, query);
    *rows = NULL;
    *count = 0;
    while (statement_row(s)) {
        struct audit_row *list = rows_room(tx, *rows, *count, sizeof *list);
        if (list == NULL)
            return false;
        *rows = list;
        struct audit_row *row = &list[*count];
        row->seq = column_int(s);
        row->at = column_int(s);
        row->on = column_day(s);
        row->staff = tx_keep(tx, column_text(s));
        row->terminal = tx_keep(tx, column_text(s));
        row->action = tx_keep(tx, column_text(s));
        row->patient = tx_keep(tx, column_text(s));
        row->subject = tx_keep(tx, column_text(s));
        row->detail = tx_keep(tx, column_text(s));
        ++*count;
    }
    return db_state(tx->db) == DB_FINE;
}

const char *audit_staff(struct tx *tx, int64_t seq) {
    struct statement *s = db_use(tx->db, "SELECT staff FROM audit WHERE seq = ?");
    const char *staff = NULL;
    bind_int(s, seq);
    while (statement_row(s))
        staff = tx_keep(tx, column_text(s));
    return staff;
}
