/*
 * The recogniser of approved wording: see wording.h.
 *
 * Both the text and the approved sentences are read as tokens, and what does not matter is taken away
 * while a token is read; so there is one list of sentences, the approved ones themselves.
 */
#include "wording.h"

#include <string.h>

static const struct {
    enum wording_flag flag;
    const char *code;
    const char *text;
} approved[] = {
    {WORDING_W1, "W1", "Please dispense instalments due on pharmacy closed days on a prior suitable day."},
    {WORDING_W2, "W2",
     "If an instalment's collection day has been missed, please still dispense the amount due for any "
     "remaining day(s) of that instalment."},
    {WORDING_W3, "W3",
     "Consult the prescriber if 3 or more consecutive days of a prescription have been missed."},
    {WORDING_W4, "W4", "Supervise consumption on collection days."},
    {WORDING_W5, "W5", "Dispense daily doses in separate containers."},
    {WORDING_W1OLD, "W1old",
     "Instalments due on days when the pharmacy is closed should be dispensed on the day immediately prior "
     "to closure."},
};

enum { APPROVED_COUNT = sizeof approved / sizeof approved[0] };

enum token_kind {
    TOKEN_WORD,
    TOKEN_LINE, /* a single line break */
    TOKEN_STOP  /* the end of a sentence, or of the text */
};

struct token {
    enum token_kind kind;
    char word[16]; /* longer words are cut: no approved word is that long */
};

struct cursor {
    const char *at;
    const char *end;
};

/* Characters of more than one byte, and what they count as. */
static const struct {
    char bytes[4];
    char meaning;
} alike[] = {
    {"\xE2\x80\x98", '\''}, {"\xE2\x80\x99", '\''}, {"\xE2\x80\x9B", '\''}, {"\xE2\x80\xB2", '\''},
    {"\xCA\xBC", '\''},     {"\xC2\xB4", '\''},     {"\xC2\xA0", ' '},      {"\xE2\x80\x90", ' '},
    {"\xE2\x80\x91", ' '},  {"\xE2\x80\x92", ' '},  {"\xE2\x80\x93", ' '},
};

/* What one byte counts as: white space, stops and apostrophes are made alike, letters small. */
static char plain_meaning(char byte) {
    if (byte >= 'A' && byte <= 'Z')
        return (char)(byte - 'A' + 'a');
    switch (byte) {
    case '\t':
    case '\r':
    case '-': return ' ';
    case '`': return '\'';
    case ';': return '.';
    case '\0': return '\1'; /* must not cut a word short */
    default: return byte;
    }
}

/* The meaning of the character at the cursor, which is not at its end; *size is its length in bytes. */
static char peek(const struct cursor *cursor, size_t *size) {
    size_t left = (size_t)(cursor->end - cursor->at);
    *size = 1;
    if ((unsigned char)*cursor->at < 0x80)
        return plain_meaning(*cursor->at);
    for (size_t i = 0; i < sizeof alike / sizeof alike[0]; i++) {
        size_t len = strlen(alike[i].bytes);
        if (len <= left && memcmp(cursor->at, alike[i].bytes, len) == 0) {
            *size = len;
            return alike[i].meaning;
        }
    }
    return *cursor->at;
}

/* Moves over white space; returns how many line breaks there were. */
static int skip_space(struct cursor *cursor) {
    int lines = 0;
    while (cursor->at < cursor->end) {
        size_t size;
        char meaning = peek(cursor, &size);
        if (meaning != ' ' && meaning != '\n')
            break;
        lines += meaning == '\n';
        cursor->at += size;
    }
    return lines;
}

/* Does this character stand alone, or end a word? */
static bool ends_word(char meaning) {
    return meaning == ' ' || meaning == '\n' || meaning == '.' || meaning == ',';
}

/* Reads a word, or a comma as a word of its own. The cursor is at one. */
static void read_word(struct cursor *cursor, char word[16]) {
    size_t len = 0;
    while (cursor->at < cursor->end) {
        size_t size;
        char meaning = peek(cursor, &size);
        if (ends_word(meaning) && (meaning != ',' || len > 0))
            break;
        if (len < 15)
            word[len++] = meaning;
        cursor->at += size;
        if (meaning == ',')
            break;
    }
    word[len] = '\0';
}

static struct token next_token(struct cursor *cursor) {
    struct token token = {.kind = TOKEN_STOP};
    int lines = skip_space(cursor);
    if (lines > 1 || cursor->at == cursor->end)
        return token;
    if (lines == 1) {
        token.kind = TOKEN_LINE;
        return token;
    }
    size_t size;
    if (peek(cursor, &size) == '.') {
        cursor->at += size;
        return token;
    }
    token.kind = TOKEN_WORD;
    read_word(cursor, token.word);
    if (strcmp(token.word, "days") == 0 || strcmp(token.word, "day(s)") == 0)
        token.word[3] = '\0';
    if (strcmp(token.word, "three") == 0)
        memcpy(token.word, "3", 2);
    return token;
}

/* The next token that is not a single line break. */
static struct token next_word(struct cursor *cursor) {
    struct token token = next_token(cursor);
    while (token.kind == TOKEN_LINE)
        token = next_token(cursor);
    return token;
}

static struct token first_word(struct cursor *cursor) {
    struct token token = next_word(cursor);
    return strcmp(token.word, "please") == 0 ? next_word(cursor) : token;
}

/* Is the sentence at the cursor this approved one? Then the cursor moves behind it; *ended: behind a stop. */
static bool match(struct cursor *cursor, const char *sentence, bool *ended) {
    struct cursor theirs = *cursor;
    struct cursor ours = {.at = sentence, .end = sentence + strlen(sentence)};
    struct token want = first_word(&ours);
    struct token have = first_word(&theirs);
    while (want.kind == TOKEN_WORD) {
        if (strcmp(want.word, have.word) != 0)
            return false;
        want = next_word(&ours);
        have = want.kind == TOKEN_WORD ? next_word(&theirs) : next_token(&theirs);
    }
    if (have.kind == TOKEN_WORD)
        return false;
    *cursor = theirs;
    *ended = have.kind == TOKEN_STOP;
    return true;
}

/* Moves behind the next stop. */
static void skip_sentence(struct cursor *cursor) {
    struct token token;
    do
        token = next_token(cursor);
    while (token.kind != TOKEN_STOP);
}

/* The approved sentences up to the next stop, or 0 where anything else stands there too. */
static unsigned recognise_passage(struct cursor *cursor) {
    unsigned found = 0;
    bool ended = false;
    while (!ended) {
        size_t i = 0;
        while (i < APPROVED_COUNT && !match(cursor, approved[i].text, &ended))
            i++;
        if (i == APPROVED_COUNT) {
            skip_sentence(cursor);
            return 0;
        }
        found |= approved[i].flag;
    }
    return found;
}

unsigned wording_recognise(const char *text, size_t len) {
    struct cursor cursor = {.at = text, .end = text + len};
    unsigned found = 0;
    while (cursor.at < cursor.end)
        found |= recognise_passage(&cursor);
    return found;
}

const char *wording_text(enum wording_flag flag) {
    for (size_t i = 0; i < APPROVED_COUNT; i++) {
        if (approved[i].flag == flag)
            return approved[i].text;
    }
    return NULL;
}

const char *wording_code(enum wording_flag flag) {
    for (size_t i = 0; i < APPROVED_COUNT; i++) {
        if (approved[i].flag == flag)
            return approved[i].code;
    }
    return NULL;
}

bool wording_from_code(const char *code, size_t len, enum wording_flag *out) {
    for (size_t i = 0; i < APPROVED_COUNT; i++) {
        if (strlen(approved[i].code) == len && memcmp(approved[i].code, code, len) == 0) {
            *out = approved[i].flag;
            return true;
        }
    }
    return false;
}
