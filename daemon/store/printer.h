/*
 * Printers, as facts: versions of what staff keep about one, the newest counts; and the sign that shows whether it can
 * print. Read as of tx->as_of, in the transaction's arena.
 */
#ifndef INSTALMENT_STORE_PRINTER_H
#define INSTALMENT_STORE_PRINTER_H

#include "tx.h"

struct printer_row {
    const char *id;
    int64_t seq; /* reading: of the version */
    const char *name;
    const char *server; /* "host:port" or a socket's path; NULL: the machine's own */
    const char *queue;
    const char *kind; /* "label", "a4", "card" */
    int32_t width;    /* of its media, hundredths of a millimetre */
    int32_t height;
    const char *fallback; /* id of the printer that takes over; NULL: none */
    bool active;
    const char *light;   /* reading: "ready", "trouble"; NULL: not asked yet */
    const char *reasons; /* reading: printer-state-reasons with commas; NULL: not asked yet */
    int64_t light_at;    /* reading: since when; 0: not asked yet */
};

/* All printers by id, inactive ones too. False where memory is short or the store failed. */
bool printer_all(struct tx *tx, struct printer_row **rows, size_t *count);

/* The newest version. False where there is none, or the store failed (tx->db says which). */
bool printer_find(struct tx *tx, const char *id, struct printer_row *out);

/* Append under tx->seq: a version; what its sign shows from now on. */
void printer_append(struct tx *tx, const struct printer_row *row);
void printer_light_append(struct tx *tx, const char *printer, const char *light, const char *reasons);

#endif
