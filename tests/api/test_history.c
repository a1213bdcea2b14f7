/* What happened besides supplies, through the real daemon: consultations, stops and holds, outcomes, doses given elsewhere,
 * concerns, instalments bagged in advance. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "../support/api.h"

#define ID_SIZE 40
#define TEXT_SIZE 1600

static struct api *api;
static struct api_person pharmacist;
static struct api_person technician;
static struct api_person counter;
static struct api_person manager;
static char service[ID_SIZE];

/* A patient with a prescription of 60 ml a day for 14 days from Monday 23 November, Mondays to Saturdays. */
struct scene {
    char patient[ID_SIZE];
    char rx[ID_SIZE];
};

/* ---- short forms ---- */

struct text {
    char bytes[TEXT_SIZE];
};

static struct text text_of(const char *format, ...) __attribute__((format(printf, 1, 2)));
static struct text text_of(const char *format, ...) {
    struct text text;
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text.bytes, sizeof text.bytes, format, arguments);
    va_end(arguments);
    assert_true(len >= 0 && (size_t)len < sizeof text.bytes);
    return text;
}

/* Posts with a key of its own. */
static struct api_answer post(const struct api_person *who, const char *path, const char *body) {
    static int number;
    return api_post_twice(api, who, path, body, text_of("key-%d", ++number).bytes);
}

/* Makes something; its id goes to `id` (NULL: not wanted). */
static void make(const struct api_person *who, const char *path, const char *body, char id[ID_SIZE]) {
    struct api_answer answer = post(who, path, body);
    api_expect(api, &answer, 201);
    if (id != NULL) {
        snprintf(id, ID_SIZE, "%s", api_text(api, &answer, "id"));
    }
    api_done(&answer);
}

static void refused(const struct api_person *who, const char *path, const char *body, int status,
                    const char *code) {
    struct api_answer answer = post(who, path, body);
    api_expect_problem(api, &answer, status, code);
    api_done(&answer);
}

/* Refused with 422, and this is the field that is named. */
static void wrong(const struct api_person *who, const char *path, const char *body, const char *field) {
    struct api_answer answer = post(who, path, body);
    api_expect_problem(api, &answer, 422, "invalid");
    const cJSON *fields = cJSON_GetObjectItem(answer.body, "fields");
    const cJSON *first = cJSON_GetObjectItem(cJSON_GetArrayItem(fields, 0), "field");
    assert_string_equal(cJSON_GetStringValue(first), field);
    api_done(&answer);
}

/* How many items a list has. */
static int listed(const char *path) {
    struct api_answer answer = api_get(api, &counter, path);
    api_expect(api, &answer, 200);
    int count = cJSON_GetArraySize(cJSON_GetObjectItem(answer.body, "items"));
    api_done(&answer);
    return count;
}

/* Has the decision for a day this reason? */
static bool decides(const struct scene *scene, const char *on, const char *code) {
    struct api_answer answer =
        api_get(api, &pharmacist, text_of("/prescriptions/%s/decision?on=%s", scene->rx, on).bytes);
    api_expect(api, &answer, 200);
    const cJSON *reason = NULL;
    bool found = false;
    cJSON_ArrayForEach(reason, cJSON_GetObjectItem(answer.body, "reasons")) {
        const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(reason, "code"));
        found = found || strcmp(text, code) == 0;
    }
    api_done(&answer);
    return found;
}

static struct scene scene_new(const char *name) {
    struct scene scene;
    make(&pharmacist, "/patients",
         text_of("{\"name\":\"%s\",\"born_on\":\"1988-02-03\",\"address\":\"1 Sample Street\"}", name).bytes,
         scene.patient);
    make(
        &pharmacist, "/prescriptions",
        text_of(
            "{\"patient\":\"%s\",\"service\":\"%s\",\"form\":\"FP10MDA\",\"serial\":\"1\","
            "\"signed_on\":\"2026-11-20\",\"start_on\":\"2026-11-23\","
            "\"prescriber\":{\"name\":\"Dr A. Sample\",\"number\":\"123456\",\"address\":\"2 Sample "
            "Street\"},"
            "\"stage\":\"stable\",\"wording\":[\"W1\",\"W2\",\"W3\"],\"wording_text\":\"as written\","
            "\"items\":[{\"product\":\"methadone-1mg-ml-sf\",\"doses\":[{\"from\":\"2026-11-23\",\"days\":14,"
            "\"dose\":\"60\"}],\"total\":\"840\",\"total_in_words\":true,\"total_in_figures\":true}],"
            "\"collect\":{\"weekdays\":[\"mon\",\"tue\",\"wed\",\"thu\",\"fri\",\"sat\"]},"
            "\"supervised\":\"collection_days\"}",
            scene.patient, service)
            .bytes,
        scene.rx);
    return scene;
}

static struct text path_of(const struct scene *scene, const char *action) {
    return text_of("/prescriptions/%s/%s", scene->rx, action);
}

static int start(void **state) {
    (void)state;
    api = api_start(NULL);
    pharmacist = api_sign_in(api, "a.khan");
    technician = api_sign_in(api, "p.nowak");
    counter = api_sign_in(api, "c.evans");
    manager = api_sign_in(api, "m.hughes");
    make(&manager, "/services", "{\"name\":\"Sample service\",\"kind\":\"drug_service\"}", service);
    return 0;
}

static int stop(void **state) {
    (void)state;
    api_stop(&api);
    return 0;
}

/* ---- consultations ---- */

static void consultation_is_recorded(void **state) {
    struct scene scene = scene_new("Robin Ash");
    struct text path = path_of(&scene, "consultations");
    (void)state;
    make(&pharmacist, path.bytes,
         "{\"with\":\"Dr A. "
         "Sample\",\"role\":\"prescriber\",\"channel\":\"telephone\",\"outcome\":\"continue\"}",
         NULL);
    make(&pharmacist, path.bytes,
         "{\"with\":\"Dr B. "
         "Sample\",\"role\":\"deputy\",\"outcome\":\"allow_once\",\"for_day\":\"2026-11-24\","
         "\"covers\":[\"2026-11-24\",\"2026-11-25\"]}",
         NULL);
    assert_true(decides(&scene, "2026-11-24", "exception_agreed"));
    refused(&technician, path.bytes, "{}", 403, "role");
    refused(&manager, path.bytes, "{\"with\":\"Dr\",\"role\":\"deputy\",\"outcome\":\"continue\"}", 403,
            "role");
    wrong(&pharmacist, path.bytes, "{\"role\":\"deputy\",\"outcome\":\"continue\"}", "with");
    wrong(&pharmacist, path.bytes,
          "{\"with\":\"Dr\",\"role\":\"deputy\",\"outcome\":\"continue\",\"colour\":1}", "colour");
    wrong(&pharmacist, path.bytes,
          "{\"with\":\"Dr\",\"role\":\"deputy\",\"outcome\":\"continue\",\"on\":\"2026-11-24\"}", "on");
    wrong(&pharmacist, path.bytes, "{\"with\":\"Dr\",\"role\":\"deputy\",\"outcome\":\"allow_once\"}",
          "for_day");
    refused(&pharmacist, "/prescriptions/none/consultations",
            "{\"with\":\"Dr\",\"role\":\"deputy\",\"outcome\":\"continue\"}", 404, "not_found");
    assert_int_equal(listed(path.bytes), 2);
    assert_int_equal(listed(text_of("%s?limit=1&after=1", path.bytes).bytes), 1);
}

static void keyworker_is_noted(void **state) {
    struct scene scene = scene_new("Sascha Birch");
    struct text path = path_of(&scene, "consultations");
    (void)state;
    struct api_answer answer =
        post(&pharmacist, path.bytes, "{\"with\":\"K. Worker\",\"role\":\"keyworker\",\"outcome\":\"stop\"}");
    api_expect(api, &answer, 201);
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(answer.body, "counts")));
    api_done(&answer);
    assert_false(decides(&scene, "2026-11-23", "not_active"));
    make(&pharmacist, path.bytes, "{\"with\":\"Dr\",\"role\":\"prescriber\",\"outcome\":\"stop\"}", NULL);
    assert_true(decides(&scene, "2026-11-23", "not_active"));
}

/* ---- stopped, put on hold, released ---- */

static void hold_and_stop(void **state) {
    struct scene scene = scene_new("Toni Cedar");
    struct text hold = path_of(&scene, "hold");
    struct text release = path_of(&scene, "release");
    struct text end = path_of(&scene, "stop");
    (void)state;
    refused(&counter, hold.bytes, "{\"reason\":\"asked to\"}", 403, "role");
    refused(&pharmacist, release.bytes, "{\"reason\":\"asked to\"}", 409, "not_on_hold");
    make(&pharmacist, hold.bytes, "{\"reason\":\"asked to\"}", NULL);
    assert_true(decides(&scene, "2026-11-23", "manual_hold"));
    refused(&pharmacist, hold.bytes, "{\"reason\":\"asked to\"}", 409, "already_on_hold");
    make(&pharmacist, release.bytes, "{\"reason\":\"asked to\",\"on\":\"2026-11-23\"}", NULL);
    assert_false(decides(&scene, "2026-11-23", "manual_hold"));
    wrong(&pharmacist, end.bytes, "{\"from\":\"2026-11-25\"}", "reason");
    wrong(&pharmacist, end.bytes, "{\"reason\":\"asked to\",\"from\":\"2026-11-20\"}", "from");
    make(&pharmacist, end.bytes, "{\"reason\":\"asked to\",\"from\":\"2026-11-25\"}", NULL);
    assert_false(decides(&scene, "2026-11-24", "not_active"));
    assert_true(decides(&scene, "2026-11-25", "not_active"));
    refused(&pharmacist, end.bytes, "{\"reason\":\"asked to\",\"from\":\"2026-11-26\"}", 409,
            "already_stopped");
    assert_int_equal(listed(path_of(&scene, "changes").bytes), 3);
}

/* ---- outcomes ---- */

static struct text outcome_of(const struct scene *scene, const char *outcome) {
    return text_of("{\"prescription\":\"%s\",\"on\":\"2026-11-23\",\"outcome\":\"%s\"}", scene->rx, outcome);
}

static void outcomes_in_place(void **state) {
    struct scene scene = scene_new("Uli Dogwood");
    (void)state;
    refused(&counter, "/outcomes", outcome_of(&scene, "withheld").bytes, 403, "role");
    refused(&counter, "/outcomes", outcome_of(&scene, "left").bytes, 409, "not_supplied");
    refused(
        &counter, "/outcomes",
        text_of("{\"prescription\":\"%s\",\"on\":\"2026-11-22\",\"outcome\":\"declined\"}", scene.rx).bytes,
        409, "not_today");
    make(&pharmacist, "/outcomes", outcome_of(&scene, "deferred").bytes, NULL);
    refused(&pharmacist, "/outcomes", outcome_of(&scene, "deferred").bytes, 409, "already_recorded");
    assert_true(decides(&scene, "2026-11-23", "withheld_today"));
    struct api_answer answer = post(
        &counter, "/outcomes",
        text_of("{\"prescription\":\"%s\",\"outcome\":\"attended_not_supplied\",\"reason\":\"no_stock\"}",
                scene.rx)
            .bytes);
    api_expect(api, &answer, 201);
    assert_string_equal(api_text(api, &answer, "collect"), "2026-11-23");
    const cJSON *reasons = cJSON_GetObjectItem(answer.body, "reasons");
    assert_string_equal(cJSON_GetStringValue(cJSON_GetArrayItem(reasons, 0)), "no_stock");
    api_done(&answer);
    assert_int_equal(listed(text_of("/outcomes?patient=%s", scene.patient).bytes), 2);
    assert_int_equal(listed(text_of("/outcomes?prescription=%s", scene.rx).bytes), 2);
    answer = api_get(api, &counter, "/outcomes");
    api_expect_problem(api, &answer, 422, "invalid");
    api_done(&answer);
}

static void same_key_same_answer(void **state) {
    struct scene scene = scene_new("Vanja Elder");
    struct text path = text_of("/instalments/%s.2026-11-24/prepare", scene.rx);
    char replayed[8] = "";
    (void)state;
    struct api_answer first = api_post(api, &technician, path.bytes, "{\"containers\":2}", "bag-1");
    api_expect(api, &first, 201);
    make(&technician, text_of("/instalments/%s.2026-11-24/unprepare", scene.rx).bytes, "{}", NULL);
    struct api_answer again = api_post(api, &technician, path.bytes, "{\"containers\":2}", "bag-1");
    api_expect(api, &again, 201);
    assert_string_equal(again.text, first.text);
    assert_true(api_header(&again, "Idempotent-Replay", replayed, sizeof replayed));
    api_done(&first);
    api_done(&again);
    struct api_answer other = api_post(api, &technician, path.bytes, "{\"containers\":3}", "bag-1");
    api_expect_problem(api, &other, 422, "idempotency_key_reused");
    api_done(&other);
    other = api_post(api, &technician, path.bytes, "{\"containers\":3}", NULL);
    api_expect_problem(api, &other, 400, "idempotency_key_missing");
    api_done(&other);
}

/* ---- elsewhere ---- */

static void elsewhere_is_compared(void **state) {
    struct scene scene = scene_new("Wren Fir");
    (void)state;
    struct api_answer answer =
        post(&pharmacist, "/dosed-elsewhere",
             text_of("{\"patient\":\"%s\",\"class\":\"opioid\",\"from\":\"2026-11-23\",\"to\":\"2026-11-23\","
                     "\"product\":\"methadone-1mg-ml-sf\",\"dose\":\"60\",\"where\":\"Sample Hospital\","
                     "\"confirmed_by\":\"Ward sister\",\"channel\":\"telephone\"}",
                     scene.patient)
                 .bytes);
    api_expect(api, &answer, 201);
    assert_true(cJSON_IsFalse(cJSON_GetObjectItem(answer.body, "unlike")));
    api_done(&answer);
    assert_true(decides(&scene, "2026-11-23", "duplicate_day"));
    answer = post(&pharmacist, "/dosed-elsewhere",
                  text_of("{\"patient\":\"%s\",\"class\":\"opioid\",\"from\":\"2026-11-23\","
                          "\"where\":\"HMP Sample\",\"confirmed_by\":\"Healthcare\"}",
                          scene.patient)
                      .bytes);
    api_expect(api, &answer, 201);
    assert_true(cJSON_IsTrue(cJSON_GetObjectItem(answer.body, "unlike")));
    api_done(&answer);
    wrong(&pharmacist, "/dosed-elsewhere",
          text_of("{\"patient\":\"%s\",\"class\":\"opioid\",\"from\":\"2026-11-23\",\"to\":\"2026-11-22\","
                  "\"confirmed_by\":\"Healthcare\"}",
                  scene.patient)
              .bytes,
          "to");
    refused(&technician, "/dosed-elsewhere", "{}", 403, "role");
    assert_int_equal(listed(text_of("/dosed-elsewhere?patient=%s", scene.patient).bytes), 2);
}

/* ---- concerns ---- */

static void concern_withholds(void **state) {
    struct scene scene = scene_new("Xen Gorse");
    char id[ID_SIZE];
    (void)state;
    struct text body =
        text_of("{\"patient\":\"%s\",\"prescription\":\"%s\",\"kind\":\"possible_intoxication\","
                "\"signs\":[\"drowsy\",\"slurred_speech\"],\"note\":\"leaning on the counter\","
                "\"decision\":\"withheld\",\"prescriber_contacted\":{\"with\":\"Dr A. Sample\"}}",
                scene.patient, scene.rx);
    refused(&counter, "/concerns", body.bytes, 403, "role");
    make(&pharmacist, "/concerns", body.bytes, id);
    assert_true(decides(&scene, "2026-11-23", "withheld_today"));
    struct api_answer answer = api_get(api, &counter, text_of("/concerns/%s", id).bytes);
    api_expect(api, &answer, 200);
    assert_string_equal(api_text(api, &answer, "prescriber_contacted.with"), "Dr A. Sample");
    api_done(&answer);
    make(&counter, "/concerns",
         text_of("{\"patient\":\"%s\",\"kind\":\"welfare\",\"note\":\"no coat\"}", scene.patient).bytes,
         NULL);
    wrong(&counter, "/concerns",
          text_of("{\"patient\":\"%s\",\"kind\":\"welfare\",\"signs\":[\"looks_bad\"]}", scene.patient).bytes,
          "signs");
    wrong(&counter, "/concerns",
          text_of("{\"patient\":\"%s\",\"kind\":\"possible_intoxication\",\"signs\":[\"drowsy\"]}",
                  scene.patient)
              .bytes,
          "decision");
    assert_int_equal(listed(text_of("/concerns?patient=%s", scene.patient).bytes), 2);
    assert_true(listed("/concerns/signs") >= 8);
}

/* ---- bagged in advance; the history of a prescription ---- */

static void bagged(void **state) {
    struct scene scene = scene_new("Yael Hazel");
    struct text prepare = text_of("/instalments/%s.2026-11-24/prepare", scene.rx);
    struct text unprepare = text_of("/instalments/%s.2026-11-24/unprepare", scene.rx);
    (void)state;
    refused(&counter, prepare.bytes, "{}", 403, "role");
    refused(&technician, unprepare.bytes, "{}", 409, "not_prepared");
    wrong(&technician, prepare.bytes, "{\"containers\":0}", "containers");
    wrong(&technician, prepare.bytes, "{\"expiry\":\"2026-11-20\"}", "expiry");
    make(&technician, prepare.bytes, "{\"containers\":1,\"batch\":\"B1\",\"expiry\":\"2027-05-31\"}", NULL);
    refused(&technician, prepare.bytes, "{}", 409, "already_prepared");
    make(&technician, unprepare.bytes, "{}", NULL);
    refused(&technician, text_of("/instalments/%s.2026-11-29/prepare", scene.rx).bytes, "{}", 404,
            "not_found");
}

static void shown_with_the_prescription(void **state) {
    struct scene scene = scene_new("Zoe Ivy");
    (void)state;
    make(&pharmacist, path_of(&scene, "hold").bytes, "{\"reason\":\"asked to\"}", NULL);
    make(&counter, "/outcomes", outcome_of(&scene, "declined").bytes, NULL);
    struct api_answer answer = api_get(api, &counter, text_of("/prescriptions/%s", scene.rx).bytes);
    api_expect(api, &answer, 200);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(answer.body, "changes")), 1);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(answer.body, "outcomes")), 1);
    assert_true(cJSON_IsArray(cJSON_GetObjectItem(answer.body, "consultations")));
    api_done(&answer);
}

/* ---- over the cut-off: the clock is moved, so this comes last ---- */

static void after_the_cut_off(void **state) {
    struct scene scene = scene_new("Alex Juniper");
    (void)state;
    struct api_answer moved = api_post(api, &manager, "/demo/clock", "{\"advance_to\":\"cut_off\"}", NULL);
    api_expect(api, &moved, 200);
    api_done(&moved);
    make(&counter, "/outcomes", outcome_of(&scene, "declined").bytes, NULL);
    struct api_answer answer = api_get(api, &counter, text_of("/outcomes?prescription=%s", scene.rx).bytes);
    api_expect(api, &answer, 200);
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
