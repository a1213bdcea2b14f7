/*
 * What a pharmacist enters in the controlled drugs register besides supplies (rules.md, section 7): receipts, stock checks
 * by two people, witnessed adjustments, authorised destructions, notes that correct or explain; and reading it.
 */
#ifndef INSTALMENT_DESK_REGISTER_H
#define INSTALMENT_DESK_REGISTER_H

#include "desk.h"
#include "store/controlled.h"
#include "store/discrepancy.h"
#include "store/stock.h"

#define REGISTER_PACKS_MAX 20

/* Bottles or packs of one batch. */
struct register_pack {
    const char *batch; /* NULL: not known */
    day_t expiry;      /* DAY_NONE: not known */
    quantity_t size;   /* in one */
    int32_t count;
};

/* What two people found without being told what was expected: full bottles and the measured open one. */
struct register_count {
    bool given;
    quantity_t full;
    quantity_t open;
    quantity_t prepared; /* QUANTITY_NONE: the bagged ones were not counted, and are taken as they stand */
};

enum register_adjustment {
    ADJUST_OVERAGE,    /* a bottle held more than its label says: added */
    ADJUST_SPILLAGE,   /* taken away */
    ADJUST_RESIDUE,    /* left in an emptied bottle: taken away */
    ADJUST_COUNT,      /* the balance follows a count: either way */
    ADJUST_CORRECTION, /* an entry was wrong: either way; it is named */
    ADJUST_COUNT_OF
};
extern const char *const register_adjustments[ADJUST_COUNT_OF + 1];

struct register_request {
    const char *product;
    day_t on;            /* DAY_NONE: today; never a day to come */
    quantity_t quantity; /* receipt, destruction: more than 0; adjustment: signed */
    const char *from;    /* receipt: from whom */
    const char *address;
    const char *reference;
    struct register_pack
        packs[REGISTER_PACKS_MAX]; /* receipt: must make the quantity; none: one lot of unknown batch */
    size_t pack_count;
    enum register_adjustment reason;
    struct register_count counted;   /* check: by the one */
    struct register_count recounted; /* and by the other; not given: both counted together */
    const char *authorised_by;       /* destruction, Schedule 2: the authorised witness, name and capacity */
    const char *lot;                 /* destruction: of these full bottles; NULL: of the open one */
    const char *text;                /* note, explanation, why; NULL where it may be */
    int64_t corrects;                /* the number of an entry; 0: none */
    const char *explains;            /* the id of an open discrepancy of the section; NULL: none */
    const struct identity *who;
    const struct identity *second; /* NULL or nobody: there is none */
};

/*
 * Each makes one entry, its move of the stock, and *number. DESK_NOT_FOUND: no such product; DESK_INVALID names the
 * member; DESK_FORBIDDEN: not a pharmacist, or "second_person_required"; DESK_CONFLICT "explained_before";
 * DESK_REFUSED never; DESK_FAILED.
 */
enum desk_result desk_register_receive(struct tx *tx, const struct register_request *request, int64_t *number,
                                       struct desk_problem *problem);
enum desk_result desk_register_check(struct tx *tx, const struct register_request *request, int64_t *number,
                                     struct desk_problem *problem);
enum desk_result desk_register_adjust(struct tx *tx, const struct register_request *request, int64_t *number,
                                      struct desk_problem *problem);
enum desk_result desk_register_destroy(struct tx *tx, const struct register_request *request, int64_t *number,
                                       struct desk_problem *problem);
enum desk_result desk_register_note(struct tx *tx, const struct register_request *request, int64_t *number,
                                    struct desk_problem *problem);

/* ---- reading ---- */

struct register_section {
    const struct product *product;
    const char *heading; /* "STATUTORY", "VOLUNTARY" */
    bool begun;          /* it has an entry, and `last` is the newest */
    struct register_row last;
    int64_t last_check; /* the instant of the last stock check; 0: never */
    day_t check_due;    /* the next one; DAY_NONE: there is nothing to count yet */
    bool check_overdue;
    struct discrepancy_row *open; /* discrepancies that nobody has explained */
    size_t open_count;
};

/* One section as of tx->as_of. DESK_OK; DESK_NOT_FOUND: no such product; DESK_FAILED. */
enum desk_result desk_register_section(struct tx *tx, const char *product, struct register_section *out);

/*
 * Every section: each Schedule 2 product that was ever entered, then the voluntary ones, each in the order of codes. In
 * the arena. DESK_OK or DESK_FAILED.
 */
enum desk_result desk_register_sections(struct tx *tx, struct register_section **rows, size_t *count);

/* Up to `limit` entries after the one numbered `after`, as of tx->as_of; false where memory is short or the store failed. */
bool desk_register_entries(struct tx *tx, const char *product, int64_t after, int32_t limit,
                           struct register_row **rows, size_t *count);
bool desk_register_entry(struct tx *tx, const char *product, int64_t number, struct register_row *out);

/* The same without keeping them: for exports. */
bool desk_register_each(struct tx *tx, const char *product, int64_t after, int64_t limit,
                        register_each_fn *each, void *context);

/* Does a section hold together (store/controlled.h)? False: the store failed. */
bool desk_register_verify(struct tx *tx, const char *product, int64_t after, int64_t limit,
                          struct register_check *out);

/* The id of an entry in the interface, "methadone-1mg-ml/17": in the arena. And back; false where it is none. */
const char *register_entry_id(struct tx *tx, const char *product, int64_t number);
bool register_entry_parse(struct tx *tx, const char *id, const char **product, int64_t *number);

#endif
