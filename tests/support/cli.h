/*
 * Runs build/bin/instalment beside the real daemon: with its output caught, or under a pseudo-terminal where the test plays the
 * person who types. Each struct cli is one person's place, with a session folder of its own. What goes wrong in here ends
 * the test with the daemon's log and whatever the program said.
 *
 *     struct cli cli;
 *     cli_open(&cli, shop.api);
 *     cli_sign_in(&cli, "a.khan");
 *     struct cli_said said = CLI_RUN(&cli, "today");
 *     cli_expect(&cli, &said, 0);
 *     assert_true(cli_has(&said, "Robin Ash"));
 *     cli_done(&said);
 *
 *     struct cli_terminal terminal = CLI_TERMINAL(&cli, 80, "patient", "find");
 *     cli_answer(&terminal, "Name, date of birth or number", "Robin");
 *     cli_wait(&terminal, "Robin Ash");
 *     cli_ends(&terminal, 0);
 *     cli_close(&cli);
 */
#ifndef INSTALMENT_TESTS_CLI_H
#define INSTALMENT_TESTS_CLI_H

#include <sys/types.h>

#include "api.h"

#define CLI_TEST_VARIABLES 8

struct cli {
    struct api *api;
    char runtime[API_TEXT]; /* XDG_RUNTIME_DIR; goes with cli_close */
    const char *socket;     /* INSTALMENT_SOCKET; the daemon's own from the beginning, NULL: unset */
    const char *environment[CLI_TEST_VARIABLES]; /* further "NAME=VALUE", borrowed, NULL-ended */
};

/* What a program said that has ended. */
struct cli_said {
    int status; /* of its exit; 128 + number where a signal ended it */
    char *out;  /* standard output, with a NUL */
    size_t out_len;
    char *err; /* standard error, with a NUL */
    size_t err_len;
    int milliseconds; /* from start to end */
};

/* A place of one's own at a daemon's socket; nobody is signed in. */
void cli_open(struct cli *cli, struct api *api);
void cli_close(struct cli *cli);
/* instalment sign-in NAME, with the demonstration's PIN: must be 0. */
void cli_sign_in(struct cli *cli, const char *staff);

/*
 * ---- without a terminal. input: what standard input holds (NULL: nothing); arguments: NULL-ended. To its end, at most
 * 30 s.
 */
struct cli_said cli_run(struct cli *cli, const char *input, const char *const *arguments);
#define CLI_RUN(cli, ...) cli_run((cli), NULL, (const char *const[]){__VA_ARGS__, NULL})
#define CLI_FEED(cli, input, ...) cli_run((cli), (input), (const char *const[]){__VA_ARGS__, NULL})
/* The same with standard output a pipe that nobody reads any more. */
struct cli_said cli_run_unread(struct cli *cli, const char *input, const char *const *arguments);

/* Fails with all that was said where the status is another. */
void cli_expect(const struct cli *cli, const struct cli_said *said, int status);
/* Does standard output, or standard error, hold this text? */
bool cli_has(const struct cli_said *said, const char *text);
bool cli_complains(const struct cli_said *said, const char *text);
/* Standard output as JSON, to be deleted; fails where it is none. */
cJSON *cli_json(const struct cli *cli, const struct cli_said *said);
void cli_done(struct cli_said *said);

/* Writes a file into the person's folder and tells its path, borrowed until the fourth call after it. */
const char *cli_file(struct cli *cli, const char *name, const char *text);

/* ---- under a pseudo-terminal */

struct cli_terminal {
    const struct cli *cli;
    int fd;
    pid_t pid;  /* 0: ended */
    char *seen; /* everything that came, with a NUL; standard output and standard error as they fell */
    size_t seen_len, size;
    size_t looked; /* up to where cli_wait has found what it waited for */
};

/* Starts it on a terminal with so many columns and 24 rows. */
struct cli_terminal cli_terminal(struct cli *cli, int columns, const char *const *arguments);
#define CLI_TERMINAL(cli, columns, ...) \
    cli_terminal((cli), (columns), (const char *const[]){__VA_ARGS__, NULL})
/* Waits until this text has come behind what an earlier wait found; at most 10 s. */
void cli_wait(struct cli_terminal *terminal, const char *text);
/* Keys, as they are: "\n" is return, "\003" is Ctrl-C. */
void cli_type(struct cli_terminal *terminal, const char *keys);
/* Waits for the question, then types the answer and return. */
void cli_answer(struct cli_terminal *terminal, const char *question, const char *answer);
/* Waits for "PIN of NAME:" with the echo off, then types the demonstration's PIN. */
void cli_give_pin(struct cli_terminal *terminal, const char *staff);
/* Does the terminal show what is typed? */
bool cli_echoes(const struct cli_terminal *terminal);
/* Waits for the end, which must have this status; frees. seen: all that came, to be freed; NULL: not wanted. */
void cli_ends(struct cli_terminal *terminal, int status, char **seen);
/* Sends a signal and waits for the end; 128 + number where it was the signal that ended it. The terminal stays open. */
int cli_kill(struct cli_terminal *terminal, int number);
/* Closes the terminal after cli_kill. */
void cli_drop(struct cli_terminal *terminal);

#endif
