/* sys/log: form of the lines, levels, the journal's priorities, the limit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sys/clock.h"
#include "sys/log.h"

static int ends[2];

static int begin(void **state) {
    (void)state;
    unsetenv("JOURNAL_STREAM");
    if (pipe2(ends, O_NONBLOCK | O_CLOEXEC) != 0 || !clock_init("Europe/London", true, 1795683600))
        return -1;
    log_init(LOG_LEVEL_NOTICE, ends[1]);
    return 0;
}

static int end(void **state) {
    (void)state;
    close(ends[0]);
    close(ends[1]);
    return 0;
}

/* What has been written so far. */
static const char *written(void) {
    static char text[65536];
    ssize_t got = read(ends[0], text, sizeof text - 1);
    text[got > 0 ? got : 0] = '\0';
    return text;
}

static void a_line_is_keys_and_values(void **state) {
    (void)state;
    log_notice("event=ready url=%s port=%d", "https://127.0.0.1", 42);
    assert_string_equal(written(), "at=2026-11-26T09:00:00+00:00 level=notice event=ready "
                                   "url=https://127.0.0.1 port=42\n");
}

static void the_journal_gets_priorities(void **state) {
    (void)state;
    setenv("JOURNAL_STREAM", "8:1234", 1);
    log_init(LOG_LEVEL_DEBUG, ends[1]);
    unsetenv("JOURNAL_STREAM");
    log_error("event=a");
    log_warning("event=b");
    log_notice("event=c");
    log_debug("event=d");
    assert_string_equal(written(),
                        "<3>level=error event=a\n<4>level=warning event=b\n<5>level=notice event=c\n"
                        "<7>level=debug event=d\n");
}

static void what_is_above_the_level_is_not_written(void **state) {
    (void)state;
    log_debug("event=d");
    assert_string_equal(written(), "");
    log_set_level(LOG_LEVEL_ERROR);
    log_warning("event=b");
    assert_string_equal(written(), "");
    log_error("event=a");
    assert_non_null(strstr(written(), "level=error event=a\n"));
}

static void one_call_is_one_line(void **state) {
    (void)state;
    log_notice("event=x text=\"%s\"", "a\nlevel=error event=forged\r\x1b[2J\x7f");
    const char *text = written();
    assert_non_null(strstr(text, "text=\"a?level=error event=forged??[2J?\"\n"));
    assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
}

static void a_long_line_is_cut(void **state) {
    (void)state;
    char longer[2 * LOG_LINE_MAX];
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    log_notice("event=%s", longer);
    const char *text = written();
    assert_int_equal(strlen(text), LOG_LINE_MAX);
    assert_int_equal(text[LOG_LINE_MAX - 1], '\n');
}

static void a_flood_is_counted(void **state) {
    (void)state;
    size_t lines = 0;
    for (int i = 0; i < 5 * LOG_BURST; i++)
        log_warning("event=flood");
    for (const char *at = written(); *at != '\0'; at++)
        lines += *at == '\n';
    assert_in_range(lines, LOG_BURST, LOG_BURST + LOG_A_SECOND);
    log_error("event=other"); /* another level is not held up */
    assert_non_null(strstr(written(), "event=other"));
    usleep(250000);
    log_warning("event=again");
    const char *text = written();
    assert_non_null(strstr(text, "level=warning event=log_dropped count="));
    assert_non_null(strstr(text, "event=again\n"));
}

static void levels_have_names(void **state) {
    (void)state;
    enum log_level level = LOG_LEVEL_ERROR;
    for (int i = LOG_LEVEL_ERROR; i <= LOG_LEVEL_DEBUG; i++) {
        assert_true(log_level_parse(log_level_text((enum log_level)i), &level));
        assert_int_equal(level, i);
    }
    assert_false(log_level_parse("loud", &level));
    assert_int_equal(level, LOG_LEVEL_DEBUG);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_line_is_keys_and_values, begin, end),
        cmocka_unit_test_setup_teardown(the_journal_gets_priorities, begin, end),
        cmocka_unit_test_setup_teardown(what_is_above_the_level_is_not_written, begin, end),
        cmocka_unit_test_setup_teardown(one_call_is_one_line, begin, end),
        cmocka_unit_test_setup_teardown(a_long_line_is_cut, begin, end),
        cmocka_unit_test_setup_teardown(a_flood_is_counted, begin, end),
        cmocka_unit_test_setup_teardown(levels_have_names, begin, end),
    };
    return cmocka_run_group_tests_name("log", tests, NULL, NULL);
}
