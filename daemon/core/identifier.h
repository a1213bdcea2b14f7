/*
 * Identifiers as people type them (rule P11): is this one possible, and how is it stored? A good check
 * digit says that a number was typed as it was issued, not that it was issued. Pure; no allocation.
 */
#ifndef INSTALMENT_CORE_IDENTIFIER_H
#define INSTALMENT_CORE_IDENTIFIER_H

#include <stdbool.h>
#include <stddef.h>

enum identifier_kind {
    IDENTIFIER_NHS,             /* NHS number, England and Wales: 10 digits, modulus 11 */
    IDENTIFIER_CHI,             /* Scotland: the same, and the first six digits are a date DDMMYY */
    IDENTIFIER_HC,              /* Health and Care number, Northern Ireland: as NHS */
    IDENTIFIER_GPHC_PHARMACIST, /* General Pharmaceutical Council: 7 digits, the first a 2 */
    IDENTIFIER_GPHC_TECHNICIAN, /* 7 digits, the first a 5 */
    IDENTIFIER_GPHC_PREMISES,   /* 7 digits, the first a 1 */
    IDENTIFIER_GMC,             /* General Medical Council: 7 digits */
    IDENTIFIER_NMC,             /* Nursing and Midwifery Council PIN: 2 digits, letter, 4 digits, letter */
    IDENTIFIER_ODS_PHARMACY,    /* Organisation Data Service, a pharmacy's: F and 4 letters or digits */
    IDENTIFIER_ODS,             /* any organisation's: 3 to 10 letters or digits */
    IDENTIFIER_COUNT
};

enum identifier_result {
    IDENTIFIER_OK,
    IDENTIFIER_EMPTY,          /* nothing but blanks */
    IDENTIFIER_BAD_CHARACTER,  /* a character that has no place there, or not at this place */
    IDENTIFIER_BAD_START,      /* the first character is not the one that this kind begins with */
    IDENTIFIER_BAD_LENGTH,     /* too short or too long */
    IDENTIFIER_ALL_EQUAL,      /* ten times the same digit: its check digit would be good */
    IDENTIFIER_BAD_DATE,       /* CHI: the first six digits are no date */
    IDENTIFIER_BAD_CHECK_DIGIT /* the last digit does not follow from the others, or none could */
};

/* The longest identifier and its NUL. */
#define IDENTIFIER_SIZE 11

/*
 * Checks text (len bytes) as an identifier of this kind. Spaces and hyphens are passed over wherever they
 * stand ("943 476 5919"), small letters are taken as capitals. On IDENTIFIER_OK out holds the identifier
 * as it is stored: capitals and digits only, then NUL; otherwise out is untouched.
 *
 * Check digit of NHS, CHI and H&C: the first nine digits times 10, 9 .. 2, summed; 11 less the sum's
 * remainder by 11 is the last digit, where 11 stands for 0, and where 10 there is no such number. The
 * year of a CHI has two digits: 29 February is taken where one of the years 18YY, 19YY and 20YY has one.
 * GPhC, GMC, NMC and ODS publish no check digit.
 */
enum identifier_result identifier_check(enum identifier_kind kind, const char *text, size_t len,
                                        char out[IDENTIFIER_SIZE]);

/* A sentence for a person, constant: "The check digit is wrong: please compare each digit." */
const char *identifier_explain(enum identifier_result result);

/*
 * "nhs", "chi", "hc", "gphc_pharmacist", "gphc_technician", "gphc_premises", "gmc", "nmc", "ods_pharmacy",
 * "ods". The parser returns false, and leaves *out untouched, on any other text.
 */
const char *identifier_code(enum identifier_kind kind);
bool identifier_parse_kind(const char *text, size_t len, enum identifier_kind *out);

/*
 * Does an address name a PO box, which is not an address (P11)? Finds "PO Box", "P.O. Box", "p o box",
 * "POBox 12", "P.O.-Box" and "Post Office Box" as words of their own, letter case disregarded; so neither
 * "Depot Box Lane" nor "Po Boxwood". "No fixed abode" is an address: false.
 */
bool address_is_po_box(const char *text, size_t len);

#endif
