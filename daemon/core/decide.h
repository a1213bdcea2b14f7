/*
 * The decision: may this be supplied now? (rules.md, section 3.) A pure function of the patient's
 * prescriptions, what happened, the calendar, the policy, the request and the situation. All days and
 * instants are arguments; nothing here reads a clock.
 *
 * Use: case_open lays a patient's prescriptions and history out once; decide may then be asked for any
 * prescription and day, as often as wanted; case_close releases everything.
 */
#ifndef INSTALMENT_CORE_DECIDE_H
#define INSTALMENT_CORE_DECIDE_H

#include "case.h"
#include "missed.h"
#include "reason.h"

enum collector { COLLECTOR_PATIENT, COLLECTOR_REPRESENTATIVE, COLLECTOR_PROFESSIONAL };

/* What is true at the pharmacy now, besides the patient's own history. All zero: a plain question. */
struct situation {
    bool supply;        /* asked of a supply that is about to be recorded: D29 applies */
    day_t today;        /* the pharmacy's current day, for `supply` and `day_closed` */
    int64_t now;        /* seconds since 1970, 0 where unknown: D15 is then not asked */
    bool clock_suspect; /* D20: before the last recorded event, and nobody confirmed the time */
    bool no_pharmacist; /* D25 */
    bool deceased;      /* D28 */
    bool day_closed;    /* T was closed by the end-of-day reconciliation (D21) */
    bool after_cut_off; /* the cut-off of T has passed and it is not midnight yet (M1) */
    bool entry_checks;  /* what was found at entry is asked for: P12, D17's product checks */
    bool part;          /* less than the decided quantity is wanted (D22) */
    bool part_agreed;   /* by the responsible pharmacist, with a reason */
};

struct request {
    size_t prescription;
    day_t on; /* T */
    enum collector collector;
    bool advance; /* an instalment that D4 allows to be supplied early is wanted */
    struct situation situation;
};

enum verdict { VERDICT_SUPPLY, VERDICT_CHECK, VERDICT_HOLD, VERDICT_REFUSE };

/* How much of one item is supplied now. */
struct decided_item {
    const struct item *item;
    quantity_t quantity;   /* supervised + take_home */
    quantity_t supervised; /* of the dose of T */
    quantity_t take_home;
};

/* The answer. Owned by the caller: decision_init once, decide as often as wanted, decision_release. */
struct decision {
    enum verdict verdict;
    bool rest;     /* it is the rest of a part supply of T (D22) */
    day_t *covers; /* in order; none where the verdict is refuse */
    size_t cover_count;
    size_t cover_room;
    struct decided_item *items; /* in the prescription's order, those with a quantity */
    size_t item_count;
    size_t item_room;
    const struct instalment **instalments; /* that it supplies from, borrowed from the case */
    size_t instalment_count;
    size_t instalment_room;
    struct reason reasons[REASON_COUNT]; /* sorted by code, each once */
    size_t reason_count;
    int32_t missed_days;    /* M2 */
    int32_t missed_pickups; /* M3 */
    day_t last_dosed;       /* the last day up to T that was dosed here or elsewhere; DAY_NONE */
    day_t next_due; /* the next day after T on which an instalment not yet supplied is due; DAY_NONE */
};

void decision_init(struct decision *decision);
void decision_release(struct decision *decision);

/*
 * Decides. False where memory is short; *decision then says nothing. The prescription must be one of the
 * case, the day a day.
 */
bool decide(const struct rules_case *c, const struct request *request, struct decision *decision);

/* "supply", "check", "hold", "refuse". */
const char *verdict_text(enum verdict verdict);

#endif
