/* What the files of the client library share. */
#ifndef INSTALMENT_LIB_PARTS_H
#define INSTALMENT_LIB_PARTS_H

#include <curl/curl.h>
#include <stdbool.h>
#include <stddef.h>

#define TRIES 4
#define CLIENT_ERROR 512

struct cJSON;

struct instalment {
    CURL *curl;
    char *url;     /* without a slash at the end; over a socket a name that means nothing */
    char *ca;      /* NULL: the system's */
    char *socket;  /* NULL: TLS */
    char *session; /* NULL: not signed in */
    char *terminal;
    long seconds;
    char detail[CURL_ERROR_SIZE]; /* curl's own, while a request is under way */
    char error[CLIENT_ERROR];
};

struct instalment_reply {
    int status;
    char *body;
    size_t body_len;
    char *head;
    size_t head_len;
    char *lines;        /* the same, a NUL in place of each CR */
    struct cJSON *json; /* the body decoded; NULL: no JSON */
};

/* What every connection has in common: where it goes, and how it is verified. */
void client_prepare(const struct instalment *client, CURL *curl, const char *url);

#endif
