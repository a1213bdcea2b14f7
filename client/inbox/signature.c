#include "signature.h"

#include <sodium.h>
#include <string.h>

#include "number.h"

#define ID_MAX 64
#define SIGNATURES_MAX 8 /* in one header; what comes after them is not looked at */

bool secret_parse(const char *text, size_t len, struct secret *out) {
    static const char prefix[] = "whsec_";
    const size_t before = sizeof prefix - 1;
    return len > before && memcmp(text, prefix, before) == 0 &&
           sodium_base642bin(out->bytes, sizeof out->bytes, text + before, len - before, NULL, &out->len,
                             NULL, sodium_base64_VARIANT_ORIGINAL) == 0 &&
           out->len >= SECRET_BYTES_MIN;
}

static bool id_is_plain(const char *id) {
    size_t len = strlen(id);
    return len > 0 && len <= ID_MAX &&
           strspn(id, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-") == len;
}

enum signature_result signature_time(const struct signature *signature, int64_t now) {
    int64_t at = 0;
    if (signature->id == NULL || signature->timestamp == NULL || signature->signatures == NULL) {
        return SIGNATURE_MISSING;
    }
    if (!id_is_plain(signature->id) || !number_parse(signature->timestamp, 0, INT64_C(1) << 40, &at)) {
        return SIGNATURE_MALFORMED;
    }
    return at - now > SIGNATURE_TOLERANCE_SECONDS || now - at > SIGNATURE_TOLERANCE_SECONDS ? SIGNATURE_OLD
                                                                                            : SIGNATURE_GOOD;
}

static void mac_of(const struct signature *signature, const struct secret *secret, const void *body,
                   size_t len, unsigned char out[crypto_auth_hmacsha256_BYTES]) {
    crypto_auth_hmacsha256_state state;
    crypto_auth_hmacsha256_init(&state, secret->bytes, secret->len);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)signature->id, strlen(signature->id));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)".", 1);
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)signature->timestamp,
                                  strlen(signature->timestamp));
    crypto_auth_hmacsha256_update(&state, (const unsigned char *)".", 1);
    crypto_auth_hmacsha256_update(&state, body, len);
    crypto_auth_hmacsha256_final(&state, out);
    sodium_memzero(&state, sizeof state);
}

bool signature_fits(const struct signature *signature, const struct secret *secret, const void *body,
                    size_t len) {
    unsigned char want[crypto_auth_hmacsha256_BYTES];
    unsigned char have[crypto_auth_hmacsha256_BYTES];
    const char *at = signature->signatures;
    bool fits = false;
    mac_of(signature, secret, body, len, want);
    for (size_t i = 0; i < SIGNATURES_MAX && *at != '\0'; i++) {
        size_t size = strcspn(at, " ");
        size_t got = 0;
        if (size > 3 && memcmp(at, "v1,", 3) == 0 &&
            sodium_base642bin(have, sizeof have, at + 3, size - 3, NULL, &got, NULL,
                              sodium_base64_VARIANT_ORIGINAL) == 0 &&
            got == sizeof have) {
            fits = (sodium_memcmp(want, have, sizeof want) == 0) | fits;
        }
        at += size;
        at += strspn(at, " ");
    }
    sodium_memzero(want, sizeof want);
    return fits;
}
