/*
 * Who may do what (hazard H42): every route that the daemon describes, for every role, without a session and from an
 * unknown terminal. What is expected is written down here once more, from the table "Who may"; a route that nobody has
 * written down fails the test.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/shop.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

enum who { COUNTER = 1, TECHNICIAN = 2, PHARMACIST = 4, MANAGER = 8, INSPECTOR = 16 };

#define UP (COUNTER | TECHNICIAN | PHARMACIST | MANAGER)
#define ALL (UP | INSPECTOR)
#define KEEPERS (TECHNICIAN | PHARMACIST | MANAGER | INSPECTOR) /* of the register, and who inspects it */
#define NOBODY 0

enum needs {
    KEY = 1,      /* an Idempotency-Key */
    OPEN = 2,     /* neither terminal nor session */
    TERMINAL = 4, /* a terminal, no session */
    ID = 8,       /* names something: an unknown id is 404 */
    STREAM = 16,  /* does not end by itself */
};

struct rule {
    const char *method, *path;
    unsigned may; /* whom the role does not stop */
    unsigned needs;
    size_t body_max; /* bytes; 0: takes no body */
};

/*
 * A manager reads and writes what the counter does; where a pharmacist's registration decides, a manager without one may
 * be stopped there instead of at the role: test_supplies and test_history look at that.
 */
static const struct rule rules[] = {
    {"POST", "/session", NOBODY, TERMINAL, 1024},
    {"GET", "/session", ALL, 0, 0},
    {"DELETE", "/session", ALL, 0, 0},
    {"POST", "/session/lock", ALL, 0, 64},
    {"POST", "/session/unlock", ALL, 0, 1024},
    {"POST", "/terminals", NOBODY, OPEN, 1024},
    {"POST", "/terminals/codes", MANAGER, 0, 64},
    {"GET", "/terminals", MANAGER, 0, 0},
    {"DELETE", "/terminals/{id}", MANAGER, ID, 0},
    {"GET", "/staff", UP, 0, 0},
    {"POST", "/staff", MANAGER, KEY, 4096},
    {"GET", "/staff/{id}", UP, ID, 0},
    {"PATCH", "/staff/{id}", MANAGER, 0, 4096},
    {"GET", "/responsible-pharmacist", ALL, 0, 0},
    {"POST", "/responsible-pharmacist", PHARMACIST | MANAGER, KEY, 2048},
    {"GET", "/patients", UP, 0, 0},
    {"POST", "/patients", UP, KEY, 32768},
    {"POST", "/patients/search", UP, 0, 2048},
    {"GET", "/patients/{id}", UP, ID, 0},
    {"PATCH", "/patients/{id}", UP, 0, 32768},
    {"POST", "/patients/{id}/merge", MANAGER, KEY, 2048},
    {"POST", "/patients/{id}/status", UP, KEY, 2048},
    {"GET", "/services", UP, 0, 0},
    {"POST", "/services", MANAGER, KEY, 65536},
    {"GET", "/services/{id}", UP, ID, 0},
    {"PATCH", "/services/{id}", MANAGER, 0, 65536},
    {"GET", "/calendar", ALL, 0, 0},
    {"POST", "/calendar", MANAGER, KEY, 8192},
    {"GET", "/products", ALL, 0, 0},
    {"POST", "/prescriptions", TECHNICIAN | PHARMACIST | MANAGER, KEY, 524288},
    {"GET", "/prescriptions", UP, 0, 0},
    {"GET", "/prescriptions/{id}", UP, ID, 0},
    {"POST", "/prescriptions/{id}/check", TECHNICIAN | PHARMACIST | MANAGER, KEY, 524288},
    {"GET", "/prescriptions/{id}/decision", UP, ID, 0},
    {"POST", "/prescriptions/{id}/consultations", PHARMACIST | MANAGER, KEY, 16384},
    {"GET", "/prescriptions/{id}/consultations", UP, ID, 0},
    {"POST", "/prescriptions/{id}/stop", PHARMACIST | MANAGER, KEY, 16384},
    {"POST", "/prescriptions/{id}/hold", PHARMACIST | MANAGER, KEY, 16384},
    {"POST", "/prescriptions/{id}/release", PHARMACIST | MANAGER, KEY, 16384},
    {"GET", "/prescriptions/{id}/changes", UP, ID, 0},
    {"POST", "/supplies", TECHNICIAN | PHARMACIST | MANAGER, KEY, 65536},
    {"GET", "/supplies/{id}", UP, ID, 0},
    {"POST", "/irregular-supplies", PHARMACIST | MANAGER, KEY, 65536},
    {"POST", "/supplies/{id}/reverse", PHARMACIST | MANAGER, KEY, 65536},
    {"GET", "/day", UP, 0, 0},
    {"GET", "/register", KEEPERS, 0, 0},
    {"GET", "/register/verify", KEEPERS, 0, 0},
    {"GET", "/register/{product}", KEEPERS, ID, 0},
    {"GET", "/register/{product}/export", KEEPERS, ID, 0},
    {"POST", "/register/{product}/receipts", PHARMACIST | MANAGER, KEY, 16384},
    {"POST", "/register/{product}/checks", PHARMACIST | MANAGER, KEY, 16384},
    {"POST", "/register/{product}/adjustments", PHARMACIST | MANAGER, KEY, 16384},
    {"POST", "/register/{product}/destructions", PHARMACIST | MANAGER, KEY, 16384},
    {"POST", "/register/{product}/notes", PHARMACIST | MANAGER, KEY, 16384},
    {"GET", "/stock", KEEPERS, 0, 0},
    {"GET", "/stock/prepour", TECHNICIAN | PHARMACIST | MANAGER, 0, 0},
    {"GET", "/returns", KEEPERS, 0, 0},
    {"POST", "/returns", TECHNICIAN | PHARMACIST | MANAGER, KEY, 8192},
    {"GET", "/day/{date}/report", KEEPERS, 0, 0},
    {"POST", "/day/{date}/close", PHARMACIST | MANAGER, KEY, 4096},
    {"POST", "/day/{date}/late-entries", PHARMACIST | MANAGER, KEY, 131072},
    {"GET", "/reports/claim", KEEPERS, 0, 0},
    {"GET", "/reports/endorsement", KEEPERS, 0, 0},
    {"GET", "/reports/ndtms", KEEPERS, 0, 0},
    {"GET", "/reports/attendance", KEEPERS, 0, 0},
    {"GET", "/reports/last-dose", KEEPERS, 0, 0},
    {"GET", "/reports/reviews", KEEPERS, 0, 0},
    {"GET", "/reports/discrepancies", KEEPERS, 0, 0},
    {"GET", "/reports/responsible-pharmacist", KEEPERS, 0, 0},
    {"POST", "/dosed-elsewhere", PHARMACIST | MANAGER, KEY, 16384},
    {"GET", "/dosed-elsewhere", UP, 0, 0},
    {"POST", "/outcomes", UP, KEY, 16384},
    {"GET", "/outcomes", UP, 0, 0},
    {"POST", "/instalments/{id}/prepare", TECHNICIAN | PHARMACIST | MANAGER, KEY, 16384},
    {"POST", "/instalments/{id}/unprepare", TECHNICIAN | PHARMACIST | MANAGER, KEY, 16384},
    {"POST", "/concerns", UP, KEY, 16384},
    {"GET", "/concerns", UP, 0, 0},
    {"GET", "/concerns/signs", UP, 0, 0},
    {"GET", "/concerns/{id}", UP, ID, 0},
    {"GET", "/alerts", UP, 0, 0},
    {"GET", "/alerts/{id}", UP, ID, 0},
    {"POST", "/alerts/{id}/retry", UP, KEY, 64},
    {"POST", "/alerts/{id}/phoned", UP, KEY, 8192},
    {"POST", "/alerts/{id}/release", PHARMACIST | MANAGER, KEY, 8192},
    {"POST", "/services/{id}/test", MANAGER, KEY, 64},
    {"GET", "/audit", MANAGER | INSPECTOR, 0, 0},
    {"GET", "/print-jobs", UP, 0, 0},
    {"POST", "/print-jobs", UP, KEY, 4096},
    {"GET", "/print-jobs/{id}", UP, ID, 0},
    {"POST", "/print-jobs/{id}/reprint", TECHNICIAN | PHARMACIST | MANAGER, KEY, 4096},
    {"POST", "/print-jobs/{id}/confirm", UP, KEY, 4096},
    {"POST", "/print-jobs/{id}/cancel", TECHNICIAN | PHARMACIST | MANAGER, KEY, 4096},
    {"GET", "/printers", UP, 0, 0},
    {"POST", "/printers", MANAGER, KEY, 4096},
    {"GET", "/cards", UP, 0, 0},
    {"POST", "/cards", UP, KEY, 4096},
    {"GET", "/cards/carried", UP, 0, 0},
    {"GET", "/cards/{id}", UP, ID, 0},
    {"GET", "/scan/{code}", UP, ID, 0},
    {"GET", "/healthz", NOBODY, OPEN, 0},
    {"GET", "/metrics", NOBODY, OPEN, 0},
    {"GET", "/openapi.json", NOBODY, OPEN, 0},
    {"GET", "/config", MANAGER, 0, 0},
    {"GET", "/events", ALL, STREAM, 0},
    {"POST", "/clock/confirm", PHARMACIST | MANAGER, KEY, 1024},
    {"POST", "/demo/clock", ALL, 0, 1024},
};

static struct shop shop;

static const struct {
    enum who role;
    const char *staff;
} roles[] = {{COUNTER, "c.evans"},
             {TECHNICIAN, "p.nowak"},
             {PHARMACIST, "a.khan"},
             {MANAGER, "m.hughes"},
             {INSPECTOR, "i.grant"}};

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

/* ---- the routes that there are ---- */

static const struct rule *rule_of(const char *method, const char *path) {
    for (size_t i = 0; i < COUNT(rules); i++) {
        if (strcmp(rules[i].method, method) == 0 && strcmp(rules[i].path, path) == 0) {
            return &rules[i];
        }
    }
    return NULL;
}

/* Every described route is written down here, and the other way round. */
static void described(void **state) {
    (void)state;
    size_t count = 0;
    struct api_answer answer = shop_get(&shop, NULL, "/openapi.json");
    const cJSON *path = NULL;
    cJSON_ArrayForEach(path, shop_member(answer.body, "paths")) {
        const cJSON *operation = NULL;
        cJSON_ArrayForEach(operation, path) {
            struct shop_text method = shop_say("%s", operation->string);
            for (char *at = method.bytes; *at != '\0'; at++) {
                *at = (char)toupper((unsigned char)*at);
            }
            if (rule_of(method.bytes, path->string) == NULL) {
                api_fail(shop.api, "nobody has said who may %s %s", method.bytes, path->string);
            }
            count++;
        }
    }
    assert_int_equal(count, COUNT(rules));
    api_done(&answer);
}

/* The path with an id that nothing has. */
static struct shop_text path_of(const struct rule *rule) {
    const char *brace = strchr(rule->path, '{');
    if (brace == NULL) {
        return shop_say("%s", rule->path);
    }
    return shop_say("%.*sno-such-thing%s", (int)(brace - rule->path), rule->path, strchr(brace, '}') + 1);
}

/* An empty body and a key where one is needed: enough to get past the role, too little to change anything. */
static struct api_answer ask(const struct rule *rule, const struct api_person *who, const char *terminal) {
    static int number;
    const char *headers[4] = {NULL};
    size_t count = 0;
    struct shop_text key = shop_say("Idempotency-Key: roles-%d", ++number);
    if ((rule->needs & KEY) != 0) {
        headers[count++] = key.bytes;
    }
    if (terminal != NULL) {
        headers[count++] = terminal;
    }
    return api_request(shop.api, who, rule->method, path_of(rule).bytes, rule->body_max > 0 ? "{}" : NULL,
                       headers);
}

static void wrong(const struct rule *rule, const char *who, const struct api_answer *answer) {
    api_fail(shop.api, "%s %s %s: %d %s", who, rule->method, rule->path, answer->status, answer->text);
}

static bool is_code(const struct api_answer *answer, int status, const char *code) {
    return answer->status == status && strcmp(shop_string(answer->body, "code"), code) == 0;
}

/* An event stream is only begun: its first line tells. */
static int stream_status(const struct rule *rule, const struct api_person *who) {
    char head[1024];
    struct api_connection connection = api_connect(shop.api, NULL);
    struct shop_text request = shop_say(
        "%s /api/v1%s HTTP/1.1\r\nHost: localhost\r\nX-Terminal: %s\r\nAuthorization: Bearer %s\r\n\r\n",
        rule->method, rule->path, shop.api->terminal, who->token);
    assert_true(api_send(&connection, request.bytes, strlen(request.bytes)));
    api_read_until(&connection, "\r\n", head, sizeof head, 10);
    api_close(&connection);
    return (int)strtol(head + strlen("HTTP/1.1 "), NULL, 10);
}

/* ---- who may ---- */

static void each_role(void **state) {
    (void)state;
    for (size_t r = 0; r < COUNT(roles); r++) {
        struct api_person who = api_sign_in(shop.api, roles[r].staff);
        for (size_t i = 0; i < COUNT(rules); i++) {
            const struct rule *rule = &rules[i];
            if ((rule->needs & STREAM) != 0) {
                assert_int_equal(stream_status(rule, &who), 200);
                continue;
            }
            struct api_answer answer = ask(rule, &who, NULL);
            bool stopped = is_code(&answer, 403, "role");
            bool may = (rule->may & roles[r].role) != 0 || (rule->needs & (OPEN | TERMINAL)) != 0;
            bool registered = roles[r].role == MANAGER && (rule->may & PHARMACIST) != 0;
            if (answer.status >= 500 || answer.status == 401 || (stopped && may && !registered) ||
                (!stopped && !may)) {
                wrong(rule, roles[r].staff, &answer);
            }
            api_done(&answer);
            if (strcmp(rule->method, "GET") != 0 && strncmp(rule->path, "/session", 8) == 0) {
                who = api_sign_in(shop.api, roles[r].staff); /* it was ended or locked */
            }
        }
    }
}

static void without_a_session(void **state) {
    (void)state;
    const struct api_person old = {.staff = "a.khan",
                                   .token = "bm90IGEgdG9rZW4gb2YgYW55IHNlc3Npb24gYXQgYWxs"};
    for (size_t i = 0; i < COUNT(rules); i++) {
        const struct rule *rule = &rules[i];
        bool open = (rule->needs & (OPEN | TERMINAL)) != 0;
        struct api_answer answer = ask(rule, NULL, NULL);
        if (answer.status >= 500 || (!open && !is_code(&answer, 401, "not_signed_in"))) {
            wrong(rule, "nobody", &answer);
        }
        api_done(&answer);
        answer = ask(rule, &old, NULL);
        if (answer.status >= 500 || (!open && !is_code(&answer, 401, "session_ended"))) {
            wrong(rule, "an unknown token", &answer);
        }
        api_done(&answer);
    }
}

static void without_a_terminal(void **state) {
    (void)state;
    static const char *const terminals[] = {"X-Terminal:", "X-Terminal: bm90IGEgdGVybWluYWwgb2Ygb3Vycw"};
    for (size_t i = 0; i < COUNT(rules); i++) {
        const struct rule *rule = &rules[i];
        for (size_t t = 0; t < COUNT(terminals); t++) {
            struct api_answer answer = ask(rule, &shop.manager, terminals[t]);
            bool open = (rule->needs & OPEN) != 0;
            if (answer.status >= 500 || (!open && !is_code(&answer, 401, "terminal_unknown"))) {
                wrong(rule, "no terminal", &answer);
            }
            api_done(&answer);
        }
    }
}

/* A token is good at its own terminal only. */
static void at_another_terminal(void **state) {
    (void)state;
    struct api_answer answer = api_post(shop.api, &shop.manager, "/terminals/codes", "{}", NULL);
    api_expect(shop.api, &answer, 201);
    struct shop_text body =
        shop_say("{\"code\":\"%s\",\"name\":\"Hatch\"}", api_text(shop.api, &answer, "code"));
    api_done(&answer);
    answer = api_post(shop.api, NULL, "/terminals", body.bytes, NULL);
    api_expect(shop.api, &answer, 201);
    struct shop_text terminal = shop_say("X-Terminal: %s", api_text(shop.api, &answer, "token"));
    api_done(&answer);
    const char *const headers[] = {terminal.bytes, NULL};
    answer = api_request(shop.api, &shop.pharmacist, "GET", "/day", NULL, headers);
    api_expect_problem(shop.api, &answer, 401, "session_ended");
    api_done(&answer);
    answer = api_post(shop.api, NULL, "/terminals", body.bytes, NULL); /* a code is for one terminal */
    api_expect(shop.api, &answer, 401);
    api_done(&answer);
}

/* ---- what every route must refuse ---- */

static const struct api_person *somebody(const struct rule *rule) {
    return (rule->may & PHARMACIST) != 0 ? &shop.pharmacist : &shop.manager;
}

static void needs_a_key(void **state) {
    (void)state;
    static const char *const bad[] = {
        "Idempotency-Key:", "Idempotency-Key: two words",
        "Idempotency-Key: 0123456789012345678901234567890123456789012345678901234567890123x"};
    for (size_t i = 0; i < COUNT(rules); i++) {
        const struct rule *rule = &rules[i];
        if ((rule->needs & KEY) == 0) {
            continue;
        }
        struct api_answer answer = api_post(shop.api, somebody(rule), path_of(rule).bytes, "{}", NULL);
        if (!is_code(&answer, 400, "idempotency_key_missing")) {
            wrong(rule, "no key", &answer);
        }
        api_done(&answer);
        for (size_t k = 0; k < COUNT(bad); k++) {
            const char *const headers[] = {bad[k], NULL};
            answer = api_request(shop.api, somebody(rule), "POST", path_of(rule).bytes, "{}", headers);
            if (answer.status != 400) {
                wrong(rule, bad[k], &answer);
            }
            api_done(&answer);
        }
    }
}

/* A JSON object of so many bytes. */
static char *body_of(size_t size) {
    char *body = malloc(size + 1);
    assert_non_null(body);
    memset(body, ' ', size);
    body[0] = '{';
    body[size - 1] = '}';
    body[size] = '\0';
    return body;
}

static void too_large(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(rules); i++) {
        const struct rule *rule = &rules[i];
        const char *const headers[] = {"Idempotency-Key: large", "If-Match: \"x\"", NULL};
        char *body = body_of(rule->body_max + 2);
        struct api_answer answer = {.status = 0};
        if ((rule->needs & STREAM) == 0 && strcmp(rule->method, "GET") != 0) {
            answer = api_request(shop.api, somebody(rule), rule->method, path_of(rule).bytes, body, headers);
            bool bare = strcmp(rule->method, "DELETE") == 0; /* never takes one */
            if (!is_code(&answer, 413, "body_too_large") &&
                !(bare && is_code(&answer, 400, "malformed_request"))) {
                wrong(rule, "too much", &answer);
            }
            api_done(&answer);
        }
        free(body);
        body = rule->body_max == 0 ? NULL : body_of(rule->body_max);
        if (body != NULL && (rule->needs & KEY) != 0) { /* the largest that may be */
            answer = api_request(shop.api, somebody(rule), rule->method, path_of(rule).bytes, body, headers);
            if (answer.status == 413 || answer.status >= 500) {
                wrong(rule, "just enough", &answer);
            }
            api_done(&answer);
        }
        free(body);
    }
}

static void unknown_ids(void **state) {
    (void)state;
    for (size_t i = 0; i < COUNT(rules); i++) {
        const struct rule *rule = &rules[i];
        if ((rule->needs & ID) == 0) {
            continue;
        }
        struct api_answer answer = ask(rule, somebody(rule), NULL);
        if (!is_code(&answer, 404, "not_found")) {
            wrong(rule, "an unknown id", &answer);
        }
        api_done(&answer);
    }
    static const char *const nowhere[] = {"/", "/nothing", "/patients/", "/patients/a/b", "/day/2026-11-23"};
    for (size_t i = 0; i < COUNT(nowhere); i++) {
        struct api_answer answer = api_get(shop.api, &shop.pharmacist, nowhere[i]);
        api_expect_problem(shop.api, &answer, 404, "not_found");
        api_done(&answer);
    }
}

/* By this path, or by one with an id in the place of its last part. */
static bool method_known(const char *method, const char *path) {
    struct shop_text other = shop_say("%.*s/{id}", (int)(strrchr(path, '/') - path), path);
    return rule_of(method, path) != NULL || rule_of(method, other.bytes) != NULL;
}

static void other_methods(void **state) {
    (void)state;
    static const char *const methods[] = {"GET", "POST", "PATCH", "DELETE", "PUT"};
    for (size_t i = 0; i < COUNT(rules); i++) {
        for (size_t m = 0; m < COUNT(methods); m++) {
            struct api_answer answer;
            if (method_known(methods[m], rules[i].path)) {
                continue;
            }
            answer = api_request(shop.api, &shop.manager, methods[m], path_of(&rules[i]).bytes, NULL, NULL);
            char allow[64] = "";
            if (answer.status != 405 || !api_header(&answer, "Allow", allow, sizeof allow) ||
                strstr(allow, rules[i].method) == NULL) {
                wrong(&rules[i], methods[m], &answer);
            }
            api_done(&answer);
        }
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(described),           cmocka_unit_test(each_role),
        cmocka_unit_test(without_a_session),   cmocka_unit_test(without_a_terminal),
        cmocka_unit_test(at_another_terminal), cmocka_unit_test(needs_a_key),
        cmocka_unit_test(too_large),           cmocka_unit_test(unknown_ids),
        cmocka_unit_test(other_methods),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
