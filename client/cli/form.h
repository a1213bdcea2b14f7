/*
 * Entries: a JSON object for the interface, either read with --from or asked for question by question. What the daemon
 * finds wrong is said at its question, which is asked again.
 */
#ifndef INSTALMENT_CLI_FORM_H
#define INSTALMENT_CLI_FORM_H

#include "cli.h"

enum form_kind {
    FORM_TEXT,
    FORM_DAY,
    FORM_DAYS,    /* a list of days */
    FORM_CHOICE,  /* one of the words; where it is not needed, "none" too */
    FORM_NUMBER,  /* a whole number */
    FORM_YES,     /* true where yes, left out where no */
    FORM_SERVICE, /* one of the prescribing services */
};

struct form_question {
    const char *field; /* the member; "prescriber.name" is one of a member */
    const char *ask;
    enum form_kind kind;
    bool needed;
    const char *const *words;
    bool (*wanted)(const cJSON *body); /* NULL: always */
};

/* The pharmacy's own day, asked of the daemon once; "" where it does not say. Borrowed. */
const char *form_today(struct cli *cli);

/* Asks one question; what the body has already is offered. "-" takes it away. False: said why. */
bool form_ask(struct cli *cli, const struct form_question *question, cJSON *body);
bool form_ask_all(struct cli *cli, const struct form_question *questions, size_t count, cJSON *body);

/* Takes what stands at a field out of the body, or puts something there (value taken over; NULL: nothing). */
void form_put(cJSON *body, const char *field, cJSON *value);
/* What stands there; NULL. */
const cJSON *form_at(const cJSON *body, const char *field);

/*
 * Picks one of a list: all of a short one are shown; the answer is a number of what is shown, an id or parts of a name, until
 * just one is left. otherwise: the id that an empty answer means; NULL: none. *id malloc'd. False: said why.
 */
struct form_list {
    const cJSON *items;
    const char *id, *label; /* members */
    const char *none;       /* an empty answer is allowed and means this; NULL: it is not */
};
bool form_pick(struct cli *cli, const char *ask, const struct form_list *list, const char *otherwise,
               char **id);

/* The body of a command: --from's, or the questions asked. NULL: said why. */
cJSON *form_fill(struct cli *cli, const struct form_question *questions, size_t count);

/*
 * Posts the body (taken over) to the path, with --by's PIN and --second's where they are given. Where the daemon finds
 * fields wrong and there is a person at the terminal, those are said and asked again. False: said why.
 */
bool form_send(struct cli *cli, const struct form_question *questions, size_t count, const char *path,
               cJSON *body, struct instalment_reply **reply);

/* What a problem says about fields, each on a line; true where there was any. */
bool form_say_fields(const cJSON *problem);
/* A PIN was wrong and there is a person: says so and asks for it again. Nothing else that was typed is lost. */
bool form_pin_again(struct cli *cli, const struct instalment_reply *reply, cJSON *body);
/* Posts, without saying what a problem of status 403 or 422 says: the caller looks at that. False: said why. */
bool form_post(struct cli *cli, const char *path, const cJSON *body, struct instalment_reply **reply);
/* cli_say_problem; and what the checks of an entry find is "refused by a rule". */
enum cli_status form_fail(struct cli *cli, struct instalment_reply **reply);

/* The line of standard input that the argument "-" at an index means, else an answer to the question. malloc'd. */
bool form_line(struct cli *cli, size_t argument, const char *question, char **line);

#endif
