/*
 * Register and stock kept together (hazards H43, H49): whatever is entered, every product's accounts add up to zero, what is
 * here is the register's balance, and both are what replaying the entries gives. And a copied database that somebody
 * changed is found out. LEDGER_OPERATIONS and LEDGER_TAMPERINGS ask for more (make torture).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "desk/ledger.h"
#include "desk/register.h"
#include "embed/embed.h"
#include "store/discrepancy.h"
#include "store/store.h"
#include "sys/number.h"

EMBED_DECLARE(config_catalogue_conf);

#define PRODUCTS 3
#define BATCH 500 /* operations in one transaction */
#define SUPPLIES_OPEN 64
#define FIRST_OPERATIONS 5000

static const struct identity pharmacist = {"p.quill", "Petra Quill", ROLE_PHARMACIST, "2099991"};
static const struct identity witness = {"t.sedge", "Tobias Sedge", ROLE_TECHNICIAN, NULL};
static const char *const codes[PRODUCTS] = {"methadone-1mg-ml", "methadone-1mg-ml-sf", "methadone-10mg-ml"};

/* What the test itself keeps of a product: plain sums. */
struct kept {
    quantity_t balance;
    int64_t entries;
    int64_t below_zero;
    quantity_t prepared[4];
    int64_t instalment[4];         /* each is another one once it was supplied or put back */
    quantity_t out[SUPPLIES_OPEN]; /* supplies that can still be reversed */
    struct register_row entry[SUPPLIES_OPEN];
    size_t out_count;
};

static struct {
    struct store *store;
    struct catalogue *catalogue;
    struct arena *arena;
    char folder[64];
    char path[96];
    uint64_t random;
    struct kept kept[PRODUCTS];
    int64_t done;
    int64_t target;
} scene;

static int64_t figure(const char *name, int64_t usual) {
    const char *text = getenv(name);
    int64_t value = 0;
    return text != NULL && number_parse(text, 1, INT64_C(100000000), &value) ? value : usual;
}

static uint64_t chance(uint64_t below) {
    scene.random ^= scene.random << 13;
    scene.random ^= scene.random >> 7;
    scene.random ^= scene.random << 17;
    return scene.random % below;
}

static void open_store(void) {
    enum store_open_error error = STORE_OPEN;
    const char *message = NULL;
    scene.store = store_open(&(struct store_options){.path = scene.path}, &error, &message);
    if (scene.store == NULL) {
        fail_msg("%s", message);
    }
}

static int set_up(void **state) {
    struct catalogue_error wrong;
    (void)state;
    assert_true(clock_init("Europe/London", false, 0));
    scene.arena = arena_new(64U << 20);
    scene.catalogue = catalogue_parse(embed_config_catalogue_conf, embed_config_catalogue_conf_size, &wrong);
    desk_set_catalogue(scene.catalogue);
    (void)snprintf(scene.folder, sizeof scene.folder, "/tmp/ledger-XXXXXX");
    assert_non_null(mkdtemp(scene.folder));
    (void)snprintf(scene.path, sizeof scene.path, "%s/facts.db", scene.folder);
    scene.random = 88172645463325252U;
    open_store();
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    store_close(&scene.store);
    static const char *const endings[] = {"", "-wal", "-shm", ".copy", ".copy-wal", ".copy-shm", ".older"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        char path[128];
        (void)snprintf(path, sizeof path, "%s%s", scene.path, endings[i]);
        (void)unlink(path);
    }
    (void)rmdir(scene.folder);
    catalogue_free(&scene.catalogue);
    arena_free(&scene.arena);
    return 0;
}

/* ---- operations ---- */

static void keep_entry(struct kept *kept, quantity_t quantity) {
    kept->below_zero += kept->balance >= 0 && kept->balance + quantity < 0;
    kept->balance += quantity;
    kept->entries++;
}

static const char *instalment_of(struct tx *tx, const struct kept *kept, size_t which) {
    char id[64];
    int len = snprintf(id, sizeof id, "rx-%zu-%lld.2026-11-23", which, (long long)kept->instalment[which]);
    return arena_text(tx->arena, id, (size_t)len);
}

static void supply(struct tx *tx, size_t product, struct kept *kept) {
    const struct register_row none = {.section = codes[product],
                                      .kind = "supplied",
                                      .on = tx->now.day,
                                      .entered_at = tx->now.at,
                                      .quantity = -(quantity_t)(1000 + chance(120000)),
                                      .person_name = "A. Patient",
                                      .by_staff = pharmacist.staff,
                                      REGISTER_ROW_NONE};
    struct register_row entry = none;
    size_t which = chance(4);
    const char *instalment = instalment_of(tx, kept, which);
    tx_audit(tx, "supply", NULL, NULL, NULL);
    ledger_supply(tx, &entry, &instalment, 1);
    kept->prepared[which] = 0;
    kept->instalment[which]++;
    keep_entry(kept, entry.quantity);
    if (kept->out_count < SUPPLIES_OPEN) {
        kept->entry[kept->out_count++] = entry;
    }
}

static void reverse(struct tx *tx, struct kept *kept) {
    if (kept->out_count > 0) {
        struct register_row entry = kept->entry[--kept->out_count];
        tx_audit(tx, "reverse supply", NULL, NULL, NULL);
        ledger_reverse(tx, &entry);
        keep_entry(kept, -entry.quantity);
    }
}

static void prepare(struct tx *tx, size_t product, struct kept *kept) {
    size_t which = chance(4);
    const char *id = instalment_of(tx, kept, which);
    tx_audit(tx, "prepare", NULL, NULL, NULL);
    if (kept->prepared[which] == 0) {
        kept->prepared[which] = (quantity_t)(1000 + chance(90000));
        ledger_prepare(tx, catalogue_find(scene.catalogue, codes[product], strlen(codes[product])), id,
                       kept->prepared[which]);
    } else {
        kept->prepared[which] = 0;
        kept->instalment[which]++;
        ledger_put_back(tx, codes[product], id);
    }
}

/* Through the use cases: receipts with lots, checks, adjustments, destructions, notes. */
static void enter(struct tx *tx, size_t product, struct kept *kept) {
    struct desk_problem problem = {.code = NULL};
    struct register_request request = {.product = codes[product],
                                       .on = DAY_NONE,
                                       .from = "Wholesale",
                                       .text = "why",
                                       .authorised_by = "B. Officer",
                                       .who = &pharmacist,
                                       .second = &witness};
    int64_t number = 0;
    enum desk_result result = DESK_OK;
    tx->staff = pharmacist.staff;
    switch (chance(6)) {
    case 0:
    case 1:
        request.pack_count = 1;
        request.packs[0] = (struct register_pack){.batch = chance(2) == 0 ? "A1" : "B2",
                                                  .expiry = tx->now.day + 100 + (day_t)chance(3),
                                                  .size = chance(2) == 0 ? 500000 : 100000,
                                                  .count = (int32_t)(1 + chance(6))};
        request.quantity = request.packs[0].size * request.packs[0].count;
        result = desk_register_receive(tx, &request, &number, &problem);
        keep_entry(kept, request.quantity);
        break;
    case 2:
        request.counted = (struct register_count){
            .given = true, .full = (quantity_t)chance(1000) * 1000, .prepared = QUANTITY_NONE};
        result = desk_register_check(tx, &request, &number, &problem);
        keep_entry(kept, 0);
        break;
    case 3:
        request.reason = ADJUST_COUNT;
        request.quantity = (quantity_t)chance(20000) - 10000;
        request.quantity = request.quantity == 0 ? 1 : request.quantity;
        result = desk_register_adjust(tx, &request, &number, &problem);
        keep_entry(kept, request.quantity);
        break;
    case 4:
        request.quantity = (quantity_t)(1 + chance(30000));
        result = desk_register_destroy(tx, &request, &number, &problem);
        keep_entry(kept, -request.quantity);
        break;
    default:
        result = desk_register_note(tx, &request, &number, &problem);
        keep_entry(kept, 0);
        break;
    }
    assert_int_equal(result, DESK_OK);
    assert_int_equal(number, kept->entries);
}

static void operate(struct tx *tx) {
    size_t product = chance(PRODUCTS);
    struct kept *kept = &scene.kept[product];
    uint64_t kind = chance(20);
    if (kind < 11) {
        supply(tx, product, kept);
    } else if (kind < 13) {
        reverse(tx, kept);
    } else if (kind < 16) {
        prepare(tx, product, kept);
    } else {
        enter(tx, product, kept);
    }
}

static bool operations_run(struct job *job, struct tx *tx) {
    (void)job;
    tx->arena = scene.arena;
    for (int i = 0; i < BATCH; i++, scene.done++) {
        arena_reset(scene.arena);
        operate(tx);
    }
    return db_state(tx->db) == DB_FINE;
}

/* ---- what must be true ---- */

static bool invariants_run(struct job *job, struct tx *tx) {
    (void)job;
    arena_reset(scene.arena);
    tx->arena = scene.arena;
    for (size_t i = 0; i < PRODUCTS; i++) {
        struct kept *kept = &scene.kept[i];
        struct stock_account_row *accounts = NULL;
        struct register_row last;
        size_t count = 0;
        quantity_t sum = 0;
        quantity_t prepared = 0;
        if (kept->entries == 0) {
            continue;
        }
        assert_true(stock_accounts(tx, codes[i], &accounts, &count));
        for (size_t k = 0; k < count; k++) {
            sum += accounts[k].balance;
        }
        for (size_t k = 0; k < 4; k++) {
            prepared += kept->prepared[k];
        }
        assert_int_equal(sum, 0);
        assert_true(register_last(tx, codes[i], &last));
        assert_int_equal(last.balance, kept->balance);
        assert_int_equal(last.number, kept->entries);
        assert_int_equal(stock_here(tx, codes[i]), kept->balance);
        assert_int_equal(stock_balance(tx, codes[i], STOCK_PREPARED, ""), prepared);
    }
    return true;
}

struct replay {
    quantity_t balance;
    int64_t entries;
    int64_t below_zero;
};

static void replay_entry(void *context, const struct register_row *row) {
    struct replay *replay = context;
    replay->below_zero += replay->balance >= 0 && replay->balance + row->quantity < 0;
    replay->balance += row->quantity;
    replay->entries++;
    assert_int_equal(row->balance, replay->balance);
}

/* Balance equals replay, every chain verifies, and each fall below zero has opened its discrepancy. */
static bool replay_run(struct job *job, struct tx *tx) {
    (void)job;
    for (size_t i = 0; i < PRODUCTS; i++) {
        struct replay replay = {.balance = 0};
        struct register_check check;
        struct discrepancy_row *rows = NULL;
        size_t count = 0;
        int64_t below_zero = 0;
        arena_reset(scene.arena);
        tx->arena = scene.arena;
        assert_true(register_each(tx, codes[i], 0, INT64_MAX, replay_entry, &replay));
        assert_int_equal(replay.balance, scene.kept[i].balance);
        assert_int_equal(replay.entries, scene.kept[i].entries);
        assert_true(register_verify(tx, codes[i], 0, INT64_MAX, &check));
        assert_null(check.what);
        assert_int_equal(check.entries, replay.entries);
        if (scene.target <= 100000) {
            assert_true(discrepancies(tx, codes[i], false, &rows, &count));
            for (size_t k = 0; k < count; k++) {
                below_zero += strcmp(rows[k].kind, "below_zero") == 0;
            }
            assert_int_equal(below_zero, scene.kept[i].below_zero);
        }
    }
    return true;
}

static void do_now(bool (*run)(struct job *job, struct tx *tx)) {
    struct job job = {.run = run};
    assert_int_equal(store_write_now(scene.store, &job), JOB_DONE);
}

static void operate_up_to(int64_t target) {
    int64_t looked = scene.done;
    scene.target = target;
    while (scene.done < scene.target) {
        do_now(operations_run);
        /* Looking at every sum takes longer the more there is: often at first, then at each doubling. */
        if (scene.done <= 20000 || scene.done >= looked * 2) {
            looked = scene.done;
            do_now(invariants_run);
        }
    }
    do_now(invariants_run);
    do_now(replay_run);
}

static void sums_are_always_zero(void **state) {
    (void)state;
    operate_up_to(FIRST_OPERATIONS);
}

/* The same for as long as is asked for, on the file that was tampered with in copies alone. */
static void sums_stay_zero(void **state) {
    (void)state;
    operate_up_to(figure("LEDGER_OPERATIONS", FIRST_OPERATIONS + 2000));
    print_message("%lld operations\n", (long long)scene.done);
}

/* ---- two people, below the interface too ---- */

static bool same_person_run(struct job *job, struct tx *tx) {
    struct desk_problem problem = {.code = NULL};
    struct register_request request = {.product = codes[0],
                                       .on = DAY_NONE,
                                       .quantity = 1000,
                                       .reason = ADJUST_OVERAGE,
                                       .text = "why",
                                       .authorised_by = "B. Officer",
                                       .counted = {.given = true, .prepared = QUANTITY_NONE},
                                       .who = &pharmacist,
                                       .second = &pharmacist};
    const struct identity nobody = {.staff = NULL};
    const struct identity *seconds[] = {&pharmacist, &nobody, NULL};
    int64_t number = 0;
    (void)job;
    tx->arena = scene.arena;
    for (size_t i = 0; i < 3; i++) {
        request.second = seconds[i];
        assert_int_equal(desk_register_adjust(tx, &request, &number, &problem), DESK_FORBIDDEN);
        assert_int_equal(desk_register_destroy(tx, &request, &number, &problem), DESK_FORBIDDEN);
        assert_int_equal(desk_register_check(tx, &request, &number, &problem), DESK_FORBIDDEN);
        assert_string_equal(problem.code, "second_person_required");
    }
    assert_int_equal(number, 0);
    return true;
}

static void a_witness_is_never_assumed(void **state) {
    (void)state;
    do_now(same_person_run);
}

/* ---- tampering: with another program, on a copy ---- */

static void copy_file(const char *from, const char *to) {
    char buffer[65536];
    FILE *in = fopen(from, "rbe");
    FILE *out = fopen(to, "wbe");
    size_t len = 0;
    assert_true(in != NULL && out != NULL);
    while ((len = fread(buffer, 1, sizeof buffer, in)) > 0) {
        assert_int_equal(fwrite(buffer, 1, len, out), len);
    }
    fclose(in);
    assert_int_equal(fclose(out), 0);
}

/* What an insider would do: the triggers away, the change made, the triggers back. */
static void raw(sqlite3 *db, const char *sql) {
    char *error = NULL;
    if (sqlite3_exec(db, sql, NULL, NULL, &error) != SQLITE_OK) {
        fail_msg("%s: %s", sql, error);
    }
}

static char *trigger_sql(sqlite3 *db, const char *name) {
    sqlite3_stmt *s = NULL;
    assert_int_equal(sqlite3_prepare_v2(db, "SELECT sql FROM sqlite_master WHERE name = ?", -1, &s, NULL),
                     SQLITE_OK);
    sqlite3_bind_text(s, 1, name, -1, SQLITE_STATIC);
    assert_int_equal(sqlite3_step(s), SQLITE_ROW);
    char *sql = strdup((const char *)sqlite3_column_text(s, 0));
    sqlite3_finalize(s);
    return sql;
}

#define TAMPERINGS 11
static void tamper(sqlite3 *db, uint64_t kind, const char *product, int64_t number, int64_t entries) {
    static const char *const statements[TAMPERINGS] = {
        "UPDATE register_entry SET quantity = quantity + 1000 WHERE section = ?1 AND number = ?2",
        "UPDATE register_entry SET balance = balance - 1 WHERE section = ?1 AND number = ?2",
        "UPDATE register_entry SET person_name = 'B. Patient' WHERE section = ?1 AND number = ?2",
        "UPDATE register_entry SET on_day = on_day + 1 WHERE section = ?1 AND number = ?2",
        "UPDATE register_entry SET by_staff = 'x.other' WHERE section = ?1 AND number = ?2",
        "UPDATE register_entry SET hash = zeroblob(32) WHERE section = ?1 AND number = ?2",
        "UPDATE register_entry SET note = 'changed' WHERE section = ?1 AND number = ?2",
        "DELETE FROM register_entry WHERE section = ?1 AND number = ?2",
        /* from here on to the end of the section */
        "DELETE FROM register_entry WHERE section = ?1 AND number >= ?2",
        /* two change places */
        "UPDATE register_entry SET number = ?2 + ?2 + 1 - number + 1000000000 WHERE section = ?1 AND number "
        "IN "
        "(?2, ?2 + 1)",
        "UPDATE register_entry SET entered_at = entered_at - 86400 WHERE section = ?1 AND number = ?2",
    };
    sqlite3_stmt *s = NULL;
    if (kind == 9 && number == entries) {
        number--;
    }
    assert_int_equal(sqlite3_prepare_v2(db, statements[kind], -1, &s, NULL), SQLITE_OK);
    sqlite3_bind_text(s, 1, product, -1, SQLITE_STATIC);
    sqlite3_bind_int64(s, 2, number);
    assert_int_equal(sqlite3_step(s), SQLITE_DONE);
    assert_true(sqlite3_changes(db) > 0);
    sqlite3_finalize(s);
    if (kind == 9) {
        raw(db, "UPDATE register_entry SET number = number - 1000000000 WHERE number > 1000000000");
    }
}

struct verify_job {
    struct job job; /* first */
    bool good;
};

static bool verify_run(struct job *job, struct tx *tx) {
    struct verify_job *mine = (struct verify_job *)job;
    arena_reset(scene.arena);
    tx->arena = scene.arena;
    mine->good = true;
    for (size_t i = 0; i < PRODUCTS; i++) {
        struct register_check check;
        assert_true(register_verify(tx, codes[i], 0, INT64_MAX, &check));
        mine->good = mine->good && check.what == NULL;
    }
    return false; /* nothing is kept */
}

/* Is it found: at the start, or by looking at everything? */
static bool found_out(const char *path) {
    enum store_open_error error = STORE_OPEN;
    const char *message = NULL;
    struct verify_job job = {.job = {.run = verify_run}};
    struct store *store = store_open(&(struct store_options){.path = path}, &error, &message);
    if (store == NULL) {
        assert_int_equal(error, STORE_DAMAGED);
        return true;
    }
    (void)store_write_now(store, &job.job);
    store_close(&store);
    return !job.good;
}

/* Each on a fresh copy of the file, which the program then opens and verifies. */
static void tampering_is_found(void **state) {
    char copy[128];
    int64_t count = figure("LEDGER_TAMPERINGS", 60);
    (void)state;
    store_close(&scene.store);
    (void)snprintf(copy, sizeof copy, "%s.copy", scene.path);
    copy_file(scene.path, copy);
    assert_false(found_out(copy)); /* an honest copy */
    for (int64_t i = 0; i < count; i++) {
        sqlite3 *db = NULL;
        size_t product = chance(PRODUCTS);
        int64_t entries = scene.kept[product].entries;
        int64_t number = 1 + (int64_t)chance((uint64_t)entries);
        uint64_t kind = (uint64_t)i % TAMPERINGS;
        copy_file(scene.path, copy);
        assert_int_equal(sqlite3_open(copy, &db), SQLITE_OK);
        char *no_update = trigger_sql(db, "register_entry_no_update");
        char *no_delete = trigger_sql(db, "register_entry_no_delete");
        raw(db, "PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF;");
        raw(db, "DROP TRIGGER register_entry_no_update; DROP TRIGGER register_entry_no_delete;");
        tamper(db, kind, codes[product], number, entries);
        raw(db, no_update);
        raw(db, no_delete);
        free(no_update);
        free(no_delete);
        assert_int_equal(sqlite3_close(db), SQLITE_OK);
        if (!found_out(copy)) {
            fail_msg("kind %d at %lld of %lld in %s was not found", (int)kind, (long long)number,
                     (long long)entries, codes[product]);
        }
    }
    print_message("%lld tamperings found\n", (long long)count);
    open_store();
}

static bool last_note_run(struct job *job, struct tx *tx) {
    struct desk_problem problem = {.code = NULL};
    const struct register_request request = {
        .product = codes[0], .on = DAY_NONE, .text = "Looked at twice", .who = &pharmacist};
    int64_t number = 0;
    (void)job;
    arena_reset(scene.arena);
    tx->arena = scene.arena;
    tx->staff = pharmacist.staff;
    return desk_register_note(tx, &request, &number, &problem) == DESK_OK &&
           number == ++scene.kept[0].entries;
}

/* A note moves nothing: that the last one was cut off shows all the same. */
static void a_note_cut_off_the_end_is_found(void **state) {
    char copy[128];
    sqlite3 *db = NULL;
    (void)state;
    do_now(last_note_run);
    store_close(&scene.store);
    (void)snprintf(copy, sizeof copy, "%s.copy", scene.path);
    copy_file(scene.path, copy);
    assert_int_equal(sqlite3_open(copy, &db), SQLITE_OK);
    char *no_delete = trigger_sql(db, "register_entry_no_delete");
    raw(db, "DROP TRIGGER register_entry_no_delete;");
    tamper(db, 8, codes[0], scene.kept[0].entries, scene.kept[0].entries);
    raw(db, no_delete);
    free(no_delete);
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
    assert_true(found_out(copy));
    open_store();
}

/* An older file in place of this one holds together: what was printed shows it. */
static bool head_run(struct job *job, struct tx *tx) {
    struct verify_job *mine = (struct verify_job *)job;
    struct register_row row;
    static uint8_t printed[REGISTER_HASH_SIZE];
    static int64_t number;
    arena_reset(scene.arena);
    tx->arena = scene.arena;
    if (number == 0) {
        assert_true(register_last(tx, codes[0], &row));
        number = row.number;
        memcpy(printed, row.hash, sizeof printed);
        mine->good = true;
    } else {
        mine->good =
            register_entry(tx, codes[0], number, &row) && memcmp(row.hash, printed, sizeof printed) == 0;
    }
    return false;
}

static void an_older_file_lacks_what_was_printed(void **state) {
    char older[128];
    struct verify_job job = {.job = {.run = head_run}};
    (void)state;
    (void)snprintf(older, sizeof older, "%s.older", scene.path);
    store_close(&scene.store);
    copy_file(scene.path, older);
    open_store();
    do_now(operations_run);
    (void)store_write_now(scene.store, &job.job); /* "prints" the head */
    assert_true(job.good);
    (void)store_write_now(scene.store, &job.job);
    assert_true(job.good);
    store_close(&scene.store);
    copy_file(older, scene.path);
    assert_false(found_out(scene.path));
    open_store();
    (void)store_write_now(scene.store, &job.job);
    assert_false(job.good);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sums_are_always_zero), cmocka_unit_test(a_witness_is_never_assumed),
        cmocka_unit_test(tampering_is_found),   cmocka_unit_test(a_note_cut_off_the_end_is_found),
        cmocka_unit_test(sums_stay_zero),       cmocka_unit_test(an_older_file_lacks_what_was_printed),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
