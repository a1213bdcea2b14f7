/* Patients: entered, found, shown, changed, and their status. Names and dates of birth never stand in the arguments. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "days.h"
#include "decision.h"
#include "form.h"
#include "records.h"

#define PATH_SIZE 512
#define NAME_COLUMNS 30
#define LOOK_ALIKES_SHOWN 5

static const char *const systems[] = {"nhs", "chi", "hc", NULL};

static bool has_system(const cJSON *body) {
    return form_at(body, "identifier.system") != NULL;
}

static bool has_service(const cJSON *body) {
    return form_at(body, "sharing.service") != NULL;
}

static const struct form_question questions[] = {
    {"name", "Name", FORM_TEXT, true, NULL, NULL},
    {"preferred_name", "Preferred name (return: none)", FORM_TEXT, false, NULL, NULL},
    {"born_on", "Date of birth", FORM_DAY, true, NULL, NULL},
    {"identifier.system", "Number of the health service", FORM_CHOICE, false, systems, NULL},
    {"identifier.value", "The number", FORM_TEXT, true, NULL, has_system},
    {"address", "Address, or \"no fixed abode\" (return: none)", FORM_TEXT, false, NULL, NULL},
    {"notes", "Notes for the counter (return: none)", FORM_TEXT, false, NULL, NULL},
    {"sharing.service", "Agreed that this service is told", FORM_SERVICE, false, NULL, NULL},
    {"sharing.agreed_on", "Agreed on", FORM_DAY, true, NULL, has_service},
    {"sharing.reference", "The service's own reference of this patient (return: none)", FORM_TEXT, false,
     NULL, has_service},
};
#define QUESTIONS (sizeof questions / sizeof questions[0])

/* ---- saying ---- */

enum cli_status records_end(struct cli *cli, struct instalment_reply **reply) {
    if (cli->json)
        (void)cli_print(cli, *reply);
    instalment_reply_free(reply);
    return CLI_OK;
}

void records_say_patient(struct cli *cli, const cJSON *patient) {
    const char *preferred = cli_text(patient, "preferred_name");
    cli_remember(cli, cli_text(patient, "id"));
    cli_say(cli, CLI_STRONG, "%s", cli_text(patient, "name"));
    if (preferred[0] != '\0')
        cli_say(cli, CLI_PLAIN, " (%s)", preferred);
    cli_say(cli, CLI_PLAIN, "   born %s   patient %s\n", cli_day(cli_text(patient, "born_on")),
            cli_short(cli_text(patient, "id")));
}

bool records_say_whose(struct cli *cli, const char *patient) {
    struct instalment_reply *reply = NULL;
    char path[PATH_SIZE];
    if (cli->json || !cli_can_ask())
        return true;
    if (!cli_path(cli, path, sizeof path, "/patients/%s", patient) || !cli_get(cli, path, &reply))
        return false;
    records_say_patient(cli, instalment_json(reply));
    instalment_reply_free(&reply);
    return true;
}

bool records_say_whose_rx(struct cli *cli, const char *rx) {
    struct instalment_reply *patient = NULL;
    if (cli->json || !cli_can_ask())
        return true;
    if (!decision_patient(cli, rx, &patient))
        return false;
    records_say_patient(cli, instalment_json(patient));
    instalment_reply_free(&patient);
    return true;
}

static void say_line(struct cli *cli, const char *name, const char *text) {
    if (text[0] == '\0')
        return;
    cli_say_column(cli, CLI_QUIET, name, 14);
    cli_say_wrapped(cli, CLI_PLAIN, 14, text);
}

static void say_status(struct cli *cli, const cJSON *patient) {
    const char *status = cli_text(patient, "status");
    const char *to = cli_text(patient, "status_to");
    const char *source = cli_text(patient, "status_source");
    if (status[0] == '\0' || strcmp(status, "attending") == 0) {
        say_line(cli, "status", "attending");
        return;
    }
    cli_say_column(cli, CLI_QUIET, "status", 14);
    cli_say(cli, CLI_BAD, "%s", status);
    cli_say(cli, CLI_PLAIN, " since %s%s%s%s%s\n", cli_day(cli_text(patient, "status_from")),
            to[0] == '\0' ? "" : " to ", to[0] == '\0' ? "" : cli_day(to), source[0] == '\0' ? "" : "; from ",
            source);
}

static void say_sharing(struct cli *cli, const cJSON *patient) {
    struct instalment_reply *service = NULL;
    char path[PATH_SIZE];
    const cJSON *sharing = cli_member(patient, "sharing");
    if (!cJSON_IsObject(sharing)) {
        say_line(cli, "sharing", "no agreement: nothing routine is sent to a service");
        return;
    }
    const char *id = cli_text(sharing, "service");
    if (!cli_path(cli, path, sizeof path, "/services/%s", id) || !cli_get(cli, path, &service))
        return;
    cli_say_column(cli, CLI_QUIET, "sharing", 14);
    cli_say(cli, CLI_PLAIN, "%s, agreed on %s%s%s\n", cli_text(instalment_json(service), "name"),
            cli_day(cli_text(sharing, "agreed_on")),
            cli_text(sharing, "reference")[0] == '\0' ? "" : ", their reference ",
            cli_text(sharing, "reference"));
    instalment_reply_free(&service);
}

static void say_record(struct cli *cli, const cJSON *patient) {
    char number[128] = "";
    const cJSON *identifier = cli_member(patient, "identifier");
    const cJSON *one = NULL;
    records_say_patient(cli, patient);
    if (cJSON_IsObject(identifier))
        (void)snprintf(number, sizeof number, "%s %s", cli_text(identifier, "system"),
                       cli_text(identifier, "value"));
    say_line(cli, "number", number);
    say_line(cli, "address", cli_text(patient, "address"));
    say_line(cli, "language", cli_text(patient, "language"));
    say_status(cli, patient);
    if (cli_true(patient, "first_miss_urgent"))
        say_line(cli, "missed day", "the first one is urgent");
    cJSON_ArrayForEach(one, cli_member(patient, "representatives")) {
        const char *until = cli_text(one, "valid_until");
        char text[512];
        (void)snprintf(text, sizeof text, "%s%s%s", cli_text(one, "name"), until[0] == '\0' ? "" : ", until ",
                       until[0] == '\0' ? "" : cli_day(until));
        say_line(cli, "representative", text);
    }
    say_sharing(cli, patient);
    say_line(cli, "notes", cli_text(patient, "notes"));
    if (cli_text(patient, "merged_into")[0] != '\0')
        say_line(cli, "merged into", cli_short(cli_text(patient, "merged_into")));
}

/* H15: others who could be taken for this patient. */
static void say_look_alikes(struct cli *cli, const cJSON *patient) {
    const cJSON *one = NULL;
    int count = cJSON_GetArraySize(cli_member(patient, "look_alikes")), shown = 0;
    char path[PATH_SIZE];
    if (count == 0)
        return;
    cli_say(cli, CLI_WARN, "\n!  look-alikes: ask each time for a second identifier\n");
    cJSON_ArrayForEach(one, cli_member(patient, "look_alikes")) {
        struct instalment_reply *other = NULL;
        if (shown++ == LOOK_ALIKES_SHOWN)
            break;
        if (!cli_path(cli, path, sizeof path, "/patients/%s", one->valuestring) ||
            !cli_get(cli, path, &other))
            return;
        cli_say(cli, CLI_PLAIN, "   ");
        records_say_patient(cli, instalment_json(other));
        instalment_reply_free(&other);
    }
    if (count > LOOK_ALIKES_SHOWN)
        cli_say(cli, CLI_PLAIN, "   and %d more\n", count - LOOK_ALIKES_SHOWN);
}

/* ---- patient add, change ---- */

enum cli_status command_patient_add(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    if (!cli_connect_signed_in(cli))
        return cli->status;
    cJSON *body = form_fill(cli, questions, QUESTIONS);
    if (body == NULL || !form_send(cli, questions, QUESTIONS, "/patients", body, &reply))
        return cli->status;
    if (!cli->json) {
        const cJSON *patient = instalment_json(reply);
        cli_say(cli, CLI_GOOD, "+  entered\n");
        say_record(cli, patient);
        say_look_alikes(cli, patient);
        cli_say(cli, CLI_QUIET, "The prescription: instalment rx add %s\n",
                cli_short(cli_text(patient, "id")));
    }
    return records_end(cli, &reply);
}

/* What the record says of each question, to be offered. */
static cJSON *offered(const cJSON *patient) {
    cJSON *body = cJSON_CreateObject();
    for (size_t i = 0; i < QUESTIONS; i++) {
        const cJSON *value = form_at(patient, questions[i].field);
        if (cJSON_IsString(value))
            form_put(body, questions[i].field, cJSON_CreateString(value->valuestring));
    }
    return body;
}

/* Only what is different goes out; what was taken away goes as an empty text or object. */
static cJSON *differences(const cJSON *before, const cJSON *after) {
    static const char *const members[] = {"name",    "preferred_name", "born_on", "identifier",
                                          "address", "notes",          "sharing"};
    cJSON *body = cJSON_CreateObject();
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        const cJSON *old = cli_member(before, members[i]);
        const cJSON *now = cli_member(after, members[i]);
        if (cJSON_Compare(old, now, true) || (old == NULL && now == NULL))
            continue;
        cJSON *value = now != NULL           ? cJSON_Duplicate(now, true)
                       : cJSON_IsObject(old) ? cJSON_CreateObject()
                                             : cJSON_CreateString("");
        cJSON_AddItemToObject(body, members[i], value);
    }
    return body;
}

static cJSON *ask_change(struct cli *cli, const char *path) {
    struct instalment_reply *reply = NULL;
    if (!cli_can_ask()) {
        char *never = NULL;
        (void)cli_ask(cli, "What is changed", &never);
        free(never);
        return NULL;
    }
    if (!cli_get(cli, path, &reply))
        return NULL;
    cJSON *before = offered(instalment_json(reply)), *after = offered(instalment_json(reply));
    cli_hint("Return keeps what stands in brackets.");
    cJSON *body = form_ask_all(cli, questions, QUESTIONS, after) ? differences(before, after) : NULL;
    cJSON_Delete(before);
    cJSON_Delete(after);
    instalment_reply_free(&reply);
    if (body != NULL && body->child == NULL) {
        cJSON_Delete(body);
        (void)cli_fail(cli, CLI_OK, "nothing is different; nothing was sent.");
        return NULL;
    }
    return body;
}

enum cli_status command_patient_change(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const char *id = NULL;
    char path[PATH_SIZE];
    bool good = true;
    if (!cli_id(cli, "pt-", cli_argument(cli, 0), &id) || !cli_connect_signed_in(cli) ||
        !cli_path(cli, path, sizeof path, "/patients/%s", id))
        return cli->status;
    cJSON *body = cli_from(cli, &good);
    if (good && body == NULL)
        body = ask_change(cli, path);
    if (body == NULL || !cli_patch(cli, path, body, &reply))
        return cli->status;
    if (!cli->json) {
        cli_say(cli, CLI_GOOD, "+  changed\n");
        say_record(cli, instalment_json(reply));
        say_look_alikes(cli, instalment_json(reply));
    }
    return records_end(cli, &reply);
}

/* ---- patient find ---- */

static void say_found(struct cli *cli, const cJSON *patient) {
    char name[512];
    const char *preferred = cli_text(patient, "preferred_name");
    const char *status = cli_text(patient, "status");
    const cJSON *identifier = cli_member(patient, "identifier");
    (void)snprintf(name, sizeof name, "%s%s%s%s", cli_text(patient, "name"), preferred[0] == '\0' ? "" : " (",
                   preferred, preferred[0] == '\0' ? "" : ")");
    cli_remember(cli, cli_text(patient, "id"));
    cli_say_column(cli, CLI_STRONG, name, NAME_COLUMNS);
    cli_say(cli, CLI_PLAIN, " ");
    cli_say_column(cli, CLI_PLAIN, cli_text(patient, "born_on"), 11);
    cli_say_column(cli, CLI_PLAIN, cli_short(cli_text(patient, "id")), 6);
    cli_say_column(cli, strcmp(status, "attending") == 0 ? CLI_PLAIN : CLI_BAD, status, 10);
    cli_say_column(cli, CLI_PLAIN, cli_text(identifier, "value"), cli_columns_left(cli, NAME_COLUMNS + 28));
    cli_say(cli, CLI_PLAIN, "\n");
}

enum cli_status command_patient_find(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const cJSON *one = NULL;
    char *query = NULL;
    if (!cli_connect_signed_in(cli) || !form_line(cli, 0, "Name, date of birth or number", &query))
        return cli->status;
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "q", query);
    explicit_bzero(query, strlen(query));
    free(query);
    if (!cli_post(cli, "/patients/search?limit=100", body, &reply))
        return cli->status;
    const cJSON *items = cli_member(instalment_json(reply), "items");
    int count = cJSON_GetArraySize(items);
    if (cli->json) {
        (void)cli_print_lines(cli, reply);
    } else {
        cJSON_ArrayForEach(one, items) {
            say_found(cli, one);
        }
    }
    instalment_reply_free(&reply);
    if (count > 0)
        return CLI_OK;
    (void)cli_fail(cli, CLI_NOT_FOUND, "nobody is found by that.");
    cli_hint(
        "Part of a name is enough; a date of birth as 23/05/1980. A new patient: instalment patient add");
    return cli->status;
}

/* ---- patient show ---- */

bool records_prescriptions(struct cli *cli, const char *patient, struct instalment_reply **reply) {
    char path[PATH_SIZE];
    return cli_path(cli, path, sizeof path, "/prescriptions?limit=500&patient=%s", patient) &&
           cli_get_all(cli, path, reply);
}

void records_say_prescription(struct cli *cli, const cJSON *rx) {
    const cJSON *item = NULL;
    const char *stopped = cli_text(rx, "stopped_from");
    cli_remember(cli, cli_text(rx, "id"));
    cli_say(cli, CLI_PLAIN, "   ");
    cli_say_column(cli, CLI_STRONG, cli_short(cli_text(rx, "id")), 6);
    cli_say_column(cli, CLI_PLAIN, cli_text(rx, "form"), 9);
    cli_say_column(cli, CLI_PLAIN, cli_text(rx, "stage"), 10);
    cli_say(cli, CLI_PLAIN, "%s to %s", cli_day(cli_text(rx, "first_day")),
            cli_day(cli_text(rx, "last_day")));
    cli_say(cli, CLI_PLAIN, "\n         ");
    cJSON_ArrayForEach(item, cli_member(rx, "items")) {
        cli_say(cli, CLI_QUIET, "%s%s", cli_text(item, "product"), item->next == NULL ? "" : ", ");
    }
    if (cli_true(rx, "on_hold"))
        cli_say(cli, CLI_BAD, "   on hold");
    if (stopped[0] != '\0')
        cli_say(cli, CLI_BAD, "   stopped from %s", cli_day(stopped));
    if (cli_text(rx, "checked_by")[0] == '\0')
        cli_say(cli, CLI_WARN, "   not yet keyed a second time");
    cli_say(cli, CLI_PLAIN, "\n");
}

/* Could it still be collected: not stopped, and its plan is not over; with now: has it begun? */
static bool is_live(const cJSON *rx, const char *today, bool now) {
    const char *stopped = cli_text(rx, "stopped_from");
    return (!now || strcmp(cli_text(rx, "first_day"), today) <= 0) &&
           strcmp(cli_text(rx, "last_day"), today) >= 0 && (stopped[0] == '\0' || strcmp(stopped, today) > 0);
}

static cJSON *live_ones(struct cli *cli, const struct instalment_reply *prescriptions, bool now) {
    cJSON *live = cJSON_CreateArray();
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, cli_member(instalment_json(prescriptions), "items")) {
        char label[256];
        if (!is_live(one, form_today(cli), now))
            continue;
        cJSON *item = cJSON_CreateObject();
        (void)snprintf(label, sizeof label, "%s  %s, %s to %s", cli_short(cli_text(one, "id")),
                       cli_text(cJSON_GetArrayItem(cli_member(one, "items"), 0), "product"),
                       cli_day(cli_text(one, "first_day")), cli_day(cli_text(one, "last_day")));
        cJSON_AddStringToObject(item, "id", cli_text(one, "id"));
        cJSON_AddStringToObject(item, "label", label);
        cJSON_AddItemToArray(live, item);
    }
    return live;
}

bool records_pick(struct cli *cli, const char *patient, const char *ask, bool now, char **id) {
    struct instalment_reply *reply = NULL;
    bool good = true;
    *id = NULL;
    if (!records_prescriptions(cli, patient, &reply))
        return false;
    cJSON *live = live_ones(cli, reply, now);
    const struct form_list list = {live, "id", "label", NULL};
    int count = cJSON_GetArraySize(live);
    if (count > 1 && !cli_can_ask()) {
        (void)cli_fail(cli, CLI_USAGE, "which prescription is it about? Name it with --rx.");
        good = false;
    } else if (count > 1) {
        good = form_pick(cli, ask, &list, NULL, id);
    } else if (count == 1) {
        *id = strdup(cli_text(live->child, "id"));
    }
    cJSON_Delete(live);
    instalment_reply_free(&reply);
    return good;
}

static void say_prescriptions(struct cli *cli, const char *patient) {
    struct instalment_reply *reply = NULL;
    const cJSON *one = NULL;
    if (!records_prescriptions(cli, patient, &reply))
        return;
    const cJSON *items = cli_member(instalment_json(reply), "items");
    cli_say(cli, CLI_PLAIN, "\nPrescriptions (%d)\n", cJSON_GetArraySize(items));
    cJSON_ArrayForEach(one, items) {
        records_say_prescription(cli, one);
    }
    instalment_reply_free(&reply);
}

enum cli_status command_patient_show(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const char *id = NULL;
    char path[PATH_SIZE];
    if (!cli_id(cli, "pt-", cli_argument(cli, 0), &id) || !cli_connect_signed_in(cli) ||
        !cli_path(cli, path, sizeof path, "/patients/%s", id) || !cli_get(cli, path, &reply))
        return cli->status;
    if (!cli->json) {
        say_record(cli, instalment_json(reply));
        say_prescriptions(cli, id);
        say_look_alikes(cli, instalment_json(reply));
    }
    return records_end(cli, &reply) == CLI_OK ? cli->status : CLI_FAILED;
}

/* ---- patient status, merge ---- */

static bool add_day(struct cli *cli, const char *option, const char *member, cJSON *body) {
    char day[DAYS_TEXT_SIZE];
    const char *said = cli_option(cli, option);
    if (said == NULL)
        return true;
    if (!days_said(said, form_today(cli), day)) {
        (void)cli_fail(cli, CLI_USAGE, "--%s is a day like 2026-11-23.", option);
        return false;
    }
    cJSON_AddStringToObject(body, member, day);
    return true;
}

enum cli_status command_patient_status(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const char *id = NULL, *status = cli_argument(cli, 1);
    char path[PATH_SIZE], *source = NULL;
    if (strcmp(status, "attending") != 0 && strcmp(status, "away") != 0 && strcmp(status, "deceased") != 0)
        return cli_fail(cli, CLI_USAGE, "the status is one of attending, away, deceased.");
    if (!cli_id(cli, "pt-", cli_argument(cli, 0), &id) || !cli_connect_signed_in(cli) ||
        !records_say_whose(cli, id) || !cli_path(cli, path, sizeof path, "/patients/%s/status", id))
        return cli->status;
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "status", status);
    if (!add_day(cli, "from-day", "from", body) || !add_day(cli, "to-day", "to", body) ||
        !form_line(cli, 2, "Who says so, and how it is known", &source)) {
        cJSON_Delete(body);
        return cli->status;
    }
    cJSON_AddStringToObject(body, "source", source);
    free(source);
    if (!form_send(cli, NULL, 0, path, body, &reply))
        return cli->status;
    if (!cli->json) {
        cli_say(cli, CLI_GOOD, "+  recorded\n");
        records_say_patient(cli, instalment_json(reply));
        say_status(cli, instalment_json(reply));
    }
    return records_end(cli, &reply);
}

enum cli_status command_patient_merge(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    const char *id = NULL, *into = NULL;
    char path[PATH_SIZE];
    if (cli_option(cli, "into") == NULL)
        return cli_fail(cli, CLI_USAGE, "which record stays? --into PATIENT");
    if (!cli_id(cli, "pt-", cli_argument(cli, 0), &id) ||
        !cli_id(cli, "pt-", cli_option(cli, "into"), &into) || !cli_connect_signed_in(cli) ||
        !cli_path(cli, path, sizeof path, "/patients/%s/merge", id))
        return cli->status;
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "into", into);
    if (!form_send(cli, NULL, 0, path, body, &reply))
        return cli->status;
    if (!cli->json) {
        cli_say(cli, CLI_GOOD, "+  merged; this record stays\n");
        say_record(cli, instalment_json(reply));
    }
    return records_end(cli, &reply);
}
