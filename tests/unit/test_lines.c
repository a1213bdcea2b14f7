/* core/lines: lines, members and heads of a text that people edit. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "core/lines.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* A copy of exactly len bytes and the one that becomes a NUL, to be freed. */
static struct lines begin(const char *text, size_t len) {
    char *copy = malloc(len + 1);
    assert_non_null(copy);
    memcpy(copy, text, len);
    copy[len] = '!';
    return (struct lines){.next = copy, .end = copy + len};
}

static void lines_and_their_numbers(void **state) {
    (void)state;
    static const char text[] =
        "# one\r\n \t two\t \r\n\n   \n#\nsix # no comment\r\n  # seven\n\reight\n a\tb\r";
    static const struct {
        const char *line;
        int number;
    } want[] = {{"two", 2}, {"six # no comment", 6}, {"\reight", 8}, {"a\tb", 9}};
    struct lines lines = begin(text, sizeof text - 1);
    char *copy = lines.next;
    for (size_t i = 0; i < COUNT(want); i++) {
        const char *line = lines_next(&lines);
        assert_non_null(line);
        assert_string_equal(line, want[i].line);
        assert_int_equal(lines.number, want[i].number);
    }
    assert_null(lines_next(&lines));
    assert_null(lines_next(&lines));
    free(copy);
}

static void nothing_to_read(void **state) {
    (void)state;
    static const char *const texts[] = {"", "\n", "\r\n", "\r", " ", "#", "# a\n#b", "\n\n\n \t"};
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct lines lines = begin(texts[i], strlen(texts[i]));
        char *copy = lines.next;
        assert_null(lines_next(&lines));
        free(copy);
    }
}

static void plain_lines(void **state) {
    (void)state;
    for (int byte = 1; byte < 256; byte++) {
        char line[] = "a?c";
        line[1] = (char)byte;
        assert_int_equal(lines_are_plain(line), byte == '\t' || (byte >= ' ' && byte <= '~'));
    }
    assert_true(lines_are_plain(""));
    struct lines lines = begin("a\0b", 3);
    char *copy = lines.next;
    const char *line = lines_next(&lines);
    assert_non_null(line);
    assert_int_equal(strlen(line), 3);
    assert_false(lines_are_plain(line));
    free(copy);
}

static void members(void **state) {
    (void)state;
    static const struct {
        const char *line, *key, *value; /* key NULL: an error */
    } cases[] = {
        {"a = b", "a", "b"},         {"a=b", "a", "b"},           {"a \t=\t b", "a", "b"},
        {"a b = c d", "a b", "c d"}, {"a = b = c", "a", "b = c"}, {"a", NULL, NULL},
        {"= b", NULL, NULL},         {"a =", NULL, NULL},         {"=", NULL, NULL},
        {" \t= b", NULL, NULL},      {"a = \t", NULL, NULL},      {"", NULL, NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char line[64];
        const char *key = NULL;
        const char *value = NULL;
        memcpy(line, cases[i].line, strlen(cases[i].line) + 1);
        const char *wrong = lines_split(line, &key, &value);
        assert_int_equal(wrong == NULL, cases[i].key != NULL);
        if (wrong == NULL) {
            assert_string_equal(key, cases[i].key);
            assert_string_equal(value, cases[i].value);
        }
    }
}

static void longest_key_and_value(void **state) {
    (void)state;
    for (size_t len = LINES_LONGEST; len <= LINES_LONGEST + 1; len++) {
        char line[2 * LINES_LONGEST];
        const char *key;
        const char *value;
        memset(line, 'k', len);
        memcpy(line + len, "=v", 3);
        assert_int_equal(lines_split(line, &key, &value) == NULL, len == LINES_LONGEST);
        memcpy(line, "k=", 2);
        memset(line + 2, 'v', len);
        line[len + 2] = '\0';
        assert_int_equal(lines_split(line, &key, &value) == NULL, len == LINES_LONGEST);
    }
}

static void heads(void **state) {
    (void)state;
    static const char *const cases[][2] = {
        {"[a b]", "a b"}, {"[]", ""},  {"[[a]]", "[a]"}, {"[ a ]", " a "}, {"", NULL},
        {"[", NULL},      {"]", NULL}, {"[a", NULL},     {"a]", NULL},     {"a", NULL},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char line[16];
        memcpy(line, cases[i][0], strlen(cases[i][0]) + 1);
        const char *head = lines_head(line);
        assert_int_equal(head == NULL, cases[i][1] == NULL);
        if (head != NULL)
            assert_string_equal(head, cases[i][1]);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_and_their_numbers),
        cmocka_unit_test(nothing_to_read),
        cmocka_unit_test(plain_lines),
        cmocka_unit_test(members),
        cmocka_unit_test(longest_key_and_value),
        cmocka_unit_test(heads),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
