/* The commands, by the file that has them; the table is in commands.c. Each returns its exit status (cli.h). */
#ifndef INSTALMENT_CLI_COMMANDS_H
#define INSTALMENT_CLI_COMMANDS_H

#include "cli.h"

/* staff.c */
enum cli_status command_staff_list(struct cli *cli);
enum cli_status command_staff_show(struct cli *cli);
enum cli_status command_staff_add(struct cli *cli);
enum cli_status command_staff_change(struct cli *cli);

/* service.c */
enum cli_status command_service_list(struct cli *cli);
enum cli_status command_service_show(struct cli *cli);
enum cli_status command_service_add(struct cli *cli);
enum cli_status command_service_change(struct cli *cli);

/* calendar.c */
enum cli_status command_calendar_show(struct cli *cli);
enum cli_status command_calendar_hours(struct cli *cli);
enum cli_status command_calendar_confirm(struct cli *cli);
enum cli_status command_calendar_close(struct cli *cli);
enum cli_status command_calendar_unplanned(struct cli *cli);
enum cli_status command_calendar_open(struct cli *cli);
enum cli_status command_calendar_regular(struct cli *cli);

/* terminals.c */
enum cli_status command_terminals_list(struct cli *cli);
enum cli_status command_terminals_code(struct cli *cli);
enum cli_status command_terminals_enrol(struct cli *cli);
enum cli_status command_terminals_revoke(struct cli *cli);

/* responsible.c */
enum cli_status command_responsible_show(struct cli *cli);
enum cli_status command_responsible_act(struct cli *cli);
enum cli_status command_clock_confirm(struct cli *cli);
enum cli_status command_clock_advance(struct cli *cli);

/* audit.c */
enum cli_status command_audit(struct cli *cli);

/* system.c */
enum cli_status command_products(struct cli *cli);
enum cli_status command_health(struct cli *cli);
enum cli_status command_config(struct cli *cli);
enum cli_status command_events(struct cli *cli);

/* rules.c, completion.c */
enum cli_status command_rules(struct cli *cli);
enum cli_status command_completion(struct cli *cli);

/* counter.c */
enum cli_status command_counter(struct cli *cli);

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

/* patient.c */
enum cli_status command_patient_add(struct cli *cli);
enum cli_status command_patient_find(struct cli *cli);
enum cli_status command_patient_show(struct cli *cli);
enum cli_status command_patient_change(struct cli *cli);
enum cli_status command_patient_status(struct cli *cli);
enum cli_status command_patient_merge(struct cli *cli);

/* rx_add.c, rx_show.c, rx_check.c, rx_change.c */
enum cli_status command_rx_add(struct cli *cli);
enum cli_status command_rx_show(struct cli *cli);
enum cli_status command_rx_check(struct cli *cli);
enum cli_status command_rx_stop(struct cli *cli);
enum cli_status command_rx_hold(struct cli *cli);
enum cli_status command_rx_release(struct cli *cli);
enum cli_status command_rx_consult(struct cli *cli);
enum cli_status command_rx_prepare(struct cli *cli);
enum cli_status command_rx_unprepare(struct cli *cli);

/* concern.c */
enum cli_status command_outcome(struct cli *cli);
enum cli_status command_elsewhere(struct cli *cli);
enum cli_status command_concern(struct cli *cli);
enum cli_status command_concern_signs(struct cli *cli);

/* alerts.c */
enum cli_status command_alerts(struct cli *cli);
enum cli_status command_alert_show(struct cli *cli);
enum cli_status command_alert_retry(struct cli *cli);
enum cli_status command_alert_phoned(struct cli *cli);
enum cli_status command_alert_release(struct cli *cli);
enum cli_status command_service_test(struct cli *cli);

/* print.c */
enum cli_status command_print_list(struct cli *cli);
enum cli_status command_print_again(struct cli *cli);
enum cli_status command_print_confirm(struct cli *cli);
enum cli_status command_print_cancel(struct cli *cli);
enum cli_status command_print_calendar(struct cli *cli);
enum cli_status command_print_bag(struct cli *cli);
enum cli_status command_print_letter(struct cli *cli);
enum cli_status command_print_downtime(struct cli *cli);
enum cli_status command_printers(struct cli *cli);
enum cli_status command_printer_set(struct cli *cli);
enum cli_status command_card_list(struct cli *cli);
enum cli_status command_card_give(struct cli *cli);
enum cli_status command_card_given(struct cli *cli);
enum cli_status command_scan(struct cli *cli);

/* help.c */
enum cli_status command_version(struct cli *cli);

#endif
