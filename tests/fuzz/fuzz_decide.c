/* One line of `instalmentd decide`: one line comes out, the same each time, and it is a decision or an error. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "embed/embed.h"
#include "http/decide_lines.h"
#include "http/json.h"

EMBED_DECLARE(config_catalogue_conf);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool condition, const char *what) {
    if (!condition) {
        fprintf(stderr, "%s\n", what);
        abort();
    }
}

static struct decider *fuzz_decider(void) {
    static struct decider *decider;
    if (decider == NULL) {
        struct catalogue_error error = {0};
        const struct catalogue *catalogue =
            catalogue_parse(embed_config_catalogue_conf, embed_config_catalogue_conf_size, &error);
        need(catalogue != NULL, "the catalogue cannot be read");
        decider = decider_new(catalogue);
        need(decider != NULL, "no memory");
    }
    return decider;
}

static void check_answer(const struct buffer *out, bool decision) {
    static const char error[] = "{\"error\":\"";
    static const char verdict[] = "{\"verdict\":\"";
    const char *wrong = NULL;
    const char *head = decision ? verdict : error;
    need(buffer_ok(out) && out->len > strlen(head), "no answer");
    need(out->bytes[out->len - 1] == '\n', "the answer does not end its line");
    need(memchr(out->bytes, '\n', out->len - 1) == NULL, "the answer has more than one line");
    need(memcmp(out->bytes, head, strlen(head)) == 0, "neither a decision nor an error");
    need(json_read(out->bytes, out->len - 1, &wrong) != NULL, "the answer is not JSON");
    if (decision && strstr(out->bytes, "\"verdict\":\"refuse\"") != NULL) {
        need(strstr(out->bytes, "\"covers\":[],\"items\":[]") != NULL, "a refusal that supplies");
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct decider *decider = fuzz_decider();
    struct buffer first;
    struct buffer second;
    /* In memory that ends where the line does. */
    char *line = malloc(size + (size == 0));
    need(line != NULL, "no memory");
    memcpy(line, data, size);
    buffer_init(&first, 1U << 22);
    buffer_init(&second, 1U << 22);
    bool decision = decider_line(decider, line, size, &first);
    check_answer(&first, decision);
    need(decider_line(decider, line, size, &second) == decision && first.len == second.len &&
             memcmp(first.bytes, second.bytes, first.len) == 0,
         "asked twice, answered differently");
    buffer_release(&first);
    buffer_release(&second);
    free(line);
    return 0;
}
