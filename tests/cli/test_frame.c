/* The frame of `instalment`: sessions, PINs, terminals, and the ways in which it can end. */
#include <setjmp.h>
#include <signal.h>
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
    return 0;
}

static int stop(void **state) {
    (void)state;
    cli_close(&cli);
    shop_close(&shop);
    return 0;
}

static void signing_in_without_a_terminal_reads_the_pin_from_standard_input(void **state) {
    (void)state;
    struct cli_said said = CLI_RUN(&cli, "sign-in", "a.khan");
    cli_expect(&cli, &said, 2);
    assert_true(cli_complains(&said, "there is no terminal to ask at"));
    cli_done(&said);
    cli_sign_in(&cli, "a.khan");
    said = CLI_RUN(&cli, "--json", "whoami");
    cli_expect(&cli, &said, 0);
    assert_true(cli_has(&said, "a.khan"));
    cli_done(&said);
}

static void a_pin_is_typed_without_echo(void **state) {
    char *seen = NULL;
    (void)state;
    struct cli_terminal terminal = CLI_TERMINAL(&cli, 80, "sign-in", "p.nowak");
    cli_give_pin(&terminal, "p.nowak");
    cli_ends(&terminal, 0, &seen);
    assert_null(strstr(seen, api_pin(shop.api, "p.nowak")));
    free(seen);
}

static void killed_in_the_middle_of_a_pin_the_terminal_echoes_again(void **state) {
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    (void)state;
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        struct cli_terminal terminal = CLI_TERMINAL(&cli, 80, "sign-in", "a.khan");
        cli_wait(&terminal, "PIN of a.khan: ");
        while (cli_echoes(&terminal)) {}
        cli_type(&terminal, "12");
        assert_int_equal(cli_kill(&terminal, signals[i]), 128 + signals[i]);
        assert_true(cli_echoes(&terminal));
        cli_drop(&terminal);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signing_in_without_a_terminal_reads_the_pin_from_standard_input),
        cmocka_unit_test(a_pin_is_typed_without_echo),
        cmocka_unit_test(killed_in_the_middle_of_a_pin_the_terminal_echoes_again),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
