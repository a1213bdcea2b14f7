/* TLS 1.2 and later with ephemeral keys and authenticated ciphers, and the certificate of a demonstration. */
#ifndef INSTALMENT_INBOX_TLS_H
#define INSTALMENT_INBOX_TLS_H

#include <openssl/ssl.h>
#include <stdbool.h>

/*
 * Makes a P-256 key (mode 0600) and a self-signed certificate for localhost, 127.0.0.1 and ::1, where neither file is
 * there. False with *message (a constant sentence); existing files are never written over.
 */
bool tls_make_certificate(const char *certificate, const char *key, const char **message);

/*
 * The context that connections are made from. client_ca NULL: no certificate is asked for; otherwise one is asked for,
 * and one that does not verify ends the connection. NULL with *message. SSL_CTX_free it.
 */
SSL_CTX *tls_context(const char *certificate, const char *key, const char *client_ca, const char **message);

#endif
