#include <stdio.h>
#include <string.h>

#include "desk/printer.h"
#include "press.h"
#include "sys/clock.h"
#include "sys/log.h"

#define LOOK_MS 5000       /* a printer that is well, and does nothing */
#define LOOK_AGAIN_MS 2000 /* in trouble, or with a job */
#define LOOK_FOLDER_MS 60000

void station_close(struct station *station) {
    if (station->printer != NULL) {
        station->backend->close(station->printer);
        station->printer = NULL;
    }
}

struct station *station_find(struct press *press, const char *id) {
    for (size_t i = 0; id != NULL && i < press->count; i++) {
        if (strcmp(press->stations[i].id, id) == 0) {
            return &press->stations[i];
        }
    }
    return NULL;
}

static void keep(char *out, size_t size, const char *text) {
    (void)snprintf(out, size, "%s", text == NULL ? "" : text);
}

/* Opens it anew with what it was read with. */
static void station_open(struct press *press, struct station *station) {
    const struct backend_options options = {.server = station->server[0] == '\0' ? NULL : station->server,
                                            .queue = station->queue,
                                            .width = station->width,
                                            .height = station->height,
                                            .stopping = press->stopping};
    station_close(station);
    station->printer = station->backend->open(&options);
    station->doubt = true;
    station->looked = false;
    station->look_ms = 0;
    station->active = station->active && station->printer != NULL;
}

static void take_row(struct press *press, const struct printer_row *row) {
    struct station *station = station_find(press, row->id);
    if (station == NULL && (!row->active || press->count == STATIONS_MAX)) {
        if (row->active) {
            log_error("event=printers_too_many max=%d", STATIONS_MAX);
        }
        return;
    }
    if (station == NULL) {
        station = &press->stations[press->count++];
        *station = (struct station){.backend = backend_find("cups"), .version = -1};
    }
    if (station->version == row->seq || station->flight.flying) {
        return;
    }
    station->version = row->seq;
    station->active = row->active;
    station->width = row->width;
    station->height = row->height;
    keep(station->id, sizeof station->id, row->id);
    keep(station->kind, sizeof station->kind, row->kind);
    keep(station->fallback, sizeof station->fallback, row->fallback);
    keep(station->server, sizeof station->server, row->server);
    keep(station->queue, sizeof station->queue, row->queue);
    station_open(press, station);
}

/* The folder is always there; it comes first, with the size of a label, and sheets take their own. */
static void take_folder(struct press *press) {
    if (press->count > 0) {
        return;
    }
    struct station *station = &press->stations[press->count++];
    *station = (struct station){.backend = backend_find("file"), .active = true, .version = 0};
    keep(station->id, sizeof station->id, "file");
    keep(station->queue, sizeof station->queue, press->folder);
    station_open(press, station);
}

static bool read_run(struct press *press, struct tx *tx, void *context) {
    struct printer_row *rows = NULL;
    size_t count = 0;
    (void)context;
    if (desk_printers(tx, &rows, &count) != DESK_OK) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        take_row(press, &rows[i]);
    }
    return true;
}

void stations_read(struct press *press) {
    take_folder(press);
    if (!press_read(press, read_run, NULL)) {
        log_warning("event=printers_not_read");
    }
}

struct light {
    const char *id;
    const char *light;
    const char *reasons;
};

static bool light_run(struct press *press, struct tx *tx, void *context) {
    const struct light *l = context;
    (void)press;
    return desk_printer_light(tx, l->id, l->light, l->reasons);
}

void station_light(struct press *press, struct station *station, bool trouble, const char *reasons) {
    struct light light = {.id = station->id, .light = trouble ? "trouble" : "ready", .reasons = reasons};
    bool same = station->looked && station->trouble == trouble && strcmp(station->reasons, reasons) == 0;
    bool other = !station->looked || station->trouble != trouble;
    if (trouble && other) {
        station->trouble_ms = clock_elapsed_ms();
    }
    station->looked = true;
    station->trouble = trouble;
    station->answers = strcmp(reasons, "server-not-answering") != 0 &&
                       strcmp(reasons, "no-such-queue") != 0 && strcmp(reasons, "stopped") != 0;
    if (same) {
        return;
    }
    keep(station->reasons, sizeof station->reasons, reasons);
    bool folder = strcmp(station->id, "file") == 0;
    bool noted = !folder && press_write(press, light_run, &light);
    if (noted || (folder && other)) {
        press->tell(press->context, station->id, light.light);
        if (trouble) {
            log_warning("event=printer_trouble printer=%s reasons=%s", station->id, reasons);
        }
    }
}

void stations_look(struct press *press) {
    for (size_t i = 0; i < press->count && !atomic_load(press->stopping); i++) {
        struct station *station = &press->stations[i];
        char reasons[BACKEND_REASONS_SIZE] = "";
        if (!station->active || clock_elapsed_ms() < station->look_ms) {
            continue;
        }
        bool trouble = station->backend->look(station->printer, reasons) == LIGHT_TROUBLE;
        if (atomic_load(press->stopping)) {
            return; /* given up: it says nothing of the printer */
        }
        if (!trouble && (station->silent || station->flight.lingers)) {
            trouble = true;
            (void)snprintf(reasons, sizeof reasons, "printer-not-responding");
        }
        station_light(press, station, trouble, reasons);
        int64_t usual = station->backend->at_once ? LOOK_FOLDER_MS : LOOK_MS;
        station->look_ms =
            clock_elapsed_ms() + (station->trouble || station->flight.flying ? LOOK_AGAIN_MS : usual);
    }
}
