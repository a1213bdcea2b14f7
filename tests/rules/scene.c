#include "scene.h"

#include <stdio.h>
#include <string.h>

void scene_init(struct scene *scene, struct scene_data data) {
    memset(scene, 0, sizeof *scene);
    scene->data = data;
    scene->hold_after = POLICY_HOLD_DEFAULT;
}

day_t sheet_first(const struct sheet *sheet) {
    day_t first = DAY_NONE;
    for (size_t i = 0; i < sheet->rx.item_count; i++) {
        for (size_t r = 0; r < sheet->items[i].run_count; r++) {
            const struct dose_run *run = &sheet->runs[i][r];
            if (run->dose != 0 && (first == DAY_NONE || run->from < first)) {
                first = run->from;
            }
        }
    }
    return first;
}

bool sheet_has_dose(const struct sheet *sheet, day_t day) {
    for (size_t i = 0; i < sheet->rx.item_count; i++) {
        for (size_t r = 0; r < sheet->items[i].run_count; r++) {
            const struct dose_run *run = &sheet->runs[i][r];
            if (run->dose != 0 && day >= run->from && day < run->from + run->days) {
                return true;
            }
        }
    }
    return false;
}

static bool days_have(const struct days *days, day_t day) {
    for (size_t i = 0; i < days->count; i++) {
        if (days->list[i] == day) {
            return true;
        }
    }
    return false;
}

bool sheet_collects(const struct sheet *sheet, day_t day) {
    const struct collection *collect = &sheet->rx.collect;
    day_t first = sheet_first(sheet);
    switch (collect->kind) {
    case COLLECT_WEEKDAYS: return day == first || day_in_weekdays(day, collect->weekdays);
    case COLLECT_EVERY_DAYS: return (day - first) % collect->every_days == 0;
    case COLLECT_DATES: break;
    }
    return day == first || days_have(&sheet->dates, day);
}

/* ---- columns ---- */

bool scene_subject(struct scene *scene, struct words *words, bool more) {
    const char *word = words_peek(words);
    if (word[0] < 'A' || word[0] > 'F' || word[1] != '\0') {
        return false;
    }
    size_t sheet = (size_t)(word[0] - 'A');
    if (sheet > scene->sheet_count || (sheet == scene->sheet_count && !more)) {
        return words_fail(words, "there is no such prescription");
    }
    scene->subject = sheet;
    words->at++;
    return true;
}

/* Where the dates of a column begin: the plan of the first prescription. */
static day_t scene_near(const struct scene *scene) {
    day_t first = scene->sheet_count > 0 ? sheet_first(&scene->sheets[0]) : DAY_NONE;
    return first != DAY_NONE ? first : day_from_civil(2026, 11, 23);
}

bool scene_clauses(struct scene *scene, char *text, bool (*read)(struct scene *scene, struct words *words)) {
    day_t near = scene_near(scene);
    scene->subject = 0;
    for (char *clause = text; clause != NULL;) {
        char *end = strchr(clause, ';');
        if (end != NULL) {
            *end = '\0';
        }
        struct words words;
        words_cut(&words, clause, near);
        if (words.count > 0 && (!read(scene, &words) || !words_end(&words) || words.problem[0] != '\0')) {
            words_fail(&words, "not understood");
            (void)snprintf(scene->problem, sizeof scene->problem, "%s", words.problem);
            return false;
        }
        near = words.near;
        clause = end == NULL ? NULL : end + 1;
    }
    return true;
}

/* ---- asking the core ---- */

static int compare_days(const day_t *a, const day_t *b) {
    return (*a > *b) - (*a < *b);
}

static struct day_list days_sorted(struct days *days) {
    for (size_t i = 1; i < days->count; i++) {
        for (size_t k = i; k > 0 && compare_days(&days->list[k - 1], &days->list[k]) > 0; k--) {
            day_t swapped = days->list[k];
            days->list[k] = days->list[k - 1];
            days->list[k - 1] = swapped;
        }
    }
    return (struct day_list){.days = days->list, .count = days->count};
}

static void write_text(char out[SCENE_TEXT], const char *text) {
    size_t len = strlen(out);
    (void)snprintf(out + len, SCENE_TEXT - len, "%s", text);
}

static void write_number(char out[SCENE_TEXT], const char *what, int32_t number) {
    char digits[16];
    (void)snprintf(digits, sizeof digits, " %d", (int)number);
    write_text(out, what);
    write_text(out, digits);
}

static void write_day(char out[SCENE_TEXT], const char *what, day_t day) {
    char text[DAY_LABEL_SIZE] = "none";
    if (day != DAY_NONE) {
        day_format_label(day, text);
    }
    write_text(out, what);
    write_text(out, text);
}

static void write_item(char out[SCENE_TEXT], quantity_t quantity, quantity_t supervised) {
    char text[QUANTITY_TEXT_SIZE];
    quantity_format(quantity, text);
    write_text(out, ", ");
    write_text(out, text);
    quantity_format(supervised, text);
    write_text(out, " (supervised ");
    write_text(out, text);
    write_text(out, ")");
}

static void write_reasons(char out[SCENE_TEXT], const bool has[REASON_COUNT],
                          const enum severity severity[REASON_COUNT]) {
    static const enum severity strict_first[] = {SEVERITY_REFUSE, SEVERITY_HOLD, SEVERITY_CHECK,
                                                 SEVERITY_NOTE};
    for (size_t s = 0; s < sizeof strict_first / sizeof strict_first[0]; s++) {
        bool any = false;
        for (size_t i = 0; i < REASON_COUNT; i++) {
            if (has[i] && severity[i] == strict_first[s]) {
                write_text(out, any ? "" : "; ");
                write_text(out, any ? "" : severity_text(severity[i]));
                write_text(out, " ");
                write_text(out, reason_code_text((enum reason_code)i));
                any = true;
            }
        }
    }
}

static void write_expected(struct scene *scene, char out[SCENE_TEXT]) {
    struct expected *want = &scene->expected;
    out[0] = '\0';
    write_text(out, verdict_text(want->verdict));
    struct day_list covers = days_sorted(&want->covers);
    for (size_t i = 0; i < covers.count; i++) {
        write_day(out, " ", covers.days[i]);
    }
    for (size_t i = 0; i < want->item_count; i++) {
        write_item(out, want->items[i].quantity, want->items[i].supervised);
    }
    write_reasons(out, want->has_reason, want->severity);
    write_number(out, "; missed", want->missed_days);
    if (want->missed_pickups >= 0) {
        write_number(out, "; pickups", want->missed_pickups);
    }
    if (want->next_said) {
        write_day(out, "; next ", want->next_due);
    }
    if (want->last_said) {
        write_day(out, "; last ", want->last_dosed);
    }
}

static void write_got(const struct expected *want, const struct decision *got, char out[SCENE_TEXT]) {
    bool has[REASON_COUNT] = {false};
    enum severity severity[REASON_COUNT] = {SEVERITY_NOTE};
    out[0] = '\0';
    write_text(out, verdict_text(got->verdict));
    for (size_t i = 0; i < got->cover_count; i++) {
        write_day(out, " ", got->covers[i]);
    }
    for (size_t i = 0; i < got->item_count; i++) {
        const struct decided_item *item = &got->items[i];
        write_item(out, item->quantity, item->supervised);
        if (item->supervised + item->take_home != item->quantity) {
            write_text(out, " (take-home wrong)");
        }
    }
    for (size_t i = 0; i < got->reason_count; i++) {
        has[got->reasons[i].code] = true;
        severity[got->reasons[i].code] = got->reasons[i].severity;
    }
    write_reasons(out, has, severity);
    write_number(out, "; missed", got->missed_days);
    if (want->missed_pickups >= 0) {
        write_number(out, "; pickups", got->missed_pickups);
    }
    if (want->next_said) {
        write_day(out, "; next ", got->next_due);
    }
    if (want->last_said) {
        write_day(out, "; last ", got->last_dosed);
    }
}

bool scene_open(struct scene *scene, bool (*ask)(const struct rules_case *c, void *context), void *context) {
    struct prescription prescriptions[SCENE_SHEETS];
    struct event events[SCENE_EVENTS];
    for (size_t i = 0; i < scene->sheet_count; i++) {
        struct sheet *sheet = &scene->sheets[i];
        for (size_t k = 0; k < sheet->rx.item_count; k++) {
            sheet->items[k].runs = sheet->runs[k];
        }
        sheet->rx.items = sheet->items;
        sheet->rx.collect.dates = days_sorted(&sheet->dates);
        sheet->rx.drug_class = sheet->items[0].product->drug_class;
        prescriptions[i] = sheet->rx;
    }
    for (size_t i = 0; i < scene->happened_count; i++) {
        events[i] = scene->happened[i].event;
        events[i].covers = days_sorted(&scene->happened[i].covers);
    }
    const struct calendar calendar = {.weekly_closed = scene->weekly_closed,
                                      .bank_holidays = days_sorted(&scene->bank_holidays),
                                      .closures = days_sorted(&scene->closures),
                                      .unplanned = days_sorted(&scene->unplanned),
                                      .opened = days_sorted(&scene->opened)};
    const struct case_input input = {.prescriptions = prescriptions,
                                     .prescription_count = scene->sheet_count,
                                     .events = events,
                                     .event_count = scene->happened_count,
                                     .calendar = &calendar,
                                     .policy = {.hold_after_missed_days = scene->hold_after}};
    struct rules_case c;
    bool ok = case_open(&c, &input) && ask(&c, context);
    if (!ok) {
        (void)snprintf(scene->problem, sizeof scene->problem, "the case could not be opened");
    }
    case_close(&c);
    return ok;
}

struct question {
    const struct scene *scene;
    char *got;
};

static bool question_ask(const struct rules_case *c, void *context) {
    const struct question *question = context;
    struct decision decision;
    decision_init(&decision);
    bool ok = decide(c, &question->scene->request, &decision);
    write_got(&question->scene->expected, &decision, question->got);
    decision_release(&decision);
    return ok;
}

bool scene_decide(struct scene *scene, char expected[SCENE_TEXT], char got[SCENE_TEXT]) {
    struct question question = {scene, got};
    write_expected(scene, expected);
    return scene_open(scene, question_ask, &question);
}
