/*
 * Requests as a hostile or broken client sends them (hazards H02, H39, H48), through the real daemon over TLS. With
 * TORTURE=1 in the environment slow connections are 600 for 20 s, otherwise 60 for 5 s.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../support/api.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define HEAD "GET /api/v1/healthz HTTP/1.1\r\nHost: localhost\r\n"
#define POST "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\n"
#define PATIENT "{\"name\":\"Test Person\",\"born_on\":\"1980-02-03\"}"

static struct api *api;
static struct api_person khan;

static int start(void **state) {
    (void)state;
    api = api_start(NULL);
    khan = api_sign_in(api, "a.khan");
    return 0;
}

static int stop(void **state) {
    (void)state;
    api_stop(&api);
    return 0;
}

static void check_headers(const struct api_answer *answer) {
    static const char *const names[] = {"Cache-Control", "X-Content-Type-Options", "Content-Security-Policy",
                                        "Strict-Transport-Security", "Referrer-Policy"};
    char value[128];
    for (size_t i = 0; i < COUNT(names); i++) {
        if (!api_header(answer, names[i], value, sizeof value)) {
            api_fail(api, "no header %s: %s", names[i], answer->head);
        }
    }
}

/* Sends bytes, in two pieces, on a connection of their own. */
static struct api_answer send_bytes(const char *bytes, size_t len) {
    struct api_connection connection = api_connect(api, NULL);
    assert_true(connection.fd >= 0);
    api_send(&connection, bytes, len / 2);
    api_send(&connection, bytes + len / 2, len - len / 2);
    struct api_answer answer = api_receive(&connection, 5);
    api_close(&connection);
    return answer;
}

static void malformed_requests_get_our_own_problem(void **state) {
    (void)state;
    static const struct {
        const char *bytes;
        int status;
    } wrongs[] = {
        {POST "Content-Length: 2\r\nContent-Length: 3\r\n\r\n{}x", 400},
        {POST "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n{}", 400},
        {POST "Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", 411},
        {POST "Content-Length: 99999999\r\n\r\n", 413},
        {HEAD "X-A: a\r\n b\r\n\r\n", 400},
        {"GET /api/v1/healthz HTTP/1.1\nHost: localhost\n\n", 400},
        {"GET /api/v1/healthz HTTP/1.1\r\n\r\n", 400},
        {HEAD "Host: other\r\n\r\n", 400},
        {HEAD "X-Terminal: a\r\nX-Terminal: b\r\n\r\n", 400},
        {HEAD "X-A: \x01\r\n\r\n", 400},
        {"GET /api/v1/healthz%00 HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /api/v1/../healthz HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET //healthz HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET http://a/api/v1/healthz HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"GET /api/v1/healthz?=a HTTP/1.1\r\nHost: a\r\n\r\n", 400},
        {"BREW /api/v1/healthz HTTP/1.1\r\nHost: a\r\n\r\n", 405},
        {HEAD "Content-Length: 2\r\n\r\n{}", 400},
    };
    for (size_t i = 0; i < COUNT(wrongs); i++) {
        struct api_answer answer = send_bytes(wrongs[i].bytes, strlen(wrongs[i].bytes));
        char type[64];
        if (answer.status != wrongs[i].status || !api_header(&answer, "Content-Type", type, sizeof type) ||
            strcmp(type, "application/problem+json") != 0 || answer.body == NULL) {
            api_fail(api, "%s\ngets %d instead of %d: %s", wrongs[i].bytes, answer.status, wrongs[i].status,
                     answer.text);
        }
        check_headers(&answer);
        api_done(&answer);
    }
}

static void a_large_body_is_refused_while_it_comes(void **state) {
    (void)state;
    static char bytes[1200000];
    memset(bytes, ' ', sizeof bytes);
    int len = snprintf(bytes, sizeof bytes, POST "Content-Length: 1100000\r\n\r\n");
    bytes[len] = ' ';
    struct api_answer answer = send_bytes(bytes, (size_t)len + 1100000);
    api_expect_problem(api, &answer, 413, "body_too_large");
    api_done(&answer);
    /* larger than this route takes, though smaller than the largest of all */
    len = snprintf(
        bytes, sizeof bytes,
        "POST /api/v1/session/unlock HTTP/1.1\r\nHost: a\r\nX-Terminal: %s\r\nAuthorization: Bearer %s\r\n"
        "Content-Type: application/json\r\nContent-Length: 2000\r\n\r\n",
        api->terminal, khan.token);
    bytes[len] = ' ';
    answer = send_bytes(bytes, (size_t)len + 2000);
    api_expect_problem(api, &answer, 413, "body_too_large");
    api_done(&answer);
}

static void requests_follow_each_other_on_one_connection(void **state) {
    (void)state;
    struct api_connection connection = api_connect(api, NULL);
    for (int i = 0; i < 50; i++) {
        assert_true(api_send(&connection, HEAD "\r\n", sizeof HEAD + 1));
        struct api_answer answer = api_receive(&connection, 5);
        api_expect(api, &answer, 200);
        check_headers(&answer);
        api_done(&answer);
    }
    /* two in one piece, the second malformed: none is looked at, and the connection ends */
    static const char both[] = HEAD "\r\n" HEAD "Host: again\r\n\r\n";
    char text[8192];
    assert_true(api_send(&connection, both, sizeof both - 1));
    api_read_until(&connection, "no such text", text, sizeof text, 3);
    assert_non_null(strstr(text, "HTTP/1.1 400 Bad Request"));
    assert_null(strstr(text, "HTTP/1.1 200 OK"));
    api_close(&connection);
}

static void two_requests_in_one_piece_are_both_answered(void **state) {
    (void)state;
    static const char both[] = HEAD "\r\n" HEAD "\r\n";
    struct api_connection connection = api_connect(api, NULL);
    assert_true(api_send(&connection, both, sizeof both - 1));
    char text[8192];
    api_read_until(&connection, "no such text", text, sizeof text, 1);
    const char *first = strstr(text, "HTTP/1.1 200 OK");
    assert_non_null(first);
    assert_non_null(strstr(first + 1, "HTTP/1.1 200 OK"));
    api_close(&connection);
}

static void bodies_that_are_no_json_are_400(void **state) {
    (void)state;
    static const char *const bodies[] = {
        "{",
        "{}x",
        "{\"staff\":\"a\",\"staff\":\"b\",\"pin\":\"1\"}",
        "{\"staff\":\"\xFF\xFE\",\"pin\":\"1\"}",
        "{\"staff\":\"\xC0\xAF\",\"pin\":\"1\"}",
        "{\"staff\":\"a\\u0000\",\"pin\":\"1\"}",
        "[[[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]]]",
        "nul",
    };
    for (size_t i = 0; i < COUNT(bodies); i++) {
        struct api_answer answer = api_post(api, NULL, "/session", bodies[i], NULL);
        api_expect_problem(api, &answer, 400, "malformed_json");
        api_done(&answer);
    }
    static const char *const types[] = {"text/plain", "application/x-www-form-urlencoded",
                                        "application/jsonx", "application/json; charset=latin1"};
    for (size_t i = 0; i < COUNT(types); i++) {
        char line[128];
        const char *const headers[] = {line, NULL};
        snprintf(line, sizeof line, "Content-Type: %s", types[i]);
        struct api_answer answer = api_request(api, NULL, "POST", "/session", "{}", headers);
        api_expect_problem(api, &answer, 415, "content_type");
        api_done(&answer);
    }
}

static void unknown_addresses_and_methods(void **state) {
    (void)state;
    char allow[64];
    struct api_answer answer = api_get(api, &khan, "/nothing");
    api_expect_problem(api, &answer, 404, "not_found");
    check_headers(&answer);
    api_done(&answer);
    answer = api_request(api, &khan, "DELETE", "/patients", NULL, NULL);
    api_expect_problem(api, &answer, 405, "method_not_allowed");
    assert_true(api_header(&answer, "Allow", allow, sizeof allow));
    assert_string_equal(allow, "GET, POST");
    api_done(&answer);
    answer = api_request(api, &khan, "PUT", "/healthz", "{}", NULL);
    api_expect_problem(api, &answer, 405, "method_not_allowed");
    api_done(&answer);
    answer = api_request(api, &khan, "OPTIONS", "/healthz", NULL, NULL);
    api_expect_problem(api, &answer, 405, "method_not_allowed");
    api_done(&answer);
}

/* How many patients there are. */
static int patients(void) {
    struct api_answer answer = api_get(api, &khan, "/patients?limit=500");
    api_expect(api, &answer, 200);
    int count = cJSON_GetArraySize(cJSON_GetObjectItem(answer.body, "items"));
    api_done(&answer);
    return count;
}

static void a_key_is_needed_and_must_be_good(void **state) {
    (void)state;
    static const char *const keys[] = {NULL, "", "with blank",
                                       "12345678901234567890123456789012345678901234567890123456789012345"};
    int before = patients();
    for (size_t i = 0; i < COUNT(keys); i++) {
        struct api_answer answer = api_post(api, &khan, "/patients", PATIENT, keys[i]);
        api_expect_problem(api, &answer, 400, "idempotency_key_missing");
        api_done(&answer);
    }
    assert_int_equal(patients(), before);
}

static void the_same_key_makes_one_thing(void **state) {
    (void)state;
    char replay[16];
    int before = patients();
    struct api_answer first = api_post(api, &khan, "/patients", PATIENT, "once");
    api_expect(api, &first, 201);
    assert_false(api_header(&first, "Idempotent-Replay", replay, sizeof replay));
    static const char *const same[] = {
        PATIENT, "{ \"born_on\" : \"1980-02-03\" ,\"name\":\"Test \\u0050erson\", \"notes\": null}"};
    for (size_t i = 0; i < COUNT(same); i++) {
        struct api_answer again = api_post(api, &khan, "/patients", same[i], "once");
        api_expect(api, &again, 201);
        assert_true(api_header(&again, "Idempotent-Replay", replay, sizeof replay));
        assert_string_equal(again.text, first.text);
        api_done(&again);
    }
    struct api_answer other =
        api_post(api, &khan, "/patients", "{\"name\":\"Other\",\"born_on\":\"1980-02-03\"}", "once");
    api_expect_problem(api, &other, 422, "idempotency_key_reused");
    assert_string_equal(api_text(api, &other, "first.id"), api_text(api, &first, "id"));
    assert_string_equal(api_text(api, &other, "first.staff"), "a.khan");
    api_done(&other);
    api_done(&first);
    assert_int_equal(patients(), before + 1);
}

static void a_refusal_leaves_the_key_free(void **state) {
    (void)state;
    struct api_answer answer = api_post(api, &khan, "/patients", "{\"name\":\"No Birthday\"}", "free");
    api_expect(api, &answer, 422);
    api_done(&answer);
    answer =
        api_post(api, &khan, "/patients", "{\"name\":\"With Birthday\",\"born_on\":\"1981-02-03\"}", "free");
    api_expect(api, &answer, 201);
    api_done(&answer);
}

static void a_lost_answer_is_had_again(void **state) {
    (void)state;
    int before = patients();
    char text[1024];
    static const char body[] = "{\"name\":\"Lost Answer\",\"born_on\":\"1982-02-03\"}";
    snprintf(text, sizeof text,
             "POST /api/v1/patients HTTP/1.1\r\nHost: a\r\nX-Terminal: %s\r\nAuthorization: Bearer %s\r\n"
             "Content-Type: application/json\r\nIdempotency-Key: lost\r\nContent-Length: %zu\r\n\r\n%s",
             api->terminal, khan.token, sizeof body - 1, body);
    for (int i = 0; i < 10; i++) {
        struct api_connection connection = api_connect(api, NULL);
        assert_true(api_send(&connection, text, strlen(text)));
        api_close(&connection); /* without waiting for the answer */
    }
    struct api_answer answer = api_post(api, &khan, "/patients", body, "lost");
    api_expect(api, &answer, 201);
    api_done(&answer);
    assert_int_equal(patients(), before + 1);
}

static void a_change_needs_what_was_read(void **state) {
    (void)state;
    char path[128], etag[128] = "If-Match: ";
    struct api_answer made =
        api_post(api, &khan, "/patients", "{\"name\":\"Changed\",\"born_on\":\"1983-02-03\"}", "change");
    api_expect(api, &made, 201);
    snprintf(path, sizeof path, "/patients/%s", api_text(api, &made, "id"));
    api_done(&made);
    struct api_answer answer = api_request(api, &khan, "PATCH", path, "{\"notes\":\"a\"}", NULL);
    api_expect_problem(api, &answer, 412, "if_match_missing");
    api_done(&answer);
    answer = api_get(api, &khan, path);
    api_expect(api, &answer, 200);
    assert_true(api_header(&answer, "ETag", etag + strlen(etag), sizeof etag - strlen(etag)));
    api_done(&answer);
    const char *const headers[] = {etag, NULL};
    answer = api_request(api, &khan, "PATCH", path, "{\"notes\":\"a\"}", headers);
    api_expect(api, &answer, 200);
    api_done(&answer);
    answer = api_request(api, &khan, "PATCH", path, "{\"notes\":\"b\"}", headers);
    api_expect_problem(api, &answer, 412, "changed_meanwhile");
    api_done(&answer);
}

static void the_description_names_every_route_that_answers(void **state) {
    (void)state;
    struct api_answer answer = api_get(api, NULL, "/openapi.json");
    api_expect(api, &answer, 200);
    assert_string_equal(api_text(api, &answer, "openapi"), "3.1.0");
    const cJSON *path = NULL;
    int count = 0;
    cJSON_ArrayForEach(path, cJSON_GetObjectItem(answer.body, "paths")) {
        const cJSON *operation = NULL;
        cJSON_ArrayForEach(operation, path) {
            count++;
            /* without a terminal: nothing but what is open to everybody */
            static const char *const none[] = {"X-Terminal:", NULL};
            char method[8];
            snprintf(method, sizeof method, "%s", operation->string);
            for (char *at = method; *at != '\0'; at++) {
                *at = (char)(*at - 'a' + 'A');
            }
            bool open =
                cJSON_GetArraySize(cJSON_GetArrayItem(cJSON_GetObjectItem(operation, "security"), 0)) == 0;
            char plain[128];
            size_t len = 0;
            for (const char *at = path->string; *at != '\0' && len + 2 < sizeof plain; at++) {
                plain[len++] = *at == '{' ? 'x' : *at;
                at = *at == '{' ? strchr(at, '}') : at;
            }
            plain[len] = '\0';
            struct api_answer probe = api_request(api, NULL, method, plain, NULL, none);
            if (open ? probe.status == 401 || probe.status == 404 : probe.status != 401) {
                api_fail(api, "%s %s answers %d", method, path->string, probe.status);
            }
            api_done(&probe);
        }
    }
    assert_true(count > 20);
    api_done(&answer);
}

static void metrics_tell_no_names(void **state) {
    (void)state;
    struct api_answer answer = api_get(api, NULL, "/metrics");
    api_expect(api, &answer, 200);
    assert_non_null(strstr(answer.text, "\ninstalmentd_requests_total "));
    assert_non_null(strstr(answer.text, "\ninstalmentd_sessions 1\n"));
    assert_null(strstr(answer.text, "khan"));
    api_done(&answer);
}

static int64_t now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Opens connections from many addresses that send a byte now and then; at the end the first ones must be closed. */
static size_t open_slow(struct api_connection *slow, size_t count) {
    size_t open = 0;
    for (size_t i = 0; i < count; i++) {
        char from[32];
        snprintf(from, sizeof from, "127.0.1.%zu", 1 + i / 10);
        slow[i] = api_connect(api, from);
        open += slow[i].fd >= 0 ? 1 : 0;
    }
    return open;
}

static void slow_connections_hold_nobody_up(void **state) {
    (void)state;
    static struct api_connection slow[600];
    bool torture = getenv("TORTURE") != NULL;
    size_t count = torture ? 600 : 60;
    int64_t end = now_ms() + (torture ? 20000 : 5000);
    size_t open = open_slow(slow, count);
    assert_true(torture ? open >= 200 : open == 60);
    int64_t worst = 0;
    int asked = 0;
    for (size_t at = 0; now_ms() < end; at++) {
        if (at < sizeof HEAD - 1) {
            for (size_t i = 0; i < count; i++) {
                if (slow[i].fd >= 0 && !api_send(&slow[i], &HEAD[at], 1)) {
                    api_close(&slow[i]);
                }
            }
        }
        int64_t begin = now_ms();
        struct api_connection connection = api_connect(api, NULL);
        if (connection.fd >= 0) { /* the limit for all may be reached: those that are in are served */
            assert_true(api_send(&connection, HEAD "\r\n", sizeof HEAD + 1));
            struct api_answer answer = api_receive(&connection, 5);
            api_expect(api, &answer, 200);
            api_done(&answer);
            asked++;
            worst = now_ms() - begin > worst ? now_ms() - begin : worst;
        }
        api_close(&connection);
        usleep(100000);
    }
    assert_true(asked > 5);
    assert_true(worst < 1000);
    for (size_t i = 0; i < count; i++) {
        api_close(&slow[i]);
    }
}

static void one_address_does_not_get_everything(void **state) {
    (void)state;
    static struct api_connection many[20];
    size_t open = 0;
    for (size_t i = 0; i < COUNT(many); i++) {
        many[i] = api_connect(api, "127.0.2.1");
        open += many[i].fd >= 0 ? 1 : 0;
    }
    assert_int_equal(open, 16);
    struct api_connection other = api_connect(api, "127.0.2.2");
    assert_true(other.fd >= 0);
    api_close(&other);
    for (size_t i = 0; i < COUNT(many); i++) {
        api_close(&many[i]);
    }
}

static void a_request_must_come_within_its_time(void **state) {
    (void)state;
    struct api_connection connection = api_connect(api, "127.0.3.1");
    int64_t begin = now_ms();
    for (size_t at = 0; now_ms() - begin < 15000 && at + 1 < sizeof HEAD; at++) {
        if (!api_send(&connection, &HEAD[at], 1)) {
            break;
        }
        struct api_answer answer = api_receive(&connection, 1);
        assert_int_equal(answer.status, 0);
        api_done(&answer);
    }
    assert_true(now_ms() - begin >= 9000 && now_ms() - begin < 13500);
    api_close(&connection);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(malformed_requests_get_our_own_problem),
        cmocka_unit_test(a_large_body_is_refused_while_it_comes),
        cmocka_unit_test(requests_follow_each_other_on_one_connection),
        cmocka_unit_test(two_requests_in_one_piece_are_both_answered),
        cmocka_unit_test(bodies_that_are_no_json_are_400),
        cmocka_unit_test(unknown_addresses_and_methods),
        cmocka_unit_test(a_key_is_needed_and_must_be_good),
        cmocka_unit_test(the_same_key_makes_one_thing),
        cmocka_unit_test(a_refusal_leaves_the_key_free),
        cmocka_unit_test(a_lost_answer_is_had_again),
        cmocka_unit_test(a_change_needs_what_was_read),
        cmocka_unit_test(the_description_names_every_route_that_answers),
        cmocka_unit_test(metrics_tell_no_names),
        cmocka_unit_test(slow_connections_hold_nobody_up),
        cmocka_unit_test(one_address_does_not_get_everything),
        cmocka_unit_test(a_request_must_come_within_its_time),
    };
    return cmocka_run_group_tests_name("requests", tests, start, stop);
}
