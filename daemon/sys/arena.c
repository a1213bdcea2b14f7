#include "arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_BLOCK 65536

struct block {
    struct block *next;
    size_t room;
    size_t used;
    alignas(max_align_t) unsigned char bytes[];
};

struct arena {
    struct block *first;
    struct block *current;
    size_t held;
    size_t limit;
    bool failed;
};

struct arena *arena_new(size_t limit) {
    struct arena *arena = calloc(1, sizeof *arena);
    if (arena != NULL) {
        arena->limit = limit;
    }
    return arena;
}

void arena_free(struct arena **arena) {
    if (*arena == NULL) {
        return;
    }
    struct block *block = (*arena)->first;
    while (block != NULL) {
        struct block *next = block->next;
        free(block);
        block = next;
    }
    free(*arena);
    *arena = NULL;
}

void arena_reset(struct arena *arena) {
    for (struct block *block = arena->first; block != NULL; block = block->next) {
        block->used = 0;
    }
    arena->current = arena->first;
    arena->failed = false;
}

bool arena_failed(const struct arena *arena) {
    return arena->failed;
}

/* Moves on to a block with room for `size`, an old one or a new one at the end. */
static struct block *arena_block(struct arena *arena, size_t size) {
    struct block *last = arena->current;
    while (last != NULL && last->next != NULL) {
        last = last->next;
        if (last->room - last->used >= size) {
            arena->current = last;
            return last;
        }
    }
    size_t room = size > ARENA_BLOCK ? size : ARENA_BLOCK;
    if (room > arena->limit - arena->held) {
        return NULL;
    }
    struct block *block = malloc(sizeof *block + room);
    if (block == NULL) {
        return NULL;
    }
    *block = (struct block){.room = room};
    if (last == NULL) {
        arena->first = block;
    } else {
        last->next = block;
    }
    arena->held += room;
    arena->current = block;
    return block;
}

void *arena_take_raw(struct arena *arena, size_t size) {
    const size_t align = alignof(max_align_t);
    if (size > arena->limit) {
        arena->failed = true;
        return NULL;
    }
    size = (size + align - 1) / align * align;
    struct block *block = arena->current;
    if (block == NULL || block->room - block->used < size) {
        block = arena_block(arena, size);
        if (block == NULL) {
            arena->failed = true;
            return NULL;
        }
    }
    void *taken = block->bytes + block->used;
    block->used += size;
    return taken;
}

void *arena_take(struct arena *arena, size_t count, size_t size) {
    size_t bytes = 0;
    if (__builtin_mul_overflow(count, size, &bytes)) {
        arena->failed = true;
        return NULL;
    }
    void *taken = arena_take_raw(arena, bytes);
    return taken == NULL ? NULL : memset(taken, 0, bytes);
}

char *arena_text(struct arena *arena, const char *text, size_t len) {
    char *copy = arena_take_raw(arena, len + 1);
    if (copy != NULL) {
        memcpy(copy, text, len);
        copy[len] = '\0';
    }
    return copy;
}
