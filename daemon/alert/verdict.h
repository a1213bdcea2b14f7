/*
 * What an answer to a send or a poll means: the table of alerts.md, "States". Pure.
 */
#ifndef INSTALMENT_ALERT_VERDICT_H
#define INSTALMENT_ALERT_VERDICT_H

#include <stdbool.h>
#include <stddef.h>

#include "fhir.h"

/* How a transfer ended, curl's codes sorted by what they mean to us. */
enum transfer_end {
    TRANSFER_ANSWERED, /* a whole answer */
    TRANSFER_CONNECT,  /* no name, no connection */
    TRANSFER_TLS,      /* their certificate, or the handshake */
    TRANSFER_TIMEOUT,
    TRANSFER_CUT,          /* the answer ended before its end, or is too long */
    TRANSFER_CONFIGURATION /* ours: the address, a CA that cannot be read, a client certificate that is not there */
};

enum send_result {
    SEND_ACCEPTED,
    SEND_UNCONFIRMED, /* 409 twice */
    SEND_RETRY,
    SEND_REFUSED, /* the service's configuration or ours is wrong */
    SEND_GONE     /* 410: the endpoint is switched off */
};

/* "accepted", "unconfirmed", "retry", "refused", "gone". */
const char *send_result_text(enum send_result result);

struct send_verdict {
    enum send_result result;
    const char *error; /* class, a constant word; NULL: none */
    bool conflict;     /* a first 409: once more after a minute */
    struct alert_answer answer;
};

/*
 * id: the alert's. status, body: of the answer, where there is one. conflict_before: the attempt before was answered 409.
 */
void verdict_of(const char *id, enum transfer_end end, long status, const char *body, size_t len,
                bool conflict_before, struct send_verdict *out);

#endif
