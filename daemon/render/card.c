/*
 * The reader of cards: see card.h, and docs/printing.md for the text's form. One block of memory holds the set, its cards
 * and a copy of all texts, in which lines, keys and values are cut apart in place.
 */
#include "card.h"

#include <stdlib.h>
#include <string.h>

#include <glib.h>

#include "card_table.h"
#include "core/day.h"
#include "core/lines.h"

#define FILES_MAX 200
#define TEXT_MAX 65536
#define VALUE_MAX 400

struct card_set {
    struct card *cards;
    size_t count;
};

struct parser {
    struct card *card;
    struct card_section *section; /* NULL: above the first one */
    unsigned seen;                /* members of the head: bit = place in head_keys */
};

typedef const char *(*member_reader)(struct card *card, const char *value);

struct key {
    const char *name;
    const char *missing; /* what to say where it is not there; NULL where it may be left out */
    member_reader read;
};

static const char *const topic_codes[CARD_TOPIC_COUNT] = {
    [CARD_OVERDOSE] = "overdose", [CARD_TAKING] = "taking",     [CARD_MIXING] = "mixing",
    [CARD_MISSED] = "missed",     [CARD_STOPPING] = "stopping", [CARD_STORAGE] = "storage",
    [CARD_DRIVING] = "driving",   [CARD_HELP] = "help",
};
static const char *const form_codes[CARD_FORM_COUNT] = {"normal", "large", "easy"};
static const char *const review_codes[] = {"reviewed", "pharmacist", "translator"};

const char *card_form_code(enum card_form form) {
    return form_codes[form];
}

bool card_form_parse(const char *text, enum card_form *out) {
    for (int i = 0; i < CARD_FORM_COUNT; i++) {
        if (strcmp(text, form_codes[i]) == 0) {
            *out = (enum card_form)i;
            return true;
        }
    }
    return false;
}

const char *card_review_code(enum card_review review) {
    return review_codes[review];
}

/* ---- members of the head ---- */

static bool is_made_of(const char *text, const char *allowed, size_t longest) {
    size_t len = strlen(text);
    return len > 0 && len <= longest && strspn(text, allowed) == len;
}

static const char *read_card(struct card *card, const char *value) {
    card->code = value;
    return is_made_of(value, "abcdefghijklmnopqrstuvwxyz-", 40) ? NULL : "card is made of a-z and -";
}

static const char *read_language(struct card *card, const char *value) {
    card->language = value;
    return is_made_of(value, "abcdefghijklmnopqrstuvwxyz-", 12) ? NULL
                                                                : "language is a code such as en, cy or pl";
}

static const char *read_forms(struct card *card, const char *value) {
    while (*value != '\0') {
        size_t len = strcspn(value, " ");
        unsigned bit = 0;
        for (unsigned i = 0; i < CARD_FORM_COUNT; i++) {
            if (strlen(form_codes[i]) == len && memcmp(form_codes[i], value, len) == 0) {
                bit = 1U << i;
            }
        }
        if (bit == 0 || (card->forms & bit) != 0) {
            return "forms are normal, large and easy, each at most once, with a space between";
        }
        card->forms |= bit;
        value += len;
        value += strspn(value, " ");
    }
    return NULL;
}

static const char *read_version(struct card *card, const char *value) {
    card->version = value;
    return is_made_of(value, "0123456789-.", 20) ? NULL : "version is made of digits, - and .";
}

static const char *read_title(struct card *card, const char *value) {
    card->title = value;
    return NULL;
}

static const char *read_review(struct card *card, const char *value) {
    for (size_t i = 0; i < sizeof review_codes / sizeof review_codes[0]; i++) {
        if (strcmp(value, review_codes[i]) == 0) {
            card->review = (enum card_review)i;
            return NULL;
        }
    }
    return "review is reviewed, pharmacist (awaits one) or translator (awaits one)";
}

static const char *read_reviewed_by(struct card *card, const char *value) {
    card->reviewed_by = value;
    return NULL;
}

static const char *read_reviewed_on(struct card *card, const char *value) {
    day_t day;
    card->reviewed_on = value;
    return day_parse(value, strlen(value), &day) ? NULL : "reviewed_on is a date, YYYY-MM-DD";
}

static const char *read_awaits(struct card *card, const char *value) {
    card->awaits = value;
    return NULL;
}

static const char *read_pharmacy(struct card *card, const char *value) {
    card->pharmacy = value;
    return NULL;
}

static const char *read_service(struct card *card, const char *value) {
    card->service = value;
    return NULL;
}

static const struct key head_keys[] = {
    {"card", "the card lacks its member card", read_card},
    {"language", "the card lacks its member language", read_language},
    {"forms", "the card lacks its member forms", read_forms},
    {"version", "the card lacks its member version", read_version},
    {"title", "the card lacks its member title", read_title},
    {"review", "the card lacks its member review", read_review},
    {"pharmacy", "the card lacks its member pharmacy", read_pharmacy},
    {"service", "the card lacks its member service", read_service},
    {"reviewed_by", NULL, read_reviewed_by},
    {"reviewed_on", NULL, read_reviewed_on},
    {"awaits", NULL, read_awaits},
};
#define HEAD_KEYS (sizeof head_keys / sizeof head_keys[0])

static const char *read_head_member(struct parser *parser, const char *name, const char *value) {
    for (unsigned i = 0; i < HEAD_KEYS; i++) {
        if (strcmp(head_keys[i].name, name) != 0) {
            continue;
        }
        if ((parser->seen >> i & 1U) != 0) {
            return "this member stands a second time";
        }
        parser->seen |= 1U << i;
        return head_keys[i].read(parser->card, value);
    }
    return "no such member above the first section";
}

/* ---- sections ---- */

static const char *read_section_member(struct parser *parser, const char *name, const char *value) {
    struct card_section *section = parser->section;
    if (strcmp(name, "heading") == 0) {
        if (section->heading[0] != '\0') {
            return "a section has one heading";
        }
        section->heading = value;
        return NULL;
    }
    if (strcmp(name, "point") != 0) {
        return "a section has a heading and points";
    }
    if (section->point_count == CARD_POINTS_MAX) {
        return "a section has at most 8 points";
    }
    section->points[section->point_count++] = value;
    return NULL;
}

static const char *end_section(const struct parser *parser) {
    const struct card_section *section = parser->section;
    if (section != NULL && (section->heading[0] == '\0' || section->point_count == 0)) {
        return "the section before lacks its heading or its points";
    }
    return NULL;
}

/* A line "[topic]" or "[topic pocket]". */
static const char *begin_section(struct parser *parser, char *line) {
    const char *wrong = end_section(parser);
    char *head = line + 1;
    size_t len = strlen(line);
    if (wrong != NULL) {
        return wrong;
    }
    if (len < 2 || line[len - 1] != ']') {
        return "a section begins with [TOPIC] or [TOPIC pocket]";
    }
    line[len - 1] = '\0';
    char *space = strchr(head, ' ');
    if (space != NULL) {
        *space = '\0';
    }
    for (int i = 0; i < CARD_TOPIC_COUNT; i++) {
        if (strcmp(topic_codes[i], head) != 0) {
            continue;
        }
        struct card_section *section = &parser->card->sections[i];
        if (section->heading != NULL) {
            return "a second section of this topic";
        }
        if (space != NULL && strcmp(space + 1, "pocket") != 0) {
            return "a section can only be marked pocket";
        }
        section->heading = "";
        section->pocket = space != NULL;
        parser->section = section;
        return NULL;
    }
    return "no such topic";
}

/* ---- a card ---- */

static bool is_plain_utf8(const char *line) {
    for (const unsigned char *at = (const unsigned char *)line; *at != '\0'; at++) {
        if (*at < 0x20 || *at == 0x7F) {
            return false;
        }
    }
    return g_utf8_validate(line, -1, NULL);
}

static const char *read_line(struct parser *parser, char *line) {
    if (!is_plain_utf8(line)) {
        return "only UTF-8 text without control characters";
    }
    if (*line == '[') {
        return begin_section(parser, line);
    }
    char *equals = strchr(line, '=');
    if (equals == NULL) {
        return "a line is [TOPIC], a comment (#) or member = text";
    }
    char *end = equals;
    while (end > line && end[-1] == ' ') {
        end--;
    }
    *end = '\0';
    char *value = equals + 1 + strspn(equals + 1, " ");
    if (*line == '\0' || *value == '\0' || strlen(value) > VALUE_MAX) {
        return "a member has a name and a text of at most 400 bytes";
    }
    return parser->section == NULL ? read_head_member(parser, line, value)
                                   : read_section_member(parser, line, value);
}

/* What somebody with an overdose in front of them needs must be there: whom to ring. */
static bool says_999(const struct card_section *section) {
    if (strstr(section->heading, "999") != NULL) {
        return true;
    }
    for (size_t i = 0; i < section->point_count; i++) {
        if (strstr(section->points[i], "999") != NULL) {
            return true;
        }
    }
    return false;
}

static const char *check_review(const struct card *card) {
    if (card->review == CARD_REVIEWED) {
        return card->reviewed_by != NULL && card->reviewed_on != NULL && card->awaits == NULL
                   ? NULL
                   : "a reviewed card has reviewed_by and reviewed_on, and no awaits";
    }
    return card->reviewed_by == NULL && card->reviewed_on == NULL && card->awaits != NULL
               ? NULL
               : "a card that awaits its review has awaits, and neither reviewed_by nor reviewed_on";
}

static const char *check_card(const struct parser *parser) {
    const struct card *card = parser->card;
    for (unsigned i = 0; i < HEAD_KEYS; i++) {
        if (head_keys[i].missing != NULL && (parser->seen >> i & 1U) == 0) {
            return head_keys[i].missing;
        }
    }
    const char *wrong = end_section(parser);
    if (wrong != NULL) {
        return wrong;
    }
    for (int i = 0; i < CARD_TOPIC_COUNT; i++) {
        bool needed = i != CARD_STOPPING || strstr(card->code, "diazepam") != NULL;
        if (needed && card->sections[i].heading == NULL) {
            return "a section that every card needs is missing (overdose, taking, mixing, missed, storage, "
                   "driving, "
                   "help; stopping with diazepam)";
        }
    }
    if (!says_999(&card->sections[CARD_OVERDOSE]) || !card->sections[CARD_OVERDOSE].pocket) {
        return "the section overdose names 999 and is marked pocket";
    }
    return check_review(card);
}

static bool fail(struct card_error *error, const char *file, int line, const char *message) {
    *error = (struct card_error){.file = file, .line = line, .message = message};
    return false;
}

/* text is writable and one byte longer than len. */
static bool parse_card(struct card *card, const char *file, char *text, size_t len,
                       struct card_error *error) {
    struct parser parser = {.card = card};
    struct lines lines = {.next = text, .end = text + len};
    if (memchr(text, '\0', len) != NULL) {
        return fail(error, file, 0, "a byte that is no text (NUL)");
    }
    char *line;
    while ((line = lines_next(&lines)) != NULL) {
        const char *wrong = read_line(&parser, line);
        if (wrong != NULL) {
            return fail(error, file, lines.number, wrong);
        }
    }
    const char *wrong = check_card(&parser);
    return wrong == NULL || fail(error, file, lines.number, wrong);
}

/* ---- the set ---- */

static int compare_cards(const void *left, const void *right) {
    const struct card *a = left;
    const struct card *b = right;
    int order = strcmp(a->code, b->code);
    if (order == 0) {
        order = strcmp(a->language, b->language);
    }
    return order != 0 ? order : (int)(a->forms & -a->forms) - (int)(b->forms & -b->forms);
}

static const struct card *same_as(const struct card *cards, size_t count, const struct card *card) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(cards[i].code, card->code) == 0 && strcmp(cards[i].language, card->language) == 0 &&
            (cards[i].forms & card->forms) != 0) {
            return &cards[i];
        }
    }
    return NULL;
}

struct card_set *card_set_parse(const struct card_source *sources, size_t count, struct card_error *error) {
    size_t bytes = sizeof(struct card_set) + count * sizeof(struct card);
    *error = (struct card_error){0};
    for (size_t i = 0; i < count; i++) {
        if (count > FILES_MAX || sources[i].len > TEXT_MAX) {
            fail(error, sources[i].file, 0, "more than 200 cards, or one longer than 64 KiB");
            return NULL;
        }
        bytes += sources[i].len + 1;
    }
    struct card_set *set = calloc(1, bytes);
    if (set == NULL) {
        fail(error, NULL, 0, "out of memory");
        return NULL;
    }
    set->cards = (struct card *)(set + 1);
    char *text = (char *)&set->cards[count];
    for (size_t i = 0; i < count; i++) {
        struct card *card = &set->cards[set->count];
        memcpy(text, sources[i].text, sources[i].len);
        bool read = parse_card(card, sources[i].file, text, sources[i].len, error);
        if (read && same_as(set->cards, set->count, card) != NULL) {
            read = fail(error, sources[i].file, 0, "another file has this card in this language and form");
        }
        if (!read) {
            free(set);
            return NULL;
        }
        set->count++;
        text += sources[i].len + 1;
    }
    qsort(set->cards, set->count, sizeof set->cards[0], compare_cards);
    return set;
}

struct card_set *card_set_embedded(struct card_error *error) {
    struct card_source sources[CARD_TABLE_MAX];
    return card_set_parse(sources, card_table(sources), error);
}

void card_set_free(struct card_set **set) {
    free(*set);
    *set = NULL;
}

const struct card *card_find(const struct card_set *set, const char *code, const char *language,
                             enum card_form form) {
    for (size_t i = 0; i < set->count; i++) {
        const struct card *card = &set->cards[i];
        if (strcmp(card->code, code) == 0 && strcmp(card->language, language) == 0 &&
            (card->forms >> form & 1U) != 0) {
            return card;
        }
    }
    return NULL;
}

const struct card *card_list(const struct card_set *set, size_t *count) {
    *count = set->count;
    return set->cards;
}
