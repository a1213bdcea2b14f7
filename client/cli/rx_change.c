/* What is recorded on a prescription after its entry: stopped, on hold, released, the prescriber consulted, bagged. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "days.h"
#include "form.h"
#include "records.h"

#define PATH_SIZE 512

/* ---- stop, hold, release ---- */

static bool add_from_day(struct cli *cli, cJSON *body) {
    char day[DAYS_TEXT_SIZE];
    const char *said = cli_option(cli, "from-day");
    if (said == NULL)
        return true;
    if (!days_said(said, form_today(cli), day)) {
        (void)cli_fail(cli, CLI_USAGE, "--from-day is a day like 2026-11-23.");
        return false;
    }
    form_put(body, "from", cJSON_CreateString(day));
    return true;
}

static const struct form_question reason_question[] = {{"reason", "Reason", FORM_TEXT, true, NULL, NULL}};

/* --from's members, or a reason that is asked or read. */
static cJSON *change_body(struct cli *cli) {
    char *reason = NULL;
    bool good = true;
    cJSON *body = cli_from(cli, &good);
    if (good && body == NULL) {
        body = cJSON_CreateObject();
        if (cli_argument(cli, 1) == NULL)
            good = form_ask(cli, reason_question, body);
        else if ((good = form_line(cli, 1, "Reason", &reason)))
            cJSON_AddStringToObject(body, "reason", reason);
        free(reason);
    }
    if (good && add_from_day(cli, body))
        return body;
    cJSON_Delete(body);
    return NULL;
}

static enum cli_status change(struct cli *cli, const char *action, const char *done) {
    struct instalment_reply *reply = NULL;
    const char *id = NULL;
    char format[64], path[PATH_SIZE];
    (void)snprintf(format, sizeof format, "/prescriptions/%%s/%s", action);
    if (!cli_id(cli, "rx-", cli_argument(cli, 0), &id) || !cli_connect_signed_in(cli) ||
        !records_say_whose_rx(cli, id) || !cli_path(cli, path, sizeof path, format, id))
        return cli->status;
    cJSON *body = change_body(cli);
    if (body == NULL || !form_send(cli, reason_question, 1, path, body, &reply))
        return cli->status;
    if (!cli->json)
        cli_say(cli, CLI_GOOD, "+  %s from %s: %s\n", done, cli_day(cli_text(instalment_json(reply), "from")),
                cli_text(instalment_json(reply), "reason"));
    return records_end(cli, &reply);
}

enum cli_status command_rx_stop(struct cli *cli) {
    return change(cli, "stop", "stopped");
}

enum cli_status command_rx_hold(struct cli *cli) {
    return change(cli, "hold", "on hold");
}

enum cli_status command_rx_release(struct cli *cli) {
    return change(cli, "release", "released");
}

/* ---- consult ---- */

static const char *const roles[] = {"prescriber", "deputy", "keyworker", NULL};
static const char *const outcomes[] = {"continue",   "stop", "new_prescription", "allow_representative",
                                       "allow_once", NULL};

static bool is_outcome(const cJSON *body, const char *outcome) {
    return strcmp(cli_text(body, "outcome"), outcome) == 0;
}

static bool goes_on(const cJSON *body) {
    return is_outcome(body, "continue");
}

static bool for_one_day(const cJSON *body) {
    return is_outcome(body, "allow_representative") || is_outcome(body, "allow_once");
}

static bool once(const cJSON *body) {
    return is_outcome(body, "allow_once");
}

static const struct form_question consultation[] = {
    {"with", "Who was asked", FORM_TEXT, true, NULL, NULL},
    {"role", "Who is that", FORM_CHOICE, true, roles, NULL},
    {"channel", "How, as telephone (return: not said)", FORM_TEXT, false, NULL, NULL},
    {"on", "On which day (return: today)", FORM_DAY, false, NULL, NULL},
    {"outcome", "What was said", FORM_CHOICE, true, outcomes, NULL},
    {"resume_on", "Supplies go on until (return: today or the next open day)", FORM_DAY, false, NULL,
     goes_on},
    {"for_day", "For which day", FORM_DAY, true, NULL, for_one_day},
    {"covers", "Which days' doses", FORM_DAYS, true, NULL, once},
    {"note", "Note (return: none)", FORM_TEXT, false, NULL, NULL},
};
#define CONSULTATION (sizeof consultation / sizeof consultation[0])

enum cli_status command_rx_consult(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const char *id = NULL;
    char path[PATH_SIZE];
    if (!cli_id(cli, "rx-", cli_argument(cli, 0), &id) || !cli_connect_signed_in(cli) ||
        !records_say_whose_rx(cli, id) ||
        !cli_path(cli, path, sizeof path, "/prescriptions/%s/consultations", id))
        return cli->status;
    cJSON *body = form_fill(cli, consultation, CONSULTATION);
    if (body == NULL || !form_send(cli, consultation, CONSULTATION, path, body, &reply))
        return cli->status;
    if (!cli->json) {
        const cJSON *made = instalment_json(reply);
        const char *until = cli_text(made, "resume_on");
        cli_say(cli, CLI_GOOD, "+  recorded");
        cli_say(cli, CLI_PLAIN, ": %s said %s%s%s\n", cli_text(made, "with"), cli_text(made, "outcome"),
                until[0] == '\0' ? "" : ", until ", until[0] == '\0' ? "" : cli_day(until));
        if (!cli_true(made, "counts"))
            cli_say(cli, CLI_WARN, "!  a keyworker's word is noted; it lifts no hold: ask the prescriber\n");
        cli_say(cli, CLI_QUIET, "What may be supplied now: instalment decide %s\n", cli_short(id));
    }
    return records_end(cli, &reply);
}

/* ---- prepare, unprepare ---- */

/* The whole id of an instalment: RX.DAY, where RX may be the last characters. malloc'd. */
static char *instalment_id(struct cli *cli, const char *said) {
    const char *dot = strrchr(said, '.');
    const char *whole = NULL;
    char *id = NULL;
    int day = 0;
    if (dot == NULL || !days_number(dot + 1, &day)) {
        (void)cli_fail(cli, CLI_USAGE, "an instalment is a prescription, a dot and the collection day.");
        cli_hint("As 7K2QX.2026-11-23: the prescription's last characters are enough.");
        return NULL;
    }
    char *rx = strndup(said, (size_t)(dot - said));
    if (rx != NULL && cli_id(cli, "rx-", rx, &whole) && asprintf(&id, "%s%s", whole, dot) < 0)
        id = NULL;
    free(rx);
    return id;
}

static bool prepare_body(struct cli *cli, cJSON *body) {
    const char *containers = cli_option(cli, "containers"), *batch = cli_option(cli, "batch");
    const char *expiry = cli_option(cli, "expiry");
    char day[DAYS_TEXT_SIZE], *end = NULL;
    long number = containers == NULL ? 1 : strtol(containers, &end, 10);
    if (containers != NULL && (end == containers || *end != '\0' || number < 1 || number > 1000)) {
        (void)cli_fail(cli, CLI_USAGE, "--containers is a number.");
        return false;
    }
    if (expiry != NULL && !days_said(expiry, NULL, day)) {
        (void)cli_fail(cli, CLI_USAGE, "--expiry is a day like 2027-06-30.");
        return false;
    }
    if (containers != NULL)
        cJSON_AddNumberToObject(body, "containers", (double)number);
    if (batch != NULL)
        cJSON_AddStringToObject(body, "batch", batch);
    if (expiry != NULL)
        cJSON_AddStringToObject(body, "expiry", day);
    return true;
}

static enum cli_status prepare(struct cli *cli, const char *format, const char *done) {
    struct instalment_reply *reply = NULL;
    char path[PATH_SIZE];
    cJSON *body = cJSON_CreateObject();
    char *id = instalment_id(cli, cli_argument(cli, 0));
    bool good = id != NULL && prepare_body(cli, body) && cli_connect_signed_in(cli) &&
                cli_path(cli, path, sizeof path, format, id);
    free(id);
    if (!good) {
        cJSON_Delete(body);
        return cli->status;
    }
    if (!form_send(cli, NULL, 0, path, body, &reply))
        return cli->status;
    if (!cli->json)
        cli_say(cli, CLI_GOOD, "+  %s: %s of %s\n", done,
                cli_short(cli_text(instalment_json(reply), "prescription")),
                cli_day(cli_text(instalment_json(reply), "collect")));
    return records_end(cli, &reply);
}

enum cli_status command_rx_prepare(struct cli *cli) {
    return prepare(cli, "/instalments/%s/prepare", "prepared");
}

enum cli_status command_rx_unprepare(struct cli *cli) {
    return prepare(cli, "/instalments/%s/unprepare", "back in stock");
}
