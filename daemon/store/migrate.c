#include "migrate.h"

#include <openssl/evp.h>
#include <pthread.h>
#include <string.h>

#include "controlled.h"
#include "embed/embed.h"

EMBED_DECLARE(store_migrations_0001_facts_sql);
EMBED_DECLARE(store_migrations_0002_alerts_sql);
EMBED_DECLARE(store_migrations_0003_print_sql);
EMBED_DECLARE(store_migrations_0004_recent_sql);
EMBED_DECLARE(store_migrations_0005_register_sql);

/* "INST" and "INSD": a pharmacy's database, and a demonstration's. */
#define APPLICATION_REAL 0x494E5354
#define APPLICATION_DEMO 0x494E5344

/* In their order; the number is the place + 1. */
static const struct migration {
    const char *script;
    const char *stamp;
} migrations[] = {
    {embed_store_migrations_0001_facts_sql, "PRAGMA user_version = 1;"},
    {embed_store_migrations_0002_alerts_sql, "PRAGMA user_version = 2;"},
    {embed_store_migrations_0003_print_sql, "PRAGMA user_version = 3;"},
    {embed_store_migrations_0004_recent_sql, "PRAGMA user_version = 4;"},
    {embed_store_migrations_0005_register_sql, "PRAGMA user_version = 5;"},
};
enum { LATEST = sizeof migrations / sizeof migrations[0] };

/* The chain of the register is looked at from this many entries before each section's end. */
#define CHAIN_RECENT 500
#define CHAIN_MEMORY_MAX ((size_t)8 << 20)

#define SCHEMA_DIGEST 32

/* Up to this size (4 MB, which takes 40 ms) everything is checked at opening; beyond it the recent part. */
#define CHECK_ALL_PAGES 1024

static enum store_open_error say(enum store_open_error error, const char *sentence, const char **message) {
    *message = sentence;
    return error;
}

/* The connection's own failure as an answer. */
static enum store_open_error say_failure(const struct db *db, const char **message) {
    switch (db_fault(db)) {
    case DB_FAULT_FOREIGN:
        return say(
            STORE_FOREIGN,
            "The file is not a database of this program, or its beginning is damaged. Nothing was changed; "
            "restore a backup, or name another file.",
            message);
    case DB_FAULT_NONE: /* refused: a format that the engine does not know */
    case DB_FAULT_DAMAGED:
        return say(STORE_DAMAGED,
                   "The database is damaged. Do not use it further; restore the latest backup.", message);
    case DB_FAULT_IO: break;
    }
    return say(
        STORE_IO,
        "The database could not be read or written. Check the disk, its free space, the permissions of the "
        "folder, and that no other program uses the file.",
        message);
}

static int64_t one_int(struct db *db, const char *sql) {
    struct statement *s = db_use(db, sql);
    int64_t value = statement_row(s) ? column_int(s) : 0;
    statement_run(s);
    return value;
}

/* Whose is it? *version becomes the number of its last migration; 0: a new file. */
static enum store_open_error identify(struct db *db, bool demo, int64_t *version, const char **message) {
    int64_t application = one_int(db, "PRAGMA application_id");
    *version = one_int(db, "PRAGMA user_version");
    int64_t tables = one_int(db, "SELECT count(*) FROM sqlite_master");
    if (db_state(db) != DB_FINE) {
        return say_failure(db, message);
    }
    if (application == 0 && *version == 0 && tables == 0) {
        return STORE_OPEN;
    }
    if (application != APPLICATION_REAL && application != APPLICATION_DEMO) {
        return say(STORE_FOREIGN,
                   "The file is a database of another program. Nothing was changed; name another file.",
                   message);
    }
    if ((application == APPLICATION_DEMO) != demo) {
        return say(STORE_DEMO_MISMATCH,
                   demo ? "The database is a pharmacy's: a demonstration does not open it."
                        : "The database is a demonstration's: it cannot become a pharmacy's.",
                   message);
    }
    if (*version > LATEST) {
        return say(STORE_NEWER,
                   "The database was written by a newer version of this program. Install that version again.",
                   message);
    }
    if (*version < 1) {
        return say(STORE_DAMAGED, "The database does not say its version. Restore the latest backup.",
                   message);
    }
    return STORE_OPEN;
}

/* Everything after `version`, each migration in a transaction of its own. */
static void run_migrations(struct db *db, bool demo, int64_t version) {
    for (int64_t i = version; i < LATEST && db_state(db) == DB_FINE; i++) {
        if (!db_begin(db)) {
            return;
        }
        if (i == 0) {
            db_script(db,
                      demo ? "PRAGMA application_id = 0x494E5344;" : "PRAGMA application_id = 0x494E5354;");
        }
        db_script(db, migrations[i].script);
        db_script(db, migrations[i].stamp);
        if (db_state(db) == DB_FINE) {
            db_commit(db);
        } else {
            db_fail(db, DB_BROKEN, "the migration failed");
            db_rollback(db);
        }
    }
}

/* What the tables, indexes and triggers of a database are, in one digest. False where it cannot be read. */
static bool schema_digest(struct db *db, unsigned char out[SCHEMA_DIGEST]) {
    struct statement *s = db_use(db, "SELECT type, name, tbl_name, sql FROM sqlite_master "
                                     "WHERE name NOT LIKE 'sqlite!_stat%' ESCAPE '!' ORDER BY type, name");
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    bool good = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1;
    while (statement_row(s)) {
        for (int i = 0; good && i < 4; i++) {
            const char *text = column_text(s);
            good = text == NULL || EVP_DigestUpdate(context, text, strlen(text)) == 1;
            good = good && EVP_DigestUpdate(context, text == NULL ? "\1" : "", 1) == 1;
        }
    }
    good = good && db_state(db) == DB_FINE && EVP_DigestFinal_ex(context, out, NULL) == 1;
    EVP_MD_CTX_free(context);
    return good;
}

/*
 * The digest of what the migrations make, worked out once for the life of the program: it takes longer than the rest of
 * opening a small database. False where memory is short.
 */
static bool expected_digest(unsigned char out[SCHEMA_DIGEST]) {
    static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
    static unsigned char known[SCHEMA_DIGEST];
    static bool is_known;
    (void)pthread_mutex_lock(&mutex);
    if (!is_known) {
        struct db *expected = db_open(":memory:", NULL, DB_WRITER);
        if (expected != NULL) {
            run_migrations(expected, false, 0);
            is_known = schema_digest(expected, known);
            db_close(&expected);
        }
    }
    bool good = is_known;
    memcpy(out, known, SCHEMA_DIGEST);
    (void)pthread_mutex_unlock(&mutex);
    return good;
}

/* Are tables, indexes and triggers those that the migrations make, all of them and no others? */
static enum store_open_error check_schema(struct db *db, const char **message) {
    unsigned char expected[SCHEMA_DIGEST];
    unsigned char have[SCHEMA_DIGEST];
    if (!expected_digest(expected)) {
        return say(STORE_IO, "There is not enough memory.", message);
    }
    bool read = schema_digest(db, have);
    if (db_state(db) != DB_FINE) {
        return say_failure(db, message);
    }
    if (!read) {
        return say(STORE_IO, "There is not enough memory.", message);
    }
    if (memcmp(expected, have, SCHEMA_DIGEST) == 0) {
        return STORE_OPEN;
    }
    return say(
        STORE_DAMAGED,
        "The tables or triggers of the database are not those that this program makes: somebody changed "
        "them. Restore the latest backup.",
        message);
}

/* The rows that were written last can be read. */
static void read_recent(struct db *db) {
    one_int(db, "SELECT sum(length(detail)) FROM (SELECT * FROM audit ORDER BY seq DESC LIMIT 2000)");
    one_int(db, "SELECT sum(length(told)) FROM (SELECT * FROM supply ORDER BY rowid DESC LIMIT 500)");
    one_int(db, "SELECT sum(length(opened_by)) FROM (SELECT * FROM dosed_day ORDER BY rowid DESC LIMIT 500)");
    one_int(db, "SELECT sum(length(hash)) FROM (SELECT * FROM register_entry ORDER BY rowid DESC LIMIT 500)");
    one_int(db, "SELECT sum(length(subject)) FROM (SELECT * FROM idempotency ORDER BY rowid DESC LIMIT 500)");
    one_int(db, "SELECT sum(length(note)) FROM (SELECT * FROM outcome ORDER BY rowid DESC LIMIT 500)");
    one_int(db, "SELECT sum(length(corrects)) FROM (SELECT * FROM alert ORDER BY rowid DESC LIMIT 500)");
    one_int(db, "SELECT sum(length(error)) FROM (SELECT * FROM alert_attempt ORDER BY id DESC LIMIT 500)");
    one_int(db, "SELECT sum(length(note)) FROM (SELECT * FROM alert_event ORDER BY id DESC LIMIT 500)");
    one_int(db, "SELECT sum(length(phone)) FROM alert_open");
    one_int(db,
            "SELECT sum(length(reprint_of)) FROM (SELECT * FROM print_job ORDER BY rowid DESC LIMIT 500)");
    one_int(db, "SELECT sum(length(reason)) FROM (SELECT * FROM print_state ORDER BY rowid DESC LIMIT 500)");
}

/* How many of them hang on nothing. */
static int64_t count_loose(struct db *db) {
    return one_int(db, "SELECT count(*) FROM (SELECT seq FROM supply ORDER BY rowid DESC LIMIT 500) AS s "
                       "WHERE NOT EXISTS (SELECT 1 FROM audit WHERE audit.seq = s.seq)") +
           one_int(db,
                   "SELECT count(*) FROM (SELECT seq FROM register_entry ORDER BY rowid DESC LIMIT 500) AS s "
                   "WHERE NOT EXISTS (SELECT 1 FROM audit WHERE audit.seq = s.seq)") +
           one_int(db,
                   "SELECT count(*) FROM (SELECT supply FROM dosed_day ORDER BY rowid DESC LIMIT 500) AS s "
                   "WHERE NOT EXISTS (SELECT 1 FROM supply WHERE supply.id = s.supply)");
}

static bool recent_part_is_sound(struct db *db) {
    read_recent(db);
    return count_loose(db) == 0;
}

static bool all_is_sound(struct db *db) {
    struct statement *s = db_use(db, "PRAGMA integrity_check(1)");
    const char *verdict = statement_row(s) ? column_text(s) : NULL;
    bool sound = verdict != NULL && strcmp(verdict, "ok") == 0;
    statement_run(s);
    return sound && one_int(db, "SELECT count(*) FROM pragma_foreign_key_check") == 0;
}

/* C5: the end of each section's chain. *what: what does not hold together; NULL: all of it does. */
static bool check_register(struct db *db, const char **what) {
    struct tx tx = {.db = db, .arena = arena_new(CHAIN_MEMORY_MAX), .as_of = TX_NOW};
    *what = NULL;
    bool good = tx.arena != NULL && register_verify_recent(&tx, CHAIN_RECENT, what);
    arena_free(&tx.arena);
    return good;
}

static enum store_open_error check_facts(struct db *db, const char **message) {
    const char *what = NULL;
    bool small = one_int(db, "PRAGMA page_count") <= CHECK_ALL_PAGES;
    bool sound = small ? all_is_sound(db) : recent_part_is_sound(db);
    if (db_state(db) != DB_FINE) {
        return say_failure(db, message);
    }
    if (sound && !check_register(db, &what)) {
        return what == NULL ? say_failure(db, message)
                            : say(STORE_DAMAGED,
                                  "The controlled drugs register does not hold together: its entries are not "
                                  "those that were written. Do not use the database further; keep it, and "
                                  "restore the latest backup.",
                                  message);
    }
    return sound ? STORE_OPEN
                 : say(STORE_DAMAGED,
                       "The database is damaged. Do not use it further; restore the latest backup.", message);
}

enum store_open_error migrate(struct db *db, bool demo, bool logged, const char **message) {
    int64_t version = 0;
    enum store_open_error error = identify(db, demo, &version, message);
    if (error != STORE_OPEN) {
        return error;
    }
    if (logged) {
        db_use_log(db);
    }
    run_migrations(db, demo, version);
    if (db_state(db) != DB_FINE) {
        return say_failure(db, message);
    }
    error = check_schema(db, message);
    return error == STORE_OPEN ? check_facts(db, message) : error;
}
