/* The form: its days (P1, P2), its kind (P3, P4), its wording and supervision (P13). See check.h. */
#include <string.h>

#include "check_work.h"

enum { FIRST_INSTALMENT_DAYS = 28, TREATMENT_DAYS = 14, USUAL_DAYS = 30 };

/* ---- P1, P2 ---- */

/* Points a finding at the run with which the plan begins. */
static void at_first_run(const struct check *k, struct finding *finding) {
    for (size_t i = 0; i < k->rx->item_count; i++) {
        for (size_t r = 0; r < k->rx->items[i].run_count; r++) {
            const struct dose_run *run = &k->rx->items[i].runs[r];
            if (run->from == k->plan->first && run->dose != 0) {
                finding->item = i;
                finding->index = r;
            }
        }
    }
}

/* The days with a dose before today. */
static int32_t days_gone_by(const struct check *k) {
    int32_t count = 0;
    for (day_t day = k->plan->first; day <= k->plan->last && day < k->entry->today; day++) {
        count += plan_has_dose(k->plan, day) ? 1 : 0;
    }
    return count;
}

/* Was the day named by an instalment before this one? */
static bool covered_before(const struct entry *entry, size_t supply, day_t day) {
    for (size_t s = 0; s < supply; s++) {
        if (day_list_has(entry->supplied_before[s].covers, day)) {
            return true;
        }
    }
    return false;
}

static bool covers_good(const struct check *k, size_t supply) {
    struct day_list covers = k->entry->supplied_before[supply].covers;
    for (size_t i = 0; i < covers.count; i++) {
        if (!plan_has_dose(k->plan, covers.days[i]) || covered_before(k->entry, supply, covers.days[i])) {
            return false;
        }
    }
    return covers.count > 0;
}

static void check_supplied_before(struct check *k) {
    for (size_t s = 0; s < k->entry->supplied_before_count; s++) {
        const struct earlier_supply *supply = &k->entry->supplied_before[s];
        if (supply->on < k->rx->signed_on || supply->on > k->entry->today) {
            struct finding *one = check_add(k, FINDING_SUPPLIED_BEFORE_ON);
            one->index = s;
            one->day = supply->on;
        }
        if (!covers_good(k, s)) {
            check_add(k, FINDING_SUPPLIED_BEFORE_COVERS)->index = s;
        }
        if (check_blank(supply->confirmed_by)) {
            check_add(k, FINDING_SUPPLIED_BEFORE_UNCONFIRMED)->index = s;
        }
    }
}

void check_dates(struct check *k) {
    const struct entry *entry = k->entry;
    if (k->rx->signed_on > entry->today) {
        check_add(k, FINDING_SIGNED_IN_FUTURE)->day = k->rx->signed_on;
    }
    if (k->plan->length > 0 && k->plan->first < k->appropriate) {
        struct finding *one = check_add(k, FINDING_BEFORE_APPROPRIATE_DATE);
        one->day = k->plan->first;
        one->other_day = k->appropriate;
        at_first_run(k, one);
    }
    int32_t gone_by = days_gone_by(k);
    if (gone_by > 0) {
        struct finding *one = check_add(k, FINDING_PLAN_BEFORE_ENTRY);
        one->number = gone_by;
        at_first_run(k, one);
    }
    if (entry->supplied_before_count == 0 && k->appropriate < entry->today - FIRST_INSTALMENT_DAYS) {
        check_add(k, FINDING_FIRST_INSTALMENT_EXPIRED)->day = k->appropriate + FIRST_INSTALMENT_DAYS;
    }
    check_supplied_before(k);
}

/* ---- P3, P4 ---- */

enum form_drugs {
    DRUGS_ANY,
    DRUGS_LISTED,   /* Schedule 2, buprenorphine (with naloxone too), diazepam */
    DRUGS_SCHEDULED /* Schedules 2 to 5 */
};

static const struct form_rule {
    bool limited; /* to 14 days of treatment */
    bool single;  /* one single instalment, no wording */
    enum form_drugs drugs;
} form_rules[FORM_COUNT] = {
    [FORM_FP10MDA] = {.limited = true, .drugs = DRUGS_LISTED},
    [FORM_FP10HMDA] = {.limited = true, .drugs = DRUGS_LISTED},
    [FORM_WP10MDA] = {.limited = true, .drugs = DRUGS_SCHEDULED},
    [FORM_GP10] = {.limited = false},
    [FORM_HBP] = {.limited = false},
    [FORM_HS21] = {.limited = false},
    [FORM_FP10] = {.single = true},
    [FORM_FP10PCD] = {.single = true},
};

static bool drug_allowed(enum form_drugs drugs, const struct product *product) {
    static const struct product buprenorphine = {.drug = "buprenorphine"};
    static const struct product diazepam = {.drug = "diazepam"};
    switch (drugs) {
    case DRUGS_ANY: return true;
    case DRUGS_SCHEDULED: return product->schedule >= 2 && product->schedule <= 5;
    case DRUGS_LISTED: break;
    }
    return product->schedule == 2 || check_same_ingredient(product, &buprenorphine) ||
           check_same_ingredient(product, &diazepam);
}

/* The approved wording that the form's text holds. */
static unsigned recognised_wording(const struct check *k) {
    const char *text = k->entry->wording_text;
    return text == NULL ? 0 : wording_recognise(text, strlen(text));
}

void check_kind_of_form(struct check *k) {
    const struct form_rule *rule = &form_rules[k->rx->form];
    int32_t days = (int32_t)k->plan->length;
    if (rule->limited && days > TREATMENT_DAYS) {
        check_add(k, FINDING_TOO_LONG)->number = days;
    }
    if (days > USUAL_DAYS) {
        check_add(k, FINDING_OVER_30_DAYS)->number = days;
    }
    if (rule->single && k->plan->instalment_count > 1) {
        check_add(k, FINDING_INSTALMENTS_NOT_ALLOWED)->number = (int32_t)k->plan->instalment_count;
    }
    if (rule->single && (k->rx->wording | recognised_wording(k)) != 0) {
        check_add(k, FINDING_WORDING_NOT_ALLOWED);
    }
    for (size_t i = 0; i < k->rx->item_count; i++) {
        if (!drug_allowed(rule->drugs, k->rx->items[i].product)) {
            check_add_item(k, FINDING_DRUG_NOT_ON_FORM, i);
        }
    }
}

/* ---- the wording, P13 ---- */

static char small_letter(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

/* Does a text of len bytes hold a word's beginning (small letters), letter case disregarded? */
static bool speaks_of(const char *text, size_t len, const char *word) {
    size_t word_len = strlen(word);
    for (size_t at = 0; at + word_len <= len; at++) {
        size_t same = 0;
        while (same < word_len && small_letter(text[at + same]) == word[same]) {
            same++;
        }
        if (same == word_len) {
            return true;
        }
    }
    return false;
}

/* The length of the sentence at the head of a text: up to a full stop, a semicolon or an empty line. */
static size_t sentence_length(const char *text) {
    size_t len = 0;
    while (text[len] != '\0' && text[len] != '.' && text[len] != ';' && strncmp(text + len, "\n\n", 2) != 0) {
        len++;
    }
    return len;
}

/* Has the text a sentence of its own, not approved wording, that speaks of supervision? */
static bool limits_supervision(const char *text) {
    while (*text != '\0') {
        size_t len = sentence_length(text);
        if (wording_recognise(text, len) == 0 &&
            (speaks_of(text, len, "supervis") || speaks_of(text, len, "observ") ||
             speaks_of(text, len, "take home") || speaks_of(text, len, "take-home"))) {
            return true;
        }
        text += len;
        text += *text != '\0' ? 1 : 0;
    }
    return false;
}

/* The first collection day without supervision, or DAY_NONE. */
static day_t first_unsupervised(const struct plan *plan) {
    for (size_t i = 0; i < plan->instalment_count; i++) {
        if (!plan_supervised_on(plan, plan->instalments[i].collect)) {
            return plan->instalments[i].collect;
        }
    }
    return DAY_NONE;
}

void check_wording(struct check *k) {
    const char *text = k->entry->wording_text;
    bool written = !check_blank(text);
    unsigned recognised = recognised_wording(k);
    if ((recognised & ~k->rx->wording) != 0) {
        check_add(k, FINDING_WORDING_NOT_TICKED);
    }
    if (written && recognised == 0) {
        check_add(k, FINDING_WORDING_KEPT_AS_TEXT);
    }
    if (((k->rx->wording | recognised) & WORDING_W4) == 0) {
        return;
    }
    day_t unsupervised = first_unsupervised(k->plan);
    if (unsupervised != DAY_NONE) {
        bool limited = written && limits_supervision(text);
        check_add(k, limited ? FINDING_SUPERVISION_LIMITED_BY_TEXT : FINDING_COLLECTION_NOT_SUPERVISED)->day =
            unsupervised;
    }
}
