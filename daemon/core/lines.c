/* Lines of edited text: see lines.h. */
#include "lines.h"

#include <string.h>

/* Cuts blanks off both ends of the text up to stop, which becomes a NUL or lies behind one. */
static char *trim(char *text, char *stop) {
    while (stop > text && (stop[-1] == ' ' || stop[-1] == '\t'))
        stop--;
    *stop = '\0';
    return text + strspn(text, " \t");
}

/* A NUL inside a line would hide what stands behind it: it becomes a character that is not plain. */
static void show_nuls(char *line, const char *stop) {
    for (; line < stop; line++) {
        if (*line == '\0')
            *line = '\1';
    }
}

char *lines_next(struct lines *lines) {
    while (lines->next < lines->end) {
        char *newline = memchr(lines->next, '\n', (size_t)(lines->end - lines->next));
        char *stop = newline == NULL ? lines->end : newline;
        char *line = lines->next;
        lines->next = stop + 1;
        lines->number++;
        show_nuls(line, stop);
        if (stop > line && stop[-1] == '\r')
            stop--;
        line = trim(line, stop);
        if (*line != '\0' && *line != '#')
            return line;
    }
    return NULL;
}

bool lines_are_plain(const char *line) {
    for (; *line != '\0'; line++) {
        unsigned char byte = (unsigned char)*line;
        if ((byte < ' ' && byte != '\t') || byte > '~')
            return false;
    }
    return true;
}

static bool has_good_length(const char *text) {
    return *text != '\0' && strlen(text) <= LINES_LONGEST;
}

const char *lines_split(char *line, const char **key, const char **value) {
    char *equals = strchr(line, '=');
    if (equals == NULL)
        return "neither a stanza, nor key = value, nor a comment";
    *value = trim(equals + 1, equals + strlen(equals));
    *key = trim(line, equals);
    if (!has_good_length(*key) || !has_good_length(*value))
        return "key or value is empty or longer than 120 characters";
    return NULL;
}

const char *lines_head(char *line) {
    size_t len = strlen(line);
    if (len < 2 || line[0] != '[' || line[len - 1] != ']')
        return NULL;
    line[len - 1] = '\0';
    return line + 1;
}
