/*
 * The store: opens the database, migrates it, and runs jobs on it. One writer thread owns the one connection that
 * writes and checkpoints; it takes what has queued, runs each job in a savepoint, commits once for all (group
 * commit, synced) and only then hands the answers back. Readers have their own connection and thread, query-only.
 */
#ifndef INSTALMENT_STORE_STORE_H
#define INSTALMENT_STORE_STORE_H

#include <stdbool.h>

#include "tx.h"

struct store;

enum store_open_error {
    STORE_OPEN,
    STORE_FOREIGN,
    STORE_NEWER,
    STORE_DAMAGED,
    STORE_IO,
    STORE_DEMO_MISMATCH
};

struct store_options {
    const char *path; /* of the database file; ":memory:" keeps everything in memory (tests) */
    bool demo; /* the folder is a demonstration's; a real one is refused with it, and the other way round */
    const char *vfs; /* NULL: the default; the fault tests name theirs */
};

/*
 * Opens, checks (application_id, schema version, integrity of the recent part) and migrates. Returns the store, or
 * NULL with *error and *message (constant sentence for an administrator) set. Starts no thread yet.
 */
struct store *store_open(const struct store_options *options, enum store_open_error *error,
                         const char **message);

/* Starts the writer's and the reader's thread. False where that fails. */
bool store_start(struct store *store);

/* Finishes what has queued, checkpoints, joins the threads, closes; *store becomes NULL. */
void store_close(struct store **store);

enum job_result {
    JOB_DONE, /* writing: committed and synced; reading: read */
    /* run() returned false, or true over a row that the database refused: rolled back; what `refused` wrote is kept */
    JOB_UNDONE,
    JOB_UNKNOWN /* the commit failed, or the store was broken or closed before: nobody knows; the key tells */
};

/* Work for the store. The owner keeps it until done() has been called; then it may be freed there. */
struct job {
    /*
     * On the store's thread, inside a savepoint (writing) or a read transaction. True: keep; false: roll back.
     * tx is filled but for staff, terminal and arena, which `prepare`d jobs set themselves first.
     */
    bool (*run)(struct job *job, struct tx *tx);
    /* After JOB_UNDONE is certain: may write what is kept all the same (an audit row of the refusal). May be NULL. */
    void (*refused)(struct job *job, struct tx *tx);
    /*
     * After the commit, on the store's thread: hands the answer back to whoever asked (posts to their queue). Called
     * exactly once, also by store_write_now and store_read_now. May be NULL.
     */
    void (*done)(struct job *job, enum job_result result);
    struct job *next; /* the queue's */
};

/* Queues a job. Any thread. */
void store_write(struct store *store, struct job *job);
void store_read(struct store *store, struct job *job);

/* Runs a job on the calling thread and waits for its commit; for start-up, tests and tools (before store_start). */
enum job_result store_write_now(struct store *store, struct job *job);
enum job_result store_read_now(struct store *store, struct job *job);

/*
 * Whom to tell after each commit in which db_note was called; on the writer's thread, which it must not hold up. NULL:
 * nobody any more; when it has returned, the one before is not called again. Any thread.
 */
void store_on_note(struct store *store, void (*noted)(void *context), void *context);

/* Has an I/O error ended the store's service? Any thread. */
bool store_broken(const struct store *store);

#endif
