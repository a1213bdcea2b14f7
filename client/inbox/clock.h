/*
 * The only reader of clocks in the inbox. The wall clock stamps what is kept and judges the age of signatures; deadlines
 * and sessions go by the other one, which nobody can set.
 */
#ifndef INSTALMENT_INBOX_CLOCK_H
#define INSTALMENT_INBOX_CLOCK_H

#include <stdint.h>

/* "2026-11-23T17:31:00Z" and its NUL. */
#define CLOCK_TEXT_SIZE 24

/* Seconds since 1970 UTC. */
int64_t clock_now(void);
/* Milliseconds since some moment; never goes back, goes on while the machine sleeps. */
int64_t clock_elapsed_ms(void);
/* An instant as FHIR writes it; "" where it cannot be written. */
void clock_text(int64_t at, char out[CLOCK_TEXT_SIZE]);

#endif
