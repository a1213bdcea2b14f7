/* The counter without its screen: what a key, an answer, a second and a lost line do to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../client/cli/counter_state.h"

#define RX "rx-0000000000000000000000AAAAA"

static const char day[] =
    "{\"due\":[{\"patient\":{\"id\":\"pt-1\",\"name\":\"Quenby Oakhollow\",\"born_on\":\"1979-04-02\"},"
    "\"prescription\":\"" RX "\",\"status\":\"due\",\"decision\":{\"verdict\":\"supply\"}},"
    "{\"patient\":{\"id\":\"pt-1\",\"name\":\"Quenby Oakhollow\",\"born_on\":\"1979-04-02\"},"
    "\"prescription\":\"rx-2\",\"status\":\"due\",\"decision\":{\"verdict\":\"supply\"}},"
    "{\"patient\":{\"id\":\"pt-2\",\"name\":\"Zo\\u00eb Ash\",\"born_on\":\"1990-01-01\"},"
    "\"prescription\":\"rx-3\",\"status\":\"supplied\",\"decision\":{\"verdict\":\"refuse\"}}]}";
static const char patient[] = "{\"id\":\"pt-1\",\"name\":\"Quenby Oakhollow\"}";

static struct counter counter;

static void press(enum counter_key_kind kind) {
    counter_key(&counter, (struct counter_pressed){.kind = kind});
}

static void type(const char *text) {
    for (; *text != '\0'; text++)
        counter_key(&counter, (struct counter_pressed){.kind = COUNTER_KEY_CHARACTER, .character = *text});
}

/* A decision with a key; `checks` are reasons of that severity. */
static cJSON *decision(const char *verdict, const char *key, const char *reasons) {
    char text[2048];
    (void)snprintf(
        text, sizeof text,
        "{\"verdict\":\"%s\",\"on\":\"2026-11-23\",\"supply_key\":\"%s\",\"next_due\":\"2026-11-24\","
        "\"items\":[{\"product\":\"methadone-1mg-ml\",\"quantity\":\"60\",\"unit\":\"ml\","
        "\"supervised\":\"60\",\"take_home\":\"0\"}],\"reasons\":[%s]}",
        verdict, key, reasons);
    cJSON *tree = cJSON_Parse(text);
    assert_non_null(tree);
    return tree;
}

static void take_all(void) {
    while (counter_take(&counter) != 0) {}
}

static void sign_in(const char *role) {
    char text[256];
    (void)snprintf(text, sizeof text,
                   "{\"staff\":{\"id\":\"a.khan\",\"name\":\"Amina Khan\",\"role\":\"%s\"}}", role);
    cJSON *session = cJSON_Parse(text);
    counter_begin(&counter, "", COUNTER_IDLE);
    type("a.khan");
    press(COUNTER_KEY_ENTER);
    type("739164");
    press(COUNTER_KEY_ENTER);
    assert_int_equal(counter_take(&counter), COUNTER_WANTS_SIGN_IN);
    counter_signed_in(&counter, session);
    cJSON_Delete(session);
    assert_int_equal(counter_take(&counter), COUNTER_WANTS_DAY);
    counter_day(&counter, cJSON_Parse(day));
    assert_int_equal(counter.mode, COUNTER_LIST);
}

/* To the page of the first patient. */
static void open_patient(const char *role, cJSON *what) {
    sign_in(role);
    press(COUNTER_KEY_ENTER);
    assert_int_equal(counter.mode, COUNTER_PATIENT);
    assert_int_equal(counter_take(&counter), COUNTER_WANTS_DECISION);
    counter_decision(&counter, cJSON_Parse(patient), what);
}

static void identify(void) {
    press(COUNTER_KEY_ENTER);
    assert_int_equal(counter.mode, COUNTER_IDENTIFY);
    type("na");
    press(COUNTER_KEY_ENTER);
}

static int finish(void **state) {
    (void)state;
    counter_end(&counter);
    return 0;
}

static void the_list_is_parted_searched_and_walked(void **state) {
    const cJSON *rows[COUNTER_ROWS];
    (void)state;
    sign_in("pharmacist");
    assert_int_equal(counter_rows(&counter, COUNTER_TO_COME, rows), 2);
    assert_int_equal(counter_rows(&counter, COUNTER_DONE_TODAY, rows), 1);
    press(COUNTER_KEY_DOWN);
    press(COUNTER_KEY_DOWN);
    assert_int_equal(counter.chosen[COUNTER_TO_COME], 1);
    press(COUNTER_KEY_PAGE_UP);
    assert_int_equal(counter.chosen[COUNTER_TO_COME], 0);
    type("ash");
    assert_int_equal(counter_rows(&counter, COUNTER_TO_COME, rows), 0);
    assert_int_equal(counter.pane, COUNTER_DONE_TODAY); /* where somebody is found */
    press(COUNTER_KEY_ESCAPE);
    type("oak 1979");
    assert_int_equal(counter_rows(&counter, COUNTER_TO_COME, rows), 2);
    press(COUNTER_KEY_BACKSPACE);
    assert_string_equal(counter.search, "oak 197");
}

static void a_supply_asks_for_two_identifiers_the_supervisor_and_the_pin(void **state) {
    (void)state;
    open_patient("pharmacist", decision("supply", "k1", ""));
    assert_int_equal(counter_also_due(&counter), 1);
    press(COUNTER_KEY_ENTER);
    type("n");
    press(COUNTER_KEY_ENTER);
    assert_int_equal(counter.mode, COUNTER_IDENTIFY); /* one is not enough */
    type("nnd");
    press(COUNTER_KEY_ENTER);
    assert_int_equal(counter.mode, COUNTER_SUPERVISOR);
    assert_string_equal(counter.input, "a.khan");
    type("d.osei"); /* in place of what was proposed */
    press(COUNTER_KEY_ENTER);
    assert_int_equal(counter.mode, COUNTER_PIN);
    assert_true(counter_is_secret(&counter));
    press(COUNTER_KEY_ENTER);
    assert_int_equal(counter_take(&counter), 0); /* no PIN, no supply */
    type("739164");
    press(COUNTER_KEY_ENTER);
    assert_int_equal(counter_take(&counter), COUNTER_WANTS_SUPPLY);
    cJSON *body = counter_supply_body(&counter);
    char *text = cJSON_PrintUnformatted(body);
    assert_string_equal(
        text, "{\"prescription\":\"" RX "\",\"on\":\"2026-11-23\",\"expect\":{\"items\":[{\"product\":"
              "\"methadone-1mg-ml\",\"quantity\":\"60\",\"supervised\":\"60\",\"take_home\":\"0\"}]},"
              "\"collector\":{\"role\":\"patient\"},\"identified_by\":\"name and date of birth\","
              "\"confirm\":[],\"supervised_by\":\"d.osei\"}");
    free(text);
    cJSON_Delete(body);
    assert_string_equal(counter_supply_key(&counter), "k1");
    counter_recorded(&counter, cJSON_Parse("{}"), false);
    assert_int_equal(counter.mode, COUNTER_DONE);
    assert_string_equal(counter.input, ""); /* the PIN is gone */
}

static void each_check_is_confirmed_and_a_technician_names_the_pharmacist(void **state) {
    static const char checks[] = "{\"code\":\"first_dose\",\"severity\":\"check\",\"rule\":\"D17\"},"
                                 "{\"code\":\"missed_recent\",\"severity\":\"note\",\"rule\":\"D16\"},"
                                 "{\"code\":\"dose_changed\",\"severity\":\"check\",\"rule\":\"D17\"}";
    int step = 0, steps = 0;
    (void)state;
    open_patient("technician", decision("check", "k1", checks));
    identify();
    assert_int_equal(counter.mode, COUNTER_CHECK);
    assert_true(counter_step(&counter, &step, &steps));
    assert_int_equal(step, 2);
    assert_int_equal(steps, 6);
    type("y");
    assert_int_equal(counter.mode, COUNTER_CHECK);
    press(COUNTER_KEY_ENTER); /* return confirms nothing */
    assert_int_equal(counter.mode, COUNTER_CHECK);
    type("y");
    assert_int_equal(counter.mode, COUNTER_SUPERVISOR);
    press(COUNTER_KEY_ENTER);
    assert_int_equal(counter.mode, COUNTER_CONFIRMER);
    press(COUNTER_KEY_ENTER);
    assert_int_equal(counter.mode, COUNTER_CONFIRMER); /* somebody must be named */
    type("d.osei");
    press(COUNTER_KEY_ENTER);
    assert_int_equal(counter.mode, COUNTER_PIN);
    cJSON *body = counter_supply_body(&counter);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(body, "confirm")), 2);
    assert_string_equal(cJSON_GetObjectItem(body, "confirmed_by")->valuestring, "d.osei");
    cJSON_Delete(body);
    press(COUNTER_KEY_ESCAPE);
    identify();
    type("n"); /* not confirmed */
    assert_int_equal(counter.mode, COUNTER_PATIENT);
    assert_int_equal(counter_take(&counter), 0);
}

static void nothing_is_begun_where_nothing_may_be_given(void **state) {
    static const char *const verdicts[] = {"hold", "refuse"};
    char sentence[512];
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        open_patient("pharmacist", decision(verdicts[i], "k1", ""));
        press(COUNTER_KEY_ENTER);
        assert_int_equal(counter.mode, COUNTER_PATIENT);
        counter_sentence(&counter, sentence, sizeof sentence);
        assert_non_null(strstr(sentence, "GIVE NOTHING."));
        assert_null(strstr(sentence, "60"));
        counter_end(&counter);
    }
    sign_in("pharmacist");
}

static void what_changes_meanwhile_takes_the_supply_back(void **state) {
    (void)state;
    open_patient("pharmacist", decision("supply", "k1", ""));
    identify();
    counter_heard(&counter);
    assert_int_equal(counter_take(&counter), COUNTER_WANTS_DECISION);
    counter_decision(&counter, NULL, decision("supply", "k1", ""));
    assert_int_equal(counter.mode, COUNTER_SUPERVISOR); /* the same: it goes on */
    press(COUNTER_KEY_ENTER);
    type("7391");
    counter_decision(&counter, NULL, decision("refuse", "k2", ""));
    assert_int_equal(counter.mode, COUNTER_PATIENT);
    assert_string_equal(counter.input, "");
    assert_non_null(strstr(counter.notice, "Something has changed"));
}

static void a_lost_line_disables_and_comes_back(void **state) {
    (void)state;
    open_patient("pharmacist", decision("supply", "k1", ""));
    counter_line(&counter, false);
    press(COUNTER_KEY_ENTER);
    assert_int_equal(counter.mode, COUNTER_PATIENT);
    type("o");
    type("c");
    assert_int_equal(counter.mode, COUNTER_PATIENT);
    assert_non_null(strstr(counter.notice, "line is lost"));
    counter_line(&counter, true);
    assert_int_equal(counter_take(&counter), COUNTER_WANTS_SESSION);
    assert_int_equal(counter_take(&counter), COUNTER_WANTS_DECISION);
    take_all();
    /* And in the middle of a PIN. */
    identify();
    press(COUNTER_KEY_ENTER);
    type("739164");
    counter_line(&counter, false);
    press(COUNTER_KEY_ENTER);
    assert_int_equal(counter_take(&counter), 0);
    assert_int_equal(counter.mode, COUNTER_PIN);
}

/* To an answer that was lost. */
static void lose(void) {
    open_patient("pharmacist", decision("supply", "k1", ""));
    identify();
    press(COUNTER_KEY_ENTER);
    type("739164");
    press(COUNTER_KEY_ENTER);
    assert_int_equal(counter_take(&counter), COUNTER_WANTS_SUPPLY);
    counter_not_known(&counter);
    assert_int_equal(counter.mode, COUNTER_UNKNOWN);
    assert_string_equal(counter.input, "");
    press(COUNTER_KEY_ESCAPE);
    press(COUNTER_KEY_ENTER);
    press(COUNTER_KEY_USER);
    assert_int_equal(counter.mode, COUNTER_UNKNOWN); /* no way around it */
    counter_line(&counter, true);
    take_all();
}

static void a_lost_answer_is_found_recorded(void **state) {
    (void)state;
    lose();
    counter_second(&counter);
    assert_int_equal(counter_take(&counter), COUNTER_WANTS_DECISION);
    counter_decision(
        &counter, NULL,
        decision("refuse", "k2", "{\"code\":\"already_supplied\",\"severity\":\"refuse\",\"rule\":\"D6\"}"));
    assert_int_equal(counter.mode, COUNTER_DONE);
    assert_non_null(strstr(counter.headline, "IT WAS RECORDED"));
}

static void a_lost_request_is_found_not_recorded_after_some_looks(void **state) {
    (void)state;
    lose();
    for (int i = 0; i < 3; i++) {
        counter_decision(&counter, NULL, decision("supply", "k1", ""));
        assert_int_equal(counter.mode, COUNTER_UNKNOWN); /* it may still be on its way */
    }
    counter_decision(&counter, NULL, decision("supply", "k1", ""));
    assert_int_equal(counter.mode, COUNTER_PATIENT);
    assert_non_null(strstr(counter.notice, "NOT recorded"));
}

static void it_locks_by_itself_wipes_what_was_typed_and_resumes(void **state) {
    (void)state;
    open_patient("pharmacist", decision("supply", "k1", ""));
    identify();
    press(COUNTER_KEY_ENTER);
    type("7391");
    for (int i = 0; i < COUNTER_IDLE - 1; i++)
        counter_second(&counter);
    assert_int_equal(counter.mode, COUNTER_PIN);
    type("6"); /* a key begins the two minutes again */
    for (int i = 0; i < COUNTER_IDLE; i++)
        counter_second(&counter);
    assert_int_equal(counter.mode, COUNTER_LOCKED);
    assert_string_equal(counter.input, "");
    assert_int_equal(counter_take(&counter), COUNTER_WANTS_LOCK);
    counter_heard(&counter);
    assert_int_equal(counter_take(&counter), 0); /* nothing is read behind a lock */
    type("739164");
    press(COUNTER_KEY_ENTER);
    assert_int_equal(counter_take(&counter), COUNTER_WANTS_UNLOCK);
    counter_refused(&counter, 403, cJSON_Parse("{\"code\":\"pin_wrong\",\"detail\":\"The PIN is wrong.\"}"));
    assert_int_equal(counter.mode, COUNTER_LOCKED);
    assert_string_equal(counter.notice, "The PIN is wrong.");
    counter_unlocked(&counter);
    assert_int_equal(counter.mode, COUNTER_PATIENT); /* a PIN that was half typed is not gone on with */
}

static void another_user_finds_nothing_of_the_one_before(void **state) {
    (void)state;
    open_patient("pharmacist", decision("supply", "k1", ""));
    identify();
    press(COUNTER_KEY_USER);
    assert_int_equal(counter.mode, COUNTER_SIGN_IN);
    assert_int_equal(counter_take(&counter), COUNTER_WANTS_SIGN_OUT);
    assert_null(counter.patient);
    assert_null(counter.decision);
    assert_null(counter.day);
    assert_string_equal(counter.rx, "");
    assert_string_equal(counter.staff, "");
}

static void the_rules_say_no_at_the_last_moment(void **state) {
    (void)state;
    open_patient("pharmacist", decision("supply", "k1", ""));
    identify();
    press(COUNTER_KEY_ENTER);
    type("739164");
    press(COUNTER_KEY_ENTER);
    take_all();
    counter_refused(&counter, 409, cJSON_Parse("{\"code\":\"decision_changed\",\"detail\":\"x\"}"));
    assert_int_equal(counter.mode, COUNTER_PATIENT);
    assert_int_equal(counter_take(&counter), COUNTER_WANTS_DECISION);
    identify();
    press(COUNTER_KEY_ENTER);
    counter_refused(&counter, 409, cJSON_Parse("{\"code\":\"refused\",\"detail\":\"No.\"}"));
    assert_int_equal(counter.mode, COUNTER_DONE);
    assert_non_null(strstr(counter.headline, "NOT RECORDED"));
}

static void a_concern_has_its_signs_and_calls_for_help(void **state) {
    (void)state;
    open_patient("pharmacist", decision("supply", "k1", ""));
    type("c");
    assert_int_equal(counter_take(&counter), COUNTER_WANTS_SIGNS);
    counter_signs(&counter, cJSON_Parse("{\"items\":[{\"code\":\"drowsy\"},{\"code\":\"blue_lips\"}]}"));
    type("az"); /* z is none of them */
    assert_false(counter_is_emergency(&counter));
    type("b");
    assert_true(counter_is_emergency(&counter));
    press(COUNTER_KEY_ENTER);
    type("4");
    type("lips blue");
    press(COUNTER_KEY_ENTER);
    assert_int_equal(counter_take(&counter), COUNTER_WANTS_CONCERN);
    cJSON *body = counter_concern_body(&counter);
    char *text = cJSON_PrintUnformatted(body);
    assert_string_equal(
        text, "{\"patient\":\"pt-1\",\"prescription\":\"" RX "\",\"kind\":\"possible_intoxication\","
              "\"signs\":[\"drowsy\",\"blue_lips\"],\"decision\":\"emergency\",\"note\":\"lips blue\"}");
    free(text);
    cJSON_Delete(body);
}

static void an_outcome_has_its_reason(void **state) {
    (void)state;
    open_patient("pharmacist", decision("hold", "k1", ""));
    type("o9"); /* no such choice */
    assert_int_equal(counter.mode, COUNTER_OUTCOME);
    type("5");
    type("2");
    type("later");
    press(COUNTER_KEY_BACKSPACE);
    press(COUNTER_KEY_ENTER);
    assert_int_equal(counter_take(&counter), COUNTER_WANTS_OUTCOME);
    cJSON *body = counter_outcome_body(&counter);
    char *text = cJSON_PrintUnformatted(body);
    assert_string_equal(text, "{\"prescription\":\"" RX
                              "\",\"on\":\"2026-11-23\",\"outcome\":\"attended_not_supplied\","
                              "\"reason\":\"no_stock\",\"note\":\"late\"}");
    free(text);
    cJSON_Delete(body);
}

/* Every key in every mode, many times over: it never breaks, and never sends a supply without a PIN. */
static void no_order_of_keys_breaks_it(void **state) {
    uint32_t seed = 20261123;
    (void)state;
    open_patient("technician", decision("check", "k1", "{\"code\":\"a\",\"severity\":\"check\"}"));
    for (int i = 0; i < 200000; i++) {
        seed = seed * 1664525U + 1013904223U;
        unsigned dice = seed >> 16;
        struct counter_pressed key = {.kind = (enum counter_key_kind)(dice % COUNTER_KEY_QUIT),
                                      .character = (wchar_t)(L' ' + dice / 16 % 95)};
        if (key.kind == COUNTER_KEY_USER || (key.kind == COUNTER_KEY_ESCAPE && dice % 7 != 0))
            key.kind = COUNTER_KEY_CHARACTER;
        counter_key(&counter, key);
        unsigned want = counter_take(&counter);
        if (want == COUNTER_WANTS_SUPPLY) {
            assert_int_equal(counter.mode, COUNTER_PIN);
            assert_true(counter.input[0] != '\0');
            counter_refused(&counter, 409, cJSON_Parse("{\"code\":\"refused\"}"));
        } else if (want == COUNTER_WANTS_DAY) {
            counter_day(&counter, cJSON_Parse(day));
        } else if (want == COUNTER_WANTS_DECISION) {
            counter_decision(&counter, cJSON_Parse(patient),
                             decision("check", "k1", "{\"code\":\"a\",\"severity\":\"check\"}"));
        } else if (want == COUNTER_WANTS_UNLOCK) {
            counter_unlocked(&counter);
        }
        assert_true(counter.mode < COUNTER_MODES);
        assert_true(strlen(counter.input) < sizeof counter.input);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_teardown(the_list_is_parted_searched_and_walked, finish),
        cmocka_unit_test_teardown(a_supply_asks_for_two_identifiers_the_supervisor_and_the_pin, finish),
        cmocka_unit_test_teardown(each_check_is_confirmed_and_a_technician_names_the_pharmacist, finish),
        cmocka_unit_test_teardown(nothing_is_begun_where_nothing_may_be_given, finish),
        cmocka_unit_test_teardown(what_changes_meanwhile_takes_the_supply_back, finish),
        cmocka_unit_test_teardown(a_lost_line_disables_and_comes_back, finish),
        cmocka_unit_test_teardown(a_lost_answer_is_found_recorded, finish),
        cmocka_unit_test_teardown(a_lost_request_is_found_not_recorded_after_some_looks, finish),
        cmocka_unit_test_teardown(it_locks_by_itself_wipes_what_was_typed_and_resumes, finish),
        cmocka_unit_test_teardown(another_user_finds_nothing_of_the_one_before, finish),
        cmocka_unit_test_teardown(the_rules_say_no_at_the_last_moment, finish),
        cmocka_unit_test_teardown(a_concern_has_its_signs_and_calls_for_help, finish),
        cmocka_unit_test_teardown(an_outcome_has_its_reason, finish),
        cmocka_unit_test_teardown(no_order_of_keys_breaks_it, finish),
    };
    (void)setlocale(LC_CTYPE, "C.UTF-8");
    return cmocka_run_group_tests(tests, NULL, NULL);
}
