#include "printer.h"

#include "rows.h"

/* Two numbers are bound first: as_of for the sign and for the version. */
#define COLUMNS                                                                             \
    "SELECT v.id, v.seq, v.name, v.server, v.queue, v.kind, v.width, v.height, v.fallback," \
    " v.active, l.light, l.reasons, a.at FROM printer_version v"                            \
    " LEFT JOIN printer_light l ON l.printer = v.id AND l.seq ="                            \
    " (SELECT max(m.seq) FROM printer_light m WHERE m.printer = v.id AND m.seq <= ?)"       \
    " LEFT JOIN audit a ON a.seq = l.seq"                                                   \
    " WHERE v.seq = (SELECT max(n.seq) FROM printer_version n WHERE n.id = v.id AND n.seq <= ?)"

static struct statement *printers_use(struct tx *tx, const char *sql) {
    struct statement *s = db_use(tx->db, sql);
    bind_int(s, tx->as_of);
    bind_int(s, tx->as_of);
    return s;
}

static void row_read(struct tx *tx, struct statement *s, struct printer_row *row) {
    row->id = tx_keep(tx, column_text(s));
    row->seq = column_int(s);
    row->name = tx_keep(tx, column_text(s));
    row->server = tx_keep(tx, column_text(s));
    row->queue = tx_keep(tx, column_text(s));
    row->kind = tx_keep(tx, column_text(s));
    row->width = (int32_t)column_int(s);
    row->height = (int32_t)column_int(s);
    row->fallback = tx_keep(tx, column_text(s));
    row->active = column_bool(s);
    row->light = tx_keep(tx, column_text(s));
    row->reasons = tx_keep(tx, column_text(s));
    row->light_at = column_int(s);
}

bool printer_all(struct tx *tx, struct printer_row **rows, size_t *count) {
    struct statement *s = printers_use(tx, COLUMNS " ORDER BY v.id");
    *rows = NULL;
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

bool printer_find(struct tx *tx, const char *id, struct printer_row *out) {
    struct statement *s = printers_use(tx, COLUMNS " AND v.id = ?");
    bool found = false;
    bind_text(s, id);
    *out = (struct printer_row){.id = NULL};
    while (statement_row(s)) {
        row_read(tx, s, out);
        found = true;
    }
    return found && db_state(tx->db) == DB_FINE && !arena_failed(tx->arena);
}

void printer_append(struct tx *tx, const struct printer_row *row) {
    struct statement *s = db_use(
        tx->db, "INSERT INTO printer_version (id, seq, name, server, queue, kind, width, height, fallback,"
                " active) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    bind_text(s, row->id);
    bind_int(s, tx->seq);
    bind_text(s, row->name);
    bind_text(s, row->server);
    bind_text(s, row->queue);
    bind_text(s, row->kind);
    bind_int(s, row->width);
    bind_int(s, row->height);
    bind_text(s, row->fallback);
    bind_bool(s, row->active);
    statement_run(s);
}

void printer_light_append(struct tx *tx, const char *printer, const char *light, const char *reasons) {
    struct statement *s =
        db_use(tx->db, "INSERT INTO printer_light (printer, seq, light, reasons) VALUES (?, ?, ?, ?)");
    bind_text(s, printer);
    bind_int(s, tx->seq);
    bind_text(s, light);
    bind_text(s, reasons);
    statement_run(s);
}
