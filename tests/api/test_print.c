/*
 * Labels, sheets and cards through the real daemon, into the folder: what a label says, who may what, reprints, labels of
 * what was bagged in advance, and scans at hand-out (hazards H13, H18, H30, H31).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../support/cups.h"
#include "../support/shop.h"

#define WAIT_SECONDS 20
#define PATIENT "Ambrosia Thimbleweed"

static struct shop shop;

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

static void becomes(const char *job, const char *state, const char *reason) {
    time_t until = time(NULL) + WAIT_SECONDS;
    struct shop_text is = {.bytes = ""};
    struct shop_text why = {.bytes = ""};
    while (strcmp(is.bytes, state) != 0 && time(NULL) <= until) {
        struct api_answer answer = shop_get(&shop, &shop.counter, shop_say("/print-jobs/%s", job).bytes);
        is = shop_say("%s", shop_string(answer.body, "state"));
        why = shop_say("%s", shop_string(answer.body, "reason"));
        api_done(&answer);
        nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
    }
    if (strcmp(is.bytes, state) != 0 || strcmp(why.bytes, reason == NULL ? "" : reason) != 0) {
        api_fail(shop.api, "%s is %s (%s), not %s", job, is.bytes, why.bytes, state);
    }
}

/* The text of a job's file in the folder, once it is there. */
static struct shop_text paper(const char *job) {
    struct shop_text text;
    becomes(job, "accepted_by_printer", NULL);
    cups_command(text.bytes, sizeof text.bytes, "pdftotext %s/labels/%s.pdf - | tr '\\n' ' '", shop.api->data,
                 job);
    return text;
}

static void says(const struct shop_text *text, const char *words) {
    if (strstr(text->bytes, words) == NULL) {
        fail_msg("\"%s\" does not stand in: %s", words, text->bytes);
    }
}

/* The n-th label of an answer. */
struct label {
    char id[SHOP_ID];
    char code[SHOP_ID];
};

static struct label label_of(const struct api_answer *answer, int n) {
    struct label label;
    const cJSON *one = cJSON_GetArrayItem(shop_member(answer->body, "labels"), n);
    snprintf(label.id, sizeof label.id, "%s", shop_string(one, "id"));
    snprintf(label.code, sizeof label.code, "%s", shop_string(one, "code"));
    return label;
}

static int label_count(const struct api_answer *answer) {
    return cJSON_GetArraySize(shop_member(answer->body, "labels"));
}

/* ---- a label, and its reprint ---- */

static void a_label_says_what_was_supplied(void **state) {
    (void)state;
    const struct shop_wish wish = {.name = PATIENT};
    const struct shop_case made = shop_enter(&shop, &wish);
    const struct shop_supply dose = {.rx = made.rx, .on = "2026-11-23"};
    struct api_answer answer =
        shop_post(&shop, &shop.pharmacist, "/supplies", shop_supply_body(&shop, &dose).bytes);
    api_expect(shop.api, &answer, 201);
    assert_int_equal(label_count(&answer), 1);
    const struct label label = label_of(&answer, 0);
    api_done(&answer);
    /* The patient's name is changed: the label is of the supply, and stays as it was then. */
    answer = api_patch(shop.api, &shop.counter, shop_say("/patients/%s", made.patient).bytes,
                       "{\"name\":\"Somebody Otherwise\"}");
    api_expect(shop.api, &answer, 200);
    api_done(&answer);
    struct shop_text text = paper(label.id);
    says(&text, PATIENT);
    says(&text, "Take 60 ml (60 mg) by mouth on this day");
    char again[SHOP_ID];
    shop_make(&shop, &shop.technician, shop_say("/print-jobs/%s/reprint", label.id).bytes, "{}", again);
    text = paper(again);
    says(&text, "REPRINT 1");
    says(&text, PATIENT);
    /* Twice of the same is not to be had; of the newest it is. */
    shop_refused(&shop, &shop.technician, shop_say("/print-jobs/%s/reprint", label.id).bytes, "{}", 409,
                 "not_newest");
    char third[SHOP_ID];
    shop_make(&shop, &shop.technician, shop_say("/print-jobs/%s/reprint", again).bytes, "{}", third);
    text = paper(third);
    says(&text, "REPRINT 2");
    shop_make(&shop, &shop.counter, shop_say("/print-jobs/%s/confirm", third).bytes, "{}", NULL);
    becomes(third, "confirmed", "by_hand");
    shop_refused(&shop, &shop.counter, shop_say("/print-jobs/%s/confirm", third).bytes, "{}", 409,
                 "not_printed");
    shop_refused(&shop, &shop.technician, shop_say("/print-jobs/%s/cancel", third).bytes, "{}", 409,
                 "not_waiting");
}

static void fourteen_days_have_fourteen_labels(void **state) {
    (void)state;
    const struct shop_wish wish = {.name = "Wilhelmina Barleycorn",
                                   .doses = "[{\"from\":\"2026-11-23\",\"days\":14,\"dose\":\"54\"}]",
                                   .total = "756",
                                   .collect = "{\"dates\":[\"2026-11-23\"]}",
                                   .supervised = "\"none\"",
                                   .wording = "[\"W2\",\"W3\",\"W5\"]"};
    const struct shop_case made = shop_enter(&shop, &wish);
    const struct shop_supply all = {.rx = made.rx,
                                    .on = "2026-11-23",
                                    .quantity = "756",
                                    .supervised = "0",
                                    .take_home = "756",
                                    .more = ",\"label\":\"bag\""};
    struct api_answer answer =
        shop_post(&shop, &shop.pharmacist, "/supplies", shop_supply_body(&shop, &all).bytes);
    api_expect(shop.api, &answer, 201);
    assert_int_equal(label_count(&answer), 15);
    struct shop_text text = paper(label_of(&answer, 13).id);
    says(&text, "Sun 06 Dec 2026");
    says(&text, "54 ml (54 mg)");
    text = paper(label_of(&answer, 14).id);
    says(&text, "Wilhelmina Barleycorn");
    assert_null(strstr(text.bytes, "ethadone"));
    api_done(&answer);
}

/* ---- bagged in advance ---- */

/* Prepares the instalment of a day; its labels. */
static struct api_answer prepare(const char *rx, const char *day) {
    struct api_answer answer =
        shop_post(&shop, &shop.technician, shop_say("/instalments/%s.%s/prepare", rx, day).bytes, "{}");
    api_expect(shop.api, &answer, 201);
    return answer;
}

static struct shop_text scanned(const struct shop_supply *dose, const char *scan) {
    struct shop_supply with = *dose;
    struct shop_text more = shop_say(",\"scan\":%s", scan);
    with.more = more.bytes;
    return shop_supply_body(&shop, &with);
}

static struct shop_text quoted(const char *code) {
    return shop_say("\"%s\"", code);
}

/* What GET /scan tells. */
static void expect_scan(const char *code, const char *patient, bool newest, bool valid, const char *why) {
    struct api_answer answer = shop_get(&shop, &shop.counter, shop_say("/scan/%s", code).bytes);
    assert_string_equal(shop_string(shop_member(answer.body, "patient"), "id"), patient);
    assert_int_equal(cJSON_IsTrue(shop_member(answer.body, "newest")), newest);
    assert_int_equal(cJSON_IsTrue(shop_member(answer.body, "valid")), valid);
    assert_string_equal(shop_string(answer.body, "code"), why);
    api_done(&answer);
}

static void a_bagged_dose_is_scanned_at_hand_out(void **state) {
    (void)state;
    const struct shop_wish wish = {.name = "Peregrine Mossop"};
    const struct shop_wish other_wish = {.name = "Lavinia Duskwater"};
    const struct shop_case made = shop_enter(&shop, &wish);
    const struct shop_case other = shop_enter(&shop, &other_wish);
    struct api_answer bagged = prepare(made.rx, "2026-11-23");
    struct api_answer others = prepare(other.rx, "2026-11-23");
    struct api_answer later = prepare(made.rx, "2026-11-24");
    const struct label first = label_of(&bagged, 0);
    const struct label strange = label_of(&others, 0);
    const struct label tomorrow = label_of(&later, 0);
    assert_int_equal(label_count(&bagged), 1);
    api_done(&bagged);
    api_done(&others);
    api_done(&later);
    struct shop_text text = paper(first.id);
    says(&text, "Peregrine Mossop");
    expect_scan(first.code, made.patient, true, true, "");
    char again[SHOP_ID];
    shop_make(&shop, &shop.technician, shop_say("/print-jobs/%s/reprint", first.id).bytes, "{}", again);
    expect_scan(first.code, made.patient, false, false, "label_reprinted");
    struct api_answer answer = shop_get(&shop, &shop.counter, shop_say("/print-jobs/%s", again).bytes);
    struct shop_text newest = quoted(shop_string(answer.body, "code"));
    api_done(&answer);

    const struct shop_supply dose = {.rx = made.rx, .on = "2026-11-23"};
    const struct {
        const char *scan;
        const char *code;
    } wrong[] = {{first.code, "label_reprinted"},
                 {strange.code, "label_other_patient"},
                 {tomorrow.code, "label_other_instalment"},
                 {"l-nobody", "label_unknown"}};
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        shop_refused(&shop, &shop.pharmacist, "/supplies", scanned(&dose, quoted(wrong[i].scan).bytes).bytes,
                     409, wrong[i].code);
    }
    answer = shop_get(&shop, &shop.manager, shop_say("/audit?patient=%s", made.patient).bytes);
    assert_non_null(strstr(answer.text, "label_other_patient"));
    assert_non_null(strstr(answer.text, "\"scan refused\""));
    api_done(&answer);

    answer = shop_post(&shop, &shop.pharmacist, "/supplies", scanned(&dose, newest.bytes).bytes);
    api_expect(shop.api, &answer, 201);
    assert_int_equal(label_count(&answer), 1); /* the bottle keeps its label */
    assert_string_equal(label_of(&answer, 0).id, again);
    api_done(&answer);
    becomes(again, "confirmed", "scanned");
    expect_scan(shop_say("%.*s", (int)strlen(newest.bytes) - 2, newest.bytes + 1).bytes, made.patient, true,
                false, "label_supplied");
}

static void each_container_is_counted(void **state) {
    (void)state;
    const struct shop_wish wish = {.name = "Cressida Hallowell",
                                   .doses = "[{\"from\":\"2026-11-23\",\"days\":3,\"dose\":\"20\"}]",
                                   .total = "60",
                                   .collect = "{\"dates\":[\"2026-11-23\"]}",
                                   .wording = "[\"W2\",\"W3\",\"W5\"]"};
    const struct shop_case made = shop_enter(&shop, &wish);
    struct api_answer bagged = prepare(made.rx, "2026-11-23");
    assert_int_equal(label_count(&bagged), 3);
    const struct label labels[] = {label_of(&bagged, 0), label_of(&bagged, 1), label_of(&bagged, 2)};
    api_done(&bagged);
    const struct shop_supply dose = {
        .rx = made.rx, .on = "2026-11-23", .quantity = "60", .supervised = "20", .take_home = "40"};
    shop_refused(&shop, &shop.pharmacist, "/supplies",
                 scanned(&dose, shop_say("[\"%s\",\"%s\"]", labels[0].code, labels[2].code).bytes).bytes, 409,
                 "scan_incomplete");
    struct api_answer answer = shop_post(
        &shop, &shop.pharmacist, "/supplies",
        scanned(&dose,
                shop_say("[\"%s\",\"%s\",\"%s\"]", labels[0].code, labels[2].code, labels[1].code).bytes)
            .bytes);
    api_expect(shop.api, &answer, 201);
    assert_int_equal(label_count(&answer), 3);
    api_done(&answer);
}

/* H13: the prescription changes after the bottle was labelled. */
static void a_label_of_a_former_prescription_is_stopped(void **state) {
    (void)state;
    const struct shop_wish wish = {.name = "Thaddeus Copperfield"};
    const struct shop_case made = shop_enter(&shop, &wish);
    struct api_answer bagged = prepare(made.rx, "2026-11-23");
    const struct label label = label_of(&bagged, 0);
    api_done(&bagged);
    struct shop_text replaces =
        shop_say(",\"replaces\":{\"prescription\":\"%s\",\"from\":\"2026-11-23\"}", made.rx);
    const struct shop_wish change = {.name = "",
                                     .patient = made.patient,
                                     .doses = "[{\"from\":\"2026-11-23\",\"days\":14,\"dose\":\"50\"}]",
                                     .total = "700",
                                     .more = replaces.bytes};
    const struct shop_case fresh = shop_enter(&shop, &change);
    expect_scan(label.code, made.patient, true, false, "label_stopped");
    const struct shop_supply dose = {
        .rx = fresh.rx, .on = "2026-11-23", .quantity = "50", .supervised = "50"};
    shop_refused(&shop, &shop.pharmacist, "/supplies", scanned(&dose, quoted(label.code).bytes).bytes, 409,
                 "label_other_prescription");
    /* Without the old bottle it goes on, with a label that says the new dose. */
    struct api_answer answer =
        shop_post(&shop, &shop.pharmacist, "/supplies", shop_supply_body(&shop, &dose).bytes);
    api_expect(shop.api, &answer, 201);
    struct shop_text text = paper(label_of(&answer, 0).id);
    says(&text, "50 ml (50 mg)");
    api_done(&answer);
}

static void what_was_put_back_is_void(void **state) {
    (void)state;
    const struct shop_wish wish = {.name = "Ottilie Fenwick"};
    const struct shop_case made = shop_enter(&shop, &wish);
    struct api_answer bagged = prepare(made.rx, "2026-11-23");
    const struct label label = label_of(&bagged, 0);
    api_done(&bagged);
    shop_make(&shop, &shop.technician, shop_say("/instalments/%s.2026-11-23/unprepare", made.rx).bytes, "{}",
              NULL);
    expect_scan(label.code, made.patient, true, false, "label_back_in_stock");
    const struct shop_supply dose = {.rx = made.rx, .on = "2026-11-23"};
    shop_refused(&shop, &shop.pharmacist, "/supplies", scanned(&dose, quoted(label.code).bytes).bytes, 409,
                 "label_back_in_stock");
    struct api_answer answer = api_get(shop.api, &shop.counter, "/scan/999%20000%201006");
    api_expect_problem(shop.api, &answer, 404, "not_found");
    api_done(&answer);
}

/* ---- sheets and cards ---- */

static void sheets_and_letters_are_printed(void **state) {
    (void)state;
    char id[SHOP_ID];
    const struct shop_wish wish = {.name = "Barnaby Larkspur"};
    const struct shop_case made = shop_enter(&shop, &wish);
    shop_make(&shop, &shop.counter, "/print-jobs",
              shop_say("{\"kind\":\"calendar\",\"patient\":\"%s\"}", made.patient).bytes, id);
    struct shop_text text = paper(id);
    says(&text, "Barnaby Larkspur");
    says(&text, "Tue 24 Nov 2026");
    shop_make(&shop, &shop.counter, "/print-jobs", "{\"kind\":\"downtime\",\"date\":\"2026-11-24\"}", id);
    text = paper(id);
    says(&text, "Barnaby Larkspur");
    struct shop_text letter = shop_say(
        "{\"kind\":\"last_dose\",\"patient\":\"%s\",\"to\":\"Ward 7\\nTown Hospital\"}", made.patient);
    shop_refused(&shop, &shop.counter, "/print-jobs", letter.bytes, 403, "role");
    shop_make(&shop, &shop.technician, "/print-jobs", letter.bytes, id);
    text = paper(id);
    says(&text, "Ward 7");
    shop_refused(&shop, &shop.counter, "/print-jobs", "{\"kind\":\"calendar\"}", 422, "invalid");
    shop_refused(&shop, &shop.counter, "/print-jobs", "{\"kind\":\"calendar\",\"patient\":\"pt-no\"}", 404,
                 "not_found");
}

static void a_card_is_given_and_noted(void **state) {
    (void)state;
    const struct shop_wish wish = {.name = "Hermia Goldcrest"};
    const struct shop_case made = shop_enter(&shop, &wish);
    struct shop_text body =
        shop_say("{\"patient\":\"%s\",\"card\":\"methadone\",\"language\":\"en\",\"form\":"
                 "\"large\",\"to\":\"representative\",\"talked_about\":true}",
                 made.patient);
    struct api_answer answer = shop_post(&shop, &shop.counter, "/cards", body.bytes);
    api_expect(shop.api, &answer, 201);
    struct shop_text text = paper(api_text(shop.api, &answer, "job"));
    says(&text, "999");
    assert_string_equal(api_text(shop.api, &answer, "to"), "representative");
    assert_string_equal(api_text(shop.api, &answer, "by"), "c.evans");
    api_done(&answer);
    answer = shop_get(&shop, &shop.counter, shop_say("/cards?patient=%s", made.patient).bytes);
    assert_int_equal(cJSON_GetArraySize(shop_member(answer.body, "items")), 1);
    api_done(&answer);
    body = shop_say("{\"patient\":\"%s\",\"card\":\"methadone\",\"language\":\"xx\",\"talked_about\":false}",
                    made.patient);
    shop_refused(&shop, &shop.counter, "/cards", body.bytes, 422, "invalid");
    body = shop_say("{\"patient\":\"%s\",\"card\":\"methadone\",\"language\":\"en\"}", made.patient);
    shop_refused(&shop, &shop.counter, "/cards", body.bytes, 422,
                 "invalid"); /* whether it was talked about is said */
}

/* ---- what cannot be printed ---- */

static void a_character_that_no_font_has(void **state) {
    (void)state;
    const struct shop_wish wish = {.name = "Nobody \xF0\xBF\xBF\xBD"};
    const struct shop_case made = shop_enter(&shop, &wish);
    const struct shop_supply dose = {.rx = made.rx, .on = "2026-11-23"};
    struct api_answer answer =
        shop_post(&shop, &shop.pharmacist, "/supplies", shop_supply_body(&shop, &dose).bytes);
    api_expect(shop.api, &answer, 201); /* a label never holds up a record */
    becomes(label_of(&answer, 0).id, "failed", "glyph_missing");
    api_done(&answer);
}

static void a_name_that_is_too_long(void **state) {
    (void)state;
    char name[200];
    memset(name, 'W', sizeof name - 1);
    name[sizeof name - 1] = '\0';
    const struct shop_wish wish = {.name = name};
    const struct shop_case made = shop_enter(&shop, &wish);
    const struct shop_supply dose = {.rx = made.rx, .on = "2026-11-23"};
    struct api_answer answer =
        shop_post(&shop, &shop.pharmacist, "/supplies", shop_supply_body(&shop, &dose).bytes);
    api_expect(shop.api, &answer, 201);
    becomes(label_of(&answer, 0).id, "failed", "text_too_long");
    api_done(&answer);
}

/* ---- printers, and a queue of a thousand ---- */

static long resident_kb(void) {
    char line[256];
    long kb = 0;
    FILE *file = fopen(shop_say("/proc/%d/status", shop.api->pid).bytes, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL) {
        if (strncmp(line, "VmRSS:", 6) == 0) {
            kb = strtol(line + 6, NULL, 10);
        }
    }
    fclose(file);
    return kb;
}

static void printers_are_the_managers(void **state) {
    (void)state;
    static const char *const wrong[] = {
        "{\"name\":\"A\",\"kind\":\"label\",\"queue\":\"a "
        "b\",\"media\":{\"width\":\"70\",\"height\":\"35\"}}",
        "{\"name\":\"A\",\"kind\":\"label\",\"queue\":\"a\",\"media\":{\"width\":\"7\",\"height\":\"35\"}}",
        "{\"name\":\"A\",\"kind\":\"label\",\"queue\":\"a\"}",
        "{\"name\":\"A\",\"kind\":\"ticket\",\"queue\":\"a\",\"media\":{\"width\":\"70\",\"height\":\"35\"}}",
        "{\"name\":\"A\",\"kind\":\"label\",\"queue\":\"a\",\"fallback\":\"pr-no\",\"media\":{\"width\":"
        "\"70\","
        "\"height\":\"35\"}}",
        "{\"kind\":\"label\",\"queue\":\"a\",\"media\":{\"width\":\"70\",\"height\":\"35\"}}",
    };
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        shop_refused(&shop, &shop.manager, "/printers", wrong[i], 422, "invalid");
    }
}

static void a_thousand_labels_wait_in_little_room(void **state) {
    (void)state;
    char printer[SHOP_ID];
    const struct shop_wish wish = {.name = "Marmaduke Eglantine"};
    const struct shop_case made = shop_enter(&shop, &wish);
    struct shop_text body = shop_say("{\"kind\":\"bag\",\"patient\":\"%s\"}", made.patient);
    char first[SHOP_ID];
    shop_make(&shop, &shop.counter, "/print-jobs", body.bytes, first);
    (void)paper(first); /* fonts and all are there */
    shop_make(
        &shop, &shop.manager, "/printers",
        "{\"name\":\"Labels\",\"kind\":\"label\",\"server\":\"127.0.0.1:1\",\"queue\":\"labels\",\"media\":{"
        "\"width\":\"70\",\"height\":\"35\"}}",
        printer);
    struct shop_client client;
    assert_true(shop_client_open(&client, shop.api, &shop.counter, NULL));
    long before = resident_kb();
    for (int i = 0; i < 1000; i++) {
        assert_int_equal(
            shop_client_post(&client, "/print-jobs", body.bytes, shop_say("thousand-%d", i).bytes, NULL),
            201);
    }
    long grown = resident_kb() - before;
    shop_client_close(&client);
    print_message("1000 labels queued: %ld kB more\n", grown);
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
    assert_true(grown < 8192); /* sanitizers keep what was given back */
#endif
    struct api_answer answer = shop_get(&shop, &shop.counter, "/print-jobs?state=queued&limit=500");
    assert_int_equal(cJSON_GetArraySize(shop_member(answer.body, "items")), 500);
    struct shop_text page =
        shop_say("/print-jobs?state=queued&limit=500&after=%s", shop_string(answer.body, "next"));
    const struct label newest = {.id = ""};
    (void)newest;
    char id[SHOP_ID];
    snprintf(id, sizeof id, "%s",
             shop_string(cJSON_GetArrayItem(shop_member(answer.body, "items"), 0), "id"));
    api_done(&answer);
    answer = shop_get(&shop, &shop.counter, page.bytes);
    assert_int_equal(cJSON_GetArraySize(shop_member(answer.body, "items")), 500);
    assert_true(cJSON_IsNull(shop_member(answer.body, "next")));
    api_done(&answer);
    answer = api_get(shop.api, NULL, "/healthz");
    assert_int_equal(answer.status, 200);
    api_done(&answer);
    shop_make(&shop, &shop.technician, shop_say("/print-jobs/%s/cancel", id).bytes, "{}", NULL);
    becomes(id, "cancelled", "by_hand");
    /* Without the printer they go into the folder after all. */
    shop_make(&shop, &shop.manager, "/printers", shop_say("{\"id\":\"%s\",\"active\":false}", printer).bytes,
              NULL);
    time_t until = time(NULL) + 2 * WAIT_SECONDS;
    int left = 1;
    while (left > 0 && time(NULL) <= until) {
        answer = shop_get(&shop, &shop.counter, "/print-jobs?state=queued&limit=1");
        left = cJSON_GetArraySize(shop_member(answer.body, "items"));
        api_done(&answer);
        nanosleep(&(struct timespec){.tv_nsec = 100000000}, NULL);
    }
    assert_int_equal(left, 0);
}

static void nothing_of_a_patient_in_names_and_logs(void **state) {
    (void)state;
    char out[2000];
    cups_command(out, sizeof out, "ls %s/labels | grep -v '^pj-[0-9A-Z]*[.]pdf$' || true", shop.api->data);
    assert_string_equal(out, "");
    cups_command(out, sizeof out,
                 "grep -c 'Thimbleweed\\|Barleycorn\\|Mossop\\|Nobody\\|ethadone' %s || true", shop.api->log);
    assert_int_equal(strtol(out, NULL, 10), 0);
    const cJSON *labels = cJSON_GetObjectItem(shop.api->ready, "labels");
    assert_string_equal(cJSON_GetStringValue(labels), shop_say("%s/labels", shop.api->data).bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_label_says_what_was_supplied),
        cmocka_unit_test(fourteen_days_have_fourteen_labels),
        cmocka_unit_test(a_bagged_dose_is_scanned_at_hand_out),
        cmocka_unit_test(each_container_is_counted),
        cmocka_unit_test(a_label_of_a_former_prescription_is_stopped),
        cmocka_unit_test(what_was_put_back_is_void),
        cmocka_unit_test(sheets_and_letters_are_printed),
        cmocka_unit_test(a_card_is_given_and_noted),
        cmocka_unit_test(a_character_that_no_font_has),
        cmocka_unit_test(a_name_that_is_too_long),
        cmocka_unit_test(printers_are_the_managers),
        cmocka_unit_test(a_thousand_labels_wait_in_little_room),
        cmocka_unit_test(nothing_of_a_patient_in_names_and_logs),
    };
    return cmocka_run_group_tests_name("print", tests, start, stop);
}
