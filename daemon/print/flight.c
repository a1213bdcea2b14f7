#include <stdio.h>
#include <string.h>

#include "desk/print_job.h"
#include "press.h"
#include "sys/clock.h"

/* After so long with one job the sign is lit. */
#define SILENT_MS 6000

/* ---- landing ---- */

static void land(struct station *station) {
    station->flight = (struct flight){.flying = false};
    station->look_ms = 0;
    station->trouble_ms = clock_elapsed_ms();
}

static void land_as(struct press *press, struct station *station, const char *state, const char *reason) {
    station->silent = reason != NULL && strcmp(reason, "deadline") == 0;
    (void)press_mark(press, station->flight.job, state, station, station->flight.number, reason);
    land(station);
}

/* It is certain that nothing of it was printed: it waits again, from the front. */
static void land_unsent(struct press *press, struct station *station) {
    if (station->flight.seq < press->floor) {
        press->floor = station->flight.seq;
    }
    land_as(press, station, "queued", "recovered");
}

/* Past its deadline. Only where the server has said so is it cancelled; otherwise nobody knows. */
static void give_up(struct press *press, struct station *station) {
    struct flight *flight = &station->flight;
    if (station->backend->cancel(station->printer, flight->number) == BACKEND_DONE) {
        land_as(press, station, "cancelled", flight->lingers ? "taken_back" : "deadline");
        return;
    }
    if (!flight->lingers) {
        (void)press_mark(press, flight->job, "unverified", station, flight->number, "no_answer");
        flight->lingers = true;
        station_light(press, station, true, "server-not-answering");
    }
}

/* It was noted as unverified, and the server answers again. What has not been printed yet shall not be any more. */
static void look_at_lingering(struct press *press, struct station *station, enum backend_fate fate) {
    switch (fate) {
    case FATE_NO_ANSWER: return;
    case FATE_UNDER_WAY:
    case FATE_NO_DOCUMENT: give_up(press, station); return;
    case FATE_ABORTED:
    case FATE_CANCELLED: land_as(press, station, "cancelled", "taken_back"); return;
    case FATE_DONE:
    case FATE_DONE_WITH_MESSAGE:
    case FATE_GONE: break;
    }
    land(station); /* it stays unverified: a person looks */
}

void flight_look(struct press *press, struct station *station) {
    struct flight *flight = &station->flight;
    enum backend_fate fate = station->backend->fate(station->printer, flight->number);
    if (atomic_load(press->stopping)) {
        return;
    }
    if (flight->lingers) {
        look_at_lingering(press, station, fate);
        return;
    }
    bool late = clock_elapsed_ms() - flight->sent_ms >= press->deadline_ms;
    switch (fate) {
    case FATE_DONE: land_as(press, station, "accepted_by_printer", NULL); return;
    case FATE_DONE_WITH_MESSAGE: land_as(press, station, "unverified", "left_over_message"); return;
    case FATE_ABORTED: land_as(press, station, "failed", "aborted"); return;
    case FATE_CANCELLED: land_as(press, station, "cancelled", "cancelled_at_printer"); return;
    case FATE_GONE: land_as(press, station, "unverified", "lost"); return;
    case FATE_NO_DOCUMENT:
        if (flight->unsure && station->backend->cancel(station->printer, flight->number) == BACKEND_DONE) {
            land_unsent(press, station);
            return;
        }
        break;
    case FATE_UNDER_WAY:
    case FATE_NO_ANSWER: break;
    }
    if (late) {
        give_up(press, station);
    } else if (!station->silent && clock_elapsed_ms() - flight->sent_ms >= SILENT_MS) {
        station->silent = true; /* printers that are switched off have no reason at the server */
        station->look_ms = 0;
    }
}

/* ---- a person has cancelled it, or had it printed again ---- */

struct wanted {
    const char *job;
    bool yes;
};

static bool wanted_run(struct press *press, struct tx *tx, void *context) {
    struct wanted *w = context;
    struct print_job_row row;
    (void)press;
    w->yes = desk_print_job(tx, w->job, &row) != DESK_OK || strcmp(row.state, "cancelled") != 0;
    return true;
}

static void look_whether_wanted(struct press *press, struct station *station) {
    struct wanted w = {.job = station->flight.job, .yes = true};
    if (press_read(press, wanted_run, &w) && !w.yes &&
        station->backend->cancel(station->printer, station->flight.number) == BACKEND_DONE) {
        land(station);
    }
}

void flights_look(struct press *press, bool kicked) {
    for (size_t i = 0; i < press->count && !atomic_load(press->stopping); i++) {
        struct station *station = &press->stations[i];
        if (station->flight.flying && kicked) {
            look_whether_wanted(press, station);
        }
        if (station->flight.flying) {
            flight_look(press, station);
        }
    }
}

/* ---- after a start ---- */

/* What recovery needs of a job; more than a few are never on their way. */
struct left {
    size_t count;
    struct {
        char job[PRINT_TOLD_SIZE];
        char printer[PRINT_TOLD_SIZE];
        int64_t seq;
        int64_t number;
    } rows[STATIONS_MAX * 4];
};

static bool left_run(struct press *press, struct tx *tx, void *context) {
    struct left *left = context;
    struct print_job_row *rows = NULL;
    size_t count = 0;
    size_t dropped = 0;
    press->floor = print_jobs_oldest_open(tx);
    do {
        if (press->floor != TX_NOW && desk_print_drop_stale(tx, press->floor, &dropped) != DESK_OK) {
            return false;
        }
    } while (dropped > 0);
    if (press->floor == TX_NOW) {
        press->floor = print_jobs_newest(tx) + 1;
    } else if (!print_jobs_sent(tx, press->floor, &rows, &count)) {
        return false;
    }
    for (size_t i = 0; i < count && left->count < sizeof left->rows / sizeof left->rows[0]; i++) {
        (void)snprintf(left->rows[left->count].job, PRINT_TOLD_SIZE, "%s", rows[i].id);
        (void)snprintf(left->rows[left->count].printer, PRINT_TOLD_SIZE, "%s",
                       rows[i].printer == NULL ? "" : rows[i].printer);
        left->rows[left->count].seq = rows[i].seq;
        left->rows[left->count++].number = rows[i].cups_job;
    }
    return true;
}

static void recover(struct press *press, const char *job, const char *printer, int64_t seq, int64_t number) {
    struct station *station = station_find(press, printer);
    if (station != NULL && station->backend->at_once) {
        (void)press_mark(press, job, "queued", station, 0,
                         "recovered"); /* writing it again is the same file */
        return;
    }
    if (station == NULL || !station->active || station->flight.flying || number == 0) {
        (void)press_mark(press, job, "unverified", station, number, "interrupted");
        return;
    }
    station->flight = (struct flight){
        .flying = true, .seq = seq, .number = number, .sent_ms = clock_elapsed_ms(), .unsure = true};
    (void)snprintf(station->flight.job, sizeof station->flight.job, "%s", job);
}

void flights_recover(struct press *press) {
    struct left left = {.count = 0};
    if (!press_write(press, left_run, &left)) {
        return;
    }
    press->recovered = true;
    for (size_t i = 0; i < left.count; i++) {
        recover(press, left.rows[i].job, left.rows[i].printer, left.rows[i].seq, left.rows[i].number);
    }
}
