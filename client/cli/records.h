/* What the commands about patients and prescriptions share. */
#ifndef INSTALMENT_CLI_RECORDS_H
#define INSTALMENT_CLI_RECORDS_H

#include "cli.h"

/* A patient's prescriptions, as a list. */
bool records_prescriptions(struct cli *cli, const char *patient, struct instalment_reply **reply);
/* One of them in a line: its short id, form, class, days, and whether it is stopped or on hold. */
void records_say_prescription(struct cli *cli, const cJSON *rx);
/*
 * The patient's prescription that can still be collected: the only one, or the one that is picked of several. now: only
 * those whose plan has begun. *id is malloc'd, NULL where there is none. False: said why (CLI_USAGE where there are several
 * and nobody to ask).
 */
bool records_pick(struct cli *cli, const char *patient, const char *ask, bool now, char **id);
/* Name, as it is liked, date of birth, address. */
void records_say_patient(struct cli *cli, const cJSON *patient);
/*
 * Whose record it is that something is about to be written on, said to whoever sits at the terminal (H15: five characters of
 * an id are easily mistaken). Nothing where nobody can be asked, or --json is given. False: said why.
 */
bool records_say_whose(struct cli *cli, const char *patient);
/* The same of a prescription. */
bool records_say_whose_rx(struct cli *cli, const char *rx);
/* --json: the answer; else nothing is said. Frees the reply; CLI_OK. */
enum cli_status records_end(struct cli *cli, struct instalment_reply **reply);

/* The dose of each item of a prescription on a day, "60" or "8+2"; "" where there is none. */
void records_dose(const cJSON *prescription, int day, char *out, size_t size);
/* The calendar of a prescription's instalments, weeks as rows, with its legend. */
void records_calendar(struct cli *cli, const cJSON *prescription);

#endif
