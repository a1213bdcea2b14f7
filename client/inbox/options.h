/* The command line. */
#ifndef INSTALMENT_INBOX_OPTIONS_H
#define INSTALMENT_INBOX_OPTIONS_H

#include <stdbool.h>
#include <stdio.h>

enum run_mode {
    RUN_SERVE,
    RUN_CHECK_CONFIG,
    RUN_SAMPLE_CONFIG,
    RUN_ADD_KEYWORKER,
    RUN_REMOVE_KEYWORKER,
    RUN_KEYWORKERS,
    RUN_BACKUP,
    RUN_HELP,
    RUN_VERSION
};

/* Texts are the command line's own. */
struct options {
    enum run_mode mode;
    bool demo;
    const char *config, *data, *listen; /* NULL: not given */
    const char *keyworker;              /* of RUN_ADD_KEYWORKER and RUN_REMOVE_KEYWORKER */
    const char *backup;                 /* of RUN_BACKUP */
};

/* False with a sentence on standard error. */
bool options_parse(int argc, char **argv, struct options *out);
void options_usage(FILE *out);

#endif
