#include "print_job.h"

#include <string.h>

#include "store/patient.h"

/* Jobs of one seq must not be parted over two pages: no supply has more labels. */
#define JOBS_OF_ONE_SEQ 200
#define STALE_AT_A_TIME 500

static const struct {
    const char *code;
    const char *text;
} reasons[] = {
    {"scanned", "Its code was read at hand-out."},
    {"by_hand", "A person has said so."},
    {"reprinted", "It was printed again."},
    {"stale", "It waited for more than a day and was not printed any more."},
    {"before_printing", "It was made before this program printed."},
    {"recovered", "The program ended before it was sent: it is sent again."},
    {"deadline",
     "The printer did not finish in time: it was cancelled. Look at the printer, then print it again."},
    {"no_answer", "The print server does not answer. It may be printed or not: look, then print it again."},
    {"taken_back", "The print server did not answer in time; it was taken back since. Print it again."},
    {"lost", "The print server no longer knows it. It may be printed or not: look, then print it again."},
    {"left_over_message",
     "The printer says it is done and has a message all the same: look whether it is printed."},
    {"interrupted",
     "The program ended while it was sent. It may be printed or not: look, then print it again."},
    {"aborted", "The print server gave it up. Look at the printer, then print it again."},
    {"cancelled_at_printer",
     "It was cancelled at the printer or the print server. Look at the printer, then print it again."},
    {"refused", "The print server did not take it."},
    {"wrong_media", "No printer for it has the right size of paper or label."},
    {"no_queue", "The print server has no such queue."},
    {"text_too_long", "Its text does not fit, at the smallest size on two labels. Write this one by hand."},
    {"glyph_missing", "It has a character that no font of this computer can print. Write this one by hand."},
    {"cannot_be_drawn", "What it is to say is not complete. Write this one by hand."},
    {"facts_missing", "What it is about is not there any more."},
    {"no_memory", "There was not enough memory to draw it. Print it again."},
    {"not_written", "The folder for labels cannot be written. Look at the disk."},
};

const char *print_reason_text(const char *reason) {
    for (size_t i = 0; reason != NULL && i < sizeof reasons / sizeof reasons[0]; i++) {
        if (strcmp(reasons[i].code, reason) == 0) {
            return reasons[i].text;
        }
    }
    return NULL;
}

/* ---- reading ---- */

enum desk_result desk_print_job(struct tx *tx, const char *id, struct print_job_row *out) {
    if (print_job_find(tx, id, out)) {
        return DESK_OK;
    }
    return db_state(tx->db) == DB_FINE ? DESK_NOT_FOUND : DESK_FAILED;
}

static enum desk_result job_of(struct tx *tx, const char *id, struct print_job_row *out,
                               struct desk_problem *problem) {
    enum desk_result result = desk_print_job(tx, id, out);
    return result == DESK_NOT_FOUND ? desk_no(problem, result, "not_found", "There is no such print job.")
                                    : result;
}

enum desk_result desk_print_jobs(struct tx *tx, const struct print_job_query *query,
                                 struct print_job_row **rows, size_t *count, int64_t *next) {
    struct print_job_query more = *query;
    more.limit = query->limit + JOBS_OF_ONE_SEQ;
    *next = 0;
    if (!print_job_page(tx, &more, rows, count)) {
        return DESK_FAILED;
    }
    if (*count > (size_t)query->limit) {
        size_t end = (size_t)query->limit;
        while (end < *count && (*rows)[end].seq == (*rows)[end - 1].seq) {
            end++;
        }
        *next = end < *count || *count == (size_t)more.limit ? (*rows)[end - 1].seq : 0;
        *count = end;
    }
    return DESK_OK;
}

/* ---- asking ---- */

static bool is_kind(const struct print_request *request, const char *kind) {
    return strcmp(request->kind, kind) == 0;
}

static enum desk_result refuse_asking(struct tx *tx, const struct identity *who,
                                      const struct print_request *request, struct patient_row *patient,
                                      struct desk_problem *problem) {
    bool letter = is_kind(request, "last_dose");
    if (letter && who->role != ROLE_TECHNICIAN && !identity_is_pharmacist(who)) {
        return desk_no(problem, DESK_FORBIDDEN, "role",
                       "A technician or pharmacist writes to another service.");
    }
    if (is_kind(request, "downtime")) {
        return DESK_OK;
    }
    if (request->patient == NULL) {
        return desk_invalid(problem, "patient", "is missing");
    }
    if (letter && request->addressee == NULL) {
        return desk_invalid(problem, "to", "is missing");
    }
    if (!patient_find(tx, request->patient, patient) || patient->merged_into != NULL) {
        return db_state(tx->db) == DB_FINE
                   ? desk_no(problem, DESK_NOT_FOUND, "not_found", "There is no such patient.")
                   : DESK_FAILED;
    }
    return DESK_OK;
}

enum desk_result desk_print_ask(struct tx *tx, const struct identity *who,
                                const struct print_request *request, const char **id,
                                struct desk_problem *problem) {
    struct patient_row patient = {.id = NULL};
    enum desk_result result = refuse_asking(tx, who, request, &patient, problem);
    if (result != DESK_OK) {
        return result;
    }
    day_t usual = is_kind(request, "downtime") ? tx->now.day + 1 : tx->now.day;
    struct print_job_row job = {.kind = request->kind,
                                .patient = patient.id,
                                .for_day = DAY_NONE,
                                .last_day = DAY_NONE,
                                .collect_day = DAY_NONE,
                                .on_day = request->date != DAY_NONE ? request->date : usual,
                                .addressee = request->addressee};
    tx_audit(tx, "print", patient.id, NULL, request->kind);
    print_job_append(tx, &job);
    *id = job.id;
    return db_state(tx->db) == DB_FINE && *id != NULL ? DESK_OK : DESK_FAILED;
}

/* ---- what becomes of it ---- */

/* Which states may follow which; a scan is another matter. */
static const struct {
    const char *from;
    const char *to;
} ways[] = {
    {"queued", "sent"},
    {"queued", "failed"},
    {"queued", "cancelled"},
    {"sent", "queued"},
    {"sent", "accepted_by_printer"},
    {"sent", "unverified"},
    {"sent", "failed"},
    {"sent", "cancelled"},
    {"accepted_by_printer", "confirmed"},
    {"unverified", "confirmed"},
    {"unverified", "cancelled"},
};

static bool may_become(const char *from, const char *to) {
    for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
        if (strcmp(ways[i].from, from) == 0 && strcmp(ways[i].to, to) == 0) {
            return true;
        }
    }
    return false;
}

static void note_state(struct tx *tx, const struct print_job_row *row, const char *state, const char *printer,
                       int64_t cups_job, const char *reason) {
    tx_audit(tx, "print state", row->patient, row->id, state);
    print_state_append(tx, row->id, state, printer, cups_job, reason);
}

bool desk_print_mark(struct tx *tx, const char *id, const char *state, const char *printer, int64_t cups_job,
                     const char *reason) {
    struct print_job_row row;
    if (!print_job_find(tx, id, &row) || !may_become(row.state, state)) {
        return false;
    }
    note_state(tx, &row, state, printer, cups_job, reason);
    return db_state(tx->db) == DB_FINE;
}

static enum desk_result set_by_hand(struct tx *tx, const char *id, const char *state, const char *code,
                                    const char *detail, struct desk_problem *problem) {
    struct print_job_row row;
    enum desk_result result = job_of(tx, id, &row, problem);
    if (result != DESK_OK) {
        return result;
    }
    if (!may_become(row.state, state)) {
        return desk_no(problem, DESK_CONFLICT, code, detail);
    }
    note_state(tx, &row, state, row.printer, row.cups_job, "by_hand");
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

enum desk_result desk_print_confirm(struct tx *tx, const char *id, struct desk_problem *problem) {
    return set_by_hand(tx, id, "confirmed", "not_printed",
                       "Only what the printer has accepted, or what is unverified, can be confirmed.",
                       problem);
}

enum desk_result desk_print_cancel(struct tx *tx, const char *id, struct desk_problem *problem) {
    return set_by_hand(tx, id, "cancelled", "not_waiting", "This print is not waiting and not on its way.",
                       problem);
}

/* ---- again ---- */

static bool append_again(struct tx *tx, const struct print_job_row *old, const char **made) {
    struct print_job_row again = *old;
    again.id = NULL;
    again.code = NULL;
    again.reprint_of = old->id;
    again.reprint = old->reprint + 1;
    again.facts_seq = old->facts_seq != 0 ? old->facts_seq : old->seq;
    again.doses = print_job_doses(tx, old->id, &again.dose_count);
    print_job_append(tx, &again);
    *made = again.id;
    return again.id != NULL;
}

enum desk_result desk_print_again(struct tx *tx, const char *id, const char **made,
                                  struct desk_problem *problem) {
    struct print_job_row row;
    enum desk_result result = job_of(tx, id, &row, problem);
    if (result != DESK_OK) {
        return result;
    }
    if (row.replacement != NULL) {
        return desk_no(problem, DESK_CONFLICT, "not_newest",
                       "This was printed again before. Print the newest one again.");
    }
    if (may_become(row.state, "cancelled")) {
        note_state(tx, &row, "cancelled", row.printer, row.cups_job, "reprinted");
    }
    tx_audit(tx, "reprint", row.patient, row.id, row.kind);
    if (!append_again(tx, &row, made)) {
        return DESK_FAILED;
    }
    if (db_state(tx->db) == DB_CONFLICT) {
        return desk_no(problem, DESK_CONFLICT, "not_newest",
                       "Somebody else has printed this again just now.");
    }
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

/* ---- at start-up ---- */

enum desk_result desk_print_drop_stale(struct tx *tx, int64_t from, size_t *count) {
    struct print_job_row *rows = NULL;
    size_t found = 0;
    *count = 0;
    if (!print_jobs_waiting(tx, from, NULL, STALE_AT_A_TIME, &rows, &found)) {
        return DESK_FAILED;
    }
    for (size_t i = 0; i < found; i++) {
        if (rows[i].at < tx->now.at - PRINT_STALE_SECONDS) {
            note_state(tx, &rows[i], "cancelled", NULL, 0, "stale");
            ++*count;
        }
    }
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}
