/* What the page speaks to, through the real program: sessions, what may be done, what is kept of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "peer.h"

static struct peer *peer;
static struct peer_person sam;

static int setup(void **state) {
    (void)state;
    peer = peer_start("service_name = \"Riverside Recovery\"\n");
    sam = peer_sign_in(peer, 0);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    peer_stop(&peer);
    return 0;
}

static void expect(const char *method, const char *path, const char *const *headers, const char *body,
                   int status) {
    struct peer_answer answer =
        peer_request(peer, method, path, headers, body, body == NULL ? 0 : strlen(body));
    peer_expect(peer, &answer, status);
    peer_done(&answer);
}

static void test_files(void **state) {
    (void)state;
    static const char *const paths[] = {"/", "/inbox.css", "/inbox.js", "/words.js", "/icon.svg"};
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct peer_answer answer = peer_get(peer, paths[i], NULL);
        peer_expect(peer, &answer, 200);
        assert_non_null(strstr(answer.head, "default-src 'none'"));
        assert_non_null(strstr(answer.head, "require-trusted-types-for 'script'"));
        assert_non_null(strcasestr(answer.head, "X-Content-Type-Options: nosniff"));
        assert_non_null(strcasestr(answer.head, "Cache-Control: no-store"));
        assert_null(strstr(answer.text, "innerHTML"));
        assert_null(strstr(answer.text, "style=\""));
        peer_done(&answer);
    }
}

static void test_session(void **state) {
    (void)state;
    static const char *const json[] = {"Content-Type: application/json", NULL};
    static const char *const elsewhere[] = {"Content-Type: application/json", "Origin: https://evil.example",
                                            NULL};
    char *body = cJSON_PrintUnformatted(cJSON_GetArrayItem(cJSON_GetObjectItem(peer->ready, "staff"), 1));
    expect("GET", "/api/session", NULL, NULL, 401);
    expect("GET", "/api/alerts", NULL, NULL, 401);
    expect("POST", "/api/session", NULL, body, 400);
    expect("POST", "/api/session", elsewhere, body, 400);
    expect("POST", "/api/session", json, "{\"name\":\"Sam Taylor\"}", 400);
    struct peer_answer answer = peer_request(peer, "POST", "/api/session", json, body, strlen(body));
    peer_expect(peer, &answer, 200);
    const char *cookie = strcasestr(answer.head, "Set-Cookie: __Host-inbox=");
    assert_non_null(cookie);
    assert_non_null(strstr(cookie, "; Path=/; Secure; HttpOnly; SameSite=Strict"));
    assert_string_equal(peer_text(&answer, "service"), "Riverside Recovery");
    peer_done(&answer);
    cJSON_free(body);
    /* Signing out ends it, and only with the page's token. */
    struct peer_person priya = peer_sign_in(peer, 1);
    const char *bare[] = {priya.cookie, NULL};
    const char *whole[] = {priya.cookie, priya.csrf, NULL};
    const char *crossed[] = {priya.cookie, sam.csrf, NULL};
    const char *foreign[] = {priya.cookie, priya.csrf, "Origin: https://evil.example", NULL};
    expect("GET", "/api/session", bare, NULL, 200);
    expect("DELETE", "/api/session", bare, NULL, 403);
    expect("DELETE", "/api/session", crossed, NULL, 403);
    expect("DELETE", "/api/session", foreign, NULL, 403);
    expect("GET", "/api/session", bare, NULL, 200);
    expect("DELETE", "/api/session", whole, NULL, 204);
    expect("GET", "/api/session", bare, NULL, 401);
    assert_true(peer_count(peer, "SELECT count(*) FROM audit WHERE what = 'signed out'") == 1);
}

static void test_act(void **state) {
    (void)state;
    static const struct {
        const char *body;
        int status;
    } rows[] = {
        {"{\"status\":\"requested\",\"note\":\"\",\"seen\":0}", 422},
        {"{\"status\":\"rejected\",\"note\":\" \",\"seen\":0}", 422},
        {"{\"status\":\"accepted\",\"note\":\"a\\u0007b\",\"seen\":0}", 422},
        {"{\"status\":\"accepted\",\"note\":\"\"}", 409},
        {"{\"status\":\"accepted\",\"note\":\"\",\"seen\":1}", 409},
        {"{\"status\":\"accepted\",", 400},
        {"{\"status\":\"accepted\",\"note\":\"\",\"seen\":0}", 201},
        {"{\"status\":\"in-progress\",\"note\":\"\",\"seen\":0}", 409}, /* somebody was quicker */
        {"{\"status\":\"in-progress\",\"note\":\"one\\ntwo\",\"seen\":1}", 201},
        {"{\"status\":\"completed\",\"note\":\"done\",\"seen\":2}", 201},
        {"{\"status\":\"accepted\",\"note\":\"again\",\"seen\":3}", 409},
    };
    char id[PEER_ID], path[PEER_TEXT], status[40];
    peer_send(peer, "supply_on_hold", id);
    snprintf(path, sizeof path, "/api/alerts/%s/actions", id);
    const char *bare[] = {sam.cookie, "Content-Type: application/json", NULL};
    expect("POST", path, bare, rows[6].body, 403);
    expect("POST", path, bare + 1, rows[6].body, 401);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct peer_answer answer = peer_act(peer, &sam, id, rows[i].body);
        peer_expect(peer, &answer, rows[i].status);
        peer_done(&answer);
    }
    peer_poll(peer, id, status, sizeof status);
    assert_string_equal(status, "completed");
    struct peer_answer answer = peer_act(peer, &sam, "019383d0-0000-7000-8000-0000000000aa", rows[6].body);
    peer_expect(peer, &answer, 404);
    peer_done(&answer);
    assert_int_equal(
        peer_count(peer, "SELECT count(*) FROM audit WHERE what = 'completed' AND keyworker = 'Sam Taylor'"),
        1);
}

static void test_rejected(void **state) {
    (void)state;
    char id[PEER_ID], path[PEER_TEXT];
    peer_send(peer, "missed_pickup", id);
    struct peer_answer answer =
        peer_act(peer, &sam, id, "{\"status\":\"rejected\",\"note\":\"Not ours\",\"seen\":0}");
    peer_expect(peer, &answer, 201);
    peer_done(&answer);
    snprintf(path, sizeof path, "/fhir/Task/%s", id);
    answer = peer_get(peer, path, NULL);
    assert_string_equal(peer_text(&answer, "status"), "rejected");
    assert_string_equal(peer_text(&answer, "statusReason.text"), "Not ours");
    peer_done(&answer);
    /* It can still be taken. */
    answer = peer_act(peer, &sam, id, "{\"status\":\"accepted\",\"note\":\"\",\"seen\":1}");
    peer_expect(peer, &answer, 201);
    peer_done(&answer);
    answer = peer_get(peer, path, NULL);
    assert_string_equal(peer_text(&answer, "status"), "accepted");
    assert_string_equal(peer_text(&answer, "statusReason.text"), "");
    peer_done(&answer);
}

static void test_list(void **state) {
    (void)state;
    char id[PEER_ID], correction[PEER_ID], tag[64], have[80];
    peer_send(peer, "missed_pickup", id);
    peer_id(correction);
    char *body = peer_message("correction", correction, id);
    struct peer_answer answer = peer_post(peer, correction, body, "X-Correlation-ID: rx-77");
    peer_expect(peer, &answer, 200);
    peer_done(&answer);
    free(body);
    const char *bare[] = {sam.cookie, NULL};
    answer = peer_get(peer, "/api/alerts", bare);
    peer_expect(peer, &answer, 200);
    const cJSON *one = NULL, *original = NULL, *later = NULL;
    cJSON_ArrayForEach(one, cJSON_GetObjectItem(answer.body, "alerts")) {
        const char *name = cJSON_GetStringValue(cJSON_GetObjectItem(one, "id"));
        original = strcmp(name, id) == 0 ? one : original;
        later = strcmp(name, correction) == 0 ? one : later;
    }
    assert_non_null(original);
    assert_non_null(later);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(original, "corrected_by")), correction);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(later, "corrects")), id);
    assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(later, "correlation")), "rx-77");
    /* Unchanged is told in no bytes. */
    const char *etag = strcasestr(answer.head, "ETag: ");
    assert_non_null(etag);
    snprintf(tag, sizeof tag, "%.*s", (int)strcspn(etag + 6, "\r"), etag + 6);
    snprintf(have, sizeof have, "If-None-Match: %s", tag);
    const char *again[] = {sam.cookie, have, NULL};
    expect("GET", "/api/alerts", again, NULL, 304);
    peer_done(&answer);
    peer_send(peer, "missed_pickup", id);
    expect("GET", "/api/alerts", again, NULL, 200);
    /* Who read what: once a day. */
    assert_int_equal(
        peer_count(peer, "SELECT count(*) - count(DISTINCT message) FROM audit WHERE what = 'read'"), 0);
    assert_true(
        peer_count(peer, "SELECT count(*) FROM audit WHERE what = 'read' AND keyworker = 'Sam Taylor'") >= 3);
}

/* Urgent first, then newest; what is finished comes last. */
static void test_order(void **state) {
    (void)state;
    char ids[4][PEER_ID];
    static const char *const names[] = {"missed_pickup", "supply_on_hold", "missed_pickup",
                                        "possible_intoxication"};
    static const int want[] = {3, 1, 2, 0};
    struct peer *one = peer_start(NULL);
    struct peer_person priya = peer_sign_in(one, 1);
    for (int i = 0; i < 4; i++) {
        peer_send(one, names[i], ids[i]);
    }
    const char *bare[] = {priya.cookie, NULL};
    struct peer_answer answer = peer_get(one, "/api/alerts", bare);
    for (int i = 0; i < 4; i++) {
        const cJSON *alert = cJSON_GetArrayItem(cJSON_GetObjectItem(answer.body, "alerts"), i);
        assert_string_equal(cJSON_GetStringValue(cJSON_GetObjectItem(alert, "id")), ids[want[i]]);
    }
    peer_done(&answer);
    peer_stop(&one);
}

static int guess(struct peer *one, const char *name) {
    static const char *const json[] = {"Content-Type: application/json", NULL};
    char body[PEER_TEXT];
    snprintf(body, sizeof body, "{\"name\":\"%s\",\"password\":\"wrong wrong wrong\"}", name);
    struct peer_answer answer = peer_request(one, "POST", "/api/session", json, body, strlen(body));
    int status = answer.status;
    if (status == 429) {
        assert_non_null(strcasestr(answer.head, "Retry-After: "));
    }
    peer_done(&answer);
    return status;
}

/* Guesses are slowed, also with capital letters and for people who do not exist, and not those who are signed in. */
static void test_guesses(void **state) {
    (void)state;
    struct peer *one = peer_start(NULL);
    struct peer_person priya = peer_sign_in(one, 1);
    int wrong = 0, slowed = 0;
    for (int i = 0; i < 12; i++) {
        int status = guess(one, i % 2 == 0 ? "Sam Taylor" : "SAM TAYLOR");
        wrong += status == 401 ? 1 : 0;
        slowed += status == 429 ? 1 : 0;
    }
    assert_true(wrong >= 4 && slowed >= 4);
    assert_int_equal(wrong + slowed, 12);
    assert_int_equal(guess(one, "Nobody Else"), 429); /* the same address */
    const char *bare[] = {priya.cookie, NULL};
    struct peer_answer answer = peer_get(one, "/api/session", bare);
    peer_expect(one, &answer, 200);
    peer_done(&answer);
    peer_stop(&one);
}

/* A keyworker who leaves is out at once, also where a session is open. */
static void test_leaver(void **state) {
    (void)state;
    char data[PEER_TEXT + 16], out[2048];
    snprintf(data, sizeof data, "%s/data", peer->folder);
    const char *bare[] = {NULL, NULL};
    static const char *const json[] = {"Content-Type: application/json", NULL};
    const char *add[] = {"--add-keyworker", "Jo Marsh", "--data", data, NULL};
    const char *list[] = {"--keyworkers", "--data", data, NULL};
    const char *leave[] = {"--remove-keyworker", "jo marsh", "--data", data, NULL};
    assert_int_equal(peer_run(add, "too short\n", out, sizeof out), 1);
    assert_non_null(strstr(out, "12 to 128"));
    assert_int_equal(peer_run(add, "three calm words\n", out, sizeof out), 0);
    assert_int_equal(peer_run(list, NULL, out, sizeof out), 0);
    assert_string_equal(out, "Jo Marsh\nPriya Nair\nSam Taylor\n");
    static const char body[] = "{\"name\":\"Jo Marsh\",\"password\":\"three calm words\"}";
    struct peer_answer answer = peer_request(peer, "POST", "/api/session", json, body, strlen(body));
    peer_expect(peer, &answer, 200);
    char cookie[128];
    const char *at = strcasestr(answer.head, "Set-Cookie: ") + strlen("Set-Cookie: ");
    snprintf(cookie, sizeof cookie, "Cookie: %.*s", (int)strcspn(at, ";"), at);
    peer_done(&answer);
    bare[0] = cookie;
    expect("GET", "/api/session", bare, NULL, 200);
    assert_int_equal(peer_run(add, "three other words\n", out, sizeof out),
                     0); /* a new password ends it, too */
    expect("GET", "/api/session", bare, NULL, 401);
    assert_int_equal(peer_run(add, "three calm words\n", out, sizeof out), 0);
    answer = peer_request(peer, "POST", "/api/session", json, body, strlen(body));
    peer_expect(peer, &answer, 200);
    at = strcasestr(answer.head, "Set-Cookie: ") + strlen("Set-Cookie: ");
    snprintf(cookie, sizeof cookie, "Cookie: %.*s", (int)strcspn(at, ";"), at);
    peer_done(&answer);
    expect("GET", "/api/session", bare, NULL, 200);
    assert_int_equal(peer_run(leave, NULL, out, sizeof out), 0);
    expect("GET", "/api/session", bare, NULL, 401);
    answer = peer_request(peer, "POST", "/api/session", json, body, strlen(body));
    peer_expect(peer, &answer, 401);
    peer_done(&answer);
    assert_int_equal(peer_run(leave, NULL, out, sizeof out), 1);
}

/* Nothing of a patient, a note or a secret goes into the log. */
static void test_log(void **state) {
    (void)state;
    static const char *const never[] = {"C-4711", "C-0815", "Methadone", "Not ours", "one\ntwo",
                                        "Sam",    "whsec",  "dose",      "FX123"};
    char path[PEER_TEXT + 8];
    char *text = calloc(1, 1 << 20);
    assert_non_null(text);
    snprintf(path, sizeof path, "%s/log", peer->folder);
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    assert_true(fread(text, 1, (1 << 20) - 1, file) > 0);
    fclose(file);
    assert_non_null(strstr(text, "event=received"));
    for (size_t i = 0; i < sizeof never / sizeof never[0]; i++) {
        if (strstr(text, never[i]) != NULL) {
            fail_msg("the log has \"%s\"", never[i]);
        }
    }
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_files),    cmocka_unit_test(test_session), cmocka_unit_test(test_act),
        cmocka_unit_test(test_rejected), cmocka_unit_test(test_list),    cmocka_unit_test(test_order),
        cmocka_unit_test(test_guesses),  cmocka_unit_test(test_leaver),  cmocka_unit_test(test_log),
    };
    return cmocka_run_group_tests_name("page", tests, setup, teardown);
}
