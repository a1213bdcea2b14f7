/* How the counter looks: 80 columns by 24 lines are enough, and no colour is needed. See counter_draw.h. */
#include "counter_draw.h"

#include <curses.h>
#include <stdio.h>
#include <string.h>

#include "cli.h"
#include "decision.h"

#define TEXT_SIZE 4096
#define BORN 10
#define VERDICT 8
#define MISSED 3
#define STEP_LINES 7
#define DOTS L"\x2026"

enum { PAIR_GOOD = 1, PAIR_WARN, PAIR_BAD };

static bool shown, coloured;
static int cursor_y, cursor_x; /* where the field that is typed ends; -1: there is none */

bool counter_screen_begin(bool colour) {
    if (newterm(NULL, stdout, stdin) == NULL)
        return false;
    shown = true;
    coloured = colour && has_colors();
    if (coloured) {
        (void)start_color();
        (void)use_default_colors();
        (void)init_pair(PAIR_GOOD, COLOR_GREEN, -1);
        (void)init_pair(PAIR_WARN, COLOR_YELLOW, -1);
        (void)init_pair(PAIR_BAD, COLOR_RED, -1);
    }
    (void)raw();
    (void)noecho();
    (void)nonl();
    (void)keypad(stdscr, TRUE);
    (void)nodelay(stdscr, TRUE);
    (void)set_escdelay(50);
    return true;
}

void counter_screen_end(void) {
    if (shown)
        (void)endwin();
    shown = false;
}

static attr_t weight_of(enum counter_weight weight) {
    switch (weight) {
    case COUNTER_GOOD: return A_BOLD | (coloured ? (attr_t)COLOR_PAIR(PAIR_GOOD) : 0);
    case COUNTER_BAD: return A_BOLD | (coloured ? (attr_t)COLOR_PAIR(PAIR_BAD) : 0);
    case COUNTER_PLAIN: break;
    }
    return A_NORMAL;
}

static attr_t verdict_weight(const char *verdict) {
    if (strcmp(verdict, "supply") == 0)
        return weight_of(COUNTER_GOOD);
    if (strcmp(verdict, "check") == 0)
        return A_BOLD | (coloured ? (attr_t)COLOR_PAIR(PAIR_WARN) : 0);
    return weight_of(COUNTER_BAD);
}

/* ---- text */

/* A text within so many columns, cut with dots where it is longer; the columns that it took. */
static int put(int y, int x, int columns, attr_t attribute, const char *text) {
    wchar_t out[TEXT_SIZE / 4];
    size_t len = 0;
    int done = 0;
    bool cut = cli_columns(text) > columns;
    int most = cut ? columns - 1 : columns;
    while (*text != '\0' && len + 3 < sizeof out / sizeof out[0]) {
        wchar_t character = L'\0';
        int width = 0;
        text += cli_character(text, &character, &width);
        if (width < 0)
            continue;
        if (done + width > most)
            break;
        out[len++] = character;
        done += width;
    }
    if (cut && columns > 0) {
        out[len++] = DOTS[0];
        done++;
    }
    (void)attrset((int)attribute);
    if (columns > 0 && y >= 0 && y < LINES && x < COLS)
        (void)mvaddnwstr(y, x, out, (int)len);
    (void)attrset((int)A_NORMAL);
    return done;
}

/* The same, filled up with blanks. */
static void put_cell(int y, int x, int columns, attr_t attribute, const char *text) {
    int done = put(y, x, columns, attribute, text);
    (void)attrset((int)attribute);
    for (; done < columns; done++)
        (void)mvaddch(y, x + done, ' ');
    (void)attrset((int)A_NORMAL);
}

/* A region that is written from top to bottom; what is above it (scrolled away) or below is left out. */
struct page {
    int top, bottom; /* lines of the screen: from, and the first that is not its own */
    int line;        /* the next one; may lie above top */
};

static void page_put(struct page *page, int x, attr_t attribute, const char *text) {
    if (page->line >= page->top && page->line < page->bottom)
        (void)put(page->line, x, COLS - x - 1, attribute, text);
}

static void page_wrap(struct page *page, int x, attr_t attribute, const char *text) {
    int at = x;
    char word[TEXT_SIZE / 4];
    bool first = true;
    while (*text != '\0') {
        size_t len = strcspn(text, " \n");
        if (len >= sizeof word)
            len = sizeof word - 1;
        memcpy(word, text, len);
        word[len] = '\0';
        int columns = cli_columns(word);
        if (!first && at + 1 + columns > COLS - 2) {
            page->line++;
            at = x;
        } else if (!first) {
            at++;
        }
        page_put(page, at, attribute, word);
        at += columns;
        first = false;
        text += len;
        text += strspn(text, " \n");
    }
    page->line++;
}

static void page_say(struct page *page, int x, attr_t attribute, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void page_say(struct page *page, int x, attr_t attribute, const char *format, ...) {
    char text[TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    page_wrap(page, x, attribute, text);
}

/* One line as it is, with its blanks; cut at the edge. */
static void page_line(struct page *page, int x, attr_t attribute, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

static void page_line(struct page *page, int x, attr_t attribute, const char *format, ...) {
    char text[TEXT_SIZE];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    page_put(page, x, attribute, text);
    page->line++;
}

/* A question and what is typed behind it; a PIN as stars. The cursor stands at its end. */
static void page_field(struct page *page, int x, const struct counter *counter, const char *question) {
    char stars[COUNTER_TEXT];
    int at = x + cli_columns(question) + 1;
    int most = COLS - at - 2;
    const char *text = counter->input;
    if (counter_is_secret(counter)) {
        size_t len = strnlen(counter->input, sizeof stars - 1);
        memset(stars, '*', len);
        stars[len] = '\0';
        text = stars;
    }
    /* The end of what is longer than the line. */
    while (cli_columns(text) > most && *text != '\0') {
        wchar_t character = L'\0';
        int width = 0;
        text += cli_character(text, &character, &width);
    }
    page_put(page, x, A_NORMAL, question);
    (void)put(page->line, at, most, A_BOLD | (counter->input_fresh ? A_UNDERLINE : 0), text);
    cursor_y = page->line;
    cursor_x = at + cli_columns(text);
    page->line++;
}

/* ---- the day's list */

static void draw_row(const cJSON *row, int y, int x, int columns, bool to_come, attr_t attribute) {
    const cJSON *patient = cli_member(row, "patient");
    const cJSON *decision = cli_member(row, "decision");
    const char *verdict = cli_text(decision, "verdict");
    const char *status = cli_text(row, "status");
    char missed[8] = "";
    int name = columns - 2 - (to_come ? 1 + BORN + 1 + VERDICT + MISSED : 1 + 9);
    put_cell(y, x, columns, attribute, "");
    if (!to_come) {
        (void)put(y, x, 1, attribute, status_mark(status));
        (void)put(y, x + 2, name, attribute, cli_text(patient, "name"));
        (void)put(y, x + 2 + name + 1, 9, attribute, status_words(status));
        return;
    }
    if (cli_number(decision, "missed_days") > 0)
        (void)snprintf(missed, sizeof missed, "%3d", cli_number(decision, "missed_days"));
    (void)put(y, x, 1, attribute | verdict_weight(verdict), decision_mark(verdict));
    (void)put(y, x + 2, name, attribute, cli_text(patient, "name"));
    (void)put(y, x + 3 + name, BORN, attribute, cli_text(patient, "born_on"));
    (void)put(y, x + 4 + name + BORN, VERDICT - 1, attribute,
              strcmp(status, "deferred") == 0  ? "later"
              : strcmp(verdict, "supply") == 0 ? ""
              : strcmp(verdict, "refuse") == 0 ? "nothing"
                                               : verdict);
    (void)put(y, x + 4 + name + BORN + VERDICT, MISSED, attribute, missed);
}

static void draw_pane(struct counter *counter, enum counter_pane pane, int top, int bottom, int x,
                      int columns) {
    const cJSON *rows[COUNTER_ROWS];
    size_t count = counter_rows(counter, pane, rows);
    size_t room = bottom > top ? (size_t)(bottom - top) : 1;
    size_t chosen = counter->chosen[pane];
    size_t first = chosen >= room ? chosen - room + 1 : 0;
    for (size_t i = first; i < count && i < first + room; i++) {
        bool here = counter->pane == pane && i == chosen;
        int y = top + (int)(i - first);
        (void)put(y, x, 1, A_BOLD, here ? ">" : " ");
        draw_row(rows[i], y, x + 2, columns - 2, pane == COUNTER_TO_COME, here ? A_REVERSE : A_NORMAL);
    }
    if (count == 0)
        (void)put(top, x + 2, columns - 2, A_NORMAL,
                  counter->search[0] != '\0' ? "nobody is found here"
                  : pane == COUNTER_TO_COME  ? "nobody is still to come"
                                             : "nobody yet");
    else if (count > first + room)
        (void)put(bottom, x + 2, columns - 2, A_BOLD, "more below");
}

static void draw_heading(const struct counter *counter, enum counter_pane pane, int y, int x, int columns,
                         const char *words) {
    const cJSON *rows[COUNTER_ROWS];
    char text[64];
    (void)snprintf(text, sizeof text, "%s (%zu)", words, counter_rows(counter, pane, rows));
    (void)put(y, x + 2, columns - 2, A_BOLD | (counter->pane == pane ? A_UNDERLINE : 0), text);
}

static void draw_list(struct counter *counter, int top, int bottom) {
    char search[COUNTER_TEXT + 32];
    int left = COLS * 62 / 100;
    (void)snprintf(search, sizeof search, "Search: %s", counter->search);
    int end = put(top, 1, COLS - 2, counter->search[0] == '\0' ? A_NORMAL : A_BOLD, search);
    if (counter->search[0] == '\0')
        (void)put(top, end + 2, COLS - end - 3, A_DIM, "type a name or a date of birth");
    cursor_y = top;
    cursor_x = end + 1;
    draw_heading(counter, COUNTER_TO_COME, top + 1, 0, left, "Still to come");
    (void)put(top + 1, left - MISSED - VERDICT - BORN - 2, BORN, A_DIM, "born");
    (void)put(top + 1, left - 7, 6, A_DIM, "missed");
    draw_heading(counter, COUNTER_DONE_TODAY, top + 1, left + 1, COLS - left - 1, "Done");
    (void)mvvline(top + 1, left, '|', bottom - top - 1);
    if (counter->day == NULL)
        return;
    draw_pane(counter, COUNTER_TO_COME, top + 2, bottom - 1, 0, left - 1);
    draw_pane(counter, COUNTER_DONE_TODAY, top + 2, bottom - 1, left + 1, COLS - left - 2);
}

/* ---- one patient */

static void page_patient(struct page *page, const struct counter *counter) {
    const char *preferred = cli_text(counter->patient, "preferred_name");
    page_line(page, 1, A_BOLD, "%s%s%s%s   born %s", cli_text(counter->patient, "name"),
              preferred[0] == '\0' ? "" : " (", preferred, preferred[0] == '\0' ? "" : ")",
              cli_day(cli_text(counter->patient, "born_on")));
    page_say(page, 1, A_NORMAL, "%s", cli_text(counter->patient, "address"));
    if (counter_also_due(counter) > 0)
        page_say(page, 1, A_BOLD,
                 "This patient has another prescription that is due today: each is given by itself.");
}

static void page_containers(struct page *page, const cJSON *item) {
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, cli_member(item, "containers")) {
        const char *to = cli_text(one, "to");
        page_line(page, 5, A_NORMAL, "%-16s%s%s %6s %s   %s", cli_day(cli_text(one, "for")),
                  to[0] == '\0' ? "" : " to ", to[0] == '\0' ? "" : cli_day(to), cli_text(one, "quantity"),
                  counter_unit(cli_text(item, "unit"), cli_text(one, "quantity")),
                  cli_true(one, "supervised") ? "supervised" : "take-home");
    }
}

static void page_items(struct page *page, const cJSON *items) {
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, items) {
        page_line(page, 3, A_NORMAL, "%s %s  %s", cli_text(one, "quantity"),
                  counter_unit(cli_text(one, "unit"), cli_text(one, "quantity")), cli_text(one, "product"));
        page_containers(page, one);
    }
}

static void page_reasons(struct page *page, const cJSON *reasons) {
    static const char *const order[] = {"refuse", "hold", "check", "note"};
    for (size_t i = 0; i < sizeof order / sizeof order[0]; i++) {
        const cJSON *one = NULL;
        cJSON_ArrayForEach(one, reasons) {
            char lead[32];
            if (strcmp(cli_text(one, "severity"), order[i]) != 0)
                continue;
            (void)snprintf(lead, sizeof lead, "%-7s%-4s", order[i], cli_text(one, "rule"));
            page_put(page, 3, i < 3 ? A_BOLD : A_NORMAL, lead);
            page_wrap(page, 15, A_NORMAL, cli_text(one, "text"));
        }
    }
}

static void page_decision(struct page *page, const struct counter *counter) {
    const char *verdict = cli_text(counter->decision, "verdict");
    const char *last = cli_text(counter->decision, "last_dosed");
    const char *next = cli_text(counter->decision, "next_due");
    char sentence[TEXT_SIZE];
    if (counter->decision == NULL)
        return;
    counter_sentence(counter, sentence, sizeof sentence);
    page->line++;
    page_put(page, 1, verdict_weight(verdict), decision_mark(verdict));
    page_wrap(page, 3, verdict_weight(verdict), sentence);
    page->line++;
    if (counter->collector != 0 || counter->advance)
        page_say(page, 3, A_BOLD, "Collected by %s%s.", counter_collectors[counter->collector].words,
                 counter->advance ? ", with the advance for a closed day" : "");
    if (counter_may_supply(counter)) /* no amount stands on a page that says "give nothing" */
        page_items(page, cli_member(counter->decision, "items"));
    page_reasons(page, cli_member(counter->decision, "reasons"));
    page_say(page, 3, A_NORMAL, "Last dose %s, missed %d, next %s.",
             last[0] == '\0' ? "not known" : cli_day(last), cli_number(counter->decision, "missed_days"),
             next[0] == '\0' ? "none" : cli_day(next));
    if (counter_offers_advance(counter) && !counter->advance)
        page_say(page, 3, A_NORMAL, "An advance for a closed day may be given too: v.");
}

/* ---- what is asked, at the foot */

static void page_marks(struct page *page, const struct counter_choice *choices, unsigned bits) {
    char text[TEXT_SIZE] = "";
    for (unsigned i = 0; choices[i].words != NULL; i++) {
        size_t len = strlen(text);
        (void)snprintf(text + len, sizeof text - len, "[%s] %s  %s   ", (bits & 1U << i) != 0 ? "x" : " ",
                       choices[i].code, choices[i].words);
    }
    page_put(page, 3, A_BOLD, text);
    page->line += 2;
}

static void page_choices(struct page *page, const struct counter_choice *choices) {
    for (int i = 0; choices[i].words != NULL; i++)
        page_line(page, 3, A_NORMAL, "%d   %s", i + 1, choices[i].words);
}

static void page_check(struct page *page, const struct counter *counter) {
    const cJSON *check = counter_check(counter, counter->check);
    page_say(page, 1, A_BOLD, "A pharmacist checks (%s):", cli_text(check, "rule"));
    page_wrap(page, 3, A_NORMAL, cli_text(check, "text"));
    page_line(page, 3, A_BOLD, "y  this has been checked      n  no, nothing is recorded");
}

static void page_ask(struct page *page, const struct counter *counter) {
    char pin[COUNTER_TEXT + 16];
    switch ((int)counter->mode) {
    case COUNTER_IDENTIFY:
        page_say(page, 1, A_BOLD, "Ask for two of these, do not read them out, and mark what agrees:");
        page_marks(page, counter_identifiers, counter->identifiers);
        break;
    case COUNTER_WHO: page_field(page, 1, counter, "Name of who collects:"); break;
    case COUNTER_WHO_LIVES: page_field(page, 1, counter, "Their address:"); break;
    case COUNTER_WHO_ASKED:
        page_line(page, 1, A_BOLD, "Was their identity asked for?   y  yes    n  no    -  not said");
        break;
    case COUNTER_WHO_SHOWED:
        page_line(page, 1, A_BOLD, "Did they show it?   y  yes    n  no    -  not said");
        break;
    case COUNTER_CHECK: page_check(page, counter); break;
    case COUNTER_SUPERVISOR: page_field(page, 1, counter, "Who sees the dose taken (sign-in name):"); break;
    case COUNTER_CONFIRMER:
        page_field(page, 1, counter, "The pharmacist who made the checks (sign-in name):");
        break;
    case COUNTER_PIN:
        (void)snprintf(pin, sizeof pin,
                       "PIN of %s:", counter->confirmer[0] != '\0' ? counter->confirmer : counter->staff);
        page_field(page, 1, counter, pin);
        page_say(page, 1, A_NORMAL, "Enter records the supply.");
        break;
    default: break;
    }
}

static void draw_rule(int y) {
    (void)mvhline(y, 0, '-', COLS);
}

static void draw_patient(struct counter *counter, int top, int bottom) {
    int step = 0, steps = 0;
    bool asking = counter_step(counter, &step, &steps);
    int end = asking ? bottom - STEP_LINES : bottom;
    struct page page = {.top = top, .bottom = end};
    /* Scrolling ends where the last line is seen. */
    for (int pass = 0; pass < 2; pass++) {
        page.line = top - (asking ? 0 : (int)counter->scroll);
        page.bottom = pass == 0 ? top : end;
        page_patient(&page, counter);
        page_decision(&page, counter);
        int over = page.line + (asking ? 0 : (int)counter->scroll) - end;
        size_t most = over > 0 ? (size_t)over : 0;
        counter->scroll = counter->scroll > most ? most : counter->scroll;
    }
    if (page.line > end)
        (void)put(end - 1, COLS - 14, 13, A_REVERSE, asking ? " Esc: read on" : " more below  ");
    if (!asking)
        return;
    char text[32];
    draw_rule(end);
    (void)snprintf(text, sizeof text, " %d of %d ", step, steps);
    (void)put(end, 2, 20, A_BOLD, text);
    struct page ask = {.top = end + 1, .bottom = bottom, .line = end + 1};
    page_ask(&ask, counter);
}

/* ---- what is no supply */

static void draw_outcome(const struct counter *counter, int top, int bottom) {
    struct page page = {.top = top, .bottom = bottom, .line = top};
    page_patient(&page, counter);
    page.line++;
    if (counter->mode == COUNTER_OUTCOME) {
        page_say(&page, 1, A_BOLD, "Not today. What happened?");
        page_choices(&page, counter_outcomes);
        return;
    }
    page_say(&page, 1, A_BOLD, "Not today: %s.", counter_outcomes[counter->outcome].words);
    page.line++;
    if (counter->mode == COUNTER_OUTCOME_REASON) {
        page_say(&page, 1, A_NORMAL, "Why?");
        page_choices(&page, counter_reasons);
        return;
    }
    page_field(&page, 1, counter, "A note, or none:");
    page_say(&page, 1, A_NORMAL, "Enter records it.");
}

static void page_signs(struct page *page, const struct counter *counter) {
    const cJSON *items = cli_member(counter->signs, "items");
    int count = cJSON_GetArraySize(items);
    int half = (count + 1) / 2;
    for (int i = 0; i < count && i < COUNTER_SIGNS; i++) {
        char text[COUNTER_TEXT];
        int y = page->line + i % half;
        bool seen = (counter->seen & 1U << (unsigned)i) != 0;
        (void)snprintf(text, sizeof text, "[%s] %c  %s", seen ? "x" : " ", 'a' + i,
                       cli_text(cJSON_GetArrayItem(items, i), "text"));
        if (y < page->bottom)
            (void)put(y, i < half ? 3 : COLS / 2 + 2, COLS / 2 - 4, seen ? A_BOLD : A_NORMAL, text);
    }
    page->line += half;
}

static void draw_concern(const struct counter *counter, int top, int bottom) {
    struct page page = {.top = top, .bottom = bottom, .line = top};
    page_patient(&page, counter);
    page_line(&page, 1, A_BOLD, "A concern: %s%s", counter_kinds[counter->kind].words,
              counter->mode == COUNTER_CONCERN ? "   (Tab: another kind)" : "");
    if (counter->mode == COUNTER_CONCERN) {
        page_say(&page, 1, A_NORMAL, "What is seen, heard or smelled; it could also be illness or injury.");
        page_signs(&page, counter);
    }
    if (counter_is_emergency(counter))
        page_line(&page, 1, weight_of(COUNTER_BAD), "!  Call 999 now, stay with them, and give naloxone.");
    if (counter->mode == COUNTER_CONCERN)
        return;
    page.line++;
    if (counter->mode == COUNTER_CONCERN_DECISION) {
        page_say(&page, 1, A_BOLD, "What was decided?");
        page_choices(&page, counter_decisions);
        return;
    }
    page_say(&page, 1, A_NORMAL, "Decided: %s.",
             counter->decided == 4 ? "not about a dose" : counter_decisions[counter->decided].words);
    page.line++;
    page_field(&page, 1, counter, "In your own words, or nothing:");
    page_say(&page, 1, A_NORMAL, "Enter records it; the service is told.");
}

/* ---- what became of it */

static void page_recorded(struct page *page, const cJSON *done) {
    const cJSON *one = NULL;
    const char *at = cli_text(done, "at");
    page_items(page, cli_member(cli_member(done, "decision"), "items"));
    if (strlen(at) > 16)
        page_say(page, 3, A_NORMAL, "at %.5s, number %s", at + 11, cli_short(cli_text(done, "id")));
    cJSON_ArrayForEach(one, cli_member(done, "register")) {
        page_say(page, 3, A_NORMAL, "register %s, entry %d, balance %s", cli_text(one, "section"),
                 cli_number(one, "number"), cli_text(one, "balance"));
    }
    int alerts = cJSON_GetArraySize(cli_member(done, "alerts"));
    if (alerts > 0)
        page_say(page, 3, A_BOLD, "The service is told (%d).", alerts);
}

static void draw_done(const struct counter *counter, int top, int bottom) {
    struct page page = {.top = top, .bottom = bottom, .line = top};
    page_patient(&page, counter);
    page.line++;
    page_wrap(&page, 1, weight_of(counter->weight), counter->headline);
    page.line++;
    if (counter->weight == COUNTER_BAD) {
        page_wrap(&page, 3, A_NORMAL, cli_text(counter->done, "detail"));
        page_reasons(&page, cli_member(counter->done, "reasons"));
        const cJSON *one = NULL;
        cJSON_ArrayForEach(one, cli_member(counter->done, "fields")) {
            page_say(&page, 3, A_NORMAL, "%s %s", cli_text(one, "field"), cli_text(one, "message"));
        }
    } else {
        page_recorded(&page, counter->done);
    }
    page.line++;
    page_say(&page, 1, A_BOLD, "Enter: back to the list");
}

static void draw_unknown(const struct counter *counter, int top, int bottom) {
    struct page page = {.top = top, .bottom = bottom, .line = top};
    page_patient(&page, counter);
    page.line++;
    page_wrap(&page, 1, weight_of(COUNTER_BAD), "?  IT IS NOT KNOWN WHETHER THIS WAS RECORDED.");
    page.line++;
    page_wrap(
        &page, 3, A_NORMAL,
        "Do not give another dose. It is looked up by itself as soon as the daemon answers, and this page "
        "will say what was found.");
}

/* ---- nobody's page */

static void draw_sign_in(const struct counter *counter, int top, int bottom) {
    struct page page = {.top = top, .bottom = bottom, .line = top + 2};
    char pin[COUNTER_TEXT + 16];
    if (counter->mode == COUNTER_LOCKED) {
        page_say(&page, 3, A_BOLD, "Locked.");
        page.line++;
        page_say(&page, 3, A_NORMAL, "%s goes on where they were with their PIN; somebody else: Ctrl-U.",
                 counter->name);
    } else {
        page_say(&page, 3, A_BOLD, "The counter");
        page.line++;
        page_say(&page, 3, A_NORMAL, "Sign in with your name and PIN.");
    }
    page.line++;
    if (counter->mode == COUNTER_SIGN_IN) {
        page_field(&page, 3, counter, "Sign-in name:");
        return;
    }
    (void)snprintf(pin, sizeof pin, "PIN of %s:", counter->staff);
    page_field(&page, 3, counter, pin);
}

/* ---- the whole */

static const char *help_of(const struct counter *counter) {
    switch ((int)counter->mode) {
    case COUNTER_SIGN_IN:
    case COUNTER_SIGN_IN_PIN: return "Enter: go on   Esc: back   Ctrl-Q: end";
    case COUNTER_LOCKED: return "Enter: unlock   Ctrl-U: somebody else   Ctrl-Q: end";
    case COUNTER_LIST: return "Enter: open  Tab: other list  Esc: clear  ^K: lock  ^U: other user  ^Q: end";
    case COUNTER_PATIENT:
        return counter_may_supply(counter)
                   ? "Enter: supply  o: not today  c: concern  r: who collects  Esc: back"
                   : "o: what happened  c: concern  r: who collects  Esc: back";
    case COUNTER_IDENTIFY: return "n d a p: mark   Enter: go on   Esc: stop, nothing is recorded";
    case COUNTER_CONCERN: return "a b c ...: mark   Tab: kind   Enter: go on   Esc: stop";
    case COUNTER_CHECK: return "y: checked   n or Esc: stop, nothing is recorded";
    case COUNTER_DONE: return "Enter: back to the list";
    case COUNTER_UNKNOWN: return "please wait";
    case COUNTER_OUTCOME:
    case COUNTER_OUTCOME_REASON:
    case COUNTER_CONCERN_DECISION: return "1 2 3 ...: choose   Esc: stop, nothing is recorded";
    default: return "Enter: go on   Esc: stop, nothing is recorded";
    }
}

static void draw_frame(const struct counter *counter, const char *busy) {
    char left[96], right[COUNTER_TEXT + 48];
    (void)snprintf(left, sizeof left, " %s  %.5s", cli_day(counter->now),
                   strlen(counter->now) > 16 ? counter->now + 11 : "");
    (void)snprintf(right, sizeof right, "%s%s%s ", counter->name, counter->role[0] == '\0' ? "" : ", ",
                   counter->role);
    put_cell(0, 0, COLS, A_REVERSE, left);
    int columns = cli_columns(right);
    if (columns < COLS - 30)
        (void)put(0, COLS - columns, columns, A_REVERSE | A_BOLD, right);
    if (busy[0] != '\0')
        (void)put(0, 28, COLS - 30 - columns, A_REVERSE | A_BOLD, busy);
    if (!counter->line)
        put_cell(1, 0, COLS, A_REVERSE | weight_of(COUNTER_BAD),
                 " ! LINE LOST: nothing can be recorded. It comes back by itself; else: downtime sheets.");
    if (counter->notice[0] != '\0')
        (void)put(LINES - 2, 1, COLS - 2, A_BOLD | weight_of(counter->notice_weight), counter->notice);
    put_cell(LINES - 1, 0, COLS, A_REVERSE, "");
    (void)put(LINES - 1, 1, COLS - 2, A_REVERSE, help_of(counter));
}

static void draw_body(struct counter *counter, int top, int bottom) {
    switch (counter->mode) {
    case COUNTER_SIGN_IN:
    case COUNTER_SIGN_IN_PIN:
    case COUNTER_LOCKED: draw_sign_in(counter, top, bottom); break;
    case COUNTER_LIST: draw_list(counter, top, bottom); break;
    case COUNTER_OUTCOME:
    case COUNTER_OUTCOME_REASON:
    case COUNTER_OUTCOME_NOTE: draw_outcome(counter, top, bottom); break;
    case COUNTER_CONCERN:
    case COUNTER_CONCERN_DECISION:
    case COUNTER_CONCERN_NOTE: draw_concern(counter, top, bottom); break;
    case COUNTER_DONE: draw_done(counter, top, bottom); break;
    case COUNTER_UNKNOWN: draw_unknown(counter, top, bottom); break;
    case COUNTER_PATIENT:
    case COUNTER_IDENTIFY:
    case COUNTER_WHO:
    case COUNTER_WHO_LIVES:
    case COUNTER_WHO_ASKED:
    case COUNTER_WHO_SHOWED:
    case COUNTER_CHECK:
    case COUNTER_SUPERVISOR:
    case COUNTER_CONFIRMER:
    case COUNTER_PIN:
    case COUNTER_MODES:
    default: draw_patient(counter, top, bottom); break;
    }
}

void counter_draw(struct counter *counter, const char *busy) {
    (void)erase();
    cursor_y = cursor_x = -1;
    if (LINES < 12 || COLS < 40) {
        (void)put(0, 0, COLS, A_BOLD, "This window is too small: 80 by 24, please.");
    } else {
        draw_frame(counter, busy);
        draw_body(counter, 2, LINES - 2);
    }
    bool cursor = cursor_y >= 0 && cursor_y < LINES && cursor_x < COLS;
    (void)curs_set(cursor ? 1 : 0);
    if (cursor)
        (void)move(cursor_y, cursor_x);
    (void)refresh();
}

/* ---- keys */

#define CONTROL(letter) ((wint_t)(letter)&0x1f)

static const struct {
    wint_t code;
    bool function; /* a key of its own, no character */
    enum counter_key_kind kind;
} key_table[] = {
    {L'\r', false, COUNTER_KEY_ENTER},
    {L'\n', false, COUNTER_KEY_ENTER},
    {KEY_ENTER, true, COUNTER_KEY_ENTER},
    {27, false, COUNTER_KEY_ESCAPE},
    {CONTROL('c'), false, COUNTER_KEY_ESCAPE},
    {KEY_BACKSPACE, true, COUNTER_KEY_BACKSPACE},
    {127, false, COUNTER_KEY_BACKSPACE},
    {8, false, COUNTER_KEY_BACKSPACE},
    {KEY_UP, true, COUNTER_KEY_UP},
    {KEY_DOWN, true, COUNTER_KEY_DOWN},
    {CONTROL('p'), false, COUNTER_KEY_UP},
    {CONTROL('n'), false, COUNTER_KEY_DOWN},
    {KEY_PPAGE, true, COUNTER_KEY_PAGE_UP},
    {KEY_NPAGE, true, COUNTER_KEY_PAGE_DOWN},
    {L'\t', false, COUNTER_KEY_TAB},
    {KEY_LEFT, true, COUNTER_KEY_TAB},
    {KEY_RIGHT, true, COUNTER_KEY_TAB},
    {CONTROL('k'), false, COUNTER_KEY_LOCK},
    {CONTROL('u'), false, COUNTER_KEY_USER},
    {CONTROL('r'), false, COUNTER_KEY_REFRESH},
    {CONTROL('l'), false, COUNTER_KEY_REFRESH},
    {CONTROL('q'), false, COUNTER_KEY_QUIT},
};

bool counter_read_key(struct counter_pressed *out) {
    wint_t code = 0;
    for (;;) {
        int got = get_wch(&code);
        if (got == ERR)
            return false;
        bool function = got == KEY_CODE_YES;
        for (size_t i = 0; i < sizeof key_table / sizeof key_table[0]; i++) {
            if (key_table[i].code == code && key_table[i].function == function) {
                *out = (struct counter_pressed){.kind = key_table[i].kind};
                if (code == CONTROL('l'))
                    (void)clearok(stdscr, TRUE);
                return true;
            }
        }
        if (!function && code >= L' ') {
            *out = (struct counter_pressed){.kind = COUNTER_KEY_CHARACTER, .character = (wchar_t)code};
            return true;
        }
    }
}
