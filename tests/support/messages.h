/*
 * Made-up alerts: one of each kind that never changes, for golden files, and any number of random ones. Nobody in them is
 * real; NHS numbers are of the range 999 000 xxxx.
 */
#ifndef INSTALMENT_TESTS_MESSAGES_H
#define INSTALMENT_TESTS_MESSAGES_H

#include "alert/fhir.h"

/* Names and numbers that must never show where a service is not set to identify_patients. */
#define MESSAGES_NAME "Canary Q. Yellowbird"
#define MESSAGES_NHS "9990000123"
#define MESSAGES_BORN "1977-07-07"
#define MESSAGES_BORN_LABEL "07 Jul 1977"

/* A secret as a service has it, with the base64 of 32 bytes, and another. */
#define MESSAGES_SECRET "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define MESSAGES_SECRET_NEW "whsec_Hx4dHBsaGRgXFhUUExIREA8ODQwLCgkIBwYFBAMCAQA="

/* A message with its lists; its texts are constants, or lie in `texts`. */
struct made_message {
    struct alert_message m;
    struct alert_item items[ALERT_ITEMS_MAX];
    struct alert_instalment instalments[ALERT_INSTALMENTS_MAX];
    struct alert_sign signs[ALERT_SIGNS_MAX];
    struct alert_part parts[ALERT_PARTS_MAX];
    char texts[1 << 20];
    size_t texts_used;
    uint64_t chance;
};

/* How many golden messages there are, and the name of one: "missed_pickup", "missed_pickup-identified". */
size_t messages_golden_count(void);
const char *messages_golden_name(size_t number);
void messages_golden(size_t number, struct made_message *out);

/* The random message of a number: every kind in turn, texts in any script and of odd lengths, some not UTF-8. */
void messages_random(uint64_t number, struct made_message *out);

#endif
