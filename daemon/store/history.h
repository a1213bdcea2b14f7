/*
 * What happened besides supplies: who was consulted, what came in place of a supply or was noted on one, doses given
 * elsewhere, and prescriptions stopped, put on hold and released. Rows as the tables have them, in the order in which
 * they were recorded, as of tx->as_of; they live in the transaction's arena.
 *
 * Every loader returns false where memory is short or the store failed; *rows is then not to be looked at. A patient's
 * rows include those of records that were merged into this one.
 */
#ifndef INSTALMENT_STORE_HISTORY_H
#define INSTALMENT_STORE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/prescription.h"
#include "tx.h"

/* Who recorded a fact, and when: of the audit row that it hangs on. */
struct recorded {
    int64_t seq;
    int64_t at;
    const char *by; /* sign-in name; NULL: the program itself */
};

/* ---- who was asked, and what was said --------------------------------------------------------------------------- */

enum consulted_role { CONSULTED_PRESCRIBER, CONSULTED_DEPUTY, CONSULTED_KEYWORKER, CONSULTED_ROLE_COUNT };

/* "prescriber", "deputy", "keyworker"; and "continue", "stop", ... of the core's enum. */
const char *consulted_role_text(enum consulted_role role);
const char *consultation_outcome_text(enum consultation_outcome outcome);

struct consultation_row {
    const char *id;
    struct recorded recorded;
    const char *patient;
    const char *prescription;
    const char *asked;
    enum consulted_role role;
    /* False for a keyworker: noted, and never an event for the rules. It lifts nothing and stops nothing. */
    bool counts;
    const char *channel;
    day_t on;
    enum consultation_outcome outcome;
    day_t resume_on;
    day_t for_day;
    struct day_list covers; /* consultation_day: sorted */
    const char *note;
};

bool history_consultations(struct tx *tx, const char *patient, struct consultation_row **rows, size_t *count);
/* One by its id: NULL where there is none as of then, or the store failed (tx->db says which). */
const struct consultation_row *history_consultation(struct tx *tx, const char *id);
/* Appends row->covers too; row->id is made by the caller (tx_new_id); hangs on tx->seq. */
void history_add_consultation(struct tx *tx, const struct consultation_row *row);

/* ---- in place of a supply, and notes on one (M5, M6, M10, M11) ----------------------------------------------------- */

enum outcome_kind {
    OUTCOME_WITHHELD,
    OUTCOME_DEFERRED,
    OUTCOME_DECLINED,
    OUTCOME_ATTENDED_NOT_SUPPLIED,
    OUTCOME_VOMITED, /* from here on: notes on a supply of that day */
    OUTCOME_SPILLED,
    OUTCOME_LEFT,
    OUTCOME_PART,
    OUTCOME_MISSED, /* from here on: found by the clock */
    OUTCOME_LOST_TO_CLOSURE,
    OUTCOME_COUNT
};

const char *outcome_text(enum outcome_kind kind);

/* Is it a note on a supply: vomited, spilled, left or part? */
bool outcome_is_note(enum outcome_kind kind);

struct outcome_row {
    const char *id;
    struct recorded recorded;
    const char *patient;
    const char *prescription;
    day_t collect; /* of the instalment; DAY_NONE: none was due */
    day_t on;
    int64_t at;
    enum outcome_kind kind;
    int32_t minutes_after; /* -1: not given */
    quantity_t quantity;   /* QUANTITY_NONE: not given */
    const char *reason;    /* attended_not_supplied: codes with commas */
    const char *note;
};

/* All kinds, those found by the clock as well. */
bool history_outcomes(struct tx *tx, const char *patient, struct outcome_row **rows, size_t *count);
/* Those of days from `since` on, merged records left out. */
bool history_outcomes_since(struct tx *tx, const char *patient, day_t since, struct outcome_row **rows,
                            size_t *count);
const struct outcome_row *history_outcome(struct tx *tx, const char *id);
void history_add_outcome(struct tx *tx, const struct outcome_row *row);

/*
 * M6: was this supply's dose left, vomited, spilled or taken in part? True where a note on that prescription and day
 * was recorded after the supply (`supply_seq`): a supply that follows a reversal starts whole. This is
 * event.incomplete of EVENT_SUPPLIED.
 */
bool outcome_spoils(const struct outcome_row *rows, size_t count, const char *prescription, day_t on,
                    int64_t supply_seq);

/* ---- doses given elsewhere (M8) --------------------------------------------------------------------------------------- */

struct elsewhere_row {
    const char *id;
    struct recorded recorded;
    const char *patient;
    enum drug_class drug_class;
    day_t from;
    day_t to;
    day_t on; /* recorded */
    const char *product;
    const char *dose;
    const char *given_by; /* the interface's `where` */
    const char *confirmed_by;
    const char *channel;
    bool unlike; /* prison, or product or dose unknown or different (D23) */
};

/* Was any ever recorded of this patient, merged records left out? */
bool history_elsewhere_known(struct tx *tx, const char *patient);
bool history_elsewhere(struct tx *tx, const char *patient, struct elsewhere_row **rows, size_t *count);
const struct elsewhere_row *history_elsewhere_one(struct tx *tx, const char *id);
void history_add_elsewhere(struct tx *tx, const struct elsewhere_row *row);

/* ---- stopped, put on hold, released ------------------------------------------------------------------------------------ */

enum change_kind { CHANGE_STOP, CHANGE_HOLD, CHANGE_RELEASE, CHANGE_COUNT };

const char *change_text(enum change_kind kind);

struct change_row {
    struct recorded recorded;
    const char *prescription;
    enum change_kind kind;
    day_t from;
    const char *reason;
};

/*
 * Of all the patient's prescriptions. prescription.stopped_from is the earliest `from` of its stops;
 * prescription.on_hold is whether its newest hold or release is a hold.
 */
bool history_changes(struct tx *tx, const char *patient, struct change_row **rows, size_t *count);
/* Of some prescriptions, each one's in their order. */
bool history_changes_of(struct tx *tx, const char *const *prescriptions, size_t prescription_count,
                        struct change_row **rows, size_t *count);
/* One by the seq that it was recorded with. */
const struct change_row *history_change(struct tx *tx, int64_t seq);
void history_add_change(struct tx *tx, const struct change_row *row);

/* The two readings of changes above, for one prescription: DAY_NONE where not stopped. */
day_t change_stopped_from(const struct change_row *rows, size_t count, const char *prescription);
bool change_on_hold(const struct change_row *rows, size_t count, const char *prescription);

#endif
