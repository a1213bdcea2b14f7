/*
 * The controlled drugs register (rules.md, section 7): one section for each Schedule 2 product, entries numbered and
 * chained by their hashes. An entry is appended in the transaction of the fact behind it and never changed.
 *
 * The canonical form that is hashed stands in docs/register.md, so that a person can check it with sha256sum.
 */
#ifndef INSTALMENT_STORE_CONTROLLED_H
#define INSTALMENT_STORE_CONTROLLED_H

#include "core/quantity.h"
#include "tx.h"

#define REGISTER_HASH_SIZE 32

struct register_row {
    const char *section; /* the product's code */
    int64_t number;      /* filled by register_append */
    const char *kind;    /* "supplied", "reversed", ... */
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
    uint8_t previous[REGISTER_HASH_SIZE]; /* filled by register_append */
    uint8_t hash[REGISTER_HASH_SIZE];     /* filled by register_append */
};

/* Appends under tx->seq: takes the next number, the balance and the hash of the entry before. */
void register_append(struct tx *tx, struct register_row *row);

/* The entries of one supply, with its reversal's as far as known to the tx; in the arena. */
struct register_row *register_of_supply(struct tx *tx, const char *supply, size_t *count);

#endif
