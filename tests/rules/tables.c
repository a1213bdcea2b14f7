/*
 * Runs the rule tables: tests/rules/NAME.rules. Each line is a case; README.md says how it is written.
 *
 *   tables FILE...
 *
 * In a file NAME.wrong every case must fail: it shows that the tables can. The last line is
 * "rule tables: N passed, N failed".
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "entry.h"
#include "patterns.h"
#include "scene.h"

#define FILE_MAX (1U << 20)
#define COLUMNS_MAX 5
#define RULES_MAX 120
#define RULE_SIZE 12

/* One `rule` line, and what the cases below it have shown of its codes. */
struct rule {
    char id[RULE_SIZE];
    bool named[REASON_COUNT];
    bool applied[REASON_COUNT];
    bool not_applied[REASON_COUNT];
    size_t cases;
};

struct run {
    struct scene_data data;
    struct scene section; /* what the last `plan:` line says */
    struct scene scene;   /* the case */
    struct rule rules[RULES_MAX];
    size_t rule_count;
    const char *file;
    int line;
    bool must_fail; /* a file of wrong cases */
    size_t passed;
    size_t failed;
};

static void run_problem(struct run *run, const char *name, const char *problem) {
    run->failed++;
    printf("%s:%d: %s: %s\n", run->file, run->line, name, problem);
}

/* ---- words on the form ---- */

static unsigned flags_of(char *text, bool *ok) {
    struct words words;
    unsigned all = 0;
    words_cut(&words, text, 0);
    while (!words_end(&words)) {
        enum wording_flag flag = WORDING_W1;
        const char *word = words_peek(&words);
        *ok = *ok && (strcmp(word, "none") == 0 || wording_from_code(word, strlen(word), &flag));
        all |= strcmp(word, "none") == 0 ? 0U : (unsigned)flag;
        words.at++;
    }
    return all;
}

/* Two strokes // stand for a line break. */
static size_t break_lines(char *text) {
    size_t len = 0;
    for (const char *at = text; *at != '\0'; at++) {
        bool stroke = at[0] == '/' && at[1] == '/';
        text[len++] = stroke ? '\n' : *at;
        at += stroke ? 1 : 0;
    }
    text[len] = '\0';
    return len;
}

static bool wording_case(struct run *run, char *columns[COLUMNS_MAX], char problem[SCENE_TEXT]) {
    (void)run;
    bool ok = true;
    unsigned want = flags_of(columns[2], &ok);
    size_t len = break_lines(columns[1]);
    unsigned got = wording_recognise(columns[1], len);
    if (!ok || want != got) {
        (void)snprintf(problem, SCENE_TEXT, "%s: flags 0x%02x expected, 0x%02x recognised",
                       ok ? "wording" : "not understood", want, got);
    }
    return ok && want == got;
}

/* ---- decisions ---- */

static void rule_shown(struct rule *rule, const struct expected *expected) {
    for (size_t i = 0; i < REASON_COUNT; i++) {
        rule->applied[i] = rule->applied[i] || expected->has_reason[i];
        rule->not_applied[i] = rule->not_applied[i] || !expected->has_reason[i];
    }
}

static const char *scene_incomplete(const struct scene *scene) {
    for (size_t i = 0; i < scene->sheet_count; i++) {
        if (scene->sheets[i].rx.item_count == 0) {
            return "a prescription has no item";
        }
        if (scene->sheets[i].rx.signed_on == DAY_NONE) {
            return "a prescription is not signed";
        }
    }
    return scene->sheet_count == 0 ? "no prescription" : NULL;
}

static bool decision_case(struct run *run, char *columns[COLUMNS_MAX], char problem[SCENE_TEXT]) {
    static char expected[SCENE_TEXT];
    static char got[SCENE_TEXT];
    struct scene *scene = &run->scene;
    *scene = run->section;
    if (!scene_given(scene, columns[1]) || !scene_happened(scene, columns[2]) ||
        !scene_asked(scene, columns[3]) || !scene_answer(scene, columns[4])) {
        (void)snprintf(problem, SCENE_TEXT, "%s", scene->problem);
        return false;
    }
    const char *missing = scene_incomplete(scene);
    if (missing != NULL || !scene_decide(scene, expected, got)) {
        (void)snprintf(problem, SCENE_TEXT, "%s", missing != NULL ? missing : "the case could not be opened");
        return false;
    }
    rule_shown(&run->rules[run->rule_count - 1], &scene->expected);
    if (strcmp(expected, got) != 0) {
        (void)snprintf(problem, SCENE_TEXT, "\n  expected %.1500s\n  got      %.1500s", expected, got);
        return false;
    }
    return true;
}

/* name | given | on the form | found */
static bool found_case(struct run *run, char *columns[COLUMNS_MAX], char problem[SCENE_TEXT]) {
    static char expected[SCENE_TEXT];
    static char got[SCENE_TEXT];
    struct scene *scene = &run->scene;
    *scene = run->section;
    bool read = scene_given(scene, columns[1]);
    const char *missing = read ? scene_incomplete(scene) : scene->problem;
    if (missing != NULL || !entry_case(scene, columns[2], columns[3], expected, got)) {
        (void)snprintf(problem, SCENE_TEXT, "%s", missing != NULL ? missing : scene->problem);
        return false;
    }
    if (strcmp(expected, got) != 0) {
        (void)snprintf(problem, SCENE_TEXT, "\n  expected %.1500s\n  got      %.1500s", expected, got);
        return false;
    }
    return true;
}

/* ---- lines ---- */

/* "rule D7 missed_remainder: what the rule says" */
static void rule_line(struct run *run, char *text) {
    struct words words;
    char *colon = strchr(text, ':');
    if (colon == NULL || colon[1] == '\0' || run->rule_count == RULES_MAX) {
        run_problem(run, "rule", "must be 'rule D7 codes: what it says'");
        return;
    }
    *colon = '\0';
    words_cut(&words, text, 0);
    struct rule *rule = &run->rules[run->rule_count++];
    (void)snprintf(rule->id, sizeof rule->id, "%s", words_peek(&words));
    for (words.at = 1; words.at < words.count; words.at++) {
        enum reason_code code = REASON_COUNT;
        if (!reason_from_code(words_peek(&words), strlen(words_peek(&words)), &code)) {
            run_problem(run, "rule", "names a code that there is not");
            return;
        }
        rule->named[code] = true;
    }
}

static void plan_line(struct run *run, char *text) {
    scene_init(&run->section, run->data);
    if (!scene_given(&run->section, text)) {
        run_problem(run, "plan", run->section.problem);
    }
}

static char *trimmed(char *text) {
    text += strspn(text, " \t");
    for (size_t len = strlen(text); len > 0 && strchr(" \t\r", text[len - 1]) != NULL; len--) {
        text[len - 1] = '\0';
    }
    return text;
}

static void case_line(struct run *run, char *line) {
    static bool (*const readers[])(struct run * run, char *columns[COLUMNS_MAX],
                                   char problem[SCENE_TEXT]) = {wording_case, found_case, decision_case};
    static char problem[SCENE_TEXT];
    char *columns[COLUMNS_MAX] = {line};
    size_t count = 1;
    for (char *at = line; *at != '\0' && count <= COLUMNS_MAX; at++) {
        if (*at == '|') {
            *at = '\0';
            if (count < COLUMNS_MAX) {
                columns[count] = at + 1;
            }
            count++;
        }
    }
    for (size_t i = 0; i < count && i < COLUMNS_MAX; i++) {
        columns[i] = trimmed(columns[i]);
    }
    if (count < 3 || count > COLUMNS_MAX || run->rule_count == 0) {
        run_problem(run, columns[0], "a case has five columns, one of entry four, one of wording three");
        return;
    }
    run->rules[run->rule_count - 1].cases++;
    bool good = readers[count - 3](run, columns, problem);
    if (good != run->must_fail) {
        run->passed++;
    } else {
        run_problem(run, columns[0], good ? "is right, but stands among the wrong ones" : problem);
    }
}

static void run_line(struct run *run, char *line) {
    run->line++;
    line = trimmed(line);
    if (*line == '\0' || *line == '#') {
        return;
    }
    if (strncmp(line, "rule ", 5) == 0) {
        rule_line(run, line + 5);
    } else if (strncmp(line, "plan:", 5) == 0) {
        plan_line(run, line + 5);
    } else {
        case_line(run, line);
    }
}

/* ---- files ---- */

/* The file's text with a NUL behind it; NULL, said on standard error, where it cannot be read. To be freed. */
static char *file_text(const char *path, size_t *len) {
    FILE *file = fopen(path, "rb");
    char *text = malloc(FILE_MAX + 1);
    *len = file != NULL && text != NULL ? fread(text, 1, FILE_MAX, file) : 0;
    if (file != NULL) {
        (void)fclose(file);
    }
    if (*len == 0) {
        fprintf(stderr, "rule tables: %s cannot be read\n", path);
        free(text);
        return NULL;
    }
    text[*len] = '\0';
    return text;
}

static void run_file(struct run *run, const char *path) {
    size_t len = 0;
    char *text = file_text(path, &len);
    const char *ending = strrchr(path, '.');
    run->file = path;
    run->line = 0;
    run->must_fail = ending != NULL && strcmp(ending, ".wrong") == 0;
    scene_init(&run->section, run->data);
    if (text == NULL) {
        run->failed++;
        return;
    }
    for (char *line = text; line != NULL;) {
        char *end = strchr(line, '\n');
        if (end != NULL) {
            *end = '\0';
        }
        run_line(run, line);
        line = end == NULL ? NULL : end + 1;
    }
    free(text);
}

/* A rule shows each of its codes both ways, or the table is not whole. */
static void run_check_rules(struct run *run) {
    for (size_t i = 0; i < run->rule_count; i++) {
        const struct rule *rule = &run->rules[i];
        for (size_t code = 0; code < REASON_COUNT; code++) {
            if (rule->named[code] && (!rule->applied[code] || !rule->not_applied[code])) {
                run->failed++;
                printf("rule %s: no case where %s %s\n", rule->id, reason_code_text((enum reason_code)code),
                       rule->applied[code] ? "does not apply" : "applies");
            }
        }
        if (rule->cases == 0) {
            run->failed++;
            printf("rule %s: no case\n", rule->id);
        }
    }
}

/* H05: every pattern of missed collections. */
static void run_patterns(struct run *run) {
    static const char code[] = "methadone-1mg-ml-sf";
    size_t asked = 0;
    size_t wrong = patterns_run(catalogue_find(run->data.catalogue, code, sizeof code - 1), &asked);
    printf("patterns of missed collections: %zu asked, %zu wrong\n", asked, wrong);
    run->failed += wrong > 0 ? 1 : 0;
    run->passed += wrong > 0 ? 0 : 1;
}

static bool data_load(struct scene_data *data) {
    struct catalogue_error catalogue_error = {0};
    struct holidays_error holidays_error = {0};
    size_t len = 0;
    char *text = file_text("config/catalogue.conf", &len);
    data->catalogue = text == NULL ? NULL : catalogue_parse(text, len, &catalogue_error);
    free(text);
    text = file_text("config/bank-holidays.conf", &len);
    data->holidays = text == NULL ? NULL : holidays_parse(text, len, &holidays_error);
    free(text);
    return data->catalogue != NULL && data->holidays != NULL;
}

int main(int argc, char **argv) {
    static struct run run;
    if (!data_load(&run.data)) {
        fputs("rule tables: the catalogue or the bank holidays cannot be read\n", stderr);
        return 1;
    }
    for (int i = 1; i < argc; i++) {
        run_file(&run, argv[i]);
    }
    run_check_rules(&run);
    run_patterns(&run);
    catalogue_free(&run.data.catalogue);
    holidays_free(&run.data.holidays);
    printf("rule tables: %zu passed, %zu failed\n", run.passed, run.failed);
    return run.passed > 0 && run.failed == 0 ? 0 : 1;
}
