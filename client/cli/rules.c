/* The rules, offline: docs/rules.md is part of the program, and its tables are read as they are printed there. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "commands.h"
#include "instalment/version.h"

extern const char embed_docs_rules_md[];

#define CELLS_MAX 4
#define CELL_SIZE 4096

enum part {
    PART_RULES,   /* id, code, severity, rule; or id and rule, perhaps with its kind */
    PART_SAYINGS, /* code or id, and how it is said to a person */
    PART_READINGS /* ids, and how the program reads them */
};

struct rule {
    enum part part;
    char cells[CELLS_MAX][CELL_SIZE];
    size_t count;
};

/* ---- reading the tables */

/* Does it begin with the id of a rule: a capital letter and a number ("D11", "P10", "W1old")? */
static bool is_id(const char *text) {
    return text[0] >= 'A' && text[0] <= 'Z' && text[1] >= '0' && text[1] <= '9';
}

/* A heading tells what the tables below it hold. */
static enum part part_of(const char *line, enum part before) {
    if (strncmp(line, "## ", 3) != 0)
        return before;
    if (strncmp(line, "## 9.", 5) == 0)
        return PART_SAYINGS;
    return strncmp(line, "## How the program reads", 24) == 0 ? PART_READINGS : PART_RULES;
}

/* A cell without its blanks, its marks of emphasis and code. */
static void take_cell(const char *from, size_t len, char *out) {
    size_t kept = 0;
    while (len > 0 && *from == ' ') {
        from++;
        len--;
    }
    while (len > 0 && from[len - 1] == ' ')
        len--;
    for (size_t i = 0; i < len && kept + 1 < CELL_SIZE; i++) {
        if (from[i] != '`' && from[i] != '*')
            out[kept++] = from[i];
    }
    out[kept] = '\0';
}

/* A line of a table; a bar within backquotes parts nothing. False where it is none. */
static bool take_line(const char *line, size_t len, struct rule *rule) {
    rule->count = 0;
    if (len < 2 || line[0] != '|')
        return false;
    size_t begin = 1;
    bool quoted = false;
    for (size_t i = 1; i < len && rule->count < CELLS_MAX; i++) {
        quoted = quoted != (line[i] == '`');
        if (line[i] != '|' || quoted)
            continue;
        take_cell(line + begin, i - begin, rule->cells[rule->count++]);
        begin = i + 1;
    }
    return rule->count >= 2 && (rule->part != PART_RULES || is_id(rule->cells[0]));
}

/* ---- what is asked for */

static bool same_code(const char *codes, const char *code) {
    size_t len = strlen(code);
    for (const char *at = codes; *at != '\0';
         at += strcspn(at, ", ") + strspn(at + strcspn(at, ", "), ", ")) {
        if (strcspn(at, ", ") == len && strncasecmp(at, code, len) == 0)
            return true;
    }
    return false;
}

static bool holds(const struct rule *rule, const char *words) {
    for (size_t i = 0; i < rule->count; i++) {
        if (strcasestr(rule->cells[i], words) != NULL)
            return true;
    }
    return false;
}

enum asked { ASKED_ALL, ASKED_ID, ASKED_CODE, ASKED_WORDS };

static bool is_asked(const struct rule *rule, enum asked asked, const char *what) {
    switch (asked) {
    case ASKED_ALL: return rule->part == PART_RULES;
    case ASKED_ID: return is_id(rule->cells[0]) && same_code(rule->cells[0], what);
    case ASKED_CODE:
        return rule->part == PART_RULES ? rule->count == 4 && same_code(rule->cells[1], what)
                                        : same_code(rule->cells[0], what);
    case ASKED_WORDS: return holds(rule, what);
    }
    return false;
}

/* ---- saying */

/* The first words of a rule, for the list. */
static void say_short(const struct cli *cli, const struct rule *rule) {
    const char *text = rule->cells[rule->count == 4 ? 3 : 1];
    int used = rule->count == 4 ? 38 : 7;
    cli_say_column(cli, CLI_STRONG, rule->cells[0], 7);
    if (rule->count == 4) {
        cli_say_column(cli, CLI_PLAIN, rule->cells[1], 30);
        cli_say(cli, CLI_PLAIN, " ");
    }
    cli_say_column(cli, CLI_QUIET, text, (cli->person ? cli->width : 120) - used - 1);
    cli_say(cli, CLI_PLAIN, "\n");
}

static void say_whole(const struct cli *cli, const struct rule *rule) {
    if (rule->part != PART_RULES) {
        cli_say(cli, CLI_QUIET, "       %s  ", rule->part == PART_SAYINGS ? "said as:" : "read as:");
        cli_say_wrapped(cli, CLI_PLAIN, 17, rule->cells[1]);
        return;
    }
    cli_say_column(cli, CLI_STRONG, rule->cells[0], 7);
    if (rule->count == 4) {
        cli_say(cli, CLI_STRONG, "%s", rule->cells[1]);
        cli_say(cli, CLI_QUIET, "   %s\n       ", rule->cells[2]);
    }
    cli_say_wrapped(cli, CLI_PLAIN, 7, rule->cells[rule->count == 4 ? 3 : 1]);
    if (rule->count == 3)
        cli_say(cli, CLI_QUIET, "       %s\n", rule->cells[2]);
}

static void print_rule(const struct rule *rule) {
    cJSON *line = cJSON_CreateObject();
    static const char *const parts[] = {"rule", "said_as", "read_as"};
    cJSON_AddStringToObject(line, "id", rule->cells[0]);
    cJSON_AddStringToObject(line, "part", parts[rule->part]);
    if (rule->count == 4) {
        cJSON_AddStringToObject(line, "codes", rule->cells[1]);
        cJSON_AddStringToObject(line, "severity", rule->cells[2]);
    } else if (rule->count == 3) {
        cJSON_AddStringToObject(line, "basis", rule->cells[2]);
    }
    cJSON_AddStringToObject(line, "text", rule->cells[rule->count == 4 ? 3 : 1]);
    char *text = cJSON_PrintUnformatted(line);
    (void)printf("%s\n", text == NULL ? "{}" : text);
    cJSON_free(text);
    cJSON_Delete(line);
}

/* Everything that is asked for; with an id also how it is said, and how the program reads it. Returns how many rules. */
static size_t say_rules(const struct cli *cli, enum asked asked, const char *what) {
    static struct rule rule;
    size_t count = 0;
    rule.part = PART_RULES;
    for (const char *at = embed_docs_rules_md; *at != '\0';) {
        size_t len = strcspn(at, "\n");
        rule.part = part_of(at, rule.part);
        if (take_line(at, len, &rule) && is_asked(&rule, asked, what)) {
            count++;
            if (cli->json)
                print_rule(&rule);
            else if (asked == ASKED_ALL)
                say_short(cli, &rule);
            else
                say_whole(cli, &rule);
        }
        at += len + (at[len] == '\n');
    }
    return count;
}

enum cli_status command_rules(struct cli *cli) {
    char what[256] = "";
    size_t len = 0;
    for (size_t i = 0; i < cli->argument_count && len < sizeof what; i++)
        len +=
            (size_t)snprintf(what + len, sizeof what - len, "%s%s", i == 0 ? "" : " ", cli_argument(cli, i));
    if (what[0] == '\0') {
        (void)say_rules(cli, ASKED_ALL, NULL);
        if (!cli->json)
            cli_say(cli, CLI_QUIET, "Rules %s. One of them whole: instalment rules ID, CODE or WORDS\n",
                    INSTALMENT_RULES_VERSION);
        return CLI_OK;
    }
    if (say_rules(cli, ASKED_ID, what) > 0 || say_rules(cli, ASKED_CODE, what) > 0 ||
        say_rules(cli, ASKED_WORDS, what) > 0)
        return CLI_OK;
    (void)cli_fail(cli, CLI_NOT_FOUND, "no rule has this id or code, and none speaks of \"%s\".", what);
    cli_hint("All of them, a line each: instalment rules");
    return cli->status;
}
