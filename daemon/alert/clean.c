#include "clean.h"

#include <stdint.h>
#include <string.h>

#include "sys/buffer.h"

#define REPLACEMENT 0xFFFDu
static const char ellipsis[] = "\xE2\x80\xA6";

/* One character from `at` (not at a NUL); *step is how many bytes it took. */
static uint32_t decode(const unsigned char *at, size_t *step) {
    static const struct {
        unsigned char lead, mask;
        size_t more;
        uint32_t least;
    } forms[] = {{0xC0, 0xE0, 1, 0x80}, {0xE0, 0xF0, 2, 0x800}, {0xF0, 0xF8, 3, 0x10000}};
    *step = 1;
    if (at[0] < 0x80) {
        return at[0];
    }
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        if ((at[0] & forms[i].mask) != forms[i].lead) {
            continue;
        }
        uint32_t c = at[0] & (unsigned char)~forms[i].mask;
        for (size_t k = 1; k <= forms[i].more; k++) {
            if ((at[k] & 0xC0) != 0x80) {
                return REPLACEMENT;
            }
            c = c << 6 | (at[k] & 0x3Fu);
        }
        if (c < forms[i].least || c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) {
            return REPLACEMENT;
        }
        *step = forms[i].more + 1;
        return c;
    }
    return REPLACEMENT;
}

static bool is_space(uint32_t c) {
    return c == ' ' || (c >= 0x09 && c <= 0x0D) || c == 0x85 || c == 0xA0 || c == 0x1680 ||
           (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F || c == 0x205F ||
           c == 0x3000;
}

static bool is_line_end(uint32_t c) {
    return c == '\n' || c == '\r' || c == 0x85 || c == 0x2028 || c == 0x2029;
}

/* Joiners and marks of direction stay: some scripts cannot be written without. */
static bool is_hidden(uint32_t c) {
    return c < 0x20 || (c >= 0x7F && c <= 0x9F) || c == 0xFEFF || (c >= 0x202A && c <= 0x202E) ||
           (c >= 0x2066 && c <= 0x2069) || (c & 0xFFFE) == 0xFFFE || (c >= 0xFDD0 && c <= 0xFDEF);
}

static void cut(struct buffer *out, size_t limit) {
    size_t len = limit - (sizeof ellipsis - 1);
    while (len > 0 && ((unsigned char)out->bytes[len] & 0xC0) == 0x80) {
        len--;
    }
    out->len = len;
    buffer_text(out, ellipsis);
}

static void clean(struct buffer *out, const char *text, size_t limit, bool lines) {
    char gap = '\0'; /* a space or line end that is written once something follows it */
    size_t step = 1;
    for (const unsigned char *at = (const unsigned char *)text; *at != '\0' && out->len <= limit;
         at += step) {
        uint32_t c = decode(at, &step);
        if (is_space(c)) {
            gap = lines && (gap == '\n' || is_line_end(c)) ? '\n' : ' ';
        } else if (!is_hidden(c)) {
            if (gap != '\0' && out->len > 0) {
                buffer_char(out, gap);
            }
            gap = '\0';
            if (c == REPLACEMENT) {
                buffer_text(out, "\xEF\xBF\xBD");
            } else {
                buffer_add(out, at, step);
            }
        }
    }
    if (out->len > limit && buffer_ok(out)) {
        cut(out, limit);
    }
}

const char *clean_text(struct arena *arena, const char *text, size_t limit, bool lines) {
    struct buffer out;
    const char *kept = NULL;
    if (text == NULL) {
        return NULL;
    }
    buffer_init(&out, limit + 16);
    clean(&out, text, limit, lines);
    if (!buffer_ok(&out)) {
        /* The arena remembers it for whoever asks at the end. */
        (void)arena_take_raw(arena, SIZE_MAX);
    } else if (out.len > 0) {
        kept = arena_text(arena, out.bytes, out.len);
    }
    buffer_release(&out);
    return kept;
}

static char lower(char c) {
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static bool is_word(char c) {
    return (unsigned char)c >= 0x80 || (lower(c) >= 'a' && lower(c) <= 'z') || (c >= '0' && c <= '9');
}

/* How many bytes from `at` say the secret, as words of their own; 0: they do not. */
static size_t says(const char *at, const char *secret) {
    const char *from = at;
    if (*at == ' ' || *at == '\n') {
        return 0;
    }
    for (;;) {
        while (*secret == ' ') {
            secret++;
        }
        if (*secret == '\0') {
            return is_word(at[-1]) && is_word(*at) ? 0 : (size_t)(at - from);
        }
        while (*at == ' ' || *at == '\n') {
            at++;
        }
        if (lower(*at) != lower(*secret)) {
            return 0;
        }
        at++;
        secret++;
    }
}

const char *clean_hide(struct arena *arena, const char *text, const char *secret) {
    struct buffer out;
    if (text == NULL || secret == NULL || strspn(secret, " ") == strlen(secret)) {
        return text;
    }
    buffer_init(&out, strlen(text) * 5);
    for (const char *at = text; *at != '\0';) {
        bool begins = at == text || !is_word(at[-1]) || !is_word(*at);
        size_t len = begins ? says(at, secret) : 0;
        if (len > 0) {
            buffer_text(&out, "[...]");
            at += len;
        } else {
            buffer_char(&out, *at++);
        }
    }
    const char *hidden = buffer_ok(&out) ? arena_text(arena, out.bytes, out.len) : NULL;
    if (hidden == NULL) {
        (void)arena_take_raw(arena, SIZE_MAX);
    }
    buffer_release(&out);
    return hidden;
}
