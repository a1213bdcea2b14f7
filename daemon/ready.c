#include "ready.h"

#include <string.h>

#include "sys/buffer.h"
#include "sys/clock.h"

#define READY_MAX 16384

/* A text in quotes. What is not ASCII is UTF-8 already: paths and names of ours. */
static void put_text(struct buffer *out, const char *text) {
    buffer_char(out, '"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\') {
            buffer_char(out, '\\');
            buffer_char(out, *text);
        } else if ((unsigned char)*text < ' ') {
            buffer_format(out, "\\u%04x", (unsigned)*text);
        } else {
            buffer_char(out, *text);
        }
    }
    buffer_char(out, '"');
}

static void put_member(struct buffer *out, const char *name, const char *text) {
    buffer_format(out, ",\"%s\":", name);
    if (text == NULL) {
        buffer_text(out, "null");
    } else {
        put_text(out, text);
    }
}

/* Where a browser on this machine finds it: a wildcard address is no address. */
static void put_url(struct buffer *url, const char *address) {
    static const char wild4[] = "0.0.0.0:";
    static const char wild6[] = "[::]:";
    if (strncmp(address, wild4, sizeof wild4 - 1) == 0) {
        buffer_format(url, "https://127.0.0.1:%s", address + sizeof wild4 - 1);
    } else if (strncmp(address, wild6, sizeof wild6 - 1) == 0) {
        buffer_format(url, "https://[::1]:%s", address + sizeof wild6 - 1);
    } else {
        buffer_format(url, "https://%s", address);
    }
}

static void put_people(struct buffer *out) {
    size_t count = 0;
    const struct demo_person *people = demo_people(&count);
    buffer_text(out, ",\"staff\":[");
    for (size_t i = 0; i < count; i++) {
        buffer_format(out, "%s{\"staff\":", i == 0 ? "" : ",");
        put_text(out, people[i].staff);
        put_member(out, "pin", people[i].pin);
        put_member(out, "role", role_text(people[i].role));
        buffer_char(out, '}');
    }
    buffer_char(out, ']');
}

bool ready_print(const struct ready *ready, FILE *out) {
    struct buffer line;
    struct buffer url;
    char now[CLOCK_TEXT_SIZE];
    buffer_init(&line, READY_MAX);
    buffer_init(&url, READY_MAX);
    clock_format(clock_now().at, now);
    put_url(&url, ready->address);
    bool good = buffer_ok(&url);
    if (good) {
        buffer_text(&line, "{\"ready\":true");
        put_member(&line, "url", url.bytes);
        buffer_text(&url, "/");
        if (ready->code != NULL) {
            buffer_format(&url, "#enrol=%s", ready->code);
        }
        put_member(&line, "page", url.bytes);
        put_member(&line, "ca", ready->ca);
        if (ready->terminal != NULL) {
            put_member(&line, "terminal", ready->terminal);
            put_people(&line);
        }
        put_member(&line, "socket", ready->socket[0] == '\0' ? NULL : ready->socket);
        if (ready->terminal != NULL) {
            put_member(&line, "inbox", ready->inbox);
            if (ready->inbox != NULL && ready->keyworkers != NULL) {
                buffer_format(&line, ",\"keyworkers\":%s", ready->keyworkers);
            }
            put_member(&line, "labels", ready->labels);
        }
        put_member(&line, "now", now);
        buffer_text(&line, "}\n");
        good = buffer_ok(&url) && buffer_ok(&line) && fwrite(line.bytes, 1, line.len, out) == line.len &&
               fflush(out) == 0;
    }
    buffer_release(&url);
    buffer_release(&line);
    return good;
}
