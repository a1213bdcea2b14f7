/* core/reason: codes, the rules behind them and the sentences that a person reads (rules.md, sections 3 and 9). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "core/reason.h"

#define MON 20780 /* Monday 2026-11-23 */

/* As rules.md has them: `consulted` stands below the table of section 3, `irregular_supply` in section 6. */
static const struct {
    enum reason_code reason;
    const char *code, *rule, *basis;
} wanted[] = {
    {REASON_ADVANCE_AVAILABLE, "advance_available", "D4", "law"},
    {REASON_ADVANCE_ON_USUAL_DAY, "advance_on_usual_day", "D4", "law"},
    {REASON_ALREADY_SUPPLIED, "already_supplied", "D6", "law"},
    {REASON_AWAITING_NEW_PRESCRIPTION, "awaiting_new_prescription", "D27", "policy"},
    {REASON_BEFORE_START, "before_start", "D2", "law"},
    {REASON_CLOCK, "clock", "D20", "policy"},
    {REASON_CLOSED_DAY_ADVANCE, "closed_day_advance", "D4", "law"},
    {REASON_CONCENTRATE, "concentrate", "D17", "policy"},
    {REASON_CONSULTED, "consulted", "D11", "policy"},
    {REASON_DAY_CLOSED, "day_closed", "D21", "policy"},
    {REASON_DAY_LEFT_OUT, "day_left_out", "D10", "policy"},
    {REASON_DOSE_CHANGED, "dose_changed", "D17", "policy"},
    {REASON_DOSE_WARNING, "dose_warning", "D17", "policy"},
    {REASON_DUPLICATE_DAY, "duplicate_day", "D10", "policy"},
    {REASON_EXCEEDS_TOTAL, "exceeds_total", "D9", "law"},
    {REASON_EXCEPTION_AGREED, "exception_agreed", "D24", "policy"},
    {REASON_FIRST_DOSE, "first_dose", "D17", "policy"},
    {REASON_FIRST_INSTALMENT_EXPIRED, "first_instalment_expired", "D3", "law"},
    {REASON_FORFEITED, "forfeited", "D8", "law"},
    {REASON_INTERVAL_SHORT, "interval_short", "D15", "policy"},
    {REASON_IRREGULAR_SUPPLY, "irregular_supply", "S6", "policy"},
    {REASON_MANUAL_HOLD, "manual_hold", "D12", "policy"},
    {REASON_MISSED_BEFORE_SIGNATURE, "missed_before_signature", "D11", "policy"},
    {REASON_MISSED_RECENT, "missed_recent", "D16", "policy"},
    {REASON_MISSED_REMAINDER, "missed_remainder", "D7", "law"},
    {REASON_MISSED_RUN_BENZODIAZEPINE, "missed_run_benzodiazepine", "D11", "policy"},
    {REASON_NO_RESPONSIBLE_PHARMACIST, "no_responsible_pharmacist", "D25", "law"},
    {REASON_NOT_ACTIVE, "not_active", "D1", "law"},
    {REASON_NOT_DOUBLE_CHECKED, "not_double_checked", "P12", "policy"},
    {REASON_NOT_DUE, "not_due", "D5", "law"},
    {REASON_NOT_TODAY, "not_today", "D29", "policy"},
    {REASON_OPIOID_WITH_BENZODIAZEPINE, "opioid_with_benzodiazepine", "D18", "policy"},
    {REASON_OTHER_CLASS_MISSED, "other_class_missed", "D19", "policy"},
    {REASON_PART_SUPPLY, "part_supply", "D22", "law"},
    {REASON_PATIENT_DECEASED, "patient_deceased", "D28", "policy"},
    {REASON_REPRESENTATIVE, "representative", "D13", "law"},
    {REASON_REPRESENTATIVE_SUPERVISED, "representative_supervised", "D13", "law"},
    {REASON_RESTART_AFTER_GAP, "restart_after_gap", "D26", "policy"},
    {REASON_RETURNED_FROM_ELSEWHERE, "returned_from_elsewhere", "D23", "policy"},
    {REASON_SUPPLIED_AFTER_CUT_OFF, "supplied_after_cut_off", "M1", "policy"},
    {REASON_THREE_DAY_RULE, "three_day_rule", "D11", "policy"},
    {REASON_TITRATION_STEP_AFTER_MISSED, "titration_step_after_missed", "D16", "policy"},
    {REASON_WEEKLY_CLOSED_ADVANCE, "weekly_closed_advance", "D4", "policy"},
    {REASON_WITHHELD_TODAY, "withheld_today", "D14", "policy"},
};

static void every_code_has_its_rule(void **state) {
    (void)state;
    assert_int_equal(sizeof wanted / sizeof wanted[0], REASON_COUNT);
    for (size_t i = 0; i < REASON_COUNT; i++) {
        assert_int_equal(wanted[i].reason, i);
        assert_string_equal(reason_code_text(wanted[i].reason), wanted[i].code);
        assert_string_equal(reason_rule(wanted[i].reason), wanted[i].rule);
        assert_string_equal(reason_basis(wanted[i].reason), wanted[i].basis);
    }
}

/* A list sorted by value is sorted by code. */
static void sorted_by_code(void **state) {
    (void)state;
    for (enum reason_code code = 1; code < REASON_COUNT; code++)
        assert_true(strcmp(reason_code_text(code - 1), reason_code_text(code)) < 0);
}

static void found_by_code(void **state) {
    (void)state;
    enum reason_code found;
    for (enum reason_code code = 0; code < REASON_COUNT; code++) {
        const char *text = reason_code_text(code);
        found = REASON_COUNT;
        assert_true(reason_from_code(text, strlen(text), &found));
        assert_int_equal(found, code);
    }
    found = REASON_CLOCK;
    assert_false(reason_from_code("", 0, &found));
    assert_false(reason_from_code("not_du", 6, &found));
    assert_false(reason_from_code("not_due_", 8, &found));
    assert_false(reason_from_code("not_duE", 7, &found));
    assert_int_equal(found, REASON_CLOCK);
}

/* The sentence, in far more room than it may need. */
static const char *sentence(enum reason_code code, int32_t number, day_t day) {
    static char text[8 * REASON_TEXT_SIZE];
    memset(text, 'x', sizeof text - 1);
    reason_text(&(struct reason){.code = code, .number = number, .day = day}, text);
    return text;
}

static void every_sentence_is_whole(void **state) {
    (void)state;
    for (enum reason_code code = 0; code < REASON_COUNT; code++) {
        const char *text = sentence(code, 3, MON);
        const char *explained = reason_explanation(code);
        assert_true(text[0] >= 'A' && text[0] <= 'Z');
        assert_non_null(strchr(".?", text[strlen(text) - 1]));
        assert_null(strpbrk(text, "{}"));
        assert_null(strstr(text, "  "));
        assert_true(explained[0] >= 'A' && explained[0] <= 'Z');
        assert_int_equal(explained[strlen(explained) - 1], '.');
        assert_null(strpbrk(explained, "{}"));
        assert_null(strstr(explained, "  "));
    }
}

/* With the largest parameters, and with those that mean that there is none. */
static void every_sentence_fits(void **state) {
    (void)state;
    const int32_t numbers[] = {-1, 0, 1, 999999, 1000000, INT32_MAX, INT32_MIN};
    const day_t days[] = {DAY_NONE, DAY_MIN, MON, DAY_MAX};
    size_t longest = 0;
    for (enum reason_code code = 0; code < REASON_COUNT; code++) {
        for (size_t n = 0; n < sizeof numbers / sizeof numbers[0]; n++) {
            for (size_t d = 0; d < sizeof days / sizeof days[0]; d++) {
                size_t len = strlen(sentence(code, numbers[n], days[d]));
                longest = len > longest ? len : longest;
            }
        }
    }
    assert_in_range(longest, 100, REASON_TEXT_SIZE - 1);
}

/* Section 9, and one, none, many. */
static void numbers_and_days(void **state) {
    (void)state;
    assert_string_equal(
        sentence(REASON_THREE_DAY_RULE, 3, DAY_NONE),
        "It has been 3 days. The usual dose may now be too strong. We are asking the service; "
        "please wait, or tell us where to reach you. Would you like naloxone?");
    assert_string_equal(sentence(REASON_FORFEITED, -1, MON),
                        "This instalment can no longer be supplied; the next collection is Mon 23 Nov 2026.");
    assert_string_equal(sentence(REASON_NOT_DUE, -1, DAY_NONE),
                        "Nothing is due on this day; the next collection is not on this prescription.");
    assert_string_equal(sentence(REASON_MISSED_RECENT, 1, DAY_NONE),
                        "No dose recorded for 1 day before today.");
    assert_string_equal(sentence(REASON_MISSED_RECENT, 2, DAY_NONE),
                        "No dose recorded for 2 days before today.");
    assert_string_equal(sentence(REASON_INTERVAL_SHORT, 0, DAY_NONE),
                        "The last supervised dose was 0 hours ago.");
    assert_string_equal(sentence(REASON_CONSULTED, -1, DAY_NONE),
                        "The prescriber was consulted and said to continue.");
}

/* D11: the benzodiazepine text names the emergency supply, which methadone and buprenorphine never have. */
static void d11_names_the_emergency_supply(void **state) {
    (void)state;
    const char *text = sentence(REASON_MISSED_RUN_BENZODIAZEPINE, 4, DAY_NONE);
    assert_non_null(strstr(text, "4 days"));
    assert_non_null(strstr(text, "seizures"));
    assert_non_null(
        strstr(text, "emergency supply may be possible; for methadone and buprenorphine it never is"));
}

/* M7: from five missed days on; below, and for other reasons, not. */
static void m7_five_missed_days(void **state) {
    (void)state;
    static const char invitation[] = "Please see the service before the next dose; your place is open.";
    static const enum reason_code runs[] = {REASON_THREE_DAY_RULE, REASON_MISSED_RUN_BENZODIAZEPINE,
                                            REASON_MISSED_BEFORE_SIGNATURE};
    char text[REASON_TEXT_SIZE];
    for (size_t i = 0; i < sizeof runs / sizeof runs[0]; i++) {
        struct reason reason = {.code = runs[i], .severity = SEVERITY_HOLD, .number = 4, .day = DAY_NONE};
        reason_text(&reason, text);
        assert_null(strstr(text, invitation));
        reason.number = 5;
        reason_text(&reason, text);
        assert_non_null(strstr(text, invitation));
    }
    const struct reason other = {
        .code = REASON_MISSED_RECENT, .severity = SEVERITY_NOTE, .number = 9, .day = DAY_NONE};
    reason_text(&other, text);
    assert_null(strstr(text, invitation));
}

static void the_words_of_the_severities(void **state) {
    (void)state;
    assert_string_equal(severity_text(SEVERITY_NOTE), "note");
    assert_string_equal(severity_text(SEVERITY_CHECK), "check");
    assert_string_equal(severity_text(SEVERITY_HOLD), "hold");
    assert_string_equal(severity_text(SEVERITY_REFUSE), "refuse");
    assert_true(SEVERITY_NOTE < SEVERITY_CHECK && SEVERITY_CHECK < SEVERITY_HOLD &&
                SEVERITY_HOLD < SEVERITY_REFUSE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_has_its_rule),
        cmocka_unit_test(sorted_by_code),
        cmocka_unit_test(found_by_code),
        cmocka_unit_test(every_sentence_is_whole),
        cmocka_unit_test(every_sentence_fits),
        cmocka_unit_test(numbers_and_days),
        cmocka_unit_test(d11_names_the_emergency_supply),
        cmocka_unit_test(m7_five_missed_days),
        cmocka_unit_test(the_words_of_the_severities),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
