/*
 * The one version of program, rules and interface.
 */
#ifndef INSTALMENT_VERSION_H
#define INSTALMENT_VERSION_H

#define INSTALMENT_VERSION "0.1.0"

/* The version of the dispensing rules (docs/rules.md), as every decision carries it. */
#define INSTALMENT_RULES_VERSION "2026.1"

#endif
