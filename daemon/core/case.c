#include "case.h"

#include <stdlib.h>
#include <string.h>

static struct dosing *case_dosing(const struct course *course, day_t day) {
    const struct plan *plan = &course->plan;
    if (plan->length > 0 && day >= plan->first && day <= plan->last) {
        return &course->dosing[day - plan->first];
    }
    for (size_t i = 0; i < course->stray_count; i++) {
        if (course->strays[i].day == day) {
            return &course->strays[i].dosing;
        }
    }
    return NULL;
}

/* The dosing of a day that is about to be noted; a day outside the plan gets a place of its own. */
static struct dosing *case_dosing_for(struct course *course, day_t day) {
    struct dosing *known = case_dosing(course, day);
    if (known != NULL) {
        return known;
    }
    struct stray *more = realloc(course->strays, (course->stray_count + 1) * sizeof *more);
    if (more == NULL) {
        return NULL;
    }
    course->strays = more;
    more[course->stray_count] = (struct stray){.day = day, .dosing = {.supplied_on = DAY_NONE}};
    return &more[course->stray_count++].dosing;
}

/* The first supply of a day counts; of two on one day, a dose that was taken whole. */
static void case_note_day(struct dosing *dosing, const struct event *event, day_t day) {
    bool incomplete = event->incomplete && day == event->on;
    if (dosing->supplied_on == DAY_NONE || event->on < dosing->supplied_on) {
        dosing->supplied_on = event->on;
        dosing->incomplete = incomplete;
    } else if (event->on == dosing->supplied_on && !incomplete) {
        dosing->incomplete = false;
    }
}

static bool case_note_supply(struct course *course, const struct event *event) {
    if (event->on < course->first_supplied_on) {
        course->first_supplied_on = event->on;
    }
    for (size_t i = 0; i < event->covers.count; i++) {
        struct dosing *dosing = case_dosing_for(course, event->covers.days[i]);
        if (dosing == NULL) {
            return false;
        }
        case_note_day(dosing, event, event->covers.days[i]);
    }
    return true;
}

static void case_note_stop(struct course *course, day_t from) {
    if (from != DAY_NONE && from < course->stopped_from) {
        course->stopped_from = from;
    }
}

/* Joins the groups of two prescriptions that are given together, whoever names whom. */
static void case_join(struct rules_case *c, size_t one, size_t other) {
    size_t from = c->courses[one].group;
    size_t to = c->courses[other].group;
    for (size_t i = 0; i < c->input.prescription_count; i++) {
        if (c->courses[i].group == from) {
            c->courses[i].group = to;
        }
    }
}

static bool case_course_open(struct rules_case *c, size_t index) {
    const struct prescription *rx = &c->input.prescriptions[index];
    struct course *course = &c->courses[index];
    course->stopped_from = DAY_NEVER;
    course->first_supplied_on = DAY_NEVER;
    course->group = index;
    if (!plan_build(&course->plan, rx, c->input.calendar)) {
        return false;
    }
    size_t length = course->plan.length;
    if (length > 0) {
        course->dosing = malloc(length * sizeof *course->dosing);
        if (course->dosing == NULL) {
            return false;
        }
        for (size_t i = 0; i < length; i++) {
            course->dosing[i] = (struct dosing){.supplied_on = DAY_NONE};
        }
        if (course->plan.first < c->earliest[rx->drug_class]) {
            c->earliest[rx->drug_class] = course->plan.first;
        }
    }
    return true;
}

static bool case_link(struct rules_case *c) {
    const struct case_input *input = &c->input;
    for (size_t i = 0; i < input->prescription_count; i++) {
        const struct prescription *rx = &input->prescriptions[i];
        case_note_stop(&c->courses[i], rx->stopped_from);
        if (rx->replaces != PRESCRIPTION_NONE) {
            case_note_stop(&c->courses[rx->replaces], rx->replaces_from);
        }
        if (rx->together_with != PRESCRIPTION_NONE) {
            case_join(c, i, rx->together_with);
        }
    }
    for (size_t i = 0; i < input->prescription_count; i++) {
        for (size_t other = 0; other < i; other++) {
            if (c->courses[other].group == c->courses[i].group) {
                c->courses[other].grouped = true;
                c->courses[i].grouped = true;
            }
        }
    }
    for (size_t i = 0; i < input->event_count; i++) {
        const struct event *event = &input->events[i];
        bool supply = event->kind == EVENT_SUPPLIED || event->kind == EVENT_IRREGULAR;
        if (supply && !case_note_supply(&c->courses[event->prescription], event)) {
            return false;
        }
    }
    return true;
}

bool case_open(struct rules_case *c, const struct case_input *input) {
    memset(c, 0, sizeof *c);
    c->input = *input;
    for (size_t i = 0; i < CLASS_COUNT; i++) {
        c->earliest[i] = DAY_NEVER;
    }
    c->courses = calloc(input->prescription_count, sizeof *c->courses);
    bool ok = c->courses != NULL;
    for (size_t i = 0; ok && i < input->prescription_count; i++) {
        ok = case_course_open(c, i);
    }
    if (!ok || !case_link(c)) {
        case_close(c);
        return false;
    }
    return true;
}

void case_close(struct rules_case *c) {
    for (size_t i = 0; c->courses != NULL && i < c->input.prescription_count; i++) {
        plan_release(&c->courses[i].plan);
        free(c->courses[i].dosing);
        free(c->courses[i].strays);
    }
    free(c->courses);
    memset(c, 0, sizeof *c);
}

bool case_supplied(const struct course *course, day_t day, day_t known_on) {
    const struct dosing *dosing = case_dosing(course, day);
    return dosing != NULL && dosing->supplied_on != DAY_NONE && dosing->supplied_on <= known_on;
}

bool case_taken(const struct course *course, day_t day, day_t known_on) {
    const struct dosing *dosing = case_dosing(course, day);
    return dosing != NULL && dosing->supplied_on != DAY_NONE && dosing->supplied_on <= known_on &&
           !dosing->incomplete;
}

day_t case_last_supplied(const struct course *course, day_t before, day_t known_on) {
    day_t last = DAY_NONE;
    for (size_t i = 0; i < course->stray_count; i++) {
        const struct stray *stray = &course->strays[i];
        if (stray->day < before && stray->day > last && stray->dosing.supplied_on <= known_on) {
            last = stray->day;
        }
    }
    const struct plan *plan = &course->plan;
    day_t day = plan->last < before ? plan->last : before - 1;
    while (plan->length > 0 && day >= plan->first && day > last && !case_supplied(course, day, known_on)) {
        day--;
    }
    return plan->length > 0 && day >= plan->first && day > last ? day : last;
}

bool case_dosed_elsewhere(const struct rules_case *c, enum drug_class drug_class, day_t day, day_t known_on) {
    for (size_t i = 0; i < c->input.event_count; i++) {
        const struct event *event = &c->input.events[i];
        if (event->kind == EVENT_DOSED_ELSEWHERE && event->drug_class == drug_class &&
            event->on <= known_on && day >= event->from && day <= event->to) {
            return true;
        }
    }
    return false;
}

bool case_dosed_otherwise(const struct rules_case *c, size_t prescription, day_t day, day_t known_on) {
    enum drug_class drug_class = c->input.prescriptions[prescription].drug_class;
    for (size_t i = 0; i < c->input.prescription_count; i++) {
        if (c->input.prescriptions[i].drug_class == drug_class &&
            c->courses[i].group != c->courses[prescription].group &&
            case_supplied(&c->courses[i], day, known_on)) {
            return true;
        }
    }
    return case_dosed_elsewhere(c, drug_class, day, known_on);
}

/* Was a dose of the class taken whole on a day from `since` to the one before `on` (M2's walk ends there)? */
static bool case_taken_since(const struct rules_case *c, enum drug_class drug_class, day_t since, day_t on) {
    for (size_t i = 0; i < c->input.prescription_count; i++) {
        for (day_t day = on - 1; c->input.prescriptions[i].drug_class == drug_class && day >= since; day--) {
            if (case_taken(&c->courses[i], day, on)) {
                return true;
            }
        }
    }
    return false;
}

/* Was a day from `since` on supplied in this prescription's class by anything but its partners (D16, D17)? */
static bool case_supplied_since(const struct rules_case *c, size_t prescription, day_t since, day_t on) {
    for (size_t i = 0; i < c->input.prescription_count; i++) {
        bool partner = i != prescription && c->courses[i].group == c->courses[prescription].group;
        if (c->input.prescriptions[i].drug_class == c->input.prescriptions[prescription].drug_class &&
            !partner && case_last_supplied(&c->courses[i], on, on) >= since) {
            return true;
        }
    }
    return false;
}

bool case_reaches(const struct rules_case *c, day_t since, day_t on) {
    for (size_t i = 0; i < c->input.prescription_count; i++) {
        if (!case_taken_since(c, c->input.prescriptions[i].drug_class, since, on) ||
            !case_supplied_since(c, i, since, on)) {
            return false;
        }
    }
    return true;
}

day_t case_stop_day(const struct rules_case *c, size_t prescription, day_t known_on) {
    day_t stop = c->courses[prescription].stopped_from;
    for (size_t i = 0; i < c->input.event_count; i++) {
        const struct event *event = &c->input.events[i];
        if (event->kind == EVENT_CONSULTATION && event->outcome == CONSULTED_STOP &&
            event->prescription == prescription && event->on <= known_on && event->on < stop) {
            stop = event->on;
        }
    }
    return stop;
}

bool case_plan_covers(const struct rules_case *c, size_t prescription, day_t day, day_t known_on) {
    const struct plan *plan = &c->courses[prescription].plan;
    const day_t entered = plan->prescription->entered_on;
    return plan->length > 0 && day >= plan->first && day <= plan->last &&
           (entered == DAY_NONE || day >= entered) && day < case_stop_day(c, prescription, known_on);
}
