/*
 * The driver seam: prepare, bind, step, transaction. SQLite today, PostgreSQL next; nothing above this header
 * knows which. Statements are constant texts in the subset that both understand, written once; no text is ever
 * built from data. A connection belongs to one thread.
 *
 * Errors latch: after the first failure every call does nothing and db_state says what happened, so that callers
 * check once, at the end of an operation.
 */
#ifndef INSTALMENT_STORE_DB_H
#define INSTALMENT_STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/day.h"

struct db;
struct statement;

enum db_state {
    DB_FINE,
    DB_CONFLICT, /* a unique or other constraint said no: the operation has not happened */
    DB_BROKEN    /* I/O error, no memory, damage: stop taking supplies, exit, reopen, check */
};

/*
 * Runs a constant SQL text: prepared once for the connection (by the text's address), reset, with no bindings.
 * Bind in order with the functions below, then step. Always returns a statement, also after a failure.
 */
struct statement *db_use(struct db *db, const char *sql);

void bind_int(struct statement *s, int64_t value);
void bind_text(struct statement *s,
               const char *text); /* NULL binds null; the text must live until the last step */
void bind_blob(struct statement *s, const void *bytes, size_t len);
void bind_null(struct statement *s);
void bind_day(struct statement *s, day_t day); /* DAY_NONE binds null */
void bind_bool(struct statement *s, bool value);

/* The next row: true where there is one. Columns are then read in order; texts live until the next step. */
bool statement_row(struct statement *s);
int64_t column_int(struct statement *s);      /* null reads as 0 */
const char *column_text(struct statement *s); /* NULL where null */
const void *column_blob(struct statement *s, size_t *len);
bool column_null(struct statement *s); /* looks at the next column without reading it */
day_t column_day(struct statement *s); /* DAY_NONE where null */
bool column_bool(struct statement *s);

/* Steps a statement that returns no rows, to its end. True where it was done. */
bool statement_run(struct statement *s);

enum db_state db_state(const struct db *db);

/*
 * Says that something was written that others wait for (the courier for alerts); the store tells them after the commit
 * (store_on_note). The second takes the note back: was there one?
 */
void db_note(struct db *db);
bool db_take_note(struct db *db);

/* Forgets a DB_CONFLICT once the savepoint around it was rolled back. A DB_BROKEN stays for ever. */
void db_recover(struct db *db);

#endif
