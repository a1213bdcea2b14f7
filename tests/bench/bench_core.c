/*
 * Decisions a second in memory, on one core: a plan of fourteen days collected daily, ten supplies recorded.
 *
 * Three figures: a case laid out once and asked for every day of its plan; a case laid out anew for each
 * decision; and a patient with a history of a year (26 prescriptions), laid out once.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "core/decide.h"
#include "embed/embed.h"

EMBED_DECLARE(config_catalogue_conf);

#define PLAN_DAYS 14
#define EVENTS 10
#define YEAR_PLANS 26
#define TARGET ">= 1000000"

struct patient {
    struct dose_run runs[YEAR_PLANS];
    struct item items[YEAR_PLANS];
    struct prescription prescriptions[YEAR_PLANS];
    day_t covers[YEAR_PLANS * PLAN_DAYS];
    struct event events[YEAR_PLANS * PLAN_DAYS];
    struct calendar calendar;
    struct case_input input;
};

static int64_t sink; /* so that nothing is optimised away */

static double now(void) {
    struct timespec ts;
    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* `plans` plans, one after the other from Monday 2 November 2026; the first `events` days collected. */
static void patient_fill(struct patient *p, const struct product *product, size_t plans, size_t events) {
    const day_t first = day_from_civil(2026, 11, 2);
    for (size_t i = 0; i < plans; i++) {
        day_t from = first + (day_t)(i * PLAN_DAYS);
        p->runs[i] = (struct dose_run){from, PLAN_DAYS, 60000, QUANTITY_NONE};
        p->items[i] = (struct item){product, &p->runs[i], 1, PLAN_DAYS * 60000};
        p->prescriptions[i] =
            (struct prescription){.stage = STAGE_STABLE,
                                  .wording = WORDING_W1 | WORDING_W2 | WORDING_W3 | WORDING_W4,
                                  .signed_on = from - 3,
                                  .start_on = from,
                                  .entered_on = DAY_NONE,
                                  .stopped_from = DAY_NONE,
                                  .items = &p->items[i],
                                  .item_count = 1,
                                  .collect = {.kind = COLLECT_EVERY_DAYS, .every_days = 1},
                                  .supervised = {.kind = SUPERVISED_COLLECTION_DAYS},
                                  .replaces = PRESCRIPTION_NONE,
                                  .together_with = PRESCRIPTION_NONE};
    }
    for (size_t i = 0; i < events; i++) {
        p->covers[i] = first + (day_t)i;
        p->events[i] = (struct event){.kind = EVENT_SUPPLIED,
                                      .prescription = i / PLAN_DAYS,
                                      .on = p->covers[i],
                                      .covers = {.days = &p->covers[i], .count = 1}};
    }
    p->calendar = (struct calendar){.weekly_closed = 1U << WEEKDAY_SUN};
    p->input =
        (struct case_input){p->prescriptions, plans, p->events, events, &p->calendar, {POLICY_HOLD_DEFAULT}};
}

static void ask(const struct rules_case *c, size_t prescription, day_t on, struct decision *decision) {
    const struct request request = {.prescription = prescription, .on = on};
    if (!decide(c, &request, decision)) {
        abort();
    }
    sink += (int64_t)decision->verdict + decision->missed_days;
}

/* Laid out once; every day of the last plan, again and again for half a second. */
static double asked_often(const struct patient *p, struct decision *decision) {
    struct rules_case c;
    size_t last = p->input.prescription_count - 1;
    double start = now();
    double end = start;
    double count = 0;
    if (!case_open(&c, &p->input)) {
        abort();
    }
    while (end - start < 0.5) {
        for (int i = 0; i < 100; i++) {
            for (day_t d = 0; d < PLAN_DAYS; d++) {
                ask(&c, last, p->runs[last].from + d, decision);
            }
        }
        count += 100.0 * PLAN_DAYS;
        end = now();
    }
    case_close(&c);
    return count / (end - start);
}

/* Laid out, asked once, put away. */
static double asked_once(const struct patient *p, struct decision *decision) {
    double start = now();
    double end = start;
    double count = 0;
    while (end - start < 0.5) {
        for (day_t d = 0; d < 100 * PLAN_DAYS; d++) {
            struct rules_case c;
            if (!case_open(&c, &p->input)) {
                abort();
            }
            ask(&c, 0, p->runs[0].from + d % PLAN_DAYS, decision);
            case_close(&c);
        }
        count += 100.0 * PLAN_DAYS;
        end = now();
    }
    return count / (end - start);
}

int main(void) {
    static struct patient usual;
    static struct patient year;
    static const char code[] = "methadone-1mg-ml-sf";
    struct catalogue_error error = {0};
    struct catalogue *catalogue =
        catalogue_parse(embed_config_catalogue_conf, embed_config_catalogue_conf_size, &error);
    if (catalogue == NULL) {
        fprintf(stderr, "bench: the catalogue cannot be read\n");
        return 1;
    }
    const struct product *product = catalogue_find(catalogue, code, sizeof code - 1);
    struct decision decision;
    decision_init(&decision);
    patient_fill(&usual, product, 1, EVENTS);
    patient_fill(&year, product, YEAR_PLANS, (YEAR_PLANS - 1) * PLAN_DAYS + EVENTS);
    printf("decisions, the case laid out once\t%.0f\t/s\t%s\n", asked_often(&usual, &decision), TARGET);
    printf("decisions, the case laid out for each\t%.0f\t/s\t%s\n", asked_once(&usual, &decision), TARGET);
    printf("decisions, a year of prescriptions\t%.0f\t/s\n", asked_often(&year, &decision));
    decision_release(&decision);
    catalogue_free(&catalogue);
    return sink < 0;
}
