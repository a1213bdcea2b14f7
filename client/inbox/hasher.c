#include "hasher.h"

#include <pthread.h>
#include <sodium.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WAITING_MAX 16

/* What is compared where there is nobody: the same work, never right. */
static const char nobody[] =
    "$argon2id$v=19$m=65536,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

struct task {
    struct task *next;
    char hash[crypto_pwhash_STRBYTES];
    char password[PASSWORD_MAX + 1];
    bool anybody, right;
    void (*then)(void *context, bool right);
    void *context;
};

struct hasher {
    pthread_t thread;
    pthread_mutex_t lock; /* over everything below */
    pthread_cond_t wake;
    struct task *waiting, *done;
    size_t count;
    bool ending;
    struct event *told; /* the loop's: something is done */
};

static void task_free(struct task *task) {
    sodium_memzero(task, sizeof *task);
    free(task);
}

static void append(struct task **list, struct task *task) {
    while (*list != NULL) {
        list = &(*list)->next;
    }
    task->next = NULL;
    *list = task;
}

/* The thread. */
static void *work(void *context) {
    struct hasher *hasher = context;
    (void)pthread_mutex_lock(&hasher->lock);
    while (!hasher->ending) {
        struct task *task = hasher->waiting;
        if (task == NULL) {
            (void)pthread_cond_wait(&hasher->wake, &hasher->lock);
            continue;
        }
        hasher->waiting = task->next;
        (void)pthread_mutex_unlock(&hasher->lock);
        task->right = crypto_pwhash_str_verify(task->hash, task->password, strlen(task->password)) == 0 &&
                      task->anybody;
        (void)pthread_mutex_lock(&hasher->lock);
        append(&hasher->done, task);
        event_active(hasher->told, EV_READ, 0);
    }
    (void)pthread_mutex_unlock(&hasher->lock);
    return NULL;
}

/* On the loop. */
static void tell(evutil_socket_t fd, short what, void *context) {
    struct hasher *hasher = context;
    (void)fd;
    (void)what;
    for (;;) {
        (void)pthread_mutex_lock(&hasher->lock);
        struct task *task = hasher->done;
        if (task != NULL) {
            hasher->done = task->next;
            hasher->count--;
        }
        (void)pthread_mutex_unlock(&hasher->lock);
        if (task == NULL) {
            return;
        }
        task->then(task->context, task->right);
        task_free(task);
    }
}

struct hasher *hasher_new(struct event_base *base) {
    struct hasher *hasher = calloc(1, sizeof *hasher);
    if (hasher == NULL) {
        return NULL;
    }
    hasher->told = event_new(base, -1, EV_PERSIST, tell, hasher);
    (void)pthread_mutex_init(&hasher->lock, NULL);
    (void)pthread_cond_init(&hasher->wake, NULL);
    if (hasher->told == NULL || pthread_create(&hasher->thread, NULL, work, hasher) != 0) {
        if (hasher->told != NULL) {
            event_free(hasher->told);
        }
        free(hasher);
        return NULL;
    }
    return hasher;
}

static void list_free(struct task *list) {
    while (list != NULL) {
        struct task *next = list->next;
        task_free(list);
        list = next;
    }
}

void hasher_free(struct hasher **hasher) {
    struct hasher *old = *hasher;
    if (old == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&old->lock);
    old->ending = true;
    (void)pthread_cond_signal(&old->wake);
    (void)pthread_mutex_unlock(&old->lock);
    (void)pthread_join(old->thread, NULL);
    list_free(old->waiting);
    list_free(old->done);
    event_free(old->told);
    (void)pthread_cond_destroy(&old->wake);
    (void)pthread_mutex_destroy(&old->lock);
    free(old);
    *hasher = NULL;
}

bool hasher_post(struct hasher *hasher, const char *hash, const char *password,
                 void (*then)(void *context, bool right), void *context) {
    struct task *task = calloc(1, sizeof *task);
    size_t len = strlen(password);
    if (task == NULL || len > PASSWORD_MAX || strlen(hash) >= sizeof task->hash) {
        free(task);
        return false;
    }
    task->anybody = hash[0] != '\0';
    (void)snprintf(task->hash, sizeof task->hash, "%s", task->anybody ? hash : nobody);
    (void)snprintf(task->password, sizeof task->password, "%s", password);
    task->then = then;
    task->context = context;
    (void)pthread_mutex_lock(&hasher->lock);
    bool room = hasher->count < WAITING_MAX;
    if (room) {
        hasher->count++;
        append(&hasher->waiting, task);
        (void)pthread_cond_signal(&hasher->wake);
    }
    (void)pthread_mutex_unlock(&hasher->lock);
    if (!room) {
        task_free(task);
    }
    return room;
}

bool hasher_make(const char *password, char *out) {
    return crypto_pwhash_str(out, password, strlen(password), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                             crypto_pwhash_MEMLIMIT_INTERACTIVE) == 0;
}
