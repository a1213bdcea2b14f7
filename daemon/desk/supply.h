/*
 * The decision for a person at the counter, and recording what was supplied: lawful, outside the rules, reversed.
 */
#ifndef INSTALMENT_DESK_SUPPLY_H
#define INSTALMENT_DESK_SUPPLY_H

#include "desk.h"
#include "patient_case.h"
#include "store/alert.h"
#include "store/controlled.h"
#include "store/print_job.h"
#include "store/supply.h"

/* Room of a supply key with its NUL. */
#define SUPPLY_KEY_SIZE 40

struct decide_request {
    const char *prescription; /* id */
    day_t on;
    enum collector collector;
    bool advance;
    bool supply;      /* it is about to be recorded: D29 is asked */
    bool part;        /* less than the decided quantity is wanted (D22) */
    bool part_agreed; /* by the responsible pharmacist, with a reason */
};

/* A decision with the case that it was made on. Released with decided_release, whatever the result. */
struct decided {
    struct patient_case c;
    size_t index; /* of the prescription in the case */
    struct decision decision;
    char supply_key[SUPPLY_KEY_SIZE]; /* the same for everyone while nothing was supplied or reversed */
};

/* DESK_OK, DESK_NOT_FOUND or DESK_FAILED. */
enum desk_result desk_decide(struct tx *tx, const struct decide_request *request, struct decided *out,
                             struct desk_problem *problem);
void decided_release(struct decided *decided);

/* What is true at the pharmacy of a question about a day; what depends on the patient or the request is left open. */
struct situation desk_situation(struct tx *tx, day_t on);

/* One bottle, bag or blister to make (rules.md, section 3: W5). */
struct container {
    day_t first;
    day_t last; /* first where it is one day's */
    quantity_t quantity;
    bool supervised;
    struct print_dose_row *doses; /* in it, in order of days, in the arena */
    size_t dose_count;
};

/*
 * The containers of an item of a decision, in the arena: one for each day with W5, else one for the take-home run; the
 * supervised dose of the day stands alone.
 */
struct container *desk_containers(struct tx *tx, const struct decided *decided, size_t item, size_t *count);

/* What a client was shown: an item of the decision as received. */
struct expected_item {
    const char *product;
    quantity_t quantity;
    quantity_t supervised;
    quantity_t take_home;
};

struct supply_request {
    struct decide_request decide;
    const char *collector_name;
    const char *collector_address;
    int32_t identity_requested; /* -1: not said (C1: as asked, no default) */
    int32_t identity_provided;
    const char *identified_by;
    const struct expected_item *expect; /* lawful: must equal the decision's; irregular: what was supplied */
    size_t expect_count;
    const char *supervised_by;  /* sign-in name; needed where a dose is supervised */
    const char *const *confirm; /* codes of the checks that were confirmed */
    size_t confirm_count;
    const struct expected_item *part; /* what is supplied instead (D22); NULL: everything */
    size_t part_count;
    const char *part_reason;
    const char *reason;       /* irregular: why */
    const char *told;         /* irregular: who was told */
    struct day_list covers;   /* irregular, from paper: the days that it dosed; none: the day itself */
    const char *const *scans; /* codes of labels that were scanned at hand-out (label.h) */
    size_t scan_count;
    bool scan_complete;  /* they are to be all labels of what was bagged in advance */
    bool bag;            /* a bag label is wanted */
    const char *sheet;   /* from paper: the sheet's number */
    const char *witness; /* from paper: the second person */
    const struct identity *who;
    const struct identity *confirmer; /* whose PIN was right */
};

/*
 * Records a lawful supply with everything that belongs to it, in this transaction. DESK_OK and *id; DESK_REFUSED (refuse,
 * hold, or checks not confirmed: problem->code "refused", "on_hold", "checks_not_confirmed"), DESK_CHANGED,
 * DESK_FORBIDDEN (a check without a pharmacist, or neither a technician nor a pharmacist), DESK_INVALID, DESK_NOT_FOUND, DESK_FAILED. *decided is filled and must be
 * released whatever the result. DESK_CONFLICT also where a label that was scanned does not belong to it (label.h).
 */
enum desk_result desk_supply(struct tx *tx, const struct supply_request *request, struct decided *decided,
                             const char **id, struct desk_problem *problem);

/* Records a supply that was made outside the rules (section 6). */
enum desk_result desk_irregular(struct tx *tx, const struct supply_request *request, const char **id,
                                struct desk_problem *problem);

/*
 * Records a supply from the paper records of a downtime (section 6, H40): facts, judged by nothing. *objections: the codes
 * with which the rules would have refused, held or asked, with blanks; NULL: none. Alerts that it makes untrue are
 * corrected (A6). DESK_OK, DESK_INVALID, DESK_NOT_FOUND, DESK_CONFLICT, DESK_FAILED.
 */
enum desk_result desk_from_paper(struct tx *tx, const struct supply_request *request, const char **id,
                                 const char **objections, struct desk_problem *problem);

/* A recorded supply with everything that belongs to it, as of the transaction; in its arena. */
struct supply_view {
    struct supply_row row;
    struct register_row *entries; /* with the correcting ones of its reversal */
    size_t entry_count;
    struct print_job_row *labels;
    size_t label_count;
    struct alert_row *alerts;
    size_t alert_count;
};

/* DESK_OK, DESK_NOT_FOUND or DESK_FAILED. */
enum desk_result desk_supply_read(struct tx *tx, const char *id, struct supply_view *out);

/* Recorded in error: once only; the register gets its correcting entries. */
enum desk_result desk_reverse(struct tx *tx, const char *id, const char *reason,
                              struct desk_problem *problem);

#endif
