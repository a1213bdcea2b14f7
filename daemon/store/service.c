/* Prescribing services: see service.h. */
#include "service.h"

#include "rows.h"

#define COLUMNS                                                                                  \
    "SELECT v.id, v.seq, v.name, v.kind, v.telephone, v.hours, v.ods_code, v.endpoint_url,"      \
    " v.endpoint_ca, v.endpoint_certificate, v.endpoint_secret, v.identify_patients, v.contacts" \
    " FROM service_version v"                                                                    \
    " WHERE v.seq = (SELECT MAX(n.seq) FROM service_version n WHERE n.id = v.id AND n.seq <= ?)"

static void read_row(struct tx *tx, struct statement *s, struct service_row *row) {
    row->id = tx_keep(tx, column_text(s));
    row->seq = column_int(s);
    row->name = tx_keep(tx, column_text(s));
    row->kind = tx_keep(tx, column_text(s));
    row->telephone = tx_keep(tx, column_text(s));
    row->hours = tx_keep(tx, column_text(s));
    row->ods_code = tx_keep(tx, column_text(s));
    row->endpoint_url = tx_keep(tx, column_text(s));
    row->endpoint_ca = tx_keep(tx, column_text(s));
    row->endpoint_certificate = tx_keep(tx, column_text(s));
    row->endpoint_secret = tx_keep(tx, column_text(s));
    row->identify_patients = column_bool(s);
    row->contacts = tx_keep(tx, column_text(s));
    row->figures = NULL;
    row->figure_count = 0;
}

/* The figures of a version. */
static void read_figures(struct tx *tx, struct service_row *row) {
    struct statement *s =
        db_use(tx->db, "SELECT name, value FROM service_policy WHERE service = ? AND seq = ? ORDER BY name");
    struct service_figure *figures = NULL;
    size_t count = 0;
    bind_text(s, row->id);
    bind_int(s, row->seq);
    for (; statement_row(s); count++) {
        figures = rows_room(tx, figures, count, sizeof *figures);
        if (figures == NULL)
            return;
        figures[count].name = tx_keep(tx, column_text(s));
        figures[count].value = (int32_t)column_int(s);
    }
    row->figures = figures;
    row->figure_count = count;
}

bool service_find(struct tx *tx, const char *id, struct service_row *out) {
    struct statement *s = db_use(tx->db, COLUMNS " AND v.id = ?");
    bool found = false;
    bind_int(s, tx->as_of);
    bind_text(s, id);
    while (statement_row(s)) {
        read_row(tx, s, out);
        found = out->id != NULL && out->name != NULL && out->kind != NULL;
    }
    if (found)
        read_figures(tx, out);
    return found && db_state(tx->db) == DB_FINE;
}

bool service_page(struct tx *tx, const char *after, int32_t limit, struct service_row **rows, size_t *count) {
    struct statement *s = db_use(tx->db, COLUMNS " AND v.id > ? ORDER BY v.id LIMIT ?");
    *rows = NULL;
    *count = 0;
    bind_int(s, tx->as_of);
    bind_text(s, after);
    bind_int(s, limit);
    while (statement_row(s)) {
        struct service_row *list = rows_room(tx, *rows, *count, sizeof *list);
        if (list == NULL)
            return false;
        *rows = list;
        read_row(tx, s, &list[*count]);
        if (list[*count].id == NULL || list[*count].name == NULL)
            return false;
        ++*count;
    }
    for (size_t i = 0; i < *count; i++)
        read_figures(tx, &(*rows)[i]);
    return db_state(tx->db) == DB_FINE;
}

void service_append(struct tx *tx, const struct service_row *row) {
    struct statement *s = db_use(
        tx->db, "INSERT INTO service_version (id, seq, name, kind, telephone, hours, ods_code, endpoint_url,"
                " endpoint_ca, endpoint_certificate, endpoint_secret, identify_patients, contacts)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    bind_text(s, row->id);
    bind_int(s, tx->seq);
    bind_text(s, row->name);
    bind_text(s, row->kind);
    bind_text(s, row->telephone);
    bind_text(s, row->hours);
    bind_text(s, row->ods_code);
    bind_text(s, row->endpoint_url);
    bind_text(s, row->endpoint_ca);
    bind_text(s, row->endpoint_certificate);
    bind_text(s, row->endpoint_secret);
    bind_bool(s, row->identify_patients);
    bind_text(s, row->contacts);
    statement_run(s);
    for (size_t i = 0; i < row->figure_count; i++) {
        s = db_use(tx->db, "INSERT INTO service_policy (service, seq, name, value) VALUES (?, ?, ?, ?)");
        bind_text(s, row->id);
        bind_int(s, tx->seq);
        bind_text(s, row->figures[i].name);
        bind_int(s, row->figures[i].value);
        statement_run(s);
    }
}
