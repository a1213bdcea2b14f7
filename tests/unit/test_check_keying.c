/* core/check: the second keying (P12, H52), and the table of findings. */
#include <stdlib.h>

#include "check_setup.h"

/* The second keying is forms[1], which starts as the same as the first. */
static void key_twice(struct setup *s) {
    set_up(s);
    set_item(s, 1, 0, MTD_SF, TODAY, 14, 30 * ML);
    s->forms[1].wording = s->forms[0].wording;
}

static unsigned compare(struct setup *s) {
    struct plan first;
    struct plan second;
    assert_true(plan_build(&first, &s->forms[0], &s->calendar));
    assert_true(plan_build(&second, &s->forms[1], &s->calendar));
    unsigned fields = check_compare_keyings(&first, &second);
    assert_int_equal(check_compare_keyings(&second, &first), fields);
    plan_release(&first);
    plan_release(&second);
    return fields;
}

static void the_same_by_meaning(void **state) {
    (void)state;
    struct setup s;
    key_twice(&s);
    assert_int_equal(compare(&s), 0);
    /* Runs cut differently, a run without a dose, weekdays as dates, supervision as weekdays. */
    set_item(&s, 0, 0, MTD_SF, TODAY, 10, 30 * ML);
    add_run(&s, 0, TODAY + 10, 4, 30 * ML);
    add_run(&s, 0, TODAY + 14, 4, 0);
    static const day_t dates[] = {TODAY,     TODAY + 1, TODAY + 2, TODAY + 3,  TODAY + 4,  TODAY + 5,
                                  TODAY + 7, TODAY + 8, TODAY + 9, TODAY + 10, TODAY + 11, TODAY + 12};
    s.forms[0].collect = (struct collection){.kind = COLLECT_DATES, .dates = {dates, COUNT(dates)}};
    s.forms[0].supervised = (struct supervision){.kind = SUPERVISED_WEEKDAYS, .weekdays = 0x3f};
    assert_int_equal(compare(&s), 0);
    /* In two items, in another order, the supervised part written out. */
    key_twice(&s);
    set_item(&s, 0, 1, BUP_8, TODAY, 14, ML);
    set_item(&s, 1, 0, BUP_8, TODAY, 14, ML);
    set_item(&s, 1, 1, MTD_SF, TODAY, 14, 10 * ML);
    set_item(&s, 1, 2, MTD_SF, TODAY, 14, 20 * ML);
    s.runs[0][0][0].supervised_part = 30 * ML;
    assert_int_equal(compare(&s), 0);
    s.items[1][2].total = QUANTITY_NONE;
    s.items[1][1].total = 1;
    assert_int_equal(compare(&s), 0);
}

static void each_difference_is_named(void **state) {
    (void)state;
    struct setup s;
    key_twice(&s);
    s.items[1][0].product = &products[MTD_10];
    assert_int_equal(compare(&s), KEYED_PRODUCTS);
    key_twice(&s);
    set_item(&s, 1, 1, MTD, TODAY, 14, ML);
    assert_int_equal(compare(&s), KEYED_PRODUCTS);
    key_twice(&s);
    s.runs[1][0][0].dose = 90 * ML;
    assert_int_equal(compare(&s), KEYED_DOSES);
    key_twice(&s);
    s.runs[1][0][0].days = 13; /* the last day, a Sunday: no collection day */
    assert_int_equal(compare(&s), KEYED_DAYS);
    key_twice(&s);
    s.runs[1][0][0].from = TODAY + 1;
    assert_int_equal(compare(&s), KEYED_DAYS | KEYED_COLLECT);
    key_twice(&s);
    s.items[1][0].total += ML;
    assert_int_equal(compare(&s), KEYED_TOTAL);
    s.items[0][0].total = QUANTITY_NONE;
    assert_int_equal(compare(&s), 0);
    key_twice(&s);
    s.forms[1].collect.weekdays = 0x1f;
    assert_int_equal(compare(&s), KEYED_COLLECT);
    key_twice(&s);
    s.forms[1].supervised = (struct supervision){.kind = SUPERVISED_WEEKDAYS, .weekdays = 0x1f};
    assert_int_equal(compare(&s), KEYED_SUPERVISED);
    key_twice(&s);
    s.forms[1].wording = WORDING_W1;
    assert_int_equal(compare(&s), KEYED_WORDING);
    key_twice(&s);
    s.runs[1][0][0].supervised_part = 10 * ML;
    assert_int_equal(compare(&s), KEYED_SUPERVISED_PART);
    s.forms[1].supervised.kind = SUPERVISED_NONE; /* not supervised, there is no part */
    assert_int_equal(compare(&s), KEYED_SUPERVISED);
    /* Nothing keyed at all. */
    key_twice(&s);
    s.runs[1][0][0].dose = 0;
    assert_int_equal(compare(&s), KEYED_DAYS | KEYED_COLLECT);
    s.runs[0][0][0].dose = 0;
    assert_int_equal(compare(&s), 0);
}

/* One slip in 2,000 keyings, at any place: each is seen (H52). */
static void every_slip_is_seen(void **state) {
    (void)state;
    uint32_t seed = 20261123;
    for (int round = 0; round < 2000; round++) {
        struct setup s;
        key_twice(&s);
        seed = seed * 1664525 + 1013904223;
        uint32_t by = seed >> 24;
        switch (seed >> 8 & 7) {
        case 0: s.runs[1][0][0].dose += by + 1; break;
        case 1: s.runs[1][0][0].days += (int32_t)by + 1; break;
        case 2: s.runs[1][0][0].from -= (day_t)by + 1; break;
        case 3: s.forms[1].wording ^= 1U << by % 6; break;
        case 4: s.forms[1].collect.weekdays ^= (weekday_set)(1U << by % 7); break;
        case 5: s.items[1][0].product = &products[BUP_8]; break;
        case 6: s.items[1][0].total += by + 1; break;
        default: s.runs[1][0][0].supervised_part = by * 100; break;
        }
        if (compare(&s) == 0)
            fail_msg("round %d: kind %u, by %u", round, seed >> 8 & 7, by);
    }
}

static void names_of_fields(void **state) {
    (void)state;
    for (unsigned one = 1; one <= KEYED_WORDING; one <<= 1) {
        for (unsigned other = one << 1; other <= KEYED_WORDING; other <<= 1) {
            assert_string_not_equal(check_keyed_field_name((enum keyed_field)one),
                                    check_keyed_field_name((enum keyed_field)other));
        }
    }
    assert_string_equal(check_keyed_field_name(KEYED_DOSES), "items.doses.dose");
}

/* ---- the table ---- */

static const struct finding filled = {.kind = FINDING_IS_NOTE,
                                      .item = 12,
                                      .index = 345,
                                      .product = &products[BUPNX_2],
                                      .number = 3660,
                                      .day = TODAY,
                                      .other_day = TODAY + 1,
                                      .usual_day = TODAY + 2,
                                      .figure = QUANTITY_MAX - 1,
                                      .other_figure = QUANTITY_MAX + 1};

static void every_row(void **state) {
    (void)state;
    finding_set all = 0;
    for (enum finding_code code = FINDING_SIGNED_IN_FUTURE; code < FINDING_COUNT; code++) {
        const char *text = finding_code_text(code);
        finding_set set = finding_set_of(text, strlen(text));
        assert_true((set >> code & 1) == 1);
        assert_true((finding_about(code) != NULL) == ((set & (set - 1)) != 0));
        all |= set;
        assert_true(strlen(finding_rule(code)) >= 2);
        assert_true(strcmp(finding_basis(code), "law") == 0 || strcmp(finding_basis(code), "policy") == 0);
        assert_string_not_equal(finding_kind_text(finding_usual_kind(code)), "");
        struct finding one = filled;
        one.code = code;
        char sentence[FINDING_TEXT_SIZE];
        char field[FINDING_FIELD_SIZE];
        finding_text(&one, sentence);
        finding_field(&one, field);
        assert_true(strlen(sentence) < sizeof sentence - 32);
        assert_true(strlen(field) < sizeof field - 8);
        assert_int_equal(sentence[strlen(sentence) - 1], '.');
        assert_null(strpbrk(sentence, "{}"));
        assert_null(strpbrk(field, "{}"));
    }
    assert_true(all == ((finding_set)1 << FINDING_COUNT) - 1);
    assert_true(finding_set_of("", 0) == 0);
    assert_true(finding_set_of("overlaps", 8) == 0);
    assert_true(finding_set_of("overlao", 7) == 0);
    assert_string_equal(finding_kind_text(FINDING_NEEDS_ACCEPT), "needs_accept");
}

static void figures_in_sentences(void **state) {
    (void)state;
    struct finding one = filled;
    char text[FINDING_TEXT_SIZE];
    one.code = FINDING_TOTAL_MISMATCH;
    one.figure = 1000;
    finding_text(&one, text);
    assert_non_null(strstr(text, "is 1 tablet; the doses of the plan add up to more than 1000000 tablets"));
    one.code = FINDING_SUPERVISED_PART_TOO_LARGE;
    one.figure = 1500;
    one.other_figure = 500;
    finding_text(&one, text);
    assert_non_null(strstr(text, "1.5 tablets is more than the day's dose of 0.5 tablets"));
    one.code = FINDING_PLAN_BEFORE_ENTRY;
    one.number = 1;
    finding_text(&one, text);
    assert_non_null(strstr(text, "1 day of"));
}

/* A name longer than there is room for is cut, never written past the end. */
static void a_name_too_long(void **state) {
    (void)state;
    char name[1000];
    memset(name, 'x', sizeof name);
    name[sizeof name - 1] = '\0';
    struct product product = products[MTD];
    product.name = name;
    struct finding one = filled;
    one.code = FINDING_CONCENTRATE;
    one.product = &product;
    char text[FINDING_TEXT_SIZE];
    finding_text(&one, text);
    assert_int_equal(strlen(text), sizeof text - 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_same_by_meaning), cmocka_unit_test(each_difference_is_named),
        cmocka_unit_test(every_slip_is_seen),  cmocka_unit_test(names_of_fields),
        cmocka_unit_test(every_row),           cmocka_unit_test(figures_in_sentences),
        cmocka_unit_test(a_name_too_long),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
