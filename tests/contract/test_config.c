/* sys/config: the option table, files with their errors, the sample, the reload. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys/config.h"
#include "sys/number.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static bool read_text(struct config *config, const char *text, struct config_error *error) {
    return config_read_text(config, "test.conf", text, strlen(text), error);
}

static void assert_refused(const char *text, const char *message) {
    struct config *config = config_new();
    struct config_error error = {0};
    bool done = read_text(config, text, &error);
    if (done || strstr(error.text, message) != error.text)
        fail_msg("\"%s\": %s, \"%s\"", text, done ? "read" : "refused", error.text);
    config_free(&config);
}

static void every_default_is_valid(void **state) {
    (void)state;
    struct config *config = config_new();
    struct config_error error = {0};
    assert_non_null(config);
    assert_true(config_check(config, &error));
    assert_string_equal(config->zone, "Europe/London");
    assert_int_equal(config->connections_max, 256);
    config_free(&config);
    assert_null(config);
    config_free(&config);
}

static void options_have_names_and_help(void **state) {
    (void)state;
    size_t count = 0;
    const struct config_option *options = config_options(&count);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        assert_int_equal(strspn(options[i].key, "abcdefghijklmnopqrstuvwxyz_"), strlen(options[i].key));
        assert_true(strlen(options[i].help) > 10);
        for (size_t k = 0; k < i; k++) {
            assert_string_not_equal(options[i].key, options[k].key);
            assert_int_not_equal(options[i].offset, options[k].offset);
        }
    }
}

static void a_file_is_read_over_the_defaults(void **state) {
    (void)state;
    struct config *config = config_new();
    struct config_error error = {0};
    assert_true(read_text(config,
                          "# a comment\n\nlisten = \"[::]:8443\"\nsession_hours=8\n"
                          "pharmacy_name = \"Fferyllfa'r Dref \xc3\x85\"\nlog_level = debug",
                          &error));
    assert_string_equal(config->listen, "[::]:8443");
    assert_int_equal(config->session_hours, 8);
    assert_string_equal(config->pharmacy_name, "Fferyllfa'r Dref \xc3\x85");
    assert_string_equal(config->log_level, "debug");
    assert_int_equal(config->request_seconds, 10);
    config_free(&config);
    config = config_new();
    assert_true(read_text(config, "", &error));
    config_free(&config);
}

static void errors_name_file_and_line(void **state) {
    (void)state;
    assert_refused("\nsesion_hours = 8\n", "test.conf:2: ");
    assert_refused("session_hours = 25\n", "test.conf:1: session_hours: must be a whole number from 1 to 24");
    assert_refused("session_hours = 0\n", "test.conf:1: session_hours: must be");
    assert_refused("session_hours = 8h\n", "test.conf:1: session_hours: must be");
    assert_refused("session_hours = \"\"\n", "test.conf:1: session_hours: must be");
    assert_refused("session_hours = 99999999999999999999\n", "test.conf:1: session_hours: must be");
    assert_refused("session_hours = 8\nsession_hours = 9\n", "test.conf:2: session_hours: is given twice");
    assert_refused("#\n#\nclock = sometimes\n", "test.conf:3: clock: must be system or demo");
    assert_refused("pharmacy_nation = france\n",
                   "test.conf:1: pharmacy_nation: must be england, wales, scotland or northern_ireland");
    assert_refused("listen\n", "test.conf:");
    assert_refused("listen = \"127.0.0.1:1\n", "test.conf:");
    assert_refused("listen = {}\n", "test.conf:");
    assert_refused("listen += \"127.0.0.1:1\"\n", "test.conf:1: ");
    assert_refused("include(\"/etc/passwd\")\n", "test.conf:1: ");
    assert_refused("data = \"\"\n", "test.conf:1: data: must be 1 to 256 bytes");
    assert_refused("pharmacy_name = \"\xff\"\n", "test.conf:1: pharmacy_name: must be");
    assert_refused("pharmacy_name = \"\xc0\x80\"\n", "test.conf:1: pharmacy_name: must be");
    assert_refused("pharmacy_name = \"a\\nb\"\n", "test.conf:1: pharmacy_name: must be");
}

static void comments_do_not_count_twice(void **state) {
    (void)state;
    static const char *const cases[] = {
        "#\n#\n#\nx=1\n",
        "# a\n// b \"\n\t# c'\nx=1\n",
        "/* a\n b\n*/\nx=1\n",
        "zone = a # b\n# c\n\nx=1\n",
        "/* a */\n\n\nx=1\n",
        "zone = \"#a//b/*\" // b\n\n\nx=1\n",
        "zone = 'a\\'# b' /* c */ # d\n\n\nx=1\n",
        "data=/a//b/#c\r\n\r\n#\r\nx=1\r\n",
        "zone = \"a\\\nb\"\n\nx=1\n",
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        assert_refused(cases[i], "test.conf:4: no such option 'x'");
}

/* The lexer keeps nothing of a file that ended inside a string. */
static void a_bad_file_leaves_no_trace(void **state) {
    (void)state;
    for (int i = 0; i < 3; i++) {
        assert_refused("pharmacy_name = \"never ended", "test.conf:");
        assert_refused("/* never ended", "test.conf: a comment");
        struct config *config = config_new();
        struct config_error error = {0};
        if (!read_text(config, "session_hours = 8\n", &error))
            fail_msg("%s", error.text);
        assert_int_equal(config->session_hours, 8);
        config_free(&config);
    }
}

static void addresses_are_looked_at(void **state) {
    (void)state;
    static const char *const good[] = {"127.0.0.1:0", "localhost:8443", "[::1]:65535", "0.0.0.0:1"};
    static const char *const bad[] = {
        "",       "127.0.0.1", ":8443",        "127.0.0.1:",   "127.0.0.1:65536",
        "::1:80", "[::1]",     "127.0.0.1:-1", "127.0.0.1:8 ", "/run/x:1"};
    struct config *config = config_new();
    struct config_error error = {0};
    for (size_t i = 0; i < COUNT(good); i++)
        assert_true(config_set(config, "listen", good[i], &error));
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (config_set(config, "listen", bad[i], &error))
            fail_msg("\"%s\"", bad[i]);
    }
    assert_string_equal(config->listen, good[COUNT(good) - 1]);
    assert_false(config_set(config, "lisen", "127.0.0.1:0", &error));
    config_free(&config);
}

static void options_are_looked_at_together(void **state) {
    (void)state;
    struct config *config = config_new();
    struct config_error error = {0};
    assert_true(config_set(config, "connections_max", "8", &error));
    assert_false(config_check(config, &error));
    assert_true(config_set(config, "connections_per_address", "8", &error));
    assert_true(config_check(config, &error));
    assert_true(config_set(config, "web_socket", config->ctl_socket, &error));
    assert_false(config_check(config, &error));
    assert_true(config_set(config, "web_socket", "", &error));
    assert_true(config_set(config, "data", "relative", &error));
    assert_false(config_check(config, &error));
    config_free(&config);
}

static char *whole_file(const char *path) {
    static char text[65536];
    FILE *file = fopen(path, "re");
    if (file == NULL)
        fail_msg("%s cannot be opened", path);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

static void the_committed_sample_is_the_printed_one(void **state) {
    (void)state;
    struct buffer sample;
    buffer_init(&sample, 65536);
    config_sample(&sample);
    assert_true(buffer_ok(&sample));
    assert_string_equal(whole_file("config/instalment.conf"), sample.bytes);
    buffer_release(&sample);
}

/* With each '#' before an option taken away it is a file with every option once. */
static void the_sample_can_be_read(void **state) {
    (void)state;
    size_t count = 0;
    size_t found = 0;
    const struct config_option *options = config_options(&count);
    struct config *config = config_new();
    struct config *same = config_new();
    struct config_error error = {0};
    char *text = whole_file("config/instalment.conf");
    assert_true(read_text(config, text, &error));
    for (char *line = text; line != NULL; line = strchr(line + 1, '\n')) {
        char *hash = *line == '\n' ? line + 1 : line;
        if (*hash == '#' && hash[1] != ' ') {
            *hash = ' ';
            found++;
        }
    }
    assert_int_equal(found, count);
    if (!read_text(config, text, &error))
        fail_msg("%s", error.text);
    for (size_t i = 0; i < count; i++) {
        const char *a = (const char *)config + options[i].offset;
        const char *b = (const char *)same + options[i].offset;
        if (options[i].type == CONFIG_NUMBER)
            assert_memory_equal(a, b, sizeof(int32_t));
        else
            assert_string_equal(*(char *const *)(const void *)a, *(char *const *)(const void *)b);
    }
    config_free(&config);
    config_free(&same);
}

static void help_names_every_option(void **state) {
    (void)state;
    size_t count = 0;
    const struct config_option *options = config_options(&count);
    struct buffer help;
    buffer_init(&help, 65536);
    config_help(&help);
    assert_true(buffer_ok(&help));
    for (size_t i = 0; i < count; i++)
        assert_non_null(strstr(help.bytes, options[i].key));
    buffer_release(&help);
}

static char kept_keys[256];

static void keep(const char *key) {
    size_t len = strlen(kept_keys);
    snprintf(kept_keys + len, sizeof kept_keys - len, "%s ", key);
}

static void a_reload_changes_what_it_may(void **state) {
    (void)state;
    struct config *running = config_new();
    struct config *fresh = config_new();
    struct config_error error = {0};
    assert_true(read_text(fresh,
                          "log_level = debug\nlisten = \"127.0.0.1:1\"\nsession_hours = 9\n"
                          "pharmacy_name = \"New\"\n",
                          &error));
    config_reload(running, &fresh, keep);
    assert_null(fresh);
    assert_string_equal(running->log_level, "debug");
    assert_string_equal(running->pharmacy_name, "New");
    assert_string_equal(running->listen, "127.0.0.1:8443");
    assert_int_equal(running->session_hours, 12);
    assert_string_equal(kept_keys, "listen session_hours ");
    config_free(&running);
}

static void files_that_are_none_are_refused(void **state) {
    (void)state;
    struct config *config = config_new();
    struct config_error error = {0};
    assert_false(config_read(config, "/nowhere/instalment.conf", &error));
    assert_string_equal(error.text, "/nowhere/instalment.conf: cannot be opened: No such file or directory");
    assert_false(config_read(config, "/tmp", &error));
    assert_string_equal(error.text, "/tmp: cannot be read: Is a directory");
    assert_false(config_read(config, "/dev/zero", &error));
    assert_false(config_read_text(config, "nul", "#\0\n", 3, &error));
    assert_true(config_read(config, "/dev/null", &error));
    config_free(&config);
}

static void paths_are_below_the_data_folder(void **state) {
    (void)state;
    struct config *config = config_new();
    char *below = config_below(config, "key.pem");
    char *whole = config_below(config, "/etc/key.pem");
    assert_string_equal(below, "/var/lib/instalmentd/key.pem");
    assert_string_equal(whole, "/etc/key.pem");
    free(below);
    free(whole);
    config_free(&config);
}

static void numbers_are_read_strictly(void **state) {
    (void)state;
    static const char *const bad[] = {
        "", "-", "+1", " 1", "1 ", "1.0", "0x1", "1e3", "--1", "١", "101", "-101", "1000000000000000000"};
    int64_t value = 7;
    for (size_t i = 0; i < COUNT(bad); i++) {
        if (number_parse(bad[i], -100, 100, &value) || value != 7)
            fail_msg("\"%s\"", bad[i]);
    }
    assert_true(number_parse("-100", -100, 100, &value) && value == -100);
    assert_true(number_parse("0", -100, 100, &value) && value == 0);
    assert_true(number_parse("999999999999999999", 0, INT64_MAX, &value) && value == 999999999999999999);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_default_is_valid),
        cmocka_unit_test(options_have_names_and_help),
        cmocka_unit_test(a_file_is_read_over_the_defaults),
        cmocka_unit_test(errors_name_file_and_line),
        cmocka_unit_test(comments_do_not_count_twice),
        cmocka_unit_test(a_bad_file_leaves_no_trace),
        cmocka_unit_test(addresses_are_looked_at),
        cmocka_unit_test(options_are_looked_at_together),
        cmocka_unit_test(the_committed_sample_is_the_printed_one),
        cmocka_unit_test(the_sample_can_be_read),
        cmocka_unit_test(help_names_every_option),
        cmocka_unit_test(a_reload_changes_what_it_may),
        cmocka_unit_test(files_that_are_none_are_refused),
        cmocka_unit_test(paths_are_below_the_data_folder),
        cmocka_unit_test(numbers_are_read_strictly),
    };
    return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
