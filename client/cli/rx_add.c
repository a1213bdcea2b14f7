/* Entering a prescription: from JSON, or by questions in the order of the paper form; looked at before it is stored. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "days.h"
#include "form.h"
#include "records.h"
#include "rx_form.h"
#include "rx_review.h"

static const char *const forms[] = {"FP10MDA", "FP10HMDA", "WP10MDA", "GP10", "HBP",
                                    "HS21",    "FP10",     "FP10PCD", NULL};
static const char *const stages[] = {"titration", "stable", "reduction", NULL};

/* ---- one question of the form */

static const struct form_question service[] = {
    {"service", "Prescribing service", FORM_SERVICE, true, NULL, NULL}};
static const struct form_question form[] = {{"form", "Form", FORM_CHOICE, true, forms, NULL}};
static const struct form_question serial[] = {
    {"serial", "Serial number (return: none)", FORM_TEXT, false, NULL, NULL}};
static const struct form_question signed_on[] = {{"signed_on", "Signed on", FORM_DAY, true, NULL, NULL}};
static const struct form_question start_on[] = {
    {"start_on", "To start on (return: the form names no day)", FORM_DAY, false, NULL, NULL}};
static const struct form_question prescriber[] = {
    {"prescriber.name", "Prescriber", FORM_TEXT, true, NULL, NULL},
    {"prescriber.number", "The prescriber's number (return: none)", FORM_TEXT, false, NULL, NULL},
    {"prescriber.address", "The prescriber's address", FORM_TEXT, false, NULL, NULL}};
static const struct form_question stage[] = {{"stage", "Stage", FORM_CHOICE, true, stages, NULL}};
static const struct form_question wording_text[] = {
    {"wording_text", "Other wording, as it stands there (return: none)", FORM_TEXT, false, NULL, NULL}};

static bool ask_wording(struct cli *cli, cJSON *body) {
    return rx_ask_wording(cli, body) && form_ask(cli, wording_text, body);
}

static bool ask_items(struct cli *cli, cJSON *body) {
    return rx_ask_items(cli, body, true);
}

/* Instalments that were supplied from this form before it came here (P2). */
static bool ask_earlier(struct cli *cli, cJSON *body) {
    static const struct form_question one[] = {
        {"on", "Supplied on (return: no more)", FORM_DAY, false, NULL, NULL},
        {"covers", "For which days", FORM_DAYS, true, NULL, NULL},
        {"confirmed_by", "Who confirmed it", FORM_TEXT, true, NULL, NULL}};
    cJSON *list = cJSON_CreateArray();
    form_put(body, "supplied_before", list);
    cli_hint("Instalments that were supplied from this form before:");
    for (;;) {
        cJSON *earlier = cJSON_CreateObject();
        bool good = form_ask(cli, &one[0], earlier);
        bool more = good && earlier->child != NULL;
        good = good && (!more || form_ask_all(cli, one + 1, 2, earlier));
        if (good && more) {
            cJSON_AddItemToArray(list, earlier);
            continue;
        }
        cJSON_Delete(earlier);
        if (good && list->child == NULL)
            form_put(body, "supplied_before", NULL);
        return good;
    }
}

/* Another prescription of this kind is in force (P7): this one takes its place from a day, or the two make one dose. */
static bool ask_links(struct cli *cli, cJSON *body) {
    static const char *const words[] = {"replaces", "together", "neither", NULL};
    static const struct form_question from[] = {
        {"replaces.from", "It takes the place of the other from", FORM_DAY, true, NULL, NULL}};
    const char *start = cli_text(body, "start_on");
    char *said = NULL, *id = NULL;
    form_put(body, "replaces", NULL);
    form_put(body, "together_with", NULL);
    if (!cli_ask_choice(cli, "This one, beside the other", words, NULL, &said))
        return false;
    bool replaces = strcmp(said, "replaces") == 0, neither = strcmp(said, "neither") == 0;
    free(said);
    if (neither) {
        (void)cli_fail(cli, CLI_REFUSED,
                       "two prescriptions of one kind cannot stand side by side; nothing was stored.");
        return false;
    }
    if (!records_pick(cli, cli_text(body, "patient"), "The other one", false, &id))
        return false;
    if (id != NULL) {
        cli_hint("= %s", cli_short(id));
        form_put(body, replaces ? "replaces.prescription" : "together_with", cJSON_CreateString(id));
    }
    free(id);
    if (replaces && start[0] != '\0')
        form_put(body, "replaces.from", cJSON_CreateString(start));
    return !replaces || form_ask_all(cli, from, 1, body);
}

/* The questions in the order of the form. `field` is what the daemon calls it, or what its name begins with. */
static const struct {
    const char *field;
    const struct form_question *questions;
    size_t count;
    bool (*ask)(struct cli *cli, cJSON *body);
    bool later; /* asked only where it is needed */
} steps[] = {
    {"service", service, 1, NULL, false},
    {"form", form, 1, NULL, false},
    {"serial", serial, 1, NULL, false},
    {"signed_on", signed_on, 1, NULL, false},
    {"start_on", start_on, 1, NULL, false},
    {"prescriber", prescriber, 3, NULL, false},
    {"stage", stage, 1, NULL, false},
    {"wording", NULL, 0, ask_wording, false},
    {"items", NULL, 0, ask_items, false},
    {"collect", NULL, 0, rx_ask_collect, false},
    {"supervised", NULL, 0, rx_ask_supervised, false},
    {"replaces", NULL, 0, ask_links, true},
    {"together_with", NULL, 0, ask_links, true},
    {"supplied_before", NULL, 0, ask_earlier, true},
};
#define STEPS (sizeof steps / sizeof steps[0])

static bool ask_step(struct cli *cli, size_t step, cJSON *body) {
    return steps[step].ask != NULL ? steps[step].ask(cli, body)
                                   : form_ask_all(cli, steps[step].questions, steps[step].count, body);
}

static bool has_earlier_days(struct cli *cli, const cJSON *body) {
    const cJSON *item = cJSON_GetArrayItem(cli_member(body, "items"), 0);
    const char *first = cli_text(cJSON_GetArrayItem(cli_member(item, "doses"), 0), "from");
    return first[0] != '\0' && strcmp(first, form_today(cli)) < 0;
}

/* What the patient's last form says of who prescribes is offered; nothing of doses and days ever is. */
static void offer_last(struct cli *cli, const char *patient, cJSON *body) {
    struct instalment_reply *reply = NULL;
    static const char *const members[] = {"service", "form", "prescriber.name", "prescriber.number",
                                          "prescriber.address"};
    if (!records_prescriptions(cli, patient, &reply))
        return;
    const cJSON *items = cli_member(instalment_json(reply), "items");
    const cJSON *last = cJSON_GetArrayItem(items, cJSON_GetArraySize(items) - 1);
    for (size_t i = 0; last != NULL && i < sizeof members / sizeof members[0]; i++) {
        const cJSON *value = form_at(last, members[i]);
        if (cJSON_IsString(value))
            form_put(body, members[i], cJSON_CreateString(value->valuestring));
    }
    instalment_reply_free(&reply);
    if (form_at(body, "form") == NULL)
        form_put(body, "form", cJSON_CreateString(forms[0]));
}

static bool ask_form(struct cli *cli, cJSON *body) {
    for (size_t i = 0; i < STEPS; i++) {
        if (!steps[i].later && !ask_step(cli, i, body))
            return false;
    }
    return !has_earlier_days(cli, body) || ask_earlier(cli, body);
}

/* ---- asking again */

static bool ask_field_again(struct cli *cli, const char *field, cJSON *body) {
    for (size_t i = 0; i < STEPS; i++) {
        if (strncmp(field, steps[i].field, strlen(steps[i].field)) != 0)
            continue;
        return strcmp(steps[i].field, "items") == 0 ? rx_ask_item_field(cli, body, field)
                                                    : ask_step(cli, i, body);
    }
    if (strcmp(field, "patient") == 0)
        (void)cli_fail(cli, CLI_REFUSED,
                       "the patient's record must be put right first: instalment patient change");
    else
        (void)cli_fail(cli, CLI_REFUSED, "this cannot be entered by questions: %s", field);
    return false;
}

static bool is_accepted(const cJSON *body, const char *code) {
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, cli_member(body, "accept")) {
        if (strcmp(one->valuestring, code) == 0)
            return true;
    }
    return false;
}

static void accept(cJSON *body, const char *code) {
    cJSON *list = cJSON_GetObjectItemCaseSensitive(body, "accept");
    if (list == NULL)
        list = cJSON_AddArrayToObject(body, "accept");
    if (!is_accepted(body, code))
        cJSON_AddItemToArray(list, cJSON_CreateString(code));
}

/* A finding that stands in the way: kept by a pharmacist where that may be, else its question again. */
static bool settle_finding(struct cli *cli, const cJSON *finding, cJSON *body) {
    const char *code = cli_text(finding, "code");
    bool keep = false;
    cli_hint("! %s", cli_text(finding, "text"));
    if (strcmp(cli_text(finding, "kind"), "needs_accept") == 0) {
        if (is_accepted(body, code)) {
            (void)cli_fail(cli, CLI_REFUSED, "only a pharmacist who is signed in may keep this as it is.");
            return false;
        }
        if (!cli_ask_yes(cli, "  Are you a pharmacist, and is it kept as it is", &keep))
            return false;
        if (keep) {
            accept(body, code);
            return true;
        }
    }
    return ask_field_again(cli, cli_text(finding, "field"), body);
}

/* Every finding that blocks, one field once. False: said why. */
static bool settle_findings(struct cli *cli, const cJSON *checked, cJSON *body) {
    const cJSON *one = NULL, *before = NULL;
    cJSON_ArrayForEach(one, cli_member(checked, "findings")) {
        bool again = false;
        for (before = cli_member(checked, "findings")->child; before != one; before = before->next)
            again = again || (rx_review_blocks(before) &&
                              strcmp(cli_text(before, "field"), cli_text(one, "field")) == 0);
        if (rx_review_blocks(one) && !again && !settle_finding(cli, one, body))
            return false;
    }
    return true;
}

static bool settle_fields(struct cli *cli, const cJSON *problem, cJSON *body) {
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, cli_member(problem, "fields")) {
        cli_hint("! %s: %s", cli_text(one, "field"), cli_text(one, "message"));
        if (!ask_field_again(cli, cli_text(one, "field"), body))
            return false;
    }
    return true;
}

/* ---- looking at it before it is stored */

static bool change_something(struct cli *cli, cJSON *body) {
    const char *words[STEPS + 1];
    char *said = NULL;
    for (size_t i = 0; i < STEPS; i++)
        words[i] = steps[i].field;
    words[STEPS] = NULL;
    if (!cli_ask_choice(cli, "What is changed", words, NULL, &said))
        return false;
    size_t step = 0;
    while (step < STEPS && strcmp(steps[step].field, said) != 0)
        step++;
    free(said);
    return step < STEPS && ask_step(cli, step, body);
}

/* P9: somebody else compares a concentrate with the form, and says so with a PIN. *asked: it is looked at once more. */
static bool ask_second(struct cli *cli, const cJSON *checked, cJSON *body, bool *asked) {
    const cJSON *one = NULL;
    bool needed = false;
    char pin[CLI_PIN_SIZE], *name = NULL;
    cJSON_ArrayForEach(one, cli_member(checked, "findings")) {
        needed = needed || strcmp(cli_text(one, "code"), "concentrate") == 0;
    }
    *asked = false;
    if (!needed || cli_member(body, "second") != NULL)
        return true;
    if (!cli_ask(cli, "Second person who compared the concentrate (return: nobody yet)", &name))
        return false;
    *asked = name[0] != '\0';
    bool good = !*asked || cli_pin(cli, name, pin);
    if (good && *asked) {
        cJSON *second = cJSON_AddObjectToObject(body, "second");
        cJSON_AddStringToObject(second, "staff", name);
        cJSON_AddStringToObject(second, "pin", pin);
        explicit_bzero(pin, sizeof pin);
    }
    free(name);
    return good;
}

enum review { REVIEW_STORE, REVIEW_AGAIN, REVIEW_END };

static enum review decide(struct cli *cli, const cJSON *checked, cJSON *body) {
    static const char *const words[] = {"yes", "no", "change", NULL};
    char *said = NULL;
    bool again = false;
    if (!ask_second(cli, checked, body, &again))
        return REVIEW_END;
    if (again)
        return REVIEW_AGAIN;
    if (!cli_ask_choice(cli, "Compared with the form; store it", words, NULL, &said))
        return REVIEW_END;
    enum review review = strcmp(said, "yes") == 0 ? REVIEW_STORE : REVIEW_AGAIN;
    bool no = strcmp(said, "no") == 0;
    free(said);
    if (no) {
        (void)cli_fail(cli, CLI_FAILED, "nothing was stored.");
        return REVIEW_END;
    }
    return review == REVIEW_AGAIN && !change_something(cli, body) ? REVIEW_END : review;
}

/* The dry run could not be made: what is wrong is asked again where somebody can be asked. */
static enum review review_problem(struct cli *cli, struct instalment_reply **reply, cJSON *body, bool ask) {
    const cJSON *problem = instalment_json(*reply);
    int status = instalment_status(*reply);
    enum review review = REVIEW_END;
    if (status == 403 && ask && cli_member(body, "second") != NULL) {
        cli_hint("! %s", cli_text(problem, "detail"));
        form_put(body, "second", NULL);
        review = REVIEW_AGAIN;
    } else if (status == 422 && ask) {
        review = settle_fields(cli, problem, body) ? REVIEW_AGAIN : REVIEW_END;
    } else {
        (void)form_fail(cli, reply);
    }
    instalment_reply_free(reply);
    return review;
}

/* What the dry run says, shown, and what follows from it. */
static enum review review_checked(struct cli *cli, const struct instalment_reply *reply, cJSON *body,
                                  bool ask) {
    const cJSON *checked = instalment_json(reply);
    bool dry = cli_option(cli, "dry-run") != NULL;
    if (dry && cli->json)
        (void)cli_print(cli, reply);
    else
        rx_review_say(cli, body, checked);
    if (!cli_true(checked, "blocked"))
        return dry ? REVIEW_END : ask ? decide(cli, checked, body) : REVIEW_STORE;
    if (ask)
        return settle_findings(cli, checked, body) ? REVIEW_AGAIN : REVIEW_END;
    (void)cli_fail(cli, CLI_REFUSED, "it cannot be stored as it was entered: see x and ? above.");
    return REVIEW_END;
}

static enum review review_once(struct cli *cli, cJSON *body, bool ask) {
    struct instalment_reply *reply = NULL;
    if (!form_post(cli, "/prescriptions?dry_run=true", body, &reply))
        return REVIEW_END;
    if (instalment_status(reply) >= 300)
        return review_problem(cli, &reply, body, ask);
    enum review review = review_checked(cli, reply, body, ask);
    instalment_reply_free(&reply);
    return review;
}

static enum cli_status store(struct cli *cli, cJSON *body) {
    struct instalment_reply *reply = NULL;
    if (!form_send(cli, NULL, 0, "/prescriptions", body, &reply))
        return cli->status;
    if (!cli->json) {
        const char *id = cli_text(instalment_json(reply), "id");
        cli_remember(cli, id);
        cli_say(cli, CLI_GOOD, "+  entered");
        cli_say(cli, CLI_PLAIN, ": prescription %s\n", cli_short(id));
        cli_say(cli, CLI_QUIET, "A second person keys it: instalment rx check %s\n", cli_short(id));
    }
    return records_end(cli, &reply);
}

/* ---- the command */

static void add_accepted(struct cli *cli, cJSON *body) {
    char word[64];
    for (const char *at = cli_option(cli, "accept"); at != NULL && *at != '\0'; at += strspn(at, ", ")) {
        size_t len = strcspn(at, ", ");
        (void)snprintf(word, sizeof word, "%.*s", (int)(len < sizeof word ? len : 0), at);
        if (word[0] != '\0')
            accept(body, word);
        at += len;
    }
}

/* Whose form it is: of the argument, which must be the same as --from's. */
static bool add_patient(struct cli *cli, cJSON *body) {
    const char *id = NULL, *given = cli_text(body, "patient");
    if (cli_argument(cli, 0) == NULL && given[0] != '\0')
        return true;
    if (cli_argument(cli, 0) == NULL) {
        (void)cli_fail(cli, CLI_USAGE, "whose prescription? Name the patient's id.");
        cli_hint("Find it with: instalment patient find");
        return false;
    }
    if (!cli_id(cli, "pt-", cli_argument(cli, 0), &id))
        return false;
    if (given[0] != '\0' && strcmp(given, id) != 0) {
        (void)cli_fail(cli, CLI_USAGE, "the entry is another patient's than the one named.");
        return false;
    }
    form_put(body, "patient", cJSON_CreateString(id));
    return true;
}

/* Whoever types looks at the right person first. */
static bool show_patient(struct cli *cli, const cJSON *body) {
    struct instalment_reply *patient = NULL;
    char path[512];
    if (!cli_path(cli, path, sizeof path, "/patients/%s", cli_text(body, "patient")) ||
        !cli_get(cli, path, &patient))
        return false;
    records_say_patient(cli, instalment_json(patient));
    instalment_reply_free(&patient);
    return true;
}

/* By questions: the patient said, the form asked, in order. */
static bool fill_by_questions(struct cli *cli, cJSON *body) {
    if (!cli_can_ask()) {
        char *never = NULL;
        (void)cli_ask(cli, "The prescription", &never);
        free(never);
        return false;
    }
    if (!show_patient(cli, body))
        return false;
    offer_last(cli, cli_text(body, "patient"), body);
    return ask_form(cli, body);
}

enum cli_status command_rx_add(struct cli *cli) {
    bool good = true;
    if (!cli_connect_signed_in(cli))
        return cli->status;
    cJSON *body = cli_from(cli, &good);
    if (!good)
        return cli->status;
    bool ask = body == NULL;
    body = ask ? cJSON_CreateObject() : body;
    good = add_patient(cli, body) && (!ask || fill_by_questions(cli, body));
    if (good) {
        add_accepted(cli, body);
        good = cli_add_second(cli, body);
    }
    /* A program asked for one object: the entry itself, or with --dry-run what would be stored. */
    enum review review = !good                                                     ? REVIEW_END
                         : cli->json && !ask && cli_option(cli, "dry-run") == NULL ? REVIEW_STORE
                                                                                   : REVIEW_AGAIN;
    while (review == REVIEW_AGAIN)
        review = review_once(cli, body, ask);
    if (review == REVIEW_STORE)
        return store(cli, body);
    cJSON_Delete(body);
    return cli->status;
}
