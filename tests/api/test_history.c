/* What happened besides supplies, through the real daemon: consultations, stops and holds, outcomes, doses given elsewhere,
 * concerns, instalments bagged in advance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>

#include "../support/shop.h"

static struct shop shop;

/* ---- short forms ---- */

/* Makes something; its id goes to `id` (NULL: not wanted). */
static void make(const struct api_person *who, const char *path, const char *body, char id[SHOP_ID]) {
    struct api_answer answer = shop_post(&shop, who, path, body);
    api_expect(shop.api, &answer, 201);
    if (id != NULL) {
        snprintf(id, SHOP_ID, "%s", api_text(shop.api, &answer, "id"));
    }
    api_done(&answer);
}

/* Refused with 422, and this is the field that is named. */
static void wrong(const struct api_person *who, const char *path, const char *body, const char *field) {
    struct api_answer answer = shop_post(&shop, who, path, body);
    api_expect_problem(shop.api, &answer, 422, "invalid");
    const cJSON *fields = cJSON_GetObjectItem(answer.body, "fields");
    const cJSON *first = cJSON_GetObjectItem(cJSON_GetArrayItem(fields, 0), "field");
    assert_string_equal(cJSON_GetStringValue(first), field);
    api_done(&answer);
}

/* How many items a list has. */
static int listed(const char *path) {
    struct api_answer answer = api_get(shop.api, &shop.counter, path);
    api_expect(shop.api, &answer, 200);
    int count = cJSON_GetArraySize(cJSON_GetObjectItem(answer.body, "items"));
    api_done(&answer);
    return count;
}

static bool decides(const struct shop_case *scene, const char *on, const char *code) {
    return shop_decides(&shop, scene->rx, on, code);
}

/* A patient with a prescription of 60 ml a day for 14 days from Monday 23 November, Mondays to Saturdays, typed once. */
static struct shop_case scene_new(const char *name) {
    const struct shop_wish wish = {.name = name, .once = true};
    return shop_enter(&shop, &wish);
}

static struct shop_text path_of(const struct shop_case *scene, const char *action) {
    return shop_say("/prescriptions/%s/%s", scene->rx, action);
}

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

/* ---- consultations ---- */

static void consultation_is_recorded(void **state) {
    struct shop_case scene = scene_new("Robin Ash");
    struct shop_text path = path_of(&scene, "consultations");
    (void)state;
    make(&shop.pharmacist, path.bytes,
         "{\"with\":\"Dr A. "
         "Sample\",\"role\":\"prescriber\",\"channel\":\"telephone\",\"outcome\":\"continue\"}",
         NULL);
    make(&shop.pharmacist, path.bytes,
         "{\"with\":\"Dr B. "
         "Sample\",\"role\":\"deputy\",\"outcome\":\"allow_once\",\"for_day\":\"2026-11-24\","
         "\"covers\":[\"2026-11-24\",\"2026-11-25\"]}",
         NULL);
    assert_true(decides(&scene, "2026-11-24", "exception_agreed"));
    shop_refused(&shop, &shop.technician, path.bytes, "{}", 403, "role");
    shop_refused(&shop, &shop.manager, path.bytes,
                 "{\"with\":\"Dr\",\"role\":\"deputy\",\"outcome\":\"continue\"}", 403, "role");
    wrong(&shop.pharmacist, path.bytes, "{\"role\":\"deputy\",\"outcome\":\"continue\"}", "with");
    wrong(&shop.pharmacist, path.bytes,
          "{\"with\":\"Dr\",\"role\":\"deputy\",\"outcome\":\"continue\",\"colour\":1}", "colour");
    wrong(&shop.pharmacist, path.bytes,
          "{\"with\":\"Dr\",\"role\":\"deputy\",\"outcome\":\"continue\",\"on\":\"2026-11-24\"}", "on");
    wrong(&shop.pharmacist, path.bytes, "{\"with\":\"Dr\",\"role\":\"deputy\",\"outcome\":\"allow_once\"}",
          "for_day");
    shop_refused(&shop, &shop.pharmacist, "/prescriptions/none/consultations",
                 "{\"with\":\"Dr\",\"role\":\"deputy\",\"outcome\":\"continue\"}", 404, "not_found");
    assert_int_equal(listed(path.bytes), 2);
    assert_int_equal(listed(shop_say("%s?limit=1&after=1", path.bytes).bytes), 1);
}

static void keyworker_is_noted(void **state) {
    struct shop_case scene = scene_new("Sascha Birch");
    struct shop_text path = path_of(&scene, "consultations");
    (void)state;
    struct api_answer answer =
        shop_post(&shop, &shop.pharmacist, path.bytes,
                  "{\"with\":\"K. Worker\",\"role\":\"keyworker\",\"outcome\":\"stop\"}");
    api_expect(shop.api, &answer, 201);
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(answer.body, "counts")));
    api_done(&answer);
    assert_false(decides(&scene, "2026-11-23", "not_active"));
    make(&shop.pharmacist, path.bytes, "{\"with\":\"Dr\",\"role\":\"prescriber\",\"outcome\":\"stop\"}",
         NULL);
    assert_true(decides(&scene, "2026-11-23", "not_active"));
}

/* ---- stopped, put on hold, released ---- */

static void hold_and_stop(void **state) {
    struct shop_case scene = scene_new("Toni Cedar");
    struct shop_text hold = path_of(&scene, "hold");
    struct shop_text release = path_of(&scene, "release");
    struct shop_text end = path_of(&scene, "stop");
    (void)state;
    shop_refused(&shop, &shop.counter, hold.bytes, "{\"reason\":\"asked to\"}", 403, "role");
    shop_refused(&shop, &shop.pharmacist, release.bytes, "{\"reason\":\"asked to\"}", 409, "not_on_hold");
    make(&shop.pharmacist, hold.bytes, "{\"reason\":\"asked to\"}", NULL);
    assert_true(decides(&scene, "2026-11-23", "manual_hold"));
    shop_refused(&shop, &shop.pharmacist, hold.bytes, "{\"reason\":\"asked to\"}", 409, "already_on_hold");
    make(&shop.pharmacist, release.bytes, "{\"reason\":\"asked to\",\"on\":\"2026-11-23\"}", NULL);
    assert_false(decides(&scene, "2026-11-23", "manual_hold"));
    wrong(&shop.pharmacist, end.bytes, "{\"from\":\"2026-11-25\"}", "reason");
    wrong(&shop.pharmacist, end.bytes, "{\"reason\":\"asked to\",\"from\":\"2026-11-20\"}", "from");
    make(&shop.pharmacist, end.bytes, "{\"reason\":\"asked to\",\"from\":\"2026-11-25\"}", NULL);
    assert_false(decides(&scene, "2026-11-24", "not_active"));
    assert_true(decides(&scene, "2026-11-25", "not_active"));
    shop_refused(&shop, &shop.pharmacist, end.bytes, "{\"reason\":\"asked to\",\"from\":\"2026-11-26\"}", 409,
                 "already_stopped");
    assert_int_equal(listed(path_of(&scene, "changes").bytes), 3);
}

/* ---- outcomes ---- */

static struct shop_text outcome_of(const struct shop_case *scene, const char *outcome) {
    return shop_say("{\"prescription\":\"%s\",\"on\":\"2026-11-23\",\"outcome\":\"%s\"}", scene->rx, outcome);
}

static void outcomes_in_place(void **state) {
    struct shop_case scene = scene_new("Uli Dogwood");
    (void)state;
    shop_refused(&shop, &shop.counter, "/outcomes", outcome_of(&scene, "withheld").bytes, 403, "role");
    shop_refused(&shop, &shop.counter, "/outcomes", outcome_of(&scene, "left").bytes, 409, "not_supplied");
    shop_refused(
        &shop, &shop.counter, "/outcomes",
        shop_say("{\"prescription\":\"%s\",\"on\":\"2026-11-22\",\"outcome\":\"declined\"}", scene.rx).bytes,
        409, "not_today");
    make(&shop.pharmacist, "/outcomes", outcome_of(&scene, "deferred").bytes, NULL);
    shop_refused(&shop, &shop.pharmacist, "/outcomes", outcome_of(&scene, "deferred").bytes, 409,
                 "already_recorded");
    assert_true(decides(&scene, "2026-11-23", "withheld_today"));
    struct api_answer answer = shop_post(
        &shop, &shop.counter, "/outcomes",
        shop_say("{\"prescription\":\"%s\",\"outcome\":\"attended_not_supplied\",\"reason\":\"no_stock\"}",
                 scene.rx)
            .bytes);
    api_expect(shop.api, &answer, 201);
    assert_string_equal(api_text(shop.api, &answer, "collect"), "2026-11-23");
    const cJSON *reasons = cJSON_GetObjectItem(answer.body, "reasons");
    assert_string_equal(cJSON_GetStringValue(cJSON_GetArrayItem(reasons, 0)), "no_stock");
    api_done(&answer);
    assert_int_equal(listed(shop_say("/outcomes?patient=%s", scene.patient).bytes), 2);
    assert_int_equal(listed(shop_say("/outcomes?prescription=%s", scene.rx).bytes), 2);
    answer = api_get(shop.api, &shop.counter, "/outcomes");
    api_expect_problem(shop.api, &answer, 422, "invalid");
    api_done(&answer);
}

static void same_key_same_answer(void **state) {
    struct shop_case scene = scene_new("Vanja Elder");
    struct shop_text path = shop_say("/instalments/%s.2026-11-24/prepare", scene.rx);
    char replayed[8] = "";
    (void)state;
    struct api_answer first = api_post(shop.api, &shop.technician, path.bytes, "{\"containers\":2}", "bag-1");
    api_expect(shop.api, &first, 201);
    make(&shop.technician, shop_say("/instalments/%s.2026-11-24/unprepare", scene.rx).bytes, "{}", NULL);
    struct api_answer again = api_post(shop.api, &shop.technician, path.bytes, "{\"containers\":2}", "bag-1");
    api_expect(shop.api, &again, 201);
    assert_string_equal(again.text, first.text);
    assert_true(api_header(&again, "Idempotent-Replay", replayed, sizeof replayed));
    api_done(&first);
    api_done(&again);
    struct api_answer other = api_post(shop.api, &shop.technician, path.bytes, "{\"containers\":3}", "bag-1");
    api_expect_problem(shop.api, &other, 422, "idempotency_key_reused");
    api_done(&other);
    other = api_post(shop.api, &shop.technician, path.bytes, "{\"containers\":3}", NULL);
    api_expect_problem(shop.api, &other, 400, "idempotency_key_missing");
    api_done(&other);
}

/* ---- elsewhere ---- */

static void elsewhere_is_compared(void **state) {
    struct shop_case scene = scene_new("Wren Fir");
    (void)state;
    struct api_answer answer = shop_post(
        &shop, &shop.pharmacist, "/dosed-elsewhere",
        shop_say("{\"patient\":\"%s\",\"class\":\"opioid\",\"from\":\"2026-11-23\",\"to\":\"2026-11-23\","
                 "\"product\":\"methadone-1mg-ml-sf\",\"dose\":\"60\",\"where\":\"Sample Hospital\","
                 "\"confirmed_by\":\"Ward sister\",\"channel\":\"telephone\"}",
                 scene.patient)
            .bytes);
    api_expect(shop.api, &answer, 201);
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(answer.body, "unlike")));
    api_done(&answer);
    assert_true(decides(&scene, "2026-11-23", "duplicate_day"));
    answer = shop_post(&shop, &shop.pharmacist, "/dosed-elsewhere",
                       shop_say("{\"patient\":\"%s\",\"class\":\"opioid\",\"from\":\"2026-11-23\","
                                "\"where\":\"HMP Sample\",\"confirmed_by\":\"Healthcare\"}",
                                scene.patient)
                           .bytes);
    api_expect(shop.api, &answer, 201);
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(answer.body, "unlike")));
    api_done(&answer);
    wrong(&shop.pharmacist, "/dosed-elsewhere",
          shop_say("{\"patient\":\"%s\",\"class\":\"opioid\",\"from\":\"2026-11-23\",\"to\":\"2026-11-22\","
                   "\"confirmed_by\":\"Healthcare\"}",
                   scene.patient)
              .bytes,
          "to");
    shop_refused(&shop, &shop.technician, "/dosed-elsewhere", "{}", 403, "role");
    assert_int_equal(listed(shop_say("/dosed-elsewhere?patient=%s", scene.patient).bytes), 2);
}

/* ---- concerns ---- */

static void concern_withholds(void **state) {
    struct shop_case scene = scene_new("Xen Gorse");
    char id[SHOP_ID];
    (void)state;
    struct shop_text body =
        shop_say("{\"patient\":\"%s\",\"prescription\":\"%s\",\"kind\":\"possible_intoxication\","
                 "\"signs\":[\"drowsy\",\"slurred_speech\"],\"note\":\"leaning on the counter\","
                 "\"decision\":\"withheld\",\"prescriber_contacted\":{\"with\":\"Dr A. Sample\"}}",
                 scene.patient, scene.rx);
    shop_refused(&shop, &shop.counter, "/concerns", body.bytes, 403, "role");
    make(&shop.pharmacist, "/concerns", body.bytes, id);
    assert_true(decides(&scene, "2026-11-23", "withheld_today"));
    struct api_answer answer = api_get(shop.api, &shop.counter, shop_say("/concerns/%s", id).bytes);
    api_expect(shop.api, &answer, 200);
    assert_string_equal(api_text(shop.api, &answer, "prescriber_contacted.with"), "Dr A. Sample");
    api_done(&answer);
    make(&shop.counter, "/concerns",
         shop_say("{\"patient\":\"%s\",\"kind\":\"welfare\",\"note\":\"no coat\"}", scene.patient).bytes,
         NULL);
    wrong(
        &shop.counter, "/concerns",
        shop_say("{\"patient\":\"%s\",\"kind\":\"welfare\",\"signs\":[\"looks_bad\"]}", scene.patient).bytes,
        "signs");
    wrong(&shop.counter, "/concerns",
          shop_say("{\"patient\":\"%s\",\"kind\":\"possible_intoxication\",\"signs\":[\"drowsy\"]}",
                   scene.patient)
              .bytes,
          "decision");
    assert_int_equal(listed(shop_say("/concerns?patient=%s", scene.patient).bytes), 2);
    assert_true(listed("/concerns/signs") >= 8);
}

/* ---- bagged in advance; the history of a prescription ---- */

static void bagged(void **state) {
    struct shop_case scene = scene_new("Yael Hazel");
    struct shop_text prepare = shop_say("/instalments/%s.2026-11-24/prepare", scene.rx);
    struct shop_text unprepare = shop_say("/instalments/%s.2026-11-24/unprepare", scene.rx);
    (void)state;
    shop_refused(&shop, &shop.counter, prepare.bytes, "{}", 403, "role");
    shop_refused(&shop, &shop.technician, unprepare.bytes, "{}", 409, "not_prepared");
    wrong(&shop.technician, prepare.bytes, "{\"containers\":0}", "containers");
    wrong(&shop.technician, prepare.bytes, "{\"expiry\":\"2026-11-20\"}", "expiry");
    make(&shop.technician, prepare.bytes, "{\"containers\":1,\"batch\":\"B1\",\"expiry\":\"2027-05-31\"}",
         NULL);
    shop_refused(&shop, &shop.technician, prepare.bytes, "{}", 409, "already_prepared");
    make(&shop.technician, unprepare.bytes, "{}", NULL);
    shop_refused(&shop, &shop.technician, shop_say("/instalments/%s.2026-11-29/prepare", scene.rx).bytes,
                 "{}", 404, "not_found");
}

static void shown_with_the_prescription(void **state) {
    struct shop_case scene = scene_new("Zoe Ivy");
    (void)state;
    make(&shop.pharmacist, path_of(&scene, "hold").bytes, "{\"reason\":\"asked to\"}", NULL);
    make(&shop.counter, "/outcomes", outcome_of(&scene, "declined").bytes, NULL);
    struct api_answer answer =
        api_get(shop.api, &shop.counter, shop_say("/prescriptions/%s", scene.rx).bytes);
    api_expect(shop.api, &answer, 200);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(answer.body, "changes")), 1);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(answer.body, "outcomes")), 1);
    assert_true(cJSON_IsArray(cJSON_GetObjectItem(answer.body, "consultations")));
    api_done(&answer);
}

/* ---- over the cut-off: the clock is moved, so this comes last ---- */

static void after_the_cut_off(void **state) {
    struct shop_case scene = scene_new("Alex Juniper");
    (void)state;
    struct api_answer moved =
        api_post(shop.api, &shop.manager, "/demo/clock", "{\"advance_to\":\"cut_off\"}", NULL);
    api_expect(shop.api, &moved, 200);
    api_done(&moved);
    make(&shop.counter, "/outcomes", outcome_of(&scene, "declined").bytes, NULL);
    struct api_answer answer =
        api_get(shop.api, &shop.counter, shop_say("/outcomes?prescription=%s", scene.rx).bytes);
    api_expect(shop.api, &answer, 200);
    const cJSON *items = cJSON_GetObjectItem(answer.body, "items");
    assert_int_equal(cJSON_GetArraySize(items), 2);
    const cJSON *first = cJSON_GetObjectItem(cJSON_GetArrayItem(items, 0), "outcome");
    assert_string_equal(cJSON_GetStringValue(first), "missed");
    api_done(&answer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(consultation_is_recorded),
        cmocka_unit_test(keyworker_is_noted),
        cmocka_unit_test(hold_and_stop),
        cmocka_unit_test(outcomes_in_place),
        cmocka_unit_test(same_key_same_answer),
        cmocka_unit_test(elsewhere_is_compared),
        cmocka_unit_test(concern_withholds),
        cmocka_unit_test(bagged),
        cmocka_unit_test(shown_with_the_prescription),
        cmocka_unit_test(after_the_cut_off),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
