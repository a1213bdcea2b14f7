#include "fill.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "desk/demo.h"
#include "desk/desk.h"
#include "desk/ledger.h"
#include "embed/embed.h"
#include "load.h"
#include "store/idempotency.h"
#include "store/patient.h"
#include "store/prescription.h"
#include "store/print_job.h"
#include "store/service.h"
#include "store/store.h"
#include "store/supply.h"

EMBED_DECLARE(config_catalogue_conf);

#define DOSE 60000 /* ml in thousandths */
#define PATIENTS_A_JOB 500
#define ARENA_MAX (64U << 20)

struct filling {
    struct job job; /* first */
    const struct fill *fill;
    struct arena *arena;
    size_t first; /* patients of this job */
    size_t last;
    int plan;  /* 0: the live one, 1: the one before it */
    day_t day; /* whose supplies */
    size_t supplies;
};

/* As long as a real one, and in the order of entry like one. */
static void id_make(char out[FILL_ID_SIZE], const char *prefix, size_t patient, int number) {
    (void)snprintf(out, FILL_ID_SIZE, "%s-%012d%014zu", prefix, number, patient);
}

static day_t plan_start(int plan) {
    return DEMO_DAY - plan * FILL_PLAN_DAYS;
}

void fill_prescription_id(size_t patient, char out[FILL_ID_SIZE]) {
    id_make(out, "rx", patient, DEMO_DAY);
}

/* ---- rows ---- */

static void patient_fill(struct tx *tx, size_t patient) {
    char id[FILL_ID_SIZE];
    char name[64];
    char folded[64];
    char number[FILL_ID_SIZE];
    id_make(id, "pa", patient, 0);
    (void)snprintf(name, sizeof name, "Patient Number%06zu", patient);
    (void)snprintf(folded, sizeof folded, "patient number%06zu", patient);
    (void)snprintf(number, sizeof number, "999%07zu", patient);
    const struct patient_row row = {
        .id = id,
        .name = name,
        .name_folded = folded,
        .born_on = (day_t)(patient % 10000),
        .identifier_system = "nhs",
        .identifier_value = number,
        .address = "1 Larkspur Row, Testham",
        .sharing_service = "se-1",
        .sharing_agreed_on = DEMO_DAY - 1000,
        .sharing_reference = "consent form",
    };
    tx_audit(tx, "enter patient", id, id, NULL);
    patient_append(tx, &row);
}

static void prescription_fill(struct tx *tx, size_t patient, int plan) {
    char id[FILL_ID_SIZE];
    char of[FILL_ID_SIZE];
    struct dose_run run = {plan_start(plan), FILL_PLAN_DAYS, DOSE, QUANTITY_NONE};
    struct prescription_item_row item = {
        FILL_PRODUCT, 2, 1000, FILL_PLAN_DAYS * DOSE, FILL_PLAN_DAYS * DOSE, true, true, &run, 1};
    id_make(id, "rx", patient, run.from);
    id_make(of, "pa", patient, 0);
    const struct prescription_row row = {
        .id = id,
        .patient = of,
        .service = "se-1",
        .form = "FP10MDA",
        .drug_class = "opioid",
        .signed_on = run.from - 3,
        .start_on = run.from,
        .entered_on = run.from - 1,
        .prescriber_name = "Dr Hester Vale",
        .prescriber_number = "123456",
        .prescriber_address = "1 Weir Street, Testham",
        .stage = "stable",
        .wording = WORDING_W1 | WORDING_W2 | WORDING_W3 | WORDING_W4,
        .collect_kind = "weekdays",
        .collect_weekdays = 0x3F,
        .supervised_kind = "collection_days",
        .replaces_from = DAY_NONE,
        .items = &item,
        .item_count = 1,
    };
    tx_audit(tx, "enter prescription", of, id, NULL);
    prescription_append(tx, &row);
    tx_audit(tx, "check prescription", of, id, NULL);
    prescription_check(tx, id, "a.khan");
}

static void supply_belongings(struct tx *tx, const char *id, const char *prescription, day_t day,
                              size_t patient, quantity_t quantity) {
    char name[64];
    (void)snprintf(name, sizeof name, "Patient Number%06zu", patient);
    struct register_row entry = {.section = FILL_PRODUCT,
                                 .kind = "supplied",
                                 .on = day,
                                 .entered_at = tx->now.at,
                                 .quantity = -quantity,
                                 .supply = id,
                                 .person_name = name,
                                 .person_address = "1 Larkspur Row, Testham",
                                 .authority = "Dr Hester Vale",
                                 .collector_role = "patient",
                                 .identity_requested = 1,
                                 .identity_provided = 1,
                                 .by_staff = "a.khan",
                                 .counted = QUANTITY_NONE};
    struct print_job_row label = {.kind = "label",
                                  .supply = id,
                                  .prescription = prescription,
                                  .for_day = day,
                                  .last_day = day,
                                  .product = FILL_PRODUCT,
                                  .quantity = DOSE};
    const struct idempotency_row key = {
        .route = "POST /supplies", .digest = {1}, .status = 201, .subject = id};
    char text[64];
    ledger_supply(tx, &entry, NULL, 0);
    print_job_append(tx, &label);
    if (quantity > DOSE) {
        label.id = NULL;
        label.code = NULL;
        label.for_day = label.last_day = day + 1;
        print_job_append(tx, &label);
    }
    (void)snprintf(text, sizeof text, "supply-%s", id);
    idempotency_bind(tx, text, &key);
}

/* Today's dose; on a Saturday Sunday's too. */
static void supply_fill(struct tx *tx, size_t patient, int plan, day_t day) {
    char id[FILL_ID_SIZE];
    char of[FILL_ID_SIZE];
    char prescription[FILL_ID_SIZE];
    const day_t covers[] = {day, day + 1};
    bool two = day_weekday(day) == WEEKDAY_SAT;
    struct supply_item_row item = {0, FILL_PRODUCT, two ? 2 * DOSE : DOSE, DOSE, two ? DOSE : 0};
    id_make(id, "su", patient, (int)day);
    id_make(of, "pa", patient, 0);
    id_make(prescription, "rx", patient, plan_start(plan));
    const struct supply_row row = {.id = id,
                                   .patient = of,
                                   .prescription = prescription,
                                   .kind = "lawful",
                                   .on = day,
                                   .at = tx->now.at,
                                   .supervised_at = tx->now.at,
                                   .collector_role = "patient",
                                   .identity_requested = 1,
                                   .identity_provided = 1,
                                   .supervised_by = "a.khan",
                                   .confirmed_by = "a.khan",
                                   .verdict = "supply",
                                   .last_dosed = day - 1,
                                   .next_due = day + (two ? 2 : 1),
                                   .rules = "2026.1",
                                   .items = &item,
                                   .item_count = 1,
                                   .covers = {.days = covers, .count = two ? 2 : 1}};
    tx_audit(tx, "supply", of, id, "2026.1");
    supply_append(tx, &row);
    supply_belongings(tx, id, prescription, day, patient, item.quantity);
}

/* ---- jobs ---- */

static bool begin(struct filling *filling, struct tx *tx, day_t day) {
    arena_reset(filling->arena);
    tx->arena = filling->arena;
    tx->staff = "a.khan";
    tx->now = clock_moment(clock_at(day, DEMO_MINUTE));
    return true;
}

static bool run_demo(struct job *job, struct tx *tx) {
    struct filling *filling = (struct filling *)job;
    char token[TERMINAL_TOKEN_SIZE];
    const struct service_row service = {.id = "se-1", .name = "Testham Service", .kind = "drug_service"};
    tx->arena = filling->arena;
    if (demo_open(tx, false, token) != DESK_OK) {
        return false;
    }
    tx_audit(tx, "enter service", NULL, "se-1", NULL);
    service_append(tx, &service);
    return db_state(tx->db) == DB_FINE;
}

static bool run_patients(struct job *job, struct tx *tx) {
    struct filling *filling = (struct filling *)job;
    bool good = begin(filling, tx, plan_start(filling->fill->plans_before) - 1);
    for (size_t i = filling->first; good && i < filling->last; i++) {
        patient_fill(tx, i);
        good = db_state(tx->db) == DB_FINE;
    }
    return good;
}

static bool run_prescriptions(struct job *job, struct tx *tx) {
    struct filling *filling = (struct filling *)job;
    bool good = begin(filling, tx, plan_start(filling->plan) - 1);
    for (size_t i = filling->first; good && i < filling->last; i++) {
        prescription_fill(tx, i, filling->plan);
        good = db_state(tx->db) == DB_FINE;
    }
    return good;
}

static bool run_supplies(struct job *job, struct tx *tx) {
    struct filling *filling = (struct filling *)job;
    bool good = begin(filling, tx, filling->day);
    for (size_t i = filling->first; good && i < filling->last; i++) {
        if (filling->plan > 0 || (i + 1) % filling->fill->open_each != 0) {
            supply_fill(tx, i, filling->plan, filling->day);
            filling->supplies++;
            good = db_state(tx->db) == DB_FINE;
        }
    }
    return good;
}

/* A job for some hundred patients at a time. */
static void run_all(struct store *store, struct filling *filling,
                    bool (*run)(struct job *job, struct tx *tx)) {
    filling->job.run = run;
    for (size_t i = 0; i < filling->fill->patients; i += PATIENTS_A_JOB) {
        size_t last = i + PATIENTS_A_JOB;
        filling->first = i;
        filling->last = last < filling->fill->patients ? last : filling->fill->patients;
        if (store_write_now(store, &filling->job) != JOB_DONE) {
            load_fail("the folder cannot be filled");
        }
    }
}

static void fill_plan(struct store *store, struct filling *filling) {
    day_t start = plan_start(filling->plan);
    run_all(store, filling, run_prescriptions);
    for (filling->day = start; filling->plan > 0 && filling->day < start + FILL_PLAN_DAYS; filling->day++) {
        if (day_weekday(filling->day) != WEEKDAY_SUN) {
            run_all(store, filling, run_supplies);
        }
    }
}

static struct store *store_make(const char *folder) {
    char path[300];
    const char *message = NULL;
    enum store_open_error error = STORE_OPEN;
    (void)snprintf(path, sizeof path, "%s/instalment.db", folder);
    const struct store_options options = {.path = path, .demo = true};
    struct store *store = mkdir(folder, 0700) == 0 ? store_open(&options, &error, &message) : NULL;
    if (store == NULL || !clock_init("Europe/London", true, clock_at(DEMO_DAY, DEMO_MINUTE))) {
        load_fail(message == NULL ? "no folder" : message);
    }
    return store;
}

size_t fill_folder(const char *folder, const struct fill *fill) {
    struct catalogue_error wrong = {0};
    struct catalogue *catalogue =
        catalogue_parse(embed_config_catalogue_conf, embed_config_catalogue_conf_size, &wrong);
    struct filling filling = {.fill = fill, .arena = arena_new(ARENA_MAX)};
    if (catalogue == NULL || filling.arena == NULL || !clock_init("Europe/London", true, 0)) {
        load_fail("not enough memory");
    }
    desk_set_catalogue(catalogue);
    struct store *store = store_make(folder);
    filling.job.run = run_demo;
    if (store_write_now(store, &filling.job) != JOB_DONE) {
        load_fail("no demonstration");
    }
    run_all(store, &filling, run_patients);
    for (filling.plan = fill->plans_before; filling.plan >= 0; filling.plan--) {
        fill_plan(store, &filling);
    }
    filling.plan = 0;
    filling.day = DEMO_DAY;
    if (fill->open_each > 0) {
        run_all(store, &filling, run_supplies);
    }
    store_close(&store);
    arena_free(&filling.arena);
    desk_set_catalogue(NULL);
    catalogue_free(&catalogue);
    return filling.supplies;
}
