#include "press.h"

#include <stdio.h>
#include <string.h>

#include "desk/print_job.h"
#include "sys/clock.h"
#include "sys/log.h"

#define TICK_MS 200       /* while something is on its way */
#define TICK_WAIT_MS 1000 /* while something waits for a printer in trouble */
#define TICK_IDLE_MS 5000 /* the next look at printers that are well */
#define TICK_REST_MS 60000
#define WAITING_MAX 4
#define RETRY_OTHERS 10 /* where others stand in for it */

/* Jobs that go to printers of the same kind. */
struct trade {
    const char *kinds[3];    /* of jobs */
    const char *printers[2]; /* kinds of printers, the first that there is */
};

static const struct trade trades[] = {
    {{"label", "bag", "bag"}, {"label", "label"}},
    {{"card", "card", "card"}, {"card", "a4"}},
    {{"calendar", "downtime", "last_dose"}, {"a4", "a4"}},
};

/* A job that waits. */
struct waiting {
    char id[PRINT_TOLD_SIZE];
    int64_t seq;
    char kind[16];
};

struct waiting_list {
    const struct trade *trade;
    struct waiting rows[WAITING_MAX];
    size_t count;
    int64_t newest; /* seq of the newest job of all */
};

/* ---- which printers ---- */

static size_t stations_of_kind(struct press *press, const char *kind, struct station *out[STATIONS_MAX]) {
    size_t count = 0;
    for (size_t i = 0; i < press->count; i++) {
        if (press->stations[i].active && strcmp(press->stations[i].kind, kind) == 0) {
            out[count++] = &press->stations[i];
        }
    }
    return count;
}

static bool among(struct station *const *list, size_t count, const struct station *station) {
    for (size_t i = 0; i < count; i++) {
        if (list[i] == station) {
            return true;
        }
    }
    return false;
}

/* Those of the kind, then their fallbacks; the folder where there is none of the kind. */
static size_t candidates(struct press *press, const struct trade *trade, struct station *out[STATIONS_MAX]) {
    size_t count = 0;
    for (size_t i = 0; count == 0 && i < sizeof trade->printers / sizeof trade->printers[0]; i++) {
        count = stations_of_kind(press, trade->printers[i], out);
    }
    size_t own = count;
    for (size_t i = 0; i < own; i++) {
        struct station *next = station_find(press, out[i]->fallback);
        if (next != NULL && next->active && count < STATIONS_MAX && !among(out, count, next)) {
            out[count++] = next;
        }
    }
    if (count == 0) {
        out[count++] = &press->stations[0];
    }
    return count;
}

/* ---- one page ---- */

struct content_wish {
    const char *job;
    struct print_content content;
    enum desk_result result;
};

static bool content_run(struct press *press, struct tx *tx, void *context) {
    struct content_wish *wish = context;
    struct print_job_row row;
    wish->result = desk_print_job(tx, wish->job, &row);
    if (wish->result == DESK_OK) {
        wish->result = desk_print_content(tx, &row, &press->pharmacy, &wish->content);
    }
    return wish->result != DESK_FAILED;
}

static const char *reason_of(enum render_result result) {
    switch (result) {
    case RENDER_TOO_LONG: return "text_too_long";
    case RENDER_NO_GLYPH: return "glyph_missing";
    case RENDER_MEMORY: return "no_memory";
    case RENDER_INVALID:
    case RENDER_OK: break;
    }
    return "cannot_be_drawn";
}

/* Sizes that a printer does not say: the folder's pages have their own. */
static struct render_media media_of(const struct station *station, const struct print_content *content) {
    if (!station->backend->at_once) {
        return (struct render_media){.width = station->width * 10, .height = station->height * 10};
    }
    switch (content->kind) {
    case PRINT_LABEL:
    case PRINT_BAG: return render_media_label;
    case PRINT_CARD: return content->card.form == CARD_NORMAL ? render_media_a6 : render_media_a4;
    case PRINT_CALENDAR:
    case PRINT_DOWNTIME:
    case PRINT_LETTER:
    case PRINT_KIND_COUNT: break;
    }
    return render_media_a4;
}

/* Draws the job for this printer into press->pdf. False: it never can be, which is noted; or, *later, not now. */
static bool draw(struct press *press, const char *job, const struct station *station, bool *later) {
    struct content_wish wish = {.job = job, .result = DESK_FAILED};
    struct render_answer answer = {.pages = 0};
    *later = !press_read(press, content_run, &wish);
    if (*later) {
        return false;
    }
    if (wish.result != DESK_OK) {
        (void)press_mark(press, job, "failed", NULL, 0, "facts_missing");
        return false;
    }
    const struct render_media media = media_of(station, &wish.content);
    enum render_result result =
        artist_draw(press->artist, &wish.content, media.width / 10, media.height / 10, &press->pdf, &answer);
    if (result == RENDER_OK) {
        return true;
    }
    log_warning("event=not_drawn job=%s reason=\"%s\"", job, answer.sentence);
    (void)press_mark(press, job, "failed", NULL, 0, reason_of(result));
    return false;
}

/* ---- handing it over ---- */

/* A job that an earlier begin() may have made, and nobody noted: its document was never sent, and never will be. */
static enum backend_result clear_doubt(struct station *station, const char *job) {
    int64_t number = 0;
    if (!station->doubt) {
        return BACKEND_DONE;
    }
    enum backend_result found = station->backend->find(station->printer, job, &number);
    if (found == BACKEND_NOT_KNOWN ||
        (found == BACKEND_DONE && station->backend->cancel(station->printer, number) != BACKEND_DONE)) {
        return BACKEND_NOT;
    }
    station->doubt = false;
    return BACKEND_DONE;
}

/* Certainly not sent: it waits again. */
static void take_back(struct press *press, struct station *station, const char *job, int64_t number,
                      const char *reason) {
    station->doubt = station->backend->cancel(station->printer, number) != BACKEND_DONE;
    (void)press_mark(press, job, "queued", station, number, reason);
}

/* BACKEND_DONE: it is on its way, or settled; otherwise as a backend says. */
static enum backend_result hand_over(struct press *press, struct station *station, const struct waiting *w,
                                     const char **reason) {
    const struct backend_page page = {.title = w->id, .bytes = press->pdf.bytes, .len = press->pdf.len};
    const struct backend *backend = station->backend;
    int64_t number = 0;
    *reason = "no_answer";
    enum backend_result result = clear_doubt(station, w->id);
    result = result == BACKEND_DONE ? backend->begin(station->printer, &page, &number, reason) : result;
    if (result != BACKEND_DONE) {
        station->doubt = station->doubt || result == BACKEND_NOT_KNOWN;
        return result;
    }
    if (!press_mark(press, w->id, "sent", station, number, NULL)) {
        station->doubt = backend->cancel(station->printer, number) != BACKEND_DONE;
        return BACKEND_DONE; /* a person has cancelled it, or the store has failed */
    }
    result = backend->send(station->printer, &page, number, reason);
    if (result == BACKEND_NOT || result == BACKEND_NEVER) {
        take_back(press, station, w->id, number, *reason);
        return result;
    }
    station->flight = (struct flight){.flying = true,
                                      .seq = w->seq,
                                      .number = number,
                                      .sent_ms = clock_elapsed_ms(),
                                      .unsure = result == BACKEND_NOT_KNOWN};
    (void)snprintf(station->flight.job, sizeof station->flight.job, "%s", w->id);
    station->look_ms = 0;
    if (backend->at_once) {
        flight_look(press, station);
    }
    return BACKEND_DONE;
}

/*
 * A print server hears how a printer is only while it prints: what it said after the last job may be long over. So a
 * printer in trouble is tried again after as long as a job may take, later where others stand in for it.
 */
static bool may_retry(const struct press *press, const struct station *station, size_t printers) {
    int64_t wait_ms = press->deadline_ms * (printers > 1 ? RETRY_OTHERS : 1);
    return station->answers && clock_elapsed_ms() - station->trouble_ms >= wait_ms;
}

/* Tries each printer in turn. False: nothing could be done for it now. */
static bool print_one(struct press *press, const struct waiting *w, struct station *const *list,
                      size_t count) {
    const char *reason = NULL;
    bool perhaps = false; /* a printer that is busy or in trouble may take it later */
    bool never = false;
    for (size_t i = 0; i < count && !atomic_load(press->stopping); i++) {
        struct station *station = list[i];
        const char *why = NULL;
        bool later = false;
        if (station->flight.flying || (station->trouble && !may_retry(press, station, count))) {
            perhaps = true;
            if (!station->trouble) {
                return false; /* busy, and well: it is waited for */
            }
            continue;
        }
        if (!draw(press, w->id, station, &later)) {
            return !later;
        }
        enum backend_result result = hand_over(press, station, w, &why);
        buffer_release(&press->pdf);
        if (result == BACKEND_DONE) {
            return true;
        }
        if (result == BACKEND_NEVER) {
            reason = why;
            never = never || i == 0; /* the others only stand in for the first */
            continue;
        }
        perhaps = true;
        station_light(press, station, true, strcmp(why, "not_written") == 0 ? why : "server-not-answering");
    }
    if (reason != NULL && (never || !perhaps)) {
        return press_mark(press, w->id, "failed", list[0], 0, reason);
    }
    return false;
}

/* ---- what waits ---- */

static bool waiting_run(struct press *press, struct tx *tx, void *context) {
    struct waiting_list *list = context;
    struct print_job_row *rows = NULL;
    size_t count = 0;
    if (!print_jobs_waiting(tx, press->floor, list->trade == NULL ? NULL : list->trade->kinds, WAITING_MAX,
                            &rows, &count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        struct waiting *w = &list->rows[list->count++];
        (void)snprintf(w->id, sizeof w->id, "%s", rows[i].id);
        (void)snprintf(w->kind, sizeof w->kind, "%s", rows[i].kind);
        w->seq = rows[i].seq;
    }
    list->newest = print_jobs_newest(tx);
    return true;
}

/* The jobs of one trade, in their order. True: something was done, and there may be more. */
static bool print_trade(struct press *press, const struct trade *trade, int64_t *first, int64_t *newest) {
    struct waiting_list list = {.trade = trade};
    struct station *stations[STATIONS_MAX];
    bool done = false;
    if (!press_read(press, waiting_run, &list)) {
        *first = press->floor;
        return false;
    }
    *newest =
        list.newest < *newest ? list.newest : *newest; /* what came later was not looked for in all trades */
    if (list.count > 0 && list.rows[0].seq < *first) {
        *first = list.rows[0].seq;
    }
    size_t count = candidates(press, trade, stations);
    for (size_t i = 0; i < list.count && !atomic_load(press->stopping); i++) {
        if (!print_one(press, &list.rows[i], stations, count)) {
            return done;
        }
        done = true;
    }
    return done;
}

/* Everything that can be handed over now. True: something still waits. */
static bool print_all(struct press *press) {
    for (bool more = true; more && !atomic_load(press->stopping);) {
        int64_t first = INT64_MAX;
        int64_t newest = INT64_MAX;
        more = false;
        for (size_t i = 0; i < sizeof trades / sizeof trades[0]; i++) {
            more = print_trade(press, &trades[i], &first, &newest) || more;
        }
        if (first == INT64_MAX) {
            press->floor = newest + 1 > press->floor ? newest + 1 : press->floor;
            return false;
        }
        press->floor = first < press->floor ? press->floor : first;
    }
    return true;
}

/* ---- turns ---- */

static int next_turn(const struct press *press, bool waits) {
    int ms = waits ? TICK_WAIT_MS : TICK_REST_MS;
    for (size_t i = 0; i < press->count; i++) {
        const struct station *station = &press->stations[i];
        if (!station->active && !station->flight.flying) {
            continue;
        }
        int mine = station->flight.flying      ? TICK_MS
                   : station->backend->at_once ? TICK_REST_MS
                   : station->trouble          ? TICK_WAIT_MS
                                               : TICK_IDLE_MS;
        ms = mine < ms ? mine : ms;
    }
    return ms;
}

int press_turn(struct press *press, bool kicked) {
    if (kicked || press->count == 0) {
        stations_read(press);
    }
    if (!press->recovered) {
        flights_recover(press);
    }
    flights_look(press, kicked);
    stations_look(press);
    bool waits = press->recovered ? print_all(press) : true;
    return next_turn(press, waits);
}

void press_release(struct press *press) {
    for (size_t i = 0; i < press->count; i++) {
        station_close(&press->stations[i]);
    }
    press->count = 0;
    buffer_release(&press->pdf);
    arena_free(&press->arena);
}
