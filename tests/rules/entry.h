/* A case of entry: what the form says, and what is found when it is typed (rules.md, section 2). */
#ifndef TESTS_RULES_ENTRY_H
#define TESTS_RULES_ENTRY_H

#include "core/check.h"
#include "scene.h"

/*
 * Reads the columns `on the form` and `found`, asks the core, and writes both answers in the same words.
 * False, with scene->problem filled, where a column is not understood.
 */
bool entry_case(struct scene *scene, char *form, char *found, char expected[SCENE_TEXT],
                char got[SCENE_TEXT]);

#endif
