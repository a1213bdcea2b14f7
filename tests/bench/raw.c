#include "raw.h"

#include <sqlite3.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "fill.h"

#define TODAY "20780"
#define NOW "1795424400"
#define CHECKPOINT_PAGES 4096

/*
 * What a supply writes, and what is bound: q the audit row's number, s supply, p patient, x prescription, r register
 * number, h hash, j label job, c its code, k key.
 */
static const struct {
    const char *sql;
    const char *binds;
} RAW[] = {
    {"INSERT INTO audit (at, on_day, staff, terminal, action, patient, subject, detail)"
     " VALUES (" NOW ", " TODAY ", 'a.khan', 'te-1', 'supply', ?, ?, '2026.1 first_dose dose_warning')",
     "ps"},
    {"INSERT INTO supply (id, seq, patient, prescription, kind, on_day, at, supervised_at, collector_role,"
     " identity_requested, identity_provided, supervised_by, confirmed_by, verdict, missed_days, "
     "missed_pickups,"
     " next_due, rules) VALUES (?, ?, ?, ?, 'lawful', " TODAY ", " NOW ", " NOW ", 'patient', 1, 1, 'a.khan',"
     " 'a.khan', 'check', 0, 0, 20781, '2026.1')",
     "sqpx"},
    {"INSERT INTO supply_item (supply, position, product, quantity, supervised, take_home)"
     " VALUES (?, 0, '" FILL_PRODUCT "', 60000, 60000, 0)",
     "s"},
    {"INSERT INTO supply_reason (supply, code, severity, number, confirmed)"
     " VALUES (?, 'first_dose', 'check', 0, 1)",
     "s"},
    {"INSERT INTO supply_reason (supply, code, severity, number, confirmed)"
     " VALUES (?, 'dose_warning', 'check', 0, 1)",
     "s"},
    {"INSERT INTO dosed_day (prescription, day, turn, supply) VALUES (?, " TODAY ", 0, ?)", "xs"},
    {"INSERT INTO register_entry (section, number, seq, kind, on_day, entered_at, quantity, balance, supply,"
     " person_name, person_address, authority, collector_role, identity_requested, identity_provided, "
     "by_staff,"
     " previous, hash) VALUES ('" FILL_PRODUCT "', ?, ?, 'supplied', " TODAY ", " NOW ", -60000, -60000, ?,"
     " 'Patient Number', '1 Larkspur Row, Testham', 'Dr Hester Vale', 'patient', 1, 1, 'a.khan', ?, ?)",
     "rqshh"},
    {"INSERT INTO print_job (id, seq, kind, supply, prescription, for_day, last_day, product, quantity, code)"
     " VALUES (?, ?, 'label', ?, ?, " TODAY ", " TODAY ", '" FILL_PRODUCT "', 60000, ?)",
     "jqsxc"},
    {"INSERT INTO idempotency (key, seq, route, body_digest, status, subject)"
     " VALUES (?, ?, 'POST /supplies', ?, 201, ?)",
     "kqhs"},
};
enum { RAW_COUNT = sizeof RAW / sizeof RAW[0] };

struct raw {
    sqlite3 *db;
    sqlite3_stmt *insert[RAW_COUNT];
    sqlite3_stmt *begin;
    sqlite3_stmt *commit;
    int64_t number; /* of the register */
};

static void raw_step(sqlite3_stmt *stmt) {
    if (sqlite3_step(stmt) != SQLITE_DONE || sqlite3_reset(stmt) != SQLITE_OK) {
        load_fail(sqlite3_errmsg(sqlite3_db_handle(stmt)));
    }
}

static void raw_bind(const struct raw *raw, sqlite3_stmt *stmt, int place, char what, size_t patient,
                     int64_t seq) {
    static const char HASH[32] = "hash";
    char text[FILL_ID_SIZE];
    switch (what) {
    case 'q': sqlite3_bind_int64(stmt, place, seq); return;
    case 'r': sqlite3_bind_int64(stmt, place, raw->number); return;
    case 'h': sqlite3_bind_blob(stmt, place, HASH, sizeof HASH, SQLITE_STATIC); return;
    case 'x': fill_prescription_id(patient, text); break;
    default: (void)snprintf(text, sizeof text, "%c-raw%024zu", what, patient); break;
    }
    sqlite3_bind_text(stmt, place, text, -1, SQLITE_TRANSIENT);
}

static void raw_supply(struct raw *raw, size_t patient) {
    int64_t seq = 0;
    raw->number++;
    for (int i = 0; i < RAW_COUNT; i++) {
        for (int place = 0; RAW[i].binds[place] != '\0'; place++) {
            raw_bind(raw, raw->insert[i], place + 1, RAW[i].binds[place], patient, seq);
        }
        raw_step(raw->insert[i]);
        seq = i == 0 ? sqlite3_last_insert_rowid(raw->db) : seq;
    }
}

static sqlite3_stmt *raw_prepare(const struct raw *raw, const char *sql) {
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(raw->db, sql, -1, &stmt, NULL) != SQLITE_OK) {
        load_fail(sqlite3_errmsg(raw->db));
    }
    return stmt;
}

static void raw_open(struct raw *raw, const char *database) {
    static const char SETTINGS[] = "PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON";
    *raw = (struct raw){.db = NULL};
    if (sqlite3_open(database, &raw->db) != SQLITE_OK ||
        sqlite3_exec(raw->db, SETTINGS, NULL, NULL, NULL) != SQLITE_OK) {
        load_fail(sqlite3_errmsg(raw->db));
    }
    sqlite3_wal_autocheckpoint(raw->db, CHECKPOINT_PAGES);
    for (int i = 0; i < RAW_COUNT; i++) {
        raw->insert[i] = raw_prepare(raw, RAW[i].sql);
    }
    raw->begin = raw_prepare(raw, "BEGIN IMMEDIATE");
    raw->commit = raw_prepare(raw, "COMMIT");
    sqlite3_stmt *head = raw_prepare(raw, "SELECT MAX(number) FROM register_entry");
    if (sqlite3_step(head) == SQLITE_ROW) {
        raw->number = sqlite3_column_int64(head, 0);
    }
    sqlite3_finalize(head);
}

static void raw_close(struct raw *raw) {
    for (int i = 0; i < RAW_COUNT; i++) {
        sqlite3_finalize(raw->insert[i]);
    }
    sqlite3_finalize(raw->begin);
    sqlite3_finalize(raw->commit);
    sqlite3_close(raw->db);
}

double raw_run(const char *database, size_t first, struct load_request *times, size_t count, size_t group) {
    struct raw raw;
    raw_open(&raw, database);
    double start = load_now();
    for (size_t i = 0; i < count; i += group) {
        double began = load_now();
        size_t end = i + group < count ? i + group : count;
        raw_step(raw.begin);
        for (size_t k = i; k < end; k++) {
            raw_supply(&raw, first + k);
        }
        raw_step(raw.commit);
        double ms = (load_now() - began) * 1000;
        for (size_t k = i; k < end; k++) {
            times[k].ms = ms;
        }
    }
    double seconds = load_now() - start;
    raw_close(&raw);
    return seconds;
}
