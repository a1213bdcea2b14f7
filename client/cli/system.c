/* The daemon about itself, and the catalogue. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands.h"

/* ---- products */

enum cli_status command_products(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const cJSON *one = NULL;
    if (!cli_connect_signed_in(cli) || !cli_get_all(cli, "/products", &reply))
        return cli->status;
    if (cli->json) {
        (void)cli_print_lines(cli, reply);
        instalment_reply_free(&reply);
        return CLI_OK;
    }
    cJSON_ArrayForEach(one, cli_member(instalment_json(reply), "items")) {
        cli_say_column(cli, CLI_STRONG, cli_text(one, "code"), 36);
        cli_say(cli, CLI_PLAIN, " ");
        cli_say_column(cli, CLI_PLAIN, cli_text(one, "name"), 60);
        cli_say(cli, CLI_PLAIN, " schedule %d%s\n", cli_number(one, "schedule"),
                cli_true(one, "not_for_dependence") ? ", not for opioid treatment"
                : cli_true(one, "concentrate")      ? ", concentrate"
                                                    : "");
    }
    instalment_reply_free(&reply);
    return CLI_OK;
}

/* ---- health */

enum cli_status command_health(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const cJSON *one = NULL;
    if (!cli_connect(cli))
        return cli->status;
    enum instalment_result result = instalment_get(cli->client, "/healthz", &reply);
    bool failed = result == INSTALMENT_ANSWERED && instalment_status(reply) == 503;
    if (!failed && !cli_settle(cli, result, &reply))
        return cli->status;
    const cJSON *json = instalment_json(reply);
    const char *now = cli_text(json, "now");
    if (cli->json) {
        (void)cli_print(cli, reply);
    } else {
        cli_say(cli, failed ? CLI_BAD : CLI_GOOD, "%s  instalmentd %s at %s %s", failed ? "x" : "+",
                cli_text(json, "version"), cli->server, failed ? "has failed" : "is well");
        cli_say(cli, CLI_PLAIN, "; its clock says %s, %.5s\n", cli_day(now),
                strlen(now) > 16 ? now + 11 : "");
    }
    cJSON_ArrayForEach(one, cli_member(json, "reasons")) {
        cli_hint("%s", cJSON_IsString(one) ? one->valuestring : cli_text(one, "text"));
    }
    instalment_reply_free(&reply);
    return failed ? CLI_FAILED : CLI_OK;
}

/* ---- config */

static void say_option(const struct cli *cli, const cJSON *option, bool whole) {
    const char *value = cli_text(option, "value");
    const char *preset = cli_text(option, "default");
    bool changed = strcmp(value, preset) != 0;
    cli_say(cli, CLI_PLAIN, "%s ", changed ? "*" : " ");
    cli_say_column(cli, CLI_STRONG, cli_text(option, "key"), 24);
    cli_say(cli, CLI_PLAIN, " %s\n", value[0] == '\0' ? "\"\"" : value);
    if (!whole)
        return;
    if (changed)
        cli_say(cli, CLI_PLAIN, "  %-24s default: %s\n", "", preset[0] == '\0' ? "\"\"" : preset);
    cli_say(cli, CLI_PLAIN, "  %-24s takes: ", "");
    cli_say_wrapped(cli, CLI_PLAIN, 27, cli_text(option, "takes"));
    cli_say(cli, CLI_PLAIN, "  %-24s ", "");
    cli_say_wrapped(cli, CLI_PLAIN, 27, cli_text(option, "help"));
    cli_say(cli, CLI_QUIET, "  %-24s a change is taken over by a %s\n", "",
            cli_true(option, "reloadable") ? "reload (systemctl reload instalmentd)"
                                           : "restart (systemctl restart instalmentd)");
}

enum cli_status command_config(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const char *key = cli_argument(cli, 0);
    const cJSON *one = NULL;
    size_t shown = 0;
    if (!cli_connect_signed_in(cli) || !cli_get(cli, "/config", &reply))
        return cli->status;
    cJSON_ArrayForEach(one, cli_member(instalment_json(reply), "items")) {
        if (key != NULL && strcmp(key, cli_text(one, "key")) != 0)
            continue;
        shown++;
        if (cli->json && key != NULL) {
            char *text = cJSON_PrintUnformatted(one);
            (void)printf("%s\n", text == NULL ? "{}" : text);
            cJSON_free(text);
        } else if (!cli->json) {
            say_option(cli, one, key != NULL);
        }
    }
    if (cli->json && key == NULL)
        (void)cli_print_lines(cli, reply);
    else if (!cli->json && key == NULL)
        cli_say(cli, CLI_QUIET, "*  is not the default. One of them with its help: instalment config KEY\n");
    instalment_reply_free(&reply);
    if (shown > 0)
        return CLI_OK;
    (void)cli_fail(cli, CLI_NOT_FOUND, "there is no option %s.", key);
    cli_hint("All of them: instalment config");
    return cli->status;
}

/* ---- events */

/* A line for each, at once: {"event":"day","id":...,"state":...} with --json. */
static bool say_event(const struct cli *cli, const char *name, const char *data) {
    cJSON *event = cJSON_Parse(data);
    if (cli->json) {
        cJSON *line = cJSON_IsObject(event) ? event : cJSON_CreateObject();
        cJSON_AddStringToObject(line, "event", name);
        char *text = cJSON_PrintUnformatted(line);
        (void)printf("%s\n", text == NULL ? "{}" : text);
        cJSON_free(text);
        if (line != event)
            cJSON_Delete(line);
    } else {
        cli_say(cli, CLI_PLAIN, "%s %s %s\n", name, cli_text(event, "id"), cli_text(event, "state"));
    }
    cJSON_Delete(event);
    return fflush(stdout) == 0;
}

enum cli_status command_events(struct cli *cli) {
    const char *name = "";
    bool alive = false, going = true;
    if (!cli_connect_signed_in(cli))
        return cli->status;
    struct instalment_watch *watch = instalment_watch_open(cli->client);
    while (watch != NULL && going) {
        switch (instalment_watch_wait(watch, -1, 60000, &name)) {
        case INSTALMENT_WATCH_EVENT:
            alive = true;
            going = name[0] == '\0' || say_event(cli, name, instalment_watch_data(watch));
            break;
        case INSTALMENT_WATCH_LOST: going = false; break;
        case INSTALMENT_WATCH_OTHER:
        case INSTALMENT_WATCH_TIME:
        default: break;
        }
    }
    instalment_watch_close(&watch);
    if (ferror(stdout) != 0)
        return CLI_OK;
    /* Refused, or not there: a plain request tells why. */
    struct instalment_reply *reply = NULL;
    if (!alive && !cli_get(cli, "/session", &reply))
        return cli->status;
    instalment_reply_free(&reply);
    (void)cli_fail(cli, CLI_UNREACHABLE, "the line to the daemon was lost.");
    cli_hint("Begin again: instalment events");
    return cli->status;
}
