/*
 * The route tables, one array for each resource: each file routes_X.c has routes_X and routes_X_count. The table of the
 * server is their concatenation (routes.c); tests walk it.
 */
#ifndef INSTALMENT_HTTP_ROUTES_H
#define INSTALMENT_HTTP_ROUTES_H

#include "call.h"

#define ROUTES_DECLARE(name)          \
    extern const struct route name[]; \
    extern const size_t name##_count

ROUTES_DECLARE(routes_session);
ROUTES_DECLARE(routes_terminals);
ROUTES_DECLARE(routes_staff);
ROUTES_DECLARE(routes_responsible);
ROUTES_DECLARE(routes_patients);
ROUTES_DECLARE(routes_services);
ROUTES_DECLARE(routes_calendar);
ROUTES_DECLARE(routes_products);
ROUTES_DECLARE(routes_prescriptions);
ROUTES_DECLARE(routes_supplies);
ROUTES_DECLARE(routes_day);
ROUTES_DECLARE(routes_register);
ROUTES_DECLARE(routes_stock);
ROUTES_DECLARE(routes_report);
ROUTES_DECLARE(routes_reports);
ROUTES_DECLARE(routes_history);
ROUTES_DECLARE(routes_alerts);
ROUTES_DECLARE(routes_audit);
ROUTES_DECLARE(routes_print);
ROUTES_DECLARE(routes_cards);
ROUTES_DECLARE(routes_system);

struct route_group {
    const struct route *routes;
    const size_t *count;
};
extern const struct route_group route_groups[];
extern const size_t route_groups_count;

#endif
