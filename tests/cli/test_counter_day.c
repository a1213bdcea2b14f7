/* Signing in, the day, decisions and supplies through the command line, against the real daemon. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "../support/cli.h"
#include "../support/shop.h"

static struct shop shop;
static struct cli khan;

static int open_shop(void **state) {
    (void)state;
    shop_open(&shop, NULL);
    cli_open(&khan, shop.api);
    cli_sign_in(&khan, "a.khan");
    return 0;
}

static int close_shop(void **state) {
    (void)state;
    cli_close(&khan);
    shop_close(&shop);
    return 0;
}

/* "739164\n": what --pin-stdin reads. */
static const char *pin_line(const char *staff) {
    static char line[32];
    snprintf(line, sizeof line, "%s\n", api_pin(shop.api, staff));
    return line;
}

static struct cli_said expect(struct cli_said said, int status) {
    cli_expect(&khan, &said, status);
    return said;
}

/* A patient whose first dose has been given in another prescription's place: nothing to check but what a test wants. */
static struct shop_case enter(const char *name) {
    return shop_enter(&shop, &(struct shop_wish){.name = name});
}

/* ---- signing in */

static void session_lies_in_the_runtime_folder(void **state) {
    struct cli cli;
    struct stat found;
    char path[512];
    (void)state;
    cli_open(&cli, shop.api);
    snprintf(path, sizeof path, "%s/instalment", cli.runtime);
    struct cli_said said = CLI_FEED(&cli, "000000\n", "sign-in", "p.nowak", "--pin-stdin");
    cli_expect(&cli, &said, 6);
    assert_true(cli_complains(&said, "The name or the PIN is wrong."));
    assert_int_not_equal(stat(path, &found), 0);
    cli_done(&said);
    cli_sign_in(&cli, "p.nowak");
    assert_int_equal(stat(path, &found), 0);
    assert_true(S_ISREG(found.st_mode));
    assert_int_equal(found.st_mode & 0777, 0600);
    said = CLI_RUN(&cli, "whoami");
    cli_expect(&cli, &said, 0);
    assert_true(cli_has(&said, "p.nowak, technician"));
    cli_done(&said);
    said = CLI_RUN(&cli, "sign-out");
    cli_expect(&cli, &said, 0);
    cli_done(&said);
    assert_int_not_equal(stat(path, &found), 0);
    said = CLI_RUN(&cli, "today");
    cli_expect(&cli, &said, 6);
    assert_true(cli_complains(&said, "instalment sign-in NAME"));
    cli_done(&said);
    cli_close(&cli);
}

/* Somebody else could read it, or it is a link: not believed. */
static void session_file_of_others_is_not_believed(void **state) {
    struct cli cli;
    char path[512], moved[512];
    (void)state;
    cli_open(&cli, shop.api);
    cli_sign_in(&cli, "p.nowak");
    snprintf(path, sizeof path, "%s/instalment", cli.runtime);
    snprintf(moved, sizeof moved, "%s/elsewhere", cli.runtime);
    assert_int_equal(chmod(path, 0644), 0);
    struct cli_said said = CLI_RUN(&cli, "whoami");
    cli_expect(&cli, &said, 6);
    cli_done(&said);
    assert_int_equal(chmod(path, 0600), 0);
    said = CLI_RUN(&cli, "whoami");
    cli_expect(&cli, &said, 0);
    cli_done(&said);
    assert_int_equal(rename(path, moved), 0);
    assert_int_equal(symlink(moved, path), 0);
    said = CLI_RUN(&cli, "whoami");
    cli_expect(&cli, &said, 6);
    cli_done(&said);
    cli_close(&cli);
}

/* Sessions end with the daemon: said so, and forgotten here. */
static void ended_session_is_told(void **state) {
    struct cli cli;
    (void)state;
    cli_open(&cli, shop.api);
    cli_sign_in(&cli, "p.nowak");
    api_end(shop.api);
    struct cli_said said = CLI_RUN(&cli, "today");
    cli_expect(&cli, &said, 7);
    assert_true(cli_complains(&said, "does not answer"));
    cli_done(&said);
    api_start_again(shop.api, NULL);
    shop_sign_in(&shop);
    said = CLI_RUN(&cli, "today");
    cli_expect(&cli, &said, 6);
    assert_true(cli_complains(&said, "Sign in"));
    cli_done(&said);
    cli_close(&cli);
    cli_sign_in(&khan, "a.khan");
}

static void locked_session_does_nothing_until_unlocked(void **state) {
    (void)state;
    struct cli_said said = expect(CLI_RUN(&khan, "lock"), 0);
    cli_done(&said);
    said = expect(CLI_RUN(&khan, "today"), 6);
    assert_true(cli_complains(&said, "instalment unlock"));
    cli_done(&said);
    said = expect(CLI_FEED(&khan, "000000\n", "unlock", "--pin-stdin"), 6);
    cli_done(&said);
    said = expect(CLI_FEED(&khan, pin_line("a.khan"), "unlock", "--pin-stdin"), 0);
    cli_done(&said);
    said = expect(CLI_RUN(&khan, "today"), 0);
    cli_done(&said);
}

/* ---- the way there */

static void wrong_addresses_are_told(void **state) {
    char url[64];
    (void)state;
    snprintf(url, sizeof url, "https://127.0.0.1:%d/", shop.api->port);
    struct cli_said said = expect(CLI_RUN(&khan, "--socket", "/nonexistent/socket", "today"), 7);
    cli_done(&said);
    said = expect(CLI_RUN(&khan, "--url", "https://127.0.0.1:9", "today"), 7);
    cli_done(&said);
    said = expect(CLI_RUN(&khan, "--url", url, "today"), 7);
    assert_true(cli_complains(&said, "certificate"));
    cli_done(&said);
    said = expect(CLI_RUN(&khan, "--url", "http://127.0.0.1:9", "today"), 2);
    cli_done(&said);
    said = expect(CLI_RUN(&khan, "--url", url, "--socket", "/x", "today"), 2);
    cli_done(&said);
}

/* Over TLS with the right certificate and this terminal's token, which is no argument. */
static void works_over_tls(void **state) {
    struct cli cli;
    char url[64], terminal[256];
    (void)state;
    cli_open(&cli, shop.api);
    snprintf(url, sizeof url, "https://localhost:%d", shop.api->port);
    snprintf(terminal, sizeof terminal, "INSTALMENT_TERMINAL=%s", shop.api->terminal);
    struct cli_said said = CLI_FEED(&cli, pin_line("c.evans"), "--url", url, "--ca", shop.api->ca, "sign-in",
                                    "c.evans", "--pin-stdin");
    cli_expect(&cli, &said, 6);
    cli_done(&said);
    cli.environment[0] = terminal;
    said = CLI_FEED(&cli, pin_line("c.evans"), "--url", url, "--ca", shop.api->ca, "sign-in", "c.evans",
                    "--pin-stdin");
    cli_expect(&cli, &said, 0);
    cli_done(&said);
    said = CLI_RUN(&cli, "--url", url, "--ca", shop.api->ca, "today");
    cli_expect(&cli, &said, 0);
    cli_done(&said);
    cli_close(&cli);
}

/* ---- how it is used */

static void wrong_words_are_explained(void **state) {
    static const struct {
        const char *const arguments[6];
        const char *said;
    } wrong[] = {
        {{"decid", NULL}, "Did you mean \"decide\"?"},
        {{"decide", NULL}, "Usage: instalment decide RX"},
        {{"decide", "a", "b", NULL}, "one argument too many"},
        {{"decide", "a", "--nonsense", NULL}, "no such option"},
        {{"decide", "a", "--on", NULL}, "needs a value"},
        {{"decide", "a", "--advance=yes", NULL}, "takes no value"},
        {{"-v", NULL}, "two dashes"},
        {{"today", "--date", "tomorrow", NULL}, "like 2026-11-23"},
        {{"decide", "rx-1", "--on", "23/11/2026", NULL}, "like 2026-11-23"},
        {{"today", "--socket", "/a", "--url", "https://b", NULL}, "exclude each other"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof wrong[0]; i++) {
        struct cli_said said = expect(cli_run(&khan, NULL, wrong[i].arguments), 2);
        assert_true(cli_complains(&said, wrong[i].said));
        assert_int_equal(said.out_len, 0);
        cli_done(&said);
    }
}

/* ---- decisions */

static void decision_tells_verdict_and_reasons(void **state) {
    (void)state;
    struct shop_case person = enter("Hyacinth Vellacott");
    struct cli_said said = expect(CLI_RUN(&khan, "decide", person.rx), 0);
    assert_true(cli_has(&said, "Hyacinth Vellacott"));
    assert_true(cli_has(&said, "may be supplied after a pharmacist's check"));
    assert_true(cli_has(&said, "60 ml"));
    assert_true(cli_has(&said, "D17"));
    cli_done(&said);
    said = expect(CLI_RUN(&khan, "--json", "decide", person.rx), 0);
    cJSON *json = cli_json(&khan, &said);
    assert_string_equal(shop_string(json, "verdict"), "check");
    assert_string_equal(shop_string(json, "prescription"), person.rx);
    cJSON_Delete(json);
    cli_done(&said);
    said = expect(CLI_RUN(&khan, "decide", person.rx, "--on", "2026-11-27"), 5);
    assert_true(cli_has(&said, "on hold"));
    cli_done(&said);
    said = expect(CLI_RUN(&khan, "decide", person.rx, "--collector", "representative"), 5);
    assert_true(cli_has(&said, "D13"));
    cli_done(&said);
    said = expect(CLI_RUN(&khan, "decide", "rx-nobody"), 3);
    cli_done(&said);
}

/* What today's list has shown can be named by its last characters, in either case. */
static void shown_ids_can_be_shortened(void **state) {
    char end[8];
    (void)state;
    struct shop_case person = enter("Barnaby Quillfeather");
    snprintf(end, sizeof end, "%s", person.rx + strlen(person.rx) - 5);
    struct cli_said said = expect(CLI_RUN(&khan, "today"), 0);
    assert_true(cli_has(&said, "Barnaby Quillfeather"));
    assert_true(cli_has(&said, end));
    cli_done(&said);
    for (char *at = end; *at != '\0'; at++)
        *at = (char)(*at >= 'A' && *at <= 'Z' ? *at + 32 : *at);
    said = expect(CLI_RUN(&khan, "decide", end), 0);
    assert_true(cli_has(&said, "Barnaby Quillfeather"));
    cli_done(&said);
}

/* ---- supplies */

static void supply_is_recorded_once(void **state) {
    (void)state;
    struct shop_case person = enter("Clementine Rushbrook");
    /* No terminal, no PIN: nothing is asked and nothing sent. */
    struct cli_said said =
        expect(CLI_RUN(&khan, "supply", person.rx, "--confirm", "first_dose,dose_warning"), 2);
    assert_true(cli_complains(&said, "--pin-stdin"));
    cli_done(&said);
    said = expect(CLI_FEED(&khan, "000000\n", "supply", person.rx, "--confirm", "first_dose,dose_warning",
                           "--pin-stdin"),
                  6);
    cli_done(&said);
    /* A check that nobody confirmed. */
    said = expect(CLI_FEED(&khan, pin_line("a.khan"), "supply", person.rx, "--pin-stdin"), 5);
    assert_true(cli_complains(&said, "D17"));
    cli_done(&said);
    said = expect(CLI_FEED(&khan, pin_line("a.khan"), "supply", person.rx, "--confirm",
                           "first_dose,dose_warning", "--pin-stdin"),
                  0);
    assert_true(cli_has(&said, "recorded at 09:00"));
    assert_true(cli_has(&said, "supervised 60, take-home 0"));
    assert_true(cli_has(&said, "register methadone-1mg-ml-sf"));
    cli_done(&said);
    said = expect(CLI_FEED(&khan, pin_line("a.khan"), "supply", person.rx, "--pin-stdin"), 5);
    assert_true(cli_has(&said, "D6"));
    assert_true(cli_complains(&said, "nothing was recorded"));
    cli_done(&said);
    said = expect(CLI_RUN(&khan, "today"), 0);
    assert_true(cli_has(&said, "supplied"));
    cli_done(&said);
}

/* What was recorded can be looked at again, by the end of its id too. */
static void recorded_supply_is_shown_again(void **state) {
    char id[64];
    (void)state;
    struct shop_case person = enter("Dorothea Pinkney");
    struct cli_said said = expect(CLI_FEED(&khan, pin_line("a.khan"), "--json", "supply", person.rx,
                                           "--confirm", "first_dose,dose_warning", "--pin-stdin"),
                                  0);
    cJSON *supply = cli_json(&khan, &said);
    snprintf(id, sizeof id, "%s", shop_string(supply, "id"));
    cJSON_Delete(supply);
    cli_done(&said);
    said = expect(CLI_RUN(&khan, "recorded", id), 0);
    assert_true(cli_has(&said, "recorded at 09:00"));
    cli_done(&said);
    said = expect(CLI_RUN(&khan, "recorded", id + strlen(id) - 5), 0);
    cli_done(&said);
    said = expect(CLI_RUN(&khan, "recorded", "su-nothing"), 3);
    cli_done(&said);
}

static void representative_comes_from_a_file(void **state) {
    (void)state;
    struct shop_case person = shop_enter(&shop, &(struct shop_wish){.name = "Evadne Coppersmith",
                                                                    .supervised = "\"none\"",
                                                                    .wording = "[\"W1\",\"W2\",\"W3\"]"});
    const char *file = cli_file(&khan, "who.json",
                                "{\"collector\":{\"role\":\"representative\",\"name\":\"Gideon Coppersmith\","
                                "\"identity_requested\":true,\"identity_provided\":true}}");
    struct cli_said said =
        expect(CLI_RUN(&khan, "supply", person.rx, "--collector", "representative", "--pin-stdin"), 2);
    assert_true(cli_complains(&said, "no terminal"));
    cli_done(&said);
    said = expect(CLI_FEED(&khan, pin_line("a.khan"), "--json", "supply", person.rx, "--collector",
                           "representative", "--from", file, "--confirm",
                           "representative,first_dose,dose_warning", "--pin-stdin"),
                  0);
    cJSON *supply = cli_json(&khan, &said);
    const cJSON *entry = cJSON_GetArrayItem(shop_member(supply, "register"), 0);
    assert_string_equal(shop_string(entry, "collector_name"), "Gideon Coppersmith");
    assert_true(cJSON_IsTrue(shop_member(entry, "identity_requested")));
    cJSON_Delete(supply);
    cli_done(&said);
}

/* A technician gives it, a pharmacist confirms with their own PIN. */
static void another_person_confirms(void **state) {
    struct cli nowak;
    (void)state;
    struct shop_case person = enter("Fenella Grubb");
    cli_open(&nowak, shop.api);
    cli_sign_in(&nowak, "p.nowak");
    struct cli_said said = CLI_FEED(&nowak, pin_line("p.nowak"), "supply", person.rx, "--confirm",
                                    "first_dose,dose_warning", "--pin-stdin");
    cli_expect(&nowak, &said, 6);
    cli_done(&said);
    said = CLI_FEED(&nowak, pin_line("d.osei"), "--json", "supply", person.rx, "--confirm",
                    "first_dose,dose_warning", "--by", "d.osei", "--pin-stdin");
    cli_expect(&nowak, &said, 0);
    cJSON *supply = cli_json(&nowak, &said);
    assert_string_equal(shop_string(supply, "confirmed_by"), "d.osei");
    assert_string_equal(shop_string(supply, "supervised_by"), "p.nowak");
    cJSON_Delete(supply);
    cli_done(&said);
    cli_close(&nowak);
}

/* At a terminal: each check is asked, the PIN is not shown, and a no records nothing. */
static void terminal_asks_for_everything(void **state) {
    char *seen = NULL;
    (void)state;
    struct shop_case person = enter("Griselda Moorcock");
    struct cli_terminal terminal = CLI_TERMINAL(&khan, 100, "supply", person.rx);
    cli_wait(&terminal, "Griselda Moorcock");
    cli_answer(&terminal, "A pharmacist has checked this", "no");
    cli_ends(&terminal, 5, NULL);
    terminal = CLI_TERMINAL(&khan, 100, "supply", person.rx);
    cli_answer(&terminal, "A pharmacist has checked this", "perhaps");
    cli_wait(&terminal, "One of these, please");
    cli_answer(&terminal, "A pharmacist has checked this", "y");
    cli_answer(&terminal, "A pharmacist has checked this", "yes");
    cli_answer(&terminal, "Two identifiers", "name and date of birth");
    cli_answer(&terminal, "Who sees the dose taken [a.khan]", "");
    cli_give_pin(&terminal, "a.khan");
    cli_wait(&terminal, "recorded");
    cli_ends(&terminal, 0, &seen);
    assert_null(strstr(seen, api_pin(shop.api, "a.khan")));
    free(seen);
}

/* Ended while the PIN is asked: nothing sent, and the terminal shows again what is typed. */
static void interrupted_prompt_leaves_nothing(void **state) {
    (void)state;
    struct shop_case person = enter("Horatio Plumtree");
    struct cli_terminal terminal =
        CLI_TERMINAL(&khan, 100, "supply", person.rx, "--confirm", "first_dose,dose_warning",
                     "--identified-by", "name and address", "--supervised-by", "a.khan");
    cli_wait(&terminal, "PIN of a.khan:");
    cli_type(&terminal, "7391");
    assert_int_equal(cli_kill(&terminal, SIGINT), 128 + SIGINT);
    assert_true(cli_echoes(&terminal));
    cli_drop(&terminal);
    struct shop_text status = shop_status(&shop, person.rx, "2026-11-23");
    assert_string_equal(status.bytes, "due");
}

static void error_is_reversed_once(void **state) {
    (void)state;
    struct shop_case person = enter("Isolde Farthing");
    struct cli_said said = expect(CLI_FEED(&khan, pin_line("a.khan"), "--json", "supply", person.rx,
                                           "--confirm", "first_dose,dose_warning", "--pin-stdin"),
                                  0);
    cJSON *supply = cli_json(&khan, &said);
    char id[64];
    snprintf(id, sizeof id, "%s", shop_string(supply, "id"));
    cJSON_Delete(supply);
    cli_done(&said);
    const char *why = cli_file(&khan, "why.json", "{\"reason\":\"entered for the wrong day\"}");
    said = expect(CLI_FEED(&khan, pin_line("a.khan"), "reverse", id, "--from", why, "--pin-stdin"), 0);
    cli_done(&said);
    said = expect(CLI_FEED(&khan, pin_line("a.khan"), "reverse", id, "--from", why, "--pin-stdin"), 4);
    cli_done(&said);
    said = expect(CLI_RUN(&khan, "decide", person.rx), 0);
    cli_done(&said);
}

static void irregular_supply_is_recorded_as_what_it_was(void **state) {
    char body[1024];
    (void)state;
    struct shop_case person = enter("Jocasta Wetherell");
    snprintf(body, sizeof body,
             "%s\n{\"prescription\":\"%s\",\"on\":\"2026-11-23\",\"covers\":[\"2026-11-23\"],\"collector\":{"
             "\"role\":\"patient\"},"
             "\"expect\":{\"items\":[{\"product\":\"methadone-1mg-ml-sf\",\"quantity\":\"90\",\"supervised\":"
             "\"90\",\"take_home\":\"0\"}]},"
             "\"supervised_by\":\"a.khan\",\"reason\":\"wrong bottle\",\"told\":\"prescriber by telephone\"}",
             api_pin(shop.api, "a.khan"), person.rx);
    struct cli_said said = expect(CLI_RUN(&khan, "irregular"), 2);
    assert_true(cli_complains(&said, "999"));
    cli_done(&said);
    said = expect(CLI_FEED(&khan, body, "irregular", "--from", "-", "--pin-stdin"), 0);
    assert_true(cli_has(&said, "the service is told"));
    cli_done(&said);
    said = expect(CLI_RUN(&khan, "decide", person.rx, "--on", "2026-11-24"), 5);
    cli_done(&said);
}

/* ---- output */

static void closed_pipe_is_no_failure(void **state) {
    (void)state;
    static const char *const arguments[] = {"--json", "today", NULL};
    struct cli_said said = expect(cli_run_unread(&khan, NULL, arguments), 0);
    assert_string_equal(said.err, "");
    cli_done(&said);
}

/* A name that would clear the screen or turn the line round cannot. */
static void names_cannot_steer_the_terminal(void **state) {
    (void)state;
    (void)shop_enter(&shop, &(struct shop_wish){.name = "\xd7\xa8\xd7\x95\xd7\xaa \xd7\x9b\xd7\x94\xd7\x9f"});
    (void)shop_enter(&shop, &(struct shop_wish){.name = "\xe7\x8e\x8b\xe5\xb0\x8f\xe6\x98\x8e"});
    struct cli_terminal terminal = CLI_TERMINAL(&khan, 80, "today");
    char *seen = NULL;
    cli_wait(&terminal, "together");
    cli_ends(&terminal, 0, &seen);
    assert_non_null(strstr(seen, "\xe2\x81\xa8\xd7\xa8"));
    assert_non_null(strstr(seen, "\xe7\x8e\x8b\xe5\xb0\x8f\xe6\x98\x8e"));
    free(seen);
}

/* Without colours where nobody wants them; the words are the same. */
static void colours_are_never_needed(void **state) {
    char *coloured = NULL, *plain = NULL;
    (void)state;
    struct shop_case person = enter("Kestrel Underhay");
    khan.environment[0] = "TERM=xterm-256color";
    struct cli_terminal terminal = CLI_TERMINAL(&khan, 80, "decide", person.rx);
    cli_ends(&terminal, 0, &coloured);
    khan.environment[1] = "NO_COLOR=1";
    terminal = CLI_TERMINAL(&khan, 80, "decide", person.rx);
    cli_ends(&terminal, 0, &plain);
    khan.environment[0] = "TERM=dumb";
    khan.environment[1] = NULL;
    char *dumb = NULL;
    terminal = CLI_TERMINAL(&khan, 80, "decide", person.rx);
    cli_ends(&terminal, 0, &dumb);
    khan.environment[0] = NULL;
    assert_non_null(strstr(coloured, "\033["));
    assert_null(strstr(plain, "\033"));
    assert_string_equal(plain, dumb);
    assert_non_null(strstr(plain, "?  may be supplied after a pharmacist's check"));
    free(coloured);
    free(plain);
    free(dumb);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(session_lies_in_the_runtime_folder),
        cmocka_unit_test(session_file_of_others_is_not_believed),
        cmocka_unit_test(locked_session_does_nothing_until_unlocked),
        cmocka_unit_test(wrong_addresses_are_told),
        cmocka_unit_test(works_over_tls),
        cmocka_unit_test(wrong_words_are_explained),
        cmocka_unit_test(decision_tells_verdict_and_reasons),
        cmocka_unit_test(shown_ids_can_be_shortened),
        cmocka_unit_test(supply_is_recorded_once),
        cmocka_unit_test(recorded_supply_is_shown_again),
        cmocka_unit_test(representative_comes_from_a_file),
        cmocka_unit_test(another_person_confirms),
        cmocka_unit_test(terminal_asks_for_everything),
        cmocka_unit_test(interrupted_prompt_leaves_nothing),
        cmocka_unit_test(error_is_reversed_once),
        cmocka_unit_test(irregular_supply_is_recorded_as_what_it_was),
        cmocka_unit_test(closed_pipe_is_no_failure),
        cmocka_unit_test(names_cannot_steer_the_terminal),
        cmocka_unit_test(colours_are_never_needed),
        cmocka_unit_test(ended_session_is_told),
    };
    return cmocka_run_group_tests_name("the counter's day", tests, open_shop, close_shop);
}
