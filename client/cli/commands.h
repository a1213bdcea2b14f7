/* The commands, by the file that has them; the table is in commands.c. Each returns its exit status (cli.h). */
#ifndef INSTALMENT_CLI_COMMANDS_H
#define INSTALMENT_CLI_COMMANDS_H

#include "cli.h"

/* session.c */
enum cli_status command_sign_in(struct cli *cli);
enum cli_status command_sign_out(struct cli *cli);
enum cli_status command_whoami(struct cli *cli);
enum cli_status command_lock(struct cli *cli);
enum cli_status command_unlock(struct cli *cli);

/* today.c */
enum cli_status command_today(struct cli *cli);

/* decision.c */
enum cli_status command_decide(struct cli *cli);

/* supply.c */
enum cli_status command_supply(struct cli *cli);
enum cli_status command_irregular(struct cli *cli);
enum cli_status command_reverse(struct cli *cli);
enum cli_status command_supply_show(struct cli *cli);

/* help.c */
enum cli_status command_version(struct cli *cli);

#endif
