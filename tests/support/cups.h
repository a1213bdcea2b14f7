/*
 * A private print server for tests: a real cupsd with folders and a port of its own on the loopback, and ippeveprinter as
 * the printers behind it. Runs as root and as anybody else. What a printer is told to do stands in a file that its print
 * command reads, so that a test can change it while a job is printed.
 */
#ifndef INSTALMENT_TESTS_CUPS_H
#define INSTALMENT_TESTS_CUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define CUPS_PRINTERS 4
#define CUPS_PATH 256

struct cups_printer_at {
    char name[32];
    int port;
    pid_t pid;         /* 0: switched off */
    const char *media; /* as below */
};

struct cups {
    char folder[CUPS_PATH];
    char server[64]; /* "127.0.0.1:PORT" */
    int port;
    pid_t cupsd;
    pid_t bus;
    struct cups_printer_at printers[CUPS_PRINTERS];
    size_t count;
};

/* What a printer takes: labels of 70 x 35 mm as PDF, A4 as PDF, labels as raster only (a PDF is refused). */
extern const char cups_labels[];
extern const char cups_a4[];
extern const char cups_raster[];

void cups_open(struct cups *cups);
/* Ends everything, and removes the folder. */
void cups_close(struct cups *cups);

/* Starts a printer, and makes the queue of this name for it with `lpadmin -m everywhere`. */
void cups_add(struct cups *cups, const char *name, const char *media);
/* Switches it off; and on again, on the same port. */
void cups_off(struct cups *cups, const char *name);
void cups_on(struct cups *cups, const char *name);

/* What the printer does from now on: "ok", "slow" (1 s), "abort", "empty" (out of labels until it is told otherwise). */
void cups_tell(struct cups *cups, const char *name, const char *what);

/* How many documents this printer has printed; the path of the last one in `path` (NULL: not wanted). */
int cups_printed(struct cups *cups, const char *name, char path[CUPS_PATH]);

/* SIGSTOP and SIGCONT; ended and started again. */
void cups_stall(struct cups *cups, bool stalled);
void cups_restart(struct cups *cups);

/* A job without a document on this queue, as a program leaves it that ends too early: its number. */
int cups_bare_job(struct cups *cups, const char *name, const char *title);
/* The state of a job: "completed", "canceled", "pending-held" ... in `state`. */
void cups_job_state(struct cups *cups, const char *name, int job, char state[32]);

/* Runs a shell command; its output, at most `size` - 1 bytes, in `out`. Fails the test where it fails. */
void cups_command(char *out, size_t size, const char *format, ...) __attribute__((format(printf, 3, 4)));

#endif
