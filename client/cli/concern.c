/* What came in place of a supply, doses given elsewhere, and concerns at collection. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "form.h"
#include "records.h"

static bool is_one_of(const char *word, const char *const *words) {
    for (; *words != NULL; words++) {
        if (strcmp(word, *words) == 0)
            return true;
    }
    return false;
}

/* A usage error that names the words. */
static enum cli_status not_one_of(struct cli *cli, const char *what, const char *const *words) {
    char text[512] = "";
    size_t len = 0;
    for (; *words != NULL && len < sizeof text; words++)
        len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", len == 0 ? "" : ", ", *words);
    return cli_fail(cli, CLI_USAGE, "%s is one of %s.", what, text);
}

/* A note that is asked where there is somebody to ask, or read where the argument says so. */
static bool add_note(struct cli *cli, size_t argument, const char *question, cJSON *body) {
    char *note = NULL;
    if (cli_argument(cli, argument) == NULL && !cli_can_ask())
        return true;
    if (!form_line(cli, argument, question, &note))
        return false;
    if (note[0] != '\0')
        cJSON_AddStringToObject(body, "note", note);
    free(note);
    return true;
}

/* ---- outcome */

static const char *const outcomes[] = {
    "withheld", "deferred", "declined", "attended_not_supplied", "vomited", "spilled", "left", "part", NULL};

static bool outcome_options(struct cli *cli, cJSON *body) {
    const char *minutes = cli_option(cli, "minutes"), *quantity = cli_option(cli, "quantity");
    const char *reason = cli_option(cli, "reason");
    char *end = NULL;
    long number = minutes == NULL ? 0 : strtol(minutes, &end, 10);
    if (minutes != NULL && (end == minutes || *end != '\0' || number < 0 || number > 1440)) {
        (void)cli_fail(cli, CLI_USAGE, "--minutes is a number of minutes.");
        return false;
    }
    if (minutes != NULL)
        cJSON_AddNumberToObject(body, "minutes_after", (double)number);
    if (quantity != NULL)
        cJSON_AddStringToObject(body, "quantity", quantity);
    if (reason != NULL)
        cJSON_AddStringToObject(body, "reason", reason);
    return true;
}

static cJSON *outcome_body(struct cli *cli, const char *rx, const char *outcome) {
    bool good = true;
    cJSON *body = cli_from(cli, &good);
    if (!good)
        return NULL;
    bool asked = body == NULL;
    body = asked ? cJSON_CreateObject() : body;
    form_put(body, "prescription", cJSON_CreateString(rx));
    form_put(body, "outcome", cJSON_CreateString(outcome));
    if (outcome_options(cli, body) && (!asked || add_note(cli, 2, "Note (return: none)", body)))
        return body;
    cJSON_Delete(body);
    return NULL;
}

enum cli_status command_outcome(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const char *rx = NULL, *outcome = cli_argument(cli, 1);
    if (!is_one_of(outcome, outcomes))
        return not_one_of(cli, "the outcome", outcomes);
    if (!cli_id(cli, "rx-", cli_argument(cli, 0), &rx) || !cli_connect_signed_in(cli) ||
        !records_say_whose_rx(cli, rx))
        return cli->status;
    cJSON *body = outcome_body(cli, rx, outcome);
    if (body == NULL || !form_send(cli, NULL, 0, "/outcomes", body, &reply))
        return cli->status;
    if (!cli->json)
        cli_say(cli, CLI_GOOD, "+  recorded: %s on %s\n", cli_text(instalment_json(reply), "outcome"),
                cli_day(cli_text(instalment_json(reply), "on")));
    return records_end(cli, &reply);
}

/* ---- elsewhere */

static const char *const classes[] = {"opioid", "benzodiazepine", NULL};

static const struct form_question elsewhere[] = {
    {"class", "Which kind of medicine", FORM_CHOICE, true, classes, NULL},
    {"from", "First day it was given there", FORM_DAY, true, NULL, NULL},
    {"to", "Last day (return: the same)", FORM_DAY, false, NULL, NULL},
    {"product", "Product (return: not known)", FORM_TEXT, false, NULL, NULL},
    {"dose", "Dose a day (return: not known)", FORM_TEXT, false, NULL, NULL},
    {"where", "Where", FORM_TEXT, false, NULL, NULL},
    {"confirmed_by", "Who confirmed it", FORM_TEXT, true, NULL, NULL},
    {"channel", "How, as telephone (return: not said)", FORM_TEXT, false, NULL, NULL},
};
#define ELSEWHERE (sizeof elsewhere / sizeof elsewhere[0])

enum cli_status command_elsewhere(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const char *patient = NULL;
    if (!cli_id(cli, "pt-", cli_argument(cli, 0), &patient) || !cli_connect_signed_in(cli) ||
        !records_say_whose(cli, patient))
        return cli->status;
    cJSON *body = form_fill(cli, elsewhere, ELSEWHERE);
    if (body == NULL)
        return cli->status;
    form_put(body, "patient", cJSON_CreateString(patient));
    if (!form_send(cli, elsewhere, ELSEWHERE, "/dosed-elsewhere", body, &reply))
        return cli->status;
    if (!cli->json) {
        const cJSON *made = instalment_json(reply);
        cli_say(cli, CLI_GOOD, "+  recorded");
        cli_say(cli, CLI_PLAIN, ": %s from %s to %s, confirmed by %s\n", cli_text(made, "class"),
                cli_day(cli_text(made, "from")), cli_day(cli_text(made, "to")),
                cli_text(made, "confirmed_by"));
        if (cli_true(made, "unlike"))
            cli_say(cli, CLI_WARN,
                    "!  product or dose is unknown or another: the prescriber is asked before the next "
                    "supply\n");
    }
    return records_end(cli, &reply);
}

/* ---- concern */

static const char *const kinds[] = {"possible_intoxication", "welfare", "safeguarding",
                                    "prescription_problem",  "other",   NULL};
static const char *const decisions[] = {"supplied", "deferred", "withheld", "emergency", NULL};

static void add_signs(cJSON *body, const char *words) {
    char word[64];
    cJSON *list = words == NULL ? NULL : cJSON_AddArrayToObject(body, "signs");
    while (words != NULL && *words != '\0') {
        size_t len = strcspn(words, ",");
        if (len > 0) {
            (void)snprintf(word, sizeof word, "%.*s", (int)len, words);
            cJSON_AddItemToArray(list, cJSON_CreateString(word));
        }
        words += len + (words[len] == ',');
    }
}

/* The prescription whose dose a decision is about: --rx, the only one there is, or the one that is picked. */
static bool add_prescription(struct cli *cli, const char *patient, cJSON *body) {
    const char *rx = cli_option(cli, "rx"), *whole = NULL;
    char *id = NULL;
    if (rx != NULL) {
        if (!cli_id(cli, "rx-", rx, &whole))
            return false;
        cJSON_AddStringToObject(body, "prescription", whole);
        return true;
    }
    if (cli_member(body, "decision") == NULL)
        return true;
    if (!records_pick(cli, patient, "Which prescription", true, &id))
        return false;
    if (id != NULL)
        cJSON_AddStringToObject(body, "prescription", id);
    free(id);
    return true;
}

/* Asked only where the dose was not given, or the form itself is the matter. */
static bool add_contact(struct cli *cli, const char *kind, cJSON *body) {
    const char *decision = cli_text(body, "decision");
    char *who = NULL;
    bool needed = strcmp(decision, "withheld") == 0 || strcmp(decision, "emergency") == 0 ||
                  strcmp(kind, "prescription_problem") == 0;
    if (!needed || !cli_can_ask())
        return true;
    if (!cli_ask(cli, "Who of the prescriber's side was told (return: nobody yet)", &who))
        return false;
    if (who[0] != '\0')
        cJSON_AddStringToObject(cJSON_AddObjectToObject(body, "prescriber_contacted"), "with", who);
    free(who);
    return true;
}

static bool fill_concern(struct cli *cli, const char *patient, const char *kind, cJSON *body) {
    const char *decision = cli_option(cli, "decision");
    cJSON_AddStringToObject(body, "patient", patient);
    cJSON_AddStringToObject(body, "kind", kind);
    if (decision != NULL && !is_one_of(decision, decisions))
        return not_one_of(cli, "--decision", decisions) == CLI_OK;
    if (decision != NULL)
        cJSON_AddStringToObject(body, "decision", decision);
    add_signs(body, cli_option(cli, "signs"));
    return add_prescription(cli, patient, body) &&
           add_note(cli, 2, "What was seen, in your words (return: nothing more)", body) &&
           add_contact(cli, kind, body);
}

static cJSON *concern_body(struct cli *cli, const char *patient, const char *kind) {
    bool good = true;
    cJSON *body = cli_from(cli, &good);
    if (!good)
        return NULL;
    if (body != NULL) {
        form_put(body, "patient", cJSON_CreateString(patient));
        form_put(body, "kind", cJSON_CreateString(kind));
        return body;
    }
    body = cJSON_CreateObject();
    if (fill_concern(cli, patient, kind, body))
        return body;
    cJSON_Delete(body);
    return NULL;
}

static void say_concern(const struct cli *cli, const cJSON *concern) {
    const char *decision = cli_text(concern, "decision");
    cli_say(cli, CLI_GOOD, "+  recorded: %s%s%s; the service is told\n", cli_text(concern, "kind"),
            decision[0] == '\0' ? "" : ", ", decision);
    if (strcmp(decision, "emergency") == 0)
        cli_say(cli, CLI_BAD, "!  999 first; give naloxone if they are hard to wake; stay with them\n");
}

enum cli_status command_concern(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const char *patient = NULL, *kind = cli_argument(cli, 1);
    if (!is_one_of(kind, kinds))
        return not_one_of(cli, "the kind of concern", kinds);
    if (!cli_id(cli, "pt-", cli_argument(cli, 0), &patient) || !cli_connect_signed_in(cli) ||
        !records_say_whose(cli, patient))
        return cli->status;
    cJSON *body = concern_body(cli, patient, kind);
    if (body == NULL || !form_send(cli, NULL, 0, "/concerns", body, &reply))
        return cli->status;
    if (!cli->json)
        say_concern(cli, instalment_json(reply));
    return records_end(cli, &reply);
}

enum cli_status command_concern_signs(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const cJSON *one = NULL;
    if (!cli_connect_signed_in(cli) || !cli_get(cli, "/concerns/signs", &reply))
        return cli->status;
    const cJSON *items = cli->json ? NULL : cli_member(instalment_json(reply), "items");
    if (cli->json)
        (void)cli_print_lines(cli, reply);
    cJSON_ArrayForEach(one, items) {
        cli_say_column(cli, CLI_STRONG, cli_text(one, "code"), 20);
        cli_say(cli, CLI_PLAIN, "%s\n", cli_text(one, "text"));
    }
    instalment_reply_free(&reply);
    return CLI_OK;
}
