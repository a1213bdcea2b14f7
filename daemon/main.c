/*
 * instalmentd: the only file that knows everyone.
 */
#include <stdio.h>
#include <string.h>

#include "embed/embed.h"
#include "http/decide_lines.h"
#include "instalment/version.h"

EMBED_DECLARE(config_catalogue_conf);

static int usage(FILE *out, int status) {
    fputs("usage: instalmentd decide      read scenarios from standard input, one JSON value a line\n"
          "       instalmentd --version   say which version this is\n"
          "       instalmentd --help      say this\n",
          out);
    return status;
}

static int run_decide(void) {
    struct catalogue_error error = {0};
    struct catalogue *catalogue =
        catalogue_parse(embed_config_catalogue_conf, embed_config_catalogue_conf_size, &error);
    if (catalogue == NULL) {
        fprintf(stderr, "instalmentd: the embedded catalogue, line %d: %s\n", error.line, error.message);
        return 1;
    }
    int status = decide_lines(catalogue, stdin, stdout);
    catalogue_free(&catalogue);
    return status;
}

int main(int argc, char **argv) {
    if (argc == 2 && strcmp(argv[1], "decide") == 0) {
        return run_decide();
    }
    if (argc == 2 && strcmp(argv[1], "--version") == 0) {
        printf("instalmentd %s, rules %s\n", INSTALMENT_VERSION, INSTALMENT_RULES_VERSION);
        return 0;
    }
    if (argc == 2 && strcmp(argv[1], "--help") == 0) {
        return usage(stdout, 0);
    }
    return usage(stderr, 2);
}
