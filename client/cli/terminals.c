/* Terminals: who may ask at all, over the network. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"

#define PATH_SIZE 512

enum cli_status command_terminals_list(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const cJSON *one = NULL;
    if (!cli_connect_signed_in(cli) || !cli_get(cli, "/terminals", &reply))
        return cli->status;
    if (cli->json) {
        (void)cli_print_lines(cli, reply);
        instalment_reply_free(&reply);
        return CLI_OK;
    }
    cJSON_ArrayForEach(one, cli_member(instalment_json(reply), "items")) {
        const char *by = cli_text(one, "enrolled_by");
        cli_remember(cli, cli_text(one, "id"));
        cli_say(cli, CLI_PLAIN, "%s ", cli_true(one, "revoked") ? "x" : "+");
        cli_say_column(cli, CLI_STRONG, cli_text(one, "name"), 26);
        cli_say_column(cli, CLI_PLAIN, cli_short(cli_text(one, "id")), 6);
        cli_say_column(cli, CLI_PLAIN, cli_day(cli_text(one, "enrolled_at")), 16);
        cli_say(cli, CLI_PLAIN, "%s%s", by[0] == '\0' ? "" : "by ", by);
        if (cli_true(one, "revoked"))
            cli_say(cli, CLI_WARN, "  revoked");
        cli_say(cli, CLI_PLAIN, "\n");
    }
    instalment_reply_free(&reply);
    return CLI_OK;
}

enum cli_status command_terminals_code(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    if (!cli_connect_signed_in(cli) || !cli_post(cli, "/terminals/codes", NULL, &reply))
        return cli->status;
    const char *until = cli_text(instalment_json(reply), "expires_at");
    if (cli->json) {
        (void)cli_print(cli, reply);
    } else {
        cli_say(cli, CLI_STRONG, "%s", cli_text(instalment_json(reply), "code"));
        cli_say(cli, CLI_PLAIN, "   for one terminal, until %.5s\n", strlen(until) > 16 ? until + 11 : "");
        cli_say(cli, CLI_QUIET, "There: instalment --url URL --ca FILE terminals enrol\n");
    }
    instalment_reply_free(&reply);
    return CLI_OK;
}

/* What the terminal is called: --name, or the machine's. */
static void add_name(const struct cli *cli, cJSON *body) {
    char host[65] = "";
    const char *name = cli_option(cli, "name");
    if (name == NULL && gethostname(host, sizeof host - 1) == 0)
        name = host;
    cJSON_AddStringToObject(body, "name", name == NULL || name[0] == '\0' ? "terminal" : name);
}

enum cli_status command_terminals_enrol(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    char *code = NULL;
    if (cli->url == NULL) {
        (void)cli_fail(cli, CLI_USAGE, "the local socket needs no enrolment.");
        cli_hint(
            "A terminal of the network is enrolled with: instalment --url URL --ca FILE terminals enrol");
        return cli->status;
    }
    if (!cli_connect(cli))
        return cli->status;
    bool good = cli_can_ask() ? cli_ask(cli, "The manager's code (instalment terminals code)", &code)
                              : cli_read_line(cli, &code);
    if (!good)
        return cli->status;
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "code", code);
    free(code);
    add_name(cli, body);
    if (!cli_post(cli, "/terminals", body, &reply))
        return cli->status;
    cJSON *json = instalment_json(reply);
    good = cli_terminal_write(cli, cli->server, cli_text(json, "token"));
    cJSON_DeleteItemFromObjectCaseSensitive(json, "token");
    if (good && cli->json)
        (void)cli_print(cli, reply);
    else if (good)
        cli_say(cli, CLI_GOOD, "+  This is now the terminal \"%s\". Sign in: instalment sign-in NAME\n",
                cli_text(json, "name"));
    instalment_reply_free(&reply);
    return good ? CLI_OK : cli->status;
}

enum cli_status command_terminals_revoke(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const char *id = NULL;
    char path[PATH_SIZE];
    if (!cli_id(cli, "t-", cli_argument(cli, 0), &id) || !cli_connect_signed_in(cli) ||
        !cli_path(cli, path, sizeof path, "/terminals/%s", id) || !cli_delete(cli, path, &reply))
        return cli->status;
    if (!cli->json)
        cli_say(cli, CLI_PLAIN,
                "The terminal is revoked for ever; whoever was signed in there is signed out.\n");
    instalment_reply_free(&reply);
    return CLI_OK;
}
