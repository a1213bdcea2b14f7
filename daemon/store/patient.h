/*
 * Patients, as facts: versions of what staff keep about one (the newest counts), records that were entered twice and
 * merged, and the status of M9. Everything is read as of tx->as_of and lives in the transaction's arena.
 */
#ifndef INSTALMENT_STORE_PATIENT_H
#define INSTALMENT_STORE_PATIENT_H

#include "tx.h"

/* Somebody who may collect in the patient's place. */
struct patient_representative {
    const char *name;
    day_t valid_until; /* DAY_NONE: no end */
};

/* One version. Texts may be NULL where the comment allows it; a new version holds everything again. */
struct patient_row {
    const char *id;
    int64_t seq; /* reading: of the version */
    const char *name;
    const char *name_folded;    /* what the search looks through: names_fold of all names (desk/names.h) */
    const char *preferred_name; /* NULL: none */
    day_t born_on;
    const char *identifier_system; /* "nhs", "chi", "hc"; NULL: no identifier */
    const char *identifier_value;  /* as identifier_check stores it */
    const char *address;           /* NULL: not given; "No fixed abode" is one */
    const char *notes;
    const char *language; /* a language tag; NULL: not given */
    bool first_miss_urgent;
    const struct patient_representative *representatives;
    size_t representative_count;
    const char
        *sharing_service; /* A7: the service that the patient agreed to share with; NULL: no agreement */
    day_t sharing_agreed_on;
    const char *sharing_reference;
    const char *merged_into; /* reading: the record that this one was entered twice of; NULL: it stands */
};

struct patient_list {
    struct patient_row *rows;
    size_t count;
};

/* The newest version. False where there is none, or the store failed (tx->db says which). */
bool patient_find(struct tx *tx, const char *id, struct patient_row *out);

/*
 * The lists below hold newest versions of records that were not merged away; false where memory is short or the store
 * failed. They are without representatives; patient_find has those.
 */

/* Up to `limit` patients with an id after `after` (""), in the order of entry. */
bool patient_page(struct tx *tx, const char *after, int32_t limit, struct patient_list *out);

/* Who has this identifier now: none or one, unless records were entered twice. */
bool patient_by_identifier(struct tx *tx, const char *system, const char *value, struct patient_list *out);

/* The same in any system. */
bool patient_by_number(struct tx *tx, const char *value, struct patient_list *out);

bool patient_by_birth(struct tx *tx, day_t born_on, int32_t limit, struct patient_list *out);

/* Whose folded names hold this folded part anywhere. */
bool patient_by_name(struct tx *tx, const char *folded, int32_t limit, struct patient_list *out);

/* Calls `look` for everybody who was not merged away; only id, born_on and name_folded are filled, until it returns. */
bool patient_each(struct tx *tx, void (*look)(void *context, const struct patient_row *row), void *context);

/* Appends a version with its representatives and sharing agreement under tx->seq. */
void patient_append(struct tx *tx, const struct patient_row *row);

/* Was no other record merged into this one? Then all that is recorded of the patient is recorded under this id. */
bool patient_alone(struct tx *tx, const char *id);

/* Appends that `patient` was entered twice and is `into`. A second time is DB_CONFLICT. */
void patient_merge(struct tx *tx, const char *patient, const char *into);

/* M9. */
struct patient_status_row {
    int64_t seq;        /* reading */
    const char *status; /* "attending", "away", "deceased" */
    day_t from;
    day_t to; /* the last day; DAY_NONE: no end */
    const char *source;
};

/*
 * The newest status that applies on a day, also of records that were merged into this one. False, with *out attending
 * from no day, where none was recorded for it, or the store failed.
 */
bool patient_status_on(struct tx *tx, const char *patient, day_t day, struct patient_status_row *out);

/* Appends a status under tx->seq. */
void patient_status_append(struct tx *tx, const char *patient, const struct patient_status_row *status);

#endif
