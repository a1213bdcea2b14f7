/* Printers: what staff say of them, and the sign that shows whether one can print. */
#ifndef INSTALMENT_DESK_PRINTER_H
#define INSTALMENT_DESK_PRINTER_H

#include "desk.h"
#include "store/printer.h"

#define PRINTER_NAME_MAX 60
#define PRINTER_QUEUE_MAX 127
#define PRINTER_SERVER_MAX 200
/* Media, in hundredths of a millimetre. */
#define PRINTER_EDGE_MIN 2000
#define PRINTER_EDGE_MAX 45000

/* All of them, inactive ones too. DESK_OK or DESK_FAILED. */
enum desk_result desk_printers(struct tx *tx, struct printer_row **rows, size_t *count);

/* One. DESK_OK, DESK_NOT_FOUND or DESK_FAILED. */
enum desk_result desk_printer(struct tx *tx, const char *id, struct printer_row *out);

/*
 * Enters a printer (row->id NULL), or a new version of one. *id in the arena. The fallback must be another active
 * printer, and one server's queue stands only once. DESK_INVALID, DESK_NOT_FOUND, DESK_FAILED.
 */
enum desk_result desk_printer_set(struct tx *tx, const struct printer_row *row, const char **id,
                                  struct desk_problem *problem);

/* What the print layer found: "ready" or "trouble", with printer-state-reasons. True: it was another before, and is noted. */
bool desk_printer_light(struct tx *tx, const char *id, const char *light, const char *reasons);

#endif
