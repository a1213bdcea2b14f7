/*
 * A pharmacy's message: the FHIR R4 Bundle of alerts.md, read and checked, and what the page and a poll say of it.
 */
#ifndef INSTALMENT_INBOX_MESSAGE_H
#define INSTALMENT_INBOX_MESSAGE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#define ALERT_SYSTEM "urn:instalmentd:alert"
#define ALERT_EVENT_SYSTEM "urn:instalmentd:alert-event"
#define ODS_SYSTEM "https://fhir.nhs.uk/Id/ods-organization-code"

/* All texts lie in `root`; NULL where the message does not say. */
struct message {
    cJSON *root;
    const char *id;       /* Bundle.id */
    const char *alert;    /* Task.identifier */
    const char *kind;     /* the event's code */
    const char *text;     /* the whole message for a reader */
    const char *sent;     /* Communication.sent */
    const char *due;      /* Task.restriction.period.end */
    const char *corrects; /* the alert that this one corrects */
    bool urgent;
    const cJSON *pharmacy; /* the sender's Organization */
    const char *pharmacy_ods;
};

enum message_result {
    MESSAGE_GOOD,
    MESSAGE_NOT_JSON, /* 400 */
    MESSAGE_NOT_ONE   /* 422: JSON, but no such message */
};

/* Reads and checks the bytes. Not GOOD: *error is a constant sentence, and there is nothing to free. */
enum message_result message_read(const char *bytes, size_t len, struct message *out, const char **error);
void message_free(struct message *message);

/*
 * Adds to `view` what a keyworker needs to see, as plain members: kind, urgent, text, sent, due, corrects, pharmacy,
 * patient, product, missed, signs. False: no memory.
 */
bool message_view(const struct message *message, cJSON *view);

#endif
