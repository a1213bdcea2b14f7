/* The parts of a paper form, asked for. See rx_form.h. */
#include "rx_form.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "days.h"
#include "form.h"

#define ASK_SIZE 512
#define ITEMS_MOST 16

/* ---- items */

static bool load_products(struct cli *cli, struct instalment_reply **products) {
    return cli_get_all(cli, "/products?limit=500", products);
}

void rx_product(const struct instalment_reply *products, const char *code, struct rx_product *out) {
    const cJSON *one = NULL;
    (void)snprintf(out->name, sizeof out->name, "%s", code);
    (void)snprintf(out->unit, sizeof out->unit, "units");
    cJSON_ArrayForEach(one, cli_member(instalment_json(products), "items")) {
        if (strcmp(cli_text(one, "code"), code) == 0) {
            const char *unit = cli_text(one, "unit");
            (void)snprintf(out->name, sizeof out->name, "%s", cli_text(one, "name"));
            (void)snprintf(out->unit, sizeof out->unit, "%s%s", unit, strcmp(unit, "ml") == 0 ? "" : "s");
        }
    }
}

/* What must be thought about twice stands last, and says so: 0 is the usual. */
static int unusual(const cJSON *product) {
    return cli_true(product, "not_for_dependence") ? 2 : cli_true(product, "concentrate") ? 1 : 0;
}

static cJSON *offered_products(const struct instalment_reply *products) {
    static const char *const marks[] = {"", "   CONCENTRATE", "   not for this treatment"};
    cJSON *offered = cJSON_CreateArray();
    for (int round = 0; round < 3; round++) {
        const cJSON *one = NULL;
        cJSON_ArrayForEach(one, cli_member(instalment_json(products), "items")) {
            char label[256];
            if (unusual(one) != round)
                continue;
            cJSON *item = cJSON_CreateObject();
            (void)snprintf(label, sizeof label, "%s%s", cli_text(one, "name"), marks[round]);
            cJSON_AddStringToObject(item, "code", cli_text(one, "code"));
            cJSON_AddStringToObject(item, "label", label);
            cJSON_AddItemToArray(offered, item);
        }
    }
    return offered;
}

static bool ask_product(struct cli *cli, const struct instalment_reply *products, cJSON *item) {
    cJSON *offered = offered_products(products);
    const struct form_list list = {offered, "code", "label", NULL};
    const char *now = cli_text(item, "product");
    char *code = NULL;
    bool good =
        form_pick(cli, "Medicine and strength (part of the name)", &list, now[0] == '\0' ? NULL : now, &code);
    cJSON_Delete(offered);
    if (good)
        form_put(item, "product", cJSON_CreateString(code));
    free(code);
    return good;
}

/* The first day of an item's doses: what it has, the start on the form, the day of signature. */
static const char *first_day_of(const cJSON *body, const cJSON *item) {
    const char *of_item = cli_text(cJSON_GetArrayItem(cli_member(item, "doses"), 0), "from");
    const char *start = cli_text(body, "start_on");
    return of_item[0] != '\0' ? of_item : start[0] != '\0' ? start : cli_text(body, "signed_on");
}

static bool ask_first_day(struct cli *cli, const char *offered, int *first) {
    static const struct form_question question = {"day", "First day of these doses", FORM_DAY, true, NULL,
                                                  NULL};
    cJSON *answer = cJSON_CreateObject();
    if (offered[0] != '\0')
        cJSON_AddStringToObject(answer, "day", offered);
    bool good = form_ask(cli, &question, answer) && days_number(cli_text(answer, "day"), first);
    cJSON_Delete(answer);
    return good;
}

/* One dose, and nobody said for how many days. */
static bool ask_days(struct cli *cli, cJSON *runs) {
    static const struct form_question question = {"days", "For how many days", FORM_NUMBER, true, NULL, NULL};
    cJSON *run = cJSON_GetArrayItem(runs, 0);
    form_put(run, "days", NULL);
    return form_ask(cli, &question, run);
}

static void say_runs(const cJSON *runs, const struct rx_product *product) {
    const cJSON *run = NULL;
    cJSON_ArrayForEach(run, runs) {
        int from = 0, days = cli_number(run, "days");
        const char *part = cli_text(run, "supervised_part");
        (void)days_number(cli_text(run, "from"), &from);
        cli_hint("= %s to %s: %s %s a day%s%s", days_short(from), days_short(from + days - 1),
                 cli_text(run, "dose"), product->unit, part[0] == '\0' ? "" : ", of it supervised ", part);
    }
}

static bool ask_doses(struct cli *cli, const cJSON *body, const struct rx_product *product, cJSON *item) {
    char ask[ASK_SIZE];
    int first = 0;
    if (!ask_first_day(cli, first_day_of(body, item), &first))
        return false;
    (void)snprintf(ask, sizeof ask, "Dose a day in %s (as 60, or 30 x 3, 35 x 3)", product->unit);
    for (;;) {
        char *said = NULL;
        bool open = false;
        if (!cli_ask(cli, ask, &said))
            return false;
        cJSON *runs = rx_doses_said(said, first, &open);
        free(said);
        if (runs == NULL) {
            cli_hint(
                "The dose of each day, then x and the number of days: 60 x 14. A supervised part stands in");
            cli_hint("brackets: 60(30) x 14. Days without a dose: 0 x 2. Figures alone, in %s.",
                     product->unit);
            continue;
        }
        form_put(item, "doses", runs);
        if (open && !ask_days(cli, runs))
            return false;
        say_runs(runs, product);
        return true;
    }
}

/* The total is typed from the form, never offered: it is there to be compared (P6). */
static bool ask_total(struct cli *cli, const struct rx_product *product, cJSON *item) {
    char ask[ASK_SIZE], text[64];
    (void)snprintf(ask, sizeof ask, "Total on the form, in %s", product->unit);
    for (;;) {
        char *said = NULL;
        if (!cli_ask(cli, ask, &said))
            return false;
        long long total = rx_quantity(said);
        bool none = said[0] == '\0';
        free(said);
        if (total < 0) {
            cli_hint("%s", none ? "This is needed: it is compared with the doses."
                                : "Figures alone, as 840 or 62.5.");
            continue;
        }
        rx_quantity_text(total, text, sizeof text);
        form_put(item, "total", cJSON_CreateString(text));
        return true;
    }
}

static bool ask_written(struct cli *cli, cJSON *item) {
    static const char *const words[] = {"both", "words", "figures", NULL};
    char *said = NULL;
    if (!cli_ask_choice(cli, "The total is written in", words, "both", &said))
        return false;
    form_put(item, "total_in_words", cJSON_CreateBool(strcmp(said, "figures") != 0));
    form_put(item, "total_in_figures", cJSON_CreateBool(strcmp(said, "words") != 0));
    free(said);
    return true;
}

static bool ask_item(struct cli *cli, const cJSON *body, const struct instalment_reply *products, cJSON *item,
                     bool total) {
    struct rx_product product = {.name = ""};
    if (!ask_product(cli, products, item))
        return false;
    rx_product(products, cli_text(item, "product"), &product);
    return ask_doses(cli, body, &product, item) &&
           (!total || (ask_total(cli, &product, item) && ask_written(cli, item)));
}

bool rx_ask_items(struct cli *cli, cJSON *body, bool total) {
    struct instalment_reply *products = NULL;
    cJSON *items = cJSON_CreateArray();
    bool more = true, good = load_products(cli, &products);
    while (good && more) {
        cJSON *item = cJSON_CreateObject();
        cJSON_AddItemToArray(items, item);
        good = ask_item(cli, body, products, item, total);
        more = cJSON_GetArraySize(items) < ITEMS_MOST;
        good = good && (!more || cli_ask_yes(cli, "Another medicine or strength on this form", &more));
    }
    if (good)
        form_put(body, "items", items);
    else
        cJSON_Delete(items);
    instalment_reply_free(&products);
    return good;
}

bool rx_ask_item_field(struct cli *cli, cJSON *body, const char *field) {
    struct instalment_reply *products = NULL;
    struct rx_product product = {.name = ""};
    char *end = NULL;
    long index = strncmp(field, "items[", 6) == 0 ? strtol(field + 6, &end, 10) : -1;
    cJSON *item = index < 0 || index >= ITEMS_MOST
                      ? NULL
                      : cJSON_GetArrayItem(cJSON_GetObjectItemCaseSensitive(body, "items"), (int)index);
    if (item == NULL || end == NULL || strncmp(end, "].", 2) != 0)
        return rx_ask_items(cli, body, true);
    const char *part = end + 2;
    if (!load_products(cli, &products))
        return false;
    rx_product(products, cli_text(item, "product"), &product);
    cli_hint("%s", product.name);
    bool good = strncmp(part, "total_in", 8) == 0 ? ask_written(cli, item)
                : strcmp(part, "total") == 0      ? ask_total(cli, &product, item)
                : strncmp(part, "doses", 5) == 0  ? ask_doses(cli, body, &product, item)
                                                  : ask_item(cli, body, products, item, true);
    instalment_reply_free(&products);
    return good;
}

/* ---- the rest */

/* A line that `meant` turns into a member, until it can; an empty one means `otherwise` (NULL: nothing). */
static bool ask_member(struct cli *cli, const char *ask, const char *otherwise, const char *help,
                       cJSON *(*meant)(const char *said, const char *first_day), const char *first_day,
                       cJSON **out) {
    for (;;) {
        char *said = NULL;
        bool good =
            otherwise == NULL ? cli_ask(cli, ask, &said) : cli_ask_default(cli, ask, otherwise, &said);
        if (!good)
            return false;
        *out = meant(said, first_day);
        free(said);
        if (*out != NULL)
            return true;
        cli_hint("%s", help);
    }
}

static cJSON *supervised_meant(const char *said, const char *first_day) {
    (void)first_day;
    return rx_supervised_said(said);
}

static cJSON *wording_meant(const char *said, const char *first_day) {
    (void)first_day;
    return rx_wording_said(said);
}

bool rx_ask_collect(struct cli *cli, cJSON *body) {
    cJSON *collect = NULL;
    const cJSON *item = cJSON_GetArrayItem(cli_member(body, "items"), 0);
    if (!ask_member(
            cli, "Collected on (as mon-sat, daily, every 2, once, or days)", NULL,
            "Weekdays as mon-sat or mon, wed, fri; daily; every 2; once; or days as 23/11/2026, 26/11/2026.",
            rx_collect_said, first_day_of(body, item), &collect))
        return false;
    form_put(body, "collect", collect);
    return true;
}

static bool has_code(const cJSON *list, const char *code) {
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, list) {
        if (strcmp(one->valuestring, code) == 0)
            return true;
    }
    return false;
}

bool rx_ask_supervised(struct cli *cli, cJSON *body) {
    cJSON *supervised = NULL;
    bool asked = has_code(cli_member(body, "wording"), "W4");
    if (!ask_member(
            cli, "Supervised on (collection days, none, or weekdays)", asked ? "collection days" : NULL,
            "\"collection days\", \"none\", or weekdays as mon, wed.", supervised_meant, NULL, &supervised))
        return false;
    form_put(body, "supervised", supervised);
    return true;
}

bool rx_ask_wording(struct cli *cli, cJSON *body) {
    static const struct {
        const char *number, *text;
    } sentences[] = {
        {"1", "Please dispense instalments due on pharmacy closed days on a prior suitable day."},
        {"2",
         "If an instalment's collection day has been missed, please still dispense the amount due for any "
         "remaining day(s) of that instalment."},
        {"3", "Consult the prescriber if 3 or more consecutive days of a prescription have been missed."},
        {"4", "Supervise consumption on collection days."},
        {"5", "Dispense daily doses in separate containers."},
        {"1old",
         "Instalments due on days when the pharmacy is closed should be dispensed on the day immediately "
         "prior to closure."},
    };
    cJSON *wording = NULL;
    for (size_t i = 0; cli_can_ask() && i < sizeof sentences / sizeof sentences[0]; i++)
        cli_hint("%-4s  %s", sentences[i].number, sentences[i].text);
    if (!ask_member(cli, "Which stand on the form, word for word (as 1, 2, 3; return: none)", NULL,
                    "Numbers of the list above, as 1, 2, 3.", wording_meant, NULL, &wording))
        return false;
    form_put(body, "wording", wording);
    return true;
}
