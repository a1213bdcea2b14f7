#include "webhook.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>
#include <string.h>

#define SHA256_BYTES 32
#define SHA256_BASE64 44
/* The base64 of WEBHOOK_KEY_MAX bytes. */
#define BASE64_MAX 88
/* "." and the digits of an int64_t, and the NUL. */
#define STAMP_SIZE 24

static const char prefix[] = "whsec_";

/* How many '=' the text ends with; 3 where it is no base64 of whole quads with correct padding. */
static size_t padding(const char *text, size_t len) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    size_t body = strspn(text, digits);
    return len % 4 == 0 && body <= len && len - body <= 2 && strspn(text + body, "=") >= len - body
               ? len - body
               : 3;
}

/* One secret of `len` characters. */
static bool parse_one(const char *text, size_t len, struct webhook_secret *out) {
    char base64[BASE64_MAX + 1] = "";
    unsigned char bytes[BASE64_MAX / 4 * 3] = {0};
    const size_t head = sizeof prefix - 1;
    if (len <= head || len - head > BASE64_MAX || memcmp(text, prefix, head) != 0) {
        return false;
    }
    memcpy(base64, text + head, len - head);
    size_t pad = padding(base64, len - head);
    int decoded = pad > 2 ? -1 : EVP_DecodeBlock(bytes, (const unsigned char *)base64, (int)(len - head));
    size_t key = decoded < 0 ? 0 : (size_t)decoded - pad;
    bool good = key >= WEBHOOK_KEY_MIN && key <= WEBHOOK_KEY_MAX;
    if (good) {
        memcpy(out->key, bytes, key);
        out->len = key;
    }
    OPENSSL_cleanse(base64, sizeof base64);
    OPENSSL_cleanse(bytes, sizeof bytes);
    return good;
}

bool webhook_secrets_parse(const char *text, struct webhook_secrets *out) {
    *out = (struct webhook_secrets){.count = 0};
    for (;;) {
        size_t len = strcspn(text, " ");
        if (out->count == WEBHOOK_SECRETS_MAX || !parse_one(text, len, &out->secret[out->count])) {
            webhook_secrets_wipe(out);
            return false;
        }
        out->count++;
        if (text[len] == '\0') {
            return true;
        }
        text += len + 1;
    }
}

void webhook_secrets_wipe(struct webhook_secrets *secrets) {
    OPENSSL_cleanse(secrets, sizeof *secrets);
}

/* HMAC-SHA256 of the three parts. */
static bool digest(const struct webhook_secret *secret, const char *id, const char *stamp, const void *body,
                   size_t len, unsigned char out[SHA256_BYTES]) {
    size_t made = 0;
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = mac == NULL ? NULL : EVP_MAC_CTX_new(mac);
    char name[] = "SHA256";
    const OSSL_PARAM how[] = {OSSL_PARAM_construct_utf8_string("digest", name, 0),
                              OSSL_PARAM_construct_end()};
    bool good = context != NULL && EVP_MAC_init(context, secret->key, secret->len, how) == 1 &&
                EVP_MAC_update(context, (const unsigned char *)id, strlen(id)) == 1 &&
                EVP_MAC_update(context, (const unsigned char *)stamp, strlen(stamp)) == 1 &&
                EVP_MAC_update(context, body, len) == 1 &&
                EVP_MAC_final(context, out, &made, SHA256_BYTES) == 1;
    EVP_MAC_CTX_free(context);
    EVP_MAC_free(mac);
    return good && made == SHA256_BYTES;
}

bool webhook_sign(const struct webhook_secrets *secrets, const char *id, int64_t timestamp, const void *body,
                  size_t len, char out[WEBHOOK_SIGNATURE_SIZE]) {
    char stamp[STAMP_SIZE];
    char *at = out;
    (void)snprintf(stamp, sizeof stamp, ".%lld.", (long long)timestamp);
    *at = '\0';
    for (size_t i = 0; i < secrets->count; i++) {
        unsigned char hash[SHA256_BYTES];
        if (!digest(&secrets->secret[i], id, stamp, body, len, hash)) {
            return false;
        }
        memcpy(at, i == 0 ? "v1," : " v1,", i == 0 ? 3 : 4);
        at += i == 0 ? 3 : 4;
        (void)EVP_EncodeBlock((unsigned char *)at, hash, sizeof hash);
        at += SHA256_BASE64;
    }
    return secrets->count > 0;
}
