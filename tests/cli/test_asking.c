/* What the commands of the pharmacy itself ask for at a terminal: PINs twice, secrets unseen, hours, a day's closing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../support/cli.h"
#include "../support/shop.h"

static struct shop shop;
static struct cli cli;

static int start(void **state) {
    (void)state;
    shop_open(&shop, NULL);
    cli_open(&cli, shop.api);
    cli_sign_in(&cli, "m.hughes");
    return 0;
}

static int stop(void **state) {
    (void)state;
    cli_close(&cli);
    shop_close(&shop);
    return 0;
}

/* What is not to be seen is typed once the echo is off. */
static void answer_unseen(struct cli_terminal *terminal, const char *question, const char *answer) {
    cli_wait(terminal, question);
    while (cli_echoes(terminal)) {}
    cli_type(terminal, answer);
    cli_type(terminal, "\n");
}

static void a_new_pin_is_asked_for_until_both_are_the_same(void **state) {
    char *seen = NULL;
    (void)state;
    struct cli_terminal terminal = CLI_TERMINAL(&cli, 80, "staff", "add", "n.body", "--second", "a.khan");
    cli_answer(&terminal, "Name, as it stands on records", "Nia Body");
    cli_answer(&terminal, "Role (counter, technician, pharmacist, manager, inspector)", "tech");
    cli_answer(&terminal, "Registration number", "5012777");
    answer_unseen(&terminal, "New PIN of n.body: ", "580214");
    answer_unseen(&terminal, "The same again: ", "580215");
    cli_wait(&terminal, "not the same");
    answer_unseen(&terminal, "New PIN of n.body: ", "580214");
    answer_unseen(&terminal, "The same again: ", "580214");
    cli_give_pin(&terminal, "a.khan");
    cli_wait(&terminal, "Nia Body");
    cli_ends(&terminal, 0, &seen);
    assert_null(strstr(seen, "58021"));
    free(seen);
    struct cli_said said = CLI_FEED(&cli, "580214\n", "--pin-stdin", "sign-in", "n.body");
    cli_expect(&cli, &said, 0);
    cli_done(&said);
    cli_sign_in(&cli, "m.hughes");
}

static void a_service_is_asked_for_and_its_secret_is_never_seen(void **state) {
    static const char secret[] = "whsec_QUJDREVGR0hJSktMTU5PUFFSU1RVVldYQUJDREVGR0g=";
    char *seen = NULL;
    (void)state;
    struct cli_terminal terminal = CLI_TERMINAL(&cli, 80, "service", "add");
    cli_answer(&terminal, "Name of the service", "Fernside Service");
    cli_answer(&terminal, "Kind (drug_service", "");
    cli_answer(&terminal, "Telephone", "01632 960555");
    cli_answer(&terminal, "When they answer", "weekdays");
    cli_wait(&terminal, "the service is telephoned");
    cli_ends(&terminal, 0, NULL);
    struct cli_said said = CLI_RUN(&cli, "--json", "service", "list");
    const char *at = strstr(said.out, "Fernside");
    assert_non_null(at);
    while (at > said.out && at[-1] != '\n')
        at--;
    cJSON *one = cJSON_ParseWithLength(at, strcspn(at, "\n"));
    const char *file =
        cli_file(&cli, "endpoint.json", "{\"endpoint\":{\"url\":\"https://fernside.example/in\"}}");
    terminal = CLI_TERMINAL(&cli, 80, "service", "change", cJSON_GetObjectItem(one, "id")->valuestring,
                            "--from", file, "--secret", "--second", "d.osei");
    answer_unseen(&terminal, "Secret of the endpoint: ", secret);
    cli_give_pin(&terminal, "d.osei");
    cli_wait(&terminal, "https://fernside.example/in");
    cli_ends(&terminal, 0, &seen);
    assert_null(strstr(seen, "QUJDREVG"));
    assert_non_null(strstr(seen, "it is never shown"));
    free(seen);
    cJSON_Delete(one);
    cli_done(&said);
}

static void hours_are_asked_weekday_by_weekday(void **state) {
    (void)state;
    struct cli_terminal terminal = CLI_TERMINAL(&cli, 80, "calendar", "hours");
    cli_answer(&terminal, "Monday [9-18]", "");
    cli_answer(&terminal, "Tuesday [9-18]", "8:30-17:45");
    cli_answer(&terminal, "Wednesday [9-18]", "nine to five");
    cli_wait(&terminal, "As 9-18 or 9:30-17:30, or closed");
    cli_answer(&terminal, "Wednesday [9-18]", "closed");
    cli_answer(&terminal, "Thursday [9-18]", "");
    cli_answer(&terminal, "Friday [9-18]", "");
    cli_answer(&terminal, "Saturday [9-13]", "");
    cli_answer(&terminal, "Sunday [closed]", "");
    cli_wait(&terminal, "The opening hours are set.");
    cli_ends(&terminal, 0, NULL);
    struct cli_said said = CLI_RUN(&cli, "calendar", "show");
    cli_expect(&cli, &said, 0);
    assert_true(cli_has(&said, "8:30-17:45"));
    cli_done(&said);
}

static void a_day_is_closed_only_with_a_yes_where_it_hits_somebody(void **state) {
    (void)state;
    (void)shop_enter(&shop, &(const struct shop_wish){.name = "Robin Ash"});
    struct cli_terminal terminal = CLI_TERMINAL(&cli, 80, "calendar", "close", "2026-11-26");
    cli_wait(&terminal, "1 due on Thu 26 Nov 2026:");
    cli_wait(&terminal, "Robin Ash");
    cli_answer(&terminal, "Close it all the same", "no");
    cli_wait(&terminal, "nothing was changed");
    cli_ends(&terminal, 1, NULL);
    terminal = CLI_TERMINAL(&cli, 80, "calendar", "close", "2026-11-26");
    cli_answer(&terminal, "Close it all the same", "yes");
    cli_answer(&terminal, "Why", "new floor");
    cli_wait(&terminal, "Thu 26 Nov 2026 is closed.");
    cli_ends(&terminal, 0, NULL);
    terminal = CLI_TERMINAL(&cli, 80, "calendar", "unplanned");
    cli_wait(&terminal, "1 due on Mon 23 Nov 2026:");
    cli_answer(&terminal, "Close it all the same", "y");
    cli_answer(&terminal, "Why", "no power");
    cli_wait(&terminal, "is closed at short notice");
    cli_ends(&terminal, 0, NULL);
}

static void the_counter_ended_by_a_signal_gives_the_terminal_back(void **state) {
    (void)state;
    const char *environment[] = {"TERM=vt100", NULL};
    memcpy(cli.environment, environment, sizeof environment);
    struct cli_terminal terminal = CLI_TERMINAL(&cli, 80, "counter");
    cli_wait(&terminal, "Sign-in name");
    assert_false(cli_echoes(&terminal));
    (void)cli_kill(&terminal, 15);
    assert_true(cli_echoes(&terminal));
    cli_drop(&terminal);
    cli.environment[0] = NULL;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_new_pin_is_asked_for_until_both_are_the_same),
        cmocka_unit_test(a_service_is_asked_for_and_its_secret_is_never_seen),
        cmocka_unit_test(hours_are_asked_weekday_by_weekday),
        cmocka_unit_test(a_day_is_closed_only_with_a_yes_where_it_hits_somebody),
        cmocka_unit_test(the_counter_ended_by_a_signal_gives_the_terminal_back),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
