/*
 * A prescription and what has happened to it, as the rules see them. Plain data: whoever fills it
 * (the store, the decide edge, a test) owns every pointer; the core only reads. Quantities in
 * thousandths of the product's unit, days as in day.h. Words: rules.md, section 1.
 */
#ifndef INSTALMENT_CORE_PRESCRIPTION_H
#define INSTALMENT_CORE_PRESCRIPTION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "catalogue.h"
#include "day.h"
#include "quantity.h"
#include "wording.h"

/* The longest plan that the program takes, from its first to its last day. */
#define PLAN_DAYS_MAX 3660

/* An index that names no prescription. */
#define PRESCRIPTION_NONE SIZE_MAX

enum prescription_form {
    FORM_FP10MDA,
    FORM_FP10HMDA,
    FORM_WP10MDA,
    FORM_GP10,
    FORM_HBP,
    FORM_HS21,
    FORM_FP10,
    FORM_FP10PCD,
    FORM_COUNT
};

enum stage { STAGE_TITRATION, STAGE_STABLE, STAGE_REDUCTION, STAGE_COUNT };

/* The same dose on `days` days running, from `from`. Runs of one item are in order and do not overlap. */
struct dose_run {
    day_t from;
    int32_t days;               /* 1 .. PLAN_DAYS_MAX */
    quantity_t dose;            /* a day's dose; 0 is no dose */
    quantity_t supervised_part; /* of a split dose; QUANTITY_NONE: all of it where the day is supervised */
};

/* One product and strength on the form. */
struct item {
    const struct product *product;
    const struct dose_run *runs;
    size_t run_count;
    quantity_t total; /* the total that may be supplied; QUANTITY_NONE: not given, D9 is not asked */
};

enum collection_kind { COLLECT_WEEKDAYS, COLLECT_EVERY_DAYS, COLLECT_DATES };

/* Which days of the plan are collection days, besides its first day, which always is one. */
struct collection {
    enum collection_kind kind;
    weekday_set weekdays;  /* COLLECT_WEEKDAYS */
    int32_t every_days;    /* COLLECT_EVERY_DAYS: 1 or more, counted from the plan's first day */
    struct day_list dates; /* COLLECT_DATES: sorted */
};

enum supervision_kind { SUPERVISED_NONE, SUPERVISED_COLLECTION_DAYS, SUPERVISED_WEEKDAYS };

struct supervision {
    enum supervision_kind kind;
    weekday_set weekdays; /* SUPERVISED_WEEKDAYS */
};

struct prescription {
    enum drug_class drug_class; /* of all its items */
    enum prescription_form form;
    enum stage stage;
    unsigned wording; /* enum wording_flag, or-ed */
    day_t signed_on;
    day_t start_on;     /* DAY_NONE: not given (P1) */
    day_t entered_on;   /* DAY_NONE: before the plan's first day (P2) */
    day_t stopped_from; /* stopped by hand: the first day without; DAY_NONE: not stopped (D1) */
    const struct item *items;
    size_t item_count;
    struct collection collect;
    struct supervision supervised;
    size_t replaces;      /* index of the prescription that this one stops, or PRESCRIPTION_NONE */
    day_t replaces_from;  /* from this day on */
    size_t together_with; /* index of the prescription with which this makes one dose, or PRESCRIPTION_NONE */
    bool on_hold;         /* a person put it on hold (D12) */
    bool double_checked;  /* a second person keyed it and agreed (P12) */
    bool dose_warned;     /* P8 warned of it: dose_warning at its first supply (D17) */
};

enum event_kind {
    EVENT_SUPPLIED,       /* prescription, covers, incomplete, at */
    EVENT_IRREGULAR,      /* a supply made outside the rules (section 6): as supplied, and a hold */
    EVENT_WITHHELD,       /* prescription */
    EVENT_DEFERRED,       /* prescription */
    EVENT_CONSULTATION,   /* prescription, outcome, resume_on, for_day, covers */
    EVENT_DOSED_ELSEWHERE /* drug_class, from, to, unlike */
};

enum consultation_outcome {
    CONSULTED_CONTINUE,
    CONSULTED_STOP,
    CONSULTED_NEW_PRESCRIPTION,
    CONSULTED_ALLOW_REPRESENTATIVE,
    CONSULTED_ALLOW_ONCE,
    CONSULTED_COUNT
};

/* One thing that happened. Members that its kind does not name are not read. */
struct event {
    enum event_kind kind;
    size_t prescription;    /* index of the prescription */
    day_t on;               /* the day it happened, or for what was done elsewhere the day it was recorded */
    struct day_list covers; /* the days that a supply dosed; the days that an allow_once names */
    bool incomplete;        /* the visit's dose was left, vomited, spilled or taken in part: dosed for D10,
                               not for the run (M6) */
    const quantity_t
        *rest;  /* a part supply (D22): what of each item of the prescription is still to be given, as long as
                               its day lasts; NULL: nothing is */
    int64_t at; /* seconds since 1970 of a supply with a supervised dose, 0 otherwise (D15) */
    enum consultation_outcome outcome;
    day_t resume_on; /* DAY_NONE: the default of rules.md, section 3 */
    day_t for_day;
    enum drug_class drug_class;
    day_t from;
    day_t to;
    bool unlike; /* prison, or product or dose unknown or different (D23) */
};

#endif
