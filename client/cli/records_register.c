/* The controlled drugs register: sections and entries, what is entered, verification. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands_register.h"

#define PATH_SIZE 256
#define VERIFY_PIECE 50000

/* ---- reading ---- */

static void say_section(struct cli *cli, const cJSON *section) {
    const cJSON *open = cli_member(section, "discrepancies");
    bool voluntary = strcmp(cli_text(section, "heading"), "VOLUNTARY") == 0;
    cli_say_column(cli, CLI_STRONG, cli_text(section, "product"), 26);
    cli_say_column(cli, voluntary ? CLI_QUIET : CLI_PLAIN, voluntary ? "VOLUNTARY" : "", 11);
    cli_say(cli, CLI_PLAIN, "%s %s", cli_text(section, "balance"), cli_text(section, "unit"));
    cli_say(cli, CLI_QUIET, "  %d entries", cli_number(section, "entries"));
    if (cli_true(section, "check_overdue"))
        cli_say(cli, CLI_BAD, "  count overdue since %s", cli_day(cli_text(section, "check_due")));
    if (cJSON_GetArraySize(open) > 0)
        cli_say(cli, CLI_BAD, "  %d discrepancies open", cJSON_GetArraySize(open));
    cli_say(cli, CLI_PLAIN, "\n");
}

static void say_entry(struct cli *cli, const cJSON *entry) {
    char number[24];
    (void)snprintf(number, sizeof number, "%d", cli_number(entry, "number"));
    cli_say_column(cli, CLI_QUIET, number, 7);
    cli_say_column(cli, CLI_PLAIN, cli_text(entry, "on"), 12);
    cli_say_column(cli, CLI_STRONG, cli_text(entry, "type"), 11);
    cli_say_column(cli, CLI_PLAIN, cli_text(entry, "quantity"), 12);
    cli_say_column(cli, CLI_PLAIN, cli_text(entry, "balance"), 12);
    cli_say_column(cli, CLI_PLAIN, cli_text(entry, "person_name"), 26);
    cli_say_column(cli, CLI_QUIET, cli_text(entry, "text"), cli_columns_left(cli, 80));
    cli_say(cli, CLI_PLAIN, "\n");
}

static enum cli_status show_sections(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const cJSON *one = NULL;
    if (!cli_get(cli, "/register", &reply))
        return cli->status;
    if (cli->json)
        (void)cli_print_lines(cli, reply);
    else
        cJSON_ArrayForEach(one, cli_member(instalment_json(reply), "items")) {
            say_section(cli, one);
        }
    instalment_reply_free(&reply);
    return CLI_OK;
}

static enum cli_status show_entries(struct cli *cli, const char *product) {
    struct instalment_reply *reply = NULL;
    const cJSON *one = NULL;
    char path[PATH_SIZE];
    if (!cli_path(cli, path, sizeof path, "/register/%s?limit=500", product) ||
        !cli_get_all(cli, path, &reply))
        return cli->status;
    if (cli->json) {
        (void)cli_print_lines(cli, reply);
    } else {
        cJSON_ArrayForEach(one, cli_member(instalment_json(reply), "items")) {
            say_entry(cli, one);
        }
    }
    instalment_reply_free(&reply);
    return CLI_OK;
}

enum cli_status command_register(struct cli *cli) {
    const char *product = cli_argument(cli, 0);
    if (!cli_connect_signed_in(cli))
        return cli->status;
    return product == NULL ? show_sections(cli) : show_entries(cli, product);
}

/* ---- verification, in pieces so that it can be seen how far it has come ---- */

struct verifying {
    size_t entries; /* of all sections so far */
    bool wrong;
};

static bool verify_section(struct cli *cli, const char *product, struct verifying *v) {
    int after = 0;
    for (bool more = true; more;) {
        struct instalment_reply *reply = NULL;
        char path[PATH_SIZE];
        (void)snprintf(path, sizeof path, "/register/verify?product=%s&after=%d&limit=%d", product, after,
                       VERIFY_PIECE);
        if (!cli_get(cli, path, &reply))
            return false;
        const cJSON *one = cJSON_GetArrayItem(cli_member(instalment_json(reply), "sections"), 0);
        const cJSON *problem = cli_member(one, "problem");
        v->entries += (size_t)cli_number(one, "entries");
        cli_progress(cli, "entries verified", v->entries);
        more = cJSON_IsNumber(cli_member(one, "next"));
        after = cli_number(one, "next");
        if (cJSON_IsObject(problem)) {
            cli_progress_end(cli);
            v->wrong = true;
            cli_say(cli, CLI_BAD, "%s, entry %d: %s\n", product, cli_number(problem, "number"),
                    cli_text(problem, "what"));
        } else if (!more) {
            cli_progress_end(cli);
            cli_say(cli, CLI_GOOD, "%s holds together: ", product);
            cli_say(cli, CLI_PLAIN, "balance %s, head %d:%s\n", cli_text(one, "balance"),
                    cli_number(cli_member(one, "head"), "number"), cli_text(cli_member(one, "head"), "hash"));
        }
        instalment_reply_free(&reply);
    }
    return true;
}

enum cli_status command_register_verify(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    struct verifying v = {.entries = 0};
    const cJSON *one = NULL;
    bool good = cli_connect_signed_in(cli);
    if (good && cli->json) {
        good = cli_get(cli, "/register/verify", &reply);
        v.wrong = good && !cli_true(instalment_json(reply), "verified");
        if (good)
            (void)cli_print(cli, reply);
    } else if (good && cli_get(cli, "/register", &reply)) {
        cJSON_ArrayForEach(one, cli_member(instalment_json(reply), "items")) {
            good = good && verify_section(cli, cli_text(one, "product"), &v);
        }
    }
    bool asked = reply != NULL;
    instalment_reply_free(&reply);
    if (!good || !asked)
        return cli->status;
    return v.wrong ? CLI_FAILED : CLI_OK;
}

/* ---- entering ---- */

/* Asks for a text member that --from has not given. */
static bool ask_member(struct cli *cli, cJSON *body, const char *question, const char *name) {
    char *answer = NULL;
    if (cJSON_HasObjectItem(body, name))
        return true;
    if (!cli_ask(cli, question, &answer))
        return false;
    if (answer[0] != '\0')
        cJSON_AddStringToObject(body, name, answer);
    free(answer);
    return true;
}

static bool ask_count(struct cli *cli, cJSON *body, const char *name, const char *who) {
    char question[160];
    if (cJSON_HasObjectItem(body, name))
        return true;
    cJSON *count = cJSON_AddObjectToObject(body, name);
    (void)snprintf(question, sizeof question, "%s: what the full bottles or packs hold together", who);
    if (!ask_member(cli, count, question, "full"))
        return false;
    (void)snprintf(question, sizeof question, "%s: what the open one holds, measured", who);
    return ask_member(cli, count, question, "open");
}

struct question {
    const char *name;
    const char *text;
};

/* What is still to be said of the entry. False: said why. */
static bool fill_entry(struct cli *cli, cJSON *body, const char *what, const struct question *questions,
                       bool second) {
    for (size_t i = 0; questions[i].name != NULL; i++)
        if (!ask_member(cli, body, questions[i].text, questions[i].name))
            return false;
    if (strcmp(what, "checks") == 0 && (!ask_count(cli, body, "counted", "First person") ||
                                        !ask_count(cli, body, "recounted", "Second person")))
        return false;
    return !second || cli_add_second(cli, body);
}

static void say_entered(struct cli *cli, const struct instalment_reply *reply) {
    const cJSON *entry = instalment_json(reply);
    if (cli->json) {
        (void)cli_print(cli, reply);
        return;
    }
    say_entry(cli, entry);
    if (cli_member(entry, "difference") != NULL)
        cli_say(cli, strcmp(cli_text(entry, "difference"), "0") == 0 ? CLI_GOOD : CLI_BAD,
                "expected %s, found %s, difference %s\n", cli_text(entry, "expected"),
                cli_text(entry, "found"), cli_text(entry, "difference"));
}

static enum cli_status enter(struct cli *cli, const char *what, const struct question *questions,
                             bool second) {
    struct instalment_reply *reply = NULL;
    char path[PATH_SIZE];
    bool good = cli_connect_signed_in(cli) &&
                cli_path(cli, path, sizeof path - 32, "/register/%s", cli_argument(cli, 0));
    cJSON *body = good ? cli_from(cli, &good) : NULL;
    if (!good)
        return cli->status;
    (void)snprintf(path + strlen(path), sizeof path - strlen(path), "/%s", what);
    body = body == NULL ? cJSON_CreateObject() : body;
    if (!fill_entry(cli, body, what, questions, second)) {
        cJSON_Delete(body);
        return cli->status;
    }
    if (!cli_post(cli, path, body, &reply))
        return cli->status;
    say_entered(cli, reply);
    instalment_reply_free(&reply);
    return CLI_OK;
}

enum cli_status command_register_receive(struct cli *cli) {
    static const struct question asked[] = {{"quantity", "How much was received"},
                                            {"from", "From whom"},
                                            {"address", "Their address"},
                                            {"reference", "Invoice or requisition"},
                                            {NULL, NULL}};
    return enter(cli, "receipts", asked, false);
}

enum cli_status command_register_check(struct cli *cli) {
    static const struct question asked[] = {{NULL, NULL}};
    return enter(cli, "checks", asked, true);
}

enum cli_status command_register_adjust(struct cli *cli) {
    static const struct question asked[] = {
        {"reason", "Why: overage, spillage, residue, count or correction"},
        {"quantity", "How much; with a minus where it is taken away"},
        {"text", "What happened"},
        {NULL, NULL}};
    return enter(cli, "adjustments", asked, true);
}

enum cli_status command_register_destroy(struct cli *cli) {
    static const struct question asked[] = {{"quantity", "How much was destroyed"},
                                            {"authorised_by", "The authorised witness, name and capacity"},
                                            {NULL, NULL}};
    return enter(cli, "destructions", asked, true);
}

enum cli_status command_register_note(struct cli *cli) {
    static const struct question asked[] = {{"text", "The note"}, {NULL, NULL}};
    return enter(cli, "notes", asked, false);
}
