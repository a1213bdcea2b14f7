#include "pharmacy.h"

#include <string.h>

#include "clock.h"

static struct signature headers_of(const struct call *call) {
    return (struct signature){.id = call_header(call, "webhook-id"),
                              .timestamp = call_header(call, "webhook-timestamp"),
                              .signatures = call_header(call, "webhook-signature")};
}

bool pharmacy_is_signed(const struct call *call) {
    const struct signature signature = headers_of(call);
    return signature.id != NULL || signature.timestamp != NULL || signature.signatures != NULL;
}

const char *pharmacy_of(const struct call *call, const struct config_pharmacy **out) {
    const struct config *config = call_config(call);
    const struct signature signature = headers_of(call);
    switch (signature_time(&signature, clock_now())) {
    case SIGNATURE_GOOD: break;
    case SIGNATURE_MISSING: return "The request is not signed: webhook-id, -timestamp and -signature.";
    case SIGNATURE_OLD: return "The request's time is more than five minutes away from ours.";
    case SIGNATURE_MALFORMED:
    case SIGNATURE_WRONG: return "webhook-id or webhook-timestamp cannot be read.";
    }
    *out = NULL;
    for (size_t i = 0; i < config->pharmacy_count; i++) {
        const struct config_pharmacy *one = &config->pharmacies[i];
        for (size_t k = 0; k < one->secret_count; k++) {
            if (signature_fits(&signature, &one->secrets[k], call->body, call->body_len)) {
                *out = one;
            }
        }
    }
    return *out == NULL ? "The signature fits no pharmacy that is known here." : NULL;
}

const struct config_pharmacy *pharmacy_by_id(const struct config *config, const char *id) {
    for (size_t i = 0; i < config->pharmacy_count; i++) {
        if (strcmp(config->pharmacies[i].id, id) == 0) {
            return &config->pharmacies[i];
        }
    }
    return NULL;
}
