/* The decision as it is asked at the counter: the rules' case with the pharmacy's situation. See supply.h. */
#include <sodium.h>
#include <stdio.h>
#include <string.h>

#include "responsible.h"
#include "store/day_state.h"
#include "supply.h"
#include "sys/buffer.h"

/* D20: the clock stands before the last recorded event by more than 60 s, and nobody has confirmed the time since. */
static bool clock_suspect(struct tx *tx) {
    return last_recorded_at(tx) > tx->now.at + 60 && clock_confirmed_at(tx) < tx->now.at;
}

/* M1: the cut-off of today has passed. */
static bool after_cut_off(struct tx *tx) {
    int32_t opens = 0;
    int32_t closes = 0;
    return desk_hours(tx, tx->now.day, &opens, &closes) &&
           tx->now.minute >= closes + desk_policy(tx, "cutoff_grace_minutes");
}

struct situation desk_situation(struct tx *tx, day_t on) {
    bool today = on == tx->now.day;
    return (struct situation){
        .today = tx->now.day,
        .now = today ? tx->now.at : 0,
        .clock_suspect = today && clock_suspect(tx),
        .no_pharmacist = today && desk_responsible_pharmacist(tx) == NULL,
        .day_closed = day_state_closed(tx, on) != NULL,
        .after_cut_off = today && after_cut_off(tx),
        .entry_checks = true,
    };
}

/* "supply-" and 32 digits of a digest of what would change it. */
static void supply_key(struct tx *tx, const struct decide_request *request, char out[SUPPLY_KEY_SIZE]) {
    unsigned char digest[16];
    char hex[sizeof digest * 2 + 1];
    struct buffer from;
    buffer_init(&from, 256);
    buffer_format(&from, "%s %d %lld", request->prescription, (int)request->on,
                  (long long)supply_state(tx, request->prescription));
    crypto_generichash(digest, sizeof digest, (const unsigned char *)from.bytes, from.len, NULL, 0);
    buffer_release(&from);
    sodium_bin2hex(hex, sizeof hex, digest, sizeof digest);
    (void)snprintf(out, SUPPLY_KEY_SIZE, "supply-%s", hex);
}

enum desk_result desk_decide(struct tx *tx, const struct decide_request *request, struct decided *out,
                             struct desk_problem *problem) {
    memset(out, 0, sizeof *out);
    decision_init(&out->decision);
    enum desk_result result = patient_case_load_for(tx, request->prescription, &out->c, &out->index);
    if (result == DESK_NOT_FOUND) {
        return desk_no(problem, result, "not_found", "There is no such prescription.");
    }
    if (result != DESK_OK) {
        return result;
    }
    struct request asked = {
        .prescription = out->index,
        .on = request->on,
        .collector = request->collector,
        .advance = request->advance,
        .situation = desk_situation(tx, request->on),
    };
    asked.situation.supply = request->supply;
    asked.situation.deceased = out->c.deceased;
    asked.situation.part = request->part;
    asked.situation.part_agreed = request->part_agreed;
    supply_key(tx, request, out->supply_key);
    return decide(&out->c.rules, &asked, &out->decision) ? DESK_OK : DESK_FAILED;
}

void decided_release(struct decided *decided) {
    decision_release(&decided->decision);
    patient_case_close(&decided->c);
}

/* ---- containers ---- */

static void container_add(struct container *list, size_t *count, struct container one) {
    if (one.quantity > 0) {
        list[(*count)++] = one;
    }
}

/* What is being laid out of one item; no day has a dose in more than two containers: supervised, and to take home. */
struct laying {
    struct container *list;
    size_t count;
    struct print_dose_row *doses; /* room that is left */
};

/* A container of one day. */
static void container_of_day(struct laying *l, day_t day, quantity_t quantity, bool supervised) {
    *l->doses = (struct print_dose_row){.day = day, .dose = quantity};
    container_add(l->list, &l->count, (struct container){day, day, quantity, supervised, l->doses, 1});
    l->doses++;
}

/* Another day of the take-home run; its doses follow each other. */
static void container_run(struct laying *l, struct container *run, day_t day, quantity_t dose) {
    run->first = run->first == DAY_NONE ? day : run->first;
    run->last = day;
    run->quantity += dose;
    run->doses = run->doses == NULL ? l->doses : run->doses;
    run->doses[run->dose_count++] = (struct print_dose_row){.day = day, .dose = dose};
    l->doses++;
}

/* Of the rest of a part supply: how much of the item was given before (D22). */
static quantity_t given_before(const struct decided *decided, size_t item) {
    const struct decision *decision = &decided->decision;
    const struct plan *plan = &decided->c.rules.courses[decided->index].plan;
    size_t position = (size_t)(decision->items[item].item - plan->prescription->items);
    quantity_t planned = 0;
    for (size_t i = 0; i < decision->cover_count; i++) {
        planned += plan_dose(plan, position, decision->covers[i]);
    }
    return decision->rest ? planned - decision->items[item].quantity : 0;
}

struct container *desk_containers(struct tx *tx, const struct decided *decided, size_t item, size_t *count) {
    const struct decision *decision = &decided->decision;
    const struct course *course = &decided->c.rules.courses[decided->index];
    const struct prescription *rx = course->plan.prescription;
    const struct decided_item *one = &decision->items[item];
    size_t position = (size_t)(one->item - rx->items);
    struct laying l = {.list = arena_take(tx->arena, decision->cover_count + 2, sizeof *l.list),
                       .doses = arena_take(tx->arena, decision->cover_count + 2, sizeof *l.doses)};
    *count = 0;
    if (l.list == NULL || l.doses == NULL) {
        return NULL;
    }
    struct container run = {.first = DAY_NONE};
    quantity_t left = one->take_home;               /* less than the doses where it is a part supply (D22) */
    quantity_t given = given_before(decided, item); /* and of its rest, the first doses were given */
    for (size_t i = 0; i < decision->cover_count; i++) {
        day_t day = decision->covers[i];
        quantity_t dose = plan_dose(&course->plan, position, day);
        quantity_t before = dose < given ? dose : given;
        given -= before;
        dose -= before;
        if (i == 0 && one->supervised > 0) {
            container_of_day(&l, day, one->supervised, true);
            dose -= one->supervised;
        }
        dose = dose < left ? dose : left;
        left -= dose;
        if (dose == 0) {
            continue;
        }
        if ((rx->wording & WORDING_W5) != 0) {
            container_of_day(&l, day, dose, false);
        } else {
            container_run(&l, &run, day, dose);
        }
    }
    container_add(l.list, &l.count, run);
    *count = l.count;
    return l.list;
}
