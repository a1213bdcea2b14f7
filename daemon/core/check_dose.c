/* How much: totals (P6), dose warnings (P8), concentrates (P9). See check.h. */
#include "check_work.h"

enum { RESTART_DAYS = 3, WEEK_DAYS = 7 };

/* ---- P6, P9, supervised parts ---- */

/* H12: the first run whose dose for one day is the total of the whole form, or run_count. */
static size_t run_of_total(const struct item *item) {
    size_t r = 0;
    while (r < item->run_count && item->runs[r].dose != item->total) {
        r++;
    }
    return r;
}

static void check_total(struct check *k, size_t index) {
    const struct item *item = &k->rx->items[index];
    quantity_t sum = check_plan_total(k->plan, index);
    if (item->total == QUANTITY_NONE || item->total == sum) {
        return;
    }
    struct finding *one = check_add_item(k, FINDING_TOTAL_MISMATCH, index);
    one->figure = item->total;
    one->other_figure = sum;
    size_t run = run_of_total(item);
    if (run < item->run_count) {
        one = check_add_item(k, FINDING_TOTAL_AS_DAILY_DOSE, index);
        one->index = run;
        one->figure = item->total;
    }
}

static void check_supervised_parts(struct check *k, size_t index) {
    const struct item *item = &k->rx->items[index];
    for (size_t r = 0; r < item->run_count; r++) {
        if (item->runs[r].supervised_part > item->runs[r].dose) {
            struct finding *one = check_add_item(k, FINDING_SUPERVISED_PART_TOO_LARGE, index);
            one->index = r;
            one->figure = item->runs[r].supervised_part;
            one->other_figure = item->runs[r].dose;
        }
    }
}

void check_items(struct check *k) {
    for (size_t i = 0; i < k->rx->item_count; i++) {
        const struct product *product = k->rx->items[i].product;
        check_total(k, i);
        check_supervised_parts(k, i);
        if (product->concentrate && !k->entry->second_person) {
            check_add_item(k, FINDING_CONCENTRATE, i);
        }
        if (product->not_for_dependence) {
            check_add_item(k, FINDING_NOT_FOR_DEPENDENCE, i);
        }
    }
}

/* ---- P8: how much of a drug on a day ---- */

/* The day's dose of the drug of an item, in micrograms, of one plan. */
static int64_t plan_micrograms_of(const struct plan *plan, const struct product *drug, day_t day) {
    int64_t sum = 0;
    for (size_t i = 0; i < plan->prescription->item_count; i++) {
        const struct product *product = plan->prescription->items[i].product;
        if (check_same_ingredient(product, drug)) {
            sum += plan_dose(plan, i, day) * product->micrograms / 1000;
        }
    }
    return sum;
}

/*
 * The same of all that the patient is to take: this plan and what is given together with it; before its
 * first day, what other prescriptions gave.
 */
static int64_t micrograms_on(const struct check *k, const struct product *drug, day_t day) {
    int64_t sum = plan_micrograms_of(k->plan, drug, day);
    for (size_t i = 0; i < k->c->input.prescription_count; i++) {
        const struct course *course = &k->c->courses[i];
        bool counts = course->group == k->course->group || day < k->plan->first;
        if (counts && check_other_live(k, i, day)) {
            sum += plan_micrograms_of(&course->plan, drug, day);
        }
    }
    return sum;
}

enum limit {
    LIMIT_FIRST,
    LIMIT_FIRST_STRONG,
    LIMIT_DAILY,
    LIMIT_DAILY_STRONG,
    LIMIT_RISE_DAY,
    LIMIT_RISE_WEEK
};

static int64_t product_limit(const struct product *product, enum limit limit) {
    switch (limit) {
    case LIMIT_FIRST: return product->warn_first;
    case LIMIT_FIRST_STRONG: return product->warn_first_strong;
    case LIMIT_DAILY: return product->warn_daily;
    case LIMIT_DAILY_STRONG: return product->warn_daily_strong;
    case LIMIT_RISE_DAY: return product->warn_rise_day;
    case LIMIT_RISE_WEEK: break;
    }
    return product->warn_rise_week;
}

/* The lowest limit among the form's items of this drug; INT64_MAX where none has one. */
static int64_t limit_of(const struct check *k, const struct product *drug, enum limit limit) {
    int64_t lowest = INT64_MAX;
    for (size_t i = 0; i < k->rx->item_count; i++) {
        const struct product *product = k->rx->items[i].product;
        int64_t one = product_limit(product, limit);
        if (check_same_ingredient(product, drug) && one != 0 && one < lowest) {
            lowest = one;
        }
    }
    return lowest;
}

static void warn(struct check *k, enum finding_code code, size_t item, day_t day, int64_t amount,
                 int64_t limit) {
    struct finding *one = check_add_item(k, code, item);
    one->day = day;
    one->figure = amount;
    one->other_figure = limit;
}

/* ---- a day's dose ---- */

/* The plan's highest day, the first of them. */
static void warn_daily(struct check *k, size_t item) {
    const struct product *drug = k->rx->items[item].product;
    int64_t limit = limit_of(k, drug, LIMIT_DAILY);
    int64_t strong = limit_of(k, drug, LIMIT_DAILY_STRONG);
    int64_t most = 0;
    day_t on = k->plan->first;
    for (day_t day = k->plan->first; day <= k->plan->last; day++) {
        int64_t amount = micrograms_on(k, drug, day);
        if (amount > most) {
            most = amount;
            on = day;
        }
    }
    if (most > strong) {
        warn(k, FINDING_DOSE_DAILY_STRONG, item, on, most, strong);
    } else if (most > limit) {
        warn(k, FINDING_DOSE_DAILY, item, on, most, limit);
    }
}

/* ---- a first dose, or a restart ---- */

static bool supplied_before_covers(const struct entry *entry, day_t day) {
    for (size_t s = 0; s < entry->supplied_before_count; s++) {
        if (day_list_has(entry->supplied_before[s].covers, day)) {
            return true;
        }
    }
    return false;
}

/* Was the drug dosed on the day, as far as is known? From today on a live plan is taken to be kept. */
static bool dosed_on(const struct check *k, const struct product *drug, day_t day) {
    day_t today = k->entry->today;
    if (supplied_before_covers(k->entry, day) || case_dosed_elsewhere(k->c, k->rx->drug_class, day, today)) {
        return true;
    }
    for (size_t i = 0; i < k->c->input.prescription_count; i++) {
        const struct course *course = &k->c->courses[i];
        bool known = case_supplied(course, day, today) || (day >= today && check_other_live(k, i, day));
        if (known && plan_micrograms_of(&course->plan, drug, day) > 0) {
            return true;
        }
    }
    return false;
}

/* The first day from today on with a dose of the drug in this plan, or DAY_NONE. */
static day_t first_dose_day(const struct check *k, const struct product *drug) {
    day_t day = k->plan->first > k->entry->today ? k->plan->first : k->entry->today;
    for (; day <= k->plan->last; day++) {
        if (plan_micrograms_of(k->plan, drug, day) > 0) {
            return day;
        }
    }
    return DAY_NONE;
}

static void warn_first(struct check *k, size_t item) {
    const struct product *drug = k->rx->items[item].product;
    day_t start = first_dose_day(k, drug);
    if (start == DAY_NONE) {
        return;
    }
    for (day_t day = start - RESTART_DAYS; day < start; day++) {
        if (dosed_on(k, drug, day)) {
            return;
        }
    }
    int64_t amount = micrograms_on(k, drug, start);
    int64_t limit = limit_of(k, drug, LIMIT_FIRST);
    int64_t strong = limit_of(k, drug, LIMIT_FIRST_STRONG);
    if (amount > strong) {
        warn(k, FINDING_DOSE_FIRST_STRONG, item, start, amount, strong);
    } else if (amount > limit) {
        warn(k, FINDING_DOSE_FIRST, item, start, amount, limit);
    }
}

/* ---- a rise in titration ---- */

/* How far a day's dose lies above the last one and above the lowest one of the seven days before. */
struct rise {
    int64_t day;
    int64_t week;
};

static struct rise rise_to(const struct check *k, const struct product *drug, day_t day) {
    struct rise rise = {0};
    int64_t amount = micrograms_on(k, drug, day);
    bool any = false;
    for (day_t before = day - 1; before >= day - WEEK_DAYS; before--) {
        int64_t then = micrograms_on(k, drug, before);
        if (then == 0) {
            continue;
        }
        rise.day = any ? rise.day : amount - then;
        rise.week = rise.week > amount - then ? rise.week : amount - then;
        any = true;
    }
    return rise;
}

/* The first day of each kind. */
static void warn_rise(struct check *k, size_t item) {
    const struct product *drug = k->rx->items[item].product;
    int64_t day_limit = limit_of(k, drug, LIMIT_RISE_DAY);
    int64_t week_limit = limit_of(k, drug, LIMIT_RISE_WEEK);
    if (k->rx->stage != STAGE_TITRATION) {
        return;
    }
    for (day_t day = k->plan->first; day <= k->plan->last; day++) {
        struct rise rise = rise_to(k, drug, day);
        if (rise.day > day_limit) {
            warn(k, FINDING_DOSE_RISE_DAY, item, day, rise.day, day_limit);
            day_limit = INT64_MAX;
        }
        if (rise.week > week_limit) {
            warn(k, FINDING_DOSE_RISE_WEEK, item, day, rise.week, week_limit);
            week_limit = INT64_MAX;
        }
    }
}

/* ---- two drugs at once ---- */

/* Does a plan give another drug of the class on the day? */
static bool plan_gives_other(const struct plan *plan, const struct product *drug, day_t day) {
    for (size_t i = 0; i < plan->prescription->item_count; i++) {
        if (plan_dose(plan, i, day) > 0 &&
            !check_same_ingredient(plan->prescription->items[i].product, drug)) {
            return true;
        }
    }
    return false;
}

static bool other_drug_on(const struct check *k, const struct product *drug, day_t day) {
    for (size_t i = 0; i < k->c->input.prescription_count; i++) {
        bool live = i == k->entry->prescription || check_other_live(k, i, day);
        if (live && plan_gives_other(&k->c->courses[i].plan, drug, day)) {
            return true;
        }
    }
    return false;
}

/* The first day, for the first item: the others would say the same. */
static void warn_two_drugs(struct check *k) {
    for (size_t i = 0; i < k->rx->item_count; i++) {
        const struct product *drug = k->rx->items[i].product;
        for (day_t day = k->plan->first; day <= k->plan->last; day++) {
            if (plan_dose(k->plan, i, day) > 0 && other_drug_on(k, drug, day)) {
                check_add_item(k, FINDING_DOSE_TWO_DRUGS, i)->day = day;
                return;
            }
        }
    }
}

/* Is the item the first one of its drug on the form? Each drug is looked at once. */
static bool first_of_drug(const struct prescription *rx, size_t item) {
    for (size_t i = 0; i < item; i++) {
        if (check_same_ingredient(rx->items[i].product, rx->items[item].product)) {
            return false;
        }
    }
    return true;
}

void check_doses(struct check *k) {
    for (size_t i = 0; i < k->rx->item_count; i++) {
        if (first_of_drug(k->rx, i)) {
            warn_first(k, i);
            warn_daily(k, i);
            warn_rise(k, i);
        }
    }
    warn_two_drugs(k);
}
