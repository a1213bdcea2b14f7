/*
 * Names of people, compared the way people do: for the search, and to warn of look-alikes (hazard H15). Pure.
 */
#ifndef INSTALMENT_DESK_NAMES_H
#define INSTALMENT_DESK_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "sys/arena.h"

/*
 * A name as it is searched: small letters, words with one blank between them, in the arena; "" where the name has
 * none, NULL where memory is short. Latin letters lose their accents ("José" and "Jose" are one, "Łukasz" and
 * "Lukasz"), apostrophes go, hyphens part words. Greek and Cyrillic capitals become small; every other script is left
 * as it was typed. `name` must be valid UTF-8; it needs no particular normal form.
 */
char *names_fold(struct arena *arena, const char *name);

/* May a name hold this text? False where it has control signs that turn the direction of writing or cannot be seen. */
bool names_printable(const char *name);

/*
 * Could the names of two people be taken for each other? Both folded; what follows a newline is passed over. True where
 * at most two letters were typed otherwise, also with the words in another order; and, for people of the same date of
 * birth, where one word is the same or nearly so.
 */
bool names_alike(const char *one, const char *other, bool same_birth);

#endif
