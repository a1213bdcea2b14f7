/*
 * Documents of several pages: what is set flows from page to page, each with its head and foot. Made twice, first dry to
 * count the pages ("page 1 of 3"), then drawn.
 */
#ifndef INSTALMENT_RENDER_FLOW_H
#define INSTALMENT_RENDER_FLOW_H

#include "paper.h"

struct flow {
    struct paper *paper;
    struct render_media media;
    const struct flow_plan *plan;
    int32_t left;
    int32_t width;
    int32_t top; /* of what flows; furniture may move it and the bottom */
    int32_t bottom;
    int32_t y;     /* where the next thing goes */
    int32_t page;  /* from 1 */
    int32_t pages; /* in all; 0 while they are being counted */
};

struct flow_plan {
    void (*compose)(struct flow *flow, const void *data);
    /* Head and foot of the page that has just begun; NULL: none. Sets top and bottom where they need room. */
    void (*furniture)(struct flow *flow, const void *data);
    const void *data;
    int32_t margin;
    int32_t pages_max;
};

/* How many pages it takes; 0 where it cannot be made or takes more than pages_max: *answer then says why. */
int32_t flow_count(struct renderer *renderer, const struct render_media *media, const struct flow_plan *plan,
                   struct buffer *pdf, struct render_answer *answer);

/* Makes the document, which flow_count said takes so many pages. */
enum render_result flow_draw(struct renderer *renderer, const struct render_media *media,
                             const struct flow_plan *plan, int32_t pages, struct buffer *pdf,
                             struct render_answer *answer);

/* Both. */
enum render_result flow_make(struct renderer *renderer, const struct render_media *media,
                             const struct flow_plan *plan, struct buffer *pdf, struct render_answer *answer);

/* Goes to the next page where less than `height` is left on this one; fails the document where no page has as much. */
void flow_need(struct flow *flow, int32_t height);

/* Sets a paragraph across the whole width, on one page, and goes on below it. */
void flow_text(struct flow *flow, const struct text *text);

/* The same, indented, with a bullet before it. */
void flow_point(struct flow *flow, const struct text *text);

void flow_space(struct flow *flow, int32_t height);

/* How high the paragraph would be; of a point with its indent. */
int32_t flow_height(struct flow *flow, const struct text *text);
int32_t flow_point_height(struct flow *flow, const struct text *text);

#endif
