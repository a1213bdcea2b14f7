#include "terminal.h"

#include <string.h>

static enum desk_result desk_terminal_end(const struct tx *tx) {
    return db_state(tx->db) == DB_FINE ? DESK_OK : DESK_FAILED;
}

enum desk_result desk_terminal_code(struct tx *tx, const char **code, int64_t *expires_at) {
    *expires_at = tx->now.at + INT64_C(60) * TERMINAL_CODE_MINUTES;
    tx_audit(tx, "terminal code", NULL, NULL, NULL);
    *code = terminal_code_new(tx, *expires_at);
    return *code == NULL ? DESK_FAILED : desk_terminal_end(tx);
}

enum desk_result desk_terminal_enrol(struct tx *tx, const char *code, const char *name, const char **id,
                                     char token[TERMINAL_TOKEN_SIZE], struct desk_problem *problem) {
    unsigned char hash[TERMINAL_HASH_SIZE];
    if (!terminal_code_good(tx, code, hash)) {
        return db_state(tx->db) != DB_FINE ? DESK_FAILED
                                           : desk_no(problem, DESK_FORBIDDEN, "code_wrong",
                                                     "This code is not known, was used already or has run "
                                                     "out. Ask a manager for another.");
    }
    terminal_token(token);
    tx_audit(tx, "terminal enrolled", NULL, NULL, NULL);
    *id = terminal_enrol(tx, name, token, hash);
    return *id == NULL ? DESK_FAILED : desk_terminal_end(tx);
}

enum desk_result desk_terminal_enrol_demo(struct tx *tx, const char *name, const char *token) {
    struct terminal_row row;
    unsigned char hash[TERMINAL_HASH_SIZE];
    terminal_hash(token, hash);
    if (terminal_find(tx, hash, &row)) {
        return DESK_OK;
    }
    tx_audit(tx, "terminal enrolled", NULL, NULL, NULL);
    return terminal_enrol(tx, name, token, NULL) == NULL ? DESK_FAILED : desk_terminal_end(tx);
}

const char *desk_terminal_of(struct tx *tx, const unsigned char token_hash[TERMINAL_HASH_SIZE]) {
    struct terminal_row row;
    return terminal_find(tx, token_hash, &row) && !row.revoked ? row.id : NULL;
}

enum desk_result desk_terminal_all(struct tx *tx, struct terminal_row **rows, size_t *count) {
    *rows = terminal_all(tx, count);
    return desk_terminal_end(tx);
}

enum desk_result desk_terminal_revoke(struct tx *tx, const char *id, struct desk_problem *problem) {
    size_t count = 0;
    const struct terminal_row *rows = terminal_all(tx, &count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].id != NULL && strcmp(rows[i].id, id) == 0 && !rows[i].revoked) {
            tx_audit(tx, "terminal revoked", NULL, id, NULL);
            terminal_revoke(tx, id);
            return desk_terminal_end(tx);
        }
    }
    return db_state(tx->db) != DB_FINE
               ? DESK_FAILED
               : desk_no(problem, DESK_NOT_FOUND, "not_found", "There is no such terminal.");
}
