#include "print.h"

#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "press.h"

#define ARENA_MAX ((size_t)64 << 20)

/* From the print thread to the loop. */
struct told {
    char id[PRINT_TOLD_SIZE];
    char state[PRINT_TOLD_SIZE];
    struct told *next;
};

/* What stands on labels. */
struct pharmacy {
    char *name;
    char *address;
    char *telephone;
};

struct print {
    struct press press; /* the print thread's */
    char *folder;
    struct pharmacy *pharmacy; /* the print thread's */
    struct pharmacy *fresh;    /* under the lock: takes its place before the next turn; NULL: nothing new */
    atomic_bool stopping;
    int kick_fd;   /* eventfd: there may be something to do */
    int notice_fd; /* eventfd: something is to be told */
    pthread_t thread;
    bool started;
    pthread_mutex_t lock; /* over fresh, first and last */
    struct told *first;
    struct told **last;
    /* The loop's. */
    struct event *notice;
    void (*told)(void *context, const char *id, const char *state);
    void *context;
    struct print_counts counts;
    char troubled[STATIONS_MAX][PRINT_TOLD_SIZE]; /* ids; counts.troubled of them */
};

/* ---- the pharmacy ---- */

static void pharmacy_free(struct pharmacy **pharmacy) {
    struct pharmacy *p = *pharmacy;
    if (p != NULL) {
        free(p->name);
        free(p->address);
        free(p->telephone);
        free(p);
    }
    *pharmacy = NULL;
}

static char *copy(const char *text) {
    return strdup(text == NULL ? "" : text);
}

static struct pharmacy *pharmacy_copy(const struct render_pharmacy *from) {
    struct pharmacy *p = calloc(1, sizeof *p);
    if (p == NULL) {
        return NULL;
    }
    p->name = copy(from->name);
    p->address = copy(from->address);
    p->telephone = copy(from->telephone);
    if (p->name == NULL || p->address == NULL || p->telephone == NULL) {
        pharmacy_free(&p);
    }
    return p;
}

/* On the print thread, between two turns. */
static void pharmacy_take(struct print *print) {
    (void)pthread_mutex_lock(&print->lock);
    if (print->fresh != NULL) {
        pharmacy_free(&print->pharmacy);
        print->pharmacy = print->fresh;
        print->fresh = NULL;
        print->press.pharmacy = (struct render_pharmacy){.name = print->pharmacy->name,
                                                         .address = print->pharmacy->address,
                                                         .telephone = print->pharmacy->telephone};
    }
    (void)pthread_mutex_unlock(&print->lock);
}

void print_set_pharmacy(struct print *print, const struct render_pharmacy *pharmacy) {
    struct pharmacy *fresh = pharmacy_copy(pharmacy);
    if (fresh == NULL) {
        return;
    }
    (void)pthread_mutex_lock(&print->lock);
    pharmacy_free(&print->fresh);
    print->fresh = fresh;
    (void)pthread_mutex_unlock(&print->lock);
}

/* ---- the thread ---- */

static void tell(void *context, const char *id, const char *state) {
    struct print *print = context;
    struct told *told = calloc(1, sizeof *told);
    if (told == NULL) {
        return; /* a screen learns it when it looks again */
    }
    strncpy(told->id, id, sizeof told->id - 1);
    strncpy(told->state, state, sizeof told->state - 1);
    (void)pthread_mutex_lock(&print->lock);
    *print->last = told;
    print->last = &told->next;
    (void)pthread_mutex_unlock(&print->lock);
    (void)eventfd_write(print->notice_fd, 1);
}

static void *print_run(void *context) {
    struct print *print = context;
    bool kicked = true;
    while (!atomic_load(&print->stopping)) {
        struct pollfd wait = {.fd = print->kick_fd, .events = POLLIN};
        eventfd_t count = 0;
        pharmacy_take(print);
        int ms = press_turn(&print->press, kicked);
        kicked = poll(&wait, 1, ms) > 0;
        if (kicked) {
            (void)eventfd_read(print->kick_fd, &count);
        }
    }
    return NULL;
}

/* ---- the loop ---- */

/* Which printers are in trouble, by their ids. */
static void note_light(struct print *print, const char *id, bool trouble) {
    size_t i = 0;
    while (i < print->counts.troubled && strcmp(print->troubled[i], id) != 0) {
        i++;
    }
    bool known = i < print->counts.troubled;
    if (trouble && !known && i < STATIONS_MAX) {
        memcpy(print->troubled[i], id, strlen(id) + 1);
        print->counts.troubled++;
    } else if (!trouble && known) {
        print->counts.troubled--;
        memmove(print->troubled[i], print->troubled[print->counts.troubled], PRINT_TOLD_SIZE);
    }
}

static void note(struct print *print, const struct told *told) {
    struct print_counts *counts = &print->counts;
    const struct {
        const char *state;
        uint64_t *count;
    } counted[] = {{"accepted_by_printer", &counts->accepted},
                   {"unverified", &counts->unverified},
                   {"failed", &counts->failed},
                   {"cancelled", &counts->cancelled}};
    for (size_t i = 0; i < sizeof counted / sizeof counted[0]; i++) {
        *counted[i].count += strcmp(counted[i].state, told->state) == 0 ? 1 : 0;
    }
    if (strcmp(told->state, "trouble") == 0 || strcmp(told->state, "ready") == 0) {
        note_light(print, told->id, strcmp(told->state, "trouble") == 0);
    }
}

static struct told *take(struct print *print) {
    (void)pthread_mutex_lock(&print->lock);
    struct told *told = print->first;
    if (told != NULL) {
        print->first = told->next;
        print->last = print->first == NULL ? &print->first : print->last;
    }
    (void)pthread_mutex_unlock(&print->lock);
    return told;
}

static void noticed(evutil_socket_t fd, short what, void *context) {
    struct print *print = context;
    eventfd_t count = 0;
    (void)what;
    (void)eventfd_read(fd, &count);
    for (struct told *told = take(print); told != NULL; told = take(print)) {
        note(print, told);
        if (print->told != NULL) {
            print->told(print->context, told->id, told->state);
        }
        free(told);
    }
}

void print_on_told(struct print *print, void (*told)(void *context, const char *id, const char *state),
                   void *context) {
    print->told = told;
    print->context = context;
}

void print_kick(struct print *print) {
    (void)eventfd_write(print->kick_fd, 1);
}

void print_counts(const struct print *print, struct print_counts *out) {
    *out = print->counts;
}

/* ---- made and taken apart ---- */

static void print_release(struct print *print) {
    press_release(&print->press);
    artist_free(&print->press.artist);
    for (struct told *told = take(print); told != NULL; told = take(print)) {
        free(told);
    }
    if (print->notice != NULL) {
        event_free(print->notice);
    }
    if (print->kick_fd >= 0) {
        (void)close(print->kick_fd);
    }
    if (print->notice_fd >= 0) {
        (void)close(print->notice_fd);
    }
    (void)pthread_mutex_destroy(&print->lock);
    pharmacy_free(&print->pharmacy);
    pharmacy_free(&print->fresh);
    free(print->folder);
    free(print);
}

static bool print_compose(struct print *print, struct event_base *base, struct store *store,
                          struct lane *lane, const struct print_options *options) {
    print->folder = copy(options->folder);
    print->fresh = pharmacy_copy(&options->pharmacy);
    print->kick_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    print->notice_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    print->press.arena = arena_new(ARENA_MAX);
    print->press.artist = artist_new(lane);
    print->press.store = store;
    print->press.folder = print->folder;
    print->press.deadline_ms = options->deadline_ms;
    print->press.stopping = &print->stopping;
    print->press.tell = tell;
    print->press.context = print;
    buffer_init(&print->press.pdf, DOCUMENT_MAX);
    if (print->notice_fd >= 0) {
        print->notice = event_new(base, print->notice_fd, EV_READ | EV_PERSIST, noticed, print);
    }
    return print->folder != NULL && print->fresh != NULL && print->kick_fd >= 0 &&
           print->press.arena != NULL && print->press.artist != NULL && print->notice != NULL &&
           event_add(print->notice, NULL) == 0;
}

/* Signals are the loop's: the thread is started without any. */
static bool print_start(struct print *print) {
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    print->started = pthread_create(&print->thread, NULL, print_run, print) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return print->started;
}

struct print *print_new(struct event_base *base, struct store *store, struct lane *lane,
                        const struct print_options *options) {
    struct print *print = calloc(1, sizeof *print);
    if (print == NULL) {
        return NULL;
    }
    print->last = &print->first;
    print->kick_fd = -1;
    print->notice_fd = -1;
    (void)pthread_mutex_init(&print->lock, NULL);
    if (!print_compose(print, base, store, lane, options) || !print_start(print)) {
        print_release(print);
        return NULL;
    }
    return print;
}

void print_free(struct print **print) {
    struct print *p = *print;
    if (p == NULL) {
        return;
    }
    atomic_store(&p->stopping, true);
    print_kick(p);
    (void)pthread_join(p->thread, NULL);
    print_release(p);
    *print = NULL;
}
