/* Who did or read what. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

#define PATH_SIZE 1024
#define SHOWN_MAX 500

/* Adds a query parameter; only what an id or a day may hold. */
static bool add_query(struct cli *cli, char *path, size_t size, const char *name, const char *value) {
    size_t len = strlen(path);
    if (value == NULL)
        return true;
    if (value[0] == '\0' ||
        value[strspn(value, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._")] != '\0') {
        (void)cli_fail(cli, CLI_USAGE, "--%s: this is neither an id nor a day.", name);
        return false;
    }
    int more =
        snprintf(path + len, size - len, "%s%s=%s", strchr(path, '?') == NULL ? "?" : "&", name, value);
    return more > 0 && (size_t)more < size - len;
}

static bool audit_path(struct cli *cli, char *path, size_t size) {
    const char *patient = cli_option(cli, "patient");
    const char *limit = cli_option(cli, "limit");
    char *end = NULL;
    long count = limit == NULL ? 50 : strtol(limit, &end, 10);
    if (limit != NULL && (end == limit || *end != '\0' || count < 1 || count > SHOWN_MAX)) {
        (void)cli_fail(cli, CLI_USAGE, "--limit is a number from 1 to %d, or use --all.", SHOWN_MAX);
        return false;
    }
    (void)snprintf(path, size, "/audit");
    if (patient != NULL && !cli_id(cli, "pt-", patient, &patient))
        return false;
    size_t len = strlen(path);
    if (cli_option(cli, "all") == NULL)
        (void)snprintf(path + len, size - len, "?limit=%ld", count);
    return add_query(cli, path, size, "patient", patient) &&
           add_query(cli, path, size, "staff", cli_option(cli, "staff")) &&
           add_query(cli, path, size, "from", cli_option(cli, "from")) &&
           add_query(cli, path, size, "to", cli_option(cli, "to"));
}

static void say_row(struct cli *cli, const cJSON *row) {
    const char *at = cli_text(row, "at");
    const char *patient = cli_text(row, "patient");
    const char *subject = cli_text(row, "subject");
    cli_remember(cli, patient);
    cli_remember(cli, subject);
    cli_say(cli, CLI_QUIET, "%.10s %.5s  ", at, strlen(at) > 16 ? at + 11 : "");
    cli_say_column(cli, CLI_STRONG, cli_text(row, "staff"), 12);
    cli_say(cli, CLI_PLAIN, " ");
    cli_say_column(cli, CLI_PLAIN, cli_text(row, "action"), 24);
    cli_say(cli, CLI_PLAIN, " ");
    cli_say_column(cli, CLI_PLAIN, cli_short(patient), 6);
    cli_say_column(cli, CLI_PLAIN, cli_short(subject), 12);
    cli_say_column(cli, CLI_QUIET, cli_text(row, "detail"), cli_columns_left(cli, 74));
    cli_say(cli, CLI_PLAIN, "\n");
}

enum cli_status command_audit(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const cJSON *one = NULL;
    char path[PATH_SIZE];
    if (!audit_path(cli, path, sizeof path) || !cli_connect_signed_in(cli))
        return cli->status;
    if (!(cli_option(cli, "all") != NULL ? cli_get_all(cli, path, &reply) : cli_get(cli, path, &reply)))
        return cli->status;
    const cJSON *json = instalment_json(reply);
    if (cli->json) {
        (void)cli_print_lines(cli, reply);
    } else {
        cJSON_ArrayForEach(one, cli_member(json, "items")) {
            say_row(cli, one);
        }
        if (cli_text(json, "next")[0] != '\0')
            cli_say(cli, CLI_QUIET, "There is more: --limit, --all, or --from and --to.\n");
    }
    instalment_reply_free(&reply);
    return CLI_OK;
}
