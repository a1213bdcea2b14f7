/*
 * Brings print jobs to paper: takes what waits in the store, has it drawn, hands it to a printer, and notes what has
 * become of it (the states of desk/print_job.h). One thread of its own: a printer that stalls holds up neither drawing,
 * nor a report, nor a supply. Nothing waits here: the queue is the store's, and one page at a time is in memory.
 *
 * Jobs go to the printers that staff have entered: labels and bag labels to those of kind `label`, cards to `card` (or
 * `a4`), sheets to `a4`; where there is none, into the folder (the `file` driver). A printer in trouble is passed over for
 * the next one of its kind, then for its fallback; where all are in trouble the jobs wait, and the sign is lit.
 */
#ifndef INSTALMENT_PRINT_PRINT_H
#define INSTALMENT_PRINT_PRINT_H

#include <event2/event.h>

#include "render/render.h"
#include "store/store.h"
#include "sys/lane.h"

struct print;

struct print_options {
    const char *folder;              /* of the file driver; made where it does not exist */
    struct render_pharmacy pharmacy; /* copied */
    int64_t deadline_ms;             /* so long may a printer take for one job; then it is cancelled */
};

/* The longest text of an id or a state that is told. */
#define PRINT_TOLD_SIZE 32

/*
 * Starts the thread, which first looks after what an earlier run has left. `lane` must outlive it. NULL where memory is
 * short or a thread cannot be had. Loop thread.
 */
struct print *print_new(struct event_base *base, struct store *store, struct lane *lane,
                        const struct print_options *options);

/* Whom to tell, on the loop: a job's id with its state, a printer's id with "ready" or "trouble". */
void print_on_told(struct print *print, void (*told)(void *context, const char *id, const char *state),
                   void *context);

/* What stands on labels from now on: copied. Loop thread. */
void print_set_pharmacy(struct print *print, const struct render_pharmacy *pharmacy);

/* There may be something to do: a job was queued, cancelled, or a printer changed. Any thread. */
void print_kick(struct print *print);

/* Since the start. Loop thread. */
struct print_counts {
    uint64_t accepted; /* by a printer, or written */
    uint64_t unverified;
    uint64_t failed;
    uint64_t cancelled;
    size_t troubled; /* printers in trouble now */
};
void print_counts(const struct print *print, struct print_counts *out);

/* Ends the thread within seconds; what was on its way is looked after by the next start. *print becomes NULL, which is
 * allowed too. Before the store is closed; loop thread. */
void print_free(struct print **print);

#endif
