#include "words.h"

#include <string.h>

#define NO_BREAK "\xC2\xA0"

const char words_keep_out_of_reach[] = "Keep out of the reach and sight of children";

const char *words_cautionary(int number) {
    switch (number) {
    case 2:
        return "Warning: This medicine may make you sleepy. If this happens, do not drive or use tools or "
               "machines. "
               "Do not drink alcohol";
    case 19:
        return "Warning: This medicine makes you sleepy. If you still feel sleepy the next day, do not drive "
               "or use "
               "tools or machines. Do not drink alcohol";
    case 26: return "Dissolve this medicine under your tongue";
    default: return NULL;
    }
}

void words_quantity(struct buffer *out, const struct product *product, quantity_t quantity) {
    char number[QUANTITY_TEXT_SIZE];
    quantity_format(quantity, number);
    bool many = quantity != 1000 && strcmp(product->unit, "ml") != 0;
    buffer_format(out, "%s" NO_BREAK "%s%s", number, product->unit, many ? "s" : "");
}

static bool add_dose(struct buffer *out, const struct product *product, quantity_t dose,
                     const char *between) {
    int64_t scaled;
    if (dose <= 0 || __builtin_mul_overflow(product->micrograms, dose, &scaled) || scaled % 1000 != 0 ||
        scaled / 1000 > QUANTITY_MAX) {
        return false;
    }
    /* Micrograms are thousandths of a milligram: written as quantities are. */
    char milligrams[QUANTITY_TEXT_SIZE];
    quantity_format(scaled / 1000, milligrams);
    words_quantity(out, product, dose);
    buffer_format(out, "%s(%s" NO_BREAK "mg)", between, milligrams);
    return true;
}

bool words_dose(struct buffer *out, const struct product *product, quantity_t dose) {
    return add_dose(out, product, dose, NO_BREAK);
}

bool words_dose_in_lines(struct buffer *out, const struct product *product, quantity_t dose) {
    return add_dose(out, product, dose, "\n");
}

void words_unbroken(struct buffer *out, const char *text) {
    for (const char *at = text; *at != '\0'; at++) {
        if (*at == ' ') {
            buffer_text(out, NO_BREAK);
        } else {
            buffer_char(out, *at);
        }
    }
}

/* Of "Tue 05 May 2026", the characters from `from` up to `to`. */
static void add_day(struct buffer *out, day_t day, size_t from, size_t to) {
    char text[DAY_LABEL_SIZE];
    day_format_label(day, text);
    text[to] = '\0';
    words_unbroken(out, text + from);
}

void words_day(struct buffer *out, day_t day) {
    add_day(out, day, 0, DAY_LABEL_SIZE - 1);
}

void words_day_short(struct buffer *out, day_t day) {
    add_day(out, day, 0, sizeof "Tue 05 May" - 1);
}

void words_date(struct buffer *out, day_t day) {
    add_day(out, day, sizeof "Tue " - 1, DAY_LABEL_SIZE - 1);
}

/* How many doses from `at` on are equal and on days that follow each other. */
static size_t run_length(const struct render_dose *doses, size_t count, size_t at) {
    size_t end = at + 1;
    while (end < count && doses[end].dose == doses[at].dose && doses[end].day == doses[end - 1].day + 1) {
        end++;
    }
    return end - at;
}

/* "Wed 06 May 2026", "Wed 06 May 2026 and Thu 07 May 2026", "Wed 06 May 2026 to Fri 08 May 2026". */
static void add_run_of_days(struct buffer *out, day_t first, size_t days) {
    words_day(out, first);
    if (days > 1) {
        buffer_text(out, days == 2 ? " and " : " to ");
        words_day(out, first + (day_t)days - 1);
    }
}

bool words_doses(struct buffer *out, const struct product *product, const struct render_dose *doses,
                 size_t count) {
    for (size_t at = 0; at < count;) {
        size_t days = run_length(doses, count, at);
        buffer_text(out, at > 0 ? "; " : "");
        add_run_of_days(out, doses[at].day, days);
        buffer_text(out, ": ");
        if (!words_dose(out, product, doses[at].dose)) {
            return false;
        }
        buffer_text(out, days > 1 ? " each day" : "");
        at += days;
    }
    return true;
}

struct manner {
    const char *verb;
    const char *where;
};

static struct manner manner_of(enum product_route route) {
    switch (route) {
    case ROUTE_SUBLINGUAL: return (struct manner){"Put", " under the tongue"};
    case ROUTE_ON_TONGUE: return (struct manner){"Put", " on the tongue"};
    case ROUTE_ORAL: break;
    }
    return (struct manner){"Take", " by mouth"};
}

static bool same_dose(const struct render_label *label) {
    for (size_t i = 1; i < label->dose_count; i++) {
        if (label->doses[i].dose != label->doses[0].dose) {
            return false;
        }
    }
    return true;
}

bool words_directions(struct buffer *out, const struct render_label *label) {
    struct manner manner = manner_of(label->product->route);
    const char *night = label->at_night ? " at night" : "";
    const struct render_dose *doses = label->doses;
    size_t count = label->dose_count;
    buffer_text(out, manner.verb);
    if (!same_dose(label)) {
        buffer_format(out, "%s%s: ", manner.where, night);
        bool said = words_doses(out, label->product, doses, count);
        buffer_char(out, '.');
        return said;
    }
    buffer_char(out, ' ');
    if (!words_dose(out, label->product, doses[0].dose)) {
        return false;
    }
    buffer_format(out, "%s%s", manner.where, night);
    if (count == 1) {
        buffer_text(out, label->supervised ? " on this day, supervised." : " on this day.");
        return true;
    }
    buffer_text(out, " each day: ");
    for (size_t at = 0; at < count;) {
        size_t days = run_length(doses, count, at);
        buffer_text(out, at > 0 ? ", " : "");
        add_run_of_days(out, doses[at].day, days);
        at += days;
    }
    buffer_char(out, '.');
    return true;
}
