/* The power goes at every operation of the disk while a database is made: there is all of it or none, never half. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "faulty.h"

/* Makes the database, the prescription and a supply: what was acknowledged of the two. */
static unsigned make(void) {
    unsigned acknowledged = 0;
    struct store *store = faulty_open();
    for (int64_t i = 0; store != NULL && i <= 1; i++)
        if (faulty_write(store, i) == JOB_DONE)
            acknowledged |= 1U << i;
    store_close(&store);
    return acknowledged;
}

static void make_through(int at, uint64_t seed) {
    fault_format();
    fault_power_off_at(at, seed);
    unsigned acknowledged = make();
    assert_true(fault_power_is_off());
    fault_power_on();
    struct store *store = faulty_must_open();
    if (faulty_rows(store, 1) == 0) {
        if ((acknowledged & 2) != 0)
            fail_msg("lost at operation %d, seed %d", at, (int)seed);
        /* The prescription is there already, or is not: if it was acknowledged, it is. */
        enum job_result again = faulty_write(store, 0);
        assert_true(again == JOB_UNDONE || (again == JOB_DONE && (acknowledged & 1) == 0));
        assert_int_equal(faulty_write(store, 1), JOB_DONE);
    }
    store_close(&store);
}

static void a_migration_is_whole_or_not_at_all(void **state) {
    (void)state;
    const int promised = FAULTY_POINTS(1000);
    int points = 0;
    fault_format();
    assert_int_equal(make(), 3);
    int operations = fault_operations();
    assert_true(operations > 100);
    int stride = FAULTY_WATCHED ? 7 : 1;
    for (uint64_t seed = 1; points < promised && faulty_time_left(); seed++)
        for (int at = 1; at <= operations; at += stride, points++)
            make_through(at, seed * 3001 + (uint64_t)at);
    print_message("power, from nothing: %d operations, %d points\n", operations, points);
    assert_true(points >= promised);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_migration_is_whole_or_not_at_all),
    };
    return cmocka_run_group_tests_name("power, migration", tests, faulty_setup, faulty_teardown);
}
