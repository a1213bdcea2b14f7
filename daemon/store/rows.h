/* Lists of rows that grow in the transaction's arena while a statement is read. */
#ifndef INSTALMENT_STORE_ROWS_H
#define INSTALMENT_STORE_ROWS_H

#include <stddef.h>
#include <string.h>

#include "tx.h"

/* Room at first: most lists of a patient are short, and a list of the day has thousands of patients. */
#define ROWS_FIRST 2

/*
 * An array of `count` rows of `size` bytes with zeroed room for one more: the same array, or a bigger copy. NULL where
 * memory is short. `rows` must be NULL at first, and be grown by nothing else.
 */
static inline void *rows_room(struct tx *tx, void *rows, size_t count, size_t size) {
    if (count != 0 && (count < ROWS_FIRST || (count & (count - 1)) != 0))
        return rows; /* there is room up to the next power of two */
    void *bigger = arena_take(tx->arena, count < ROWS_FIRST ? ROWS_FIRST : count * 2, size);
    if (bigger != NULL && rows != NULL)
        memcpy(bigger, rows, count * size);
    return bigger;
}

/* The days of a statement that has one column, to its end. False where memory is short: *out stays as it was. */
static inline bool rows_days(struct tx *tx, struct statement *s, struct day_list *out) {
    day_t *days = NULL;
    size_t count = 0;
    while (statement_row(s)) {
        days = rows_room(tx, days, count, sizeof *days);
        if (days == NULL)
            return false;
        days[count++] = column_day(s);
    }
    *out = (struct day_list){.days = days, .count = count};
    return true;
}

#endif
