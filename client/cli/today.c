/* The day's list: who is still to come, who is done. */
#include <stdio.h>
#include <string.h>

#include "commands.h"
#include "decision.h"

#define NAME_COLUMNS 26
#define ROW_COLUMNS 63 /* in front of the reasons */

static bool is_to_come(const cJSON *row) {
    const char *status = cli_text(row, "status");
    return strcmp(status, "due") == 0 || strcmp(status, "prepared") == 0 || strcmp(status, "deferred") == 0;
}

static void say_reason_codes(const struct cli *cli, const cJSON *decision) {
    const cJSON *one = NULL;
    char text[512] = "";
    size_t len = 0;
    cJSON_ArrayForEach(one, cli_member(decision, "reasons")) {
        if (cJSON_IsString(one) && len < sizeof text)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", len == 0 ? "" : ", ",
                                    one->valuestring);
    }
    cli_say_column(cli, CLI_QUIET, text, cli_columns_left(cli, ROW_COLUMNS));
    cli_say(cli, CLI_PLAIN, "\n");
}

static void say_row(struct cli *cli, const cJSON *row) {
    const cJSON *patient = cli_member(row, "patient");
    const cJSON *decision = cli_member(row, "decision");
    const char *rx = cli_text(row, "prescription");
    const char *verdict = cli_text(decision, "verdict");
    bool to_come = is_to_come(row);
    char missed[32] = "";
    cli_remember(cli, rx);
    cli_remember(cli, cli_text(patient, "id"));
    if (cli_number(decision, "missed_days") > 0)
        (void)snprintf(missed, sizeof missed, "%d missed", cli_number(decision, "missed_days"));
    cli_say(cli, CLI_PLAIN, "%s ", status_mark(cli_text(row, "status")));
    cli_say_column(cli, CLI_STRONG, cli_text(patient, "name"), NAME_COLUMNS);
    cli_say(cli, CLI_PLAIN, " ");
    cli_say_column(cli, CLI_PLAIN, cli_text(patient, "born_on"), 11);
    cli_say_column(cli, CLI_PLAIN, cli_short(rx), 6);
    if (!to_come) {
        cli_say(cli, CLI_PLAIN, "%s\n", status_words(cli_text(row, "status")));
        return;
    }
    cli_say_column(cli, decision_style(verdict), verdict, 7);
    cli_say_column(cli, CLI_PLAIN, missed, 10);
    say_reason_codes(cli, decision);
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
