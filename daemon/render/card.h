/*
 * Patient safety cards, as data: config/cards/CARD.LANGUAGE.card, each with a version, a language, a state of review and
 * the forms it may be printed in. Their form stands in docs/printing.md. This module reads them; render.h prints them.
 * Pure but for memory.
 */
#ifndef INSTALMENT_RENDER_CARD_H
#define INSTALMENT_RENDER_CARD_H

#include <stdbool.h>
#include <stddef.h>

enum card_form { CARD_NORMAL, CARD_LARGE, CARD_EASY, CARD_FORM_COUNT };

enum card_review { CARD_REVIEWED, CARD_AWAITS_PHARMACIST, CARD_AWAITS_TRANSLATOR };

/* What a section is about, in the order in which cards print them. */
enum card_topic {
    CARD_OVERDOSE, /* what it looks like, 999, naloxone and where to ask for it */
    CARD_TAKING,   /* only as prescribed */
    CARD_MIXING,   /* alcohol, benzodiazepines, gabapentinoids */
    CARD_MISSED,   /* lost tolerance, no catching up */
    CARD_STOPPING, /* never stop diazepam suddenly */
    CARD_STORAGE,  /* away from children */
    CARD_DRIVING,
    CARD_HELP, /* who to ring */
    CARD_TOPIC_COUNT
};

#define CARD_POINTS_MAX 8

struct card_section {
    const char *heading; /* NULL: the card has no such section */
    bool pocket;         /* printed on the credit card's size too */
    const char *points[CARD_POINTS_MAX];
    size_t point_count;
};

/* One card in one language, for some forms. */
struct card {
    const char
        *code; /* "methadone", "buprenorphine", "espranor", "diazepam", "opioid-with-diazepam", "codeine" */
    const char *language; /* "en", "cy", "pl" */
    unsigned forms;       /* bit (1 << CARD_x) */
    const char *version;  /* the text's own */
    const char *title;
    enum card_review review;
    const char *reviewed_by; /* NULL unless CARD_REVIEWED */
    const char *reviewed_on; /* "2026-11-01"; NULL unless CARD_REVIEWED */
    const char *awaits;   /* what is printed at the foot, in the card's language; NULL where CARD_REVIEWED */
    const char *pharmacy; /* "Your pharmacy", before its name and telephone */
    const char *service;  /* "Your drug service" */
    struct card_section sections[CARD_TOPIC_COUNT];
};

struct card_error {
    const char *file;    /* as given */
    int line;            /* 1-based; 0 where no line is at fault */
    const char *message; /* constant text */
};

struct card_source {
    const char *file; /* shown in errors; borrowed for the life of nothing but the error */
    const char *text; /* UTF-8 */
    size_t len;
};

struct card_set;

/*
 * Reads all files. Strict: anything unknown, doubled, missing (the sections that every card needs, `stopping` where
 * there is diazepam), not UTF-8, or two files for the same card, language and form is an error; then NULL, with *error
 * filled. Strings live inside the set. To be freed with card_set_free.
 */
struct card_set *card_set_parse(const struct card_source *sources, size_t count, struct card_error *error);

/* The set that the program carries (config/cards); NULL only where memory is short. */
struct card_set *card_set_embedded(struct card_error *error);

/* Frees *set and sets it to NULL; NULL inside is allowed. */
void card_set_free(struct card_set **set);

/* The card in this language and form; NULL where there is none. */
const struct card *card_find(const struct card_set *set, const char *code, const char *language,
                             enum card_form form);

/* All, sorted by code, language and first form. */
const struct card *card_list(const struct card_set *set, size_t *count);

/* "normal", "large", "easy"; and "reviewed", "pharmacist", "translator". */
const char *card_form_code(enum card_form form);
bool card_form_parse(const char *text, enum card_form *out);
const char *card_review_code(enum card_review review);

#endif
