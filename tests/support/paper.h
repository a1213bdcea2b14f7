/*
 * One rendered document under test: the renderer, the PDF it made, its words. The test owns it from paper_new to paper_free.
 */
#ifndef INSTALMENT_TESTS_PAPER_H
#define INSTALMENT_TESTS_PAPER_H

#include "render/render.h"
#include "sys/buffer.h"

struct paper {
    struct renderer *renderer;
    struct buffer pdf;
    struct buffer text; /* what pdf_text took out of it */
    struct render_answer answer;
};

/* An empty one, for so many bytes of PDF at most; fails the test where there is no memory. */
struct paper *paper_new(size_t limit);
void paper_free(struct paper *paper);

/* Fails the test unless these words are in its text. */
void paper_says(const struct paper *paper, const char *words);

#endif
