#include "id.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#define TEXT_DIGITS 26

/* Time in milliseconds, then 74 random bits: what is left beside UUID's version and variant. */
struct id {
    uint64_t ms;
    uint64_t high; /* 12 bits */
    uint64_t low;  /* 62 bits */
};

static const uint64_t HIGH_MAX = 0xFFF;
static const uint64_t LOW_MAX = 0x3FFFFFFFFFFFFFFF;

/* In the same millisecond: a random step further, so that order is kept and the next id cannot be guessed. */
static void step_further(struct id *id, uint64_t chance) {
    id->low += (chance >> 24) + 1;
    if (id->low > LOW_MAX) {
        id->low &= LOW_MAX;
        id->high++;
    }
    if (id->high > HIGH_MAX) {
        id->high = 0;
        id->ms++;
    }
}

/* The only state: the last id of this thread (in practice the writer's). */
static bool next_id(int64_t at, struct id *out) {
    static _Thread_local struct id last;
    uint64_t chance[2];
    if (getrandom(chance, sizeof chance, 0) != (ssize_t)sizeof chance) {
        return false;
    }
    uint64_t ms = at > 0 ? (uint64_t)at * 1000 : 0;
    if (ms > last.ms) {
        /* The first half of the room, so that steps within the same moment do not run over. */
        last = (struct id){.ms = ms, .high = chance[0] & (HIGH_MAX >> 1), .low = chance[1] & LOW_MAX};
    } else {
        step_further(&last, chance[0]);
    }
    *out = last;
    return true;
}

bool id_make(int64_t at, const char *prefix, char out[TX_ID_SIZE]) {
    static const char DIGITS[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    struct id id;
    assert(strlen(prefix) + 1 + TEXT_DIGITS < TX_ID_SIZE);
    if (!next_id(at, &id)) {
        return false;
    }
    uint64_t top = id.ms << 16 | UINT64_C(7) << 12 | id.high;
    uint64_t bottom = UINT64_C(2) << 62 | id.low;
    char text[TEXT_DIGITS + 1] = {0};
    for (int i = TEXT_DIGITS - 1; i >= 0; i--) {
        text[i] = DIGITS[bottom & 31];
        bottom = bottom >> 5 | top << 59;
        top >>= 5;
    }
    snprintf(out, TX_ID_SIZE, "%s-%s", prefix, text);
    return true;
}

bool id_make_uuid(int64_t at, char out[ID_UUID_SIZE]) {
    struct id id;
    if (!next_id(at, &id)) {
        return false;
    }
    snprintf(out, ID_UUID_SIZE, "%08x-%04x-7%03x-%04x-%04x%08x", (unsigned)(id.ms >> 16 & 0xFFFFFFFF),
             (unsigned)(id.ms & 0xFFFF), (unsigned)(id.high & 0xFFF), (unsigned)(0x8000 | id.low >> 48),
             (unsigned)(id.low >> 32 & 0xFFFF), (unsigned)(id.low & 0xFFFFFFFF));
    return true;
}
