/*
 * Standard Webhooks 1.0, version 1: HMAC-SHA256 over "id.timestamp.body" with a shared secret.
 */
#ifndef INSTALMENT_INBOX_SIGNATURE_H
#define INSTALMENT_INBOX_SIGNATURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SECRET_BYTES_MIN 24
#define SECRET_BYTES_MAX 64
#define SIGNATURE_TOLERANCE_SECONDS 300

struct secret {
    unsigned char bytes[SECRET_BYTES_MAX];
    size_t len;
};

/* "whsec_" and the base64 of 24 to 64 bytes, `len` characters. False where it is anything else. */
bool secret_parse(const char *text, size_t len, struct secret *out);

enum signature_result {
    SIGNATURE_GOOD,
    SIGNATURE_MISSING,   /* one of the three headers is not there (NULL) */
    SIGNATURE_MALFORMED, /* id or timestamp are not what they should be */
    SIGNATURE_OLD,       /* more than SIGNATURE_TOLERANCE_SECONDS away from now, in either direction */
    SIGNATURE_WRONG
};

/* The three headers, as they came; NULL: absent. */
struct signature {
    const char *id;
    const char *timestamp;
    const char *signatures; /* "v1,BASE64 v1,BASE64 ..."; other versions are passed over */
};

/* Is the signed moment given, well written and near enough to now? GOOD, MISSING, MALFORMED or OLD. */
enum signature_result signature_time(const struct signature *signature, int64_t now);

/*
 * Does one of the signatures fit the secret? The time taken depends on the lengths alone. The headers have passed
 * signature_time.
 */
bool signature_fits(const struct signature *signature, const struct secret *secret, const void *body,
                    size_t len);

#endif
