/* core/catalogue: the shipped catalogue, and every way in which an edited one can be wrong (H16, H17). */
/* link: -Wl,--wrap=malloc */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/catalogue.h"
#include "data_file.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

static bool no_memory;

void *__real_malloc(size_t size);
void *__wrap_malloc(size_t size);

void *__wrap_malloc(size_t size) {
    return no_memory ? NULL : __real_malloc(size);
}

/* Parses a text that ends where its memory does. */
static struct catalogue *parse(const char *text, size_t len, struct catalogue_error *error) {
    char *exact = malloc(len + !len);
    assert_non_null(exact);
    memcpy(exact, text, len);
    struct catalogue *catalogue = catalogue_parse(exact, len, error);
    free(exact);
    return catalogue;
}

static void check_error(const char *text, int line, const char *part) {
    struct catalogue_error error = {.line = -1, .message = ""};
    struct catalogue *catalogue = parse(text, strlen(text), &error);
    if (catalogue != NULL || error.line != line || strstr(error.message, part) == NULL)
        fail_msg("line %d: %s; not line %d: %s", error.line, error.message, line, part);
}

static struct catalogue *shipped(void) {
    struct catalogue_error error = {.line = -1, .message = ""};
    const char *text = data_file_read("config/catalogue.conf");
    struct catalogue *catalogue = parse(text, strlen(text), &error);
    if (catalogue == NULL)
        fail_msg("config/catalogue.conf:%d: %s", error.line, error.message);
    return catalogue;
}

static const struct product *find(const struct catalogue *catalogue, const char *code) {
    return catalogue_find(catalogue, code, strlen(code));
}

#define MTD "methadone"
#define BUP "buprenorphine"
#define BUPNX "buprenorphine with naloxone"
#define FILM "buprenorphine with naloxone film"
#define ESP "buprenorphine oral lyophilisate"
#define DZP "diazepam"

/* Every product as a pharmacist would write it down. */
static const struct {
    const char *code, *drug, *unit;
    int64_t micrograms;
    int schedule;
    enum product_route route;
    int last_label; /* 26 behind 2, or 2 alone */
    int night_label;
    bool concentrate;
} products[] = {
    {"buprenorphine-0.4mg-sl", BUP, "tablet", 400, 3, ROUTE_SUBLINGUAL, 26, 0, false},
    {"buprenorphine-2mg-oral-lyophilisate", ESP, "lyophilisate", 2000, 3, ROUTE_ON_TONGUE, 2, 0, false},
    {"buprenorphine-2mg-sl", BUP, "tablet", 2000, 3, ROUTE_SUBLINGUAL, 26, 0, false},
    {"buprenorphine-8mg-oral-lyophilisate", ESP, "lyophilisate", 8000, 3, ROUTE_ON_TONGUE, 2, 0, false},
    {"buprenorphine-8mg-sl", BUP, "tablet", 8000, 3, ROUTE_SUBLINGUAL, 26, 0, false},
    {"buprenorphine-naloxone-12mg-3mg-film", FILM, "film", 12000, 3, ROUTE_SUBLINGUAL, 26, 0, false},
    {"buprenorphine-naloxone-16mg-4mg-sl", BUPNX, "tablet", 16000, 3, ROUTE_SUBLINGUAL, 26, 0, false},
    {"buprenorphine-naloxone-2mg-0.5mg-film", FILM, "film", 2000, 3, ROUTE_SUBLINGUAL, 26, 0, false},
    {"buprenorphine-naloxone-2mg-0.5mg-sl", BUPNX, "tablet", 2000, 3, ROUTE_SUBLINGUAL, 26, 0, false},
    {"buprenorphine-naloxone-4mg-1mg-film", FILM, "film", 4000, 3, ROUTE_SUBLINGUAL, 26, 0, false},
    {"buprenorphine-naloxone-8mg-2mg-film", FILM, "film", 8000, 3, ROUTE_SUBLINGUAL, 26, 0, false},
    {"buprenorphine-naloxone-8mg-2mg-sl", BUPNX, "tablet", 8000, 3, ROUTE_SUBLINGUAL, 26, 0, false},
    {"diazepam-10mg", DZP, "tablet", 10000, 4, ROUTE_ORAL, 2, 19, false},
    {"diazepam-2mg", DZP, "tablet", 2000, 4, ROUTE_ORAL, 2, 19, false},
    {"diazepam-2mg-5ml", DZP, "ml", 400, 4, ROUTE_ORAL, 2, 19, false},
    {"diazepam-2mg-5ml-sf", DZP, "ml", 400, 4, ROUTE_ORAL, 2, 19, false},
    {"diazepam-5mg", DZP, "tablet", 5000, 4, ROUTE_ORAL, 2, 19, false},
    {"methadone-10mg-ml", MTD, "ml", 10000, 2, ROUTE_ORAL, 2, 0, true},
    {"methadone-10mg-ml-sf", MTD, "ml", 10000, 2, ROUTE_ORAL, 2, 0, true},
    {"methadone-1mg-ml", MTD, "ml", 1000, 2, ROUTE_ORAL, 2, 0, false},
    {"methadone-1mg-ml-sf", MTD, "ml", 1000, 2, ROUTE_ORAL, 2, 0, false},
    {"methadone-20mg-ml", MTD, "ml", 20000, 2, ROUTE_ORAL, 2, 0, true},
    {"methadone-2mg-5ml-linctus", MTD, "ml", 400, 2, ROUTE_ORAL, 2, 0, false},
    {"methadone-5mg-ml", MTD, "ml", 5000, 2, ROUTE_ORAL, 2, 0, true},
};

static void the_shipped_products(void **state) {
    (void)state;
    struct catalogue *catalogue = shipped();
    assert_int_equal(catalogue->count, COUNT(products));
    assert_non_null(catalogue->version);
    for (size_t i = 0; i < COUNT(products); i++) {
        const struct product *product = find(catalogue, products[i].code);
        assert_non_null(product);
        assert_ptr_equal(product, &catalogue->products[i]);
        assert_string_equal(product->code, products[i].code);
        assert_string_equal(product->drug, products[i].drug);
        assert_string_equal(product->unit, products[i].unit);
        assert_int_equal(product->micrograms, products[i].micrograms);
        assert_int_equal(product->schedule, products[i].schedule);
        assert_int_equal(product->route, products[i].route);
        assert_int_equal(product->labels[0], 2);
        assert_int_equal(product->labels[product->label_count - 1], products[i].last_label);
        assert_int_equal(product->label_count, products[i].last_label == 26 ? 2 : 1);
        assert_int_equal(product->night_label, products[i].night_label);
        assert_int_equal(product->concentrate, products[i].concentrate);
        assert_int_equal(product->not_for_dependence, strstr(product->code, "linctus") != NULL);
        bool diazepam = strcmp(product->drug, DZP) == 0;
        assert_int_equal(product->drug_class, diazepam ? CLASS_BENZODIAZEPINE : CLASS_OPIOID);
    }
    catalogue_free(&catalogue);
    assert_null(catalogue);
    catalogue_free(&catalogue);
}

/* P8, in milligrams. */
static void the_shipped_warnings(void **state) {
    (void)state;
    static const struct {
        const char *drug;
        int64_t first, first_strong, daily, daily_strong, rise_day, rise_week;
    } limits[] = {
        {MTD, 30, 40, 120, 0, 10, 30}, {BUP, 0, 0, 24, 32, 0, 0}, {BUPNX, 0, 0, 24, 32, 0, 0},
        {FILM, 0, 0, 24, 32, 0, 0},    {ESP, 0, 0, 18, 0, 0, 0},  {DZP, 0, 0, 30, 0, 0, 0},
    };
    struct catalogue *catalogue = shipped();
    size_t seen = 0;
    for (size_t i = 0; i < catalogue->count; i++) {
        const struct product *product = &catalogue->products[i];
        for (size_t j = 0; j < COUNT(limits); j++) {
            if (strcmp(limits[j].drug, product->drug) != 0)
                continue;
            seen++;
            assert_int_equal(product->warn_first, limits[j].first * 1000);
            assert_int_equal(product->warn_first_strong, limits[j].first_strong * 1000);
            assert_int_equal(product->warn_daily, limits[j].daily * 1000);
            assert_int_equal(product->warn_daily_strong, limits[j].daily_strong * 1000);
            assert_int_equal(product->warn_rise_day, limits[j].rise_day * 1000);
            assert_int_equal(product->warn_rise_week, limits[j].rise_week * 1000);
            assert_in_range(product->warned_on, day_from_civil(2026, 1, 1), day_from_civil(2030, 1, 1));
        }
    }
    assert_int_equal(seen, catalogue->count);
    catalogue_free(&catalogue);
}

/* H16: of all pairs of codes, and of every code cut short or lengthened, only the exact one is found. */
static void only_the_exact_code(void **state) {
    (void)state;
    struct catalogue *catalogue = shipped();
    for (size_t i = 0; i < COUNT(products); i++) {
        char code[64];
        size_t len = (size_t)snprintf(code, sizeof code, "%s", products[i].code);
        for (size_t cut = 0; cut < len; cut++) {
            const struct product *other = catalogue_find(catalogue, code, cut);
            assert_true(other == NULL || strlen(other->code) == cut);
            char kept = code[cut];
            code[cut] = kept == '1' ? '3' : '#';
            assert_null(catalogue_find(catalogue, code, len));
            code[cut] = kept;
        }
        assert_null(catalogue_find(catalogue, code, len + 1)); /* its NUL is not of it */
        code[len] = 'x';
        assert_null(catalogue_find(catalogue, code, len + 1));
    }
    assert_null(find(catalogue, ""));
    assert_null(find(catalogue, "a"));
    assert_null(find(catalogue, "zzz"));
    assert_null(find(catalogue, "Methadone-1mg-ml"));
    catalogue_free(&catalogue);
}

/* The small catalogue that the errors are made from. Line numbers stand behind. */
static const char small[] = "# comment \xC3\xA9\n"                    /* 1 */
                            "version = 1\n"                           /* 2 */
                            "[warnings mtd]\n"                        /* 3 */
                            "dated = 2026-10-01\n"                    /* 4 */
                            "first_mg = 30\n"                         /* 5 */
                            "first_strong_mg = 40\n"                  /* 6 */
                            "daily_mg = 120\n"                        /* 7 */
                            "daily_strong_mg = 150\n"                 /* 8 */
                            "rise_day_mg = 10\n"                      /* 9 */
                            "rise_week_mg = 30\n"                     /* 10 */
                            "\n"                                      /* 11 */
                            "[product m-1]\n"                         /* 12 */
                            "name = Methadone 1mg/ml oral solution\n" /* 13 */
                            "drug = methadone\n"                      /* 14 */
                            "form = oral solution\n"                  /* 15 */
                            "strength = 1mg/ml\n"                     /* 16 */
                            "unit = ml\n"                             /* 17 */
                            "mg_per_unit = 1\n"                       /* 18 */
                            "class = opioid\n"                        /* 19 */
                            "route = oral\n"                          /* 20 */
                            "schedule = 2\n"                          /* 21 */
                            "labels = 2\n"                            /* 22 */
                            "warnings = mtd\n"                        /* 23 */
                            "night_label = 19\n"                      /* 24 */
                            "not_for_dependence = no\n"               /* 25 */
                            "dmd = 1234567\n";                        /* 26 */

/* The same with one piece replaced. */
static void check_edit(const char *from, const char *to, int line, const char *part) {
    check_error(data_file_edit(small, from, to), line, part);
}

static void a_small_one(void **state) {
    (void)state;
    struct catalogue_error error = {.line = -1, .message = ""};
    struct catalogue *catalogue = parse(small, strlen(small), &error);
    assert_non_null(catalogue);
    assert_int_equal(catalogue->count, 1);
    assert_string_equal(catalogue->version, "1");
    const struct product *product = find(catalogue, "m-1");
    assert_non_null(product);
    assert_string_equal(product->name, "Methadone 1mg/ml oral solution");
    assert_string_equal(product->form, "oral solution");
    assert_string_equal(product->strength, "1mg/ml");
    assert_string_equal(product->dmd_code, "1234567");
    assert_int_equal(product->night_label, 19);
    assert_false(product->not_for_dependence);
    assert_int_equal(product->warn_daily_strong, 150000);
    assert_int_equal(product->warned_on, day_from_civil(2026, 10, 1));
    catalogue_free(&catalogue);
}

/* Blanks, CR LF and a missing last line end change nothing. */
static void spacing_does_not_matter(void **state) {
    (void)state;
    char text[4096];
    size_t len = 0;
    for (const char *at = small; at[1] != '\0'; at++) {
        const char *as = *at == '\n' ? " \t\r\n \t" : (char[]){*at, '\0'};
        len += (size_t)snprintf(text + len, sizeof text - len, "%s", as);
    }
    struct catalogue_error error = {.line = -1, .message = ""};
    struct catalogue *catalogue = parse(text, len, &error);
    assert_non_null(catalogue);
    assert_string_equal(catalogue->products[0].name, "Methadone 1mg/ml oral solution");
    catalogue_free(&catalogue);
}

/* Each line of the small catalogue left out: its member is missed where needed, at the stanza's line. */
static void each_line_left_out(void **state) {
    (void)state;
    static const struct {
        int line;  /* left out */
        int error; /* 0: nothing is wrong */
        const char *part;
    } cases[] = {
        {1, 0, ""},           {2, 1, "version"},    {3, 3, "no such member"},
        {4, 3, "dated"},      {5, 0, ""},           {6, 0, ""},
        {7, 0, ""},           {8, 0, ""},           {9, 0, ""},
        {10, 0, ""},          {11, 0, ""},          {12, 12, "no such member"},
        {13, 12, "name"},     {14, 12, "drug"},     {15, 12, "form"},
        {16, 12, "strength"}, {17, 12, "unit"},     {18, 12, "mg_per"},
        {19, 12, "class"},    {20, 12, "route"},    {21, 12, "sched"},
        {22, 12, "labels"},   {23, 12, "warnings"}, {24, 0, ""},
        {25, 0, ""},          {26, 0, ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        char text[4096];
        const char *begin = small;
        for (int line = 1; line < cases[i].line; line++)
            begin = strchr(begin, '\n') + 1;
        const char *end = strchr(begin, '\n') + 1;
        snprintf(text, sizeof text, "%.*s%s", (int)(begin - small), small, end);
        if (cases[i].error != 0) {
            int shift = cases[i].error > cases[i].line ? 1 : 0;
            check_error(text, cases[i].error - shift, cases[i].part);
            continue;
        }
        struct catalogue_error error = {.line = -1, .message = ""};
        struct catalogue *catalogue = parse(text, strlen(text), &error);
        assert_non_null(catalogue);
        catalogue_free(&catalogue);
        /* The same line twice is an error where it is a member. */
        if (strchr(begin, '=') < end && cases[i].line != 1 && cases[i].line != 11) {
            snprintf(text, sizeof text, "%.*s%s", (int)(end - small), small, begin);
            check_error(text, cases[i].line + 1, "second time");
        }
    }
}

static void stanzas(void **state) {
    (void)state;
    check_error("", 1, "version");
    check_error("version = 1\n", 1, "no product");
    check_error("[product x]\n", 1, "version");
    check_error("version = 1\n[", 2, "begins with");
    check_error("version = 1\n[]", 2, "begins with");
    check_error("version = 1\n[product x", 2, "begins with");
    check_error("version = 1\n[product]", 2, "begins with");
    check_error("version = 1\n[medicine x]", 2, "begins with");
    check_error("version = 1\n[product ]", 2, "made of");
    check_error("version = 1\n[product  ]", 2, "made of");
    check_error("version = 1\n[product X]", 2, "made of");
    check_error("version = 1\n[product x y]", 2, "made of");
    check_error("version = 1\n[warnings x_y]", 2, "made of");
    check_error("version = 1\n[product "
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
                "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx]",
                2, "made of");
    check_error("version = 1\n[warnings x]\ndated = 2026-10-01\n[warnings x]\n", 4, "second stanza");
    check_error("version = 1\n[warnings x]\ndated = 2026-10-01\n[warnings y]\n", 4, "dated");
    check_error("version = 1\n[warnings x]\ndated = 2026-10-01\n", 2, "no product");
    check_error("version = 1\nname = x\n", 2, "no such member");
    check_edit("[product m-1]", "[product m-1]\n[product m-2]", 12, "name");
    check_edit("\n[product", "\nversion = 2\n[product", 12, "no such member");
}

static void a_second_product_of_one_code(void **state) {
    (void)state;
    char text[4096];
    const char *product = strstr(small, "[product");
    int len = snprintf(text, sizeof text, "%s%s", small, product);
    check_error(text, 27, "second product");
    /* Another code, in reverse order: found and sorted. */
    char *second = strstr(text + strlen(small), "m-1");
    assert_non_null(second);
    memcpy(second, "a-1", 3);
    struct catalogue_error error = {.line = -1, .message = ""};
    struct catalogue *catalogue = parse(text, (size_t)len, &error);
    assert_non_null(catalogue);
    assert_string_equal(catalogue->products[0].code, "a-1");
    assert_string_equal(catalogue->products[1].code, "m-1");
    catalogue_free(&catalogue);
}

static void sixteen_warnings(void **state) {
    (void)state;
    char text[8192] = "version = 1\n";
    size_t len = strlen(text);
    for (int i = 1; i <= 17; i++)
        len += (size_t)snprintf(text + len, sizeof text - len, "[warnings w%d]\ndated = 2026-10-01\n", i);
    check_error(text, 34, "more than 16");
    *strstr(text, "[warnings w17]") = '\0';
    check_error(text, 32, "no product");
}

static void lines(void **state) {
    (void)state;
    char much[400];
    check_edit("unit = ml", "unit ml", 17, "neither");
    check_edit("unit = ml", "colour = green", 17, "no such member");
    check_edit("unit = ml", "unit = ml\nunit = ml", 18, "second time");
    check_edit("unit = ml", "unit =", 17, "empty");
    check_edit("unit = ml", "= ml", 17, "empty");
    check_edit("unit = ml", "unit = m\xC3\xA9", 17, "plain");
    check_edit("unit = ml", "unit = m\x7f", 17, "plain");
    check_edit("unit = ml", "unit = m\x01", 17, "plain");
    snprintf(much, sizeof much, "name = Methadone 1mg/ml %120d", 1);
    check_edit("name = Methadone 1mg/ml oral solution", much, 13, "longer");
    /* A NUL hides nothing. */
    char text[sizeof small];
    memcpy(text, small, sizeof small);
    char *solution = strstr(text, " solution");
    assert_non_null(solution);
    *solution = '\0';
    struct catalogue_error error = {.line = -1, .message = ""};
    assert_null(parse(text, sizeof small - 1, &error));
    assert_int_equal(error.line, 13);
}

static void members(void **state) {
    (void)state;
    check_edit("2026-10-01", "1 Oct 2026", 4, "not a date");
    check_edit("2026-10-01", "2026-02-30", 4, "not a date");
    check_edit("first_mg = 30", "first_mg = 30mg", 5, "milligrams");
    check_edit("first_mg = 30", "first_mg = -30", 5, "milligrams");
    check_edit("first_mg = 30", "first_mg = 0", 5, "above 0");
    check_edit("first_mg = 30", "first_mg = 1000.001", 5, "above 0");
    check_edit("first_mg = 30", "first_mg = 40", 3, "first_strong_mg must be above");
    check_edit("daily_mg = 120", "daily_mg = 150", 3, "daily_strong_mg must be above");
    check_edit("unit = ml", "unit = litre", 17, "unit is");
    check_edit("mg_per_unit = 1", "mg_per_unit = 1.0000", 18, "milligrams");
    check_edit("mg_per_unit = 1", "mg_per_unit = 1001", 18, "above 0");
    check_edit("class = opioid", "class = Opioid", 19, "class is");
    check_edit("route = oral", "route = rectal", 20, "route is");
    check_edit("schedule = 2", "schedule = 1", 21, "schedule is");
    check_edit("schedule = 2", "schedule = 5", 21, "schedule is");
    check_edit("schedule = 2", "schedule = 22", 21, "schedule is");
    check_edit("labels = 2", "labels = 26", 22, "labels is");
    check_edit("labels = 2", "labels = 26 2", 22, "labels is");
    check_edit("labels = 2", "labels = 2  26", 22, "labels is");
    check_edit("labels = 2", "labels = 2, 26", 22, "labels is");
    check_edit("warnings = mtd", "warnings = bup", 23, "stands above");
    check_edit("night_label = 19", "night_label = 2", 24, "only be 19");
    check_edit("not_for_dependence = no", "not_for_dependence = 0", 25, "yes or no");
    check_edit("dmd = 1234567", "dmd = 12345", 26, "6 to 18");
    check_edit("dmd = 1234567", "dmd = 1234567890123456789", 26, "6 to 18");
    check_edit("dmd = 1234567", "dmd = 123456x", 26, "6 to 18");
}

/* Label 26 and the tongue: a sublingual product has it, no other may. */
static void labels_follow_the_route(void **state) {
    (void)state;
    check_edit("labels = 2", "labels = 2 26", 12, "label 26 belongs");
    check_edit("route = oral", "route = sublingual", 12, "label 26 belongs");
    const char *text = data_file_edit(small, "route = oral", "route = on_tongue");
    struct catalogue_error error = {.line = -1, .message = ""};
    struct catalogue *catalogue = parse(text, strlen(text), &error);
    assert_non_null(catalogue);
    assert_int_equal(catalogue->products[0].route, ROUTE_ON_TONGUE);
    catalogue_free(&catalogue);
}

/* One product with this strength, shown in its name, this unit and this mg_per_unit. */
static const char *with_strength(const char *strength, const char *unit, const char *mg) {
    static char text[4096];
    snprintf(
        text, sizeof text,
        "version = 1\n[warnings w]\ndated = 2026-10-01\n[product p]\nname = Drug %s thing\ndrug = d\n"
        "form = f\nstrength = %s\nunit = %s\nmg_per_unit = %s\nclass = opioid\nroute = oral\nschedule = 2\n"
        "labels = 2\nwarnings = w\n",
        strength, strength, unit, mg);
    return text;
}

static void strengths_that_agree(void **state) {
    (void)state;
    static const struct {
        const char *strength, *unit, *mg;
        int64_t micrograms;
        bool concentrate;
    } cases[] = {
        {"1mg/ml", "ml", "1", 1000, false},           {"1.001mg/ml", "ml", "1.001", 1001, true},
        {"10mg/ml", "ml", "10", 10000, true},         {"2mg/5ml", "ml", "0.4", 400, false},
        {"5mg/5ml", "ml", "1", 1000, false},          {"1mg/0.5ml", "ml", "2", 2000, true},
        {"8mg", "tablet", "8", 8000, false},          {"400microgram", "film", "0.4", 400, false},
        {"8mg/2mg", "tablet", "8", 8000, false},      {"2mg/500microgram", "film", "2", 2000, false},
        {"2mg/0.5mg", "film", "2", 2000, false},      {"1000mg", "tablet", "1000", 1000000, false},
        {"400microgram/ml", "ml", "0.4", 400, false},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        const char *text = with_strength(cases[i].strength, cases[i].unit, cases[i].mg);
        struct catalogue_error error = {.line = -1, .message = ""};
        struct catalogue *catalogue = parse(text, strlen(text), &error);
        if (catalogue == NULL)
            fail_msg("%s: %s", cases[i].strength, error.message);
        assert_non_null(catalogue);
        assert_int_equal(catalogue->products[0].micrograms, cases[i].micrograms);
        assert_int_equal(catalogue->products[0].concentrate, cases[i].concentrate);
        assert_int_equal(catalogue->products[0].warn_first, 0);
        catalogue_free(&catalogue);
    }
}

static void strengths_that_do_not(void **state) {
    (void)state;
    static const struct {
        const char *strength, *unit, *mg, *part;
    } cases[] = {
        {"1mg/ml", "ml", "10", "agree"},
        {"10mg/ml", "ml", "1", "agree"},
        {"8mg", "tablet", "0.8", "agree"},
        {"2mg/5ml", "ml", "2", "agree"},
        {"8mg", "ml", "8", "belong"},
        {"1mg/ml", "tablet", "1", "belong"},
        {"8mg/2mg", "ml", "8", "belong"},
        {"mg", "tablet", "8", "form"},
        {"8", "tablet", "8", "form"},
        {"8g", "tablet", "8", "form"},
        {"8mgs", "tablet", "8", "form"},
        {"08mg", "tablet", "8", "form"},
        {"8mg/", "tablet", "8", "form"},
        {"8mg/2mgx", "tablet", "8", "form"},
        {"8mg/2", "ml", "8", "form"},
        {"8mg/l", "ml", "8", "form"},
        {"8mg/mlx", "ml", "8", "form"},
        {"8mg/2mlx", "ml", "8", "form"},
        {"8mg/0ml", "ml", "8", "form"},
        {"1mg/3ml", "ml", "0.333", "form"},
        {"1.5microgram", "tablet", "0.001", "form"},
        {"8mg/m", "ml", "8", "form"},
        {"8mg 2mg", "tablet", "8", "form"},
        {"8microgra", "tablet", "8", "form"},
    };
    for (size_t i = 0; i < COUNT(cases); i++)
        check_error(with_strength(cases[i].strength, cases[i].unit, cases[i].mg), 4, cases[i].part);
}

/* H16: a label that shows another strength than the one that is counted with. */
static void the_name_shows_the_strength(void **state) {
    (void)state;
    check_edit("Methadone 1mg/ml oral", "Methadone 10mg/ml oral", 12, "name does not show");
    check_edit("Methadone 1mg/ml oral", "Methadone 11mg/ml oral", 12, "name does not show");
    check_edit("Methadone 1mg/ml oral", "Methadone 1mg/mls oral", 12, "name does not show");
    check_edit("Methadone 1mg/ml oral solution", "Methadone oral solution 1mg/ml", 12, "name does not show");
    check_edit("Methadone 1mg/ml oral", "1mg/ml oral", 12, "name does not show");
    check_edit("Methadone 1mg/ml oral", "Methadone oral", 12, "name does not show");
}

/* Cut anywhere the shipped file is refused, or whole up to there; nothing is read behind its end. */
static void cut_anywhere(void **state) {
    (void)state;
    const char *text = data_file_read("config/catalogue.conf");
    size_t len = strlen(text);
    size_t taken = 0;
    for (size_t cut = 0; cut <= len; cut += 1 + cut % 3) {
        struct catalogue_error error = {.line = -1, .message = NULL};
        struct catalogue *catalogue = parse(text, cut, &error);
        if (catalogue == NULL) {
            assert_non_null(error.message);
            assert_true(error.line >= 1);
        } else {
            taken = catalogue->count;
            catalogue_free(&catalogue);
        }
    }
    assert_in_range(taken, COUNT(products) - 1, COUNT(products));
}

static void too_long(void **state) {
    (void)state;
    static char text[262145];
    struct catalogue_error error = {.line = -1, .message = ""};
    memset(text, '\n', sizeof text);
    assert_null(catalogue_parse(text, sizeof text, &error));
    assert_int_equal(error.line, 0);
    assert_null(catalogue_parse(text, sizeof text - 1, &error));
    assert_int_equal(error.line, 1);
    memset(text, '[', 1001);
    assert_null(catalogue_parse(text, 1001, &error));
    assert_int_equal(error.line, 0);
}

static void out_of_memory(void **state) {
    (void)state;
    struct catalogue_error error = {.line = -1, .message = ""};
    no_memory = true;
    struct catalogue *catalogue = catalogue_parse(small, strlen(small), &error);
    no_memory = false;
    assert_null(catalogue);
    assert_int_equal(error.line, 0);
    assert_string_equal(error.message, "out of memory");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shipped_products),
        cmocka_unit_test(the_shipped_warnings),
        cmocka_unit_test(only_the_exact_code),
        cmocka_unit_test(a_small_one),
        cmocka_unit_test(spacing_does_not_matter),
        cmocka_unit_test(each_line_left_out),
        cmocka_unit_test(stanzas),
        cmocka_unit_test(a_second_product_of_one_code),
        cmocka_unit_test(sixteen_warnings),
        cmocka_unit_test(lines),
        cmocka_unit_test(members),
        cmocka_unit_test(labels_follow_the_route),
        cmocka_unit_test(strengths_that_agree),
        cmocka_unit_test(strengths_that_do_not),
        cmocka_unit_test(the_name_shows_the_strength),
        cmocka_unit_test(cut_anywhere),
        cmocka_unit_test(too_long),
        cmocka_unit_test(out_of_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
