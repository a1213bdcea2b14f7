/* Recording a supply, one that was made outside the rules, and one that was recorded in error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "decision.h"

#define PATH_SIZE 512

/* ---- what is asked */

/* Copies the words of "a,b,c" into a list. */
static void add_words(cJSON *list, const char *words) {
    char word[64];
    while (words != NULL && *words != '\0') {
        size_t len = strcspn(words, ",");
        if (len > 0 && len < sizeof word) {
            memcpy(word, words, len);
            word[len] = '\0';
            cJSON_AddItemToArray(list, cJSON_CreateString(word));
        }
        words += len + (words[len] == ',');
    }
}

static bool has_word(const cJSON *list, const char *word) {
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, list) {
        if (strcmp(one->valuestring, word) == 0)
            return true;
    }
    return false;
}

/* Each check of the decision: confirmed by --confirm, or asked of whoever sits at the terminal. */
static bool confirm_checks(struct cli *cli, const cJSON *decision, cJSON *body) {
    const cJSON *one = NULL;
    if (cli_member(body, "confirm") != NULL)
        return true;
    cJSON *confirm = cJSON_AddArrayToObject(body, "confirm");
    add_words(confirm, cli_option(cli, "confirm"));
    if (cli_option(cli, "confirm") != NULL || !cli_can_ask())
        return true;
    cJSON_ArrayForEach(one, cli_member(decision, "reasons")) {
        bool yes = false;
        if (strcmp(cli_text(one, "severity"), "check") != 0 || has_word(confirm, cli_text(one, "code")))
            continue;
        (void)fprintf(stderr, "  %s\n", cli_text(one, "text"));
        if (!cli_ask_yes(cli, "  A pharmacist has checked this", &yes))
            return false;
        if (!yes) {
            (void)cli_fail(cli, CLI_REFUSED, "not confirmed; nothing was recorded.");
            return false;
        }
        cJSON_AddItemToArray(confirm, cJSON_CreateString(cli_text(one, "code")));
    }
    return true;
}

static bool is_supervised(const cJSON *decision) {
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, cli_member(decision, "items")) {
        if (strcmp(cli_text(one, "supervised"), "0") != 0)
            return true;
    }
    return false;
}

static bool add_supervisor(struct cli *cli, const cJSON *decision, cJSON *body) {
    const char *given = cli_option(cli, "supervised-by");
    char *asked = NULL;
    if (!is_supervised(decision) || cli_member(body, "supervised_by") != NULL)
        return true;
    if (given == NULL && cli_can_ask()) {
        if (!cli_ask_default(cli, "Who sees the dose taken", cli->staff, &asked))
            return false;
        given = asked;
    }
    cJSON_AddStringToObject(body, "supervised_by", given == NULL ? cli->staff : given);
    free(asked);
    return true;
}

/* "yes", "no", or nothing said: stored as it was, never assumed. */
static bool ask_said(struct cli *cli, const char *question, const char *name, cJSON *collector) {
    static const char *const words[] = {"yes", "no", "not-asked", NULL};
    char *answer = NULL;
    if (!cli_ask_choice(cli, question, words, NULL, &answer))
        return false;
    if (strcmp(answer, "not-asked") != 0)
        cJSON_AddBoolToObject(collector, name, strcmp(answer, "yes") == 0);
    free(answer);
    return true;
}

static bool ask_into(struct cli *cli, const char *question, const char *name, cJSON *object) {
    char *answer = NULL;
    if (!cli_ask(cli, question, &answer))
        return false;
    if (answer[0] != '\0')
        cJSON_AddStringToObject(object, name, answer);
    free(answer);
    return true;
}

/* Who collects. The register keeps whether identity was asked for and shown (C1): asked where there is somebody to ask. */
static bool add_collector(struct cli *cli, cJSON *body) {
    const char *role = cli_option(cli, "collector");
    if (cli_member(body, "collector") != NULL)
        return true;
    cJSON *collector = cJSON_AddObjectToObject(body, "collector");
    role = role == NULL ? "patient" : role;
    cJSON_AddStringToObject(collector, "role", role);
    if (strcmp(role, "patient") == 0)
        return true;
    return ask_into(cli, "Name of who collects", "name", collector) &&
           ask_into(cli, "Their address", "address", collector) &&
           ask_said(cli, "Was their identity asked for", "identity_requested", collector) &&
           ask_said(cli, "Did they show it", "identity_provided", collector);
}

/* What the decision said, as it was received: the daemon compares. */
static void add_expected(const cJSON *decision, cJSON *body) {
    static const char *const members[] = {"product", "quantity", "supervised", "take_home"};
    cJSON *items = cJSON_AddArrayToObject(cJSON_AddObjectToObject(body, "expect"), "items");
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, cli_member(decision, "items")) {
        cJSON *item = cJSON_CreateObject();
        for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
            cJSON_AddStringToObject(item, members[i], cli_text(one, members[i]));
        cJSON_AddItemToArray(items, item);
    }
}

static bool add_identified(struct cli *cli, cJSON *body) {
    const char *given = cli_option(cli, "identified-by");
    if (cli_member(body, "identified_by") != NULL)
        return true;
    if (given == NULL && cli_can_ask())
        return ask_into(cli, "Two identifiers that were asked (as: name and date of birth)", "identified_by",
                        body);
    if (given != NULL)
        cJSON_AddStringToObject(body, "identified_by", given);
    return true;
}

/* ---- what was recorded */

static void say_recorded(struct cli *cli, const struct instalment_reply *reply) {
    const cJSON *supply = instalment_json(reply);
    const cJSON *one = NULL;
    cli_remember(cli, cli_text(supply, "id"));
    cli_say(cli, CLI_GOOD, "+  recorded");
    cli_say(cli, CLI_PLAIN, " at %.5s", cli_text(supply, "at") + 11);
    if (instalment_replayed(reply))
        cli_say(cli, CLI_WARN, "  (this very supply had been recorded already: nothing new was written)");
    cli_say(cli, CLI_PLAIN, "   supply %s\n", cli_short(cli_text(supply, "id")));
    cJSON_ArrayForEach(one, cli_member(cli_member(supply, "decision"), "items")) {
        cli_say(cli, CLI_PLAIN, "    %s %s  %s   supervised %s, take-home %s\n", cli_text(one, "quantity"),
                cli_text(one, "unit"), cli_text(one, "product"), cli_text(one, "supervised"),
                cli_text(one, "take_home"));
    }
    cJSON_ArrayForEach(one, cli_member(supply, "register")) {
        cli_say(cli, CLI_PLAIN, "    register %s, entry %d, balance %s\n", cli_text(one, "section"),
                cli_number(one, "number"), cli_text(one, "balance"));
    }
    int labels = cJSON_GetArraySize(cli_member(supply, "labels"));
    int alerts = cJSON_GetArraySize(cli_member(supply, "alerts"));
    cli_say(cli, CLI_PLAIN, "    labels %d%s", labels, alerts == 0 ? "\n" : "");
    if (alerts > 0)
        cli_say(cli, CLI_WARN, ", alerts %d: the service is told\n", alerts);
}

static enum cli_status send_supply(struct cli *cli, const char *path, cJSON *body, const char *key) {
    struct instalment_reply *reply = NULL;
    if (!cli_post_key(cli, path, body, key, &reply))
        return cli->status;
    if (cli->json)
        (void)cli_print(cli, reply);
    else
        say_recorded(cli, reply);
    instalment_reply_free(&reply);
    return CLI_OK;
}

/* ---- supply */

static bool say_before_supply(struct cli *cli, const char *rx, const cJSON *decision) {
    struct instalment_reply *patient = NULL;
    if (cli->json)
        return true;
    if (!decision_patient(cli, rx, &patient))
        return false;
    decision_say_patient(cli, instalment_json(patient));
    decision_say(cli, decision);
    instalment_reply_free(&patient);
    return true;
}

/* What --from gives (who collects, a part supply) comes first; the prescription, day and items are the decision's. */
static cJSON *supply_body(struct cli *cli, const char *rx, const cJSON *decision) {
    static const char *const decided[] = {"prescription", "on", "expect", "advance"};
    const char *scan = cli_option(cli, "scan");
    bool good = true;
    cJSON *given = cli_from(cli, &good);
    cJSON *body = given != NULL ? given : cJSON_CreateObject();
    for (size_t i = 0; i < sizeof decided / sizeof decided[0]; i++)
        cJSON_DeleteItemFromObjectCaseSensitive(body, decided[i]);
    cJSON_AddStringToObject(body, "prescription", rx);
    cJSON_AddStringToObject(body, "on", cli_text(decision, "on"));
    if (cli_option(cli, "advance") != NULL)
        cJSON_AddBoolToObject(body, "advance", true);
    if (scan != NULL)
        cJSON_AddStringToObject(body, "scan", scan);
    add_expected(decision, body);
    if (good && add_collector(cli, body) && confirm_checks(cli, decision, body) &&
        add_identified(cli, body) && add_supervisor(cli, decision, body) && cli_add_pin(cli, body, true))
        return body;
    cJSON_Delete(body);
    return NULL;
}

enum cli_status command_supply(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const char *rx = NULL;
    if (!cli_id(cli, "rx-", cli_argument(cli, 0), &rx) || !cli_connect_signed_in(cli) ||
        !decision_get(cli, rx, &reply))
        return cli->status;
    const cJSON *decision = instalment_json(reply);
    enum cli_status status = decision_status(decision);
    if (!say_before_supply(cli, rx, decision)) {
        instalment_reply_free(&reply);
        return cli->status;
    }
    if (status == CLI_OK) {
        cJSON *body = supply_body(cli, rx, decision);
        status = body == NULL ? cli->status
                              : send_supply(cli, "/supplies", body, cli_text(decision, "supply_key"));
    } else {
        if (cli->json)
            (void)cli_print(cli, reply);
        (void)cli_fail(cli, status, "nothing was recorded: %s.",
                       decision_words(cli_text(decision, "verdict")));
        if (strcmp(cli_text(decision, "verdict"), "hold") == 0)
            cli_hint("What the prescriber says is recorded with: instalment rx consult RX.");
        cli_hint(
            "A rule's whole text: instalment rules ID. What was done all the same: instalment irregular.");
    }
    instalment_reply_free(&reply);
    return status;
}

/* ---- what should not have happened */

enum cli_status command_irregular(struct cli *cli) {
    bool good = true;
    if (!cli_connect_signed_in(cli))
        return cli->status;
    cJSON *body = cli_from(cli, &good);
    if (good && body == NULL) {
        (void)cli_fail(cli, CLI_USAGE,
                       "what was done is needed: --from FILE, or --from - for standard input.");
        cli_hint("{\"prescription\",\"on\",\"covers\":[days],\"expect\":{\"items\":[{\"product\","
                 "\"quantity\",\"supervised\","
                 "\"take_home\"}]},\"collector\":{\"role\"},\"reason\",\"told\"}");
        cli_hint("First look after the person: if they are drowsy or hard to wake, 999, and give naloxone.");
    }
    if (body == NULL || !cli_add_pin(cli, body, true)) {
        cJSON_Delete(body);
        return cli->status;
    }
    return send_supply(cli, "/irregular-supplies", body, NULL);
}

enum cli_status command_reverse(struct cli *cli) {
    const char *id = NULL;
    char path[PATH_SIZE];
    bool good = true;
    if (!cli_id(cli, "su-", cli_argument(cli, 0), &id) || !cli_connect_signed_in(cli) ||
        !cli_path(cli, path, sizeof path, "/supplies/%s/reverse", id))
        return cli->status;
    cJSON *body = cli_from(cli, &good);
    if (good && body == NULL) {
        body = cJSON_CreateObject();
        good = ask_into(cli, "Why was it recorded in error", "reason", body);
    }
    if (!good || !cli_add_pin(cli, body, true)) {
        cJSON_Delete(body);
        return cli->status;
    }
    return send_supply(cli, path, body, NULL);
}

enum cli_status command_supply_show(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const char *id = NULL;
    char path[PATH_SIZE];
    if (!cli_id(cli, "su-", cli_argument(cli, 0), &id) || !cli_connect_signed_in(cli) ||
        !cli_path(cli, path, sizeof path, "/supplies/%s", id) || !cli_get(cli, path, &reply))
        return cli->status;
    if (cli->json)
        (void)cli_print(cli, reply);
    else
        say_recorded(cli, reply);
    instalment_reply_free(&reply);
    return CLI_OK;
}
