#include "messages.h"

#include <stdio.h>
#include <string.h>

#define DAY(year, month, date) day_from_civil(year, month, date)

/* ---- golden: a pharmacy on Monday 2026-11-23 */

struct golden {
    const char *name;
    const char *kind;
    bool urgent;
    void (*fill)(struct made_message *);
};

static void fill_common(struct made_message *out, const char *kind, bool urgent, size_t number) {
    struct alert_message *m = &out->m;
    memset(out, 0, sizeof *out);
    alert_message_init(m);
    (void)snprintf(out->texts, sizeof out->texts, "019aaf10-7d2e-7a10-8e44-9f1d6c0b2a%02zx", number);
    m->id = out->texts;
    m->kind = kind;
    m->urgent = urgent;
    m->correlation = "rx_01j0episode";
    m->on = DAY(2026, 11, 23);
    m->occurred_at = "2026-11-23T18:00:00+00:00";
    m->raised_at = "2026-11-23T18:00:00+00:00";
    m->sent_at = "2026-11-23T18:00:01+00:00";
    m->answer_by = urgent ? "2026-11-23T19:00:00+00:00" : "2026-11-24T10:00:00+00:00";
    m->pharmacy_name = "Riverside Pharmacy";
    m->pharmacy_ods = "FXX99";
    m->pharmacy_phone = "0113 496 0123";
    m->pharmacy_address = "1 River Street, Sampleton, ZZ99 9ZZ";
    m->service_name = "Sampleton Recovery Service";
    m->service_ods = "RXX01";
    m->service_endpoint = "https://inbox.recovery.example/fhir";
    m->client_reference = "SRS-20417";
    m->patient = "pt_01j0opaque";
    m->identifier_system = "nhs";
    m->identifier_value = MESSAGES_NHS;
    m->patient_name = MESSAGES_NAME;
    m->born_on = DAY(1977, 7, 7);
    m->prescription = "rx_01j0opaque";
    m->drug_class = CLASS_OPIOID;
    out->items[0] = (struct alert_item){
        .product = "Methadone 1mg/ml oral solution sugar free", .unit = "ml", .total = 840000};
    m->items = out->items;
    m->item_count = 1;
    m->valid_from = DAY(2026, 11, 16);
    m->valid_to = DAY(2026, 11, 29);
    m->last_dosed = DAY(2026, 11, 22);
    m->last_dose = "60 ml";
    m->next_collection = DAY(2026, 11, 24);
    m->register_head =
        "methadone-1mg-ml-sf 1042, 3f79bb7b435b05321651daefd374cdc681dc06faa65e374e38337b88ca046dea";
}

static void not_supplied(struct made_message *out, day_t due, size_t item, quantity_t quantity,
                         enum alert_reason reason, const char *text) {
    out->instalments[out->m.instalment_count++] = (struct alert_instalment){
        .due = due, .item = item, .quantity = quantity, .reason = reason, .reason_text = text};
    out->m.instalments = out->instalments;
}

static void fill_missed(struct made_message *out) {
    out->m.missed_days = 1;
    out->m.missed_pickups = 1;
    not_supplied(out, out->m.on, 0, 60000, ALERT_NOT_COLLECTED, NULL);
}

static void fill_identified(struct made_message *out) {
    fill_missed(out);
    out->items[0].dmd_code = "1234567890"; /* nobody's */
    out->m.identify = true;
    out->m.titration = true;
}

static void fill_hold(struct made_message *out) {
    out->m.missed_days = 3;
    out->m.missed_pickups = 3;
    out->m.last_dosed = DAY(2026, 11, 20);
    out->m.next_collection = DAY_NONE;
    out->m.on_hold = true;
    out->m.prescription_status = "on-hold";
    not_supplied(out, DAY(2026, 11, 21), 0, 60000, ALERT_WITHHELD, NULL);
    not_supplied(out, DAY(2026, 11, 22), 0, 60000, ALERT_REASON_TEXT, "the pharmacy was closed");
    not_supplied(out, DAY(2026, 11, 23), 0, 60000, ALERT_NOT_COLLECTED, NULL);
}

static void diazepam(struct made_message *out) {
    out->m.drug_class = CLASS_BENZODIAZEPINE;
    out->items[0] = (struct alert_item){.product = "Diazepam 5mg tablets", .unit = "tablet", .total = 28000};
    out->m.last_dose = "2 tablets";
}

static void fill_run(struct made_message *out) {
    diazepam(out);
    out->m.missed_days = 6;
    out->m.missed_pickups = 3;
    out->m.last_dosed = DAY(2026, 11, 17);
    not_supplied(out, DAY(2026, 11, 23), 0, 2000, ALERT_NOT_COLLECTED, NULL);
}

static void fill_intermittent(struct made_message *out) {
    out->m.missed_days = 3;
    not_supplied(out, DAY(2026, 11, 17), 0, 60000, ALERT_NOT_COLLECTED, NULL);
    not_supplied(out, DAY(2026, 11, 20), 0, 60000, ALERT_NOT_COLLECTED, NULL);
    not_supplied(out, DAY(2026, 11, 23), 0, 60000, ALERT_NOT_COLLECTED, NULL);
}

static void fill_intoxication(struct made_message *out) {
    out->signs[0].text = "slurred speech";
    out->signs[1].text = "unsteady on the feet";
    out->m.signs = out->signs;
    out->m.sign_count = 2;
    out->m.decision = "withheld";
    out->m.note =
        "Came in at ten, spoke slowly, said that she had slept badly.\nSat down for ten minutes; walked home "
        "with her sister.";
    not_supplied(out, out->m.on, 0, 60000, ALERT_WITHHELD, NULL);
}

static void fill_not_completed(struct made_message *out) {
    out->m.outcome = "part";
    out->m.swallowed = "40 ml";
    out->m.minutes_after = 5;
    out->m.note = "Coughed and stopped.";
}

static void fill_concern(struct made_message *out) {
    out->m.concern = "welfare";
    out->m.note = "Sleeping rough since Friday.";
    out->m.client_reference = NULL;
}

static void fill_ending(struct made_message *out) {
    out->m.next_collection = DAY(2026, 11, 27);
}

static void fill_closed_day(struct made_message *out) {
    out->m.closed_on = DAY(2026, 12, 25);
    out->m.moved_to = DAY(2026, 12, 24);
}

static void fill_closed_stuck(struct made_message *out) {
    out->m.closed_on = DAY(2026, 12, 25);
}

static void fill_attended(struct made_message *out) {
    out->m.why_codes = "no_form,three_day_rule";
    out->m.missed_days = 3;
    out->m.on_hold = true;
    out->m.note = "Will come again tomorrow morning.";
    not_supplied(out, out->m.on, 0, 60000, ALERT_REASON_TEXT, "came; the form was not here");
}

static void fill_pharmacy_closed(struct made_message *out) {
    out->m.why = "A burst pipe.";
    out->m.where_to_go = "Hill Pharmacy, 3 Hill Road, telephone 0113 496 0456";
    not_supplied(out, out->m.on, 0, 60000, ALERT_REASON_TEXT, "the pharmacy is closed at short notice");
}

static void fill_away(struct made_message *out) {
    out->m.away_from = DAY(2026, 11, 23);
    out->m.away_to = DAY(2026, 11, 27);
    out->m.away_source = "ward 4, Sampleton Infirmary";
}

static void fill_irregular(struct made_message *out) {
    out->m.why = "A dose meant for another day was given: 80 ml in place of 60 ml";
    out->m.note = "Patient telephoned at 10:40, well; asked to go to the infirmary if drowsy.";
    out->m.on_hold = true;
}

static void fill_correction(struct made_message *out) {
    out->m.corrects = "019aaf10-7d2e-7a10-8e44-9f1d6c0b2a00";
    out->m.corrects_kind = "missed_pickup";
    out->m.corrects_on = out->m.on;
    out->m.why = "The dose of that day was supplied at 18:20";
    out->m.raised_at = out->m.occurred_at = "2026-11-23T18:20:00+00:00";
    out->m.sent_at = "2026-11-23T21:25:00+00:00";
}

static void fill_test(struct made_message *out) {
    out->m.on = DAY_NONE;
}

static void fill_digest(struct made_message *out) {
    static const struct alert_part parts[] = {
        {"019aaf10-7d2e-7a10-8e44-9f1d6c0b2b01", "missed_pickup", INT32_MIN, 1},
        {"019aaf10-7d2e-7a10-8e44-9f1d6c0b2b02", "missed_pickup", INT32_MIN, 2},
        {"019aaf10-7d2e-7a10-8e44-9f1d6c0b2b03", "ending_soon", INT32_MIN, -1},
    };
    memcpy(out->parts, parts, sizeof parts);
    out->parts[0].on = DAY(2026, 11, 20);
    out->parts[1].on = DAY(2026, 11, 21);
    out->parts[2].on = DAY(2026, 11, 21);
    out->m.parts = out->parts;
    out->m.part_count = 3;
    out->m.missed_days = 2;
    out->m.last_dosed = DAY(2026, 11, 19);
    out->m.raised_at = "2026-11-20T18:00:00+00:00";
    not_supplied(out, DAY(2026, 11, 20), 0, 60000, ALERT_NOT_COLLECTED, NULL);
    not_supplied(out, DAY(2026, 11, 21), 0, 62500, ALERT_NOT_COLLECTED, NULL);
}

static const struct golden goldens[] = {
    {"missed_pickup", "missed_pickup", false, fill_missed},
    {"missed_pickup-identified", "missed_pickup", true, fill_identified},
    {"supply_on_hold", "supply_on_hold", true, fill_hold},
    {"missed_run", "missed_run", true, fill_run},
    {"intermittent", "intermittent", false, fill_intermittent},
    {"possible_intoxication", "possible_intoxication", true, fill_intoxication},
    {"dose_not_completed", "dose_not_completed", false, fill_not_completed},
    {"other_concern", "other_concern", false, fill_concern},
    {"ending_soon", "ending_soon", false, fill_ending},
    {"collection_on_closed_day", "collection_on_closed_day", false, fill_closed_day},
    {"collection_on_closed_day-stuck", "collection_on_closed_day", false, fill_closed_stuck},
    {"attended_not_supplied", "attended_not_supplied", true, fill_attended},
    {"pharmacy_closed", "pharmacy_closed", true, fill_pharmacy_closed},
    {"patient_away", "patient_away", false, fill_away},
    {"irregular_supply", "irregular_supply", true, fill_irregular},
    {"correction", "correction", false, fill_correction},
    {"route_test", "route_test", false, fill_test},
    {"digest", "digest", false, fill_digest},
};

size_t messages_golden_count(void) {
    return sizeof goldens / sizeof goldens[0];
}

const char *messages_golden_name(size_t number) {
    return goldens[number].name;
}

void messages_golden(size_t number, struct made_message *out) {
    fill_common(out, goldens[number].kind, goldens[number].urgent, number);
    goldens[number].fill(out);
}

/* ---- random */

static uint64_t chance(struct made_message *out) {
    out->chance += UINT64_C(0x9E3779B97F4A7C15);
    uint64_t z = out->chance;
    z = (z ^ (z >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94D049BB133111EB);
    return z ^ (z >> 31);
}

static uint32_t below(struct made_message *out, uint32_t limit) {
    return (uint32_t)(chance(out) % limit);
}

static size_t encode(uint32_t c, char *to) {
    if (c < 0x80) {
        to[0] = (char)c;
        return 1;
    }
    size_t more = c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
    static const unsigned char leads[] = {0, 0xC0, 0xE0, 0xF0};
    to[0] = (char)(leads[more] | c >> (6 * more));
    for (size_t i = 1; i <= more; i++) {
        to[i] = (char)(0x80 | (c >> (6 * (more - i)) & 0x3F));
    }
    return more + 1;
}

static uint32_t character(struct made_message *out, uint32_t script) {
    static const struct {
        uint32_t from, to;
    } scripts[] = {{0x20, 0x7E},     {0xA1, 0x17F},      {0x391, 0x3C9},   {0x410, 0x44F},
                   {0x5D0, 0x5EA},   {0x620, 0x64A},     {0x905, 0x939},   {0xE01, 0xE30},
                   {0x1200, 0x1240}, {0x2000, 0x206F},   {0x3041, 0x3096}, {0x4E00, 0x4EFF},
                   {0xAC00, 0xACFF}, {0x1F600, 0x1F64F}, {0x300, 0x36F},   {0x01, 0x1F},
                   {0x7F, 0xA0},     {0xFDF0, 0xFEFF},   {0xFFF0, 0xFFFD}, {0x10FF00, 0x10FFFD}};
    uint32_t which = below(out, 8) == 0 ? below(out, 20) : script;
    return scripts[which].from + below(out, scripts[which].to - scripts[which].from + 1);
}

/* How many of a list, plus one: mostly a few, seldom as many as may be. */
static uint32_t many(struct made_message *out, uint32_t most) {
    uint32_t dice = below(out, 200);
    return dice == 0 ? most + 1 : dice < 20 ? 50 : 5;
}

/* A text of up to `longest` characters; NULL now and then where `may_lack`. */
static const char *text(struct made_message *out, uint32_t longest, bool may_lack) {
    if (may_lack && below(out, 6) == 0) {
        return NULL;
    }
    uint32_t count = 1 + below(out, below(out, 10) == 0 ? longest : longest < 40 ? longest : 40);
    uint32_t script = below(out, 20);
    char *from = out->texts + out->texts_used;
    size_t len = 0;
    for (uint32_t i = 0; i < count && out->texts_used + len + 8 < sizeof out->texts; i++) {
        len += encode(character(out, script), from + len);
        if (below(out, 300) == 0) {
            from[len++] = (char)(0x80 + below(out, 128));
        }
    }
    from[len++] = '\0';
    out->texts_used += len;
    return from;
}

static const char *kept(struct made_message *out, const char *what) {
    char *from = out->texts + out->texts_used;
    size_t len = strlen(what) + 1;
    memcpy(from, what, len);
    out->texts_used += len;
    return from;
}

static const char *random_uuid(struct made_message *out) {
    char id[40];
    uint64_t a = chance(out);
    uint64_t b = chance(out);
    (void)snprintf(id, sizeof id, "%08x-%04x-7%03x-%04x-%012llx", (unsigned)(a >> 32),
                   (unsigned)(a >> 16 & 0xFFFF), (unsigned)(a & 0xFFF), (unsigned)(b >> 48 & 0x3FFF) | 0x8000,
                   (unsigned long long)(b & 0xFFFFFFFFFFFF));
    return kept(out, id);
}

static day_t random_day(struct made_message *out) {
    return below(out, 8) == 0 ? DAY_NONE : DAY(2024, 1, 1) + (day_t)below(out, 2000);
}

static const char *random_instant(struct made_message *out) {
    char day[DAY_TEXT_SIZE];
    char all[64];
    day_format(DAY(2024, 1, 1) + (day_t)below(out, 2000), day);
    (void)snprintf(all, sizeof all, "%sT%02u:%02u:%02u%s", day, below(out, 24), below(out, 60),
                   below(out, 60), below(out, 2) == 0 ? "+00:00" : "+01:00");
    return kept(out, all);
}

static quantity_t random_quantity(struct made_message *out) {
    return below(out, 3) == 0 ? (quantity_t)below(out, 1000000000) : (quantity_t)below(out, 200) * 500;
}

static const char *one_of(struct made_message *out, const char *const *words, uint32_t count) {
    uint32_t which = below(out, count + 1);
    return which == count ? NULL : words[which];
}

static void random_parties(struct made_message *out) {
    static const char *const codes[] = {"FXX99", "RXX01", "A1", "not a code", "fxx99"};
    struct alert_message *m = &out->m;
    m->correlation = text(out, 60, true);
    m->pharmacy_name = text(out, 300, false);
    m->pharmacy_ods = one_of(out, codes, 5);
    m->pharmacy_phone = text(out, 40, true);
    m->pharmacy_address = text(out, 700, true);
    m->service_name = text(out, 700, false);
    m->service_ods = one_of(out, codes, 5);
    m->service_endpoint =
        below(out, 2) == 0 ? "https://inbox.example/fhir" : "https://[::1]:8443/a/b?c=d&e=%20";
}

static void random_patient(struct made_message *out) {
    static const char *const systems[] = {"nhs", "chi", "hc", "other"};
    struct alert_message *m = &out->m;
    m->client_reference = text(out, 60, true);
    m->patient = text(out, 60, true);
    m->identify = below(out, 3) == 0;
    m->identifier_system = one_of(out, systems, 4);
    m->identifier_value = below(out, 4) == 0 ? NULL : MESSAGES_NHS;
    m->patient_name = below(out, 4) == 0 ? NULL : MESSAGES_NAME;
    m->born_on = below(out, 4) == 0 ? DAY_NONE : DAY(1977, 7, 7);
}

static void random_prescription(struct made_message *out) {
    static const char *const states[] = {"active", "on-hold", "stopped", "completed", "no such"};
    struct alert_message *m = &out->m;
    m->prescription = below(out, 6) == 0 ? NULL : kept(out, "rx_any");
    m->prescription_status = one_of(out, states, 5);
    m->drug_class = below(out, 2) == 0 ? CLASS_OPIOID : CLASS_BENZODIAZEPINE;
    m->titration = below(out, 3) == 0;
    m->valid_from = random_day(out);
    m->valid_to = random_day(out);
    m->item_count = 1 + below(out, below(out, 5) == 0 ? ALERT_ITEMS_MAX : 2);
    m->items = out->items;
    for (size_t i = 0; i < m->item_count; i++) {
        out->items[i] =
            (struct alert_item){.product = text(out, 200, false),
                                .dmd_code = below(out, 2) == 0 ? "1234567890" : text(out, 20, true),
                                .unit = below(out, 2) == 0 ? "ml" : text(out, 20, true),
                                .total = below(out, 4) == 0 ? QUANTITY_NONE : random_quantity(out)};
    }
    m->instalment_count = m->prescription == NULL ? 0 : below(out, many(out, ALERT_INSTALMENTS_MAX));
    m->instalments = out->instalments;
    for (size_t i = 0; i < m->instalment_count; i++) {
        out->instalments[i] = (struct alert_instalment){.due = DAY(2024, 1, 1) + (day_t)below(out, 2000),
                                                        .item = below(out, (uint32_t)m->item_count),
                                                        .quantity = random_quantity(out),
                                                        .reason = (enum alert_reason)below(out, 3),
                                                        .reason_text = text(out, 80, true)};
    }
}

static void random_happened(struct made_message *out) {
    static const char *const concerns[] = {"welfare", "safeguarding", "prescription_problem", "other", "?"};
    static const char *const decided[] = {"supplied", "deferred", "withheld", "emergency", "none"};
    static const char *const outcomes[] = {"left", "vomited", "spilled", "part"};
    static const char *const codes[] = {"no_form", "no_stock,not_due", "three_day_rule,,clock,", "closed",
                                        "unheard_of"};
    struct alert_message *m = &out->m;
    m->missed_days = (int32_t)below(out, 12) - 1;
    m->missed_pickups = (int32_t)below(out, 5) - 1;
    m->last_dosed = random_day(out);
    m->last_dose = text(out, 20, true);
    m->next_collection = random_day(out);
    m->on_hold = below(out, 3) == 0;
    m->concern = one_of(out, concerns, 5);
    m->decision = one_of(out, decided, 5);
    m->outcome = one_of(out, outcomes, 4);
    m->swallowed = text(out, 20, true);
    m->minutes_after = (int32_t)below(out, 90) - 1;
    m->why = text(out, 900, true);
    m->why_codes = one_of(out, codes, 5);
    m->where_to_go = text(out, 300, true);
    m->closed_on = random_day(out);
    m->moved_to = random_day(out);
    m->away_from = random_day(out);
    m->away_to = random_day(out);
    m->away_source = text(out, 100, true);
    m->corrects = random_uuid(out);
    m->corrects_kind = alert_kinds[below(out, 16)];
    m->corrects_on = random_day(out);
    m->register_head = text(out, 200, true);
}

/* A note that names the patient all the same, in the letter case of somebody in a hurry. */
static void random_note(struct made_message *out) {
    static const char *const names[] = {"canary q. yellowbird", "CANARY Q.  YELLOWBIRD", "999 000 0123",
                                        MESSAGES_NHS};
    const char *free = text(out, 3000, true);
    const char *name = one_of(out, names, 4);
    char all[16384];
    (void)snprintf(all, sizeof all, "%s (%s) %s", free == NULL ? "" : free, name == NULL ? "" : name, "came");
    out->m.note = free == NULL && name == NULL ? NULL : kept(out, all);
}

static void random_lists(struct made_message *out) {
    struct alert_message *m = &out->m;
    m->sign_count = below(out, below(out, 4) == 0 ? ALERT_SIGNS_MAX + 1 : 4);
    m->signs = out->signs;
    for (size_t i = 0; i < m->sign_count; i++) {
        out->signs[i].text = text(out, 60, true);
    }
    m->part_count = 1 + below(out, many(out, ALERT_PARTS_MAX - 1));
    m->parts = out->parts;
    for (size_t i = 0; i < m->part_count; i++) {
        out->parts[i] = (struct alert_part){.id = random_uuid(out),
                                            .kind = alert_kinds[below(out, 15)],
                                            .on = random_day(out),
                                            .missed_days = (int32_t)below(out, 9) - 1};
    }
}

void messages_random(uint64_t number, struct made_message *out) {
    memset(out, 0, sizeof *out);
    alert_message_init(&out->m);
    out->chance = number * UINT64_C(0xD1342543DE82EF95) + 7;
    out->m.id = random_uuid(out);
    out->m.kind = alert_kinds[number % 16];
    out->m.urgent = below(out, 2) == 0;
    out->m.on = random_day(out);
    out->m.occurred_at = below(out, 4) == 0 ? NULL : random_instant(out);
    out->m.raised_at = random_instant(out);
    out->m.sent_at = random_instant(out);
    out->m.answer_by = below(out, 4) == 0 ? NULL : random_instant(out);
    random_parties(out);
    random_patient(out);
    random_prescription(out);
    random_happened(out);
    random_note(out);
    random_lists(out);
}
