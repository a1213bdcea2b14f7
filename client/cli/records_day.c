/* The stock, the end of the day, reports and exports. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands_register.h"
#include "form.h"

#define PATH_SIZE 512

/* ---- stock ---- */

static void say_lots(struct cli *cli, const cJSON *section) {
    const cJSON *lot = NULL;
    const char *unit = cli_text(section, "unit");
    cli_say(cli, CLI_STRONG, "%s", cli_text(section, "product"));
    cli_say(cli, CLI_PLAIN, ": %s %s here, of it %s open and %s prepared\n", cli_text(section, "balance"),
            unit, cli_text(section, "open"), cli_text(section, "prepared"));
    cJSON_ArrayForEach(lot, cli_member(section, "full")) {
        cli_say(cli, cli_true(lot, "expired") ? CLI_BAD : CLI_PLAIN, "  %d x %s %s  %s  %s%s\n",
                cli_number(lot, "count"), cli_text(lot, "size"), unit, cli_text(lot, "batch"),
                cli_text(lot, "expiry"), cli_true(lot, "expired") ? "  expired" : "");
    }
    if (cli_text(section, "check_due")[0] != '\0')
        cli_say(cli, cli_true(section, "check_overdue") ? CLI_BAD : CLI_QUIET, "  to be counted by %s%s\n",
                cli_day(cli_text(section, "check_due")),
                cli_true(section, "check_overdue") ? ": overdue" : "");
}

enum cli_status command_stock(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const cJSON *one = NULL;
    if (!cli_connect_signed_in(cli) || !cli_get(cli, "/stock", &reply))
        return cli->status;
    if (cli->json)
        (void)cli_print_lines(cli, reply);
    else
        cJSON_ArrayForEach(one, cli_member(instalment_json(reply), "items")) {
            say_lots(cli, one);
        }
    instalment_reply_free(&reply);
    return CLI_OK;
}

static void say_prepour(struct cli *cli, const cJSON *answer) {
    const cJSON *one = NULL;
    cli_say(cli, CLI_STRONG, "%s\n", cli_day(cli_text(answer, "date")));
    cJSON_ArrayForEach(one, cli_member(answer, "bottles")) {
        cli_say_column(cli, CLI_PLAIN, cli_text(cli_member(one, "patient"), "name"), 26);
        cli_say_column(cli, CLI_PLAIN, cli_text(one, "product"), 26);
        cli_say(cli, CLI_PLAIN, "%s %s  %s%s%s\n", cli_text(one, "quantity"), cli_text(one, "unit"),
                cli_day(cli_text(one, "for")), cli_true(one, "supervised") ? "  supervised" : "",
                cli_true(one, "prepared") ? "  prepared" : "");
    }
    cJSON_ArrayForEach(one, cli_member(answer, "totals")) {
        cli_say(cli, CLI_STRONG, "%s: %d bottles, %s %s", cli_text(one, "product"),
                cli_number(one, "bottles"), cli_text(one, "quantity"), cli_text(one, "unit"));
        cli_say(cli, strcmp(cli_text(one, "order"), "0") == 0 ? CLI_QUIET : CLI_WARN,
                "  booked until %s: %s, here: %s, to order: %s\n", cli_day(cli_text(answer, "booked_until")),
                cli_text(one, "booked"), cli_text(one, "here"), cli_text(one, "order"));
    }
}

/* A day as an argument or an option: True where it is one, or there is none. */
static bool is_day(struct cli *cli, const char *day) {
    if (day == NULL || (strlen(day) == 10 && day[strspn(day, "0123456789-")] == '\0'))
        return true;
    (void)cli_fail(cli, CLI_USAGE, "a day is written like 2026-11-23.");
    return false;
}

enum cli_status command_stock_prepour(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const char *date = cli_option(cli, "date");
    char path[PATH_SIZE];
    if (!is_day(cli, date))
        return cli->status;
    (void)snprintf(path, sizeof path, "/stock/prepour%s%s",
                   date == NULL ? "" : "?date=", date == NULL ? "" : date);
    if (!cli_connect_signed_in(cli) || !cli_get(cli, path, &reply))
        return cli->status;
    if (cli->json)
        (void)cli_print(cli, reply);
    else
        say_prepour(cli, instalment_json(reply));
    instalment_reply_free(&reply);
    return CLI_OK;
}

/* ---- the end of the day ---- */

static void say_items(struct cli *cli, const char *title, const cJSON *items, enum cli_style style) {
    const cJSON *one = NULL;
    if (cJSON_GetArraySize(items) > 0)
        cli_say(cli, CLI_STRONG, "%s\n", title);
    cJSON_ArrayForEach(one, items) {
        cli_say(cli, style, "  %s", cli_text(one, "text"));
        cli_say(cli, CLI_QUIET, "  %s %s\n", cli_text(one, "subject"), cli_text(one, "on"));
        if (cli_text(one, "remedy")[0] != '\0')
            cli_say(cli, CLI_PLAIN, "    %s\n", cli_text(one, "remedy"));
    }
}

static void say_report(struct cli *cli, const cJSON *report) {
    static const char *const six[] = {
        "supplied", "missed", "withheld", "declined", "attended_not_supplied", "lost_to_closure"};
    const cJSON *outcomes = cli_member(report, "outcomes");
    const cJSON *one = NULL;
    cli_say(cli, CLI_STRONG, "%s: %s\n", cli_day(cli_text(report, "date")), cli_text(report, "state"));
    cli_say(cli, CLI_PLAIN, "due %d =", cli_number(report, "due"));
    for (size_t i = 0; i < sizeof six / sizeof six[0]; i++)
        cli_say(cli, CLI_PLAIN, "%s %d %s", i == 0 ? "" : " +", cli_number(outcomes, six[i]), six[i]);
    cli_say(cli, cli_true(report, "adds_up") ? CLI_GOOD : CLI_BAD, "%s\n",
            cli_true(report, "adds_up") ? "" : "  (does not add up)");
    cJSON_ArrayForEach(one, cli_member(report, "stock")) {
        cli_say(cli, CLI_PLAIN,
                "%s: %s + %s received - %s supplied - %s destroyed + %s returned + %s adjusted = ",
                cli_text(one, "product"), cli_text(one, "opening"), cli_text(one, "received"),
                cli_text(one, "supplied"), cli_text(one, "destroyed"), cli_text(one, "returned"),
                cli_text(one, "adjusted"));
        cli_say(cli, cli_true(one, "agrees") ? CLI_GOOD : CLI_BAD, "%s %s%s\n", cli_text(one, "closing"),
                cli_text(one, "unit"), cli_true(one, "agrees") ? "" : "  (does not agree)");
    }
    say_items(cli, "Open", cli_member(report, "open"), CLI_WARN);
    say_items(cli, "Coming", cli_member(report, "coming"), CLI_PLAIN);
    cJSON_ArrayForEach(one, cli_member(report, "register_head")) {
        cli_say(cli, CLI_QUIET, "head of %s: %d:%s\n", cli_text(one, "product"), cli_number(one, "number"),
                cli_text(one, "hash"));
    }
}

enum cli_status command_close(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const char *day = cli_argument(cli, 0);
    char *reason = NULL;
    char path[PATH_SIZE];
    if (!is_day(cli, day) || !cli_connect_signed_in(cli) ||
        !cli_path(cli, path, sizeof path, "/day/%s/close", day))
        return cli->status;
    cJSON *body = cJSON_CreateObject();
    bool good = cli_add_pin(cli, body, true);
    if (good && cli_option(cli, "reason") != NULL)
        good = form_line(cli, 1, "Why alerts that nobody has accepted are left as they are", &reason);
    if (good && reason != NULL)
        cJSON_AddStringToObject(body, "reason", reason);
    free(reason);
    if (!good) {
        cJSON_Delete(body);
        return cli->status;
    }
    if (!cli_post(cli, path, body, &reply))
        return cli->status;
    if (cli->json)
        (void)cli_print(cli, reply);
    else
        say_report(cli, instalment_json(reply));
    instalment_reply_free(&reply);
    return CLI_OK;
}

/* ---- reports ---- */

/* Adds "name=value" of an option, where it is given. Ids and days need no escaping. */
static void add_query(struct cli *cli, char *path, size_t size, const char *option, const char *name) {
    const char *value = cli_option(cli, option);
    size_t len = strlen(path);
    if (value != NULL && len < size)
        (void)snprintf(path + len, size - len, "%c%s=%s", strchr(path, '?') == NULL ? '?' : '&', name, value);
}

static bool report_path(struct cli *cli, char *path, size_t size) {
    static const char *const names[] = {"claim",     "endorsement", "ndtms",         "attendance",
                                        "last-dose", "reviews",     "discrepancies", "responsible-pharmacist",
                                        NULL};
    static const char *const options[] = {"month",   "from-day",     "to-day", "service",
                                          "patient", "prescription", "format"};
    static const char *const members[] = {"month",   "from",         "to",    "service",
                                          "patient", "prescription", "format"};
    const char *name = cli_argument(cli, 0);
    if (strlen(name) == 10 && is_day(cli, name)) {
        (void)snprintf(path, size, "/day/%s/report", name);
        add_query(cli, path, size, "format", "format");
        return true;
    }
    size_t i = 0;
    while (names[i] != NULL && strcmp(names[i], name) != 0)
        i++;
    if (names[i] == NULL) {
        (void)cli_fail(cli, CLI_USAGE,
                       "a report is a day like 2026-11-23, or claim, endorsement, ndtms, attendance, "
                       "last-dose, reviews, discrepancies or responsible-pharmacist.");
        return false;
    }
    (void)snprintf(path, size, "/reports/%s", name);
    for (i = 0; i < sizeof options / sizeof options[0]; i++)
        add_query(cli, path, size, options[i], members[i]);
    return true;
}

enum cli_status command_report(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    char path[PATH_SIZE];
    if (!report_path(cli, path, sizeof path) || !cli_connect_signed_in(cli) || !cli_get(cli, path, &reply))
        return cli->status;
    size_t len = 0;
    const char *text = instalment_body(reply, &len);
    bool day = strncmp(path, "/day/", 5) == 0;
    if (!cli->json && day && cli_option(cli, "format") == NULL) {
        say_report(cli, instalment_json(reply));
    } else {
        /* A file for another program: as it came. */
        (void)fwrite(text, 1, len, stdout);
        if (len > 0 && text[len - 1] != '\n')
            (void)putchar('\n');
    }
    instalment_reply_free(&reply);
    return CLI_OK;
}

/* ---- export: every section, in pieces, into a folder ---- */

/* How far a piece reached: the number of its last entry, 0 where the section ends with it. */
static int piece_end(const char *text) {
    const char *last = strstr(text, "{\"end\":");
    for (const char *next = last; next != NULL; next = strstr(next + 1, "{\"end\":"))
        last = next;
    cJSON *tail = last == NULL ? NULL : cJSON_Parse(last);
    int to = cli_true(tail, "more") ? cli_number(tail, "to") : 0;
    cJSON_Delete(tail);
    return to;
}

static bool write_piece(struct cli *cli, const char *folder, const char *product, int piece, const char *text,
                        size_t len) {
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "%s/register-%s-%03d.jsonl", folder, product, piece);
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    FILE *file = fd < 0 ? NULL : fdopen(fd, "w");
    bool good = file != NULL && fwrite(text, 1, len, file) == len;
    int error = errno;
    if (file != NULL)
        good = fclose(file) == 0 && good;
    if (!good)
        (void)cli_fail(cli, CLI_FAILED, "%s: %s", path, strerror(error));
    return good;
}

static bool export_section(struct cli *cli, const char *folder, const char *product, size_t *entries) {
    int after = 0;
    int piece = 1;
    do {
        struct instalment_reply *reply = NULL;
        size_t len = 0;
        char path[PATH_SIZE];
        (void)snprintf(path, sizeof path, "/register/%s/export?format=jsonl&after=%d", product, after);
        if (!cli_get(cli, path, &reply))
            return false;
        const char *text = instalment_body(reply, &len);
        after = piece_end(text);
        bool good = write_piece(cli, folder, product, piece++, text, len);
        for (const char *c = text; good && (c = strstr(c, "{\"previous\":")) != NULL; c++)
            (*entries)++;
        cli_progress(cli, "entries exported", *entries);
        instalment_reply_free(&reply);
        if (!good)
            return false;
    } while (after > 0);
    return true;
}

enum cli_status command_export(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const cJSON *one = NULL;
    size_t entries = 0;
    if (!cli_connect_signed_in(cli) || !cli_get(cli, "/register", &reply))
        return cli->status;
    bool good = true;
    cJSON_ArrayForEach(one, cli_member(instalment_json(reply), "items")) {
        good = good && export_section(cli, cli_argument(cli, 0), cli_text(one, "product"), &entries);
    }
    cli_progress_end(cli);
    instalment_reply_free(&reply);
    if (good && !cli->json)
        cli_say(cli, CLI_GOOD, "%zu entries exported; verify-register.py checks them.\n", entries);
    return good ? CLI_OK : cli->status;
}
