/* What the form must say (P5), what may be amended, and who is who (P11). See check.h. */
#include <string.h>

#include "check_work.h"

/* ---- amendments (P5) ---- */

/* May a pharmacist amend this? Of the total only what is missing, and only where the other one is there. */
static bool amendment_allowed(const struct check *k, const struct amendment *amendment) {
    if (amendment->kind == AMENDMENT_SPELLING) {
        return true;
    }
    if (amendment->kind == AMENDMENT_OTHER || amendment->item >= k->rx->item_count) {
        return false;
    }
    const struct entry_item *item = &k->entry->items[amendment->item];
    bool words = amendment->kind == AMENDMENT_TOTAL_IN_WORDS;
    return item->total_in_words != item->total_in_figures && item->total_in_words != words;
}

static bool amendment_complete(const struct amendment *amendment) {
    bool before = amendment->kind != AMENDMENT_SPELLING || !check_blank(amendment->before);
    return before && !check_blank(amendment->by) && !check_blank(amendment->after);
}

/* Was the missing one of an item's totals added? */
static bool total_amended(const struct check *k, size_t item) {
    for (size_t a = 0; a < k->entry->amendment_count; a++) {
        const struct amendment *amendment = &k->entry->amendments[a];
        if (amendment->kind != AMENDMENT_SPELLING && amendment->item == item &&
            amendment_allowed(k, amendment) && amendment_complete(amendment)) {
            return true;
        }
    }
    return false;
}

static void check_amendments(struct check *k) {
    for (size_t a = 0; a < k->entry->amendment_count; a++) {
        if (!amendment_allowed(k, &k->entry->amendments[a])) {
            check_add(k, FINDING_AMENDMENT_NOT_ALLOWED)->index = a;
        } else if (!amendment_complete(&k->entry->amendments[a])) {
            check_add(k, FINDING_AMENDMENT_INCOMPLETE)->index = a;
        }
    }
}

/* ---- what is missing (P5) ---- */

static void check_total_given(struct check *k, size_t item) {
    const struct entry_item *paper = &k->entry->items[item];
    if (k->rx->items[item].total == QUANTITY_NONE || (!paper->total_in_words && !paper->total_in_figures)) {
        check_add_by_schedule(k, FINDING_TOTAL_MISSING, item);
    } else if (total_amended(k, item)) {
        return;
    } else if (!paper->total_in_words) {
        check_add_by_schedule(k, FINDING_TOTAL_IN_WORDS_MISSING, item);
    } else if (!paper->total_in_figures) {
        check_add_by_schedule(k, FINDING_TOTAL_IN_FIGURES_MISSING, item);
    }
}

static void check_item_given(struct check *k, size_t item) {
    static const struct {
        enum paper_part part;
        enum finding_code code;
    } parts[] = {{PAPER_FORM, FINDING_FORM_MISSING},
                 {PAPER_STRENGTH, FINDING_STRENGTH_MISSING},
                 {PAPER_AMOUNT, FINDING_AMOUNT_MISSING}};
    unsigned missing = k->entry->items[item].missing;
    if (check_plan_total(k->plan, item) == 0) {
        check_add_item(k, FINDING_DOSE_MISSING, item);
    } else if ((missing & PAPER_DOSE) != 0) {
        check_add_by_schedule(k, FINDING_DOSE_MISSING, item);
    }
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if ((missing & parts[i].part) != 0) {
            check_add_by_schedule(k, parts[i].code, item);
        }
    }
}

/* Does an instalment form of more than one day name no day of collection at all? */
static bool interval_untyped(const struct check *k) {
    const struct collection *collect = &k->rx->collect;
    if (k->rx->form == FORM_FP10 || k->rx->form == FORM_FP10PCD || k->plan->length <= 1) {
        return false;
    }
    switch (collect->kind) {
    case COLLECT_WEEKDAYS: return collect->weekdays == 0;
    case COLLECT_DATES: return collect->dates.count == 0;
    case COLLECT_EVERY_DAYS: break;
    }
    return false;
}

static void check_form_given(struct check *k) {
    unsigned missing = k->entry->missing;
    if ((missing & PAPER_INTERVAL) != 0 || interval_untyped(k)) {
        check_add_by_schedule(k, FINDING_INTERVAL_MISSING, FINDING_NO_INDEX);
    }
    if ((missing & PAPER_SIGNATURE) != 0) {
        check_add_by_schedule(k, FINDING_SIGNATURE_MISSING, FINDING_NO_INDEX);
    }
    if ((missing & PAPER_DATE) != 0) {
        check_add_by_schedule(k, FINDING_DATE_MISSING, FINDING_NO_INDEX);
    }
}

/* ---- who is who (P11) ---- */

static bool is_po_box(const char *address) {
    return !check_blank(address) && address_is_po_box(address, strlen(address));
}

/* Is it a doctor's, a nurse's or a pharmacist's number? */
static bool is_registration(const char *number) {
    static const enum identifier_kind kinds[] = {IDENTIFIER_GMC, IDENTIFIER_NMC, IDENTIFIER_GPHC_PHARMACIST};
    char stored[IDENTIFIER_SIZE];
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (identifier_check(kinds[i], number, strlen(number), stored) == IDENTIFIER_OK) {
            return true;
        }
    }
    return false;
}

static void check_people(struct check *k) {
    const struct entry *entry = k->entry;
    char stored[IDENTIFIER_SIZE];
    if (check_blank(entry->prescriber_address)) {
        check_add_by_schedule(k, FINDING_ADDRESS_MISSING, FINDING_NO_INDEX);
    } else if (is_po_box(entry->prescriber_address)) {
        check_add_by_schedule(k, FINDING_PRESCRIBER_ADDRESS_PO_BOX, FINDING_NO_INDEX);
    }
    if (!check_blank(entry->prescriber_number) && !is_registration(entry->prescriber_number)) {
        check_add(k, FINDING_PRESCRIBER_NUMBER_UNUSUAL);
    }
    if (is_po_box(entry->patient_address)) {
        check_add(k, FINDING_PATIENT_ADDRESS_PO_BOX);
    }
    if (!check_blank(entry->identifier) &&
        identifier_check(entry->identifier_kind, entry->identifier, strlen(entry->identifier), stored) !=
            IDENTIFIER_OK) {
        check_add(k, FINDING_IDENTIFIER_INVALID);
    }
}

void check_paper(struct check *k) {
    for (size_t i = 0; i < k->rx->item_count; i++) {
        check_total_given(k, i);
        check_item_given(k, i);
    }
    check_form_given(k);
    check_amendments(k);
    check_people(k);
}
