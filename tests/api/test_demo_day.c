/* The demonstration's last act: its day is closed, its report shown, its register verified, with the command line too. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../support/shop.h"

static struct shop shop;

/* The whole demonstration: --demo after --demo=empty counts. */
static int start(void **state) {
    (void)state;
    shop.api = api_start((const char *const[]){"--demo", NULL});
    shop_sign_in(&shop);
    return 0;
}

static int stop(void **state) {
    (void)state;
    shop_close(&shop);
    return 0;
}

/* What a command line says, and how it ended. */
static int run(const char *pins, const char *arguments, char *out, size_t size) {
    const char *bin = getenv("TEST_BIN");
    struct shop_text command = shop_say(
        "printf '%s' | XDG_RUNTIME_DIR='%s' INSTALMENT_SOCKET='%s' %s/instalment --pin-stdin %s 2>&1", pins,
        shop.api->data, shop.api->socket, bin == NULL ? "build/bin" : bin, arguments);
    FILE *pipe = popen(command.bytes, "re");
    assert_non_null(pipe);
    size_t len = fread(out, 1, size - 1, pipe);
    out[len] = '\0';
    int status = pclose(pipe);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static char said[65536];

static void nothing_is_below_zero_at_the_start(void **state) {
    struct api_answer answer = shop_get(&shop, &shop.inspector, "/register");
    const cJSON *one = NULL;
    int voluntary = 0;
    (void)state;
    assert_int_equal(cJSON_GetArraySize(shop_member(answer.body, "items")), 3);
    cJSON_ArrayForEach(one, shop_member(answer.body, "items")) {
        assert_true(shop_string(one, "balance")[0] != '-');
        assert_int_equal(cJSON_GetArraySize(shop_member(one, "discrepancies")), 0);
        assert_false(cJSON_IsTrue(shop_member(one, "check_overdue")));
        voluntary += strcmp(shop_string(one, "heading"), "VOLUNTARY") == 0;
    }
    assert_int_equal(voluntary, 1);
    api_done(&answer);
}

static void every_report_answers(void **state) {
    static const char *const paths[] = {"/reports/reviews",
                                        "/reports/reviews?format=csv",
                                        "/reports/claim?month=2026-11&list=true",
                                        "/reports/claim?month=2026-11&format=csv",
                                        "/reports/ndtms?month=2026-11",
                                        "/reports/ndtms?month=2026-11&format=csv",
                                        "/stock",
                                        "/stock/prepour",
                                        "/register/verify",
                                        "/day/2026-11-21/report",
                                        "/day/2026-11-21/report?format=csv",
                                        "/day/2026-11-21/report?format=html"};
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct api_answer answer = shop_get(&shop, &shop.technician, paths[i]);
        assert_true(answer.text_len > 20);
        api_done(&answer);
    }
}

static void the_day_is_closed_by_the_command_line(void **state) {
    (void)state;
    assert_int_equal(run("739164\\n", "sign-in a.khan", said, sizeof said), 0);
    assert_int_equal(run("739164\\n", "close 2026-11-23", said, sizeof said), 4);
    shop_clock(&shop, "{\"advance_to\":\"cut_off\"}");
    assert_int_equal(
        run("739164\\nTelephoned in the morning\\n", "close 2026-11-23 --reason -", said, sizeof said), 0);
    assert_non_null(strstr(said, "Mon 23 Nov 2026: signed"));
    assert_null(strstr(said, "does not"));
    assert_int_equal(run("", "report 2026-11-23", said, sizeof said), 0);
    assert_non_null(strstr(said, "due 12 = 0 supplied + 12 missed"));
    assert_int_equal(run("", "report 2026-11-23 --format html", said, sizeof said), 0);
    assert_non_null(strstr(said, "The outcomes add up"));
    assert_int_equal(run("", "report claim --month 2026-11", said, sizeof said), 0);
    assert_non_null(strstr(said, "supervised_doses"));
    assert_int_equal(run("", "report weather", said, sizeof said), 2);
}

static void the_register_by_the_command_line(void **state) {
    (void)state;
    assert_int_equal(run("", "register", said, sizeof said), 0);
    assert_non_null(strstr(said, "VOLUNTARY"));
    assert_int_equal(run("", "register verify", said, sizeof said), 0);
    assert_non_null(strstr(said, "holds together"));
    assert_int_equal(run("", "register methadone-1mg-ml", said, sizeof said), 0);
    assert_non_null(strstr(said, "received"));
    assert_int_equal(run("", "stock", said, sizeof said), 0);
    assert_non_null(strstr(said, "TH2610"));
    assert_int_equal(run("", "stock prepour", said, sizeof said), 0);
    assert_non_null(strstr(said, "to order"));
    struct shop_text path = shop_say("%s/spill.json", shop.api->data);
    FILE *file = fopen(path.bytes, "we");
    fputs("{\"quantity\":\"-20\",\"reason\":\"spillage\",\"text\":\"Measure knocked over\"}", file);
    fclose(file);
    struct shop_text command =
        shop_say("register adjust methadone-1mg-ml --second d.osei --from '%s'", path.bytes);
    assert_int_equal(run("5093\\n", command.bytes, said, sizeof said), 0);
    assert_non_null(strstr(said, "adjusted"));
    command = shop_say("export '%s'", shop.api->data);
    assert_int_equal(run("", command.bytes, said, sizeof said), 0);
    assert_int_equal(system(shop_say("for f in '%s'/register-*.jsonl; do python3 "
                                     "tests/support/verify-register.py -q \"$f\" || exit 1; done",
                                     shop.api->data)
                                .bytes),
                     0);
    assert_int_equal(run("", command.bytes, said, sizeof said), 1); /* nothing is written over */
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_below_zero_at_the_start),
        cmocka_unit_test(every_report_answers),
        cmocka_unit_test(the_day_is_closed_by_the_command_line),
        cmocka_unit_test(the_register_by_the_command_line),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
