/* What needs no daemon. */
#include <stdio.h>

#include "commands.h"
#include "instalment/version.h"

enum cli_status command_version(struct cli *cli) {
    if (cli->json)
        (void)printf("{\"version\":\"%s\",\"rules\":\"%s\"}\n", INSTALMENT_VERSION, INSTALMENT_RULES_VERSION);
    else
        cli_say(cli, CLI_PLAIN, "instalment %s, rules %s\n", INSTALMENT_VERSION, INSTALMENT_RULES_VERSION);
    return CLI_OK;
}
