/* The command line and its help, both from the table in commands.c. See cli.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

const struct cli_option cli_options[] = {
    {"socket", "PATH",
     "the daemon's local socket; otherwise $INSTALMENT_SOCKET, else /run/instalmentd/ctl.sock"},
    {"url", "URL", "speak HTTPS to this address instead, as https://pharmacy.example:8443"},
    {"ca", "FILE", "the certificate that signs the daemon's (PEM); otherwise the system's authorities"},
    {"json", NULL, "answer for a program: one object, or one for each line of a list"},
    {"pin-stdin", NULL, "the PIN is the first line of standard input; a second person's the second"},
    {"help", NULL, "say how a command is used"},
    {NULL, NULL, NULL},
};

const char *cli_option(const struct cli *cli, const char *name) {
    for (size_t i = cli->option_count; i-- > 0;) {
        if (strcmp(cli->options[i].name, name) == 0)
            return cli->options[i].value;
    }
    return NULL;
}

const char *cli_argument(const struct cli *cli, size_t index) {
    return index < cli->argument_count ? cli->arguments[index] : NULL;
}

/* ---- help */

static void help_options(const struct cli_option *options) {
    for (; options != NULL && options->name != NULL; options++) {
        char left[64];
        (void)snprintf(left, sizeof left, "--%s%s%s", options->name, options->argument == NULL ? "" : " ",
                       options->argument == NULL ? "" : options->argument);
        (void)printf("  %-22s %s\n", left, options->help);
    }
}

static void help_command(const struct cli_command *command) {
    (void)printf("instalment %s%s%s%s%s\n\n%s\n", command->name, command->sub == NULL ? "" : " ",
                 command->sub == NULL ? "" : command->sub, command->arguments[0] == '\0' ? "" : " ",
                 command->arguments, command->summary);
    if (command->options != NULL) {
        (void)printf("\n");
        help_options(command->options);
    }
    (void)printf("\nOf every command:\n");
    help_options(cli_options);
}

/* One line a command; only those of one name where that is given. */
static void help_all(const char *name) {
    if (name == NULL)
        (void)printf("instalment [--socket PATH | --url URL --ca FILE] [--json] COMMAND ...\n\n");
    for (size_t i = 0; i < cli_commands_count; i++) {
        const struct cli_command *command = &cli_commands[i];
        char left[64];
        if (name != NULL && strcmp(name, command->name) != 0)
            continue;
        (void)snprintf(left, sizeof left, "%s%s%s", command->name, command->sub == NULL ? "" : " ",
                       command->sub == NULL ? "" : command->sub);
        (void)printf("  %-24s %s\n", left, command->summary);
    }
    if (name == NULL) {
        (void)printf("\nOf every command:\n");
        help_options(cli_options);
    }
    (void)printf("\n`instalment COMMAND --help` says how one is used; instalment(1) has examples.\n");
}

/* ---- finding the command */

static const struct cli_command *find(const char *name, const char *sub, bool *known) {
    for (size_t i = 0; i < cli_commands_count; i++) {
        const struct cli_command *command = &cli_commands[i];
        if (strcmp(command->name, name) != 0)
            continue;
        *known = true;
        if (command->sub == NULL || (sub != NULL && strcmp(command->sub, sub) == 0))
            return command;
    }
    return NULL;
}

/* How many letters must be changed to make one of the other; enough for "did you mean". */
static size_t distance(const char *a, const char *b) {
    size_t row[32];
    size_t width = strlen(b);
    if (width >= 31 || strlen(a) >= 31)
        return 31;
    for (size_t j = 0; j <= width; j++)
        row[j] = j;
    for (size_t i = 1; a[i - 1] != '\0'; i++) {
        size_t corner = row[0];
        row[0] = i;
        for (size_t j = 1; j <= width; j++) {
            size_t change = corner + (a[i - 1] != b[j - 1]);
            corner = row[j];
            size_t least = row[j] < row[j - 1] ? row[j] + 1 : row[j - 1] + 1;
            row[j] = change < least ? change : least;
        }
    }
    return row[width];
}

static const char *nearest(const char *said, const char *name) {
    const char *best = NULL;
    size_t least = 3;
    for (size_t i = 0; i < cli_commands_count; i++) {
        const char *word = name == NULL ? cli_commands[i].name : cli_commands[i].sub;
        if (word == NULL || (name != NULL && strcmp(name, cli_commands[i].name) != 0))
            continue;
        size_t far = distance(said, word);
        if (far < least) {
            least = far;
            best = word;
        }
    }
    return best;
}

static bool unknown_command(struct cli *cli, const char *name, const char *sub, bool known) {
    if (known && sub == NULL) {
        (void)cli_fail(cli, CLI_USAGE, "%s: what of it? One of these must follow:", name);
        for (size_t i = 0; i < cli_commands_count; i++) {
            if (strcmp(cli_commands[i].name, name) == 0)
                cli_hint("%s %s: %s", name, cli_commands[i].sub, cli_commands[i].summary);
        }
        return false;
    }
    const char *meant = nearest(known ? sub : name, known ? name : NULL);
    (void)cli_fail(cli, CLI_USAGE, "there is no command \"%s%s%s\".", name, known ? " " : "",
                   known ? sub : "");
    if (meant != NULL)
        cli_hint("Did you mean \"%s%s%s\"?", known ? name : "", known ? " " : "", meant);
    cli_hint("`instalment --help` lists the commands.");
    return false;
}

/* ---- words */

static const struct cli_option *option_of(const struct cli_option *options, const char *name, size_t len) {
    for (; options != NULL && options->name != NULL; options++) {
        if (strlen(options->name) == len && strncmp(options->name, name, len) == 0)
            return options;
    }
    return NULL;
}

static bool usage(struct cli *cli, const struct cli_command *command, const char *what, const char *word) {
    (void)cli_fail(cli, CLI_USAGE, "%s%s%s", what, word[0] == '\0' ? "" : ": ", word);
    if (command != NULL)
        cli_hint("Usage: instalment %s%s%s %s", command->name, command->sub == NULL ? "" : " ",
                 command->sub == NULL ? "" : command->sub, command->arguments);
    else
        cli_hint("`instalment --help` lists the commands and the options.");
    return false;
}

/* An option at argv[*at], with its value where it has one. */
static bool take_option(struct cli *cli, int argc, char **argv, int *at) {
    const char *word = argv[*at] + 2;
    size_t len = strcspn(word, "=");
    const struct cli_option *option = option_of(cli_options, word, len);
    if (option == NULL && cli->command != NULL)
        option = option_of(cli->command->options, word, len);
    if (option == NULL)
        return usage(cli, cli->command, "there is no such option here", argv[*at]);
    const char *value = "";
    if (option->argument != NULL) {
        value = word[len] == '=' ? word + len + 1 : argv[++*at];
        if (*at >= argc || value == NULL)
            return usage(cli, cli->command, "this option needs a value", argv[argc - 1]);
    } else if (word[len] == '=') {
        return usage(cli, cli->command, "this option takes no value", argv[*at]);
    }
    if (cli->option_count == sizeof cli->options / sizeof cli->options[0])
        return usage(cli, cli->command, "too many options", "");
    cli->options[cli->option_count].name = option->name;
    cli->options[cli->option_count++].value = value;
    return true;
}

static bool take_words(struct cli *cli, int argc, char **argv, int at) {
    bool only_arguments = false;
    for (; at < argc; at++) {
        if (!only_arguments && strcmp(argv[at], "--") == 0) {
            only_arguments = true;
        } else if (!only_arguments && strncmp(argv[at], "--", 2) == 0) {
            if (!take_option(cli, argc, argv, &at))
                return false;
        } else if (!only_arguments && argv[at][0] == '-' && argv[at][1] != '\0') {
            return usage(cli, cli->command, "options begin with two dashes", argv[at]);
        } else if (cli->argument_count == CLI_ARGUMENTS_MAX) {
            return usage(cli, cli->command, "too many arguments", "");
        } else {
            cli->arguments[cli->argument_count++] = argv[at];
        }
    }
    return true;
}

/* The options of every command, which may stand before it. False: wrong, or all there was. */
static bool take_leading(struct cli *cli, int argc, char **argv, int *at) {
    for (; *at < argc && argv[*at][0] == '-' && argv[*at][1] != '\0'; ++*at) {
        if (strcmp(argv[*at], "--version") == 0) {
            static char version[] = "version";
            argv[*at] = version;
            break;
        }
        if (strncmp(argv[*at], "--", 2) != 0)
            return usage(cli, NULL, "options begin with two dashes", argv[*at]);
        if (!take_option(cli, argc, argv, at))
            return false;
    }
    return true;
}

static void settle(struct cli *cli) {
    cli->socket = cli_option(cli, "socket");
    cli->url = cli_option(cli, "url");
    cli->ca = cli_option(cli, "ca");
    cli->json = cli_option(cli, "json") != NULL;
    cli->pin_stdin = cli_option(cli, "pin-stdin") != NULL;
}

/* The command that the words at *at name, *at behind them. False: there is none, and that, or help, has been said. */
static bool take_command(struct cli *cli, int argc, char **argv, int *at) {
    const char *name = argv[(*at)++];
    const char *sub = *at < argc && argv[*at][0] != '-' ? argv[*at] : NULL;
    bool known = false;
    cli->command = find(name, sub, &known);
    if (cli->command != NULL) {
        *at += cli->command->sub == NULL ? 0 : 1;
        return true;
    }
    bool help = cli_option(cli, "help") != NULL;
    for (int i = *at; i < argc; i++)
        help = help || strcmp(argv[i], "--help") == 0;
    if (!known || !help)
        return unknown_command(cli, name, sub, known);
    help_all(name);
    return false;
}

static bool check_words(struct cli *cli) {
    if (cli->argument_count < cli->command->least)
        return usage(cli, cli->command, "something is missing", "");
    if (cli->argument_count > cli->command->most)
        return usage(cli, cli->command, "one argument too many", cli->arguments[cli->command->most]);
    return cli->socket == NULL || cli->url == NULL ||
           usage(cli, NULL, "--socket and --url exclude each other", "");
}

bool cli_parse(struct cli *cli, int argc, char **argv) {
    int at = 1;
    if (!take_leading(cli, argc, argv, &at))
        return false;
    if (at >= argc) {
        help_all(NULL);
        cli->status = cli_option(cli, "help") != NULL ? CLI_OK : CLI_USAGE;
        return false;
    }
    if (!take_command(cli, argc, argv, &at) || !take_words(cli, argc, argv, at))
        return false;
    if (cli_option(cli, "help") != NULL) {
        help_command(cli->command);
        return false;
    }
    settle(cli);
    return check_words(cli);
}
