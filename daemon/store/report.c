#include "report.h"

#include "rows.h"

/* Counted from one index, by range; what was reversed is taken away below. */
static const char select_claim[] =
    "SELECT count(*) FROM supervised_dose WHERE service = ? AND product = ? AND on_day >= ? AND on_day <= ?";
static const char select_products[] =
    "SELECT min(product) FROM supervised_dose WHERE service = ? AND product > ?";
static const char select_services[] = "SELECT min(service) FROM supervised_dose WHERE service > ?";
static const char select_reversed[] =
    "SELECT count(*) FROM supply_reversal r JOIN supply s ON s.id = r.supply"
    " JOIN supervised_dose d ON d.service = ? AND d.on_day = s.on_day AND d.product = ? AND d.supply = s.id"
    " WHERE s.on_day >= ? AND s.on_day <= ?";
#define DISPENSED                                                                                       \
    "SELECT s.id, s.kind, p.service, s.patient, s.prescription, s.on_day, i.product, i.quantity,"       \
    " i.supervised, i.take_home, (SELECT count(*) FROM print_job j WHERE j.supply = s.id AND j.kind ="  \
    " 'label' AND j.reprint_of IS NULL AND j.product = i.product), s.supervised_by, (SELECT max(d.day)" \
    " FROM dosed_day d WHERE d.supply = s.id) FROM supply s JOIN supply_item i ON i.supply = s.id"      \
    " JOIN prescription p ON p.id = s.prescription LEFT JOIN supply_reversal r ON r.supply = s.id"      \
    " WHERE r.supply IS NULL AND s.kind <> 'before_entry'"
static const char select_claimed[] =
    DISPENSED " AND i.supervised > 0 AND s.on_day >= ? AND s.on_day <= ? AND s.id > ? AND"
              " (? IS NULL OR p.service = ?) ORDER BY s.id, i.position LIMIT ?";
static const char select_prescription[] = DISPENSED " AND s.prescription = ? ORDER BY s.seq, i.position";
static const char select_dispensed[] =
    DISPENSED " AND s.on_day >= ? AND s.on_day <= ? ORDER BY s.patient, s.seq, i.position";

static int64_t reversed(struct tx *tx, const char *service, const char *product, day_t from, day_t to) {
    struct statement *s = db_use(tx->db, select_reversed);
    bind_text(s, service);
    bind_text(s, product);
    bind_day(s, from);
    bind_day(s, to);
    return statement_row(s) ? column_int(s) : 0;
}

static int64_t doses_of(struct tx *tx, const char *service, const char *product, day_t from, day_t to) {
    struct statement *s = db_use(tx->db, select_claim);
    bind_text(s, service);
    bind_text(s, product);
    bind_day(s, from);
    bind_day(s, to);
    return statement_row(s) ? column_int(s) : 0;
}

static bool claim_service(struct tx *tx, const char *service, day_t from, day_t to, struct claim_row **rows,
                          size_t *count) {
    const char *product = "";
    for (;;) {
        struct statement *s = db_use(tx->db, select_products);
        bind_text(s, service);
        bind_text(s, product);
        if (!statement_row(s) || column_null(s)) {
            return db_state(tx->db) == DB_FINE;
        }
        product = tx_keep(tx, column_text(s));
        *rows = rows_room(tx, *rows, *count, sizeof **rows);
        if (*rows == NULL || product == NULL) {
            return false;
        }
        int64_t doses = doses_of(tx, service, product, from, to) - reversed(tx, service, product, from, to);
        if (doses != 0) {
            (*rows)[(*count)++] = (struct claim_row){.service = service, .product = product, .doses = doses};
        }
    }
}

bool report_claim(struct tx *tx, const char *service, day_t from, day_t to, struct claim_row **rows,
                  size_t *count) {
    const char *after = "";
    *rows = NULL;
    *count = 0;
    if (service != NULL) {
        return claim_service(tx, service, from, to, rows, count);
    }
    for (;;) {
        struct statement *s = db_use(tx->db, select_services);
        bind_text(s, after);
        if (!statement_row(s) || column_null(s)) {
            return db_state(tx->db) == DB_FINE;
        }
        after = tx_keep(tx, column_text(s));
        if (after == NULL || !claim_service(tx, after, from, to, rows, count)) {
            return false;
        }
    }
}

static bool read_all(struct tx *tx, struct statement *s, struct dispensed_row **rows, size_t *count) {
    *rows = NULL;
    for (*count = 0; statement_row(s); (*count)++) {
        *rows = rows_room(tx, *rows, *count, sizeof **rows);
        if (*rows == NULL) {
            return false;
        }
        struct dispensed_row *row = &(*rows)[*count];
        row->supply = tx_keep(tx, column_text(s));
        row->kind = tx_keep(tx, column_text(s));
        row->service = tx_keep(tx, column_text(s));
        row->patient = tx_keep(tx, column_text(s));
        row->prescription = tx_keep(tx, column_text(s));
        row->on = column_day(s);
        row->product = tx_keep(tx, column_text(s));
        row->quantity = column_int(s);
        row->supervised = column_int(s);
        row->take_home = column_int(s);
        row->containers = column_int(s);
        row->supervised_by = tx_keep(tx, column_text(s));
        row->last = column_day(s);
    }
    return db_state(tx->db) == DB_FINE;
}

bool report_claimed(struct tx *tx, const char *service, day_t from, day_t to, const char *after,
                    int32_t limit, struct dispensed_row **rows, size_t *count) {
    struct statement *s = db_use(tx->db, select_claimed);
    bind_day(s, from);
    bind_day(s, to);
    bind_text(s, after);
    bind_text(s, service);
    bind_text(s, service);
    bind_int(s, limit);
    return read_all(tx, s, rows, count);
}

bool report_of_prescription(struct tx *tx, const char *prescription, struct dispensed_row **rows,
                            size_t *count) {
    struct statement *s = db_use(tx->db, select_prescription);
    bind_text(s, prescription);
    return read_all(tx, s, rows, count);
}

bool report_dispensed(struct tx *tx, day_t from, day_t to, struct dispensed_row **rows, size_t *count) {
    struct statement *s = db_use(tx->db, select_dispensed);
    bind_day(s, from);
    bind_day(s, to);
    return read_all(tx, s, rows, count);
}
