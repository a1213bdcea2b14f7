/*
 * What one line of a rule table says: the prescriptions and the calendar, what happened, what is asked and
 * the answer that the rules give. A scene is copied from the section's `plan:` line to each line below.
 */
#ifndef TESTS_RULES_SCENE_H
#define TESTS_RULES_SCENE_H

#include "core/decide.h"
#include "core/holidays.h"
#include "words.h"

#define SCENE_SHEETS 6
#define SCENE_ITEMS 4
#define SCENE_RUNS 40
#define SCENE_EVENTS 80
#define SCENE_TEXT 4096

/* The project's own data, as a pharmacy has them. */
struct scene_data {
    struct catalogue *catalogue;
    struct holidays *holidays;
};

/* One prescription as it is written down. */
struct sheet {
    struct prescription rx;
    struct item items[SCENE_ITEMS];
    struct dose_run runs[SCENE_ITEMS][SCENE_RUNS];
    struct days dates; /* of `collects on` */
};

struct happening {
    struct event event;
    struct days covers;
};

struct expected_item {
    quantity_t quantity;
    quantity_t supervised;
};

struct expected {
    enum verdict verdict;
    struct days covers;
    struct expected_item items[SCENE_ITEMS];
    size_t item_count;
    bool has_reason[REASON_COUNT];
    enum severity severity[REASON_COUNT];
    int32_t missed_days;
    int32_t missed_pickups; /* -1: not said, not compared */
    bool next_said;
    day_t next_due;
    bool last_said;
    day_t last_dosed;
};

struct scene {
    struct scene_data data;
    struct sheet sheets[SCENE_SHEETS];
    size_t sheet_count;
    size_t subject; /* the sheet that the words speak of */
    weekday_set weekly_closed;
    struct days bank_holidays;
    struct days closures;
    struct days unplanned;
    struct days opened;
    int32_t hold_after;
    struct happening happened[SCENE_EVENTS];
    size_t happened_count;
    struct request request;
    struct expected expected;
    char problem[PROBLEM_SIZE];
};

/* A scene with no prescription yet, never closed, default policy. */
void scene_init(struct scene *scene, struct scene_data data);

/* Each reads one column (cut in place); false, with scene->problem filled, where it is not understood. */
bool scene_given(struct scene *scene, char *text);
bool scene_happened(struct scene *scene, char *text);
bool scene_asked(struct scene *scene, char *text);
bool scene_answer(struct scene *scene, char *text);

/* Asks the core, and writes the expected and the given answer in the same words. False: could not be asked. */
bool scene_decide(struct scene *scene, char expected[SCENE_TEXT], char got[SCENE_TEXT]);

/* Lays the case out and calls `ask` with it. False where it could not be opened, or ask says so. */
bool scene_open(struct scene *scene, bool (*ask)(const struct rules_case *c, void *context), void *context);

/* ---- for the parts of the scene's reader ---- */

/* The first day with a dose, DAY_NONE where there is none. */
day_t sheet_first(const struct sheet *sheet);
bool sheet_has_dose(const struct sheet *sheet, day_t day);
bool sheet_collects(const struct sheet *sheet, day_t day);

/* Cuts a column at semicolons and gives each clause to `read`; a clause that leaves words is a problem. */
bool scene_clauses(struct scene *scene, char *text, bool (*read)(struct scene *scene, struct words *words));

/* Takes "A" .. "F" (an existing prescription, or the next one where `more`) as the subject. */
bool scene_subject(struct scene *scene, struct words *words, bool more);

#endif
