/*
 * Prescribing services, as facts: versions, the newest counts. Read as of tx->as_of, in the transaction's arena.
 */
#ifndef INSTALMENT_STORE_SERVICE_H
#define INSTALMENT_STORE_SERVICE_H

#include "tx.h"

/* A figure of what the service wants to be told how (desk/alert_policy.h). */
struct service_figure {
    const char *name;
    int32_t value;
};

/* One version; NULL where not given. */
struct service_row {
    const char *id;
    int64_t seq; /* reading: of the version */
    const char *name;
    const char *kind; /* "drug_service", "general_practice", "hospital", "prison", "other" */
    const char *telephone;
    const char *hours; /* as people say it */
    const char *ods_code;
    const char *endpoint_url; /* NULL: no endpoint, alerts stand on the phone list */
    const char *endpoint_ca;  /* PEM text; NULL: the system's store */
    const char *endpoint_certificate;
    const char *endpoint_secret;          /* "whsec_..."; never leaves the program but to sign */
    bool identify_patients;               /* A8 */
    const char *contacts;                 /* in order of escalation: opaque here (desk/service.h) */
    const struct service_figure *figures; /* those that are not as usual */
    size_t figure_count;
};

/* The newest version. False where there is none, or the store failed (tx->db says which). */
bool service_find(struct tx *tx, const char *id, struct service_row *out);

/* Up to `limit` with an id after `after` (""), newest versions. False where memory is short or the store failed. */
bool service_page(struct tx *tx, const char *after, int32_t limit, struct service_row **rows, size_t *count);

/* Appends a version under tx->seq. */
void service_append(struct tx *tx, const struct service_row *row);

#endif
