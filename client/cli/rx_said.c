/* What is typed of a form, taken apart. See rx_form.h. */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "days.h"
#include "rx_form.h"

#define WORD_SIZE 64
#define DAYS_MOST 3660

/* ---- quantities, in thousandths */

long long rx_quantity(const char *text) {
    long long quantity = 0, unit = 1000;
    size_t whole = strspn(text, "0123456789");
    const char *rest = text + whole;
    if (whole == 0 || whole > 9)
        return -1;
    for (size_t i = 0; i < whole; i++)
        quantity = quantity * 10 + (text[i] - '0') * 1000LL;
    if (*rest == '.') {
        size_t parts = strspn(rest + 1, "0123456789");
        if (parts == 0 || parts > 3)
            return -1;
        for (size_t i = 1; i <= parts; i++)
            quantity += (rest[i] - '0') * (unit /= 10);
        rest += 1 + parts;
    }
    return *rest == '\0' ? quantity : -1;
}

void rx_quantity_text(long long quantity, char *out, size_t size) {
    long long parts = quantity % 1000;
    if (parts == 0) {
        (void)snprintf(out, size, "%lld", quantity / 1000);
        return;
    }
    int digits = 3;
    for (; parts % 10 == 0; parts /= 10)
        digits--;
    (void)snprintf(out, size, "%lld.%0*lld", quantity / 1000, digits, parts);
}

/* ---- doses */

/* The next quantity at *at, as the interface writes it. False: there is none. */
static bool take_quantity(const char **at, char out[WORD_SIZE]) {
    char word[WORD_SIZE];
    size_t len = strspn(*at, "0123456789.");
    (void)snprintf(word, sizeof word, "%.*s", (int)(len < sizeof word ? len : 0), *at);
    long long quantity = rx_quantity(word);
    if (quantity < 0)
        return false;
    rx_quantity_text(quantity, out, WORD_SIZE);
    *at += len;
    *at += strspn(*at, " ");
    return true;
}

/* "60(30) x 14" at *at, which moves behind it. *days 0: nobody said. */
static bool take_run(const char **at, char dose[WORD_SIZE], char part[WORD_SIZE], long *days) {
    char *end = NULL;
    part[0] = '\0';
    *days = 0;
    if (!take_quantity(at, dose))
        return false;
    if (**at == '(') {
        ++*at;
        *at += strspn(*at, " ");
        if (!take_quantity(at, part) || **at != ')')
            return false;
        ++*at;
        *at += strspn(*at, " ");
    }
    if (**at == 'x' || **at == 'X' || **at == '*') {
        ++*at;
        *days = strtol(*at, &end, 10);
        if (end == *at || *days < 1 || *days > DAYS_MOST)
            return false;
        *at = end + strspn(end, " ");
    }
    return **at == ',' || **at == '\0';
}

cJSON *rx_doses_said(const char *said, int first, bool *open) {
    cJSON *runs = cJSON_CreateArray();
    int count = 0, from = first;
    *open = false;
    for (const char *at = said + strspn(said, " "); *at != '\0'; at += strspn(at, ", ")) {
        char dose[WORD_SIZE], part[WORD_SIZE], day[DAYS_TEXT_SIZE];
        long days = 0;
        if (!take_run(&at, dose, part, &days) || from - first > DAYS_MOST) {
            cJSON_Delete(runs);
            return NULL;
        }
        *open = ++count == 1 && days == 0;
        days_text(from, day);
        cJSON *run = cJSON_CreateObject();
        cJSON_AddStringToObject(run, "from", day);
        cJSON_AddNumberToObject(run, "days", days == 0 ? 1 : (double)days);
        cJSON_AddStringToObject(run, "dose", dose);
        if (part[0] != '\0')
            cJSON_AddStringToObject(run, "supervised_part", part);
        cJSON_AddItemToArray(runs, run);
        from += days == 0 ? 1 : (int)days;
    }
    if (count > 0)
        return runs;
    cJSON_Delete(runs);
    return NULL;
}

/* ---- weekdays */

static const char *const weekdays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

/* A weekday by its first three letters, whatever follows in letters; -1. *at moves behind it. */
static int take_weekday(const char **at) {
    for (int i = 0; i < 7; i++) {
        if (strncasecmp(*at, weekdays[i], 3) == 0) {
            while (isalpha((unsigned char)**at))
                ++*at;
            *at += strspn(*at, " ");
            return i;
        }
    }
    return -1;
}

/* "mon-sat", "mon, wed fri" as bits; 0: it is no list of weekdays. */
static unsigned weekdays_said(const char *said) {
    unsigned set = 0;
    for (const char *at = said + strspn(said, " "); *at != '\0'; at += strspn(at, ", ")) {
        int day = take_weekday(&at), last = day;
        if (*at == '-' || strncasecmp(at, "to ", 3) == 0) {
            at += *at == '-' ? 1 : 3;
            at += strspn(at, " ");
            last = take_weekday(&at);
        }
        if (day < 0 || last < 0)
            return 0;
        for (; day != last; day = (day + 1) % 7)
            set |= 1U << (unsigned)day;
        set |= 1U << (unsigned)last;
    }
    return set;
}

static cJSON *weekdays_member(unsigned set) {
    cJSON *object = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(object, "weekdays");
    for (unsigned i = 0; i < 7; i++) {
        if ((set >> i & 1U) != 0)
            cJSON_AddItemToArray(list, cJSON_CreateString(weekdays[i]));
    }
    return object;
}

/* ---- collection, supervision, wording */

static cJSON *every(long days) {
    cJSON *object = cJSON_CreateObject();
    cJSON_AddNumberToObject(object, "every_days", (double)days);
    return object;
}

static cJSON *dates_said(const char *said) {
    cJSON *object = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(object, "dates");
    while (*said != '\0') {
        char word[WORD_SIZE], day[DAYS_TEXT_SIZE];
        size_t len = strcspn(said, ",");
        (void)snprintf(word, sizeof word, "%.*s", (int)(len < sizeof word ? len : 0), said);
        if (!days_said(word, NULL, day)) {
            cJSON_Delete(object);
            return NULL;
        }
        cJSON_AddItemToArray(list, cJSON_CreateString(day));
        said += len;
        said += strspn(said, ", ");
    }
    if (list->child != NULL)
        return object;
    cJSON_Delete(object);
    return NULL;
}

cJSON *rx_collect_said(const char *said, const char *first_day) {
    char *end = NULL;
    unsigned set = weekdays_said(said);
    if (strcasecmp(said, "daily") == 0 || strcasecmp(said, "every day") == 0)
        return every(1);
    if (strcasecmp(said, "once") == 0)
        return dates_said(first_day);
    if (strncasecmp(said, "every ", 6) == 0) {
        long days = strtol(said + 6, &end, 10);
        bool good = end != said + 6 && days >= 1 && days <= DAYS_MOST &&
                    (*end == '\0' || strcasecmp(end, " days") == 0);
        return good ? every(days) : NULL;
    }
    return set != 0 ? weekdays_member(set) : dates_said(said);
}

cJSON *rx_supervised_said(const char *said) {
    unsigned set = weekdays_said(said);
    if (strcasecmp(said, "none") == 0)
        return cJSON_CreateString("none");
    if (strcasecmp(said, "collection days") == 0 || strcasecmp(said, "collection_days") == 0)
        return cJSON_CreateString("collection_days");
    return set != 0 ? weekdays_member(set) : NULL;
}

cJSON *rx_wording_said(const char *said) {
    static const char *const codes[] = {"W1old", "W1", "W2", "W3", "W4", "W5"};
    cJSON *list = cJSON_CreateArray();
    for (const char *at = said + strspn(said, ", "); *at != '\0'; at += strspn(at, ", ")) {
        size_t i = 0, len = 0;
        at += *at == 'W' || *at == 'w';
        for (; i < sizeof codes / sizeof codes[0]; i++) {
            len = strlen(codes[i]) - 1;
            if (strncasecmp(at, codes[i] + 1, len) == 0 && strchr(", ", at[len]) != NULL)
                break;
        }
        if (i == sizeof codes / sizeof codes[0]) {
            cJSON_Delete(list);
            return NULL;
        }
        cJSON_AddItemToArray(list, cJSON_CreateString(codes[i]));
        at += len;
    }
    return list;
}
