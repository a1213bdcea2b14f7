/* Entries, read or asked for. See form.h. */
#include "form.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "days.h"

#define FIELD_SIZE 64
#define SHORT_LIST 12
#define SHOWN_MOST 40

const char *form_today(struct cli *cli) {
    static char today[DAYS_TEXT_SIZE];
    struct instalment_reply *reply = NULL;
    if (today[0] == '\0' && cli->client != NULL &&
        instalment_get(cli->client, "/healthz", &reply) == INSTALMENT_ANSWERED) {
        const char *now = instalment_text(reply, "now");
        if (now != NULL && strlen(now) > DAYS_TEXT_SIZE)
            (void)snprintf(today, sizeof today, "%.10s", now);
    }
    instalment_reply_free(&reply);
    return today;
}

/* ---- members of members */

static cJSON *holder_of(cJSON *body, const char *field, bool make, const char **name) {
    char outer[FIELD_SIZE];
    const char *dot = strchr(field, '.');
    *name = dot == NULL ? field : dot + 1;
    if (dot == NULL)
        return body;
    (void)snprintf(outer, sizeof outer, "%.*s", (int)(dot - field), field);
    cJSON *object = cJSON_GetObjectItemCaseSensitive(body, outer);
    if (!cJSON_IsObject(object) && make) {
        cJSON_DeleteItemFromObjectCaseSensitive(body, outer);
        object = cJSON_AddObjectToObject(body, outer);
    }
    return object;
}

void form_put(cJSON *body, const char *field, cJSON *value) {
    const char *name = NULL;
    cJSON *object = holder_of(body, field, value != NULL, &name);
    cJSON_DeleteItemFromObjectCaseSensitive(object, name);
    if (value != NULL)
        cJSON_AddItemToObject(object, name, value);
    if (object != NULL && object != body && object->child == NULL)
        cJSON_DeleteItemFromObjectCaseSensitive(body, object->string);
}

const cJSON *form_at(const cJSON *body, const char *field) {
    char outer[FIELD_SIZE];
    const char *dot = strchr(field, '.');
    if (dot == NULL)
        return cli_member(body, field);
    (void)snprintf(outer, sizeof outer, "%.*s", (int)(dot - field), field);
    return cli_member(cli_member(body, outer), dot + 1);
}

/* ---- picking one of a list */

static bool fits(const cJSON *item, const struct form_list *list, const char *said) {
    char word[CLI_LINE_SIZE];
    const char *label = cli_text(item, list->label);
    const char *id = cli_text(item, list->id);
    while (*said != '\0') {
        size_t len = strcspn(said, " ");
        (void)snprintf(word, sizeof word, "%.*s", (int)len, said);
        if (len > 0 && strcasestr(label, word) == NULL && strcasestr(id, word) == NULL)
            return false;
        said += len + strspn(said + len, " ");
    }
    return true;
}

/* Shows what fits, numbered; how many. *only: the last of them. */
static int show_fitting(const struct form_list *list, const char *said, bool show, const cJSON **only) {
    const cJSON *one = NULL;
    int count = 0;
    cJSON_ArrayForEach(one, list->items) {
        if (!fits(one, list, said))
            continue;
        *only = one;
        count++;
        if (show && count <= SHOWN_MOST)
            cli_hint("%2d  %s", count, cli_text(one, list->label));
    }
    return count;
}

/* The one that an answer names: an id, or a number of those that `shown` left. */
static const cJSON *named(const struct form_list *list, const char *shown, const char *said) {
    const cJSON *one = NULL;
    char *end = NULL;
    long number = strtol(said, &end, 10);
    if (end == said || *end != '\0')
        number = 0;
    cJSON_ArrayForEach(one, list->items) {
        if (strcmp(cli_text(one, list->id), said) == 0)
            return one;
    }
    cJSON_ArrayForEach(one, list->items) {
        if (fits(one, list, shown) && number-- == 1)
            return one;
    }
    return NULL;
}

static const char *label_of(const struct form_list *list, const char *id) {
    const cJSON *one = id == NULL ? NULL : named(list, "", id);
    return one == NULL ? NULL : cli_text(one, list->label);
}

static bool ask_pick(struct cli *cli, const char *ask, const struct form_list *list, const char *otherwise,
                     char **said) {
    char whole[CLI_LINE_SIZE];
    const char *label = label_of(list, otherwise);
    if (label == NULL)
        label = list->none;
    (void)snprintf(whole, sizeof whole, "%s%s%s%s", ask, label == NULL ? "" : " [",
                   label == NULL ? "" : label, label == NULL ? "" : "]");
    return cli_ask(cli, whole, said);
}

/* The one that an answer means; NULL: none or several, which are said, and `shown` is what numbers then count. */
static const cJSON *picked(const struct form_list *list, char shown[CLI_LINE_SIZE], const char *said) {
    const cJSON *only = NULL;
    const cJSON *one = named(list, shown, said);
    if (one != NULL)
        return one;
    int count = show_fitting(list, said, false, &only);
    if (count == 1)
        return only;
    if (count == 0) {
        cli_hint("Nothing here is called that.");
    } else {
        (void)snprintf(shown, CLI_LINE_SIZE, "%s", said);
        (void)show_fitting(list, said, true, &only);
    }
    return NULL;
}

bool form_pick(struct cli *cli, const char *ask, const struct form_list *list, const char *otherwise,
               char **id) {
    char shown[CLI_LINE_SIZE] = "", *said = NULL;
    const cJSON *one = NULL;
    if (cJSON_GetArraySize(list->items) <= SHORT_LIST)
        (void)show_fitting(list, "", true, &one);
    for (one = NULL; one == NULL;) {
        if (!ask_pick(cli, ask, list, otherwise, &said))
            return false;
        bool empty = said[0] == '\0' && (otherwise != NULL || list->none != NULL);
        one = empty ? NULL : picked(list, shown, said);
        free(said);
        if (empty) {
            *id = strdup(otherwise == NULL ? "" : otherwise);
            return *id != NULL;
        }
    }
    cli_hint("= %s", cli_text(one, list->label));
    *id = strdup(cli_text(one, list->id));
    return *id != NULL;
}

/* ---- one question */

static const char *shown_value(const cJSON *value, char *out, size_t size) {
    if (value == NULL || cJSON_IsNull(value))
        return NULL;
    if (cJSON_IsString(value))
        return value->valuestring;
    if (cJSON_IsNumber(value))
        (void)snprintf(out, size, "%d", value->valueint);
    else if (cJSON_IsArray(value))
        (void)snprintf(out, size, "%d days", cJSON_GetArraySize(value));
    else
        (void)snprintf(out, size, "%s", cJSON_IsTrue(value) ? "yes" : "no");
    return out;
}

static bool ask_line(struct cli *cli, const struct form_question *question, const cJSON *body, char **said) {
    char whole[CLI_LINE_SIZE], text[32];
    const char *value = shown_value(form_at(body, question->field), text, sizeof text);
    const char *otherwise = value == NULL ? NULL : strstr(question->ask, " (return");
    size_t len = otherwise == NULL ? strlen(question->ask) : (size_t)(otherwise - question->ask);
    (void)snprintf(whole, sizeof whole, "%.*s%s%s%s", (int)len, question->ask, value == NULL ? "" : " [",
                   value == NULL ? "" : value,
                   value == NULL      ? ""
                   : question->needed ? "]"
                                      : ", - for none]");
    return cli_ask(cli, whole, said);
}

/* Days between commas or blanks between them: "23/11/2026, 25/11/2026". NULL: one is no day. */
static cJSON *days_of(const char *said, const char *today) {
    cJSON *list = cJSON_CreateArray();
    while (list != NULL && *said != '\0') {
        char word[64], day[DAYS_TEXT_SIZE];
        size_t len = strcspn(said, ",;");
        (void)snprintf(word, sizeof word, "%.*s", (int)(len < sizeof word ? len : 0), said);
        size_t end = strlen(word);
        while (end > 0 && word[end - 1] == ' ')
            word[--end] = '\0';
        if (!days_said(word, today, day)) {
            cJSON_Delete(list);
            return NULL;
        }
        cJSON_AddItemToArray(list, cJSON_CreateString(day));
        said += len + strspn(said + len, ",; ");
    }
    return list;
}

/* What an answer means; NULL: it is none, and that has been said. */
static cJSON *understood(struct cli *cli, const struct form_question *question, const char *said) {
    char day[DAYS_TEXT_SIZE], *end = NULL;
    cJSON *value = NULL;
    switch (question->kind) {
    case FORM_DAY:
        if (days_said(said, form_today(cli), day)) {
            cli_hint("= %s", cli_day(day));
            return cJSON_CreateString(day);
        }
        cli_hint("A day, please, as 23/11/2026.");
        return NULL;
    case FORM_DAYS:
        value = days_of(said, form_today(cli));
        if (value == NULL)
            cli_hint("Days with commas between them, please, as 23/11/2026, 24/11/2026.");
        return value;
    case FORM_NUMBER: {
        long number = strtol(said, &end, 10);
        if (*end == '\0' && number >= 0 && number <= 1000000)
            return cJSON_CreateNumber((double)number);
        cli_hint("A whole number, please.");
        return NULL;
    }
    case FORM_TEXT:
    case FORM_CHOICE:
    case FORM_YES:
    case FORM_SERVICE: break;
    }
    return cJSON_CreateString(said);
}

static bool ask_typed(struct cli *cli, const struct form_question *question, cJSON *body) {
    for (;;) {
        char *said = NULL;
        if (!ask_line(cli, question, body, &said))
            return false;
        bool kept = said[0] == '\0' && form_at(body, question->field) != NULL;
        bool none = said[0] == '\0' || strcmp(said, "-") == 0;
        cJSON *value = none ? NULL : understood(cli, question, said);
        bool good = kept || value != NULL || (none && !question->needed);
        explicit_bzero(said, strlen(said));
        free(said);
        if (none && !good)
            cli_hint("This is needed.");
        if (!good)
            continue;
        if (!kept)
            form_put(body, question->field, value);
        return true;
    }
}

static bool ask_choice(struct cli *cli, const struct form_question *question, cJSON *body) {
    const char *words[16];
    size_t count = 0;
    char *said = NULL;
    const cJSON *now = form_at(body, question->field);
    for (; question->words[count] != NULL && count < 14; count++)
        words[count] = question->words[count];
    if (!question->needed)
        words[count++] = "none";
    words[count] = NULL;
    const char *otherwise = cJSON_IsString(now) ? now->valuestring : question->needed ? NULL : "none";
    if (!cli_ask_choice(cli, question->ask, words, otherwise, &said))
        return false;
    bool none = !question->needed && strcmp(said, "none") == 0;
    form_put(body, question->field, none ? NULL : cJSON_CreateString(said));
    free(said);
    return true;
}

static bool ask_yes(struct cli *cli, const struct form_question *question, cJSON *body) {
    bool yes = false;
    if (!cli_ask_yes(cli, question->ask, &yes))
        return false;
    form_put(body, question->field, yes ? cJSON_CreateTrue() : NULL);
    return true;
}

static bool ask_service(struct cli *cli, const struct form_question *question, cJSON *body) {
    struct instalment_reply *services = NULL;
    char *id = NULL;
    const cJSON *now = form_at(body, question->field);
    if (!cli_can_ask()) /* the question is not asked, and why is said */
        return cli_ask(cli, question->ask, &id);
    if (!cli_get_all(cli, "/services?limit=500", &services))
        return false;
    const struct form_list list = {cli_member(instalment_json(services), "items"), "id", "name",
                                   question->needed ? NULL : "none"};
    if (cJSON_GetArraySize(list.items) == 0 && question->needed) {
        instalment_reply_free(&services);
        (void)cli_fail(cli, CLI_FAILED, "no prescribing service is known yet.");
        cli_hint("A manager enters one: instalment service add");
        return false;
    }
    bool good = cJSON_GetArraySize(list.items) == 0 ||
                form_pick(cli, question->ask, &list, cJSON_IsString(now) ? now->valuestring : NULL, &id);
    if (good)
        form_put(body, question->field, id == NULL || id[0] == '\0' ? NULL : cJSON_CreateString(id));
    free(id);
    instalment_reply_free(&services);
    return good;
}

bool form_ask(struct cli *cli, const struct form_question *question, cJSON *body) {
    if (question->wanted != NULL && !question->wanted(body)) {
        form_put(body, question->field, NULL);
        return true;
    }
    switch (question->kind) {
    case FORM_CHOICE: return ask_choice(cli, question, body);
    case FORM_YES: return ask_yes(cli, question, body);
    case FORM_SERVICE: return ask_service(cli, question, body);
    case FORM_TEXT:
    case FORM_DAY:
    case FORM_DAYS:
    case FORM_NUMBER: break;
    }
    return ask_typed(cli, question, body);
}

bool form_ask_all(struct cli *cli, const struct form_question *questions, size_t count, cJSON *body) {
    for (size_t i = 0; i < count; i++) {
        if (!form_ask(cli, &questions[i], body))
            return false;
    }
    return true;
}

/* ---- bodies, and what the daemon says of them */

cJSON *form_fill(struct cli *cli, const struct form_question *questions, size_t count) {
    bool good = true;
    cJSON *body = cli_from(cli, &good);
    if (!good || body != NULL)
        return body;
    body = cJSON_CreateObject();
    if (form_ask_all(cli, questions, count, body))
        return body;
    cJSON_Delete(body);
    return NULL;
}

bool form_post(struct cli *cli, const char *path, const cJSON *body, struct instalment_reply **reply) {
    char *text = cJSON_PrintUnformatted(body);
    *reply = NULL;
    if (text == NULL) {
        (void)cli_fail(cli, CLI_FAILED, "there is not enough memory");
        return false;
    }
    enum instalment_result result = instalment_post(cli->client, path, text, cli_option(cli, "key"), reply);
    explicit_bzero(text, strlen(text));
    free(text);
    int status = result == INSTALMENT_ANSWERED ? instalment_status(*reply) : 0;
    if (status == 422 || status == 403 || (status == 409 && instalment_text(*reply, "patient") != NULL))
        return true;
    return cli_settle(cli, result, reply);
}

/* A number that another record has: whose, so that nobody is entered twice. */
static void say_known(struct cli *cli, const struct instalment_reply *reply) {
    const char *other = instalment_text(reply, "patient");
    if (other == NULL)
        return;
    cli_remember(cli, other);
    cli_hint("Look first whether it is the same person: instalment patient show %s", cli_short(other));
}

enum cli_status form_fail(struct cli *cli, struct instalment_reply **reply) {
    const char *code = instalment_text(*reply, "code");
    bool ruled =
        code != NULL && (strcmp(code, "findings") == 0 || strcmp(code, "second_keying_differs") == 0);
    cli_say_problem(cli, *reply);
    if (ruled)
        cli->status = CLI_REFUSED;
    say_known(cli, *reply);
    instalment_reply_free(reply);
    return cli->status;
}

bool form_say_fields(const cJSON *problem) {
    const cJSON *one = NULL;
    bool any = false;
    cJSON_ArrayForEach(one, cli_member(problem, "fields")) {
        cli_hint("! %s: %s", cli_text(one, "field"), cli_text(one, "message"));
        any = true;
    }
    return any;
}

/* The question that a field of a problem belongs to: "identifier" and "identifier.value" are both of it. */
static bool belongs(const struct form_question *question, const char *field) {
    size_t len = strlen(field);
    return strcmp(question->field, field) == 0 ||
           (strncmp(question->field, field, len) == 0 && question->field[len] == '.');
}

static bool ask_field(struct cli *cli, const struct form_question *questions, size_t count, cJSON *body,
                      const char *field, size_t *asked) {
    for (size_t i = 0; i < count; i++) {
        if (!belongs(&questions[i], field))
            continue;
        ++*asked;
        if (!form_ask(cli, &questions[i], body))
            return false;
    }
    return true;
}

/* Says each field and asks for it again. *asked: how many questions there were. False: input ended. */
static bool ask_again(struct cli *cli, const struct form_question *questions, size_t count, cJSON *body,
                      const struct instalment_reply *reply, size_t *asked) {
    const cJSON *problem = instalment_json(reply);
    const cJSON *one = NULL;
    if (instalment_text(reply, "patient") != NULL) {
        cli_hint("! %s", cli_text(problem, "detail"));
        say_known(cli, reply);
        return ask_field(cli, questions, count, body, "identifier", asked);
    }
    cJSON_ArrayForEach(one, cli_member(problem, "fields")) {
        cli_hint("! %s: %s", cli_text(one, "field"), cli_text(one, "message"));
        if (!ask_field(cli, questions, count, body, cli_text(one, "field"), asked))
            return false;
    }
    return true;
}

bool form_pin_again(struct cli *cli, const struct instalment_reply *reply, cJSON *body) {
    const char *code = instalment_text(reply, "code");
    if (code == NULL || strcmp(code, "pin_wrong") != 0 || !cli_can_ask() || cli->pin_stdin || cli->json)
        return false;
    bool own = cli_member(body, "pin") != NULL, second = cli_member(body, "second") != NULL;
    cli_hint("! %s", cli_text(instalment_json(reply), "detail"));
    form_put(body, "pin", NULL);
    form_put(body, "second", NULL);
    return (own || second) && cli_add_pin(cli, body, own) && cli_add_second(cli, body);
}

/* One round: false where it is over, with *good saying how. */
static bool once_more(struct cli *cli, const struct form_question *questions, size_t count, cJSON *body,
                      struct instalment_reply **reply, bool *good) {
    size_t asked = 0;
    *good = instalment_status(*reply) < 300;
    if (*good)
        return false;
    if (instalment_status(*reply) == 403 && form_pin_again(cli, *reply, body)) {
        instalment_reply_free(reply);
        return true;
    }
    bool person = cli_can_ask() && cli_option(cli, "from") == NULL && !cli->json;
    if (person && !ask_again(cli, questions, count, body, *reply, &asked)) {
        instalment_reply_free(reply);
        return false;
    }
    if (asked == 0)
        (void)form_fail(cli, reply);
    else
        instalment_reply_free(reply);
    return asked > 0;
}

bool form_send(struct cli *cli, const struct form_question *questions, size_t count, const char *path,
               cJSON *body, struct instalment_reply **reply) {
    bool good = cli_add_pin(cli, body, false) && cli_add_second(cli, body);
    *reply = NULL;
    while (good && form_post(cli, path, body, reply)) {
        if (!once_more(cli, questions, count, body, reply, &good))
            break;
        good = true;
    }
    cJSON_Delete(body);
    return good && *reply != NULL;
}

bool form_line(struct cli *cli, size_t argument, const char *question, char **line) {
    const char *said = cli_argument(cli, argument);
    *line = NULL;
    if (said != NULL && strcmp(said, "-") == 0)
        return cli_read_line(cli, line);
    if (said == NULL)
        return cli_ask(cli, question, line);
    (void)cli_fail(cli, CLI_USAGE,
                   "names and notes stay out of the arguments: others could read them there.");
    cli_hint("Leave it out to be asked, or give \"-\" and a line of standard input.");
    return false;
}
