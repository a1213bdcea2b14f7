#include "entry.h"

#include <stdio.h>
#include <string.h>

#define TEXTS 12
#define TEXT_SIZE 512

/* What the column `on the form` says. */
struct paper {
    struct entry entry;
    struct entry_item items[SCENE_ITEMS];
    struct earlier_supply before;
    struct days before_covers;
    struct amendment amendment;
    char texts[TEXTS][TEXT_SIZE];
    size_t text_count;
};

static struct paper *paper; /* of the case being read */

/* The rest of the clause as one text, its words with a blank between them. */
static const char *rest_as_text(struct words *words) {
    if (paper->text_count == TEXTS) {
        return NULL;
    }
    char *out = paper->texts[paper->text_count++];
    size_t len = 0;
    while (!words_end(words) && len < TEXT_SIZE) {
        len += (size_t)snprintf(out + len, TEXT_SIZE - len, "%s%s", len > 0 ? " " : "", words_peek(words));
        words->at++;
    }
    return out;
}

static unsigned part_of(struct words *words, bool *of_item) {
    static const struct {
        const char *word;
        enum paper_part part;
    } parts[] = {{"dose", PAPER_DOSE},     {"form", PAPER_FORM},         {"strength", PAPER_STRENGTH},
                 {"amount", PAPER_AMOUNT}, {"interval", PAPER_INTERVAL}, {"signature", PAPER_SIGNATURE},
                 {"date", PAPER_DATE}};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (words_take(words, parts[i].word)) {
            *of_item = i < 4;
            return (unsigned)parts[i].part;
        }
    }
    return 0;
}

static bool paper_lacks(struct words *words) {
    bool of_item = false;
    if (words_take(words, "total in words")) {
        paper->items[0].total_in_words = false;
        return true;
    }
    if (words_take(words, "total in figures")) {
        paper->items[0].total_in_figures = false;
        return true;
    }
    if (words_take(words, "address")) {
        paper->entry.prescriber_address = NULL;
        return true;
    }
    unsigned part = part_of(words, &of_item);
    unsigned *missing = of_item ? &paper->items[0].missing : &paper->entry.missing;
    *missing |= part;
    return part != 0 || words_fail(words, "what does the form lack?");
}

static bool paper_accepted(struct words *words) {
    while (!words_end(words)) {
        finding_set set = finding_set_of(words_peek(words), strlen(words_peek(words)));
        if (set == 0) {
            return words_fail(words, "a code of what was found");
        }
        paper->entry.accept |= set;
        words->at++;
    }
    return true;
}

static bool paper_before(struct words *words) {
    if (!words_date(words, &paper->before.on) || !words_take(words, "for") ||
        !words_days(words, &paper->before_covers)) {
        return words_fail(words, "supplied before on a date for dates");
    }
    paper->before.covers = (struct day_list){paper->before_covers.list, paper->before_covers.count};
    paper->before.confirmed_by = words_take(words, "confirmed by") ? rest_as_text(words) : NULL;
    paper->entry.supplied_before = &paper->before;
    paper->entry.supplied_before_count = 1;
    return true;
}

/* "amended total in words by Jo Example" */
static bool paper_amended(struct words *words) {
    static const char *const kinds[] = {"spelling", "total in words", "total in figures", "dose"};
    size_t kind = 0;
    while (kind < 4 && !words_take(words, kinds[kind])) {
        kind++;
    }
    if (kind == 4 || !words_take(words, "by")) {
        return words_fail(words, "amended spelling, total in words, total in figures or dose, by somebody");
    }
    const char *by = words_take(words, "nobody") ? NULL : rest_as_text(words);
    paper->amendment = (struct amendment){(enum amendment_kind)kind, 0, by, "as it was", "as it is"};
    paper->entry.amendments = &paper->amendment;
    paper->entry.amendment_count = 1;
    return true;
}

static bool paper_identifier(struct words *words, enum identifier_kind kind) {
    paper->entry.identifier_kind = kind;
    paper->entry.identifier = rest_as_text(words);
    return true;
}

static bool paper_who(struct words *words) {
    struct entry *entry = &paper->entry;
    if (words_take(words, "NHS number")) {
        return paper_identifier(words, IDENTIFIER_NHS);
    }
    if (words_take(words, "CHI number")) {
        return paper_identifier(words, IDENTIFIER_CHI);
    }
    if (words_take(words, "H&C number")) {
        return paper_identifier(words, IDENTIFIER_HC);
    }
    const char **text = words_take(words, "patient lives at")        ? &entry->patient_address
                        : words_take(words, "prescriber works at")   ? &entry->prescriber_address
                        : words_take(words, "prescriber has number") ? &entry->prescriber_number
                        : words_take(words, "says")                  ? &entry->wording_text
                                                                     : NULL;
    if (text != NULL) {
        *text = rest_as_text(words);
    }
    return text != NULL;
}

static bool paper_clause(struct scene *scene, struct words *words) {
    if (scene_subject(scene, words, false)) {
        paper->entry.prescription = scene->subject;
    }
    if (words_take(words, "typed on")) {
        return words_date(words, &paper->entry.today);
    }
    if (words_take(words, "lacks")) {
        return paper_lacks(words);
    }
    if (words_take(words, "accepted")) {
        return paper_accepted(words);
    }
    if (words_take(words, "supplied before")) {
        return paper_before(words);
    }
    if (words_take(words, "amended")) {
        return paper_amended(words);
    }
    if (words_take(words, "second person")) {
        paper->entry.second_person = true;
        return true;
    }
    return words_end(words) || paper_who(words);
}

/* ---- what is found ---- */

/* "dose_warning:first_dose" */
static void code_text(enum finding_code code, char out[80]) {
    const char *about = finding_about(code);
    (void)snprintf(out, 80, "%s%s%s", finding_code_text(code), about == NULL ? "" : ":",
                   about == NULL ? "" : about);
}

static bool found_word(struct words *words, bool has[FINDING_COUNT], enum finding_kind kind,
                       enum finding_kind kinds[FINDING_COUNT]) {
    for (size_t i = 0; i < FINDING_COUNT; i++) {
        char text[80];
        code_text((enum finding_code)i, text);
        if (words_take(words, text)) {
            has[i] = true;
            kinds[i] = kind;
            return true;
        }
    }
    return words_fail(words, "a code of what is found");
}

static void found_write(const char *head, const bool has[FINDING_COUNT],
                        const enum finding_kind kinds[FINDING_COUNT], char out[SCENE_TEXT]) {
    size_t len = (size_t)snprintf(out, SCENE_TEXT, "%s", head);
    for (size_t i = 0; i < FINDING_COUNT; i++) {
        char text[80];
        code_text((enum finding_code)i, text);
        if (has[i] && len < SCENE_TEXT) {
            len +=
                (size_t)snprintf(out + len, SCENE_TEXT - len, "; %s %s", finding_kind_text(kinds[i]), text);
        }
    }
}

static bool found_read(struct words *words, char expected[SCENE_TEXT]) {
    static const struct {
        const char *word;
        enum finding_kind kind;
    } kinds_of[] = {{"refuse", FINDING_REFUSES},
                    {"accept", FINDING_NEEDS_ACCEPT},
                    {"warning", FINDING_IS_WARNING},
                    {"note", FINDING_IS_NOTE}};
    bool has[FINDING_COUNT] = {false};
    enum finding_kind kinds[FINDING_COUNT] = {FINDING_IS_NOTE};
    enum finding_kind kind = FINDING_REFUSES;
    bool stored = words_take(words, "stored");
    if (!stored && !words_take(words, "not stored")) {
        return words_fail(words, "'stored' or 'not stored' comes first");
    }
    while (!words_end(words)) {
        size_t at = words->at;
        for (size_t i = 0; i < 4 && words->at == at; i++) {
            kind = words_take(words, kinds_of[i].word) ? kinds_of[i].kind : kind;
        }
        if (words->at == at && !found_word(words, has, kind, kinds)) {
            return false;
        }
    }
    found_write(stored ? "stored" : "not stored", has, kinds, expected);
    return true;
}

static void found_got(const struct findings *findings, char got[SCENE_TEXT]) {
    bool has[FINDING_COUNT] = {false};
    enum finding_kind kinds[FINDING_COUNT] = {FINDING_IS_NOTE};
    for (size_t i = 0; i < findings->count; i++) {
        has[findings->list[i].code] = true;
        kinds[findings->list[i].code] = findings->list[i].kind;
    }
    found_write(findings->blocked ? "not stored" : "stored", has, kinds, got);
}

static bool entry_ask(const struct rules_case *c, void *context) {
    static struct findings findings;
    paper->entry.c = c;
    check_prescription(&paper->entry, &findings);
    found_got(&findings, context);
    return true;
}

bool entry_case(struct scene *scene, char *form, char *found, char expected[SCENE_TEXT],
                char got[SCENE_TEXT]) {
    static struct paper this_paper;
    struct words words;
    paper = &this_paper;
    memset(paper, 0, sizeof *paper);
    for (size_t i = 0; i < SCENE_ITEMS; i++) {
        paper->items[i] = (struct entry_item){.total_in_words = true, .total_in_figures = true};
    }
    paper->entry.items = paper->items;
    paper->entry.prescription = scene->sheet_count - 1;
    paper->entry.prescriber_address = "1 Example Road";
    paper->entry.today = scene->sheets[scene->sheet_count - 1].rx.signed_on;
    if (!scene_clauses(scene, form, paper_clause)) {
        return false;
    }
    for (char *at = strchr(found, ';'); at != NULL; at = strchr(at, ';')) {
        *at = ',';
    }
    words_cut(&words, found, 0);
    if (!found_read(&words, expected)) {
        (void)snprintf(scene->problem, sizeof scene->problem, "%s", words.problem);
        return false;
    }
    return scene_open(scene, entry_ask, got);
}
