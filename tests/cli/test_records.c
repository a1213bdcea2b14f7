/* Patients and prescriptions from the command line: what each command does, and every way in which it can be misused. */
#include <locale.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

#include <cmocka.h>

#include "../support/cli.h"
#include "../support/shop.h"
#include "core/wording.h"

static struct shop shop;
static struct cli khan, nowak, hughes;

static int start(void **state) {
    (void)state;
    setlocale(LC_CTYPE, "C.UTF-8");
    shop_open(&shop, NULL);
    cli_open(&khan, shop.api);
    khan.environment[0] = "NO_COLOR=1"; /* but for one test */
    cli_open(&nowak, shop.api);
    cli_open(&hughes, shop.api);
    cli_sign_in(&khan, "a.khan");
    cli_sign_in(&nowak, "p.nowak");
    cli_sign_in(&hughes, "m.hughes");
    return 0;
}

static int stop(void **state) {
    (void)state;
    cli_close(&khan);
    cli_close(&nowak);
    cli_close(&hughes);
    shop_close(&shop);
    return 0;
}

/* ---- short forms ---- */

/* Runs to a status, and both outputs are wanted no longer. */
static void ends(struct cli *cli, int status, const char *input, const char *const *arguments) {
    struct cli_said said = cli_run(cli, input, arguments);
    cli_expect(cli, &said, status);
    cli_done(&said);
}
#define ENDS(cli, status, input, ...) ends((cli), (status), (input), (const char *const[]){__VA_ARGS__, NULL})

/* The same, and it must say these on standard output and standard error (NULL: anything). */
static void says(struct cli *cli, int status, const char *input, const char *out, const char *err,
                 const char *const *arguments) {
    struct cli_said said = cli_run(cli, input, arguments);
    cli_expect(cli, &said, status);
    if ((out != NULL && !cli_has(&said, out)) || (err != NULL && !cli_complains(&said, err))) {
        api_fail(shop.api, "this is missing: %s\n---- out\n%s\n---- err\n%s", out != NULL ? out : err,
                 said.out, said.err);
    }
    cli_done(&said);
}
#define SAYS(cli, status, input, out, err, ...) \
    says((cli), (status), (input), (out), (err), (const char *const[]){__VA_ARGS__, NULL})

static struct shop_case enter(const char *name) {
    return shop_enter(&shop, &(struct shop_wish){.name = name});
}

static struct shop_text rx_json(const char *patient, const char *total) {
    return shop_prescription(&shop, &(struct shop_wish){.name = "", .total = total}, patient);
}

static int prescriptions_of(const char *patient) {
    struct api_answer answer =
        shop_get(&shop, &shop.counter, shop_say("/prescriptions?patient=%s", patient).bytes);
    int count = cJSON_GetArraySize(shop_member(answer.body, "items"));
    api_done(&answer);
    return count;
}

static const char *tail(const char *id) {
    return id + strlen(id) - 5;
}

/* ---- patients ---- */

static void a_patient_is_entered_by_questions(void **state) {
    char *seen = NULL;
    (void)state;
    struct cli_terminal terminal = CLI_TERMINAL(&khan, 80, "patient", "add");
    cli_answer(&terminal, "Name: ", "Robin Ash");
    cli_answer(&terminal, "Preferred name", "Rob");
    cli_answer(&terminal, "Date of birth: ", "31/2/1980");
    cli_wait(&terminal, "A day, please");
    cli_answer(&terminal, "Date of birth: ", "1 Feb 1980");
    cli_answer(&terminal, "(nhs, chi, hc, none)", "nhs");
    cli_answer(&terminal, "The number: ", "999 000 0011");
    cli_answer(&terminal, "Address", "no fixed abode");
    cli_answer(&terminal, "Notes", "");
    cli_answer(&terminal, "Agreed that", "1");
    cli_answer(&terminal, "Agreed on: ", "today");
    cli_answer(&terminal, "own reference", "");
    cli_wait(&terminal, "! identifier.value:"); /* said at its field, and only that is asked again */
    cli_answer(&terminal, "The number [999 000 0011]: ", "999 000 0018");
    cli_ends(&terminal, 0, &seen);
    assert_non_null(strstr(seen, "entered"));
    assert_non_null(strstr(seen, "born Fri 1 Feb 1980"));
    assert_non_null(strstr(seen, "Testham Service, agreed on Mon 23 Nov 2026"));
    free(seen);
}

static void look_alikes_are_shown_after_entry(void **state) {
    (void)state;
    ENDS(&khan, 0, "{\"name\":\"Kim Birch\",\"born_on\":\"1975-05-05\"}", "patient", "add", "--from", "-");
    SAYS(&khan, 0, "{\"name\":\"Kim Birsh\",\"born_on\":\"1975-05-05\"}", "look-alikes", NULL, "patient",
         "add", "--from", "-");
}

static void a_patient_from_a_file(void **state) {
    (void)state;
    const char *path =
        cli_file(&khan, "patient.json", "{\"name\":\"Alex Cedar\",\"born_on\":\"1990-09-09\"}");
    struct cli_said said = CLI_RUN(&khan, "--json", "patient", "add", "--from", path);
    cli_expect(&khan, &said, 0);
    cJSON *tree = cli_json(&khan, &said);
    assert_string_equal(shop_string(tree, "name"), "Alex Cedar");
    assert_string_equal(said.err, "");
    assert_ptr_equal(strchr(said.out, '\n'), said.out + said.out_len - 1);
    cJSON_Delete(tree);
    cli_done(&said);
    SAYS(&khan, 1, "{\"name\":\"A\",\"born_on\":\"1990-09-09\",\"shoe\":1}", NULL, "shoe:", "patient", "add",
         "--from", "-");
    SAYS(&khan, 1, "{\"born_on\":\"1990-09-09\"}", NULL, "name:", "patient", "add", "--from", "-");
    SAYS(&khan, 1, "{\"name\":", NULL, "standard input:1:", "patient", "add", "--from", "-");
    SAYS(&khan, 1, "[1]", NULL, "not a JSON object", "patient", "add", "--from", "-");
    SAYS(&khan, 1, NULL, NULL, "No such file", "patient", "add", "--from", "/nowhere.json");
}

static void a_known_number_names_its_patient(void **state) {
    char *seen = NULL;
    (void)state;
    const char *body =
        "{\"name\":\"Jo "
        "Elder\",\"born_on\":\"1981-01-01\",\"identifier\":{\"system\":\"nhs\",\"value\":\"9990000026\"}}";
    ENDS(&khan, 0, body, "patient", "add", "--from", "-");
    SAYS(&khan, 4, body, NULL, "instalment patient show", "patient", "add", "--from", "-", "--key",
         "another");
    struct cli_terminal terminal = CLI_TERMINAL(&khan, 80, "patient", "add");
    cli_answer(&terminal, "Name: ", "Joe Elder");
    cli_answer(&terminal, "Preferred name", "");
    cli_answer(&terminal, "Date of birth: ", "1981-01-01");
    cli_answer(&terminal, "none)", "nhs");
    cli_answer(&terminal, "The number: ", "9990000026");
    cli_answer(&terminal, "Address", "");
    cli_answer(&terminal, "Notes", "");
    cli_answer(&terminal, "Agreed that", "");
    cli_wait(&terminal, "instalment patient show");
    cli_answer(&terminal, "[nhs]: ", "none"); /* nothing else is lost */
    cli_ends(&terminal, 0, &seen);
    assert_non_null(strstr(seen, "Joe Elder"));
    free(seen);
}

static void patients_are_found_without_names_in_arguments(void **state) {
    (void)state;
    SAYS(&khan, 0, "cedar\n", "Alex Cedar", NULL, "patient", "find", "-");
    SAYS(&khan, 0, "9/9/1990\n", "Alex Cedar", NULL, "patient", "find", "-");
    SAYS(&khan, 0, "cedar\n", "{\"id\":\"pt-", NULL, "--json", "patient", "find", "-");
    SAYS(&khan, 3, "nobody at all\n", NULL, "nobody is found", "patient", "find", "-");
    SAYS(&khan, 2, NULL, NULL, "stay out of the arguments", "patient", "find", "cedar");
    SAYS(&khan, 2, NULL, NULL, "no terminal to ask at", "patient", "find");
    struct cli_terminal terminal = CLI_TERMINAL(&khan, 80, "patient", "find");
    cli_answer(&terminal, "Name, date of birth or number: ", "cedar");
    cli_wait(&terminal, "Alex Cedar");
    cli_ends(&terminal, 0, NULL);
}

/* The columns of a line in front of a text. */
static int columns_before(const char *line, const char *text) {
    int columns = 0;
    const char *end = strstr(line, text);
    assert_non_null(end);
    while (line < end) {
        wchar_t character;
        int len = mbtowc(&character, line, 8);
        assert_true(len > 0);
        int width = wcwidth(character);
        columns += width > 0 ? width : 0;
        line += len;
    }
    return columns;
}

static void names_of_any_script_stand_in_columns(void **state) {
    static const char *const names[] = {
        "Zo\xC3\xAB \xC5\x81ukasz",
        "\xE9\x99\x88\xE5\xB0\x8F\xE6\x98\x8E",                      /* two columns a character */
        "\xD9\x85\xD8\xAD\xD9\x85\xD8\xAF \xD8\xB9\xD9\x84\xD9\x8A", /* right to left */
        "e\xCC\x81ric with a combining accent",
        "\xF0\x9F\x91\xA9 Marigold",
        "Wolfeschlegelsteinhausenbergerdorff "
        "\xE5\xBC\xA0\xE5\xBC\xA0\xE5\xBC\xA0\xE5\xBC\xA0\xE5\xBC\xA0\xE5\xBC\xA0 the Third",
    };
    size_t lines = 0;
    int columns = 0;
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        ENDS(&khan, 0, shop_say("{\"name\":\"%s\",\"born_on\":\"1971-03-03\"}", names[i]).bytes, "patient",
             "add", "--from", "-");
    }
    struct cli_said said = CLI_FEED(&khan, "3/3/1971\n", "patient", "find", "-");
    cli_expect(&khan, &said, 0);
    for (char *line = said.out; *line != '\0';) {
        char *end = strchr(line, '\n');
        assert_non_null(end);
        *end = '\0';
        int here = columns_before(line, "1971-03-03");
        columns = lines++ == 0 ? here : columns;
        assert_int_equal(here, columns);
        line = end + 1;
    }
    assert_int_equal(lines, sizeof names / sizeof names[0]);
    cli_done(&said);
    struct cli_terminal terminal = CLI_TERMINAL(&khan, 72, "patient", "find");
    cli_answer(&terminal, "Name, date of birth or number: ", "3/3/1971");
    cli_wait(&terminal, "\xE9\x99\x88\xE5\xB0\x8F\xE6\x98\x8E");
    cli_ends(&terminal, 0, NULL);
}

static void a_record_is_shown_with_prescriptions_and_changed(void **state) {
    char *seen = NULL;
    (void)state;
    struct shop_case scene = enter("Sam Hazel");
    SAYS(&khan, 0, NULL, "Prescriptions (1)", NULL, "patient", "show", scene.patient);
    SAYS(&khan, 0, NULL, "methadone-1mg-ml-sf", NULL, "patient", "show", tail(scene.patient));
    SAYS(&khan, 0, NULL, "\"look_alikes\":", NULL, "--json", "patient", "show", scene.patient);
    SAYS(&khan, 3, NULL, NULL, "instalment:", "patient", "show", "pt-nobody");
    SAYS(&khan, 0, "{\"address\":\"9 New Road\"}", "9 New Road", NULL, "patient", "change", scene.patient,
         "--from", "-");
    SAYS(&khan, 2, NULL, NULL, "no terminal", "patient", "change", scene.patient);
    struct cli_terminal terminal = CLI_TERMINAL(&khan, 80, "patient", "change", scene.patient);
    cli_answer(&terminal, "Name [Sam Hazel]: ", "");
    cli_answer(&terminal, "Preferred name", "Sammy");
    cli_answer(&terminal, "Date of birth [", "");
    cli_answer(&terminal, "none)", "");
    cli_answer(&terminal, "[9 New Road, - for none]: ", "-");
    cli_answer(&terminal, "Notes", "");
    cli_answer(&terminal, "Agreed that", "");
    cli_ends(&terminal, 0, &seen);
    assert_non_null(strstr(seen, "(Sammy)"));
    assert_null(strstr(strstr(seen, "changed"), "9 New Road"));
    free(seen);
}

static void a_status_has_a_source(void **state) {
    (void)state;
    struct shop_case scene = enter("Lee Maple");
    SAYS(&khan, 0, "ward 3, by telephone\n", "away", NULL, "patient", "status", scene.patient, "away", "-",
         "--to-day", "2026-11-30");
    SAYS(&khan, 0, NULL, "ward 3, by telephone", NULL, "patient", "show", scene.patient);
    SAYS(&khan, 2, NULL, NULL, "no terminal", "patient", "status", scene.patient, "attending");
    SAYS(&khan, 2, NULL, NULL, "attending, away, deceased", "patient", "status", scene.patient, "ill");
    SAYS(&khan, 2, "x\n", NULL, "--from-day is a day", "patient", "status", scene.patient, "away", "-",
         "--from-day", "soon");
    struct cli_terminal terminal = CLI_TERMINAL(&khan, 80, "patient", "status", scene.patient, "attending");
    cli_wait(&terminal, "Lee Maple");
    cli_answer(&terminal, "Who says so", "came to the counter");
    cli_ends(&terminal, 0, NULL);
}

static void two_records_of_one_person_are_joined(void **state) {
    (void)state;
    struct shop_case one = enter("Pat Rowan"), two = enter("Patricia Rowan");
    struct shop_text pin = shop_say("%s\n", api_pin(shop.api, "a.khan"));
    SAYS(&hughes, 2, NULL, NULL, "--into", "patient", "merge", one.patient);
    SAYS(&hughes, 6, NULL, NULL, "--second", "patient", "merge", one.patient, "--into", two.patient);
    SAYS(&khan, 6, pin.bytes, NULL, "instalment:", "--pin-stdin", "patient", "merge", one.patient, "--into",
         two.patient, "--second", "d.osei");
    SAYS(&hughes, 0, pin.bytes, "Patricia Rowan", NULL, "--pin-stdin", "patient", "merge", one.patient,
         "--into", two.patient, "--second", "a.khan");
    assert_int_equal(prescriptions_of(two.patient), 2);
}

/* ---- prescriptions ---- */

static void a_patient_only(const char *name, char id[SHOP_ID]) {
    shop_make(&shop, &shop.counter, "/patients",
              shop_say("{\"name\":\"%s\",\"born_on\":\"1980-01-01\"}", name).bytes, id);
}

/* The questions up to the items, with the usual answers. */
static void answer_head(struct cli_terminal *terminal) {
    cli_answer(terminal, "Prescribing service", "testham");
    cli_answer(terminal, "[FP10MDA]: ", "");
    cli_answer(terminal, "Serial number", "AB12");
    cli_answer(terminal, "Signed on: ", "20/11/2026");
    cli_answer(terminal, "To start on", "23/11/2026");
    cli_answer(terminal, "Prescriber", "Dr A. Sample");
    cli_answer(terminal, "number", "");
    cli_answer(terminal, "address", "1 Clinic Road");
    cli_answer(terminal, "Stage (", "stable");
}

static void answer_plan(struct cli_terminal *terminal, const char *doses, const char *total) {
    cli_answer(terminal, "Medicine and strength", "methadone 1mg/ml sugar");
    cli_answer(terminal, "First day of these doses", "2026-11-23");
    cli_answer(terminal, "Dose a day in ml", doses);
    if (total != NULL) {
        cli_answer(terminal, "Total on the form, in ml: ", total);
        cli_answer(terminal, "The total is written in", "");
    }
    cli_answer(terminal, "Another medicine", "");
    cli_answer(terminal, "Collected on", "mon-sat");
}

static void a_prescription_is_entered_by_questions(void **state) {
    char id[SHOP_ID], *seen = NULL;
    (void)state;
    a_patient_only("Jude Alder", id);
    struct cli_terminal terminal = CLI_TERMINAL(&khan, 80, "rx", "add", id);
    cli_wait(&terminal, "Jude Alder");
    answer_head(&terminal);
    for (unsigned flag = WORDING_W1; flag <= WORDING_W5; flag <<= 1) {
        char word[16]; /* the sentences, though broken into lines */
        snprintf(word, sizeof word, "%.15s", wording_text((enum wording_flag)flag));
        cli_wait(&terminal, word);
    }
    cli_answer(&terminal, "Which stand on the form", "1, 2, 3");
    cli_answer(&terminal, "Other wording", "");
    answer_plan(&terminal, "60 x 14", "850");
    cli_answer(&terminal, "Supervised on", "collection days");
    cli_wait(&terminal, "the doses add up to 840, the form says 850");
    cli_wait(&terminal, "items[0].total");
    cli_answer(&terminal, "kept as it is", "no");
    cli_answer(&terminal, "Total on the form, in ml: ", "840"); /* only that is asked again */
    cli_wait(&terminal, "Nov[23. 60   ]24. 60");
    cli_answer(&terminal, "store it (yes, no, change): ", "change");
    cli_answer(&terminal, "What is changed", "serial");
    cli_answer(&terminal, "Serial number [AB12, - for none]: ", "AB13");
    cli_answer(&terminal, "store it (yes, no, change): ", "yes");
    cli_wait(&terminal, "entered");
    cli_ends(&terminal, 0, &seen);
    free(seen);
    struct api_answer answer =
        shop_get(&shop, &shop.counter, shop_say("/prescriptions?patient=%s", id).bytes);
    const cJSON *items = shop_member(answer.body, "items");
    assert_int_equal(cJSON_GetArraySize(items), 1);
    assert_string_equal(shop_string(cJSON_GetArrayItem(items, 0), "serial"), "AB13");
    api_done(&answer);
}

static void what_was_said_no_to_is_not_stored(void **state) {
    char id[SHOP_ID];
    (void)state;
    a_patient_only("Ellis Thorn", id);
    struct cli_terminal terminal = CLI_TERMINAL(&khan, 80, "rx", "add", id);
    answer_head(&terminal);
    cli_answer(&terminal, "Which stand on the form", "9");
    cli_wait(&terminal, "Numbers of the list");
    cli_answer(&terminal, "Which stand on the form", "1 2 3");
    cli_answer(&terminal, "Other wording", "");
    answer_plan(&terminal, "30 x 3, 35 x 3, 40(20) x 8", "515");
    cli_answer(&terminal, "Supervised on", "mon, wed");
    cli_wait(&terminal, "the doses add up to 515, the form says 515");
    cli_answer(&terminal, "store it (yes, no, change): ", "no");
    cli_ends(&terminal, 1, NULL);
    assert_int_equal(prescriptions_of(id), 0);
}

static void killed_in_the_middle_nothing_was_sent(void **state) {
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGKILL};
    char id[SHOP_ID];
    (void)state;
    a_patient_only("Frankie Reed", id);
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        struct cli_terminal terminal = CLI_TERMINAL(&khan, 80, "rx", "add", id);
        answer_head(&terminal);
        cli_wait(&terminal, "Which stand on the form");
        cli_type(&terminal, "1,2");
        assert_int_equal(cli_kill(&terminal, signals[i]), 128 + signals[i]);
        assert_true(cli_echoes(&terminal));
        cli_drop(&terminal);
    }
    struct cli_terminal terminal = CLI_TERMINAL(&khan, 80, "rx", "add", id);
    cli_wait(&terminal, "Prescribing service");
    cli_type(&terminal, "\004"); /* Ctrl-D */
    cli_wait(&terminal, "input ended; nothing was sent");
    cli_ends(&terminal, 1, NULL);
    assert_int_equal(prescriptions_of(id), 0);
}

static void a_prescription_from_json(void **state) {
    char id[SHOP_ID];
    (void)state;
    a_patient_only("Charlie Moss", id);
    struct shop_text good = rx_json(id, "840"), wrong = rx_json(id, "850");
    SAYS(&khan, 0, good.bytes, "the doses add up to 840, the form says 840", NULL, "rx", "add", "--from", "-",
         "--dry-run");
    SAYS(&khan, 5, wrong.bytes, "--accept total_mismatch", "cannot be stored", "rx", "add", "--from", "-",
         "--dry-run");
    SAYS(&khan, 5, wrong.bytes, "\"blocked\":true", NULL, "--json", "rx", "add", "--from", "-", "--dry-run");
    SAYS(&khan, 5, wrong.bytes, NULL, "items[0].total:", "--json", "rx", "add", "--from", "-");
    SAYS(&nowak, 5, wrong.bytes, NULL, "cannot be stored", "rx", "add", "--from", "-", "--accept",
         "total_mismatch");
    assert_int_equal(prescriptions_of(id), 0);
    SAYS(&khan, 2, good.bytes, NULL, "another patient", "rx", "add", "pt-somebody", "--from", "-");
    SAYS(&khan, 2, "{}", NULL, "whose prescription", "rx", "add", "--from", "-");
    SAYS(&khan, 2, NULL, NULL, "no terminal", "rx", "add", id);
    SAYS(&khan, 1, shop_say("{\"patient\":\"%s\"}", id).bytes, NULL, "form:", "rx", "add", "--from", "-");
    SAYS(&khan, 0, wrong.bytes, "entered", NULL, "rx", "add", "--from", "-", "--accept", "total_mismatch");
    assert_int_equal(prescriptions_of(id), 1);
    SAYS(&khan, 5, good.bytes, "P7", NULL, "rx", "add", id, "--from", "-", "--dry-run");
    a_patient_only("Charlie Mosse", id);
    struct cli_said said = CLI_FEED(&khan, rx_json(id, "840").bytes, "--json", "rx", "add", "--from", "-");
    cli_expect(&khan, &said, 0);
    cJSON *tree = cli_json(&khan, &said);
    assert_int_equal(strncmp(shop_string(tree, "id"), "rx-", 3), 0);
    cJSON_Delete(tree);
    cli_done(&said);
}

static void a_form_that_takes_the_place_of_another(void **state) {
    (void)state;
    struct shop_case scene = enter("Toni Gale");
    struct cli_terminal terminal = CLI_TERMINAL(&khan, 80, "rx", "add", scene.patient);
    cli_answer(&terminal, "Prescribing service [Testham Service]: ", "");
    cli_answer(&terminal, "[FP10MDA]: ", "");
    cli_answer(&terminal, "Serial number", "");
    cli_answer(&terminal, "Signed on: ", "23/11/2026");
    cli_answer(&terminal, "To start on", "26/11/2026");
    cli_answer(&terminal, "Prescriber [", ""); /* offered from the last form */
    cli_answer(&terminal, "number", "");
    cli_answer(&terminal, "address", "");
    cli_answer(&terminal, "Stage (", "stable");
    cli_answer(&terminal, "Which stand on the form", "1,2,3");
    cli_answer(&terminal, "Other wording", "");
    cli_answer(&terminal, "Medicine and strength", "methadone 1mg/ml sugar");
    cli_answer(&terminal, "First day of these doses [2026-11-26]: ", "");
    cli_answer(&terminal, "Dose a day in ml", "70");
    cli_answer(&terminal, "For how many days: ", "14");
    cli_answer(&terminal, "Total on the form, in ml: ", "980");
    cli_answer(&terminal, "The total is written in", "");
    cli_answer(&terminal, "Another medicine", "");
    cli_answer(&terminal, "Collected on", "mon-sat");
    cli_answer(&terminal, "Supervised on", "collection days");
    cli_answer(&terminal, "(replaces, together, neither): ", "replaces");
    cli_answer(&terminal, "from [2026-11-26]: ", "");
    cli_answer(&terminal, "store it (yes, no, change): ", "yes");
    cli_wait(&terminal, "entered");
    cli_ends(&terminal, 0, NULL);
    SAYS(&khan, 0, NULL, "stopped from Thu 26 Nov 2026", NULL, "rx", "show", scene.rx);
}

static void a_concentrate_has_a_second_person(void **state) {
    char id[SHOP_ID];
    (void)state;
    a_patient_only("Perry Lane", id);
    struct shop_wish wish = {.name = "",
                             .product = "methadone-10mg-ml",
                             .doses = "[{\"from\":\"2026-11-23\",\"days\":14,\"dose\":\"6\"}]",
                             .total = "84"};
    struct shop_text body = shop_prescription(&shop, &wish, id);
    struct shop_text behind = shop_say("%s\n%s", api_pin(shop.api, "d.osei"), body.bytes);
    SAYS(&khan, 0, body.bytes, "is a concentrate", NULL, "rx", "add", "--from", "-", "--dry-run");
    struct cli_said said = CLI_FEED(&khan, behind.bytes, "--pin-stdin", "rx", "add", "--from", "-",
                                    "--dry-run", "--second", "d.osei");
    cli_expect(&khan, &said, 0);
    assert_false(cli_has(&said, "is a concentrate"));
    cli_done(&said);
    SAYS(&khan, 6, shop_say("0000\n%s", body.bytes).bytes, NULL, "instalment:", "--pin-stdin", "rx", "add",
         "--from", "-", "--second", "d.osei");
    SAYS(&khan, 6, shop_say("%s\n%s", api_pin(shop.api, "a.khan"), body.bytes).bytes, NULL, "second person",
         "--pin-stdin", "rx", "add", "--from", "-", "--second", "a.khan");
    assert_int_equal(prescriptions_of(id), 0);
    struct cli_terminal terminal = CLI_TERMINAL(&khan, 80, "rx", "add", id);
    answer_head(&terminal);
    cli_answer(&terminal, "Which stand on the form", "1, 2, 3");
    cli_answer(&terminal, "Other wording", "");
    cli_answer(&terminal, "Medicine and strength", "methadone-10mg-ml"); /* its code: one of two begins so */
    cli_answer(&terminal, "First day of these doses", "");
    cli_answer(&terminal, "Dose a day in ml", "6 x 14");
    cli_answer(&terminal, "Total on the form, in ml: ", "84");
    cli_answer(&terminal, "The total is written in", "");
    cli_answer(&terminal, "Another medicine", "");
    cli_answer(&terminal, "Collected on", "daily");
    cli_answer(&terminal, "Supervised on", "none");
    cli_wait(&terminal, "is a concentrate");
    cli_answer(&terminal, "compared the concentrate", "d.osei");
    cli_answer(&terminal, "PIN of d.osei: ", "0000");
    cli_wait(&terminal, "!"); /* and nothing of what was typed is lost */
    cli_answer(&terminal, "compared the concentrate", "d.osei");
    cli_give_pin(&terminal, "d.osei");
    cli_answer(&terminal, "store it (yes, no, change): ", "yes");
    cli_wait(&terminal, "entered");
    cli_ends(&terminal, 0, NULL);
}

static void the_second_keying_is_blind(void **state) {
    char *seen = NULL;
    (void)state;
    struct shop_wish wish = {.name = "Morgan Fenn",
                             .doses = "[{\"from\":\"2026-11-23\",\"days\":14,\"dose\":\"57.25\"}]",
                             .total = "801.5",
                             .once = true};
    struct shop_case scene = shop_enter(&shop, &wish);
    SAYS(&khan, 2, NULL, NULL, "no terminal", "rx", "check", scene.rx);
    struct cli_terminal terminal = CLI_TERMINAL(&khan, 80, "rx", "check", scene.rx);
    cli_wait(&terminal, "Morgan Fenn");
    cli_answer(&terminal, "Which stand on the form", "1,2,3");
    answer_plan(&terminal, "60 x 14", NULL);
    cli_give_pin(&terminal, "a.khan");
    cli_wait(&terminal, "! items.doses.dose:");
    cli_answer(&terminal, "Key that again", "no");
    cli_ends(&terminal, 5, &seen);
    assert_null(strstr(seen, "57.25"));
    assert_null(strstr(seen, "801.5"));
    free(seen);
    terminal = CLI_TERMINAL(&khan, 80, "rx", "check", scene.rx);
    cli_answer(&terminal, "Which stand on the form", "1,2,4");
    answer_plan(&terminal, "57.25 x 14", NULL);
    cli_answer(&terminal, "PIN of a.khan: ", "0000");
    cli_give_pin(&terminal, "a.khan");
    cli_wait(&terminal, "! wording:");
    cli_answer(&terminal, "Key that again", "yes");
    cli_answer(&terminal, "Which stand on the form", "1,2,3");
    cli_wait(&terminal, "both entries agree");
    cli_ends(&terminal, 0, NULL);
    SAYS(&khan, 0, NULL, "keyed a second time by a.khan", NULL, "rx", "show", scene.rx);
}

static void the_second_keying_from_json(void **state) {
    (void)state;
    struct shop_case scene = shop_enter(&shop, &(struct shop_wish){.name = "Ash Field", .once = true});
    const char *right =
        "{\"items\":[{\"product\":\"methadone-1mg-ml-sf\",\"doses\":[{\"from\":\"2026-11-23\","
        "\"days\":14,\"dose\":\"60\"}]}],\"collect\":{\"weekdays\":[\"mon\",\"tue\",\"wed\","
        "\"thu\",\"fri\",\"sat\"]},\"wording\":[\"W1\",\"W2\",\"W3\"]}";
    const char *path = cli_file(&khan, "keyed.json", right);
    struct shop_text pin = shop_say("%s\n", api_pin(shop.api, "a.khan"));
    struct shop_text behind = shop_say("%s\n%s", api_pin(shop.api, "a.khan"), right);
    SAYS(&nowak, 6, shop_say("%s\n", api_pin(shop.api, "p.nowak")).bytes, NULL, "Another person",
         "--pin-stdin", "rx", "check", scene.rx, "--from", path);
    SAYS(&khan, 6, "0000\n", NULL, "instalment:", "--pin-stdin", "rx", "check", scene.rx, "--from", path);
    const char *wrong =
        cli_file(&khan, "wrong.json",
                 "{\"items\":[{\"product\":\"methadone-1mg-ml-sf\",\"doses\":[{\"from\":"
                 "\"2026-11-23\",\"days\":14,\"dose\":\"60\"}]}],\"collect\":{\"every_days\":2},"
                 "\"wording\":[\"W1\",\"W2\",\"W3\"]}");
    SAYS(&khan, 5, pin.bytes, NULL, "collect:", "--pin-stdin", "rx", "check", scene.rx, "--from", wrong);
    SAYS(&khan, 0, pin.bytes, "both entries agree", NULL, "--pin-stdin", "rx", "check", scene.rx, "--from",
         path);
    SAYS(&khan, 4, pin.bytes, NULL, "before", "--pin-stdin", "rx", "check", scene.rx, "--from", path);
    struct shop_case other = shop_enter(&shop, &(struct shop_wish){.name = "Ash Fields", .once = true});
    SAYS(&khan, 0, behind.bytes, "both entries agree", NULL, "--pin-stdin", "rx", "check", other.rx, "--from",
         "-");
    SAYS(&khan, 3, pin.bytes, NULL, "instalment:", "--pin-stdin", "rx", "check", "rx-nothing", "--from",
         path);
}

static void stopped_held_and_released(void **state) {
    (void)state;
    struct shop_case scene = enter("Casey Wold");
    SAYS(&khan, 2, NULL, NULL, "no terminal", "rx", "hold", scene.rx);
    SAYS(&khan, 2, NULL, NULL, "stay out of the arguments", "rx", "hold", scene.rx, "was drowsy");
    SAYS(&khan, 0, "asked by the service\n", "on hold", NULL, "rx", "hold", scene.rx, "-");
    SAYS(&khan, 0, NULL, "!  on hold", NULL, "rx", "show", scene.rx);
    SAYS(&khan, 0, NULL, "!  on hold", NULL, "rx", "show", tail(scene.rx));
    struct cli_terminal terminal = CLI_TERMINAL(&khan, 80, "rx", "release", scene.rx);
    cli_wait(&terminal, "Casey Wold");
    cli_answer(&terminal, "Reason: ", "");
    cli_wait(&terminal, "This is needed");
    cli_answer(&terminal, "Reason: ", "spoken to Dr A. Sample");
    cli_wait(&terminal, "released");
    cli_ends(&terminal, 0, NULL);
    SAYS(&nowak, 6, "no\n", NULL, "role", "rx", "stop", scene.rx, "-");
    SAYS(&khan, 0, "{\"reason\":\"moved away\"}", "stopped from Wed 25 Nov 2026", NULL, "rx", "stop",
         scene.rx, "--from", "-", "--from-day", "25/11/2026");
    SAYS(&khan, 0, NULL, "25s", NULL, "rx", "show", scene.rx);
    SAYS(&khan, 3, "x\n", NULL, "instalment:", "rx", "stop", "rx-nothing", "-");
}

static void the_prescriber_is_consulted(void **state) {
    (void)state;
    struct shop_case scene = enter("Drew Holt");
    struct cli_terminal terminal = CLI_TERMINAL(&khan, 80, "rx", "consult", scene.rx);
    cli_wait(&terminal, "Drew Holt");
    cli_answer(&terminal, "Who was asked: ", "Dr A. Sample");
    cli_answer(&terminal, "Who is that", "presc");
    cli_answer(&terminal, "How, as telephone", "telephone");
    cli_answer(&terminal, "On which day", "");
    cli_answer(&terminal, "What was said", "allow_once");
    cli_answer(&terminal, "For which day: ", "24/11/2026");
    cli_answer(&terminal, "Which days' doses: ", "24/11/2026, 25/11/2026");
    cli_answer(&terminal, "Note", "");
    cli_wait(&terminal, "Dr A. Sample said allow_once");
    cli_ends(&terminal, 0, NULL);
    SAYS(&khan, 0, "{\"with\":\"Keyworker B\",\"role\":\"keyworker\",\"outcome\":\"continue\"}",
         "lifts no hold", NULL, "rx", "consult", scene.rx, "--from", "-");
    SAYS(&khan, 1, "{\"with\":\"Dr A\"}", NULL, "role:", "rx", "consult", scene.rx, "--from", "-");
    SAYS(&khan, 2, NULL, NULL, "no terminal", "rx", "consult", scene.rx);
}

static void bagged_in_advance(void **state) {
    (void)state;
    struct shop_case scene = enter("Quinn Marsh");
    struct shop_text instalment = shop_say("%s.2026-11-23", scene.rx);
    ENDS(&khan, 0, NULL, "rx", "show", scene.rx);
    SAYS(&nowak, 0, NULL, "prepared", NULL, "rx", "prepare", instalment.bytes, "--containers", "1", "--batch",
         "B1", "--expiry", "2027-06-30");
    SAYS(&khan, 0, NULL, "[23o 60", NULL, "rx", "show", scene.rx);
    SAYS(&khan, 0, NULL, "back in stock", NULL, "rx", "unprepare",
         shop_say("%s.2026-11-23", tail(scene.rx)).bytes);
    SAYS(&khan, 2, NULL, NULL, "a dot and the collection day", "rx", "prepare", scene.rx);
    SAYS(&khan, 2, NULL, NULL, "--containers", "rx", "prepare", instalment.bytes, "--containers", "many");
    SAYS(&khan, 3, NULL, NULL, "instalment:", "rx", "prepare", "rx-none.2026-11-23");
}

/* ---- in place of a supply ---- */

static void outcomes(void **state) {
    (void)state;
    struct shop_case scene = enter("Rowan Pike");
    SAYS(&nowak, 6, NULL, NULL, "instalment:", "outcome", scene.rx, "withheld");
    SAYS(&khan, 2, NULL, NULL, "withheld, deferred", "outcome", scene.rx, "lost");
    struct cli_terminal terminal = CLI_TERMINAL(&khan, 80, "outcome", scene.rx, "withheld");
    cli_wait(&terminal, "Rowan Pike");
    cli_answer(&terminal, "Note", "drowsy");
    cli_wait(&terminal, "recorded: withheld on Mon 23 Nov 2026");
    cli_ends(&terminal, 0, NULL);
    SAYS(&khan, 0, NULL, "[23w 60", NULL, "rx", "show", scene.rx);
    struct shop_case other = enter("Rowan Pyke");
    SAYS(&khan, 0, "no bottle\n", "attended_not_supplied", NULL, "outcome", other.rx, "attended_not_supplied",
         "-", "--reason", "no_stock");
    SAYS(&khan, 2, NULL, NULL, "--minutes", "outcome", other.rx, "vomited", "--minutes", "x");
}

static void doses_given_elsewhere(void **state) {
    (void)state;
    struct shop_case scene = enter("Skyler Dunn");
    struct cli_terminal terminal = CLI_TERMINAL(&khan, 80, "elsewhere", scene.patient);
    cli_wait(&terminal, "Skyler Dunn");
    cli_answer(&terminal, "Which kind", "op");
    cli_answer(&terminal, "First day", "22/11/2026");
    cli_answer(&terminal, "Last day", "23/11/2026");
    cli_answer(&terminal, "Product", "");
    cli_answer(&terminal, "Dose a day", "");
    cli_answer(&terminal, "Where: ", "Testham Hospital");
    cli_answer(&terminal, "Who confirmed it: ", "ward 3");
    cli_answer(&terminal, "How, as", "");
    cli_wait(&terminal, "confirmed by ward 3");
    cli_wait(&terminal, "the prescriber is asked");
    cli_ends(&terminal, 0, NULL);
    SAYS(&khan, 0, NULL, "[23e 60", NULL, "rx", "show", scene.rx);
    SAYS(&khan, 1, "{\"class\":\"opioid\"}", NULL, "from:", "elsewhere", scene.patient, "--from", "-");
    SAYS(&khan, 2, NULL, NULL, "no terminal", "elsewhere", scene.patient);
}

static void a_concern_in_two_lines(void **state) {
    (void)state;
    struct shop_case scene = enter("Blake Carr");
    struct cli_terminal terminal = CLI_TERMINAL(&khan, 80, "concern", scene.patient, "possible_intoxication",
                                                "--signs", "drowsy,slurred_speech", "--decision", "deferred");
    cli_wait(&terminal, "Blake Carr");
    cli_answer(&terminal, "What was seen", "fell asleep on the chair");
    cli_wait(&terminal, "possible_intoxication, deferred; the service is told");
    cli_ends(&terminal, 0, NULL);
    SAYS(&khan, 0, NULL, "[23~ 60", NULL, "rx", "show", scene.rx); /* M11: the only prescription was meant */
    terminal = CLI_TERMINAL(&khan, 80, "concern", scene.patient, "possible_intoxication", "--signs", "drowsy",
                            "--decision", "withheld");
    cli_answer(&terminal, "What was seen", "");
    cli_answer(&terminal, "prescriber's side", "Dr A. Sample");
    cli_ends(&terminal, 0, NULL);
    SAYS(&khan, 0, "thin\n", "welfare", NULL, "concern", scene.patient, "welfare", "-");
    SAYS(&khan, 1, NULL, NULL, "signs:", "concern", scene.patient, "possible_intoxication", "--decision",
         "supplied");
    SAYS(&khan, 2, NULL, NULL, "possible_intoxication, welfare", "concern", scene.patient, "drunk");
    SAYS(&khan, 2, NULL, NULL, "supplied, deferred", "concern", scene.patient, "welfare", "--decision",
         "perhaps");
    SAYS(&khan, 1, NULL, NULL, "signs:", "concern", scene.patient, "possible_intoxication", "--signs", "odd",
         "--decision", "supplied");
    SAYS(&khan, 0, NULL, "slurred speech", NULL, "concern", "signs");
    SAYS(&khan, 0, NULL, "{\"code\":\"drowsy\"", NULL, "--json", "concern", "signs");
}

static void which_of_two_prescriptions(void **state) {
    (void)state;
    struct shop_case scene = enter("Jules Nash");
    shop_make(&shop, &shop.technician, "/prescriptions",
              shop_prescription(
                  &shop,
                  &(struct shop_wish){.name = "",
                                      .product = "diazepam-5mg",
                                      .doses = "[{\"from\":\"2026-11-23\",\"days\":14,\"dose\":\"1\"}]",
                                      .total = "14",
                                      .supervised = "\"none\""},
                  scene.patient)
                  .bytes,
              NULL);
    SAYS(&khan, 2, NULL, NULL, "--rx", "concern", scene.patient, "possible_intoxication", "--signs", "drowsy",
         "--decision", "withheld");
    struct cli_terminal terminal = CLI_TERMINAL(&khan, 80, "concern", scene.patient, "possible_intoxication",
                                                "--signs", "drowsy", "--decision", "deferred");
    cli_answer(&terminal, "Which prescription: ", "methadone");
    cli_answer(&terminal, "What was seen", "");
    cli_ends(&terminal, 0, NULL);
    SAYS(&khan, 0, NULL, "[23~ 60", NULL, "rx", "show", scene.rx);
}

/* ---- what goes wrong around it ---- */

static void without_a_daemon(void **state) {
    (void)state;
    struct cli lost;
    cli_open(&lost, NULL);
    lost.socket = "/tmp/instalment-nobody-listens.sock";
    SAYS(&lost, 7, NULL, NULL, "systemctl status instalmentd", "patient", "show", "pt-x");
    SAYS(&lost, 7, "{}", NULL, "does not answer", "rx", "add", "--from", "-");
    SAYS(&lost, 7, "x\n", NULL, "does not answer", "patient", "find", "-");
    cli_close(&lost);
}

static void a_certificate_not_to_believe(void **state) {
    (void)state;
    struct shop_text url = shop_say("https://127.0.0.1:%d", shop.api->port);
    SAYS(&khan, 7, NULL, NULL, "certificate", "--url", url.bytes, "rx", "show", "rx-x");
    SAYS(&khan, 7, NULL, NULL, NULL, "--url", url.bytes, "--ca", "/dev/null", "rx", "show", "rx-x");
}

static void output_into_a_closed_pipe(void **state) {
    (void)state;
    struct shop_case scene = enter("Remy Stone");
    struct cli_said said = cli_run_unread(&khan, NULL, (const char *const[]){"rx", "show", scene.rx, NULL});
    cli_expect(&khan, &said, 0);
    assert_string_equal(said.err, "");
    cli_done(&said);
    said = cli_run_unread(&khan, "1971-03-03\n", (const char *const[]){"patient", "find", "-", NULL});
    cli_expect(&khan, &said, 0);
    cli_done(&said);
}

static void ten_megabytes_of_json(void **state) {
    (void)state;
    size_t len = (size_t)10 << 20;
    char *text = malloc(len + 1);
    assert_non_null(text);
    memset(text, ' ', len);
    text[0] = '{';
    text[len] = '\0';
    const char *path = cli_file(&khan, "large.json", text);
    SAYS(&khan, 1, text, NULL, "longer than a megabyte", "rx", "add", "--from", "-");
    SAYS(&khan, 1, NULL, NULL, "longer than a megabyte", "patient", "add", "--from", path);
    free(text);
}

static void colours_only_on_a_terminal_that_has_them(void **state) {
    char *seen = NULL;
    (void)state;
    struct shop_case scene = enter("Noor Vale");
    struct cli_terminal terminal = CLI_TERMINAL(&khan, 80, "rx", "show", scene.rx);
    cli_ends(&terminal, 0, &seen);
    assert_null(strstr(seen, "\033["));
    assert_non_null(strstr(seen, ".  to come")); /* each mark has its words */
    free(seen);
    khan.environment[0] = "TERM=dumb";
    terminal = CLI_TERMINAL(&khan, 80, "rx", "show", scene.rx);
    cli_ends(&terminal, 0, &seen);
    assert_null(strstr(seen, "\033["));
    free(seen);
    khan.environment[0] = NULL;
    terminal = CLI_TERMINAL(&khan, 80, "rx", "show", scene.rx);
    cli_ends(&terminal, 0, &seen);
    assert_non_null(strstr(seen, "\033["));
    free(seen);
    khan.environment[0] = "NO_COLOR=1";
}

static void no_dose_is_cut_on_any_terminal(void **state) {
    char *seen = NULL;
    (void)state;
    struct shop_wish wish = {.name = "Fen Lock",
                             .doses = "[{\"from\":\"2026-11-23\",\"days\":14,\"dose\":\"120.125\"}]",
                             .total = "1681.75"};
    struct shop_case scene = shop_enter(&shop, &wish);
    struct cli_terminal terminal = CLI_TERMINAL(&khan, 40, "rx", "show", scene.rx);
    cli_ends(&terminal, 0, &seen);
    assert_non_null(strstr(seen, "Nov[23. 120.125]24. 120.125 25. 120.125 "));
    free(seen);
    scene = enter("Fenn Locke");
    terminal = CLI_TERMINAL(&khan, 60, "rx", "show", scene.rx);
    cli_ends(&terminal, 0, &seen);
    assert_non_null(strstr(seen, "Nov[23. 60]24. 60 25. 60 "));
    free(seen);
}

/* ---- the calendar; these move the clock, in this order ---- */

static void the_calendar_says_what_became_of_each_day(void **state) {
    (void)state;
    struct shop_case came = enter("Val Winter"), missed = enter("Uma Yarrow");
    shop_supply(&shop, &(struct shop_supply){.rx = came.rx, .on = "2026-11-23"}, NULL);
    SAYS(&khan, 0, NULL, "Nov[23+ 60   ]24. 60    25. 60    26. 60    27. 60    28. 60    29t#60", NULL, "rx",
         "show", came.rx);
    SAYS(&khan, 0, NULL, "collected\n", NULL, "rx", "show", came.rx);
    shop_clock_to(&shop, "2026-11-24T09:00:00");
    cli_sign_in(&khan, "a.khan");
    SAYS(&khan, 0, NULL, "Nov 23- 60   [24. 60   ]25. 60", NULL, "rx", "show", missed.rx);
    SAYS(&khan, 0, NULL, "missed\n", NULL, "rx", "show", missed.rx);
    SAYS(&khan, 0, NULL, "Nov 23+ 60   [24. 60   ]25. 60", NULL, "rx", "show", came.rx);
}

/* Christmas closed with W1: collected before. A Saturday's instalment collected a day late (W2) doses Sunday alone. */
static void closed_moved_and_late_days(void **state) {
    (void)state;
    struct shop_wish wish = {.name = "Ida Frost",
                             .signed_on = "2026-12-18",
                             .start_on = "2026-12-21",
                             .collect = "{\"every_days\":1}"};
    struct shop_case scene;
    shop_clock_to(&shop, "2026-12-18T09:00:00");
    shop_sign_in(&shop);
    cli_sign_in(&khan, "a.khan");
    scene = shop_enter(&shop, &wish);
    SAYS(&khan, 0, NULL, "Dec 21. 60    22. 60    23. 60    24. 60    25>#60", NULL, "rx", "show", scene.rx);
    SAYS(&khan, 0, NULL, "closed, collected on an earlier day", NULL, "rx", "show", scene.rx);
    struct shop_wish every_two = {.name = "Ivo Snow",
                                  .signed_on = "2026-12-18",
                                  .start_on = "2026-12-21",
                                  .collect = "{\"every_days\":2}"};
    struct shop_case late = shop_enter(&shop, &every_two);
    shop_clock_to(&shop, "2026-12-22T09:00:00");
    shop_sign_in(&shop);
    cli_sign_in(&khan, "a.khan");
    SAYS(&khan, 0, NULL, "Dec 21- 60   [22. 60   ]23. 60    24. 60    25>#60", NULL, "rx", "show", late.rx);
    shop_supply(&shop, &(struct shop_supply){.rx = late.rx, .on = "2026-12-22"}, NULL);
    SAYS(&khan, 0, NULL, "Dec 21- 60   [22+ 60   ]23. 60    24. 60    25>#60", NULL, "rx", "show", late.rx);
}

/* Sessions do not outlive the daemon: last. */
static void a_session_that_has_ended(void **state) {
    (void)state;
    struct shop_case scene = enter("Zia Vane");
    api_end(shop.api);
    api_start_again(shop.api, NULL);
    SAYS(&khan, 6, NULL, NULL, "sign-in", "rx", "show", scene.rx);
    SAYS(&khan, 6, NULL, NULL, "sign-in", "rx", "show", scene.rx); /* and it has been forgotten */
    struct cli_terminal terminal = CLI_TERMINAL(&nowak, 80, "rx", "add", scene.patient);
    cli_ends(&terminal, 6, NULL); /* nothing is asked of somebody who is not signed in */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_patient_is_entered_by_questions),
        cmocka_unit_test(look_alikes_are_shown_after_entry),
        cmocka_unit_test(a_patient_from_a_file),
        cmocka_unit_test(a_known_number_names_its_patient),
        cmocka_unit_test(patients_are_found_without_names_in_arguments),
        cmocka_unit_test(names_of_any_script_stand_in_columns),
        cmocka_unit_test(a_record_is_shown_with_prescriptions_and_changed),
        cmocka_unit_test(a_status_has_a_source),
        cmocka_unit_test(two_records_of_one_person_are_joined),
        cmocka_unit_test(a_prescription_is_entered_by_questions),
        cmocka_unit_test(what_was_said_no_to_is_not_stored),
        cmocka_unit_test(killed_in_the_middle_nothing_was_sent),
        cmocka_unit_test(a_prescription_from_json),
        cmocka_unit_test(a_form_that_takes_the_place_of_another),
        cmocka_unit_test(a_concentrate_has_a_second_person),
        cmocka_unit_test(the_second_keying_is_blind),
        cmocka_unit_test(the_second_keying_from_json),
        cmocka_unit_test(stopped_held_and_released),
        cmocka_unit_test(the_prescriber_is_consulted),
        cmocka_unit_test(bagged_in_advance),
        cmocka_unit_test(outcomes),
        cmocka_unit_test(doses_given_elsewhere),
        cmocka_unit_test(a_concern_in_two_lines),
        cmocka_unit_test(which_of_two_prescriptions),
        cmocka_unit_test(without_a_daemon),
        cmocka_unit_test(a_certificate_not_to_believe),
        cmocka_unit_test(output_into_a_closed_pipe),
        cmocka_unit_test(ten_megabytes_of_json),
        cmocka_unit_test(colours_only_on_a_terminal_that_has_them),
        cmocka_unit_test(no_dose_is_cut_on_any_terminal),
        cmocka_unit_test(the_calendar_says_what_became_of_each_day),
        cmocka_unit_test(closed_moved_and_late_days),
        cmocka_unit_test(a_session_that_has_ended),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
