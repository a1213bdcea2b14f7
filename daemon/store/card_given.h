/* Safety cards that patients were given, as facts. Read as of tx->as_of, in the transaction's arena. */
#ifndef INSTALMENT_STORE_CARD_GIVEN_H
#define INSTALMENT_STORE_CARD_GIVEN_H

#include "tx.h"

struct card_given_row {
    const char *id;
    int64_t seq; /* reading; and so at, by */
    int64_t at;
    const char *by; /* sign-in name */
    const char *patient;
    const char *card; /* its code, as in config/cards */
    const char *version;
    const char *language;
    const char *form;     /* "normal", "large", "easy" */
    const char *given_to; /* "patient", "representative", "other" */
    bool talked_about;
    const char *job; /* the print job; NULL: handed over from a stock of printed ones */
};

/* Appends under tx->seq. */
void card_given_append(struct tx *tx, const struct card_given_row *row);

/* False where there is none, or the store failed (tx->db says which). */
bool card_given_find(struct tx *tx, const char *id, struct card_given_row *out);

/* Newest first, of one patient (NULL: of all), given before a seq (TX_NOW: from the newest). False where memory is short or
 * the store failed. */
bool card_given_page(struct tx *tx, const char *patient, int64_t before, int32_t limit,
                     struct card_given_row **rows, size_t *count);

#endif
