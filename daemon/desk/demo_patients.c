#include "demo_patients.h"

#include <string.h>

#include "alert.h"
#include "consultation.h"
#include "outcome.h"
#include "patient.h"
#include "prescribe.h"
#include "register.h"
#include "service.h"
#include "supply.h"
#include "sweep.h"
#include "text.h"

/* Days are counted from the Monday on which the demonstration starts: the two weeks behind it are -14 to -1. */
#define FIRST_DAY (-14)
#define PEOPLE 12
#define WEEK 0x3F /* Monday to Saturday */
#define MON_WED_FRI 0x15

struct person {
    const char *name;
    const char *preferred;
    const char *born;
    const char *nhs;
    const char *address;
    bool shares; /* a sharing agreement with the service */
    bool first_miss_urgent;
};

/*
 * One form of one person. `came` has a letter for each day from its first day to yesterday: c collected, - did not come or
 * need not, w withheld, x not given because the form was entered later.
 */
struct form {
    size_t person;
    const char *product;
    enum prescription_form form;
    enum stage stage;
    int first;
    int days;
    quantity_t dose;
    quantity_t rise; /* each day above the one before */
    quantity_t supervised_part;
    weekday_set collect;
    bool supervised;
    unsigned wording;
    const char *came;
};

/* Whom to telephone at the service, in this order; as the interface stores it (desk/service.h). */
static const char contacts[] =
    "[{\"name\":\"Duty worker\",\"telephone\":\"01632 960002\",\"hours\":\"Monday to Friday 9 to 17\"},"
    "{\"name\":\"Team leader\",\"role\":\"prescriber\",\"telephone\":\"01632 960003\"}]";

static const struct person people[PEOPLE] = {
    {"Quenby Oakhollow", NULL, "1979-04-02", "9990001006", "1 Larkspur Row, Testham", true, false},
    {"Tamsin Ferncastle", "Tam", "1985-11-19", "9990001073", "2 Larkspur Row, Testham", true, false},
    {"Idris Winterbrook", NULL, "1990-02-28", "9990001146", "14 Quarry Steps, Testham", true, false},
    {"Perpetua Stonewell", "Pip", "1968-07-07", "9990001219", "No fixed abode", true, true},
    {"Bartholomew Reedmarsh", "Bart", "1972-12-31", "9990001286", "3 Gasworks Lane, Testham", true, false},
    {"Marigold Thistledown", NULL, "1994-05-16", "9990001359", "7 Gasworks Lane, Testham", true, false},
    {"Caspian Millrace", NULL, "1981-09-09", "9990001421", "22 Foundry Court, Testham", true, false},
    {"Ottoline Hazelgrove", "Otti", "1976-01-24", "9990001499", "5 Foundry Court, Testham", true, false},
    {"Leopold Ashwhistle", NULL, "1959-03-03", "9990001561", "9 Harbour View, Testham", true, false},
    {"Saffron Pebblewick", "Saff", "1999-08-12", "9990001634", "31 Harbour View, Testham", false, false},
    {"Ambrose Lindenfold", NULL, "1988-10-30", "9990001707", "4 Chapel Yard, Testham", true, false},
    {"Wilhelmina Duskmoor", "Mina", "1983-06-21", "9990001774", "6 Chapel Yard, Testham", true, false},
};

#define ALL_WORDING (WORDING_W1 | WORDING_W2 | WORDING_W3 | WORDING_W4)
#define TAKE_HOME_WORDING (WORDING_W1 | WORDING_W2 | WORDING_W3)

static const struct form forms[] = {
    /* daily, supervised */
    {0, "methadone-1mg-ml-sf", FORM_FP10MDA, STAGE_STABLE, -7, 14, 60000, 0, QUANTITY_NONE, WEEK, true,
     ALL_WORDING, "cccccc-"},
    /* three times a week, the rest taken home */
    {1, "methadone-1mg-ml", FORM_FP10MDA, STAGE_STABLE, -7, 14, 45000, 0, QUANTITY_NONE, MON_WED_FRI, true,
     ALL_WORDING, "c-c-c--"},
    /* titration, with yesterday's collection missed */
    {2, "methadone-1mg-ml-sf", FORM_FP10MDA, STAGE_TITRATION, -4, 11, 20000, 5000, QUANTITY_NONE, WEEK, true,
     ALL_WORDING, "cc--"},
    /* three missed days: the next supply waits for the prescriber */
    {3, "methadone-1mg-ml", FORM_FP10MDA, STAGE_STABLE, -7, 14, 80000, 0, QUANTITY_NONE, WEEK, true,
     ALL_WORDING, "ccc----"},
    /* diazepam beside methadone */
    {4, "methadone-1mg-ml-sf", FORM_FP10MDA, STAGE_STABLE, -7, 14, 50000, 0, QUANTITY_NONE, WEEK, true,
     ALL_WORDING, "cccccc-"},
    {4, "diazepam-5mg", FORM_FP10MDA, STAGE_REDUCTION, -7, 14, 2000, 0, QUANTITY_NONE, WEEK, false,
     TAKE_HOME_WORDING, "cccccc-"},
    /* split dose: half of it supervised, half taken home */
    {5, "methadone-1mg-ml-sf", FORM_FP10MDA, STAGE_STABLE, -7, 14, 70000, 0, 35000, WEEK, true, ALL_WORDING,
     "cccccc-"},
    /* ends tomorrow */
    {6, "buprenorphine-8mg-sl", FORM_FP10MDA, STAGE_STABLE, -12, 14, 2000, 0, QUANTITY_NONE, WEEK, true,
     ALL_WORDING, "cccc-cccccc-"},
    /* every day a collection day, also the closed Sunday, without the wording for it */
    {7, "buprenorphine-2mg-sl", FORM_FP10MDA, STAGE_STABLE, -7, 14, 3000, 0, QUANTITY_NONE, 0x7F, true,
     WORDING_W4, "cccccc-"},
    /* deceased yesterday */
    {8, "methadone-1mg-ml", FORM_FP10MDA, STAGE_STABLE, -7, 14, 40000, 0, QUANTITY_NONE, WEEK, true,
     ALL_WORDING, "ccccc--"},
    /* no sharing agreement */
    {9, "methadone-1mg-ml-sf", FORM_FP10MDA, STAGE_STABLE, -7, 14, 55000, 0, QUANTITY_NONE, WEEK, true,
     ALL_WORDING, "ccccc--"},
    /* a week at a time, in daily bottles */
    {10, "methadone-1mg-ml-sf", FORM_FP10MDA, STAGE_STABLE, -7, 14, 30000, 0, QUANTITY_NONE, 0x01, false,
     TAKE_HOME_WORDING | WORDING_W5, "c------"},
    /* withheld on Saturday */
    {11, "methadone-1mg-ml", FORM_FP10MDA, STAGE_STABLE, -7, 14, 65000, 0, QUANTITY_NONE, WEEK, true,
     ALL_WORDING, "cccccw-"},
};

#define FORMS (sizeof forms / sizeof forms[0])
#define DECEASED 8

struct play {
    struct tx *tx;
    const struct demo_hands *hands;
    day_t monday;
    const char *service;
    const char *patients[PEOPLE];
    const char *prescriptions[FORMS];
    struct desk_problem problem;
};

static void play_as(struct play *play, const struct identity *who, int day, int32_t minute) {
    play->tx->staff = who->staff;
    play->tx->now = clock_moment(clock_at(play->monday + day, minute));
}

/* ---- people and forms ---- */

static enum desk_result enter_people(struct play *play) {
    const struct service_row service = {.name = "Testham Drug and Alcohol Service",
                                        .kind = "drug_service",
                                        .telephone = "01632 960001",
                                        .contacts = contacts,
                                        .hours = "Monday to Friday 9 to 17"};
    const struct identity nobody = {.staff = NULL};
    play_as(play, &play->hands->manager, FIRST_DAY, 480);
    enum desk_result result =
        desk_service_enter(play->tx, &service, &nobody, true, &play->service, &play->problem);
    for (size_t i = 0; result == DESK_OK && i < PEOPLE; i++) {
        const struct person *person = &people[i];
        struct patient_row row = {.name = person->name,
                                  .preferred_name = person->preferred,
                                  .identifier_system = "nhs",
                                  .identifier_value = person->nhs,
                                  .address = person->address,
                                  .first_miss_urgent = person->first_miss_urgent,
                                  .sharing_agreed_on = DAY_NONE};
        day_parse(person->born, strlen(person->born), &row.born_on);
        if (person->shares) {
            row.sharing_service = play->service;
            row.sharing_agreed_on = play->monday - 60;
            row.sharing_reference = desk_text(play->tx, "TDAS-%d", 1001 + (int)i);
        }
        result = desk_patient_enter(play->tx, &row, &play->patients[i], &play->problem);
    }
    return result;
}

/* One run a day where the dose rises, else one run. */
static struct dose_run *form_runs(struct play *play, const struct form *form, size_t *count) {
    *count = form->rise == 0 ? 1 : (size_t)form->days;
    struct dose_run *runs = arena_take(play->tx->arena, *count, sizeof *runs);
    for (size_t i = 0; runs != NULL && i < *count; i++) {
        runs[i] = (struct dose_run){.from = play->monday + form->first + (day_t)i,
                                    .days = form->rise == 0 ? form->days : 1,
                                    .dose = form->dose + form->rise * (quantity_t)i,
                                    .supervised_part = form->supervised_part};
    }
    return runs;
}

static enum desk_result enter_form(struct play *play, size_t index) {
    static const struct entry_item paper = {.total_in_words = true, .total_in_figures = true};
    const struct form *form = &forms[index];
    struct item item = {.total = QUANTITY_NONE};
    struct dose_run *runs = form_runs(play, form, &item.run_count);
    struct prescribe_answer answer;
    item.runs = runs;
    item.product = catalogue_find(desk_catalogue(), form->product, strlen(form->product));
    if (runs == NULL || item.product == NULL) {
        return DESK_FAILED;
    }
    item.total = 0;
    for (size_t i = 0; i < item.run_count; i++) {
        item.total += runs[i].dose * runs[i].days;
    }
    const struct prescribe_request request = {
        .rules = {.drug_class = item.product->drug_class,
                  .form = form->form,
                  .stage = form->stage,
                  .wording = form->wording,
                  .signed_on = play->monday + form->first - 3,
                  .start_on = play->monday + form->first,
                  .entered_on = DAY_NONE,
                  .stopped_from = DAY_NONE,
                  .items = &item,
                  .item_count = 1,
                  .collect = {.kind = COLLECT_WEEKDAYS, .weekdays = form->collect},
                  .supervised = {.kind = form->supervised ? SUPERVISED_COLLECTION_DAYS : SUPERVISED_NONE},
                  .replaces = PRESCRIPTION_NONE,
                  .replaces_from = DAY_NONE,
                  .together_with = PRESCRIPTION_NONE},
        .items = &paper,
        .patient = play->patients[form->person],
        .service = play->service,
        .prescriber_name = "Dr Hester Vale",
        .prescriber_number = "0000000",
        .prescriber_address = "Testham Drug and Alcohol Service, 1 Weir Street, Testham",
        .who = &play->hands->technician,
    };
    play_as(play, &play->hands->technician, form->first, 545);
    enum desk_result result = desk_prescribe(play->tx, &request, false, &answer, &play->problem);
    play->prescriptions[index] = answer.id;
    case_close(&answer.rules);
    if (result != DESK_OK) {
        return result;
    }
    const struct second_keying keying = {.rules = request.rules, .staff = play->hands->pharmacist.staff};
    play_as(play, &play->hands->pharmacist, form->first, 550);
    return desk_second_keying(play->tx, answer.id, &keying, &play->problem);
}

/* ---- the stock ---- */

/* Two bottles or packs more than all the forms of the product take: no balance falls below zero. */
static enum desk_result receive_product(struct play *play, const struct product *product) {
    quantity_t pack = strcmp(product->unit, "ml") == 0 ? 500000 : 28000;
    quantity_t need = 0;
    int64_t number = 0;
    struct register_request request = {
        .product = product->code,
        .on = DAY_NONE,
        .from = "Testham Wholesale Ltd",
        .address = "1 Dock Road, Testham",
        .reference = "Requisition 1",
        .pack_count = 1,
        .packs = {{.batch = "TH2610", .expiry = play->monday + 400, .size = pack}},
        .who = &play->hands->pharmacist,
        .second = &play->hands->technician,
    };
    for (size_t i = 0; i < FORMS; i++) {
        if (strcmp(forms[i].product, product->code) == 0) {
            need += (forms[i].dose + forms[i].rise * forms[i].days) * forms[i].days;
        }
    }
    request.packs[0].count = (int32_t)(need / pack) + 2;
    request.quantity = request.packs[0].count * pack;
    return desk_register_receive(play->tx, &request, &number, &play->problem);
}

/* Schedule 2 is received, and one Schedule 3 medicine to show a voluntary section. */
static enum desk_result receive_stock(struct play *play) {
    enum desk_result result = DESK_OK;
    bool voluntary = false;
    play_as(play, &play->hands->pharmacist, FIRST_DAY, 500);
    for (size_t i = 0; result == DESK_OK && i < FORMS; i++) {
        const struct product *product =
            catalogue_find(desk_catalogue(), forms[i].product, strlen(forms[i].product));
        bool before = false;
        for (size_t k = 0; k < i; k++) {
            before = before || strcmp(forms[k].product, forms[i].product) == 0;
        }
        if (product == NULL || before || (product->schedule != 2 && (voluntary || product->schedule != 3))) {
            continue;
        }
        voluntary = voluntary || product->schedule == 3;
        result = receive_product(play, product);
    }
    return result;
}

/* Counted by two on the last Saturday: the next stock check is not overdue. */
static enum desk_result count_stock(struct play *play) {
    struct register_section *sections = NULL;
    size_t count = 0;
    play_as(play, &play->hands->pharmacist, -2, 790);
    enum desk_result result = desk_register_sections(play->tx, &sections, &count);
    for (size_t i = 0; result == DESK_OK && i < count; i++) {
        const char *code = sections[i].product->code;
        quantity_t open = stock_balance(play->tx, code, STOCK_OPEN, "");
        int64_t number = 0;
        const struct register_request request = {
            .product = code,
            .on = DAY_NONE,
            .counted = {.given = true,
                        .full = sections[i].last.balance - open,
                        .open = open,
                        .prepared = QUANTITY_NONE},
            .who = &play->hands->pharmacist,
            .second = &play->hands->technician,
        };
        result = desk_register_check(play->tx, &request, &number, &play->problem);
    }
    return result;
}

/* ---- the days behind ---- */

/* Supplies what the rules decide, with every check confirmed by the pharmacist. */
static enum desk_result collect(struct play *play, size_t index, int day) {
    struct decided shown;
    struct decided decided;
    struct expected_item items[4];
    const char *codes[REASON_COUNT];
    const char *id = NULL;
    struct supply_request request = {
        .decide = {.prescription = play->prescriptions[index], .on = play->monday + day},
        .identity_requested = -1,
        .identity_provided = -1,
        .expect = items,
        .supervised_by = play->hands->pharmacist.staff,
        .confirm = codes,
        .who = &play->hands->pharmacist,
        .confirmer = &play->hands->pharmacist,
    };
    play_as(play, &play->hands->pharmacist, day, 600 + (int32_t)index * 7);
    enum desk_result result = desk_decide(play->tx, &request.decide, &shown, &play->problem);
    for (size_t i = 0; i < shown.decision.item_count && i < sizeof items / sizeof items[0]; i++) {
        const struct decided_item *item = &shown.decision.items[i];
        items[request.expect_count++] = (struct expected_item){item->item->product->code, item->quantity,
                                                               item->supervised, item->take_home};
    }
    for (size_t i = 0; i < shown.decision.reason_count; i++) {
        codes[request.confirm_count++] = reason_code_text(shown.decision.reasons[i].code);
    }
    decided_release(&shown);
    if (result != DESK_OK) {
        return result;
    }
    result = desk_supply(play->tx, &request, &decided, &id, &play->problem);
    decided_release(&decided);
    return result;
}

static enum desk_result withhold(struct play *play, size_t index, int day) {
    const struct outcome_request request = {.prescription = play->prescriptions[index],
                                            .on = DAY_NONE,
                                            .kind = OUTCOME_WITHHELD,
                                            .minutes_after = -1,
                                            .quantity = QUANTITY_NONE,
                                            .note = "Very drowsy, asked to come back later."};
    const struct outcome_row *made = NULL;
    play_as(play, &play->hands->pharmacist, day, 640);
    return desk_outcome(play->tx, &play->hands->pharmacist, &request, &made, &play->problem);
}

static enum desk_result play_form(struct play *play, size_t index, int day) {
    const struct form *form = &forms[index];
    enum desk_result result = DESK_OK;
    if (day == form->first) {
        result = enter_form(play, index);
    }
    if (result != DESK_OK || day < form->first || day - form->first >= (int)strlen(form->came)) {
        return result;
    }
    switch (form->came[day - form->first]) {
    case 'c': return collect(play, index, day);
    case 'w': return withhold(play, index, day);
    default: return DESK_OK;
    }
}

static enum desk_result play_day(struct play *play, int day) {
    enum desk_result result = DESK_OK;
    size_t found = 0;
    for (size_t i = 0; result == DESK_OK && i < FORMS; i++) {
        result = play_form(play, i, day);
    }
    if (result == DESK_OK && day == -1) {
        const struct patient_status_row status = {.status = "deceased",
                                                  .from = DAY_NONE,
                                                  .to = DAY_NONE,
                                                  .source = "Told by the service on the telephone"};
        play_as(play, &play->hands->pharmacist, day, 900);
        result = desk_patient_set_status(play->tx, play->patients[DECEASED], &status, &play->problem);
    }
    int64_t end = clock_at(play->monday + day + 1, 0);
    play->tx->staff = NULL;
    for (int64_t at = clock_at(play->monday + day, 0); result == DESK_OK && at < end;) {
        at = desk_next_deadline(play->tx, at);
        play->tx->now = clock_moment(at);
        result = desk_sweep(play->tx, at, &found);
    }
    return result;
}

/* What was raised before Saturday has been told by telephone: the service had no endpoint then. */
static enum desk_result tell_by_telephone(struct play *play) {
    struct outbox_row *rows = NULL;
    size_t count = 0;
    int64_t before = clock_at(play->monday - 2, 0);
    play_as(play, &play->hands->pharmacist, -3, 17 * 60);
    enum desk_result result = outbox_after(play->tx, 0, INT32_MAX, &rows, &count) ? DESK_OK : DESK_FAILED;
    for (size_t i = 0; result == DESK_OK && i < count; i++) {
        if (rows[i].raised_at < before) {
            int64_t at = rows[i].raised_at + 900;
            play->tx->now = clock_moment(at);
            result = desk_alert_phoned(play->tx, rows[i].alert, "Duty worker", at, NULL, &play->problem);
        }
    }
    return result;
}

enum desk_result demo_patients_fill(struct tx *tx, const struct demo_hands *hands) {
    const struct moment start = tx->now;
    const char *staff = tx->staff;
    struct play play = {.tx = tx, .hands = hands, .monday = start.day};
    enum desk_result result = enter_people(&play);
    result = result == DESK_OK ? receive_stock(&play) : result;
    for (int day = FIRST_DAY; result == DESK_OK && day < 0; day++) {
        result = play_day(&play, day);
        result = result == DESK_OK && day == -2 ? count_stock(&play) : result;
    }
    if (result == DESK_OK) {
        result = tell_by_telephone(&play);
    }
    tx->now = start;
    tx->staff = staff;
    return result;
}
