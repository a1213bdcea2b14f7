/* core/quantity: thousandths in and out of decimal text, sums that say when they leave the range (H17). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "core/quantity.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static void good_text(void **state) {
    (void)state;
    static const struct {
        const char *text;
        quantity_t value;
    } cases[] = {
        {"0", 0},
        {"1", 1000},
        {"60", 60000},
        {"62.5", 62500},
        {"0.125", 125},
        {"0.4", 400},
        {"0.40", 400},
        {"0.400", 400},
        {"0.0", 0},
        {"0.001", 1},
        {"11", 11000},
        {"110", 110000},
        {"1.1", 1100},
        {"999999.999", 999999999},
        {"1000000", QUANTITY_MAX},
        {"1000000.0", QUANTITY_MAX},
        {"1000000.000", QUANTITY_MAX},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        quantity_t value = 7;
        assert_true(quantity_parse(cases[i].text, strlen(cases[i].text), &value));
        assert_int_equal(value, cases[i].value);
    }
}

static void bad_text(void **state) {
    (void)state;
    static const char *const texts[] = {
        "",
        " ",
        "-1",
        "+1",
        ".5",
        "5.",
        "00",
        "01",
        "007",
        "00.5",
        "1.2345",
        "1e3",
        "1,5",
        "1 000",
        " 1",
        "1 ",
        "1.",
        ".",
        "1..2",
        "1.2.3",
        "1.2x",
        "x",
        "1x",
        "0x10",
        "inf",
        "nan",
        "1000001",
        "1000000.001",
        "9999999",
        "1000000.0000",
        "10000000",
        "99999999999",
        "999999999999999999999999999",
        "0.1234",
        "62.5ml",
        "--1",
        "1-",
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        quantity_t value = 7;
        assert_false(quantity_parse(texts[i], strlen(texts[i]), &value));
        assert_int_equal(value, 7);
    }
}

/* The text ends where len says, whatever stands behind it. */
static void length_is_obeyed(void **state) {
    (void)state;
    quantity_t value = 0;
    assert_true(quantity_parse("62.5", 2, &value));
    assert_int_equal(value, 62000);
    assert_false(quantity_parse("62.5", 3, &value));
    assert_false(quantity_parse("62.5\0", 5, &value));
    assert_int_equal(value, 62000);
}

/* Every byte at every place of a good text: only digits, and only a point at its place. */
static void every_byte_at_every_place(void **state) {
    (void)state;
    for (size_t place = 0; place < 5; place++) {
        for (int byte = 0; byte < 256; byte++) {
            char text[] = "62.75";
            text[place] = (char)byte;
            int digit = byte >= '0' && byte <= '9';
            int good = place == 2 ? digit || byte == '.' : digit && !(place == 0 && byte == '0');
            if (place == 1 || place == 3)
                good = digit; /* "6..75" and "62..5" */
            quantity_t value = -1;
            assert_int_equal(quantity_parse(text, 5, &value), good);
            assert_int_equal(value != -1, good);
        }
    }
}

static void round_trip(quantity_t value) {
    char text[QUANTITY_TEXT_SIZE];
    char want[32];
    quantity_t back = -1;
    quantity_format(value, text);
    int64_t magnitude = value < 0 ? -value : value;
    snprintf(want, sizeof want, "%s%lld.%03lld", value < 0 ? "-" : "", (long long)(magnitude / 1000),
             (long long)(magnitude % 1000));
    size_t len = strlen(want);
    while (want[len - 1] == '0')
        want[--len] = '\0';
    if (want[len - 1] == '.')
        want[--len] = '\0';
    assert_string_equal(text, want);
    if (value < 0)
        return;
    assert_true(quantity_parse(text, strlen(text), &back));
    assert_int_equal(back, value);
}

static void every_value_round_trips(void **state) {
    (void)state;
    for (quantity_t value = -2100; value <= 120000; value++)
        round_trip(value);
    for (quantity_t value = QUANTITY_MAX - 2100; value <= QUANTITY_MAX; value++) {
        round_trip(value);
        round_trip(-value);
    }
    for (quantity_t value = 1; value <= QUANTITY_MAX; value = value * 3 + 1)
        round_trip(value);
}

static void shortest_text(void **state) {
    (void)state;
    static const struct {
        quantity_t value;
        const char *text;
    } cases[] = {
        {0, "0"},
        {60000, "60"},
        {62500, "62.5"},
        {-125, "-0.125"},
        {10, "0.01"},
        {1, "0.001"},
        {100100, "100.1"},
        {-QUANTITY_MAX, "-1000000"},
        {QUANTITY_MAX, "1000000"},
        {1 - QUANTITY_MAX, "-999999.999"},
        {QUANTITY_MAX + 1, "?"},
        {-QUANTITY_MAX - 1, "?"},
        {QUANTITY_NONE, "?"},
        {INT64_MAX, "?"},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[QUANTITY_TEXT_SIZE];
        quantity_format(cases[i].value, text);
        assert_string_equal(text, cases[i].text);
    }
}

static void sums(void **state) {
    (void)state;
    static const struct {
        quantity_t a, b;
        bool fits;
    } cases[] = {
        {1, 2, true},
        {-5, 5, true},
        {QUANTITY_MAX, 0, true},
        {QUANTITY_MAX, 1, false},
        {QUANTITY_MAX, -1, true},
        {QUANTITY_MAX, -QUANTITY_MAX, true},
        {-QUANTITY_MAX, 0, true},
        {-QUANTITY_MAX, -1, false},
        {QUANTITY_NONE, 1, false},
        {QUANTITY_NONE, -1, false},
        {QUANTITY_NONE, QUANTITY_NONE, false},
        {INT64_MAX, INT64_MAX, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        quantity_t sum = 77;
        assert_int_equal(quantity_add(cases[i].a, cases[i].b, &sum), cases[i].fits);
        assert_int_equal(sum, cases[i].fits ? cases[i].a + cases[i].b : 77);
        sum = 77;
        assert_int_equal(quantity_add(cases[i].b, cases[i].a, &sum), cases[i].fits);
    }
}

static void products(void **state) {
    (void)state;
    static const struct {
        quantity_t a;
        int64_t n;
        bool fits;
    } cases[] = {
        {62500, 14, true},
        {62500, 0, true},
        {0, INT64_MAX, true},
        {-62500, 14, true},
        {1, QUANTITY_MAX, true},
        {1, QUANTITY_MAX + 1, false},
        {-1, QUANTITY_MAX + 1, false},
        {QUANTITY_MAX, 1, true},
        {QUANTITY_MAX, 2, false},
        {QUANTITY_MAX, INT64_MAX, false},
        {QUANTITY_NONE, 1, false},
        {QUANTITY_NONE, 2, false},
        {QUANTITY_NONE, 0, true},
        {5, -1, false},
        {0, -1, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        quantity_t product = 77;
        assert_int_equal(quantity_times(cases[i].a, cases[i].n, &product), cases[i].fits);
        assert_int_equal(product, cases[i].fits ? cases[i].a * cases[i].n : 77);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(good_text),
        cmocka_unit_test(bad_text),
        cmocka_unit_test(length_is_obeyed),
        cmocka_unit_test(every_byte_at_every_place),
        cmocka_unit_test(every_value_round_trips),
        cmocka_unit_test(shortest_text),
        cmocka_unit_test(sums),
        cmocka_unit_test(products),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
