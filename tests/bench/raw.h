/* SQLite by hand, with nothing around it: the rows of one supply, the same settings, the same group commit. */
#ifndef INSTALMENT_BENCH_RAW_H
#define INSTALMENT_BENCH_RAW_H

#include <stddef.h>

#include "load.h"

/*
 * Writes today's supply of `count` patients from `first` of a filled database, `group` in a commit, and fills in how long
 * each one's commit took (only ms of requests). Returns the seconds in all.
 */
double raw_run(const char *database, size_t first, struct load_request *times, size_t count, size_t group);

#endif
