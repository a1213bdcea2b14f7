/*
 * What the parts of the checks share. Private to check*.c: nobody else includes it.
 */
#ifndef INSTALMENT_CORE_CHECK_WORK_H
#define INSTALMENT_CORE_CHECK_WORK_H

#include "check.h"

/* Everything that one check works on. */
struct check {
    const struct entry *entry;
    const struct rules_case *c;
    const struct course *course;
    const struct plan *plan;
    const struct prescription *rx;
    day_t appropriate; /* P1 */
    struct findings *out;
};

/* Adds a finding of its usual kind. */
struct finding *check_add(struct check *k, enum finding_code code);

/* The same of one item, with its product. */
struct finding *check_add_item(struct check *k, enum finding_code code, size_t item);

/* P5's mildness: of a form or an item of Schedule 4 or 5 a finding is a warning at most. */
struct finding *check_add_by_schedule(struct check *k, enum finding_code code, size_t item);

/* Does a text say nothing: NULL, or nothing but white space? */
bool check_blank(const char *text);

/* The same drug, in whatever form or mixture: equal up to the first space ("buprenorphine with naloxone"). */
bool check_same_ingredient(const struct product *a, const struct product *b);

/* Has another prescription a dose of this class on the day, before it stops? Not asked of the entered one. */
bool check_other_live(const struct check *k, size_t other, day_t day);

/* P1, P2, and what was supplied before entry. */
void check_dates(struct check *k);

/* P3, P4. */
void check_kind_of_form(struct check *k);

/* P5, P11. */
void check_paper(struct check *k);

/* The wording, and P13. */
void check_wording(struct check *k);

/* P6, P9, and the supervised part of each dose. */
void check_items(struct check *k);

/* P7. */
void check_other_prescriptions(struct check *k);

/* P8. */
void check_doses(struct check *k);

/* P10. */
void check_closed_days(struct check *k);

#endif
