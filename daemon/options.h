/*
 * The command line (instalmentd --help), and the configuration that it and the file make together.
 */
#ifndef INSTALMENT_OPTIONS_H
#define INSTALMENT_OPTIONS_H

#include <stdio.h>

#include "sys/config.h"

enum run_mode {
    RUN_SERVE,
    RUN_DECIDE, /* scenarios from standard input */
    RUN_CHECK_CONFIG,
    RUN_SAMPLE_CONFIG,
    RUN_HELP,
    RUN_VERSION
};

enum demo_kind {
    DEMO_NONE,
    DEMO_EMPTY,   /* staff and products only */
    DEMO_PATIENTS /* and patients, services and prescriptions */
};

/* All texts are the command line's own. */
struct options {
    enum run_mode mode;
    enum demo_kind demo;
    const char *config; /* a file; NULL: the defaults */
    const char *data;   /* NULL: the configuration's, or a demonstration's own folder */
    const char *listen; /* NULL: the configuration's */
    const char *now;    /* NULL: where the demonstration's clock stands */
};

/* Reads the command line. False, with one line about it on standard error, where it makes no sense (exit status 2). */
bool options_parse(int argc, char **argv, struct options *out);

void options_usage(FILE *out);

/*
 * Defaults, the file over them, the command line over that; checked as a whole. NULL with *error. A demonstration's
 * sockets lie in its folder, and it listens on a free port of this machine unless it is told otherwise.
 */
struct config *options_config(const struct options *options, struct config_error *error);

#endif
