/* Texts that people typed, made fit for a message that others read. Pure. */
#ifndef INSTALMENT_ALERT_CLEAN_H
#define INSTALMENT_ALERT_CLEAN_H

#include <stdbool.h>
#include <stddef.h>

#include "sys/arena.h"

/*
 * A cleaned copy in the arena. What is not UTF-8 becomes U+FFFD; control characters, non-characters, byte order marks and
 * overrides of direction go; every kind of space becomes a space, and several become one; the ends are trimmed. lines: line
 * ends stay, as "\n"; else they become spaces. More than `limit` bytes are cut at a whole character, with an ellipsis behind.
 * NULL: nothing is left, or text was NULL, or memory is short (arena_failed tells).
 */
const char *clean_text(struct arena *arena, const char *text, size_t limit, bool lines);

/*
 * The text with every occurrence of `secret` written as "[...]": letter case of a to z and spaces inside do not matter. In
 * the arena, or the text itself where there is nothing to hide (either may be NULL). NULL where memory is short.
 */
const char *clean_hide(struct arena *arena, const char *text, const char *secret);

#endif
