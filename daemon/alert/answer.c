/* What a service says of an alert (alerts.md, "States"). Its bytes are a stranger's: see http/json.h for what is checked. */
#include <string.h>

#include "fhir.h"
#include "http/json.h"

struct reading {
    const char *id;
    struct alert_answer *out;
};

/* The text of a member, NULL where it is absent or of another type. */
static const char *member_text(const cJSON *object, const char *name) {
    const cJSON *value = json_member(object, name);
    const char *text = NULL;
    return value != NULL && json_text(value, &text) ? text : NULL;
}

static bool is_word(const cJSON *object, const char *name, const char *word) {
    const char *text = member_text(object, name);
    return text != NULL && strcmp(text, word) == 0;
}

/* ---- texts of theirs that a person will read ---- */

/* Where a text that does not fit into `room` bytes is cut: at a whole character. */
static size_t fitting(const char *text, size_t room) {
    size_t len = strlen(text);
    if (len <= room) {
        return len;
    }
    len = room;
    while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80) {
        len--;
    }
    return len;
}

/* Adds a line to a text; control characters become spaces. */
static void add_line(char *out, size_t size, const char *line) {
    size_t at = strlen(out);
    if (line == NULL || *line == '\0' || at + 2 >= size) {
        return;
    }
    if (at > 0) {
        out[at++] = '\n';
    }
    size_t len = fitting(line, size - at - 1);
    for (size_t i = 0; i < len; i++) {
        bool control = (unsigned char)line[i] < ' ' || line[i] == 0x7F;
        out[at + i] = (char)(control && line[i] != '\n' ? ' ' : line[i]);
    }
    out[at + len] = '\0';
}

/* ---- Task ---- */

static bool is_ours(const struct reading *r, const cJSON *task) {
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, json_member(task, "identifier")) {
        if (is_word(one, "system", "urn:instalmentd:alert") && is_word(one, "value", r->id)) {
            return true;
        }
    }
    return false;
}

static enum alert_task task_state(const cJSON *task) {
    if (is_word(task, "status", "accepted") || is_word(task, "status", "in-progress") ||
        is_word(task, "status", "completed")) {
        return ALERT_TASK_ACKNOWLEDGED;
    }
    return is_word(task, "status", "rejected") ? ALERT_TASK_REJECTED : ALERT_TASK_OPEN;
}

static void read_task(const struct reading *r, const cJSON *task) {
    struct alert_answer *out = r->out;
    enum alert_task state = is_ours(r, task) ? task_state(task) : ALERT_TASK_NONE;
    if (state <= out->task) {
        return;
    }
    out->task = state;
    out->by[0] = '\0';
    out->note[0] = '\0';
    const cJSON *owner = json_member(task, "owner");
    add_line(out->by, sizeof out->by, owner == NULL ? NULL : member_text(owner, "display"));
    const cJSON *one = NULL;
    cJSON_ArrayForEach(one, json_member(task, "note")) {
        add_line(out->note, sizeof out->note, member_text(one, "text"));
    }
}

/* ---- MessageHeader ---- */

static void read_header(const struct reading *r, const cJSON *header) {
    const cJSON *response = json_member(header, "response");
    enum alert_response said = ALERT_RESPONSE_NONE;
    if (response == NULL) {
        return;
    }
    if (is_word(response, "code", "ok")) {
        said = ALERT_RESPONSE_OK;
    } else if (is_word(response, "code", "transient-error")) {
        said = ALERT_RESPONSE_TRANSIENT;
    } else if (is_word(response, "code", "fatal-error")) {
        said = ALERT_RESPONSE_FATAL;
    }
    r->out->response = said > r->out->response ? said : r->out->response;
}

/* ---- Bundles ---- */

/* NOLINTNEXTLINE(misc-no-recursion): a Bundle in a Bundle; json_read bounds the depth */
static void read_resource(const struct reading *r, const cJSON *resource) {
    const cJSON *one = NULL;
    if (is_word(resource, "resourceType", "Task")) {
        read_task(r, resource);
    } else if (is_word(resource, "resourceType", "MessageHeader")) {
        read_header(r, resource);
    } else if (is_word(resource, "resourceType", "Bundle")) {
        cJSON_ArrayForEach(one, json_member(resource, "entry")) {
            const cJSON *inside = json_member(one, "resource");
            if (inside != NULL) {
                read_resource(r, inside);
            }
        }
    }
}

static bool begins_as_object(const char *body, size_t len) {
    size_t at = 0;
    while (at < len && strchr(" \t\r\n", body[at]) != NULL && body[at] != '\0') {
        at++;
    }
    return at < len && body[at] == '{';
}

enum alert_body alert_fhir_read_answer(const char *id, const char *body, size_t len,
                                       struct alert_answer *out) {
    const char *error = NULL;
    *out = (struct alert_answer){.response = ALERT_RESPONSE_NONE, .task = ALERT_TASK_NONE};
    if (len == 0 || !begins_as_object(body, len)) {
        return ALERT_BODY_OTHER;
    }
    cJSON *value = len > ALERT_ANSWER_MAX ? NULL : json_read(body, len, &error);
    if (value == NULL) {
        return ALERT_BODY_BROKEN;
    }
    read_resource(&(struct reading){.id = id, .out = out}, value);
    cJSON_Delete(value);
    return ALERT_BODY_READ;
}
