/* What a person reads: aligned, calm, the same without colours. See cli.h. */
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include "cli.h"

#define TEXT_SIZE 8192
#define ELLIPSIS "\xe2\x80\xa6"

/* U+2068, what follows finds its own direction, and U+2069, the end of that. */
static const char isolate[] = {'\xe2', '\x81', '\xa8', '\0'};
static const char isolate_end[] = {'\xe2', '\x81', '\xa9', '\0'};

static const char *style_begin(enum cli_style style) {
    switch (style) {
    case CLI_STRONG: return "\033[1m";
    case CLI_QUIET: return "\033[2m";
    case CLI_GOOD: return "\033[32m";
    case CLI_WARN: return "\033[33m";
    case CLI_BAD: return "\033[1;31m";
    case CLI_PLAIN: break;
    }
    return "";
}

/* A character of the text, and how many bytes it has; what is no UTF-8 counts as one byte of '?'. */
static size_t next_character(const char *text, wchar_t *out) {
    mbstate_t state = {0};
    size_t len = mbrtowc(out, text, MB_LEN_MAX, &state);
    if (len == 0 || len == (size_t)-1 || len == (size_t)-2) {
        *out = L'?';
        return 1;
    }
    return len;
}

/* Characters that would move the cursor, change colours or turn the direction of a whole line are left out. */
static bool may_show(wchar_t character) {
    if (character == L'\n' || character == L' ')
        return true;
    if (character < 0x20 || (character >= 0x7f && character < 0xa0))
        return false;
    return !(character >= 0x202a && character <= 0x202e) && !(character >= 0x2066 && character <= 0x2069);
}

static bool is_right_to_left(wchar_t character) {
    return (character >= 0x0590 && character <= 0x08ff) || (character >= 0xfb1d && character <= 0xfdff) ||
           (character >= 0xfe70 && character <= 0xfeff);
}

static bool has_right_to_left(const char *text) {
    wchar_t character;
    while (*text != '\0') {
        text += next_character(text, &character);
        if (is_right_to_left(character))
            return true;
    }
    return false;
}

size_t cli_character(const char *text, wchar_t *out, int *columns) {
    size_t len = next_character(text, out);
    int width = may_show(*out) ? wcwidth(*out) : -1;
    *columns = *out == L'\n' ? -1 : width;
    return len;
}

int cli_columns(const char *text) {
    int columns = 0;
    wchar_t character;
    while (*text != '\0') {
        text += next_character(text, &character);
        int width = may_show(character) ? wcwidth(character) : 0;
        columns += width > 0 ? width : 0;
    }
    return columns;
}

/* Writes at most `columns` columns (-1: all); the columns that were written. */
static int put_text(FILE *out, const char *text, int columns) {
    int done = 0;
    wchar_t character;
    while (*text != '\0') {
        size_t len = next_character(text, &character);
        int width = may_show(character) ? wcwidth(character) : -1;
        if (columns >= 0 && width > 0 && done + width > columns)
            break;
        if (character == L'?' && *text != '?')
            (void)fputc('?', out);
        else if (character == L'\n' || width >= 0)
            (void)fwrite(text, 1, len, out);
        done += width > 0 ? width : 0;
        text += len;
    }
    return done;
}

static void put_styled(const struct cli *cli, enum cli_style style, const char *text, int columns,
                       int *done) {
    bool coloured = cli->colour && style != CLI_PLAIN;
    bool isolated = cli->person && has_right_to_left(text);
    if (coloured)
        (void)fputs(style_begin(style), stdout);
    if (isolated)
        (void)fputs(isolate, stdout);
    *done = put_text(stdout, text, columns);
    if (isolated)
        (void)fputs(isolate_end, stdout);
    if (coloured)
        (void)fputs("\033[0m", stdout);
}

void cli_say(const struct cli *cli, enum cli_style style, const char *format, ...) {
    char text[TEXT_SIZE];
    int done = 0;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    put_styled(cli, style, text, -1, &done);
}

const struct cli_word *cli_word_of(const struct cli_word *words, size_t count, const char *code) {
    for (size_t i = 0; i < count; i++) {
        if (strcmp(words[i].code, code) == 0)
            return &words[i];
    }
    return NULL;
}

void cli_say_column(const struct cli *cli, enum cli_style style, const char *text, int columns) {
    int done = 0;
    int needed = cli_columns(text);
    bool cut = columns > 0 && needed > columns;
    put_styled(cli, style, text, cut ? columns - 1 : -1, &done);
    if (cut) {
        (void)fputs(ELLIPSIS, stdout);
        done++;
    }
    for (; done < columns; done++)
        (void)fputc(' ', stdout);
}

int cli_columns_left(const struct cli *cli, int used) {
    return cli->person && cli->width - 1 > used ? cli->width - 1 - used : 0;
}

void cli_say_wrapped(const struct cli *cli, enum cli_style style, int indent, const char *text) {
    int limit = (cli->width > 100 ? 100 : cli->width) - 1;
    int at = indent;
    char word[TEXT_SIZE];
    bool first = true;
    while (*text != '\0') {
        size_t len = strcspn(text, " \n");
        if (len >= sizeof word)
            len = sizeof word - 1;
        memcpy(word, text, len);
        word[len] = '\0';
        int columns = cli_columns(word);
        if (!first && at + 1 + columns > limit) {
            cli_say(cli, CLI_PLAIN, "\n%*s", indent, "");
            at = indent;
        } else if (!first) {
            cli_say(cli, CLI_PLAIN, " ");
            at++;
        }
        cli_say(cli, style, "%s", word);
        at += columns;
        first = false;
        text += len;
        text += strspn(text, " \n");
    }
    cli_say(cli, CLI_PLAIN, "\n");
}

/* Days by Zeller: no clock is asked. Monday is 0. */
static int weekday_of(int year, int month, int day) {
    static const int shift[] = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
    if (month < 3)
        year--;
    return (year + year / 4 - year / 100 + year / 400 + shift[month - 1] + day + 6) % 7;
}

const char *cli_day(const char *day) {
    static char texts[4][32];
    static size_t turn;
    static const char *const weekdays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    static const char *const months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                         "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    char *end = NULL;
    if (day == NULL || strlen(day) < 10 || day[4] != '-' || day[7] != '-')
        return day == NULL ? "" : day;
    long year = strtol(day, &end, 10);
    long month = strtol(day + 5, &end, 10);
    long date = strtol(day + 8, &end, 10);
    if (year < 1800 || month < 1 || month > 12 || date < 1 || date > 31)
        return day;
    char *out = texts[turn++ % 4];
    (void)snprintf(out, sizeof texts[0], "%s %ld %s %ld",
                   weekdays[weekday_of((int)year, (int)month, (int)date)], date, months[month - 1], year);
    return out;
}

enum cli_status cli_fail(struct cli *cli, enum cli_status status, const char *format, ...) {
    char text[TEXT_SIZE];
    va_list arguments;
    cli_progress_end(cli);
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    (void)fflush(stdout);
    (void)fputs("instalment: ", stderr);
    (void)put_text(stderr, text, -1);
    (void)fputc('\n', stderr);
    cli->status = status;
    return status;
}

/* The columns of the terminal that standard error is; 0 where it is none. */
static int error_columns(void) {
    struct winsize size = {0};
    bool known = isatty(STDERR_FILENO) != 0 && ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0;
    return known && size.ws_col > 20 ? size.ws_col : 0;
}

/* Broken at blanks where the terminal ends; the further lines are indented by as much as the first. */
void cli_hint(const char *format, ...) {
    char text[TEXT_SIZE], word[TEXT_SIZE];
    int limit = error_columns(), at = 2;
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    int indent = 2 + (int)strspn(text, " !=.");
    (void)fputs("  ", stderr);
    for (const char *from = text; *from != '\0';) {
        size_t blanks = strspn(from, " "), len = blanks + strcspn(from + blanks, " ");
        (void)snprintf(word, sizeof word, "%.*s", (int)len, from);
        int columns = cli_columns(word);
        if (limit > 0 && at > indent && at + columns >= limit) {
            (void)fprintf(stderr, "\n%*s", indent, "");
            (void)put_text(stderr, word + blanks, -1);
            at = indent + columns - (int)blanks;
        } else {
            (void)put_text(stderr, word, -1);
            at += columns;
        }
        from += len;
    }
    (void)fputc('\n', stderr);
}

enum cli_status cli_print(const struct cli *cli, const struct instalment_reply *reply) {
    char *text = cJSON_PrintUnformatted(instalment_json(reply));
    (void)cli;
    (void)printf("%s\n", text == NULL ? "{}" : text);
    cJSON_free(text);
    return CLI_OK;
}

enum cli_status cli_print_lines(const struct cli *cli, const struct instalment_reply *reply) {
    const cJSON *one = NULL;
    (void)cli;
    cJSON_ArrayForEach(one, cli_member(instalment_json(reply), "items")) {
        char *text = cJSON_PrintUnformatted(one);
        (void)printf("%s\n", text == NULL ? "{}" : text);
        cJSON_free(text);
    }
    return CLI_OK;
}

void cli_progress(struct cli *cli, const char *what, size_t done) {
    if (isatty(STDERR_FILENO) == 0 || cli->json)
        return;
    (void)fprintf(stderr, "\r%s: %zu", what, done);
    (void)fflush(stderr);
    cli->progressing = true;
}

void cli_progress_end(struct cli *cli) {
    if (cli->progressing)
        (void)fputs("\r                                                  \r", stderr);
    cli->progressing = false;
}

/* ---- members */

const cJSON *cli_member(const cJSON *object, const char *name) {
    return cJSON_GetObjectItemCaseSensitive(object, name);
}

const char *cli_text(const cJSON *object, const char *name) {
    const cJSON *member = cli_member(object, name);
    return member != NULL && cJSON_IsString(member) ? member->valuestring : "";
}

bool cli_true(const cJSON *object, const char *name) {
    return cJSON_IsTrue(cli_member(object, name));
}

int cli_number(const cJSON *object, const char *name) {
    const cJSON *member = cli_member(object, name);
    return member != NULL && cJSON_IsNumber(member) ? member->valueint : 0;
}
