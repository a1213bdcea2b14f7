/*
 * The client library: what it makes of answers that are lost, unclear, untrusted or somebody else's. A small server on a
 * Unix socket plays the daemon that loses answers; the real one shows the rest.
 */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "../support/shop.h"
#include "instalment/client.h"

#define REQUESTS_MAX 8
#define REQUEST_SIZE 4096

/* ---- a server that answers as it was told */

struct stub {
    char folder[32], path[64];
    int fd;
    pthread_t thread;
    const char *answers[REQUESTS_MAX]; /* NULL: the line is cut; the last counts for all that follow */
    size_t answer_count;
    char requests[REQUESTS_MAX][REQUEST_SIZE];
    size_t request_count;
};

#define ANSWER(status, headers, body) "HTTP/1.1 " status "\r\nConnection: close\r\n" headers "\r\n" body

static void stub_serve(struct stub *stub, int fd) {
    char *request =
        stub->requests[stub->request_count < REQUESTS_MAX ? stub->request_count : REQUESTS_MAX - 1];
    size_t at = stub->request_count < stub->answer_count ? stub->request_count : stub->answer_count - 1;
    size_t len = 0;
    memset(request, 0, REQUEST_SIZE);
    while (len + 1 < REQUEST_SIZE) {
        ssize_t got = read(fd, request + len, REQUEST_SIZE - 1 - len);
        if (got <= 0)
            break;
        len += (size_t)got;
        const char *body = strstr(request, "\r\n\r\n");
        const char *length = strcasestr(request, "\r\nContent-Length: ");
        if (body != NULL && (length == NULL || strlen(body + 4) >= strtoul(length + 18, NULL, 10)))
            break;
    }
    if (stub->answers[at] != NULL)
        (void)!write(fd, stub->answers[at], strlen(stub->answers[at]));
    stub->request_count++;
}

static void *stub_run(void *context) {
    struct stub *stub = context;
    for (;;) {
        int fd = accept(stub->fd, NULL, NULL);
        if (fd < 0)
            return NULL;
        stub_serve(stub, fd);
        close(fd);
    }
}

static void stub_open(struct stub *stub) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    strcpy(stub->folder, "/tmp/instalment-client-XXXXXX");
    assert_non_null(mkdtemp(stub->folder));
    snprintf(stub->path, sizeof stub->path, "%s/sock", stub->folder);
    strcpy(address.sun_path, stub->path);
    stub->fd = socket(AF_UNIX, SOCK_STREAM, 0);
    assert_int_equal(bind(stub->fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(listen(stub->fd, 8), 0);
    assert_int_equal(pthread_create(&stub->thread, NULL, stub_run, stub), 0);
}

static void stub_close(struct stub *stub) {
    shutdown(stub->fd, SHUT_RDWR);
    pthread_join(stub->thread, NULL);
    close(stub->fd);
    unlink(stub->path);
    rmdir(stub->folder);
}

static struct instalment *client_of(const struct stub *stub) {
    const struct instalment_options options = {.socket = stub->path, .seconds = 5};
    struct instalment *client = instalment_open(&options);
    assert_non_null(client);
    return client;
}

/* Opens a server with these answers, posts {"a":1} with a key (NULL: none), and closes it. */
static enum instalment_result post_once(struct stub *stub, const char *key, struct instalment_reply **reply) {
    stub_open(stub);
    struct instalment *client = client_of(stub);
    const struct instalment_request request = {
        .method = "POST", .path = "/supplies", .body = "{\"a\":1}", .key = key};
    enum instalment_result result = instalment_send(client, &request, reply);
    instalment_close(&client);
    stub_close(stub);
    return result;
}

/* ---- lost answers */

static void lost_answer_is_asked_for_again(void **state) {
    struct stub stub = {
        .answers = {NULL, ANSWER("201 Created", "Idempotent-Replay: true\r\n", "{\"id\":\"sp-1\"}")},
        .answer_count = 2};
    struct instalment_reply *reply = NULL;
    (void)state;
    assert_int_equal(post_once(&stub, "key-77", &reply), INSTALMENT_ANSWERED);
    assert_int_equal(stub.request_count, 2);
    assert_string_equal(stub.requests[0], stub.requests[1]);
    assert_non_null(strstr(stub.requests[1], "\r\nIdempotency-Key: key-77\r\n"));
    assert_non_null(strstr(stub.requests[1], "\r\n\r\n{\"a\":1}"));
    assert_int_equal(instalment_status(reply), 201);
    assert_true(instalment_replayed(reply));
    assert_string_equal(instalment_text(reply, "id"), "sp-1");
    instalment_reply_free(&reply);
}

static void unknown_outcome_is_asked_for_again(void **state) {
    struct stub stub = {.answers = {ANSWER("503 Service Unavailable", "", "{\"code\":\"outcome_unknown\"}"),
                                    ANSWER("201 Created", "", "{\"id\":\"sp-2\"}")},
                        .answer_count = 2};
    struct instalment_reply *reply = NULL;
    (void)state;
    assert_int_equal(post_once(&stub, "key-78", &reply), INSTALMENT_ANSWERED);
    assert_int_equal(stub.request_count, 2);
    assert_string_equal(instalment_text(reply, "id"), "sp-2");
    instalment_reply_free(&reply);
}

/* A busy daemon has recorded nothing: its answer is the answer. */
static void another_503_is_an_answer(void **state) {
    struct stub stub = {.answers = {ANSWER("503 Service Unavailable", "", "{\"code\":\"unavailable\"}")},
                        .answer_count = 1};
    struct instalment_reply *reply = NULL;
    (void)state;
    assert_int_equal(post_once(&stub, "key-79", &reply), INSTALMENT_ANSWERED);
    assert_int_equal(stub.request_count, 1);
    assert_int_equal(instalment_status(reply), 503);
    instalment_reply_free(&reply);
}

static void what_stays_unknown_is_said_to_be(void **state) {
    struct stub stub = {.answers = {NULL}, .answer_count = 1};
    struct instalment_reply *reply = NULL;
    (void)state;
    assert_int_equal(post_once(&stub, "key-80", &reply), INSTALMENT_UNKNOWN);
    assert_int_equal(stub.request_count, 4);
    assert_null(reply);
}

static void without_a_key_nothing_is_repeated(void **state) {
    struct stub stub = {.answers = {NULL}, .answer_count = 1};
    struct instalment_reply *reply = NULL;
    (void)state;
    assert_int_equal(post_once(&stub, NULL, &reply), INSTALMENT_LOST);
    assert_int_equal(stub.request_count, 1);
    assert_null(reply);
}

static void cut_body_is_no_answer(void **state) {
    struct stub stub = {.answers = {ANSWER("201 Created", "Content-Length: 500\r\n", "{\"id\":")},
                        .answer_count = 1};
    struct instalment_reply *reply = NULL;
    (void)state;
    assert_int_equal(post_once(&stub, NULL, &reply), INSTALMENT_LOST);
    assert_null(reply);
}

static void redirect_is_not_followed(void **state) {
    struct stub stub = {
        .answers = {ANSWER("307 Temporary Redirect", "Location: https://elsewhere.invalid/\r\n", "")},
        .answer_count = 1};
    struct instalment_reply *reply = NULL;
    (void)state;
    assert_int_equal(post_once(&stub, "key-81", &reply), INSTALMENT_ANSWERED);
    assert_int_equal(instalment_status(reply), 307);
    assert_null(instalment_json(reply));
    assert_null(instalment_text(reply, "id"));
    assert_string_equal(instalment_body(reply, NULL), "");
    assert_string_equal(instalment_header(reply, "location"), "https://elsewhere.invalid/");
    assert_null(instalment_header(reply, "locatio"));
    instalment_reply_free(&reply);
}

static void pages_are_put_together(void **state) {
    struct stub stub = {.answers = {ANSWER("200 OK", "", "{\"items\":[1,2],\"next\":\"b c\"}"),
                                    ANSWER("200 OK", "", "{\"items\":[3],\"next\":null}")},
                        .answer_count = 2};
    struct instalment_reply *reply = NULL;
    (void)state;
    stub_open(&stub);
    struct instalment *client = client_of(&stub);
    assert_int_equal(instalment_get_all(client, "/audit?who=x", NULL, NULL, &reply), INSTALMENT_ANSWERED);
    instalment_close(&client);
    stub_close(&stub);
    assert_string_equal(instalment_body(reply, NULL), "{\"items\":[1,2,3],\"next\":null}");
    assert_memory_equal(stub.requests[0], "GET /api/v1/audit?who=x&limit=500 ", 34);
    assert_memory_equal(stub.requests[1], "GET /api/v1/audit?who=x&limit=500&after=b%20c ", 46);
    instalment_reply_free(&reply);
}

/* A page that fails is the answer; what came before it is not passed off as the whole. */
static void failed_page_is_the_answer(void **state) {
    struct stub stub = {.answers = {ANSWER("200 OK", "", "{\"items\":[1,2],\"next\":\"b\"}"),
                                    ANSWER("403 Forbidden", "", "{\"code\":\"role\"}")},
                        .answer_count = 2};
    struct instalment_reply *reply = NULL;
    (void)state;
    stub_open(&stub);
    struct instalment *client = client_of(&stub);
    assert_int_equal(instalment_get_all(client, "/audit", NULL, NULL, &reply), INSTALMENT_ANSWERED);
    instalment_close(&client);
    stub_close(&stub);
    assert_int_equal(instalment_status(reply), 403);
    assert_null(strstr(instalment_body(reply, NULL), "items"));
    instalment_reply_free(&reply);
}

static void nobody_there_is_unreachable(void **state) {
    const struct instalment_options options = {.socket = "/tmp/instalment-nobody-listens-here"};
    struct instalment *client = instalment_open(&options);
    struct instalment_reply *reply = NULL;
    (void)state;
    assert_non_null(client);
    assert_int_equal(instalment_post(client, "/supplies", "{}", NULL, &reply), INSTALMENT_UNREACHABLE);
    assert_true(instalment_error(client)[0] != '\0');
    assert_null(reply);
    instalment_close(&client);
    assert_null(client);
    assert_null(instalment_open(&(struct instalment_options){.ca = "x"}));
}

/* ---- the real daemon */

static struct shop shop;

static int open_shop(void **state) {
    (void)state;
    shop_open(&shop, NULL);
    return 0;
}

static int close_shop(void **state) {
    (void)state;
    shop_close(&shop);
    return 0;
}

static struct instalment *client_over_tls(const char *ca) {
    char url[64];
    snprintf(url, sizeof url, "https://localhost:%d", shop.api->port);
    const struct instalment_options options = {.url = url, .ca = ca, .terminal = shop.api->terminal};
    struct instalment *client = instalment_open(&options);
    assert_non_null(client);
    return client;
}

static void sessions_begin_and_end(void **state) {
    struct instalment *client = client_over_tls(shop.api->ca);
    struct instalment_reply *reply = NULL;
    (void)state;
    assert_int_equal(instalment_sign_in(client, "a.khan", "0000", &reply), INSTALMENT_ANSWERED);
    assert_int_equal(instalment_status(reply), 401);
    instalment_reply_free(&reply);
    assert_int_equal(instalment_sign_in(client, "a.khan", api_pin(shop.api, "a.khan"), &reply),
                     INSTALMENT_ANSWERED);
    assert_int_equal(instalment_status(reply), 201);
    assert_string_equal(instalment_text(reply, "staff.role"), "pharmacist");
    instalment_reply_free(&reply);
    assert_int_equal(instalment_get(client, "/day", &reply), INSTALMENT_ANSWERED);
    assert_int_equal(instalment_status(reply), 200);
    instalment_reply_free(&reply);
    assert_int_equal(instalment_sign_out(client, &reply), INSTALMENT_ANSWERED);
    assert_int_equal(instalment_status(reply), 204);
    instalment_reply_free(&reply);
    assert_int_equal(instalment_get(client, "/day", &reply), INSTALMENT_ANSWERED);
    assert_int_equal(instalment_status(reply), 401);
    instalment_reply_free(&reply);
    instalment_close(&client);
}

/* Somebody else's certificate, or only the system's authorities: nothing is sent, a PIN least of all. */
static void other_certificates_are_not_believed(void **state) {
    char other[] = "/tmp/instalment-ca-XXXXXX";
    struct instalment_reply *reply = NULL;
    (void)state;
    int fd = mkstemp(other);
    assert_true(fd >= 0);
    static const char *const files[] = {NULL, "", "/nonexistent/ca.pem"};
    for (size_t i = 0; i < 3; i++) {
        const char *ca = files[i] != NULL && files[i][0] == '\0' ? other : files[i];
        struct instalment *client = client_over_tls(ca);
        assert_int_equal(instalment_sign_in(client, "a.khan", api_pin(shop.api, "a.khan"), &reply),
                         INSTALMENT_UNTRUSTED);
        assert_null(reply);
        instalment_close(&client);
    }
    close(fd);
    unlink(other);
}

static void proxies_of_the_environment_are_not_used(void **state) {
    struct instalment_reply *reply = NULL;
    (void)state;
    setenv("https_proxy", "http://127.0.0.1:9", 1);
    setenv("ALL_PROXY", "http://127.0.0.1:9", 1);
    struct instalment *client = client_over_tls(shop.api->ca);
    assert_int_equal(instalment_get(client, "/healthz", &reply), INSTALMENT_ANSWERED);
    instalment_reply_free(&reply);
    instalment_close(&client);
    unsetenv("https_proxy");
    unsetenv("ALL_PROXY");
}

static void change_needs_what_was_read(void **state) {
    struct instalment *client = client_over_tls(shop.api->ca);
    struct instalment_reply *reply = NULL;
    char path[64];
    (void)state;
    instalment_set_session(client, shop.manager.token);
    snprintf(path, sizeof path, "/services/%s", shop.service);
    assert_int_equal(instalment_patch(client, path, "{\"telephone\":\"01632 960777\"}", &reply),
                     INSTALMENT_ANSWERED);
    assert_int_equal(instalment_status(reply), 200);
    assert_string_equal(instalment_text(reply, "telephone"), "01632 960777");
    instalment_reply_free(&reply);
    assert_int_equal(instalment_patch(client, "/services/sv-none", "{}", &reply), INSTALMENT_ANSWERED);
    assert_int_equal(instalment_status(reply), 404);
    instalment_reply_free(&reply);
    instalment_close(&client);
}

static void posts_get_keys_of_their_own(void **state) {
    struct instalment *client = client_over_tls(shop.api->ca);
    struct instalment_reply *reply = NULL;
    char one[INSTALMENT_KEY_SIZE], other[INSTALMENT_KEY_SIZE];
    (void)state;
    assert_true(instalment_key(one) && instalment_key(other));
    assert_int_equal(strlen(one), INSTALMENT_KEY_SIZE - 1);
    assert_string_not_equal(one, other);
    instalment_set_session(client, shop.counter.token);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(instalment_post(client, "/patients",
                                         "{\"name\":\"Lavinia Quartzbeck\",\"born_on\":\"1980-01-02\"}", NULL,
                                         &reply),
                         INSTALMENT_ANSWERED);
        assert_int_equal(instalment_status(reply), 201);
        assert_false(instalment_replayed(reply));
        instalment_reply_free(&reply);
    }
    instalment_close(&client);
}

/* What changes is told while it changes, and a daemon that ends is noticed. */
static void events_arrive(void **state) {
    struct instalment *client = client_over_tls(shop.api->ca);
    const char *name = NULL;
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    instalment_set_session(client, shop.counter.token);
    struct instalment_watch *watch = instalment_watch_open(client);
    assert_non_null(watch);
    assert_int_equal(instalment_watch_wait(watch, ends[0], 5000, &name), INSTALMENT_WATCH_EVENT);
    assert_string_equal(name, "");
    assert_int_equal(instalment_watch_wait(watch, ends[0], 50, &name), INSTALMENT_WATCH_TIME);
    struct shop_case person = shop_enter(&shop, &(struct shop_wish){.name = "Peregrine Ashmantle"});
    assert_true(person.rx[0] != '\0');
    shop_supply(&shop, &(struct shop_supply){.rx = person.rx, .on = "2026-11-23"}, NULL);
    enum instalment_watched what = INSTALMENT_WATCH_TIME;
    for (int i = 0; i < 50 && !(what == INSTALMENT_WATCH_EVENT && strcmp(name, "day") == 0); i++) {
        what = instalment_watch_wait(watch, -1, 200, &name);
        assert_int_not_equal(what, INSTALMENT_WATCH_LOST);
    }
    assert_string_equal(name, "day");
    assert_int_equal(write(ends[1], "x", 1), 1);
    do
        what = instalment_watch_wait(watch, ends[0], 1000, &name);
    while (what == INSTALMENT_WATCH_EVENT);
    assert_int_equal(what, INSTALMENT_WATCH_OTHER);
    api_end(shop.api);
    for (int i = 0; i < 50 && what != INSTALMENT_WATCH_LOST; i++)
        what = instalment_watch_wait(watch, -1, 200, &name);
    assert_int_equal(what, INSTALMENT_WATCH_LOST);
    instalment_watch_close(&watch);
    instalment_close(&client);
    close(ends[0]);
    close(ends[1]);
    api_start_again(shop.api, NULL);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lost_answer_is_asked_for_again),
        cmocka_unit_test(unknown_outcome_is_asked_for_again),
        cmocka_unit_test(another_503_is_an_answer),
        cmocka_unit_test(what_stays_unknown_is_said_to_be),
        cmocka_unit_test(without_a_key_nothing_is_repeated),
        cmocka_unit_test(cut_body_is_no_answer),
        cmocka_unit_test(redirect_is_not_followed),
        cmocka_unit_test(pages_are_put_together),
        cmocka_unit_test(failed_page_is_the_answer),
        cmocka_unit_test(nobody_there_is_unreachable),
        cmocka_unit_test(sessions_begin_and_end),
        cmocka_unit_test(other_certificates_are_not_believed),
        cmocka_unit_test(proxies_of_the_environment_are_not_used),
        cmocka_unit_test(change_needs_what_was_read),
        cmocka_unit_test(posts_get_keys_of_their_own),
        cmocka_unit_test(events_arrive),
    };
    return cmocka_run_group_tests_name("client library", tests, open_shop, close_shop);
}
