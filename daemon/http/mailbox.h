/*
 * From the store's threads back to the event loop: letters are run on the loop in the order of posting.
 */
#ifndef INSTALMENT_HTTP_MAILBOX_H
#define INSTALMENT_HTTP_MAILBOX_H

#include <event2/event.h>

struct mailbox;

/* Part of whoever posts it; must live until `read` was called. */
struct letter {
    void (*read)(struct letter *letter); /* on the loop's thread; may free the letter */
    struct letter *next;                 /* the mailbox's */
};

/* NULL where a descriptor or memory is short. */
struct mailbox *mailbox_new(struct event_base *base);

/* Frees it; letters that are still in it are read first. NULL inside is allowed. Loop thread. */
void mailbox_free(struct mailbox **mailbox);

/* Any thread. */
void mailbox_post(struct mailbox *mailbox, struct letter *letter);

#endif
