/* Whose signature a request carries. */
#ifndef INSTALMENT_INBOX_PHARMACY_H
#define INSTALMENT_INBOX_PHARMACY_H

#include "call.h"

/*
 * The pharmacy one of whose secrets signed headers and body, as Standard Webhooks says. NULL with *out; or a sentence
 * why there is none. Every secret is tried, so that the time taken does not tell which one fits.
 */
const char *pharmacy_of(const struct call *call, const struct config_pharmacy **out);
/* Does the request carry any part of a signature? */
bool pharmacy_is_signed(const struct call *call);
/* By its name in the configuration; NULL: not there any more. */
const struct config_pharmacy *pharmacy_by_id(const struct config *config, const char *id);

#endif
