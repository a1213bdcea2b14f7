/*
 * New ids: 128 bits in the layout of UUID version 7, a time in front and chance behind, each larger than the one
 * that the same thread made before. As opaque text with a prefix, or in the form of a UUID.
 */
#ifndef INSTALMENT_STORE_ID_H
#define INSTALMENT_STORE_ID_H

#include <stdbool.h>
#include <stdint.h>

#include "tx.h"

/* "0192f3c1-7d2e-7a10-8e44-9f1d6c0b2a35" and its NUL. */
#define ID_UUID_SIZE 37

/* `at` is seconds since 1970 UTC; the prefix at most TX_ID_SIZE - 28 letters. False where there is no chance to be had. */
bool id_make(int64_t at, const char *prefix, char out[TX_ID_SIZE]);
bool id_make_uuid(int64_t at, char out[ID_UUID_SIZE]);

#endif
