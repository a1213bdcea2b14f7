/*
 * Terminals: enrolled once with a manager's code, revoked for ever (design.md, "Durability, integrity, security").
 */
#ifndef INSTALMENT_DESK_TERMINAL_H
#define INSTALMENT_DESK_TERMINAL_H

#include "desk.h"
#include "store/terminal.h"

#define TERMINAL_NAME_MAX 60
#define TERMINAL_CODE_MINUTES 15

/* Makes a code, good for one enrolment. DESK_OK or DESK_FAILED; the code is in the arena. */
enum desk_result desk_terminal_code(struct tx *tx, const char **code, int64_t *expires_at);

/*
 * Enrols a terminal with a code. `token` is its own from now on; only its hash is kept. DESK_FORBIDDEN "code_wrong":
 * unknown, used or expired.
 */
enum desk_result desk_terminal_enrol(struct tx *tx, const char *code, const char *name, const char **id,
                                     char token[TERMINAL_TOKEN_SIZE], struct desk_problem *problem);

/*
 * Enrols the demonstration's own terminal with a token that main made (terminal_token). DESK_OK or DESK_FAILED. A token
 * that is known already is left as it is, so that a second start goes on.
 */
enum desk_result desk_terminal_enrol_demo(struct tx *tx, const char *name, const char *token);

/* The id of a token's terminal, if it may still be used; NULL otherwise. In the arena. */
const char *desk_terminal_of(struct tx *tx, const unsigned char token_hash[TERMINAL_HASH_SIZE]);

/* All, the revoked ones too. DESK_OK or DESK_FAILED. */
enum desk_result desk_terminal_all(struct tx *tx, struct terminal_row **rows, size_t *count);

/* DESK_NOT_FOUND where there is none, or it was revoked before. */
enum desk_result desk_terminal_revoke(struct tx *tx, const char *id, struct desk_problem *problem);

#endif
