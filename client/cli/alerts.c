/* Alerts to the prescribing service: what is open, whom to telephone and what to say, and what a person does about one. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"

#define PATH_SIZE 512
#define LABEL 14

static const struct cli_word states[] = {
    {"waiting", "not sent", "!", CLI_BAD},
    {"queued", "to be sent", ".", CLI_PLAIN},
    {"sending", "being sent", ">", CLI_PLAIN},
    {"retrying", "trying again", "~", CLI_WARN},
    {"refused", "refused by the service", "!", CLI_BAD},
    {"accepted", "received, not read yet", "o", CLI_WARN},
    {"acknowledged", "taken by a person", "+", CLI_GOOD},
    {"closed", "needs nobody", "+", CLI_QUIET},
};

static const struct cli_word *state_of(const cJSON *object) {
    const struct cli_word *found =
        cli_word_of(states, sizeof states / sizeof states[0], cli_text(object, "state"));
    return found == NULL ? &states[1] : found;
}

/* "10:05" of an instant of the day that the alert was raised, day and time otherwise. */
static const char *instant(const char *at) {
    static char texts[4][48];
    static size_t turn;
    char *out = texts[turn++ % 4];
    if (strlen(at) < 16)
        return "";
    (void)snprintf(out, sizeof texts[0], "%s %.5s", cli_day(at), at + 11);
    return out;
}

/* "missed_pickup" as words. */
static const char *words_of(const char *kind) {
    static char text[64];
    (void)snprintf(text, sizeof text, "%s", kind);
    for (char *at = text; *at != '\0'; at++)
        *at = (char)(*at == '_' ? ' ' : *at);
    return text;
}

static void say_line(const struct cli *cli, const char *label, const char *text) {
    if (text[0] == '\0')
        return;
    cli_say(cli, CLI_QUIET, "    ");
    cli_say_column(cli, CLI_QUIET, label, LABEL);
    cli_say_wrapped(cli, CLI_PLAIN, 4 + LABEL, text);
}

static void say_contact(const struct cli *cli, const cJSON *contact) {
    char text[512];
    (void)snprintf(text, sizeof text, "%s%s%s   %s   %s", cli_text(contact, "name"),
                   cli_text(contact, "role")[0] == '\0' ? "" : ", ", cli_text(contact, "role"),
                   cli_text(contact, "telephone"), cli_text(contact, "hours"));
    say_line(cli, "then", text);
}

/* Whom to telephone, in their order, and the sentence to say. */
static void say_phone(const struct cli *cli, const cJSON *phone) {
    const cJSON *one = NULL;
    char text[512];
    if (!cJSON_IsObject(phone))
        return;
    (void)snprintf(text, sizeof text, "%s   %s   %s%s", cli_text(phone, "service_name"),
                   cli_text(phone, "telephone"), cli_text(phone, "hours"),
                   cJSON_IsFalse(cli_member(phone, "at_work")) ? "   (not at work now)" : "");
    cli_say(cli, CLI_BAD, "    telephone the service");
    cli_say(cli, CLI_PLAIN, ": %s\n", words_of(cli_text(phone, "why")));
    say_line(cli, "first", text);
    cJSON_ArrayForEach(one, cli_member(phone, "contacts")) {
        say_contact(cli, one);
    }
    (void)snprintf(text, sizeof text, "%s, born %s", cli_text(phone, "patient_name"),
                   cli_day(cli_text(phone, "born_on")));
    say_line(cli, "about", cli_text(phone, "patient_name")[0] == '\0' ? "" : text);
    say_line(cli, "say", cli_text(phone, "say"));
}

static void say_head(struct cli *cli, const cJSON *alert) {
    const struct cli_word *state = state_of(alert);
    bool urgent = strcmp(cli_text(alert, "priority"), "urgent") == 0;
    cli_remember(cli, cli_text(alert, "id"));
    cli_say(cli, state->style, "%s ", state->mark);
    cli_say_column(cli, CLI_STRONG, words_of(cli_text(alert, "kind")), 26);
    cli_say_column(cli, urgent ? CLI_BAD : CLI_PLAIN, urgent ? "urgent" : "routine", 8);
    cli_say_column(cli, state->style, state->words, 23);
    cli_say_column(cli, CLI_PLAIN, cli_short(cli_text(alert, "id")), 6);
    cli_say(cli, CLI_PLAIN, "%s\n", instant(cli_text(alert, "raised_at")));
}

static void say_answer(const struct cli *cli, const char *label, const cJSON *said) {
    char text[1024];
    if (!cJSON_IsObject(said))
        return;
    (void)snprintf(text, sizeof text, "%s, %s%s%s%s", cli_text(said, "by"), instant(cli_text(said, "at")),
                   cli_text(said, "note")[0] == '\0' ? "" : ": \"", cli_text(said, "note"),
                   cli_text(said, "note")[0] == '\0' ? "" : "\"");
    say_line(cli, label, text);
}

static void say_attempts(const struct cli *cli, const cJSON *alert) {
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, cli_member(alert, "attempts")) {
        char text[256];
        int status = cli_number(one, "status");
        const char *error = cli_text(one, "error");
        if (status > 0)
            (void)snprintf(text, sizeof text, "%s   answer %d in %d ms: %s", instant(cli_text(one, "at")),
                           status, cli_number(one, "ms"), cli_text(one, "result"));
        else
            (void)snprintf(text, sizeof text, "%s   no answer (%s): %s", instant(cli_text(one, "at")),
                           error[0] == '\0' ? "line" : error, cli_text(one, "result"));
        say_line(cli, one->prev->next == NULL ? "tried" : "", text);
    }
}

static void say_alert(struct cli *cli, const cJSON *alert) {
    say_head(cli, alert);
    say_line(cli, "tells", cli_text(alert, "text"));
    say_line(cli, "not sent", words_of(cli_text(alert, "waiting_for")));
    say_attempts(cli, alert);
    say_line(cli, "answer by", instant(cli_text(alert, "due_by")));
    say_answer(cli, "taken by", cli_member(alert, "acknowledged"));
    say_answer(cli, "turned down", cli_member(alert, "rejected"));
    say_phone(cli, cli_member(alert, "phone"));
}

/* ---- the list */

enum cli_status command_alerts(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const cJSON *one = NULL;
    const char *state = cli_option(cli, "state");
    char path[PATH_SIZE];
    size_t count = 0;
    if (!cli_connect_signed_in(cli) ||
        !cli_path(cli, path, sizeof path, "/alerts?state=%s", state == NULL ? "open" : state) ||
        !cli_get_all(cli, path, &reply))
        return cli->status;
    if (cli->json) {
        (void)cli_print_lines(cli, reply);
        instalment_reply_free(&reply);
        return CLI_OK;
    }
    cJSON_ArrayForEach(one, cli_member(instalment_json(reply), "items")) {
        count++;
        say_head(cli, one);
        say_answer(cli, "taken by", cli_member(one, "acknowledged"));
        say_phone(cli, cli_member(one, "phone"));
    }
    instalment_reply_free(&reply);
    if (count == 0)
        cli_say(cli, CLI_PLAIN, "%s\n",
                state == NULL ? "Nothing is open: every service has taken what it was told."
                              : "There are none.");
    else
        cli_say(cli, CLI_QUIET,
                "One of them whole: instalment alert show ID. Telephoned: instalment alert phoned ID\n");
    return CLI_OK;
}

/* ---- one */

static bool alert_path(struct cli *cli, const char *format, char *path) {
    const char *id = NULL;
    return cli_id(cli, "", cli_argument(cli, 0), &id) && cli_connect_signed_in(cli) &&
           cli_path(cli, path, PATH_SIZE, format, id);
}

static enum cli_status say_one(struct cli *cli, struct instalment_reply **reply, const char *done) {
    if (cli->json) {
        (void)cli_print(cli, *reply);
    } else {
        if (done != NULL)
            cli_say(cli, CLI_GOOD, "+  %s\n", done);
        say_alert(cli, instalment_json(*reply));
    }
    instalment_reply_free(reply);
    return CLI_OK;
}

enum cli_status command_alert_show(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    char path[PATH_SIZE];
    if (!alert_path(cli, "/alerts/%s", path) || !cli_get(cli, path, &reply))
        return cli->status;
    return say_one(cli, &reply, NULL);
}

enum cli_status command_alert_retry(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    char path[PATH_SIZE];
    if (!alert_path(cli, "/alerts/%s/retry", path) || !cli_post(cli, path, NULL, &reply))
        return cli->status;
    return say_one(cli, &reply, "tried again now");
}

/* A text member, asked for, or the next line of standard input where the last argument is "-". */
static bool add_line(struct cli *cli, cJSON *body, const char *name, const char *question, bool needed) {
    const char *dash = cli_argument(cli, 1);
    char *line = NULL;
    bool good =
        dash != NULL && strcmp(dash, "-") == 0 ? cli_read_line(cli, &line) : cli_ask(cli, question, &line);
    if (good && line[0] != '\0')
        cJSON_AddStringToObject(body, name, line);
    else if (good && needed) {
        (void)cli_fail(cli, CLI_USAGE, "%s: it is needed; nothing was sent.", question);
        good = false;
    }
    free(line);
    return good;
}

static cJSON *from_or_ask(struct cli *cli, const char *name, const char *question) {
    bool good = true;
    cJSON *body = cli_from(cli, &good);
    if (!good || body != NULL)
        return body;
    body = cJSON_CreateObject();
    if (add_line(cli, body, name, question, true))
        return body;
    cJSON_Delete(body);
    return NULL;
}

enum cli_status command_alert_phoned(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    char path[PATH_SIZE];
    if (!alert_path(cli, "/alerts/%s/phoned", path))
        return cli->status;
    cJSON *body = from_or_ask(cli, "to", "Who was told");
    if (body == NULL || !cli_post(cli, path, body, &reply))
        return cli->status;
    return say_one(cli, &reply, "recorded: told by telephone");
}

enum cli_status command_alert_release(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    char path[PATH_SIZE];
    if (!alert_path(cli, "/alerts/%s/release", path))
        return cli->status;
    cJSON *body = from_or_ask(cli, "reason", "Why it must be sent without an agreement");
    if (body == NULL || !cli_post(cli, path, body, &reply))
        return cli->status;
    return say_one(cli, &reply, "released: it is being sent");
}

enum cli_status command_service_test(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const char *id = NULL;
    char path[PATH_SIZE];
    if (!cli_id(cli, "sv-", cli_argument(cli, 0), &id) || !cli_connect_signed_in(cli) ||
        !cli_path(cli, path, sizeof path, "/services/%s/test", id) || !cli_post(cli, path, NULL, &reply))
        return cli->status;
    return say_one(cli, &reply, "a test is being sent; alerts go there once the service has acknowledged it");
}
