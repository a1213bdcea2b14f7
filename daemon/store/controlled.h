/*
 * The controlled drugs register (rules.md, section 7): one section for each product, entries numbered and chained by their
 * hashes. An entry is appended in the transaction of the fact behind it and never changed.
 *
 * The canonical form that is hashed stands in docs/register.md, so that a person can check it with sha256sum.
 */
#ifndef INSTALMENT_STORE_CONTROLLED_H
#define INSTALMENT_STORE_CONTROLLED_H

#include "core/quantity.h"
#include "sys/buffer.h"
#include "tx.h"

#define REGISTER_HASH_SIZE 32
/* A hash as text, with its NUL. */
#define REGISTER_HEX_SIZE 65

struct register_row {
    const char *section; /* the product's code */
    int64_t number;      /* filled by register_append */
    const char *kind;    /* "supplied", "reversed", "received", "adjusted", "destroyed", "note", "check" */
    day_t on;
    int64_t entered_at;
    quantity_t quantity; /* signed: out is negative */
    quantity_t balance;  /* filled by register_append; may be below zero (C4) */
    const char *supply;
    int64_t corrects; /* 0: nothing */
    const char *person_name;
    const char *person_address;
    const char *authority;
    const char *collector_role;
    const char *collector_name;
    const char *collector_address;
    int32_t identity_requested; /* -1: not asked (C1: stored as asked, no default) */
    int32_t identity_provided;
    const char *by_staff;
    const char *note;
    const char *reason;                   /* adjusted: "overage", ... */
    const char *witness;                  /* sign-in name of the second person; NULL: none was needed */
    const char *authorised_by;            /* C7: the authorised witness, name and capacity */
    const char *reference;                /* invoice, requisition, sheet */
    const char *packs;                    /* "2 x 500 AB12 2027-05-31; ..." */
    quantity_t counted;                   /* check: what was found; QUANTITY_NONE otherwise */
    uint8_t previous[REGISTER_HASH_SIZE]; /* filled by register_append */
    uint8_t hash[REGISTER_HASH_SIZE];     /* filled by register_append */
};

/* What an entry begins with: nothing asked, nothing counted. */
#define REGISTER_ROW_NONE .identity_requested = -1, .identity_provided = -1, .counted = QUANTITY_NONE

/* Appends under tx->seq: takes the next number, the balance and the hash of the entry before. */
void register_append(struct tx *tx, struct register_row *row);

/* The entries of one supply, with its reversal's as far as known to the tx; in the arena. */
struct register_row *register_of_supply(struct tx *tx, const char *supply, size_t *count);

/* ---- reading, as of tx->as_of, in the arena; false where memory is short or the store failed ---- */

/* The codes of the sections that have an entry, in order. */
bool register_sections(struct tx *tx, const char ***sections, size_t *count);

/* The last entry of a section. False where it has none, or the store failed. */
bool register_last(struct tx *tx, const char *section, struct register_row *out);

/* One entry. False where there is none, or the store failed. */
bool register_entry(struct tx *tx, const char *section, int64_t number, struct register_row *out);

/* Up to `limit` entries in order, with a larger number than `after`. */
bool register_page(struct tx *tx, const char *section, int64_t after, int32_t limit,
                   struct register_row **rows, size_t *count);

/* The entries that were made from an instant up to before another, of every section, in order. */
bool register_entered(struct tx *tx, int64_t from, int64_t until, struct register_row **rows, size_t *count);

/* The last entry of a section made before an instant. False where there is none, or the store failed. */
bool register_before(struct tx *tx, const char *section, int64_t at, struct register_row *out);

/* The newest entry of a kind in a section. False where there is none, or the store failed. */
bool register_newest(struct tx *tx, const char *section, const char *kind, struct register_row *out);

/* The newest entries of a kind in a section, at most `limit`, oldest first. */
bool register_kind(struct tx *tx, const char *section, const char *kind, int32_t limit,
                   struct register_row **rows, size_t *count);

/* The same entries one after the other, without keeping them: texts live until `each` returns. False: as above. */
typedef void register_each_fn(void *context, const struct register_row *row);
bool register_each(struct tx *tx, const char *section, int64_t after, int64_t limit, register_each_fn *each,
                   void *context);

/* ---- the canonical form and the chain (C5) ---- */

/* The bytes that are hashed: the hash before, and a line for each member. */
void register_canonical(struct buffer *out, const struct register_row *row);
void register_hex(const uint8_t hash[REGISTER_HASH_SIZE], char out[REGISTER_HEX_SIZE]);

/* What a look at a chain has found. */
struct register_check {
    int64_t entries;                  /* looked at */
    int64_t number;                   /* of the last one that is good; 0: none */
    quantity_t balance;               /* after it */
    uint8_t head[REGISTER_HASH_SIZE]; /* its hash */
    bool more;                        /* the limit was reached: ask again from `number` on */
    int64_t wrong;                    /* the number where it does not hold together; 0: all good */
    const char *what;                 /* a sentence, constant; NULL: all good */
};

/*
 * Looks at up to `limit` entries of a section that follow the one numbered `after` (0: from the beginning), and, where it
 * reaches the end, at what else proves how long the section is: the moves of the stock and the heads that closed days
 * printed. False where the store failed; what is wrong with the register is said in *out.
 */
bool register_verify(struct tx *tx, const char *section, int64_t after, int64_t limit,
                     struct register_check *out);

/* The last `last` entries of every section: for the start. False: the store failed, or *what says what is wrong. */
bool register_verify_recent(struct tx *tx, int64_t last, const char **what);

#endif
