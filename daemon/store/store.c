#include "store.h"

#include <assert.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "db_sqlite.h"
#include "migrate.h"
#include "sys/log.h"

#define BATCH_MAX 256      /* jobs of one commit */
#define LOG_PAGES_MAX 4096 /* beyond it (16 MB) the writer checkpoints, busy or not */
#define IDLE_MS 500        /* without work for so long: the log is copied */
#define NO_TIMEOUT (-1)

/* Jobs on their way to one thread. The lock guards the list; `wake` is readable when a list that was empty is not. */
struct queue {
    pthread_mutex_t lock;
    struct job *first;
    struct job *last;
    bool closing; /* the thread ends when nothing is queued */
    bool ended;   /* it has: nobody takes jobs any more */
    int wake;
};

struct store {
    struct db *writer;
    struct db *reader;
    struct queue writes;
    struct queue reads;
    pthread_t write_thread;
    pthread_t read_thread;
    bool started;
    bool in_memory;
    int copied_pages; /* the writer's: log pages at the last checkpoint that could not copy all */
    atomic_bool broken;
    pthread_mutex_t note_lock; /* over the next two */
    void (*noted)(void *context);
    void *noted_context;
};

/* ---- queues ---- */

static bool queue_init(struct queue *queue) {
    pthread_mutex_init(&queue->lock, NULL);
    queue->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    return queue->wake >= 0;
}

static void queue_release(struct queue *queue) {
    assert(queue->first == NULL);
    if (queue->wake >= 0) {
        close(queue->wake);
    }
    pthread_mutex_destroy(&queue->lock);
}

static void queue_wake(struct queue *queue) {
    eventfd_write(queue->wake, 1);
}

static void finish(struct job *job, enum job_result result) {
    if (job->done != NULL) {
        job->done(job, result);
    }
}

/* A job that comes when the thread has ended is answered here and now: it was not run. */
static void queue_add(struct queue *queue, struct job *job) {
    job->next = NULL;
    pthread_mutex_lock(&queue->lock);
    bool late = queue->ended;
    bool was_empty = queue->first == NULL;
    if (!late) {
        if (was_empty) {
            queue->first = job;
        } else {
            queue->last->next = job;
        }
        queue->last = job;
    }
    pthread_mutex_unlock(&queue->lock);
    if (late) {
        finish(job, JOB_UNKNOWN);
    } else if (was_empty) {
        queue_wake(queue);
    }
}

static void queue_close(struct queue *queue) {
    pthread_mutex_lock(&queue->lock);
    queue->closing = true;
    pthread_mutex_unlock(&queue->lock);
    queue_wake(queue);
}

/* Takes what has queued, at most max: how many. Without any: *ended says whether that is for good. */
static size_t queue_poll(struct queue *queue, struct job **jobs, size_t max, bool *ended) {
    size_t count = 0;
    pthread_mutex_lock(&queue->lock);
    while (queue->first != NULL && count < max) {
        jobs[count++] = queue->first;
        queue->first = queue->first->next;
    }
    if (count == 0 && queue->closing) {
        queue->ended = true;
    }
    *ended = queue->ended;
    pthread_mutex_unlock(&queue->lock);
    return count;
}

/* As queue_poll, but waits; 0 without *ended: nothing came for timeout_ms. */
static size_t queue_take(struct queue *queue, struct job **jobs, size_t max, int timeout_ms, bool *ended) {
    for (;;) {
        size_t count = queue_poll(queue, jobs, max, ended);
        if (count > 0 || *ended) {
            return count;
        }
        struct pollfd descriptor = {.fd = queue->wake, .events = POLLIN};
        if (poll(&descriptor, 1, timeout_ms) == 0) {
            return 0;
        }
        eventfd_t ignored = 0;
        eventfd_read(queue->wake, &ignored);
    }
}

/* ---- writing ---- */

static void note_broken(struct store *store, const struct db *db) {
    if (db_state(db) == DB_BROKEN && !atomic_exchange(&store->broken, true)) {
        log_error("event=store_broken reason=\"%s\"", db_failure(db));
    }
}

static struct tx new_tx(struct db *db) {
    return (struct tx){.db = db, .now = clock_now(), .as_of = TX_NOW};
}

/* One job in its savepoint. What it refused is rolled back, and what it says about that is kept. */
static enum job_result run_saved(struct db *db, struct job *job) {
    struct tx tx = new_tx(db);
    db_savepoint(db);
    if (db_state(db) == DB_FINE && job->run(job, &tx) && db_state(db) == DB_FINE) {
        db_release(db);
        return JOB_DONE;
    }
    db_undo(db);
    if (job->refused != NULL && db_state(db) == DB_FINE) {
        tx.seq = 0;
        tx.opening = NULL;
        job->refused(job, &tx);
        if (db_state(db) != DB_FINE) {
            db_undo(db);
        }
    }
    db_release(db);
    return JOB_UNDONE;
}

/* All in one transaction; the results are known only after its commit. */
static void write_batch(struct store *store, struct job **jobs, size_t count) {
    enum job_result results[BATCH_MAX];
    struct db *db = store->writer;
    bool good = db_state(db) == DB_FINE && db_begin(db);
    for (size_t i = 0; good && i < count; i++) {
        results[i] = run_saved(db, jobs[i]);
        good = db_state(db) == DB_FINE;
    }
    good = good && db_commit(db);
    if (!good) {
        db_rollback(db);
        note_broken(store, db);
    }
    bool noted = db_take_note(db) && good;
    for (size_t i = 0; i < count; i++) {
        finish(jobs[i], good ? results[i] : JOB_UNKNOWN);
    }
    pthread_mutex_lock(&store->note_lock);
    if (noted && store->noted != NULL) {
        store->noted(store->noted_context);
    }
    pthread_mutex_unlock(&store->note_lock);
}

void store_on_note(struct store *store, void (*noted)(void *context), void *context) {
    pthread_mutex_lock(&store->note_lock);
    store->noted_context = context;
    store->noted = noted;
    pthread_mutex_unlock(&store->note_lock);
}

/* Copies the log where it is time. */
static void checkpoint(struct store *store, bool idle) {
    int pages = db_log_pages(store->writer);
    if (store->in_memory || pages == 0 || (!idle && pages - store->copied_pages < LOG_PAGES_MAX)) {
        return;
    }
    store->copied_pages = db_checkpoint(store->writer, false) ? 0 : pages;
    note_broken(store, store->writer);
}

static void *write_loop(void *context) {
    struct store *store = context;
    struct job *jobs[BATCH_MAX];
    bool ended = false;
    while (!ended) {
        int pages = db_log_pages(store->writer);
        int timeout = !store->in_memory && pages > store->copied_pages ? IDLE_MS : NO_TIMEOUT;
        size_t count = queue_take(&store->writes, jobs, BATCH_MAX, timeout, &ended);
        if (count > 0) {
            write_batch(store, jobs, count);
        }
        checkpoint(store, count == 0 && !ended);
    }
    return NULL;
}

/* ---- reading ---- */

static void read_one(struct store *store, struct job *job) {
    struct db *db = store->reader;
    bool kept = false;
    bool good = db_state(db) == DB_FINE && db_begin(db);
    if (good) {
        struct tx tx = new_tx(db);
        kept = job->run(job, &tx) && db_state(db) == DB_FINE;
        good = db_state(db) != DB_BROKEN;
        db_rollback(db);
    }
    note_broken(store, db);
    finish(job, !good ? JOB_UNKNOWN : kept ? JOB_DONE : JOB_UNDONE);
}

static void *read_loop(void *context) {
    struct store *store = context;
    bool ended = false;
    while (!ended) {
        struct job *job = NULL;
        if (queue_take(&store->reads, &job, 1, NO_TIMEOUT, &ended) == 1) {
            read_one(store, job);
        }
    }
    return NULL;
}

/* ---- opening and closing ---- */

static enum store_open_error open_databases(struct store *store, const struct store_options *options,
                                            const char **message) {
    static atomic_uint memories;
    const char *path = options->path;
    const char *vfs = options->vfs;
    char name[64];
    store->in_memory = strcmp(path, ":memory:") == 0;
    if (store->in_memory) {
        /* Both connections share what has this name, and nobody else does. */
        snprintf(name, sizeof name, "/instalmentd-%u", atomic_fetch_add(&memories, 1));
        path = name;
        vfs = "memdb";
    }
    *message = "The database could not be opened. Check its folder, and the permissions of both.";
    store->writer = db_open(path, vfs, DB_WRITER);
    if (store->writer == NULL) {
        return STORE_IO;
    }
    enum store_open_error error = migrate(store->writer, options->demo, !store->in_memory, message);
    if (error != STORE_OPEN) {
        return error;
    }
    db_serve(store->writer);
    store->reader = db_open(path, vfs, DB_READER);
    if (store->reader == NULL || db_state(store->reader) != DB_FINE) {
        return STORE_IO;
    }
    db_serve(store->reader);
    return STORE_OPEN;
}

static void release(struct store **store) {
    db_close(&(*store)->reader);
    db_close(&(*store)->writer);
    queue_release(&(*store)->writes);
    queue_release(&(*store)->reads);
    pthread_mutex_destroy(&(*store)->note_lock);
    free(*store);
    *store = NULL;
}

struct store *store_open(const struct store_options *options, enum store_open_error *error,
                         const char **message) {
    struct store *store = calloc(1, sizeof *store);
    *error = STORE_IO;
    *message = "There is not enough memory.";
    if (store == NULL) {
        return NULL;
    }
    pthread_mutex_init(&store->note_lock, NULL);
    bool queues = queue_init(&store->writes);
    queues = queue_init(&store->reads) && queues;
    if (queues) {
        *error = open_databases(store, options, message);
    }
    if (*error != STORE_OPEN) {
        release(&store);
        return NULL;
    }
    *message = NULL;
    return store;
}

static void stop(struct queue *queue, pthread_t thread) {
    queue_close(queue);
    pthread_join(thread, NULL);
}

bool store_start(struct store *store) {
    assert(!store->started);
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    bool writes = pthread_create(&store->write_thread, NULL, write_loop, store) == 0;
    store->started = writes && pthread_create(&store->read_thread, NULL, read_loop, store) == 0;
    if (writes && !store->started) {
        stop(&store->writes, store->write_thread);
    }
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (store->started) {
        pthread_setname_np(store->write_thread, "store-writer");
        pthread_setname_np(store->read_thread, "store-reader");
    }
    return store->started;
}

void store_close(struct store **store) {
    if (*store == NULL) {
        return;
    }
    if ((*store)->started) {
        stop(&(*store)->reads, (*store)->read_thread);
        stop(&(*store)->writes, (*store)->write_thread);
    }
    db_close(&(*store)->reader);
    if (!(*store)->in_memory) {
        db_checkpoint((*store)->writer, true);
        note_broken(*store, (*store)->writer);
    }
    release(store);
}

void store_write(struct store *store, struct job *job) {
    queue_add(&store->writes, job);
}

void store_read(struct store *store, struct job *job) {
    queue_add(&store->reads, job);
}

/* The answer of a job that is run on the spot. */
struct waited {
    struct job job; /* first, so that it can be found again */
    struct job *inner;
    enum job_result result;
};

static bool waited_run(struct job *job, struct tx *tx) {
    struct job *inner = ((struct waited *)job)->inner;
    return inner->run(inner, tx);
}

static void waited_refused(struct job *job, struct tx *tx) {
    struct job *inner = ((struct waited *)job)->inner;
    if (inner->refused != NULL) {
        inner->refused(inner, tx);
    }
}

static void waited_done(struct job *job, enum job_result result) {
    ((struct waited *)job)->result = result;
}

static struct waited wait_for(struct job *job) {
    return (struct waited){
        .job = {.run = waited_run, .refused = waited_refused, .done = waited_done},
        .inner = job,
        .result = JOB_UNKNOWN,
    };
}

enum job_result store_write_now(struct store *store, struct job *job) {
    assert(!store->started);
    struct waited waited = wait_for(job);
    struct job *jobs[1] = {&waited.job};
    write_batch(store, jobs, 1);
    checkpoint(store, false);
    finish(job, waited.result);
    return waited.result;
}

enum job_result store_read_now(struct store *store, struct job *job) {
    assert(!store->started);
    struct waited waited = wait_for(job);
    read_one(store, &waited.job);
    finish(job, waited.result);
    return waited.result;
}

bool store_broken(const struct store *store) {
    return atomic_load(&store->broken);
}
