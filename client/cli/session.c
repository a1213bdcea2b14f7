/* Signing in and out, and who is responsible. */
#include <stdio.h>
#include <string.h>

#include "commands.h"

static void say_signed_in(const struct cli *cli, const struct instalment_reply *reply) {
    const cJSON *staff = cli_member(instalment_json(reply), "staff");
    cli_say(cli, CLI_STRONG, "%s", cli_text(staff, "name"));
    cli_say(cli, CLI_PLAIN, " (%s, %s) is signed in here until %.5s.\n", cli_text(staff, "id"),
            cli_text(staff, "role"), cli_text(instalment_json(reply), "expires_at") + 11);
}

/* With --json: what the answer says of the person, not the token, which is kept for the commands that follow. */
static void print_signed_in(const struct cli *cli, const struct instalment_reply *reply) {
    cJSON *json = instalment_json(reply);
    cJSON_DeleteItemFromObjectCaseSensitive(json, "token");
    cJSON_DeleteItemFromObjectCaseSensitive(json, "csrf");
    (void)cli_print(cli, reply);
}

enum cli_status command_sign_in(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const char *staff = cli_argument(cli, 0);
    char pin[CLI_PIN_SIZE];
    if (!cli_connect(cli) || !cli_pin(cli, staff, pin))
        return cli->status;
    instalment_set_session(cli->client, NULL);
    enum instalment_result result = instalment_sign_in(cli->client, staff, pin, &reply);
    explicit_bzero(pin, sizeof pin);
    if (!cli_settle(cli, result, &reply))
        return cli->status;
    if (!cli_session_write(cli, cli->server, instalment_text(reply, "token"), staff)) {
        instalment_reply_free(&reply);
        return cli->status;
    }
    if (cli->json)
        print_signed_in(cli, reply);
    else
        say_signed_in(cli, reply);
    instalment_reply_free(&reply);
    return CLI_OK;
}

enum cli_status command_sign_out(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    if (!cli_connect_signed_in(cli))
        return cli->status;
    enum instalment_result result = instalment_sign_out(cli->client, &reply);
    if (!cli_session_write(cli, cli->server, NULL, NULL))
        return cli->status;
    /* A session that had ended already is signed out, too. */
    if (result == INSTALMENT_ANSWERED && instalment_status(reply) == 401)
        instalment_reply_free(&reply);
    else if (!cli_settle(cli, result, &reply))
        return cli->status;
    if (!cli->json)
        cli_say(cli, CLI_PLAIN, "%s is signed out.\n", cli->staff == NULL ? "Everybody" : cli->staff);
    instalment_reply_free(&reply);
    return CLI_OK;
}

enum cli_status command_whoami(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    if (!cli_connect_signed_in(cli) || !cli_get(cli, "/session", &reply))
        return cli->status;
    if (cli->json)
        print_signed_in(cli, reply);
    else
        say_signed_in(cli, reply);
    instalment_reply_free(&reply);
    return CLI_OK;
}

enum cli_status command_lock(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    if (!cli_connect_signed_in(cli) || !cli_post(cli, "/session/lock", NULL, &reply))
        return cli->status;
    if (!cli->json)
        cli_say(cli, CLI_PLAIN, "Locked. Unlock it with: instalment unlock\n");
    instalment_reply_free(&reply);
    return CLI_OK;
}

enum cli_status command_unlock(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    if (!cli_connect_signed_in(cli))
        return cli->status;
    cJSON *body = cJSON_CreateObject();
    if (!cli_add_pin(cli, body, true)) {
        cJSON_Delete(body);
        return cli->status;
    }
    if (!cli_post(cli, "/session/unlock", body, &reply))
        return cli->status;
    if (!cli->json)
        cli_say(cli, CLI_PLAIN, "Unlocked.\n");
    instalment_reply_free(&reply);
    return CLI_OK;
}
