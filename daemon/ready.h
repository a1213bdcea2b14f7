/*
 * The line that says where the service is (the interface's "Starting it"): one JSON object on standard output.
 */
#ifndef INSTALMENT_READY_H
#define INSTALMENT_READY_H

#include <stdio.h>

#include "desk/demo.h"

struct ready {
    const char *address;    /* as it was bound: "127.0.0.1:40123" */
    const char *code;       /* enrols a terminal; NULL: none is given out */
    const char *ca;         /* file of the certificate */
    const char *socket;     /* path; "": none */
    const char *terminal;   /* the demonstration's; NULL: not a demonstration, and `inbox` is not looked at */
    const char *inbox;      /* NULL: none */
    const char *keyworkers; /* who may sign in there, a JSON array; NULL: it does not tell */
    const char *labels;     /* the folder for labels as PDF files; told in a demonstration */
};

/* Prints it, with the people and the clock of now. False where it could not be written. */
bool ready_print(const struct ready *ready, FILE *out);

#endif
