#include "prescription.h"

#include "patient.h"
#include "rows.h"

static const char insert_prescription[] =
    "INSERT INTO prescription (id, seq, patient, service, form, serial, drug_class, signed_on, start_on, "
    "entered_on,"
    " prescriber_name, prescriber_number, prescriber_address, stage, wording, wording_text, collect_kind,"
    " collect_weekdays, collect_every, supervised_kind, supervised_weekdays, replaces, replaces_from, "
    "together_with,"
    " dose_warned, accepted)"
    " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";
static const char insert_item[] = "INSERT INTO prescription_item (prescription, position, product, schedule, "
                                  "micrograms, total, total_on_form,"
                                  " total_in_words, total_in_figures) VALUES (?,?,?,?,?,?,?,?,?)";
static const char insert_run[] = "INSERT INTO prescription_run (prescription, position, from_day, days, "
                                 "dose, supervised_part) VALUES (?,?,?,?,?,?)";
static const char insert_date[] = "INSERT INTO prescription_date (prescription, day) VALUES (?,?)";
static const char insert_checked[] =
    "INSERT INTO prescription_checked (prescription, seq, staff) VALUES (?,?,?)";

#define SELECT_PRESCRIPTION                                                                              \
    "SELECT p.id, p.seq, p.patient, p.service, p.form, p.serial, p.drug_class, p.signed_on, p.start_on," \
    " p.entered_on, p.prescriber_name, p.prescriber_number, p.prescriber_address, p.stage, p.wording,"   \
    " p.wording_text, p.collect_kind, p.collect_weekdays, p.collect_every, p.supervised_kind,"           \
    " p.supervised_weekdays, p.replaces, p.replaces_from, p.together_with, p.dose_warned, p.accepted, "  \
    "c.staff, a.staff"                                                                                   \
    " FROM prescription p JOIN audit a ON a.seq = p.seq"                                                 \
    " LEFT JOIN prescription_checked c ON c.prescription = p.id AND c.seq <= ?"

static const char select_one[] = SELECT_PRESCRIPTION " WHERE p.id = ? AND p.seq <= ?";
static const char select_own[] = SELECT_PRESCRIPTION " WHERE p.patient = ? AND p.seq <= ? ORDER BY p.seq";
/* A patient's own records and those that were merged into them. */
static const char select_merged[] =
    "WITH RECURSIVE same (id) AS (SELECT ? UNION SELECT m.patient FROM patient_merged m JOIN same ON "
    "m.into_patient = same.id) " SELECT_PRESCRIPTION
    " WHERE p.patient IN (SELECT id FROM same) AND p.seq <= ? ORDER BY p.seq";
/*
 * What ended or was entered since a day, and what is bound to one of those: it replaces it, or is given together with it.
 * In each patient's order of entry.
 */
static const char select_recent[] =
    "WITH recent (id) AS (SELECT prescription FROM prescription_run WHERE from_day + days > ?"
    " UNION SELECT id FROM prescription WHERE entered_on >= ?),"
    " bound (id) AS (SELECT id FROM recent"
    " UNION SELECT p.id FROM recent JOIN prescription p ON p.replaces = recent.id"
    " UNION SELECT p.id FROM recent JOIN prescription p ON p.together_with = recent.id"
    " UNION SELECT p.together_with FROM recent JOIN prescription p ON p.id = recent.id"
    " WHERE p.together_with IS NOT NULL)"
    " SELECT p.patient, p.id FROM bound JOIN prescription p ON p.id = bound.id WHERE p.seq <= ?"
    " ORDER BY p.patient, p.seq";
static const char select_items[] =
    "SELECT product, schedule, micrograms, total, total_on_form, total_in_words, total_in_figures"
    " FROM prescription_item WHERE prescription = ? ORDER BY position";
static const char select_runs[] = "SELECT from_day, days, dose, supervised_part FROM prescription_run WHERE "
                                  "prescription = ? AND position = ?"
                                  " ORDER BY from_day";
static const char select_dates[] = "SELECT day FROM prescription_date WHERE prescription = ? ORDER BY day";
/* Records that were merged stand for the one that they were merged into. */
#define PATIENTS_WITH                                                                       \
    "WITH RECURSIVE up (id) AS ("                                                           \
    "SELECT p.patient FROM prescription p JOIN prescription_run r ON r.prescription = p.id" \
    " WHERE r.from_day <= ? AND r.from_day + r.days > ?"
#define PATIENTS_STANDING                                                              \
    " UNION SELECT m.into_patient FROM patient_merged m JOIN up ON m.patient = up.id)" \
    " SELECT id FROM up WHERE id NOT IN (SELECT patient FROM patient_merged) ORDER BY id"

static const char select_between[] = PATIENTS_WITH PATIENTS_STANDING;
/* Only of prescriptions that have not dosed every day from one to another, reversed supplies left out. */
static const char select_undosed[] = PATIENTS_WITH
    " AND (SELECT count(DISTINCT d.day) FROM dosed_day d WHERE d.prescription = p.id AND d.day BETWEEN ? AND "
    "?"
    " AND NOT EXISTS (SELECT 1 FROM supply_reversal v WHERE v.supply = d.supply)) < ?" PATIENTS_STANDING;

static void item_append(struct tx *tx, const char *prescription, size_t position,
                        const struct prescription_item_row *item) {
    struct statement *s = db_use(tx->db, insert_item);
    bind_text(s, prescription);
    bind_int(s, (int64_t)position);
    bind_text(s, item->product);
    bind_int(s, item->schedule);
    bind_int(s, item->micrograms);
    bind_int(s, item->total);
    bind_int(s, item->total_on_form);
    bind_bool(s, item->total_in_words);
    bind_bool(s, item->total_in_figures);
    statement_run(s);
    for (size_t i = 0; i < item->run_count; i++) {
        const struct dose_run *run = &item->runs[i];
        s = db_use(tx->db, insert_run);
        bind_text(s, prescription);
        bind_int(s, (int64_t)position);
        bind_day(s, run->from);
        bind_int(s, run->days);
        bind_int(s, run->dose);
        if (run->supervised_part == QUANTITY_NONE) {
            bind_null(s);
        } else {
            bind_int(s, run->supervised_part);
        }
        statement_run(s);
    }
}

void prescription_append(struct tx *tx, const struct prescription_row *row) {
    struct statement *s = db_use(tx->db, insert_prescription);
    bind_text(s, row->id);
    bind_int(s, tx->seq);
    bind_text(s, row->patient);
    bind_text(s, row->service);
    bind_text(s, row->form);
    bind_text(s, row->serial);
    bind_text(s, row->drug_class);
    bind_day(s, row->signed_on);
    bind_day(s, row->start_on);
    bind_day(s, row->entered_on);
    bind_text(s, row->prescriber_name);
    bind_text(s, row->prescriber_number);
    bind_text(s, row->prescriber_address);
    bind_text(s, row->stage);
    bind_int(s, row->wording);
    bind_text(s, row->wording_text);
    bind_text(s, row->collect_kind);
    bind_int(s, row->collect_weekdays);
    bind_int(s, row->collect_every);
    bind_text(s, row->supervised_kind);
    bind_int(s, row->supervised_weekdays);
    bind_text(s, row->replaces);
    bind_day(s, row->replaces_from);
    bind_text(s, row->together_with);
    bind_bool(s, row->dose_warned);
    bind_text(s, row->accepted);
    statement_run(s);
    for (size_t i = 0; i < row->item_count; i++) {
        item_append(tx, row->id, i, &row->items[i]);
    }
    for (size_t i = 0; i < row->collect_dates.count; i++) {
        s = db_use(tx->db, insert_date);
        bind_text(s, row->id);
        bind_day(s, row->collect_dates.days[i]);
        statement_run(s);
    }
}

void prescription_check(struct tx *tx, const char *id, const char *staff) {
    struct statement *s = db_use(tx->db, insert_checked);
    bind_text(s, id);
    bind_int(s, tx->seq);
    bind_text(s, staff);
    statement_run(s);
}

static void row_read(struct tx *tx, struct statement *s, struct prescription_row *row) {
    row->id = tx_keep(tx, column_text(s));
    row->seq = column_int(s);
    row->patient = tx_keep(tx, column_text(s));
    row->service = tx_keep(tx, column_text(s));
    row->form = tx_keep(tx, column_text(s));
    row->serial = tx_keep(tx, column_text(s));
    row->drug_class = tx_keep(tx, column_text(s));
    row->signed_on = column_day(s);
    row->start_on = column_day(s);
    row->entered_on = column_day(s);
    row->prescriber_name = tx_keep(tx, column_text(s));
    row->prescriber_number = tx_keep(tx, column_text(s));
    row->prescriber_address = tx_keep(tx, column_text(s));
    row->stage = tx_keep(tx, column_text(s));
    row->wording = (unsigned)column_int(s);
    row->wording_text = tx_keep(tx, column_text(s));
    row->collect_kind = tx_keep(tx, column_text(s));
    row->collect_weekdays = (weekday_set)column_int(s);
    row->collect_every = (int32_t)column_int(s);
    row->supervised_kind = tx_keep(tx, column_text(s));
    row->supervised_weekdays = (weekday_set)column_int(s);
    row->replaces = tx_keep(tx, column_text(s));
    row->replaces_from = column_day(s);
    row->together_with = tx_keep(tx, column_text(s));
    row->dose_warned = column_bool(s);
    row->accepted = tx_keep(tx, column_text(s));
    row->checked_by = tx_keep(tx, column_text(s));
    row->entered_by = tx_keep(tx, column_text(s));
}

static bool runs_read(struct tx *tx, const char *prescription, size_t position,
                      struct prescription_item_row *item) {
    struct statement *s = db_use(tx->db, select_runs);
    bind_text(s, prescription);
    bind_int(s, (int64_t)position);
    while (statement_row(s)) {
        item->runs = rows_room(tx, item->runs, item->run_count, sizeof *item->runs);
        if (item->runs == NULL) {
            return false;
        }
        struct dose_run *run = &item->runs[item->run_count++];
        run->from = column_day(s);
        run->days = (int32_t)column_int(s);
        run->dose = column_int(s);
        bool whole = column_null(s);
        quantity_t part = column_int(s);
        run->supervised_part = whole ? QUANTITY_NONE : part;
    }
    return true;
}

static bool items_read(struct tx *tx, struct prescription_row *row) {
    struct statement *s = db_use(tx->db, select_items);
    bind_text(s, row->id);
    while (statement_row(s)) {
        row->items = rows_room(tx, row->items, row->item_count, sizeof *row->items);
        if (row->items == NULL) {
            return false;
        }
        struct prescription_item_row *item = &row->items[row->item_count++];
        item->product = tx_keep(tx, column_text(s));
        item->schedule = column_int(s);
        item->micrograms = column_int(s);
        item->total = column_int(s);
        item->total_on_form = column_int(s);
        item->total_in_words = column_bool(s);
        item->total_in_figures = column_bool(s);
    }
    for (size_t i = 0; i < row->item_count; i++) {
        if (!runs_read(tx, row->id, i, &row->items[i])) {
            return false;
        }
    }
    return true;
}

static bool dates_read(struct tx *tx, struct prescription_row *row) {
    struct statement *s = db_use(tx->db, select_dates);
    bind_text(s, row->id);
    return rows_days(tx, s, &row->collect_dates);
}

bool prescription_find(struct tx *tx, const char *id, struct prescription_row *out) {
    struct statement *s = db_use(tx->db, select_one);
    bind_int(s, tx->as_of);
    bind_text(s, id);
    bind_int(s, tx->as_of);
    *out = (struct prescription_row){.id = NULL};
    if (!statement_row(s)) {
        return false;
    }
    row_read(tx, s, out);
    return items_read(tx, out) && dates_read(tx, out);
}

static struct statement *select_of(struct tx *tx, const char *patient) {
    bool alone = patient_alone(tx, patient);
    struct statement *s = db_use(tx->db, alone ? select_own : select_merged);
    if (!alone) {
        bind_text(s, patient);
    }
    bind_int(s, tx->as_of);
    if (alone) {
        bind_text(s, patient);
    }
    bind_int(s, tx->as_of);
    return s;
}

bool prescription_all(struct tx *tx, const char *patient, struct prescription_row **rows, size_t *count) {
    struct statement *s = select_of(tx, patient);
    *rows = NULL;
    for (*count = 0; statement_row(s); (*count)++) {
        *rows = rows_room(tx, *rows, *count, sizeof **rows);
        if (*rows == NULL) {
            return false;
        }
        row_read(tx, s, &(*rows)[*count]);
    }
    for (size_t i = 0; !arena_failed(tx->arena) && i < *count; i++) {
        if (!items_read(tx, &(*rows)[i]) || !dates_read(tx, &(*rows)[i])) {
            return false;
        }
    }
    return !arena_failed(tx->arena) && db_state(tx->db) == DB_FINE;
}

bool prescription_recent(struct tx *tx, day_t since, struct recent_row **rows, size_t *count) {
    struct statement *s = db_use(tx->db, select_recent);
    bind_day(s, since);
    bind_day(s, since);
    bind_int(s, tx->as_of);
    *rows = NULL;
    for (*count = 0; statement_row(s); (*count)++) {
        *rows = rows_room(tx, *rows, *count, sizeof **rows);
        if (*rows == NULL) {
            return false;
        }
        (*rows)[*count].patient = tx_keep(tx, column_text(s));
        (*rows)[*count].id = tx_keep(tx, column_text(s));
    }
    return !arena_failed(tx->arena) && db_state(tx->db) == DB_FINE;
}

size_t prescription_count(struct tx *tx, const char *patient) {
    struct statement *s = db_use(tx->db, "SELECT count(*) FROM prescription WHERE patient = ?");
    bind_text(s, patient);
    return statement_row(s) ? (size_t)column_int(s) : 0;
}

/* The ids that a statement finds. */
static const char **patients_read(struct tx *tx, struct statement *s, size_t *count) {
    const char **patients = NULL;
    for (*count = 0; statement_row(s); (*count)++) {
        patients = rows_room(tx, patients, *count, sizeof *patients);
        if (patients == NULL) {
            *count = 0;
            break;
        }
        patients[*count] = tx_keep(tx, column_text(s));
    }
    return patients;
}

const char **prescription_patients_between(struct tx *tx, day_t from, day_t to, size_t *count) {
    struct statement *s = db_use(tx->db, select_between);
    bind_day(s, to);
    bind_day(s, from);
    return patients_read(tx, s, count);
}

const char **prescription_patients_undosed(struct tx *tx, day_t from, day_t to, day_t ahead, size_t *count) {
    struct statement *s = db_use(tx->db, select_undosed);
    bind_day(s, ahead);
    bind_day(s, from);
    bind_day(s, from);
    bind_day(s, to);
    bind_int(s, to - from + 1);
    return patients_read(tx, s, count);
}

const char **prescription_ending(struct tx *tx, day_t from, day_t to, size_t *count) {
    struct statement *s =
        db_use(tx->db, "SELECT prescription, MAX(from_day + days) FROM prescription_run WHERE prescription IN"
                       " (SELECT prescription FROM prescription_run WHERE (from_day + days) BETWEEN ? AND ?)"
                       " AND NOT EXISTS (SELECT 1 FROM alert WHERE about = 'ending_soon/' || prescription)"
                       " GROUP BY prescription HAVING MAX(from_day + days) <= ? ORDER BY prescription");
    const char **ids = NULL;
    bind_int(s, (int64_t)from + 1);
    bind_int(s, (int64_t)to + 1);
    bind_int(s, (int64_t)to + 1);
    for (*count = 0; statement_row(s); ++*count) {
        ids = rows_room(tx, ids, *count, sizeof *ids);
        if (ids == NULL) {
            *count = 1;
            return NULL;
        }
        ids[*count] = tx_keep(tx, column_text(s));
    }
    return ids;
}
