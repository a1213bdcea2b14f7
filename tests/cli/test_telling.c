/* Telling the service and printing, through the command line, against the real daemon. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "../support/cli.h"
#include "../support/shop.h"

static struct shop shop;
static struct cli khan;
static struct shop_case person;

static int open_shop(void **state) {
    (void)state;
    shop_open(&shop, NULL);
    cli_open(&khan, shop.api);
    cli_sign_in(&khan, "a.khan");
    person = shop_enter(&shop, &(struct shop_wish){.name = "Cressida Hartwhistle"});
    return 0;
}

static int close_shop(void **state) {
    (void)state;
    cli_close(&khan);
    shop_close(&shop);
    return 0;
}

static struct cli_said expect(struct cli_said said, int status) {
    cli_expect(&khan, &said, status);
    return said;
}

static void ends(struct cli_said said, int status, const char *text) {
    said = expect(said, status);
    if (!cli_has(&said, text) && !cli_complains(&said, text))
        api_fail(shop.api, "\"%s\" is not said: %s%s", text, said.out, said.err);
    cli_done(&said);
}

/* A text member of the first line of JSON whose text `with` is there. */
static void first_of(const char *command, const char *with, const char *name, char *out, size_t size) {
    struct cli_said said = expect(strcmp(command, "alerts") == 0 ? CLI_RUN(&khan, "--json", "alerts")
                                                                 : CLI_RUN(&khan, "--json", "print", "list"),
                                  0);
    out[0] = '\0';
    char *rest = NULL;
    for (char *line = strtok_r(said.out, "\n", &rest); line != NULL; line = strtok_r(NULL, "\n", &rest)) {
        cJSON *json = cJSON_Parse(line);
        if (strstr(line, with) != NULL && out[0] == '\0')
            snprintf(out, size, "%s", shop_string(json, name));
        cJSON_Delete(json);
    }
    if (out[0] == '\0')
        api_fail(shop.api, "no %s with %s", command, with);
    cli_done(&said);
}

static void phone_list_says_whom_and_what(void **state) {
    char id[64];
    (void)state;
    ends(CLI_FEED(&khan, "Very drowsy at the counter.\n", "concern", person.patient, "possible_intoxication",
                  "--signs", "drowsy", "--decision", "withheld", "--rx", person.rx, "-"),
         0, "recorded");
    struct cli_said said = expect(CLI_RUN(&khan, "alerts"), 0);
    assert_true(cli_has(&said, "possible intoxication"));
    assert_true(cli_has(&said, "urgent"));
    assert_true(cli_has(&said, "telephone the service"));
    assert_true(cli_has(&said, "Cressida Hartwhistle"));
    assert_true(cli_has(&said, "This is "));
    cli_done(&said);
    ends(CLI_RUN(&khan, "alerts", "--state", "accepted"), 0, "There are none.");
    ends(CLI_RUN(&khan, "alerts", "--state", "nonsense"), 1, "state");
    first_of("alerts", "possible_intoxication", "id", id, sizeof id);
    ends(CLI_RUN(&khan, "alert", "show", id + strlen(id) - 5), 0, "drowsy");
    ends(CLI_RUN(&khan, "alert", "show", "01a207a2-3280-74cc-b3bb-1da8a47c135a"), 3, "no such alert");
    /* Nobody to ask, and nothing given. */
    ends(CLI_RUN(&khan, "alert", "phoned", id), 2, "no terminal");
    ends(CLI_FEED(&khan, "Sam Taylor, duty keyworker\n", "alert", "phoned", id, "-"), 0, "told by telephone");
    ends(CLI_RUN(&khan, "alert", "show", id), 0, "Sam Taylor, duty keyworker");
    ends(CLI_RUN(&khan, "alerts"), 0, "Nothing is open");
}

static void service_without_endpoint_cannot_be_tested(void **state) {
    struct cli hughes;
    (void)state;
    cli_open(&hughes, shop.api);
    cli_sign_in(&hughes, "m.hughes");
    struct cli_said said = CLI_RUN(&hughes, "service", "test", shop.service);
    assert_int_not_equal(said.status, 0);
    assert_true(said.err_len > 0);
    cli_done(&said);
    cli_close(&hughes);
    ends(CLI_RUN(&khan, "service", "test", shop.service), 6, "role");
}

static void label_is_printed_scanned_and_printed_again(void **state) {
    char pin[32], id[64], code[64];
    (void)state;
    struct shop_case other = shop_enter(&shop, &(struct shop_wish){.name = "Dunstan Applegarth"});
    snprintf(pin, sizeof pin, "%s\n", api_pin(shop.api, "a.khan"));
    ends(CLI_FEED(&khan, pin, "supply", other.rx, "--confirm", "first_dose,dose_warning", "--pin-stdin"), 0,
         "labels 1");
    first_of("print", "\"label\"", "id", id, sizeof id);
    first_of("print", "\"label\"", "code", code, sizeof code);
    ends(CLI_RUN(&khan, "print", "list", "--patient", other.patient), 0, "label of Mon 23 Nov 2026");
    ends(CLI_RUN(&khan, "scan", code), 0, "Dunstan Applegarth");
    ends(CLI_RUN(&khan, "print", "again", id), 0, "reprint");
    ends(CLI_RUN(&khan, "scan", code), 5, "only the newest print counts");
    ends(CLI_RUN(&khan, "scan", "nonsense"), 3, "No label");
    ends(CLI_RUN(&khan, "print", "again", "pj-nothing"), 3, "no such print job");
}

static void sheets_and_cards(void **state) {
    (void)state;
    ends(CLI_RUN(&khan, "print", "calendar", person.patient), 0, "calendar");
    ends(CLI_RUN(&khan, "print", "downtime"), 0, "downtime");
    ends(CLI_FEED(&khan, "ward 4, St Elsewhere\n", "print", "letter", person.patient), 0, "last_dose");
    ends(CLI_RUN(&khan, "printers"), 0, "labels are left as PDF files");
    ends(CLI_RUN(&khan, "card", "list"), 0, "opioid-with-diazepam");
    ends(CLI_RUN(&khan, "card", "give", person.patient, "methadone", "--talked-about", "--form", "large"), 0,
         "en, large");
    ends(CLI_RUN(&khan, "card", "give", person.patient, "aspirin", "--talked-about"), 1, "");
    ends(CLI_RUN(&khan, "card", "given", person.patient), 0, "talked about");
    ends(CLI_RUN(&khan, "printer"), 2, "--from");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(phone_list_says_whom_and_what),
        cmocka_unit_test(service_without_endpoint_cannot_be_tested),
        cmocka_unit_test(label_is_printed_scanned_and_printed_again),
        cmocka_unit_test(sheets_and_cards),
    };
    return cmocka_run_group_tests_name("telling and printing", tests, open_shop, close_shop);
}
