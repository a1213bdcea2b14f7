/*
 * An alert's message put together from its facts: what is sent, what the counter's screen shows, what a person says on the
 * telephone. On whichever of the store's threads holds the transaction.
 */
#ifndef INSTALMENT_ALERT_COMPOSE_H
#define INSTALMENT_ALERT_COMPOSE_H

#include "fhir.h"
#include "store/outbox.h"

/* Who sends; texts "" or NULL: not given. */
struct alert_pharmacy {
    const char *name;
    const char *ods;
    const char *telephone;
    const char *address;
};

#define CORRELATION_SIZE 37

/* Once at start-up, before any thread; the catalogue must live as long as the program, the texts are copied. */
void alert_compose_init(const struct catalogue *catalogue, const struct alert_pharmacy *pharmacy);

/*
 * Fills a message from the facts, everything in the transaction's arena; sent now. False where there is no such alert,
 * memory is short or the store failed. X-Correlation-ID is one for each prescription: made from its id.
 */
bool alert_compose(struct tx *tx, const char *id, struct alert_message *out);

/* The bytes that are sent, in the arena. False where alert_compose or the rendering says no; *error as there. */
bool alert_compose_body(struct tx *tx, const char *id, struct outbox_body *out, const char **error);

/* Text for a reader, and the sentence for the telephone; NULL each where it cannot be made. */
void alert_compose_told(struct tx *tx, const char *id, const char **text, const char **say);

#endif
