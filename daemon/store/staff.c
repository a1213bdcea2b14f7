#include "staff.h"

#define STAFF_COLUMNS                                                                                        \
    "SELECT v.id, v.name, v.role, v.registration, v.pin_hash, v.active, v.valid_until FROM staff_version v " \
    "WHERE v.seq = (SELECT max(w.seq) FROM staff_version w WHERE w.id = v.id AND w.seq <= ?) "

static void staff_read(struct tx *tx, struct statement *s, struct staff_row *out) {
    out->id = tx_keep(tx, column_text(s));
    out->name = tx_keep(tx, column_text(s));
    out->role = tx_keep(tx, column_text(s));
    out->registration = tx_keep(tx, column_text(s));
    out->pin_hash = tx_keep(tx, column_text(s));
    out->active = column_bool(s);
    out->valid_until = column_day(s);
}

bool staff_find(struct tx *tx, const char *id, struct staff_row *out) {
    struct statement *s = db_use(tx->db, STAFF_COLUMNS "AND v.id = ?");
    bind_int(s, tx->as_of);
    bind_text(s, id);
    if (!statement_row(s)) {
        return false;
    }
    staff_read(tx, s, out);
    return out->id != NULL && out->name != NULL && out->role != NULL && out->pin_hash != NULL;
}

struct staff_row *staff_all(struct tx *tx, size_t *count) {
    *count = 0;
    struct statement *s = db_use(tx->db, "SELECT count(DISTINCT id) FROM staff_version WHERE seq <= ?");
    bind_int(s, tx->as_of);
    size_t room = statement_row(s) ? (size_t)column_int(s) : 0;
    struct staff_row *rows = room > 0 ? arena_take(tx->arena, room, sizeof *rows) : NULL;
    if (rows == NULL) {
        return NULL;
    }
    s = db_use(tx->db, STAFF_COLUMNS "ORDER BY v.id");
    bind_int(s, tx->as_of);
    while (*count < room && statement_row(s)) {
        staff_read(tx, s, &rows[*count]);
        (*count)++;
    }
    return rows;
}

void staff_append(struct tx *tx, const struct staff_row *row) {
    struct statement *s =
        db_use(tx->db, "INSERT INTO staff_version (id, seq, name, role, registration, pin_hash, active, "
                       "valid_until) VALUES (?, ?, ?, ?, ?, ?, ?, ?)");
    bind_text(s, row->id);
    bind_int(s, tx->seq);
    bind_text(s, row->name);
    bind_text(s, row->role);
    bind_text(s, row->registration);
    bind_text(s, row->pin_hash);
    bind_bool(s, row->active);
    bind_day(s, row->valid_until);
    statement_run(s);
}
