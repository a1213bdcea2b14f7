#include "facts.h"

#include <stdio.h>

#include "store/alert.h"
#include "store/controlled.h"

struct names {
    char supply[32];
    char key[32];
    char about[32];
    char print_job[32];
    char code[32];
};

static struct names names_of(int64_t number) {
    struct names names;
    long long n = (long long)number;
    snprintf(names.supply, sizeof names.supply, "su-%lld", n);
    snprintf(names.key, sizeof names.key, "key-%lld", n);
    snprintf(names.about, sizeof names.about, "supplied/%lld", n);
    snprintf(names.print_job, sizeof names.print_job, "pj-%lld", n);
    snprintf(names.code, sizeof names.code, "code-%lld", n);
    return names;
}

void facts_prescription(struct tx *tx) {
    tx_audit(tx, "enter prescription", "pa-1", "rx-1", NULL);
    struct statement *s = db_use(
        tx->db,
        "INSERT INTO prescription (id, seq, patient, service, form, drug_class, signed_on, entered_on, "
        "prescriber_name, stage, wording, collect_kind, collect_weekdays, collect_every, supervised_kind, "
        "supervised_weekdays, dose_warned) "
        "VALUES ('rx-1', ?, 'pa-1', 'se-1', 'fp10mda', 'opioid', 1, 1, 'Dr A. Sample', 'stable', 0, "
        "'weekdays', 127, 1, 'collection_days', 0, 0)");
    bind_int(s, tx->seq);
    statement_run(s);
}

static void add_supply(struct tx *tx, const struct names *names, int64_t number) {
    struct statement *s = db_use(
        tx->db, "INSERT INTO supply (id, seq, patient, prescription, kind, on_day, at, supervised_at, "
                "collector_role, supervised_by, confirmed_by, verdict, missed_days, missed_pickups, rules) "
                "VALUES (?, ?, 'pa-1', 'rx-1', 'lawful', ?, ?, ?, 'patient', 'abel', 'abel', 'supply', 0, 0, "
                "'2026.1')");
    bind_text(s, names->supply);
    bind_int(s, tx->seq);
    bind_int(s, number);
    bind_int(s, tx->now.at);
    bind_int(s, tx->now.at);
    statement_run(s);
    s = db_use(
        tx->db,
        "INSERT INTO dosed_day (prescription, day, turn, supply, opened_by) VALUES ('rx-1', ?, 0, ?, NULL)");
    bind_int(s, number);
    bind_text(s, names->supply);
    statement_run(s);
}

static void add_register(struct tx *tx, const struct names *names, int64_t number) {
    struct register_row entry = {
        .section = "methadone-1mg-ml",
        .kind = "supplied",
        .on = (day_t)number,
        .entered_at = tx->now.at,
        .quantity = -40000,
        .supply = names->supply,
        .person_name = "A. Patient",
        .authority = "Dr A. Sample",
        .collector_role = "patient",
        .by_staff = "abel",
        REGISTER_ROW_NONE,
    };
    register_append(tx, &entry);
}

static void add_outgoing(struct tx *tx, const struct names *names, int64_t number) {
    struct alert_row alert = {
        .kind = "supply_irregular",
        .priority = "routine",
        .patient = "pa-1",
        .prescription = "rx-1",
        .service = "se-1",
        .raised_at = tx->now.at,
        .on = (day_t)number,
        .about = names->about,
        .number = -1,
    };
    alert_append(tx, &alert);
    struct statement *s =
        db_use(tx->db, "INSERT INTO print_job (id, seq, kind, supply, product, quantity, code) "
                       "VALUES (?, ?, 'label', ?, 'methadone-1mg-ml', 40000, ?)");
    bind_text(s, names->print_job);
    bind_int(s, tx->seq);
    bind_text(s, names->supply);
    bind_text(s, names->code);
    statement_run(s);
}

static void add_key(struct tx *tx, const struct names *names) {
    static const unsigned char DIGEST[32] = {4, 5, 6};
    struct statement *s =
        db_use(tx->db, "INSERT INTO idempotency (key, seq, route, body_digest, status, subject) "
                       "VALUES (?, ?, 'POST /supplies', ?, 201, ?)");
    bind_text(s, names->key);
    bind_int(s, tx->seq);
    bind_blob(s, DIGEST, sizeof DIGEST);
    bind_text(s, names->supply);
    statement_run(s);
}

bool facts_supply(struct tx *tx, int64_t number) {
    struct names names = names_of(number);
    tx_audit(tx, "supply", "pa-1", names.supply, "given,2026.1");
    add_supply(tx, &names, number);
    add_register(tx, &names, number);
    add_outgoing(tx, &names, number);
    add_key(tx, &names);
    return db_state(tx->db) == DB_FINE;
}

static int64_t count_text(struct tx *tx, const char *sql, const char *text) {
    struct statement *s = db_use(tx->db, sql);
    bind_text(s, text);
    int64_t count = statement_row(s) ? column_int(s) : 0;
    statement_run(s);
    return count;
}

int64_t facts_count(struct tx *tx, int64_t number) {
    struct names names = names_of(number);
    return count_text(tx, "SELECT count(*) FROM audit WHERE subject = ?", names.supply) +
           count_text(tx, "SELECT count(*) FROM supply WHERE id = ?", names.supply) +
           count_text(tx, "SELECT count(*) FROM dosed_day WHERE supply = ?", names.supply) +
           count_text(tx, "SELECT count(*) FROM register_entry WHERE supply = ?", names.supply) +
           count_text(tx, "SELECT count(*) FROM alert WHERE about = ?", names.about) +
           count_text(tx, "SELECT count(*) FROM print_job WHERE supply = ?", names.supply) +
           count_text(tx, "SELECT count(*) FROM idempotency WHERE key = ?", names.key);
}

bool facts_key_known(struct tx *tx, int64_t number) {
    struct names names = names_of(number);
    return count_text(tx, "SELECT count(*) FROM idempotency WHERE key = ?", names.key) == 1;
}

int64_t facts_supplies(struct tx *tx) {
    struct statement *s = db_use(tx->db, "SELECT count(*) FROM supply");
    int64_t count = statement_row(s) ? column_int(s) : -1;
    statement_run(s);
    return count;
}

/* ---- as jobs ---- */

static bool run_write(struct job *job, struct tx *tx) {
    struct facts_job *facts = (struct facts_job *)job;
    tx->arena = facts->arena;
    if (facts->number == 0) {
        facts_prescription(tx);
        return db_state(tx->db) == DB_FINE;
    }
    return facts_supply(tx, facts->number);
}

static bool run_retry(struct job *job, struct tx *tx) {
    struct facts_job *facts = (struct facts_job *)job;
    tx->arena = facts->arena;
    facts->known = facts_key_known(tx, facts->number);
    return facts->known || facts_supply(tx, facts->number);
}

static bool run_read(struct job *job, struct tx *tx) {
    struct facts_job *facts = (struct facts_job *)job;
    tx->arena = facts->arena;
    facts->counted = facts_count(tx, facts->number);
    facts->known = facts_key_known(tx, facts->number);
    return db_state(tx->db) == DB_FINE;
}

static void keep_result(struct job *job, enum job_result result) {
    ((struct facts_job *)job)->result = result;
}

struct facts_job facts_write(int64_t number, struct arena *arena) {
    return (struct facts_job){
        .job = {.run = run_write, .done = keep_result}, .number = number, .arena = arena};
}

struct facts_job facts_retry(int64_t number, struct arena *arena) {
    return (struct facts_job){
        .job = {.run = run_retry, .done = keep_result}, .number = number, .arena = arena};
}

struct facts_job facts_read(int64_t number, struct arena *arena) {
    return (struct facts_job){
        .job = {.run = run_read, .done = keep_result}, .number = number, .arena = arena};
}
