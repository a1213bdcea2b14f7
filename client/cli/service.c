/* The prescribing services. The secret that signs what is sent goes in and never comes out, and is no argument. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

#define PATH_SIZE 512
#define SECRET_SIZE 128

static const char *const kinds[] = {"drug_service", "general_practice", "hospital", "prison", "other", NULL};

/* ---- saying */

enum cli_status command_service_list(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const cJSON *one = NULL;
    if (!cli_connect_signed_in(cli) || !cli_get_all(cli, "/services", &reply))
        return cli->status;
    if (cli->json) {
        (void)cli_print_lines(cli, reply);
        instalment_reply_free(&reply);
        return CLI_OK;
    }
    cJSON_ArrayForEach(one, cli_member(instalment_json(reply), "items")) {
        cli_remember(cli, cli_text(one, "id"));
        cli_say_column(cli, CLI_STRONG, cli_text(one, "name"), 36);
        cli_say(cli, CLI_PLAIN, " ");
        cli_say_column(cli, CLI_PLAIN, cli_text(one, "telephone"), 16);
        cli_say_column(cli, CLI_PLAIN, cli_short(cli_text(one, "id")), 6);
        cli_say(cli, CLI_PLAIN, "%s\n",
                cJSON_IsObject(cli_member(one, "endpoint")) ? "alerts are sent" : "by telephone only");
    }
    if (cJSON_GetArraySize(cli_member(instalment_json(reply), "items")) == 0)
        cli_say(cli, CLI_PLAIN, "There is no service yet: instalment service add\n");
    instalment_reply_free(&reply);
    return CLI_OK;
}

static void say_line(const struct cli *cli, const char *name, const char *value) {
    if (value[0] == '\0')
        return;
    cli_say_column(cli, CLI_QUIET, name, 14);
    cli_say_wrapped(cli, CLI_PLAIN, 14, value);
}

static void say_endpoint(const struct cli *cli, const cJSON *endpoint) {
    if (!cJSON_IsObject(endpoint)) {
        say_line(cli, "alerts", "none are sent: the service is telephoned");
        return;
    }
    say_line(cli, "alerts go to", cli_text(endpoint, "url"));
    say_line(cli, "secret", cli_true(endpoint, "secret_set") ? "set; it is never shown" : "not set");
    say_line(cli, "named",
             cli_true(endpoint, "identify_patients") ? "with NHS number and name"
                                                     : "by the service's own reference");
    say_line(cli, "certificate", cli_text(endpoint, "client_certificate"));
}

static void say_contacts(const struct cli *cli, const cJSON *contacts) {
    const cJSON *one = NULL;
    char line[512];
    cJSON_ArrayForEach(one, contacts) {
        (void)snprintf(line, sizeof line, "%s  %s  %s  %s", cli_text(one, "name"), cli_text(one, "role"),
                       cli_text(one, "telephone"), cli_text(one, "hours"));
        say_line(cli, "contact", line);
    }
}

static enum cli_status say_one(struct cli *cli, struct instalment_reply **reply) {
    const cJSON *service = instalment_json(*reply);
    const cJSON *one = NULL;
    char line[128];
    if (cli->json) {
        (void)cli_print(cli, *reply);
        instalment_reply_free(reply);
        return CLI_OK;
    }
    cli_remember(cli, cli_text(service, "id"));
    cli_say(cli, CLI_STRONG, "%s", cli_text(service, "name"));
    cli_say(cli, CLI_QUIET, "   %s\n", cli_short(cli_text(service, "id")));
    say_line(cli, "kind", cli_text(service, "kind"));
    say_line(cli, "telephone", cli_text(service, "telephone"));
    say_line(cli, "hours", cli_text(service, "hours"));
    say_line(cli, "ODS code", cli_text(service, "ods_code"));
    say_endpoint(cli, cli_member(service, "endpoint"));
    cJSON_ArrayForEach(one, cli_member(service, "alert_policy")) {
        (void)snprintf(line, sizeof line, "%s %d", one->string, one->valueint);
        say_line(cli, "policy", line);
    }
    say_contacts(cli, cli_member(service, "contacts"));
    instalment_reply_free(reply);
    return CLI_OK;
}

static bool service_path(struct cli *cli, char *path, size_t size) {
    const char *id = NULL;
    return cli_id(cli, "sv-", cli_argument(cli, 0), &id) && cli_connect_signed_in(cli) &&
           cli_path(cli, path, size, "/services/%s", id);
}

enum cli_status command_service_show(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    char path[PATH_SIZE];
    if (!service_path(cli, path, sizeof path) || !cli_get(cli, path, &reply))
        return cli->status;
    return say_one(cli, &reply);
}

/* ---- entering and changing */

static bool ask_member(struct cli *cli, cJSON *body, const char *member, const char *question) {
    char *answer = NULL;
    if (!cli_ask(cli, question, &answer))
        return false;
    if (answer[0] != '\0')
        cJSON_AddStringToObject(body, member, answer);
    free(answer);
    return true;
}

static cJSON *ask_service(struct cli *cli) {
    cJSON *body = cJSON_CreateObject();
    char *kind = NULL;
    if (!ask_member(cli, body, "name", "Name of the service") ||
        !cli_ask_choice(cli, "Kind", kinds, "drug_service", &kind)) {
        cJSON_Delete(body);
        return NULL;
    }
    cJSON_AddStringToObject(body, "kind", kind);
    free(kind);
    if (ask_member(cli, body, "telephone", "Telephone") &&
        ask_member(cli, body, "hours", "When they answer (as: Monday to Friday 9 to 17)"))
        return body;
    cJSON_Delete(body);
    return NULL;
}

/* --secret: into the endpoint, which is otherwise as the file has it. */
static bool add_secret(struct cli *cli, cJSON *body, const char *secret) {
    cJSON *endpoint = cJSON_GetObjectItemCaseSensitive(body, "endpoint");
    if (cli_option(cli, "secret") == NULL)
        return true;
    if (endpoint == NULL)
        endpoint = cJSON_AddObjectToObject(body, "endpoint");
    if (!cJSON_IsObject(endpoint)) {
        (void)cli_fail(cli, CLI_USAGE, "--secret needs an endpoint in the file.");
        return false;
    }
    cJSON_DeleteItemFromObjectCaseSensitive(endpoint, "secret");
    cJSON_AddStringToObject(endpoint, "secret", secret);
    return true;
}

/* The body of both: secrets and PINs first, where they come by standard input, then the file, or what is asked. */
static cJSON *service_body(struct cli *cli, bool fresh) {
    char secret[SECRET_SIZE] = "";
    bool good =
        cli_option(cli, "secret") == NULL || cli_secret(cli, "Secret of the endpoint", secret, sizeof secret);
    cJSON *second = cJSON_CreateObject();
    cJSON *body = NULL;
    good = good && cli_add_second(cli, second);
    if (good)
        body = cli_from(cli, &good);
    if (good && body == NULL)
        body = fresh ? ask_service(cli) : cJSON_CreateObject();
    good = good && body != NULL && add_secret(cli, body, secret);
    explicit_bzero(secret, sizeof secret);
    if (good && second->child != NULL)
        cJSON_AddItemToObject(body, "second", cJSON_DetachItemViaPointer(second, second->child));
    if (good && !fresh && body->child == NULL) {
        (void)cli_fail(cli, CLI_USAGE, "what is to be changed? --from FILE, or --secret.");
        cli_hint("{\"telephone\":\"...\"} in the file changes just that.");
        good = false;
    }
    cJSON_Delete(second);
    if (good)
        return body;
    cJSON_Delete(body);
    return NULL;
}

enum cli_status command_service_add(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    cJSON *body = cli_connect_signed_in(cli) ? service_body(cli, true) : NULL;
    if (body == NULL || !cli_post(cli, "/services", body, &reply))
        return cli->status;
    return say_one(cli, &reply);
}

enum cli_status command_service_change(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    char path[PATH_SIZE];
    cJSON *body = service_path(cli, path, sizeof path) ? service_body(cli, false) : NULL;
    if (body == NULL || !cli_patch(cli, path, body, &reply))
        return cli->status;
    return say_one(cli, &reply);
}
