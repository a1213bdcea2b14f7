/*
 * What a PDF says, asked of Debian's poppler-utils and zbar-tools: its words, its size, its code, its picture. The PDF and
 * what is made of it lie in a temporary folder of the process, removed at the end of each call.
 */
#ifndef INSTALMENT_TESTS_PDF_H
#define INSTALMENT_TESTS_PDF_H

#include <stdbool.h>

#include "sys/buffer.h"

/* Its words in the order of drawing, any run of blanks as one space; *text must be released. The page from 1; 0: all. */
void pdf_text(const struct buffer *pdf, int page, struct buffer *text);

/* How many pages, and the size of the first in millimetres. */
int pdf_pages(const struct buffer *pdf, double *width, double *height);

/* What the QR code on a page says at so many dots an inch; empty where there is none that can be read. */
void pdf_code(const struct buffer *pdf, int page, int dpi, struct buffer *code);

/*
 * Fails the test unless words and pictures of all pages equal tests/golden/print/NAME.txt and NAME-1.png and so on; with
 * UPDATE_GOLDEN=1 these are written instead. Pictures may differ as another version of the library would draw them: in
 * the edges of letters, not in what a square of 4 x 4 dots looks like.
 */
void pdf_golden(const struct buffer *pdf, const char *name, int dpi);

/* Do they look alike, as pdf_golden asks? Both at so many dots an inch, the first page. */
bool pdf_alike(const struct buffer *a, const struct buffer *b, int dpi);

#endif
