/* A patient's prescriptions, and what has become of each instalment: the same words as on the day's list. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "../support/shop.h"

static struct shop shop;

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

/* The instalment collected on a day; the answer must be kept as long. */
static const cJSON *instalment_of(const struct api_answer *prescription, const char *collect) {
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, shop_member(prescription->body, "instalments")) {
        if (strcmp(shop_string(one, "collect"), collect) == 0) {
            return one;
        }
    }
    fail_msg("there is no instalment of %s", collect);
    return NULL;
}

static struct api_answer prescription_of(const struct shop_case *scene) {
    return shop_get(&shop, &shop.counter, shop_say("/prescriptions/%s", scene->rx).bytes);
}

/* The status in the reading of the prescription, "" for none; where there is one it is the day list's. */
static struct shop_text state_of(const struct shop_case *scene, const char *collect) {
    struct api_answer answer = prescription_of(scene);
    struct shop_text text = shop_say("%s", shop_string(instalment_of(&answer, collect), "status"));
    api_done(&answer);
    return text;
}

static void expect_state(const struct shop_case *scene, const char *collect, const char *status) {
    assert_string_equal(state_of(scene, collect).bytes, status);
    assert_string_equal(shop_status(&shop, scene->rx, collect).bytes, status);
}

static void post_rx(const struct shop_case *scene, const char *action, const char *body) {
    shop_make(&shop, &shop.pharmacist, shop_say("/prescriptions/%s/%s", scene->rx, action).bytes, body, NULL);
}

static void entry_tells_no_status_and_reading_does(void **state) {
    (void)state;
    const struct shop_wish wish = {.name = "Robin Ash"};
    struct shop_case scene = shop_enter(&shop, &wish);
    struct shop_text body = shop_prescription(
        &shop, &(struct shop_wish){.name = "Robin Ash", .start_on = "2026-12-07"}, scene.patient);
    struct api_answer answer = shop_post(&shop, &shop.technician, "/prescriptions", body.bytes);
    api_expect(shop.api, &answer, 201);
    assert_null(shop_member(instalment_of(&answer, "2026-12-07"), "status"));
    api_done(&answer);
    expect_state(&scene, "2026-11-23", "due");
    expect_state(&scene, "2026-12-05", "due");
}

static void supplied_and_reversed(void **state) {
    char first[SHOP_ID], second[SHOP_ID];
    (void)state;
    struct shop_case scene = shop_enter(&shop, &(struct shop_wish){.name = "Kim Birch"});
    const struct shop_supply supply = {.rx = scene.rx, .on = "2026-11-23"};
    shop_supply(&shop, &supply, first);
    expect_state(&scene, "2026-11-23", "supplied");
    struct api_answer answer = prescription_of(&scene);
    assert_string_equal(shop_string(instalment_of(&answer, "2026-11-23"), "supply"), first);
    assert_true(cJSON_IsNull(shop_member(instalment_of(&answer, "2026-11-24"), "supply")));
    api_done(&answer);
    shop_make(&shop, &shop.pharmacist, shop_say("/supplies/%s/reverse", first).bytes,
              shop_say("{\"reason\":\"left untouched\",\"pin\":\"%s\"}", api_pin(shop.api, "a.khan")).bytes,
              NULL);
    expect_state(&scene, "2026-11-23", "due");
    answer = prescription_of(&scene);
    assert_true(cJSON_IsNull(shop_member(instalment_of(&answer, "2026-11-23"), "supply")));
    api_done(&answer);
    shop_supply(&shop, &supply, second);
    answer = prescription_of(&scene);
    assert_string_equal(shop_string(instalment_of(&answer, "2026-11-23"), "supply"), second);
    api_done(&answer);
}

static void prepared_withheld_and_elsewhere(void **state) {
    (void)state;
    struct shop_case scene = shop_enter(&shop, &(struct shop_wish){.name = "Alex Cedar"});
    shop_make(&shop, &shop.technician, shop_say("/instalments/%s.2026-11-23/prepare", scene.rx).bytes, "{}",
              NULL);
    expect_state(&scene, "2026-11-23", "prepared");
    shop_make(
        &shop, &shop.pharmacist, "/outcomes",
        shop_say("{\"prescription\":\"%s\",\"outcome\":\"withheld\",\"note\":\"drowsy\"}", scene.rx).bytes,
        NULL);
    expect_state(&scene, "2026-11-23", "withheld");
    struct shop_case other = shop_enter(&shop, &(struct shop_wish){.name = "Jo Elder"});
    shop_make(
        &shop, &shop.pharmacist, "/dosed-elsewhere",
        shop_say("{\"patient\":\"%s\",\"class\":\"opioid\",\"from\":\"2026-11-23\",\"to\":\"2026-11-24\","
                 "\"confirmed_by\":\"ward 3\"}",
                 other.patient)
            .bytes,
        NULL);
    expect_state(&other, "2026-11-23", "");
}

static void stopped_leaves_no_status(void **state) {
    (void)state;
    struct shop_case scene = shop_enter(&shop, &(struct shop_wish){.name = "Sam Hazel"});
    post_rx(&scene, "stop", "{\"reason\":\"moved away\",\"from\":\"2026-11-25\"}");
    expect_state(&scene, "2026-11-24", "due");
    expect_state(&scene, "2026-11-25", "");
}

static void the_list_of_a_patient(void **state) {
    (void)state;
    struct shop_case scene = shop_enter(&shop, &(struct shop_wish){.name = "Lee Maple"});
    shop_make(&shop, &shop.technician, "/prescriptions",
              shop_prescription(&shop,
                                &(struct shop_wish){
                                    .name = "Lee Maple", .start_on = "2026-12-07", .signed_on = "2026-11-20"},
                                scene.patient)
                  .bytes,
              NULL);
    struct shop_text path = shop_say("/prescriptions?patient=%s", scene.patient);
    struct api_answer answer = shop_get(&shop, &shop.counter, path.bytes);
    const cJSON *items = shop_member(answer.body, "items");
    const cJSON *first = cJSON_GetArrayItem(items, 0);
    assert_int_equal(cJSON_GetArraySize(items), 2);
    assert_string_equal(shop_string(first, "id"), scene.rx);
    assert_string_equal(shop_string(first, "form"), "FP10MDA");
    assert_string_equal(shop_string(first, "class"), "opioid");
    assert_string_equal(shop_string(first, "first_day"), "2026-11-23");
    assert_string_equal(shop_string(first, "last_day"), "2026-12-06");
    assert_string_equal(shop_string(first, "stage"), "stable");
    assert_true(cJSON_IsNull(shop_member(first, "stopped_from")));
    assert_true(cJSON_IsFalse(shop_member(first, "on_hold")));
    assert_int_equal(cJSON_GetArraySize(shop_member(first, "items")), 1);
    assert_null(shop_member(first, "instalments"));
    assert_true(cJSON_IsNull(shop_member(answer.body, "next")));
    api_done(&answer);
    post_rx(&scene, "hold", "{\"reason\":\"asked to\"}");
    answer = shop_get(&shop, &shop.counter, shop_say("%s&limit=1", path.bytes).bytes);
    items = shop_member(answer.body, "items");
    assert_int_equal(cJSON_GetArraySize(items), 1);
    assert_true(cJSON_IsTrue(shop_member(cJSON_GetArrayItem(items, 0), "on_hold")));
    struct shop_text more = shop_say("%s&limit=1&after=%s", path.bytes, shop_string(answer.body, "next"));
    api_done(&answer);
    answer = shop_get(&shop, &shop.counter, more.bytes);
    assert_string_equal(shop_string(cJSON_GetArrayItem(shop_member(answer.body, "items"), 0), "first_day"),
                        "2026-12-07");
    api_done(&answer);
}

static void a_list_of_nobody(void **state) {
    (void)state;
    struct api_answer answer = api_get(shop.api, &shop.counter, "/prescriptions");
    api_expect(shop.api, &answer, 422);
    assert_true(shop_names_field(&answer, "patient"));
    api_done(&answer);
    answer = api_get(shop.api, &shop.counter, "/prescriptions?patient=pt-nobody");
    api_expect(shop.api, &answer, 404);
    api_done(&answer);
}

/* Moves the clock: last. */
static void missed_at_the_cut_off(void **state) {
    (void)state;
    struct shop_case scene = shop_enter(&shop, &(struct shop_wish){.name = "Pat Rowan"});
    struct api_answer before = prescription_of(&scene);
    shop_clock(&shop, "{\"advance_to\":\"cut_off\"}");
    expect_state(&scene, "2026-11-23", "missed");
    struct api_answer after = prescription_of(&scene);
    char tag[2][80];
    assert_true(api_header(&before, "ETag", tag[0], sizeof tag[0]));
    assert_true(api_header(&after, "ETag", tag[1], sizeof tag[1]));
    assert_string_not_equal(tag[0], tag[1]);
    api_done(&before);
    api_done(&after);
    expect_state(&scene, "2026-11-24", "due");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(entry_tells_no_status_and_reading_does),
        cmocka_unit_test(supplied_and_reversed),
        cmocka_unit_test(prepared_withheld_and_elsewhere),
        cmocka_unit_test(stopped_leaves_no_status),
        cmocka_unit_test(the_list_of_a_patient),
        cmocka_unit_test(a_list_of_nobody),
        cmocka_unit_test(missed_at_the_cut_off),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
