/*
 * The daemon's own certificate and the settings of TLS: 1.2 and later, ephemeral keys, authenticated ciphers.
 */
#ifndef INSTALMENT_HTTP_TLS_H
#define INSTALMENT_HTTP_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>

/* "AB:CD:…" of SHA-256, and its NUL. */
#define TLS_FINGERPRINT_SIZE 96

/*
 * Makes a P-256 key (mode 0600) and a self-signed certificate for localhost, 127.0.0.1 and ::1, where one of the files
 * does not exist. False with *message (a constant sentence) where that fails; existing files are never written over.
 */
bool tls_make_certificate(const char *certificate, const char *key, const char **message);

/* The context that connections are made from. NULL with *message where the files do not fit. SSL_CTX_free it. */
SSL_CTX *tls_context(const char *certificate, const char *key, const char **message);

/* The SHA-256 fingerprint of the context's certificate, as people compare it. */
void tls_fingerprint(SSL_CTX *context, char out[TLS_FINGERPRINT_SIZE]);

#endif
