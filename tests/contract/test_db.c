/* store/db: the contract of the driver seam, on a file and in memory. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store/db_sqlite.h"
#include "store/migrate.h"

struct fixture {
    const char *vfs;
    char folder[32];
    char path[64];
    struct db *db;
    struct db *reader;
};

static struct db *opened(struct fixture *f, enum db_kind kind) {
    struct db *db = db_open(f->path, f->vfs, kind);
    const char *message = NULL;
    assert_non_null(db);
    if (kind == DB_WRITER)
        assert_int_equal(migrate(db, false, f->vfs == NULL, &message), STORE_OPEN);
    assert_int_equal(db_state(db), DB_FINE);
    return db;
}

static int open_both(void **state, const char *vfs) {
    static unsigned number;
    struct fixture *f = calloc(1, sizeof *f);
    f->vfs = vfs;
    snprintf(f->folder, sizeof f->folder, "/tmp/test-db-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    if (vfs == NULL)
        snprintf(f->path, sizeof f->path, "%s/facts.db", f->folder);
    else
        snprintf(f->path, sizeof f->path, "/test-db-%u", number++);
    f->db = opened(f, DB_WRITER);
    db_serve(f->db);
    f->reader = opened(f, DB_READER);
    db_serve(f->reader);
    *state = f;
    return 0;
}

static int setup_file(void **state) {
    return open_both(state, NULL);
}

static int setup_memory(void **state) {
    return open_both(state, "memdb");
}

static int teardown(void **state) {
    struct fixture *f = *state;
    db_close(&f->reader);
    db_close(&f->db);
    char path[80];
    unlink(f->path);
    snprintf(path, sizeof path, "%s-wal", f->path);
    unlink(path);
    snprintf(path, sizeof path, "%s-shm", f->path);
    unlink(path);
    assert_int_equal(rmdir(f->folder), 0);
    free(f);
    return 0;
}

static const char *const ADD_AUDIT = "INSERT INTO audit (at, on_day, staff, action) VALUES (?, ?, ?, ?)";

static void add_audit(struct db *db, const char *action) {
    struct statement *s = db_use(db, ADD_AUDIT);
    bind_int(s, 1);
    bind_day(s, 2);
    bind_text(s, NULL);
    bind_text(s, action);
    statement_run(s);
}

static int64_t count_audit(struct db *db) {
    struct statement *s = db_use(db, "SELECT count(*) FROM audit");
    int64_t count = statement_row(s) ? column_int(s) : -1;
    statement_run(s);
    return count;
}

static void values_come_back(void **state) {
    struct fixture *f = *state;
    size_t len = 9;
    assert_true(db_begin(f->db));
    add_audit(f->db, "first");
    struct statement *s = db_use(f->db, "SELECT ?, ?, ?, ?, ?, ?, ?, ?, ?");
    bind_int(s, INT64_MIN);
    bind_text(s, "caf\xc3\xa9");
    bind_blob(s, "a\0b", 3);
    bind_blob(s, NULL, 0);
    bind_null(s);
    bind_day(s, DAY_NONE);
    bind_day(s, -5);
    bind_bool(s, true);
    bind_text(s, NULL);
    assert_true(statement_row(s));
    assert_true(column_int(s) == INT64_MIN);
    assert_string_equal(column_text(s), "caf\xc3\xa9");
    assert_false(column_null(s));
    assert_memory_equal(column_blob(s, &len), "a\0b", 3);
    assert_int_equal(len, 3);
    assert_false(column_null(s)); /* no bytes are not null */
    assert_non_null(column_blob(s, &len));
    assert_int_equal(len, 0);
    assert_true(column_null(s));
    assert_int_equal(column_int(s), 0);
    assert_int_equal(column_day(s), DAY_NONE);
    assert_int_equal(column_day(s), -5);
    assert_true(column_bool(s));
    assert_null(column_text(s));
    assert_false(statement_row(s));
    assert_false(statement_row(s)); /* does not begin again */
    assert_int_equal(column_int(s), 0);
    assert_null(column_blob(s, &len));
    assert_true(db_commit(f->db));
}

static void a_text_is_prepared_once(void **state) {
    struct fixture *f = *state;
    struct statement *first = db_use(f->db, ADD_AUDIT);
    assert_ptr_equal(db_use(f->db, ADD_AUDIT), first);
    assert_ptr_not_equal(db_use(f->db, "SELECT count(*) FROM audit"), first);
    char copy[100];
    snprintf(copy, sizeof copy, "%s", ADD_AUDIT);
    assert_ptr_not_equal(db_use(f->db, copy), first);
    assert_true(db_begin(f->db));
    for (int i = 0; i < 300; i++)
        add_audit(f->db, "again");
    assert_int_equal(count_audit(f->db), 300);
    assert_true(db_commit(f->db));
}

static void the_first_failure_latches(void **state) {
    struct fixture *f = *state;
    assert_true(db_begin(f->db));
    db_savepoint(f->db);
    add_audit(f->db, NULL); /* NOT NULL */
    assert_int_equal(db_state(f->db), DB_CONFLICT);
    assert_non_null(strstr(db_failure(f->db), "audit.action"));
    add_audit(f->db, "after");
    assert_int_equal(count_audit(f->db), -1);
    struct statement *s = db_use(f->db, "SELECT 1");
    assert_non_null(s);
    assert_false(statement_row(s));
    assert_false(statement_run(s));
    assert_int_equal(column_int(s), 0);
    db_undo(f->db);
    assert_int_equal(db_state(f->db), DB_FINE);
    assert_int_equal(count_audit(f->db), 0);
    add_audit(f->db, "kept");
    db_release(f->db);
    assert_true(db_commit(f->db));
    assert_int_equal(count_audit(f->db), 1);
    db_fail(f->db, DB_BROKEN, "said so");
    db_recover(f->db);
    assert_int_equal(db_state(f->db), DB_BROKEN);
    assert_false(db_begin(f->db));
}

/* Statements in the middle of their rows are ended by the savepoint's end, and neither commit nor checkpoint wait. */
static void open_rows_do_not_hold(void **state) {
    struct fixture *f = *state;
    assert_true(db_begin(f->db));
    add_audit(f->db, "a");
    add_audit(f->db, "b");
    assert_true(db_commit(f->db));
    assert_true(db_begin(f->db));
    db_savepoint(f->db);
    add_audit(f->db, "c");
    struct statement *s = db_use(f->db, "SELECT action FROM audit ORDER BY seq");
    assert_true(statement_row(s));
    assert_string_equal(column_text(s), "a");
    db_release(f->db);
    s = db_use(f->db, "SELECT action FROM audit ORDER BY seq DESC");
    assert_true(statement_row(s));
    assert_string_equal(column_text(s), "c");
    assert_true(db_commit(f->db));
    if (f->vfs == NULL) {
        assert_true(db_log_pages(f->db) > 0);
        assert_true(db_checkpoint(f->db, true));
        assert_int_equal(db_log_pages(f->db), 0);
    }
}

/* Each of these is refused while it is prepared, and the connection is as good as before. */
static const char *const REFUSED[] = {
    "UPDATE audit SET action = 'x'",
    "UPDATE supply SET on_day = 1 WHERE id = 'y'",
    "DELETE FROM audit",
    "DELETE FROM dosed_day WHERE day = 1",
    "UPDATE alert_attempt SET ms = 1",
    "DELETE FROM alert_body",
    "DELETE FROM alert_event WHERE id = 1",
    "INSERT INTO audit (seq, at, on_day, action) VALUES (1, 1, 1, 'x') ON CONFLICT (seq) DO UPDATE SET "
    "action = 'x'",
    "ATTACH ':memory:' AS other",
    "DETACH main",
    "PRAGMA foreign_keys = OFF",
    "PRAGMA journal_mode = DELETE",
    "CREATE TABLE other (id INTEGER)",
    "CREATE TEMP TABLE other (id INTEGER)",
    "DROP TABLE audit",
    "DROP TRIGGER audit_no_update",
    "DROP INDEX audit_patient",
    "ALTER TABLE audit ADD COLUMN other TEXT",
    "ALTER TABLE audit RENAME TO other",
    "REINDEX",
    "ANALYZE",
    "INSERT INTO sqlite_master (type) VALUES ('table')",
    "BEGIN",
    "COMMIT",
    "ROLLBACK",
    "SAVEPOINT mine",
    "RELEASE job",
};

static void the_driver_refuses_what_is_not_appending(void **state) {
    struct fixture *f = *state;
    assert_true(db_begin(f->db));
    add_audit(f->db, "kept");
    for (size_t i = 0; i < sizeof REFUSED / sizeof REFUSED[0]; i++) {
        db_savepoint(f->db);
        assert_false(statement_run(db_use(f->db, REFUSED[i])));
        if (db_state(f->db) != DB_CONFLICT)
            fail_msg("%s", REFUSED[i]);
        db_undo(f->db);
        db_release(f->db);
    }
    assert_true(db_commit(f->db));
    struct statement *s = db_use(f->db, "SELECT group_concat(action) FROM audit");
    assert_true(statement_row(s));
    assert_string_equal(column_text(s), "kept");
}

/* REPLACE needs no permission to delete: the triggers refuse it. */
static void replacing_is_refused(void **state) {
    struct fixture *f = *state;
    assert_true(db_begin(f->db));
    add_audit(f->db, "kept");
    db_savepoint(f->db);
    assert_false(statement_run(
        db_use(f->db, "INSERT OR REPLACE INTO audit (seq, at, on_day, action) VALUES (1, 1, 1, 'other')")));
    assert_int_equal(db_state(f->db), DB_CONFLICT);
    assert_string_equal(db_failure(f->db), "append-only");
    db_undo(f->db);
    db_release(f->db);
    assert_true(db_commit(f->db));
    struct statement *s = db_use(f->db, "SELECT action FROM audit");
    assert_true(statement_row(s));
    assert_string_equal(column_text(s), "kept");
}

static void only_the_gate_commits(void **state) {
    struct fixture *f = *state;
    add_audit(f->db, "outside"); /* commits by itself: the hook refuses */
    assert_int_equal(db_state(f->db), DB_CONFLICT);
    db_recover(f->db);
    assert_int_equal(count_audit(f->db), 0);
}

static void a_transaction_that_ends_by_itself_is_the_end(void **state) {
    struct fixture *f = *state;
    assert_true(db_begin(f->db));
    add_audit(f->db, "lost with it");
    db_savepoint(f->db);
    statement_run(
        db_use(f->db, "INSERT OR ROLLBACK INTO audit (seq, at, on_day, action) VALUES (1, 1, 1, 'x')"));
    assert_int_equal(db_state(f->db), DB_CONFLICT);
    db_undo(f->db);
    assert_int_equal(db_state(f->db), DB_BROKEN);
    assert_false(db_commit(f->db));
    db_rollback(f->db);
    assert_int_equal(count_audit(f->reader), 0);
}

static void readers_only_read(void **state) {
    struct fixture *f = *state;
    assert_true(db_begin(f->reader));
    assert_int_equal(count_audit(f->reader), 0);
    add_audit(f->reader, "no");
    assert_int_equal(db_state(f->reader), DB_CONFLICT);
    db_rollback(f->reader);
    assert_int_equal(db_state(f->reader), DB_FINE);
    assert_int_equal(count_audit(f->reader), 0);
}

static void wrong_sql_is_a_refusal(void **state) {
    struct fixture *f = *state;
    assert_false(statement_run(db_use(f->db, "SELECT nothing FROM nowhere")));
    assert_int_equal(db_state(f->db), DB_CONFLICT);
    db_recover(f->db);
    assert_false(statement_run(db_use(f->db, "VACUUM INTO 'elsewhere.db'")));
    assert_int_equal(db_state(f->db), DB_CONFLICT);
    db_recover(f->db);
    assert_int_equal(count_audit(f->db), 0);
}

static int64_t pragma(struct db *db, const char *sql) {
    struct statement *s = db_use(db, sql);
    int64_t value = statement_row(s) ? column_int(s) : -1;
    statement_run(s);
    return value;
}

static void settings_are_in_force(void **state) {
    struct fixture *f = *state;
    for (int i = 0; i < 2; i++) {
        struct db *db = opened(f, i == 0 ? DB_WRITER : DB_READER);
        assert_int_equal(pragma(db, "PRAGMA synchronous"), 2);
        assert_int_equal(pragma(db, "PRAGMA foreign_keys"), 1);
        assert_int_equal(pragma(db, "PRAGMA recursive_triggers"), 1);
        assert_int_equal(pragma(db, "PRAGMA wal_autocheckpoint"), 0);
        assert_int_equal(pragma(db, "PRAGMA query_only"), i);
        if (f->vfs == NULL) {
            assert_int_equal(pragma(db, "PRAGMA mmap_size"), 0);
            struct statement *s = db_use(db, "PRAGMA journal_mode");
            assert_true(statement_row(s));
            assert_string_equal(column_text(s), "wal");
        }
        assert_int_equal(pragma(db, "PRAGMA application_id"), 0x494E5354);
        assert_int_equal(pragma(db, "PRAGMA user_version"), 5); /* the number of migrations */
        db_close(&db);
    }
}

#define BOTH(test)                                            \
    {#test " (file)", test, setup_file, teardown, NULL}, {    \
#test " (memory)", test, setup_memory, teardown, NULL \
    }

int main(void) {
    const struct CMUnitTest tests[] = {
        BOTH(values_come_back),
        BOTH(a_text_is_prepared_once),
        BOTH(the_first_failure_latches),
        BOTH(open_rows_do_not_hold),
        BOTH(the_driver_refuses_what_is_not_appending),
        BOTH(replacing_is_refused),
        BOTH(only_the_gate_commits),
        BOTH(a_transaction_that_ends_by_itself_is_the_end),
        BOTH(readers_only_read),
        BOTH(wrong_sql_is_a_refusal),
        BOTH(settings_are_in_force),
    };
    return cmocka_run_group_tests_name("db", tests, NULL, NULL);
}
