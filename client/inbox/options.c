#include "options.h"

#include <string.h>

void options_usage(FILE *out) {
    fputs("usage: instalment-inbox [--demo] [--config FILE] [--data DIR] [--listen ADDRESS:PORT]\n"
          "       instalment-inbox --add-keyworker NAME     the password is read from standard input\n"
          "       instalment-inbox --remove-keyworker NAME  that person can sign in no more\n"
          "       instalment-inbox --keyworkers             who may sign in\n"
          "       instalment-inbox --backup FILE            a copy of the database, also while it serves\n"
          "       instalment-inbox --check-config           look at the configuration and say whether it is "
          "good\n"
          "       instalment-inbox --sample-config          print a configuration file with every option\n"
          "       instalment-inbox --version | --help\n"
          "\n"
          "  --config FILE    the configuration; without it every option has its default\n"
          "  --data DIR       the folder of the database (option data); made where it does not exist\n"
          "  --listen A:P     address and port (option listen); port 0 takes a free one\n"
          "  --demo           made-up keyworkers, a certificate and a secret of its own, in a temporary "
          "folder\n"
          "                   unless --data names one; ends when standard input does\n",
          out);
}

/* Words that stand alone. */
static bool take_word(const char *word, struct options *out) {
    static const struct {
        const char *word;
        enum run_mode mode;
    } modes[] = {
        {"--check-config", RUN_CHECK_CONFIG}, {"--sample-config", RUN_SAMPLE_CONFIG},
        {"--keyworkers", RUN_KEYWORKERS},     {"--help", RUN_HELP},
        {"--version", RUN_VERSION},
    };
    if (strcmp(word, "--demo") == 0) {
        out->demo = true;
        return true;
    }
    for (size_t i = 0; i < sizeof modes / sizeof modes[0]; i++) {
        if (strcmp(word, modes[i].word) == 0) {
            out->mode = modes[i].mode;
            return true;
        }
    }
    return false;
}

/* "--data DIR" or "--data=DIR"; *at moves on. */
static bool take(int argc, char **argv, int *at, struct options *out) {
    const struct {
        const char *name;
        const char **value;
        enum run_mode mode;
    } valued[] = {
        {"--config", &out->config, RUN_SERVE},
        {"--data", &out->data, RUN_SERVE},
        {"--listen", &out->listen, RUN_SERVE},
        {"--add-keyworker", &out->keyworker, RUN_ADD_KEYWORKER},
        {"--remove-keyworker", &out->keyworker, RUN_REMOVE_KEYWORKER},
        {"--backup", &out->backup, RUN_BACKUP},
    };
    const char *word = argv[*at];
    for (size_t i = 0; i < sizeof valued / sizeof valued[0]; i++) {
        size_t len = strlen(valued[i].name);
        if (strncmp(word, valued[i].name, len) != 0 || (word[len] != '\0' && word[len] != '=')) {
            continue;
        }
        const char *value = word[len] == '=' ? word + len + 1 : *at + 1 < argc ? argv[++*at] : "";
        if (value[0] == '\0') {
            fprintf(stderr, "instalment-inbox: %s needs a value\n", valued[i].name);
            return false;
        }
        *valued[i].value = value;
        out->mode = valued[i].mode == RUN_SERVE ? out->mode : valued[i].mode;
        return true;
    }
    if (!take_word(word, out)) {
        fprintf(stderr, "instalment-inbox: %s is not understood; instalment-inbox --help says what is\n",
                word);
        return false;
    }
    return true;
}

bool options_parse(int argc, char **argv, struct options *out) {
    *out = (struct options){.mode = RUN_SERVE};
    for (int at = 1; at < argc; at++) {
        if (!take(argc, argv, &at, out)) {
            return false;
        }
    }
    return true;
}
