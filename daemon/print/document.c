#include "document.h"

#include <stdlib.h>

#include "sys/log.h"

struct artist {
    struct lane *lane;
    struct renderer *renderer; /* the lane's own; NULL: nothing was drawn yet */
};

/* One page to draw, or the fonts to close. */
struct drawing {
    struct errand errand; /* first: it is the errand */
    struct artist *artist;
    const struct print_content *content; /* NULL: close the fonts */
    struct render_media media;
    struct buffer *pdf;
    struct render_answer *answer;
    enum render_result result;
};

static enum render_result draw(struct renderer *renderer, const struct drawing *d) {
    const struct print_content *c = d->content;
    switch (c->kind) {
    case PRINT_LABEL: return render_label(renderer, &d->media, &c->label, d->pdf, d->answer);
    case PRINT_BAG: return render_bag_label(renderer, &d->media, &c->bag, d->pdf, d->answer);
    case PRINT_CARD: return render_card(renderer, &d->media, &c->card, d->pdf, d->answer);
    case PRINT_CALENDAR: return render_calendar(renderer, &d->media, &c->calendar, d->pdf, d->answer);
    case PRINT_DOWNTIME: return render_downtime(renderer, &d->media, &c->downtime, d->pdf, d->answer);
    case PRINT_LETTER: return render_letter(renderer, &d->media, &c->letter, d->pdf, d->answer);
    case PRINT_KIND_COUNT: break;
    }
    return RENDER_INVALID;
}

static void drawing_run(struct errand *errand) {
    struct drawing *d = (struct drawing *)errand;
    struct artist *artist = d->artist;
    const char *missing = NULL;
    if (d->content == NULL) {
        if (artist->renderer != NULL) {
            renderer_free(&artist->renderer);
        }
        return;
    }
    if (artist->renderer == NULL) {
        artist->renderer = renderer_new(&missing);
    }
    if (artist->renderer == NULL) {
        log_error("event=fonts_missing file=%s", missing == NULL ? "-" : missing);
        d->result = missing == NULL ? RENDER_MEMORY : RENDER_NO_GLYPH;
        return;
    }
    d->result = draw(artist->renderer, d);
}

struct artist *artist_new(struct lane *lane) {
    struct artist *artist = calloc(1, sizeof *artist);
    if (artist != NULL) {
        artist->lane = lane;
    }
    return artist;
}

void artist_free(struct artist **artist) {
    struct artist *a = *artist;
    if (a == NULL) {
        return;
    }
    struct drawing d = {.errand = {.run = drawing_run}, .artist = a};
    lane_wait(a->lane, &d.errand);
    free(a);
    *artist = NULL;
}

/* The edges of a label stay its own on a larger sheet: a printer for A4 that takes over prints it in a corner. */
static struct render_media media_for(const struct print_content *content, int32_t width, int32_t height) {
    struct render_media media = {.width = width * 10, .height = height * 10};
    bool label = content->kind == PRINT_LABEL || content->kind == PRINT_BAG;
    bool sheet = media.height > 2 * render_media_label.height && media.width > render_media_label.width;
    return label && sheet ? render_media_label : media;
}

enum render_result artist_draw(struct artist *artist, const struct print_content *content, int32_t width,
                               int32_t height, struct buffer *pdf, struct render_answer *answer) {
    struct drawing d = {.errand = {.run = drawing_run},
                        .artist = artist,
                        .content = content,
                        .media = media_for(content, width, height),
                        .pdf = pdf,
                        .answer = answer,
                        .result = RENDER_MEMORY};
    lane_wait(artist->lane, &d.errand);
    return d.result;
}
