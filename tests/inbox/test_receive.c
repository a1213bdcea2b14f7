/* Messages through the real program: who is let in, what is kept, what is answered. */
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "peer.h"

#define OTHER "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

static struct peer *peer;

static int setup(void **state) {
    (void)state;
    peer = peer_start(NULL);
    return 0;
}

static int teardown(void **state) {
    (void)state;
    peer_stop(&peer);
    return 0;
}

static void test_accepted(void **state) {
    (void)state;
    char id[PEER_ID], want[PEER_TEXT];
    peer_id(id);
    char *body = peer_message("missed_pickup", id, NULL);
    struct peer_answer answer = peer_post(peer, id, body, NULL);
    peer_expect(peer, &answer, 200);
    assert_non_null(strcasestr(answer.head, "Content-Type: application/fhir+json"));
    snprintf(want, sizeof want, "Location: https://127.0.0.1:%d/fhir/Task/%s", peer->port, id);
    assert_non_null(strstr(answer.head, want));
    assert_string_equal(peer_text(&answer, "type"), "message");
    assert_string_equal(peer_text(&answer, "entry.0.resource.response.code"), "ok");
    assert_string_equal(peer_text(&answer, "entry.0.resource.response.identifier"), id);
    assert_string_equal(peer_text(&answer, "entry.1.resource.identifier.0.value"), id);
    assert_string_equal(peer_text(&answer, "entry.1.resource.status"), "requested");
    /* Again, and once more later: the same bytes, one message. */
    for (int i = 0; i < 2; i++) {
        struct peer_answer again = peer_post(peer, id, body, NULL);
        peer_expect(peer, &again, 200);
        assert_string_equal(again.text, answer.text);
        peer_done(&again);
    }
    assert_int_equal(peer_count(peer, "SELECT count(*) FROM message"), 1);
    peer_done(&answer);
    free(body);
}

static void test_same_id_other_bytes(void **state) {
    (void)state;
    char id[PEER_ID], other[PEER_ID];
    peer_send(peer, "missed_pickup", id);
    char *body = peer_message("supply_on_hold", id, NULL);
    struct peer_answer answer = peer_post(peer, id, body, NULL);
    peer_expect(peer, &answer, 409);
    assert_string_equal(peer_text(&answer, "resourceType"), "OperationOutcome");
    peer_done(&answer);
    free(body);
    /* The same alert under another id of its message. */
    peer_id(other);
    body = peer_message("missed_pickup", other, NULL);
    char *at = strstr(body, "\"urn:instalmentd:alert\"");
    memcpy(strstr(at, other), id, strlen(id));
    answer = peer_post(peer, other, body, NULL);
    peer_expect(peer, &answer, 409);
    peer_done(&answer);
    free(body);
}

static void refuse_signed(struct peer_signed mark, const char *body, int leave_out) {
    const char *headers[5] = {"Content-Type: application/fhir+json"};
    const char *lines[] = {mark.id, mark.timestamp, mark.signature};
    size_t count = 1;
    for (int i = 0; i < 3; i++) {
        if (i != leave_out) {
            headers[count++] = lines[i];
        }
    }
    struct peer_answer answer =
        peer_request(peer, "POST", "/fhir/$process-message", headers, body, strlen(body));
    peer_expect(peer, &answer, 401);
    peer_done(&answer);
}

static void test_signature(void **state) {
    (void)state;
    char id[PEER_ID];
    long before = peer_count(peer, "SELECT count(*) FROM message");
    peer_id(id);
    char *body = peer_message("missed_pickup", id, NULL);
    struct peer_signed good = peer_sign(peer->secret, id, body, strlen(body), 0);
    for (int i = 0; i < 3; i++) {
        refuse_signed(good, body, i);
    }
    refuse_signed(peer_sign(OTHER, id, body, strlen(body), 0), body, -1);
    refuse_signed(peer_sign(peer->secret, id, body, strlen(body) - 1, 0), body, -1);
    refuse_signed(peer_sign(peer->secret, id, body, strlen(body), 320), body, -1);
    refuse_signed(peer_sign(peer->secret, id, body, strlen(body), -320), body, -1);
    struct peer_signed mixed = peer_sign(peer->secret, id, body, strlen(body), 60);
    memcpy(mixed.timestamp, good.timestamp, sizeof mixed.timestamp);
    refuse_signed(mixed, body, -1);
    assert_int_equal(peer_count(peer, "SELECT count(*) FROM message"), before);
    free(body);
}

/* body, one header line more; the status that must come, and nothing kept. */
static void refused(const char *body, size_t len, const char *type, const char *more, int status) {
    char id[PEER_ID] = "019383d0-0000-7000-8000-00000000000f";
    long before = peer_count(peer, "SELECT count(*) FROM message");
    struct peer_signed mark = peer_sign(peer->secret, id, body, len, 0);
    const char *headers[] = {type, mark.id, mark.timestamp, mark.signature, more, NULL};
    struct peer_answer answer = peer_request(peer, "POST", "/fhir/$process-message", headers, body, len);
    peer_expect(peer, &answer, status);
    if (status != 413) {
        assert_string_equal(
            peer_text(&answer, "resourceType"),
            status == 400 && more != NULL && strncmp(more, "Host", 4) == 0 ? "" : "OperationOutcome");
    }
    peer_done(&answer);
    assert_int_equal(peer_count(peer, "SELECT count(*) FROM message"), before);
}

static void test_malformed(void **state) {
    (void)state;
    static const char fhir[] = "Content-Type: application/fhir+json";
    char *good = peer_message("missed_pickup", "019383d0-0000-7000-8000-00000000000f", NULL);
    char *other = peer_message("missed_pickup", "019383d0-0000-7000-8000-0000000000ff", NULL);
    refused("", 0, fhir, NULL, 400);
    refused("{\"a\":\"\xff\"}", 9, fhir, NULL, 400);
    refused("{\"a\":1} x", 9, fhir, NULL, 400);
    refused("{\"resourceType\":\"Patient\"}", 26, fhir, NULL, 422);
    refused(good, strlen(good), "Content-Type: application/json", NULL, 415);
    refused(good, strlen(good), "X-Nothing: at all", NULL, 415);
    refused(good, strlen(good), "Content-Type: application/fhir+json; fhirVersion=5.0", NULL, 415);
    refused(good, strlen(good), fhir, "Idempotency-Key: other", 400);
    refused(good, strlen(good), fhir, "X-Request-ID: other", 400);
    refused(other, strlen(other), fhir, NULL, 400);
    refused(good, strlen(good), fhir, "Host: another", 400);
    free(good);
    free(other);
}

/* Ten megabytes are not read: the answer comes with the head. */
static void test_too_large(void **state) {
    (void)state;
    static const char head[] =
        "POST /fhir/$process-message HTTP/1.1\r\nHost: x\r\nContent-Length: 10485760\r\n\r\n";
    SSL *tls = peer_connect(peer);
    assert_non_null(tls);
    assert_int_equal(SSL_write(tls, head, sizeof head - 1), sizeof head - 1);
    struct peer_answer answer = peer_receive(tls);
    peer_expect(peer, &answer, 413);
    peer_done(&answer);
    peer_disconnect(&tls);
    char *big = malloc(900000);
    assert_non_null(big);
    memset(big, ' ', 900000);
    refused(big, 900000, "Content-Type: application/fhir+json", NULL, 400);
    free(big);
}

static void test_other_paths(void **state) {
    (void)state;
    static const struct {
        const char *method, *path;
        int status;
    } rows[] = {
        {"GET", "/fhir/$process-message", 405},
        {"POST", "/fhir/Task", 405},
        {"GET", "/fhir", 404},
        {"GET", "/fhir/metadata", 404},
        {"GET", "/fhir/../api", 404},
        {"GET", "/nothing", 404},
        {"POST", "/", 405},
        {"GET", "/fhir/Task", 400},
        {"GET", "/fhir/Task?status=x", 400},
        {"GET", "/fhir/Task?identifier=1", 400},
        {"DELETE", "/fhir/Task/1", 405},
        {"GET", "/inbox.db", 404},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct peer_answer answer = peer_request(peer, rows[i].method, rows[i].path, NULL, NULL, 0);
        peer_expect(peer, &answer, rows[i].status);
        peer_done(&answer);
    }
}

static void test_poll(void **state) {
    (void)state;
    char id[PEER_ID], status[40], path[PEER_TEXT];
    peer_send(peer, "missed_pickup", id);
    peer_poll(peer, id, status, sizeof status);
    assert_string_equal(status, "requested");
    struct peer_person sam = peer_sign_in(peer, 0);
    struct peer_answer answer =
        peer_act(peer, &sam, id, "{\"status\":\"accepted\",\"note\":\"I ring \\\"them\\\" now\",\"seen\":0}");
    peer_expect(peer, &answer, 201);
    peer_done(&answer);
    snprintf(path, sizeof path, "/fhir/Task/%s", id);
    answer = peer_get(peer, path, NULL);
    peer_expect(peer, &answer, 200);
    assert_string_equal(peer_text(&answer, "resourceType"), "Task");
    assert_string_equal(peer_text(&answer, "status"), "accepted");
    assert_string_equal(peer_text(&answer, "owner.display"), "Sam Taylor");
    assert_string_equal(peer_text(&answer, "note.0.text"), "I ring \"them\" now");
    assert_null(strstr(answer.text, "C-4711")); /* no patient data */
    peer_done(&answer);
    answer = peer_get(
        peer, "/fhir/Task?identifier=urn:instalmentd:alert|019383d0-0000-7000-8000-0000000000aa", NULL);
    peer_expect(peer, &answer, 200);
    assert_string_equal(peer_text(&answer, "type"), "searchset");
    assert_null(strstr(answer.text, "entry"));
    peer_done(&answer);
    answer = peer_get(peer, "/fhir/Task/019383d0-0000-7000-8000-0000000000aa", NULL);
    peer_expect(peer, &answer, 404);
    peer_done(&answer);
}

/* Whoever asks for what is not there again and again must wait; the others go on. */
static void test_poll_guesses(void **state) {
    (void)state;
    int slowed = 0;
    for (int i = 0; i < 64; i++) {
        struct peer_answer answer = peer_get(peer, "/fhir/Task/019383d0-0000-7000-8000-0000000000ab", NULL);
        slowed += answer.status == 429 ? 1 : 0;
        peer_done(&answer);
    }
    assert_true(slowed > 0);
    char id[PEER_ID];
    peer_send(peer, "missed_pickup", id);
}

/* ---- with a configuration */

static void write_secret(const struct peer *one, const char *name, const char *text) {
    char path[PEER_TEXT + 40];
    snprintf(path, sizeof path, "%s/data/%s", one->folder, name);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

#define FIRST "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
#define SECOND "whsec_BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBA="

static int post_status(struct peer *one, const char *secret, const char *id, const char *name) {
    snprintf(one->secret, sizeof one->secret, "%s", secret);
    char *body = peer_message(name, id, NULL);
    struct peer_answer answer = peer_post(one, id, body, NULL);
    int status = answer.status;
    peer_done(&answer);
    free(body);
    return status;
}

static void test_pharmacies(void **state) {
    (void)state;
    static const char config[] =
        "polls = signed # as we like it\n"
        "pharmacy \"greenway\" {\n  ods = \"FX123\"\n  secret = \"greenway.secret\"\n}\n"
        "pharmacy \"other\" {\n  ods = \"FX999\"\n  secret = \"other.secret\"\n}\n";
    char id[PEER_ID], path[PEER_TEXT];
    struct peer *one = peer_start(NULL);
    peer_end(one);
    peer_config(one, config);
    write_secret(one, "greenway.secret", FIRST "\n" SECOND "\n");
    write_secret(one, "other.secret", OTHER "\n");
    peer_start_again(one);
    peer_id(id);
    assert_int_equal(post_status(one, OTHER, id, "missed_pickup"), 403); /* says that it is greenway */
    assert_int_equal(post_status(one, SECOND, id, "missed_pickup"), 200);
    peer_id(id);
    assert_int_equal(post_status(one, FIRST, id, "missed_pickup"), 200);
    /* Polls are signed here, and each pharmacy sees its own. */
    snprintf(path, sizeof path, "/fhir/Task/%s", id);
    const struct {
        const char *secret;
        long late;
        int status;
    } rows[] = {{FIRST, 0, 200}, {SECOND, 0, 200}, {OTHER, 0, 404}, {FIRST, 400, 401}, {NULL, 0, 401}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct peer_signed mark =
            peer_sign(rows[i].secret == NULL ? FIRST : rows[i].secret, "poll-1", "", 0, rows[i].late);
        const char *headers[] = {mark.id, mark.timestamp, mark.signature, NULL};
        struct peer_answer answer = peer_get(one, path, rows[i].secret == NULL ? NULL : headers);
        peer_expect(one, &answer, rows[i].status);
        peer_done(&answer);
    }
    peer_stop(&one);
}

/* A key and a self-signed certificate for clients, in PEM files. */
static void make_certificate(const char *certificate, const char *key) {
    EVP_PKEY *pair = EVP_EC_gen("P-256");
    X509 *x509 = X509_new();
    FILE *file = fopen(key, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_PrivateKey(file, pair, NULL, NULL, 0, NULL, NULL), 1);
    fclose(file);
    X509_set_version(x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(x509), 7);
    X509_gmtime_adj(X509_getm_notBefore(x509), -3600);
    X509_gmtime_adj(X509_getm_notAfter(x509), 3600);
    X509_set_pubkey(x509, pair);
    X509_NAME *name = X509_get_subject_name(x509);
    X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, (const unsigned char *)"Greenway", -1, -1, 0);
    X509_set_issuer_name(x509, name);
    assert_true(X509_sign(x509, pair, EVP_sha256()) > 0);
    file = fopen(certificate, "w");
    assert_non_null(file);
    assert_int_equal(PEM_write_X509(file, x509), 1);
    fclose(file);
    X509_free(x509);
    EVP_PKEY_free(pair);
}

static void test_client_certificate(void **state) {
    (void)state;
    char id[PEER_ID], secret[PEER_TEXT], key[PEER_TEXT + 40], certificate[PEER_TEXT + 40],
        other[PEER_TEXT + 40];
    struct peer *one = peer_start(NULL);
    snprintf(secret, sizeof secret, "%s", one->secret);
    peer_end(one);
    snprintf(certificate, sizeof certificate, "%s/data/client.pem", one->folder);
    snprintf(key, sizeof key, "%s/client-key.pem", one->folder);
    make_certificate(certificate, key);
    peer_config(one, "client_ca = \"client.pem\"\nclient_certificates = required\n");
    peer_start_again(one);
    peer_id(id);
    assert_int_equal(post_status(one, secret, id, "missed_pickup"), 401); /* none shown */
    struct peer_answer answer = peer_get(one, "/", NULL);                 /* the page needs none */
    peer_expect(one, &answer, 200);
    peer_done(&answer);
    assert_int_equal(SSL_CTX_use_PrivateKey_file(one->tls, key, SSL_FILETYPE_PEM), 1);
    assert_int_equal(SSL_CTX_use_certificate_file(one->tls, certificate, SSL_FILETYPE_PEM), 1);
    assert_int_equal(post_status(one, secret, id, "missed_pickup"), 200);
    /* One that nobody here has signed ends the connection. */
    snprintf(other, sizeof other, "%s/other.pem", one->folder);
    make_certificate(other, key);
    assert_int_equal(SSL_CTX_use_certificate_file(one->tls, other, SSL_FILETYPE_PEM), 1);
    assert_int_equal(SSL_CTX_use_PrivateKey_file(one->tls, key, SSL_FILETYPE_PEM), 1);
    SSL *tls = peer_connect(one);
    answer = peer_receive(tls);
    assert_int_equal(answer.status, 0);
    peer_done(&answer);
    peer_disconnect(&tls);
    peer_stop(&one);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_accepted),   cmocka_unit_test(test_same_id_other_bytes),
        cmocka_unit_test(test_signature),  cmocka_unit_test(test_malformed),
        cmocka_unit_test(test_too_large),  cmocka_unit_test(test_other_paths),
        cmocka_unit_test(test_poll),       cmocka_unit_test(test_poll_guesses),
        cmocka_unit_test(test_pharmacies), cmocka_unit_test(test_client_certificate),
    };
    return cmocka_run_group_tests_name("receive", tests, setup, teardown);
}
