/* The cards that the program carries: every file of config/cards. */
#ifndef INSTALMENT_RENDER_CARD_TABLE_H
#define INSTALMENT_RENDER_CARD_TABLE_H

#include "card.h"

#define CARD_TABLE_MAX 100

/* Fills in their names and texts, which live as long as the program; returns how many there are. */
size_t card_table(struct card_source sources[CARD_TABLE_MAX]);

#endif
