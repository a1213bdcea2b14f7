/* A prescription before it is stored. See rx_review.h. */
#include "rx_review.h"

#include <stdio.h>
#include <string.h>

#include "records.h"
#include "rx_form.h"

#define TEXT_SIZE 64
#define FINDING_INDENT 9
#define GROUP_COLUMNS 38

static const struct {
    const char *kind, *mark;
    enum cli_style style;
} kinds[] = {
    {"refuse", "x", CLI_BAD},
    {"needs_accept", "?", CLI_BAD},
    {"warning", "!", CLI_WARN},
    {"note", ".", CLI_PLAIN},
};

bool rx_review_blocks(const cJSON *finding) {
    const char *kind = cli_text(finding, "kind");
    return strcmp(kind, "refuse") == 0 ||
           (strcmp(kind, "needs_accept") == 0 && !cli_true(finding, "accepted"));
}

/* Where it is, and what can be done about it. */
static void say_place(const struct cli *cli, const cJSON *finding) {
    const char *field = cli_text(finding, "field");
    if (cli_true(finding, "accepted"))
        cli_say(cli, CLI_QUIET, "%*sat %s: kept by a pharmacist\n", FINDING_INDENT, "", field);
    else if (strcmp(cli_text(finding, "kind"), "refuse") == 0)
        cli_say(cli, CLI_QUIET, "%*sat %s\n", FINDING_INDENT, "", field);
    else if (rx_review_blocks(finding))
        cli_say(cli, CLI_QUIET, "%*sat %s; a pharmacist may keep it: --accept %s\n", FINDING_INDENT, "",
                field, cli_text(finding, "code"));
}

void rx_review_findings(const struct cli *cli, const cJSON *checked) {
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        const cJSON *one = NULL;
        cJSON_ArrayForEach(one, cli_member(checked, "findings")) {
            if (strcmp(cli_text(one, "kind"), kinds[i].kind) != 0)
                continue;
            cli_say(cli, kinds[i].style, "  %s ", kinds[i].mark);
            cli_say_column(cli, CLI_QUIET, cli_text(one, "rule"), FINDING_INDENT - 4);
            cli_say_wrapped(cli, CLI_PLAIN, FINDING_INDENT, cli_text(one, "text"));
            say_place(cli, one);
        }
    }
}

/* ---- the instalments */

static bool same_quantities(const cJSON *a, const cJSON *b) {
    return cJSON_Compare(cli_member(a, "items"), cli_member(b, "items"), true) != 0;
}

/* "Mon 23 Nov" of a day. */
static const char *day_without_year(const char *day, char *out, size_t size) {
    const char *whole = cli_day(day);
    size_t len = strlen(whole);
    (void)snprintf(out, size, "%.*s", (int)(len > 5 ? len - 5 : len), whole);
    return out;
}

/* Collections that follow each other with the same quantities, in a line for each item. */
static void say_group(const struct cli *cli, const cJSON *first, const cJSON *last, int count) {
    const cJSON *item = NULL;
    char from[TEXT_SIZE], to[TEXT_SIZE], days[TEXT_SIZE * 3];
    (void)day_without_year(cli_text(first, "collect"), from, sizeof from);
    (void)day_without_year(cli_text(last, "collect"), to, sizeof to);
    if (count == 1)
        (void)snprintf(days, sizeof days, "   %s", from);
    else
        (void)snprintf(days, sizeof days, "   %s to %s, %d times", from, to, count);
    cJSON_ArrayForEach(item, cli_member(first, "items")) {
        const char *supervised = cli_text(item, "supervised"), *home = cli_text(item, "take_home");
        cli_say_column(cli, CLI_PLAIN, item->prev->next == NULL ? days : "", GROUP_COLUMNS);
        cli_say(cli, CLI_STRONG, "%s", cli_text(item, "quantity"));
        if (strcmp(home, "0") == 0)
            cli_say(cli, CLI_PLAIN, " supervised");
        else if (strcmp(supervised, "0") == 0)
            cli_say(cli, CLI_PLAIN, " take-home");
        else
            cli_say(cli, CLI_PLAIN, " (supervised %s, take-home %s)", supervised, home);
        cli_say(cli, CLI_PLAIN, "%s%s\n", item->next == NULL && item->prev == item ? "" : "   ",
                item->next == NULL && item->prev == item ? "" : cli_text(item, "product"));
    }
}

static void say_groups(const struct cli *cli, const cJSON *instalments) {
    const cJSON *first = NULL, *one = NULL, *last = NULL;
    int count = 0;
    cJSON_ArrayForEach(one, instalments) {
        if (first != NULL && !same_quantities(first, one)) {
            say_group(cli, first, last, count);
            first = NULL;
        }
        count = first == NULL ? 1 : count + 1;
        first = first == NULL ? one : first;
        last = one;
    }
    if (first != NULL)
        say_group(cli, first, last, count);
}

/* ---- the sums */

static long long sum_of(const cJSON *instalments, const char *product) {
    const cJSON *one = NULL, *item = NULL;
    long long sum = 0;
    cJSON_ArrayForEach(one, instalments) {
        cJSON_ArrayForEach(item, cli_member(one, "items")) {
            long long quantity = rx_quantity(cli_text(item, "quantity"));
            if (strcmp(cli_text(item, "product"), product) == 0 && quantity > 0 && sum < RX_QUANTITY_MAX)
                sum += quantity;
        }
    }
    return sum;
}

static void say_sums(const struct cli *cli, const cJSON *body, const cJSON *instalments) {
    const cJSON *item = NULL;
    cJSON_ArrayForEach(item, cli_member(body, "items")) {
        char sum[TEXT_SIZE];
        const char *product = cli_text(item, "product"), *total = cli_text(item, "total");
        rx_quantity_text(sum_of(instalments, product), sum, sizeof sum);
        bool same = total[0] == '\0' || strcmp(sum, total) == 0;
        cli_say(cli, same ? CLI_PLAIN : CLI_BAD, "   %s %s: the doses add up to %s, the form says %s\n",
                same ? " " : "x", product, sum, total[0] == '\0' ? "nothing" : total);
    }
}

/* ---- all of it */

/* What the calendar draws of: items and wording as sent, and instalments that are all still to come. */
static cJSON *drawn(const cJSON *body, const cJSON *instalments) {
    cJSON *rx = cJSON_CreateObject();
    cJSON *list = cJSON_Duplicate(instalments, true);
    cJSON *one = NULL;
    cJSON_AddItemToObject(rx, "items", cJSON_Duplicate(cli_member(body, "items"), true));
    if (cli_member(body, "wording") != NULL)
        cJSON_AddItemToObject(rx, "wording", cJSON_Duplicate(cli_member(body, "wording"), true));
    cJSON_ArrayForEach(one, list) {
        if (cli_text(one, "due")[0] != '\0')
            cJSON_AddStringToObject(one, "status", "due");
    }
    cJSON_AddItemToObject(rx, "instalments", list);
    return rx;
}

void rx_review_say(struct cli *cli, const cJSON *body, const cJSON *checked) {
    const cJSON *instalments = cli_member(checked, "instalments");
    cJSON *rx = drawn(body, instalments);
    cli_say(cli, CLI_PLAIN, "\n");
    records_calendar(cli, rx);
    cJSON_Delete(rx);
    cli_say(cli, CLI_PLAIN, "\n");
    say_groups(cli, instalments);
    say_sums(cli, body, instalments);
    cli_say(cli, CLI_PLAIN, "\n");
    rx_review_findings(cli, checked);
}
