/* The people who work here. A new PIN is asked for twice; a role takes a second person (instalment(1)). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

#define PATH_SIZE 512

static const char *const roles[] = {"counter", "technician", "pharmacist", "manager", "inspector", NULL};

/* ---- saying */

static void say_head(const struct cli *cli) {
    cli_say_column(cli, CLI_QUIET, "sign-in name", 15);
    cli_say_column(cli, CLI_QUIET, "name", 24);
    cli_say_column(cli, CLI_QUIET, "role", 12);
    cli_say_column(cli, CLI_QUIET, "registered", 12);
    cli_say(cli, CLI_PLAIN, "\n");
}

static void say_row(const struct cli *cli, const cJSON *row) {
    const char *until = cli_text(row, "valid_until");
    bool active = cli_true(row, "active");
    cli_say_column(cli, CLI_STRONG, cli_text(row, "id"), 15);
    cli_say_column(cli, CLI_PLAIN, cli_text(row, "name"), 24);
    cli_say_column(cli, CLI_PLAIN, cli_text(row, "role"), 12);
    cli_say_column(cli, CLI_PLAIN, cli_text(row, "registration"), 12);
    if (!active)
        cli_say(cli, CLI_WARN, "x left");
    else if (until[0] != '\0')
        cli_say(cli, CLI_PLAIN, "until %s", cli_day(until));
    cli_say(cli, CLI_PLAIN, "\n");
}

static enum cli_status say_one(struct cli *cli, struct instalment_reply **reply) {
    if (cli->json) {
        (void)cli_print(cli, *reply);
    } else {
        say_head(cli);
        say_row(cli, instalment_json(*reply));
    }
    instalment_reply_free(reply);
    return CLI_OK;
}

enum cli_status command_staff_list(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const cJSON *one = NULL;
    if (!cli_connect_signed_in(cli) || !cli_get_all(cli, "/staff", &reply))
        return cli->status;
    if (cli->json) {
        (void)cli_print_lines(cli, reply);
    } else {
        say_head(cli);
        cJSON_ArrayForEach(one, cli_member(instalment_json(reply), "items")) {
            say_row(cli, one);
        }
    }
    instalment_reply_free(&reply);
    return CLI_OK;
}

enum cli_status command_staff_show(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    char path[PATH_SIZE];
    if (!cli_connect_signed_in(cli) || !cli_path(cli, path, sizeof path, "/staff/%s", cli_argument(cli, 0)) ||
        !cli_get(cli, path, &reply))
        return cli->status;
    return say_one(cli, &reply);
}

/* ---- entering and changing */

static bool add_text(struct cli *cli, cJSON *body, const char *member, const char *question) {
    char *answer = NULL;
    if (cli_member(body, member) != NULL)
        return true;
    if (!cli_ask(cli, question, &answer))
        return false;
    if (answer[0] != '\0')
        cJSON_AddStringToObject(body, member, answer);
    free(answer);
    return true;
}

/* --option as a member of another name; an option of "-" takes away what is there. */
static void add_option(const struct cli *cli, cJSON *body, const char *option, const char *member) {
    const char *value = cli_option(cli, option);
    if (value == NULL)
        return;
    cJSON_DeleteItemFromObjectCaseSensitive(body, member);
    cJSON_AddStringToObject(body, member, value);
}

static bool is_registered(const char *role) {
    return strcmp(role, "pharmacist") == 0 || strcmp(role, "technician") == 0;
}

static bool add_role(struct cli *cli, cJSON *body) {
    char *role = NULL;
    if (cli_member(body, "role") == NULL) {
        if (!cli_ask_choice(cli, "Role", roles, NULL, &role))
            return false;
        cJSON_AddStringToObject(body, "role", role);
        free(role);
    }
    return !is_registered(cli_text(body, "role")) ||
           add_text(cli, body, "registration", "Registration number");
}

static bool add_new_pin(struct cli *cli, cJSON *body) {
    char pin[CLI_PIN_SIZE];
    const char *staff = cli_argument(cli, 0);
    if (!cli_new_pin(cli, staff, pin))
        return false;
    cJSON_AddStringToObject(body, "pin", pin);
    explicit_bzero(pin, sizeof pin);
    return true;
}

/* Everything of somebody new but PINs: what the file says, the options over it, and what is then asked for. */
static bool add_person(struct cli *cli, cJSON *body) {
    cJSON_DeleteItemFromObjectCaseSensitive(body, "pin");
    cJSON_AddStringToObject(body, "id", cli_argument(cli, 0));
    add_option(cli, body, "role", "role");
    add_option(cli, body, "registration", "registration");
    add_option(cli, body, "until", "valid_until");
    return add_text(cli, body, "name", "Name, as it stands on records") && add_role(cli, body);
}

static void move_members(cJSON *from, cJSON *to) {
    while (from->child != NULL) {
        cJSON *one = cJSON_DetachItemViaPointer(from, from->child);
        cJSON_AddItemToObject(to, one->string, one);
    }
}

/* PINs that come by standard input stand in front of a file that does; at a terminal they are asked for last. */
static cJSON *new_person(struct cli *cli) {
    cJSON *pins = cJSON_CreateObject();
    cJSON *body = NULL;
    bool good = !cli->pin_stdin || (add_new_pin(cli, pins) && cli_add_second(cli, pins));
    if (good)
        body = cli_from(cli, &good);
    if (good && body == NULL)
        body = cJSON_CreateObject();
    good = good && add_person(cli, body) &&
           (cli->pin_stdin || (add_new_pin(cli, body) && cli_add_second(cli, body)));
    if (good)
        move_members(pins, body);
    cJSON_Delete(pins);
    if (good)
        return body;
    cJSON_Delete(body);
    return NULL;
}

enum cli_status command_staff_add(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    cJSON *body = cli_connect_signed_in(cli) ? new_person(cli) : NULL;
    return body != NULL && cli_post(cli, "/staff", body, &reply) ? say_one(cli, &reply) : cli->status;
}

static bool add_active(struct cli *cli, cJSON *body) {
    const char *active = cli_option(cli, "active");
    if (active == NULL)
        return true;
    bool yes = strcmp(active, "yes") == 0;
    if (!yes && strcmp(active, "no") != 0) {
        (void)cli_fail(cli, CLI_USAGE, "--active is yes or no.");
        return false;
    }
    cJSON_AddBoolToObject(body, "active", yes);
    return true;
}

static bool nothing_to_change(struct cli *cli) {
    (void)cli_fail(cli, CLI_USAGE, "what is to be changed?");
    cli_hint("--name, --role ROLE, --registration NUMBER, --until DAY, --active yes|no, --pin");
    return false;
}

enum cli_status command_staff_change(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    char path[PATH_SIZE];
    if (!cli_connect_signed_in(cli) || !cli_path(cli, path, sizeof path, "/staff/%s", cli_argument(cli, 0)))
        return cli->status;
    cJSON *body = cJSON_CreateObject();
    add_option(cli, body, "role", "role");
    add_option(cli, body, "registration", "registration");
    add_option(cli, body, "until", "valid_until");
    bool good =
        add_active(cli, body) && (cli_option(cli, "pin") == NULL || add_new_pin(cli, body)) &&
        (cli_option(cli, "name") == NULL || add_text(cli, body, "name", "Name, as it stands on records")) &&
        (body->child != NULL || nothing_to_change(cli)) && cli_add_second(cli, body);
    if (!good) {
        cJSON_Delete(body);
        return cli->status;
    }
    return cli_patch(cli, path, body, &reply) ? say_one(cli, &reply) : cli->status;
}
