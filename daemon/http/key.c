/*
 * The digest of a body for its idempotency key: keyed BLAKE2b over a canonical form of the decoded tree (members
 * sorted by name, numbers by value, every text with its length), so that neither blanks nor the order of members count.
 * PINs are left out: typing a PIN anew is not another request.
 */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "parts.h"

#define KEY_MEMBERS_MAX JSON_MEMBERS_MAX

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

static void key_value(crypto_generichash_state *state, const cJSON *value, bool top);

static bool key_left_out(const cJSON *member, bool body) {
    return cJSON_IsNull(member) || (body && strcmp(member->string, "pin") == 0);
}

/* Depth and the count of members are bounded by json_read. */
static void key_object(crypto_generichash_state *state, const cJSON *object, bool with_pin) {
    const cJSON *members[KEY_MEMBERS_MAX];
    size_t count = 0;
    for (const cJSON *one = object->child; one != NULL && count < KEY_MEMBERS_MAX; one = one->next) {
        if (!key_left_out(one, with_pin)) {
            members[count++] = one;
        }
    }
    if (count > 0) {
        qsort(members, count, sizeof members[0], key_compare);
    }
    key_text(state, '{', "");
    for (size_t i = 0; i < count; i++) {
        key_text(state, 'm', members[i]->string);
        key_value(state, members[i], strcmp(members[i]->string, "second") == 0);
    }
    key_text(state, '}', "");
}

/* pins: a member `pin` of this object is one. */
static void key_value(crypto_generichash_state *state, const cJSON *value, bool pins) {
    if (cJSON_IsObject(value)) {
        key_object(state, value, pins);
    } else if (cJSON_IsArray(value)) {
        key_text(state, '[', "");
        for (const cJSON *one = value->child; one != NULL; one = one->next) {
            key_value(state, one, false);
        }
        key_text(state, ']', "");
    } else if (cJSON_IsString(value)) {
        key_text(state, 's', value->valuestring);
    } else if (cJSON_IsNumber(value)) {
        key_text(state, 'n', "");
        crypto_generichash_update(state, (const unsigned char *)&value->valuedouble,
                                  sizeof value->valuedouble);
    } else {
        key_text(state, 'b', cJSON_IsTrue(value) ? "true" : cJSON_IsFalse(value) ? "false" : "null");
    }
}

bool key_digest(const cJSON *body, const char *route, const unsigned char key[32], unsigned char out[32]) {
    crypto_generichash_state state;
    if (crypto_generichash_init(&state, key, 32, 32) != 0) {
        return false;
    }
    key_text(&state, 'r', route);
    if (body != NULL) {
        key_value(&state, body, true);
    }
    return crypto_generichash_final(&state, out, 32) == 0;
}
