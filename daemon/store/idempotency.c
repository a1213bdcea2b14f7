#include "idempotency.h"

#include <sodium.h>
#include <string.h>

bool idempotency_find(struct tx *tx, const char *key, struct idempotency_row *out) {
    struct statement *s = db_use(
        tx->db, "SELECT i.seq, i.route, i.body_digest, i.status, i.subject, a.staff, a.at FROM idempotency i "
                "JOIN audit a ON a.seq = i.seq WHERE i.key = ?");
    bind_text(s, key);
    if (!statement_row(s)) {
        return false;
    }
    out->seq = column_int(s);
    out->route = tx_keep(tx, column_text(s));
    size_t len = 0;
    const void *digest = column_blob(s, &len);
    memset(out->digest, 0, sizeof out->digest);
    if (digest != NULL && len == sizeof out->digest) {
        memcpy(out->digest, digest, len);
    }
    out->status = (int)column_int(s);
    out->subject = tx_keep(tx, column_text(s));
    out->staff = tx_keep(tx, column_text(s));
    out->at = column_int(s);
    return true;
}

void idempotency_bind(struct tx *tx, const char *key, const struct idempotency_row *row) {
    struct statement *s = db_use(
        tx->db,
        "INSERT INTO idempotency (key, seq, route, body_digest, status, subject) VALUES (?, ?, ?, ?, ?, ?)");
    bind_text(s, key);
    bind_int(s, tx->seq);
    bind_text(s, row->route);
    bind_blob(s, row->digest, sizeof row->digest);
    bind_int(s, row->status);
    bind_text(s, row->subject);
    statement_run(s);
}

bool idempotency_digest_key(struct tx *tx, unsigned char out[IDEMPOTENCY_DIGEST_SIZE]) {
    const char *text = tx_setting(tx, "body_digest_key");
    size_t len = 0;
    if (text != NULL) {
        return sodium_hex2bin(out, IDEMPOTENCY_DIGEST_SIZE, text, strlen(text), NULL, &len, NULL) == 0 &&
               len == IDEMPOTENCY_DIGEST_SIZE;
    }
    if (db_state(tx->db) != DB_FINE) {
        return false;
    }
    char made[2 * IDEMPOTENCY_DIGEST_SIZE + 1];
    randombytes_buf(out, IDEMPOTENCY_DIGEST_SIZE);
    sodium_bin2hex(made, sizeof made, out, IDEMPOTENCY_DIGEST_SIZE);
    tx_set_setting(tx, "body_digest_key", tx_keep(tx, made));
    return db_state(tx->db) == DB_FINE;
}
