#include "decide_lines.h"

#include <stdlib.h>
#include <string.h>

#include "../core/decide.h"
#include "json_prescription.h"

#define ARENA_MAX (512U << 20)
#define ANSWER_MAX (4U << 20)
#define PRESCRIPTIONS_MAX 64
#define EVENTS_MAX 65536

struct decider {
    const struct catalogue *catalogue;
    struct arena *arena;
    struct decision decision;
};

/* cJSON's hooks have no context: the one decider of the process. */
static struct arena *decider_memory;

static void *decider_take(size_t size) {
    return arena_take_raw(decider_memory, size);
}

static void decider_leave(void *memory) {
    (void)memory; /* goes with the arena */
}

struct decider *decider_new(const struct catalogue *catalogue) {
    struct decider *decider = calloc(1, sizeof *decider);
    struct arena *arena = arena_new(ARENA_MAX);
    if (decider == NULL || arena == NULL) {
        free(decider);
        arena_free(&arena);
        return NULL;
    }
    decider->catalogue = catalogue;
    decider->arena = arena;
    decision_init(&decider->decision);
    decider_memory = arena;
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = decider_take, .free_fn = decider_leave});
    return decider;
}

void decider_free(struct decider **decider) {
    if (*decider == NULL) {
        return;
    }
    cJSON_InitHooks(NULL);
    decider_memory = NULL;
    decision_release(&(*decider)->decision);
    arena_free(&(*decider)->arena);
    free(*decider);
    *decider = NULL;
}

/* One scenario, decoded. */
struct scenario {
    struct json_context context;
    struct prescription *prescriptions;
    const char **ids;
    size_t prescription_count;
    struct event *events;
    size_t event_count;
    struct calendar calendar;
    struct policy policy;
    struct request request;
};

static bool scenario_fail(struct scenario *s, const char *message, const char *field) {
    json_error_add(s->context.errors, message, "%s", field);
    return false;
}

/* The index of the prescription that a text names. */
static bool scenario_find(struct scenario *s, const cJSON *value, size_t *out) {
    const char *id = NULL;
    if (value == NULL || !json_text(value, &id)) {
        return false;
    }
    for (size_t i = 0; i < s->prescription_count; i++) {
        if (strcmp(s->ids[i], id) == 0) {
            *out = i;
            return true;
        }
    }
    return false;
}

static bool scenario_calendar(struct scenario *s, const cJSON *object) {
    static const char *const not_object = "must be an object";
    const struct {
        const char *name;
        struct day_list *list;
    } lists[] = {
        {"bank_holidays", &s->calendar.bank_holidays},
        {"closures", &s->calendar.closures},
        {"unplanned", &s->calendar.unplanned},
        {"opened", &s->calendar.opened},
    };
    if (object == NULL) {
        return true;
    }
    if (!cJSON_IsObject(object)) {
        return scenario_fail(s, not_object, "calendar");
    }
    const cJSON *weekly = json_member(object, "weekly_closed");
    if (weekly != NULL &&
        !json_weekdays(&s->context, weekly, "calendar.weekly_closed", &s->calendar.weekly_closed)) {
        return false;
    }
    for (size_t i = 0; i < sizeof lists / sizeof lists[0]; i++) {
        const cJSON *days = json_member(object, lists[i].name);
        if (days != NULL && !json_days(&s->context, days, lists[i].name, lists[i].list)) {
            return false;
        }
    }
    return true;
}

static bool scenario_policy(struct scenario *s, const cJSON *object) {
    s->policy.hold_after_missed_days = POLICY_HOLD_DEFAULT;
    if (object == NULL) {
        return true;
    }
    const cJSON *hold = json_member(object, "hold_after_missed_days");
    if (!cJSON_IsObject(object) ||
        (hold != NULL && !json_int(hold, 1, POLICY_HOLD_MAX, &s->policy.hold_after_missed_days))) {
        return scenario_fail(s, "must be a whole number from 1 to 14", "policy.hold_after_missed_days");
    }
    return true;
}

static bool scenario_prescriptions(struct scenario *s, const cJSON *array) {
    int count = cJSON_IsArray(array) ? cJSON_GetArraySize(array) : 0;
    if (count < 1 || count > PRESCRIPTIONS_MAX) {
        return scenario_fail(s, "must be a list of 1 to 64 prescriptions", "prescriptions");
    }
    s->prescriptions = arena_take(s->context.arena, (size_t)count, sizeof *s->prescriptions);
    s->ids = arena_take(s->context.arena, (size_t)count, sizeof *s->ids);
    if (s->prescriptions == NULL || s->ids == NULL) {
        return scenario_fail(s, "is too large", "prescriptions");
    }
    size_t at = 0;
    for (const cJSON *one = array->child; one != NULL; one = one->next, at++) {
        size_t known = 0;
        const cJSON *id = cJSON_IsObject(one) ? json_member(one, "id") : NULL;
        s->prescription_count = at;
        if (id == NULL || !json_text(id, &s->ids[at]) || scenario_find(s, id, &known)) {
            return scenario_fail(s, "must be a text that no other prescription has", "prescriptions.id");
        }
        if (!json_prescription(&s->context, one, &s->prescriptions[at])) {
            return false;
        }
    }
    s->prescription_count = at;
    return true;
}

/* `replaces` and `together_with`, once every prescription has its index. */
static bool scenario_link(struct scenario *s, const cJSON *object, struct prescription *rx) {
    const cJSON *replaces = json_member(object, "replaces");
    const cJSON *together = json_member(object, "together_with");
    if (replaces != NULL) {
        const cJSON *from = cJSON_IsObject(replaces) ? json_member(replaces, "from") : NULL;
        if (from == NULL || !json_day(from, &rx->replaces_from) ||
            !scenario_find(s, json_member(replaces, "prescription"), &rx->replaces)) {
            return scenario_fail(s, "must name a prescription of the list, and the day from which",
                                 "replaces");
        }
    }
    if (together != NULL && !scenario_find(s, together, &rx->together_with)) {
        return scenario_fail(s, "must name a prescription of the list", "together_with");
    }
    bool self = rx->replaces == (size_t)(rx - s->prescriptions) ||
                rx->together_with == (size_t)(rx - s->prescriptions);
    return self ? scenario_fail(s, "must name another prescription than itself", "replaces or together_with")
                : true;
}

static bool scenario_links(struct scenario *s, const cJSON *array) {
    size_t at = 0;
    for (const cJSON *one = array->child; one != NULL; one = one->next, at++) {
        if (!scenario_link(s, one, &s->prescriptions[at])) {
            return false;
        }
    }
    return true;
}

static bool event_day(struct scenario *s, const cJSON *object, const char *name, bool needed, day_t *out) {
    const cJSON *value = json_member(object, name);
    if (value == NULL ? needed : !json_day(value, out)) {
        json_error_add(s->context.errors, "must be a day written YYYY-MM-DD", "events.%s", name);
        return false;
    }
    return true;
}

static bool event_covers(struct scenario *s, const cJSON *object, bool needed, struct event *out) {
    const cJSON *covers = json_member(object, "covers");
    if (covers == NULL) {
        return !needed || scenario_fail(s, "must be a list of days", "events.covers");
    }
    return json_days(&s->context, covers, "events.covers", &out->covers);
}

static bool event_consultation(struct scenario *s, const cJSON *object, struct event *out) {
    static const char *const outcomes[] = {
        [CONSULTED_CONTINUE] = "continue",
        [CONSULTED_STOP] = "stop",
        [CONSULTED_NEW_PRESCRIPTION] = "new_prescription",
        [CONSULTED_ALLOW_REPRESENTATIVE] = "allow_representative",
        [CONSULTED_ALLOW_ONCE] = "allow_once",
    };
    const cJSON *value = json_member(object, "outcome");
    const char *text = NULL;
    size_t at = CONSULTED_COUNT;
    if (value != NULL && json_text(value, &text)) {
        for (at = 0; at < CONSULTED_COUNT && strcmp(outcomes[at], text) != 0;) {
            at++;
        }
    }
    if (at == CONSULTED_COUNT) {
        return scenario_fail(s,
                             "must be continue, stop, new_prescription, allow_representative or allow_once",
                             "events.outcome");
    }
    out->outcome = (enum consultation_outcome)at;
    return event_day(s, object, "resume_on", false, &out->resume_on) &&
           event_day(s, object, "for_day", false, &out->for_day) && event_covers(s, object, false, out);
}

static bool event_elsewhere(struct scenario *s, const cJSON *object, struct event *out) {
    const cJSON *value = json_member(object, "class");
    const char *text = "";
    bool opioid = value != NULL && json_text(value, &text) && strcmp(text, "opioid") == 0;
    if (!opioid && strcmp(text, "benzodiazepine") != 0) {
        return scenario_fail(s, "must be opioid or benzodiazepine", "events.class");
    }
    out->drug_class = opioid ? CLASS_OPIOID : CLASS_BENZODIAZEPINE;
    if (!event_day(s, object, "from", true, &out->from)) {
        return false;
    }
    out->to = out->from;
    out->on = out->from;
    if (!event_day(s, object, "to", false, &out->to) || !event_day(s, object, "on", false, &out->on)) {
        return false;
    }
    return out->to - out->from < PLAN_DAYS_MAX ||
           scenario_fail(s, "must reach over at most 3660 days", "events.to");
}

static bool scenario_event(struct scenario *s, const cJSON *object, struct event *out) {
    static const struct {
        const char *name;
        enum event_kind kind;
    } kinds[] = {
        {"supplied", EVENT_SUPPLIED},
        {"withheld", EVENT_WITHHELD},
        {"deferred", EVENT_DEFERRED},
        {"consultation", EVENT_CONSULTATION},
        {"dosed_elsewhere", EVENT_DOSED_ELSEWHERE},
    };
    const cJSON *type = cJSON_IsObject(object) ? json_member(object, "type") : NULL;
    const char *text = NULL;
    size_t at = sizeof kinds / sizeof kinds[0];
    if (type != NULL && json_text(type, &text)) {
        for (at = 0; at < sizeof kinds / sizeof kinds[0] && strcmp(kinds[at].name, text) != 0;) {
            at++;
        }
    }
    if (at == sizeof kinds / sizeof kinds[0]) {
        return scenario_fail(s, "must be supplied, withheld, deferred, consultation or dosed_elsewhere",
                             "events.type");
    }
    *out = (struct event){.kind = kinds[at].kind, .resume_on = DAY_NONE, .for_day = DAY_NONE};
    if (out->kind == EVENT_DOSED_ELSEWHERE) {
        return event_elsewhere(s, object, out);
    }
    if (!scenario_find(s, json_member(object, "prescription"), &out->prescription)) {
        return scenario_fail(s, "must name a prescription of the list", "events.prescription");
    }
    if (!event_day(s, object, "on", true, &out->on)) {
        return false;
    }
    if (out->kind == EVENT_CONSULTATION) {
        return event_consultation(s, object, out);
    }
    return out->kind != EVENT_SUPPLIED || event_covers(s, object, true, out);
}

static bool scenario_events(struct scenario *s, const cJSON *array) {
    if (array == NULL) {
        return true;
    }
    int count = cJSON_IsArray(array) ? cJSON_GetArraySize(array) : -1;
    if (count < 0 || count > EVENTS_MAX) {
        return scenario_fail(s, "must be a list of at most 65536 events", "events");
    }
    s->events = arena_take(s->context.arena, (size_t)count + 1, sizeof *s->events);
    if (s->events == NULL) {
        return scenario_fail(s, "is too large", "events");
    }
    for (const cJSON *one = array->child; one != NULL; one = one->next) {
        if (!scenario_event(s, one, &s->events[s->event_count])) {
            return false;
        }
        s->event_count++;
    }
    return true;
}

static bool scenario_ask(struct scenario *s, const cJSON *object) {
    static const char *const collectors[] = {"patient", "representative", "professional"};
    if (!cJSON_IsObject(object) ||
        !scenario_find(s, json_member(object, "prescription"), &s->request.prescription)) {
        return scenario_fail(s, "must name a prescription of the list", "ask.prescription");
    }
    const cJSON *on = json_member(object, "on");
    if (on == NULL || !json_day(on, &s->request.on)) {
        return scenario_fail(s, "must be a day written YYYY-MM-DD", "ask.on");
    }
    const cJSON *advance = json_member(object, "advance");
    if (advance != NULL && !json_bool(advance, &s->request.advance)) {
        return scenario_fail(s, "must be true or false", "ask.advance");
    }
    const cJSON *collector = json_member(object, "collector");
    const char *text = collectors[0];
    bool ok = collector == NULL || json_text(collector, &text);
    for (size_t i = 0; ok && i < sizeof collectors / sizeof collectors[0]; i++) {
        if (strcmp(text, collectors[i]) == 0) {
            s->request.collector = (enum collector)i;
            return true;
        }
    }
    return scenario_fail(s, "must be patient, representative or professional", "ask.collector");
}

static bool scenario_decode(struct scenario *s, const cJSON *object) {
    if (!cJSON_IsObject(object)) {
        return scenario_fail(s, "must be an object", "the scenario");
    }
    const cJSON *prescriptions = json_member(object, "prescriptions");
    return scenario_calendar(s, json_member(object, "calendar")) &&
           scenario_policy(s, json_member(object, "policy")) && scenario_prescriptions(s, prescriptions) &&
           scenario_links(s, prescriptions) && scenario_events(s, json_member(object, "events")) &&
           scenario_ask(s, json_member(object, "ask"));
}

/* ---- the answer ---- */

static void answer_quantity(struct buffer *out, const char *name, quantity_t value) {
    char text[QUANTITY_TEXT_SIZE];
    quantity_format(value, text);
    buffer_text(out, name);
    buffer_text(out, text);
    buffer_char(out, '"');
}

static void answer_items(struct buffer *out, const struct decision *decision) {
    for (size_t i = 0; i < decision->item_count; i++) {
        const struct decided_item *item = &decision->items[i];
        buffer_text(out, i == 0 ? "{\"product\":\"" : ",{\"product\":\"");
        buffer_text(out, item->item->product->code);
        answer_quantity(out, "\",\"quantity\":\"", item->quantity);
        answer_quantity(out, ",\"supervised\":\"", item->supervised);
        answer_quantity(out, ",\"take_home\":\"", item->take_home);
        buffer_char(out, '}');
    }
}

static void answer_decision(struct buffer *out, const struct decision *decision) {
    buffer_text(out, "{\"verdict\":\"");
    buffer_text(out, verdict_text(decision->verdict));
    buffer_text(out, "\",\"covers\":[");
    for (size_t i = 0; i < decision->cover_count; i++) {
        char day[DAY_TEXT_SIZE];
        day_format(decision->covers[i], day);
        buffer_text(out, i == 0 ? "\"" : ",\"");
        buffer_text(out, day);
        buffer_char(out, '"');
    }
    buffer_text(out, "],\"items\":[");
    answer_items(out, decision);
    buffer_text(out, "],\"reasons\":[");
    for (size_t i = 0; i < decision->reason_count; i++) {
        buffer_text(out, i == 0 ? "\"" : ",\"");
        buffer_text(out, reason_code_text(decision->reasons[i].code));
        buffer_char(out, '"');
    }
    buffer_format(out, "],\"missed_days\":%d}\n", (int)decision->missed_days);
}

/* Messages and fields are our own plain texts: only their quotation marks need escaping. */
static void answer_plain(struct buffer *out, const char *text) {
    for (; *text != '\0'; text++) {
        if (*text == '"') {
            buffer_char(out, '\\');
        }
        buffer_char(out, *text);
    }
}

static void answer_error(struct buffer *out, const char *field, const char *message) {
    buffer_text(out, "{\"error\":\"");
    answer_plain(out, field);
    buffer_text(out, field[0] == '\0' ? "" : " ");
    answer_plain(out, message);
    buffer_text(out, "\"}\n");
}

static bool decider_answer(struct decider *decider, const struct scenario *s, struct buffer *out) {
    struct rules_case c;
    const struct case_input input = {
        .prescriptions = s->prescriptions,
        .prescription_count = s->prescription_count,
        .events = s->events,
        .event_count = s->event_count,
        .calendar = &s->calendar,
        .policy = s->policy,
    };
    if (!case_open(&c, &input)) {
        answer_error(out, "prescriptions", "reach over more than 3660 days");
        return false;
    }
    bool ok = decide(&c, &s->request, &decider->decision);
    if (ok) {
        answer_decision(out, &decider->decision);
    } else {
        answer_error(out, "", "not enough memory");
    }
    case_close(&c);
    return ok;
}

bool decider_line(struct decider *decider, const char *line, size_t len, struct buffer *out) {
    struct json_errors errors = {.count = 0};
    struct scenario scenario = {.context = {decider->arena, decider->catalogue, &errors}};
    const char *error = NULL;
    arena_reset(decider->arena);
    const cJSON *object = json_read(line, len, &error);
    if (object == NULL) {
        answer_error(out, "", error);
        return false;
    }
    if (!scenario_decode(&scenario, object)) {
        answer_error(out, errors.list[0].field, errors.list[0].message);
        return false;
    }
    return decider_answer(decider, &scenario, out);
}

/* ---- lines ---- */

struct lines {
    struct decider *decider;
    struct buffer line; /* what has come of a line that is not whole yet */
    struct buffer out;
    bool all_scenarios;
};

static void lines_answer(struct lines *lines, const char *line, size_t len) {
    bool ok = false;
    if (buffer_ok(&lines->line)) {
        ok = decider_line(lines->decider, line, len, &lines->out);
    } else {
        answer_error(&lines->out, "", "the line is too long");
    }
    buffer_clear(&lines->line);
    lines->all_scenarios = lines->all_scenarios && ok;
}

static bool lines_write(struct lines *lines, FILE *out, size_t at_least) {
    bool ok = buffer_ok(&lines->out);
    if (ok && lines->out.len > at_least) {
        ok = fwrite(lines->out.bytes, 1, lines->out.len, out) == lines->out.len;
        buffer_clear(&lines->out);
    }
    return ok;
}

static bool lines_take(struct lines *lines, const char *chunk, size_t len, FILE *out) {
    while (len > 0) {
        const char *end = memchr(chunk, '\n', len);
        size_t part = end == NULL ? len : (size_t)(end - chunk);
        if (end == NULL || lines->line.len > 0 || !buffer_ok(&lines->line)) {
            buffer_add(&lines->line, chunk, part);
            if (end != NULL) {
                lines_answer(lines, lines->line.bytes, lines->line.len);
            }
        } else {
            lines_answer(lines, chunk, part);
        }
        if (!lines_write(lines, out, 65536)) {
            return false;
        }
        size_t used = end == NULL ? len : part + 1;
        chunk += used;
        len -= used;
    }
    return true;
}

static bool lines_run(struct lines *lines, FILE *in, FILE *out) {
    static char chunk[65536];
    size_t got = 0;
    while ((got = fread(chunk, 1, sizeof chunk, in)) > 0) {
        if (!lines_take(lines, chunk, got, out)) {
            return false;
        }
    }
    if (lines->line.len > 0 || !buffer_ok(&lines->line)) {
        lines_answer(lines, lines->line.bytes, lines->line.len);
    }
    return ferror(in) == 0 && lines_write(lines, out, 0) && fflush(out) == 0;
}

int decide_lines(const struct catalogue *catalogue, FILE *in, FILE *out) {
    struct lines lines = {.decider = decider_new(catalogue), .all_scenarios = true};
    if (lines.decider == NULL) {
        fputs("instalmentd: not enough memory\n", stderr);
        return 1;
    }
    buffer_init(&lines.line, DECIDE_LINE_MAX);
    buffer_init(&lines.out, ANSWER_MAX);
    bool written = lines_run(&lines, in, out);
    if (!written) {
        fputs("instalmentd: the decisions could not all be read and written\n", stderr);
    }
    buffer_release(&lines.line);
    buffer_release(&lines.out);
    decider_free(&lines.decider);
    return written && lines.all_scenarios ? 0 : 1;
}
