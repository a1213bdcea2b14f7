/* Sessions: an idle one ends, a busy one ends too, in real time; the PIN is the person's; slots that are all taken. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "http/session.h"
#include "sys/clock.h"

#define IDLE_MS 1000
#define LIFE_MS 2500
#define STEP_US 20000

static const struct staff_row nell = {
    .id = "n.orme", .name = "Nell Orme", .role = "pharmacist", .registration = "2099001", .active = true};

static struct session *begin(struct sessions *sessions, char token[SESSION_TOKEN_SIZE]) {
    struct session *session = session_begin(sessions, &nell, "739164", "terminal-1", token);
    assert_non_null(session);
    return session;
}

static void an_idle_session_ends(void **state) {
    (void)state;
    char token[SESSION_TOKEN_SIZE];
    struct sessions *sessions = sessions_new(IDLE_MS, LIFE_MS);
    assert_non_null(sessions);
    int64_t before = clock_elapsed_ms();
    uint64_t handle = begin(sessions, token)->handle;
    int64_t begun = clock_elapsed_ms();
    bool alive = true, was_alive = false;
    while (alive) {
        int64_t asked = clock_elapsed_ms();
        alive = session_find(sessions, token) != NULL;
        was_alive |= alive;
        if (alive) {
            assert_true(asked - begun < IDLE_MS);
        } else {
            assert_true(clock_elapsed_ms() - before >= IDLE_MS);
        }
        usleep(STEP_US);
    }
    assert_true(was_alive);
    assert_null(session_of(sessions, handle));
    sessions_free(&sessions);
}

static void a_busy_session_ends_all_the_same(void **state) {
    (void)state;
    char token[SESSION_TOKEN_SIZE];
    struct sessions *sessions = sessions_new(IDLE_MS, LIFE_MS);
    assert_non_null(sessions);
    int64_t before = clock_elapsed_ms(), seen = before;
    begin(sessions, token);
    int64_t begun = clock_elapsed_ms();
    for (;;) {
        int64_t asked = clock_elapsed_ms();
        struct session *session = session_find(sessions, token);
        if (session == NULL) {
            break;
        }
        assert_true(asked - begun < LIFE_MS);
        session_touch(session);
        seen = asked;
        usleep(STEP_US);
    }
    assert_true(clock_elapsed_ms() - before >= LIFE_MS);
    assert_true(seen - before >= IDLE_MS); /* it was kept by its requests */
    sessions_free(&sessions);
}

static void the_pin_is_the_persons(void **state) {
    (void)state;
    char token[SESSION_TOKEN_SIZE];
    struct sessions *sessions = sessions_new(60000, 60000);
    assert_non_null(sessions);
    struct session *session = begin(sessions, token);
    assert_true(session_pin_right(sessions, session, "739164"));
    assert_false(session_pin_right(sessions, session, "739165"));
    assert_false(session_pin_right(sessions, session, ""));
    session_end(sessions, session);
    assert_null(session_find(sessions, token));
    sessions_free(&sessions);
}

static void the_longest_unused_makes_room(void **state) {
    (void)state;
    char first[SESSION_TOKEN_SIZE], second[SESSION_TOKEN_SIZE], token[SESSION_TOKEN_SIZE];
    struct sessions *sessions = sessions_new(60000, 60000);
    assert_non_null(sessions);
    begin(sessions, first);
    begin(sessions, second);
    for (size_t i = 2; i < SESSIONS_MAX; i++) {
        begin(sessions, token);
    }
    assert_int_equal(sessions_count(sessions), SESSIONS_MAX);
    usleep(STEP_US);
    session_touch(session_find(sessions, first));
    usleep(STEP_US);
    begin(sessions, token);
    assert_int_equal(sessions_count(sessions), SESSIONS_MAX);
    assert_non_null(session_find(sessions, first));
    assert_null(session_find(sessions, second));
    assert_non_null(session_find(sessions, token));
    sessions_free(&sessions);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_idle_session_ends),
        cmocka_unit_test(a_busy_session_ends_all_the_same),
        cmocka_unit_test(the_pin_is_the_persons),
        cmocka_unit_test(the_longest_unused_makes_room),
    };
    if (sodium_init() < 0) {
        return 1;
    }
    return cmocka_run_group_tests_name("session", tests, NULL, NULL);
}
