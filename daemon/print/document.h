/* From what a job says to a PDF. Drawn on the rendering lane (sys/lane.h), where the fonts live. */
#ifndef INSTALMENT_PRINT_DOCUMENT_H
#define INSTALMENT_PRINT_DOCUMENT_H

#include "desk/print_content.h"
#include "sys/buffer.h"
#include "sys/lane.h"

struct artist;

/* Draws on this lane, which must outlive it; the fonts are opened by the first page. NULL where memory is short. */
struct artist *artist_new(struct lane *lane);
/* Closes the fonts, on the lane; *artist becomes NULL, which is allowed too. */
void artist_free(struct artist **artist);

/*
 * Draws it for media of this size (hundredths of a millimetre) and waits until that is done. RENDER_OK with the PDF in
 * *pdf, which is emptied first; otherwise `answer` says why. A label is drawn in its own size also where the media is
 * larger. Any thread but the lane's.
 */
enum render_result artist_draw(struct artist *artist, const struct print_content *content, int32_t width,
                               int32_t height, struct buffer *pdf, struct render_answer *answer);

/* The largest PDF that is taken. */
#define DOCUMENT_MAX ((size_t)8 << 20)

#endif
