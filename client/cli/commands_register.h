/* The commands of the register, the stock, the end of the day and the reports; their rows stand in commands.c. */
#ifndef INSTALMENT_CLI_COMMANDS_REGISTER_H
#define INSTALMENT_CLI_COMMANDS_REGISTER_H

#include "cli.h"

/* records_register.c */
enum cli_status command_register(struct cli *cli);
enum cli_status command_register_verify(struct cli *cli);
enum cli_status command_register_receive(struct cli *cli);
enum cli_status command_register_check(struct cli *cli);
enum cli_status command_register_adjust(struct cli *cli);
enum cli_status command_register_destroy(struct cli *cli);
enum cli_status command_register_note(struct cli *cli);

/* records_day.c */
enum cli_status command_stock(struct cli *cli);
enum cli_status command_stock_prepour(struct cli *cli);
enum cli_status command_close(struct cli *cli);
enum cli_status command_report(struct cli *cli);
enum cli_status command_export(struct cli *cli);

#endif
