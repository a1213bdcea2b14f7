/*
 * Print jobs as staff see them, and as the print layer works through them. Nothing here prints: a job is a row, and what
 * becomes of it are rows.
 *
 *     queued -> sent -> accepted_by_printer -> confirmed
 *                   \-> unverified, failed, cancelled; back to queued where it is certain that nothing was sent
 *
 * `confirmed` only by a person, or by the scan of its code at hand-out. A label that was scanned is on paper, whatever
 * else was thought of it: a scan confirms from any state.
 */
#ifndef INSTALMENT_DESK_PRINT_JOB_H
#define INSTALMENT_DESK_PRINT_JOB_H

#include "desk.h"
#include "store/print_job.h"

/* So many seconds after it was asked for a job that has not been sent is not printed any more: start-up after a night. */
#define PRINT_STALE_SECONDS 86400

/* One job. DESK_OK, DESK_NOT_FOUND or DESK_FAILED. */
enum desk_result desk_print_job(struct tx *tx, const char *id, struct print_job_row *out);

/* Newest first; *next is the `before` of the next page, 0: there is none. DESK_OK or DESK_FAILED. */
enum desk_result desk_print_jobs(struct tx *tx, const struct print_job_query *query,
                                 struct print_job_row **rows, size_t *count, int64_t *next);

/* What a sheet is asked for. */
struct print_request {
    const char *kind;      /* "calendar", "last_dose", "bag" of a patient, "downtime" of a day */
    const char *patient;   /* id */
    day_t date;            /* downtime, bag: DAY_NONE: the next open day, today */
    const char *addressee; /* last_dose */
};

/*
 * Queues it; *id in the arena. DESK_NOT_FOUND, DESK_INVALID; DESK_FORBIDDEN: a letter is a technician's or pharmacist's;
 * DESK_FAILED.
 */
enum desk_result desk_print_ask(struct tx *tx, const struct identity *who,
                                const struct print_request *request, const char **id,
                                struct desk_problem *problem);

/*
 * The same again, as it was true then, with "REPRINT n" and a code of its own: the former code counts no longer, and what
 * still waited or was on its way is cancelled. *made in the arena. DESK_CONFLICT `not_newest` where it was reprinted
 * before; DESK_NOT_FOUND, DESK_FAILED.
 */
enum desk_result desk_print_again(struct tx *tx, const char *id, const char **made,
                                  struct desk_problem *problem);

/* A person has it in their hand. DESK_CONFLICT `not_printed` where it is neither accepted nor unverified. */
enum desk_result desk_print_confirm(struct tx *tx, const char *id, struct desk_problem *problem);

/* It is not wanted. DESK_CONFLICT `not_waiting` where it neither waits nor is on its way, nor unverified. */
enum desk_result desk_print_cancel(struct tx *tx, const char *id, struct desk_problem *problem);

/*
 * What the print layer found. True: noted, with its audit row; false: it has become something else meanwhile (a person
 * cancelled it, say), or the store failed. printer and reason may be NULL, cups_job 0.
 */
bool desk_print_mark(struct tx *tx, const char *id, const char *state, const char *printer, int64_t cups_job,
                     const char *reason);

/* Cancels what has waited for more than PRINT_STALE_SECONDS among the jobs made at `from` (a seq) or later. */
enum desk_result desk_print_drop_stale(struct tx *tx, int64_t from, size_t *count);

/* A sentence for each code of a reason; NULL where it is none. */
const char *print_reason_text(const char *reason);

#endif
