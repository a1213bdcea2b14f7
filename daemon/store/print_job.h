/*
 * Print jobs: label jobs are born in the transaction of their supply or preparation (design.md), jobs of sheets and cards
 * when somebody asks for one. A job never changes; what becomes of it on its way to paper is a row of its own
 * (print_state.h). Read as of tx->as_of, in the transaction's arena.
 */
#ifndef INSTALMENT_STORE_PRINT_JOB_H
#define INSTALMENT_STORE_PRINT_JOB_H

#include "core/quantity.h"
#include "tx.h"

/* A day of a container, and its dose. */
struct print_dose_row {
    day_t day;
    quantity_t dose;
};

/* Members that a kind does not name are NULL, 0, QUANTITY 0 or DAY_NONE. */
struct print_job_row {
    const char *id;   /* filled by print_job_append where NULL */
    const char *kind; /* "label", "bag", "card", "calendar", "downtime", "last_dose" */
    const char *supply;
    const char *prescription;
    day_t for_day;  /* label: the day of the container, or the first of its run */
    day_t last_day; /* the last of its run; for_day where it is one day's */
    const char *product;
    quantity_t quantity;
    const char *code; /* opaque, on the label; filled by print_job_append where NULL */
    const char *reprint_of;
    const char *patient; /* NULL: the sheet is about everybody */
    day_t on_day;        /* label: date of dispensing; bag: of collection; sheets: their day */
    bool supervised;     /* label: swallowed at the counter */
    int64_t preparation; /* label, bag: seq of the preparation that it was printed for; 0: none */
    day_t collect_day;   /* and the instalment's collection day */
    const char *addressee;
    const char *card;
    const char *card_version;
    const char *card_language;
    const char *card_form;
    int32_t reprint;                    /* n of "REPRINT n", 0: the first print */
    int64_t facts_seq;                  /* a reprint says what was true at this seq; 0: at its own */
    const struct print_dose_row *doses; /* label of several days: writing; reading: print_job_doses */
    size_t dose_count;

    /* Reading. */
    int64_t seq;
    int64_t at;     /* made */
    const char *by; /* sign-in name; NULL: the program itself */
    const char *
        state; /* "queued", "sent", "accepted_by_printer", "unverified", "confirmed", "failed", "cancelled" */
    int64_t state_seq;   /* 0: it was never anything but queued */
    int64_t state_at;    /* since when; of a job that was never anything but queued: made */
    const char *printer; /* id of a printer, "file"; NULL: none yet */
    int64_t cups_job;    /* its number at the print server; 0: none yet */
    const char *reason;  /* a code: why, where it is not plain */
    const char
        *replacement; /* the job that reprints this one: its code counts no longer; NULL: the newest print */
};

/* Appends under tx->seq. A second reprint of one job is DB_CONFLICT. */
void print_job_append(struct tx *tx, struct print_job_row *row);

/* One job, by its id or by the code on it. False where there is none, or the store failed (tx->db says which). */
bool print_job_find(struct tx *tx, const char *id, struct print_job_row *out);
bool print_job_by_code(struct tx *tx, const char *code, struct print_job_row *out);

/* The doses of a label's container of several days, in the order of days; none where it is one day's. */
struct print_dose_row *print_job_doses(struct tx *tx, const char *id, size_t *count);

/* The jobs of a supply, those that were printed when it was bagged included, in the order of making. */
struct print_job_row *print_jobs_of_supply(struct tx *tx, const char *supply, size_t *count);

/* The jobs of a preparation that were not reprinted: what stands on bottles and bag. */
struct print_job_row *print_jobs_of_preparation(struct tx *tx, int64_t preparation, size_t *count);

/*
 * Newest first. NULL: everything; a patient goes before a state. `before`: only jobs made before this seq; TX_NOW: from
 * the newest. The limit may part the jobs of one seq.
 */
struct print_job_query {
    const char *state;
    const char *patient;
    int64_t before;
    int32_t limit;
};

/* False where memory is short or the store failed; so below. */
bool print_job_page(struct tx *tx, const struct print_job_query *query, struct print_job_row **rows,
                    size_t *count);

/* Those that wait for a printer, oldest first, made at `from` (a seq) or later: of three kinds, or (NULL) of all. */
bool print_jobs_waiting(struct tx *tx, int64_t from, const char *const kinds[3], int32_t limit,
                        struct print_job_row **rows, size_t *count);

/* Those of which nobody knows yet what has become: `sent`; made at `from` or later. */
bool print_jobs_sent(struct tx *tx, int64_t from, struct print_job_row **rows, size_t *count);

/* The seq of the newest job; 0: there is none. */
int64_t print_jobs_newest(struct tx *tx);

/* The seq of the oldest job that waits, or was sent; TX_NOW: none. Looks through all jobs: for start-up. */
int64_t print_jobs_oldest_open(struct tx *tx);

/* A label that was printed when the instalment was bagged is handed out with a supply; under tx->seq. */
void label_given_append(struct tx *tx, const char *supply, const char *job, bool scanned);

/* Notes what has become of a job, under tx->seq. printer and reason may be NULL, cups_job 0. */
void print_state_append(struct tx *tx, const char *job, const char *state, const char *printer,
                        int64_t cups_job, const char *reason);

#endif
