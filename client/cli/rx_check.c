/* The second keying (P12): another person types dose, days, collection and wording without seeing the first entry. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands.h"
#include "days.h"
#include "form.h"
#include "records.h"
#include "rx_form.h"

#define PATH_SIZE 512

/* Which form to take in hand: whose it is and its serial number, and nothing that is keyed. */
static bool say_form(struct cli *cli, const char *id) {
    struct instalment_reply *reply = NULL, *patient = NULL;
    char path[PATH_SIZE];
    if (!cli_path(cli, path, sizeof path, "/prescriptions/%s", id) || !cli_get(cli, path, &reply))
        return false;
    const cJSON *rx = instalment_json(reply);
    bool good = cli_path(cli, path, sizeof path, "/patients/%s", cli_text(rx, "patient")) &&
                cli_get(cli, path, &patient);
    if (good) {
        const char *serial = cli_text(rx, "serial");
        records_say_patient(cli, instalment_json(patient));
        cli_say(cli, CLI_PLAIN, "%s%s%s, signed %s by %s\n", cli_text(rx, "form"),
                serial[0] == '\0' ? "" : " ", serial, cli_day(cli_text(rx, "signed_on")),
                cli_text(cli_member(rx, "prescriber"), "name"));
        cli_say(cli, CLI_QUIET, "Type what the form says. What was typed first is not shown.\n");
    }
    instalment_reply_free(&patient);
    instalment_reply_free(&reply);
    return good;
}

static cJSON *ask_keying(struct cli *cli, const char *id) {
    cJSON *body = cJSON_CreateObject();
    if (!cli_can_ask()) {
        char *never = NULL;
        (void)cli_ask(cli, "The second keying", &never);
        free(never);
    } else if (say_form(cli, id) && rx_ask_wording(cli, body) && rx_ask_items(cli, body, false) &&
               rx_ask_collect(cli, body)) {
        return body;
    }
    cJSON_Delete(body);
    return NULL;
}

/* What differs, in words; then that part is keyed again, after another look at the form. */
static bool key_again(struct cli *cli, const cJSON *problem, cJSON *body) {
    const cJSON *one = NULL;
    bool items = false, collect = false, wording = false, yes = false;
    cli_hint("! %s", cli_text(problem, "detail"));
    cJSON_ArrayForEach(one, cli_member(problem, "fields")) {
        const char *field = cli_text(one, "field");
        cli_hint("! %s: %s", field, cli_text(one, "message"));
        items = items || strncmp(field, "items", 5) == 0;
        collect = collect || strncmp(field, "collect", 7) == 0;
        wording = wording || strncmp(field, "wording", 7) == 0;
    }
    if (!cli_ask_yes(cli, "Key that again", &yes) || !yes)
        return false;
    return (!wording || rx_ask_wording(cli, body)) && (!items || rx_ask_items(cli, body, false)) &&
           (!collect || rx_ask_collect(cli, body));
}

static enum cli_status send_keying(struct cli *cli, const char *path, cJSON *body, bool ask) {
    struct instalment_reply *reply = NULL;
    while (form_post(cli, path, body, &reply)) {
        if (instalment_status(reply) < 300) {
            if (!cli->json)
                cli_say(cli, CLI_GOOD, "+  both entries agree\n");
            cJSON_Delete(body);
            return records_end(cli, &reply);
        }
        bool again = instalment_status(reply) == 403 ? form_pin_again(cli, reply, body)
                                                     : ask && key_again(cli, instalment_json(reply), body);
        if (!again) {
            (void)form_fail(cli, &reply);
            if (cli->status == CLI_REFUSED)
                cli_hint("Compare both with the form. Until they agree, each supply asks a pharmacist.");
            break;
        }
        instalment_reply_free(&reply);
    }
    cJSON_Delete(body);
    return cli->status;
}

enum cli_status command_rx_check(struct cli *cli) {
    const char *id = NULL;
    char path[PATH_SIZE];
    bool good = true;
    if (!cli_id(cli, "rx-", cli_argument(cli, 0), &id) || !cli_connect_signed_in(cli) ||
        !cli_path(cli, path, sizeof path, "/prescriptions/%s/check", id))
        return cli->status;
    cJSON *body = cli_from(cli, &good);
    bool ask = good && body == NULL;
    if (ask)
        body = ask_keying(cli, id);
    if (body == NULL || !cli_add_pin(cli, body, true)) {
        cJSON_Delete(body);
        return cli->status;
    }
    return send_keying(cli, path, body, ask);
}
