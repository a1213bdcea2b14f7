/*
 * A stored prescription as the rules see it.
 */
#ifndef INSTALMENT_DESK_PRESCRIPTION_RULES_H
#define INSTALMENT_DESK_PRESCRIPTION_RULES_H

#include "desk.h"
#include "store/prescription.h"

/*
 * Fills everything but stops, holds, `replaces` and `together_with`, which are other facts. Items keep the class, schedule
 * and strength they were entered with, whatever the catalogue says now. In the arena; false where memory is short.
 */
bool prescription_rules(struct tx *tx, const struct prescription_row *row, struct prescription *out);

/* The texts of the interface for the core's enums, and back: false where the text is none. */
const char *form_text(enum prescription_form form);
const char *stage_text(enum stage stage);
const char *class_text(enum drug_class drug_class);
bool class_from_text(const char *text, enum drug_class *out);
const char *collection_kind_text(enum collection_kind kind);
const char *supervision_kind_text(enum supervision_kind kind);

#endif
