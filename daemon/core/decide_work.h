/*
 * What the parts of a decision share. Private to decide*.c: nobody else includes it.
 */
#ifndef INSTALMENT_CORE_DECIDE_WORK_H
#define INSTALMENT_CORE_DECIDE_WORK_H

#include "decide.h"

/* Everything that one decision works on. */
struct work {
    const struct rules_case *c;
    const struct request *request;
    const struct course *course;
    const struct prescription *rx;
    day_t day;  /* T */
    day_t stop; /* the first day without supply (D1) */
    struct missed_run run;
    struct decision *out;
    const struct event *rest; /* the part supply of T whose rest is given now (D22), or NULL */
    bool excepted;            /* a consultation allow_once for T names days (D24) */
    bool forfeited;           /* an instalment would be open late on T, but W2 is missing (D7, D8) */
    bool due;                 /* an instalment is due on T */
    bool moved_only;          /* every instalment supplied now was moved here by D4 */
    bool had_supply;          /* one that is due or late on T was supplied (D6) */
    bool memory;              /* false where memory was short */
};

/* Adds a reason in its place, or makes the one that is there stricter. */
void work_reason(struct work *w, enum reason_code code, enum severity severity, int32_t number, day_t day);

/* The same without parameters. */
void work_reason_plain(struct work *w, enum reason_code code, enum severity severity);

/* The reason of this code, or NULL. */
struct reason *work_reason_find(struct decision *out, enum reason_code code);

/* Makes room for one more in an array that the decision owns. */
bool work_room(void **array, size_t *room, size_t count, size_t size);

/* Was the day supplied by the asked prescription, as known on T? */
bool work_day_supplied(const struct work *w, day_t day);

/* Is the event a consultation of the asked prescription with this outcome for T, as known on T? */
bool work_allows_today(const struct work *w, const struct event *event, enum consultation_outcome outcome);

/* Is the asked prescription in titration? */
bool work_in_titration(const struct work *w);

/* Is the prescription given together with the asked one, or the asked one itself? */
bool work_is_partner(const struct work *w, size_t index);

/* The last day before `before` of this class that was supplied here, with or without what is given together. */
day_t work_last_day_here(const struct work *w, bool with_partners, day_t before);

/* The last day of the instalment that the stop leaves, or DAY_NONE where it leaves none (D1). */
day_t work_instalment_end(const struct work *w, const struct instalment *one);

/* Was any day of the instalment supplied? */
bool work_instalment_supplied(const struct work *w, const struct instalment *one);

/* D1 to D8, D10, D24: the days to supply. */
void decide_days(struct work *w);

/* D9, D13: how much of each item, and who may take it. */
void decide_quantities(struct work *w);

/* D16's hold and D17: the dose against the last one here. */
void decide_dose(struct work *w);

/* D11, D12, D14, D16, D18, D19, D23, D26, D27, section 6: what the history asks for. */
void decide_history(struct work *w);

/* D15, D17's product checks, D20, D21, D25, D28, D29, P12, M1: what is true at the pharmacy now. */
void decide_situation(struct work *w);

#endif
