/*
 * Memory that is given back all at once: everything decoded from one request or one line lives in an
 * arena and goes with it. Not safe for two threads at a time.
 */
#ifndef INSTALMENT_SYS_ARENA_H
#define INSTALMENT_SYS_ARENA_H

#include <stdbool.h>
#include <stddef.h>

struct arena;

/* A new arena, or NULL where memory is short. `limit` bounds what it may hold in all (bytes). */
struct arena *arena_new(size_t limit);

/* Frees *arena and everything taken from it, and sets it to NULL; NULL inside is allowed. */
void arena_free(struct arena **arena);

/*
 * Was anything ever refused since it was made or reset? Whoever acts on what lies in an arena asks this once, at the end:
 * a list that lacks a row for want of memory must not be taken for a short one.
 */
bool arena_failed(const struct arena *arena);

/* Forgets everything taken and a refusal, but keeps the memory for the next round. */
void arena_reset(struct arena *arena);

/* Zeroed memory for count objects of `size`, aligned for any type; NULL where memory or the limit is short. */
void *arena_take(struct arena *arena, size_t count, size_t size);

/* As arena_take for bytes that need not be zeroed. */
void *arena_take_raw(struct arena *arena, size_t size);

/* A copy with a final NUL; NULL where memory is short. */
char *arena_text(struct arena *arena, const char *text, size_t len);

#endif
