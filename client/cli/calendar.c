/* The pharmacy's days: shown as a calendar, and what a manager sets of them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

#define PATH_SIZE 256
#define CELL 11
#define WEEKS_MAX 52
#define NAMES_SHOWN 12

static const char *const weekdays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun", NULL};
static const char *const weekday_names[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                            "Friday", "Saturday", "Sunday"};

static bool is_day(const char *text) {
    return strlen(text) == 10 && text[4] == '-' && text[7] == '-' &&
           text[strspn(text, "0123456789-")] == '\0';
}

/* ---- reading */

/* Today at the pharmacy, which need not be today here. */
static bool pharmacy_today(struct cli *cli, char today[11]) {
    struct instalment_reply *reply = NULL;
    if (!cli_get(cli, "/healthz", &reply))
        return false;
    (void)snprintf(today, 11, "%.10s", cli_text(instalment_json(reply), "now"));
    instalment_reply_free(&reply);
    return true;
}

static const cJSON *single_of(const cJSON *calendar, const char *list, const char *day) {
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, cli_member(calendar, list)) {
        if (strcmp(cli_text(one, "day"), day) == 0)
            return one;
    }
    return NULL;
}

/* "9-18" of "09:00" and "18:00"; "9:30-17" of "09:30" and "17:00". */
static void put_hours(char *out, size_t size, const char *opens, const char *closes) {
    const char *sides[] = {opens, closes};
    size_t len = 0;
    for (size_t i = 0; i < 2 && len < size; i++) {
        const char *side = sides[i];
        bool whole = strlen(side) == 5 && strcmp(side + 3, "00") == 0;
        side += side[0] == '0' ? 1 : 0;
        len += (size_t)snprintf(out + len, size - len, "%s%.*s", i == 0 ? "" : "-",
                                whole ? (int)strcspn(side, ":") : 5, side);
    }
}

/* What stands in a day's cell below its date, and how it is marked. */
static enum cli_style day_words(const cJSON *calendar, const cJSON *day, char *out, size_t size) {
    const char *date = cli_text(day, "day");
    const char *by = cli_text(day, "closed_by");
    const cJSON *holiday = single_of(calendar, "bank_holidays", date);
    if (cli_true(day, "open")) {
        char hours[24];
        put_hours(hours, sizeof hours, cli_text(day, "opens"), cli_text(day, "closes"));
        bool proposed = strcmp(cli_text(holiday, "state"), "proposed") == 0;
        bool opened = single_of(calendar, "opened", date) != NULL;
        (void)snprintf(out, size, "%s%s", proposed ? "?" : opened ? "+" : "", hours);
        return proposed ? CLI_WARN : CLI_PLAIN;
    }
    if (strcmp(by, "weekly") == 0) {
        (void)snprintf(out, size, "-");
        return CLI_QUIET;
    }
    if (strcmp(by, "unplanned") == 0) {
        (void)snprintf(out, size, "! closed");
        return CLI_BAD;
    }
    (void)snprintf(out, size, cli_true(holiday, "confirmed") ? "x holiday" : "x closed");
    return CLI_WARN;
}

/* ---- drawing */

static void say_week_dates(const struct cli *cli, const cJSON *days, int first, const char *today) {
    for (int i = first; i < first + 7; i++) {
        const cJSON *day = cJSON_GetArrayItem(days, i);
        const char *date = cli_text(day, "day");
        char text[16];
        if (date[0] == '\0')
            break;
        const char *said = cli_day(date);
        bool month = i == 0 || strcmp(date + 8, "01") == 0;
        bool now = strcmp(date, today) == 0;
        (void)snprintf(text, sizeof text, "%s%.*s%s", now ? ">" : "",
                       (int)(month ? strcspn(said + 4, " ") + 4 : strcspn(said + 4, " ")), said + 4,
                       now ? "<" : "");
        cli_say_column(cli, now || month ? CLI_STRONG : CLI_PLAIN, text, CELL);
    }
    cli_say(cli, CLI_PLAIN, "\n");
}

static void say_week_hours(const struct cli *cli, const cJSON *calendar, const cJSON *days, int first) {
    for (int i = first; i < first + 7; i++) {
        char text[32];
        const cJSON *day = cJSON_GetArrayItem(days, i);
        if (day == NULL)
            break;
        enum cli_style style = day_words(calendar, day, text, sizeof text);
        cli_say_column(cli, style, text, CELL);
    }
    cli_say(cli, CLI_PLAIN, "\n");
}

/* One line of what is special: the mark of the calendar, the day, why. */
static void say_special(const struct cli *cli, const cJSON *day, const char *from, const char *to,
                        const char *mark, const char *why) {
    const char *date = cli_text(day, "day");
    if (strcmp(date, from) < 0 || strcmp(date, to) > 0)
        return;
    cli_say(cli, CLI_PLAIN, "  %s ", mark);
    cli_say_column(cli, CLI_PLAIN, cli_day(date), 17);
    cli_say_wrapped(cli, CLI_PLAIN, 21, why);
}

static void say_holidays(const struct cli *cli, const cJSON *calendar, const char *from, const char *to) {
    const cJSON *one = NULL;
    char why[256];
    cJSON_ArrayForEach(one, cli_member(calendar, "bank_holidays")) {
        const char *state = cli_text(one, "state");
        bool proposed = strcmp(state, "proposed") == 0;
        bool confirmed = cli_true(one, "confirmed");
        (void)snprintf(why, sizeof why, "%s: %s", cli_text(one, "name"),
                       confirmed  ? "closed"
                       : proposed ? "not confirmed yet, counts as open (calendar confirm DAY)"
                                  : "open all the same");
        say_special(cli, one, from, to,
                    confirmed              ? "x"
                    : cli_true(one, "red") ? "!"
                    : proposed             ? "?"
                                           : "+",
                    why);
    }
}

static void say_singles(const struct cli *cli, const cJSON *calendar, const char *list, const char *mark,
                        const char *words, const char *from, const char *to) {
    const cJSON *one = NULL;
    char why[512];
    cJSON_ArrayForEach(one, cli_member(calendar, list)) {
        const char *reason = cli_text(one, "reason");
        (void)snprintf(why, sizeof why, "%s%s%s", words, reason[0] == '\0' ? "" : ": ", reason);
        say_special(cli, one, from, to, mark, why);
    }
}

static void say_calendar(const struct cli *cli, const cJSON *calendar, const char *today) {
    const cJSON *days = cli_member(calendar, "days");
    const char *from = cli_text(calendar, "from");
    const char *to = cli_text(calendar, "to");
    for (int i = 0; i < 7; i++) {
        const char *said = cli_day(cli_text(cJSON_GetArrayItem(days, i), "day"));
        char name[4];
        (void)snprintf(name, sizeof name, "%.3s", said);
        cli_say_column(cli, CLI_QUIET, name, CELL);
    }
    cli_say(cli, CLI_PLAIN, "\n");
    for (int first = 0; first < cJSON_GetArraySize(days); first += 7) {
        say_week_dates(cli, days, first, today);
        say_week_hours(cli, calendar, days, first);
    }
    cli_say(cli, CLI_QUIET,
            "-  closed every week   x  closed   !  closed at short notice   +  opened   ?  to confirm\n");
    say_holidays(cli, calendar, from, to);
    say_singles(cli, calendar, "closures", "x", "closed", from, to);
    say_singles(cli, calendar, "unplanned", "!", "closed at short notice", from, to);
    say_singles(cli, calendar, "opened", "+", "opened", from, to);
    if (cli_true(calendar, "holidays_running_out"))
        cli_say(cli, CLI_WARN, "!  The list of bank holidays ends on %s: a newer version is needed.\n",
                cli_day(cli_text(calendar, "holidays_known_until")));
}

/* Days are added by the interface alone: a range is asked for, and the Monday that begins it is found in the answer. */
static int days_before_monday(const char *day) {
    static const char names[] = "MonTueWedThuFriSatSun";
    const char *at = strstr(names, (char[4]){cli_day(day)[0], cli_day(day)[1], cli_day(day)[2], '\0'});
    return at == NULL ? 0 : (int)(at - names) / 3;
}

/* Takes away the days in front of the Monday of the week of `first`, and those behind so many weeks. */
static void cut_days(cJSON *calendar, const char *first, int weeks) {
    cJSON *days = cJSON_GetObjectItemCaseSensitive(calendar, "days");
    int at = 0;
    while (at < cJSON_GetArraySize(days) && strcmp(cli_text(cJSON_GetArrayItem(days, at), "day"), first) < 0)
        at++;
    at -= days_before_monday(first);
    for (; at > 0; at--)
        cJSON_DeleteItemFromArray(days, 0);
    while (cJSON_GetArraySize(days) > weeks * 7)
        cJSON_DeleteItemFromArray(days, weeks * 7);
    int count = cJSON_GetArraySize(days);
    if (count == 0)
        return;
    cJSON_ReplaceItemInObjectCaseSensitive(calendar, "from",
                                           cJSON_CreateString(cli_text(cJSON_GetArrayItem(days, 0), "day")));
    cJSON_ReplaceItemInObjectCaseSensitive(
        calendar, "to", cJSON_CreateString(cli_text(cJSON_GetArrayItem(days, count - 1), "day")));
}

static bool weeks_wanted(struct cli *cli, int *weeks) {
    const char *said = cli_option(cli, "weeks");
    char *end = NULL;
    long count = said == NULL ? 5 : strtol(said, &end, 10);
    if (said != NULL && (end == said || *end != '\0' || count < 1 || count > WEEKS_MAX)) {
        (void)cli_fail(cli, CLI_USAGE, "--weeks is a number from 1 to %d.", WEEKS_MAX);
        return false;
    }
    *weeks = (int)count;
    return true;
}

enum cli_status command_calendar_show(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const char *from = cli_option(cli, "from");
    char today[11], path[PATH_SIZE];
    int weeks = 0;
    if (from != NULL && !is_day(from))
        return cli_fail(cli, CLI_USAGE, "--from is a day like 2026-11-23.");
    if (!weeks_wanted(cli, &weeks) || !cli_connect_signed_in(cli) || !pharmacy_today(cli, today))
        return cli->status;
    (void)snprintf(path, sizeof path, "/calendar%s%s",
                   from == NULL ? "" : "?from=", from == NULL ? "" : from);
    if (!cli_get(cli, path, &reply))
        return cli->status;
    if (cli->json) {
        (void)cli_print(cli, reply);
    } else {
        cut_days(instalment_json(reply), from == NULL ? today : from, weeks);
        say_calendar(cli, instalment_json(reply), today);
    }
    instalment_reply_free(&reply);
    return CLI_OK;
}

/* ---- setting */

static enum cli_status set(struct cli *cli, cJSON *body, const char *done) {
    struct instalment_reply *reply = NULL;
    if (!cli_post(cli, "/calendar", body, &reply))
        return cli->status;
    if (cli->json)
        (void)cli_print(cli, reply);
    else
        cli_say(cli, CLI_GOOD, "+  %s\n", done);
    instalment_reply_free(&reply);
    return CLI_OK;
}

/* "9:30" or "9" as "09:30"; *end is behind it. False: it is no time. */
static bool parse_time(const char *text, char **end, char out[8]) {
    long minute = 0;
    long hour = strtol(text, end, 10);
    bool good = *end != text;
    if (good && **end == ':') {
        text = *end + 1;
        minute = strtol(text, end, 10);
        good = *end == text + 2;
    }
    good = good && hour >= 0 && hour <= 24 && minute >= 0 && minute <= 59;
    if (good)
        (void)snprintf(out, 8, "%02u:%02u", (unsigned)hour % 100, (unsigned)minute % 100);
    return good;
}

/* "9:00-18:00", "9-18" as ["09:00","18:00"]; "closed" as []. NULL: neither. */
static cJSON *parse_hours(const char *text) {
    char opens[8], closes[8];
    char *end = NULL;
    if (strcmp(text, "closed") == 0 || strcmp(text, "-") == 0)
        return cJSON_CreateArray();
    if (!parse_time(text, &end, opens) || *end != '-' || !parse_time(end + 1, &end, closes) || *end != '\0')
        return NULL;
    cJSON *pair = cJSON_CreateArray();
    cJSON_AddItemToArray(pair, cJSON_CreateString(opens));
    cJSON_AddItemToArray(pair, cJSON_CreateString(closes));
    return pair;
}

static bool ask_weekday(struct cli *cli, const cJSON *now, size_t weekday, cJSON *hours) {
    const cJSON *pair = cli_member(now, weekdays[weekday]);
    char otherwise[24] = "closed";
    if (cJSON_GetArraySize(pair) == 2)
        put_hours(otherwise, sizeof otherwise, cJSON_GetArrayItem(pair, 0)->valuestring,
                  cJSON_GetArrayItem(pair, 1)->valuestring);
    for (;;) {
        char *answer = NULL;
        if (!cli_ask_default(cli, weekday_names[weekday], otherwise, &answer))
            return false;
        cJSON *said = parse_hours(answer);
        free(answer);
        if (said != NULL) {
            cJSON_AddItemToObject(hours, weekdays[weekday], said);
            return true;
        }
        (void)fputs("  As 9-18 or 9:30-17:30, or closed, please.\n", stderr);
    }
}

static cJSON *ask_hours(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    cJSON *hours = cJSON_CreateObject();
    bool good = cli_get(cli, "/calendar", &reply);
    for (size_t i = 0; good && i < 7; i++)
        good = ask_weekday(cli, cli_member(instalment_json(reply), "hours"), i, hours);
    instalment_reply_free(&reply);
    if (good)
        return hours;
    cJSON_Delete(hours);
    return NULL;
}

enum cli_status command_calendar_hours(struct cli *cli) {
    bool good = cli_connect_signed_in(cli);
    cJSON *hours = NULL;
    if (!good)
        return cli->status;
    hours = cli_from(cli, &good);
    if (good && hours == NULL)
        hours = ask_hours(cli);
    if (hours == NULL)
        return cli->status;
    cJSON *body = cJSON_CreateObject();
    cJSON *inner = cJSON_DetachItemFromObjectCaseSensitive(hours, "hours");
    cJSON_AddItemToObject(body, "hours", inner != NULL ? inner : hours);
    if (inner != NULL)
        cJSON_Delete(hours);
    return set(cli, body, "The opening hours are set.");
}

static bool wanted_day(struct cli *cli, const char **day) {
    *day = cli_argument(cli, 0);
    if (*day == NULL || is_day(*day))
        return true;
    (void)cli_fail(cli, CLI_USAGE, "%s is no day like 2026-12-25.", *day);
    return false;
}

enum cli_status command_calendar_confirm(struct cli *cli) {
    const char *day = NULL;
    char done[128];
    bool open = cli_option(cli, "open") != NULL;
    if (!wanted_day(cli, &day) || !cli_connect_signed_in(cli))
        return cli->status;
    cJSON *body = cJSON_CreateObject();
    cJSON *holiday = cJSON_AddObjectToObject(body, "bank_holiday");
    cJSON_AddStringToObject(holiday, "day", day);
    cJSON_AddBoolToObject(holiday, "confirmed", !open);
    (void)snprintf(done, sizeof done, "%s: the pharmacy is %s on this bank holiday.", cli_day(day),
                   open ? "open" : "closed");
    return set(cli, body, done);
}

/* Who is due on a day that is about to be closed. False: they could not be read. */
static bool say_whom_it_hits(struct cli *cli, const char *day, int *count) {
    struct instalment_reply *reply = NULL;
    const cJSON *one = NULL;
    char path[PATH_SIZE];
    *count = 0;
    (void)snprintf(path, sizeof path, "/day?date=%s", day);
    if (!cli_get(cli, path, &reply))
        return false;
    const cJSON *due = cli_member(instalment_json(reply), "due");
    *count = cJSON_GetArraySize(due);
    if (cli->json) {
        instalment_reply_free(&reply);
        return true;
    }
    if (*count == 0)
        cli_say(cli, CLI_PLAIN, "Nobody is due on %s.\n", cli_day(day));
    else
        cli_say(cli, CLI_WARN, "!  %d due on %s:\n", *count, cli_day(day));
    int shown = 0;
    cJSON_ArrayForEach(one, due) {
        const cJSON *patient = cli_member(one, "patient");
        if (shown++ == NAMES_SHOWN && *count > NAMES_SHOWN + 1) {
            cli_say(cli, CLI_PLAIN, "   and %d more: instalment today --date %s\n", *count - NAMES_SHOWN,
                    day);
            break;
        }
        cli_remember(cli, cli_text(one, "prescription"));
        cli_say(cli, CLI_PLAIN, "   ");
        cli_say_column(cli, CLI_PLAIN, cli_text(patient, "name"), 30);
        cli_say(cli, CLI_PLAIN, " %s   %s\n", cli_text(patient, "born_on"),
                cli_short(cli_text(one, "prescription")));
    }
    instalment_reply_free(&reply);
    return true;
}

/* Why: asked at a terminal, else one line of standard input. */
static bool add_reason(struct cli *cli, cJSON *body) {
    char *reason = NULL;
    bool good = cli_can_ask() ? cli_ask(cli, "Why (as it will stand in the calendar)", &reason)
                              : cli_read_line(cli, &reason);
    if (!good)
        return false;
    if (reason[0] != '\0')
        cJSON_AddStringToObject(body, "reason", reason);
    free(reason);
    return true;
}

static enum cli_status close_day(struct cli *cli, const char *kind, const char *day, const char *done) {
    int count = 0;
    bool yes = true;
    char said[160];
    if (!say_whom_it_hits(cli, day, &count))
        return cli->status;
    if (count > 0 && cli_can_ask() && !cli_ask_yes(cli, "Close it all the same", &yes))
        return cli->status;
    if (!yes)
        return cli_fail(cli, CLI_FAILED, "nothing was changed.");
    cJSON *body = cJSON_CreateObject();
    cJSON *one = cJSON_AddObjectToObject(body, kind);
    cJSON_AddStringToObject(one, "day", day);
    if (!add_reason(cli, one)) {
        cJSON_Delete(body);
        return cli->status;
    }
    (void)snprintf(said, sizeof said, "%s %s", cli_day(day), done);
    return set(cli, body, said);
}

enum cli_status command_calendar_close(struct cli *cli) {
    const char *day = NULL;
    if (!wanted_day(cli, &day) || !cli_connect_signed_in(cli))
        return cli->status;
    return close_day(cli, "closure", day,
                     "is closed. What was due then: instalment today --date, on the days before it.");
}

enum cli_status command_calendar_unplanned(struct cli *cli) {
    const char *day = NULL;
    char today[11];
    if (!wanted_day(cli, &day) || !cli_connect_signed_in(cli))
        return cli->status;
    if (day == NULL && !pharmacy_today(cli, today))
        return cli->status;
    return close_day(cli, "unplanned", day == NULL ? today : day,
                     "is closed at short notice. Telephone whoever was due, and the services.");
}

enum cli_status command_calendar_open(struct cli *cli) {
    const char *day = NULL;
    const char *said = cli_option(cli, "hours");
    char done[96];
    if (!wanted_day(cli, &day) || !cli_connect_signed_in(cli))
        return cli->status;
    cJSON *pair = said == NULL ? NULL : parse_hours(said);
    if (said != NULL && cJSON_GetArraySize(pair) != 2) {
        cJSON_Delete(pair);
        return cli_fail(cli, CLI_USAGE, "--hours are hours like 10-14 or 9:30-13:00.");
    }
    cJSON *body = cJSON_CreateObject();
    cJSON *one = cJSON_AddObjectToObject(body, "opened");
    cJSON_AddStringToObject(one, "day", day);
    if (pair != NULL) {
        cJSON_AddItemToObject(one, "closes", cJSON_DetachItemFromArray(pair, 1));
        cJSON_AddItemToObject(one, "opens", cJSON_DetachItemFromArray(pair, 0));
        cJSON_Delete(pair);
    }
    (void)snprintf(done, sizeof done, "%s is open.", cli_day(day));
    return set(cli, body, done);
}

enum cli_status command_calendar_regular(struct cli *cli) {
    const char *day = NULL;
    char done[96];
    if (!wanted_day(cli, &day) || !cli_connect_signed_in(cli))
        return cli->status;
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(cJSON_AddObjectToObject(body, "regular"), "day", day);
    (void)snprintf(done, sizeof done, "%s is again as its weekday is.", cli_day(day));
    return set(cli, body, done);
}
