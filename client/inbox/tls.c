#include "tls.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define TLS_VALID_SECONDS (3650L * 24 * 3600)

static bool tls_add_extension(X509 *certificate, int nid, const char *value) {
    X509V3_CTX context;
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, certificate, certificate, NULL, NULL, 0);
    X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, &context, nid, value);
    bool done = extension != NULL && X509_add_ext(certificate, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return done;
}

static bool tls_fill_certificate(X509 *certificate, EVP_PKEY *key) {
    uint64_t serial = 0;
    X509_NAME *name = X509_get_subject_name(certificate);
    return RAND_bytes((unsigned char *)&serial, sizeof serial) == 1 &&
           X509_set_version(certificate, X509_VERSION_3) == 1 &&
           ASN1_INTEGER_set_uint64(X509_get_serialNumber(certificate), serial >> 1) == 1 &&
           X509_gmtime_adj(X509_getm_notBefore(certificate), -24L * 3600) != NULL &&
           X509_gmtime_adj(X509_getm_notAfter(certificate), TLS_VALID_SECONDS) != NULL &&
           X509_set_pubkey(certificate, key) == 1 &&
           X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"instalment-inbox", -1,
                                      -1, 0) == 1 &&
           X509_set_issuer_name(certificate, name) == 1 &&
           tls_add_extension(certificate, NID_basic_constraints, "critical,CA:TRUE,pathlen:0") &&
           tls_add_extension(certificate, NID_key_usage, "critical,digitalSignature,keyCertSign") &&
           tls_add_extension(certificate, NID_ext_key_usage, "serverAuth") &&
           tls_add_extension(certificate, NID_subject_alt_name, "DNS:localhost,IP:127.0.0.1,IP:::1") &&
           tls_add_extension(certificate, NID_subject_key_identifier, "hash") &&
           X509_sign(certificate, key, EVP_sha256()) > 0;
}

/* A new file with a mode; NULL where it exists already or cannot be made. */
static FILE *tls_create(const char *path, mode_t mode) {
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, mode);
    if (fd < 0) {
        return NULL;
    }
    FILE *file = fdopen(fd, "w");
    if (file == NULL) {
        close(fd);
    }
    return file;
}

/* Closes what was written, synced. */
static bool tls_close(FILE *file, bool written) {
    written = written && fflush(file) == 0 && fsync(fileno(file)) == 0;
    return fclose(file) == 0 && written;
}

static bool tls_write(const char *certificate_path, const char *key_path, X509 *certificate, EVP_PKEY *key) {
    FILE *file = tls_create(key_path, 0600);
    if (file == NULL || !tls_close(file, PEM_write_PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1)) {
        return false;
    }
    file = tls_create(certificate_path, 0644);
    return file != NULL && tls_close(file, PEM_write_X509(file, certificate) == 1);
}

bool tls_make_certificate(const char *certificate_path, const char *key_path, const char **message) {
    bool has_key = access(key_path, F_OK) == 0;
    if (has_key && access(certificate_path, F_OK) == 0) {
        return true;
    }
    if (has_key || access(certificate_path, F_OK) == 0) {
        *message = "of the certificate and its key only one file is there";
        return false;
    }
    EVP_PKEY *key = EVP_EC_gen("P-256");
    X509 *certificate = X509_new();
    bool made = key != NULL && certificate != NULL && tls_fill_certificate(certificate, key);
    if (!made) {
        *message = "a certificate could not be made";
    } else if (!tls_write(certificate_path, key_path, certificate, key)) {
        made = false;
        *message = "the certificate or its key could not be written";
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
    return made;
}

/* Whose certificates are let in, and that one is asked for. */
static bool tls_ask_client(SSL_CTX *context, const char *client_ca) {
    STACK_OF(X509_NAME) *names = SSL_load_client_CA_file(client_ca);
    if (names == NULL || SSL_CTX_load_verify_locations(context, client_ca, NULL) != 1) {
        sk_X509_NAME_pop_free(names, X509_NAME_free);
        return false;
    }
    SSL_CTX_set_client_CA_list(context, names);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    return true;
}

SSL_CTX *tls_context(const char *certificate, const char *key, const char *client_ca, const char **message) {
    static const unsigned char session_id[] = "instalment-inbox";
    SSL_CTX *context = SSL_CTX_new(TLS_server_method());
    if (context == NULL) {
        *message = "TLS could not be set up";
        return NULL;
    }
    SSL_CTX_set_options(context, SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                     SSL_OP_CIPHER_SERVER_PREFERENCE | SSL_OP_IGNORE_UNEXPECTED_EOF);
    SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
    if (SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) != 1 ||
        SSL_CTX_set_cipher_list(context, "ECDHE+AESGCM:ECDHE+CHACHA20") != 1 ||
        SSL_CTX_set1_groups_list(context, "X25519:P-256:P-384") != 1 ||
        SSL_CTX_set_session_id_context(context, session_id, sizeof session_id - 1) != 1) {
        *message = "TLS could not be set up";
    } else if (SSL_CTX_use_certificate_chain_file(context, certificate) != 1 ||
               SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1 ||
               SSL_CTX_check_private_key(context) != 1) {
        *message = "the certificate and its key cannot be read, or do not belong together";
    } else if (client_ca != NULL && !tls_ask_client(context, client_ca)) {
        *message = "the authority of client certificates (client_ca) cannot be read";
    } else {
        return context;
    }
    ERR_clear_error();
    SSL_CTX_free(context);
    return NULL;
}
