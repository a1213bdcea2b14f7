/* The end of a day through the real daemon: the report adds up, what stands in the way, closing once, paper records, stock. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/shop.h"

#define DAY "/day/2026-11-23"
#define PRODUCT "methadone-1mg-ml-sf"

static struct shop shop;
static struct shop_case supplied, missed, declined, withheld, attended;

static int start(void **state) {
    (void)state;
    shop_open(&shop, NULL);
    return 0;
}

static int stop(void **state) {
    (void)state;
    shop_close(&shop);
    return 0;
}

/* ---- short forms ---- */

static struct api_answer report(const char *day) {
    return shop_get(&shop, &shop.inspector, shop_say("/day/%s/report", day).bytes);
}

static int outcome(const struct api_answer *answer, const char *name) {
    const cJSON *one = shop_member(shop_member(answer->body, "outcomes"), name);
    assert_non_null(one);
    return one->valueint;
}

static int number(const cJSON *object, const char *name) {
    const cJSON *one = shop_member(object, name);
    assert_true(cJSON_IsNumber(one));
    return one->valueint;
}

static const cJSON *stock_of(const struct api_answer *answer, const char *product) {
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, shop_member(answer->body, "stock")) {
        if (strcmp(shop_string(one, "product"), product) == 0) {
            return one;
        }
    }
    api_fail(shop.api, "no stock of %s", product);
}

/* due = supplied + missed + withheld + declined + attended not supplied + lost to closure */
static void must_add_up(const struct api_answer *answer) {
    static const char *const six[] = {
        "supplied", "missed", "withheld", "declined", "attended_not_supplied", "lost_to_closure"};
    int sum = 0;
    for (size_t i = 0; i < sizeof six / sizeof six[0]; i++) {
        sum += outcome(answer, six[i]);
    }
    assert_int_equal(sum, number(answer->body, "due"));
    assert_true(cJSON_IsTrue(shop_member(answer->body, "adds_up")));
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, shop_member(answer->body, "stock")) {
        assert_true(cJSON_IsTrue(shop_member(one, "agrees")));
    }
}

static void record(const struct shop_case *one, const char *kind) {
    struct shop_text body =
        shop_say("{\"prescription\":\"%s\",\"outcome\":\"%s\",\"note\":\"seen\"}", one->rx, kind);
    shop_make(&shop, &shop.pharmacist, "/outcomes", body.bytes, NULL);
}

static void give(const struct shop_case *one, const char *on, char id[SHOP_ID]) {
    const struct shop_supply supply = {
        .rx = one->rx,
        .on = on,
        .confirm =
            "[\"first_dose\",\"dose_warning\",\"day_closed\",\"missed_recent\",\"not_double_checked\"]"};
    shop_supply(&shop, &supply, id);
}

static struct shop_case person(const char *name) {
    const struct shop_wish wish = {.name = name};
    return shop_enter(&shop, &wish);
}

static struct shop_text second(const char *members) {
    return shop_say("{%s,\"second\":{\"staff\":\"d.osei\",\"pin\":\"%s\"}}", members,
                    api_pin(shop.api, "d.osei"));
}

/* ---- the stock first ---- */

static void stock_is_double_entry(void **state) {
    (void)state;
    shop_make(
        &shop, &shop.pharmacist, "/register/" PRODUCT "/receipts",
        "{\"quantity\":\"1500\",\"from\":\"Testham Wholesale\",\"packs\":[{\"batch\":\"LATE\",\"expiry\":"
        "\"2028-01-31\",\"size\":\"500\",\"count\":1},{\"batch\":\"SOON\",\"expiry\":\"2027-01-31\","
        "\"size\":\"500\",\"count\":2}]}",
        NULL);
    supplied = person("Wilfred Oakapple");
    missed = person("Maud Oakapple");
    declined = person("Edgar Oakapple");
    withheld = person("Agnes Oakapple");
    attended = person("Cedric Oakapple");
    struct shop_text path = shop_say("/instalments/%s.2026-11-23/prepare", supplied.rx);
    shop_make(&shop, &shop.technician, path.bytes, "{\"containers\":1}", NULL);
    struct api_answer answer = shop_get(&shop, &shop.technician, "/stock");
    const cJSON *one = cJSON_GetArrayItem(shop_member(answer.body, "items"), 0);
    assert_string_equal(shop_string(one, "balance"), "1500");
    assert_string_equal(shop_string(one, "prepared"), "60");
    assert_string_equal(shop_string(one, "open"), "440"); /* the bottle that expires first was opened */
    assert_string_equal(shop_string(one, "sum"), "0");
    assert_int_equal(cJSON_GetArraySize(shop_member(one, "full")), 2);
    assert_string_equal(shop_string(cJSON_GetArrayItem(shop_member(one, "full"), 0), "batch"), "SOON");
    assert_int_equal(number(cJSON_GetArrayItem(shop_member(one, "full"), 0), "count"), 1);
    api_done(&answer);
    answer = shop_get(&shop, &shop.technician, "/stock?blind=true");
    assert_null(strstr(answer.text, "440"));
    assert_null(strstr(answer.text, "1500"));
    api_done(&answer);
}

static void tomorrows_bottles(void **state) {
    struct api_answer answer = shop_get(&shop, &shop.technician, "/stock/prepour?date=2026-11-23&days=14");
    (void)state;
    const cJSON *total = cJSON_GetArrayItem(shop_member(answer.body, "totals"), 0);
    assert_int_equal(cJSON_GetArraySize(shop_member(answer.body, "bottles")), 5);
    assert_int_equal(number(total, "bottles"), 5);
    assert_string_equal(shop_string(total, "quantity"), "300");
    assert_string_equal(shop_string(total, "booked"), "4200"); /* five people, 14 days of 60 ml */
    assert_string_equal(shop_string(total, "order"), "2700");
    api_done(&answer);
    answer = api_get(shop.api, &shop.technician, "/stock/prepour?days=63");
    api_expect_problem(shop.api, &answer, 422, "invalid");
    api_done(&answer);
}

static void what_patients_bring_back_stands_apart(void **state) {
    (void)state;
    shop_refused(&shop, &shop.technician, "/returns", "{\"product\":\"" PRODUCT "\",\"quantity\":\"30\"}",
                 403, "second_person_required");
    shop_refused(&shop, &shop.technician, "/returns", second("\"quantity\":\"30\"").bytes, 422, "invalid");
    shop_make(&shop, &shop.technician, "/returns",
              second("\"product\":\"" PRODUCT "\",\"quantity\":\"30\",\"brought_by\":\"a relative\"").bytes,
              NULL);
    struct api_answer answer = shop_get(&shop, &shop.inspector, "/returns");
    const cJSON *one = cJSON_GetArrayItem(shop_member(answer.body, "items"), 0);
    assert_string_equal(shop_string(one, "witness"), "d.osei");
    assert_string_equal(shop_string(one, "by"), "p.nowak");
    api_done(&answer);
    answer = shop_get(&shop, &shop.inspector, "/register/" PRODUCT);
    assert_string_equal(shop_string(answer.body, "balance"), "1500");
    api_done(&answer);
}

/* ---- the day ---- */

static void an_open_day_is_not_closed(void **state) {
    (void)state;
    give(&supplied, "2026-11-23", NULL);
    record(&declined, "declined");
    record(&withheld, "withheld");
    record(&attended, "attended_not_supplied");
    struct api_answer answer = report("2026-11-23");
    assert_string_equal(shop_string(answer.body, "state"), "open");
    assert_int_equal(number(answer.body, "due"), 5);
    assert_int_equal(outcome(&answer, "due"), 1);
    assert_false(cJSON_IsTrue(shop_member(answer.body, "adds_up")));
    assert_true(shop_has(shop_member(answer.body, "open"), "code", "no_outcome"));
    api_done(&answer);
    shop_refused(&shop, &shop.pharmacist, DAY "/close", "{}", 409, "day_not_over");
    shop_refused(&shop, &shop.pharmacist, "/day/2026-11-24/close", "{}", 409, "day_not_over");
    shop_refused(&shop, &shop.technician, DAY "/close", "{}", 403, "role");
    shop_refused(&shop, &shop.pharmacist, "/day/x/close", "{}", 422, "invalid");
    answer = api_get(shop.api, &shop.inspector, "/day/2026-11-24/report");
    api_expect_problem(shop.api, &answer, 422, "invalid");
    api_done(&answer);
}

/* What stands in the way is named with its remedy; with a reason the day is closed, once. */
static void a_day_is_closed_once(void **state) {
    (void)state;
    shop_clock(&shop, "{\"advance_to\":\"cut_off\"}");
    struct api_answer answer = shop_post(&shop, &shop.pharmacist, DAY "/close", "{}");
    api_expect_problem(shop.api, &answer, 409, "open_items");
    const cJSON *open = shop_member(answer.body, "open");
    assert_true(shop_has(open, "code", "alert_not_accepted"));
    assert_true(strlen(shop_string(cJSON_GetArrayItem(open, 0), "remedy")) > 10);
    api_done(&answer);
    answer = shop_post(&shop, &shop.pharmacist, DAY "/close",
                       shop_say("{\"reason\":\"Service shut, telephoned tomorrow\",\"pin\":\"%s\"}",
                                api_pin(shop.api, "a.khan"))
                           .bytes);
    api_expect(shop.api, &answer, 201);
    assert_string_equal(shop_string(answer.body, "state"), "signed");
    assert_string_equal(shop_string(answer.body, "closed_by"), "a.khan");
    assert_int_equal(number(answer.body, "number"), 1);
    assert_int_equal(number(answer.body, "due"), 5);
    assert_int_equal(outcome(&answer, "supplied"), 1);
    assert_int_equal(outcome(&answer, "missed"), 1);
    must_add_up(&answer);
    const cJSON *stock = stock_of(&answer, PRODUCT);
    assert_string_equal(shop_string(stock, "opening"), "0");
    assert_string_equal(shop_string(stock, "received"), "1500");
    assert_string_equal(shop_string(stock, "supplied"), "60");
    assert_string_equal(shop_string(stock, "by_supplies"), "60");
    assert_string_equal(shop_string(stock, "by_stock"), "60");
    assert_string_equal(shop_string(stock, "closing"), "1440");
    assert_int_equal(number(answer.body, "patient_returns"), 1);
    assert_int_equal(cJSON_GetArraySize(shop_member(answer.body, "register_head")), 1);
    api_done(&answer);
    shop_refused(&shop, &shop.pharmacist, DAY "/close", "{\"reason\":\"again\"}", 409, "already_closed");
    answer = shop_get(&shop, &shop.pharmacist, "/day?date=2026-11-23");
    assert_string_equal(shop_string(answer.body, "closed_by"), "signed");
    api_done(&answer);
}

/* Missed at the cut-off, and supplied late under supervision: one outcome, not two; report 2 names the first. */
static void supervised_and_missed_on_one_day(void **state) {
    (void)state;
    give(&missed, "2026-11-23", NULL);
    struct api_answer answer = report("2026-11-23");
    assert_string_equal(shop_string(answer.body, "state"), "open");
    assert_true(strlen(shop_string(answer.body, "first")) > 10);
    assert_int_equal(outcome(&answer, "supplied"), 2);
    assert_int_equal(outcome(&answer, "missed"), 0);
    must_add_up(&answer);
    api_done(&answer);
    answer = shop_post(&shop, &shop.pharmacist, DAY "/close", "{\"reason\":\"as before\"}");
    api_expect(shop.api, &answer, 201);
    assert_int_equal(number(answer.body, "number"), 2);
    assert_true(strlen(shop_string(answer.body, "first")) > 10);
    api_done(&answer);
    /* The first report still says what it said. */
    answer = shop_get(&shop, &shop.inspector, DAY "/report?number=1");
    assert_int_equal(outcome(&answer, "supplied"), 1);
    assert_int_equal(outcome(&answer, "missed"), 1);
    assert_string_equal(shop_string(stock_of(&answer, PRODUCT), "closing"), "1440");
    must_add_up(&answer);
    api_done(&answer);
    answer = api_get(shop.api, &shop.inspector, DAY "/report?number=3");
    api_expect_problem(shop.api, &answer, 404, "not_found");
    api_done(&answer);
}

static void as_a_table_and_a_page(void **state) {
    char name[128];
    struct api_answer answer = shop_get(&shop, &shop.inspector, DAY "/report?format=csv");
    (void)state;
    assert_true(api_header(&answer, "Content-Disposition", name, sizeof name));
    assert_string_equal(name, "attachment; filename=\"day-2026-11-23.csv\"");
    assert_non_null(strstr(answer.text, "\"closing\",\"" PRODUCT "\",,1380,"));
    api_done(&answer);
    answer = shop_get(&shop, &shop.inspector, DAY "/report?format=html");
    assert_non_null(strstr(answer.text, "The outcomes add up to what was due."));
    assert_non_null(strstr(answer.text, "Wilfred Oakapple"));
    api_done(&answer);
    answer = api_get(shop.api, &shop.inspector, DAY "/report?format=docx");
    api_expect_problem(shop.api, &answer, 422, "invalid");
    api_done(&answer);
}

/* One supply cancelled twice: the register has one correcting entry, and the stock comes back once. */
static void cancelled_twice(void **state) {
    char id[SHOP_ID];
    (void)state;
    shop_clock(&shop, "{\"advance_to\":\"tomorrow\"}");
    give(&supplied, "2026-11-24", id);
    struct shop_text path = shop_say("/supplies/%s/reverse", id);
    struct shop_text body =
        shop_say("{\"reason\":\"Wrong person chosen\",\"pin\":\"%s\"}", api_pin(shop.api, "a.khan"));
    shop_make(&shop, &shop.pharmacist, path.bytes, body.bytes, NULL);
    shop_refused(&shop, &shop.pharmacist, path.bytes, body.bytes, 409, "already_reversed");
    struct api_answer answer = report("2026-11-24");
    const cJSON *stock = stock_of(&answer, PRODUCT);
    assert_string_equal(shop_string(stock, "supplied"), "60");
    assert_string_equal(shop_string(stock, "returned"), "60");
    assert_string_equal(shop_string(stock, "by_supplies"), "0");
    assert_string_equal(shop_string(stock, "opening"), shop_string(stock, "closing"));
    assert_true(cJSON_IsTrue(shop_member(stock, "agrees")));
    assert_true(shop_has(shop_member(answer.body, "supplies"), "reversal", "Wrong person chosen"));
    api_done(&answer);
}

/* ---- from paper ---- */

static struct shop_text paper(const char *rx, const char *at) {
    return second(
        shop_say("\"sheet\":\"S-000042\",\"reason\":\"Power cut\",\"entries\":[{\"prescription\":\"%s\","
                 "\"at\":\"%s\",\"supervised_by\":\"a.khan\",\"items\":[{\"product\":\"" PRODUCT
                 "\",\"quantity\":\"60\",\"supervised\":\"60\"}]}]",
                 rx, at)
            .bytes);
}

static void a_sheet_is_typed_by_two(void **state) {
    (void)state;
    shop_clock(&shop, "{\"advance_to\":\"cut_off\"}");
    struct api_answer answer =
        shop_post(&shop, &shop.pharmacist, "/day/2026-11-24/close", "{\"reason\":\"x\"}");
    api_expect(shop.api, &answer, 201);
    api_done(&answer);
    shop_clock(&shop, "{\"advance_to\":\"tomorrow\"}");
    struct shop_text alone =
        shop_say("{\"sheet\":\"S\",\"reason\":\"r\",\"entries\":[{\"prescription\":\"%s\","
                 "\"at\":\"10:15\",\"outcome\":\"declined\"}]}",
                 missed.rx);
    shop_refused(&shop, &shop.pharmacist, "/day/2026-11-24/late-entries", alone.bytes, 403,
                 "second_person_required");
    shop_refused(&shop, &shop.pharmacist, "/day/2026-11-24/late-entries",
                 paper(missed.rx, "2026-11-25T10:15:00").bytes, 422, "invalid");
    answer =
        shop_post(&shop, &shop.pharmacist, "/day/2026-11-24/late-entries", paper(missed.rx, "10:15").bytes);
    api_expect(shop.api, &answer, 201);
    const cJSON *one = cJSON_GetArrayItem(shop_member(answer.body, "items"), 0);
    assert_string_equal(shop_string(one, "sheet"), "S-000042");
    assert_string_equal(shop_string(one, "at"), "2026-11-24T10:15:00+00:00");
    assert_string_equal(shop_string(one, "second"), "d.osei");
    struct api_answer made =
        shop_get(&shop, &shop.pharmacist, shop_say("/supplies/%s", shop_string(one, "supply")).bytes);
    const cJSON *entry = cJSON_GetArrayItem(shop_member(made.body, "register"), 0);
    assert_string_equal(shop_string(made.body, "kind"), "from_paper");
    assert_string_equal(shop_string(entry, "on"), "2026-11-24");
    assert_string_equal(shop_string(entry, "reference"), "S-000042");
    assert_string_equal(shop_string(entry, "witness"), "d.osei");
    /* It was told as missed: the service is told otherwise. */
    assert_true(shop_has(shop_member(made.body, "alerts"), "kind", "correction"));
    api_done(&made);
    api_done(&answer);
    answer = report("2026-11-24");
    assert_string_equal(shop_string(answer.body, "state"), "open"); /* again: report 2 names the first */
    assert_int_equal(cJSON_GetArraySize(shop_member(answer.body, "late_entries")), 1);
    assert_int_equal(outcome(&answer, "supplied"), 1);
    must_add_up(&answer);
    api_done(&answer);
    answer = shop_get(&shop, &shop.inspector, "/day/2026-11-24/report?number=1");
    assert_int_equal(outcome(&answer, "supplied"), 0);
    api_done(&answer);
}

/* What the rules would have said is shown, and stops nothing: the dose was given. */
static void paper_is_not_judged(void **state) {
    (void)state;
    struct api_answer answer =
        shop_post(&shop, &shop.pharmacist, "/day/2026-11-24/late-entries", paper(missed.rx, "16:00").bytes);
    api_expect(shop.api, &answer, 201);
    const cJSON *one = cJSON_GetArrayItem(shop_member(answer.body, "items"), 0);
    assert_non_null(strstr(shop_string(one, "objections"), "already_supplied"));
    api_done(&answer);
    struct shop_text body =
        second(shop_say("\"sheet\":\"S-000043\",\"reason\":\"Power cut\",\"entries\":[{"
                        "\"prescription\":\"%s\",\"at\":\"11:00\",\"outcome\":\"declined\"}]",
                        declined.rx)
                   .bytes);
    answer = shop_post(&shop, &shop.pharmacist, "/day/2026-11-24/late-entries", body.bytes);
    api_expect(shop.api, &answer, 201);
    api_done(&answer);
    answer = report("2026-11-24");
    assert_int_equal(outcome(&answer, "declined"), 1);
    must_add_up(&answer);
    api_done(&answer);
    answer = shop_get(&shop, &shop.inspector, "/register/verify");
    assert_true(cJSON_IsTrue(shop_member(answer.body, "verified")));
    api_done(&answer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(stock_is_double_entry),
        cmocka_unit_test(tomorrows_bottles),
        cmocka_unit_test(what_patients_bring_back_stands_apart),
        cmocka_unit_test(an_open_day_is_not_closed),
        cmocka_unit_test(a_day_is_closed_once),
        cmocka_unit_test(supervised_and_missed_on_one_day),
        cmocka_unit_test(as_a_table_and_a_page),
        cmocka_unit_test(cancelled_twice),
        cmocka_unit_test(a_sheet_is_typed_by_two),
        cmocka_unit_test(paper_is_not_judged),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
