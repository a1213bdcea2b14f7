/*
 * The sentences of labels and sheets: amounts, days, directions, and the wording of rules.md, section 8. Spaces within an
 * amount or a day are no-break ones (paper.h). Pure.
 */
#ifndef INSTALMENT_RENDER_WORDS_H
#define INSTALMENT_RENDER_WORDS_H

#include "render.h"

extern const char words_keep_out_of_reach[];

/* Adds a text with no-break spaces for its spaces: a telephone number, an amount. */
void words_unbroken(struct buffer *out, const char *text);

/* The text of a cautionary label, letter for letter: 2, 19 or 26; NULL for any other number. */
const char *words_cautionary(int number);

/* "60 ml", "1 tablet", "1.5 tablets". */
void words_quantity(struct buffer *out, const struct product *product, quantity_t quantity);

/*
 * "60 ml (60 mg)". False, and nothing added, where the amount is not above 0 or is no whole number of micrograms, which
 * no dose is.
 */
bool words_dose(struct buffer *out, const struct product *product, quantity_t dose);

/* The same in two lines, for columns. */
bool words_dose_in_lines(struct buffer *out, const struct product *product, quantity_t dose);

/* "Tue 05 May 2026"; without the year, "Tue 05 May"; without the weekday, "05 May 2026", as dates of birth are. */
void words_day(struct buffer *out, day_t day);
void words_day_short(struct buffer *out, day_t day);
void words_date(struct buffer *out, day_t day);

/*
 * What to do with the container: "Take 60 ml (60 mg) by mouth on this day." for one day, the days named for more; equal
 * doses on days that follow each other are put together. False where a dose cannot be said (words_dose).
 */
bool words_directions(struct buffer *out, const struct render_label *label);

/* Doses for days: "Wed 06 May to Fri 08 May 2026: 60 ml (60 mg) each day; Sat 09 May 2026: 50 ml (50 mg)". */
bool words_doses(struct buffer *out, const struct product *product, const struct render_dose *doses,
                 size_t count);

#endif
