/* The canonical form of an entry, and its hash: docs/register.md. */
#include <openssl/evp.h>
#include <string.h>

#include "controlled_rows.h"

#define CANONICAL_MAX 65536
#define NUMBER_SIZE 24

/* name=value, a line each, absent ones left out; % and control characters as %XX. */
static void put_text(struct buffer *out, const char *name, const char *value) {
    if (value == NULL) {
        return;
    }
    buffer_text(out, name);
    const char *plain = value;
    const char *c = value;
    for (; *c != '\0'; c++) {
        if (*c == '%' || (unsigned char)*c < 0x20 || *c == 0x7f) {
            buffer_add(out, plain, (size_t)(c - plain));
            buffer_format(out, "%%%02X", (unsigned)(unsigned char)*c);
            plain = c + 1;
        }
    }
    buffer_add(out, plain, (size_t)(c - plain));
    buffer_char(out, '\n');
}

static void put_number(struct buffer *out, const char *name, int64_t value) {
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
    buffer_text(out, name);
    buffer_add(out, text + at, sizeof text - at);
}

static void put_said(struct buffer *out, const char *name, int32_t said) {
    if (said >= 0) {
        put_text(out, name, said == 1 ? "yes" : "no");
    }
}

void register_hex(const uint8_t hash[REGISTER_HASH_SIZE], char out[REGISTER_HEX_SIZE]) {
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < REGISTER_HASH_SIZE; i++) {
        out[i * 2] = digits[hash[i] >> 4];
        out[i * 2 + 1] = digits[hash[i] & 15];
    }
    out[REGISTER_HEX_SIZE - 1] = '\0';
}

void register_canonical(struct buffer *out, const struct register_row *row) {
    char day[DAY_TEXT_SIZE];
    char hex[REGISTER_HEX_SIZE];
    register_hex(row->previous, hex);
    day_format(row->on, day);
    buffer_add(out, hex, REGISTER_HEX_SIZE - 1);
    buffer_char(out, '\n');
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
    put_said(out, "identity_requested=", row->identity_requested);
    put_said(out, "identity_provided=", row->identity_provided);
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

bool register_hasher_open(struct register_hasher *hasher) {
    buffer_init(&hasher->text, CANONICAL_MAX);
    hasher->context = EVP_MD_CTX_new();
    hasher->algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
    return hasher->context != NULL && hasher->algorithm != NULL;
}

void register_hasher_close(struct register_hasher *hasher) {
    buffer_release(&hasher->text);
    EVP_MD_CTX_free(hasher->context);
    EVP_MD_free(hasher->algorithm);
}

bool register_hash(struct register_hasher *hasher, const struct register_row *row,
                   uint8_t out[REGISTER_HASH_SIZE]) {
    buffer_clear(&hasher->text);
    register_canonical(&hasher->text, row);
    return buffer_ok(&hasher->text) && EVP_DigestInit_ex2(hasher->context, hasher->algorithm, NULL) == 1 &&
           EVP_DigestUpdate(hasher->context, hasher->text.bytes, hasher->text.len) == 1 &&
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
