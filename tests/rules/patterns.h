/* Every pattern of missed collections over fourteen days, against an oracle of its own (hazard H05). */
#ifndef TESTS_RULES_PATTERNS_H
#define TESTS_RULES_PATTERNS_H

#include "core/decide.h"

/* Asks every pattern; returns how many answers were wrong (the first few printed) and counts all in *asked. */
size_t patterns_run(const struct product *product, size_t *asked);

#endif
