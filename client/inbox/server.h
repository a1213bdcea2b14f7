/*
 * The inbox's HTTPS: one listening socket for pharmacies, polls and the page.
 */
#ifndef INSTALMENT_INBOX_SERVER_H
#define INSTALMENT_INBOX_SERVER_H

#include <event2/event.h>

#include "config.h"
#include "store.h"

struct server;

/* What it is made of. All of it outlives the server; config is replaced by server_reload. */
struct server_options {
    struct event_base *base; /* with at least three priorities */
    struct store *store;
    struct config *config;
    const char *certificate, *key, *client_ca; /* paths; client_ca NULL: none */
    bool demo;
};

/* Listens. NULL with *message, a sentence that stays valid until the next call. */
struct server *server_new(const struct server_options *options, const char **message);
/* Closes everything; what has not been answered is not answered. */
void server_free(struct server **server);

/* "https://127.0.0.1:40123": how it is reached on this machine; and from outside, where the configuration says so. */
const char *server_url(const struct server *server);
const char *server_public_url(const struct server *server);

/* Another configuration (pharmacies, secrets, polls) and the certificate's files again. False: the old ones stay. */
bool server_reload(struct server *server, struct config *config, const char **message);

/* Takes no more connections, answers what has come, then ends the loop; after 5 s in any case. */
void server_drain(struct server *server);
/* Did the store break? The loop was ended for it. */
bool server_failed(const struct server *server);

#endif
