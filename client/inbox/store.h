/*
 * What the inbox keeps: one SQLite file, one connection, one thread. Writes of one turn of the event loop go into one
 * transaction (store_begin at the first of them); what depends on them is answered after store_commit alone, which
 * has synced them to the disk. The only place with SQL in the inbox.
 */
#ifndef INSTALMENT_INBOX_STORE_H
#define INSTALMENT_INBOX_STORE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct store;

/* DB_SERVER checkpoints; a visitor beside it (accounts, backup) never does: see style.md about SQLite 3.40. */
enum store_role { STORE_SERVER, STORE_VISITOR };

/* Opens or makes the file. NULL with *message, a constant sentence. */
struct store *store_open(const char *path, enum store_role role, const char **message);
void store_close(struct store **store);

/* After an I/O error nothing more is written: the program ends, and looks at the file when it starts again. */
bool store_broken(const struct store *store);
/* Is there something written that is not committed? */
bool store_dirty(const struct store *store);
/* Commits and syncs. False: nothing of it is there; the store is broken. Without a transaction: true. */
bool store_commit(struct store *store);
/* Writes the log back into the file where it has grown. False: broken. Outside a transaction. */
bool store_checkpoint(struct store *store);
/* The newest number of anything that the page shows: another number, another page. -1: failed. */
int64_t store_version(struct store *store);

enum store_result { STORE_DONE, STORE_NONE, STORE_FAILED };

#define STORE_DIGEST 32

/* Texts of a row that was read are valid inside the callback alone. NULL as in the schema. */
struct store_message {
    int64_t seq;
    const char *id, *alert, *pharmacy, *correlation, *corrects, *answer;
    int64_t received_at;
    bool urgent;
    unsigned char digest[STORE_DIGEST];
    const void *body;
    size_t body_len;
    const char *status;       /* of its newest action; NULL: none */
    const char *corrected_by; /* the newest alert that corrects it; NULL: none */
    int64_t corrected_at;
};

typedef void (*store_each_message)(void *context, const struct store_message *row);

/* seq is set. The row's other members but status and corrected_… are kept. */
enum store_result store_add_message(struct store *store, struct store_message *row);
/* By webhook-id; by alert. NONE: there is none. */
enum store_result store_message_by_id(struct store *store, const char *id, store_each_message each,
                                      void *context);
enum store_result store_message_by_alert(struct store *store, const char *alert, store_each_message each,
                                         void *context);
/* How many open ones the page is given at most. */
#define STORE_OPEN_MAX 500
/* For the page: those that nobody has finished, then at most `finished` of the others; urgent first, then newest. */
enum store_result store_messages(struct store *store, int64_t finished, store_each_message each,
                                 void *context);

struct store_action {
    int64_t at;
    const char *keyworker, *status, *note;
};
typedef void (*store_each_action)(void *context, const struct store_action *row);

enum store_result store_add_action(struct store *store, int64_t message, const struct store_action *row);
/* In the order in which they were done. */
enum store_result store_actions(struct store *store, int64_t message, store_each_action each, void *context);

#define STORE_NAME_SIZE 81  /* 80 bytes and a NUL */
#define STORE_HASH_SIZE 128 /* libsodium's string form */

struct store_keyworker {
    char name[STORE_NAME_SIZE];
    char hash[STORE_HASH_SIZE]; /* "": may not sign in any more */
};

/* hash NULL: may not sign in any more. */
enum store_result store_set_keyworker(struct store *store, const char *name, const char *hash);
/* Capital letters do not count in a name. */
enum store_result store_keyworker(struct store *store, const char *name, struct store_keyworker *out);
/* Everybody who may sign in, by name. */
enum store_result store_keyworkers(struct store *store, void (*each)(void *context, const char *name),
                                   void *context);

/* keyworker NULL: nobody known; message 0: none. A second 'read' of a day adds nothing. */
enum store_result store_audit(struct store *store, const char *keyworker, const char *what, int64_t message);

/* A copy, whole and checked, in a new file. NULL, or why not (a constant sentence). */
const char *store_backup(struct store *store, const char *path);

#endif
