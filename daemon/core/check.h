/*
 * The checks made when a prescription is entered (rules.md, section 2: P1 to P13). Pure: the day is an
 * argument, nothing is allocated, everything given is borrowed for the call.
 *
 * Use: lay out the patient's prescriptions with the new one among them (case_open), fill a struct entry,
 * call check_prescription. What is not `blocked` may be stored, each item with check_effective_total.
 */
#ifndef INSTALMENT_CORE_CHECK_H
#define INSTALMENT_CORE_CHECK_H

#include "case.h"
#include "finding.h"
#include "identifier.h"

/* What the paper form lacks (P5), as the person who typed it saw. */
enum paper_part {
    PAPER_DOSE = 1,       /* item: no dose, or "as directed" */
    PAPER_FORM = 2,       /* item: solution, tablet ... */
    PAPER_STRENGTH = 4,   /* item */
    PAPER_AMOUNT = 8,     /* item: the amount of each instalment */
    PAPER_INTERVAL = 16,  /* form: the days between instalments */
    PAPER_SIGNATURE = 32, /* form */
    PAPER_DATE = 64       /* form */
};

/* What the form says of one item besides struct item, whose `total` is the total as typed here. */
struct entry_item {
    bool total_in_words;
    bool total_in_figures;
    unsigned missing; /* enum paper_part, or-ed */
};

/* An instalment that was supplied from this form before it was entered here (P2). */
struct earlier_supply {
    day_t on;
    struct day_list covers;
    const char *confirmed_by; /* NULL or blank: nobody named */
};

/* What a pharmacist amended on the form (P5). Texts are NULL or blank where not given. */
enum amendment_kind {
    AMENDMENT_SPELLING, /* a typing or spelling error */
    AMENDMENT_TOTAL_IN_WORDS,
    AMENDMENT_TOTAL_IN_FIGURES,
    AMENDMENT_OTHER /* anything else: never allowed */
};

struct amendment {
    enum amendment_kind kind;
    size_t item; /* of the two totals */
    const char *by;
    const char *before; /* may be blank where a total was added */
    const char *after;
};

struct entry {
    const struct rules_case *c; /* all of the patient's prescriptions, this one among them */
    size_t prescription;        /* index of this one */
    day_t today;
    finding_set accept; /* accepted by a person who may: for all but P9 a pharmacist */
    bool second_person; /* a second person confirmed the concentrate (P9); `accept` does not do it */
    const struct entry_item *items; /* as many as the prescription has */
    unsigned missing;               /* enum paper_part, or-ed, of the form */
    const char *prescriber_number;  /* NULL or blank: not given */
    const char *prescriber_address; /* NULL or blank: not given */
    const char *wording_text;       /* the form's wording as written; NULL or blank: none */
    const char *patient_address;    /* NULL or blank: not looked at */
    const char *identifier;         /* the patient's; NULL or blank: not looked at */
    enum identifier_kind identifier_kind;
    const struct earlier_supply *supplied_before; /* not among the events of the case */
    size_t supplied_before_count;
    const struct amendment *amendments;
    size_t amendment_count;
};

/* Makes all checks; *out is emptied first. */
void check_prescription(const struct entry *entry, struct findings *out);

/* The later of the signature and the start date (P1). */
day_t check_appropriate_date(const struct prescription *prescription);

/* The sum of an item's doses over the plan (P6). */
quantity_t check_plan_total(const struct plan *plan, size_t item);

/*
 * What may be supplied of an item in all (P6): the smaller of the total as typed and the sum of the plan;
 * where no total was typed, that sum.
 */
quantity_t check_effective_total(const struct plan *plan, size_t item);

/* ---- the second keying (P12) ---- */

/* In what two keyings differ, or-ed. */
enum keyed_field {
    KEYED_PRODUCTS = 1,        /* the set of products */
    KEYED_DAYS = 2,            /* the days with a dose, product by product */
    KEYED_DOSES = 4,           /* a dose on a day on which both have one */
    KEYED_SUPERVISED_PART = 8, /* on a collection day that both supervise */
    KEYED_TOTAL = 16,          /* where both give one */
    KEYED_COLLECT = 32,        /* the set of collection days */
    KEYED_SUPERVISED = 64,     /* a collection day that only one supervises */
    KEYED_WORDING = 128
};

/*
 * Compares two keyings by meaning, not by how they were typed: runs may be cut differently, items may
 * stand in another order or be given in two, weekdays may have been listed as dates. Totals are compared
 * as they stand in struct item: give both as typed from the form. 0 where the two agree. What the second
 * person does not key (supervision) the caller copies from the first.
 */
unsigned check_compare_keyings(const struct plan *first, const struct plan *second);

/* The member of the prescription that one field is keyed in: "items.doses.dose". */
const char *check_keyed_field_name(enum keyed_field field);

#endif
