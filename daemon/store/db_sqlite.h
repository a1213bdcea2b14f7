/*
 * The inner side of the driver seam: what only the store itself may do with a connection. Opening, transactions,
 * savepoints, migration, checkpoints. Only db.c knows SQLite's own interface.
 *
 * A connection is first "opening": schema and pragmas may be changed. After db_serve it only reads (reader), or reads
 * and inserts (writer): an authorizer refuses all else, UPDATE and DELETE on the facts' tables at any time. A commit
 * passes only through db_commit: a hook refuses any other.
 */
#ifndef INSTALMENT_STORE_DB_SQLITE_H
#define INSTALMENT_STORE_DB_SQLITE_H

#include "db.h"

enum db_kind {
    DB_WRITER,
    DB_READER /* query-only */
};

/* Why a connection is broken, for the one who opens it. */
enum db_fault {
    DB_FAULT_NONE,
    DB_FAULT_FOREIGN, /* not a database at all */
    DB_FAULT_DAMAGED, /* its pages do not fit together */
    DB_FAULT_IO       /* the disk, the memory, the permissions, or another process that does not let go */
};

/* A new connection, possibly broken already (db_state); NULL where memory is short. `vfs` NULL: the default. */
struct db *db_open(const char *path, const char *vfs, enum db_kind kind);

/* Closes; *db becomes NULL. A transaction that is open is rolled back. NULL inside is allowed. */
void db_close(struct db **db);

/* Write-ahead logging; the writer's, once the file is known to be ours. Latches where the file cannot. */
void db_use_log(struct db *db);

/* Ends the opening: see above. Prepared statements are forgotten. */
void db_serve(struct db *db);

/* Runs a constant script, several statements. While opening only. */
void db_script(struct db *db, const char *sql);

/*
 * A transaction: BEGIN IMMEDIATE for a writer, a snapshot for a reader. db_commit returns true where everything is
 * on the disk, synced; after false nobody knows, and the connection is broken. db_rollback never fails.
 */
bool db_begin(struct db *db);
bool db_commit(struct db *db);
void db_rollback(struct db *db);

/* One savepoint inside it. db_undo rolls back to it, forgets a DB_CONFLICT, and keeps it open. */
void db_savepoint(struct db *db);
void db_undo(struct db *db);
void db_release(struct db *db);

/* Pages in the log since it was last begun anew, as of the last commit. */
int db_log_pages(const struct db *db);

/*
 * Copies the log into the database, as far as readers let it; `all`: waits for them and empties the log (at the end).
 * True where nothing remains to be copied. An I/O error latches.
 */
bool db_checkpoint(struct db *db, bool all);

enum db_fault db_fault(const struct db *db);

/* The last failure in the engine's words: names of tables and columns, no values. For the log. "" before any. */
const char *db_failure(const struct db *db);

/* Latches a failure that the caller found: DB_CONFLICT or DB_BROKEN. */
void db_fail(struct db *db, enum db_state state, const char *why);

#endif
