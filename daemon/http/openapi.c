/* The description of the interface (OpenAPI 3.1), made from the route table: what is not there is not served. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "instalment/version.h"
#include "parts.h"

static void openapi_header(cJSON *parameters, const char *name, bool required) {
    cJSON *one = cJSON_CreateObject();
    cJSON_AddStringToObject(one, "name", name);
    cJSON_AddStringToObject(one, "in", "header");
    cJSON_AddBoolToObject(one, "required", required);
    cJSON_AddStringToObject(cJSON_AddObjectToObject(one, "schema"), "type", "string");
    cJSON_AddItemToArray(parameters, one);
}

static void openapi_parameters(cJSON *operation, const struct route *route) {
    cJSON *parameters = cJSON_AddArrayToObject(operation, "parameters");
    for (const char *at = strchr(route->path, '{'); at != NULL; at = strchr(at + 1, '{')) {
        char name[32];
        snprintf(name, sizeof name, "%.*s", (int)strcspn(at + 1, "}"), at + 1);
        cJSON *one = cJSON_CreateObject();
        cJSON_AddStringToObject(one, "name", name);
        cJSON_AddStringToObject(one, "in", "path");
        cJSON_AddBoolToObject(one, "required", true);
        cJSON_AddStringToObject(cJSON_AddObjectToObject(one, "schema"), "type", "string");
        cJSON_AddItemToArray(parameters, one);
    }
    if ((route->flags & ROUTE_KEY) != 0) {
        openapi_header(parameters, "Idempotency-Key", (route->flags & ROUTE_DRY) == 0);
    }
    if ((route->flags & ROUTE_ETAG) != 0 && strcmp(route->method, "PATCH") == 0) {
        openapi_header(parameters, "If-Match", true);
    }
}

static void openapi_response(cJSON *responses, const char *status, const char *description,
                             const char *type) {
    cJSON *one = cJSON_AddObjectToObject(responses, status);
    cJSON_AddStringToObject(one, "description", description);
    cJSON *content = cJSON_AddObjectToObject(one, "content");
    cJSON *schema = cJSON_AddObjectToObject(cJSON_AddObjectToObject(content, type), "schema");
    if (strcmp(type, "application/problem+json") == 0) {
        cJSON_AddStringToObject(schema, "$ref", "#/components/schemas/Problem");
    } else {
        cJSON_AddStringToObject(schema, "type", "object");
    }
}

static void openapi_body(cJSON *operation) {
    cJSON *body = cJSON_AddObjectToObject(operation, "requestBody");
    cJSON_AddBoolToObject(body, "required", true);
    cJSON *content = cJSON_AddObjectToObject(body, "content");
    cJSON *schema = cJSON_AddObjectToObject(cJSON_AddObjectToObject(content, "application/json"), "schema");
    cJSON_AddStringToObject(schema, "type", "object");
}

static void openapi_security(cJSON *operation, const struct route *route) {
    cJSON *security = cJSON_AddArrayToObject(operation, "security");
    cJSON *needs = cJSON_CreateObject();
    if ((route->flags & ROUTE_OPEN) == 0) {
        cJSON_AddArrayToObject(needs, "terminal");
    }
    if ((route->flags & (ROUTE_OPEN | ROUTE_NO_SESSION)) == 0) {
        cJSON_AddArrayToObject(needs, "session");
    }
    cJSON_AddItemToArray(security, needs);
    static const enum role all[] = {ROLE_COUNTER, ROLE_TECHNICIAN, ROLE_PHARMACIST, ROLE_MANAGER,
                                    ROLE_INSPECTOR};
    cJSON *roles = cJSON_AddArrayToObject(operation, "x-roles");
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if ((route->roles & (unsigned)all[i]) != 0) {
            cJSON_AddItemToArray(roles, cJSON_CreateString(role_text(all[i])));
        }
    }
}

static void openapi_route(cJSON *paths, const struct route *route) {
    char method[8];
    snprintf(method, sizeof method, "%s", route->method);
    for (char *at = method; *at != '\0'; at++) {
        *at = (char)tolower((unsigned char)*at);
    }
    cJSON *path = cJSON_GetObjectItemCaseSensitive(paths, route->path);
    if (path == NULL) {
        path = cJSON_AddObjectToObject(paths, route->path);
    }
    cJSON *operation = cJSON_AddObjectToObject(path, method);
    cJSON_AddStringToObject(operation, "summary", route->summary);
    openapi_parameters(operation, route);
    if (route->body_max > 0) {
        openapi_body(operation);
    }
    openapi_security(operation, route);
    cJSON *responses = cJSON_AddObjectToObject(operation, "responses");
    openapi_response(responses, "2XX", "Done.", "application/json");
    openapi_response(responses, "default", "Not done, and why.", "application/problem+json");
}

static void openapi_property(cJSON *properties, const char *name, const char *type) {
    cJSON_AddStringToObject(cJSON_AddObjectToObject(properties, name), "type", type);
}

static void openapi_components(cJSON *document) {
    cJSON *components = cJSON_AddObjectToObject(document, "components");
    cJSON *problem = cJSON_AddObjectToObject(cJSON_AddObjectToObject(components, "schemas"), "Problem");
    cJSON_AddStringToObject(problem, "type", "object");
    cJSON *properties = cJSON_AddObjectToObject(problem, "properties");
    openapi_property(properties, "type", "string");
    openapi_property(properties, "title", "string");
    openapi_property(properties, "status", "integer");
    openapi_property(properties, "detail", "string");
    openapi_property(properties, "code", "string");
    openapi_property(properties, "reasons", "array");
    cJSON *schemes = cJSON_AddObjectToObject(components, "securitySchemes");
    cJSON *terminal = cJSON_AddObjectToObject(schemes, "terminal");
    cJSON_AddStringToObject(terminal, "type", "apiKey");
    cJSON_AddStringToObject(terminal, "in", "header");
    cJSON_AddStringToObject(terminal, "name", "X-Terminal");
    cJSON *session = cJSON_AddObjectToObject(schemes, "session");
    cJSON_AddStringToObject(session, "type", "http");
    cJSON_AddStringToObject(session, "scheme", "bearer");
}

cJSON *openapi_build(void) {
    cJSON *document = cJSON_CreateObject();
    cJSON_AddStringToObject(document, "openapi", "3.1.0");
    cJSON *info = cJSON_AddObjectToObject(document, "info");
    cJSON_AddStringToObject(info, "title", "instalmentd");
    cJSON_AddStringToObject(info, "version", INSTALMENT_VERSION);
    cJSON *servers = cJSON_AddArrayToObject(document, "servers");
    cJSON *here = cJSON_CreateObject();
    cJSON_AddStringToObject(here, "url", API_BASE);
    cJSON_AddItemToArray(servers, here);
    cJSON *paths = cJSON_AddObjectToObject(document, "paths");
    for (size_t g = 0; g < route_groups_count; g++) {
        for (size_t i = 0; i < *route_groups[g].count; i++) {
            openapi_route(paths, &route_groups[g].routes[i]);
        }
    }
    openapi_components(document);
    return document;
}
