#include "store.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "embed/embed.h"
#include "log.h"

EMBED_DECLARE(client_inbox_migrations_0001_inbox_sql);

#define APPLICATION_ID 0x494E4258 /* "INBX" */
#define BUSY_MS 5000
#define CHECKPOINT_FRAMES 1000
#define DAY_SECONDS 86400

/* In their order; the number is the place + 1. */
static const char *const migrations[] = {embed_client_inbox_migrations_0001_inbox_sql};
enum { LATEST = sizeof migrations / sizeof migrations[0] };

#define MESSAGE_COLUMNS                                                                                      \
    "m.seq, m.id, m.alert, m.pharmacy, m.received_at, m.correlation, m.corrects, m.urgent, m.answer, "       \
    "m.digest, m.body, (SELECT a.status FROM action a WHERE a.message = m.seq ORDER BY a.seq DESC LIMIT 1) " \
    "AS status, (SELECT c.alert FROM message c WHERE c.corrects = m.alert ORDER BY c.seq DESC LIMIT 1), "    \
    "(SELECT c.received_at FROM message c WHERE c.corrects = m.alert ORDER BY c.seq DESC LIMIT 1) "

enum sql {
    SQL_BEGIN,
    SQL_COMMIT,
    SQL_ROLLBACK,
    SQL_VERSION,
    SQL_ADD_MESSAGE,
    SQL_BY_ID,
    SQL_BY_ALERT,
    SQL_OPEN_MESSAGES,
    SQL_FINISHED_MESSAGES,
    SQL_ADD_ACTION,
    SQL_ACTIONS,
    SQL_SET_KEYWORKER,
    SQL_KEYWORKER,
    SQL_KEYWORKERS,
    SQL_AUDIT,
    SQL_BACKUP,
    SQL_COUNT
};

static const char *const texts[SQL_COUNT] = {
    [SQL_BEGIN] = "BEGIN IMMEDIATE",
    [SQL_COMMIT] = "COMMIT",
    [SQL_ROLLBACK] = "ROLLBACK",
    [SQL_VERSION] = "SELECT (SELECT coalesce(max(seq), 0) FROM message) * 1000000 + "
                    "(SELECT coalesce(max(seq), 0) FROM action)",
    [SQL_ADD_MESSAGE] =
        "INSERT INTO message (id, alert, pharmacy, received_at, correlation, corrects, urgent, answer, "
        "digest, body) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
    [SQL_BY_ID] = "SELECT " MESSAGE_COLUMNS "FROM message m WHERE m.id = ?",
    [SQL_BY_ALERT] = "SELECT " MESSAGE_COLUMNS "FROM message m WHERE m.alert = ?",
    [SQL_OPEN_MESSAGES] = "SELECT " MESSAGE_COLUMNS
                          "FROM message m WHERE status IS NULL OR status IN ('accepted', 'in-progress') "
                          "ORDER BY m.urgent DESC, m.seq DESC LIMIT ?",
    [SQL_FINISHED_MESSAGES] =
        "SELECT " MESSAGE_COLUMNS "FROM message m WHERE status IN ('completed', 'rejected') "
        "ORDER BY m.seq DESC LIMIT ?",
    [SQL_ADD_ACTION] = "INSERT INTO action (message, at, keyworker, status, note) VALUES (?, ?, ?, ?, ?)",
    [SQL_ACTIONS] = "SELECT at, keyworker, status, note FROM action WHERE message = ? ORDER BY seq",
    [SQL_SET_KEYWORKER] = "INSERT INTO keyworker (name, at, password_hash) VALUES (?, ?, ?)",
    [SQL_KEYWORKER] = "SELECT name, password_hash FROM keyworker WHERE name = ? ORDER BY seq DESC LIMIT 1",
    [SQL_KEYWORKERS] =
        "SELECT k.name FROM keyworker k WHERE k.seq = (SELECT max(seq) FROM keyworker WHERE name = k.name) "
        "AND k.password_hash IS NOT NULL ORDER BY k.name",
    [SQL_AUDIT] = "INSERT INTO audit (at, keyworker, what, message, on_day) VALUES (?, ?, ?, ?, ?) "
                  "ON CONFLICT DO NOTHING",
    [SQL_BACKUP] = "VACUUM INTO ?",
};

struct store {
    sqlite3 *db;
    sqlite3_stmt *statements[SQL_COUNT];
    bool migrating; /* the authorizer lets everything pass */
    bool dirty;
    bool broken;
    int frames; /* in the log, at the last commit */
    enum store_role role;
};

/* ---- the connection ------------------------------------------------------------------------------------ */

/* What is written stays: nothing is changed, deleted or dropped once the tables are there. */
static int authorize(void *context, int action, const char *first, const char *second, const char *database,
                     const char *trigger) {
    const struct store *store = context;
    (void)second;
    (void)database;
    (void)trigger;
    if (store->migrating) {
        return SQLITE_OK;
    }
    switch (action) {
    case SQLITE_UPDATE:
    case SQLITE_DELETE: return first != NULL && strncmp(first, "sqlite_", 7) == 0 ? SQLITE_OK : SQLITE_DENY;
    case SQLITE_DROP_TABLE:
    case SQLITE_DROP_TRIGGER:
    case SQLITE_DROP_INDEX:
    case SQLITE_ALTER_TABLE: return SQLITE_DENY;
    default: return SQLITE_OK;
    }
}

static int on_commit(void *context, sqlite3 *db, const char *name, int frames) {
    struct store *store = context;
    (void)db;
    (void)name;
    store->frames = frames;
    return SQLITE_OK;
}

/* An answer of SQLite that ends it. */
static void fail(struct store *store, const char *what) {
    if (!store->broken) {
        log_line(LOG_ERROR, "event=store_failed at=%s code=%d", what, sqlite3_extended_errcode(store->db));
    }
    store->broken = true;
}

static bool run(struct store *store, const char *sql) {
    return sqlite3_exec(store->db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

static int64_t one_number(struct store *store, const char *sql) {
    sqlite3_stmt *statement = NULL;
    int64_t value = -1;
    if (sqlite3_prepare_v2(store->db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW) {
        value = sqlite3_column_int64(statement, 0);
    }
    (void)sqlite3_finalize(statement);
    return value;
}

static bool configure(struct store *store) {
    (void)sqlite3_extended_result_codes(store->db, 1);
    (void)sqlite3_busy_timeout(store->db, BUSY_MS);
    (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    (void)sqlite3_db_config(store->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, store->role == STORE_VISITOR, NULL);
    (void)sqlite3_set_authorizer(store->db, authorize, store);
    return run(store, "PRAGMA foreign_keys = ON") && run(store, "PRAGMA journal_mode = WAL") &&
           run(store, "PRAGMA synchronous = FULL") && run(store, "PRAGMA wal_autocheckpoint = 0") &&
           sqlite3_wal_hook(store->db, on_commit, store) == NULL;
}

/* Each migration in a transaction of its own. */
static bool migrate(struct store *store, int64_t version) {
    for (int64_t i = version; i < LATEST; i++) {
        char stamp[80];
        (void)snprintf(stamp, sizeof stamp, "PRAGMA application_id = %d; PRAGMA user_version = %d;",
                       APPLICATION_ID, (int)i + 1);
        if (!run(store, "BEGIN IMMEDIATE") || !run(store, migrations[i]) || !run(store, stamp) ||
            !run(store, "COMMIT")) {
            (void)run(store, "ROLLBACK");
            return false;
        }
    }
    return true;
}

/* Whose file is it, and is it sound? NULL: ours, with the newest tables. */
static const char *check(struct store *store) {
    int64_t application = one_number(store, "PRAGMA application_id");
    int64_t version = one_number(store, "PRAGMA user_version");
    int64_t tables = one_number(store, "SELECT count(*) FROM sqlite_master");
    if (application < 0 || version < 0 || tables < 0) {
        return "The file is no database, or cannot be read. Nothing was changed.";
    }
    if (application != APPLICATION_ID && (application != 0 || version != 0 || tables != 0)) {
        return "The file is a database of another program. Nothing was changed; name another file.";
    }
    if (version > LATEST) {
        return "The database was written by a newer version of this program. Install that version again.";
    }
    if (!configure(store)) {
        return "The database cannot be opened for writing. Check the disk and the folder's permissions.";
    }
    store->migrating = true;
    bool migrated = migrate(store, version);
    store->migrating = false;
    if (!migrated) {
        return "The database could not be brought up to date. Check the disk and its free space.";
    }
    if (store->role == STORE_SERVER &&
        one_number(store, "SELECT count(*) FROM pragma_quick_check WHERE quick_check <> 'ok'") != 0) {
        return "The database is damaged. Do not use it further; restore the latest backup.";
    }
    return NULL;
}

static bool prepare(struct store *store) {
    for (size_t i = 0; i < SQL_COUNT; i++) {
        if (sqlite3_prepare_v3(store->db, texts[i], -1, SQLITE_PREPARE_PERSISTENT, &store->statements[i],
                               NULL) != SQLITE_OK) {
            return false;
        }
    }
    return true;
}

struct store *store_open(const char *path, enum store_role role, const char **message) {
    struct store *store = calloc(1, sizeof *store);
    if (store == NULL) {
        *message = "There is not enough memory.";
        return NULL;
    }
    store->role = role;
    if (sqlite3_open_v2(path, &store->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK) {
        *message = "The database cannot be opened. Check the folder and its permissions.";
        store_close(&store);
        return NULL;
    }
    *message = check(store);
    if (*message == NULL && !prepare(store)) {
        *message = "The tables of the database are not those of this program.";
    }
    if (*message != NULL) {
        store_close(&store);
    }
    return store;
}

void store_close(struct store **store) {
    if (*store == NULL) {
        return;
    }
    for (size_t i = 0; i < SQL_COUNT; i++) {
        (void)sqlite3_finalize((*store)->statements[i]);
    }
    (void)sqlite3_close((*store)->db);
    free(*store);
    *store = NULL;
}

bool store_broken(const struct store *store) {
    return store->broken;
}

bool store_dirty(const struct store *store) {
    return store->dirty;
}

/* ---- statements ------------------------------------------------------------------------------------------ */

static sqlite3_stmt *use(struct store *store, enum sql which) {
    sqlite3_stmt *statement = store->statements[which];
    (void)sqlite3_reset(statement);
    (void)sqlite3_clear_bindings(statement);
    return statement;
}

static void bind_text(sqlite3_stmt *statement, int at, const char *text) {
    if (text != NULL) {
        (void)sqlite3_bind_text(statement, at, text, -1, SQLITE_STATIC);
    }
}

/* One step of a statement without rows. */
static enum store_result finish(struct store *store, sqlite3_stmt *statement, const char *what) {
    int result = sqlite3_step(statement);
    if (result != SQLITE_DONE) {
        fail(store, what);
    }
    (void)sqlite3_reset(statement);
    return result == SQLITE_DONE ? STORE_DONE : STORE_FAILED;
}

static bool begin(struct store *store) {
    if (!store->dirty && !store->broken) {
        store->dirty = finish(store, use(store, SQL_BEGIN), "begin") == STORE_DONE;
    }
    return store->dirty && !store->broken;
}

bool store_commit(struct store *store) {
    if (!store->dirty) {
        return !store->broken;
    }
    store->dirty = false;
    if (store->broken || finish(store, use(store, SQL_COMMIT), "commit") != STORE_DONE) {
        (void)sqlite3_step(use(store, SQL_ROLLBACK));
        (void)sqlite3_reset(store->statements[SQL_ROLLBACK]);
        return false;
    }
    return true;
}

bool store_checkpoint(struct store *store) {
    if (store->frames < CHECKPOINT_FRAMES || store->dirty || store->broken) {
        return !store->broken;
    }
    int result = sqlite3_wal_checkpoint_v2(store->db, NULL, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (result != SQLITE_OK && result != SQLITE_BUSY && result != SQLITE_LOCKED) {
        fail(store, "checkpoint");
        return false;
    }
    store->frames = 0;
    return true;
}

int64_t store_version(struct store *store) {
    sqlite3_stmt *statement = use(store, SQL_VERSION);
    int64_t version = -1;
    if (sqlite3_step(statement) == SQLITE_ROW) {
        version = sqlite3_column_int64(statement, 0);
    } else {
        fail(store, "version");
    }
    (void)sqlite3_reset(statement);
    return version;
}

/* ---- messages and actions -------------------------------------------------------------------------------- */

enum store_result store_add_message(struct store *store, struct store_message *row) {
    if (!begin(store)) {
        return STORE_FAILED;
    }
    sqlite3_stmt *s = use(store, SQL_ADD_MESSAGE);
    bind_text(s, 1, row->id);
    bind_text(s, 2, row->alert);
    bind_text(s, 3, row->pharmacy);
    (void)sqlite3_bind_int64(s, 4, row->received_at);
    bind_text(s, 5, row->correlation);
    bind_text(s, 6, row->corrects);
    (void)sqlite3_bind_int(s, 7, row->urgent);
    bind_text(s, 8, row->answer);
    (void)sqlite3_bind_blob(s, 9, row->digest, sizeof row->digest, SQLITE_STATIC);
    (void)sqlite3_bind_blob64(s, 10, row->body, row->body_len, SQLITE_STATIC);
    enum store_result result = finish(store, s, "add_message");
    row->seq = sqlite3_last_insert_rowid(store->db);
    return result;
}

static const char *column_text(sqlite3_stmt *s, int at) {
    return (const char *)sqlite3_column_text(s, at);
}

static void read_message(sqlite3_stmt *s, struct store_message *row) {
    *row = (struct store_message){
        .seq = sqlite3_column_int64(s, 0),
        .id = column_text(s, 1),
        .alert = column_text(s, 2),
        .pharmacy = column_text(s, 3),
        .received_at = sqlite3_column_int64(s, 4),
        .correlation = column_text(s, 5),
        .corrects = column_text(s, 6),
        .urgent = sqlite3_column_int(s, 7) != 0,
        .answer = column_text(s, 8),
        .body = sqlite3_column_blob(s, 10),
        .body_len = (size_t)sqlite3_column_bytes(s, 10),
        .status = column_text(s, 11),
        .corrected_by = column_text(s, 12),
        .corrected_at = sqlite3_column_int64(s, 13),
    };
    const void *digest = sqlite3_column_blob(s, 9);
    if (digest != NULL && sqlite3_column_bytes(s, 9) == STORE_DIGEST) {
        memcpy(row->digest, digest, STORE_DIGEST);
    }
}

static enum store_result each_message(struct store *store, sqlite3_stmt *s, store_each_message each,
                                      void *context) {
    bool any = false;
    int result = 0;
    while ((result = sqlite3_step(s)) == SQLITE_ROW) {
        struct store_message row;
        read_message(s, &row);
        any = true;
        each(context, &row);
    }
    if (result != SQLITE_DONE) {
        fail(store, "read_message");
    }
    (void)sqlite3_reset(s);
    if (result != SQLITE_DONE) {
        return STORE_FAILED;
    }
    return any ? STORE_DONE : STORE_NONE;
}

enum store_result store_message_by_id(struct store *store, const char *id, store_each_message each,
                                      void *context) {
    sqlite3_stmt *s = use(store, SQL_BY_ID);
    bind_text(s, 1, id);
    return each_message(store, s, each, context);
}

enum store_result store_message_by_alert(struct store *store, const char *alert, store_each_message each,
                                         void *context) {
    sqlite3_stmt *s = use(store, SQL_BY_ALERT);
    bind_text(s, 1, alert);
    return each_message(store, s, each, context);
}

enum store_result store_messages(struct store *store, int64_t finished, store_each_message each,
                                 void *context) {
    sqlite3_stmt *s = use(store, SQL_OPEN_MESSAGES);
    (void)sqlite3_bind_int64(s, 1, STORE_OPEN_MAX);
    if (each_message(store, s, each, context) == STORE_FAILED) {
        return STORE_FAILED;
    }
    s = use(store, SQL_FINISHED_MESSAGES);
    (void)sqlite3_bind_int64(s, 1, finished);
    return each_message(store, s, each, context) == STORE_FAILED ? STORE_FAILED : STORE_DONE;
}

enum store_result store_add_action(struct store *store, int64_t message, const struct store_action *row) {
    if (!begin(store)) {
        return STORE_FAILED;
    }
    sqlite3_stmt *s = use(store, SQL_ADD_ACTION);
    (void)sqlite3_bind_int64(s, 1, message);
    (void)sqlite3_bind_int64(s, 2, row->at);
    bind_text(s, 3, row->keyworker);
    bind_text(s, 4, row->status);
    bind_text(s, 5, row->note);
    return finish(store, s, "add_action");
}

enum store_result store_actions(struct store *store, int64_t message, store_each_action each, void *context) {
    sqlite3_stmt *s = use(store, SQL_ACTIONS);
    int result = 0;
    (void)sqlite3_bind_int64(s, 1, message);
    while ((result = sqlite3_step(s)) == SQLITE_ROW) {
        const struct store_action row = {.at = sqlite3_column_int64(s, 0),
                                         .keyworker = column_text(s, 1),
                                         .status = column_text(s, 2),
                                         .note = column_text(s, 3)};
        each(context, &row);
    }
    if (result != SQLITE_DONE) {
        fail(store, "read_actions");
    }
    (void)sqlite3_reset(s);
    return result == SQLITE_DONE ? STORE_DONE : STORE_FAILED;
}

/* ---- people and the audit -------------------------------------------------------------------------------- */

enum store_result store_set_keyworker(struct store *store, const char *name, const char *hash) {
    if (!begin(store)) {
        return STORE_FAILED;
    }
    sqlite3_stmt *s = use(store, SQL_SET_KEYWORKER);
    bind_text(s, 1, name);
    (void)sqlite3_bind_int64(s, 2, clock_now());
    bind_text(s, 3, hash);
    return finish(store, s, "set_keyworker");
}

enum store_result store_keyworker(struct store *store, const char *name, struct store_keyworker *out) {
    sqlite3_stmt *s = use(store, SQL_KEYWORKER);
    memset(out, 0, sizeof *out);
    bind_text(s, 1, name);
    int result = sqlite3_step(s);
    if (result == SQLITE_ROW) {
        const char *hash = column_text(s, 1);
        (void)snprintf(out->name, sizeof out->name, "%s", column_text(s, 0));
        (void)snprintf(out->hash, sizeof out->hash, "%s", hash == NULL ? "" : hash);
    } else if (result != SQLITE_DONE) {
        fail(store, "read_keyworker");
    }
    (void)sqlite3_reset(s);
    if (result == SQLITE_ROW) {
        return STORE_DONE;
    }
    return result == SQLITE_DONE ? STORE_NONE : STORE_FAILED;
}

enum store_result store_keyworkers(struct store *store, void (*each)(void *context, const char *name),
                                   void *context) {
    sqlite3_stmt *s = use(store, SQL_KEYWORKERS);
    int result = 0;
    while ((result = sqlite3_step(s)) == SQLITE_ROW) {
        each(context, column_text(s, 0));
    }
    if (result != SQLITE_DONE) {
        fail(store, "read_keyworkers");
    }
    (void)sqlite3_reset(s);
    return result == SQLITE_DONE ? STORE_DONE : STORE_FAILED;
}

enum store_result store_audit(struct store *store, const char *keyworker, const char *what, int64_t message) {
    int64_t now = clock_now();
    if (!begin(store)) {
        return STORE_FAILED;
    }
    sqlite3_stmt *s = use(store, SQL_AUDIT);
    (void)sqlite3_bind_int64(s, 1, now);
    bind_text(s, 2, keyworker);
    bind_text(s, 3, what);
    if (message != 0) {
        (void)sqlite3_bind_int64(s, 4, message);
    }
    (void)sqlite3_bind_int64(s, 5, now / DAY_SECONDS);
    return finish(store, s, "audit");
}

const char *store_backup(struct store *store, const char *path) {
    sqlite3_stmt *s = use(store, SQL_BACKUP);
    bind_text(s, 1, path);
    store->migrating = true; /* it makes tables in the new file */
    int result = sqlite3_step(s);
    (void)sqlite3_reset(s);
    store->migrating = false;
    return result == SQLITE_DONE ? NULL
                                 : "The copy could not be written: is there a file already, or no space?";
}
