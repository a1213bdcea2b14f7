#include "mailbox.h"

#include <errno.h>
#include <pthread.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

struct mailbox {
    pthread_mutex_t lock;
    struct letter *first, **last;
    struct event *event;
    int fd; /* an eventfd: readable while there are letters */
};

/* Takes all letters and reads them. */
static void mailbox_read(struct mailbox *mailbox) {
    pthread_mutex_lock(&mailbox->lock);
    struct letter *letter = mailbox->first;
    mailbox->first = NULL;
    mailbox->last = &mailbox->first;
    pthread_mutex_unlock(&mailbox->lock);
    while (letter != NULL) {
        struct letter *next = letter->next;
        letter->read(letter);
        letter = next;
    }
}

static void mailbox_on_event(evutil_socket_t fd, short what, void *context) {
    (void)what;
    uint64_t count = 0;
    ssize_t got = read(fd, &count, sizeof count);
    if (got > 0 || errno == EAGAIN || errno == EINTR) {
        mailbox_read(context);
    }
}

struct mailbox *mailbox_new(struct event_base *base) {
    struct mailbox *mailbox = calloc(1, sizeof *mailbox);
    if (mailbox == NULL) {
        return NULL;
    }
    mailbox->last = &mailbox->first;
    pthread_mutex_init(&mailbox->lock, NULL);
    mailbox->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (mailbox->fd >= 0) {
        mailbox->event = event_new(base, mailbox->fd, EV_READ | EV_PERSIST, mailbox_on_event, mailbox);
    }
    if (mailbox->event == NULL || event_add(mailbox->event, NULL) != 0) {
        mailbox_free(&mailbox);
    }
    return mailbox;
}

void mailbox_free(struct mailbox **mailbox) {
    if (*mailbox == NULL) {
        return;
    }
    mailbox_read(*mailbox);
    if ((*mailbox)->event != NULL) {
        event_free((*mailbox)->event);
    }
    if ((*mailbox)->fd >= 0) {
        close((*mailbox)->fd);
    }
    pthread_mutex_destroy(&(*mailbox)->lock);
    free(*mailbox);
    *mailbox = NULL;
}

void mailbox_post(struct mailbox *mailbox, struct letter *letter) {
    letter->next = NULL;
    pthread_mutex_lock(&mailbox->lock);
    *mailbox->last = letter;
    mailbox->last = &letter->next;
    pthread_mutex_unlock(&mailbox->lock);
    /* The counter of an eventfd cannot overflow here, and a full one is readable all the same. */
    const uint64_t one = 1;
    ssize_t done = write(mailbox->fd, &one, sizeof one);
    (void)done;
}
