/* Terminals that have been seen since the start: their tokens need no look into the store. */
#include <sodium.h>
#include <stdlib.h>
#include <string.h>

#include "parts.h"

#define KNOWN_MAX 1024

const char *terminal_known(const struct server *server, const unsigned char hash[TERMINAL_HASH_SIZE]) {
    for (size_t i = 0; i < server->terminal_count; i++) {
        if (sodium_memcmp(server->terminals[i].hash, hash, TERMINAL_HASH_SIZE) == 0) {
            return server->terminals[i].id;
        }
    }
    return NULL;
}

void terminal_learn(struct server *server, const unsigned char hash[TERMINAL_HASH_SIZE], const char *id) {
    if (terminal_known(server, hash) != NULL || strlen(id) >= TX_ID_SIZE ||
        server->terminal_count >= KNOWN_MAX) {
        return; /* what is not kept is looked up again */
    }
    struct known_terminal *more =
        realloc(server->terminals, (server->terminal_count + 1) * sizeof *server->terminals);
    if (more == NULL) {
        return;
    }
    server->terminals = more;
    struct known_terminal *one = &more[server->terminal_count++];
    memcpy(one->id, id, strlen(id) + 1);
    memcpy(one->hash, hash, TERMINAL_HASH_SIZE);
}

static void terminal_session_ended(void *context, uint64_t handle) {
    events_end_session(context, handle);
}

void terminal_forget(struct server *server, const char *id) {
    for (size_t i = 0; i < server->terminal_count; i++) {
        if (strcmp(server->terminals[i].id, id) == 0) {
            server->terminals[i] = server->terminals[--server->terminal_count];
            break;
        }
    }
    sessions_end_terminal(server->sessions, id, terminal_session_ended, server);
}
