/* Where the counter stands, and what comes next. See counter_state.h. */
#include "counter_state.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli.h"

#define UNCHANGED_MIN 4    /* looks, a second apart */
#define SHOWN_AT_A_TIME 10 /* rows that a page key passes */

const struct counter_choice counter_identifiers[] = {
    {"n", "name"}, {"d", "date of birth"}, {"a", "address"}, {"p", "photograph"}, {NULL, NULL}};
const struct counter_choice counter_collectors[] = {{"patient", "the patient"},
                                                    {"representative", "a representative"},
                                                    {"professional", "a healthcare professional"},
                                                    {NULL, NULL}};
const struct counter_choice counter_outcomes[] = {
    {"withheld", "withheld: not safe to give today"},
    {"deferred", "deferred: come back later today"},
    {"declined", "declined: the patient does not want it today"},
    {"left", "left: took the dose away that should be taken here"},
    {"attended_not_supplied", "came, but could not be supplied"},
    {NULL, NULL}};
const struct counter_choice counter_reasons[] = {{"no_form", "no valid form here"},
                                                 {"no_stock", "no stock"},
                                                 {"closed", "closed"},
                                                 {"other", "something else"},
                                                 {NULL, NULL}};
const struct counter_choice counter_kinds[] = {{"possible_intoxication", "possible intoxication"},
                                               {"welfare", "welfare"},
                                               {"safeguarding", "safeguarding"},
                                               {"prescription_problem", "the prescription"},
                                               {"other", "something else"},
                                               {NULL, NULL}};
const struct counter_choice counter_decisions[] = {
    {"supplied", "the dose was given"}, {"deferred", "deferred: come back later today"},
    {"withheld", "withheld today"},     {"emergency", "an ambulance was called"},
    {NULL, "not about a dose"},         {NULL, NULL}};
#define DECISIONS 5

/* ---- small things */

static void set_notice(struct counter *counter, enum counter_weight weight, const char *text) {
    (void)snprintf(counter->notice, sizeof counter->notice, "%s", text);
    counter->notice_weight = weight;
}

static void wipe_input(struct counter *counter) {
    explicit_bzero(counter->input, sizeof counter->input);
    counter->input_fresh = false;
}

static void propose(struct counter *counter, const char *text) {
    wipe_input(counter);
    (void)snprintf(counter->input, sizeof counter->input, "%s", text);
    counter->input_fresh = text[0] != '\0';
}

static void take_tree(cJSON **place, cJSON *tree) {
    cJSON_Delete(*place);
    *place = tree;
}

bool counter_is_secret(const struct counter *counter) {
    return counter->mode == COUNTER_SIGN_IN_PIN || counter->mode == COUNTER_PIN ||
           counter->mode == COUNTER_LOCKED;
}

bool counter_is_typing(const struct counter *counter) {
    switch ((int)counter->mode) {
    case COUNTER_SIGN_IN:
    case COUNTER_WHO:
    case COUNTER_WHO_LIVES:
    case COUNTER_SUPERVISOR:
    case COUNTER_CONFIRMER:
    case COUNTER_OUTCOME_NOTE:
    case COUNTER_CONCERN_NOTE: return true;
    default: return counter_is_secret(counter);
    }
}

static bool is_signed_in(const struct counter *counter) {
    return counter->staff[0] != '\0' && counter->mode != COUNTER_SIGN_IN &&
           counter->mode != COUNTER_SIGN_IN_PIN;
}

/* Adds or takes away a character of the field. */
static void edit(struct counter *counter, struct counter_pressed key, char *text, size_t size) {
    size_t len = strlen(text);
    if (key.kind == COUNTER_KEY_BACKSPACE) {
        while (len > 0 && ((unsigned char)text[--len] & 0xc0) == 0x80) {}
        text[len] = '\0';
        counter->input_fresh = false;
    } else if (key.kind == COUNTER_KEY_CHARACTER) {
        char bytes[16];
        mbstate_t state = {0};
        size_t more = wcrtomb(bytes, key.character, &state);
        if (counter->input_fresh && text == counter->input)
            len = 0;
        counter->input_fresh = false;
        if (more == (size_t)-1 || len + more >= size)
            return;
        memcpy(text + len, bytes, more);
        text[len + more] = '\0';
    }
}

/* ---- rows */

static bool is_to_come(const cJSON *row) {
    const char *status = cli_text(row, "status");
    return strcmp(status, "due") == 0 || strcmp(status, "prepared") == 0 || strcmp(status, "deferred") == 0;
}

static bool is_found(const struct counter *counter, const cJSON *row) {
    const cJSON *patient = cli_member(row, "patient");
    char words[COUNTER_TEXT];
    char *rest = NULL;
    (void)snprintf(words, sizeof words, "%s", counter->search);
    for (char *word = strtok_r(words, " ", &rest); word != NULL; word = strtok_r(NULL, " ", &rest)) {
        if (strcasestr(cli_text(patient, "name"), word) == NULL &&
            strcasestr(cli_text(patient, "preferred_name"), word) == NULL &&
            strstr(cli_text(patient, "born_on"), word) == NULL &&
            strcasestr(cli_text(row, "prescription"), word) == NULL)
            return false;
    }
    return true;
}

size_t counter_rows(const struct counter *counter, enum counter_pane pane, const cJSON *rows[COUNTER_ROWS]) {
    const cJSON *one = NULL;
    size_t count = 0;
    cJSON_ArrayForEach(one, cli_member(counter->day, "due")) {
        if (count < COUNTER_ROWS && is_to_come(one) == (pane == COUNTER_TO_COME) && is_found(counter, one))
            rows[count++] = one;
    }
    return count;
}

/* The chosen row stays within the rows that there are. */
static const cJSON *chosen_row(struct counter *counter) {
    const cJSON *rows[COUNTER_ROWS];
    size_t count = counter_rows(counter, counter->pane, rows);
    size_t *at = &counter->chosen[counter->pane];
    if (count == 0)
        return NULL;
    if (*at >= count)
        *at = count - 1;
    return rows[*at];
}

size_t counter_also_due(const struct counter *counter) {
    const cJSON *one = NULL;
    size_t count = 0;
    cJSON_ArrayForEach(one, cli_member(counter->day, "due")) {
        count += is_to_come(one) && counter->patient != NULL &&
                 strcmp(cli_text(cli_member(one, "patient"), "id"), cli_text(counter->patient, "id")) == 0 &&
                 strcmp(cli_text(one, "prescription"), counter->rx) != 0;
    }
    return count;
}

/* ---- the decision */

static const cJSON *reason_of(const struct counter *counter, const char *code) {
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, cli_member(counter->decision, "reasons")) {
        if (strcmp(cli_text(one, "code"), code) == 0)
            return one;
    }
    return NULL;
}

const cJSON *counter_check(const struct counter *counter, size_t index) {
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, cli_member(counter->decision, "reasons")) {
        if (strcmp(cli_text(one, "severity"), "check") == 0 && index-- == 0)
            return one;
    }
    return NULL;
}

size_t counter_checks(const struct counter *counter) {
    size_t count = 0;
    while (counter_check(counter, count) != NULL)
        count++;
    return count;
}

bool counter_may_supply(const struct counter *counter) {
    const char *verdict = cli_text(counter->decision, "verdict");
    return strcmp(verdict, "supply") == 0 || strcmp(verdict, "check") == 0;
}

bool counter_offers_advance(const struct counter *counter) {
    return counter->advance || reason_of(counter, "advance_available") != NULL;
}

static bool is_supervised(const struct counter *counter) {
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, cli_member(counter->decision, "items")) {
        if (strcmp(cli_text(one, "supervised"), "0") != 0)
            return true;
    }
    return false;
}

static void add_words(char *out, size_t size, const char *text) {
    size_t len = strlen(out);
    (void)snprintf(out + len, size - len, "%s", text);
}

const char *counter_unit(const char *unit, const char *quantity) {
    static char text[32];
    bool one = strcmp(unit, "ml") == 0 || strcmp(quantity, "1") == 0 || strncmp(quantity, "0.", 2) == 0;
    (void)snprintf(text, sizeof text, "%.28s%s", unit, one ? "" : "s");
    return text;
}

static void add_item(const cJSON *item, char *out, size_t size) {
    const char *unit = counter_unit(cli_text(item, "unit"), cli_text(item, "quantity"));
    const char *now = cli_text(item, "supervised");
    const char *home = cli_text(item, "take_home");
    bool some_now = strcmp(now, "0") != 0;
    bool some_home = strcmp(home, "0") != 0;
    char text[COUNTER_TEXT];
    if (some_now && some_home)
        (void)snprintf(text, sizeof text, "%s %s supervised, %s %s to take home", now, unit, home, unit);
    else if (some_now)
        (void)snprintf(text, sizeof text, "%s %s, supervised", now, unit);
    else
        (void)snprintf(text, sizeof text, "%s %s to take home", home, unit);
    add_words(out, size, text);
}

void counter_sentence(const struct counter *counter, char *out, size_t size) {
    const char *verdict = cli_text(counter->decision, "verdict");
    const char *next = cli_text(counter->decision, "next_due");
    const cJSON *one = NULL;
    bool first = true;
    out[0] = '\0';
    if (counter->decision == NULL)
        return;
    if (strcmp(verdict, "hold") == 0) {
        add_words(out, size, "GIVE NOTHING. On hold until the prescriber has been asked.");
    } else if (!counter_may_supply(counter)) {
        add_words(out, size, "GIVE NOTHING.");
        if (next[0] != '\0') {
            add_words(out, size, " The next collection is ");
            add_words(out, size, cli_day(next));
            add_words(out, size, ".");
        }
    } else {
        add_words(out, size,
                  strcmp(verdict, "check") == 0 ? "After a pharmacist's check: " : "May be given: ");
        cJSON_ArrayForEach(one, cli_member(counter->decision, "items")) {
            if (!first)
                add_words(out, size, "; and ");
            first = false;
            add_item(one, out, size);
        }
        add_words(out, size, ".");
    }
}

void counter_decision_query(const struct counter *counter, char *out, size_t size) {
    (void)snprintf(out, size, "?collector=%s%s", counter_collectors[counter->collector].code,
                   counter->advance ? "&advance=true" : "");
}

const char *counter_supply_key(const struct counter *counter) {
    return cli_text(counter->decision, "supply_key");
}

/* ---- the steps of a supply */

static bool is_needed(const struct counter *counter, enum counter_mode step) {
    switch ((int)step) {
    case COUNTER_WHO:
    case COUNTER_WHO_LIVES:
    case COUNTER_WHO_ASKED:
    case COUNTER_WHO_SHOWED: return counter->collector != 0;
    case COUNTER_CHECK: return counter_checks(counter) > 0;
    case COUNTER_SUPERVISOR: return is_supervised(counter);
    case COUNTER_CONFIRMER: return counter_checks(counter) > 0 && strcmp(counter->role, "pharmacist") != 0;
    default: return true;
    }
}

bool counter_step(const struct counter *counter, int *step, int *steps) {
    *step = *steps = 0;
    for (int one = COUNTER_IDENTIFY; one <= COUNTER_PIN; one++) {
        if (!is_needed(counter, (enum counter_mode)one))
            continue;
        int more = one == COUNTER_CHECK ? (int)counter_checks(counter) : 1;
        if (one < (int)counter->mode)
            *step += more;
        else if (one == (int)counter->mode)
            *step += one == COUNTER_CHECK ? (int)counter->check + 1 : 1;
        *steps += more;
    }
    return counter->mode >= COUNTER_IDENTIFY && counter->mode <= COUNTER_PIN;
}

static void next_step(struct counter *counter) {
    int step = (int)counter->mode + 1;
    while (!is_needed(counter, (enum counter_mode)step))
        step++;
    counter->mode = (enum counter_mode)step;
    counter->check = 0;
    wipe_input(counter);
    if (counter->mode == COUNTER_SUPERVISOR)
        propose(counter, counter->staff);
}

static void begin_supply(struct counter *counter) {
    counter->identifiers = 0;
    counter->check = 0;
    counter->who[0] = counter->who_lives[0] = counter->supervisor[0] = counter->confirmer[0] = '\0';
    counter->who_asked = counter->who_showed = -1;
    counter->notice[0] = '\0';
    counter->mode = COUNTER_IDENTIFY;
    wipe_input(counter);
}

static void to_patient(struct counter *counter) {
    wipe_input(counter);
    counter->mode = COUNTER_PATIENT;
    counter->scroll = 0;
}

static void to_list(struct counter *counter) {
    wipe_input(counter);
    counter->mode = COUNTER_LIST;
    counter->rx[0] = '\0';
    counter->search[0] = '\0';
    counter->collector = 0;
    counter->advance = false;
    take_tree(&counter->patient, NULL);
    take_tree(&counter->decision, NULL);
    take_tree(&counter->done, NULL);
    counter->wants |= COUNTER_WANTS_DAY;
}

/* Nothing is begun that could not be recorded. */
static bool may_begin(struct counter *counter) {
    if (!counter->line)
        set_notice(counter, COUNTER_BAD, "The line is lost: nothing can be recorded now.");
    return counter->line && counter->decision != NULL;
}

/* ---- keys, mode by mode */

static void key_sign_in(struct counter *counter, struct counter_pressed key) {
    if (key.kind != COUNTER_KEY_ENTER) {
        edit(counter, key, counter->input, sizeof counter->input);
        return;
    }
    if (counter->input[0] == '\0')
        return;
    (void)snprintf(counter->staff, sizeof counter->staff, "%s", counter->input);
    counter->mode = COUNTER_SIGN_IN_PIN;
    counter->notice[0] = '\0';
    wipe_input(counter);
}

static void key_pin(struct counter *counter, struct counter_pressed key) {
    if (key.kind == COUNTER_KEY_ESCAPE && counter->mode == COUNTER_SIGN_IN_PIN) {
        counter->mode = COUNTER_SIGN_IN;
        propose(counter, counter->staff);
    } else if (key.kind == COUNTER_KEY_ESCAPE && counter->mode == COUNTER_PIN) {
        to_patient(counter);
        set_notice(counter, COUNTER_PLAIN, "Nothing was recorded.");
    } else if (key.kind != COUNTER_KEY_ENTER) {
        edit(counter, key, counter->input, sizeof counter->input);
    } else if (!counter->line) {
        set_notice(counter, COUNTER_BAD, "The line is lost: nothing can be recorded now.");
    } else if (counter->input[0] != '\0') {
        counter->wants |= counter->mode == COUNTER_PIN      ? COUNTER_WANTS_SUPPLY
                          : counter->mode == COUNTER_LOCKED ? COUNTER_WANTS_UNLOCK
                                                            : COUNTER_WANTS_SIGN_IN;
    }
}

static void move_choice(size_t *at, size_t count, struct counter_pressed key) {
    size_t far = key.kind == COUNTER_KEY_PAGE_UP || key.kind == COUNTER_KEY_PAGE_DOWN ? SHOWN_AT_A_TIME : 1;
    bool up = key.kind == COUNTER_KEY_UP || key.kind == COUNTER_KEY_PAGE_UP;
    if (up)
        *at = *at > far ? *at - far : 0;
    else
        *at = *at + far < count ? *at + far : (count == 0 ? 0 : count - 1);
}

static void choose(struct counter *counter) {
    const cJSON *row = chosen_row(counter);
    if (row == NULL)
        return;
    if (!counter->line) {
        set_notice(counter, COUNTER_BAD, "The line is lost: nobody can be looked up now.");
        return;
    }
    to_patient(counter);
    counter->collector = 0;
    counter->advance = false;
    counter->notice[0] = '\0';
    take_tree(&counter->patient, NULL);
    take_tree(&counter->decision, NULL);
    (void)snprintf(counter->rx, sizeof counter->rx, "%s", cli_text(row, "prescription"));
    counter->wants |= COUNTER_WANTS_DECISION;
}

static void key_list(struct counter *counter, struct counter_pressed key) {
    const cJSON *rows[COUNTER_ROWS];
    size_t count = counter_rows(counter, counter->pane, rows);
    switch ((int)key.kind) {
    case COUNTER_KEY_ENTER: choose(counter); break;
    case COUNTER_KEY_TAB:
        counter->pane = counter->pane == COUNTER_TO_COME ? COUNTER_DONE_TODAY : COUNTER_TO_COME;
        break;
    case COUNTER_KEY_UP:
    case COUNTER_KEY_DOWN:
    case COUNTER_KEY_PAGE_UP:
    case COUNTER_KEY_PAGE_DOWN: move_choice(&counter->chosen[counter->pane], count, key); break;
    case COUNTER_KEY_ESCAPE: counter->search[0] = '\0'; break;
    default:
        counter->notice[0] = '\0';
        edit(counter, key, counter->search, sizeof counter->search);
        counter->chosen[0] = counter->chosen[1] = 0;
        if (counter_rows(counter, counter->pane, rows) == 0 &&
            counter_rows(counter, COUNTER_PANES - 1 - counter->pane, rows) > 0)
            counter->pane = COUNTER_PANES - 1 - counter->pane;
        break;
    }
}

static void other_collector(struct counter *counter) {
    counter->collector = (counter->collector + 1) % 3;
    counter->wants |= COUNTER_WANTS_DECISION;
}

static void key_patient_letter(struct counter *counter, wchar_t letter) {
    counter->notice[0] = '\0';
    if (letter == L'r' && may_begin(counter)) {
        other_collector(counter);
    } else if (letter == L'v' && may_begin(counter) && counter_offers_advance(counter)) {
        counter->advance = !counter->advance;
        counter->wants |= COUNTER_WANTS_DECISION;
    } else if (letter == L'o' && may_begin(counter)) {
        counter->mode = COUNTER_OUTCOME;
        counter->outcome = 0;
    } else if (letter == L'c' && may_begin(counter)) {
        counter->mode = COUNTER_CONCERN;
        counter->seen = 0;
        counter->kind = counter->reason = 0;
        if (counter->signs == NULL)
            counter->wants |= COUNTER_WANTS_SIGNS;
    }
}

static void key_patient(struct counter *counter, struct counter_pressed key) {
    switch ((int)key.kind) {
    case COUNTER_KEY_ESCAPE: to_list(counter); break;
    case COUNTER_KEY_UP: counter->scroll -= counter->scroll > 0 ? 1 : 0; break;
    case COUNTER_KEY_DOWN: counter->scroll++; break;
    case COUNTER_KEY_ENTER:
        if (!may_begin(counter))
            break;
        if (counter_may_supply(counter))
            begin_supply(counter);
        else
            set_notice(counter, COUNTER_BAD,
                       "Nothing can be supplied. What happened instead: o. A concern: c. Back: Esc.");
        break;
    case COUNTER_KEY_CHARACTER: key_patient_letter(counter, key.character); break;
    default: break;
    }
}

/* The place of a character in a list of choices by their number from 1; -1: none. */
static int choice_of(const struct counter_choice *choices, wchar_t character) {
    for (int i = 0; choices[i].words != NULL; i++) {
        if (character == (wchar_t)(L'1' + i))
            return i;
    }
    return -1;
}

static int bits_of(unsigned bits) {
    int count = 0;
    for (; bits != 0; bits &= bits - 1)
        count++;
    return count;
}

static void key_identify(struct counter *counter, struct counter_pressed key) {
    counter->notice[0] = '\0';
    if (key.kind == COUNTER_KEY_ENTER && bits_of(counter->identifiers) >= 2) {
        next_step(counter);
    } else if (key.kind == COUNTER_KEY_ENTER) {
        set_notice(counter, COUNTER_BAD, "Ask for two, each time, and mark which: n, d, a, p.");
    } else if (key.kind == COUNTER_KEY_CHARACTER) {
        for (unsigned i = 0; counter_identifiers[i].code != NULL; i++) {
            if (key.character == (wchar_t)counter_identifiers[i].code[0])
                counter->identifiers ^= 1U << i;
        }
    }
}

/* A text of the supply that is being made. */
static void key_field(struct counter *counter, struct counter_pressed key) {
    char *places[COUNTER_MODES] = {[COUNTER_WHO] = counter->who,
                                   [COUNTER_WHO_LIVES] = counter->who_lives,
                                   [COUNTER_SUPERVISOR] = counter->supervisor,
                                   [COUNTER_CONFIRMER] = counter->confirmer};
    bool needed = counter->mode == COUNTER_SUPERVISOR || counter->mode == COUNTER_CONFIRMER;
    if (key.kind != COUNTER_KEY_ENTER) {
        edit(counter, key, counter->input, sizeof counter->input);
    } else if (counter->input[0] != '\0' || !needed) {
        (void)snprintf(places[counter->mode], COUNTER_TEXT, "%s", counter->input);
        counter->notice[0] = '\0';
        next_step(counter);
    }
}

static void key_asked(struct counter *counter, struct counter_pressed key) {
    int *place = counter->mode == COUNTER_WHO_ASKED ? &counter->who_asked : &counter->who_showed;
    if (key.kind != COUNTER_KEY_CHARACTER || wcschr(L"yn-", key.character) == NULL)
        return;
    *place = key.character == L'y' ? 1 : key.character == L'n' ? 0 : -1;
    next_step(counter);
}

static void key_check(struct counter *counter, struct counter_pressed key) {
    if (key.kind == COUNTER_KEY_CHARACTER && key.character == L'y') {
        if (++counter->check >= counter_checks(counter))
            next_step(counter);
    } else if (key.kind == COUNTER_KEY_CHARACTER && key.character == L'n') {
        to_patient(counter);
        set_notice(counter, COUNTER_BAD, "A check was not confirmed: nothing was recorded.");
    }
}

static void key_done(struct counter *counter, struct counter_pressed key) {
    if (key.kind == COUNTER_KEY_ENTER || key.kind == COUNTER_KEY_ESCAPE)
        to_list(counter);
}

static void key_nothing(struct counter *counter, struct counter_pressed key) {
    (void)counter;
    (void)key;
}

static void key_outcome(struct counter *counter, struct counter_pressed key) {
    const struct counter_choice *choices =
        counter->mode == COUNTER_OUTCOME ? counter_outcomes : counter_reasons;
    int chosen = key.kind == COUNTER_KEY_CHARACTER ? choice_of(choices, key.character) : -1;
    if (chosen < 0)
        return;
    if (counter->mode == COUNTER_OUTCOME) {
        counter->outcome = (size_t)chosen;
        bool came = strcmp(counter_outcomes[chosen].code, "attended_not_supplied") == 0;
        counter->mode = came ? COUNTER_OUTCOME_REASON : COUNTER_OUTCOME_NOTE;
    } else {
        counter->reason = (size_t)chosen;
        counter->mode = COUNTER_OUTCOME_NOTE;
    }
    wipe_input(counter);
}

static void key_note(struct counter *counter, struct counter_pressed key) {
    if (key.kind != COUNTER_KEY_ENTER) {
        edit(counter, key, counter->input, sizeof counter->input);
    } else if (may_begin(counter)) {
        (void)snprintf(counter->note, sizeof counter->note, "%s", counter->input);
        counter->wants |=
            counter->mode == COUNTER_CONCERN_NOTE ? COUNTER_WANTS_CONCERN : COUNTER_WANTS_OUTCOME;
    }
}

static void key_concern(struct counter *counter, struct counter_pressed key) {
    size_t count = (size_t)cJSON_GetArraySize(cli_member(counter->signs, "items"));
    if (key.kind == COUNTER_KEY_TAB) {
        counter->kind++;
        if (counter_kinds[counter->kind].code == NULL)
            counter->kind = 0;
    } else if (key.kind == COUNTER_KEY_ENTER) {
        counter->mode = COUNTER_CONCERN_DECISION;
    } else if (key.kind == COUNTER_KEY_CHARACTER && key.character >= L'a' && key.character <= L'z' &&
               (size_t)(key.character - L'a') < count) {
        counter->seen ^= 1U << (unsigned)(key.character - L'a');
    }
}

static void key_concern_decision(struct counter *counter, struct counter_pressed key) {
    int chosen = key.kind == COUNTER_KEY_CHARACTER ? (int)(key.character - L'1') : -1;
    if (chosen < 0 || chosen >= DECISIONS)
        return;
    counter->decided = (size_t)chosen;
    counter->mode = COUNTER_CONCERN_NOTE;
    wipe_input(counter);
}

static void (*const keys[COUNTER_MODES])(struct counter *counter, struct counter_pressed key) = {
    [COUNTER_SIGN_IN] = key_sign_in,
    [COUNTER_SIGN_IN_PIN] = key_pin,
    [COUNTER_LIST] = key_list,
    [COUNTER_PATIENT] = key_patient,
    [COUNTER_IDENTIFY] = key_identify,
    [COUNTER_WHO] = key_field,
    [COUNTER_WHO_LIVES] = key_field,
    [COUNTER_WHO_ASKED] = key_asked,
    [COUNTER_WHO_SHOWED] = key_asked,
    [COUNTER_CHECK] = key_check,
    [COUNTER_SUPERVISOR] = key_field,
    [COUNTER_CONFIRMER] = key_field,
    [COUNTER_PIN] = key_pin,
    [COUNTER_DONE] = key_done,
    [COUNTER_UNKNOWN] = key_nothing,
    [COUNTER_OUTCOME] = key_outcome,
    [COUNTER_OUTCOME_REASON] = key_outcome,
    [COUNTER_OUTCOME_NOTE] = key_note,
    [COUNTER_CONCERN] = key_concern,
    [COUNTER_CONCERN_DECISION] = key_concern_decision,
    [COUNTER_CONCERN_NOTE] = key_note,
    [COUNTER_LOCKED] = key_pin,
};

/* ---- lock and sign-in */

static void lock(struct counter *counter) {
    wipe_input(counter);
    counter->wants &= ~(unsigned)(COUNTER_WANTS_SUPPLY | COUNTER_WANTS_UNLOCK | COUNTER_WANTS_SIGN_IN);
    counter->resume = counter->mode == COUNTER_PIN ? COUNTER_PATIENT : counter->mode;
    counter->mode = COUNTER_LOCKED;
    counter->notice[0] = '\0';
    counter->wants |= COUNTER_WANTS_LOCK;
}

/* Somebody else: what the one before was at is forgotten. */
static void to_sign_in(struct counter *counter) {
    char before[COUNTER_TEXT];
    (void)snprintf(before, sizeof before, "%s", counter->staff);
    to_list(counter);
    take_tree(&counter->day, NULL);
    counter->wants = COUNTER_WANTS_SIGN_OUT;
    counter->staff[0] = counter->name[0] = counter->role[0] = '\0';
    counter->mode = COUNTER_SIGN_IN;
    propose(counter, before);
}

static bool key_everywhere(struct counter *counter, struct counter_pressed key) {
    switch ((int)key.kind) {
    case COUNTER_KEY_QUIT: counter->wants |= COUNTER_WANTS_QUIT; return true;
    case COUNTER_KEY_LOCK:
        if (is_signed_in(counter) && counter->mode != COUNTER_LOCKED)
            lock(counter);
        return true;
    case COUNTER_KEY_USER:
        if (counter->mode != COUNTER_UNKNOWN && counter->mode != COUNTER_SIGN_IN_PIN) {
            counter->notice[0] = '\0';
            to_sign_in(counter);
        }
        return true;
    case COUNTER_KEY_REFRESH: counter_heard(counter); return true;
    default: return false;
    }
}

static bool is_inside(enum counter_mode mode) {
    return (mode >= COUNTER_IDENTIFY && mode <= COUNTER_CONFIRMER) ||
           (mode >= COUNTER_OUTCOME && mode <= COUNTER_CONCERN_NOTE);
}

void counter_key(struct counter *counter, struct counter_pressed key) {
    counter->idle = 0;
    if (key_everywhere(counter, key))
        return;
    if (key.kind == COUNTER_KEY_ESCAPE && is_inside(counter->mode)) {
        to_patient(counter);
        set_notice(counter, COUNTER_PLAIN, "Nothing was recorded.");
        return;
    }
    keys[counter->mode](counter, key);
}

void counter_second(struct counter *counter) {
    counter->idle++;
    if (counter->mode == COUNTER_UNKNOWN && counter->line)
        counter->wants |= COUNTER_WANTS_DECISION;
    if (counter->idle >= counter->idle_max && is_signed_in(counter) && counter->mode != COUNTER_LOCKED &&
        counter->mode != COUNTER_UNKNOWN)
        lock(counter);
}

void counter_line(struct counter *counter, bool up) {
    bool back = up && !counter->line;
    counter->line = up;
    if (!back || !is_signed_in(counter))
        return;
    counter->wants |= COUNTER_WANTS_SESSION;
    if (counter->mode == COUNTER_LOCKED)
        counter->wants |= COUNTER_WANTS_LOCK;
    counter_heard(counter);
}

void counter_heard(struct counter *counter) {
    if (!is_signed_in(counter) || counter->mode == COUNTER_LOCKED)
        return;
    counter->wants |= COUNTER_WANTS_DAY;
    if (counter->rx[0] != '\0' && counter->mode != COUNTER_DONE)
        counter->wants |= COUNTER_WANTS_DECISION;
}

unsigned counter_take(struct counter *counter) {
    for (unsigned want = COUNTER_WANTS_QUIT; want <= COUNTER_WANTS_DAY; want <<= 1) {
        if ((counter->wants & want) == 0 || (!counter->line && want != COUNTER_WANTS_QUIT))
            continue;
        counter->wants &= ~want;
        return want;
    }
    return 0;
}

/* ---- answers */

void counter_begin(struct counter *counter, const char *staff, int idle_max) {
    *counter = (struct counter){.mode = COUNTER_SIGN_IN, .line = true, .idle_max = idle_max};
    propose(counter, staff);
}

void counter_end(struct counter *counter) {
    wipe_input(counter);
    take_tree(&counter->day, NULL);
    take_tree(&counter->patient, NULL);
    take_tree(&counter->decision, NULL);
    take_tree(&counter->signs, NULL);
    take_tree(&counter->done, NULL);
}

void counter_signed_in(struct counter *counter, const cJSON *session) {
    const cJSON *staff = cli_member(session, "staff");
    wipe_input(counter);
    (void)snprintf(counter->staff, sizeof counter->staff, "%s", cli_text(staff, "id"));
    (void)snprintf(counter->name, sizeof counter->name, "%s", cli_text(staff, "name"));
    (void)snprintf(counter->role, sizeof counter->role, "%s", cli_text(staff, "role"));
    if (counter->mode != COUNTER_SIGN_IN_PIN)
        return;
    counter->notice[0] = '\0';
    counter->idle = 0;
    counter->pane = COUNTER_TO_COME;
    counter->chosen[0] = counter->chosen[1] = 0;
    to_list(counter);
}

void counter_session_over(struct counter *counter, const char *why) {
    bool unknown = counter->mode == COUNTER_UNKNOWN;
    to_sign_in(counter);
    set_notice(counter, COUNTER_BAD,
               unknown ? "It is not known whether the supply was recorded: sign in and look at the list."
                       : why);
}

void counter_unlocked(struct counter *counter) {
    wipe_input(counter);
    if (counter->mode != COUNTER_LOCKED)
        return;
    counter->mode = counter->resume;
    counter->idle = 0;
    counter->notice[0] = '\0';
    if (counter->mode == COUNTER_SUPERVISOR)
        propose(counter, counter->staff);
    counter_heard(counter);
}

/* The row that was chosen stays chosen where it is still there. */
void counter_day(struct counter *counter, cJSON *day) {
    const cJSON *rows[COUNTER_ROWS];
    const cJSON *before = chosen_row(counter);
    char rx[64];
    (void)snprintf(rx, sizeof rx, "%s", cli_text(before, "prescription"));
    take_tree(&counter->day, day);
    size_t count = counter_rows(counter, counter->pane, rows);
    for (size_t i = 0; i < count; i++) {
        if (strcmp(cli_text(rows[i], "prescription"), rx) == 0)
            counter->chosen[counter->pane] = i;
    }
    (void)chosen_row(counter);
}

/*
 * What was sent and not answered is found, or not, in what may be supplied now. That it is not there is believed only
 * after some seconds: it may still be on its way.
 */
static void resolve(struct counter *counter) {
    bool supplied = reason_of(counter, "already_supplied") != NULL;
    bool same = strcmp(counter_supply_key(counter), counter->sent_key) == 0;
    if (supplied) {
        counter->mode = COUNTER_DONE;
        counter->weight = COUNTER_GOOD;
        take_tree(&counter->done, NULL);
        (void)snprintf(counter->headline, sizeof counter->headline,
                       "+  IT WAS RECORDED. Do not give another dose.");
        counter->wants |= COUNTER_WANTS_DAY;
        return;
    }
    if (++counter->unchanged < UNCHANGED_MIN)
        return;
    to_patient(counter);
    set_notice(counter, COUNTER_BAD,
               same ? "It was NOT recorded. If the dose was given, record it now: Enter."
                    : "It was NOT recorded, and something else has changed: read again.");
}

void counter_decision(struct counter *counter, cJSON *patient, cJSON *decision) {
    char before[80];
    bool asked_again = counter->decision != NULL;
    (void)snprintf(before, sizeof before, "%s", counter_supply_key(counter));
    if (patient != NULL)
        take_tree(&counter->patient, patient);
    take_tree(&counter->decision, decision);
    if (counter->mode == COUNTER_UNKNOWN) {
        resolve(counter);
    } else if (asked_again && strcmp(before, counter_supply_key(counter)) != 0 &&
               counter->mode > COUNTER_PATIENT && counter->mode <= COUNTER_PIN) {
        to_patient(counter);
        set_notice(counter, COUNTER_BAD,
                   "Something has changed meanwhile. Nothing was recorded: read again.");
    }
}

void counter_signs(struct counter *counter, cJSON *signs) {
    take_tree(&counter->signs, signs);
}

void counter_recorded(struct counter *counter, cJSON *what, bool replayed) {
    static const char *const words[COUNTER_MODES] = {
        [COUNTER_PIN] = "+  RECORDED",
        [COUNTER_OUTCOME_NOTE] = "+  RECORDED: nothing was supplied",
        [COUNTER_CONCERN_NOTE] = "+  RECORDED: the concern is written down"};
    const char *said = words[counter->mode] == NULL ? "+  RECORDED" : words[counter->mode];
    wipe_input(counter);
    take_tree(&counter->done, what);
    counter->weight = COUNTER_GOOD;
    (void)snprintf(counter->headline, sizeof counter->headline, "%s%s", said,
                   replayed ? " (already before: nothing new was written)" : "");
    counter->mode = COUNTER_DONE;
    counter->notice[0] = '\0';
    counter->wants |= COUNTER_WANTS_DAY;
}

static void refused_supply(struct counter *counter, const char *code, cJSON *problem) {
    if (strcmp(code, "decision_changed") == 0) {
        cJSON_Delete(problem);
        to_patient(counter);
        set_notice(counter, COUNTER_BAD,
                   "Something has changed meanwhile. Nothing was recorded: read again.");
        counter->wants |= COUNTER_WANTS_DECISION;
        return;
    }
    take_tree(&counter->done, problem);
    counter->weight = COUNTER_BAD;
    (void)snprintf(counter->headline, sizeof counter->headline, "x  NOT RECORDED");
    counter->mode = COUNTER_DONE;
}

void counter_refused(struct counter *counter, int status, cJSON *problem) {
    char detail[COUNTER_TEXT], code[64];
    (void)snprintf(detail, sizeof detail, "%s", cli_text(problem, "detail"));
    (void)snprintf(code, sizeof code, "%s", cli_text(problem, "code"));
    bool pin = strcmp(code, "pin_wrong") == 0 || strcmp(code, "sign_in_failed") == 0 || status == 429;
    bool said = counter_is_secret(counter) && (pin || counter->mode != COUNTER_PIN);
    bool sent = counter->mode == COUNTER_PIN || counter->mode == COUNTER_OUTCOME_NOTE ||
                counter->mode == COUNTER_CONCERN_NOTE;
    wipe_input(counter);
    if (!said && status == 401) {
        cJSON_Delete(problem);
        counter_session_over(counter, detail);
    } else if (!said && sent) {
        refused_supply(counter, code, problem);
    } else {
        set_notice(counter, COUNTER_BAD, detail);
        cJSON_Delete(problem);
    }
}

void counter_not_sent(struct counter *counter) {
    if (counter_is_secret(counter))
        wipe_input(counter);
    counter_line(counter, false);
    if (counter->mode == COUNTER_PIN || counter->mode == COUNTER_OUTCOME_NOTE ||
        counter->mode == COUNTER_CONCERN_NOTE)
        set_notice(counter, COUNTER_BAD, "Nobody answered, and nothing was recorded.");
}

void counter_not_known(struct counter *counter) {
    bool supply = counter->mode == COUNTER_PIN;
    wipe_input(counter);
    counter_line(counter, false);
    (void)snprintf(counter->sent_key, sizeof counter->sent_key, "%s", counter_supply_key(counter));
    counter->mode = supply ? COUNTER_UNKNOWN : counter->mode;
    counter->unchanged = 0;
    if (supply)
        counter->notice[0] = '\0';
    else
        set_notice(counter, COUNTER_BAD,
                   "It is not known whether this was recorded: look at the list before it is written again.");
}

bool counter_is_emergency(const struct counter *counter) {
    static const char *const codes[] = {"hard_to_wake", "breathing_slow", "blue_lips"};
    const cJSON *one = NULL;
    unsigned place = 0;
    cJSON_ArrayForEach(one, cli_member(counter->signs, "items")) {
        for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++) {
            if (place < COUNTER_SIGNS && (counter->seen & 1U << place) != 0 &&
                strcmp(cli_text(one, "code"), codes[i]) == 0)
                return true;
        }
        place++;
    }
    return false;
}

/* ---- bodies */

static void add_expected(const struct counter *counter, cJSON *body) {
    static const char *const members[] = {"product", "quantity", "supervised", "take_home"};
    cJSON *items = cJSON_AddArrayToObject(cJSON_AddObjectToObject(body, "expect"), "items");
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, cli_member(counter->decision, "items")) {
        cJSON *item = cJSON_CreateObject();
        for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
            cJSON_AddStringToObject(item, members[i], cli_text(one, members[i]));
        cJSON_AddItemToArray(items, item);
    }
}

static void add_collector(const struct counter *counter, cJSON *body) {
    cJSON *who = cJSON_AddObjectToObject(body, "collector");
    cJSON_AddStringToObject(who, "role", counter_collectors[counter->collector].code);
    if (counter->collector == 0)
        return;
    if (counter->who[0] != '\0')
        cJSON_AddStringToObject(who, "name", counter->who);
    if (counter->who_lives[0] != '\0')
        cJSON_AddStringToObject(who, "address", counter->who_lives);
    if (counter->who_asked >= 0)
        cJSON_AddBoolToObject(who, "identity_requested", counter->who_asked == 1);
    if (counter->who_showed >= 0)
        cJSON_AddBoolToObject(who, "identity_provided", counter->who_showed == 1);
}

static void add_identified(const struct counter *counter, cJSON *body) {
    char text[COUNTER_TEXT] = "";
    for (unsigned i = 0; counter_identifiers[i].code != NULL; i++) {
        if ((counter->identifiers & 1U << i) == 0)
            continue;
        if (text[0] != '\0')
            add_words(text, sizeof text, " and ");
        add_words(text, sizeof text, counter_identifiers[i].words);
    }
    if (text[0] != '\0')
        cJSON_AddStringToObject(body, "identified_by", text);
}

cJSON *counter_supply_body(const struct counter *counter) {
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "prescription", counter->rx);
    cJSON_AddStringToObject(body, "on", cli_text(counter->decision, "on"));
    if (counter->advance)
        cJSON_AddBoolToObject(body, "advance", true);
    add_expected(counter, body);
    add_collector(counter, body);
    add_identified(counter, body);
    cJSON *confirm = cJSON_AddArrayToObject(body, "confirm");
    for (size_t i = 0; i < counter_checks(counter); i++)
        cJSON_AddItemToArray(confirm, cJSON_CreateString(cli_text(counter_check(counter, i), "code")));
    if (counter->supervisor[0] != '\0')
        cJSON_AddStringToObject(body, "supervised_by", counter->supervisor);
    if (counter->confirmer[0] != '\0')
        cJSON_AddStringToObject(body, "confirmed_by", counter->confirmer);
    return body;
}

cJSON *counter_outcome_body(const struct counter *counter) {
    const char *code = counter_outcomes[counter->outcome].code;
    cJSON *body = cJSON_CreateObject();
    cJSON_AddStringToObject(body, "prescription", counter->rx);
    cJSON_AddStringToObject(body, "on", cli_text(counter->decision, "on"));
    cJSON_AddStringToObject(body, "outcome", code);
    if (strcmp(code, "attended_not_supplied") == 0)
        cJSON_AddStringToObject(body, "reason", counter_reasons[counter->reason].code);
    if (counter->note[0] != '\0')
        cJSON_AddStringToObject(body, "note", counter->note);
    return body;
}

cJSON *counter_concern_body(const struct counter *counter) {
    cJSON *body = cJSON_CreateObject();
    const cJSON *one = NULL;
    unsigned place = 0;
    cJSON_AddStringToObject(body, "patient", cli_text(counter->patient, "id"));
    cJSON_AddStringToObject(body, "prescription", counter->rx);
    cJSON_AddStringToObject(body, "kind", counter_kinds[counter->kind].code);
    cJSON *seen = cJSON_AddArrayToObject(body, "signs");
    cJSON_ArrayForEach(one, cli_member(counter->signs, "items")) {
        if (place < COUNTER_SIGNS && (counter->seen & 1U << place) != 0)
            cJSON_AddItemToArray(seen, cJSON_CreateString(cli_text(one, "code")));
        place++;
    }
    if (counter_decisions[counter->decided].code != NULL)
        cJSON_AddStringToObject(body, "decision", counter_decisions[counter->decided].code);
    if (counter->note[0] != '\0')
        cJSON_AddStringToObject(body, "note", counter->note);
    return body;
}
