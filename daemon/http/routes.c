/* The whole route table, and how an address finds its route. */
#include "routes.h"

#include <stdlib.h>
#include <string.h>

#include "parts.h"

const struct route_group route_groups[] = {
    {routes_session, &routes_session_count},
    {routes_terminals, &routes_terminals_count},
    {routes_staff, &routes_staff_count},
    {routes_responsible, &routes_responsible_count},
    {routes_patients, &routes_patients_count},
    {routes_services, &routes_services_count},
    {routes_calendar, &routes_calendar_count},
    {routes_products, &routes_products_count},
    {routes_prescriptions, &routes_prescriptions_count},
    {routes_supplies, &routes_supplies_count},
    {routes_day, &routes_day_count},
    {routes_register, &routes_register_count},
    {routes_stock, &routes_stock_count},
    {routes_report, &routes_report_count},
    {routes_reports, &routes_reports_count},
    {routes_history, &routes_history_count},
    {routes_alerts, &routes_alerts_count},
    {routes_audit, &routes_audit_count},
    {routes_print, &routes_print_count},
    {routes_cards, &routes_cards_count},
    {routes_system, &routes_system_count},
};
const size_t route_groups_count = sizeof route_groups / sizeof route_groups[0];

/* Does the path fit the route's? Its parameters go to `ids` where it does. */
static bool route_fits(const char *pattern, const char *path, struct arena *arena, const char *ids[2]) {
    size_t id = 0;
    ids[0] = ids[1] = NULL;
    while (*pattern == '/' && *path == '/') {
        pattern++;
        path++;
        size_t want = strcspn(pattern, "/");
        size_t have = strcspn(path, "/");
        if (*pattern == '{') {
            if (have == 0 || id == 2) {
                return false;
            }
            ids[id++] = arena_text(arena, path, have);
        } else if (want != have || memcmp(pattern, path, want) != 0) {
            return false;
        }
        pattern += want;
        path += have;
    }
    return *pattern == '\0' && *path == '\0';
}

/* A route without parameters goes before one with: /day/{date} does not hide /day/report. */
static bool route_is_plain(const struct route *route) {
    return strchr(route->path, '{') == NULL;
}

static void route_consider(const struct route *route, const char *method, const char *path,
                           struct arena *arena, struct route_match *out) {
    const char *ids[2];
    if (!route_fits(route->path, path, arena, ids)) {
        return;
    }
    size_t count = 0;
    while (out->allowed[count] != NULL && strcmp(out->allowed[count], route->method) != 0) {
        count++;
    }
    if (count < ROUTE_METHODS_MAX) {
        out->allowed[count] = route->method;
    }
    if (strcmp(route->method, method) == 0 && (out->route == NULL || route_is_plain(route))) {
        out->route = route;
        out->ids[0] = ids[0];
        out->ids[1] = ids[1];
    }
}

/* Percent escapes of a path; the guard has seen that they are plain characters. NULL where memory is short. */
static const char *route_decode(const char *path, struct arena *arena) {
    char *text = arena_text(arena, path, strlen(path));
    if (text == NULL || strchr(text, '%') == NULL) {
        return text;
    }
    size_t len = 0;
    char *plain = evhttp_uridecode(path, 0, &len);
    text = plain == NULL ? NULL : arena_text(arena, plain, len);
    free(plain);
    return text;
}

void route_find(const char *method, const char *path, struct arena *arena, struct route_match *out) {
    *out = (struct route_match){.route = NULL};
    path = route_decode(path, arena);
    for (size_t g = 0; path != NULL && g < route_groups_count; g++) {
        for (size_t i = 0; i < *route_groups[g].count; i++) {
            route_consider(&route_groups[g].routes[i], method, path, arena, out);
        }
    }
}

const struct route *route_twin(const char *method, const char *path) {
    for (size_t g = 0; g < route_groups_count; g++) {
        for (size_t i = 0; i < *route_groups[g].count; i++) {
            const struct route *route = &route_groups[g].routes[i];
            if (strcmp(route->method, method) == 0 && strcmp(route->path, path) == 0) {
                return route;
            }
        }
    }
    return NULL;
}
