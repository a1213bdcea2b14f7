#include "printer.h"

#include <string.h>

enum desk_result desk_printers(struct tx *tx, struct printer_row **rows, size_t *count) {
    return printer_all(tx, rows, count) ? DESK_OK : DESK_FAILED;
}

enum desk_result desk_printer(struct tx *tx, const char *id, struct printer_row *out) {
    if (printer_find(tx, id, out)) {
        return DESK_OK;
    }
    return db_state(tx->db) == DB_FINE ? DESK_NOT_FOUND : DESK_FAILED;
}

/* As CUPS takes it: visible ASCII without what has a meaning in addresses. */
static bool is_queue(const char *text) {
    for (const char *c = text; *c != '\0'; c++) {
        if (*c <= ' ' || *c > '~' || strchr("/\\?'\"#", *c) != NULL) {
            return false;
        }
    }
    return *text != '\0';
}

/* "host", "host:port" or the absolute path of a socket. */
static bool is_server(const char *text) {
    for (const char *c = text; *c != '\0'; c++) {
        if (*c <= ' ' || *c > '~' || strchr("@?#\\", *c) != NULL) {
            return false;
        }
    }
    return *text != '\0' && (text[0] == '/' || strchr(text, '/') == NULL);
}

static bool same_server(const char *a, const char *b) {
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

static void check_others(struct tx *tx, const struct printer_row *row, struct desk_problem *problem) {
    struct printer_row *rows = NULL;
    size_t count = 0;
    bool found = row->fallback == NULL;
    if (!printer_all(tx, &rows, &count)) {
        return;
    }
    for (size_t i = 0; i < count; i++) {
        bool own = row->id != NULL && strcmp(rows[i].id, row->id) == 0;
        found = found || (!own && rows[i].active && strcmp(rows[i].id, row->fallback) == 0);
        if (!own && row->active && rows[i].active && strcmp(rows[i].queue, row->queue) == 0 &&
            same_server(rows[i].server, row->server)) {
            desk_invalid(problem, "queue", "is another printer's already");
        }
    }
    if (!found) {
        desk_invalid(problem, "fallback", "must be another printer that is in use");
    }
}

static void check(struct tx *tx, const struct printer_row *row, struct desk_problem *problem) {
    if (!is_queue(row->queue)) {
        desk_invalid(problem, "queue", "must be the name of a queue, without blanks");
    }
    if (row->server != NULL && !is_server(row->server)) {
        desk_invalid(problem, "server", "must be HOST:PORT or the path of a socket");
    }
    if (row->width < PRINTER_EDGE_MIN || row->width > PRINTER_EDGE_MAX || row->height < PRINTER_EDGE_MIN ||
        row->height > PRINTER_EDGE_MAX) {
        desk_invalid(problem, "media", "must be between 20 and 450 mm each way");
    }
    check_others(tx, row, problem);
}

enum desk_result desk_printer_set(struct tx *tx, const struct printer_row *row, const char **id,
                                  struct desk_problem *problem) {
    struct printer_row fresh = *row;
    check(tx, row, problem);
    if (problem->field_count > 0) {
        return DESK_INVALID;
    }
    fresh.id = row->id != NULL ? row->id : tx_new_id(tx, "pr");
    if (fresh.id == NULL) {
        return DESK_FAILED;
    }
    tx_audit(tx, row->id != NULL ? "change printer" : "enter printer", NULL, fresh.id, NULL);
    printer_append(tx, &fresh);
    *id = fresh.id;
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

bool desk_printer_light(struct tx *tx, const char *id, const char *light, const char *reasons) {
    struct printer_row row;
    if (!printer_find(tx, id, &row) ||
        (row.light != NULL && strcmp(row.light, light) == 0 && strcmp(row.reasons, reasons) == 0)) {
        return false;
    }
    tx_audit(tx, "printer light", NULL, id, light);
    printer_light_append(tx, id, light, reasons);
    return db_state(tx->db) == DB_FINE;
}
