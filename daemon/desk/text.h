/* Short texts that use cases put together: what makes an alert unique, lists of codes. */
#ifndef INSTALMENT_DESK_TEXT_H
#define INSTALMENT_DESK_TEXT_H

#include "store/tx.h"

#define DESK_TEXT_MAX 512

/* Formats into the transaction's arena; at most DESK_TEXT_MAX bytes, NULL where it is longer or memory is short. */
const char *desk_text(struct tx *tx, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
