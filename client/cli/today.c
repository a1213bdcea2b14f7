/* The day's list: who is still to come, who is done. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "decision.h"

#define NAME_COLUMNS 26
#define ROW_COLUMNS 63 /* in front of the reasons */
#define NUMBER_COLUMNS 16
#define NOT_COME_COLUMNS 62 /* in front of why somebody is looked for first */

static bool is_to_come(const cJSON *row) {
    const char *status = cli_text(row, "status");
    return strcmp(status, "due") == 0 || strcmp(status, "prepared") == 0 || strcmp(status, "deferred") == 0;
}

/* Open alerts about the patient: a word for them, "" where there are none. */
static const char *alert_word(const cJSON *row) {
    const cJSON *alerts = cli_member(row, "alerts");
    if (cli_true(alerts, "telephone"))
        return "telephone";
    return cli_number(alerts, "open") > 0 ? "alerted" : "";
}

static enum cli_style alert_style(const char *word) {
    return strcmp(word, "telephone") == 0 ? CLI_BAD : CLI_WARN;
}

static void say_reason_codes(const struct cli *cli, const cJSON *decision, int columns) {
    const cJSON *one = NULL;
    char text[512] = "";
    size_t len = 0;
    cJSON_ArrayForEach(one, cli_member(decision, "reasons")) {
        if (cJSON_IsString(one) && len < sizeof text)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", len == 0 ? "" : ", ",
                                    one->valuestring);
    }
    cli_say_column(cli, CLI_QUIET, text, cli_columns_left(cli, columns));
    cli_say(cli, CLI_PLAIN, "\n");
}

/* Whose row it is. */
static void say_who(struct cli *cli, const cJSON *row, const char *mark) {
    const cJSON *patient = cli_member(row, "patient");
    const char *rx = cli_text(row, "prescription");
    cli_remember(cli, rx);
    cli_remember(cli, cli_text(patient, "id"));
    cli_say(cli, CLI_PLAIN, "%s ", mark);
    cli_say_column(cli, CLI_STRONG, cli_text(patient, "name"), NAME_COLUMNS);
    cli_say(cli, CLI_PLAIN, " ");
    cli_say_column(cli, CLI_PLAIN, cli_text(patient, "born_on"), 11);
    cli_say_column(cli, CLI_PLAIN, cli_short(rx), 6);
}

static void say_row(struct cli *cli, const cJSON *row) {
    const cJSON *decision = cli_member(row, "decision");
    const char *verdict = cli_text(decision, "verdict");
    const char *word = alert_word(row);
    char missed[32] = "";
    if (cli_number(decision, "missed_days") > 0)
        (void)snprintf(missed, sizeof missed, "%d missed", cli_number(decision, "missed_days"));
    say_who(cli, row, status_mark(cli_text(row, "status")));
    if (!is_to_come(row)) {
        cli_say(cli, CLI_PLAIN, "%s", status_words(cli_text(row, "status")));
        cli_say(cli, alert_style(word), "%s%s", word[0] == '\0' ? "" : "  ", word);
        cli_say(cli, CLI_PLAIN, "\n");
        return;
    }
    cli_say_column(cli, decision_style(verdict), verdict, 7);
    cli_say_column(cli, CLI_PLAIN, missed, 10);
    cli_say(cli, alert_style(word), "%s%s", word, word[0] == '\0' ? "" : " ");
    say_reason_codes(cli, decision, ROW_COLUMNS + (word[0] == '\0' ? 0 : (int)strlen(word) + 1));
}

/* A11: before closing, whom to look for first and what number their service has. */
static void say_not_come(struct cli *cli, const cJSON *day) {
    const cJSON *list = cli_member(day, "not_come");
    const cJSON *one = NULL;
    if (cJSON_GetArraySize(list) == 0)
        return;
    cli_say(cli, CLI_WARN, "\nNot come yet, closing at %s", cli_text(day, "closes"));
    cli_say(cli, CLI_PLAIN, " (%d; the number is their service's)\n", cJSON_GetArraySize(list));
    cJSON_ArrayForEach(one, list) {
        const cJSON *service = cli_member(one, "service");
        const char *number = cli_text(service, "telephone");
        const char *why = cli_text(one, "why");
        say_who(cli, one, why[0] == '\0' ? " " : "!");
        cli_say_column(cli, CLI_PLAIN, number[0] == '\0' ? "no number" : number, NUMBER_COLUMNS);
        cli_say_column(cli, CLI_WARN, why, cli_columns_left(cli, NOT_COME_COLUMNS));
        cli_say(cli, CLI_PLAIN, "\n");
    }
}

static size_t say_part(struct cli *cli, const cJSON *day, bool to_come) {
    const cJSON *one = NULL;
    size_t count = 0;
    cJSON_ArrayForEach(one, cli_member(day, "due")) {
        count += is_to_come(one) == to_come;
    }
    if (count == 0)
        return 0;
    cli_say(cli, CLI_PLAIN, "\n%s (%zu)\n", to_come ? "Still to come" : "Done", count);
    cJSON_ArrayForEach(one, cli_member(day, "due")) {
        if (is_to_come(one) == to_come)
            say_row(cli, one);
    }
    return count;
}

static void say_day(struct cli *cli, const cJSON *day) {
    const char *closed_by = cli_text(day, "closed_by");
    const cJSON *total = NULL;
    cli_say(cli, CLI_STRONG, "%s", cli_day(cli_text(day, "date")));
    if (cli_true(day, "open"))
        cli_say(cli, CLI_PLAIN, "   open\n");
    else
        cli_say(cli, CLI_PLAIN, "   closed%s%s\n", closed_by[0] == '\0' ? "" : ": ", closed_by);
    say_not_come(cli, day);
    size_t count = say_part(cli, day, true) + say_part(cli, day, false);
    if (count == 0) {
        cli_say(cli, CLI_PLAIN, "\nNobody is due on this day.\n");
        return;
    }
    cli_say(cli, CLI_PLAIN, "\n");
    cJSON_ArrayForEach(total, cli_member(day, "totals")) {
        if (total->valueint > 0 && strcmp(total->string, "all") != 0)
            cli_say(cli, CLI_PLAIN, "%s %d   ", status_words(total->string), total->valueint);
    }
    cli_say(cli, CLI_PLAIN, "together %zu\n", count);
    cli_say(cli, CLI_QUIET, "What may be supplied, and why: instalment decide ID (the five characters)\n");
}

enum cli_status command_today(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const char *date = cli_option(cli, "date");
    char path[64];
    if (date != NULL && (strlen(date) != 10 || date[strspn(date, "0123456789-")] != '\0'))
        return cli_fail(cli, CLI_USAGE, "--date is a day like 2026-11-23.");
    (void)snprintf(path, sizeof path, "/day%s%s", date == NULL ? "" : "?date=", date == NULL ? "" : date);
    if (!cli_connect_signed_in(cli) || !cli_get(cli, path, &reply))
        return cli->status;
    if (cli->json)
        (void)cli_print(cli, reply);
    else
        say_day(cli, instalment_json(reply));
    instalment_reply_free(&reply);
    return CLI_OK;
}
