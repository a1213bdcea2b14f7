/* Reports through the real daemon, each against what the test itself has counted while it supplied. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/shop.h"

#define PEOPLE 3
#define DAYS 6 /* Monday to Saturday */

static struct shop shop;
static struct shop_case people[PEOPLE];
static struct shop_case weekly;
/* What was done: 's' supplied under supervision, 'r' supplied and reversed, '-' did not come. */
static const char *const came[PEOPLE] = {"ssssss", "s-rs-s", "--s---"};
static int supplied, reversed;

static const char checks[] =
    "[\"first_dose\",\"dose_warning\",\"dose_changed\",\"missed_recent\",\"not_double_checked\","
    "\"restart_after_gap\",\"advance_on_usual_day\"]";

static void give(const struct shop_case *one, int day, bool back) {
    struct shop_text on = shop_say("2026-11-%d", 23 + day);
    struct shop_supply supply = {.rx = one->rx, .on = on.bytes, .confirm = checks};
    char id[SHOP_ID];
    if (day == 5) { /* Saturday: Sunday's dose goes home with it */
        supply.quantity = "120";
        supply.take_home = "60";
    }
    shop_supply(&shop, &supply, id);
    supplied++;
    if (back) {
        struct shop_text body =
            shop_say("{\"reason\":\"Wrong person\",\"pin\":\"%s\"}", api_pin(shop.api, "a.khan"));
        shop_make(&shop, &shop.pharmacist, shop_say("/supplies/%s/reverse", id).bytes, body.bytes, NULL);
        reversed++;
    }
}

static int start(void **state) {
    static const char *const names[PEOPLE] = {"Barnaby Teasel", "Cordelia Teasel", "Desmond Teasel"};
    const struct shop_wish once_a_week = {.name = "=Evadne Teasel",
                                          .collect = "{\"weekdays\":[\"mon\"]}",
                                          .supervised = "\"none\"",
                                          .wording = "[\"W1\",\"W2\",\"W5\"]"};
    (void)state;
    shop_open(&shop, NULL);
    for (int i = 0; i < PEOPLE; i++) {
        const struct shop_wish wish = {.name = names[i]};
        people[i] = shop_enter(&shop, &wish);
    }
    weekly = shop_enter(&shop, &once_a_week);
    const struct shop_supply week = {.rx = weekly.rx,
                                     .on = "2026-11-23",
                                     .quantity = "420",
                                     .supervised = "0",
                                     .take_home = "420",
                                     .supervised_by = "",
                                     .confirm = checks};
    shop_supply(&shop, &week, NULL);
    for (int day = 0; day < DAYS; day++) {
        for (int i = 0; i < PEOPLE; i++) {
            if (came[i][day] != '-') {
                give(&people[i], day, came[i][day] == 'r');
            }
        }
        shop_clock(&shop, "{\"advance_to\":\"tomorrow\"}");
    }
    return 0;
}

static int stop(void **state) {
    (void)state;
    shop_close(&shop);
    return 0;
}

static int number(const cJSON *object, const char *name) {
    const cJSON *one = shop_member(object, name);
    assert_true(cJSON_IsNumber(one));
    return one->valueint;
}

static const cJSON *of_patient(const struct api_answer *answer, const char *patient) {
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, shop_member(answer->body, "items")) {
        if (strcmp(shop_string(one, "patient"), patient) == 0) {
            return one;
        }
    }
    return NULL;
}

static int lines_of(const char *text) {
    int count = 0;
    for (; *text != '\0'; text++) {
        count += *text == '\n';
    }
    return count;
}

/* ---- */

static void the_claim_counts_supervised_doses(void **state) {
    (void)state;
    struct api_answer answer = shop_get(&shop, &shop.manager, "/reports/claim?month=2026-11&list=true");
    assert_int_equal(number(answer.body, "supervised_doses"), supplied - reversed);
    assert_int_equal(cJSON_GetArraySize(shop_member(answer.body, "list")), supplied - reversed);
    assert_string_equal(shop_string(answer.body, "to"), "2026-11-30");
    const cJSON *one = cJSON_GetArrayItem(shop_member(answer.body, "items"), 0);
    assert_string_equal(shop_string(one, "service"), shop.service);
    api_done(&answer);
    answer = shop_get(&shop, &shop.manager, "/reports/claim?from=2026-11-24&to=2026-11-24");
    assert_int_equal(number(answer.body, "supervised_doses"), 1); /* one came, two did not */
    api_done(&answer);
    answer = shop_get(&shop, &shop.manager, "/reports/claim?month=2026-12");
    assert_int_equal(number(answer.body, "supervised_doses"), 0);
    api_done(&answer);
    answer = shop_get(&shop, &shop.manager, "/reports/claim?month=2026-11&service=nobody");
    assert_int_equal(number(answer.body, "supervised_doses"), 0);
    api_done(&answer);
    answer = shop_get(&shop, &shop.manager, "/reports/claim?month=2026-11&format=csv");
    assert_int_equal(lines_of(answer.text), 1 + supplied - reversed);
    api_done(&answer);
    answer = api_get(shop.api, &shop.manager, "/reports/claim?month=2026-13");
    api_expect_problem(shop.api, &answer, 422, "invalid");
    api_done(&answer);
    answer = api_get(shop.api, &shop.manager, "/reports/claim");
    api_expect_problem(shop.api, &answer, 422, "invalid");
    api_done(&answer);
}

static void the_endorsement_counts_containers(void **state) {
    (void)state;
    struct shop_text path = shop_say("/reports/endorsement?prescription=%s", people[0].rx);
    struct api_answer answer = shop_get(&shop, &shop.technician, path.bytes);
    const cJSON *item = cJSON_GetArrayItem(shop_member(answer.body, "items"), 0);
    assert_int_equal(number(answer.body, "instalments"), 6);
    assert_int_equal(number(answer.body, "supervised"), 6);
    assert_int_equal(number(answer.body, "packaged_doses"), 1); /* Sunday's */
    assert_string_equal(shop_string(item, "supplied"), "420");
    assert_string_equal(shop_string(item, "total"), "840");
    api_done(&answer);
    path = shop_say("/reports/endorsement?prescription=%s", weekly.rx);
    answer = shop_get(&shop, &shop.technician, path.bytes);
    assert_int_equal(number(answer.body, "instalments"), 1);
    assert_int_equal(number(answer.body, "supervised"), 0);
    assert_int_equal(number(answer.body, "packaged_doses"), 7); /* W5: daily doses apart */
    api_done(&answer);
    path = shop_say("/reports/endorsement?prescription=%s", people[1].rx);
    answer = shop_get(&shop, &shop.technician, path.bytes);
    assert_int_equal(number(answer.body, "instalments"), 3); /* the reversed one does not count */
    api_done(&answer);
    answer = api_get(shop.api, &shop.technician, "/reports/endorsement?prescription=rx-none");
    api_expect_problem(shop.api, &answer, 404, "not_found");
    api_done(&answer);
}

static void ndtms_has_a_row_for_each(void **state) {
    (void)state;
    struct api_answer answer = shop_get(&shop, &shop.manager, "/reports/ndtms?month=2026-11");
    const cJSON *one = of_patient(&answer, people[0].patient);
    assert_string_equal(shop_string(one, "methadone_ml_1mg_ml"), "60");
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(one, "buprenorphine_mg")));
    assert_string_equal(shop_string(one, "supervision"), "every");
    assert_int_equal(number(one, "dispenses"), 6);
    one = of_patient(&answer, weekly.patient);
    assert_string_equal(shop_string(one, "methadone_ml_1mg_ml"), "60");
    assert_string_equal(shop_string(one, "supervision"), "none");
    assert_int_equal(number(one, "dispenses"), 1);
    assert_int_equal(cJSON_GetArraySize(shop_member(answer.body, "items")), PEOPLE + 1);
    api_done(&answer);
}

static void attendance_is_a_picture(void **state) {
    static const char *const pictures[PEOPLE] = {"SSSSSST", "SMMSMST", "MMSMMMM"};
    (void)state;
    for (int i = 0; i < PEOPLE; i++) {
        struct shop_text path = shop_say("/reports/attendance?patient=%s", people[i].patient);
        struct api_answer answer = shop_get(&shop, &shop.pharmacist, path.bytes);
        const cJSON *weeks = shop_member(cJSON_GetArrayItem(shop_member(answer.body, "items"), 0), "weeks");
        const cJSON *week = cJSON_GetArrayItem(weeks, cJSON_GetArraySize(weeks) - 1);
        assert_string_equal(shop_string(week, "week"), "2026-11-23");
        assert_memory_equal(shop_string(week, "days"), pictures[i], 6);
        assert_int_equal(cJSON_GetArraySize(weeks), 14);
        api_done(&answer);
    }
}

static void the_last_dose_for_a_hospital(void **state) {
    (void)state;
    struct shop_text path = shop_say("/reports/last-dose?patient=%s", people[2].patient);
    struct api_answer answer = shop_get(&shop, &shop.pharmacist, path.bytes);
    const cJSON *one = cJSON_GetArrayItem(shop_member(answer.body, "items"), 0);
    assert_string_equal(shop_string(shop_member(one, "supply"), "on"), "2026-11-25");
    assert_string_equal(shop_string(one, "daily_dose"), "60");
    assert_int_equal(number(one, "missed_days"), 3); /* Thursday to Saturday, asked on Sunday */
    api_done(&answer);
    path = shop_say("/reports/last-dose?patient=%s&format=csv", people[2].patient);
    char name[128];
    answer = shop_get(&shop, &shop.pharmacist, path.bytes);
    assert_true(api_header(&answer, "Content-Disposition", name, sizeof name));
    assert_string_equal(name, "attachment; filename=\"last-dose.csv\"");
    assert_null(strstr(answer.text, "Desmond"));
    api_done(&answer);
    path = shop_say("/reports/last-dose?patient=%s", weekly.patient);
    answer = shop_get(&shop, &shop.pharmacist, path.bytes);
    one = cJSON_GetArrayItem(shop_member(answer.body, "items"), 0);
    assert_string_equal(shop_string(one, "dosed_until"), "2026-11-29");
    assert_string_equal(shop_string(one, "daily_dose"), "60");
    api_done(&answer);
}

static void reviews_come_every_three_months(void **state) {
    (void)state;
    struct api_answer answer = shop_get(&shop, &shop.manager, "/reports/reviews");
    const cJSON *one = of_patient(&answer, people[0].patient);
    assert_string_equal(shop_string(one, "began"), "2026-11-23");
    assert_string_equal(shop_string(one, "review_due"), "2027-02-22");
    api_done(&answer);
}

/* The days' reports over the week give the same millilitres as the register. */
static void days_and_register_agree(void **state) {
    int ml = 0;
    (void)state;
    for (int day = 0; day < DAYS; day++) {
        struct api_answer answer =
            shop_get(&shop, &shop.inspector, shop_say("/day/2026-11-%d/report", 23 + day).bytes);
        const cJSON *stock = cJSON_GetArrayItem(shop_member(answer.body, "stock"), 0);
        assert_true(cJSON_IsTrue(shop_member(stock, "agrees")));
        assert_true(cJSON_IsTrue(shop_member(answer.body, "adds_up")));
        ml += atoi(shop_string(stock, "supplied")) - atoi(shop_string(stock, "returned"));
        api_done(&answer);
    }
    struct api_answer answer = shop_get(&shop, &shop.inspector, "/register/methadone-1mg-ml-sf");
    assert_int_equal(atoi(shop_string(answer.body, "balance")), -ml);
    /* six, three and one daily doses, two Sundays' doses, and a week to take home */
    assert_int_equal(ml, (6 + 3 + 1) * 60 + 2 * 60 + 420);
    api_done(&answer);
}

/* No receipt was booked: the balance fell below zero once, and that is open until somebody explains it. */
static void discrepancies_for_the_accountable_officer(void **state) {
    (void)state;
    struct api_answer answer = shop_get(&shop, &shop.inspector, "/reports/discrepancies");
    const cJSON *one = cJSON_GetArrayItem(shop_member(answer.body, "items"), 0);
    assert_int_equal(cJSON_GetArraySize(shop_member(answer.body, "items")), 1);
    assert_string_equal(shop_string(one, "kind"), "below_zero");
    assert_true(cJSON_IsNull(cJSON_GetObjectItem(one, "explained_on")));
    shop_make(&shop, &shop.pharmacist, "/register/methadone-1mg-ml-sf/receipts",
              shop_say("{\"quantity\":\"2000\",\"from\":\"Testham Wholesale\",\"explains\":\"%s\",\"text\":"
                       "\"Delivery of Friday, entered late\"}",
                       shop_string(one, "id"))
                  .bytes,
              NULL);
    api_done(&answer);
    answer = shop_get(&shop, &shop.inspector, "/reports/discrepancies?format=csv");
    assert_non_null(strstr(answer.text, "\"Delivery of Friday, entered late\",\"a.khan\""));
    api_done(&answer);
}

static void the_responsible_pharmacists_record(void **state) {
    (void)state;
    struct api_answer answer =
        shop_get(&shop, &shop.inspector, "/reports/responsible-pharmacist?month=2026-11");
    const cJSON *one = cJSON_GetArrayItem(shop_member(answer.body, "items"), 0);
    assert_string_equal(shop_string(one, "staff"), "a.khan");
    assert_string_equal(shop_string(one, "what"), "sign_on");
    api_done(&answer);
    answer = shop_get(&shop, &shop.inspector, "/reports/responsible-pharmacist?month=2026-12");
    assert_int_equal(cJSON_GetArraySize(shop_member(answer.body, "items")), 0);
    api_done(&answer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_claim_counts_supervised_doses),
        cmocka_unit_test(the_endorsement_counts_containers),
        cmocka_unit_test(ndtms_has_a_row_for_each),
        cmocka_unit_test(attendance_is_a_picture),
        cmocka_unit_test(the_last_dose_for_a_hospital),
        cmocka_unit_test(reviews_come_every_three_months),
        cmocka_unit_test(days_and_register_agree),
        cmocka_unit_test(discrepancies_for_the_accountable_officer),
        cmocka_unit_test(the_responsible_pharmacists_record),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
