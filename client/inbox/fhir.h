/*
 * What the inbox says in FHIR R4: the answer to a message, the Task that polls ask for, OperationOutcome.
 */
#ifndef INSTALMENT_INBOX_FHIR_H
#define INSTALMENT_INBOX_FHIR_H

#include <cjson/cJSON.h>

#include "store.h"

#define FHIR_TYPE "application/fhir+json; fhirVersion=4.0"
#define FHIR_ID_SIZE 37 /* a UUID and its NUL */

/* A new random UUID. */
void fhir_id(char out[FHIR_ID_SIZE]);

/* "ok" to a message: as text, to be freed; the same for the same row. url: the public one. NULL: no memory. */
char *fhir_accepted(const struct store_message *row, const char *kind, const char *url);

/* The Task of a message with everything that keyworkers did. NULL: no memory, or the store failed. */
cJSON *fhir_task(struct store *store, const struct store_message *row);

/* A searchset with this Task; task NULL: with none. The task is taken over. */
char *fhir_found(cJSON *task, const char *id, const char *url);

/* An OperationOutcome with one error. */
char *fhir_outcome(const char *code, const char *sentence);

#endif
