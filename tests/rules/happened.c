/* The columns of what happened, and of what is asked. */
#include <stdio.h>
#include <string.h>

#include "scene.h"

#define DAY_SECONDS INT64_C(86400)

static struct happening *happened_add(struct scene *scene, enum event_kind kind, day_t on) {
    if (scene->happened_count == SCENE_EVENTS) {
        return NULL;
    }
    struct happening *one = &scene->happened[scene->happened_count++];
    memset(one, 0, sizeof *one);
    one->event.kind = kind;
    one->event.prescription = scene->subject;
    one->event.on = on;
    one->event.resume_on = DAY_NONE;
    one->event.for_day = DAY_NONE;
    return one;
}

/* What is collected on a day: its own dose and those up to the day before the next collection day. */
static void covers_of(const struct sheet *sheet, day_t day, struct days *out) {
    day_t end = day + PLAN_DAYS_MAX;
    for (day_t d = day; d < end && (d == day || !sheet_collects(sheet, d)); d++) {
        if (sheet_has_dose(sheet, d) && !days_add(out, d)) {
            break;
        }
    }
}

/* ---- supplies ---- */

/* One supply on each collection day of a range, or on one day. */
static bool supplied_days(struct scene *scene, struct words *words, struct happening **last) {
    const struct sheet *sheet = &scene->sheets[scene->subject];
    day_t from = DAY_NONE;
    while (words_date(words, &from)) {
        day_t to = from;
        bool range = words_take(words, "to");
        if (range && !words_date(words, &to)) {
            return words_fail(words, "a date must follow 'to'");
        }
        for (day_t day = from; day <= to; day++) {
            if (range && !sheet_collects(sheet, day)) {
                continue;
            }
            *last = happened_add(scene, EVENT_SUPPLIED, day);
            if (*last == NULL) {
                return words_fail(words, "too much happened");
            }
            covers_of(sheet, day, &(*last)->covers);
        }
    }
    return *last != NULL || words_fail(words, "a date must stand here");
}

static bool supplied(struct scene *scene, struct words *words, enum event_kind kind, bool incomplete) {
    struct happening *last = NULL;
    size_t first = scene->happened_count;
    if (!supplied_days(scene, words, &last)) {
        return false;
    }
    if (words_take(words, "for")) {
        last->covers.count = 0;
        if (!words_days(words, &last->covers)) {
            return words_fail(words, "dates must follow 'for'");
        }
    }
    if (words_take(words, "at")) {
        if (!words_clock(words, &last->event.at)) {
            return false;
        }
        last->event.at += last->event.on * DAY_SECONDS;
    }
    for (size_t i = first; i < scene->happened_count; i++) {
        scene->happened[i].event.kind = kind;
        scene->happened[i].event.incomplete = incomplete;
    }
    return true;
}

static bool happened_collected(struct scene *scene, struct words *words) {
    return supplied(scene, words, EVENT_SUPPLIED, false);
}

static bool happened_incomplete(struct scene *scene, struct words *words) {
    return supplied(scene, words, EVENT_SUPPLIED, true);
}

static bool happened_irregular(struct scene *scene, struct words *words) {
    return supplied(scene, words, EVENT_IRREGULAR, false);
}

/* ---- other events ---- */

static bool happened_on_days(struct scene *scene, struct words *words, bool record, enum event_kind kind) {
    struct days days = {.count = 0};
    if (!words_days(words, &days)) {
        return words_fail(words, "dates must stand here");
    }
    for (size_t i = 0; record && i < days.count; i++) {
        if (happened_add(scene, kind, days.list[i]) == NULL) {
            return words_fail(words, "too much happened");
        }
    }
    return true;
}

static bool happened_withheld(struct scene *scene, struct words *words) {
    return happened_on_days(scene, words, true, EVENT_WITHHELD);
}

static bool happened_deferred(struct scene *scene, struct words *words) {
    return happened_on_days(scene, words, true, EVENT_DEFERRED);
}

/* Recorded, but no fact that the decision knows: no dose, and a reversed supply doses no day (M10, M11). */
static bool happened_without_effect(struct scene *scene, struct words *words) {
    return happened_on_days(scene, words, false, EVENT_SUPPLIED);
}

static bool happened_elsewhere(struct scene *scene, struct words *words) {
    struct happening *one = happened_add(scene, EVENT_DOSED_ELSEWHERE, DAY_NONE);
    if (one == NULL) {
        return words_fail(words, "too much happened");
    }
    struct event *event = &one->event;
    event->drug_class = words_take(words, "benzodiazepine") ? CLASS_BENZODIAZEPINE : CLASS_OPIOID;
    if (!words_date(words, &event->from)) {
        return words_fail(words, "a date must stand here");
    }
    event->to = event->from;
    event->on = event->from;
    if (words_take(words, "to") && !words_date(words, &event->to)) {
        return words_fail(words, "a date must follow 'to'");
    }
    event->unlike = words_take(words, "in prison") || words_take(words, "dose unknown") ||
                    words_take(words, "dose different");
    return !words_take(words, "recorded") || words_date(words, &event->on) ||
           words_fail(words, "a date must follow 'recorded'");
}

static bool consulted_for_day(struct words *words, struct event *event, enum consultation_outcome outcome) {
    event->outcome = outcome;
    return (words_take(words, "on") && words_date(words, &event->for_day)) ||
           words_fail(words, "'on' and a date must stand here");
}

static bool happened_consulted(struct scene *scene, struct words *words) {
    day_t on = DAY_NONE;
    words_take(words, "on");
    struct happening *one = words_date(words, &on) ? happened_add(scene, EVENT_CONSULTATION, on) : NULL;
    if (one == NULL) {
        return words_fail(words, "a date must stand here");
    }
    struct event *event = &one->event;
    if (words_take(words, "continue")) {
        event->outcome = CONSULTED_CONTINUE;
        return !words_take(words, "until") || words_date(words, &event->resume_on) ||
               words_fail(words, "a date must follow 'until'");
    }
    if (words_take(words, "stop")) {
        event->outcome = CONSULTED_STOP;
        return true;
    }
    if (words_take(words, "new prescription")) {
        event->outcome = CONSULTED_NEW_PRESCRIPTION;
        return true;
    }
    if (words_take(words, "representative")) {
        return consulted_for_day(words, event, CONSULTED_ALLOW_REPRESENTATIVE);
    }
    if (words_take(words, "exception")) {
        return consulted_for_day(words, event, CONSULTED_ALLOW_ONCE) && words_take(words, "for") &&
               words_days(words, &one->covers);
    }
    return words_fail(words, "continue, stop, new prescription, representative, or exception");
}

static const struct {
    const char *phrase;
    bool (*read)(struct scene *scene, struct words *words);
} verbs[] = {
    {"collected nothing", happened_without_effect},
    {"collected", happened_collected},
    {"vomited", happened_incomplete},
    {"spilled", happened_incomplete},
    {"left", happened_incomplete},
    {"took part", happened_incomplete},
    {"supplied outside the rules", happened_irregular},
    {"withheld", happened_withheld},
    {"deferred", happened_deferred},
    {"did not come", happened_without_effect},
    {"declined", happened_without_effect},
    {"came without a supply", happened_without_effect},
    {"reversed", happened_without_effect},
    {"dosed elsewhere", happened_elsewhere},
    {"consulted", happened_consulted},
};

static bool happened_clause(struct scene *scene, struct words *words) {
    scene_subject(scene, words, false);
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (words_take(words, verbs[i].phrase)) {
            return verbs[i].read(scene, words);
        }
    }
    return words_take(words, "nothing") || words_take(words, "-");
}

bool scene_happened(struct scene *scene, char *text) {
    return scene_clauses(scene, text, happened_clause);
}

/* ---- what is asked ---- */

static bool asked_word(struct request *request, struct words *words) {
    struct situation *now = &request->situation;
    const struct {
        const char *phrase;
        bool *flag;
    } flags[] = {
        {"with advance", &request->advance},
        {"to supply", &now->supply},
        {"clock behind", &now->clock_suspect},
        {"no pharmacist", &now->no_pharmacist},
        {"deceased", &now->deceased},
        {"already closed", &now->day_closed},
        {"after the cut-off", &now->after_cut_off},
        {"with entry checks", &now->entry_checks},
        {"less than decided", &now->part},
        {"agreed", &now->part_agreed},
    };
    for (size_t i = 0; i < sizeof flags / sizeof flags[0]; i++) {
        if (words_take(words, flags[i].phrase)) {
            *flags[i].flag = true;
            return true;
        }
    }
    if (words_take(words, "representative")) {
        request->collector = COLLECTOR_REPRESENTATIVE;
    } else if (words_take(words, "professional")) {
        request->collector = COLLECTOR_PROFESSIONAL;
    } else if (words_take(words, "today")) {
        return words_date(words, &now->today);
    } else if (words_take(words, "at")) {
        bool ok = words_clock(words, &now->now);
        now->now += request->on * DAY_SECONDS;
        return ok;
    } else {
        return false;
    }
    return true;
}

static bool asked_clause(struct scene *scene, struct words *words) {
    struct request *request = &scene->request;
    memset(request, 0, sizeof *request);
    scene_subject(scene, words, false);
    request->prescription = scene->subject;
    words_take(words, "on");
    if (!words_date(words, &request->on)) {
        return words_fail(words, "the day asked about must stand here");
    }
    request->situation.today = request->on;
    while (!words_end(words)) {
        if (!asked_word(request, words)) {
            return false;
        }
    }
    return true;
}

bool scene_asked(struct scene *scene, char *text) {
    return scene_clauses(scene, text, asked_clause);
}
