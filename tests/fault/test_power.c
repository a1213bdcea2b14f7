/* The power goes at every operation of the disk while supplies are recorded: nothing acknowledged is lost, nothing is
 * half there. */
/* link: -Wl,--wrap=sqlite3_exec */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <string.h>

#include "faulty.h"

/* The negative control: the store's own settings, but synchronous NORMAL in place of FULL. */
static bool weak;

int __real_sqlite3_exec(sqlite3 *db, const char *sql, int (*row)(void *, int, char **, char **),
                        void *context, char **message);
int __wrap_sqlite3_exec(sqlite3 *db, const char *sql, int (*row)(void *, int, char **, char **),
                        void *context, char **message);
int __wrap_sqlite3_exec(sqlite3 *db, const char *sql, int (*row)(void *, int, char **, char **),
                        void *context, char **message) {
    int code = __real_sqlite3_exec(db, sql, row, context, message);
    if (code == SQLITE_OK && weak && strstr(sql, "PRAGMA synchronous") != NULL)
        code = __real_sqlite3_exec(db, "PRAGMA synchronous = NORMAL", NULL, NULL, NULL);
    return code;
}

enum { BEFORE = 3, SUPPLIES = 5 }; /* supplies 1 to 3 were there; 4 and 5 are made while the power goes */

static void prepare_disk(void) {
    fault_format();
    struct store *store = faulty_must_open();
    for (int64_t i = 0; i <= BEFORE; i++)
        assert_int_equal(faulty_write(store, i), JOB_DONE);
    store_close(&store);
    fault_save();
}

/* Opens, supplies twice, and closes: what was acknowledged, as a set of numbers. */
static unsigned supply_twice(void) {
    unsigned acknowledged = 0;
    struct store *store = faulty_open();
    for (int64_t i = BEFORE + 1; store != NULL && i <= SUPPLIES; i++)
        if (faulty_write(store, i) == JOB_DONE)
            acknowledged |= 1U << i;
    store_close(&store);
    assert_int_equal(fault_open_files(), 0);
    return acknowledged;
}

/* Acknowledged supplies that are not there. */
static int count_losses(struct store *store, unsigned acknowledged) {
    int losses = 0;
    for (int64_t i = 1; i <= SUPPLIES; i++)
        losses += faulty_rows(store, i) == 0 && (acknowledged >> i & 1) != 0;
    return losses;
}

/* One point: the power goes at operation `at`; now and then again while the store comes up. Losses. */
static int supply_through(int at, uint64_t seed) {
    static const unsigned OLD = 2 | 4 | 8;
    fault_restore();
    fault_power_off_at(at, seed);
    unsigned acknowledged = supply_twice();
    assert_true(fault_power_is_off());
    fault_power_on();
    if (seed % 3 == 0) {
        fault_power_off_at(1 + (int)(seed / 3 % 20), seed + 1);
        struct store *again = faulty_open();
        store_close(&again);
        fault_power_off_at(0, 1);
        if (fault_power_is_off())
            fault_power_on();
    }
    struct store *store = faulty_must_open();
    int losses = count_losses(store, acknowledged | OLD);
    for (int64_t i = BEFORE + 1; losses == 0 && i <= SUPPLIES; i++)
        faulty_retry(store, i);
    store_close(&store);
    return losses;
}

static int operations_of_supplies(void) {
    fault_restore();
    fault_power_off_at(0, 1);
    assert_int_equal(supply_twice(), 1U << 4 | 1U << 5);
    return fault_operations();
}

static void supplies_survive(void **state) {
    (void)state;
    const int promised = FAULTY_POINTS(2000);
    int points = 0;
    prepare_disk();
    int operations = operations_of_supplies();
    assert_true(operations > 50);
    for (uint64_t seed = 1; points < promised && faulty_time_left(); seed++)
        for (int at = 1; at <= operations; at++, points++)
            if (supply_through(at, seed * 1009 + (uint64_t)at) != 0)
                fail_msg("lost at operation %d of %d, seed %d", at, operations, (int)seed);
    print_message("power: %d operations, %d points, nothing lost\n", operations, points);
    assert_true(points >= promised);
}

/* The test itself: where the store does not wait for the disk, it must find losses. */
static void without_waiting_supplies_are_lost(void **state) {
    (void)state;
    int losses = 0;
    int points = 0;
    weak = true;
    int operations = operations_of_supplies();
    for (int at = 1; at <= operations; at++, points++)
        losses += supply_through(at, 2003 + (uint64_t)at) > 0;
    weak = false;
    print_message("power, synchronous NORMAL: %d points, %d with losses\n", points, losses);
    assert_true(losses > 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(supplies_survive),
        cmocka_unit_test(without_waiting_supplies_are_lost),
    };
    return cmocka_run_group_tests_name("power", tests, faulty_setup, faulty_teardown);
}
