/*
 * Brings a database file to this program's schema, or says why not. Migrations are numbered, embedded, and each is
 * one transaction; user_version is the number of the last one. application_id says whose file it is, and whether a
 * demonstration's or a pharmacy's.
 */
#ifndef INSTALMENT_STORE_MIGRATE_H
#define INSTALMENT_STORE_MIGRATE_H

#include "db_sqlite.h"
#include "store.h"

/*
 * Checks whose file it is, migrates it, and checks the schema and the recent part. `logged`: the file takes a
 * write-ahead log (a database in memory does not). STORE_OPEN, or the error with *message: a constant sentence.
 */
enum store_open_error migrate(struct db *db, bool demo, bool logged, const char **message);

#endif
