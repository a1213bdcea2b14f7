/* What the files of the register share: the columns of an entry in their order, and how they are read and hashed. */
#ifndef INSTALMENT_STORE_CONTROLLED_ROWS_H
#define INSTALMENT_STORE_CONTROLLED_ROWS_H

#include "controlled.h"

#define REGISTER_COLUMNS                                                                           \
    "section, number, kind, on_day, entered_at, quantity, balance, supply, corrects, person_name," \
    " person_address, authority, collector_role, collector_name, collector_address,"               \
    " identity_requested, identity_provided, by_staff, note, reason, witness, authorised_by,"      \
    " reference, packs, counted, previous, hash"

/* Reads them. keep: the transaction whose arena takes the texts; NULL: they live until the statement's next step. */
void register_row_read(struct tx *keep, struct statement *s, struct register_row *row);

/* SHA-256 of many entries in turn. */
struct register_hasher {
    void *context;
    void *algorithm;
};

/* False where memory is short. Close it whatever the result. */
bool register_hasher_open(struct register_hasher *hasher);
void register_hasher_close(struct register_hasher *hasher);
/* The hash that the row must have, from row->previous and its members. False where it is too long, or memory is short. */
bool register_hash(struct register_hasher *hasher, const struct register_row *row,
                   uint8_t out[REGISTER_HASH_SIZE]);

#endif
