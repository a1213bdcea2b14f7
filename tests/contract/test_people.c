/* People and the pharmacy's days, through the desk, in a store in memory. Everybody here is made up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "desk/audit.h"
#include "desk/calendar.h"
#include "desk/names.h"
#include "desk/patient.h"
#include "desk/patient_case.h"
#include "desk/responsible.h"
#include "desk/service.h"
#include "desk/staff.h"
#include "embed/embed.h"
#include "store/alert.h"
#include "store/prescription.h"
#include "store/store.h"

EMBED_DECLARE(config_catalogue_conf);

#define MON 20780 /* Monday 2026-11-23 */
#define XMAS (MON + 32)
#define SECRET "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"

static const struct identity nobody = {.staff = NULL};
static const struct identity second = {.staff = "t.lee", .role = ROLE_TECHNICIAN};
static const struct identity assistant = {.staff = "c.may", .role = ROLE_COUNTER};

/* ---- a store, and steps in it ---- */

struct step {
    struct job job; /* first */
    void (*run)(struct tx *tx);
    day_t day;
};

static struct store *store;
static struct arena *arena;
static struct catalogue *catalogue;

static bool run_step(struct job *job, struct tx *tx) {
    const struct step *step = (struct step *)job;
    tx->arena = arena;
    tx->staff = "m.fox";
    tx->now = clock_moment(clock_at(step->day, 540));
    step->run(tx);
    assert_int_equal(db_state(tx->db), DB_FINE);
    return true;
}

static void done_step(struct job *job, enum job_result result) {
    (void)job;
    (void)result;
}

static void on_day(day_t day, void (*run)(struct tx *tx)) {
    struct step step = {.job = {.run = run_step, .done = done_step}, .run = run, .day = day};
    assert_int_equal(store_write_now(store, &step.job), JOB_DONE);
    arena_reset(arena);
}

static int set_up(void **state) {
    (void)state;
    enum store_open_error error = STORE_OPEN;
    const char *message = NULL;
    const struct store_options options = {.path = ":memory:", .demo = true};
    struct catalogue_error wrong;
    catalogue = catalogue_parse(embed_config_catalogue_conf, embed_config_catalogue_conf_size, &wrong);
    desk_set_catalogue(catalogue);
    arena = arena_new((size_t)64 << 20);
    store = store_open(&options, &error, &message);
    return arena != NULL && store != NULL && clock_init("Europe/London", false, 0) ? 0 : -1;
}

static int tear_down(void **state) {
    (void)state;
    store_close(&store);
    arena_free(&arena);
    desk_set_catalogue(NULL);
    catalogue_free(&catalogue);
    return 0;
}

static bool has_field(const struct desk_problem *problem, const char *field) {
    for (size_t i = 0; i < problem->field_count; i++) {
        if (strcmp(problem->fields[i].field, field) == 0)
            return true;
    }
    return false;
}

/* ---- names ---- */

static void names(void **state) {
    (void)state;
    static const char *const folded[][2] = {
        {"Łukasz  O’Brien-Smith ", "lukasz obrien smith"},
        {"JOSÉ Ångström", "jose angstrom"},
        {"Jose\xCC\x81", "jose"},
        {"ΝΊΚΟΣ", "νΊκοσ"},
        {"Иван Ёлкин", "иван ёлкин"},
        {"محمد", "محمد"},
        {"Straße Þór", "strasse thor"},
        {" - ", ""},
        {"李小龍", "李小龍"},
        {"Ștefan", "stefan"},
    };
    for (size_t i = 0; i < sizeof folded / sizeof folded[0]; i++)
        assert_string_equal(names_fold(arena, folded[i][0]), folded[i][1]);
    assert_true(names_printable("李小龍"));
    assert_false(names_printable("evil\xE2\x80\xAE name"));
    assert_false(names_printable("zero\xE2\x80\x8Bwidth"));
    arena_reset(arena);
}

static void look_alike_names(void **state) {
    (void)state;
    assert_true(names_alike("john smith", "jon smith", false));
    assert_true(names_alike("john smith", "jon smyth", false));
    assert_true(names_alike("amira khan", "khan amira", false));
    assert_true(names_alike("amira khan\n", "kahn amira\nmira", false));
    assert_true(names_alike("maria del carmen", "del carmen maria", false));
    assert_false(names_alike("john smith", "jane smith", false));
    assert_true(names_alike("john smith", "jane smith", true));
    assert_false(names_alike("john smith", "peter gabriel", true));
    assert_true(names_alike("sean connelly", "shaun conelly", true));
    assert_false(names_alike("", "", true));
    assert_false(names_alike("ng li", "wu bo", true));
}

/* ---- patients ---- */

static char first[TX_ID_SIZE];
static char other[TX_ID_SIZE];

static struct patient_row ada(void) {
    return (struct patient_row){.name = "Ada Q. Lovelace",
                                .preferred_name = "Countess",
                                .born_on = day_from_civil(1980, 5, 23),
                                .identifier_system = "nhs",
                                .identifier_value = "999 000 0018",
                                .address = "No fixed abode",
                                .sharing_agreed_on = DAY_NONE};
}

static void enter_ada(struct tx *tx) {
    struct patient_row row = ada();
    const struct patient_representative people[] = {{"Zoë Q. Friend", DAY_NONE}, {"Al B. Friend", MON + 9}};
    const char *id = NULL;
    struct desk_problem problem = {.code = NULL};
    row.representatives = people;
    row.representative_count = 2;
    assert_int_equal(desk_patient_enter(tx, &row, &id, &problem), DESK_OK);
    strncpy(first, id, sizeof first - 1);
    struct patient_view view;
    assert_int_equal(desk_patient_read(tx, id, &view), DESK_OK);
    assert_string_equal(view.row.identifier_value, "9990000018");
    assert_int_equal(view.row.representative_count, 2);
    assert_string_equal(view.row.representatives[0].name, "Al B. Friend");
    assert_int_equal(view.row.representatives[0].valid_until, MON + 9);
    assert_string_equal(view.status.status, "attending");
    assert_int_equal(view.look_alike_count, 0);
}

static void refuse_patients(struct tx *tx) {
    struct patient_row row = ada();
    const char *id = NULL;
    struct desk_problem problem = {.code = NULL};
    assert_int_equal(desk_patient_enter(tx, &row, &id, &problem), DESK_CONFLICT);
    assert_string_equal(problem.code, "identifier_known");
    assert_string_equal(problem.fields[0].message, first);
    row.identifier_value = "999 000 0019";
    row.name = " - ";
    row.born_on = MON + 1;
    row.address = "PO Box 12, Leeds";
    row.language = "?";
    row.sharing_service = "sv-none";
    problem = (struct desk_problem){.code = NULL};
    assert_int_equal(desk_patient_enter(tx, &row, &id, &problem), DESK_INVALID);
    assert_true(has_field(&problem, "identifier.value") && has_field(&problem, "name"));
    assert_true(has_field(&problem, "born_on") && has_field(&problem, "address"));
    assert_true(has_field(&problem, "language") && has_field(&problem, "sharing.service"));
    assert_true(has_field(&problem, "sharing.agreed_on"));
    assert_null(id);
    row = ada();
    row.identifier_system = "passport";
    problem = (struct desk_problem){.code = NULL};
    assert_int_equal(desk_patient_enter(tx, &row, &id, &problem), DESK_INVALID);
    assert_true(has_field(&problem, "identifier.system"));
}

static void enter_other(struct tx *tx) {
    struct patient_row row = ada();
    struct patient_view view;
    const char *id = NULL;
    struct desk_problem problem = {.code = NULL};
    row.name = "Lovelace, Aida";
    row.preferred_name = NULL;
    row.identifier_system = row.identifier_value = NULL;
    assert_int_equal(desk_patient_enter(tx, &row, &id, &problem), DESK_OK);
    strncpy(other, id, sizeof other - 1);
    assert_int_equal(desk_patient_read(tx, first, &view), DESK_OK);
    assert_int_equal(view.look_alike_count, 1);
    assert_string_equal(view.look_alikes[0], other);
}

static size_t found(struct tx *tx, const char *q) {
    struct patient_views list;
    assert_int_equal(desk_patient_search(tx, q, 50, &list), DESK_OK);
    return list.count;
}

static void search(struct tx *tx) {
    static const struct {
        const char *q;
        size_t count;
    } cases[] = {
        {"ada", 1},
        {"LOVELACE", 2},
        {"lovelace ada", 1},
        {"countess", 1},
        {"zoe", 0},
        {"9990000018", 1},
        {"999 000 0018", 1},
        {"999-000-0018", 1},
        {"9990000026", 0},
        {"1980-05-23", 2},
        {"23/05/1980", 2},
        {"23.5.80", 2},
        {"23 May 1980", 2},
        {"23rd may 1980", 0},
        {"23051980", 2},
        {"19800523", 2},
        {"23-05-1980", 2},
        {"23/05/1981", 0},
        {"%", 0},
        {"_", 0},
        {"'", 0},
        {"ad\xC3\xA1", 1},
        {"99/99/9999", 0},
        {"\\", 0},
        {"q lovel", 1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        if (found(tx, cases[i].q) != cases[i].count)
            fail_msg("%s finds %zu", cases[i].q, found(tx, cases[i].q));
    }
    struct patient_views list;
    assert_int_equal(desk_patients(tx, "", 1, &list), DESK_OK);
    assert_int_equal(list.count, 1);
    assert_int_equal(desk_patients(tx, list.views[0].row.id, 50, &list), DESK_OK);
    assert_int_equal(list.count, 1);
}

static void change_ada(struct tx *tx) {
    struct patient_view view;
    struct desk_problem problem = {.code = NULL};
    assert_int_equal(desk_patient_read(tx, first, &view), DESK_OK);
    int64_t before = view.row.seq;
    view.row.notes = "Prefers mornings";
    view.row.representative_count = 0;
    assert_int_equal(desk_patient_change(tx, &view.row, &problem), DESK_OK);
    assert_int_equal(desk_patient_read(tx, first, &view), DESK_OK);
    assert_string_equal(view.row.notes, "Prefers mornings");
    assert_int_equal(view.row.representative_count, 0);
    tx->as_of = before;
    assert_int_equal(desk_patient_read(tx, first, &view), DESK_OK);
    assert_null(view.row.notes);
    assert_int_equal(view.row.representative_count, 2);
    tx->as_of = TX_NOW;
    assert_int_equal(desk_patient_read(tx, "pt-none", &view), DESK_NOT_FOUND);
}

static void set_status(struct tx *tx) {
    struct patient_status_row status = {
        .status = "away", .from = tx->now.day, .to = MON + 3, .source = "hospital"};
    struct patient_status_row on;
    struct desk_problem problem = {.code = NULL};
    assert_int_equal(desk_patient_set_status(tx, other, &status, &problem), DESK_OK);
    assert_true(patient_status_on(tx, other, MON + 3, &on));
    assert_string_equal(on.status, "away");
    assert_false(patient_status_on(tx, other, MON + 4, &on));
    assert_string_equal(on.status, "attending");
    status.status = "deceased";
    assert_int_equal(desk_patient_set_status(tx, other, &status, &problem), DESK_INVALID);
    assert_true(has_field(&problem, "to"));
    status.to = DAY_NONE;
    problem = (struct desk_problem){.code = NULL};
    assert_int_equal(desk_patient_set_status(tx, other, &status, &problem), DESK_OK);
    assert_true(patient_status_on(tx, other, MON + 400, &on));
    assert_string_equal(on.status, "deceased");
    status = (struct patient_status_row){
        .status = "attending", .from = DAY_NONE, .to = DAY_NONE, .source = "a mistake"};
    assert_int_equal(desk_patient_set_status(tx, other, &status, &problem), DESK_OK);
    assert_true(patient_status_on(tx, other, MON, &on));
    assert_string_equal(on.status, "attending");
}

static void merge(struct tx *tx) {
    struct patient_view view;
    struct desk_problem problem = {.code = NULL};
    assert_int_equal(desk_patient_merge(tx, other, other, &second, &problem), DESK_INVALID);
    assert_int_equal(desk_patient_merge(tx, other, "pt-none", &second, &problem), DESK_INVALID);
    assert_int_equal(desk_patient_merge(tx, "pt-none", first, &second, &problem), DESK_NOT_FOUND);
    assert_int_equal(desk_patient_merge(tx, other, first, &nobody, &problem), DESK_FORBIDDEN);
    assert_int_equal(desk_patient_merge(tx, other, first, &assistant, &problem), DESK_FORBIDDEN);
    assert_int_equal(desk_patient_merge(tx, other, first, &second, &problem), DESK_OK);
    assert_int_equal(desk_patient_merge(tx, other, first, &second, &problem), DESK_CONFLICT);
    assert_string_equal(problem.code, "patient_merged");
    assert_int_equal(desk_patient_merge(tx, first, other, &second, &problem), DESK_CONFLICT);
    assert_int_equal(desk_patient_read(tx, other, &view), DESK_OK);
    assert_string_equal(view.row.merged_into, first);
    assert_int_equal(desk_patient_change(tx, &view.row, &problem), DESK_CONFLICT);
    assert_int_equal(found(tx, "lovelace"), 1);
    assert_int_equal(desk_patient_read(tx, first, &view), DESK_OK);
    assert_int_equal(view.look_alike_count, 0);
    struct patient_row two = ada();
    const char *id = NULL;
    two.identifier_value = "9990000026";
    problem = (struct desk_problem){.code = NULL};
    assert_int_equal(desk_patient_enter(tx, &two, &id, &problem), DESK_OK);
    assert_int_equal(desk_patient_merge(tx, id, first, &second, &problem), DESK_CONFLICT);
    assert_string_equal(problem.code, "identifiers_differ");
}

static void patients(void **state) {
    (void)state;
    on_day(MON, enter_ada);
    on_day(MON, refuse_patients);
    on_day(MON, enter_other);
    on_day(MON, search);
    on_day(MON, change_ada);
    on_day(MON, set_status);
    on_day(MON, merge);
}

/* ---- whom these facts tell ---- */

static void enter_prescription(struct tx *tx) {
    struct dose_run run = {.from = MON, .days = 14, .dose = 60000, .supervised_part = QUANTITY_NONE};
    struct prescription_item_row item = {.product = "methadone-1mg-ml-sf",
                                         .schedule = 2,
                                         .micrograms = 1000,
                                         .total = 840000,
                                         .total_on_form = 840000,
                                         .runs = &run,
                                         .run_count = 1};
    const struct prescription_row rx = {.id = "rx-1",
                                        .patient = first,
                                        .service = "sv-1",
                                        .form = "FP10MDA",
                                        .drug_class = "opioid",
                                        .signed_on = MON - 3,
                                        .start_on = MON,
                                        .entered_on = MON - 3,
                                        .prescriber_name = "Dr A. Sample",
                                        .stage = "stable",
                                        .wording = WORDING_W1,
                                        .collect_kind = "weekdays",
                                        .collect_weekdays = 0x3f,
                                        .supervised_kind = "collection_days",
                                        .replaces_from = DAY_NONE,
                                        .items = &item,
                                        .item_count = 1};
    tx_audit(tx, "enter prescription", first, "rx-1", NULL);
    prescription_append(tx, &rx);
}

/* A10: who was due is told at once; a closure known in advance, or one that is told late, raises nothing. */
static void close_unplanned(struct tx *tx) {
    struct opening_day_row row = {
        .day = MON + 3, .kind = OPENING_UNPLANNED, .opens = -1, .closes = -1, .reason = "Flood"};
    struct desk_problem problem = {.code = NULL};
    assert_int_equal(desk_calendar_set_day(tx, &row, &problem), DESK_OK);
    assert_non_null(alert_about(tx, "pharmacy_closed/rx-1/2026-11-26"));
    row.day = MON - 1;
    assert_int_equal(desk_calendar_set_day(tx, &row, &problem), DESK_OK);
    assert_null(alert_about(tx, "pharmacy_closed/rx-1/2026-11-22"));
    row.kind = OPENING_CLOSURE;
    row.day = MON + 4;
    assert_int_equal(desk_calendar_set_day(tx, &row, &problem), DESK_OK);
    assert_null(alert_about(tx, "pharmacy_closed/rx-1/2026-11-27"));
    row.kind = OPENING_REGULAR;
    assert_int_equal(desk_calendar_set_day(tx, &row, &problem), DESK_OK);
}

/* M9: away until the day after tomorrow; told once, also where it is said twice. */
static void go_away(struct tx *tx) {
    const struct patient_status_row status = {
        .status = "away", .from = MON, .to = MON + 2, .source = "custody office"};
    struct desk_problem problem = {.code = NULL};
    char about[100] = "patient_away/";
    strncat(about, first, sizeof about - 40);
    strncat(about, "/sv-1/2026-11-23", 20);
    assert_int_equal(desk_patient_set_status(tx, first, &status, &problem), DESK_OK);
    const char *id = alert_about(tx, about);
    assert_non_null(id);
    assert_int_equal(desk_patient_set_status(tx, first, &status, &problem), DESK_OK);
    assert_string_equal(alert_about(tx, about), id);
}

static void alerts(void **state) {
    (void)state;
    on_day(MON - 3, enter_prescription);
    on_day(MON, close_unplanned);
    on_day(MON, go_away);
}

/* ---- services ---- */

static void service_steps(struct tx *tx) {
    struct service_row row = {.name = "River Street Drug Service", .kind = "drug_service"};
    struct service_row kept;
    struct desk_problem problem = {.code = NULL};
    const char *id = NULL;
    assert_int_equal(desk_service_enter(tx, &row, &nobody, false, &id, &problem), DESK_OK);
    assert_int_equal(desk_service_read(tx, id, &kept), DESK_OK);
    kept.telephone = "0113 496 0000";
    assert_int_equal(desk_service_change(tx, &kept, &nobody, false, &problem), DESK_OK);
    kept.endpoint_url = "https://alerts.example.org/fhir";
    assert_int_equal(desk_service_change(tx, &kept, &second, false, &problem), DESK_INVALID);
    assert_true(has_field(&problem, "endpoint.secret"));
    kept.endpoint_secret = SECRET;
    problem = (struct desk_problem){.code = NULL};
    assert_int_equal(desk_service_change(tx, &kept, &nobody, false, &problem), DESK_FORBIDDEN);
    assert_string_equal(problem.code, "second_person_required");
    assert_int_equal(desk_service_change(tx, &kept, &assistant, false, &problem), DESK_FORBIDDEN);
    assert_int_equal(desk_service_change(tx, &kept, &second, false, &problem), DESK_OK);
    kept.identify_patients = true;
    assert_int_equal(desk_service_change(tx, &kept, &nobody, false, &problem), DESK_FORBIDDEN);
    assert_int_equal(desk_service_enter(tx, &kept, &nobody, false, &id, &problem), DESK_FORBIDDEN);
    static const char *const bad[] = {
        "http://a.example",     "https://",           "https://u:p@a.example/", "https://a.example/?x",
        "https://localhost:1/", "https://127.0.0.1/", "https://[::1]:8443/x",   "https://a b"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        kept.endpoint_url = bad[i];
        problem = (struct desk_problem){.code = NULL};
        assert_int_equal(desk_service_change(tx, &kept, &second, false, &problem), DESK_INVALID);
        assert_true(has_field(&problem, "endpoint.url"));
    }
    kept.endpoint_url = "https://127.0.0.1:1/";
    problem = (struct desk_problem){.code = NULL};
    assert_int_equal(desk_service_change(tx, &kept, &second, true, &problem), DESK_OK);
    static const char *const secrets[] = {"whsec_", "abc", "whsec_AAAA",
                                          "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA!"};
    for (size_t i = 0; i < sizeof secrets / sizeof secrets[0]; i++) {
        kept.endpoint_secret = secrets[i];
        assert_int_equal(desk_service_change(tx, &kept, &second, true, &problem), DESK_INVALID);
    }
}

static void services(void **state) {
    (void)state;
    on_day(MON, service_steps);
}

/* ---- staff ---- */

static void staff_steps(struct tx *tx) {
    struct staff_row row = {.id = "m.fox", .name = "Max Fox", .role = "manager", .pin_hash = "$argon2id$x"};
    struct staff_row kept;
    struct desk_problem problem = {.code = NULL};
    row.valid_until = DAY_NONE;
    assert_int_equal(desk_staff_enter(tx, &row, &nobody, &problem), DESK_OK); /* the first of all */
    tx->staff = "m.fox";
    row.id = "t.lee";
    row.role = "technician";
    assert_int_equal(desk_staff_enter(tx, &row, &nobody, &problem), DESK_OK); /* nobody to ask yet */
    row.id = "a.khan";
    row.role = "pharmacist";
    assert_int_equal(desk_staff_enter(tx, &row, &second, &problem), DESK_INVALID);
    assert_true(has_field(&problem, "registration"));
    row.registration = "2012345";
    problem = (struct desk_problem){.code = NULL};
    assert_int_equal(desk_staff_enter(tx, &row, &nobody, &problem), DESK_FORBIDDEN);
    assert_string_equal(problem.code, "second_person_required");
    assert_int_equal(desk_staff_enter(tx, &row, &second, &problem), DESK_OK);
    assert_int_equal(desk_staff_enter(tx, &row, &second, &problem), DESK_CONFLICT);
    row.id = "A Khan";
    assert_int_equal(desk_staff_enter(tx, &row, &second, &problem), DESK_INVALID);
    assert_true(has_field(&problem, "id"));
    problem = (struct desk_problem){.code = NULL};
    assert_int_equal(desk_staff_read(tx, "m.fox", &kept), DESK_OK);
    kept.active = false;
    assert_int_equal(desk_staff_change(tx, &kept, &second, &problem), DESK_CONFLICT);
    assert_string_equal(problem.code, "last_manager");
    assert_int_equal(desk_staff_read(tx, "t.lee", &kept), DESK_OK);
    kept.active = false;
    assert_int_equal(desk_staff_change(tx, &kept, &nobody, &problem), DESK_OK);
    kept.active = true;
    assert_int_equal(desk_staff_change(tx, &kept, &nobody, &problem), DESK_FORBIDDEN);
    kept.active = false;
    kept.role = "inspector";
    problem = (struct desk_problem){.code = NULL};
    assert_int_equal(desk_staff_change(tx, &kept, &second, &problem), DESK_INVALID);
    assert_true(has_field(&problem, "valid_until"));
    assert_null(desk_staff_pin_fault("4821"));
    assert_non_null(desk_staff_pin_fault("1111"));
    assert_non_null(desk_staff_pin_fault("1234"));
    assert_non_null(desk_staff_pin_fault("9876"));
    assert_non_null(desk_staff_pin_fault("482"));
    assert_non_null(desk_staff_pin_fault("48a1"));
}

static void staff(void **state) {
    (void)state;
    on_day(MON, staff_steps);
}

/* ---- the responsible pharmacist: the staff above ---- */

static void responsible_steps(struct tx *tx) {
    const struct identity khan = {.staff = "a.khan", .role = ROLE_PHARMACIST, .registration = "2012345"};
    struct responsible_view view;
    struct desk_problem problem = {.code = NULL};
    assert_null(desk_responsible_pharmacist(tx));
    assert_int_equal(desk_responsible_record(tx, RESPONSIBLE_SIGN_ON, &second, &problem), DESK_FORBIDDEN);
    assert_int_equal(desk_responsible_record(tx, RESPONSIBLE_SIGN_OFF, &khan, &problem), DESK_CONFLICT);
    assert_int_equal(desk_responsible_record(tx, RESPONSIBLE_SIGN_ON, &khan, &problem), DESK_OK);
    assert_int_equal(desk_responsible_record(tx, RESPONSIBLE_SIGN_ON, &khan, &problem), DESK_CONFLICT);
    assert_string_equal(desk_responsible_pharmacist(tx), "a.khan");
    assert_int_equal(desk_responsible_record(tx, RESPONSIBLE_ABSENT_TO, &khan, &problem), DESK_CONFLICT);
    assert_int_equal(desk_responsible_record(tx, RESPONSIBLE_ABSENT_FROM, &khan, &problem), DESK_OK);
    tx->now.at += 1800;
    assert_int_equal(desk_responsible_read(tx, TX_NOW, 50, &view), DESK_OK);
    assert_int_equal(view.absent_minutes_today, 30);
    assert_int_not_equal(view.absent_since, 0);
    assert_int_equal(desk_responsible_record(tx, RESPONSIBLE_ABSENT_TO, &khan, &problem), DESK_OK);
    tx->now.at += 1800;
    assert_int_equal(desk_responsible_read(tx, TX_NOW, 50, &view), DESK_OK);
    assert_int_equal(view.absent_minutes_today, 30);
    assert_int_equal(view.absent_since, 0);
    assert_int_equal(view.count, 3);
    assert_string_equal(view.name, "Max Fox");
    assert_int_equal(view.since, tx->now.at - 3600);
    struct staff_row row;
    assert_int_equal(desk_staff_read(tx, "a.khan", &row), DESK_OK);
    row.active = false;
    assert_int_equal(desk_staff_change(tx, &row, &nobody, &problem), DESK_OK);
    assert_null(desk_responsible_pharmacist(tx)); /* a leaver is nobody */
}

static void responsible(void **state) {
    (void)state;
    on_day(MON, responsible_steps);
}

/* ---- the calendar ---- */

static void calendar_default(struct tx *tx) {
    struct calendar calendar;
    struct calendar_view view;
    int32_t opens = 0;
    int32_t closes = 0;
    assert_true(desk_calendar(tx, &calendar));
    assert_int_equal(calendar_on(&calendar, MON), CALENDAR_OPEN);
    assert_int_equal(calendar_on(&calendar, MON + 6), CALENDAR_CLOSED_WEEKLY);
    assert_int_equal(calendar_on(&calendar, XMAS), CALENDAR_OPEN); /* proposed only */
    assert_true(desk_hours(tx, MON + 5, &opens, &closes));
    assert_int_equal(closes, 780);
    assert_false(desk_hours(tx, MON + 6, &opens, &closes));
    assert_int_equal(desk_calendar_read(tx, MON, MON + 13, &view), DESK_OK);
    assert_false(view.hours_set);
    assert_int_equal(view.day_count, 14);
    assert_int_equal(view.holiday_count, 3); /* Christmas, Boxing Day, New Year's Day: within 60 days */
    assert_int_equal(view.holidays[0].day, XMAS);
    assert_int_equal(view.holidays[0].state, HOLIDAY_PROPOSED);
    assert_false(view.holidays[0].red);
    assert_int_equal(desk_policy(tx, "hold_after_missed_days"), 3);
}

static void calendar_red(struct tx *tx) {
    struct calendar_view view;
    assert_int_equal(desk_calendar_read(tx, XMAS - 14, XMAS, &view), DESK_OK);
    assert_true(view.holidays[0].red);
}

static void calendar_set(struct tx *tx) {
    struct desk_problem problem = {.code = NULL};
    struct calendar calendar;
    int32_t opens = 0;
    int32_t closes = 0;
    assert_int_equal(desk_calendar_set_holiday(tx, XMAS, true, &problem), DESK_OK);
    assert_int_equal(desk_calendar_set_holiday(tx, XMAS + 1, true, &problem), DESK_INVALID);
    struct opening_day_row row = {.day = MON, .kind = OPENING_CLOSURE, .opens = -1, .closes = -1};
    assert_int_equal(desk_calendar_set_day(tx, &row, &problem), DESK_INVALID); /* today: nothing can move */
    problem = (struct desk_problem){.code = NULL};
    row.day = MON + 1;
    row.reason = "Training day";
    assert_int_equal(desk_calendar_set_day(tx, &row, &problem), DESK_OK);
    row.kind = OPENING_UNPLANNED;
    row.day = MON;
    row.reason = "Flood";
    assert_int_equal(desk_calendar_set_day(tx, &row, &problem), DESK_OK);
    row.kind = OPENING_OPENED;
    row.day = MON + 6;
    assert_int_equal(desk_calendar_set_day(tx, &row, &problem), DESK_INVALID); /* no regular hours */
    problem = (struct desk_problem){.code = NULL};
    row.opens = 600;
    row.closes = 720;
    assert_int_equal(desk_calendar_set_day(tx, &row, &problem), DESK_OK);
    row.day = MON - 1;
    assert_int_equal(desk_calendar_set_day(tx, &row, &problem), DESK_INVALID);
    assert_true(desk_calendar(tx, &calendar));
    assert_int_equal(calendar_on(&calendar, XMAS), CALENDAR_CLOSED_DATED);
    assert_int_equal(calendar_on(&calendar, MON), CALENDAR_CLOSED_UNPLANNED);
    assert_int_equal(calendar_on(&calendar, MON + 1), CALENDAR_CLOSED_DATED);
    assert_int_equal(calendar_on(&calendar, MON + 6), CALENDAR_OPEN);
    assert_true(desk_hours(tx, MON + 6, &opens, &closes));
    assert_int_equal(opens, 600);
    row = (struct opening_day_row){.day = MON + 1, .kind = OPENING_REGULAR, .opens = -1, .closes = -1};
    problem = (struct desk_problem){.code = NULL};
    assert_int_equal(desk_calendar_set_day(tx, &row, &problem), DESK_OK);
    assert_true(desk_calendar(tx, &calendar));
    assert_int_equal(calendar_on(&calendar, MON + 1), CALENDAR_OPEN);
    assert_int_equal(desk_policy_set(tx, "hold_after_missed_days", 2, &problem), DESK_OK);
    assert_int_equal(desk_policy(tx, "hold_after_missed_days"), 2);
    assert_int_equal(desk_policy_set(tx, "hold_after_missed_days", 0, &problem), DESK_INVALID);
    assert_int_equal(desk_policy_set(tx, "nonsense", 1, &problem), DESK_INVALID);
}

/* H09: the hours of a weekday change; what is past stays as it was. */
static struct opening_hours_row wednesday(int32_t opens, int32_t closes) {
    return (struct opening_hours_row){.weekday = WEEKDAY_WED, .opens = opens, .closes = closes};
}

static void hours_first(struct tx *tx) {
    struct opening_hours_row rows[7];
    struct desk_problem problem = {.code = NULL};
    for (int i = 0; i < 7; i++)
        rows[i] = (struct opening_hours_row){.weekday = (enum weekday)i, .opens = 540, .closes = 1080};
    rows[6].opens = rows[6].closes = OPENING_NO_MINUTE;
    assert_int_equal(desk_calendar_set_hours(tx, rows, 7, &problem), DESK_OK);
    rows[0].closes = rows[0].opens;
    assert_int_equal(desk_calendar_set_hours(tx, rows, 1, &problem), DESK_INVALID);
}

static void hours_close(struct tx *tx) {
    const struct opening_hours_row row = wednesday(OPENING_NO_MINUTE, OPENING_NO_MINUTE);
    struct desk_problem problem = {.code = NULL};
    assert_int_equal(desk_calendar_set_hours(tx, &row, 1, &problem), DESK_OK);
}

static void hours_open(struct tx *tx) {
    const struct opening_hours_row row = wednesday(600, 900);
    struct desk_problem problem = {.code = NULL};
    assert_int_equal(desk_calendar_set_hours(tx, &row, 1, &problem), DESK_OK);
}

static void hours_between(struct tx *tx) {
    struct calendar calendar;
    int32_t opens = 0;
    int32_t closes = 0;
    assert_true(desk_calendar(tx, &calendar));
    assert_int_equal(calendar_on(&calendar, MON - 5), CALENDAR_OPEN);
    assert_int_equal(calendar_on(&calendar, MON + 2), CALENDAR_OPEN); /* the day itself */
    assert_int_equal(calendar_on(&calendar, MON + 9), CALENDAR_CLOSED_WEEKLY);
    assert_true(desk_hours(tx, MON + 2, &opens, &closes));
    assert_int_equal(closes, 1080);
    assert_false(desk_hours(tx, MON + 9, &opens, &closes));
}

static void hours_after(struct tx *tx) {
    struct calendar calendar;
    int32_t opens = 0;
    int32_t closes = 0;
    assert_true(desk_calendar(tx, &calendar));
    assert_int_equal(calendar_on(&calendar, MON + 2), CALENDAR_OPEN);
    assert_int_equal(calendar_on(&calendar, MON + 9), CALENDAR_CLOSED_DATED); /* closed then, open now */
    assert_int_equal(calendar_on(&calendar, MON + 16), CALENDAR_OPEN);
    assert_true(desk_hours(tx, MON + 16, &opens, &closes));
    assert_int_equal(closes, 900);
    assert_false(desk_hours(tx, MON + 9, &opens, &closes));
}

static void calendar(void **state) {
    (void)state;
    on_day(MON, calendar_default);
    on_day(XMAS - 14, calendar_red);
    on_day(MON, calendar_set);
    on_day(MON - 20, hours_first);
    on_day(MON + 2, hours_close);
    on_day(MON + 10, hours_between);
    on_day(MON + 14, hours_open);
    on_day(MON + 15, hours_after);
}

/* ---- the audit ---- */

static size_t audited(struct tx *tx, const char *patient, const char *who, int32_t limit) {
    const struct audit_query query = {
        .patient = patient, .staff = who, .from = DAY_NONE, .to = DAY_NONE, .before = TX_NOW, .limit = limit};
    struct audit_row *rows = NULL;
    size_t count = 0;
    assert_int_equal(desk_audit(tx, &query, &rows, &count), DESK_OK);
    for (size_t i = 1; i < count; i++)
        assert_true(rows[i].seq < rows[i - 1].seq);
    return count;
}

static void audit_steps(struct tx *tx) {
    assert_int_equal(audited(tx, NULL, NULL, 5), 5);
    assert_true(audited(tx, first, NULL, 50) >= 5); /* with the record merged into it */
    assert_int_equal(audited(tx, first, "nobody", 50), 0);
    assert_true(audited(tx, NULL, "m.fox", 500) > 10);
    assert_int_equal(audited(tx, first, "m.fox", 500), audited(tx, first, NULL, 500));
}

static void audit(void **state) {
    (void)state;
    on_day(MON, audit_steps);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(names),       cmocka_unit_test(look_alike_names), cmocka_unit_test(patients),
        cmocka_unit_test(alerts),      cmocka_unit_test(services),         cmocka_unit_test(staff),
        cmocka_unit_test(responsible), cmocka_unit_test(calendar),         cmocka_unit_test(audit),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
