/*
 * The reader of bank holidays: see holidays.h, and the head of config/bank-holidays.conf for the text's form.
 *
 * One block of memory holds the lists, then the names and the days of all nations one after the other,
 * then a copy of the text, cut apart in place. A step returns NULL, or what is wrong.
 */
#include "holidays.h"

#include <stdlib.h>
#include <string.h>

#include "lines.h"

enum { MAX_TEXT = 65536 };

struct block {
    struct holidays holidays;
    const char *names[]; /* behind the last one: the days, then the text */
};

struct parser {
    struct block *block;
    day_t *days;        /* as many as names */
    size_t count;       /* of days and names so far */
    size_t nation_at;   /* where the current nation's begin */
    enum nation nation; /* NATION_COUNT: none yet */
};

static const char *const nation_codes[NATION_COUNT] = {"england", "wales", "scotland", "northern_ireland"};

const char *nation_code(enum nation nation) {
    return nation_codes[nation];
}

bool nation_parse(const char *text, size_t len, enum nation *out) {
    for (enum nation nation = NATION_ENGLAND; nation < NATION_COUNT; nation++) {
        if (strlen(nation_codes[nation]) == len && memcmp(nation_codes[nation], text, len) == 0) {
            *out = nation;
            return true;
        }
    }
    return false;
}

/* A line above the first nation: the version, then the last day that the data speaks of. */
static const char *read_head(struct parser *parser, const char *key, const char *value) {
    struct holidays *holidays = &parser->block->holidays;
    if (strcmp(key, "version") == 0 && holidays->version == NULL) {
        holidays->version = value;
        return NULL;
    }
    if (strcmp(key, "known_until") != 0 || holidays->known_until != DAY_NONE)
        return "above the first nation stand version and known_until, once each";
    if (!day_parse(value, strlen(value), &holidays->known_until))
        return "known_until is not a date (2028-12-31)";
    return NULL;
}

static const char *read_holiday(struct parser *parser, const char *key, const char *value) {
    day_t day;
    if (!day_parse(key, strlen(key), &day))
        return "not a date (2026-12-28)";
    if (day_weekday(day) >= WEEKDAY_SAT)
        return "a Saturday or Sunday: the substitute day is the bank holiday";
    if (day > parser->block->holidays.known_until)
        return "later than known_until";
    if (parser->count > parser->nation_at && parser->days[parser->count - 1] >= day)
        return "not later than the day above it";
    parser->days[parser->count] = day;
    parser->block->names[parser->count] = value;
    parser->count++;
    return NULL;
}

/* Ends the nation that is being read, or the head. */
static const char *end_nation(struct parser *parser) {
    struct holidays *holidays = &parser->block->holidays;
    if (parser->nation == NATION_COUNT) {
        if (holidays->version == NULL || holidays->known_until == DAY_NONE)
            return "above the first nation stand version and known_until, once each";
        return NULL;
    }
    if (parser->count == parser->nation_at)
        return "a nation without bank holidays stands above";
    holidays->nations[parser->nation] = (struct holiday_list){
        .days = {.days = parser->days + parser->nation_at, .count = parser->count - parser->nation_at},
        .names = parser->block->names + parser->nation_at,
    };
    parser->nation_at = parser->count;
    return NULL;
}

static const char *begin_nation(struct parser *parser, char *line) {
    const char *code = lines_head(line);
    if (code == NULL || !nation_parse(code, strlen(code), &parser->nation))
        return "a nation is [england], [wales], [scotland] or [northern_ireland]";
    if (parser->block->holidays.nations[parser->nation].names != NULL)
        return "a nation stands a second time";
    return NULL;
}

static const char *read_line(struct parser *parser, char *line) {
    if (!lines_are_plain(line))
        return "only plain ASCII characters outside comments";
    if (*line == '[') {
        const char *wrong = end_nation(parser);
        return wrong != NULL ? wrong : begin_nation(parser, line);
    }
    const char *key;
    const char *value;
    const char *wrong = lines_split(line, &key, &value);
    if (wrong != NULL)
        return wrong;
    return parser->nation == NATION_COUNT ? read_head(parser, key, value) : read_holiday(parser, key, value);
}

static const char *check_nations(const struct holidays *holidays) {
    for (enum nation nation = NATION_ENGLAND; nation < NATION_COUNT; nation++) {
        if (holidays->nations[nation].names == NULL)
            return "one of the four nations is missing";
    }
    return NULL;
}

/* Reads all lines; *number is that of the last one read. */
static const char *read_lines(struct parser *parser, struct lines lines, int *number) {
    char *line;
    while ((line = lines_next(&lines)) != NULL) {
        *number = lines.number;
        const char *wrong = read_line(parser, line);
        if (wrong != NULL)
            return wrong;
    }
    const char *wrong = end_nation(parser);
    return wrong != NULL ? wrong : check_nations(&parser->block->holidays);
}

static struct holidays *refuse(struct holidays_error *error, int line, const char *message) {
    *error = (struct holidays_error){.line = line, .message = message};
    return NULL;
}

struct holidays *holidays_parse(const char *text, size_t len, struct holidays_error *error) {
    if (len > MAX_TEXT)
        return refuse(error, 0, "longer than 64 KiB");
    size_t capacity = 0;
    for (size_t i = 0; i < len; i++)
        capacity += text[i] == '=';
    struct block *block =
        malloc(sizeof *block + capacity * (sizeof block->names[0] + sizeof(day_t)) + len + 1);
    if (block == NULL)
        return refuse(error, 0, "out of memory");
    day_t *days = (day_t *)(void *)&block->names[capacity];
    char *copy = (char *)(days + capacity);
    memcpy(copy, text, len);
    block->holidays = (struct holidays){.known_until = DAY_NONE};
    struct parser parser = {.block = block, .days = days, .nation = NATION_COUNT};
    struct lines lines = {.next = copy, .end = copy + len};
    int number = 1;
    const char *wrong = read_lines(&parser, lines, &number);
    if (wrong != NULL) {
        free(block);
        return refuse(error, number, wrong);
    }
    return &block->holidays;
}

void holidays_free(struct holidays **holidays) {
    free(*holidays);
    *holidays = NULL;
}

const char *holidays_name(const struct holidays *holidays, enum nation nation, day_t day) {
    const struct holiday_list *list = &holidays->nations[nation];
    for (size_t i = 0; i < list->days.count; i++) {
        if (list->days.days[i] == day)
            return list->names[i];
    }
    return NULL;
}
