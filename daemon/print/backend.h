/*
 * How a page comes to paper: one implementation for each way, found by name in one array. Everything here belongs to the
 * print thread, and may block it, at most for as long as each function says.
 */
#ifndef INSTALMENT_PRINT_BACKEND_H
#define INSTALMENT_PRINT_BACKEND_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BACKEND_REASONS_SIZE 256

/* One printer, as a backend needs it. Texts are borrowed as long as it is open. */
struct backend_options {
    const char *server; /* cups: "host:port" or a socket's path; NULL: the machine's own */
    const char *queue;  /* cups: its queue; file: the folder */
    int32_t width;      /* of the media, hundredths of a millimetre */
    int32_t height;
    const atomic_bool *stopping; /* becomes true: whatever blocks gives up soon */
};

/* What is printed. */
struct backend_page {
    const char *title; /* opaque: the job's id */
    const void *bytes; /* PDF */
    size_t len;
};

enum backend_light { LIGHT_READY, LIGHT_TROUBLE };

enum backend_result {
    BACKEND_DONE,
    BACKEND_NOT, /* certainly not: it may be tried again, or elsewhere */
    BACKEND_NEVER, /* certainly not, and this printer never will: wrong media, no such queue, document refused */
    BACKEND_NOT_KNOWN /* no answer: it may have happened */
};

enum backend_fate {
    FATE_UNDER_WAY,
    FATE_NO_DOCUMENT, /* the job is there, its document was never sent */
    FATE_DONE,
    FATE_DONE_WITH_MESSAGE, /* done, and a message is left over: it may be printed or not */
    FATE_ABORTED,
    FATE_CANCELLED,
    FATE_GONE, /* nobody knows it any more */
    FATE_NO_ANSWER
};

struct backend {
    const char *name;
    bool at_once; /* what was sent has its fate at once, and pages have a size of their own */
    /* No input or output yet. NULL where memory is short. Closed with close(). */
    void *(*open)(const struct backend_options *options);
    void (*close)(void *printer);
    /* Can it print? `reasons`: printer-state-reasons with commas. At most 4 s. */
    enum backend_light (*look)(void *printer, char reasons[BACKEND_REASONS_SIZE]);
    /* Makes the job; nothing is printed yet. *number tells it again. *reason: a code of print_reason_text. At most 6 s. */
    enum backend_result (*begin)(void *printer, const struct backend_page *page, int64_t *number,
                                 const char **reason);
    /* Sends the document of a job that was begun. At most 6 s. */
    enum backend_result (*send)(void *printer, const struct backend_page *page, int64_t number,
                                const char **reason);
    /* What has become of it? At most 4 s. */
    enum backend_fate (*fate)(void *printer, int64_t number);
    /* DONE: it is not printed any more, or was at its end before. At most 4 s. */
    enum backend_result (*cancel)(void *printer, int64_t number);
    /* The job with this title that is not at its end: DONE with *number; NOT: there is none. At most 6 s. */
    enum backend_result (*find)(void *printer, const char *title, int64_t *number);
};

/* "cups", "file"; NULL where there is none of that name. */
const struct backend *backend_find(const char *name);

extern const struct backend backend_cups;
extern const struct backend backend_file;

#endif
