/*
 * `instalmentd decide` (api.md): scenarios in, decisions out, one JSON value a line. The same core as the
 * service's, without a store, a clock or a network: for auditors and for tests.
 */
#ifndef INSTALMENT_HTTP_DECIDE_LINES_H
#define INSTALMENT_HTTP_DECIDE_LINES_H

#include <stdio.h>

#include "../core/catalogue.h"
#include "../sys/buffer.h"

/* The longest line that is read; a longer one is answered with an error. */
#define DECIDE_LINE_MAX (8U << 20)

struct decider;

/*
 * A decider that borrows the catalogue, or NULL where memory is short. It makes cJSON take its memory from an
 * arena of its own: a process has one decider and does nothing else with JSON.
 */
struct decider *decider_new(const struct catalogue *catalogue);
void decider_free(struct decider **decider);

/*
 * Adds the answer to one line (without its end of line) and a newline to `out`: a decision, or
 * {"error":"…"}. Returns whether it was a decision.
 */
bool decider_line(struct decider *decider, const char *line, size_t len, struct buffer *out);

/*
 * Answers every line of `in` on `out`, in order. 0: every line was a scenario; 1: some were not, or the
 * answers could not be written (said on standard error).
 */
int decide_lines(const struct catalogue *catalogue, FILE *in, FILE *out);

#endif
