/* Prescribing services: see service.h. */
#include "service.h"

#include <sodium.h>
#include <string.h>

#include "alert.h"
#include "core/identifier.h"
#include "staff.h"

enum { SECRET_MIN = 24, SECRET_MAX = 64 };

enum desk_result desk_service_read(struct tx *tx, const char *id, struct service_row *out) {
    if (service_find(tx, id, out))
        return DESK_OK;
    return db_state(tx->db) == DB_FINE ? DESK_NOT_FOUND : DESK_FAILED;
}

enum desk_result desk_services(struct tx *tx, const char *after, int32_t limit, struct service_row **rows,
                               size_t *count) {
    return service_page(tx, after, limit, rows, count) ? DESK_OK : DESK_FAILED;
}

/* ---- checking ---- */

/* Is the host part ("localhost:8443", "[::1]") one of this machine? */
static bool is_loopback(const char *host, size_t len) {
    static const char *const names[] = {"localhost", "127.", "0.0.0.0", "[::1]", "[::]", "[::ffff:127."};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (len >= strlen(names[i]) && strncmp(host, names[i], strlen(names[i])) == 0)
            return true;
    }
    return false;
}

static void check_url(const char *url, bool demo, struct desk_problem *problem) {
    static const char scheme[] = "https://";
    static const char *const field = "endpoint.url";
    for (const char *c = url; *c != '\0'; c++) {
        if (*c <= ' ' || *c > '~') {
            desk_invalid(problem, field, "must be an address that begins with https://, without blanks");
            return;
        }
    }
    const char *host = url + strlen(scheme);
    if (strncmp(url, scheme, strlen(scheme)) != 0 || strcspn(host, "/?#") == 0) {
        desk_invalid(problem, field, "must be an address that begins with https://");
        return;
    }
    size_t len = strcspn(host, "/?#");
    if (memchr(host, '@', len) != NULL || strpbrk(host, "?#") != NULL)
        desk_invalid(problem, field, "must have neither a user's name nor a question mark");
    else if (is_loopback(host, len) && !demo)
        desk_invalid(problem, field, "must not be this computer: only a demonstration may tell itself");
}

/* alerts.md: "whsec_" and base64 of 24 to 64 bytes. */
static bool is_secret(const char *secret) {
    static const char prefix[] = "whsec_";
    unsigned char key[SECRET_MAX];
    size_t len = 0;
    const char *end = NULL;
    if (strncmp(secret, prefix, strlen(prefix)) != 0)
        return false;
    const char *text = secret + strlen(prefix);
    bool fine = sodium_base642bin(key, sizeof key, text, strlen(text), NULL, &len, &end,
                                  sodium_base64_VARIANT_ORIGINAL) == 0 &&
                *end == '\0' && len >= SECRET_MIN;
    sodium_memzero(key, sizeof key);
    return fine;
}

static void check_endpoint(const struct service_row *row, bool demo, struct desk_problem *problem) {
    static const char begin[] = "-----BEGIN CERTIFICATE-----";
    if (row->endpoint_url == NULL) {
        if (row->endpoint_ca != NULL || row->endpoint_certificate != NULL || row->endpoint_secret != NULL)
            desk_invalid(problem, "endpoint.url", "is missing");
        return;
    }
    check_url(row->endpoint_url, demo, problem);
    if (row->endpoint_secret == NULL)
        desk_invalid(problem, "endpoint.secret", "is missing: every message is signed with it");
    else if (!is_secret(row->endpoint_secret))
        desk_invalid(problem, "endpoint.secret", "must be whsec_ and base64 of 24 to 64 bytes");
    if (row->endpoint_ca != NULL && strncmp(row->endpoint_ca, begin, strlen(begin)) != 0)
        desk_invalid(problem, "endpoint.ca", "must be certificates as PEM text");
}

static void check_service(struct tx *tx, struct service_row *row, bool demo, struct desk_problem *problem) {
    if (row->telephone != NULL && strspn(row->telephone, "0123456789 +()-") != strlen(row->telephone))
        desk_invalid(problem, "telephone", "must be a telephone number");
    if (row->ods_code != NULL) {
        char stored[IDENTIFIER_SIZE];
        if (identifier_check(IDENTIFIER_ODS, row->ods_code, strlen(row->ods_code), stored) != IDENTIFIER_OK)
            desk_invalid(problem, "ods_code", "must be an ODS code: 3 to 10 letters or digits");
        else
            row->ods_code = arena_text(tx->arena, stored, strlen(stored));
    }
    check_endpoint(row, demo, problem);
}

/* ---- entering and changing ---- */

static bool same(const char *one, const char *other) {
    return one == NULL || other == NULL ? one == other : strcmp(one, other) == 0;
}

static bool same_endpoint(const struct service_row *one, const struct service_row *other) {
    return same(one->endpoint_url, other->endpoint_url) && same(one->endpoint_ca, other->endpoint_ca) &&
           same(one->endpoint_certificate, other->endpoint_certificate) &&
           same(one->endpoint_secret, other->endpoint_secret) &&
           one->identify_patients == other->identify_patients;
}

static enum desk_result ask_second(const struct tx *tx, const struct identity *second,
                                   struct desk_problem *problem) {
    if (desk_second_agrees(tx, second))
        return DESK_OK;
    return desk_no(problem, DESK_FORBIDDEN, "second_person_required",
                   "Where alerts go is entered by one person and confirmed by another: please ask a second "
                   "person for name and PIN.");
}

static const char change_endpoint[] = "change endpoint";

/* What waits for the service, or is under way to it, is looked at again: an endpoint that has changed is not confirmed. */
static enum desk_result append(struct tx *tx, const struct service_row *row, const char *action,
                               const struct identity *second) {
    tx_audit(tx, action, NULL, row->id, second->staff);
    service_append(tx, row);
    if (strcmp(action, change_endpoint) == 0)
        endpoint_fact_append(tx, row->id, "changed", NULL);
    return desk_alert_look_again(tx, row->id, NULL);
}

enum desk_result desk_service_enter(struct tx *tx, const struct service_row *row,
                                    const struct identity *second, bool demo, const char **id,
                                    struct desk_problem *problem) {
    struct service_row ready = *row;
    check_service(tx, &ready, demo, problem);
    enum desk_result result = problem->field_count > 0 ? DESK_INVALID : DESK_OK;
    if (result == DESK_OK && ready.endpoint_url != NULL)
        result = ask_second(tx, second, problem);
    if (result != DESK_OK)
        return result;
    ready.id = tx_new_id(tx, "sv");
    if (ready.id == NULL)
        return DESK_FAILED;
    *id = ready.id;
    return append(tx, &ready, "enter service", second);
}

enum desk_result desk_service_change(struct tx *tx, const struct service_row *row,
                                     const struct identity *second, bool demo, struct desk_problem *problem) {
    struct service_row ready = *row;
    struct service_row before;
    enum desk_result result = desk_service_read(tx, row->id, &before);
    if (result == DESK_NOT_FOUND)
        return desk_no(problem, DESK_NOT_FOUND, "not_found", "There is no such service.");
    if (result != DESK_OK)
        return result;
    check_service(tx, &ready, demo, problem);
    if (problem->field_count > 0)
        return DESK_INVALID;
    bool routed = !same_endpoint(&before, &ready);
    if (routed)
        result = ask_second(tx, second, problem);
    if (result != DESK_OK)
        return result;
    return append(tx, &ready, routed ? change_endpoint : "change service", second);
}
