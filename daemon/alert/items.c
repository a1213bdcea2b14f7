#include "items.h"

#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sys/clock.h"

#define BUCKETS 8192

bool items_init(struct items *items) {
    *items = (struct items){.buckets = calloc(BUCKETS, sizeof(struct item *))};
    return items->buckets != NULL;
}

static size_t bucket_of(const char *id) {
    uint64_t hash = UINT64_C(14695981039346656037);
    for (; *id != '\0'; id++)
        hash = (hash ^ (unsigned char)*id) * UINT64_C(1099511628211);
    return (size_t)(hash % BUCKETS);
}

void item_drop_body(struct item *item) {
    free(item->body);
    free(item->correlation);
    item->body = item->correlation = NULL;
    item->len = 0;
}

static void item_free(struct item *item) {
    item_drop_body(item);
    free(item->location);
    free(item);
}

static struct item *list_pop(struct item_list *list) {
    struct item *item = list->first;
    list->first = item->next;
    if (list->first == NULL)
        list->last = NULL;
    item->listed = false;
    item->next = NULL;
    return item;
}

/* What has ended and still stands in a list is nowhere else. */
static void list_release(struct item_list *list) {
    while (list->first != NULL) {
        struct item *item = list_pop(list);
        if (item->ended)
            item_free(item);
    }
}

static void endpoint_release(struct endpoint *endpoint) {
    for (int rank = 0; rank < RANK_COUNT; rank++) {
        list_release(&endpoint->ready[rank]);
        list_release(&endpoint->staged[rank]);
    }
    while (endpoint->oldest != NULL) {
        struct item *item = endpoint->oldest;
        endpoint->oldest = item->newer;
        item_free(item);
    }
    free(endpoint->url);
    free(endpoint->ca);
    free(endpoint->certificate);
    free(endpoint->secret);
    free(endpoint);
}

void items_release(struct items *items) {
    while (items->endpoints != NULL) {
        struct endpoint *endpoint = items->endpoints;
        items->endpoints = endpoint->next;
        endpoint_release(endpoint);
    }
    free(items->buckets);
    free(items->heap);
}

struct endpoint *items_endpoint(struct items *items, const char *service) {
    const char *name = service == NULL ? "" : service;
    struct endpoint *one = items->endpoints;
    while (one != NULL && strcmp(one->service, name) != 0)
        one = one->next;
    if (one != NULL)
        return one;
    one = calloc(1, sizeof *one);
    if (one == NULL)
        return NULL;
    (void)snprintf(one->service, sizeof one->service, "%s", name);
    one->next = items->endpoints;
    items->endpoints = one;
    return one;
}

struct item *items_find(struct items *items, const char *id) {
    struct item *item = items->buckets[bucket_of(id)];
    while (item != NULL && strcmp(item->id, id) != 0)
        item = item->bucket;
    return item;
}

/* ---- the heap ---- */

int64_t item_escalates(const struct item *item) {
    if (item->escalated || item->ended)
        return ITEM_NEVER;
    if (item->state == OUTBOX_ACCEPTED)
        return item->due_ms;
    return item->accept_ms < item->due_ms ? item->accept_ms : item->due_ms;
}

static int64_t wakes(const struct item *item) {
    int64_t escalates = item_escalates(item);
    int64_t tried = item->phase == PHASE_TIMED ? item->try_ms : ITEM_NEVER;
    return tried < escalates ? tried : escalates;
}

static void heap_set(struct items *items, size_t at, struct item *item) {
    items->heap[at] = item;
    item->heap = at;
}

static void heap_up(struct items *items, size_t at) {
    struct item *item = items->heap[at];
    for (; at > 1 && wakes(items->heap[at / 2]) > wakes(item); at /= 2)
        heap_set(items, at, items->heap[at / 2]);
    heap_set(items, at, item);
}

static void heap_down(struct items *items, size_t at) {
    struct item *item = items->heap[at];
    for (;;) {
        size_t child = at * 2;
        if (child > items->heap_count)
            break;
        if (child < items->heap_count && wakes(items->heap[child + 1]) < wakes(items->heap[child]))
            child++;
        if (wakes(items->heap[child]) >= wakes(item))
            break;
        heap_set(items, at, items->heap[child]);
        at = child;
    }
    heap_set(items, at, item);
}

static void heap_remove(struct items *items, struct item *item) {
    size_t at = item->heap;
    if (at == 0)
        return;
    struct item *last = items->heap[items->heap_count--];
    item->heap = 0;
    if (last != item) {
        heap_set(items, at, last);
        heap_up(items, at);
        heap_down(items, last->heap);
    }
}

/* Every item has its place from the beginning: nothing here takes memory later. */
static void heap_look_again(struct items *items, struct item *item) {
    if (item->heap != 0) {
        heap_up(items, item->heap);
        heap_down(items, item->heap);
    }
}

static bool heap_add(struct items *items, struct item *item) {
    if (items->heap_count + 2 > items->heap_room) {
        size_t room = items->heap_room == 0 ? 256 : items->heap_room * 2;
        struct item **bigger = realloc(items->heap, room * sizeof(struct item *));
        if (bigger == NULL)
            return false;
        items->heap = bigger;
        items->heap_room = room;
    }
    heap_set(items, ++items->heap_count, item);
    heap_up(items, items->heap_count);
    return true;
}

struct item *items_first(const struct items *items, int64_t *when) {
    *when = items->heap_count == 0 ? ITEM_NEVER : wakes(items->heap[1]);
    return items->heap_count == 0 ? NULL : items->heap[1];
}

void item_phase(struct items *items, struct item *item, enum phase phase) {
    item->phase = phase;
    heap_look_again(items, item);
}

void item_park(struct items *items, struct item *item) {
    item_phase(items, item, PHASE_PARKED);
}

void item_time(struct items *items, struct item *item, int64_t try_ms) {
    item->try_ms = try_ms;
    item_phase(items, item, PHASE_TIMED);
}

enum rank item_rank(const struct item *item) {
    return item->state == OUTBOX_ACCEPTED ? RANK_POLL : item->urgent ? RANK_URGENT : RANK_ROUTINE;
}

/* ---- items ---- */

/*
 * A deadline of the wall clock in running time. A clock that stands behind must not make it longer than it was when the
 * alert was raised.
 */
static int64_t running(int64_t by, int64_t raised_at) {
    int64_t left = by - clock_now().at;
    int64_t whole = by - raised_at;
    left = left > whole ? whole : left;
    return clock_running_ms() + (left < 0 ? 0 : left) * 1000;
}

struct item *items_add(struct items *items, const struct outbox_row *row) {
    struct endpoint *endpoint = items_endpoint(items, row->service);
    struct item *item = endpoint == NULL ? NULL : calloc(1, sizeof *item);
    if (item == NULL)
        return NULL;
    (void)snprintf(item->id, sizeof item->id, "%s", row->alert);
    (void)snprintf(item->patient, sizeof item->patient, "%s", row->patient == NULL ? "" : row->patient);
    item->endpoint = endpoint;
    item->state = row->state;
    item->urgent = row->urgent;
    item->single = strcmp(row->kind, "route_test") == 0 || strcmp(row->kind, "digest") == 0;
    item->escalated = row->phone != NULL;
    item->attempts = row->attempts;
    item->raised_at = row->raised_at;
    item->accept_ms = running(row->accept_by, row->raised_at);
    item->due_ms = running(row->due_by, row->raised_at);
    item->location = row->location == NULL ? NULL : strdup(row->location);
    if (!heap_add(items, item)) {
        item_free(item);
        return NULL;
    }
    item->older = endpoint->newest;
    if (endpoint->newest != NULL)
        endpoint->newest->newer = item;
    else
        endpoint->oldest = item;
    endpoint->newest = item;
    endpoint->open++;
    struct item **bucket = &items->buckets[bucket_of(item->id)];
    item->bucket = *bucket;
    *bucket = item;
    items->count++;
    return item;
}

static bool is_held(const struct item *item) {
    return item->listed || (item->phase >= PHASE_LOADING && item->phase != PHASE_STAGED);
}

bool items_let_go(struct items *items, struct item *item) {
    (void)items;
    if (!item->ended)
        return false;
    item_free(item);
    return true;
}

void items_end(struct items *items, struct item *item) {
    struct item **link = &items->buckets[bucket_of(item->id)];
    struct endpoint *endpoint = item->endpoint;
    if (item->ended)
        return;
    while (*link != item)
        link = &(*link)->bucket;
    *link = item->bucket;
    heap_remove(items, item);
    *(item->older != NULL ? &item->older->newer : &endpoint->oldest) = item->newer;
    *(item->newer != NULL ? &item->newer->older : &endpoint->newest) = item->older;
    endpoint->open--;
    items->count--;
    item->ended = true;
    if (!is_held(item))
        item_free(item);
}

/* ---- lists ---- */

void list_put(struct item_list *list, struct item *item) {
    if (item->listed)
        return;
    item->listed = true;
    item->next = NULL;
    *(list->last != NULL ? &list->last->next : &list->first) = item;
    list->last = item;
}

struct item *list_look(struct items *items, struct item_list *list, enum phase phase) {
    while (list->first != NULL && (list->first->ended || list->first->phase != phase)) {
        struct item *item = list_pop(list);
        if (item->ended && item->phase == PHASE_STAGED)
            item->endpoint->piped--;
        (void)items_let_go(items, item);
    }
    return list->first;
}

struct item *list_take(struct items *items, struct item_list *list, enum phase phase) {
    return list_look(items, list, phase) == NULL ? NULL : list_pop(list);
}
