#include "commands.h"
enum cli_status command_counter(struct cli *cli) {
    return cli_fail(cli, CLI_FAILED, "not yet");
}
