/*
 * What the commands of `instalment` share: what was asked, the connection, how it is said to a person, and how a command
 * ends. One thread; one struct cli for the life of the program.
 *
 * A command returns its exit status (api.md, "The command line"). Functions that return false have already said why, on
 * standard error, and have set cli->status to what the command should return.
 */
#ifndef INSTALMENT_CLI_CLI_H
#define INSTALMENT_CLI_CLI_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <wchar.h>

#include "instalment/client.h"

enum cli_status {
    CLI_OK = 0,
    CLI_FAILED = 1,
    CLI_USAGE = 2,
    CLI_NOT_FOUND = 3,
    CLI_CONFLICT = 4,       /* a 409 without reasons, a key that was used for something else */
    CLI_REFUSED = 5,        /* by a rule; also a decision that holds or refuses */
    CLI_NOT_AUTHORISED = 6, /* no session, role, PIN, second person */
    CLI_UNREACHABLE = 7
};

#define CLI_ARGUMENTS_MAX 16
#define CLI_PIN_SIZE 64
#define CLI_LINE_SIZE 4096

struct cli;

/* An option of a command. `argument` NULL: a flag. */
struct cli_option {
    const char *name; /* without the dashes */
    const char *argument;
    const char *help;
};

struct cli_command {
    const char *name;
    const char *sub;                  /* NULL: none */
    const char *arguments;            /* "RX [--on DAY]", as the usage says them; "" */
    const char *summary;              /* one line */
    const struct cli_option *options; /* ended by a name of NULL; NULL: none */
    size_t least, most;               /* arguments besides options */
    enum cli_status (*run)(struct cli *cli);
};

struct cli {
    /* what was asked */
    const char *socket, *url, *ca;
    bool json;      /* --json: standard output is for a program */
    bool pin_stdin; /* --pin-stdin */
    const struct cli_command *command;
    const char *arguments[CLI_ARGUMENTS_MAX];
    size_t argument_count;
    struct {
        const char *name, *value; /* value "": a flag */
    } options[CLI_ARGUMENTS_MAX * 2];
    size_t option_count;

    /* where it goes */
    struct instalment *client; /* NULL until cli_connect */
    const char *server;        /* what the session file calls it */
    const char *staff;         /* who is signed in, from the session file; NULL: nobody */
    char *owned[4];            /* what the four above point to, where it had to be made */

    /* how it is said */
    bool colour; /* standard output is a terminal that has colours, and nobody minds */
    bool person; /* standard output is a terminal */
    int width;   /* of that terminal, 80 where it is none */
    bool progressing;

    enum cli_status status;
};

/* ---- the table (commands.c) */

extern const struct cli_command cli_commands[];
extern const size_t cli_commands_count;
extern const struct cli_option cli_options[]; /* those of every command */

/* Reads the command line. False: said why (CLI_USAGE), or help was wanted and given (CLI_OK). */
bool cli_parse(struct cli *cli, int argc, char **argv);
/* The value of an option, "" of a flag; NULL where it was not given. */
const char *cli_option(const struct cli *cli, const char *name);
/* The argument at an index; NULL where there is none. */
const char *cli_argument(const struct cli *cli, size_t index);

/* ---- errors (say.c) */

/* "instalment: ..." on standard error. Returns the status, for `return cli_fail(...)`; it is kept in cli->status too. */
enum cli_status cli_fail(struct cli *cli, enum cli_status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A further line below it, indented: what to do next. */
void cli_hint(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* ---- the connection (connect.c) */

/* Opens the connection that the options name and takes the session of this terminal, where there is one. */
bool cli_connect(struct cli *cli);
/* The same, and somebody must be signed in. */
bool cli_connect_signed_in(struct cli *cli);
void cli_disconnect(struct cli *cli);

/*
 * One request, with its failures said: unreachable, not trusted, not known; then every answer above 299 (detail, reasons,
 * fields, what to do next; the problem itself on standard output with --json). True: a good answer, *reply is the
 * caller's. False: *reply is NULL.
 */
bool cli_get(struct cli *cli, const char *path, struct instalment_reply **reply);
bool cli_get_all(struct cli *cli, const char *path, struct instalment_reply **reply);
/* POST with the key of --key, or a fresh one. `body` is printed, wiped and freed; NULL: an empty object. */
bool cli_post(struct cli *cli, const char *path, cJSON *body, struct instalment_reply **reply);
/* The same with a key of the caller's; NULL: as cli_post. */
bool cli_post_key(struct cli *cli, const char *path, cJSON *body, const char *key,
                  struct instalment_reply **reply);
bool cli_patch(struct cli *cli, const char *path, cJSON *body, struct instalment_reply **reply);
bool cli_delete(struct cli *cli, const char *path, struct instalment_reply **reply);
/* Says what became of a request: true where the answer is a good one, else *reply is freed and NULL. */
bool cli_settle(struct cli *cli, enum instalment_result result, struct instalment_reply **reply);
/* What a problem means for the exit status. */
enum cli_status cli_status_of(const struct instalment_reply *reply);
/* Says a problem on standard error (answers above 299). Sets cli->status. */
void cli_say_problem(struct cli *cli, const struct instalment_reply *reply);
/* A path with one id in it, percent-encoded: "/patients/%s/merge". False where it does not fit. */
bool cli_path(struct cli *cli, char *out, size_t size, const char *format, const char *id);

/* ---- sessions on disk (session_file.c): $XDG_RUNTIME_DIR/instalment, 0600 */

/* The token and the person for a server; both malloc'd, NULL where there is none. */
void cli_session_read(const char *server, char **token, char **staff);
/* Keeps it, or takes it away (token NULL). False: said why. */
bool cli_session_write(struct cli *cli, const char *server, const char *token, const char *staff);
/* The token of this terminal for a server reached by TLS, from --terminal's file or $INSTALMENT_TERMINAL; malloc'd. */
char *cli_terminal_read(const char *server);
bool cli_terminal_write(struct cli *cli, const char *server, const char *token);

/* ---- short ids (recent.c): what was shown can be named by its last characters */

/* Remembers an id that a person has seen. */
void cli_remember(struct cli *cli, const char *id);
/* Writes what was remembered; called once at the end. */
void cli_remember_flush(void);
/* The last characters that are shown of an id; borrowed from it. */
const char *cli_short(const char *id);
/*
 * The whole id that an argument means: itself, or the one remembered id of that kind ("rx-", "pt-"; "": an alert's) that
 * ends with it.
 * False: said why (CLI_NOT_FOUND, or CLI_USAGE where several do). Borrowed until the end of the program.
 */
bool cli_id(struct cli *cli, const char *kind, const char *said, const char **id);

/* ---- asking (prompt.c) */

/* Is there a person to ask? */
bool cli_can_ask(void);
/*
 * Asks on standard error and reads a line from the terminal, without its end. Empty where the person just pressed
 * return. False where there is no terminal (CLI_USAGE) or input ended (CLI_FAILED). malloc'd.
 */
bool cli_ask(struct cli *cli, const char *question, char **answer);
/* The same with what an empty line means; shown in brackets. */
bool cli_ask_default(struct cli *cli, const char *question, const char *otherwise, char **answer);
/* Asks until the answer is one of the words (NULL-ended), or the beginning of just one. malloc'd. */
bool cli_ask_choice(struct cli *cli, const char *question, const char *const *words, const char *otherwise,
                    char **answer);
/* Yes or no. False in *yes where no; the return as cli_ask. */
bool cli_ask_yes(struct cli *cli, const char *question, bool *yes);
/* The PIN of a person: the next line of standard input with --pin-stdin, else asked without echo. Wipe it after use. */
bool cli_pin(struct cli *cli, const char *staff, char out[CLI_PIN_SIZE]);
/*
 * Another secret, as a PIN is read: the next line with --pin-stdin, else asked without echo. False: said why, and nothing
 * is in `out`. Wipe it after use.
 */
bool cli_secret(struct cli *cli, const char *question, char *out, size_t size);
/*
 * A new PIN of a person: asked twice at a terminal until both are the same; one line with --pin-stdin. As cli_pin.
 */
bool cli_new_pin(struct cli *cli, const char *staff, char out[CLI_PIN_SIZE]);
/*
 * A JSON object from the file that --from names ("-": standard input, behind the PINs). NULL where there is no --from, or
 * it failed (*good false, said why with file and place).
 */
cJSON *cli_from(struct cli *cli, bool *good);
/* The same from a path. */
cJSON *cli_read_json(struct cli *cli, const char *path);
/* One line of standard input that is no terminal, behind the PINs: for "-". malloc'd. */
bool cli_read_line(struct cli *cli, char **line);

/* Adds "confirmed_by"/"pin" of --by (default: whoever is signed in). False: said why. */
bool cli_add_pin(struct cli *cli, cJSON *body, bool always);
/* Adds "second":{"staff","pin"} where --second is given. False: said why. */
bool cli_add_second(struct cli *cli, cJSON *body);

/* ---- saying (say.c): everything on standard output goes through here */

enum cli_style { CLI_PLAIN, CLI_STRONG, CLI_QUIET, CLI_GOOD, CLI_WARN, CLI_BAD };

/* Standard output: control characters are taken out, right-to-left text is kept apart. */
void cli_say(const struct cli *cli, enum cli_style style, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* A text cut or filled up to a number of columns, by what a terminal shows. columns 0: as it is. */
void cli_say_column(const struct cli *cli, enum cli_style style, const char *text, int columns);
/* The columns that are left on a person's terminal behind `used` of them; 0 (as it is) where it is none. */
int cli_columns_left(const struct cli *cli, int used);
/*
 * The first character of a text that is not empty: how many bytes it has, and how many columns it takes on a terminal; 0:
 * it belongs to the one before; -1: it is not to be shown. What is no UTF-8 is one byte of '?'.
 */
size_t cli_character(const char *text, wchar_t *out, int *columns);
/* Columns that a text takes. */
int cli_columns(const char *text);
/* "Mon 23 Nov 2026" of "2026-11-23", as it is where that is no day; borrowed until the fourth call after it. */
const char *cli_day(const char *day);
/* How a code of the interface, a state or a verdict, is said: its words, its mark, its style. */
struct cli_word {
    const char *code, *words, *mark;
    enum cli_style style;
};
/* The one with that code, borrowed from the table; NULL: there is none. */
const struct cli_word *cli_word_of(const struct cli_word *words, size_t count, const char *code);
/* Words in lines of the terminal's width, each but the first indented. */
void cli_say_wrapped(const struct cli *cli, enum cli_style style, int indent, const char *text);
/* --json: the answer's body, one line. */
enum cli_status cli_print(const struct cli *cli, const struct instalment_reply *reply);
/* --json: each item of a list on a line of its own. */
enum cli_status cli_print_lines(const struct cli *cli, const struct instalment_reply *reply);
/* How far long work has come, on a terminal only; overwritten by the next and by cli_progress_end. */
void cli_progress(struct cli *cli, const char *what, size_t done);
void cli_progress_end(struct cli *cli);

/* ---- members of an answer; "" and NULL where they are not there */

const char *cli_text(const cJSON *object, const char *name);
const cJSON *cli_member(const cJSON *object, const char *name);
bool cli_true(const cJSON *object, const char *name);
int cli_number(const cJSON *object, const char *name);

#endif
