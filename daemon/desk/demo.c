/* The demonstration's pharmacy: see demo.h. */
#include "demo.h"

#include <assert.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "alert.h"
#include "calendar.h"
#include "demo_patients.h"
#include "responsible.h"
#include "service.h"
#include "staff.h"
#include "sys/log.h"
#include "sys/number.h"
#include "terminal.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define INSPECTOR_DAYS 365

/* The first is the manager, who is the second person for all the others; the second signs on. */
static const struct demo_person people[] = {
    {"m.hughes", "Megan Hughes", "4827", ROLE_MANAGER, NULL},
    {"a.khan", "Amina Khan", "739164", ROLE_PHARMACIST, "2071834"},
    {"d.osei", "Daniel Osei", "5093", ROLE_PHARMACIST, "2093417"},
    {"p.nowak", "Piotr Nowak", "61847", ROLE_TECHNICIAN, "5012846"},
    {"c.evans", "Carys Evans", "2750", ROLE_COUNTER, NULL},
    {"i.grant", "Isla Grant", "386205", ROLE_INSPECTOR, NULL},
};

const struct demo_person *demo_people(size_t *count) {
    *count = COUNT(people);
    return people;
}

static struct identity identity_of(const struct demo_person *person) {
    return (struct identity){.staff = person->staff,
                             .name = person->name,
                             .role = person->role,
                             .registration = person->registration};
}

/* What a use case refuses here is a mistake in this file: said, and the start fails. */
static enum desk_result demo_checked(enum desk_result result, const char *what,
                                     const struct desk_problem *problem) {
    if (result != DESK_OK) {
        log_error("event=demo_failed what=%s result=%d code=%s field=%s", what, (int)result,
                  problem->code == NULL ? "-" : problem->code,
                  problem->field_count == 0 ? "-" : problem->fields[0].field);
    }
    return result;
}

static enum desk_result demo_person_enter(struct tx *tx, const struct demo_person *person) {
    char hash[crypto_pwhash_STRBYTES];
    struct desk_problem problem = {0};
    struct identity second = {0};
    const struct staff_row row = {
        .id = person->staff,
        .name = person->name,
        .role = role_text(person->role),
        .registration = person->registration,
        .pin_hash = hash,
        .active = true,
        .valid_until = person->role == ROLE_INSPECTOR ? tx->now.day + INSPECTOR_DAYS : DAY_NONE,
    };
    if (person != &people[0]) {
        second = identity_of(&people[0]);
    }
    if (crypto_pwhash_str(hash, person->pin, strlen(person->pin), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                          crypto_pwhash_MEMLIMIT_INTERACTIVE) != 0) {
        return demo_checked(DESK_FAILED, "pin", &problem);
    }
    return demo_checked(desk_staff_enter(tx, &row, &second, &problem), person->staff, &problem);
}

/* Monday to Friday 9 to 18, Saturday 9 to 13, closed on Sundays and every bank holiday that is known. */
static enum desk_result demo_calendar(struct tx *tx) {
    struct opening_hours_row hours[7];
    struct desk_problem problem = {0};
    for (int weekday = WEEKDAY_MON; weekday <= WEEKDAY_SUN; weekday++) {
        bool closed = weekday == WEEKDAY_SUN;
        hours[weekday] = (struct opening_hours_row){
            .weekday = (enum weekday)weekday,
            .opens = closed ? OPENING_NO_MINUTE : 9 * 60,
            .closes = closed                   ? OPENING_NO_MINUTE
                      : weekday == WEEKDAY_SAT ? 13 * 60
                                               : 18 * 60,
            .set_on = tx->now.day,
        };
    }
    enum desk_result result = desk_calendar_set_hours(tx, hours, COUNT(hours), &problem);
    if (result == DESK_OK) {
        result = desk_calendar_set_nation(tx, NATION_ENGLAND); /* Wales has the same bank holidays */
    }
    if (result == DESK_OK) {
        result = desk_calendar_confirm_all(tx, DAY_MAX);
    }
    if (result == DESK_OK) {
        result = desk_policy_set(tx, "cutoff_grace_minutes", 0, &problem);
    }
    return demo_checked(result, "calendar", &problem);
}

static enum desk_result demo_fill(struct tx *tx) {
    const struct identity pharmacist = identity_of(&people[1]);
    struct desk_problem problem = {0};
    enum desk_result result = DESK_OK;
    for (size_t i = 0; result == DESK_OK && i < COUNT(people); i++) {
        result = demo_person_enter(tx, &people[i]);
    }
    if (result == DESK_OK) {
        result = demo_calendar(tx);
    }
    if (result == DESK_OK) {
        result = demo_checked(desk_responsible_record(tx, RESPONSIBLE_SIGN_ON, &pharmacist, &problem),
                              "responsible", &problem);
    }
    return result;
}

/* The people and the two weeks behind them: everything else was there a day before those weeks began. */
static enum desk_result demo_fill_weeks(struct tx *tx) {
    const struct moment start = tx->now;
    const struct demo_hands hands = {.manager = identity_of(&people[0]),
                                     .pharmacist = identity_of(&people[1]),
                                     .second_pharmacist = identity_of(&people[2]),
                                     .technician = identity_of(&people[3])};
    tx->now = clock_moment(clock_at(start.day - DEMO_DAYS_BEHIND, DEMO_MINUTE));
    enum desk_result result = demo_fill(tx);
    tx->now = start;
    return result == DESK_OK ? demo_patients_fill(tx, &hands) : result;
}

bool demo_clock(struct tx *tx, int64_t *at) {
    const char *stored = tx_setting(tx, "demo_clock");
    return stored != NULL && number_parse(stored, INT64_MIN, INT64_MAX, at);
}

enum desk_result demo_open(struct tx *tx, bool patients, char token[TERMINAL_TOKEN_SIZE]) {
    const char *known = tx_setting(tx, "demo_terminal");
    if (known != NULL) {
        assert(strlen(known) < TERMINAL_TOKEN_SIZE);
        (void)snprintf(token, TERMINAL_TOKEN_SIZE, "%s", known);
        return DESK_OK;
    }
    terminal_token(token);
    enum desk_result result = patients ? demo_fill_weeks(tx) : demo_fill(tx);
    if (result == DESK_OK) {
        result = desk_terminal_enrol_demo(tx, "Demonstration", token);
        tx_set_setting(tx, "demo_terminal", token);
    }
    return result == DESK_OK && db_state(tx->db) != DB_FINE ? DESK_FAILED : result;
}

enum desk_result demo_endpoint(struct tx *tx, const char *url, const char *ca, const char *secret) {
    const struct identity second = identity_of(&people[1]);
    struct desk_problem problem = {0};
    struct service_row *rows = NULL;
    const char *test = NULL;
    size_t count = 0;
    enum desk_result result = desk_services(tx, "", 1, &rows, &count);
    if (result != DESK_OK || count == 0) {
        return result;
    }
    rows[0].endpoint_url = url;
    rows[0].endpoint_ca = ca;
    rows[0].endpoint_secret = secret;
    rows[0].endpoint_certificate = NULL;
    tx->staff = people[0].staff;
    result = demo_checked(desk_service_change(tx, &rows[0], &second, true, &problem), "endpoint", &problem);
    if (result == DESK_OK) {
        result = demo_checked(desk_alert_test(tx, rows[0].id, &test, &problem), "route_test", &problem);
    }
    if (result == DESK_OK) {
        tx_audit(tx, "endpoint confirmed", NULL, rows[0].id, NULL);
        endpoint_fact_append(tx, rows[0].id, "confirmed", test);
        result = desk_alert_look_again(tx, rows[0].id, NULL);
    }
    tx->staff = NULL;
    return result;
}
