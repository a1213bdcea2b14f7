/* The register as the interface shows it. NULL: memory is short. */
#ifndef INSTALMENT_HTTP_JSON_REGISTER_H
#define INSTALMENT_HTTP_JSON_REGISTER_H

#include "call.h"
#include "desk/register.h"

/* api.md, "Shapes": an entry, with what C1 to C7 ask of its kind. */
cJSON *json_register_entry(const struct register_row *row);

/* A section without its entries. */
cJSON *json_register_section(const struct register_section *section);

/* One line of the export with the names of the canonical form (docs/register.md). */
cJSON *json_register_line(const struct register_row *row);

cJSON *json_discrepancy(const struct discrepancy_row *row);

/* {"number", "hash"} */
cJSON *json_register_head(int64_t number, const uint8_t hash[REGISTER_HASH_SIZE]);

#endif
