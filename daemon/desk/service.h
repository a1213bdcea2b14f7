/*
 * Prescribing services and where alerts to them go. An endpoint decides who learns about a patient (hazard H27): adding
 * or changing one takes two people.
 */
#ifndef INSTALMENT_DESK_SERVICE_H
#define INSTALMENT_DESK_SERVICE_H

#include "desk.h"
#include "store/service.h"

#define SERVICE_NAME_MAX 200
#define SERVICE_TELEPHONE_MAX 40
#define SERVICE_HOURS_MAX 500
#define SERVICE_URL_MAX 2000
#define SERVICE_CA_MAX 20000
#define SERVICE_CERTIFICATE_MAX 64
#define SERVICE_SECRET_MAX 100
#define SERVICE_CONTACTS_MAX 20

/*
 * contacts is a text made by http/routes_services.c and shown by it and by routes_alerts.c, JSON:
 *   [{"name","role","telephone","hours"}], in order of escalation; all but the name may be absent
 */

/* One service. DESK_OK, DESK_NOT_FOUND or DESK_FAILED. */
enum desk_result desk_service_read(struct tx *tx, const char *id, struct service_row *out);

/* Up to `limit` services after an id (""), in the arena. DESK_OK or DESK_FAILED. */
enum desk_result desk_services(struct tx *tx, const char *after, int32_t limit, struct service_row **rows,
                               size_t *count);

/*
 * Enters a service (row->id is not looked at); the new id in *id. `second`: the other person whose PIN was right, with
 * staff NULL where there is none; DESK_FORBIDDEN "second_person_required" where the row has an endpoint and nobody else
 * agreed. Loopback endpoints only in a demonstration.
 */
enum desk_result desk_service_enter(struct tx *tx, const struct service_row *row,
                                    const struct identity *second, bool demo, const char **id,
                                    struct desk_problem *problem);

/* Appends a new version of row->id; the second person is needed where anything of the endpoint changes. */
enum desk_result desk_service_change(struct tx *tx, const struct service_row *row,
                                     const struct identity *second, bool demo, struct desk_problem *problem);

#endif
