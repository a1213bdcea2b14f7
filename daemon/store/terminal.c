#include "terminal.h"

#include <sodium.h>
#include <string.h>

#define TERMINAL_COLUMNS                                                                                  \
    "SELECT t.id, t.name, a.at, c.staff, r.id IS NOT NULL FROM terminal t JOIN audit a ON a.seq = t.seq " \
    "LEFT JOIN terminal_code k ON k.code_hash = t.code_hash LEFT JOIN audit c ON c.seq = k.seq "          \
    "LEFT JOIN terminal_revoked r ON r.id = t.id "

/* Letters and digits that are not taken for each other. */
static const char code_letters[] = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

void terminal_hash(const char *secret, unsigned char out[TERMINAL_HASH_SIZE]) {
    crypto_generichash(out, TERMINAL_HASH_SIZE, (const unsigned char *)secret, strlen(secret), NULL, 0);
}

void terminal_token(char out[TERMINAL_TOKEN_SIZE]) {
    unsigned char bytes[32];
    randombytes_buf(bytes, sizeof bytes);
    sodium_bin2base64(out, TERMINAL_TOKEN_SIZE, bytes, sizeof bytes,
                      sodium_base64_VARIANT_URLSAFE_NO_PADDING);
    sodium_memzero(bytes, sizeof bytes);
}

/* The hash of a code as people type it: case, dashes and blanks do not count. */
static void terminal_code_hash(const char *code, unsigned char out[TERMINAL_HASH_SIZE]) {
    char plain[TERMINAL_CODE_SIZE] = {0};
    size_t len = 0;
    for (; *code != '\0'; code++) {
        char c = *code;
        if (c == '-' || c == ' ') {
            continue;
        }
        if (len + 1 >= sizeof plain) {
            len = 0; /* too long for any code */
            break;
        }
        plain[len++] = (char)(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    }
    plain[len] = '\0';
    terminal_hash(plain, out);
}

const char *terminal_code_new(struct tx *tx, int64_t expires_at) {
    char code[TERMINAL_CODE_SIZE] = "XXXX-XXXX-XX";
    for (size_t i = 0; code[i] != '\0'; i++) {
        if (code[i] == 'X') {
            code[i] = code_letters[randombytes_uniform(sizeof code_letters - 1)];
        }
    }
    unsigned char hash[TERMINAL_HASH_SIZE];
    terminal_code_hash(code, hash);
    struct statement *s =
        db_use(tx->db, "INSERT INTO terminal_code (code_hash, seq, expires_at) VALUES (?, ?, ?)");
    bind_blob(s, hash, sizeof hash);
    bind_int(s, tx->seq);
    bind_int(s, expires_at);
    statement_run(s);
    return tx_keep(tx, code);
}

bool terminal_code_good(struct tx *tx, const char *code, unsigned char hash[TERMINAL_HASH_SIZE]) {
    terminal_code_hash(code, hash);
    struct statement *s =
        db_use(tx->db, "SELECT 1 FROM terminal_code WHERE code_hash = ? AND expires_at >= ? "
                       "AND code_hash NOT IN (SELECT code_hash FROM terminal WHERE "
                       "code_hash IS NOT NULL)");
    bind_blob(s, hash, TERMINAL_HASH_SIZE);
    bind_int(s, tx->now.at);
    return statement_row(s);
}

const char *terminal_enrol(struct tx *tx, const char *name, const char *token,
                           const unsigned char code_hash[TERMINAL_HASH_SIZE]) {
    const char *id = tx_new_id(tx, "t");
    unsigned char hash[TERMINAL_HASH_SIZE];
    terminal_hash(token, hash);
    struct statement *s =
        db_use(tx->db, "INSERT INTO terminal (id, seq, name, token_hash, code_hash) VALUES (?, ?, ?, ?, ?)");
    bind_text(s, id);
    bind_int(s, tx->seq);
    bind_text(s, name);
    bind_blob(s, hash, sizeof hash);
    if (code_hash != NULL) {
        bind_blob(s, code_hash, TERMINAL_HASH_SIZE);
    } else {
        bind_null(s);
    }
    statement_run(s);
    return id;
}

static void terminal_read(struct tx *tx, struct statement *s, struct terminal_row *out) {
    out->id = tx_keep(tx, column_text(s));
    out->name = tx_keep(tx, column_text(s));
    out->enrolled_at = column_int(s);
    out->enrolled_by = tx_keep(tx, column_text(s));
    out->revoked = column_bool(s);
}

bool terminal_find(struct tx *tx, const unsigned char token_hash[TERMINAL_HASH_SIZE],
                   struct terminal_row *out) {
    struct statement *s = db_use(tx->db, TERMINAL_COLUMNS "WHERE t.token_hash = ?");
    bind_blob(s, token_hash, TERMINAL_HASH_SIZE);
    if (!statement_row(s)) {
        return false;
    }
    terminal_read(tx, s, out);
    return out->id != NULL;
}

struct terminal_row *terminal_all(struct tx *tx, size_t *count) {
    *count = 0;
    struct statement *s = db_use(tx->db, "SELECT count(*) FROM terminal");
    size_t room = statement_row(s) ? (size_t)column_int(s) : 0;
    struct terminal_row *rows = room > 0 ? arena_take(tx->arena, room, sizeof *rows) : NULL;
    if (rows == NULL) {
        return NULL;
    }
    s = db_use(tx->db, TERMINAL_COLUMNS "ORDER BY t.seq");
    while (*count < room && statement_row(s)) {
        terminal_read(tx, s, &rows[*count]);
        (*count)++;
    }
    return rows;
}

void terminal_revoke(struct tx *tx, const char *id) {
    struct statement *s = db_use(tx->db, "INSERT INTO terminal_revoked (id, seq) VALUES (?, ?)");
    bind_text(s, id);
    bind_int(s, tx->seq);
    statement_run(s);
}
