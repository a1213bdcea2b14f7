/* Patient safety cards: which there are, and who was given one. */
#ifndef INSTALMENT_DESK_CARD_H
#define INSTALMENT_DESK_CARD_H

#include "desk.h"
#include "render/card.h"
#include "store/card_given.h"

/* The cards are constant while the program runs; set once at start-up, before any thread. NULL: there are none. */
void desk_set_cards(const struct card_set *cards);
const struct card_set *desk_cards(void);

struct card_request {
    const char *patient;
    const char *card;     /* its code */
    const char *language; /* "en" */
    const char *form;     /* "normal", "large", "easy"; NULL: normal */
    const char *given_to; /* "patient", "representative", "other"; NULL: patient */
    bool talked_about;
    bool print; /* false: one that was printed before is handed over */
};

/* Records it and queues its printing; *id in the arena. DESK_NOT_FOUND, DESK_INVALID (no such card), DESK_FAILED. */
enum desk_result desk_card_give(struct tx *tx, const struct card_request *request, const char **id,
                                struct desk_problem *problem);

enum desk_result desk_card_given(struct tx *tx, const char *id, struct card_given_row *out);

/* Newest first, of one patient or (NULL) of all. DESK_OK or DESK_FAILED. */
enum desk_result desk_cards_given(struct tx *tx, const char *patient, int64_t before, int32_t limit,
                                  struct card_given_row **rows, size_t *count);

#endif
