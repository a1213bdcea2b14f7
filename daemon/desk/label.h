/*
 * Labels on containers and bags, and what their codes are good for.
 *
 * A label is born with the supply, one a container, or when an instalment is bagged in advance, with the preparation.
 * At the supply of what was bagged, each container that is the same as then (product, days, quantity, date of dispensing)
 * keeps its label, and only for the others a new one is born: a bottle never carries two codes that count.
 *
 * A code counts where it is its label's newest print, and the bag still stands: not put back to stock, not supplied, its
 * prescription neither stopped nor replaced (H13).
 */
#ifndef INSTALMENT_DESK_LABEL_H
#define INSTALMENT_DESK_LABEL_H

#include "supply.h"

/* The labels on what was bagged of a decision's instalments. */
struct labels {
    struct print_job_row *rows; /* newest prints only */
    bool *used;                 /* stands on a container of this supply */
    bool *scanned;
    size_t count;
};

struct label_scans {
    const char *const *codes;
    size_t count;
    bool complete; /* they must be those of every container that was bagged (H18: counted by scanning) */
};

/*
 * Finds the labels that stand, and asks each scanned code whether it belongs to this patient, this instalment and its
 * newest print. DESK_OK with *out, for labels_of_supply; DESK_CONFLICT with problem->code `label_unknown`,
 * `label_other_patient`, `label_reprinted`, `label_other_prescription`, `label_supplied`, `label_back_in_stock`,
 * `label_other_instalment`, `label_not_this_dose` or `scan_incomplete`; DESK_FAILED.
 */
enum desk_result labels_check(struct tx *tx, const struct decided *decided, day_t on,
                              const struct label_scans *scans, struct labels *out,
                              struct desk_problem *problem);

/*
 * The labels of a supply that is being recorded, under tx->seq: those that stand are handed out with it (what was scanned
 * is `confirmed`), the others are born. With `bag` a bag label too, unless one stands. False where memory is short.
 */
bool labels_of_supply(struct tx *tx, const struct decided *decided, const char *supply, bool bag,
                      struct labels *standing);

/*
 * The labels of an instalment that is being bagged, under tx->seq, the preparation's. The decision is that of the day `on`, on which it
 * is to be handed out; where it is a refusal there are none. False where memory is short.
 */
bool labels_of_preparation(struct tx *tx, const struct decided *decided, const struct instalment *one,
                           day_t on, bool bag);

/* What a code says to whoever scans it. */
struct scan_view {
    struct print_job_row job;
    const char *patient; /* id of the record that stands */
    const char *name;
    day_t born_on;
    const char *instalment; /* id; NULL where its prescription has no such day any more */
    bool newest;            /* print */
    bool valid;             /* counts at hand-out */
    const char *code;       /* why not: as of labels_check, or `label_stopped`; NULL */
    const char *text;       /* and as a sentence; NULL */
};

/* DESK_OK, DESK_NOT_FOUND (no label has this code), DESK_FAILED. */
enum desk_result desk_scan(struct tx *tx, const char *code, struct scan_view *out,
                           struct desk_problem *problem);

#endif
