/* One prescription, with the calendar of its instalments. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "days.h"
#include "decision.h"
#include "form.h"
#include "records.h"
#include "rx_form.h"

#define PATH_SIZE 512
#define CELL_MOST 10 /* columns of a day, where that is enough for its dose */
#define CELL_FRAME 5 /* of these besides the dose */
#define MONTH_COLUMNS 4
#define DAYS_MOST 3660

/*
 * A day of the calendar. The marks besides those of a status (decision.c): what is taken at home, what was moved to an earlier
 * day, what nobody can collect.
 */
#define MARK_TAKE_HOME 't'
#define MARK_MOVED '>'
#define MARK_NO_DAY '!'
#define MARK_STOPPED 's'
#define MARK_EARLIER 'b'
#define MARK_ELSEWHERE 'e'

static const struct {
    char mark;
    enum cli_style style;
    const char *words;
} legend[] = {
    {'+', CLI_GOOD, "collected"},
    {'.', CLI_STRONG, "to come"},
    {'o', CLI_STRONG, "prepared"},
    {MARK_TAKE_HOME, CLI_PLAIN, "taken at home, collected before"},
    {MARK_MOVED, CLI_WARN, "closed, collected on an earlier day"},
    {'-', CLI_BAD, "missed"},
    {'w', CLI_BAD, "withheld"},
    {'~', CLI_WARN, "deferred"},
    {'d', CLI_WARN, "declined"},
    {'a', CLI_BAD, "came, not supplied"},
    {'c', CLI_BAD, "lost to a closed day"},
    {MARK_NO_DAY, CLI_BAD, "closed, no day to collect it"},
    {MARK_STOPPED, CLI_QUIET, "stopped"},
    {MARK_EARLIER, CLI_QUIET, "before it was entered here"},
    {MARK_ELSEWHERE, CLI_QUIET, "dosed elsewhere"},
};

struct grid {
    int first, last; /* whole weeks */
    int plan_first, plan_last;
    int today; /* 0: not known */
    int cell;  /* columns of a day */
    char *marks;
    bool *closed;
};

static size_t grid_days(const struct grid *grid) {
    int days = grid->last - grid->first + 1;
    return (size_t)days;
}

/* ---- doses ---- */

/* An item's dose on a day; NULL: none. */
static const char *item_dose(const cJSON *item, int day) {
    const cJSON *run = NULL;
    int from = 0;
    cJSON_ArrayForEach(run, cli_member(item, "doses")) {
        if (days_number(cli_text(run, "from"), &from) && day >= from &&
            day < from + cli_number(run, "days") && strcmp(cli_text(run, "dose"), "0") != 0)
            return cli_text(run, "dose");
    }
    return NULL;
}

void records_dose(const cJSON *prescription, int day, char *out, size_t size) {
    const cJSON *item = NULL;
    size_t len = 0;
    out[0] = '\0';
    cJSON_ArrayForEach(item, cli_member(prescription, "items")) {
        const char *dose = item_dose(item, day);
        if (dose != NULL && len < size)
            len += (size_t)snprintf(out + len, size - len, "%s%s", len == 0 ? "" : "+", dose);
    }
}

/* First and last day of all runs. */
static bool plan_days(const cJSON *prescription, int *first, int *last) {
    const cJSON *item = NULL, *run = NULL;
    bool any = false;
    cJSON_ArrayForEach(item, cli_member(prescription, "items")) {
        cJSON_ArrayForEach(run, cli_member(item, "doses")) {
            int from = 0;
            if (!days_number(cli_text(run, "from"), &from))
                continue;
            int to = from + cli_number(run, "days") - 1;
            *first = !any || from < *first ? from : *first;
            *last = !any || to > *last ? to : *last;
            any = true;
        }
    }
    return any && *last - *first < DAYS_MOST;
}

/* ---- marks ---- */

static void mark(struct grid *grid, int day, char with) {
    if (day >= grid->first && day <= grid->last)
        grid->marks[day - grid->first] = with;
}

static bool was_missed(const cJSON *prescription, const char *collect) {
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, cli_member(prescription, "outcomes")) {
        if (strcmp(cli_text(one, "collect"), collect) == 0)
            return true;
    }
    return false;
}

/* What was collected later than due: its supply says when, and which days it covers (D7). */
static void mark_late(struct cli *cli, struct grid *grid, const cJSON *instalment) {
    struct instalment_reply *supply = NULL;
    const cJSON *one = NULL;
    char path[PATH_SIZE];
    int day = 0, on = 0;
    cJSON_ArrayForEach(one, cli_member(instalment, "covers")) {
        if (days_number(one->valuestring, &day))
            mark(grid, day, '-');
    }
    if (!cli_path(cli, path, sizeof path, "/supplies/%s", cli_text(instalment, "supply")) ||
        !cli_get(cli, path, &supply))
        return;
    cJSON_ArrayForEach(one, cli_member(cli_member(instalment_json(supply), "decision"), "covers")) {
        if (days_number(one->valuestring, &day))
            mark(grid, day, MARK_TAKE_HOME);
    }
    if (days_number(instalment_text(supply, "on"), &on))
        mark(grid, on, '+');
    instalment_reply_free(&supply);
}

/* Why an instalment stands on no day's list. */
static char unlisted_mark(const cJSON *prescription, const cJSON *instalment) {
    int due = 0, entered = 0;
    if (cli_text(instalment, "due")[0] == '\0')
        return MARK_NO_DAY;
    if (days_number(cli_text(prescription, "entered_on"), &entered) &&
        days_number(cli_text(instalment, "due"), &due) && due < entered)
        return MARK_EARLIER;
    return MARK_ELSEWHERE;
}

static bool has_wording(const cJSON *prescription, const char *code) {
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, cli_member(prescription, "wording")) {
        if (strcmp(one->valuestring, code) == 0)
            return true;
    }
    return false;
}

/* The mark of the days that an instalment covers besides the day of its collection. */
static char covered_mark(const struct grid *grid, const cJSON *prescription, char of_collection, int day) {
    bool late = strchr("-c!", of_collection) != NULL && has_wording(prescription, "W2");
    if (strchr("+.o", of_collection) != NULL)
        return MARK_TAKE_HOME;
    return late && day >= grid->today ? '.' : of_collection;
}

static void mark_instalment(struct cli *cli, struct grid *grid, const cJSON *prescription,
                            const cJSON *instalment) {
    const char *status = cli_text(instalment, "status");
    const cJSON *one = NULL;
    int collect = 0, due = 0, day = 0;
    if (!days_number(cli_text(instalment, "collect"), &collect))
        return;
    if (!days_number(cli_text(instalment, "due"), &due))
        due = collect;
    if (strcmp(status, "supplied") == 0 && was_missed(prescription, cli_text(instalment, "collect"))) {
        mark_late(cli, grid, instalment);
        return;
    }
    char with = status[0] == '\0' ? unlisted_mark(prescription, instalment) : status_mark(status)[0];
    cJSON_ArrayForEach(one, cli_member(instalment, "covers")) {
        if (days_number(one->valuestring, &day) && day != due)
            mark(grid, day,
                 day == collect && strchr("+.o", with) != NULL ? MARK_MOVED
                                                               : covered_mark(grid, prescription, with, day));
    }
    mark(grid, due, with);
}

/* A stop takes the days from it on out of the plan. */
static void mark_stopped(struct grid *grid, const cJSON *prescription) {
    int from = 0;
    if (!days_number(cli_text(prescription, "stopped_from"), &from))
        return;
    for (int day = from < grid->first ? grid->first : from; day <= grid->last; day++) {
        if (grid->marks[day - grid->first] != ' ')
            mark(grid, day, MARK_STOPPED);
    }
}

static void mark_closed(struct cli *cli, struct grid *grid) {
    struct instalment_reply *calendar = NULL;
    char from[DAYS_TEXT_SIZE], to[DAYS_TEXT_SIZE], path[PATH_SIZE];
    const cJSON *one = NULL;
    int day = 0;
    days_text(grid->first, from);
    days_text(grid->last - grid->first < 399 ? grid->last : grid->first + 399, to);
    (void)snprintf(path, sizeof path, "/calendar?from=%s&to=%s", from, to);
    if (!cli_get(cli, path, &calendar))
        return;
    cJSON_ArrayForEach(one, cli_member(instalment_json(calendar), "days")) {
        if (days_number(cli_text(one, "day"), &day) && day >= grid->first && day <= grid->last)
            grid->closed[day - grid->first] = !cli_true(one, "open");
    }
    instalment_reply_free(&calendar);
}

/* ---- drawing ---- */

static enum cli_style style_of(char with) {
    for (size_t i = 0; i < sizeof legend / sizeof legend[0]; i++) {
        if (legend[i].mark == with)
            return legend[i].style;
    }
    return CLI_QUIET;
}

/* No dose is ever cut: half a figure would be another dose. */
static int cell_columns(const struct cli *cli, const struct grid *grid, const cJSON *prescription) {
    int widest = 0, room = (cli->width - MONTH_COLUMNS - 1) / 7;
    for (int day = grid->plan_first; day <= grid->plan_last; day++) {
        char dose[64];
        records_dose(prescription, day, dose, sizeof dose);
        widest = cli_columns(dose) > widest ? cli_columns(dose) : widest;
    }
    room = room > CELL_MOST ? CELL_MOST : room;
    return widest + CELL_FRAME > room ? widest + CELL_FRAME : room;
}

/* "[23. 60  ]" today, " 24.#60   " on a closed day. */
static void draw_day(const struct cli *cli, const struct grid *grid, const cJSON *prescription, int day) {
    char date[DAYS_TEXT_SIZE], dose[64], cell[96], with = grid->marks[day - grid->first];
    bool closed = grid->closed[day - grid->first];
    days_text(day, date);
    cli_say(cli, CLI_STRONG, "%s", day == grid->today ? "[" : day == grid->today + 1 ? "]" : " ");
    if (day < grid->plan_first || day > grid->plan_last) {
        cli_say(cli, CLI_PLAIN, "%*s", grid->cell - 1, "");
        return;
    }
    records_dose(prescription, day, dose, sizeof dose);
    (void)snprintf(cell, sizeof cell, "%.2s%c%c%s", date + 8, with, closed ? '#' : ' ', dose);
    cli_say_column(cli, with == ' ' ? CLI_QUIET : style_of(with), cell, grid->cell - 1);
}

static void draw_weeks(const struct cli *cli, const struct grid *grid, const cJSON *prescription) {
    static const char *const weekdays[] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    cli_say(cli, CLI_PLAIN, "%*s", MONTH_COLUMNS, "");
    for (size_t i = 0; i < 7; i++)
        cli_say_column(cli, CLI_QUIET, weekdays[i], grid->cell);
    cli_say(cli, CLI_PLAIN, "\n");
    for (int day = grid->first; day <= grid->last; day++) {
        if (days_weekday(day) == 0)
            cli_say(cli, CLI_QUIET, "%s", strchr(days_short(day), ' ') + 1);
        draw_day(cli, grid, prescription, day);
        if (days_weekday(day) == 6)
            cli_say(cli, CLI_STRONG, "%s\n", day == grid->today ? "]" : "");
    }
}

static void draw_legend(const struct cli *cli, const struct grid *grid) {
    size_t days = grid_days(grid);
    bool closed = false, today = grid->today >= grid->plan_first && grid->today <= grid->plan_last;
    for (int day = grid->plan_first; day <= grid->plan_last; day++)
        closed = closed || grid->closed[day - grid->first];
    for (size_t i = 0; i < sizeof legend / sizeof legend[0]; i++) {
        if (memchr(grid->marks, legend[i].mark, days) == NULL)
            continue;
        cli_say(cli, legend[i].style, "    %c", legend[i].mark);
        cli_say(cli, CLI_PLAIN, "  %s\n", legend[i].words);
    }
    if (closed)
        cli_say(cli, CLI_PLAIN, "    #  the pharmacy is closed\n");
    if (today)
        cli_say(cli, CLI_PLAIN, "    [ ] today\n");
}

void records_calendar(struct cli *cli, const cJSON *prescription) {
    struct grid grid = {.first = 0};
    const cJSON *one = NULL;
    if (!plan_days(prescription, &grid.plan_first, &grid.plan_last))
        return;
    grid.first = grid.plan_first - days_weekday(grid.plan_first);
    grid.last = grid.plan_last + 6 - days_weekday(grid.plan_last);
    size_t days = grid_days(&grid);
    grid.marks = malloc(days);
    grid.closed = calloc(days, sizeof *grid.closed);
    if (grid.marks != NULL && grid.closed != NULL) {
        memset(grid.marks, ' ', days);
        (void)days_number(form_today(cli), &grid.today);
        cJSON_ArrayForEach(one, cli_member(prescription, "instalments")) {
            mark_instalment(cli, &grid, prescription, one);
        }
        mark_stopped(&grid, prescription);
        mark_closed(cli, &grid);
        grid.cell = cell_columns(cli, &grid, prescription);
        draw_weeks(cli, &grid, prescription);
        draw_legend(cli, &grid);
    }
    free(grid.marks);
    free(grid.closed);
}

/* ---- rx show ---- */

static void say_items(struct cli *cli, const cJSON *rx) {
    struct instalment_reply *products = NULL;
    const cJSON *item = NULL;
    (void)cli_get_all(cli, "/products?limit=500", &products);
    cJSON_ArrayForEach(item, cli_member(rx, "items")) {
        struct rx_product product = {.name = ""};
        rx_product(products, cli_text(item, "product"), &product);
        cli_say(cli, CLI_STRONG, "%s", product.name);
        cli_say(cli, CLI_PLAIN, "   total on the form %s %s\n", cli_text(item, "total"), product.unit);
    }
    instalment_reply_free(&products);
}

static void say_head(struct cli *cli, const cJSON *rx) {
    const cJSON *prescriber = cli_member(rx, "prescriber");
    const cJSON *one = NULL;
    const char *serial = cli_text(rx, "serial"), *start = cli_text(rx, "start_on");
    const char *text = cli_text(rx, "wording_text"), *checked = cli_text(rx, "checked_by");
    cli_remember(cli, cli_text(rx, "id"));
    cli_say(cli, CLI_STRONG, "%s", cli_text(rx, "form"));
    cli_say(cli, CLI_PLAIN, "%s%s   %s   %s   prescription %s\n", serial[0] == '\0' ? "" : " ", serial,
            cli_text(rx, "class"), cli_text(rx, "stage"), cli_short(cli_text(rx, "id")));
    cli_say(cli, CLI_PLAIN, "signed %s%s%s by %s\n", cli_day(cli_text(rx, "signed_on")),
            start[0] == '\0' ? "" : ", to start ", start[0] == '\0' ? "" : cli_day(start),
            cli_text(prescriber, "name"));
    say_items(cli, rx);
    cli_say(cli, CLI_PLAIN, "wording");
    cJSON_ArrayForEach(one, cli_member(rx, "wording")) {
        cli_say(cli, CLI_PLAIN, " %s", one->valuestring);
    }
    cli_say(cli, CLI_PLAIN, "%s\n", cJSON_GetArraySize(cli_member(rx, "wording")) == 0 ? " none" : "");
    if (text[0] != '\0') {
        cli_say(cli, CLI_PLAIN, "as written: ");
        cli_say_wrapped(cli, CLI_PLAIN, 12, text);
    }
    if (checked[0] != '\0')
        cli_say(cli, CLI_PLAIN, "entered by %s, keyed a second time by %s\n", cli_text(rx, "entered_by"),
                checked);
    else
        cli_say(cli, CLI_WARN, "entered by %s; not yet keyed a second time: instalment rx check %s\n",
                cli_text(rx, "entered_by"), cli_short(cli_text(rx, "id")));
}

static void say_changes(struct cli *cli, const cJSON *rx) {
    const cJSON *one = NULL;
    const char *stopped = cli_text(rx, "stopped_from");
    if (cli_true(rx, "on_hold"))
        cli_say(cli, CLI_BAD, "!  on hold\n");
    if (stopped[0] != '\0')
        cli_say(cli, CLI_BAD, "x  stopped from %s\n", cli_day(stopped));
    cJSON_ArrayForEach(one, cli_member(rx, "changes")) {
        cli_say(cli, CLI_PLAIN, "   %s from %s: ", cli_text(one, "kind"), cli_day(cli_text(one, "from")));
        cli_say_wrapped(cli, CLI_PLAIN, 6, cli_text(one, "reason"));
    }
    cJSON_ArrayForEach(one, cli_member(rx, "consultations")) {
        cli_say(cli, CLI_PLAIN, "   %s: %s (%s) said %s\n", cli_day(cli_text(one, "on")),
                cli_text(one, "with"), cli_text(one, "role"), cli_text(one, "outcome"));
    }
}

enum cli_status command_rx_show(struct cli *cli) {
    struct instalment_reply *reply = NULL, *patient = NULL;
    const char *id = NULL;
    char path[PATH_SIZE];
    if (!cli_id(cli, "rx-", cli_argument(cli, 0), &id) || !cli_connect_signed_in(cli) ||
        !cli_path(cli, path, sizeof path, "/prescriptions/%s", id) || !cli_get(cli, path, &reply))
        return cli->status;
    if (cli->json)
        return records_end(cli, &reply);
    const cJSON *rx = instalment_json(reply);
    bool good = cli_path(cli, path, sizeof path, "/patients/%s", cli_text(rx, "patient")) &&
                cli_get(cli, path, &patient);
    if (good) {
        records_say_patient(cli, instalment_json(patient));
        say_head(cli, rx);
        say_changes(cli, rx);
        cli_say(cli, CLI_PLAIN, "\n");
        records_calendar(cli, rx);
        cli_say(cli, CLI_QUIET, "What may be supplied now, and why: instalment decide %s\n",
                cli_short(cli_text(rx, "id")));
    }
    instalment_reply_free(&patient);
    instalment_reply_free(&reply);
    return cli->status;
}
