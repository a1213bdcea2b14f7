#include "options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

void options_usage(FILE *out) {
    fputs(
        "usage: instalmentd [--config FILE] [--data DIR] [--listen ADDRESS:PORT]\n"
        "                   [--demo | --demo=empty] [--now LOCAL]\n"
        "       instalmentd decide            read scenarios from standard input, one JSON value a line\n"
        "       instalmentd --check-config    look at the configuration and say whether it is good\n"
        "       instalmentd --sample-config   print a configuration file with every option\n"
        "       instalmentd --version         say which version this is\n"
        "       instalmentd --help            say this\n"
        "\n"
        "  --config FILE    the configuration; without it every option has its default\n"
        "  --data DIR       the folder of the database (option data); made where it does not exist\n"
        "  --listen A:P     address and port (option listen); port 0 takes a free one\n"
        "  --demo=empty     a made-up pharmacy on a clock that can be moved, with staff and products, in a\n"
        "                   temporary folder unless --data names one\n"
        "  --demo           the same with a dozen made-up patients and two weeks behind them\n"
        "  --now LOCAL      the demonstration's clock, forward only: 2026-11-23T09:00:00\n",
        out);
}

/* "--data DIR" or "--data=DIR" at *at: the value, with *at on its last word; NULL where it is another option. */
static const char *option_value(int argc, char **argv, int *at, const char *name, bool *missing) {
    size_t len = strlen(name);
    const char *word = argv[*at];
    if (word == NULL || strncmp(word, name, len) != 0) {
        return NULL;
    }
    if (word[len] == '=') {
        return word + len + 1;
    }
    if (word[len] != '\0') {
        return NULL;
    }
    if (*at + 1 >= argc) {
        *missing = true;
        return NULL;
    }
    *at += 1;
    return argv[*at];
}

/* Words that stand alone. */
static bool option_word(const char *word, struct options *out) {
    static const struct {
        const char *word;
        enum run_mode mode;
    } modes[] = {
        {"--check-config", RUN_CHECK_CONFIG},
        {"--sample-config", RUN_SAMPLE_CONFIG},
        {"--help", RUN_HELP},
        {"--version", RUN_VERSION},
    };
    if (strcmp(word, "--demo") == 0) {
        out->demo = DEMO_PATIENTS;
        return true;
    }
    if (strcmp(word, "--demo=empty") == 0) {
        out->demo = DEMO_EMPTY;
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

static bool option_take(int argc, char **argv, int *at, struct options *out) {
    const struct {
        const char *name;
        const char **value;
    } valued[] = {
        {"--config", &out->config},
        {"--data", &out->data},
        {"--listen", &out->listen},
        {"--now", &out->now},
    };
    bool missing = false;
    for (size_t i = 0; i < sizeof valued / sizeof valued[0]; i++) {
        const char *value = option_value(argc, argv, at, valued[i].name, &missing);
        if (value != NULL && value[0] != '\0') {
            *valued[i].value = value;
            return true;
        }
        if (value != NULL || missing) {
            fprintf(stderr, "instalmentd: %s needs a value\n", valued[i].name);
            return false;
        }
    }
    if (option_word(argv[*at], out)) {
        return true;
    }
    fprintf(stderr, "instalmentd: %s is not understood; instalmentd --help says what is\n", argv[*at]);
    return false;
}

bool options_parse(int argc, char **argv, struct options *out) {
    *out = (struct options){.mode = RUN_SERVE};
    if (argc == 2 && strcmp(argv[1], "decide") == 0) {
        out->mode = RUN_DECIDE;
        return true;
    }
    for (int at = 1; at < argc; at++) {
        if (!option_take(argc, argv, &at, out)) {
            return false;
        }
    }
    if (out->now != NULL && out->demo == DEMO_NONE) {
        fputs("instalmentd: --now is for a demonstration: only its clock can be set\n", stderr);
        return false;
    }
    return true;
}

/* The folder may be named from where one stands. */
static bool options_data(const char *data, struct config *config, struct config_error *error) {
    char *here = NULL;
    char *whole = NULL;
    if (data == NULL || data[0] == '/') {
        return data == NULL || config_set(config, "data", data, error);
    }
    here = get_current_dir_name();
    if (here == NULL || asprintf(&whole, "%s/%s", here, data) < 0) {
        (void)snprintf(error->text, sizeof error->text, "data: where we are cannot be told");
        free(here);
        return false;
    }
    bool done = config_set(config, "data", whole, error);
    free(whole);
    free(here);
    return done;
}

/* What the command line says, over the file. */
static bool options_over(const struct options *options, struct config *config, struct config_error *error) {
    bool demo = options->demo != DEMO_NONE;
    const struct {
        const char *key;
        const char *value;
    } over[] = {
        {"listen", options->listen != NULL || !demo ? options->listen : "127.0.0.1:0"},
        {"clock", demo ? "demo" : NULL},
        {"ctl_socket", demo ? "ctl.sock" : NULL},
        {"web_socket", demo ? "" : NULL},
    };
    if (!options_data(options->data, config, error)) {
        return false;
    }
    for (size_t i = 0; i < sizeof over / sizeof over[0]; i++) {
        if (over[i].value != NULL && !config_set(config, over[i].key, over[i].value, error)) {
            return false;
        }
    }
    if (!demo && strcmp(config->clock, "demo") == 0) {
        (void)snprintf(error->text, sizeof error->text,
                       "clock: demo is for a demonstration alone: start with --demo");
        return false;
    }
    return config_check(config, error);
}

struct config *options_config(const struct options *options, struct config_error *error) {
    struct config *config = config_new();
    if (config == NULL) {
        (void)snprintf(error->text, sizeof error->text, "There is not enough memory.");
        return NULL;
    }
    if ((options->config != NULL && !config_read(config, options->config, error)) ||
        !options_over(options, config, error)) {
        config_free(&config);
    }
    return config;
}
