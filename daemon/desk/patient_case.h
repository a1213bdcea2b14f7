/*
 * A patient's prescriptions and history, loaded and laid out for the rules: what every use case that decides or records
 * something about a dose begins with.
 */
#ifndef INSTALMENT_DESK_PATIENT_CASE_H
#define INSTALMENT_DESK_PATIENT_CASE_H

#include "desk.h"
#include "store/history.h"
#include "store/patient.h"
#include "store/supply.h"

/* What the store knows of a prescription besides what the rules read. Index = index in the rules' case. */
struct case_row {
    const char *id;
    const char *service;
    const char *serial;
    const char *prescriber_name;
    const char *prescriber_number;
    const char *prescriber_address;
    const char *wording_text;
    int64_t seq;
    struct prescription *rules; /* the same prescription as the core sees it */
};

struct patient_case {
    struct patient_row patient;    /* the record that stands, where it was merged */
    struct supply_brief *supplies; /* oldest first, reversed ones too */
    size_t supply_count;
    struct outcome_row *outcomes; /* oldest first */
    size_t outcome_count;
    struct rules_case rules; /* open */
    struct case_row *rows;   /* as many as rules.input.prescription_count */
    struct calendar calendar;
    bool deceased;
    bool away;
};

/*
 * Loads as of tx->as_of. DESK_OK, DESK_NOT_FOUND (no such patient) or DESK_FAILED. Everything but rules' own memory
 * lies in the arena; patient_case_close releases the rest.
 */
enum desk_result patient_case_load(struct tx *tx, const char *patient, struct patient_case *out);

/* What a list knows of a patient before it looks: prescriptions that matter to days from `since` on. */
struct recent {
    const char *const *prescriptions; /* of this patient, in the order of entry */
    size_t count;
    day_t since;
};

/*
 * The same for what is asked of day `on`, without the prescriptions and supplies that are too old to matter to it where
 * that can be known (case_reaches); the whole life where it cannot. For lists, which only read: a decision that somebody
 * acts on is made on everything.
 */
enum desk_result patient_case_load_recent(struct tx *tx, const char *patient, const struct recent *recent,
                                          day_t on, struct patient_case *out);

/* The same for the patient of a prescription; *index is the prescription's. */
enum desk_result patient_case_load_for(struct tx *tx, const char *prescription, struct patient_case *out,
                                       size_t *index);
void patient_case_close(struct patient_case *c);

/* The index of one of the patient's prescriptions by its id; PRESCRIPTION_NONE where it is not this patient's. */
size_t patient_case_index(const struct patient_case *c, const char *prescription);

/* The id of an instalment: its prescription's, a dot, and the collection day ("rx-….2026-11-23"). In the arena. */
const char *instalment_id(struct tx *tx, const char *prescription, day_t collect);

/* Takes such an id apart; *prescription in the arena. False where it is none. */
bool instalment_parse(struct tx *tx, const char *id, const char **prescription, day_t *collect);

/* The opening calendar as the facts have it, for the rules. Lists in the arena. */
bool desk_calendar(struct tx *tx, struct calendar *out);

/* The pharmacy's hours of a day: false where it is closed. Minutes after local midnight. */
bool desk_hours(struct tx *tx, day_t day, int32_t *opens, int32_t *closes);

/* A policy figure, or its default: hold_after_missed_days 3, cutoff_grace_minutes 0, ... (desk/calendar.h) */
int64_t desk_policy(struct tx *tx, const char *name);

#endif
