/*
 * Prescriptions as they were entered. A row is never changed: what stops, replaces or checks one is a fact of its own.
 */
#ifndef INSTALMENT_STORE_PRESCRIPTION_H
#define INSTALMENT_STORE_PRESCRIPTION_H

#include "core/prescription.h"
#include "tx.h"

/* One item as on the form. Runs as the core has them. */
struct prescription_item_row {
    const char *product;
    int64_t schedule;
    int64_t micrograms;
    quantity_t total;
    quantity_t total_on_form;
    bool total_in_words;
    bool total_in_figures;
    struct dose_run *runs;
    size_t run_count;
};

/* Texts that stand for enums are those of the interface: "FP10MDA", "stable", "opioid", "collection_days" ... */
struct prescription_row {
    const char *id;
    int64_t seq;
    const char *patient;
    const char *service;
    const char *form;
    const char *serial;
    const char *drug_class;
    day_t signed_on;
    day_t start_on; /* DAY_NONE: not given */
    day_t entered_on;
    const char *prescriber_name;
    const char *prescriber_number;
    const char *prescriber_address;
    const char *stage;
    unsigned wording;
    const char *wording_text;
    const char *collect_kind;
    weekday_set collect_weekdays;
    int32_t collect_every;
    struct day_list collect_dates;
    const char *supervised_kind;
    weekday_set supervised_weekdays;
    const char *replaces;
    day_t replaces_from;
    const char *together_with;
    bool dose_warned;
    const char *accepted; /* codes with commas; NULL: none */
    struct prescription_item_row *items;
    size_t item_count;
    const char *entered_by; /* read only: who typed it */
    const char *checked_by; /* P12: who keyed it a second time; NULL: nobody yet */
};

/* Appends the prescription with its items, runs and dates under tx->seq. */
void prescription_append(struct tx *tx, const struct prescription_row *row);

/* One prescription. False where there is none. */
bool prescription_find(struct tx *tx, const char *id, struct prescription_row *out);

/*
 * A patient's prescriptions in the order of entry, in the arena. False where memory is short or the store failed: *rows is
 * then not to be looked at.
 */
bool prescription_all(struct tx *tx, const char *patient, struct prescription_row **rows, size_t *count);

struct recent_row {
    const char *patient; /* as the prescription names it: a merged record's own */
    const char *id;
};

/*
 * Of all patients, by patient and in the order of entry: the prescriptions whose last day is not before `since` or that
 * were entered since, those that replace one of them, and those that are given together with one. In the arena.
 */
bool prescription_recent(struct tx *tx, day_t since, struct recent_row **rows, size_t *count);

/* How many prescriptions name this patient, those of merged records left out. */
size_t prescription_count(struct tx *tx, const char *patient);

/* The second person agreed (P12). */
void prescription_check(struct tx *tx, const char *id, const char *staff);

/*
 * Patients with a prescription whose plan may reach over a day from `from` to `to` (by its first and last written day),
 * in the order of their ids: the candidates of the day's list and of the sweep.
 */
const char **prescription_patients_between(struct tx *tx, day_t from, day_t to, size_t *count);

/*
 * The same from `from` to `ahead`, without patients whose every prescription has dosed each day from `from` to `to`: of
 * them nothing can be missed on those days.
 */
const char **prescription_patients_undosed(struct tx *tx, day_t from, day_t to, day_t ahead, size_t *count);

/*
 * Prescriptions whose plan ends (by its last written day) from `from` to `to`, about whose end no alert was raised yet
 * ("ending_soon/ID"). NULL where there are none, memory is short (count is not 0 then) or the store failed.
 */
const char **prescription_ending(struct tx *tx, day_t from, day_t to, size_t *count);

#endif
