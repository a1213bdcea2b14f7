#include "paper.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "papers.h"

struct paper *paper_new(size_t limit) {
    struct paper *paper = calloc(1, sizeof *paper);
    assert_non_null(paper);
    paper->renderer = papers_renderer();
    buffer_init(&paper->pdf, limit);
    buffer_init(&paper->text, limit);
    return paper;
}

void paper_free(struct paper *paper) {
    renderer_free(&paper->renderer);
    buffer_release(&paper->pdf);
    buffer_release(&paper->text);
    free(paper);
}

void paper_says(const struct paper *paper, const char *words) {
    if (strstr(paper->text.bytes, words) == NULL) {
        fail_msg("\"%s\" is not in \"%s\"", words, paper->text.bytes);
    }
}
