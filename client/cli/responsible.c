/* Who is the responsible pharmacist, and whether the clock is right. */
#include <stdio.h>
#include <string.h>

#include "commands.h"

static const struct {
    const char *action, *words;
} actions[] = {
    {"sign_on", "signed on"},
    {"sign_off", "signed off"},
    {"absent_from", "away from the pharmacy"},
    {"absent_to", "back in the pharmacy"},
};

static const char *action_words(const char *action) {
    for (size_t i = 0; i < sizeof actions / sizeof actions[0]; i++) {
        if (strcmp(actions[i].action, action) == 0)
            return actions[i].words;
    }
    return action;
}

static void say_history(const struct cli *cli, const cJSON *items) {
    const cJSON *one = NULL;
    size_t count = 0;
    cJSON_ArrayForEach(one, items) {
        const char *at = cli_text(one, "at");
        if (count++ == 10)
            break;
        cli_say(cli, CLI_QUIET, "  %s %.5s  ", cli_day(at), strlen(at) > 16 ? at + 11 : "");
        cli_say_column(cli, CLI_PLAIN, cli_text(one, "staff"), 14);
        cli_say(cli, CLI_PLAIN, "%s\n", action_words(cli_text(one, "action")));
    }
}

static enum cli_status say_responsible(struct cli *cli, struct instalment_reply **reply) {
    const cJSON *json = instalment_json(*reply);
    const cJSON *who = cli_member(json, "responsible_pharmacist");
    if (cli->json) {
        (void)cli_print(cli, *reply);
        instalment_reply_free(reply);
        return CLI_OK;
    }
    if (!cJSON_IsObject(who)) {
        cli_say(cli, CLI_BAD, "!  Nobody is signed on as responsible pharmacist: nothing can be supplied.\n");
    } else {
        const char *absent = cli_text(who, "absent_since");
        const char *since = cli_text(who, "since");
        cli_say(cli, CLI_STRONG, "%s", cli_text(who, "name"));
        cli_say(cli, CLI_PLAIN, " (%s), registration %s, since %s %.5s\n", cli_text(who, "staff"),
                cli_text(who, "registration"), cli_day(since), strlen(since) > 16 ? since + 11 : "");
        if (absent[0] != '\0')
            cli_say(cli, CLI_WARN, "!  away since %.5s\n", absent + 11);
        if (cli_number(json, "absent_minutes_today") > 0)
            cli_say(cli, cli_true(json, "absent_too_long") ? CLI_BAD : CLI_PLAIN,
                    "   away for %d minutes today%s\n", cli_number(json, "absent_minutes_today"),
                    cli_true(json, "absent_too_long") ? ": more than the two hours that are allowed" : "");
    }
    say_history(cli, cli_member(json, "items"));
    instalment_reply_free(reply);
    return CLI_OK;
}

enum cli_status command_responsible_show(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    if (!cli_connect_signed_in(cli) || !cli_get(cli, "/responsible-pharmacist", &reply))
        return cli->status;
    return say_responsible(cli, &reply);
}

/* The four acts: the subcommand with its dash as an underscore. */
enum cli_status command_responsible_act(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    char action[32];
    if (!cli_connect_signed_in(cli))
        return cli->status;
    (void)snprintf(action, sizeof action, "%s", cli->command->sub);
    for (char *at = action; *at != '\0'; at++)
        *at = (char)(*at == '-' ? '_' : *at);
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "action", action);
    if (!cli_add_pin(cli, body, true)) {
        cJSON_Delete(body);
        return cli->status;
    }
    return cli_post(cli, "/responsible-pharmacist", body, &reply) ? say_responsible(cli, &reply)
                                                                  : cli->status;
}

/* ---- the clock */

enum cli_status command_clock_confirm(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    if (!cli_connect_signed_in(cli))
        return cli->status;
    cJSON *body = cJSON_CreateObject();
    if (!cli_add_pin(cli, body, false)) {
        cJSON_Delete(body);
        return cli->status;
    }
    if (!cli_post(cli, "/clock/confirm", body, &reply))
        return cli->status;
    if (cli->json)
        (void)cli_print(cli, reply);
    else
        cli_say(cli, CLI_GOOD, "+  The clock is confirmed to be right by %s.\n",
                cli_text(instalment_json(reply), "by"));
    instalment_reply_free(&reply);
    return CLI_OK;
}

enum cli_status command_clock_advance(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const char *to = cli_argument(cli, 0);
    bool cut_off = strcmp(to, "cut-off") == 0;
    if (!cli_connect_signed_in(cli))
        return cli->status;
    cJSON *body = cJSON_CreateObject();
    if (cut_off || strcmp(to, "tomorrow") == 0)
        cJSON_AddStringToObject(body, "advance_to", cut_off ? "cut_off" : "tomorrow");
    else
        cJSON_AddStringToObject(body, "now", to);
    if (!cli_post(cli, "/demo/clock", body, &reply))
        return cli->status;
    const char *now = cli_text(instalment_json(reply), "now");
    if (cli->json)
        (void)cli_print(cli, reply);
    else
        cli_say(cli, CLI_PLAIN, "It is now %s, %.5s.\n", cli_day(now), strlen(now) > 16 ? now + 11 : "");
    instalment_reply_free(&reply);
    return CLI_OK;
}
