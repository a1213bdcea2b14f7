/* The connection, and what its answers mean. See cli.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define SOCKET_DEFAULT "/run/instalmentd/ctl.sock"
#define PATH_SIZE 2048

/* ---- opening */

/* The local socket that is meant where there is no --url. */
static const char *socket_meant(const struct cli *cli) {
    const char *given = cli->socket != NULL ? cli->socket : getenv("INSTALMENT_SOCKET");
    return given != NULL && given[0] != '\0' ? given : SOCKET_DEFAULT;
}

static void cut_slashes(char *url) {
    size_t len = url == NULL ? 0 : strlen(url);
    while (len > 0 && url[len - 1] == '/')
        url[--len] = '\0';
}

static bool open_client(struct cli *cli) {
    struct instalment_options options = {.ca = cli->ca};
    if (cli->url != NULL && strncmp(cli->url, "https://", 8) != 0) {
        (void)cli_fail(cli, CLI_USAGE, "--url must begin with https://");
        return false;
    }
    cli->owned[0] = strdup(cli->url == NULL ? socket_meant(cli) : cli->url);
    cli->server = cli->owned[0];
    cut_slashes(cli->url == NULL ? NULL : cli->owned[0]);
    if (cli->server != NULL && cli->url == NULL) {
        options.socket = cli->server;
    } else if (cli->server != NULL) {
        options.url = cli->server;
        options.terminal = cli->owned[1] = cli_terminal_read(cli->server);
    }
    cli->client = cli->server == NULL ? NULL : instalment_open(&options);
    if (cli->client == NULL)
        (void)cli_fail(cli, CLI_FAILED, "there is not enough memory");
    return cli->client != NULL;
}

bool cli_connect(struct cli *cli) {
    if (cli->client != NULL)
        return true;
    if (!open_client(cli))
        return false;
    cli_session_read(cli->server, &cli->owned[2], &cli->owned[3]);
    instalment_set_session(cli->client, cli->owned[2]);
    cli->staff = cli->owned[3];
    return true;
}

/* Without a session here the daemon is asked all the same: it may not be there, which is the more urgent news. */
bool cli_connect_signed_in(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    if (!cli_connect(cli))
        return false;
    if (cli->owned[2] != NULL)
        return true;
    if (cli_get(cli, "/session", &reply)) {
        instalment_reply_free(&reply);
        (void)cli_fail(cli, CLI_NOT_AUTHORISED, "nobody is signed in here.");
    }
    return false;
}

void cli_disconnect(struct cli *cli) {
    instalment_close(&cli->client);
    for (size_t i = 0; i < sizeof cli->owned / sizeof cli->owned[0]; i++) {
        if (cli->owned[i] != NULL)
            explicit_bzero(cli->owned[i], strlen(cli->owned[i]));
        free(cli->owned[i]);
        cli->owned[i] = NULL;
    }
}

bool cli_path(struct cli *cli, char *out, size_t size, const char *format, const char *id) {
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.~";
    char escaped[PATH_SIZE];
    size_t len = 0;
    for (; *id != '\0' && len + 4 < sizeof escaped; id++) {
        if (strchr(plain, *id) != NULL)
            escaped[len++] = *id;
        else
            len += (size_t)snprintf(escaped + len, 4, "%%%02X", (unsigned)(unsigned char)*id);
    }
    escaped[len] = '\0';
    const char *gap = strstr(format, "%s");
    int whole = *id != '\0' || gap == NULL
                    ? -1
                    : snprintf(out, size, "%.*s%s%s", (int)(gap - format), format, escaped, gap + 2);
    if (whole > 0 && (size_t)whole < size)
        return true;
    (void)cli_fail(cli, CLI_USAGE, "this is no id: it is too long.");
    return false;
}

/* ---- what went wrong */

static void say_unreachable(struct cli *cli) {
    (void)cli_fail(cli, CLI_UNREACHABLE, "the daemon does not answer at %s.", cli->server);
    cli_hint("%s", instalment_error(cli->client));
    cli_hint(
        "Is it running? systemctl status instalmentd. Another place: --socket, --url or INSTALMENT_SOCKET.");
    cli_hint("Without it, use the printed downtime sheets and enter them afterwards.");
}

static void say_no_answer(struct cli *cli, enum instalment_result result) {
    switch (result) {
    case INSTALMENT_UNREACHABLE: say_unreachable(cli); break;
    case INSTALMENT_UNTRUSTED:
        (void)cli_fail(cli, CLI_UNREACHABLE, "the certificate at %s is not one to believe; nothing was sent.",
                       cli->server);
        cli_hint("%s", instalment_error(cli->client));
        cli_hint("Give the pharmacy's certificate with --ca FILE, and compare its fingerprint with the "
                 "daemon's log.");
        break;
    case INSTALMENT_UNKNOWN:
        (void)cli_fail(cli, CLI_FAILED, "it is not known whether this was recorded: the answer was lost.");
        cli_hint("Look before anything is done again: instalment today, or instalment rx show.");
        cli_hint("Repeating a supply with the same decision is safe: it is recorded once.");
        break;
    case INSTALMENT_LOST:
        (void)cli_fail(cli, CLI_UNREACHABLE, "the daemon was asked and gave no answer.");
        cli_hint("%s", instalment_error(cli->client));
        break;
    case INSTALMENT_FAILED:
    case INSTALMENT_ANSWERED:
    default:
        (void)cli_fail(cli, CLI_FAILED, "the request could not be made. %s", instalment_error(cli->client));
        break;
    }
}

static bool has_rule(const cJSON *problem) {
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, cli_member(problem, "reasons")) {
        if (cli_text(one, "rule")[0] != '\0')
            return true;
    }
    return false;
}

enum cli_status cli_status_of(const struct instalment_reply *reply) {
    const char *code = instalment_text(reply, "code");
    bool ruled = has_rule(instalment_json(reply));
    switch (instalment_status(reply)) {
    case 401:
    case 403: return CLI_NOT_AUTHORISED;
    case 404: return CLI_NOT_FOUND;
    case 409:
        return ruled || (code != NULL && strcmp(code, "decision_changed") == 0) ? CLI_REFUSED : CLI_CONFLICT;
    case 412: return CLI_CONFLICT;
    case 422:
        if (code != NULL && strcmp(code, "idempotency_key_reused") == 0)
            return CLI_CONFLICT;
        return ruled ? CLI_REFUSED : CLI_FAILED;
    default: return instalment_status(reply) < 300 ? CLI_OK : CLI_FAILED;
    }
}

/* What to do next, by what went wrong. */
static void hint_problem(const struct instalment_reply *reply) {
    static const struct {
        const char *code, *hint;
    } by_code[] = {
        {"session_ended", "Sign in again: instalment sign-in NAME"},
        {"session_locked", "Unlock it: instalment unlock"},
        {"no_session", "Sign in with: instalment sign-in NAME"},
        {"terminal_unknown", "Enrol this terminal with a manager's code: instalment terminals enrol"},
        {"second_person_required", "Another person agrees with --second NAME and their PIN."},
        {"pin_wrong", "Nothing was recorded. Try again with the right PIN."},
        {"role", "Ask a colleague whose role allows it to sign in: instalment sign-in NAME"},
        {"decision_changed", "Ask again what may be supplied now: instalment decide RX"},
        {"idempotency_key_reused", "Leave --key out to record something new."},
        {"no_responsible_pharmacist",
         "The responsible pharmacist signs on with: instalment responsible sign-on"},
        {"outcome_unknown", "Look before anything is done again: instalment today"},
    };
    const char *code = instalment_text(reply, "code");
    for (size_t i = 0; code != NULL && i < sizeof by_code / sizeof by_code[0]; i++) {
        if (strcmp(code, by_code[i].code) == 0) {
            cli_hint("%s", by_code[i].hint);
            return;
        }
    }
    if (instalment_status(reply) == 401)
        cli_hint("Sign in with: instalment sign-in NAME");
    else if (instalment_status(reply) == 412)
        cli_hint("Somebody changed it meanwhile: look at it again, then repeat the change.");
    else if (instalment_status(reply) == 404)
        cli_hint("Ids stand at the end of each line of a list; their last characters are enough.");
    else if (has_rule(instalment_json(reply)))
        cli_hint("A rule's whole text: instalment rules ID");
}

static void say_reasons(const cJSON *problem) {
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, cli_member(problem, "reasons")) {
        const char *rule = cli_text(one, "rule");
        const char *said = cli_text(one, "text");
        cli_hint("%-4s %s", rule, said[0] == '\0' ? cli_text(one, "code") : said);
    }
    cJSON_ArrayForEach(one, cli_member(problem, "fields")) {
        cli_hint("%s: %s", cli_text(one, "field"), cli_text(one, "message"));
    }
}

void cli_say_problem(struct cli *cli, const struct instalment_reply *reply) {
    const cJSON *problem = instalment_json(reply);
    const char *detail = cli_text(problem, "detail");
    if (cli->json && problem != NULL)
        (void)cli_print(cli, reply);
    (void)cli_fail(cli, cli_status_of(reply), "%s",
                   detail[0] == '\0' ? "the daemon could not do that." : detail);
    say_reasons(problem);
    const char *wait = instalment_header(reply, "Retry-After");
    if (wait != NULL)
        cli_hint("Try again in %s seconds.", wait);
    hint_problem(reply);
}

bool cli_settle(struct cli *cli, enum instalment_result result, struct instalment_reply **reply) {
    cli_progress_end(cli);
    if (result != INSTALMENT_ANSWERED) {
        say_no_answer(cli, result);
        instalment_reply_free(reply);
        return false;
    }
    const char *code = instalment_text(*reply, "code");
    if (instalment_status(*reply) == 401 && cli->owned[2] != NULL && code != NULL &&
        strcmp(code, "session_ended") == 0)
        (void)cli_session_write(cli, cli->server, NULL, NULL);
    if (instalment_status(*reply) < 300)
        return true;
    cli_say_problem(cli, *reply);
    instalment_reply_free(reply);
    return false;
}

/* ---- requests */

bool cli_get(struct cli *cli, const char *path, struct instalment_reply **reply) {
    return cli_settle(cli, instalment_get(cli->client, path, reply), reply);
}

static void show_pages(void *context, size_t items) {
    cli_progress(context, "read", items);
}

bool cli_get_all(struct cli *cli, const char *path, struct instalment_reply **reply) {
    return cli_settle(cli, instalment_get_all(cli->client, path, show_pages, cli, reply), reply);
}

bool cli_post_key(struct cli *cli, const char *path, cJSON *body, const char *key,
                  struct instalment_reply **reply) {
    char *text = body == NULL ? strdup("{}") : cJSON_PrintUnformatted(body);
    const char *own = cli_option(cli, "key");
    *reply = NULL;
    cJSON_Delete(body);
    if (text == NULL) {
        (void)cli_fail(cli, CLI_FAILED, "there is not enough memory");
        return false;
    }
    bool good =
        cli_settle(cli, instalment_post(cli->client, path, text, own != NULL ? own : key, reply), reply);
    explicit_bzero(text, strlen(text));
    free(text);
    return good;
}

bool cli_post(struct cli *cli, const char *path, cJSON *body, struct instalment_reply **reply) {
    return cli_post_key(cli, path, body, NULL, reply);
}

bool cli_patch(struct cli *cli, const char *path, cJSON *body, struct instalment_reply **reply) {
    char *text = cJSON_PrintUnformatted(body);
    *reply = NULL;
    cJSON_Delete(body);
    if (text == NULL) {
        (void)cli_fail(cli, CLI_FAILED, "there is not enough memory");
        return false;
    }
    bool good = cli_settle(cli, instalment_patch(cli->client, path, text, reply), reply);
    explicit_bzero(text, strlen(text));
    free(text);
    return good;
}

bool cli_delete(struct cli *cli, const char *path, struct instalment_reply **reply) {
    const struct instalment_request request = {.method = "DELETE", .path = path};
    return cli_settle(cli, instalment_send(cli->client, &request, reply), reply);
}
