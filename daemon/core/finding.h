/*
 * What was found when a prescription was entered (rules.md, section 2): a fixed-size list of typed
 * findings, and the one table that turns them into codes, fields and sentences. Pure, no allocation.
 */
#ifndef INSTALMENT_CORE_FINDING_H
#define INSTALMENT_CORE_FINDING_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalogue.h"
#include "day.h"
#include "quantity.h"

/*
 * What the program tells apart. Several of these may share one public code, as the seven of P8 share
 * `dose_warning`: finding_about then says which of them it is.
 */
enum finding_code {
    FINDING_SIGNED_IN_FUTURE,
    FINDING_BEFORE_APPROPRIATE_DATE,
    FINDING_PLAN_BEFORE_ENTRY,
    FINDING_FIRST_INSTALMENT_EXPIRED,
    FINDING_SUPPLIED_BEFORE_ON,
    FINDING_SUPPLIED_BEFORE_COVERS,
    FINDING_SUPPLIED_BEFORE_UNCONFIRMED,
    FINDING_TOO_LONG,
    FINDING_OVER_30_DAYS,
    FINDING_INSTALMENTS_NOT_ALLOWED,
    FINDING_WORDING_NOT_ALLOWED,
    FINDING_DRUG_NOT_ON_FORM,
    FINDING_TOTAL_MISSING,
    FINDING_TOTAL_IN_WORDS_MISSING,
    FINDING_TOTAL_IN_FIGURES_MISSING,
    FINDING_DOSE_MISSING,
    FINDING_FORM_MISSING,
    FINDING_STRENGTH_MISSING,
    FINDING_AMOUNT_MISSING,
    FINDING_INTERVAL_MISSING,
    FINDING_SIGNATURE_MISSING,
    FINDING_DATE_MISSING,
    FINDING_ADDRESS_MISSING,
    FINDING_AMENDMENT_NOT_ALLOWED,
    FINDING_AMENDMENT_INCOMPLETE,
    FINDING_SUPERVISED_PART_TOO_LARGE,
    FINDING_COLLECTION_OUTSIDE_PLAN,
    FINDING_WORDING_NOT_TICKED,
    FINDING_WORDING_KEPT_AS_TEXT,
    FINDING_TOTAL_MISMATCH,
    FINDING_TOTAL_AS_DAILY_DOSE,
    FINDING_OVERLAP,
    FINDING_GIVEN_TOGETHER,
    FINDING_REPLACES_OTHER_CLASS,
    FINDING_TOGETHER_WITH_OTHER_CLASS,
    FINDING_DOSE_FIRST,
    FINDING_DOSE_FIRST_STRONG,
    FINDING_DOSE_DAILY,
    FINDING_DOSE_DAILY_STRONG,
    FINDING_DOSE_RISE_DAY,
    FINDING_DOSE_RISE_WEEK,
    FINDING_DOSE_TWO_DRUGS,
    FINDING_CONCENTRATE,
    FINDING_NOT_FOR_DEPENDENCE,
    FINDING_CLOSED_MOVED,
    FINDING_CLOSED_MOVED_OR_USUAL,
    FINDING_CLOSED_LATER_DAYS,
    FINDING_CLOSED_NO_DAY,
    FINDING_WEEKLY_CLOSED_ADVANCE,
    FINDING_IDENTIFIER_INVALID,
    FINDING_PRESCRIBER_NUMBER_UNUSUAL,
    FINDING_PATIENT_ADDRESS_PO_BOX,
    FINDING_PRESCRIBER_ADDRESS_PO_BOX,
    FINDING_COLLECTION_NOT_SUPERVISED,
    FINDING_SUPERVISION_LIMITED_BY_TEXT,
    FINDING_COUNT
};

/* A set of findings: bit (1 << FINDING_x). */
typedef uint64_t finding_set;

/* In rising strictness. The last two keep the prescription from being stored. */
enum finding_kind {
    FINDING_IS_NOTE,
    FINDING_IS_WARNING,
    FINDING_NEEDS_ACCEPT, /* stored once a person who may has accepted it */
    FINDING_REFUSES
};

/* An index that a finding does not have. */
#define FINDING_NO_INDEX SIZE_MAX

/* One finding. Members that its sentence and field do not name have the values named here. */
struct finding {
    enum finding_code code;
    enum finding_kind kind;
    bool accepted; /* needs accept, and was accepted */
    size_t item;   /* index of the item; FINDING_NO_INDEX */
    size_t index;  /* of the run, the instalment supplied before, the amendment, or (P7) the other
                                      prescription in the case; FINDING_NO_INDEX */
    const struct product *product; /* of that item, borrowed; NULL */
    int32_t number;                /* -1 */
    day_t day;                     /* DAY_NONE */
    day_t other_day;               /* DAY_NONE */
    day_t usual_day;               /* DAY_NONE */
    quantity_t figure;             /* what was typed: thousandths of the unit, or micrograms (P8) */
    quantity_t other_figure;       /* what it is compared with: the sum of the plan, or the limit */
};

#define FINDINGS_MAX 96

/*
 * The findings of one prescription, in the order in which they were found. Where there are more than
 * FINDINGS_MAX, `overflow` is set and stays set; the three flags count those that were dropped too.
 */
struct findings {
    struct finding list[FINDINGS_MAX];
    size_t count;
    bool overflow;
    bool blocked; /* at least one refuses, or needs an acceptance that it has not got */
    bool
        dose_warned; /* P8 warned, or P6 of a total typed as a day's dose: `dose_warned` of the prescription */
    struct finding spare; /* where a dropped one is written */
};

/* Empties the list. */
void findings_init(struct findings *findings);

/*
 * Adds a finding of this kind; `accepted` is what a person accepted. Returns it with the values named at
 * struct finding, to be filled by the caller; the pointer holds until the next call.
 */
struct finding *findings_add(struct findings *findings, enum finding_code code, enum finding_kind kind,
                             bool accepted);

/* The first finding of this code, or NULL. */
const struct finding *findings_find(const struct findings *findings, enum finding_code code);

/* Room for the longest sentence and the longest field, each with its NUL. */
#define FINDING_TEXT_SIZE 512
#define FINDING_FIELD_SIZE 64

/* "total_mismatch", as the interface names it. */
const char *finding_code_text(enum finding_code code);

/* Which of those that share the code: "first_dose"; NULL where the code says it all. */
const char *finding_about(enum finding_code code);

/* All findings of a public code (len bytes); the empty set where there is none. */
finding_set finding_set_of(const char *code, size_t len);

/* "P6". */
const char *finding_rule(enum finding_code code);

/* "law" or "policy". */
const char *finding_basis(enum finding_code code);

/* The kind that a finding has where no schedule makes it milder. */
enum finding_kind finding_usual_kind(enum finding_code code);

/* "note", "warning", "needs_accept", "refuse". */
const char *finding_kind_text(enum finding_kind kind);

/* The member of the prescription that it belongs to: "items[0].total". */
void finding_field(const struct finding *finding, char out[FINDING_FIELD_SIZE]);

/* The sentence for the person at the counter; cut where a product's name is too long for it. */
void finding_text(const struct finding *finding, char out[FINDING_TEXT_SIZE]);

#endif
