/*
 * The approved wording of the Home Office (2015), W1 to W5 and W1old: rules.md, section 2. A sentence
 * on a form is one of these or it enables nothing by itself. Pure, without allocation; safe in any thread.
 */
#ifndef INSTALMENT_CORE_WORDING_H
#define INSTALMENT_CORE_WORDING_H

#include <stdbool.h>
#include <stddef.h>

/* A set of wording is these, or-ed, in an unsigned. */
enum wording_flag {
    WORDING_W1 = 1,    /* instalments due on closed days: on a prior suitable day (D4) */
    WORDING_W2 = 2,    /* the remainder of a missed instalment (D7) */
    WORDING_W3 = 4,    /* consult the prescriber after 3 missed days (D11) */
    WORDING_W4 = 8,    /* supervise consumption on collection days (P13) */
    WORDING_W5 = 16,   /* daily doses in separate containers */
    WORDING_W1OLD = 32 /* as W1, on the day immediately before the closure only (D4) */
};

/*
 * The approved sentences that a text of len bytes (UTF-8) holds, or-ed; 0 where it holds none.
 *
 * Sentences end at a full stop, a semicolon or an empty line. A single line break may end a sentence or
 * may only break it: between two ends the lines must, from the first to the last, make up approved
 * sentences and nothing else. So "Do not / supervise consumption on collection days" over two lines
 * enables nothing, and neither does any sentence with a word more or less than approved.
 *
 * What does not matter: letter case; the kind of apostrophe (' ` U+2018 U+2019 U+201B U+2032 U+02BC U+00B4);
 * a leading "please"; "3" or "three"; "day", "days" or "day(s)"; hyphens (- U+2010 to U+2013) in place of
 * spaces; how much white space; the last full stop. All else does, an apostrophe or a comma left out too:
 * in doubt the text enables nothing, and a person looks at it.
 *
 * Takes time linear in len; a text of any length is safe.
 */
unsigned wording_recognise(const char *text, size_t len);

/* The approved text, letter for letter; NULL for anything but one single flag. */
const char *wording_text(enum wording_flag flag);

/* "W1" .. "W5", "W1old", as the interface names them; NULL for anything but one single flag. */
const char *wording_code(enum wording_flag flag);

/* The flag of a code of len bytes, letter case as above. False, and *out untouched, on anything else. */
bool wording_from_code(const char *code, size_t len, enum wording_flag *out);

#endif
