/*
 * Fourteen days of one dose, each collection day either collected or not, asked for every day and the day
 * after. The oracle knows days 0 to 13 and nothing of the core: instalments are stretches between collection
 * days, a day has its dose where its stretch was collected on its first day.
 */
#include "patterns.h"

#include <stdio.h>

#define PLAN_DAYS 14
#define DOSE 60000
#define SHOWN 5

struct pattern {
    const char *name;
    bool collects[PLAN_DAYS];
    size_t collect_days[PLAN_DAYS];
    size_t collect_count;
    unsigned collected; /* bit i: the i-th collection day */
    bool w2;
    size_t today; /* 0 .. 14 */
};

struct oracle {
    int run;
    size_t first; /* of the days supplied now, none where first > last */
    size_t last;
    enum verdict verdict;
};

/* The place of the collection day whose stretch a day belongs to. */
static size_t stretch_of(const struct pattern *p, size_t day) {
    size_t place = 0;
    while (place + 1 < p->collect_count && p->collect_days[place + 1] <= day) {
        place++;
    }
    return place;
}

/* Only collections before today count: today's is asked for now. */
static bool has_dose(const struct pattern *p, size_t day) {
    size_t place = stretch_of(p, day);
    return p->collect_days[place] < p->today && ((p->collected >> place) & 1U) != 0;
}

static struct oracle oracle_ask(const struct pattern *p) {
    struct oracle o = {.first = 1, .last = 0, .verdict = VERDICT_REFUSE};
    size_t day = p->today;
    bool any_before = false;
    for (size_t d = 0; d < day; d++) {
        any_before = any_before || has_dose(p, d);
        o.run = has_dose(p, d) ? 0 : o.run + 1;
    }
    if (day == PLAN_DAYS || has_dose(p, day) || (!p->collects[day] && !p->w2)) {
        return o;
    }
    size_t place = stretch_of(p, day);
    o.first = day;
    o.last = place + 1 < p->collect_count ? p->collect_days[place + 1] - 1 : PLAN_DAYS - 1;
    o.verdict = o.run >= 3 ? VERDICT_HOLD : !any_before ? VERDICT_CHECK : VERDICT_SUPPLY;
    return o;
}

static bool answer_agrees(const struct oracle *want, const struct decision *got, day_t monday) {
    size_t count = want->last >= want->first ? want->last - want->first + 1 : 0;
    bool held = false;
    for (size_t i = 0; i < got->reason_count; i++) {
        held = held || got->reasons[i].code == REASON_THREE_DAY_RULE;
    }
    bool same = got->verdict == want->verdict && got->missed_days == want->run && held == (want->run >= 3) &&
                got->cover_count == count && got->item_count == (count > 0 ? 1 : 0);
    for (size_t i = 0; same && i < count; i++) {
        same = got->covers[i] == monday + (day_t)(want->first + i);
    }
    return same && (count == 0 || got->items[0].quantity == (quantity_t)count * DOSE);
}

/* The core's case for this pattern, with the collections up to yesterday. */
static bool pattern_ask(const struct pattern *p, const struct product *product, struct decision *decision) {
    const day_t monday = day_from_civil(2026, 11, 23);
    struct event events[PLAN_DAYS];
    day_t covers[PLAN_DAYS];
    day_t dates[PLAN_DAYS];
    size_t event_count = 0;
    for (size_t d = 0; d < PLAN_DAYS; d++) {
        covers[d] = monday + (day_t)d;
    }
    for (size_t i = 0; i < p->collect_count; i++) {
        size_t from = p->collect_days[i];
        size_t next = i + 1 < p->collect_count ? p->collect_days[i + 1] : PLAN_DAYS;
        dates[i] = covers[from];
        if (((p->collected >> i) & 1U) != 0 && from < p->today) {
            events[event_count++] = (struct event){.kind = EVENT_SUPPLIED,
                                                   .on = covers[from],
                                                   .covers = {.days = covers + from, .count = next - from}};
        }
    }
    const struct dose_run run = {monday, PLAN_DAYS, DOSE, QUANTITY_NONE};
    const struct item item = {.product = product, .runs = &run, .run_count = 1, .total = QUANTITY_NONE};
    const struct prescription rx = {
        .stage = STAGE_STABLE,
        .wording = p->w2 ? WORDING_W2 : 0,
        .signed_on = monday - 3,
        .start_on = DAY_NONE,
        .entered_on = DAY_NONE,
        .stopped_from = DAY_NONE,
        .items = &item,
        .item_count = 1,
        .collect = {.kind = COLLECT_DATES, .dates = {.days = dates, .count = p->collect_count}},
        .replaces = PRESCRIPTION_NONE,
        .together_with = PRESCRIPTION_NONE};
    const struct calendar calendar = {0};
    const struct case_input input = {&rx, 1, events, event_count, &calendar, {POLICY_HOLD_DEFAULT}};
    const struct request request = {.on = monday + (day_t)p->today};
    const struct oracle want = oracle_ask(p);
    struct rules_case c;
    bool agrees =
        case_open(&c, &input) && decide(&c, &request, decision) && answer_agrees(&want, decision, monday);
    case_close(&c);
    return agrees;
}

static size_t plan_run(struct pattern *p, const struct product *product, size_t *asked) {
    struct decision decision;
    size_t wrong = 0;
    decision_init(&decision);
    for (p->collected = 0; p->collected < 1U << p->collect_count; p->collected++) {
        for (p->today = 0; p->today <= PLAN_DAYS; p->today++) {
            (*asked)++;
            if (!pattern_ask(p, product, &decision) && wrong++ < SHOWN) {
                printf("patterns: %s%s, collected %#x, day %zu: the oracle says otherwise\n", p->name,
                       p->w2 ? " with W2" : "", p->collected, p->today);
            }
        }
    }
    decision_release(&decision);
    return wrong;
}

size_t patterns_run(const struct product *product, size_t *asked) {
    /* Fourteen days from a Monday, x: a collection day */
    static const struct {
        const char *name;
        const char *days;
    } plans[] = {
        {"daily", "xxxxxxxxxxxxxx"},
        {"Monday to Friday", "xxxxx..xxxxx.."},
        {"Monday to Saturday", "xxxxxx.xxxxxx."},
        {"Monday, Wednesday, Friday", "x.x.x..x.x.x.."},
        {"every second day", "x.x.x.x.x.x.x."},
        {"every third day", "x..x..x..x..x."},
        {"Monday and Thursday", "x..x...x..x..."},
        {"weekly", "x......x......"},
        {"once", "x............."},
    };
    size_t wrong = 0;
    for (size_t i = 0; i < sizeof plans / sizeof plans[0]; i++) {
        struct pattern p = {.name = plans[i].name};
        for (size_t d = 0; d < PLAN_DAYS; d++) {
            p.collects[d] = plans[i].days[d] == 'x';
            if (p.collects[d]) {
                p.collect_days[p.collect_count++] = d;
            }
        }
        for (int w2 = 0; w2 < 2; w2++) {
            p.w2 = w2 == 1;
            wrong += plan_run(&p, product, asked);
        }
    }
    return wrong;
}
