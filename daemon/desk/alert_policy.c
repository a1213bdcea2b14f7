#include "alert_policy.h"

#include <stdio.h>
#include <string.h>

#define WEEK_MINUTES 10080

/* A3 to A5, A9 and alerts.md, "States". */
const struct alert_figure alert_figures[] = {
    {"urgent_accept_minutes", 1, WEEK_MINUTES, 10},
    {"routine_accept_minutes", 1, WEEK_MINUTES, 30},
    {"urgent_acknowledge_minutes", 1, WEEK_MINUTES, 60},
    {"routine_acknowledge_minutes", 1, WEEK_MINUTES, 240},
    {"missed_run_routine_days", 1, 14, 2},
    {"missed_run_urgent_days", 1, 14, 3},
    {"intermittent_missed_days", 2, 14, 3},
    {"intermittent_within_days", 3, 28, 14},
    {"ending_soon_open_days", 1, 14, 3},
    {"titration_urgent", 0, 1, 1},
    {NULL, 0, 0, 0},
};

const char *const alert_priority_kinds[] = {"missed_pickup",      "missed_run",
                                            "intermittent",       "possible_intoxication",
                                            "dose_not_completed", "other_concern",
                                            "ending_soon",        "collection_on_closed_day",
                                            "patient_away",       NULL};

const char *const alert_wish_texts[ALERT_WISH_COUNT + 1] = {"routine", "urgent", "quiet", NULL};

bool alert_may_be_quiet(const char *kind) {
    static const char *const kinds[] = {"intermittent", "ending_soon", "collection_on_closed_day",
                                        "patient_away"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (strcmp(kinds[i], kind) == 0)
            return true;
    }
    return false;
}

const char *alert_hours_name(bool closes, enum weekday weekday) {
    static const char *const names[2][7] = {
        {"opens_mon", "opens_tue", "opens_wed", "opens_thu", "opens_fri", "opens_sat", "opens_sun"},
        {"closes_mon", "closes_tue", "closes_wed", "closes_thu", "closes_fri", "closes_sat", "closes_sun"}};
    return names[closes][weekday];
}

static bool stored(const struct service_row *service, const char *name, int32_t *out) {
    for (size_t i = 0; service != NULL && i < service->figure_count; i++) {
        if (strcmp(service->figures[i].name, name) == 0) {
            *out = service->figures[i].value;
            return true;
        }
    }
    return false;
}

int32_t alert_policy(const struct service_row *service, const char *name) {
    int32_t value = 0;
    if (stored(service, name, &value))
        return value;
    for (const struct alert_figure *figure = alert_figures; figure->name != NULL; figure++) {
        if (strcmp(figure->name, name) == 0)
            return figure->usual;
    }
    return ALERT_HOURS_NONE;
}

enum alert_wish alert_policy_wish(const struct service_row *service, const char *kind) {
    char name[64];
    int32_t value = ALERT_WISH_ROUTINE;
    (void)snprintf(name, sizeof name, "priority_%s", kind);
    if (!stored(service, name, &value) || value < 0 || value >= ALERT_WISH_COUNT)
        return ALERT_WISH_ROUTINE;
    return (enum alert_wish)value;
}

int alert_at_work(const struct service_row *service, struct moment now) {
    bool any = false;
    for (int weekday = WEEKDAY_MON; weekday <= WEEKDAY_SUN; weekday++) {
        any = any || alert_policy(service, alert_hours_name(false, (enum weekday)weekday)) >= 0;
    }
    if (!any)
        return -1;
    int32_t opens = alert_policy(service, alert_hours_name(false, day_weekday(now.day)));
    int32_t closes = alert_policy(service, alert_hours_name(true, day_weekday(now.day)));
    return opens >= 0 && now.minute >= opens && now.minute < closes;
}
