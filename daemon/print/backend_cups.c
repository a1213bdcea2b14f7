/*
 * Printers behind a CUPS server. Every call of libcups blocks; what may block is given a time, and gives up when the
 * program stops. A connection that has failed is closed, and opened again by the next call.
 */
#include <cups/cups.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backend.h"
#include "sys/clock.h"
#include "sys/log.h"

#define CONNECT_MS 2000
#define ASK_MS 3000  /* a question */
#define SEND_MS 5000 /* a job, or a document */
#define TICK_SECONDS 0.5
#define URI_SIZE 512
#define LIST_MAX 500

struct cups_printer {
    char *server; /* NULL: the machine's own */
    char *queue;
    int32_t width;
    int32_t height;
    const atomic_bool *stopping;
    http_t *http;  /* NULL: not connected */
    int64_t until; /* real elapsed ms: then the call gives up */
    int give_up;   /* libcups looks at it while it connects */
};

/* ---- the connection ---- */

static void *printer_open(const struct backend_options *options) {
    struct cups_printer *printer = calloc(1, sizeof *printer);
    if (printer == NULL) {
        return NULL;
    }
    printer->queue = strdup(options->queue);
    printer->server = options->server == NULL ? NULL : strdup(options->server);
    if (printer->queue == NULL || (options->server != NULL && printer->server == NULL)) {
        free(printer->queue);
        free(printer);
        return NULL;
    }
    printer->width = options->width;
    printer->height = options->height;
    printer->stopping = options->stopping;
    return printer;
}

static void hang_up(struct cups_printer *printer) {
    if (printer->http != NULL) {
        httpClose(printer->http);
        printer->http = NULL;
    }
}

static void printer_close(void *opaque) {
    struct cups_printer *printer = opaque;
    hang_up(printer);
    free(printer->server);
    free(printer->queue);
    free(printer);
}

/* Nothing has come for a while: 1 goes on waiting. */
static int timed(http_t *http, void *context) {
    const struct cups_printer *printer = context;
    (void)http;
    return !atomic_load(printer->stopping) && clock_elapsed_ms() < printer->until ? 1 : 0;
}

/* libcups keeps the server for each thread: it is set again each time, for there may be several. */
static bool connect_for(struct cups_printer *printer, int64_t ms) {
    printer->until = clock_elapsed_ms() + ms;
    cupsSetServer(printer->server);
    if (printer->http == NULL) {
        printer->give_up = atomic_load(printer->stopping) ? 1 : 0;
        printer->http = httpConnect2(cupsServer(), ippPort(), NULL, AF_UNSPEC, HTTP_ENCRYPTION_IF_REQUESTED,
                                     1, CONNECT_MS, &printer->give_up);
    }
    if (printer->http != NULL) {
        httpSetTimeout(printer->http, TICK_SECONDS, timed, printer);
    }
    return printer->http != NULL;
}

/* Has the last call failed because there was no answer, so that the connection is of no use any more? */
static bool no_answer(struct cups_printer *printer) {
    ipp_status_t status = cupsLastError();
    if (status == IPP_STATUS_ERROR_SERVICE_UNAVAILABLE || status == IPP_STATUS_ERROR_INTERNAL ||
        status == IPP_STATUS_ERROR_TIMEOUT || status == IPP_STATUS_ERROR_BUSY || (int)status < 0 ||
        httpError(printer->http) != 0) {
        hang_up(printer);
        return true;
    }
    return false;
}

/* ---- questions ---- */

static ipp_t *question(const struct cups_printer *printer, ipp_op_t operation, int64_t number,
                       const char *const *wanted, int wanted_count) {
    char uri[URI_SIZE];
    ipp_t *request = ippNewRequest(operation);
    (void)httpAssembleURIf(HTTP_URI_CODING_ALL, uri, sizeof uri, "ipp", NULL, "localhost", 0, "/printers/%s",
                           printer->queue);
    ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_URI, "printer-uri", NULL, uri);
    if (number > 0) {
        ippAddInteger(request, IPP_TAG_OPERATION, IPP_TAG_INTEGER, "job-id", (int)number);
    }
    ippAddString(request, IPP_TAG_OPERATION, IPP_TAG_NAME, "requesting-user-name", NULL, cupsUser());
    if (wanted_count > 0) {
        ippAddStrings(request, IPP_TAG_OPERATION, IPP_TAG_KEYWORD, "requested-attributes", wanted_count, NULL,
                      wanted);
    }
    return request;
}

/* Asks; a connection that the server has closed meanwhile is opened again, once. NULL: no answer. */
static ipp_t *ask(struct cups_printer *printer, ipp_op_t operation, int64_t number, const char *const *wanted,
                  int wanted_count) {
    for (int tries = 0; tries < 2; tries++) {
        bool fresh = printer->http == NULL;
        if (!connect_for(printer, ASK_MS)) {
            return NULL;
        }
        ipp_t *answer =
            cupsDoRequest(printer->http, question(printer, operation, number, wanted, wanted_count), "/");
        if (answer != NULL && !no_answer(printer)) {
            return answer;
        }
        ippDelete(answer);
        hang_up(printer);
        if (fresh || clock_elapsed_ms() >= printer->until) {
            return NULL;
        }
    }
    return NULL;
}

/* What stops a printer, whatever weight the server gives it; "-error" on anything else does too. */
static bool is_trouble(const char *reason) {
    static const char *const troubles[] = {
        "media-empty",    "media-needed",
        "media-jam",      "offline",
        "paused",         "shutdown",
        "cover-open",     "door-open",
        "interlock-open", "input-tray-missing",
        "stopped",        "connecting-to-device",
        "timed-out",      "marker-supply-empty",
        "toner-empty",
    };
    size_t len = strlen(reason);
    if (len > 6 && strcmp(reason + len - 6, "-error") == 0) {
        return true;
    }
    if (len > 8 && strcmp(reason + len - 8, "-warning") == 0) {
        len -= 8;
    } else if (len > 7 && strcmp(reason + len - 7, "-report") == 0) {
        len -= 7;
    }
    for (size_t i = 0; i < sizeof troubles / sizeof troubles[0]; i++) {
        if (strlen(troubles[i]) == len && strncmp(troubles[i], reason, len) == 0) {
            return true;
        }
    }
    return false;
}

static bool read_reasons(ipp_t *answer, char reasons[BACKEND_REASONS_SIZE]) {
    ipp_attribute_t *list = ippFindAttribute(answer, "printer-state-reasons", IPP_TAG_KEYWORD);
    bool trouble = false;
    size_t len = 0;
    for (int i = 0; list != NULL && i < ippGetCount(list); i++) {
        const char *reason = ippGetString(list, i, NULL);
        if (reason == NULL || strcmp(reason, "none") == 0 ||
            strlen(reason) + len + 2 > BACKEND_REASONS_SIZE) {
            continue;
        }
        trouble = trouble || is_trouble(reason);
        len +=
            (size_t)snprintf(reasons + len, BACKEND_REASONS_SIZE - len, "%s%s", len == 0 ? "" : ",", reason);
    }
    return trouble;
}

static enum backend_light printer_look(void *opaque, char reasons[BACKEND_REASONS_SIZE]) {
    static const char *const wanted[] = {"printer-state", "printer-state-reasons",
                                         "printer-is-accepting-jobs"};
    ipp_t *answer = ask(opaque, IPP_OP_GET_PRINTER_ATTRIBUTES, 0, wanted, 3);
    reasons[0] = '\0';
    if (answer == NULL) {
        (void)snprintf(reasons, BACKEND_REASONS_SIZE, "server-not-answering");
        return LIGHT_TROUBLE;
    }
    ipp_attribute_t *state = ippFindAttribute(answer, "printer-state", IPP_TAG_ENUM);
    ipp_attribute_t *accepting = ippFindAttribute(answer, "printer-is-accepting-jobs", IPP_TAG_BOOLEAN);
    bool trouble = read_reasons(answer, reasons);
    if (state == NULL) {
        (void)snprintf(reasons, BACKEND_REASONS_SIZE, "no-such-queue");
        trouble = true;
    } else if (ippGetInteger(state, 0) == IPP_PSTATE_STOPPED ||
               (accepting != NULL && !ippGetBoolean(accepting, 0))) {
        trouble = true;
        if (reasons[0] == '\0') {
            (void)snprintf(reasons, BACKEND_REASONS_SIZE, "stopped");
        }
    }
    ippDelete(answer);
    return trouble ? LIGHT_TROUBLE : LIGHT_READY;
}

/* ---- a job ---- */

/* The queue, as libcups wants it; freed with both cupsFree functions. */
struct destination {
    cups_dest_t *dest;
    cups_dinfo_t *info;
    cups_option_t *options;
    int option_count;
};

static void destination_free(struct destination *d) {
    cupsFreeOptions(d->option_count, d->options);
    cupsFreeDestInfo(d->info);
    cupsFreeDests(d->dest == NULL ? 0 : 1, d->dest);
}

/* An unknown name of a media is dropped silently: the size is looked for, and compared here once more. */
static bool choose_media(struct cups_printer *printer, struct destination *d) {
    cups_size_t size;
    memset(&size, 0, sizeof size);
    if (!cupsGetDestMediaBySize(printer->http, d->dest, d->info, printer->width, printer->height,
                                CUPS_MEDIA_FLAGS_EXACT, &size) ||
        size.width != printer->width || size.length != printer->height) {
        return false;
    }
    d->option_count = cupsAddOption(CUPS_MEDIA, size.media, d->option_count, &d->options);
    d->option_count = cupsAddOption("print-scaling", "none", d->option_count, &d->options);
    d->option_count = cupsAddOption("job-sheets", "none", d->option_count, &d->options);
    return true;
}

/*
 * The queue as libcups wants it, made here: cupsGetNamedDest() would ask for the default printer over a connection of its
 * own, which nobody could end.
 */
static cups_dest_t *name_destination(const struct cups_printer *printer) {
    char uri[URI_SIZE];
    cups_dest_t *dests = NULL;
    if (cupsAddDest(printer->queue, NULL, 0, &dests) != 1) {
        return NULL;
    }
    (void)httpAssembleURIf(HTTP_URI_CODING_ALL, uri, sizeof uri, "ipp", NULL, "localhost", 0, "/printers/%s",
                           printer->queue);
    dests->num_options = cupsAddOption("printer-uri-supported", uri, dests->num_options, &dests->options);
    return dests;
}

/* Finds the queue and what it can do. */
static enum backend_result reach(struct cups_printer *printer, struct destination *d, const char **reason) {
    *d = (struct destination){.dest = NULL};
    *reason = "no_answer";
    if (!connect_for(printer, SEND_MS)) {
        return BACKEND_NOT;
    }
    d->dest = name_destination(printer);
    d->info = d->dest == NULL ? NULL : cupsCopyDestInfo(printer->http, d->dest);
    if (d->info == NULL && d->dest != NULL && cupsLastError() == IPP_STATUS_ERROR_NOT_FOUND) {
        *reason = "no_queue";
        return BACKEND_NEVER;
    }
    if (d->info == NULL) {
        hang_up(printer);
        return BACKEND_NOT;
    }
    if (!choose_media(printer, d)) {
        *reason = "wrong_media";
        return no_answer(printer) ? BACKEND_NOT : BACKEND_NEVER;
    }
    return BACKEND_DONE;
}

/* What a refused request means: never, or perhaps later. */
static enum backend_result refusal(ipp_status_t status, const char **reason) {
    *reason = "refused";
    return status == IPP_STATUS_ERROR_NOT_ACCEPTING_JOBS ? BACKEND_NOT : BACKEND_NEVER;
}

static enum backend_result printer_begin(void *opaque, const struct backend_page *page, int64_t *number,
                                         const char **reason) {
    struct cups_printer *printer = opaque;
    struct destination d;
    int id = 0;
    enum backend_result result = reach(printer, &d, reason);
    if (result == BACKEND_DONE) {
        ipp_status_t status =
            cupsCreateDestJob(printer->http, d.dest, d.info, &id, page->title, d.option_count, d.options);
        if (id > 0 && status < IPP_STATUS_REDIRECTION_OTHER_SITE) {
            *number = id;
        } else if (no_answer(printer)) {
            *reason = "no_answer";
            result = BACKEND_NOT_KNOWN;
        } else {
            result = refusal(status, reason);
        }
    }
    destination_free(&d);
    return result;
}

static enum backend_result write_document(struct cups_printer *printer, const struct destination *d,
                                          const struct backend_page *page, int64_t number,
                                          const char **reason) {
    http_status_t http = cupsStartDestDocument(printer->http, d->dest, d->info, (int)number, page->title,
                                               CUPS_FORMAT_PDF, 0, NULL, 1);
    if (http == HTTP_STATUS_CONTINUE) {
        http = cupsWriteRequestData(printer->http, page->bytes, page->len);
    }
    ipp_status_t status = cupsFinishDestDocument(printer->http, d->dest, d->info);
    if (http == HTTP_STATUS_CONTINUE && status < IPP_STATUS_REDIRECTION_OTHER_SITE) {
        return BACKEND_DONE;
    }
    if (no_answer(printer)) {
        *reason = "no_answer";
        return BACKEND_NOT_KNOWN;
    }
    return refusal(status, reason);
}

static enum backend_result printer_send(void *opaque, const struct backend_page *page, int64_t number,
                                        const char **reason) {
    struct cups_printer *printer = opaque;
    struct destination d;
    enum backend_result result = reach(printer, &d, reason);
    if (result == BACKEND_DONE) {
        result = write_document(printer, &d, page, number, reason);
    }
    destination_free(&d);
    return result;
}

static enum backend_fate fate_of(ipp_t *answer) {
    ipp_attribute_t *state = ippFindAttribute(answer, "job-state", IPP_TAG_ENUM);
    ipp_attribute_t *documents = ippFindAttribute(answer, "number-of-documents", IPP_TAG_INTEGER);
    ipp_attribute_t *message = ippFindAttribute(answer, "job-printer-state-message", IPP_TAG_TEXT);
    if (state == NULL) {
        return FATE_GONE;
    }
    switch ((ipp_jstate_t)ippGetInteger(state, 0)) {
    case IPP_JSTATE_PENDING:
    case IPP_JSTATE_HELD:
    case IPP_JSTATE_PROCESSING:
    case IPP_JSTATE_STOPPED: break;
    case IPP_JSTATE_CANCELED: return FATE_CANCELLED;
    case IPP_JSTATE_ABORTED: return FATE_ABORTED;
    case IPP_JSTATE_COMPLETED:
        return message != NULL && ippGetString(message, 0, NULL) != NULL &&
                       *ippGetString(message, 0, NULL) != '\0'
                   ? FATE_DONE_WITH_MESSAGE
                   : FATE_DONE;
    }
    return documents != NULL && ippGetInteger(documents, 0) == 0 ? FATE_NO_DOCUMENT : FATE_UNDER_WAY;
}

static enum backend_fate printer_fate(void *opaque, int64_t number) {
    static const char *const wanted[] = {"job-state", "number-of-documents", "job-printer-state-message"};
    ipp_t *answer = ask(opaque, IPP_OP_GET_JOB_ATTRIBUTES, number, wanted, 3);
    if (answer == NULL) {
        return FATE_NO_ANSWER;
    }
    enum backend_fate fate = fate_of(answer);
    ippDelete(answer);
    return fate;
}

static enum backend_result printer_cancel(void *opaque, int64_t number) {
    ipp_t *answer = ask(opaque, IPP_OP_CANCEL_JOB, number, NULL, 0);
    if (answer == NULL) {
        return BACKEND_NOT_KNOWN;
    }
    ipp_status_t status = ippGetStatusCode(answer);
    ippDelete(answer);
    bool done = status < IPP_STATUS_REDIRECTION_OTHER_SITE || status == IPP_STATUS_ERROR_NOT_POSSIBLE ||
                status == IPP_STATUS_ERROR_NOT_FOUND;
    return done ? BACKEND_DONE : BACKEND_NOT;
}

static enum backend_result printer_find(void *opaque, const char *title, int64_t *number) {
    struct cups_printer *printer = opaque;
    cups_job_t *jobs = NULL;
    enum backend_result result = BACKEND_NOT;
    if (!connect_for(printer, SEND_MS)) {
        return BACKEND_NOT_KNOWN;
    }
    int count = cupsGetJobs2(printer->http, &jobs, printer->queue, 0, CUPS_WHICHJOBS_ACTIVE);
    if (count < 0) {
        (void)no_answer(printer);
        hang_up(printer);
        return BACKEND_NOT_KNOWN;
    }
    for (int i = 0; i < count; i++) {
        if (jobs[i].title != NULL && strcmp(jobs[i].title, title) == 0) {
            *number = jobs[i].id;
            result = BACKEND_DONE;
        }
    }
    cupsFreeJobs(count, jobs);
    return result;
}

const struct backend backend_cups = {
    .name = "cups",
    .open = printer_open,
    .close = printer_close,
    .look = printer_look,
    .begin = printer_begin,
    .send = printer_send,
    .fate = printer_fate,
    .cancel = printer_cancel,
    .find = printer_find,
};
