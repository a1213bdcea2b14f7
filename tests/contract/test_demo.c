/* desk/demo: what a demonstration puts into a new store, and that a second start leaves it as it is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "desk/calendar.h"
#include "desk/demo.h"
#include "desk/patient_case.h"
#include "desk/responsible.h"
#include "desk/staff.h"
#include "desk/sweep.h"
#include "store/store.h"

/* One store for all tests, filled by the first start. */
static struct store *store;
static char token[TERMINAL_TOKEN_SIZE];

struct look {
    struct job job;
    struct arena *arena;
    void (*with)(struct tx *tx);
};

static bool look_run(struct job *job, struct tx *tx) {
    struct look *look = (struct look *)job;
    tx->arena = look->arena;
    look->with(tx);
    return true;
}

static void look(void (*with)(struct tx *tx), bool write) {
    struct look look = {.job = {.run = look_run}, .arena = arena_new(64U << 20), .with = with};
    assert_int_equal(write ? store_write_now(store, &look.job) : store_read_now(store, &look.job), JOB_DONE);
    arena_free(&look.arena);
}

static void open_demo(struct tx *tx) {
    int64_t at = 0;
    assert_false(demo_clock(tx, &at));
    assert_int_equal(demo_open(tx, false, token), DESK_OK);
}

static int first_start(void **state) {
    (void)state;
    const struct store_options options = {.path = ":memory:", .demo = true};
    enum store_open_error error = STORE_OPEN;
    const char *message = NULL;
    if (sodium_init() < 0 || !clock_init("Europe/London", false, 0) ||
        !clock_init("Europe/London", true, clock_at(DEMO_DAY, DEMO_MINUTE)))
        return -1;
    store = store_open(&options, &error, &message);
    if (store == NULL)
        return -1;
    look(open_demo, true);
    return 0;
}

static int end(void **state) {
    (void)state;
    store_close(&store);
    return 0;
}

static void the_clock_starts_on_a_monday(void **state) {
    (void)state;
    assert_int_equal(DEMO_DAY, day_from_civil(2026, 11, 23));
    assert_int_equal(day_weekday(DEMO_DAY), WEEKDAY_MON);
}

static void see_people(struct tx *tx) {
    size_t count = 0;
    size_t found = 0;
    const struct demo_person *people = demo_people(&count);
    struct staff_row *rows = NULL;
    assert_int_equal(desk_staff_all(tx, &rows, &found), DESK_OK);
    assert_int_equal(found, count);
    for (size_t i = 0; i < count; i++) {
        struct staff_row row;
        assert_true(staff_find(tx, people[i].staff, &row));
        assert_string_equal(row.role, role_text(people[i].role));
        assert_true(desk_staff_is_in(&row, tx->now.day));
        assert_null(desk_staff_pin_fault(people[i].pin));
        assert_in_range(strlen(people[i].pin), 4, 6);
        assert_int_equal(crypto_pwhash_str_verify(row.pin_hash, people[i].pin, strlen(people[i].pin)), 0);
    }
}

static void people_can_sign_in(void **state) {
    (void)state;
    unsigned roles[ROLE_INSPECTOR + 1] = {0};
    size_t count = 0;
    const struct demo_person *people = demo_people(&count);
    for (size_t i = 0; i < count; i++)
        roles[people[i].role]++;
    assert_int_equal(roles[ROLE_MANAGER], 1);
    assert_int_equal(roles[ROLE_PHARMACIST], 2);
    assert_int_equal(roles[ROLE_TECHNICIAN], 1);
    assert_int_equal(roles[ROLE_COUNTER], 1);
    assert_int_equal(roles[ROLE_INSPECTOR], 1);
    look(see_people, false);
}

static void see_hours(struct tx *tx) {
    static const struct {
        int year, month, day;
        int32_t opens, closes; /* 0, 0: closed */
    } days[] = {
        {2026, 11, 23, 540, 1080}, /* the day on which the hours were set */
        {2026, 11, 27, 540, 1080}, {2026, 11, 28, 540, 780}, {2026, 11, 29, 0, 0}, {2026, 12, 24, 540, 1080},
        {2026, 12, 25, 0, 0},      {2026, 12, 28, 0, 0},     {2027, 3, 26, 0, 0},  {2028, 12, 26, 0, 0},
    };
    for (size_t i = 0; i < sizeof days / sizeof days[0]; i++) {
        int32_t opens = 0;
        int32_t closes = 0;
        day_t day = day_from_civil(days[i].year, days[i].month, days[i].day);
        bool open = desk_hours(tx, day, &opens, &closes);
        if (open != (days[i].closes > 0) || (open && (opens != days[i].opens || closes != days[i].closes)))
            fail_msg("%04d-%02d-%02d: %d, %d to %d", days[i].year, days[i].month, days[i].day, open, opens,
                     closes);
    }
    assert_int_equal(desk_policy(tx, "cutoff_grace_minutes"), 0);
    assert_int_equal(desk_next_deadline(tx, tx->now.at), clock_at(DEMO_DAY, 1080));
}

static void it_is_open_as_said(void **state) {
    (void)state;
    look(see_hours, false);
}

static void see_counter(struct tx *tx) {
    unsigned char hash[TERMINAL_HASH_SIZE];
    struct terminal_row row;
    assert_string_equal(desk_responsible_pharmacist(tx), "a.khan");
    terminal_hash(token, hash);
    assert_true(terminal_find(tx, hash, &row));
    assert_false(row.revoked);
}

static void a_pharmacist_and_a_terminal_are_there(void **state) {
    (void)state;
    look(see_counter, false);
}

static void open_again(struct tx *tx) {
    char again[TERMINAL_TOKEN_SIZE] = "";
    size_t terminals = 0;
    size_t people = 0;
    size_t count = 0;
    assert_int_equal(demo_open(tx, false, again), DESK_OK);
    assert_string_equal(again, token);
    assert_int_equal(tx->seq, 0); /* nothing was written */
    (void)terminal_all(tx, &terminals);
    (void)staff_all(tx, &people);
    (void)demo_people(&count);
    assert_int_equal(terminals, 1);
    assert_int_equal(people, count);
}

static void a_second_start_changes_nothing(void **state) {
    (void)state;
    look(open_again, true);
}

static void set_clock(struct tx *tx) {
    tx_audit(tx, "clock moved", NULL, NULL, NULL);
    tx_set_setting(tx, "demo_clock", "1795600000");
}

static void see_clock(struct tx *tx) {
    int64_t at = 0;
    assert_true(demo_clock(tx, &at));
    assert_int_equal(at, 1795600000);
}

static void the_clock_is_found_where_it_stood(void **state) {
    (void)state;
    look(set_clock, true);
    look(see_clock, false);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_clock_starts_on_a_monday),
        cmocka_unit_test(people_can_sign_in),
        cmocka_unit_test(it_is_open_as_said),
        cmocka_unit_test(a_pharmacist_and_a_terminal_are_there),
        cmocka_unit_test(a_second_start_changes_nothing),
        cmocka_unit_test(the_clock_is_found_where_it_stood),
    };
    return cmocka_run_group_tests_name("demo", tests, first_start, end);
}
