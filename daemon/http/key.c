/*
 * The digest of a body for its idempotency key: keyed BLAKE2b over a canonical form of the decoded tree (members
 * sorted by name, numbers by value, every text with its length), so that neither blanks nor the order of members count.
 * PINs are left out: typing a PIN anew is not another request.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "parts.h"

static void key_text(crypto_generichash_state *state, char kind, const char *text) {
    size_t len = strlen(text);
    crypto_generichash_update(state, (const unsigned char *)&kind, 1);
    crypto_generichash_update(state, (const unsigned char *)&len, sizeof len);
    crypto_generichash_update(state, (const unsigned char *)text, len);
}

static int key_compare(const void *a, const void *b) {
    const cJSON *const *one = a;
    const cJSON *const *other = b;
    return strcmp((*one)->string, (*other)->string);
}

/* One object or array that is being written: what is left of it. */
struct key_level {
    const cJSON *members[JSON_MEMBERS_MAX]; /* of an object, sorted */
    size_t count, at;
    const cJSON *next; /* of an array */
    bool object;
};

/* The members that count, sorted. `pins`: one called `pin` is one. */
static void key_open(struct key_level *level, const cJSON *value, bool pins) {
    level->object = cJSON_IsObject(value) != 0;
    level->next = value->child;
    level->count = level->at = 0;
    for (const cJSON *one = value->child; level->object && one != NULL && level->count < JSON_MEMBERS_MAX;
         one = one->next) {
        if (!cJSON_IsNull(one) && !(pins && strcmp(one->string, "pin") == 0)) {
            level->members[level->count++] = one;
        }
    }
    if (level->count > 0) {
        qsort(level->members, level->count, sizeof level->members[0], key_compare);
    }
}

/* The next value of a level, its name written; NULL at the end. */
static const cJSON *key_next(crypto_generichash_state *state, struct key_level *level) {
    if (level->object) {
        const cJSON *member = level->at < level->count ? level->members[level->at++] : NULL;
        if (member != NULL) {
            key_text(state, 'm', member->string);
        }
        return member;
    }
    const cJSON *value = level->next;
    level->next = value == NULL ? NULL : value->next;
    return value;
}

static void key_plain(crypto_generichash_state *state, const cJSON *value) {
    if (cJSON_IsString(value)) {
        key_text(state, 's', value->valuestring);
    } else if (cJSON_IsNumber(value)) {
        key_text(state, 'n', "");
        crypto_generichash_update(state, (const unsigned char *)&value->valuedouble,
                                  sizeof value->valuedouble);
    } else {
        key_text(state, 'b', cJSON_IsTrue(value) ? "true" : cJSON_IsFalse(value) ? "false" : "null");
    }
}

/* Depth and the count of members are bounded by json_read. */
static void key_tree(crypto_generichash_state *state, struct key_level *levels, const cJSON *body) {
    size_t depth = 1;
    key_open(&levels[0], body, true);
    while (depth > 0) {
        const cJSON *value = key_next(state, &levels[depth - 1]);
        if (value == NULL) {
            key_text(state, '.', "");
            depth--;
        } else if ((cJSON_IsObject(value) || cJSON_IsArray(value)) && depth < JSON_DEPTH_MAX) {
            bool second = depth == 1 && strcmp(value->string, "second") == 0;
            key_text(state, cJSON_IsObject(value) ? '{' : '[', "");
            key_open(&levels[depth++], value, second);
        } else {
            key_plain(state, value);
        }
    }
}

bool key_digest(const cJSON *body, const char *route, const unsigned char key[32], unsigned char out[32]) {
    crypto_generichash_state state;
    struct key_level *levels = calloc(JSON_DEPTH_MAX, sizeof *levels);
    if (levels == NULL || crypto_generichash_init(&state, key, 32, 32) != 0) {
        free(levels);
        return false;
    }
    key_text(&state, 'r', route);
    if (body != NULL) {
        key_tree(&state, levels, body);
    }
    free(levels);
    return crypto_generichash_final(&state, out, 32) == 0;
}
