/* Patients: see patient.h. */
#include "patient.h"

#include "rows.h"

#define COLUMNS                                                                                    \
    "SELECT v.id, v.seq, v.name, v.name_folded, v.preferred_name, v.born_on, v.identifier_system," \
    " v.identifier_value, v.address, v.notes, v.language, v.first_miss_urgent, g.service,"         \
    " g.agreed_on, g.reference, m.into_patient FROM patient_version v"                             \
    " LEFT JOIN patient_sharing g ON g.patient = v.id AND g.seq = v.seq"                           \
    " LEFT JOIN patient_merged m ON m.patient = v.id AND m.seq <= ?"
#define NEWEST " v.seq = (SELECT MAX(n.seq) FROM patient_version n WHERE n.id = v.id AND n.seq <= ?)"
#define STANDS NEWEST " AND m.patient IS NULL"

/* Begins a statement of COLUMNS: its two `seq <= ?` come first and last of what is bound by everybody. */
static struct statement *ask(struct tx *tx, const char *sql) {
    struct statement *s = db_use(tx->db, sql);
    bind_int(s, tx->as_of);
    bind_int(s, tx->as_of);
    return s;
}

static void read_row(struct tx *tx, struct statement *s, struct patient_row *row) {
    row->id = tx_keep(tx, column_text(s));
    row->seq = column_int(s);
    row->name = tx_keep(tx, column_text(s));
    row->name_folded = tx_keep(tx, column_text(s));
    row->preferred_name = tx_keep(tx, column_text(s));
    row->born_on = column_day(s);
    row->identifier_system = tx_keep(tx, column_text(s));
    row->identifier_value = tx_keep(tx, column_text(s));
    row->address = tx_keep(tx, column_text(s));
    row->notes = tx_keep(tx, column_text(s));
    row->language = tx_keep(tx, column_text(s));
    row->first_miss_urgent = column_bool(s);
    row->sharing_service = tx_keep(tx, column_text(s));
    row->sharing_agreed_on = column_day(s);
    row->sharing_reference = tx_keep(tx, column_text(s));
    row->merged_into = tx_keep(tx, column_text(s));
}

static bool read_list(struct tx *tx, struct statement *s, struct patient_list *out) {
    *out = (struct patient_list){0};
    while (statement_row(s)) {
        struct patient_row *rows = rows_room(tx, out->rows, out->count, sizeof *rows);
        if (rows == NULL)
            return false;
        out->rows = rows;
        read_row(tx, s, &rows[out->count]);
        if (rows[out->count].id == NULL || rows[out->count].name == NULL)
            return false;
        out->count++;
    }
    return db_state(tx->db) == DB_FINE;
}

static bool read_representatives(struct tx *tx, struct patient_row *row) {
    struct statement *s = db_use(tx->db, "SELECT name, valid_until FROM patient_representative"
                                         " WHERE patient = ? AND seq = ? ORDER BY name");
    struct patient_representative *list = NULL;
    size_t count = 0;
    bind_text(s, row->id);
    bind_int(s, row->seq);
    while (statement_row(s)) {
        list = rows_room(tx, list, count, sizeof *list);
        if (list == NULL)
            return false;
        list[count].name = tx_keep(tx, column_text(s));
        list[count].valid_until = column_day(s);
        count++;
    }
    row->representatives = list;
    row->representative_count = count;
    return db_state(tx->db) == DB_FINE;
}

bool patient_find(struct tx *tx, const char *id, struct patient_row *out) {
    struct statement *s = ask(tx, COLUMNS " WHERE" NEWEST " AND v.id = ?");
    struct patient_list found = {0};
    bind_text(s, id);
    if (!read_list(tx, s, &found) || found.count == 0)
        return false;
    *out = found.rows[0];
    return read_representatives(tx, out);
}

bool patient_page(struct tx *tx, const char *after, int32_t limit, struct patient_list *out) {
    struct statement *s = ask(tx, COLUMNS " WHERE" STANDS " AND v.id > ? ORDER BY v.id LIMIT ?");
    bind_text(s, after);
    bind_int(s, limit);
    return read_list(tx, s, out);
}

bool patient_by_identifier(struct tx *tx, const char *system, const char *value, struct patient_list *out) {
    struct statement *s = ask(tx, COLUMNS " WHERE" STANDS " AND v.identifier_value = ?"
                                          " AND v.identifier_system = ? ORDER BY v.id");
    bind_text(s, value);
    bind_text(s, system);
    return read_list(tx, s, out);
}

bool patient_by_number(struct tx *tx, const char *value, struct patient_list *out) {
    struct statement *s = ask(tx, COLUMNS " WHERE" STANDS " AND v.identifier_value = ? ORDER BY v.id");
    bind_text(s, value);
    return read_list(tx, s, out);
}

bool patient_by_birth(struct tx *tx, day_t born_on, int32_t limit, struct patient_list *out) {
    struct statement *s = ask(tx, COLUMNS " WHERE" STANDS " AND v.born_on = ? ORDER BY v.id LIMIT ?");
    bind_day(s, born_on);
    bind_int(s, limit);
    return read_list(tx, s, out);
}

/* Writes %part% as a pattern of LIKE, in the arena: what LIKE would take for a sign of its own gets a backslash. */
static const char *pattern_of(struct tx *tx, const char *part) {
    size_t len = strlen(part);
    char *pattern = arena_take(tx->arena, 2 * len + 3, 1);
    size_t at = 0;
    if (pattern == NULL)
        return NULL;
    pattern[at++] = '%';
    for (size_t i = 0; i < len; i++) {
        if (part[i] == '%' || part[i] == '_' || part[i] == '\\')
            pattern[at++] = '\\';
        pattern[at++] = part[i];
    }
    pattern[at] = '%';
    return pattern;
}

bool patient_by_name(struct tx *tx, const char *folded, int32_t limit, struct patient_list *out) {
    const char *pattern = pattern_of(tx, folded);
    if (pattern == NULL)
        return false;
    /* Written so that the comparison of texts, the cheaper one, comes before the look at each one's newest version. */
    struct statement *s = ask(tx, COLUMNS " WHERE" STANDS " AND v.name_folded LIKE ? ESCAPE '\\'"
                                          " ORDER BY v.name_folded, v.id LIMIT ?");
    bind_text(s, pattern);
    bind_int(s, limit);
    return read_list(tx, s, out);
}

bool patient_each(struct tx *tx, void (*look)(void *context, const struct patient_row *row), void *context) {
    struct statement *s =
        db_use(tx->db, "SELECT v.id, v.born_on, v.name_folded FROM patient_version v"
                       " LEFT JOIN patient_merged m ON m.patient = v.id AND m.seq <= ? WHERE" STANDS);
    bind_int(s, tx->as_of);
    bind_int(s, tx->as_of);
    while (statement_row(s)) {
        struct patient_row row = {.id = column_text(s)};
        row.born_on = column_day(s);
        row.name_folded = column_text(s);
        look(context, &row);
    }
    return db_state(tx->db) == DB_FINE;
}

static void append_sharing(struct tx *tx, const struct patient_row *row) {
    struct statement *s = db_use(tx->db, "INSERT INTO patient_sharing (patient, seq, service, agreed_on,"
                                         " reference) VALUES (?, ?, ?, ?, ?)");
    bind_text(s, row->id);
    bind_int(s, tx->seq);
    bind_text(s, row->sharing_service);
    bind_day(s, row->sharing_service == NULL ? DAY_NONE : row->sharing_agreed_on);
    bind_text(s, row->sharing_service == NULL ? NULL : row->sharing_reference);
    statement_run(s);
}

void patient_append(struct tx *tx, const struct patient_row *row) {
    struct statement *s =
        db_use(tx->db, "INSERT INTO patient_version (id, seq, name, name_folded, preferred_name, born_on,"
                       " identifier_system, identifier_value, address, notes, language, first_miss_urgent)"
                       " VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)");
    bind_text(s, row->id);
    bind_int(s, tx->seq);
    bind_text(s, row->name);
    bind_text(s, row->name_folded);
    bind_text(s, row->preferred_name);
    bind_day(s, row->born_on);
    bind_text(s, row->identifier_system);
    bind_text(s, row->identifier_value);
    bind_text(s, row->address);
    bind_text(s, row->notes);
    bind_text(s, row->language);
    bind_bool(s, row->first_miss_urgent);
    statement_run(s);
    for (size_t i = 0; i < row->representative_count; i++) {
        s = db_use(tx->db, "INSERT INTO patient_representative (patient, seq, name, valid_until)"
                           " VALUES (?, ?, ?, ?)");
        bind_text(s, row->id);
        bind_int(s, tx->seq);
        bind_text(s, row->representatives[i].name);
        bind_day(s, row->representatives[i].valid_until);
        statement_run(s);
    }
    append_sharing(tx, row); /* also where there is none: the newest row says that it was withdrawn */
}

void patient_merge(struct tx *tx, const char *patient, const char *into) {
    struct statement *s =
        db_use(tx->db, "INSERT INTO patient_merged (patient, seq, into_patient) VALUES (?, ?, ?)");
    bind_text(s, patient);
    bind_int(s, tx->seq);
    bind_text(s, into);
    statement_run(s);
}

bool patient_alone(struct tx *tx, const char *id) {
    struct statement *s = db_use(tx->db, "SELECT 1 FROM patient_merged WHERE into_patient = ? LIMIT 1");
    bind_text(s, id);
    return !statement_row(s);
}

#define STATUS_COLUMNS "SELECT s.seq, s.status, s.from_day, s.to_day, s.source FROM patient_status s WHERE "
#define STATUS_NEWEST                                                                                        \
    " AND s.seq <= ? AND s.from_day <= ? AND (s.to_day IS NULL OR s.to_day >= ?) ORDER BY s.seq DESC LIMIT " \
    "1"

bool patient_status_on(struct tx *tx, const char *patient, day_t day, struct patient_status_row *out) {
    bool alone = patient_alone(tx, patient);
    struct statement *s =
        alone ? db_use(tx->db, STATUS_COLUMNS "s.patient = ?" STATUS_NEWEST)
              : db_use(tx->db, "WITH RECURSIVE who (id) AS (SELECT CAST(? AS TEXT) UNION SELECT m.patient"
                               " FROM patient_merged m JOIN who w ON m.into_patient = w.id WHERE m.seq <= "
                               "?) " STATUS_COLUMNS "s.patient IN (SELECT id FROM who)" STATUS_NEWEST);
    bool found = false;
    *out = (struct patient_status_row){.status = "attending", .from = DAY_NONE, .to = DAY_NONE};
    bind_text(s, patient);
    if (!alone)
        bind_int(s, tx->as_of);
    bind_int(s, tx->as_of);
    bind_day(s, day);
    bind_day(s, day);
    while (statement_row(s)) {
        found = true;
        out->seq = column_int(s);
        out->status = tx_keep(tx, column_text(s));
        out->from = column_day(s);
        out->to = column_day(s);
        out->source = tx_keep(tx, column_text(s));
    }
    return found && out->status != NULL && db_state(tx->db) == DB_FINE;
}

void patient_status_append(struct tx *tx, const char *patient, const struct patient_status_row *status) {
    struct statement *s = db_use(tx->db, "INSERT INTO patient_status (seq, patient, status, from_day, to_day,"
                                         " source) VALUES (?, ?, ?, ?, ?, ?)");
    bind_int(s, tx->seq);
    bind_text(s, patient);
    bind_text(s, status->status);
    bind_day(s, status->from);
    bind_day(s, status->to);
    bind_text(s, status->source);
    statement_run(s);
}
