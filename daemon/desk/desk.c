#include "desk.h"

#include <stdio.h>
#include <string.h>

static const struct {
    enum role role;
    const char *text;
} roles[] = {
    {ROLE_COUNTER, "counter"}, {ROLE_TECHNICIAN, "technician"}, {ROLE_PHARMACIST, "pharmacist"},
    {ROLE_MANAGER, "manager"}, {ROLE_INSPECTOR, "inspector"},
};

/* Set once before any thread, constant afterwards. */
static const struct catalogue *catalogue_in_use;

enum desk_result desk_no(struct desk_problem *problem, enum desk_result result, const char *code,
                         const char *detail) {
    problem->code = code;
    problem->detail = detail;
    return result;
}

enum desk_result desk_invalid(struct desk_problem *problem, const char *field, const char *message) {
    if (problem->field_count < DESK_FIELDS_MAX) {
        (void)snprintf(problem->fields[problem->field_count].field, sizeof problem->fields[0].field, "%s",
                       field);
        problem->fields[problem->field_count].message = message;
        problem->field_count++;
    }
    return desk_no(problem, DESK_INVALID, "invalid", "Something that was entered cannot be right.");
}

const char *role_text(enum role role) {
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (roles[i].role == role) {
            return roles[i].text;
        }
    }
    return "nobody";
}

bool role_from_text(const char *text, enum role *out) {
    for (size_t i = 0; i < sizeof roles / sizeof roles[0]; i++) {
        if (strcmp(roles[i].text, text) == 0) {
            *out = roles[i].role;
            return true;
        }
    }
    return false;
}

bool identity_is_pharmacist(const struct identity *who) {
    return who->staff != NULL &&
           (who->role == ROLE_PHARMACIST || (who->role == ROLE_MANAGER && who->registration != NULL));
}

void desk_set_catalogue(const struct catalogue *catalogue) {
    catalogue_in_use = catalogue;
}

const struct catalogue *desk_catalogue(void) {
    return catalogue_in_use;
}
