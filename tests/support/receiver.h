/*
 * The misbehaving service of tests/support/receiver.py, in a folder and a process of its own, and nginx in front of it.
 * Its words are described there. Every failure ends the test.
 *
 *     struct receiver *receiver = receiver_start();
 *     receiver_set(receiver, "a", "\"script\":[\"503\"],\"then\":\"ok\"");
 *     ... an endpoint at receiver_url(receiver, "good", "a"), ca receiver_pem(receiver, "good-ca") ...
 *     receiver_wait(receiver, "a", "\"told\":1", 10);
 *     cJSON *book = receiver_book(receiver, "a");
 *     receiver_stop(&receiver);
 */
#ifndef INSTALMENT_TESTS_RECEIVER_H
#define INSTALMENT_TESTS_RECEIVER_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdio.h>

#define RECEIVER_TEXT 512

struct receiver {
    char folder
        [RECEIVER_TEXT]; /* certificates: "good-ca.pem", "client.pem", "client.key", ...; goes with receiver_stop */
    int pid;
    FILE *to;
    FILE *from;
    cJSON *ports;
    int nginx; /* 0: not running */
    int nginx_port;
};

/* Needs the folder tests/support below the working directory. */
struct receiver *receiver_start(void);
/* NULL inside is allowed: for tear-downs. */
void receiver_stop(struct receiver **receiver);

/* "https://127.0.0.1:PORT/BOX"; listener "nginx" too. */
void receiver_url(const struct receiver *receiver, const char *listener, const char *box,
                  char out[RECEIVER_TEXT]);
/* The PEM text of a certificate, with its line ends as JSON has them; to be freed. */
char *receiver_pem(const struct receiver *receiver, const char *name);

/* members: of the command "set", without braces. */
void receiver_set(struct receiver *receiver, const char *box, const char *members);
/* A listener shows another certificate from now on. */
void receiver_certificate(struct receiver *receiver, const char *listener, const char *name);
/* Answers what is held by "hold". */
void receiver_release(struct receiver *receiver, const char *box);
/* What is waited for, as members of "wait"; at most `seconds`. False: it did not come. */
bool receiver_wait(struct receiver *receiver, const char *box, const char *members, int seconds);
/* To be deleted. */
cJSON *receiver_book(struct receiver *receiver, const char *box);

/*
 * Starts nginx on a free port with the receiver behind it: its own TLS with the certificate "good", at most `rate` requests a
 * second (else 429), `mutual`: asks for a client certificate of "good-ca" (else 400). receiver_nginx_stop: SIGTERM.
 */
void receiver_nginx(struct receiver *receiver, int rate, bool mutual);
void receiver_nginx_stop(struct receiver *receiver);

#endif
