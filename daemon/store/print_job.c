#include "print_job.h"

#include <string.h>

#include "rows.h"

static const char insert_job[] =
    "INSERT INTO print_job (id, seq, kind, supply, prescription, for_day, last_day, product, quantity, code,"
    " reprint_of, patient, on_day, supervised, preparation, collect_day, addressee, card, card_version,"
    " card_language, card_form, reprint, facts_seq)"
    " VALUES (?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?,?)";

/* Three numbers are bound first: as_of for the state, for the reprint, and for the job itself. */
#define JOB_COLUMNS                                                                                        \
    "SELECT j.id, j.kind, j.supply, j.prescription, j.for_day, j.last_day, j.product, j.quantity, j.code," \
    " j.reprint_of, j.patient, j.on_day, j.supervised, j.preparation, j.collect_day, j.addressee, j.card," \
    " j.card_version, j.card_language, j.card_form, j.reprint, j.facts_seq, j.seq, a.at, a.staff,"         \
    " coalesce(s.state, 'queued'), s.seq, b.at, s.printer, s.cups_job, s.reason, r.id"                     \
    " FROM print_job j JOIN audit a ON a.seq = j.seq"                                                      \
    " LEFT JOIN print_state s ON s.job = j.id AND s.seq ="                                                 \
    " (SELECT max(n.seq) FROM print_state n WHERE n.job = j.id AND n.seq <= ?)"                            \
    " LEFT JOIN audit b ON b.seq = s.seq"                                                                  \
    " LEFT JOIN print_job r ON r.reprint_of = j.id AND r.seq <= ?"                                         \
    " WHERE j.seq <= ?"

static const char select_by_id[] = JOB_COLUMNS " AND j.id = ?";
static const char select_by_code[] = JOB_COLUMNS " AND j.code = ?";
static const char select_of_supply[] = JOB_COLUMNS
    " AND (j.supply = ? OR j.id IN (SELECT g.job FROM label_given g WHERE g.supply = ? AND g.seq <= ?))"
    " ORDER BY j.id";
static const char select_of_preparation[] =
    JOB_COLUMNS " AND j.preparation = ? AND r.id IS NULL ORDER BY j.id";
static const char select_page[] = JOB_COLUMNS " AND j.seq < ? ORDER BY j.seq DESC, j.id LIMIT ?";
static const char select_page_state[] =
    JOB_COLUMNS " AND j.seq < ? AND coalesce(s.state, 'queued') = ? ORDER BY j.seq DESC, j.id LIMIT ?";
static const char select_page_patient[] =
    JOB_COLUMNS " AND j.seq < ? AND j.patient = ? ORDER BY j.seq DESC, j.id LIMIT ?";
static const char select_waiting[] =
    JOB_COLUMNS " AND j.seq >= ? AND coalesce(s.state, 'queued') = 'queued' ORDER BY j.seq, j.id LIMIT ?";
static const char select_waiting_kinds[] =
    JOB_COLUMNS " AND j.seq >= ? AND j.kind IN (?, ?, ?) AND coalesce(s.state, 'queued') = 'queued'"
                " ORDER BY j.seq, j.id LIMIT ?";
static const char select_sent[] = JOB_COLUMNS " AND s.state = 'sent' AND j.seq >= ? ORDER BY j.seq, j.id";
static const char select_oldest[] =
    "SELECT min(j.seq) FROM print_job j LEFT JOIN print_state s ON s.job = j.id AND s.seq ="
    " (SELECT max(n.seq) FROM print_state n WHERE n.job = j.id)"
    " WHERE s.state IS NULL OR s.state IN ('queued', 'sent')";

static void bind_number(struct statement *s, int64_t number) {
    if (number == 0) {
        bind_null(s);
    } else {
        bind_int(s, number);
    }
}

static void doses_append(struct tx *tx, const struct print_job_row *row) {
    for (size_t i = 0; i < row->dose_count; i++) {
        struct statement *s = db_use(tx->db, "INSERT INTO print_dose (job, day, dose) VALUES (?, ?, ?)");
        bind_text(s, row->id);
        bind_day(s, row->doses[i].day);
        bind_int(s, row->doses[i].dose);
        statement_run(s);
    }
}

void print_job_append(struct tx *tx, struct print_job_row *row) {
    if (row->id == NULL) {
        row->id = tx_new_id(tx, "pj");
    }
    if (row->code == NULL) {
        row->code = tx_new_id(tx, "l");
    }
    struct statement *s = db_use(tx->db, insert_job);
    bind_text(s, row->id);
    bind_int(s, tx->seq);
    bind_text(s, row->kind);
    bind_text(s, row->supply);
    bind_text(s, row->prescription);
    bind_day(s, row->for_day);
    bind_day(s, row->last_day);
    bind_text(s, row->product);
    bind_number(s, row->quantity);
    bind_text(s, row->code);
    bind_text(s, row->reprint_of);
    bind_text(s, row->patient);
    bind_day(s, row->on_day);
    bind_bool(s, row->supervised);
    bind_number(s, row->preparation);
    bind_day(s, row->collect_day);
    bind_text(s, row->addressee);
    bind_text(s, row->card);
    bind_text(s, row->card_version);
    bind_text(s, row->card_language);
    bind_text(s, row->card_form);
    bind_number(s, row->reprint);
    bind_number(s, row->facts_seq);
    statement_run(s);
    doses_append(tx, row);
}

static void row_read(struct tx *tx, struct statement *s, struct print_job_row *row) {
    row->id = tx_keep(tx, column_text(s));
    row->kind = tx_keep(tx, column_text(s));
    row->supply = tx_keep(tx, column_text(s));
    row->prescription = tx_keep(tx, column_text(s));
    row->for_day = column_day(s);
    row->last_day = column_day(s);
    row->product = tx_keep(tx, column_text(s));
    row->quantity = column_int(s);
    row->code = tx_keep(tx, column_text(s));
    row->reprint_of = tx_keep(tx, column_text(s));
    row->patient = tx_keep(tx, column_text(s));
    row->on_day = column_day(s);
    row->supervised = column_bool(s);
    row->preparation = column_int(s);
    row->collect_day = column_day(s);
    row->addressee = tx_keep(tx, column_text(s));
    row->card = tx_keep(tx, column_text(s));
    row->card_version = tx_keep(tx, column_text(s));
    row->card_language = tx_keep(tx, column_text(s));
    row->card_form = tx_keep(tx, column_text(s));
    row->reprint = (int32_t)column_int(s);
    row->facts_seq = column_int(s);
    row->seq = column_int(s);
    row->at = column_int(s);
    row->by = tx_keep(tx, column_text(s));
    row->state = tx_keep(tx, column_text(s));
    row->state_seq = column_int(s);
    row->state_at = column_int(s);
    row->state_at = row->state_seq == 0 ? row->at : row->state_at;
    row->printer = tx_keep(tx, column_text(s));
    row->cups_job = column_int(s);
    row->reason = tx_keep(tx, column_text(s));
    row->replacement = tx_keep(tx, column_text(s));
}

/* A statement of JOB_COLUMNS with its first three numbers bound. */
static struct statement *jobs_use(struct tx *tx, const char *sql) {
    struct statement *s = db_use(tx->db, sql);
    for (int i = 0; i < 3; i++) {
        bind_int(s, tx->as_of);
    }
    return s;
}

/* Everything that a statement has left. */
static bool rows_read(struct tx *tx, struct statement *s, struct print_job_row **rows, size_t *count) {
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

static bool one_read(struct tx *tx, struct statement *s, struct print_job_row *out) {
    bool found = false;
    while (statement_row(s)) {
        row_read(tx, s, out);
        found = true;
    }
    return found && db_state(tx->db) == DB_FINE && !arena_failed(tx->arena);
}

bool print_job_find(struct tx *tx, const char *id, struct print_job_row *out) {
    struct statement *s = jobs_use(tx, select_by_id);
    bind_text(s, id);
    *out = (struct print_job_row){.id = NULL};
    return one_read(tx, s, out);
}

bool print_job_by_code(struct tx *tx, const char *code, struct print_job_row *out) {
    struct statement *s = jobs_use(tx, select_by_code);
    bind_text(s, code);
    *out = (struct print_job_row){.id = NULL};
    return one_read(tx, s, out);
}

struct print_dose_row *print_job_doses(struct tx *tx, const char *id, size_t *count) {
    struct statement *s = db_use(tx->db, "SELECT day, dose FROM print_dose WHERE job = ? ORDER BY day");
    struct print_dose_row *rows = NULL;
    bind_text(s, id);
    for (*count = 0; statement_row(s); (*count)++) {
        rows = rows_room(tx, rows, *count, sizeof *rows);
        if (rows == NULL) {
            *count = 0;
            return NULL;
        }
        rows[*count].day = column_day(s);
        rows[*count].dose = column_int(s);
    }
    return rows;
}

struct print_job_row *print_jobs_of_supply(struct tx *tx, const char *supply, size_t *count) {
    struct print_job_row *rows = NULL;
    struct statement *s = jobs_use(tx, select_of_supply);
    bind_text(s, supply);
    bind_text(s, supply);
    bind_int(s, tx->as_of);
    (void)rows_read(tx, s, &rows, count);
    return rows;
}

struct print_job_row *print_jobs_of_preparation(struct tx *tx, int64_t preparation, size_t *count) {
    struct print_job_row *rows = NULL;
    struct statement *s = jobs_use(tx, select_of_preparation);
    bind_int(s, preparation);
    (void)rows_read(tx, s, &rows, count);
    return rows;
}

bool print_job_page(struct tx *tx, const struct print_job_query *query, struct print_job_row **rows,
                    size_t *count) {
    const char *sql = query->patient != NULL ? select_page_patient
                      : query->state != NULL ? select_page_state
                                             : select_page;
    struct statement *s = jobs_use(tx, sql);
    bind_int(s, query->before);
    if (query->patient != NULL || query->state != NULL) {
        bind_text(s, query->patient != NULL ? query->patient : query->state);
    }
    bind_int(s, query->limit);
    return rows_read(tx, s, rows, count);
}

bool print_jobs_waiting(struct tx *tx, int64_t from, const char *const kinds[3], int32_t limit,
                        struct print_job_row **rows, size_t *count) {
    struct statement *s = jobs_use(tx, kinds == NULL ? select_waiting : select_waiting_kinds);
    bind_int(s, from);
    for (size_t i = 0; kinds != NULL && i < 3; i++) {
        bind_text(s, kinds[i]);
    }
    bind_int(s, limit);
    return rows_read(tx, s, rows, count);
}

bool print_jobs_sent(struct tx *tx, int64_t from, struct print_job_row **rows, size_t *count) {
    struct statement *s = jobs_use(tx, select_sent);
    bind_int(s, from);
    return rows_read(tx, s, rows, count);
}

int64_t print_jobs_newest(struct tx *tx) {
    struct statement *s = db_use(tx->db, "SELECT max(seq) FROM print_job");
    int64_t newest = 0;
    while (statement_row(s)) {
        newest = column_int(s);
    }
    return newest;
}

int64_t print_jobs_oldest_open(struct tx *tx) {
    struct statement *s = db_use(tx->db, select_oldest);
    int64_t oldest = TX_NOW;
    while (statement_row(s)) {
        if (!column_null(s)) {
            oldest = column_int(s);
        }
    }
    return oldest;
}

void label_given_append(struct tx *tx, const char *supply, const char *job, bool scanned) {
    struct statement *s =
        db_use(tx->db, "INSERT INTO label_given (supply, job, seq, scanned) VALUES (?, ?, ?, ?)");
    bind_text(s, supply);
    bind_text(s, job);
    bind_int(s, tx->seq);
    bind_bool(s, scanned);
    statement_run(s);
}

void print_state_append(struct tx *tx, const char *job, const char *state, const char *printer,
                        int64_t cups_job, const char *reason) {
    struct statement *s =
        db_use(tx->db, "INSERT INTO print_state (job, seq, state, printer, cups_job, reason)"
                       " VALUES (?, ?, ?, ?, ?, ?)");
    bind_text(s, job);
    bind_int(s, tx->seq);
    bind_text(s, state);
    bind_text(s, printer);
    bind_number(s, cups_job);
    bind_text(s, reason);
    statement_run(s);
}
