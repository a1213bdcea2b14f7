/*
 * Labels, cards and sheets as PDF: plain data in, bytes out. No store, no clock, no network; the only files read are
 * those of the fonts, by name. What is printed stands in rules.md, section 8; sizes and limits in docs/printing.md.
 *
 * Every text is measured before it is drawn. What does not fit is set smaller, down to 7 pt; then on a second page
 * (labels: "1 of 2"); then the whole document is refused with a sentence. Nothing is ever cut, and a character that no
 * font has is refused, not drawn as a box. The same input gives the same bytes.
 *
 * Strings are UTF-8, in any script and direction, and are borrowed for the call. A string that is not UTF-8, or has
 * control characters other than line feeds where the member says that it may have lines, is refused (RENDER_INVALID).
 * Lengths are thousandths of a millimetre, quantities thousandths of the product's unit, days as in core/day.h.
 */
#ifndef INSTALMENT_RENDER_RENDER_H
#define INSTALMENT_RENDER_RENDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "card.h"
#include "core/catalogue.h"
#include "core/day.h"
#include "core/quantity.h"
#include "sys/buffer.h"

/* ---- media ---- */

/* Longest and shortest edge that is taken. */
#define RENDER_EDGE_MIN 20000
#define RENDER_EDGE_MAX 450000

struct render_media {
    int32_t width;
    int32_t height;
};

extern const struct render_media render_media_label;  /* 70 x 35 mm: dispensing and bag labels */
extern const struct render_media render_media_a6;     /* cards, 105 x 148 mm */
extern const struct render_media render_media_credit; /* cards, 85.6 x 53.98 mm */
extern const struct render_media render_media_a4;     /* sheets, letters, large print and easy read */

/* ---- results ---- */

enum render_result {
    RENDER_OK,
    RENDER_TOO_LONG, /* does not fit at the smallest size on as many pages as the document may have */
    RENDER_NO_GLYPH, /* no font has a character of it */
    RENDER_INVALID, /* not UTF-8, something missing, quantities that contradict each other, media out of range */
    RENDER_MEMORY /* memory, or the buffer's limit */
};

#define RENDER_SENTENCE_SIZE 240

struct render_answer {
    enum render_result result; /* as returned */
    int32_t pages; /* of what was made; each page of a label document is one label from the roll */
    int32_t size;  /* of the smallest text on it, in tenths of a point */
    /* Where the result is not RENDER_OK: what is wrong, for the person at the counter. Names the member at fault and a
     * character by its number, never the text itself: it may be logged. */
    char sentence[RENDER_SENTENCE_SIZE];
};

/* ---- the renderer ---- */

/* Fonts, and what is kept between two documents. One thread uses it, the one that made it. */
struct renderer;

/* A new renderer, to be freed with renderer_free; NULL where memory is short or a font file is missing: *missing is then
 * its path (constant), or NULL where it was memory. Takes some tens of milliseconds, once. */
struct renderer *renderer_new(const char **missing);
void renderer_free(struct renderer **renderer);

/*
 * Each of these appends one PDF to *pdf (emptied first) and fills *answer. On any result but RENDER_OK the buffer is empty.
 * The media may be any size within the limits above; which are usual is said with each. Takes 3 ms or less for a label.
 */

/* ---- labels ---- */

struct render_pharmacy {
    const char *name;
    const char *address;   /* one line */
    const char *telephone; /* may be empty */
};

/* A day of a container and its dose of this product. */
struct render_dose {
    day_t day;
    quantity_t dose;
};

/* The label of one container, from the committed rows. */
struct render_label {
    const char *patient;
    struct render_pharmacy pharmacy;
    const struct product *product;
    day_t dispensed_on;
    quantity_t quantity;             /* in the container: must be the sum of the doses */
    const struct render_dose *doses; /* in order of days, 1 or more; one of them makes a daily container */
    size_t dose_count;
    bool supervised;  /* swallowed here on its day: a daily container only */
    bool at_night;    /* one dose at night: the product's night_label in place of label 2 */
    const char *code; /* opaque: what the QR code says. At most 60 letters, digits and signs of ASCII */
    int32_t reprint;  /* n of "REPRINT n"; 0: the first print */
};

/*
 * The dispensing label. One page; where its text needs more room than one label has, further ones: the directions on the
 * first (a long list of differing doses on up to four), the cautionary labels on the last (a warning label), "1 of 2" and
 * so on. Each has patient, product, day, quantity, date, pharmacy and the same code.
 */
enum render_result render_label(struct renderer *renderer, const struct render_media *media,
                                const struct render_label *label, struct buffer *pdf,
                                struct render_answer *answer) __attribute__((warn_unused_result));

/* The label of the bag: no drug, no service, one page. */
struct render_bag_label {
    const char *patient;
    const char *address; /* lines */
    day_t collect_on;
    int32_t bag;       /* "bag 1 of 2" where bag_count is more than 1 */
    int32_t bag_count; /* 1 or more */
    const char *code;
    int32_t reprint;
};

enum render_result render_bag_label(struct renderer *renderer, const struct render_media *media,
                                    const struct render_bag_label *label, struct buffer *pdf,
                                    struct render_answer *answer) __attribute__((warn_unused_result));

/* ---- cards ---- */

/* A patient safety card of card.h, with whom to ring. */
struct render_card {
    const struct card *card;
    enum card_form form; /* one that the card has */
    struct render_pharmacy pharmacy;
    const char *service;           /* the prescribing service's name; may be empty */
    const char *service_telephone; /* may be empty */
};

/*
 * A6 or the credit card's size for normal (at most two pages: a card's two sides; on media narrower than 100 mm only the
 * sections that the card marks `pocket`), A4 for large print (16 pt or more) and easy read (at most four pages). A card
 * whose text awaits a review says so at its foot.
 */
enum render_result render_card(struct renderer *renderer, const struct render_media *media,
                               const struct render_card *card, struct buffer *pdf,
                               struct render_answer *answer) __attribute__((warn_unused_result));

/* ---- sheets, A4 ---- */

/* What is taken under supervision on a visit, and what is given to take home. */
struct render_visit_item {
    const struct product *product;
    quantity_t supervised;           /* 0: none */
    const struct render_dose *doses; /* take-home, in order of days */
    size_t dose_count;
};

struct render_visit {
    day_t day;
    const struct render_visit_item *items; /* 1 or more */
    size_t item_count;
};

struct render_closed_day {
    day_t day;
    const char *name; /* "Christmas Day"; may be empty */
};

/* The patient's collection calendar. */
struct render_calendar {
    const char *patient;
    struct render_pharmacy pharmacy;
    const struct render_visit *visits; /* in order of days */
    size_t visit_count;
    const struct render_closed_day *closed; /* the next closed days, in order; weekly ones may be left out */
    size_t closed_count;
    const char *opening; /* "Mon to Fri 9:00 to 18:00, Sat 9:00 to 13:00"; lines; may be empty */
    const char *as_of;   /* "Mon 23 Nov 2026, 18:05" */
};

enum render_result render_calendar(struct renderer *renderer, const struct render_media *media,
                                   const struct render_calendar *calendar, struct buffer *pdf,
                                   struct render_answer *answer) __attribute__((warn_unused_result));

/* One line of the downtime sheet: one product of one patient. Lines of one patient follow each other. */
struct render_downtime_row {
    const char *patient;
    day_t born;
    const struct product *product;
    quantity_t supervised; /* to be taken here tomorrow; 0: none */
    quantity_t take_home;  /* to be handed over tomorrow; 0: none */
    day_t take_home_last;  /* the last day that it covers; DAY_NONE where there is none */
    const char *note;      /* "ON HOLD: ask the prescriber", "first dose"; may be empty; may have lines */
    bool hold;             /* nothing may be supplied: shown instead of the boxes */
};

/* What is due on a day, to work on by hand while the computer is down. */
struct render_downtime {
    struct render_pharmacy pharmacy;
    day_t day;
    const char *serial; /* printed on each page */
    const char *as_of;
    const struct render_downtime_row *rows; /* none: the sheet says that nobody is due */
    size_t row_count;
};

enum render_result render_downtime(struct renderer *renderer, const struct render_media *media,
                                   const struct render_downtime *sheet, struct buffer *pdf,
                                   struct render_answer *answer) __attribute__((warn_unused_result));

/* What was last supplied of one product. */
struct render_last_dose {
    const struct product *product;
    day_t taken_on;  /* the last dose swallowed under supervision; DAY_NONE: none on record */
    const char *at;  /* its time, "09:42"; may be empty */
    quantity_t dose; /* of that dose */
    day_t home_from; /* take-home supplied for these days, beyond it; DAY_NONE: none */
    day_t home_to;
    quantity_t home; /* in all */
};

/* The letter to a hospital, a custody suite or another service. */
struct render_letter {
    struct render_pharmacy pharmacy;
    const char *to; /* lines */
    const char *patient;
    day_t born;
    const char *nhs_number; /* as printed; may be empty */
    const struct render_last_dose *doses;
    size_t dose_count;
    int32_t missed_days; /* the run of days without a dose before written_on */
    day_t next_due;      /* DAY_NONE: nothing more is due on this prescription */
    const char *service; /* the prescribing service; may be empty */
    const char *service_telephone;
    const char *written_by; /* the pharmacist */
    day_t written_on;
    const char *as_of;
};

enum render_result render_letter(struct renderer *renderer, const struct render_media *media,
                                 const struct render_letter *letter, struct buffer *pdf,
                                 struct render_answer *answer) __attribute__((warn_unused_result));

/* ---- what was drawn where, for the tests ---- */

enum render_box_kind { RENDER_BOX_TEXT, RENDER_BOX_CODE };

/* One line of text (the larger of what is inked and what the fonts ask for across, what is inked up and down), or a code
 * with its quiet zone. From the top left corner. */
struct render_box {
    enum render_box_kind kind;
    int32_t page; /* from 0 */
    int32_t x;
    int32_t y;
    int32_t width;
    int32_t height;
};

/* The boxes of the last document, in order of drawing; valid until the next one. */
const struct render_box *renderer_boxes(const struct renderer *renderer, size_t *count);

#endif
