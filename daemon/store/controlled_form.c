/* The canonical form of an entry, and its hash: docs/register.md. */
#include <openssl/evp.h>
#include <string.h>

#include "controlled_rows.h"

#define CANONICAL_MAX 32768
#define NUMBER_SIZE 24

/* Writes forward into memory of a fixed size; `at` NULL: it did not fit. */
struct writer {
    char *at;
    char *end;
};

static void put_bytes(struct writer *out, const char *bytes, size_t len) {
    if (out->at == NULL || (size_t)(out->end - out->at) < len) {
        out->at = NULL;
        return;
    }
    memcpy(out->at, bytes, len);
    out->at += len;
}

static bool is_escaped(unsigned char c) {
    return c == '%' || c < 0x20 || c == 0x7f;
}

static void put_escaped(struct writer *out, unsigned char c) {
    static const char digits[] = "0123456789ABCDEF";
    const char text[] = {'%', digits[c >> 4], digits[c & 15]};
    put_bytes(out, text, sizeof text);
}

/* name=value, a line each, absent ones left out; % and control characters as %XX. */
static void put_text_of(struct writer *out, const char *name, size_t name_len, const char *value) {
    if (value == NULL) {
        return;
    }
    put_bytes(out, name, name_len);
    for (const char *plain = value; *plain != '\0';) {
        size_t len = 0;
        while (plain[len] != '\0' && !is_escaped((unsigned char)plain[len])) {
            len++;
        }
        put_bytes(out, plain, len);
        plain += len;
        if (*plain != '\0') {
            put_escaped(out, (unsigned char)*plain++);
        }
    }
    put_bytes(out, "\n", 1);
}

static void put_number_of(struct writer *out, const char *name, size_t name_len, int64_t value) {
    char text[NUMBER_SIZE];
    size_t at = sizeof text;
    uint64_t rest = value < 0 ? 0 - (uint64_t)value : (uint64_t)value;
    text[--at] = '\n';
    do {
        text[--at] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    if (value < 0) {
        text[--at] = '-';
    }
    put_bytes(out, name, name_len);
    put_bytes(out, text + at, sizeof text - at);
}

#define put_text(out, name, value) put_text_of(out, name, sizeof(name) - 1, value)
#define put_number(out, name, value) put_number_of(out, name, sizeof(name) - 1, value)

static const char *said_text(int32_t said) {
    return said < 0 ? NULL : said == 1 ? "yes" : "no";
}

void register_hex(const uint8_t hash[REGISTER_HASH_SIZE], char out[REGISTER_HEX_SIZE]) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < REGISTER_HASH_SIZE; i++) {
        out[i * 2] = digits[hash[i] >> 4];
        out[i * 2 + 1] = digits[hash[i] & 15];
    }
    out[REGISTER_HEX_SIZE - 1] = '\0';
}

static void put_row(struct writer *out, const struct register_row *row) {
    char day[DAY_TEXT_SIZE];
    char hex[REGISTER_HEX_SIZE];
    register_hex(row->previous, hex);
    day_format(row->on, day);
    hex[REGISTER_HEX_SIZE - 1] = '\n';
    put_bytes(out, hex, REGISTER_HEX_SIZE);
    put_text(out, "section=", row->section);
    put_number(out, "number=", row->number);
    put_text(out, "kind=", row->kind);
    put_text(out, "on=", day);
    put_number(out, "entered_at=", row->entered_at);
    put_number(out, "quantity_thousandths=", row->quantity);
    put_number(out, "balance_thousandths=", row->balance);
    put_text(out, "supply=", row->supply);
    if (row->corrects != 0) {
        put_number(out, "corrects=", row->corrects);
    }
    put_text(out, "person_name=", row->person_name);
    put_text(out, "person_address=", row->person_address);
    put_text(out, "authority=", row->authority);
    put_text(out, "collector_role=", row->collector_role);
    put_text(out, "collector_name=", row->collector_name);
    put_text(out, "collector_address=", row->collector_address);
    put_text(out, "identity_requested=", said_text(row->identity_requested));
    put_text(out, "identity_provided=", said_text(row->identity_provided));
    put_text(out, "by=", row->by_staff);
    put_text(out, "note=", row->note);
    put_text(out, "reason=", row->reason);
    put_text(out, "witness=", row->witness);
    put_text(out, "authorised_by=", row->authorised_by);
    put_text(out, "reference=", row->reference);
    put_text(out, "packs=", row->packs);
    if (row->counted != QUANTITY_NONE) {
        put_number(out, "counted_thousandths=", row->counted);
    }
}

void register_canonical(struct buffer *out, const struct register_row *row) {
    char text[CANONICAL_MAX];
    struct writer writer = {.at = text, .end = text + sizeof text};
    put_row(&writer, row);
    if (writer.at == NULL) {
        out->failed = true;
    } else {
        buffer_add(out, text, (size_t)(writer.at - text));
    }
}

bool register_hasher_open(struct register_hasher *hasher) {
    hasher->context = EVP_MD_CTX_new();
    hasher->algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
    return hasher->context != NULL && hasher->algorithm != NULL;
}

void register_hasher_close(struct register_hasher *hasher) {
    EVP_MD_CTX_free(hasher->context);
    EVP_MD_free(hasher->algorithm);
}

bool register_hash(struct register_hasher *hasher, const struct register_row *row,
                   uint8_t out[REGISTER_HASH_SIZE]) {
    char text[CANONICAL_MAX];
    struct writer writer = {.at = text, .end = text + sizeof text};
    put_row(&writer, row);
    return writer.at != NULL && EVP_DigestInit_ex2(hasher->context, hasher->algorithm, NULL) == 1 &&
           EVP_DigestUpdate(hasher->context, text, (size_t)(writer.at - text)) == 1 &&
           EVP_DigestFinal_ex(hasher->context, out, NULL) == 1;
}

/* ---- columns ---- */

static void hash_copy(struct statement *s, uint8_t out[REGISTER_HASH_SIZE]) {
    size_t len = 0;
    const void *bytes = column_blob(s, &len);
    memset(out, 0, REGISTER_HASH_SIZE);
    if (bytes != NULL && len == REGISTER_HASH_SIZE) {
        memcpy(out, bytes, len);
    }
}

static const char *text_read(struct tx *keep, struct statement *s) {
    const char *text = column_text(s);
    return keep == NULL ? text : tx_keep(keep, text);
}

static int32_t said_read(struct statement *s) {
    bool not_said = column_null(s);
    int64_t said = column_int(s);
    return not_said ? -1 : (int32_t)said;
}

void register_row_read(struct tx *keep, struct statement *s, struct register_row *row) {
    row->section = text_read(keep, s);
    row->number = column_int(s);
    row->kind = text_read(keep, s);
    row->on = column_day(s);
    row->entered_at = column_int(s);
    row->quantity = column_int(s);
    row->balance = column_int(s);
    row->supply = text_read(keep, s);
    row->corrects = column_int(s);
    row->person_name = text_read(keep, s);
    row->person_address = text_read(keep, s);
    row->authority = text_read(keep, s);
    row->collector_role = text_read(keep, s);
    row->collector_name = text_read(keep, s);
    row->collector_address = text_read(keep, s);
    row->identity_requested = said_read(s);
    row->identity_provided = said_read(s);
    row->by_staff = text_read(keep, s);
    row->note = text_read(keep, s);
    row->reason = text_read(keep, s);
    row->witness = text_read(keep, s);
    row->authorised_by = text_read(keep, s);
    row->reference = text_read(keep, s);
    row->packs = text_read(keep, s);
    bool counted = !column_null(s);
    row->counted = column_int(s);
    row->counted = counted ? row->counted : QUANTITY_NONE;
    hash_copy(s, row->previous);
    hash_copy(s, row->hash);
}
