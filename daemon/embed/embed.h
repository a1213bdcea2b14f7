/*
 * Files that the programs carry inside them: the medicine catalogue, the bank holidays, the store's
 * migrations, the counter page. The Makefile turns each into an object of its own; only those that somebody
 * names are linked.
 */
#ifndef INSTALMENT_EMBED_H
#define INSTALMENT_EMBED_H

#include <stddef.h>

/*
 * Declares an embedded file: embed_NAME, its bytes (text may be read as a string: a NUL follows), and
 * embed_NAME_size, how many there are without that NUL. NAME is the path without "daemon/", with '_' for each
 * '/', '.' and '-': config/bank-holidays.conf is EMBED_DECLARE(config_bank_holidays_conf), and
 * daemon/store/migrations/0001-first.sql is EMBED_DECLARE(store_migrations_0001_first_sql).
 */
#define EMBED_DECLARE(name)           \
    extern const char embed_##name[]; \
    extern const size_t embed_##name##_size

#endif
