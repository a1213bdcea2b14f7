/* Print jobs, printers, sheets and safety cards. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "records.h"

#define PATH_SIZE 512

static const struct cli_word states[] = {
    {"queued", "waits", ".", CLI_PLAIN},
    {"sent", "at the printer", ">", CLI_PLAIN},
    {"accepted_by_printer", "printed, not seen yet", "o", CLI_PLAIN},
    {"unverified", "may be on paper or not: look", "!", CLI_WARN},
    {"confirmed", "on paper", "+", CLI_GOOD},
    {"failed", "failed", "!", CLI_BAD},
    {"cancelled", "cancelled", "x", CLI_QUIET},
};

static const struct cli_word *state_of(const cJSON *object) {
    const struct cli_word *found =
        cli_word_of(states, sizeof states / sizeof states[0], cli_text(object, "state"));
    return found == NULL ? &states[0] : found;
}

static void say_job(struct cli *cli, const cJSON *job) {
    const struct cli_word *state = state_of(job);
    const char *detail = cli_text(job, "text");
    char what[128];
    cli_remember(cli, cli_text(job, "id"));
    (void)snprintf(what, sizeof what, "%s%s%s", cli_text(job, "kind"),
                   cli_text(job, "for")[0] == '\0' ? "" : " of ",
                   cli_text(job, "for")[0] == '\0' ? "" : cli_day(cli_text(job, "for")));
    cli_say(cli, state->style, "%s ", state->mark);
    cli_say_column(cli, CLI_STRONG, what, 30);
    cli_say_column(cli, CLI_PLAIN, cli_short(cli_text(job, "id")), 7);
    cli_say(cli, state->style, "%s", state->words);
    if (cli_text(job, "reprint_of")[0] != '\0')
        cli_say(cli, CLI_PLAIN, "   reprint");
    if (detail[0] != '\0')
        cli_say(cli, CLI_PLAIN, "   %s", detail);
    cli_say(cli, CLI_PLAIN, "\n");
}

static enum cli_status end_job(struct cli *cli, struct instalment_reply **reply) {
    if (cli->json)
        (void)cli_print(cli, *reply);
    else
        say_job(cli, instalment_json(*reply));
    instalment_reply_free(reply);
    return CLI_OK;
}

/* The items that a person is to read; none with --json. */
static const cJSON *shown(const struct cli *cli, const struct instalment_reply *reply) {
    if (cli->json)
        return NULL;
    return cli_member(instalment_json(reply), "items");
}

/* ---- jobs */

static bool list_path(struct cli *cli, char path[PATH_SIZE]) {
    const char *state = cli_option(cli, "state");
    const char *patient = cli_option(cli, "patient");
    if (state != NULL)
        return cli_path(cli, path, PATH_SIZE, "/print-jobs?limit=50&state=%s", state);
    if (patient != NULL)
        return cli_id(cli, "pt-", patient, &patient) &&
               cli_path(cli, path, PATH_SIZE, "/print-jobs?limit=50&patient=%s", patient);
    return cli_path(cli, path, PATH_SIZE, "/print-jobs?limit=50%s", "");
}

/* What was cancelled is shown to those who ask for it. */
static void say_jobs(struct cli *cli, const cJSON *jobs) {
    const cJSON *one = NULL;
    size_t count = 0;
    cJSON_ArrayForEach(one, jobs) {
        if (cli_option(cli, "state") != NULL || strcmp(cli_text(one, "state"), "cancelled") != 0) {
            say_job(cli, one);
            count++;
        }
    }
    if (count == 0)
        cli_say(cli, CLI_PLAIN, "There are no print jobs like that.\n");
}

enum cli_status command_print_list(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    char path[PATH_SIZE];
    if (!cli_connect_signed_in(cli) || !list_path(cli, path) || !cli_get(cli, path, &reply))
        return cli->status;
    if (cli->json)
        (void)cli_print_lines(cli, reply);
    else
        say_jobs(cli, cli_member(instalment_json(reply), "items"));
    instalment_reply_free(&reply);
    return CLI_OK;
}

static enum cli_status act(struct cli *cli, const char *format) {
    struct instalment_reply *reply = NULL;
    const char *id = NULL;
    char path[PATH_SIZE];
    if (!cli_id(cli, "pj-", cli_argument(cli, 0), &id) || !cli_connect_signed_in(cli) ||
        !cli_path(cli, path, sizeof path, format, id) || !cli_post(cli, path, NULL, &reply))
        return cli->status;
    return end_job(cli, &reply);
}

enum cli_status command_print_again(struct cli *cli) {
    return act(cli, "/print-jobs/%s/reprint");
}

enum cli_status command_print_confirm(struct cli *cli) {
    return act(cli, "/print-jobs/%s/confirm");
}

enum cli_status command_print_cancel(struct cli *cli) {
    return act(cli, "/print-jobs/%s/cancel");
}

/* ---- sheets */

/* Of a patient, or of a day. The letter names whom it is for, which is asked: it may be a person. */
static enum cli_status ask_sheet(struct cli *cli, const char *kind, const char *patient,
                                 const char *question) {
    struct instalment_reply *reply = NULL;
    const char *date = cli_option(cli, "date");
    const char *id = NULL;
    char *to = NULL;
    if ((patient != NULL && !cli_id(cli, "pt-", patient, &id)) || !cli_connect_signed_in(cli) ||
        (question != NULL && !(cli_can_ask() ? cli_ask(cli, question, &to) : cli_read_line(cli, &to))))
        return cli->status;
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "kind", kind);
    if (id != NULL)
        cJSON_AddStringToObject(body, "patient", id);
    if (date != NULL)
        cJSON_AddStringToObject(body, "date", date);
    if (to != NULL && to[0] != '\0')
        cJSON_AddStringToObject(body, "to", to);
    free(to);
    if (!cli_post(cli, "/print-jobs", body, &reply))
        return cli->status;
    return end_job(cli, &reply);
}

enum cli_status command_print_calendar(struct cli *cli) {
    return ask_sheet(cli, "calendar", cli_argument(cli, 0), NULL);
}

enum cli_status command_print_bag(struct cli *cli) {
    return ask_sheet(cli, "bag", cli_argument(cli, 0), NULL);
}

enum cli_status command_print_letter(struct cli *cli) {
    return ask_sheet(cli, "last_dose", cli_argument(cli, 0),
                     "For whom is the letter (as: ward 4, St Elsewhere)");
}

enum cli_status command_print_downtime(struct cli *cli) {
    return ask_sheet(cli, "downtime", NULL, NULL);
}

/* ---- printers */

/* Its light, and in a printer's own words why. */
static void say_printer(struct cli *cli, const cJSON *printer) {
    const char *light = cli_text(printer, "light");
    bool fine = light[0] == '\0' || strcmp(light, "ready") == 0 || strcmp(light, "unknown") == 0;
    const cJSON *one = NULL;
    cli_remember(cli, cli_text(printer, "id"));
    cli_say(cli, fine ? CLI_GOOD : CLI_BAD, "%s ", fine ? "+" : "!");
    cli_say_column(cli, CLI_STRONG, cli_text(printer, "name"), 24);
    cli_say_column(cli, CLI_PLAIN, cli_text(printer, "kind"), 7);
    cli_say_column(cli, CLI_PLAIN, cli_text(printer, "queue"), 20);
    cli_say_column(cli, CLI_PLAIN, cli_short(cli_text(printer, "id")), 7);
    cli_say(cli, fine ? CLI_PLAIN : CLI_BAD, "%s", cli_true(printer, "active") ? light : "not in use");
    cJSON_ArrayForEach(one, cli_member(printer, "reasons")) {
        cli_say(cli, CLI_BAD, " %s", cJSON_IsString(one) ? one->valuestring : "");
    }
    cli_say(cli, CLI_PLAIN, "\n");
}

enum cli_status command_printers(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const cJSON *one = NULL;
    if (!cli_connect_signed_in(cli) || !cli_get(cli, "/printers", &reply))
        return cli->status;
    if (cli->json)
        (void)cli_print_lines(cli, reply);
    cJSON_ArrayForEach(one, shown(cli, reply)) {
        say_printer(cli, one);
    }
    if (!cli->json && cJSON_GetArraySize(cli_member(instalment_json(reply), "items")) == 0)
        cli_say(cli, CLI_PLAIN,
                "No printer is entered: labels are left as PDF files in the folder \"labels\".\n");
    instalment_reply_free(&reply);
    return CLI_OK;
}

/* Enters a printer, or with its id changes one. */
enum cli_status command_printer_set(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    bool good = true;
    if (!cli_connect_signed_in(cli))
        return cli->status;
    cJSON *body = cli_from(cli, &good);
    if (good && body == NULL) {
        (void)cli_fail(cli, CLI_USAGE,
                       "what the printer is must be given: --from FILE, or --from - for standard input.");
        cli_hint("{\"name\",\"kind\":\"label|a4|card\",\"server\",\"queue\",\"media\":{\"width\":\"70\","
                 "\"height\":\"35\"},"
                 "\"fallback\"}, with \"id\" to change one");
    }
    if (body == NULL || !cli_post(cli, "/printers", body, &reply))
        return cli->status;
    if (cli->json)
        (void)cli_print(cli, reply);
    else
        say_printer(cli, instalment_json(reply));
    instalment_reply_free(&reply);
    return CLI_OK;
}

/* ---- cards */

static void say_given(const struct cli *cli, const cJSON *given) {
    cli_say(cli, CLI_GOOD, "+ ");
    cli_say_column(cli, CLI_STRONG, cli_text(given, "card"), 28);
    cli_say(cli, CLI_PLAIN, "%s, %s, version %s, to %s, %s   %s\n", cli_text(given, "language"),
            cli_text(given, "form"), cli_text(given, "version"), cli_text(given, "to"),
            cli_true(given, "talked_about") ? "talked about" : "not talked about",
            cli_day(cli_text(given, "at")));
}

/* "normal, large" and the title. */
static void say_forms(const struct cli *cli, const cJSON *card) {
    char text[64] = "";
    size_t len = 0;
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, cli_member(card, "forms")) {
        if (cJSON_IsString(one) && len < sizeof text)
            len += (size_t)snprintf(text + len, sizeof text - len, "%s%s", len == 0 ? "" : ", ",
                                    one->valuestring);
    }
    cli_say_column(cli, CLI_PLAIN, text, 32);
    cli_say(cli, CLI_PLAIN, "%s\n", cli_text(card, "title"));
}

enum cli_status command_card_list(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const cJSON *one = NULL;
    if (!cli_connect_signed_in(cli) || !cli_get(cli, "/cards/carried", &reply))
        return cli->status;
    if (cli->json)
        (void)cli_print_lines(cli, reply);
    cJSON_ArrayForEach(one, shown(cli, reply)) {
        cli_say_column(cli, CLI_STRONG, cli_text(one, "card"), 28);
        cli_say_column(cli, CLI_PLAIN, cli_text(one, "language"), 5);
        say_forms(cli, one);
    }
    instalment_reply_free(&reply);
    return CLI_OK;
}

static cJSON *card_body(struct cli *cli, const char *patient) {
    const char *language = cli_option(cli, "language");
    const char *form = cli_option(cli, "form");
    const char *to = cli_option(cli, "to");
    bool talked = cli_option(cli, "talked-about") != NULL;
    if (!talked && cli_can_ask() && !cli_ask_yes(cli, "Was it talked about", &talked))
        return NULL;
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "patient", patient);
    cJSON_AddStringToObject(body, "card", cli_argument(cli, 1));
    cJSON_AddStringToObject(body, "language", language == NULL ? "en" : language);
    if (form != NULL)
        cJSON_AddStringToObject(body, "form", form);
    if (to != NULL)
        cJSON_AddStringToObject(body, "to", to);
    cJSON_AddBoolToObject(body, "talked_about", talked);
    return body;
}

enum cli_status command_card_give(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const char *patient = NULL;
    if (!cli_id(cli, "pt-", cli_argument(cli, 0), &patient) || !cli_connect_signed_in(cli) ||
        !records_say_whose(cli, patient))
        return cli->status;
    cJSON *body = card_body(cli, patient);
    if (body == NULL || !cli_post(cli, "/cards", body, &reply))
        return cli->status;
    if (cli->json)
        (void)cli_print(cli, reply);
    else
        say_given(cli, instalment_json(reply));
    instalment_reply_free(&reply);
    return CLI_OK;
}

enum cli_status command_card_given(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const cJSON *one = NULL;
    const char *patient = NULL;
    char path[PATH_SIZE];
    if (!cli_id(cli, "pt-", cli_argument(cli, 0), &patient) || !cli_connect_signed_in(cli) ||
        !cli_path(cli, path, sizeof path, "/cards?patient=%s", patient) || !cli_get_all(cli, path, &reply))
        return cli->status;
    if (cli->json)
        (void)cli_print_lines(cli, reply);
    cJSON_ArrayForEach(one, shown(cli, reply)) {
        say_given(cli, one);
    }
    if (!cli->json && cJSON_GetArraySize(cli_member(instalment_json(reply), "items")) == 0)
        cli_say(cli, CLI_PLAIN, "No safety card was given yet.\n");
    instalment_reply_free(&reply);
    return CLI_OK;
}

/* ---- a label's code */

enum cli_status command_scan(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    char path[PATH_SIZE];
    if (!cli_connect_signed_in(cli) || !cli_path(cli, path, sizeof path, "/scan/%s", cli_argument(cli, 0)) ||
        !cli_get(cli, path, &reply))
        return cli->status;
    const cJSON *scan = instalment_json(reply);
    bool valid = cli_true(scan, "valid");
    if (cli->json) {
        (void)cli_print(cli, reply);
    } else {
        const char *why = cli_text(scan, "text");
        cli_say(cli, valid ? CLI_GOOD : CLI_BAD, "%s  %s\n", valid ? "+" : "x",
                valid            ? "the newest label of this instalment"
                : why[0] == '\0' ? "this label does not count any more"
                                 : why);
        cli_remember(cli, cli_text(cli_member(scan, "patient"), "id"));
        cli_say(cli, CLI_PLAIN, "    ");
        cli_say(cli, CLI_STRONG, "%s", cli_text(cli_member(scan, "patient"), "name"));
        cli_say(cli, CLI_PLAIN, "   born %s   instalment %s\n",
                cli_day(cli_text(cli_member(scan, "patient"), "born_on")),
                cli_short(cli_text(scan, "instalment")));
    }
    instalment_reply_free(&reply);
    return valid ? CLI_OK : CLI_REFUSED;
}
