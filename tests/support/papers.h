/*
 * Made-up documents to render: one pharmacy, its patients, doses that agree with each other.
 */
#ifndef INSTALMENT_TESTS_PAPERS_H
#define INSTALMENT_TESTS_PAPERS_H

#include "render/render.h"

#define PAPERS_CODE "l_01KB2V3W4Y5Z6789ABCDEFGHJK"
#define PAPERS_DAY 20578 /* Tue 05 May 2026 */

/* The shipped catalogue's product; aborts where there is none. Lives as long as the process. */
const struct product *papers_product(const char *code);

struct render_pharmacy papers_pharmacy(void);

/* A renderer; aborts where a font is missing. */
struct renderer *papers_renderer(void);

/* A label for `count` days from PAPERS_DAY on with this dose each (at most 14); the doses live until the next call. */
struct render_label papers_label(const char *product, quantity_t dose, size_t count);

struct render_bag_label papers_bag_label(void);

/* A calendar over Christmas, a downtime sheet of so many lines (at most 40), a letter: constant. */
struct render_calendar papers_calendar(void);
struct render_downtime papers_downtime(size_t rows);
struct render_letter papers_letter(void);

#endif
