/* People and the pharmacy's days, through the real daemon over TLS. Everybody here is made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/api.h"

#define SECRET "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define ENDPOINT "\"endpoint\":{\"url\":\"https://127.0.0.1:1/x\",\"secret\":\"" SECRET "\"}"

static struct api *api;
static struct api_person manager;
static struct api_person pharmacist;
static struct api_person counter;
static struct api_person inspector;

static int set_up(void **state) {
    (void)state;
    api = api_start(NULL);
    for (size_t i = 0; i < api->staff_count; i++) {
        const struct api_login *one = &api->staff[i];
        if (strcmp(one->role, "manager") == 0)
            manager = api_sign_in(api, one->staff);
        else if (strcmp(one->role, "pharmacist") == 0)
            pharmacist = api_sign_in(api, one->staff);
        else if (strcmp(one->role, "counter") == 0)
            counter = api_sign_in(api, one->staff);
        else if (strcmp(one->role, "inspector") == 0)
            inspector = api_sign_in(api, one->staff);
    }
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    api_stop(&api);
    return 0;
}

/* ---- short forms ---- */

/* An object that is not closed yet, closed with a second person in it. */
static const char *with_second(const char *before, const struct api_person *second) {
    static char body[2048];
    snprintf(body, sizeof body, "%s,\"second\":{\"staff\":\"%s\",\"pin\":\"%s\"}}", before, second->staff,
             api_pin(api, second->staff));
    return body;
}

static struct api_answer post(const struct api_person *who, const char *path, const char *body) {
    static int number;
    char key[40];
    snprintf(key, sizeof key, "people-%d", ++number);
    return api_post_twice(api, who, path, body, key);
}

static void post_refused(const struct api_person *who, const char *path, const char *body, int status,
                         const char *code) {
    struct api_answer answer = post(who, path, body);
    api_expect_problem(api, &answer, status, code);
    api_done(&answer);
}

static void patch_refused(const struct api_person *who, const char *path, const char *body, int status,
                          const char *code) {
    struct api_answer answer = api_patch(api, who, path, body);
    api_expect_problem(api, &answer, status, code);
    api_done(&answer);
}

static void get_refused(const struct api_person *who, const char *path, int status) {
    struct api_answer answer = api_get(api, who, path);
    api_expect(api, &answer, status);
    api_done(&answer);
}

static struct api_answer post_made(const struct api_person *who, const char *path, const char *body,
                                   int status) {
    struct api_answer answer = post(who, path, body);
    api_expect(api, &answer, status);
    return answer;
}

static struct api_answer get(const struct api_person *who, const char *path) {
    struct api_answer answer = api_get(api, who, path);
    api_expect(api, &answer, 200);
    return answer;
}

static struct api_answer patch(const struct api_person *who, const char *path, const char *body) {
    struct api_answer answer = api_patch(api, who, path, body);
    api_expect(api, &answer, 200);
    return answer;
}

static const cJSON *member(const struct api_answer *answer, const char *name) {
    return cJSON_GetObjectItemCaseSensitive(answer->body, name);
}

static bool has_field(const struct api_answer *answer, const char *field) {
    const cJSON *fields = member(answer, "fields");
    for (const cJSON *one = fields == NULL ? NULL : fields->child; one != NULL; one = one->next) {
        if (strcmp(cJSON_GetObjectItemCaseSensitive(one, "field")->valuestring, field) == 0)
            return true;
    }
    return false;
}

static void keep_id(const struct api_answer *answer, char out[64]) {
    snprintf(out, 64, "%s", api_text(api, answer, "id"));
}

/* A path that ends with an id. */
static const char *path_of(const char *before, const char *id) {
    static char path[200];
    snprintf(path, sizeof path, "%s%s", before, id);
    return path;
}

/* ---- patients ---- */

#define ADA                                                                                                 \
    "{\"name\":\"Ada Q. Lovelace\",\"preferred_name\":\"Countess\",\"born_on\":\"1980-05-23\","             \
    "\"identifier\":{\"system\":\"nhs\",\"value\":\"999 000 0018\"},\"address\":\"No fixed abode\","        \
    "\"notes\":null,\"representatives\":[{\"name\":\"Zo\xC3\xAB Friend\",\"valid_until\":\"2026-12-24\"}]," \
    "\"language\":\"en\",\"first_miss_urgent\":true}"

static char ada[64];
static char twice[64];

static void patient_entered(void **state) {
    (void)state;
    struct api_answer answer = api_post(api, &counter, "/patients", ADA, "ada");
    api_expect(api, &answer, 201);
    keep_id(&answer, ada);
    assert_string_equal(api_text(api, &answer, "identifier.value"), "9990000018");
    assert_string_equal(api_text(api, &answer, "status"), "attending");
    assert_int_equal(cJSON_GetArraySize(member(&answer, "look_alikes")), 0);
    struct api_answer again = api_post(api, &counter, "/patients", ADA, "ada");
    api_expect(api, &again, 201);
    assert_string_equal(again.text, answer.text);
    api_done(&again);
    api_done(&answer);
    answer = api_post(api, &counter, "/patients", ADA, NULL);
    api_expect_problem(api, &answer, 400, "idempotency_key_missing");
    api_done(&answer);
    answer = post(&counter, "/patients", ADA);
    api_expect_problem(api, &answer, 409, "identifier_known");
    assert_string_equal(api_text(api, &answer, "patient"), ada);
    api_done(&answer);
}

static void patient_refused(void **state) {
    (void)state;
    struct api_answer answer =
        post(&counter, "/patients",
             "{\"name\":7,\"born_on\":\"1980-02-30\",\"identifier\":{\"system\":\"nhs\",\"number\":\"1\"},"
             "\"colour\":\"red\",\"representatives\":[{}],\"language\":\"\\u0007\"}");
    api_expect_problem(api, &answer, 422, "invalid");
    static const char *const fields[] = {
        "name",    "born_on", "identifier.number", "identifier.value", "colour", "representatives.name",
        "language"};
    for (size_t i = 0; i < sizeof fields / sizeof fields[0]; i++) {
        if (!has_field(&answer, fields[i]))
            api_fail(api, "%s is not named in %s", fields[i], answer.text);
    }
    api_done(&answer);
    answer = post(&counter, "/patients",
                  "{\"name\":\"Bo Sample\",\"born_on\":\"1990-01-01\",\"address\":\"P.O. Box 7, Leeds\","
                  "\"identifier\":{\"system\":\"chi\",\"value\":\"9990000018\"},"
                  "\"sharing\":{\"service\":\"sv-none\",\"agreed_on\":\"2026-11-24\"}}");
    api_expect_problem(api, &answer, 422, "invalid");
    assert_true(has_field(&answer, "address") && has_field(&answer, "identifier.value"));
    assert_true(has_field(&answer, "sharing.service") && has_field(&answer, "sharing.agreed_on"));
    api_done(&answer);
    post_refused(&inspector, "/patients", ADA, 403, "role");
    get_refused(&inspector, "/patients", 403);
    get_refused(&counter, "/patients/pt-none", 404);
    get_refused(&counter, "/patients?limit=501", 422);
}

static void patient_changed(void **state) {
    (void)state;
    char path[100];
    snprintf(path, sizeof path, "/patients/%s", ada);
    struct api_answer answer = patch(
        &counter, path, "{\"notes\":\"Prefers mornings\",\"preferred_name\":\"\",\"representatives\":[]}");
    assert_string_equal(api_text(api, &answer, "notes"), "Prefers mornings");
    assert_true(cJSON_IsNull(member(&answer, "preferred_name")));
    assert_int_equal(cJSON_GetArraySize(member(&answer, "representatives")), 0);
    assert_string_equal(api_text(api, &answer, "identifier.value"), "9990000018");
    api_done(&answer);
    answer = api_request(api, &counter, "PATCH", path, "{\"notes\":\"x\"}", NULL);
    api_expect(api, &answer, 412);
    api_done(&answer);
    static const char *const old[] = {"If-Match: \"0\"", NULL};
    answer = api_request(api, &counter, "PATCH", path, "{\"notes\":\"x\"}", old);
    api_expect(api, &answer, 412);
    api_done(&answer);
    patch_refused(&counter, path, "{\"name\":\"\"}", 422, "invalid");
    patch_refused(&counter, path, "{\"id\":\"pt-2\"}", 422, "invalid");
}

static size_t found(const char *q) {
    char body[200];
    snprintf(body, sizeof body, "{\"q\":\"%s\"}", q);
    struct api_answer answer = api_post(api, &counter, "/patients/search", body, NULL);
    api_expect(api, &answer, 200);
    size_t count = (size_t)cJSON_GetArraySize(member(&answer, "items"));
    api_done(&answer);
    return count;
}

static void patients_found(void **state) {
    (void)state;
    struct api_answer answer =
        post_made(&counter, "/patients", "{\"name\":\"Lovelace, Aida\",\"born_on\":\"1980-05-23\"}", 201);
    keep_id(&answer, twice);
    assert_string_equal(cJSON_GetArrayItem(member(&answer, "look_alikes"), 0)->valuestring, ada);
    api_done(&answer);
    assert_int_equal(found("lovelace"), 2);
    assert_int_equal(found("ADA love"), 1);
    assert_int_equal(found("999-000-0018"), 1);
    assert_int_equal(found("999 000 0018"), 1);
    assert_int_equal(found("23/5/80"), 2);
    assert_int_equal(found("1980-05-23"), 2);
    assert_int_equal(found("nobody"), 0);
    post_refused(&counter, "/patients/search", "{\"q\":\" \"}", 422, "invalid");
    answer = get(&counter, "/patients?limit=1");
    struct api_answer rest = get(&counter, path_of("/patients?after=", api_text(api, &answer, "next")));
    assert_int_equal(cJSON_GetArraySize(member(&rest, "items")), 1);
    assert_true(cJSON_IsNull(member(&rest, "next")));
    api_done(&rest);
    api_done(&answer);
}

static void status_and_merge(void **state) {
    (void)state;
    char path[100];
    snprintf(path, sizeof path, "/patients/%s/status", twice);
    struct api_answer answer = post_made(
        &counter, path, "{\"status\":\"away\",\"to\":\"2026-11-30\",\"source\":\"the hospital rang\"}", 201);
    assert_string_equal(api_text(api, &answer, "status"), "away");
    assert_string_equal(api_text(api, &answer, "status_from"), "2026-11-23");
    api_done(&answer);
    post_refused(&counter, path, "{\"status\":\"gone\",\"source\":\"x\"}", 422, "invalid");
    post_refused(&counter, path, "{\"status\":\"deceased\",\"from\":\"2026-11-24\",\"source\":\"x\"}", 422,
                 "invalid");
    char into[100];
    snprintf(into, sizeof into, "{\"into\":\"%s\"", ada);
    snprintf(path, sizeof path, "/patients/%s/merge", twice);
    post_refused(&counter, path, with_second(into, &pharmacist), 403, "role");
    post_refused(&manager, path, with_second(into, &manager), 403, "second_person_required");
    post_refused(&manager, path, with_second(into, &counter), 403, "second_person_required");
    answer = post_made(&manager, path, with_second(into, &pharmacist), 200);
    assert_string_equal(api_text(api, &answer, "id"), ada);
    api_done(&answer);
    post_refused(&manager, path, with_second(into, &pharmacist), 409, "patient_merged");
    answer = get(&counter, path_of("/patients/", twice));
    assert_string_equal(api_text(api, &answer, "merged_into"), ada);
    api_done(&answer);
    assert_int_equal(found("lovelace"), 1);
}

/* ---- services ---- */

static void services(void **state) {
    (void)state;
    post_refused(&counter, "/services", "{\"name\":\"X\",\"kind\":\"other\"}", 403, "role");
    struct api_answer answer =
        post_made(&manager, "/services",
                  "{\"name\":\"River Street Drug Service\",\"kind\":\"drug_service\","
                  "\"telephone\":\"0113 496 0000\",\"alert_policy\":{\"urgent_accept_minutes\":5},"
                  "\"contacts\":[{\"name\":\"Duty worker\",\"telephone\":\"0113 496 0001\"}]}",
                  201);
    char path[100];
    snprintf(path, sizeof path, "/services/%s", api_text(api, &answer, "id"));
    assert_int_equal(cJSON_GetArraySize(member(&answer, "contacts")), 1);
    api_done(&answer);
    patch_refused(&manager, path, "{" ENDPOINT "}", 403, "second_person_required");
    answer = patch(&manager, path, with_second("{" ENDPOINT, &pharmacist));
    assert_null(strstr(answer.text, SECRET));
    assert_true(cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(member(&answer, "endpoint"), "secret_set")));
    api_done(&answer);
    answer = patch(&manager, path, "{\"hours\":\"Mon to Thu\"}");
    assert_string_equal(api_text(api, &answer, "endpoint.url"), "https://127.0.0.1:1/x");
    api_done(&answer);
    patch_refused(&manager, path, "{\"endpoint\":{\"identify_patients\":true}}", 403,
                  "second_person_required");
    patch_refused(&manager, path, "{\"endpoint\":{}}", 403, "second_person_required");
    post_refused(&manager, "/services", "{\"name\":\"Y\",\"kind\":\"hospital\"," ENDPOINT "}", 403,
                 "second_person_required");
    post_refused(&manager, "/services", "{\"name\":\"Y\",\"kind\":\"hospital\",\"secret\":\"x\"}", 422,
                 "invalid");
    answer = get(&counter, "/services");
    assert_int_equal(cJSON_GetArraySize(member(&answer, "items")), 1);
    assert_null(strstr(answer.text, SECRET));
    api_done(&answer);
}

/* ---- staff ---- */

#define OKORO                                                                                          \
    "{\"id\":\"n.okoro\",\"name\":\"Nia Okoro\",\"role\":\"technician\",\"registration\":\"5012345\"," \
    "\"pin\":\"4821\""

static int sign_in(const char *pin, char token[64]) {
    char body[100];
    snprintf(body, sizeof body, "{\"staff\":\"n.okoro\",\"pin\":\"%s\"}", pin);
    struct api_answer answer = api_post(api, NULL, "/session", body, NULL);
    int status = answer.status;
    if (status == 201)
        snprintf(token, 64, "%s", api_text(api, &answer, "token"));
    api_done(&answer);
    return status;
}

static void staff(void **state) {
    (void)state;
    struct api_person okoro = {.staff = "n.okoro"};
    post_refused(&counter, "/staff", OKORO "}", 403, "role");
    post_refused(&manager, "/staff", OKORO "}", 403, "second_person_required");
    post_refused(
        &manager, "/staff",
        with_second("{\"id\":\"x y\",\"name\":\"X\",\"role\":\"pharmacist\",\"pin\":\"1111\"", &pharmacist),
        422, "invalid");
    struct api_answer answer = post_made(&manager, "/staff", with_second(OKORO, &pharmacist), 201);
    assert_null(member(&answer, "pin"));
    assert_null(strstr(answer.text, "argon2"));
    api_done(&answer);
    post_refused(&manager, "/staff", with_second(OKORO, &pharmacist), 409, "staff_known");
    assert_int_equal(sign_in("4821", okoro.token), 201);
    answer = patch(&manager, "/staff/n.okoro", "{\"pin\":\"7395\"}");
    api_done(&answer);
    get_refused(&okoro, "/products", 401); /* the old PIN's session has ended */
    assert_int_equal(sign_in("4821", okoro.token), 401);
    assert_int_equal(sign_in("7395", okoro.token), 201);
    patch_refused(&manager, "/staff/n.okoro", "{\"role\":\"pharmacist\",\"registration\":\"2012345\"}", 403,
                  "second_person_required");
    answer = patch(&manager, "/staff/n.okoro",
                   with_second("{\"role\":\"pharmacist\",\"registration\":\"2012345\"", &pharmacist));
    assert_string_equal(api_text(api, &answer, "role"), "pharmacist");
    api_done(&answer);
    answer = patch(&manager, "/staff/n.okoro", "{\"active\":false}");
    api_done(&answer);
    assert_int_equal(sign_in("7395", okoro.token), 401); /* a leaver */
    char self[100];
    snprintf(self, sizeof self, "/staff/%s", manager.staff);
    patch_refused(&manager, self, "{\"active\":false}", 409, "last_manager");
}

/* ---- the responsible pharmacist ---- */

static const char *act(const char *action, const char *pin) {
    static char body[100];
    snprintf(body, sizeof body, "{\"action\":\"%s\",\"pin\":\"%s\"}", action, pin);
    return body;
}

static void responsible(void **state) {
    (void)state;
    static const char path[] = "/responsible-pharmacist";
    const char *pin = api_pin(api, pharmacist.staff);
    struct api_answer answer = get(&counter, path);
    bool mine = strcmp(api_text(api, &answer, "responsible_pharmacist.staff"), pharmacist.staff) == 0;
    api_done(&answer);
    if (!mine) {
        answer = post_made(&pharmacist, path, act("sign_on", pin), 201);
        api_done(&answer);
    }
    post_refused(&counter, path, act("sign_on", api_pin(api, counter.staff)), 403, "role");
    post_refused(&manager, path, act("sign_on", api_pin(api, manager.staff)), 403, "not_a_pharmacist");
    post_refused(&pharmacist, path, act("sign_on", pin), 409, "already_signed_on");
    post_refused(&pharmacist, path, act("sign_off", "0000"), 403, "pin_wrong");
    post_refused(&pharmacist, path, act("dance", pin), 422, "invalid");
    answer = post_made(&pharmacist, path, act("absent_from", pin), 201);
    api_text(api, &answer, "responsible_pharmacist.absent_since");
    api_done(&answer);
    post_refused(&pharmacist, path, act("absent_from", pin), 409, "already_absent");
    answer = post_made(&pharmacist, path, act("sign_off", pin), 201);
    assert_true(cJSON_IsNull(member(&answer, "responsible_pharmacist")));
    api_done(&answer);
    post_refused(&pharmacist, path, act("sign_off", pin), 409, "not_signed_on");
    answer = post_made(&pharmacist, path, act("sign_on", pin), 201);
    api_done(&answer);
}

/* ---- the calendar, the catalogue, the audit ---- */

static const cJSON *day_in(const struct api_answer *answer, const char *list, const char *day) {
    for (const cJSON *one = member(answer, list)->child; one != NULL; one = one->next) {
        if (strcmp(cJSON_GetObjectItemCaseSensitive(one, "day")->valuestring, day) == 0)
            return one;
    }
    return NULL;
}

static bool is_true(const cJSON *object, const char *name) {
    return object != NULL && cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(object, name));
}

static void calendar(void **state) {
    (void)state;
    struct api_answer answer = get(&counter, "/calendar?from=2026-12-24&to=2026-12-27");
    assert_true(is_true(day_in(&answer, "bank_holidays", "2026-12-25"), "confirmed"));
    assert_true(is_true(day_in(&answer, "days", "2026-12-24"), "open"));
    assert_false(is_true(day_in(&answer, "days", "2026-12-25"), "open"));
    assert_string_equal(api_text(api, &answer, "nation"), "england");
    api_done(&answer);
    post_refused(&counter, "/calendar", "{\"closure\":{\"day\":\"2026-12-10\",\"reason\":\"x\"}}", 403,
                 "role");
    answer = post_made(&manager, "/calendar",
                       "{\"hours\":{\"sat\":[]},\"closure\":{\"day\":\"2026-12-10\",\"reason\":\"Training\"},"
                       "\"opened\":{\"day\":\"2026-12-13\",\"opens\":\"10:00\",\"closes\":\"12:00\"},"
                       "\"bank_holiday\":{\"day\":\"2026-12-28\",\"confirmed\":false},"
                       "\"policy\":{\"hold_after_missed_days\":2}}",
                       201);
    assert_false(is_true(day_in(&answer, "days", "2026-12-10"), "open"));
    assert_false(is_true(day_in(&answer, "days", "2026-12-12"), "open"));
    assert_true(is_true(day_in(&answer, "days", "2026-12-13"), "open"));
    assert_true(is_true(day_in(&answer, "days", "2026-12-28"), "open"));
    assert_int_equal(
        cJSON_GetObjectItemCaseSensitive(member(&answer, "policy"), "hold_after_missed_days")->valueint, 2);
    api_done(&answer);
    static const char *const bad[] = {
        "{}",
        "{\"closure\":{\"day\":\"2026-11-23\",\"reason\":\"today\"}}",
        "{\"closure\":{\"day\":\"2026-12-11\"}}",
        "{\"hours\":{\"mon\":[\"9\",\"18:00\"]}}",
        "{\"hours\":{\"mon\":[\"18:00\",\"09:00\"]}}",
        "{\"hours\":{\"monday\":[]}}",
        "{\"bank_holiday\":{\"day\":\"2026-12-24\",\"confirmed\":true}}",
        "{\"policy\":{\"hold_after_missed_days\":0}}",
        "{\"policy\":{\"lights\":1}}",
        "{\"nation\":\"cornwall\"}",
    };
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        post_refused(&manager, "/calendar", bad[i], 422, "invalid");
    get_refused(&counter, "/calendar?from=2026-12-10&to=2029-12-10", 422);
    get_refused(&counter, "/calendar?from=soon", 422);
}

static void products(void **state) {
    (void)state;
    struct api_answer answer = get(&counter, "/products?limit=500");
    bool found_it = false;
    for (const cJSON *one = member(&answer, "items")->child; one != NULL; one = one->next) {
        const char *code = cJSON_GetObjectItemCaseSensitive(one, "code")->valuestring;
        found_it = found_it || strcmp(code, "methadone-1mg-ml-sf") == 0;
    }
    assert_true(found_it);
    api_done(&answer);
    answer = get(&inspector, "/products?limit=1");
    assert_int_equal(cJSON_GetArraySize(member(&answer, "items")), 1);
    api_text(api, &answer, "next");
    api_done(&answer);
}

static void audit(void **state) {
    (void)state;
    get_refused(&counter, "/audit", 403);
    get_refused(&inspector, "/audit?from=yesterday", 422);
    struct api_answer answer = get(&inspector, path_of("/audit?limit=500&patient=", ada));
    bool read = false;
    bool entered = false;
    for (const cJSON *one = member(&answer, "items")->child; one != NULL; one = one->next) {
        const char *action = cJSON_GetObjectItemCaseSensitive(one, "action")->valuestring;
        read = read || strcmp(action, "read patient") == 0;
        entered = entered || strcmp(action, "enter patient") == 0;
    }
    assert_true(read && entered);
    assert_null(strstr(answer.text, "Lovelace"));
    api_done(&answer);
    answer = get(&manager, "/audit?limit=2");
    char next[40];
    snprintf(next, sizeof next, "%s", api_text(api, &answer, "next"));
    api_done(&answer);
    answer = get(&manager, path_of("/audit?limit=2&after=", next));
    const cJSON *first = cJSON_GetArrayItem(member(&answer, "items"), 0);
    assert_true(strtol(cJSON_GetObjectItemCaseSensitive(first, "id")->valuestring, NULL, 10) <
                strtol(next, NULL, 10));
    api_done(&answer);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(patient_entered),
        cmocka_unit_test(patient_refused),
        cmocka_unit_test(patient_changed),
        cmocka_unit_test(patients_found),
        cmocka_unit_test(status_and_merge),
        cmocka_unit_test(services),
        cmocka_unit_test(staff),
        cmocka_unit_test(responsible),
        cmocka_unit_test(calendar),
        cmocka_unit_test(products),
        cmocka_unit_test(audit),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
