/* Terminals, signing in, locking, and who may not (hazard H42), through the real daemon over TLS. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "../support/api.h"

static struct api *api;

static int start(void **state) {
    (void)state;
    api = api_start(NULL);
    return 0;
}

static int stop(void **state) {
    (void)state;
    api_stop(&api);
    return 0;
}

static struct api_answer sign_in_with(const char *staff, const char *pin) {
    char body[256];
    snprintf(body, sizeof body, "{\"staff\":\"%s\",\"pin\":\"%s\"}", staff, pin);
    return api_post(api, NULL, "/session", body, NULL);
}

static void without_a_terminal_there_is_not_even_a_sign_in(void **state) {
    (void)state;
    static const char *const wrong[] = {"X-Terminal: AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", NULL};
    static const char *const long_one[] = {
        "X-Terminal: "
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        NULL};
    const char *const *tries[] = {wrong, long_one};
    for (size_t i = 0; i < 2; i++) {
        struct api_answer answer =
            api_request(api, NULL, "POST", "/session", "{\"staff\":\"a.khan\",\"pin\":\"1\"}", tries[i]);
        api_expect_problem(api, &answer, 401, "terminal_unknown");
        api_done(&answer);
    }
}

static void signing_in_tells_who_and_until_when(void **state) {
    (void)state;
    struct api_answer answer = sign_in_with("a.khan", api_pin(api, "a.khan"));
    char cookie[256];
    api_expect(api, &answer, 201);
    assert_string_equal(api_text(api, &answer, "staff.id"), "a.khan");
    assert_string_equal(api_text(api, &answer, "staff.role"), "pharmacist");
    assert_string_equal(api_text(api, &answer, "expires_at"), "2026-11-23T21:00:00+00:00");
    assert_true(api_header(&answer, "Set-Cookie", cookie, sizeof cookie));
    assert_non_null(strstr(cookie, "; Path=/; Secure; HttpOnly; SameSite=Strict"));
    assert_null(strstr(cookie, api_text(api, &answer, "csrf")));
    api_done(&answer);
}

static void a_wrong_pin_and_an_unknown_person_look_alike(void **state) {
    (void)state;
    struct api_answer wrong = sign_in_with("i.grant", "000");
    struct api_answer nobody = sign_in_with("nobody", "000");
    api_expect_problem(api, &wrong, 401, "sign_in_failed");
    api_expect_problem(api, &nobody, 401, "sign_in_failed");
    assert_string_equal(wrong.text, nobody.text);
    api_done(&wrong);
    api_done(&nobody);
}

static void a_body_that_is_no_sign_in_is_refused(void **state) {
    (void)state;
    static const char *const bodies[] = {"{}",
                                         "{\"staff\":\"a.khan\"}",
                                         "{\"staff\":1,\"pin\":\"1\"}",
                                         "{\"staff\":\"a\",\"pin\":\"1\",\"more\":1}",
                                         "{\"staff\":\"\",\"pin\":\"1\"}",
                                         "[]"};
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        struct api_answer answer = api_post(api, NULL, "/session", bodies[i], NULL);
        api_expect_problem(api, &answer, 422, "invalid");
        api_done(&answer);
    }
}

static void a_session_ends_by_signing_out(void **state) {
    (void)state;
    struct api_person who = api_sign_in(api, "c.evans");
    struct api_answer answer = api_get(api, &who, "/session");
    api_expect(api, &answer, 200);
    assert_string_equal(api_text(api, &answer, "staff.id"), "c.evans");
    assert_string_equal(api_text(api, &answer, "csrf"), who.csrf);
    api_done(&answer);
    answer = api_request(api, &who, "DELETE", "/session", NULL, NULL);
    api_expect(api, &answer, 204);
    assert_int_equal(answer.text_len, 0);
    api_done(&answer);
    answer = api_get(api, &who, "/session");
    api_expect_problem(api, &answer, 401, "session_ended");
    api_done(&answer);
    answer = api_get(api, NULL, "/session");
    api_expect_problem(api, &answer, 401, "not_signed_in");
    api_done(&answer);
}

static void a_locked_screen_does_nothing_until_the_pin(void **state) {
    (void)state;
    struct api_person who = api_sign_in(api, "d.osei");
    char body[64];
    struct api_answer answer = api_post(api, &who, "/session/lock", NULL, NULL);
    api_expect(api, &answer, 204);
    api_done(&answer);
    answer = api_get(api, &who, "/patients");
    api_expect_problem(api, &answer, 401, "session_locked");
    api_done(&answer);
    answer = api_post(api, &who, "/session/unlock", "{\"pin\":\"1\"}", NULL);
    api_expect_problem(api, &answer, 403, "pin_wrong");
    api_done(&answer);
    answer = api_get(api, &who, "/patients");
    api_expect_problem(api, &answer, 401, "session_locked");
    api_done(&answer);
    snprintf(body, sizeof body, "{\"pin\":\"%s\"}", api_pin(api, "d.osei"));
    answer = api_post(api, &who, "/session/unlock", body, NULL);
    api_expect(api, &answer, 204);
    api_done(&answer);
    answer = api_get(api, &who, "/patients");
    api_expect(api, &answer, 200);
    api_done(&answer);
}

/* Asks with the cookies of a browser. */
static struct api_answer as_browser(const struct api_person *who, const char *method, const char *path,
                                    const char *csrf) {
    char cookie[256], token[128];
    const char *const headers[] = {"X-Terminal:", cookie, csrf == NULL ? NULL : token, NULL};
    snprintf(cookie, sizeof cookie, "Cookie: other=1; __Host-terminal=%s; __Host-session=%s", api->terminal,
             who->token);
    snprintf(token, sizeof token, "X-CSRF-Token: %s", csrf == NULL ? "" : csrf);
    return api_request(api, NULL, method, path, NULL, headers);
}

static void a_browser_needs_the_page_s_token_for_unsafe_methods(void **state) {
    (void)state;
    struct api_person who = api_sign_in(api, "p.nowak");
    struct api_answer answer = as_browser(&who, "GET", "/session", NULL);
    api_expect(api, &answer, 200);
    api_done(&answer);
    answer = as_browser(&who, "POST", "/session/lock", NULL);
    api_expect_problem(api, &answer, 403, "csrf");
    api_done(&answer);
    answer = as_browser(&who, "POST", "/session/lock", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA");
    api_expect_problem(api, &answer, 403, "csrf");
    api_done(&answer);
    answer = as_browser(&who, "DELETE", "/session", who.csrf);
    api_expect(api, &answer, 204);
    api_done(&answer);
}

static void roles_are_asked(void **state) {
    (void)state;
    struct api_person who = api_sign_in(api, "c.evans");
    struct api_answer answer = api_get(api, &who, "/terminals");
    api_expect_problem(api, &answer, 403, "role");
    api_done(&answer);
    answer = api_post(api, &who, "/terminals/codes", NULL, NULL);
    api_expect_problem(api, &answer, 403, "role");
    api_done(&answer);
}

/* Makes a code, enrols, and leaves token and id. */
static void enrol(struct api_person *manager, char token[64], char id[64]) {
    char body[128];
    struct api_answer answer = api_post(api, manager, "/terminals/codes", NULL, NULL);
    api_expect(api, &answer, 201);
    snprintf(body, sizeof body, "{\"code\":\"%s\",\"name\":\"Counter 2\"}", api_text(api, &answer, "code"));
    api_done(&answer);
    answer = api_request(api, NULL, "POST", "/terminals", body, NULL);
    api_expect(api, &answer, 201);
    snprintf(token, 64, "%s", api_text(api, &answer, "token"));
    snprintf(id, 64, "%s", api_text(api, &answer, "id"));
    api_done(&answer);
    answer = api_request(api, NULL, "POST", "/terminals", body, NULL);
    api_expect_problem(api, &answer, 401, "code_wrong"); /* once only */
    api_done(&answer);
}

static void a_terminal_is_enrolled_once_and_revoked_for_ever(void **state) {
    (void)state;
    struct api_person manager = api_sign_in(api, "m.hughes");
    char token[64], id[64], own[64], path[128];
    enrol(&manager, token, id);
    snprintf(own, sizeof own, "%s", api->terminal);
    snprintf(api->terminal, sizeof api->terminal, "%s", token);
    struct api_person there = api_sign_in(api, "d.osei");
    snprintf(api->terminal, sizeof api->terminal, "%s", own);
    struct api_answer answer = api_get(api, &there, "/session");
    api_expect_problem(api, &answer, 401, "session_ended"); /* bound to its terminal */
    api_done(&answer);
    snprintf(path, sizeof path, "/terminals/%s", id);
    answer = api_request(api, &manager, "DELETE", path, NULL, NULL);
    api_expect(api, &answer, 204);
    api_done(&answer);
    answer = api_request(api, &manager, "DELETE", path, NULL, NULL);
    api_expect_problem(api, &answer, 404, "not_found");
    api_done(&answer);
    snprintf(api->terminal, sizeof api->terminal, "%s", token);
    answer = api_get(api, &there, "/session");
    api_expect_problem(api, &answer, 401, "terminal_unknown");
    api_done(&answer);
    snprintf(api->terminal, sizeof api->terminal, "%s", own);
    answer = api_get(api, &manager, "/terminals");
    api_expect(api, &answer, 200);
    assert_int_equal(cJSON_GetArraySize(cJSON_GetObjectItem(answer.body, "items")), 2);
    assert_null(strstr(answer.text, token));
    api_done(&answer);
}

static void a_leaver_s_session_ends_at_once(void **state) {
    (void)state;
    struct api_person manager = api_sign_in(api, "m.hughes");
    struct api_person leaver = api_sign_in(api, "p.nowak");
    struct api_answer answer = api_get(api, &leaver, "/patients");
    api_expect(api, &answer, 200);
    api_done(&answer);
    answer = api_patch(api, &manager, "/staff/p.nowak", "{\"active\":false}");
    api_expect(api, &answer, 200);
    api_done(&answer);
    answer = api_get(api, &leaver, "/patients");
    api_expect_problem(api, &answer, 401, "session_ended");
    api_done(&answer);
    answer = sign_in_with("p.nowak", api_pin(api, "p.nowak"));
    api_expect_problem(api, &answer, 401, "sign_in_failed");
    api_done(&answer);
}

/* Slowed after some wrong tries, the right PIN too; and let in again after the time that the answer names. */
static void guesses_are_slowed_and_never_locked_out(void **state) {
    (void)state;
    char seconds[16] = "";
    int tries = 0;
    struct api_answer answer = sign_in_with("c.evans", "99999");
    while (answer.status == 401 && tries++ < 10) {
        api_done(&answer);
        answer = sign_in_with("c.evans", "99999");
    }
    api_expect_problem(api, &answer, 429, "slow_down");
    assert_true(tries >= 2 && tries <= 6);
    api_done(&answer);
    answer = sign_in_with("c.evans", api_pin(api, "c.evans"));
    api_expect_problem(api, &answer, 429, "slow_down");
    assert_true(api_header(&answer, "Retry-After", seconds, sizeof seconds));
    api_done(&answer);
    long wait = strtol(seconds, NULL, 10);
    assert_true(wait >= 1 && wait <= 60);
    nanosleep(&(struct timespec){.tv_sec = wait}, NULL);
    answer = sign_in_with("c.evans", api_pin(api, "c.evans"));
    api_expect(api, &answer, 201);
    api_done(&answer);
}

/* Asks for a merge, which needs a second person, with this member `second`. */
static struct api_answer merge_with(struct api_person *who, const char *second, const char *key) {
    char body[256];
    snprintf(body, sizeof body, "{\"into\":\"pt-x\"%s}", second);
    return api_post(api, who, "/patients/pt-y/merge", body, key);
}

static void a_second_person_is_another_with_their_own_pin(void **state) {
    (void)state;
    struct api_person manager = api_sign_in(api, "m.hughes");
    char second[128];
    struct api_answer answer = merge_with(&manager, "", "second-1");
    api_expect_problem(api, &answer, 403, "second_person_required");
    api_done(&answer);
    snprintf(second, sizeof second, ",\"second\":{\"staff\":\"m.hughes\",\"pin\":\"%s\"}",
             api_pin(api, "m.hughes"));
    answer = merge_with(&manager, second, "second-2");
    api_expect_problem(api, &answer, 403, "second_person_required");
    api_done(&answer);
    answer = merge_with(&manager, ",\"second\":{\"staff\":\"d.osei\",\"pin\":\"1\"}", "second-3");
    api_expect_problem(api, &answer, 403, "pin_wrong");
    api_done(&answer);
    snprintf(second, sizeof second, ",\"second\":{\"staff\":\"d.osei\",\"pin\":\"%s\"}",
             api_pin(api, "d.osei"));
    answer = merge_with(&manager, second, "second-4");
    api_expect_problem(api, &answer, 404, "not_found"); /* let through: there are no such patients */
    api_done(&answer);
}

static void a_pin_is_of_whoever_confirms(void **state) {
    (void)state;
    struct api_person manager = api_sign_in(api, "m.hughes");
    char body[128];
    struct api_answer answer = api_post(api, &manager, "/clock/confirm", "{\"pin\":\"1\"}", "confirm-1");
    api_expect_problem(api, &answer, 403, "pin_wrong");
    api_done(&answer);
    snprintf(body, sizeof body, "{\"pin\":\"%s\"}", api_pin(api, "m.hughes"));
    answer = api_post_twice(api, &manager, "/clock/confirm", body, "confirm-1");
    api_expect(api, &answer, 201);
    api_done(&answer);
    snprintf(body, sizeof body, "{\"pin\":\"%s\",\"confirmed_by\":\"a.khan\"}", api_pin(api, "m.hughes"));
    answer = api_post(api, &manager, "/clock/confirm", body, "confirm-2");
    api_expect_problem(api, &answer, 403, "pin_wrong");
    api_done(&answer);
    snprintf(body, sizeof body, "{\"pin\":\"%s\",\"confirmed_by\":\"a.khan\"}", api_pin(api, "a.khan"));
    answer = api_post(api, &manager, "/clock/confirm", body, "confirm-2");
    api_expect(api, &answer, 201);
    api_done(&answer);
}

static void the_local_socket_stands_for_a_terminal(void **state) {
    (void)state;
    struct api_connection connection = api_connect_unix(api->socket);
    char text[512];
    char body[128];
    assert_true(connection.fd >= 0);
    snprintf(body, sizeof body, "{\"staff\":\"m.hughes\",\"pin\":\"%s\"}", api_pin(api, "m.hughes"));
    snprintf(text, sizeof text,
             "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
             "application/json\r\nContent-Length: "
             "%zu\r\n\r\n%s",
             strlen(body), body);
    assert_true(api_send(&connection, text, strlen(text)));
    struct api_answer answer = api_receive(&connection, 10);
    api_expect(api, &answer, 201);
    snprintf(text, sizeof text,
             "GET /api/v1/terminals HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer %s\r\n\r\n",
             api_text(api, &answer, "token"));
    api_done(&answer);
    assert_true(api_send(&connection, text, strlen(text)));
    answer = api_receive(&connection, 10);
    api_expect(api, &answer, 200);
    api_done(&answer);
    api_close(&connection);
}

/* Behind a proxy nobody is known by their account: without a terminal the web socket signs nobody in. */
static void the_web_socket_stands_for_nothing(void **state) {
    (void)state;
    static const char sign_in[] = "POST /api/v1/session HTTP/1.1\r\nHost: localhost\r\nContent-Type: "
                                  "application/json\r\nContent-Length: 28\r\n\r\n"
                                  "{\"staff\":\"a.b\",\"pin\":\"1234\"}";
    static const char health[] = "GET /api/v1/healthz HTTP/1.1\r\nHost: localhost\r\n\r\n";
    struct api *real = api_start_real();
    char path[API_TEXT + 16];
    struct stat status;
    api_end(real);
    FILE *config = fopen(real->config, "a");
    assert_non_null(config);
    fputs("web_socket = \"web.sock\"\n", config);
    fclose(config);
    api_start_again(real, NULL);
    snprintf(path, sizeof path, "%s/web.sock", real->data);
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_mode & 0777, 0660);
    struct api_connection web = api_connect_unix(path);
    assert_true(web.fd >= 0 && api_send(&web, health, strlen(health)));
    struct api_answer answer = api_receive(&web, 10);
    api_expect(real, &answer, 200);
    api_done(&answer);
    assert_true(api_send(&web, sign_in, strlen(sign_in)));
    answer = api_receive(&web, 10);
    api_expect_problem(real, &answer, 401, "terminal_unknown");
    api_done(&answer);
    api_close(&web);
    struct api_connection local = api_connect_unix(real->socket);
    assert_true(local.fd >= 0 && api_send(&local, sign_in, strlen(sign_in)));
    answer = api_receive(&local, 10);
    api_expect_problem(real, &answer, 401, "sign_in_failed");
    api_done(&answer);
    api_close(&local);
    api_end(real);
    assert_int_not_equal(stat(path, &status), 0);
    api_stop(&real);
}

static void screens_hear_of_events(void **state) {
    (void)state;
    struct api_person who = api_sign_in(api, "a.khan");
    struct api_connection connection = api_connect(api, NULL);
    char text[4096];
    snprintf(text, sizeof text,
             "GET /api/v1/events HTTP/1.1\r\nHost: localhost\r\nX-Terminal: %s\r\nAuthorization: Bearer "
             "%s\r\n\r\n",
             api->terminal, who.token);
    assert_true(api_send(&connection, text, strlen(text)));
    api_read_until(&connection, "retry: 2000", text, sizeof text, 5);
    assert_non_null(strstr(text, "text/event-stream"));
    assert_non_null(strstr(text, "retry: 2000"));
    struct api_answer answer = api_request(api, &who, "DELETE", "/session", NULL, NULL);
    api_expect(api, &answer, 204);
    api_done(&answer);
    api_read_until(&connection, "0\r\n\r\n", text, sizeof text, 5);
    assert_non_null(strstr(text, "0\r\n\r\n")); /* ended with the session */
    api_close(&connection);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_terminal_there_is_not_even_a_sign_in),
        cmocka_unit_test(signing_in_tells_who_and_until_when),
        cmocka_unit_test(a_wrong_pin_and_an_unknown_person_look_alike),
        cmocka_unit_test(a_body_that_is_no_sign_in_is_refused),
        cmocka_unit_test(a_session_ends_by_signing_out),
        cmocka_unit_test(a_locked_screen_does_nothing_until_the_pin),
        cmocka_unit_test(a_browser_needs_the_page_s_token_for_unsafe_methods),
        cmocka_unit_test(roles_are_asked),
        cmocka_unit_test(a_terminal_is_enrolled_once_and_revoked_for_ever),
        cmocka_unit_test(a_second_person_is_another_with_their_own_pin),
        cmocka_unit_test(a_pin_is_of_whoever_confirms),
        cmocka_unit_test(a_leaver_s_session_ends_at_once),
        cmocka_unit_test(the_local_socket_stands_for_a_terminal),
        cmocka_unit_test(the_web_socket_stands_for_nothing),
        cmocka_unit_test(screens_hear_of_events),
        cmocka_unit_test(guesses_are_slowed_and_never_locked_out),
    };
    return cmocka_run_group_tests_name("session", tests, start, stop);
}
