#include "db_sqlite.h"

#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys/log.h"

#define BUCKETS 256
#define BUSY_TRIES 10000 /* a millisecond each */

struct statement {
    struct db *db;
    sqlite3_stmt *stmt; /* NULL: could not be prepared; nothing happens then */
    const char *sql;
    struct statement *next;        /* of the bucket */
    struct statement *next_active; /* used since the last db_rest */
    int bound;
    int column;
    int parameters;
    bool active;
    bool stepped;
    bool row; /* columns may be read */
    bool ended;
};

struct db {
    sqlite3 *handle;
    enum db_kind kind;
    enum db_state state;
    enum db_fault fault;
    bool opening; /* schema and pragmas may be touched */
    bool inside;  /* a transaction statement of our own is being prepared */
    bool gate;    /* a commit may pass */
    bool noted;   /* db_note */
    int log_pages;
    struct statement *active;
    struct statement *buckets[BUCKETS];
    struct statement refused; /* what db_use returns where it cannot prepare */
    char failure[200];
};

/* ---- errors latch ---- */

static void keep_failure(struct db *db, enum db_state state, const char *why) {
    if (db->state == DB_FINE || (db->state == DB_CONFLICT && state == DB_BROKEN)) {
        db->state = state;
        snprintf(db->failure, sizeof db->failure, "%s", why);
    }
}

/* What was asked was refused, and the connection is as good as before? */
static bool is_refusal(const struct db *db, int code) {
    switch (code & 0xff) {
    case SQLITE_CONSTRAINT:
    case SQLITE_AUTH:
    case SQLITE_ERROR:
    case SQLITE_MISMATCH:
    case SQLITE_RANGE:
    case SQLITE_TOOBIG: return true;
    case SQLITE_READONLY: return db->kind == DB_READER;
    default: return false;
    }
}

static void latch(struct db *db, int code) {
    if (is_refusal(db, code)) {
        if ((code & 0xff) == SQLITE_ERROR) {
            log_error("event=store_statement reason=\"%s\"", sqlite3_errmsg(db->handle));
        }
        keep_failure(db, DB_CONFLICT, sqlite3_errmsg(db->handle));
        return;
    }
    if (db->fault == DB_FAULT_NONE) {
        int primary = code & 0xff;
        db->fault = primary == SQLITE_NOTADB    ? DB_FAULT_FOREIGN
                    : primary == SQLITE_CORRUPT ? DB_FAULT_DAMAGED
                                                : DB_FAULT_IO;
    }
    keep_failure(db, DB_BROKEN, db->handle == NULL ? "no memory" : sqlite3_errmsg(db->handle));
}

enum db_state db_state(const struct db *db) {
    return db->state;
}

enum db_fault db_fault(const struct db *db) {
    return db->fault;
}

const char *db_failure(const struct db *db) {
    return db->failure;
}

void db_fail(struct db *db, enum db_state state, const char *why) {
    if (state == DB_BROKEN && db->fault == DB_FAULT_NONE) {
        db->fault = DB_FAULT_IO;
    }
    keep_failure(db, state, why);
}

void db_note(struct db *db) {
    db->noted = true;
}

bool db_take_note(struct db *db) {
    bool noted = db->noted;
    db->noted = false;
    return noted;
}

void db_recover(struct db *db) {
    if (db->state == DB_CONFLICT) {
        db->state = DB_FINE;
    }
}

/* ---- what the engine asks us ---- */

/* Its own tables: the schema, which only a migration changes. */
static bool is_internal(const char *table) {
    return table != NULL && strncmp(table, "sqlite_", 7) == 0;
}

/*
 * What is derived from facts and kept to be quick (its migration says how): it alone may be changed. Every other table is
 * append-only.
 */
static bool is_derived(const char *table) {
    return table != NULL && strcmp(table, "alert_open") == 0;
}

static bool is_allowed(const struct db *db, int action, const char *table) {
    bool changes = db->opening && db->kind == DB_WRITER;
    switch (action) {
    case SQLITE_SELECT:
    case SQLITE_READ:
    case SQLITE_FUNCTION:
    case SQLITE_RECURSIVE: return true;
    case SQLITE_TRANSACTION:
    case SQLITE_SAVEPOINT: return db->inside;
    case SQLITE_PRAGMA: return db->opening;
    case SQLITE_INSERT: return db->kind == DB_WRITER && (changes || !is_internal(table));
    case SQLITE_UPDATE:
    case SQLITE_DELETE:
        return (changes && is_internal(table)) || (db->kind == DB_WRITER && is_derived(table));
    case SQLITE_ATTACH:
    case SQLITE_DETACH: return false;
    default: return changes; /* everything else is about the schema */
    }
}

static int authorize(void *context, int action, const char *first, const char *second, const char *database,
                     const char *trigger) {
    (void)second;
    (void)database;
    (void)trigger;
    return is_allowed(context, action, first) ? SQLITE_OK : SQLITE_DENY;
}

static int on_commit(void *context) {
    const struct db *db = context;
    return db->gate ? 0 : 1;
}

static int on_log(void *context, sqlite3 *handle, const char *name, int pages) {
    (void)handle;
    (void)name;
    struct db *db = context;
    db->log_pages = pages;
    return SQLITE_OK;
}

static int on_busy(void *context, int tries) {
    (void)context;
    if (tries >= BUSY_TRIES) {
        return 0;
    }
    poll(NULL, 0, 1);
    return 1;
}

/* ---- opening and closing ---- */

/*
 * The connection's own settings. Replacing a row fires the triggers that refuse its deletion (recursive_triggers);
 * what a savepoint may have to undo is kept in memory (temp_store).
 */
static const char *const SETTINGS = "PRAGMA synchronous = FULL;"
                                    "PRAGMA foreign_keys = ON;"
                                    "PRAGMA recursive_triggers = ON;"
                                    "PRAGMA mmap_size = 0;"
                                    "PRAGMA wal_autocheckpoint = 0;"
                                    "PRAGMA trusted_schema = OFF;"
                                    "PRAGMA cell_size_check = ON;"
                                    "PRAGMA temp_store = MEMORY;";

/* Small memory of the connection's own: places for what a statement needs while it runs, so that nobody is locked. */
#define PLACE_SIZE 1200
#define PLACES 300

static void configure(struct db *db) {
    sqlite3 *handle = db->handle;
    sqlite3_db_config(handle, SQLITE_DBCONFIG_LOOKASIDE, NULL, PLACE_SIZE, PLACES);
    sqlite3_busy_handler(handle, on_busy, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DML, 0, NULL);
    sqlite3_db_config(handle, SQLITE_DBCONFIG_DQS_DDL, 0, NULL);
    sqlite3_limit(handle, SQLITE_LIMIT_ATTACHED, 0);
    sqlite3_set_authorizer(handle, authorize, db);
    sqlite3_commit_hook(handle, on_commit, db);
    db_script(db, SETTINGS);
    if (db->kind == DB_READER) {
        db_script(db, "PRAGMA query_only = ON;");
    }
    sqlite3_wal_hook(handle, on_log, db);
}

/* Nobody asks the engine how much memory it uses; counting it takes a lock at each allocation. */
static void engine_settings(void) {
    (void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS,
                         0); /* refused where the engine is in use already: a test's */
}

struct db *db_open(const char *path, const char *vfs, enum db_kind kind) {
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    (void)pthread_once(&once, engine_settings);
    struct db *db = calloc(1, sizeof *db);
    if (db == NULL) {
        return NULL;
    }
    db->kind = kind;
    db->opening = true;
    db->refused.db = db;
    int flags = SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE |
                (kind == DB_WRITER ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY);
    int code = sqlite3_open_v2(path, &db->handle, flags, vfs);
    if (code == SQLITE_OK) {
        configure(db);
    } else {
        latch(db, code);
    }
    return db;
}

static void forget_statements(struct db *db) {
    for (size_t i = 0; i < BUCKETS; i++) {
        while (db->buckets[i] != NULL) {
            struct statement *s = db->buckets[i];
            db->buckets[i] = s->next;
            sqlite3_finalize(s->stmt);
            free(s);
        }
    }
    db->active = NULL;
}

void db_close(struct db **db) {
    if (*db == NULL) {
        return;
    }
    forget_statements(*db);
    int code = sqlite3_close((*db)->handle);
    assert(code == SQLITE_OK);
    free(*db);
    *db = NULL;
}

void db_serve(struct db *db) {
    forget_statements(db);
    db->opening = false;
}

void db_script(struct db *db, const char *sql) {
    assert(db->opening);
    if (db->state != DB_FINE) {
        return;
    }
    int code = sqlite3_exec(db->handle, sql, NULL, NULL, NULL);
    if (code != SQLITE_OK) {
        latch(db, code);
    }
}

void db_use_log(struct db *db) {
    db->gate = true;
    struct statement *s = db_use(db, "PRAGMA journal_mode = WAL");
    const char *mode = statement_row(s) ? column_text(s) : NULL;
    if (db->state == DB_FINE && (mode == NULL || strcmp(mode, "wal") != 0)) {
        db_fail(db, DB_BROKEN, "no write-ahead log");
    }
    while (statement_row(s)) {}
    db->gate = false;
}

/* ---- statements ---- */

static size_t bucket_of(const char *sql) {
    uintptr_t address = (uintptr_t)sql;
    return (size_t)((address * 0x9E3779B97F4A7C15U) >> 56) % BUCKETS;
}

static struct statement *prepare(struct db *db, const char *sql) {
    struct statement *s = calloc(1, sizeof *s);
    if (s == NULL) {
        db_fail(db, DB_BROKEN, "no memory");
        return NULL;
    }
    int code = sqlite3_prepare_v3(db->handle, sql, -1, SQLITE_PREPARE_PERSISTENT, &s->stmt, NULL);
    if (code != SQLITE_OK) {
        latch(db, code);
        free(s);
        return NULL;
    }
    s->db = db;
    s->sql = sql;
    s->parameters = sqlite3_bind_parameter_count(s->stmt);
    size_t bucket = bucket_of(sql);
    s->next = db->buckets[bucket];
    db->buckets[bucket] = s;
    return s;
}

static void clear(struct statement *s) {
    sqlite3_reset(s->stmt);
    sqlite3_clear_bindings(s->stmt);
    s->bound = 0;
    s->column = 0;
    s->stepped = false;
    s->row = false;
    s->ended = false;
}

struct statement *db_use(struct db *db, const char *sql) {
    if (db->state != DB_FINE) {
        return &db->refused;
    }
    struct statement *s = db->buckets[bucket_of(sql)];
    while (s != NULL && s->sql != sql) {
        s = s->next;
    }
    if (s == NULL) {
        s = prepare(db, sql);
    } else {
        /* A text that changed under its address was not constant. */
        assert(strcmp(sqlite3_sql(s->stmt), sql) == 0);
        clear(s);
    }
    if (s == NULL) {
        return &db->refused;
    }
    if (!s->active) {
        s->active = true;
        s->next_active = db->active;
        db->active = s;
    }
    return s;
}

/* Ends every statement that was left in the middle of its rows, and forgets texts that were bound. */
static void rest(struct db *db) {
    for (struct statement *s = db->active; s != NULL; s = s->next_active) {
        clear(s);
        s->active = false;
    }
    db->active = NULL;
}

static bool is_idle(const struct statement *s) {
    return s->stmt == NULL || s->db->state != DB_FINE;
}

/* A binding's result. */
static void bound(struct statement *s, int code) {
    assert(!s->stepped);
    if (code != SQLITE_OK) {
        assert((code & 0xff) != SQLITE_RANGE); /* more bindings than question marks */
        latch(s->db, code);
    }
}

void bind_int(struct statement *s, int64_t value) {
    if (!is_idle(s)) {
        bound(s, sqlite3_bind_int64(s->stmt, ++s->bound, value));
    }
}

void bind_text(struct statement *s, const char *text) {
    if (!is_idle(s)) {
        bound(s, sqlite3_bind_text(s->stmt, ++s->bound, text, -1, SQLITE_STATIC));
    }
}

void bind_blob(struct statement *s, const void *bytes, size_t len) {
    if (!is_idle(s)) {
        bound(s, sqlite3_bind_blob64(s->stmt, ++s->bound, len == 0 ? "" : bytes, len, SQLITE_STATIC));
    }
}

void bind_null(struct statement *s) {
    if (!is_idle(s)) {
        bound(s, sqlite3_bind_null(s->stmt, ++s->bound));
    }
}

void bind_day(struct statement *s, day_t day) {
    if (day == DAY_NONE) {
        bind_null(s);
    } else {
        bind_int(s, day);
    }
}

void bind_bool(struct statement *s, bool value) {
    bind_int(s, value ? 1 : 0);
}

/* One step: SQLITE_ROW, or anything else at the end; failures are latched. */
static bool step(struct statement *s) {
    if (is_idle(s) || s->ended) {
        s->row = false;
        return false;
    }
    assert(s->bound == s->parameters); /* each question mark is bound once */
    s->stepped = true;
    s->column = 0;
    int code = sqlite3_step(s->stmt);
    s->row = code == SQLITE_ROW;
    s->ended = !s->row;
    if (s->ended) {
        if (code != SQLITE_DONE) {
            latch(s->db, code);
        }
        sqlite3_reset(s->stmt);
    }
    return s->row;
}

bool statement_row(struct statement *s) {
    return step(s);
}

bool statement_run(struct statement *s) {
    while (step(s)) {}
    return !is_idle(s);
}

/* The next column's number; -1 where there is no row. */
static int next_column(struct statement *s) {
    if (is_idle(s) || !s->row) {
        return -1;
    }
    assert(s->column < sqlite3_column_count(s->stmt));
    return s->column++;
}

int64_t column_int(struct statement *s) {
    int column = next_column(s);
    return column < 0 ? 0 : sqlite3_column_int64(s->stmt, column);
}

const char *column_text(struct statement *s) {
    int column = next_column(s);
    if (column < 0 || sqlite3_column_type(s->stmt, column) == SQLITE_NULL) {
        return NULL;
    }
    const char *text = (const char *)sqlite3_column_text(s->stmt, column);
    if (text == NULL) {
        db_fail(s->db, DB_BROKEN, "no memory");
    }
    return text;
}

const void *column_blob(struct statement *s, size_t *len) {
    *len = 0;
    int column = next_column(s);
    if (column < 0 || sqlite3_column_type(s->stmt, column) == SQLITE_NULL) {
        return NULL;
    }
    const void *bytes = sqlite3_column_blob(s->stmt, column);
    *len = (size_t)sqlite3_column_bytes(s->stmt, column);
    if (bytes == NULL && *len > 0) {
        db_fail(s->db, DB_BROKEN, "no memory");
        *len = 0;
    }
    return bytes == NULL ? "" : bytes;
}

bool column_null(struct statement *s) {
    return is_idle(s) || !s->row || sqlite3_column_type(s->stmt, s->column) == SQLITE_NULL;
}

day_t column_day(struct statement *s) {
    if (column_null(s)) {
        next_column(s);
        return DAY_NONE;
    }
    return (day_t)column_int(s);
}

bool column_bool(struct statement *s) {
    return column_int(s) != 0;
}

/* ---- transactions ---- */

/* Arrays of their own: no text elsewhere has their address, and so nobody else's db_use finds them prepared. */
static const char BEGIN_WRITING[] = "BEGIN IMMEDIATE";
static const char BEGIN_READING[] = "BEGIN";
static const char COMMIT[] = "COMMIT";
static const char SAVEPOINT[] = "SAVEPOINT job";
static const char UNDO[] = "ROLLBACK TO job";
static const char RELEASE[] = "RELEASE job";

static bool control(struct db *db, const char *sql) {
    db->inside = true;
    bool done = statement_run(db_use(db, sql));
    db->inside = false;
    return done;
}

/* A transaction that the engine ended by itself took the work of others with it. */
static void check_inside(struct db *db) {
    if (db->state != DB_BROKEN && sqlite3_get_autocommit(db->handle) != 0) {
        db_fail(db, DB_BROKEN, "the transaction has ended by itself");
    }
}

bool db_begin(struct db *db) {
    if (!control(db, db->kind == DB_WRITER ? BEGIN_WRITING : BEGIN_READING)) {
        db_fail(db, DB_BROKEN, "no transaction");
        return false;
    }
    return true;
}

bool db_commit(struct db *db) {
    rest(db);
    check_inside(db);
    db->gate = true;
    bool done = control(db, COMMIT);
    db->gate = false;
    rest(db);
    if (!done) {
        db_fail(db, DB_BROKEN, "the commit failed");
    }
    return done;
}

void db_rollback(struct db *db) {
    rest(db);
    db_recover(db);
    if (db->handle != NULL && sqlite3_get_autocommit(db->handle) == 0) {
        db->inside = true;
        sqlite3_exec(db->handle, "ROLLBACK", NULL, NULL, NULL);
        db->inside = false;
    }
}

void db_savepoint(struct db *db) {
    if (!control(db, SAVEPOINT)) {
        db_fail(db, DB_BROKEN, "no savepoint");
    }
}

void db_undo(struct db *db) {
    rest(db);
    check_inside(db);
    db_recover(db);
    if (!control(db, UNDO)) {
        db_fail(db, DB_BROKEN, "could not roll back");
    }
}

void db_release(struct db *db) {
    rest(db);
    check_inside(db);
    if (!control(db, RELEASE)) {
        db_fail(db, DB_BROKEN, "could not release");
    }
}

int db_log_pages(const struct db *db) {
    return db->log_pages;
}

bool db_checkpoint(struct db *db, bool all) {
    if (db->state != DB_FINE) {
        return false;
    }
    rest(db);
    int pages = 0;
    int copied = 0;
    int code = sqlite3_wal_checkpoint_v2(
        db->handle, NULL, all ? SQLITE_CHECKPOINT_TRUNCATE : SQLITE_CHECKPOINT_PASSIVE, &pages, &copied);
    int primary = code & 0xff;
    if (code != SQLITE_OK && primary != SQLITE_BUSY && primary != SQLITE_LOCKED) {
        latch(db, code);
        db_fail(db, DB_BROKEN, "the checkpoint failed");
        return false;
    }
    if (code == SQLITE_OK && pages == copied) {
        db->log_pages = 0;
        return true;
    }
    return false;
}
