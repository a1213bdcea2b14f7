/* Completion for bash, made from the table of commands. Of ids it offers the last characters that were shown, no names. */
#include <stdio.h>
#include <string.h>

#include "commands.h"

static bool is_first_of_name(size_t index) {
    for (size_t i = 0; i < index; i++) {
        if (strcmp(cli_commands[i].name, cli_commands[index].name) == 0)
            return false;
    }
    return true;
}

static void put_options(const struct cli_option *options) {
    for (; options != NULL && options->name != NULL; options++)
        (void)printf(" --%s", options->name);
}

/* Words that an option's argument may be. */
static const struct {
    const char *option, *words;
} choices[] = {
    {"collector", "patient representative professional"},
    {"role", "counter technician pharmacist manager inspector"},
    {"active", "yes no"},
};

/* The kind of id that an argument names, as the files of ids have it. */
static const char *kind_of(const struct cli_command *command) {
    static const struct {
        const char *argument, *kind;
    } kinds[] = {
        {"RX", "rx-"}, {"PATIENT", "pt-"}, {"SUPPLY", "su-"}, {"SERVICE", "sv-"}, {"TERMINAL", "t-"}};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        size_t len = strlen(kinds[i].argument);
        if (strncmp(command->arguments, kinds[i].argument, len) == 0 &&
            strchr(" [", command->arguments[len]) != NULL)
            return kinds[i].kind;
    }
    return NULL;
}

static void put_names(void) {
    for (size_t i = 0; i < cli_commands_count; i++) {
        if (is_first_of_name(i))
            (void)printf(" %s", cli_commands[i].name);
    }
}

static void put_subs(const char *name) {
    for (size_t i = 0; i < cli_commands_count; i++) {
        if (strcmp(cli_commands[i].name, name) == 0 && cli_commands[i].sub != NULL)
            (void)printf(" %s", cli_commands[i].sub);
    }
}

static void put_all_subs(void) {
    for (size_t i = 0; i < cli_commands_count; i++) {
        if (!is_first_of_name(i) || cli_commands[i].sub == NULL)
            continue;
        (void)printf("    %s) subs=\"", cli_commands[i].name);
        put_subs(cli_commands[i].name);
        (void)printf("\" ;;\n");
    }
}

static void put_commands(void) {
    for (size_t i = 0; i < cli_commands_count; i++) {
        const struct cli_command *command = &cli_commands[i];
        const char *kind = kind_of(command);
        if (command->options == NULL && kind == NULL)
            continue;
        (void)printf("    '%s %s') options=\"", command->name, command->sub == NULL ? "" : command->sub);
        put_options(command->options);
        (void)printf("\"; kind=%s ;;\n", kind == NULL ? "" : kind);
    }
}

static void put_choices(void) {
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++)
        (void)printf("    --%s) mapfile -t COMPREPLY < <(compgen -W '%s' -- \"$word\"); return ;;\n",
                     choices[i].option, choices[i].words);
}

static bool is_completed(const char *option) {
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
        if (strcmp(option, choices[i].option) == 0)
            return true;
    }
    return strcmp(option, "from") == 0 || strcmp(option, "key") == 0;
}

/* Is this the first option of its name that has a value? */
static bool is_first_option(size_t command, const struct cli_option *option) {
    for (size_t i = 0; i <= command; i++) {
        const struct cli_option *one = cli_commands[i].options;
        for (; one != NULL && one->name != NULL; one++) {
            if (one->argument != NULL && strcmp(one->name, option->name) == 0)
                return one == option;
        }
    }
    return false;
}

/* Options whose value is a file's name; and those with another value, which is not completed. */
static void put_valued(void) {
    (void)printf(
        "    --socket | --ca | --from) mapfile -t COMPREPLY < <(compgen -f -- \"$word\"); return ;;\n");
    (void)printf("    --url | --key");
    for (size_t i = 0; i < cli_commands_count; i++) {
        const struct cli_option *option = cli_commands[i].options;
        for (; option != NULL && option->name != NULL; option++) {
            if (option->argument != NULL && !is_completed(option->name) && is_first_option(i, option))
                (void)printf(" | --%s", option->name);
        }
    }
    (void)printf(") return ;;\n");
}

static const char words_before[] =
    "    for ((i = 1; i < COMP_CWORD; i++)); do\n"
    "        case ${COMP_WORDS[i]} in\n"
    "        --socket | --url | --ca) ((++i)) ;;\n"
    "        -*) ;;\n"
    "        *) if [ -z \"$name\" ]; then name=${COMP_WORDS[i]}\n"
    "           else sub=${sub:-${COMP_WORDS[i]}} count=$((count + 1)); fi ;;\n"
    "        esac\n"
    "    done\n"
    "    case $name in\n";

static const char offered[] =
    "    if [[ $word == -* ]]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$options$common\" -- \"$word\")\n"
    "    elif [ -z \"$name\" ]; then\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$names\" -- \"$word\")\n"
    "    else\n"
    "        [ \"$count\" = 0 ] || subs=''\n"
    "        local seen=${XDG_RUNTIME_DIR:-/tmp/instalment-$UID}/instalment.seen ids=''\n"
    "        if [ -n \"$kind\" ] && [ -r \"$seen\" ]; then\n"
    "            ids=$(sed -n \"s/^$kind.*\\(.....\\)\\$/\\1/p\" \"$seen\")\n"
    "        fi\n"
    "        mapfile -t COMPREPLY < <(compgen -W \"$subs $ids\" -- \"$word\")\n"
    "    fi\n"
    "}\n"
    "complete -F _instalment instalment\n";

enum cli_status command_completion(struct cli *cli) {
    (void)cli;
    (void)printf("# bash completion for instalment: made by `instalment completion`\n"
                 "_instalment() {\n"
                 "    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} i count=0\n"
                 "    local name='' sub='' subs='' options='' kind='' common='");
    put_options(cli_options);
    (void)printf("' names='");
    put_names();
    (void)printf("'\n    COMPREPLY=()\n    case $before in\n");
    put_choices();
    put_valued();
    (void)printf("    esac\n");
    (void)fputs(words_before, stdout);
    put_all_subs();
    (void)printf("    esac\n"
                 "    [[ \"$subs \" == *\" $sub \"* ]] || sub=''\n"
                 "    case \"$name $sub\" in\n");
    put_commands();
    (void)printf("    esac\n");
    (void)fputs(offered, stdout);
    return CLI_OK;
}
