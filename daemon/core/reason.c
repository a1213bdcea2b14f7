#include "reason.h"

#include <string.h>

#include "quantity.h"

struct reason_row {
    const char *code;
    const char *rule;
    const char *basis;
    const char *sentence;    /* {n}: the number, {day}: the day, {s}: "s" unless the number is 1 */
    const char *explanation; /* what the rule says */
};

static const char law[] = "law";
static const char policy[] = "policy";

static const struct reason_row rows[REASON_COUNT] = {
    [REASON_ADVANCE_AVAILABLE] =
        {"advance_available", "D4", law,
         "The collection of {day} falls on a closed day. It may also be supplied today, if the patient "
         "wishes.",
         "With the closed-day wording, an instalment of a closed collection day may also be supplied on the "
         "last "
         "open collection day before it, where that is earlier than the nearest open day."},
    [REASON_ADVANCE_ON_USUAL_DAY] = {"advance_on_usual_day", "D4", law,
                                     "The collection of {day} is included today, earlier than the nearest "
                                     "open day. Please confirm that this is "
                                     "wanted.",
                                     "An instalment of a closed collection day is supplied on the usual "
                                     "collection day before it, because it was "
                                     "asked for. A pharmacist confirms it."},
    [REASON_ALREADY_SUPPLIED] =
        {"already_supplied", "D6", law, "This instalment has already been supplied.",
         "What is due on this day, or open late on it, was supplied before. Nothing more is due."},
    [REASON_AWAITING_NEW_PRESCRIPTION] = {"awaiting_new_prescription", "D27", policy,
                                          "The prescriber said on {day} that a new prescription will be "
                                          "written. Please ask the service where it is.",
                                          "The last consultation said that a new prescription will come: "
                                          "nothing is supplied on this one until the "
                                          "prescriber says continue."},
    [REASON_BEFORE_START] = {"before_start", "D2", law,
                             "This prescription may be supplied from {day}, not before.",
                             "Nothing is supplied before the appropriate date, the later of the signature "
                             "and the start date. Only an "
                             "instalment moved from a closed day may be supplied before the start date, "
                             "never before the signature."},
    [REASON_CLOCK] = {"clock", "D20", policy,
                      "The clock of this computer stands before the last record. Please check the date and "
                      "time, and confirm it.",
                      "While the clock stands before the last recorded event by more than a minute nothing "
                      "is supplied, until a "
                      "person has confirmed the time."},
    [REASON_CLOSED_DAY_ADVANCE] =
        {"closed_day_advance", "D4", law,
         "The pharmacy is closed on {day}: that day's instalment is supplied today, to take home.",
         "With the approved wording, the instalment of a closed collection day is due on the nearest earlier "
         "open "
         "day. A dose supplied in advance is taken home."},
    [REASON_CONCENTRATE] = {"concentrate", "D17", policy,
                            "This is a concentrate. Please check strength and volume with a second person.",
                            "A product of more than 1 mg in 1 ml is checked at its first supply."},
    [REASON_CONSULTED] = {"consulted", "D11", policy, "The prescriber was consulted and said to continue.",
                          "A consultation with the outcome continue lifts the hold from its day up to the "
                          "day that it names, then "
                          "lapses."},
    [REASON_DAY_CLOSED] = {"day_closed", "D21", policy,
                           "This day has been closed. A supply today opens it again; an earlier day changes "
                           "only by a late entry.",
                           "The end-of-day reconciliation has closed this day. On the day itself a "
                           "pharmacist may open it again; later "
                           "it changes only by a late entry."},
    [REASON_DAY_LEFT_OUT] =
        {"day_left_out", "D10", policy,
         "One or more days are left out: that dose was already given, here on another prescription or "
         "elsewhere.",
         "Days dosed in this class by another prescription, or elsewhere, are left out of the supply."},
    [REASON_DOSE_CHANGED] =
        {"dose_changed", "D17", policy,
         "The dose differs from the last one supplied here. Please compare it with the form.",
         "The dose of the first day supplied now differs from the dose of the last day supplied here: more, "
         "or "
         "another medicine, is checked; less is noted."},
    [REASON_DOSE_WARNING] =
        {"dose_warning", "D17", policy,
         "A dose on this prescription is outside the usual range. Please confirm that it was checked with "
         "the "
         "prescriber.",
         "What was warned of when the prescription was entered is checked at the first supply."},
    [REASON_DUPLICATE_DAY] =
        {"duplicate_day", "D10", policy,
         "The dose of this day was already given, here on another prescription or elsewhere. Nothing is left "
         "to "
         "supply.",
         "Every day of this instalment was dosed in this class by another prescription, or elsewhere."},
    [REASON_EXCEEDS_TOTAL] =
        {"exceeds_total", "D9", law, "This would exceed the total on the form. Please ask the prescriber.",
         "What was supplied and what would be supplied now are together more than the total on the form."},
    [REASON_EXCEPTION_AGREED] =
        {"exception_agreed", "D24", policy,
         "The prescriber agreed to the days named, for today only. Please confirm.",
         "A consultation allows days to be supplied once, on a named day, also where they would not be due."},
    [REASON_FIRST_DOSE] =
        {"first_dose", "D17", policy,
         "First supply here. Please check identity, the form, the dose and the last dose taken.",
         "The first supply in this class at this pharmacy is checked by a pharmacist."},
    [REASON_FIRST_INSTALMENT_EXPIRED] =
        {"first_instalment_expired", "D3", law,
         "The first instalment had to be supplied by {day}. Please ask the prescriber for a new form.",
         "The first instalment is supplied within 28 days of the appropriate date; later ones follow the "
         "plan."},
    [REASON_FORFEITED] = {"forfeited", "D8", law,
                          "This instalment can no longer be supplied; the next collection is {day}.",
                          "Without the wording for missed collections, nothing of an instalment may be "
                          "supplied after its day."},
    [REASON_INTERVAL_SHORT] = {"interval_short", "D15", policy,
                               "The last supervised dose was {n} hour{s} ago.",
                               "Less than 20 hours since the last supervised dose is noted; less than 12 "
                               "hours, or in titration, is checked."},
    [REASON_IRREGULAR_SUPPLY] = {"irregular_supply", "S6", policy,
                                 "A supply outside the rules was recorded on {day}. Please consult the "
                                 "prescriber before the next dose.",
                                 "After a supply that was made outside the rules, further supply of its "
                                 "class waits for a consultation."},
    [REASON_MANUAL_HOLD] =
        {"manual_hold", "D12", policy,
         "This prescription was put on hold. Please see the note before anything is supplied.",
         "A person put the prescription on hold: nothing is supplied until it is released."},
    [REASON_MISSED_BEFORE_SIGNATURE] = {"missed_before_signature", "D11", policy,
                                        "No dose recorded for {n} day{s}, some of them before this "
                                        "prescription was signed. Did the prescriber know?",
                                        "The missed days reach the figure of the three-day rule only "
                                        "together with days before the signature: the "
                                        "prescriber may have known of them. A pharmacist makes sure."},
    [REASON_MISSED_RECENT] =
        {"missed_recent", "D16", policy, "No dose recorded for {n} day{s} before today.",
         "Missed days below the figure of the three-day rule are noted; in titration they are checked."},
    [REASON_MISSED_REMAINDER] = {"missed_remainder", "D7", law,
                                 "The collection day has passed: the remaining days of this instalment are "
                                 "supplied, each with its own dose.",
                                 "With the wording for missed collections, the days from today to the end of "
                                 "the instalment are supplied. "
                                 "Days gone by can no longer be supplied."},
    [REASON_MISSED_RUN_BENZODIAZEPINE] =
        {"missed_run_benzodiazepine", "D11", policy,
         "No dose recorded for {n} day{s}. Stopping this medicine suddenly can cause seizures: please speak "
         "with the "
         "patient. An emergency supply may be possible; for methadone and buprenorphine it never is.",
         "From three missed days of a benzodiazepine a pharmacist speaks with the patient before supply. "
         "Stopping "
         "suddenly can cause seizures. An emergency supply may be possible, which it never is for methadone "
         "and "
         "buprenorphine."},
    [REASON_NO_RESPONSIBLE_PHARMACIST] =
        {"no_responsible_pharmacist", "D25", law,
         "No responsible pharmacist is signed on. Please sign on first.",
         "Nothing is supplied while no responsible pharmacist is signed on."},
    [REASON_NOT_ACTIVE] =
        {"not_active", "D1", law,
         "This prescription ended on {day}. Please look for the one that follows it, or ask the service.",
         "A prescription that was stopped or replaced supplies nothing from that day on."},
    [REASON_NOT_DOUBLE_CHECKED] =
        {"not_double_checked", "P12", policy,
         "A second person has not keyed this prescription yet. Please check it against the form.",
         "A second person keys dose, days, collection and wording without seeing the first entry; until both "
         "agree "
         "every decision asks for a check."},
    [REASON_NOT_DUE] = {"not_due", "D5", law, "Nothing is due on this day; the next collection is {day}.",
                        "No instalment is due on this day and none is open late. A letter about travel does "
                        "not make an early supply "
                        "lawful; the service can amend the form or write a new one."},
    [REASON_NOT_TODAY] =
        {"not_today", "D29", policy, "A supply can be recorded for today only, {day}.",
         "A supply is recorded on the pharmacy's current day. Another day may be asked about, not supplied."},
    [REASON_OPIOID_WITH_BENZODIAZEPINE] =
        {"opioid_with_benzodiazepine", "D18", policy,
         "Methadone or buprenorphine and diazepam are both prescribed: watch for drowsiness.",
         "A plan of the other class covers this day. Together they cause more drowsiness and slower "
         "breathing."},
    [REASON_OTHER_CLASS_MISSED] =
        {"other_class_missed", "D19", policy,
         "The other medicine was not collected: no dose recorded for {n} day{s}. Please speak with the "
         "patient first.",
         "A plan of the other class covers the day before, and doses of it were missed."},
    [REASON_PART_SUPPLY] = {"part_supply", "D22", law,
                            "This is less than the whole instalment. The responsible pharmacist may supply "
                            "it with a reason; the rest "
                            "lapses at midnight.",
                            "Less than the decided quantity is supplied only by the responsible pharmacist, "
                            "at the patient's wish or "
                            "where stock is short; the rest lapses at midnight and the prescriber is told."},
    [REASON_PATIENT_DECEASED] = {"patient_deceased", "D28", policy,
                                 "This patient is recorded as deceased. Nothing is supplied.",
                                 "Where a patient is recorded as deceased, everything is stopped and quiet."},
    [REASON_REPRESENTATIVE] =
        {"representative", "D13", law,
         "Somebody else collects. Please confirm that authority and identity were seen.",
         "A representative or professional collects: authority and identity are seen by a pharmacist."},
    [REASON_REPRESENTATIVE_SUPERVISED] =
        {"representative_supervised", "D13", law,
         "Today's dose is supervised: only the patient can take it, unless the prescriber allows otherwise "
         "for today.",
         "A supervised dose is not handed to anybody else, unless a consultation allows it for that day."},
    [REASON_RESTART_AFTER_GAP] =
        {"restart_after_gap", "D26", policy,
         "There was a gap without a dose before today. Please check that the dose suits a restart.",
         "Days without a plan and missed days together reach three, or there was a gap of more than 14 days: "
         "the "
         "dose is looked at as a restart."},
    [REASON_RETURNED_FROM_ELSEWHERE] = {"returned_from_elsewhere", "D23", policy,
                                        "The dose was given elsewhere for the {n} day{s} before today. "
                                        "Please confirm the last dose with them.",
                                        "After one or two days dosed elsewhere a pharmacist checks; after "
                                        "three or more, after prison, or where the "
                                        "dose is unknown or different, the prescriber is asked first."},
    [REASON_SUPPLIED_AFTER_CUT_OFF] = {"supplied_after_cut_off", "M1", policy,
                                       "The cut-off of today has passed: the service was told that no dose "
                                       "was recorded, and will be told of this "
                                       "supply.",
                                       "Until midnight a pharmacist may still supply an instalment that was "
                                       "found missed at the cut-off; the "
                                       "service is told at once."},
    [REASON_THREE_DAY_RULE] = {"three_day_rule", "D11", policy,
                               "It has been {n} day{s}. The usual dose may now be too strong. We are asking "
                               "the service; please wait, or "
                               "tell us where to reach you. Would you like naloxone?",
                               "After three missed days tolerance may be lost and the usual dose may be too "
                               "strong. Nothing is supplied "
                               "until the prescriber has been consulted and that is recorded."},
    [REASON_TITRATION_STEP_AFTER_MISSED] =
        {"titration_step_after_missed", "D16", policy,
         "The dose rises today, but the steps before it were not all taken. Please ask the prescriber.",
         "In titration, after a missed day, a dose above the last one supplied here waits for the "
         "prescriber."},
    [REASON_WEEKLY_CLOSED_ADVANCE] =
        {"weekly_closed_advance", "D4", policy,
         "{day} is closed every week: the collection day on the form never falls on an open day.",
         "A plan leans on the closed-day wording for a day that is closed every week. It is confirmed once, "
         "when the "
         "prescription is entered."},
    [REASON_WITHHELD_TODAY] = {"withheld_today", "D14", policy,
                               "Well enough for today's dose? A dose was not given earlier today.",
                               "A dose was withheld or deferred today: a pharmacist finds the patient well "
                               "enough now. A deferred dose may "
                               "still be given the same day, never later."},
};

const char *reason_code_text(enum reason_code code) {
    return rows[code].code;
}

bool reason_from_code(const char *code, size_t len, enum reason_code *out) {
    for (size_t i = 0; i < REASON_COUNT; i++) {
        if (strlen(rows[i].code) == len && memcmp(rows[i].code, code, len) == 0) {
            *out = (enum reason_code)i;
            return true;
        }
    }
    return false;
}

const char *reason_rule(enum reason_code code) {
    return rows[code].rule;
}

const char *reason_basis(enum reason_code code) {
    return rows[code].basis;
}

const char *reason_explanation(enum reason_code code) {
    return rows[code].explanation;
}

/* Adds a text to a sentence; the table's longest fits REASON_TEXT_SIZE with its parameters (tested). */
static size_t sentence_add(char *out, size_t at, const char *text) {
    size_t len = strlen(text);
    memcpy(out + at, text, len + 1);
    return at + len;
}

static size_t sentence_number(char *out, size_t at, int32_t number) {
    char digits[QUANTITY_TEXT_SIZE];
    quantity_format((quantity_t)number * 1000, digits);
    return sentence_add(out, at, digits);
}

static size_t sentence_day(char *out, size_t at, day_t day) {
    char text[DAY_LABEL_SIZE];
    day_format_label(day, text);
    return sentence_add(out, at, text);
}

/* M7: from five missed days on, what to do next and that nobody is turned away. */
static bool asks_to_see_the_service(const struct reason *reason) {
    return (reason->code == REASON_THREE_DAY_RULE || reason->code == REASON_MISSED_RUN_BENZODIAZEPINE ||
            reason->code == REASON_MISSED_BEFORE_SIGNATURE) &&
           reason->number >= 5;
}

void reason_text(const struct reason *reason, char out[REASON_TEXT_SIZE]) {
    size_t at = 0;
    out[0] = '\0';
    for (const char *s = rows[reason->code].sentence; *s != '\0';) {
        if (strncmp(s, "{n}", 3) == 0) {
            at = sentence_number(out, at, reason->number);
            s += 3;
        } else if (strncmp(s, "{s}", 3) == 0) {
            at = sentence_add(out, at, reason->number == 1 ? "" : "s");
            s += 3;
        } else if (strncmp(s, "{day}", 5) == 0) {
            at = reason->day == DAY_NONE ? sentence_add(out, at, "not on this prescription")
                                         : sentence_day(out, at, reason->day);
            s += 5;
        } else {
            out[at++] = *s++;
            out[at] = '\0';
        }
    }
    if (asks_to_see_the_service(reason)) {
        sentence_add(out, at, " Please see the service before the next dose; your place is open.");
    }
}

const char *severity_text(enum severity severity) {
    static const char *const texts[] = {"note", "check", "hold", "refuse"};
    return texts[severity];
}
