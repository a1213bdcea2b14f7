/*
 * Standard Webhooks 1.0: the secret of an endpoint and the signature of a message (alerts.md). Pure; any thread.
 */
#ifndef INSTALMENT_ALERT_WEBHOOK_H
#define INSTALMENT_ALERT_WEBHOOK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WEBHOOK_KEY_MIN 24
#define WEBHOOK_KEY_MAX 64
#define WEBHOOK_SECRETS_MAX 2
/* "v1," and 44 characters, twice, a space between, and the NUL. */
#define WEBHOOK_SIGNATURE_SIZE 96

struct webhook_secret {
    unsigned char key[WEBHOOK_KEY_MAX];
    size_t len;
};

/*
 * While a key is changed there are two: both sign. Whoever holds it wipes it.
 */
struct webhook_secrets {
    struct webhook_secret secret[WEBHOOK_SECRETS_MAX];
    size_t count;
};

/*
 * Reads "whsec_" and the base64 (with its padding) of 24 to 64 bytes; one, or two with a space between. False, and *out
 * wiped, on anything else.
 */
bool webhook_secrets_parse(const char *text, struct webhook_secrets *out);

/* Overwrites the keys. */
void webhook_secrets_wipe(struct webhook_secrets *secrets);

/*
 * The value of the header webhook-signature for this try: "v1,BASE64", HMAC-SHA256 over "id.timestamp.body", for each
 * secret. timestamp: seconds since 1970 of real time, as sent in webhook-timestamp. False where memory is short, or
 * there is no secret.
 */
bool webhook_sign(const struct webhook_secrets *secrets, const char *id, int64_t timestamp, const void *body,
                  size_t len, char out[WEBHOOK_SIGNATURE_SIZE]) __attribute__((warn_unused_result));

#endif
