/*
 * Labels through a real print server: the daemon as it is, a private cupsd, and ippeveprinter as the printers (printing.md).
 * What comes out is turned back into pixels: its code must be the row's, its wording the rule's, its size the roll's. Then
 * every fault that printers have.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "../support/cups.h"
#include "../support/shop.h"

#define DEADLINE_SECONDS 5
#define WAIT_SECONDS 25
/* Words that stand nowhere but in this test's patients: what leaks is found by them. */
#define PATIENT "Zebedee Quillfeather"
#define SURNAME "Quillfeather"

static struct cups cups;
static struct shop shop;
static char printers[4][SHOP_ID]; /* ids, by the order below */
static char config[CUPS_PATH + 32];
static const char *arguments[3];

static void nap(void) {
    nanosleep(&(struct timespec){.tv_nsec = 50000000}, NULL);
}

static void enter(const char *queue, const char *more, char id[SHOP_ID]) {
    shop_make(&shop, &shop.manager, "/printers",
              shop_say("{\"name\":\"%s\",\"kind\":\"label\",\"server\":\"%s\",\"queue\":\"%s\","
                       "\"media\":{\"width\":\"70\",\"height\":\"35\"}%s}",
                       queue, cups.server, queue, more)
                  .bytes,
              id);
}

static int start(void **state) {
    (void)state;
    cups_open(&cups);
    cups_add(&cups, "front", cups_labels);
    cups_add(&cups, "back", cups_labels);
    cups_add(&cups, "raster", cups_raster);
    snprintf(config, sizeof config, "%s/instalment.conf", cups.folder);
    FILE *file = fopen(config, "we");
    assert_non_null(file);
    fprintf(file, "print_seconds = %d\n", DEADLINE_SECONDS);
    fclose(file);
    arguments[0] = "--config";
    arguments[1] = config;
    shop_open(&shop, arguments);
    enter("front", "", printers[0]);
    return 0;
}

static int stop(void **state) {
    (void)state;
    shop_close(&shop);
    cups_close(&cups);
    return 0;
}

/* A printer as it is to be for one test; the others' are left alone. */
static void change(const char *id, const char *members) {
    shop_make(&shop, &shop.manager, "/printers", shop_say("{\"id\":\"%s\",%s}", id, members).bytes, NULL);
}

/* Supplies a new patient's first dose: what is printed is one label. Its job's id and code. */
struct label {
    char id[SHOP_ID];
    char code[SHOP_ID];
    double seconds; /* that the supply took */
};

static struct label supply(void) {
    struct label label;
    struct timespec begin;
    struct timespec end;
    const struct shop_wish wish = {.name = PATIENT};
    const struct shop_case made = shop_enter(&shop, &wish);
    const struct shop_supply dose = {.rx = made.rx, .on = "2026-11-23"};
    struct shop_text body = shop_supply_body(&shop, &dose);
    static int number;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    struct api_answer answer = api_post(shop.api, &shop.pharmacist, "/supplies", body.bytes,
                                        shop_say("label-%d-%d", (int)getpid(), ++number).bytes);
    clock_gettime(CLOCK_MONOTONIC, &end);
    api_expect(shop.api, &answer, 201);
    const cJSON *first = cJSON_GetArrayItem(shop_member(answer.body, "labels"), 0);
    snprintf(label.id, sizeof label.id, "%s", shop_string(first, "id"));
    snprintf(label.code, sizeof label.code, "%s", shop_string(first, "code"));
    assert_string_equal(shop_string(first, "state"), "queued");
    assert_int_equal(cJSON_GetArraySize(shop_member(answer.body, "labels")), 1);
    api_done(&answer);
    label.seconds = (double)(end.tv_sec - begin.tv_sec) + (double)(end.tv_nsec - begin.tv_nsec) / 1e9;
    return label;
}

/* Waits until a job has this state; its reason is `reason` (NULL: none). */
static void becomes(const char *job, const char *state, const char *reason) {
    time_t until = time(NULL) + WAIT_SECONDS;
    struct shop_text is = {.bytes = ""};
    struct shop_text why = {.bytes = ""};
    while (time(NULL) <= until) {
        struct api_answer answer = shop_get(&shop, &shop.counter, shop_say("/print-jobs/%s", job).bytes);
        is = shop_say("%s", shop_string(answer.body, "state"));
        why = shop_say("%s", shop_string(answer.body, "reason"));
        api_done(&answer);
        if (strcmp(is.bytes, state) == 0) {
            assert_string_equal(why.bytes, reason == NULL ? "" : reason);
            return;
        }
        nap();
    }
    char log[4000];
    cups_command(log, sizeof log, "grep -v '^[Dd] ' %s/log/error | tail -n 20; tail -n 5 %s/log/front",
                 cups.folder, cups.folder);
    api_fail(shop.api, "job %s is %s (%s), not %s\n%s", job, is.bytes, why.bytes, state, log);
}

/* Waits for the sign of a printer: "ready", or "trouble" with this reason among the others (NULL: any). Seconds it took. */
static double shines(const char *printer, const char *light, const char *reason) {
    struct timespec begin;
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    struct shop_text last = {.bytes = ""};
    do {
        struct api_answer answer = shop_get(&shop, &shop.counter, "/printers");
        const cJSON *one = NULL;
        cJSON_ArrayForEach(one, shop_member(answer.body, "items")) {
            if (strcmp(shop_string(one, "id"), printer) != 0) {
                continue;
            }
            char *text = cJSON_PrintUnformatted(shop_member(one, "reasons"));
            last = shop_say("%s %s", shop_string(one, "light"), text);
            cJSON_free(text);
        }
        api_done(&answer);
        clock_gettime(CLOCK_MONOTONIC, &now);
        if (strncmp(last.bytes, light, strlen(light)) == 0 &&
            (reason == NULL || strstr(last.bytes, reason) != NULL)) {
            return (double)(now.tv_sec - begin.tv_sec) + (double)(now.tv_nsec - begin.tv_nsec) / 1e9;
        }
        nap();
    } while (now.tv_sec - begin.tv_sec < WAIT_SECONDS);
    api_fail(shop.api, "printer is %s, not %s %s", last.bytes, light, reason == NULL ? "" : reason);
}

/* ---- what comes out ---- */

/* Of the last document that this printer has printed. */
static void expect_paper(const char *queue, const struct label *label) {
    char path[CUPS_PATH];
    char out[4000];
    assert_true(cups_printed(&cups, queue, path) > 0);
    cups_command(out, sizeof out,
                 "pdftoppm -r 203 -png %s %s/page && zbarimg -q --raw %s/page-1.png 2>/dev/null", path,
                 cups.folder, cups.folder);
    assert_string_equal(shop_say("%.*s", (int)strcspn(out, "\n"), out).bytes, label->code);
    cups_command(out, sizeof out, "pdftotext %s - | tr '\\n' ' '", path);
    static const char *const words[] = {
        PATIENT,
        "Methadone 1mg/ml oral solution sugar free",
        "60 ml (60 mg)",
        "Mon 23 Nov 2026",
        "Meadow Lane Pharmacy",
        "Warning: This medicine may make you sleepy. If this happens, do not drive or use tools or machines. "
        "Do not "
        "drink alcohol",
        "Keep out of the reach and sight of children",
    };
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        if (strstr(out, words[i]) == NULL) {
            fail_msg("\"%s\" does not stand in: %s", words[i], out);
        }
    }
    double width = 0;
    double height = 0;
    cups_command(out, sizeof out, "pdfinfo %s | sed -n 's/^Page size: *//p'", path);
    char *end = NULL;
    width = strtod(out, &end);
    height = strtod(end + strcspn(end, "0123456789"), NULL);
    assert_true(width * 25.4 / 72 > 69.9 && width * 25.4 / 72 < 70.1);
    assert_true(height * 25.4 / 72 > 34.9 && height * 25.4 / 72 < 35.1);
}

static void a_label_comes_to_paper(void **state) {
    (void)state;
    const struct label label = supply();
    becomes(label.id, "accepted_by_printer", NULL);
    expect_paper("front", &label);
    assert_int_equal(cups_printed(&cups, "front", NULL), 1);
    shop_make(&shop, &shop.counter, shop_say("/print-jobs/%s/confirm", label.id).bytes, "{}", NULL);
    becomes(label.id, "confirmed", "by_hand");
}

static void a_reprint_says_so_and_counts_alone(void **state) {
    (void)state;
    char out[4000];
    char path[CUPS_PATH];
    struct label again = {.id = ""};
    const struct label label = supply();
    becomes(label.id, "accepted_by_printer", NULL);
    shop_make(&shop, &shop.pharmacist, shop_say("/print-jobs/%s/reprint", label.id).bytes, "{}", again.id);
    becomes(again.id, "accepted_by_printer", NULL);
    struct api_answer answer = shop_get(&shop, &shop.counter, shop_say("/print-jobs/%s", again.id).bytes);
    snprintf(again.code, sizeof again.code, "%s", shop_string(answer.body, "code"));
    api_done(&answer);
    expect_paper("front", &again);
    assert_true(cups_printed(&cups, "front", path) > 0);
    cups_command(out, sizeof out, "pdftotext %s - | tr '\\n' ' '", path);
    assert_non_null(strstr(out, "REPRINT 1"));
    answer = shop_get(&shop, &shop.counter, shop_say("/scan/%s", label.code).bytes);
    assert_true(cJSON_IsFalse(shop_member(answer.body, "newest")));
    api_done(&answer);
}

/* ---- faults ---- */

static void a_slow_printer_is_waited_for(void **state) {
    (void)state;
    cups_tell(&cups, "front", "slow");
    const struct label label = supply();
    assert_true(label.seconds < 1.0);
    becomes(label.id, "accepted_by_printer", NULL);
    cups_tell(&cups, "front", "ok");
}

/* The printer gives it up: to the print server that is a job cancelled there. */
static void a_job_that_the_printer_gives_up(void **state) {
    (void)state;
    cups_tell(&cups, "front", "abort");
    const struct label label = supply();
    becomes(label.id, "cancelled", "cancelled_at_printer");
    cups_tell(&cups, "front", "ok");
}

static void out_of_labels_lights_the_sign(void **state) {
    (void)state;
    cups_tell(&cups, "front", "empty");
    const struct label label = supply();
    assert_true(label.seconds < 1.0);
    assert_true(shines(printers[0], "trouble", "media-empty") < 10);
    becomes(label.id, "cancelled", "deadline");
    const struct label next = supply();
    assert_true(next.seconds < 1.0);
    cups_tell(&cups, "front", "ok");
    becomes(next.id, "accepted_by_printer", NULL);
    expect_paper("front", &next);
    shines(printers[0], "ready", NULL);
}

static void a_printer_that_is_switched_off(void **state) {
    (void)state;
    cups_off(&cups, "front");
    const struct label label = supply();
    assert_true(label.seconds < 1.0);
    assert_true(shines(printers[0], "trouble", NULL) < 10);
    becomes(label.id, "cancelled", "deadline");
    cups_on(&cups, "front");
    const struct label next = supply();
    becomes(next.id, "accepted_by_printer", NULL);
    expect_paper("front", &next);
}

static void another_printer_stands_in(void **state) {
    (void)state;
    int before = cups_printed(&cups, "back", NULL);
    enter("back", ",\"active\":true", printers[1]);
    change(printers[1], "\"kind\":\"card\"");
    change(printers[0], shop_say("\"fallback\":\"%s\"", printers[1]).bytes);
    cups_tell(&cups, "front", "empty");
    const struct label label = supply();
    becomes(label.id, "cancelled", "deadline");
    const struct label next = supply();
    becomes(next.id, "accepted_by_printer", NULL);
    expect_paper("back", &next);
    assert_int_equal(cups_printed(&cups, "back", NULL), before + 1);
    cups_tell(&cups, "front", "ok");
    change(printers[0], "\"fallback\":\"\"");
    change(printers[1], "\"active\":false");
}

static void a_document_that_is_refused(void **state) {
    (void)state;
    change(printers[0], "\"queue\":\"raster\"");
    const struct label label = supply();
    becomes(label.id, "failed", "refused");
    change(printers[0], "\"queue\":\"front\"");
}

static void media_that_the_printer_has_not(void **state) {
    (void)state;
    int before = cups_printed(&cups, "front", NULL);
    change(printers[0], "\"media\":{\"width\":\"100\",\"height\":\"50\"}");
    const struct label label = supply();
    becomes(label.id, "failed", "wrong_media");
    change(printers[0], "\"media\":{\"width\":\"70\",\"height\":\"35.5\"}");
    const struct label nearly = supply();
    becomes(nearly.id, "failed", "wrong_media");
    assert_int_equal(cups_printed(&cups, "front", NULL), before);
    change(printers[0], "\"media\":{\"width\":\"70\",\"height\":\"35\"}");
}

static void a_queue_that_there_is_not(void **state) {
    (void)state;
    change(printers[0], "\"queue\":\"nowhere\"");
    shines(printers[0], "trouble", "no-such-queue");
    const struct label label = supply();
    change(printers[0], "\"queue\":\"front\"");
    becomes(label.id, "accepted_by_printer", NULL);
}

static void a_print_server_that_stalls(void **state) {
    (void)state;
    struct shop_text sheet = {.bytes = ""};
    char id[SHOP_ID];
    int before = cups_printed(&cups, "front", NULL);
    cups_stall(&cups, true);
    const struct label label = supply();
    assert_true(label.seconds < 1.0);
    assert_true(shines(printers[0], "trouble", "server-not-answering") < 10);
    shop_make(&shop, &shop.pharmacist, "/print-jobs", "{\"kind\":\"downtime\"}", id);
    becomes(id, "accepted_by_printer", NULL); /* into the folder: nobody has entered a printer for sheets */
    struct api_answer answer = api_get(shop.api, NULL, "/healthz");
    assert_non_null(strstr(answer.text, "A printer needs somebody to look at it."));
    api_done(&answer);
    sheet = shop_say("%s/labels/%s.pdf", shop.api->data, id);
    assert_int_equal(access(sheet.bytes, R_OK), 0);
    cups_stall(&cups, false);
    becomes(label.id, "accepted_by_printer", NULL);
    assert_int_equal(cups_printed(&cups, "front", NULL), before + 1);
}

static void a_print_server_that_stalls_with_a_job(void **state) {
    (void)state;
    cups_tell(&cups, "front", "slow");
    const struct label label = supply();
    becomes(label.id, "sent", NULL);
    cups_stall(&cups, true);
    becomes(label.id, "unverified", "no_answer");
    cups_tell(&cups, "front", "ok");
    cups_stall(&cups, false);
    shines(printers[0], "ready", NULL);
}

static void a_print_server_that_is_started_again(void **state) {
    (void)state;
    cups_restart(&cups);
    const struct label label = supply();
    becomes(label.id, "accepted_by_printer", NULL);
    expect_paper("front", &label);
}

/* ---- after a crash ---- */

static void raw_sql(const char *sql) {
    sqlite3 *db = NULL;
    char *error = NULL;
    struct shop_text path = shop_say("%s/instalment.db", shop.api->data);
    assert_int_equal(sqlite3_open_v2(path.bytes, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK) {
        fail_msg("%s: %s", sql, error);
    }
    sqlite3_close(db);
}

static void start_again(void) {
    api_start_again(shop.api, arguments);
    shop_sign_in(&shop);
}

/* Killed after the job was made and before its number was noted: the job is found by its title, and printed once. */
static void killed_before_the_number_was_noted(void **state) {
    (void)state;
    char state_of[32];
    int before = cups_printed(&cups, "front", NULL);
    cups_stall(&cups, true);
    const struct label label = supply();
    shines(printers[0], "trouble", "server-not-answering");
    api_kill(shop.api);
    cups_stall(&cups, false);
    int job = cups_bare_job(&cups, "front", label.id);
    start_again();
    becomes(label.id, "accepted_by_printer", NULL);
    cups_job_state(&cups, "front", job, state_of);
    assert_string_equal(state_of, "canceled");
    assert_int_equal(cups_printed(&cups, "front", NULL), before + 1);
    expect_paper("front", &label);
}

/* Killed when the number stood there, and the document had not been sent. */
static void killed_before_the_document_was_sent(void **state) {
    (void)state;
    char state_of[32];
    int before = cups_printed(&cups, "front", NULL);
    cups_stall(&cups, true);
    const struct label label = supply();
    shines(printers[0], "trouble", "server-not-answering");
    api_kill(shop.api);
    cups_stall(&cups, false);
    int job = cups_bare_job(&cups, "front", label.id);
    raw_sql(
        shop_say(
            "INSERT INTO audit (at, on_day, action) SELECT max(at), max(on_day), 'print state' FROM audit;"
            "INSERT INTO print_state (job, seq, state, printer, cups_job) SELECT '%s', max(seq), 'sent', "
            "'%s', "
            "%d FROM audit;",
            label.id, printers[0], job)
            .bytes);
    start_again();
    becomes(label.id, "accepted_by_printer", NULL);
    cups_job_state(&cups, "front", job, state_of);
    assert_string_equal(state_of, "canceled");
    assert_int_equal(cups_printed(&cups, "front", NULL), before + 1);
}

/* Killed while the printer was at it: it is not printed a second time. */
static void killed_while_it_was_printed(void **state) {
    (void)state;
    int before = cups_printed(&cups, "front", NULL);
    cups_tell(&cups, "front", "slow");
    const struct label label = supply();
    becomes(label.id, "sent", NULL);
    api_kill(shop.api);
    start_again();
    becomes(label.id, "accepted_by_printer", NULL);
    cups_tell(&cups, "front", "ok");
    const struct label next = supply();
    becomes(next.id, "accepted_by_printer", NULL);
    assert_int_equal(cups_printed(&cups, "front", NULL), before + 2);
}

/* A job that is printed again before it has left: the former is taken back at the print server too. */
static void a_reprint_takes_back_the_former(void **state) {
    (void)state;
    char again[SHOP_ID];
    char out[64];
    cups_tell(&cups, "front", "empty");
    const struct label label = supply();
    becomes(label.id, "sent", NULL);
    cups_command(out, sizeof out, "grep -c 'Canceled by' %s/log/error", cups.folder);
    long before = strtol(out, NULL, 10);
    shop_make(&shop, &shop.pharmacist, shop_say("/print-jobs/%s/reprint", label.id).bytes, "{}", again);
    becomes(label.id, "cancelled", "reprinted");
    cups_tell(&cups, "front", "ok");
    const struct label next = supply();
    becomes(next.id, "accepted_by_printer", NULL);
    cups_command(out, sizeof out, "grep -c 'Canceled by' %s/log/error", cups.folder);
    assert_true(strtol(out, NULL, 10) > before);
}

/* ---- nothing leaks ---- */

static void no_patient_in_titles_names_and_logs(void **state) {
    (void)state;
    char out[4000];
    cups_command(out, sizeof out, "grep -rIl '%s' %s/log %s/spool %s/cache %s || true", SURNAME, cups.folder,
                 cups.folder, cups.folder, shop.api->log);
    assert_string_equal(out, "");
    cups_command(out, sizeof out, "find %s -name '*Quill*' -o -name '*ethadone*'", cups.folder);
    assert_string_equal(out, "");
    cups_command(out, sizeof out, "lpstat -h %s -W completed -o | wc -l", cups.server);
    assert_true(strtol(out, NULL, 10) > 5); /* there was something to be found */
    cups_command(out, sizeof out, "grep -c 'pj-0' %s/log/front", cups.folder);
    assert_true(strtol(out, NULL, 10) > 5);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_label_comes_to_paper),
        cmocka_unit_test(a_reprint_says_so_and_counts_alone),
        cmocka_unit_test(a_slow_printer_is_waited_for),
        cmocka_unit_test(a_job_that_the_printer_gives_up),
        cmocka_unit_test(out_of_labels_lights_the_sign),
        cmocka_unit_test(a_printer_that_is_switched_off),
        cmocka_unit_test(another_printer_stands_in),
        cmocka_unit_test(a_document_that_is_refused),
        cmocka_unit_test(media_that_the_printer_has_not),
        cmocka_unit_test(a_queue_that_there_is_not),
        cmocka_unit_test(a_print_server_that_stalls),
        cmocka_unit_test(a_print_server_that_stalls_with_a_job),
        cmocka_unit_test(a_print_server_that_is_started_again),
        cmocka_unit_test(killed_before_the_number_was_noted),
        cmocka_unit_test(killed_before_the_document_was_sent),
        cmocka_unit_test(killed_while_it_was_printed),
        cmocka_unit_test(a_reprint_takes_back_the_former),
        cmocka_unit_test(no_patient_in_titles_names_and_logs),
    };
    return cmocka_run_group_tests_name("cups", tests, start, stop);
}
