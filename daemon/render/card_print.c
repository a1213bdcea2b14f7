/*
 * Patient safety cards on paper: on as few pages as the smallest size of their form needs, and on these in the largest
 * size that fits.
 */
#include <stdio.h>
#include <string.h>

#include "flow.h"
#include "words.h"

/* Media narrower than this get only the sections that are marked pocket. */
#define POCKET_WIDTH 100000
#define A6_WIDTH 120000
#define STEP 5
#define LONGEST 1000

struct form {
    int32_t largest; /* size of the points, tenths of a point */
    int32_t smallest;
    int32_t pages;
    int32_t leading;
    int32_t between; /* points, hundredths of the size */
    int32_t margin;
    enum face face;
};

struct made {
    const struct render_card *given;
    struct form form;
    int32_t size; /* of the points */
    bool pocket;
    char foot[LONGEST];
};

static struct form form_of(const struct render_media *media, enum card_form form) {
    switch (form) {
    case CARD_LARGE: return (struct form){180, 160, 4, 125, 45, 15000, FACE_WIDE};
    case CARD_EASY: return (struct form){200, 160, 4, 140, 65, 15000, FACE_WIDE};
    case CARD_NORMAL:
    case CARD_FORM_COUNT: break;
    }
    if (media->width < POCKET_WIDTH) {
        return (struct form){90, PAPER_SIZE_MIN, 2, 114, 18, 3500, FACE_NARROW};
    }
    return (struct form){media->width < A6_WIDTH ? 105 : 130,    PAPER_SIZE_MIN, 2, 122, 38,
                         media->width < A6_WIDTH ? 6000 : 15000, FACE_WIDE};
}

static struct text text_of(const struct made *made, const char *text, int32_t percent, bool bold) {
    int32_t size = made->size * percent / 100;
    return (struct text){
        .text = text,
        .what = "The card",
        .face = made->form.face,
        .bold = bold,
        .size = size < PAPER_SIZE_MIN ? PAPER_SIZE_MIN : size,
        .leading = made->form.leading,
    };
}

/* Hundredths of the points' size in thousandths of a millimetre. */
static int32_t gap(const struct made *made, int32_t hundredths) {
    return (int32_t)((int64_t)made->size * 254 * hundredths / 720);
}

static bool printed(const struct made *made, const struct card_section *section) {
    return section->heading != NULL && (!made->pocket || section->pocket);
}

/* The foot: which card this is and whether its text was reviewed, and on the right the page. */
static void furniture(struct flow *flow, const void *data) {
    const struct made *made = data;
    struct text foot = text_of(made, made->foot, 60, false);
    if (made->given->form == CARD_LARGE) {
        foot.size = made->form.smallest;
    }
    foot.leading = 0;
    char pages[32];
    (void)snprintf(pages, sizeof pages, "%d of %d", (int)flow->page, (int)flow->pages);
    struct text number = foot;
    number.text = pages;
    number.align = ALIGN_END;
    int32_t beside = paper_measure(flow->paper, &number, flow->width).width + gap(made, 100);
    int32_t height = paper_measure(flow->paper, &foot, flow->width - beside).height;
    int32_t y = flow->bottom - height;
    (void)paper_text(flow->paper, &foot, flow->left, y, flow->width - beside);
    if (flow->pages > 1) {
        (void)paper_text(flow->paper, &number, flow->left, y, flow->width);
    }
    flow->bottom = y - gap(made, 60);
    if (flow->page > 1) {
        struct text title = text_of(made, made->given->card->title, 100, true);
        flow->top += paper_text(flow->paper, &title, flow->left, flow->top, flow->width) + gap(made, 60);
    }
}

static int32_t section_height(struct flow *flow, const struct made *made,
                              const struct card_section *section) {
    struct text heading = text_of(made, section->heading, 118, true);
    int32_t height = flow_height(flow, &heading) + gap(made, 90);
    for (size_t i = 0; i < section->point_count; i++) {
        struct text point = text_of(made, section->points[i], 100, false);
        height += flow_point_height(flow, &point) + gap(made, made->form.between);
    }
    return height;
}

/* What to do in an overdose stands in a black bar: it is looked for in a hurry. */
static void set_heading(struct flow *flow, const struct made *made, const struct card_section *section,
                        bool bar) {
    struct text heading = text_of(made, section->heading, 118, true);
    if (bar) {
        int32_t pad = gap(made, 35);
        heading.white = true;
        int32_t inner = flow->width - 2 * pad;
        int32_t height = paper_measure(flow->paper, &heading, inner).height;
        paper_fill(flow->paper, flow->left, flow->y, flow->width, height + 2 * pad, 0);
        (void)paper_text(flow->paper, &heading, flow->left + pad, flow->y + pad, inner);
        flow_space(flow, height + 2 * pad + gap(made, 25));
    } else {
        flow_text(flow, &heading);
    }
    flow_space(flow, gap(made, 25));
}

/* "Your pharmacy: NAME, 0113 496 0000", the number on one line. */
static void set_contact(struct flow *flow, const struct made *made, const char *who, const char *name,
                        const char *telephone) {
    if (name[0] == '\0' && telephone[0] == '\0') {
        return;
    }
    struct buffer line;
    buffer_init(&line, LONGEST);
    buffer_format(&line, "%s: %s%s", who, name, name[0] != '\0' && telephone[0] != '\0' ? ", " : "");
    words_unbroken(&line, telephone);
    if (buffer_ok(&line)) {
        struct text text = text_of(made, line.bytes, 100, true);
        flow_text(flow, &text);
        flow_space(flow, gap(made, 25));
    } else {
        paper_fail(flow->paper, RENDER_TOO_LONG, "A name or telephone number on the card is too long.");
    }
    buffer_release(&line);
}

/* Whom to ring, with the section about it or, on a card for the pocket, without. */
static void set_contacts(struct flow *flow, const struct made *made) {
    const struct render_card *given = made->given;
    flow_space(flow, gap(made, 35));
    set_contact(flow, made, given->card->pharmacy, given->pharmacy.name, given->pharmacy.telephone);
    set_contact(flow, made, given->card->service, given->service, given->service_telephone);
}

static void set_section(struct flow *flow, const struct made *made, enum card_topic topic) {
    const struct card_section *section = &made->given->card->sections[topic];
    int32_t height = section_height(flow, made, section);
    flow_need(flow, topic == CARD_HELP ? height + gap(made, 400) : height);
    set_heading(flow, made, section, topic == CARD_OVERDOSE);
    for (size_t i = 0; i < section->point_count; i++) {
        struct text point = text_of(made, section->points[i], 100, false);
        flow_point(flow, &point);
        flow_space(flow, gap(made, made->form.between));
    }
    if (topic == CARD_HELP) {
        set_contacts(flow, made);
    }
    flow_space(flow, gap(made, 55));
}

static void compose(struct flow *flow, const void *data) {
    const struct made *made = data;
    struct text title = text_of(made, made->given->card->title, made->pocket ? 120 : 150, true);
    flow_text(flow, &title);
    flow_space(flow, gap(made, 55));
    for (int topic = 0; topic < CARD_TOPIC_COUNT; topic++) {
        if (printed(made, &made->given->card->sections[topic])) {
            set_section(flow, made, (enum card_topic)topic);
        }
    }
    if (!printed(made, &made->given->card->sections[CARD_HELP])) {
        set_contacts(flow, made);
    }
}

static void say_foot(struct made *made) {
    const struct card *card = made->given->card;
    (void)snprintf(made->foot, sizeof made->foot, "%s %s %s%s%s", card->code, card->version, card->language,
                   card->awaits != NULL ? ". " : "", card->awaits != NULL ? card->awaits : "");
}

/* How many pages the card takes at a size; 0 where it cannot be made. */
static int32_t pages_at(struct renderer *renderer, const struct render_media *media, struct made *made,
                        int32_t size, struct buffer *pdf, struct render_answer *answer) {
    const struct flow_plan plan = {compose, furniture, made, made->form.margin, made->form.pages};
    made->size = size;
    return flow_count(renderer, media, &plan, pdf, answer);
}

enum render_result render_card(struct renderer *renderer, const struct render_media *media,
                               const struct render_card *card, struct buffer *pdf,
                               struct render_answer *answer) {
    struct made made = {.given = card, .form = form_of(media, card->form)};
    const struct flow_plan plan = {compose, furniture, &made, made.form.margin, made.form.pages};
    made.pocket = media->width < POCKET_WIDTH;
    say_foot(&made);
    int32_t pages = pages_at(renderer, media, &made, made.form.smallest, pdf, answer);
    if (pages == 0) {
        return answer->result;
    }
    /* Not one page more than it needs, and then as large as it goes. */
    int32_t size = made.form.largest;
    while (size > made.form.smallest && pages_at(renderer, media, &made, size, pdf, answer) != pages) {
        size -= STEP;
    }
    made.size = size;
    return flow_draw(renderer, media, &plan, pages, pdf, answer);
}
