/* Civil days, as texts of the interface and as numbers to count with. No clock is asked. */
#ifndef INSTALMENT_CLI_DAYS_H
#define INSTALMENT_CLI_DAYS_H

#include <stdbool.h>
#include <stddef.h>

#define DAYS_TEXT_SIZE 11

/* The number of "2026-11-23": days after 1970-01-01. False where it is no day from 1800 to 9999. */
bool days_number(const char *text, int *number);
/* The other way round. */
void days_text(int number, char out[DAYS_TEXT_SIZE]);
/* Monday is 0. */
int days_weekday(int number);
/*
 * A day as people write it: 2026-11-23, 23/11/2026, 23.11.2026, 23-11-2026, 23 Nov 2026, 23 November 2026; "today" where
 * one is given (NULL: not). A year has four digits: whose century would it be? False where it is none of these.
 */
bool days_said(const char *said, const char *today, char out[DAYS_TEXT_SIZE]);
/* "23 Nov" of a number; borrowed until the fourth call after it. */
const char *days_short(int number);

#endif
