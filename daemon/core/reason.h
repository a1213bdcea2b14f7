/*
 * The one table of reasons: code, rule, basis and the sentence that a person reads (rules.md, sections 3
 * and 9). Decisions carry codes, severities and typed parameters; only this module turns them into words.
 */
#ifndef INSTALMENT_CORE_REASON_H
#define INSTALMENT_CORE_REASON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "day.h"

/* Alphabetical by their codes: a list sorted by value is sorted by code. */
enum reason_code {
    REASON_ADVANCE_AVAILABLE,
    REASON_ADVANCE_ON_USUAL_DAY,
    REASON_ALREADY_SUPPLIED,
    REASON_AWAITING_NEW_PRESCRIPTION,
    REASON_BEFORE_START,
    REASON_CLOCK,
    REASON_CLOSED_DAY_ADVANCE,
    REASON_CONCENTRATE,
    REASON_CONSULTED,
    REASON_DAY_CLOSED,
    REASON_DAY_LEFT_OUT,
    REASON_DOSE_CHANGED,
    REASON_DOSE_WARNING,
    REASON_DUPLICATE_DAY,
    REASON_EXCEEDS_TOTAL,
    REASON_EXCEPTION_AGREED,
    REASON_FIRST_DOSE,
    REASON_FIRST_INSTALMENT_EXPIRED,
    REASON_FORFEITED,
    REASON_INTERVAL_SHORT,
    REASON_IRREGULAR_SUPPLY,
    REASON_MANUAL_HOLD,
    REASON_MISSED_BEFORE_SIGNATURE,
    REASON_MISSED_RECENT,
    REASON_MISSED_REMAINDER,
    REASON_MISSED_RUN_BENZODIAZEPINE,
    REASON_NO_RESPONSIBLE_PHARMACIST,
    REASON_NOT_ACTIVE,
    REASON_NOT_DOUBLE_CHECKED,
    REASON_NOT_DUE,
    REASON_NOT_TODAY,
    REASON_OPIOID_WITH_BENZODIAZEPINE,
    REASON_OTHER_CLASS_MISSED,
    REASON_PART_SUPPLY,
    REASON_PATIENT_DECEASED,
    REASON_REPRESENTATIVE,
    REASON_REPRESENTATIVE_SUPERVISED,
    REASON_RESTART_AFTER_GAP,
    REASON_RETURNED_FROM_ELSEWHERE,
    REASON_SUPPLIED_AFTER_CUT_OFF,
    REASON_THREE_DAY_RULE,
    REASON_TITRATION_STEP_AFTER_MISSED,
    REASON_WEEKLY_CLOSED_ADVANCE,
    REASON_WITHHELD_TODAY,
    REASON_COUNT
};

/* In rising strictness: the strictest reason makes the verdict. */
enum severity { SEVERITY_NOTE, SEVERITY_CHECK, SEVERITY_HOLD, SEVERITY_REFUSE };

struct reason {
    enum reason_code code;
    enum severity severity;
    int32_t number; /* what the sentence counts, -1 where it counts nothing */
    day_t day;      /* the day that the sentence names, DAY_NONE where it names none */
};

/* Room for the longest sentence with its parameters and NUL. */
#define REASON_TEXT_SIZE 512

/* "three_day_rule". */
const char *reason_code_text(enum reason_code code);

/* The reason of a code (len bytes). False, and *out untouched, where there is none. */
bool reason_from_code(const char *code, size_t len, enum reason_code *out);

/* "D11". */
const char *reason_rule(enum reason_code code);

/* "law" or "policy". */
const char *reason_basis(enum reason_code code);

/* What the rule says, for a look-up by its id or code; constant text. */
const char *reason_explanation(enum reason_code code);

/* The sentence for a person at the counter. */
void reason_text(const struct reason *reason, char out[REASON_TEXT_SIZE]);

/* "note", "check", "hold", "refuse". */
const char *severity_text(enum severity severity);

#endif
