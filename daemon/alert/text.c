/* The words of an alert: rules.md, sections 5 and 9. */
#include <string.h>

#include "core/reason.h"
#include "message.h"

/* M7. */
#define SEE_THEM_FROM_DAYS 5
/* H28: a message sent this long after it was written says so. Seconds. */
#define LATE 3600
/* How many messages of a digest are named in its first sentence. */
#define SPOKEN_PARTS_MAX 5

struct word {
    const char *code;
    const char *text;
};

/* The words of a code, or the code itself. */
static const char *words_of(const struct word *list, const char *code) {
    for (; list->code != NULL; list++) {
        if (strcmp(list->code, code) == 0) {
            return list->text;
        }
    }
    return code;
}

static const struct word concerns[] = {{"welfare", "A concern for the patient's welfare."},
                                       {"safeguarding", "A safeguarding concern."},
                                       {"prescription_problem", "A problem with the prescription."},
                                       {"other", "A concern about the patient."},
                                       {NULL, NULL}};

static const struct word decisions[] = {
    {"supplied", "The dose was supplied."},
    {"deferred", "The dose was put off: it may still be given the same day, not later."},
    {"withheld", "The dose was withheld."},
    {"emergency", "An ambulance was called."},
    {NULL, NULL}};

static const struct word outcomes[] = {{"left", "The patient left with the dose, or with a part of it."},
                                       {"vomited", "The dose was vomited."},
                                       {"spilled", "The dose was spilled."},
                                       {"part", "Only a part of the dose was taken."},
                                       {NULL, NULL}};

/* Why somebody who came could not be supplied, besides the rules of core/reason.h. */
static const struct word hindrances[] = {{"no_form", "The prescription form was not at the pharmacy."},
                                         {"no_stock", "The medicine was not in stock."},
                                         {"closed", "The pharmacy could not supply at that time."},
                                         {"other", "There was another reason."},
                                         {NULL, NULL}};

/* ---- small pieces ---- */

static void add_day(struct buffer *out, day_t day) {
    char text[DAY_LABEL_SIZE];
    day_format_label(day, text);
    buffer_text(out, text);
}

/* " on Tue 05 May 2026", or nothing. */
static void add_on(struct buffer *out, const char *before, day_t day) {
    if (day != DAY_NONE) {
        buffer_text(out, before);
        add_day(out, day);
    }
}

/* "Mon 23 Nov 2026, 18:00": the face of an instant as it was written. */
static void add_instant(struct buffer *out, const char *instant) {
    day_t day = DAY_NONE;
    if (day_parse(instant, DAY_TEXT_SIZE - 1, &day)) {
        add_day(out, day);
        buffer_format(out, ", %.5s", instant + DAY_TEXT_SIZE);
    }
}

static void add_days_count(struct buffer *out, int32_t days) {
    buffer_format(out, "%d day%s", (int)days, days == 1 ? "" : "s");
}

/* "62.5 ml", "2 tablets". */
static void add_quantity(struct buffer *out, quantity_t quantity, const char *unit) {
    char text[QUANTITY_TEXT_SIZE];
    quantity_format(quantity, text);
    buffer_text(out, text);
    if (unit != NULL) {
        bool counted =
            strcmp(unit, "tablet") == 0 || strcmp(unit, "film") == 0 || strcmp(unit, "lyophilisate") == 0;
        buffer_format(out, " %s%s", unit, counted && quantity != 1000 ? "s" : "");
    }
}

/* A sentence, or several, of somebody's: with a full stop where none ends it. */
static void add_sentence(struct buffer *out, const char *text) {
    size_t len = text == NULL ? 0 : strlen(text);
    if (len > 0) {
        buffer_format(out, " %s%s", text, strchr(".!?", text[len - 1]) == NULL ? "." : "");
    }
}

/* ---- what happened: one or two sentences for each kind, for the text and for the telephone ---- */

static bool all_not_collected(const struct alert_message *m) {
    for (size_t i = 0; i < m->instalment_count; i++) {
        if (m->instalments[i].reason != ALERT_NOT_COLLECTED) {
            return false;
        }
    }
    return m->instalment_count > 0;
}

static void say_missed(struct buffer *out, const struct alert_message *m) {
    buffer_text(out, "No dose recorded");
    add_on(out, " for ", m->on);
    buffer_text(out, all_not_collected(m) ? ": the patient did not collect." : ".");
}

static void say_hold(struct buffer *out, const struct alert_message *m) {
    if (m->missed_days > 0) {
        buffer_text(out, "It has been ");
        add_days_count(out, m->missed_days);
        buffer_text(out, " without a recorded dose. ");
    }
    buffer_text(out,
                "The usual dose may now be too strong. Nothing is supplied until the prescriber has been "
                "consulted and that is recorded: please have the prescriber telephone us.");
}

static void say_run(struct buffer *out, const struct alert_message *m) {
    buffer_text(out, "No dose recorded for ");
    if (m->missed_days > 0) {
        add_days_count(out, m->missed_days);
        buffer_text(out, ", one after the other.");
    } else {
        buffer_text(out, "several days.");
    }
    buffer_text(out, " Stopping this medicine suddenly can cause withdrawal and seizures.");
}

static void say_intermittent(struct buffer *out, const struct alert_message *m) {
    if (m->missed_days > 0) {
        add_days_count(out, m->missed_days);
    } else {
        buffer_text(out, "Several days");
    }
    buffer_text(out, " without a recorded dose within 14 days, not one after the other.");
}

static void say_seen(struct buffer *out, const struct alert_message *m) {
    for (size_t i = 0; i < m->sign_count; i++) {
        buffer_text(out, i == 0 ? " What was seen: " : ", ");
        buffer_text(out, m->signs[i].text);
    }
    buffer_text(out, m->sign_count == 0 ? "" : ".");
}

static void say_intoxication(struct buffer *out, const struct alert_message *m) {
    buffer_text(out, "Concern at collection.");
    say_seen(out, m);
    buffer_text(out, " This is what was seen and no diagnosis: it could be illness or injury.");
    add_sentence(out, m->decision == NULL ? NULL : words_of(decisions, m->decision));
}

static void say_concern(struct buffer *out, const struct alert_message *m) {
    buffer_text(out, words_of(concerns, m->concern == NULL ? "other" : m->concern));
    say_seen(out, m);
    add_sentence(out, m->decision == NULL ? NULL : words_of(decisions, m->decision));
}

static void say_not_completed(struct buffer *out, const struct alert_message *m) {
    buffer_text(out, m->outcome == NULL ? "The dose was not completed." : words_of(outcomes, m->outcome));
    if (m->minutes_after >= 0) {
        buffer_format(out, " That was %d minute%s after it was given.", (int)m->minutes_after,
                      m->minutes_after == 1 ? "" : "s");
    }
    if (m->swallowed != NULL) {
        buffer_format(out, " Swallowed: %s.", m->swallowed);
    }
    buffer_text(out, " It is not replaced without a new prescription.");
}

static void say_ending(struct buffer *out, const struct alert_message *m) {
    day_t last = m->next_collection != DAY_NONE ? m->next_collection : m->on;
    buffer_text(out, "The last collection of this prescription is");
    buffer_text(out, last == DAY_NONE ? " near" : "");
    add_on(out, " on ", last);
    buffer_text(out, ", and we have no prescription that follows it.");
}

static void say_closed_day(struct buffer *out, const struct alert_message *m) {
    day_t closed = m->closed_on != DAY_NONE ? m->closed_on : m->on;
    buffer_text(out, "A collection day falls on a day on which the pharmacy is closed");
    add_on(out, ": ", closed);
    buffer_text(out, ".");
    if (m->moved_to != DAY_NONE) {
        buffer_text(out, " That instalment can be collected");
        add_on(out, " on ", m->moved_to);
        buffer_text(out, " instead.");
    } else {
        buffer_text(out,
                    " As the prescription is worded that instalment can be supplied on no other day: please "
                    "amend it or write a new one in time.");
    }
}

static void add_why_codes(struct buffer *out, const char *codes) {
    while (codes != NULL && *codes != '\0') {
        char code[64];
        size_t len = strcspn(codes, ",");
        enum reason_code reason = REASON_COUNT;
        if (len > 0 && len < sizeof code) {
            memcpy(code, codes, len);
            code[len] = '\0';
            const char *known = words_of(hindrances, code);
            add_sentence(out, known != code                          ? known
                              : reason_from_code(code, len, &reason) ? reason_explanation(reason)
                                                                     : code);
        }
        codes += len + (codes[len] == ',');
    }
}

static void say_attended(struct buffer *out, const struct alert_message *m) {
    buffer_text(out, "The patient came");
    add_on(out, " on ", m->on);
    buffer_text(out, " and could not be supplied.");
    add_sentence(out, m->why);
    add_why_codes(out, m->why_codes);
}

static void say_pharmacy_closed(struct buffer *out, const struct alert_message *m) {
    buffer_text(out, "The pharmacy is closed at short notice");
    add_on(out, " on ", m->on);
    buffer_text(out, ", when this patient was due.");
    add_sentence(out, m->why);
    if (m->where_to_go != NULL) {
        buffer_text(out, " Where the patient can go:");
        add_sentence(out, m->where_to_go);
    } else {
        buffer_text(out, " Please arrange where the patient can go: we have told nobody a place.");
    }
}

static void say_away(struct buffer *out, const struct alert_message *m) {
    buffer_text(out, "The patient is away");
    add_on(out, " from ", m->away_from);
    add_on(out, " to ", m->away_to);
    if (m->away_source != NULL) {
        buffer_format(out, ", as told by %s", m->away_source);
    }
    buffer_text(out,
                ". We send no messages of missed collections for that time, and ask before we supply again.");
}

static void say_irregular(struct buffer *out, const struct alert_message *m) {
    buffer_text(out, "A supply was made outside the rules");
    add_on(out, " on ", m->on);
    buffer_text(out, ".");
    add_sentence(out, m->why);
    buffer_text(out, " Nothing more of this class is supplied until the prescriber has been consulted.");
}

static void say_correction(struct buffer *out, const struct alert_message *m) {
    buffer_format(out, "What an earlier message said is no longer so: \"%s\"",
                  m->corrects_kind == NULL ? "message" : message_title(m->corrects_kind));
    add_on(out, " of ", m->corrects_on);
    buffer_text(out, ".");
    add_sentence(out, m->why);
}

static void say_test(struct buffer *out, const struct alert_message *m) {
    buffer_format(
        out,
        "This is a test of the way from the pharmacy to %s. It is about no patient. Please acknowledge it.",
        m->service_name);
}

static void say_digest(struct buffer *out, const struct alert_message *m) {
    buffer_format(out,
                  "%zu message%s about this patient waited while they could not be delivered:", m->part_count,
                  m->part_count == 1 ? "" : "s");
    for (size_t i = 0; i < m->part_count && i < SPOKEN_PARTS_MAX; i++) {
        buffer_format(out, "%s %s", i == 0 ? "" : ";", message_title(m->parts[i].kind));
        add_on(out, ", ", m->parts[i].on);
    }
    buffer_text(out, m->part_count > SPOKEN_PARTS_MAX ? "; and more." : ".");
}

static void add_happened(struct buffer *out, const struct ready_message *r) {
    static void (*const say[KIND_COUNT])(struct buffer *, const struct alert_message *) = {
        [KIND_MISSED_PICKUP] = say_missed,
        [KIND_SUPPLY_ON_HOLD] = say_hold,
        [KIND_MISSED_RUN] = say_run,
        [KIND_INTERMITTENT] = say_intermittent,
        [KIND_POSSIBLE_INTOXICATION] = say_intoxication,
        [KIND_DOSE_NOT_COMPLETED] = say_not_completed,
        [KIND_OTHER_CONCERN] = say_concern,
        [KIND_ENDING_SOON] = say_ending,
        [KIND_COLLECTION_ON_CLOSED_DAY] = say_closed_day,
        [KIND_ATTENDED_NOT_SUPPLIED] = say_attended,
        [KIND_PHARMACY_CLOSED] = say_pharmacy_closed,
        [KIND_PATIENT_AWAY] = say_away,
        [KIND_IRREGULAR_SUPPLY] = say_irregular,
        [KIND_CORRECTION] = say_correction,
        [KIND_ROUTE_TEST] = say_test,
        [KIND_DIGEST] = say_digest,
    };
    say[r->kind](out, &r->m);
}

/* M7. A hold and a run are about the days before; nobody is turned away. */
static void add_see_them(struct buffer *out, const struct ready_message *r) {
    if (r->m.missed_days >= SEE_THEM_FROM_DAYS && r->kind != KIND_INTERMITTENT) {
        buffer_text(out, " Please see the patient before the next dose; the place is open.");
    }
}

/* ---- the text, line by line ---- */

static void add_identifier(struct buffer *out, const struct alert_message *m) {
    static const struct word systems[] = {
        {"nhs", "NHS number"}, {"chi", "CHI number"}, {"hc", "H&C number"}, {NULL, NULL}};
    if (m->identifier_value != NULL) {
        buffer_format(out, "%s %s. ",
                      m->identifier_system == NULL ? "Number" : words_of(systems, m->identifier_system),
                      m->identifier_value);
    }
}

static void add_patient(struct buffer *out, const struct alert_message *m) {
    buffer_text(out, "Patient: ");
    if (m->patient_name != NULL) {
        buffer_text(out, m->patient_name);
        add_on(out, ", born ", m->born_on);
        buffer_text(out, ". ");
    }
    add_identifier(out, m);
    bool named = m->patient_name != NULL || m->identifier_value != NULL;
    if (m->client_reference != NULL) {
        buffer_format(out, "%s reference %s.\n", named ? "Your" : "your", m->client_reference);
    } else if (m->patient != NULL) {
        buffer_format(out, "%s have no reference of yours; ours is %s. Please telephone us.\n",
                      named ? "We" : "we", m->patient);
    } else {
        buffer_text(out, named ? "\n" : "not named here. Please telephone us.\n");
    }
}

static void add_prescription(struct buffer *out, const struct alert_message *m) {
    for (size_t i = 0; i < m->item_count; i++) {
        buffer_format(out, "%s%s", i == 0 ? "Prescription: " : "; ", m->items[i].product);
        if (m->items[i].total != QUANTITY_NONE) {
            buffer_text(out, ", total ");
            add_quantity(out, m->items[i].total, m->items[i].unit);
        }
    }
    if (m->item_count > 0) {
        add_on(out, ", from ", m->valid_from);
        add_on(out, " to ", m->valid_to);
        buffer_text(out, m->titration ? ". The patient is in titration.\n" : ".\n");
    }
}

static void add_instalments(struct buffer *out, const struct alert_message *m) {
    static const char *const reasons[] = {
        [ALERT_NOT_COLLECTED] = "did not collect", [ALERT_WITHHELD] = "withheld"};
    for (size_t i = 0; i < m->instalment_count; i++) {
        const struct alert_instalment *one = &m->instalments[i];
        buffer_text(out, "Not supplied: ");
        add_day(out, one->due);
        buffer_text(out, ", ");
        add_quantity(out, one->quantity, m->items[one->item].unit);
        buffer_format(out, " %s", m->items[one->item].product);
        const char *why = one->reason == ALERT_REASON_TEXT ? one->reason_text : reasons[one->reason];
        buffer_format(out, "%s%s.\n", why == NULL ? "" : ": ", why == NULL ? "" : why);
    }
}

static void add_days(struct buffer *out, const struct ready_message *r) {
    const struct alert_message *m = &r->m;
    if (m->missed_days > 0 && r->kind != KIND_INTERMITTENT) {
        buffer_format(out, "Days without a recorded dose, one after the other: %d", (int)m->missed_days);
        if (m->missed_pickups > 0) {
            buffer_format(out, " (missed collections: %d)", (int)m->missed_pickups);
        }
        buffer_text(out, ".\n");
    }
    if (m->last_dosed != DAY_NONE) {
        buffer_text(out, "Last dose supplied here: ");
        add_day(out, m->last_dosed);
        buffer_format(out, "%s%s.\n", m->last_dose == NULL ? "" : ", ",
                      m->last_dose == NULL ? "" : m->last_dose);
    }
    if (m->next_collection != DAY_NONE && r->kind != KIND_ENDING_SOON) {
        buffer_text(out, "Next collection: ");
        add_day(out, m->next_collection);
        buffer_text(out, ".\n");
    }
    if (m->on_hold && r->kind != KIND_SUPPLY_ON_HOLD) {
        buffer_text(out, "The next supply is on hold until the prescriber has been consulted.\n");
    }
}

/* What is lawful without a dose from us: never said to be so for an opioid (D11). */
static void add_emergency(struct buffer *out, const struct ready_message *r) {
    if (r->m.prescription == NULL || (r->kind != KIND_MISSED_RUN && r->kind != KIND_PHARMACY_CLOSED)) {
        return;
    }
    buffer_text(
        out, r->m.drug_class == CLASS_BENZODIAZEPINE
                 ? "An emergency supply may be possible for this medicine; for methadone and buprenorphine "
                   "it never is.\n"
                 : "An emergency supply is never possible for methadone and buprenorphine.\n");
}

static void add_parts(struct buffer *out, const struct alert_message *m) {
    for (size_t i = 0; i < m->part_count; i++) {
        buffer_format(out, "- %s", message_title(m->parts[i].kind));
        add_on(out, ", ", m->parts[i].on);
        if (m->parts[i].missed_days > 0) {
            buffer_text(out, ", ");
            add_days_count(out, m->parts[i].missed_days);
            buffer_text(out, " without a recorded dose");
        }
        buffer_format(out, " (message %s)\n", m->parts[i].id);
    }
}

/* H28: a late message shows as late. */
static void add_times(struct buffer *out, const struct alert_message *m) {
    int64_t late = message_at(m->sent_at) - message_at(m->raised_at);
    buffer_text(out, "Happened ");
    add_instant(out, m->occurred_at == NULL ? m->raised_at : m->occurred_at);
    buffer_text(out, "; written ");
    add_instant(out, m->raised_at);
    buffer_text(out, "; sent ");
    add_instant(out, m->sent_at);
    buffer_text(out, ".");
    if (late >= LATE) {
        int64_t hours = late / 3600;
        buffer_format(out, " This message is late, by %lld hour%s.", (long long)hours, hours == 1 ? "" : "s");
    }
    buffer_text(out, "\n");
}

static void add_sender(struct buffer *out, const struct alert_message *m) {
    buffer_format(out, "From: %s", m->pharmacy_name);
    if (m->pharmacy_ods != NULL) {
        buffer_format(out, " (%s)", m->pharmacy_ods);
    }
    if (m->pharmacy_address != NULL) {
        buffer_format(out, ", %s", m->pharmacy_address);
    }
    if (m->pharmacy_phone != NULL) {
        buffer_format(out, ". Telephone %s", m->pharmacy_phone);
    }
    buffer_format(out, ". To: %s.\n", m->service_name);
}

static void add_ask(struct buffer *out, const struct alert_message *m) {
    buffer_text(out, "Please acknowledge this message");
    if (m->answer_by != NULL) {
        buffer_text(out, " by ");
        add_instant(out, m->answer_by);
        buffer_text(out, "; if nobody does, we telephone");
    }
    buffer_format(out, ". Message %s", m->id);
    if (m->corrects != NULL) {
        buffer_format(out, ", which corrects %s", m->corrects);
    }
    buffer_text(out, ".");
}

static void add_text(struct buffer *out, const struct ready_message *r) {
    const struct alert_message *m = &r->m;
    buffer_format(out, "%s%s\n", m->urgent ? "URGENT: " : "", message_title(m->kind));
    add_happened(out, r);
    add_see_them(out, r);
    buffer_text(out, "\n");
    if (r->kind != KIND_ROUTE_TEST) {
        add_patient(out, m);
    }
    add_parts(out, m);
    add_prescription(out, m);
    add_instalments(out, m);
    add_days(out, r);
    add_emergency(out, r);
    if (m->note != NULL) {
        buffer_format(out, "In the writer's words: %s\n", m->note);
    }
    add_times(out, m);
    add_sender(out, m);
    add_ask(out, m);
}

/* ---- the telephone ---- */

static void add_said(struct buffer *out, const struct ready_message *r) {
    const struct alert_message *m = &r->m;
    size_t from = out->len;
    buffer_format(out, "This is %s, with %s message for %s", m->pharmacy_name, m->urgent ? "an urgent" : "a",
                  m->service_name);
    if (r->kind == KIND_ROUTE_TEST) {
        buffer_text(out, ". ");
    } else if (m->client_reference != NULL) {
        buffer_format(out, " about your client with the reference %s. ", m->client_reference);
    } else {
        buffer_text(out, " about one of your clients, whom I will name to you. ");
    }
    add_happened(out, r);
    add_see_them(out, r);
    buffer_text(out, r->kind == KIND_MISSED_RUN && m->drug_class == CLASS_BENZODIAZEPINE
                         ? " An emergency supply may be possible."
                         : "");
    buffer_text(out, " Please tell me who takes this message.");
    for (size_t i = from; i < out->len; i++) {
        out->bytes[i] = (char)(out->bytes[i] == '\n' ? ' ' : out->bytes[i]);
    }
}

static enum alert_rendered render(const struct alert_message *message, struct buffer *out, const char **error,
                                  void (*add)(struct buffer *, const struct ready_message *)) {
    struct ready_message ready;
    enum alert_rendered result = message_make(&ready, message, error);
    if (result == ALERT_RENDERED) {
        add(out, &ready);
        result = buffer_ok(out) ? ALERT_RENDERED : ALERT_NO_MEMORY;
    }
    message_release(&ready);
    return result;
}

enum alert_rendered alert_text(const struct alert_message *message, struct buffer *out, const char **error) {
    return render(message, out, error, add_text);
}

enum alert_rendered alert_say(const struct alert_message *message, struct buffer *out, const char **error) {
    return render(message, out, error, add_said);
}
