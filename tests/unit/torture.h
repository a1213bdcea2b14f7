/*
 * Memory that runs out at one chosen allocation, and a count of what is still held. A test that includes
 * this carries the line
 *     link: -Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=free
 * as a comment of its own.
 */
#ifndef INSTALMENT_TESTS_TORTURE_H
#define INSTALMENT_TESTS_TORTURE_H

#include <stdbool.h>
#include <stddef.h>

static int torture_next;  /* allocations since torture_begin */
static int torture_fails; /* which of them fails, from 1; 0: none */
static int torture_held;  /* blocks allocated and not freed */

void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *block, size_t size);
void __real_free(void *block);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *block, size_t size);
void __wrap_free(void *block);

static inline void torture_begin(int fails) {
    torture_next = 0;
    torture_fails = fails;
    torture_held = 0;
}

/* Did the chosen allocation come? From here on none fails. */
static inline bool torture_end(void) {
    bool came = torture_next >= torture_fails;
    torture_fails = 0;
    return came;
}

static inline bool torture_refuses(void) {
    return ++torture_next == torture_fails;
}

static inline void *torture_got(void *block) {
    torture_held += block != NULL ? 1 : 0;
    return block;
}

void *__wrap_malloc(size_t size) {
    return torture_refuses() ? NULL : torture_got(__real_malloc(size));
}

void *__wrap_calloc(size_t count, size_t size) {
    return torture_refuses() ? NULL : torture_got(__real_calloc(count, size));
}

void *__wrap_realloc(void *block, size_t size) {
    if (torture_refuses())
        return NULL;
    return block != NULL ? __real_realloc(block, size) : torture_got(__real_realloc(block, size));
}

void __wrap_free(void *block) {
    torture_held -= block != NULL ? 1 : 0;
    __real_free(block);
}

#endif
