/* What a service may answer (alerts.md, "States"), friendly, odd and hostile. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "alert/fhir.h"

#define ID "019aaf10-7d2e-7a10-8e44-9f1d6c0b2a00"
#define OTHER "019aaf10-7d2e-7a10-8e44-9f1d6c0b2a01"
#define IDENTIFIED(id) "\"identifier\":[{\"system\":\"urn:instalmentd:alert\",\"value\":\"" id "\"}]"
#define TASK(status, more) "{\"resourceType\":\"Task\"," IDENTIFIED(ID) ",\"status\":\"" status "\"" more "}"
#define HEADER(code) \
    "{\"resourceType\":\"MessageHeader\",\"response\":{\"identifier\":\"x\",\"code\":\"" code "\"}}"
#define BUNDLE(type, entries) "{\"resourceType\":\"Bundle\",\"type\":\"" type "\",\"entry\":[" entries "]}"
#define ENTRY(resource) "{\"resource\":" resource "}"
#define BY                                                                                           \
    ",\"owner\":{\"display\":\"J. Moss\"},\"note\":[{\"text\":\"Seen today.\"},{\"text\":\"Back on " \
    "Friday.\"}]"

static struct alert_answer answer;

static enum alert_body answered(const char *body) {
    return alert_fhir_read_answer(ID, body, strlen(body), &answer);
}

static void a_task_acknowledges_bare_or_in_any_bundle(void **state) {
    (void)state;
    static const char *const bodies[] = {
        TASK("accepted", BY),
        " \r\n\t" TASK("in-progress", BY),
        TASK("completed", BY),
        BUNDLE("searchset", ENTRY(TASK("accepted", BY))),
        BUNDLE("message", ENTRY(HEADER("ok")) "," ENTRY(TASK("accepted", BY))),
        BUNDLE("collection", ENTRY(BUNDLE("history", ENTRY(TASK("accepted", BY))))),
        BUNDLE("searchset", "{},{\"resource\":null},{\"resource\":7},7,null," ENTRY(TASK("accepted", BY))),
        "{\"resourceType\":\"Task\",\"identifier\":[{\"value\":\"" ID
        "\"},{\"system\":\"urn:other\",\"value\":\"" ID
        "\"},{\"system\":\"urn:instalmentd:alert\",\"value\":\"" ID "\"}],\"status\":\"accepted\"" BY "}",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        assert_int_equal(answered(bodies[i]), ALERT_BODY_READ);
        assert_int_equal(answer.task, ALERT_TASK_ACKNOWLEDGED);
        assert_string_equal(answer.by, "J. Moss");
        assert_string_equal(answer.note, "Seen today.\nBack on Friday.");
    }
}

static void a_task_of_another_alert_says_nothing(void **state) {
    (void)state;
    static const char *const bodies[] = {
        "{\"resourceType\":\"Task\"," IDENTIFIED(OTHER) ",\"status\":\"accepted\"}",
        "{\"resourceType\":\"Task\",\"identifier\":[{\"system\":\"urn:instalmentd:alert\",\"value\":\"" ID
        "x\"}],\"status\":\"accepted\"}",
        "{\"resourceType\":\"Task\",\"identifier\":[{\"system\":\"urn:instalmentd\",\"value\":\"" ID
        "\"}],\"status\":\"accepted\"}",
        "{\"resourceType\":\"Task\",\"identifier\":[{\"value\":\"" ID "\"}],\"status\":\"accepted\"}",
        "{\"resourceType\":\"Task\",\"status\":\"accepted\"}",
        "{\"resourceType\":\"Tasks\"," IDENTIFIED(ID) ",\"status\":\"accepted\"}",
        "{" IDENTIFIED(ID) ",\"status\":\"accepted\"}",
        "{\"resourceType\":\"Task\",\"identifier\":\"urn:instalmentd:alert|" ID "\",\"status\":\"accepted\"}",
        "{\"resourceType\":\"Task\",\"identifier\":7,\"status\":\"accepted\"}",
        "{\"resourceType\":7," IDENTIFIED(ID) ",\"status\":\"accepted\"}",
        "{\"Task\":" TASK("accepted", "") "}",
        "{\"resourceType\":\"Bundle\",\"entry\":" TASK("accepted", "") "}",
        "{\"resourceType\":\"Parameters\",\"contained\":[" TASK("accepted", "") "]}",
    };
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        assert_int_equal(answered(bodies[i]), ALERT_BODY_READ);
        assert_int_equal(answer.task, ALERT_TASK_NONE);
        assert_int_equal(answer.response, ALERT_RESPONSE_NONE);
    }
}

static void a_status_is_read_letter_for_letter(void **state) {
    (void)state;
    static const struct {
        const char *body;
        enum alert_task task;
    } rows[] = {
        {TASK("rejected", BY), ALERT_TASK_REJECTED},
        {TASK("requested", BY), ALERT_TASK_OPEN},
        {TASK("received", BY), ALERT_TASK_OPEN},
        {TASK("draft", BY), ALERT_TASK_OPEN},
        {TASK("cancelled", BY), ALERT_TASK_OPEN},
        {TASK("failed", BY), ALERT_TASK_OPEN},
        {TASK("entered-in-error", BY), ALERT_TASK_OPEN},
        {TASK("Accepted", BY), ALERT_TASK_OPEN},
        {TASK("accepted ", BY), ALERT_TASK_OPEN},
        {TASK("", BY), ALERT_TASK_OPEN},
        {"{\"resourceType\":\"Task\"," IDENTIFIED(ID) "}", ALERT_TASK_OPEN},
        {"{\"resourceType\":\"Task\"," IDENTIFIED(ID) ",\"status\":[\"accepted\"]}", ALERT_TASK_OPEN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(answered(rows[i].body), ALERT_BODY_READ);
        assert_int_equal(answer.task, rows[i].task);
    }
}

/* Somebody refused it: the telephone, whoever else took it. */
static void of_several_tasks_the_refusal_counts(void **state) {
    (void)state;
    static const char *const bodies[] = {
        BUNDLE("searchset", ENTRY(TASK("rejected", ",\"note\":[{\"text\":\"not ours\"}]")) "," ENTRY(
                                TASK("accepted", BY))),
        BUNDLE("searchset", ENTRY(TASK("accepted", BY)) "," ENTRY(
                                TASK("rejected", ",\"note\":[{\"text\":\"not ours\"}]"))),
    };
    for (size_t i = 0; i < 2; i++) {
        assert_int_equal(answered(bodies[i]), ALERT_BODY_READ);
        assert_int_equal(answer.task, ALERT_TASK_REJECTED);
        assert_string_equal(answer.by, "");
        assert_string_equal(answer.note, "not ours");
    }
    assert_int_equal(
        answered(BUNDLE("searchset", ENTRY(TASK("requested", "")) "," ENTRY(TASK("accepted", BY)))),
        ALERT_BODY_READ);
    assert_int_equal(answer.task, ALERT_TASK_ACKNOWLEDGED);
    assert_string_equal(answer.by, "J. Moss");
}

static void a_response_is_ok_transient_or_fatal(void **state) {
    (void)state;
    static const struct {
        const char *body;
        enum alert_response response;
    } rows[] = {
        {BUNDLE("message", ENTRY(HEADER("ok"))), ALERT_RESPONSE_OK},
        {BUNDLE("message", ENTRY(HEADER("transient-error"))), ALERT_RESPONSE_TRANSIENT},
        {BUNDLE("message", ENTRY(HEADER("fatal-error"))), ALERT_RESPONSE_FATAL},
        {HEADER("fatal-error"), ALERT_RESPONSE_FATAL},
        {BUNDLE("message", ENTRY(HEADER("fatal-error")) "," ENTRY(HEADER("ok"))), ALERT_RESPONSE_FATAL},
        {BUNDLE("message", ENTRY(HEADER("ok")) "," ENTRY(HEADER("transient-error"))),
         ALERT_RESPONSE_TRANSIENT},
        {HEADER("error"), ALERT_RESPONSE_NONE},
        {"{\"resourceType\":\"MessageHeader\"}", ALERT_RESPONSE_NONE},
        {"{\"resourceType\":\"MessageHeader\",\"response\":\"ok\"}", ALERT_RESPONSE_NONE},
        {"{\"resourceType\":\"OperationOutcome\",\"issue\":[]}", ALERT_RESPONSE_NONE},
        {"{}", ALERT_RESPONSE_NONE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_int_equal(answered(rows[i].body), ALERT_BODY_READ);
        assert_int_equal(answer.response, rows[i].response);
        assert_int_equal(answer.task, ALERT_TASK_NONE);
    }
}

static void other_bodies_are_no_answers(void **state) {
    (void)state;
    static const char *const none[] = {"",     " ",      "OK", "<html></html>", "[]",
                                       "null", "\"{}\"", "7",  "\xEF\xBB\xBF{}"};
    for (size_t i = 0; i < sizeof none / sizeof none[0]; i++) {
        assert_int_equal(answered(none[i]), ALERT_BODY_OTHER);
    }
    static const char *const broken[] = {"{",
                                         "{\"resourceType\":\"Task\"",
                                         "{}{}",
                                         "{\"a\":1,\"a\":1}",
                                         "{\"a\":\"\xff\"}",
                                         "{\"a\":\"\\u0000\"}",
                                         "{} trailing",
                                         "{\"a\":\"\x01\"}"};
    for (size_t i = 0; i < sizeof broken / sizeof broken[0]; i++) {
        assert_int_equal(answered(broken[i]), ALERT_BODY_BROKEN);
        assert_int_equal(answer.task, ALERT_TASK_NONE);
    }
}

/* A body cut at any byte is never taken for another answer. */
static void a_cut_body_says_nothing(void **state) {
    (void)state;
    static const char whole[] =
        BUNDLE("message", ENTRY(HEADER("fatal-error")) "," ENTRY(TASK("accepted", BY)));
    for (size_t len = 1; len < sizeof whole - 1; len++) {
        char *cut = malloc(len);
        memcpy(cut, whole, len);
        assert_int_equal(alert_fhir_read_answer(ID, cut, len, &answer), ALERT_BODY_BROKEN);
        assert_int_equal(answer.task, ALERT_TASK_NONE);
        assert_int_equal(answer.response, ALERT_RESPONSE_NONE);
        free(cut);
    }
    assert_int_equal(alert_fhir_read_answer(ID, whole, sizeof whole - 1, &answer), ALERT_BODY_READ);
    assert_int_equal(alert_fhir_read_answer(ID, "", 0, &answer), ALERT_BODY_OTHER);
}

static void deep_and_large_bodies_are_refused(void **state) {
    (void)state;
    char *deep = malloc(40000);
    size_t len = 0;
    for (int i = 0; i < 500; i++) {
        len += (size_t)sprintf(deep + len, "{\"resourceType\":\"Bundle\",\"entry\":[{\"resource\":");
    }
    assert_int_equal(alert_fhir_read_answer(ID, deep, len, &answer), ALERT_BODY_BROKEN);
    free(deep);
    size_t size = ALERT_ANSWER_MAX + 1;
    char *large = malloc(size);
    memset(large, ' ', size);
    memcpy(large, TASK("accepted", ""), sizeof TASK("accepted", "") - 1);
    assert_int_equal(alert_fhir_read_answer(ID, large, size, &answer), ALERT_BODY_BROKEN);
    assert_int_equal(alert_fhir_read_answer(ID, large, size - 1, &answer), ALERT_BODY_READ);
    assert_int_equal(answer.task, ALERT_TASK_ACKNOWLEDGED);
    free(large);
}

static void long_texts_are_cut_at_a_character(void **state) {
    (void)state;
    char *body = malloc(20000);
    char *name = malloc(6001);
    for (size_t i = 0; i < 6000; i += 3) {
        memcpy(name + i, "\xE2\x82\xAC", 3);
    }
    name[6000] = '\0';
    (void)snprintf(body, 20000,
                   "{\"resourceType\":\"Task\"," IDENTIFIED(
                       ID) ",\"status\":\"accepted\",\"owner\":{\"display\":\"%s\"},"
                           "\"note\":[{\"text\":\"a\\u0007b\\nc\"},{\"text\":\"%s\"},{\"text\":\"late\"},{"
                           "\"text\":7},7]}",
                   name, name);
    assert_int_equal(answered(body), ALERT_BODY_READ);
    assert_int_equal(strlen(answer.by), 198);
    assert_memory_equal(answer.by, name, 198);
    assert_memory_equal(answer.note, "a b\nc\n\xE2\x82\xAC", 9);
    assert_true(strlen(answer.note) >= ALERT_NOTE_SIZE - 6 && strlen(answer.note) < ALERT_NOTE_SIZE);
    free(body);
    free(name);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_acknowledges_bare_or_in_any_bundle),
        cmocka_unit_test(a_task_of_another_alert_says_nothing),
        cmocka_unit_test(a_status_is_read_letter_for_letter),
        cmocka_unit_test(of_several_tasks_the_refusal_counts),
        cmocka_unit_test(a_response_is_ok_transient_or_fatal),
        cmocka_unit_test(other_bodies_are_no_answers),
        cmocka_unit_test(a_cut_body_says_nothing),
        cmocka_unit_test(deep_and_large_bodies_are_refused),
        cmocka_unit_test(long_texts_are_cut_at_a_character),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
