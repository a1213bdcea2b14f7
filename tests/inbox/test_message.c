/* Which bodies are a pharmacy's message, and what the page is told of them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../client/inbox/json.h"
#include "../../client/inbox/message.h"
#include "peer.h"

#define ID "019383d0-0000-7000-8000-000000000001"

/* The fixture with one piece of its text replaced, which must be there. */
static char *changed(const char *name, const char *from, const char *to) {
    char *text = peer_message(name, ID, "019383d0-0000-7000-8000-00000000000c");
    char *at = strstr(text, from);
    assert_non_null(at);
    size_t before = (size_t)(at - text);
    char *out = calloc(1, strlen(text) + strlen(to) + 1);
    assert_non_null(out);
    memcpy(out, text, before);
    memcpy(out + before, to, strlen(to));
    memcpy(out + before + strlen(to), at + strlen(from), strlen(at + strlen(from)));
    free(text);
    return out;
}

static void test_fixtures(void **state) {
    (void)state;
    static const struct {
        const char *name, *kind;
        bool urgent;
        size_t missed, signs;
    } rows[] = {
        {"missed_pickup", "missed_pickup", false, 1, 0},
        {"supply_on_hold", "supply_on_hold", true, 3, 0},
        {"possible_intoxication", "possible_intoxication", true, 0, 2},
        {"correction", "correction", false, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct message message;
        const char *error = NULL;
        char *text = peer_message(rows[i].name, ID, "019383d0-0000-7000-8000-00000000000c");
        cJSON *view = cJSON_CreateObject();
        assert_int_equal(message_read(text, strlen(text), &message, &error), MESSAGE_GOOD);
        assert_string_equal(message.id, ID);
        assert_string_equal(message.alert, ID);
        assert_string_equal(message.kind, rows[i].kind);
        assert_string_equal(message.pharmacy_ods, "FX123");
        assert_string_equal(message.due, "2026-11-23T22:31:00+00:00");
        assert_int_equal(message.urgent, rows[i].urgent);
        assert_int_equal(message.corrects != NULL, strcmp(rows[i].name, "correction") == 0);
        assert_true(message_view(&message, view));
        assert_true(json_is(view, "pharmacy.telephone", "01632 960111"));
        assert_true(json_is(view, "product", "Methadone 1 mg/ml oral solution sugar free"));
        assert_non_null(json_text(view, "patient.reference"));
        assert_int_equal(cJSON_GetArraySize(json_at(view, "missed")), rows[i].missed);
        assert_int_equal(cJSON_GetArraySize(json_at(view, "signs")), rows[i].signs);
        cJSON_Delete(view);
        message_free(&message);
        free(text);
    }
}

static void test_refused(void **state) {
    (void)state;
    static const struct {
        const char *from, *to;
        enum message_result result;
    } rows[] = {
        {"\"Bundle\"", "\"Parameters\"", MESSAGE_NOT_ONE},
        {"\"type\": \"message\"", "\"type\": \"batch\"", MESSAGE_NOT_ONE},
        {"\"id\": \"" ID "\"", "\"id\": \"a b\"", MESSAGE_NOT_ONE},
        {"\"resourceType\": \"MessageHeader\"", "\"resourceType\": \"Basic\"", MESSAGE_NOT_ONE},
        {"urn:instalmentd:alert-event", "urn:other", MESSAGE_NOT_ONE},
        {"\"code\": \"missed_pickup\"", "\"code\": \"Missed Pickup\"", MESSAGE_NOT_ONE},
        {"\"resourceType\": \"Communication\"", "\"resourceType\": \"Basic\"", MESSAGE_NOT_ONE},
        {"\"resourceType\": \"Patient\"", "\"resourceType\": \"Communication\"", MESSAGE_NOT_ONE},
        {"\"contentString\"", "\"contentNothing\"", MESSAGE_NOT_ONE},
        {"\"priority\": \"routine\"", "\"priority\": \"whenever\"", MESSAGE_NOT_ONE},
        {"\"resourceType\": \"Task\"", "\"resourceType\": \"Basic\"", MESSAGE_NOT_ONE},
        {"\"urn:instalmentd:alert\"", "\"urn:other\"", MESSAGE_NOT_ONE},
        {"\"status\": \"requested\"", "\"status\": \"completed\"", MESSAGE_NOT_ONE},
        {"did not collect", "did \xC3( not", MESSAGE_NOT_JSON},
        {"did not collect", "did \\u0000 not", MESSAGE_NOT_JSON},
        {"did not collect", "did \n not", MESSAGE_NOT_JSON},
        {"\"type\": \"message\"", "\"type\": \"message\", \"type\": \"message\"", MESSAGE_NOT_JSON},
        {"\"type\": \"message\"", "\"x\": [[[[[[[[[[[[[[[[1]]]]]]]]]]]]]]]]", MESSAGE_NOT_JSON},
        {"\"type\": \"message\"", "\"type\" \"message\"", MESSAGE_NOT_JSON},
        {"{\n \"resourceType\"", "{}\n{\"resourceType\"", MESSAGE_NOT_JSON},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct message message;
        const char *error = NULL;
        char *text = changed("missed_pickup", rows[i].from, rows[i].to);
        if (message_read(text, strlen(text), &message, &error) != rows[i].result) {
            fail_msg("%s -> %s: %s", rows[i].from, rows[i].to, error == NULL ? "taken" : error);
        }
        assert_non_null(error);
        free(text);
    }
}

/* What is odd but no reason to turn a warning away. */
static void test_bare(void **state) {
    (void)state;
    static const struct {
        const char *from, *to;
    } rows[] = {
        {"\"code\": \"missed_pickup\"", "\"code\": \"something_new\""},
        {"\"priority\": \"routine\"", "\"priority\": \"stat\""},
        {"\"sent\": \"2026-11-23T18:31:00+00:00\"", "\"sent\": \"<b>now</b>\""},
        {"\"resourceType\": \"Patient\"", "\"resourceType\": \"Basic\""},
        {"\"resourceType\": \"MedicationRequest\"", "\"resourceType\": \"Basic\""},
        {"\"resourceType\": \"Organization\"", "\"resourceType\": \"Basic\""},
        {"\"restriction\": {", "\"other\": {"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct message message;
        const char *error = NULL;
        char *text = changed("missed_pickup", rows[i].from, rows[i].to);
        cJSON *view = cJSON_CreateObject();
        assert_int_equal(message_read(text, strlen(text), &message, &error), MESSAGE_GOOD);
        assert_true(message_view(&message, view));
        assert_null(message.sent == NULL ? NULL : strchr(message.sent, '<'));
        cJSON_Delete(view);
        message_free(&message);
        free(text);
    }
}

/* Cut anywhere, it is refused, and nothing is read behind its end. */
static void test_cut(void **state) {
    (void)state;
    char *text = peer_message("possible_intoxication", ID, NULL);
    size_t len = strlen(text) - 1; /* its last byte is a line feed */
    for (size_t i = 0; i < len; i++) {
        struct message message;
        const char *error = NULL;
        char *part = malloc(i + 1);
        assert_non_null(part);
        memcpy(part, text, i);
        assert_int_equal(message_read(part, i, &message, &error), MESSAGE_NOT_JSON);
        free(part);
    }
    free(text);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(test_fixtures), cmocka_unit_test(test_refused),
                                       cmocka_unit_test(test_bare), cmocka_unit_test(test_cut)};
    return cmocka_run_group_tests_name("message", tests, NULL, NULL);
}
