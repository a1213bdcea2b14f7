/* What may be supplied now, and why. */
#include "decision.h"

#include <stdio.h>
#include <string.h>

#include "commands.h"

#define PATH_SIZE 512

static const struct cli_word verdicts[] = {
    {"supply", "may be supplied", "+", CLI_GOOD},
    {"check", "may be supplied after a pharmacist's check", "?", CLI_WARN},
    {"hold", "on hold: the prescriber is asked first", "!", CLI_BAD},
    {"refuse", "nothing can be supplied", "x", CLI_BAD},
};

static const struct cli_word statuses[] = {
    {"due", "to come", ".", CLI_PLAIN},
    {"prepared", "prepared", "o", CLI_PLAIN},
    {"supplied", "supplied", "+", CLI_PLAIN},
    {"missed", "missed", "-", CLI_PLAIN},
    {"withheld", "withheld", "w", CLI_PLAIN},
    {"deferred", "deferred", "~", CLI_PLAIN},
    {"declined", "declined", "d", CLI_PLAIN},
    {"attended_not_supplied", "came, not supplied", "a", CLI_PLAIN},
    {"lost_to_closure", "closed that day", "c", CLI_PLAIN},
};

static const struct cli_word *verdict_of(const char *verdict) {
    size_t count = sizeof verdicts / sizeof verdicts[0];
    const struct cli_word *found = cli_word_of(verdicts, count, verdict);
    return found == NULL ? &verdicts[count - 1] : found;
}

static const struct cli_word *status_of(const char *status) {
    return cli_word_of(statuses, sizeof statuses / sizeof statuses[0], status);
}

const char *decision_words(const char *verdict) {
    return verdict_of(verdict)->words;
}

const char *decision_mark(const char *verdict) {
    return verdict_of(verdict)->mark;
}

enum cli_style decision_style(const char *verdict) {
    return verdict_of(verdict)->style;
}

const char *status_words(const char *status) {
    const struct cli_word *found = status_of(status);
    return found == NULL ? status : found->words;
}

const char *status_mark(const char *status) {
    const struct cli_word *found = status_of(status);
    return found == NULL ? " " : found->mark;
}

/* ---- asking */

static bool is_plain(const char *text) {
    return text[strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-")] == '\0';
}

bool decision_get(struct cli *cli, const char *rx, struct instalment_reply **reply) {
    const char *on = cli_option(cli, "on");
    const char *collector = cli_option(cli, "collector");
    char path[PATH_SIZE], query[PATH_SIZE];
    *reply = NULL;
    if ((on != NULL && !is_plain(on)) || (collector != NULL && !is_plain(collector))) {
        (void)cli_fail(cli, CLI_USAGE,
                       "--on is a day like 2026-11-23, --collector one of patient, representative, "
                       "professional.");
        return false;
    }
    int len =
        snprintf(query, sizeof query, "/prescriptions/%%s/decision?collector=%s%s%s%s",
                 collector == NULL ? "patient" : collector, on == NULL ? "" : "&on=", on == NULL ? "" : on,
                 cli_option(cli, "advance") == NULL ? "" : "&advance=true");
    return len > 0 && (size_t)len < sizeof query && cli_path(cli, path, sizeof path, query, rx) &&
           cli_get(cli, path, reply);
}

bool decision_patient(struct cli *cli, const char *rx, struct instalment_reply **patient) {
    struct instalment_reply *prescription = NULL;
    char path[PATH_SIZE];
    *patient = NULL;
    if (!cli_path(cli, path, sizeof path, "/prescriptions/%s", rx) || !cli_get(cli, path, &prescription))
        return false;
    const char *id = instalment_text(prescription, "patient");
    bool good =
        cli_path(cli, path, sizeof path, "/patients/%s", id == NULL ? "" : id) && cli_get(cli, path, patient);
    instalment_reply_free(&prescription);
    return good;
}

/* ---- saying */

void decision_say_patient(const struct cli *cli, const cJSON *patient) {
    const char *preferred = cli_text(patient, "preferred_name");
    cli_say(cli, CLI_STRONG, "%s", cli_text(patient, "name"));
    if (preferred[0] != '\0')
        cli_say(cli, CLI_PLAIN, " (%s)", preferred);
    cli_say(cli, CLI_PLAIN, "   born %s\n", cli_day(cli_text(patient, "born_on")));
    if (cli_text(patient, "address")[0] != '\0')
        cli_say(cli, CLI_QUIET, "%s\n", cli_text(patient, "address"));
}

static void say_containers(const struct cli *cli, const cJSON *item) {
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, cli_member(item, "containers")) {
        const char *to = cli_text(one, "to");
        cli_say(cli, CLI_PLAIN, "      %s%s%s   %s %s   %s\n", cli_day(cli_text(one, "for")),
                to[0] == '\0' ? "" : " to ", to[0] == '\0' ? "" : cli_day(to), cli_text(one, "quantity"),
                cli_text(item, "unit"), cli_true(one, "supervised") ? "supervised" : "take-home");
    }
}

static void say_items(const struct cli *cli, const cJSON *decision) {
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, cli_member(decision, "items")) {
        cli_say(cli, CLI_STRONG, "    %s %s", cli_text(one, "quantity"), cli_text(one, "unit"));
        cli_say(cli, CLI_PLAIN, "  %s", cli_text(one, "product"));
        cli_say(cli, CLI_PLAIN, "   supervised %s, take-home %s\n", cli_text(one, "supervised"),
                cli_text(one, "take_home"));
        say_containers(cli, one);
    }
}

/* A check ends with its code, which is what --confirm takes. */
static void say_reason(const struct cli *cli, const cJSON *reason, bool check) {
    char text[2048];
    (void)snprintf(text, sizeof text, "%s%s%s%s", cli_text(reason, "text"), check ? " [" : "",
                   check ? cli_text(reason, "code") : "", check ? "]" : "");
    cli_say_wrapped(cli, CLI_PLAIN, 16, text);
}

static void say_reasons(const struct cli *cli, const cJSON *decision) {
    static const char *const order[] = {"refuse", "hold", "check", "note"};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        const cJSON *one = NULL;
        cJSON_ArrayForEach(one, cli_member(decision, "reasons")) {
            if (strcmp(cli_text(one, "severity"), order[i]) != 0)
                continue;
            cli_say(cli, i < 2 ? CLI_BAD : i == 2 ? CLI_WARN : CLI_PLAIN, "    %-6s ", order[i]);
            cli_say(cli, CLI_QUIET, "%-4s ", cli_text(one, "rule"));
            say_reason(cli, one, i == 2);
        }
    }
}

void decision_say(const struct cli *cli, const cJSON *decision) {
    const char *verdict = cli_text(decision, "verdict");
    const char *last = cli_text(decision, "last_dosed");
    const char *next = cli_text(decision, "next_due");
    cli_say(cli, decision_style(verdict), "%s  %s", decision_mark(verdict), decision_words(verdict));
    cli_say(cli, CLI_PLAIN, "   %s\n", cli_day(cli_text(decision, "on")));
    say_items(cli, decision);
    say_reasons(cli, decision);
    cli_say(cli, CLI_PLAIN, "    last dose %s, days missed %d, next collection %s\n",
            last[0] == '\0' ? "not known" : cli_day(last), cli_number(decision, "missed_days"),
            next[0] == '\0' ? "none" : cli_day(next));
}

enum cli_status decision_status(const cJSON *decision) {
    const char *verdict = cli_text(decision, "verdict");
    return strcmp(verdict, "supply") == 0 || strcmp(verdict, "check") == 0 ? CLI_OK : CLI_REFUSED;
}

enum cli_status command_decide(struct cli *cli) {
    struct instalment_reply *reply = NULL, *patient = NULL;
    const char *rx = NULL;
    if (!cli_id(cli, "rx-", cli_argument(cli, 0), &rx) || !cli_connect_signed_in(cli) ||
        !decision_get(cli, rx, &reply))
        return cli->status;
    enum cli_status status = decision_status(instalment_json(reply));
    if (cli->json) {
        (void)cli_print(cli, reply);
    } else if (decision_patient(cli, rx, &patient)) {
        decision_say_patient(cli, instalment_json(patient));
        decision_say(cli, instalment_json(reply));
    } else {
        status = cli->status;
    }
    instalment_reply_free(&patient);
    instalment_reply_free(&reply);
    return status;
}
