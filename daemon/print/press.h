/*
 * What the print thread does in its turns (print.h says what for). Everything here belongs to that thread.
 *
 * A job on its way is a flight: its number is noted before the document is sent, so that the next start can ask what has
 * become of it. A station is a printer with at most one flight: the order of jobs is kept, and while a printer is in
 * trouble what follows waits with us, where it can go elsewhere.
 */
#ifndef INSTALMENT_PRINT_PRESS_H
#define INSTALMENT_PRINT_PRESS_H

#include "backend.h"
#include "document.h"
#include "print.h"

#define STATIONS_MAX 16
#define STATION_TEXT 256
#define STATION_PATH 1024

/* A job that has been handed to a printer. */
struct flight {
    bool flying; /* false: the station is free */
    char job[PRINT_TOLD_SIZE];
    int64_t seq;     /* of the job */
    int64_t number;  /* at the print server */
    int64_t sent_ms; /* real elapsed time */
    bool unsure;     /* whether its document was sent is not known: recovered, or no answer */
    bool
        lingers; /* past its deadline without an answer: noted as unverified, to be cancelled when there is one */
};

struct station {
    char id[PRINT_TOLD_SIZE]; /* of the printer; "file" */
    int64_t version;          /* the seq that it was read with */
    char kind[16];
    char fallback[PRINT_TOLD_SIZE];
    char server[STATION_TEXT];
    char queue[STATION_PATH];
    int32_t width;
    int32_t height;
    bool active;
    const struct backend *backend;
    void *printer; /* the backend's */
    bool doubt;    /* an earlier begin() may have made a job that nobody noted */
    bool looked;
    bool trouble;
    bool
        silent; /* does not come to an end with its job, or did not with the last: the server may not say so */
    bool answers; /* in trouble by what the server says of it, not because there is no server or no queue */
    int64_t trouble_ms; /* real elapsed time when the trouble began, or a job last ended in it */
    char reasons[BACKEND_REASONS_SIZE];
    int64_t look_ms; /* real elapsed time of the next look */
    struct flight flight;
};

struct press {
    struct store *store;
    struct artist *artist;
    struct arena *arena; /* of one question to the store */
    struct render_pharmacy pharmacy;
    const char *folder;
    int64_t deadline_ms;
    const atomic_bool *stopping;
    void (*tell)(void *context, const char *id, const char *state);
    void *context;
    struct station stations[STATIONS_MAX];
    size_t count;
    int64_t floor; /* no job made before this seq waits */
    bool recovered;
    struct buffer pdf;
};

/* One turn. `kicked`: something may have been queued, cancelled or changed. Returns after how many ms the next is due. */
int press_turn(struct press *press, bool kicked);
void press_release(struct press *press);

/* ---- asking the store, and waiting for it (press_store.c) */

/* False: not read, not written, or the function said so. What it reads lives in press->arena until the next one. */
bool press_read(struct press *press, bool (*run)(struct press *press, struct tx *tx, void *context),
                void *context);
bool press_write(struct press *press, bool (*run)(struct press *press, struct tx *tx, void *context),
                 void *context);

/* Notes a job's state, and tells it. False where it has become something else, or the store failed. */
bool press_mark(struct press *press, const char *job, const char *state, const struct station *station,
                int64_t number, const char *reason);

/* ---- stations (station.c) */

/* Reads the printers again; those that are in flight keep what they were until they have landed. */
void stations_read(struct press *press);
/* Asks those whose time has come how they are; lights or puts out the sign. */
void stations_look(struct press *press);
void station_light(struct press *press, struct station *station, bool trouble, const char *reasons);
struct station *station_find(struct press *press, const char *id);
void station_close(struct station *station);

/* ---- flights (flight.c) */

/* What an earlier run has left on its way. */
void flights_recover(struct press *press);
/* Asks what has become of those on their way; `kicked`: a person may have cancelled one. */
void flights_look(struct press *press, bool kicked);
void flight_look(struct press *press, struct station *station);

#endif
