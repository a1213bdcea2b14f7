/* The column of the answer. */
#include <stdio.h>
#include <string.h>

#include "scene.h"

/* "120 ml" in the unit of any item of the prescription asked about; only a number where `supervised` follows. */
static bool answer_quantity(const struct scene *scene, struct words *words, quantity_t *out) {
    const struct prescription *rx = &scene->sheets[scene->request.prescription].rx;
    for (size_t i = 0; i < rx->item_count; i++) {
        const struct product *product = scene->sheets[scene->request.prescription].items[i].product;
        if (words_quantity(words, out, product->unit)) {
            return true;
        }
    }
    return false;
}

static bool answer_supervised(struct words *words, struct expected_item *item) {
    if (words_take(words, "all supervised")) {
        item->supervised = item->quantity;
        return true;
    }
    if (words_take(words, "none supervised")) {
        item->supervised = 0;
        return true;
    }
    return words_quantity(words, &item->supervised, "supervised");
}

static bool answer_item(struct scene *scene, struct words *words) {
    struct expected *want = &scene->expected;
    if (want->item_count == SCENE_ITEMS ||
        !answer_quantity(scene, words, &want->items[want->item_count].quantity)) {
        return false;
    }
    want->items[want->item_count].supervised = -1;
    if (!answer_supervised(words, &want->items[want->item_count])) {
        return words_fail(words, "how much of it is supervised?");
    }
    want->item_count++;
    return true;
}

static bool answer_severity(struct words *words, enum severity *severity) {
    static const struct {
        const char *word;
        enum severity severity;
    } all[] = {
        {"note", SEVERITY_NOTE},    {"notes", SEVERITY_NOTE}, {"check", SEVERITY_CHECK},
        {"checks", SEVERITY_CHECK}, {"hold", SEVERITY_HOLD},  {"refuse", SEVERITY_REFUSE},
    };
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
        if (words_take(words, all[i].word)) {
            *severity = all[i].severity;
            return true;
        }
    }
    return false;
}

static bool answer_reason(struct expected *want, struct words *words, enum severity severity) {
    enum reason_code code = REASON_COUNT;
    if (!reason_from_code(words_peek(words), strlen(words_peek(words)), &code)) {
        return false;
    }
    words->at++;
    want->has_reason[code] = true;
    want->severity[code] = severity;
    return true;
}

/* "next Mon 30", "next none", "last Wed 25" */
static bool answer_told_day(struct words *words, const char *what, bool *said, day_t *day) {
    if (!words_take(words, what)) {
        return false;
    }
    *said = true;
    *day = DAY_NONE;
    return words_take(words, "none") || words_date(words, day) || words_fail(words, "a date, or none");
}

static bool answer_number(struct words *words, const char *what, int32_t *number) {
    return words_take(words, what) && (words_number(words, number) || words_fail(words, "a number"));
}

static bool answer_verdict(struct words *words, struct expected *want, enum severity *severity) {
    if (words_take(words, "supply")) {
        want->verdict = VERDICT_SUPPLY;
        *severity = SEVERITY_NOTE;
        return true;
    }
    if (!answer_severity(words, severity) || *severity == SEVERITY_NOTE) {
        return words_fail(words, "the answer begins with supply, check, hold or refuse");
    }
    want->verdict = *severity == SEVERITY_CHECK  ? VERDICT_CHECK
                    : *severity == SEVERITY_HOLD ? VERDICT_HOLD
                                                 : VERDICT_REFUSE;
    return true;
}

static bool answer_words(struct scene *scene, struct words *words) {
    struct expected *want = &scene->expected;
    enum severity severity = SEVERITY_NOTE;
    if (!answer_verdict(words, want, &severity)) {
        return false;
    }
    while (!words_end(words)) {
        if (words->problem[0] != '\0' ||
            !(answer_item(scene, words) || answer_severity(words, &severity) ||
              answer_reason(want, words, severity) || answer_number(words, "missed", &want->missed_days) ||
              answer_number(words, "pickups", &want->missed_pickups) ||
              answer_told_day(words, "next", &want->next_said, &want->next_due) ||
              answer_told_day(words, "last", &want->last_said, &want->last_dosed) ||
              words_days(words, &want->covers))) {
            return words_fail(words, "not understood");
        }
    }
    return words->problem[0] == '\0';
}

bool scene_answer(struct scene *scene, char *text) {
    struct words words;
    memset(&scene->expected, 0, sizeof scene->expected);
    scene->expected.missed_pickups = -1;
    for (char *at = strchr(text, ';'); at != NULL; at = strchr(at, ';')) {
        *at = ',';
    }
    words_cut(&words, text, scene->request.on);
    if (!answer_words(scene, &words)) {
        words_fail(&words, "not understood");
        (void)snprintf(scene->problem, sizeof scene->problem, "%s", words.problem);
        return false;
    }
    return true;
}
