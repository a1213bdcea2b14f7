#include "clock.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAY_SECONDS 86400
#define ZONE_FOLDER "/usr/share/zoneinfo/"
#define ZONE_LONGEST 64

/* What may be asked of the calendar: from 0001-01-03 to 9999-12-28, so that no offset leads out of it. */
#define AT_MIN ((int64_t)(DAY_MIN + 2) * DAY_SECONDS)
#define AT_MAX ((int64_t)(DAY_MAX - 2) * DAY_SECONDS)

/* Set by clock_init before any thread, only read afterwards; the demonstration's clock alone moves. */
static bool clock_demo;
static int64_t clock_demo_from;
static _Atomic int64_t clock_demo_at;

/* Is it a plain name below the folder of zones, and a file of that kind? */
static bool zone_known(const char *zone, const char *path) {
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+-/";
    char magic[4] = {0};
    if (zone[0] == '\0' || zone[0] == '/' || zone[strspn(zone, allowed)] != '\0') {
        return false;
    }
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    size_t got = fread(magic, 1, sizeof magic, file);
    (void)fclose(file);
    return got == sizeof magic && memcmp(magic, "TZif", sizeof magic) == 0;
}

bool clock_init(const char *zone, bool demo, int64_t demo_at) {
    char value[1 + sizeof ZONE_FOLDER + ZONE_LONGEST];
    int len = snprintf(value, sizeof value, ":" ZONE_FOLDER "%s", zone);
    if (len < 0 || (size_t)len >= sizeof value || !zone_known(zone, value + 1)) {
        return false;
    }
    /* Once, before any thread is there: localtime_r does not look at the environment again. */
    if (setenv("TZ", value, 1) != 0) { /* NOLINT(concurrency-mt-unsafe) */
        return false;
    }
    tzset();
    clock_demo = demo;
    clock_demo_from = demo_at;
    atomic_store(&clock_demo_at, demo_at);
    return true;
}

static int64_t clock_read_ms(clockid_t which) {
    struct timespec now = {0};
    int failed = clock_gettime(which, &now);
    assert(failed == 0);
    (void)failed;
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct moment clock_now(void) {
    return clock_moment(clock_demo ? atomic_load(&clock_demo_at) : clock_read_ms(CLOCK_REALTIME) / 1000);
}

bool clock_demo_move(int64_t at) {
    if (!clock_demo) {
        return false;
    }
    int64_t was = atomic_load(&clock_demo_at);
    do {
        if (at < was) {
            return false;
        }
    } while (!atomic_compare_exchange_weak(&clock_demo_at, &was, at));
    return true;
}

bool clock_is_demo(void) {
    return clock_demo;
}

int64_t clock_elapsed_ms(void) {
    return clock_read_ms(CLOCK_BOOTTIME);
}

int64_t clock_running_ms(void) {
    int64_t jumped = clock_demo ? atomic_load(&clock_demo_at) - clock_demo_from : 0;
    return clock_elapsed_ms() + jumped * 1000;
}

int64_t clock_real(void) {
    return clock_read_ms(CLOCK_REALTIME) / 1000;
}

static int64_t clock_bounded(int64_t at) {
    return at < AT_MIN ? AT_MIN : at > AT_MAX ? AT_MAX : at;
}

/* Seconds east of Greenwich at an instant. */
static int64_t zone_offset(int64_t at) {
    time_t when = (time_t)clock_bounded(at);
    struct tm local = {0};
    const struct tm *done = localtime_r(&when, &local);
    assert(done != NULL);
    (void)done;
    return local.tm_gmtoff;
}

/* Takes seconds since 1970 of some clock's face apart. */
static struct moment clock_face(int64_t at, int64_t face) {
    int64_t second = face % DAY_SECONDS;
    if (second < 0) {
        second += DAY_SECONDS;
    }
    return (struct moment){
        .at = at, .day = (day_t)((face - second) / DAY_SECONDS), .minute = (int32_t)(second / 60)};
}

struct moment clock_moment(int64_t at) {
    at = clock_bounded(at);
    return clock_face(at, at + zone_offset(at));
}

/* The instant at which the offset becomes another; it is `before` at the first, and is not at the second. */
static int64_t zone_change(int64_t first, int64_t second, int64_t before) {
    while (second - first > 1) {
        int64_t middle = first + (second - first) / 2;
        if (zone_offset(middle) == before) {
            first = middle;
        } else {
            second = middle;
        }
    }
    return second;
}

/*
 * The first instant at which the pharmacy's clock shows `face` or later. Offsets change at most once in two
 * days, and never lead further than a day away.
 */
static int64_t clock_first(int64_t face) {
    int64_t before = zone_offset(face - DAY_SECONDS);
    int64_t after = zone_offset(face + DAY_SECONDS);
    if (zone_offset(face - before) == before) {
        return face - before;
    }
    if (zone_offset(face - after) == after) {
        return face - after;
    }
    return zone_change(face - DAY_SECONDS, face + DAY_SECONDS, before);
}

int64_t clock_at(day_t day, int32_t minute) {
    return clock_first(clock_bounded((int64_t)day * DAY_SECONDS + (int64_t)minute * 60));
}

void clock_format(int64_t at, char out[CLOCK_TEXT_SIZE]) {
    at = clock_bounded(at);
    int64_t offset = zone_offset(at) / 60; /* whole minutes: all that RFC 3339 can say */
    int64_t face = at + offset * 60;
    struct moment moment = clock_face(at, face);
    int64_t second = face - ((int64_t)moment.day * DAY_SECONDS + (int64_t)moment.minute * 60);
    int64_t east = offset < 0 ? -offset : offset;
    char day[DAY_TEXT_SIZE];
    day_format(moment.day, day);
    /* The remainders change nothing: they tell the compiler how long each number is. */
    (void)snprintf(out, CLOCK_TEXT_SIZE, "%sT%02u:%02u:%02u%c%02u:%02u", day,
                   (unsigned)moment.minute / 60 % 24, (unsigned)moment.minute % 60, (unsigned)second % 60,
                   offset < 0 ? '-' : '+', (unsigned)(east / 60) % 24, (unsigned)(east % 60));
}

/* Two digits from 00 to max. */
static bool parse_two(const char *text, int max, int *out) {
    if (text[0] < '0' || text[0] > '9' || text[1] < '0' || text[1] > '9') {
        return false;
    }
    *out = (text[0] - '0') * 10 + (text[1] - '0');
    return *out <= max;
}

/* "Z" or "+01:00": its minutes east of Greenwich. */
static bool parse_offset(const char *text, int64_t *out) {
    int hours = 0;
    int minutes = 0;
    if ((text[0] == 'Z' || text[0] == 'z') && text[1] == '\0') {
        *out = 0;
        return true;
    }
    if ((text[0] != '+' && text[0] != '-') || !parse_two(text + 1, 23, &hours) || text[3] != ':' ||
        !parse_two(text + 4, 59, &minutes) || text[6] != '\0') {
        return false;
    }
    *out = (text[0] == '-' ? -1 : 1) * ((int64_t)hours * 60 + minutes);
    return true;
}

/* "09:14:05" and a fraction, which is dropped: seconds after midnight. The text after it, or NULL. */
static const char *parse_time(const char *text, int64_t *out) {
    int hour = 0;
    int minute = 0;
    int second = 0;
    if (!parse_two(text, 23, &hour) || text[2] != ':' || !parse_two(text + 3, 59, &minute) ||
        text[5] != ':' || !parse_two(text + 6, 59, &second)) {
        return NULL;
    }
    *out = ((int64_t)hour * 60 + minute) * 60 + second;
    text += 8;
    if (text[0] != '.') {
        return text;
    }
    size_t digits = strspn(text + 1, "0123456789");
    return digits == 0 || digits > 9 ? NULL : text + 1 + digits;
}

bool clock_parse(const char *text, int64_t *out) {
    const size_t day_len = DAY_TEXT_SIZE - 1;
    day_t day = DAY_NONE;
    int64_t second = 0;
    int64_t offset = 0;
    if (strnlen(text, day_len + 1) <= day_len || !day_parse(text, day_len, &day) ||
        (text[day_len] != 'T' && text[day_len] != 't')) {
        return false;
    }
    const char *rest = parse_time(text + day_len + 1, &second);
    if (rest == NULL || (rest[0] != '\0' && !parse_offset(rest, &offset))) {
        return false;
    }
    int64_t face = (int64_t)day * DAY_SECONDS + second;
    if (face != clock_bounded(face)) {
        return false;
    }
    *out = rest[0] == '\0' ? clock_first(face) : face - offset * 60;
    return true;
}
