/* Names of people: see names.h. */
#include "names.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

enum { LETTERS_MAX = 128, WORDS_MAX = 16 };

/* U+00C0 to U+017F without accents; a digit stands for an entry of `pairs`, '?' for a sign that is no letter. */
static const char latin[] = "aaaaaa0ceeeeiiiidnooooo?ouuuuy12aaaaaa0ceeeeiiiidnooooo?ouuuuy1y"
                            "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii33jjkkklllllll"
                            "lllnnnnnnnnnoooooo44rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";
static const char *const pairs[] = {"ae", "th", "ss", "ij", "oe"};

_Static_assert(sizeof latin == 0x180 - 0xC0 + 1, "one letter for each");

/* Reads one character of valid UTF-8 and moves on; never past the NUL. */
static uint32_t next_letter(const char **at) {
    const unsigned char *s = (const unsigned char *)*at;
    size_t more = s[0] < 0xC0 ? 0 : s[0] < 0xE0 ? 1 : s[0] < 0xF0 ? 2 : 3;
    uint32_t letter = more == 0 ? s[0] : s[0] & (0x3FU >> more);
    size_t used = 1;
    for (; more > 0 && (s[used] & 0xC0) == 0x80; more--)
        letter = letter << 6 | (s[used++] & 0x3FU);
    *at += used;
    return letter;
}

static bool is_between(uint32_t letter, uint32_t first, uint32_t last) {
    return letter >= first && letter <= last;
}

static bool is_dropped(uint32_t letter) {
    return letter == '\'' || letter == '`' || letter == 0xB4 || letter == 0x2BC || letter == 0x2018 ||
           letter == 0x2019 || letter == 0x200B || letter == 0x200C || letter == 0x200D ||
           is_between(letter, 0x300, 0x36F);
}

static bool is_gap(uint32_t letter) {
    return is_between(letter, 1, ' ') || letter == '-' || letter == '.' || letter == ',' || letter == 0xA0 ||
           is_between(letter, 0x2010, 0x2015);
}

/* What a letter becomes, as far as it stays one letter. */
static uint32_t small_of(uint32_t letter) {
    if (is_between(letter, 'A', 'Z') || is_between(letter, 0x391, 0x3A9) || is_between(letter, 0x410, 0x42F))
        return letter + 0x20;
    if (is_between(letter, 0x400, 0x40F))
        return letter + 0x50;
    if (letter == 0x218 || letter == 0x219)
        return 's';
    if (letter == 0x21A || letter == 0x21B)
        return 't';
    return letter;
}

/* Writes a letter as UTF-8; returns how many bytes. */
static size_t put_letter(char *out, uint32_t letter) {
    if (letter < 0x80) {
        out[0] = (char)letter;
        return 1;
    }
    size_t more = letter < 0x800 ? 1 : letter < 0x10000 ? 2 : 3;
    static const unsigned char leads[] = {0, 0xC0, 0xE0, 0xF0};
    out[0] = (char)(leads[more] | letter >> (6 * more));
    for (size_t i = 1; i <= more; i++)
        out[i] = (char)(0x80 | ((letter >> (6 * (more - i))) & 0x3F));
    return more + 1;
}

static size_t put_folded(char *out, uint32_t letter) {
    if (is_between(letter, 0xC0, 0x17F) && latin[letter - 0xC0] != '?') {
        char plain = latin[letter - 0xC0];
        if (plain < '0' || plain > '4') {
            out[0] = plain;
            return 1;
        }
        memcpy(out, pairs[plain - '0'], 2);
        return 2;
    }
    return put_letter(out, small_of(letter));
}

char *names_fold(struct arena *arena, const char *name) {
    char *out = arena_take(arena, strlen(name) + 1, 1); /* folding never lengthens */
    size_t len = 0;
    bool gap = false;
    if (out == NULL)
        return NULL;
    while (*name != '\0') {
        uint32_t letter = next_letter(&name);
        if (is_dropped(letter))
            continue;
        if (is_gap(letter)) {
            gap = len > 0;
            continue;
        }
        if (gap)
            out[len++] = ' ';
        gap = false;
        len += put_folded(out + len, letter);
    }
    out[len] = '\0';
    return out;
}

bool names_printable(const char *name) {
    while (*name != '\0') {
        uint32_t letter = next_letter(&name);
        if (letter < ' ' || is_between(letter, 0x7F, 0x9F) || is_between(letter, 0x202A, 0x202E) ||
            is_between(letter, 0x2066, 0x2069) || letter == 0x200B || letter == 0x2028 || letter == 0x2029 ||
            letter == 0xFEFF)
            return false;
    }
    return true;
}

/* ---- how far apart ---- */

struct word {
    size_t from;
    size_t count;
};

struct letters {
    uint32_t list[LETTERS_MAX];
    size_t count;
    struct word words[WORDS_MAX];
    size_t word_count;
};

/* A folded name as letters and words; what is longer than anybody's name is cut. */
static void letters_read(const char *folded, struct letters *out) {
    out->count = 0;
    out->word_count = 0;
    bool inside = false;
    while (*folded != '\0' && *folded != '\n' && out->count < LETTERS_MAX) {
        uint32_t letter = next_letter(&folded);
        if (letter != ' ' && !inside && out->word_count < WORDS_MAX)
            out->words[out->word_count++] = (struct word){.from = out->count};
        inside = letter != ' ';
        if (inside)
            out->words[out->word_count - 1].count++;
        out->list[out->count++] = letter;
    }
}

static size_t least(size_t one, size_t other) {
    return one < other ? one : other;
}

/* How many letters must be put in, taken out or changed to make one of the other; above `limit`: limit + 1. */
static size_t distance(const uint32_t *one, size_t ones, const uint32_t *other, size_t others, size_t limit) {
    size_t row[LETTERS_MAX + 1];
    if (ones > others + limit || others > ones + limit)
        return limit + 1;
    for (size_t j = 0; j <= others; j++)
        row[j] = j;
    for (size_t i = 1; i <= ones; i++) {
        size_t diagonal = row[0];
        size_t best = row[0] = i;
        for (size_t j = 1; j <= others; j++) {
            size_t changed = diagonal + (one[i - 1] != other[j - 1]);
            diagonal = row[j];
            row[j] = least(changed, least(row[j], row[j - 1]) + 1);
            best = least(best, row[j]);
        }
        if (best > limit)
            return limit + 1;
    }
    return least(row[others], limit + 1);
}

/* The same words, beginning with the second: "khan amira" of "amira khan". */
static void rotate(struct letters *name) {
    struct letters turned = {.count = name->count};
    size_t first = name->words[0].count;
    size_t rest = name->count - first - 1;
    memcpy(turned.list, name->list + first + 1, rest * sizeof *turned.list);
    turned.list[rest] = ' ';
    memcpy(turned.list + rest + 1, name->list, first * sizeof *turned.list);
    for (size_t i = 1; i < name->word_count; i++)
        turned.words[i - 1] =
            (struct word){.from = name->words[i].from - first - 1, .count = name->words[i].count};
    turned.words[name->word_count - 1] = (struct word){.from = rest + 1, .count = first};
    turned.word_count = name->word_count;
    *name = turned;
}

/* Each letter typed otherwise changes how often a letter occurs by two at most: most pairs are told apart by this. */
static bool counts_differ(const struct letters *one, const struct letters *other) {
    int counts[64] = {0};
    int sum = 0;
    for (size_t i = 0; i < one->count; i++)
        counts[one->list[i] % 64]++;
    for (size_t i = 0; i < other->count; i++)
        counts[other->list[i] % 64]--;
    for (size_t i = 0; i < 64; i++)
        sum += abs(counts[i]);
    return sum > 4;
}

static bool nearly_the_same(const struct letters *one, struct letters *other) {
    if (counts_differ(one, other))
        return false;
    for (size_t turn = 0; turn == 0 || turn < other->word_count; turn++) {
        if (distance(one->list, one->count, other->list, other->count, 2) <= 2)
            return true;
        if (other->word_count > 1 && other->word_count < WORDS_MAX)
            rotate(other);
    }
    return false;
}

/* Same or nearly: one letter otherwise, two in words of five letters and more, none in short ones. */
static bool words_alike(const struct letters *one, struct word a, const struct letters *other,
                        struct word b) {
    size_t shorter = least(a.count, b.count);
    size_t limit = shorter >= 5 ? 2 : shorter >= 3 ? 1 : 0;
    return shorter >= 2 &&
           distance(one->list + a.from, a.count, other->list + b.from, b.count, limit) <= limit;
}

bool names_alike(const char *one, const char *other, bool same_birth) {
    struct letters a;
    struct letters b;
    letters_read(one, &a);
    letters_read(other, &b);
    for (size_t i = 0; same_birth && i < a.word_count; i++) {
        for (size_t k = 0; k < b.word_count; k++) {
            if (words_alike(&a, a.words[i], &b, b.words[k]))
                return true;
        }
    }
    return a.count > 0 && b.count > 0 && nearly_the_same(&a, &b);
}
