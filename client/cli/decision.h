/* A decision as a person reads it; shared by decide, supply and the counter. */
#ifndef INSTALMENT_CLI_DECISION_H
#define INSTALMENT_CLI_DECISION_H

#include "cli.h"

/* "may be supplied", ... of a verdict, and how it is marked besides the colour. */
const char *decision_words(const char *verdict);
const char *decision_mark(const char *verdict);
enum cli_style decision_style(const char *verdict);

/* What a day's list calls a status, and its mark. */
const char *status_words(const char *status);
const char *status_mark(const char *status);

/* Asks for the decision on a prescription as the options --on, --collector and --advance say. */
bool decision_get(struct cli *cli, const char *rx, struct instalment_reply **reply);
/* The patient of a prescription: *patient is the patient's record. */
bool decision_patient(struct cli *cli, const char *rx, struct instalment_reply **patient);
/* Name and date of birth, as asked at the counter. */
void decision_say_patient(const struct cli *cli, const cJSON *patient);
/* Everything about it. */
void decision_say(const struct cli *cli, const cJSON *decision);
/* 0 where it may be supplied, perhaps after a check; 5 where it is held or refused. */
enum cli_status decision_status(const cJSON *decision);

#endif
