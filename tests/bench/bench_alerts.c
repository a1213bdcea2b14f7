/*
 * Alerts to a receiver on this machine, over TLS: how fast 10,000 that are queued drain, what that does to the commits of
 * supplies meanwhile, and when an urgent one raised in the middle of it begins. The courier, the store and the receiver
 * share the processors. In a folder of its own below build/ (or BENCH_FOLDER: the disk to measure).
 */
#include <event2/event.h>
#include <event2/thread.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "../support/facts.h"
#include "alert/compose.h"
#include "alert/courier.h"
#include "core/catalogue.h"
#include "desk/alert.h"
#include "embed/embed.h"
#include "http/tls.h"
#include "store/outbox.h"
#include "store/patient.h"
#include "store/prescription.h"
#include "store/service.h"
#include "store/store.h"

EMBED_DECLARE(config_catalogue_conf);

#define ALERTS 10000
#define BATCH 500
#define SUPPLIES 400
#define SUPPLY_EVERY_MS 10
#define SECRET "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
#define PATH_MAX_BYTES 256
#define PATIENTS 500

_Noreturn static void fail(const char *what) {
    fprintf(stderr, "bench_alerts: %s\n", what);
    exit(EXIT_FAILURE);
}

static double now_ms(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec * 1000 + (double)now.tv_nsec / 1e6;
}

/* ---- the receiver: a thread for each connection; 200 for everything ---- */

static atomic_int received;
static _Atomic double urgent_at; /* when the urgent alert's request came; 0: not yet */

struct caller {
    int fd;
    SSL_CTX *tls;
};

static bool read_request(SSL *ssl, char *buffer, size_t size) {
    size_t len = 0;
    for (;;) {
        int got = SSL_read(ssl, buffer + len, (int)(size - 1 - len));
        if (got <= 0)
            return false;
        len += (size_t)got;
        buffer[len] = '\0';
        const char *end = strstr(buffer, "\r\n\r\n");
        const char *length = end == NULL ? NULL : strstr(buffer, "Content-Length: ");
        size_t body = length == NULL || length > end ? 0 : strtoul(length + 16, NULL, 10);
        if (end != NULL && len >= (size_t)(end + 4 - buffer) + body)
            return true;
    }
}

static void *serve(void *context) {
    static const char answer[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
    struct caller caller = *(struct caller *)context;
    char *buffer = malloc(1U << 20);
    SSL *ssl = SSL_new(caller.tls);
    free(context);
    SSL_set_fd(ssl, caller.fd);
    if (buffer != NULL && SSL_accept(ssl) == 1) {
        while (read_request(ssl, buffer, 1U << 20)) {
            if (strstr(buffer, "\"urgent\"") != NULL && atomic_load(&urgent_at) <= 0)
                atomic_store(&urgent_at, now_ms());
            if (strncmp(buffer, "POST", 4) == 0)
                atomic_fetch_add(&received, 1);
            if (SSL_write(ssl, answer, sizeof answer - 1) <= 0)
                break;
        }
    }
    SSL_free(ssl);
    close(caller.fd);
    free(buffer);
    return NULL;
}

struct receiver {
    int fd;
    int port;
    SSL_CTX *tls;
};

static void *accept_all(void *context) {
    const struct receiver *receiver = context;
    for (;;) {
        const int on = 1;
        pthread_t thread;
        struct caller *caller = malloc(sizeof *caller);
        if (caller == NULL)
            fail("no memory");
        *caller = (struct caller){accept(receiver->fd, NULL, NULL), receiver->tls};
        if (caller->fd < 0)
            fail("accept");
        setsockopt(caller->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
        if (pthread_create(&thread, NULL, serve, caller) != 0)
            fail("no thread");
        pthread_detach(thread);
    }
    return NULL;
}

static void receiver_open(struct receiver *receiver, const char *certificate, const char *key) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    const char *message = NULL;
    pthread_t thread;
    if (!tls_make_certificate(certificate, key, &message))
        fail(message);
    receiver->tls = tls_context(certificate, key, &message);
    receiver->fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (receiver->tls == NULL || bind(receiver->fd, (struct sockaddr *)&address, len) != 0 ||
        listen(receiver->fd, 16) != 0 || getsockname(receiver->fd, (struct sockaddr *)&address, &len) != 0)
        fail("the receiver cannot listen");
    receiver->port = ntohs(address.sin_port);
    if (pthread_create(&thread, NULL, accept_all, receiver) != 0)
        fail("no thread");
    pthread_detach(thread);
}

/* ---- the facts ---- */

struct fill {
    struct job job; /* first */
    struct arena *arena;
    const char *url;
    const char *ca;
    int from;
    int count;
    bool urgent;
    bool first;
    atomic_bool done;
};

static void fill_people(struct tx *tx, const struct fill *fill) {
    struct dose_run run = {.from = 20780, .days = 14, .dose = 60000, .supervised_part = QUANTITY_NONE};
    struct prescription_item_row item = {.product = "methadone-1mg-ml-sf",
                                         .schedule = 2,
                                         .micrograms = 1000,
                                         .total = 840000,
                                         .total_on_form = 840000,
                                         .runs = &run,
                                         .run_count = 1};
    facts_prescription(tx);
    tx_audit(tx, "bench", NULL, NULL, NULL);
    service_append(tx, &(struct service_row){.id = "sv-1",
                                             .name = "Testham Service",
                                             .kind = "drug_service",
                                             .endpoint_url = fill->url,
                                             .endpoint_ca = fill->ca,
                                             .endpoint_secret = SECRET});
    endpoint_fact_append(tx, "sv-1", "confirmed", NULL);
    for (int i = 0; i < PATIENTS; i++) {
        char patient[24];
        char prescription[24];
        snprintf(patient, sizeof patient, "pt-%d", i);
        snprintf(prescription, sizeof prescription, "rp-%d", i);
        patient_append(tx, &(struct patient_row){.id = patient,
                                                 .name = "Zephyrine Copperbeech",
                                                 .name_folded = "zephyrine copperbeech",
                                                 .born_on = 3000,
                                                 .sharing_service = "sv-1",
                                                 .sharing_agreed_on = 20700,
                                                 .sharing_reference = patient});
        prescription_append(tx, &(struct prescription_row){.id = prescription,
                                                           .patient = patient,
                                                           .service = "sv-1",
                                                           .form = "FP10MDA",
                                                           .drug_class = "opioid",
                                                           .signed_on = 20777,
                                                           .start_on = 20780,
                                                           .entered_on = 20780,
                                                           .prescriber_name = "Dr Hester Vale",
                                                           .stage = "stable",
                                                           .collect_kind = "weekdays",
                                                           .supervised_kind = "collection_days",
                                                           .replaces_from = DAY_NONE,
                                                           .items = &item,
                                                           .item_count = 1});
    }
}

static void raise_one(struct tx *tx, int number, bool urgent) {
    char about[40];
    char patient[24];
    char prescription[24];
    struct alert_instalment_row instalment = {
        .due = 20780, .item = 0, .quantity = 60000, .reason = "not_collected"};
    struct alert_detail_row detail = alert_detail_none;
    snprintf(about, sizeof about, "bench/%d/%d", urgent, number);
    snprintf(patient, sizeof patient, "pt-%d", number % PATIENTS);
    snprintf(prescription, sizeof prescription, "rp-%d", number % PATIENTS);
    detail.instalments = &instalment;
    detail.instalment_count = 1;
    detail.missed_pickups = 1;
    desk_alert_raise(tx,
                     &(struct alert_row){.kind = "missed_pickup",
                                         .priority = urgent ? "urgent" : "routine",
                                         .patient = patient,
                                         .prescription = prescription,
                                         .service = "sv-1",
                                         .raised_at = tx->now.at,
                                         .on = 20780,
                                         .about = about,
                                         .number = 1},
                     &detail);
}

static bool fill_run(struct job *job, struct tx *tx) {
    struct fill *fill = (struct fill *)job;
    arena_reset(fill->arena);
    tx->arena = fill->arena;
    if (fill->first)
        fill_people(tx, fill);
    tx_audit(tx, "bench", NULL, NULL, NULL);
    for (int i = 0; i < fill->count; i++)
        raise_one(tx, fill->from + i, fill->urgent);
    return db_state(tx->db) == DB_FINE;
}

static void fill_done(struct job *job, enum job_result result) {
    if (result != JOB_DONE)
        fail("the store refused the facts");
    atomic_store(&((struct fill *)job)->done, true);
}

/* ---- commits of supplies, one every so often, whatever the one before does ---- */

struct supply {
    struct facts_job facts; /* first */
    struct arena *arena;
    double began;
    _Atomic double ms; /* 0: not yet */
};

static void supply_done(struct job *job, enum job_result result) {
    struct supply *supply = (struct supply *)job;
    if (result != JOB_DONE)
        fail("a supply was refused");
    atomic_store(&supply->ms, now_ms() - supply->began);
}

static int by_size(const void *a, const void *b) {
    double one = *(const double *)a;
    double other = *(const double *)b;
    return (one > other) - (one < other);
}

/* The 99th percentile of `count` supplies from number `from`. */
static double supplies(struct store *store, int64_t from, size_t count) {
    struct supply *list = calloc(count, sizeof *list);
    double *ms = calloc(count, sizeof *ms);
    if (list == NULL || ms == NULL)
        fail("no memory");
    for (size_t i = 0; i < count; i++) {
        list[i].arena = arena_new(1U << 20);
        list[i].facts = facts_write(from + (int64_t)i, list[i].arena);
        list[i].facts.job.done = supply_done;
        list[i].began = now_ms();
        store_write(store, &list[i].facts.job);
        nanosleep(&(struct timespec){.tv_nsec = SUPPLY_EVERY_MS * 1000000L}, NULL);
    }
    for (size_t i = 0; i < count; i++) {
        while (atomic_load(&list[i].ms) <= 0)
            nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
        ms[i] = atomic_load(&list[i].ms);
        arena_free(&list[i].arena);
    }
    qsort(ms, count, sizeof *ms, by_size);
    double worst = ms[count * 99 / 100];
    free(list);
    free(ms);
    return worst;
}

/* ---- the measurement ---- */

static struct store *open_store(const char *folder) {
    char path[PATH_MAX_BYTES + 32];
    enum store_open_error error = STORE_OPEN;
    const char *message = NULL;
    snprintf(path, sizeof path, "%s/alerts.db", folder);
    struct store *store = store_open(&(struct store_options){.path = path}, &error, &message);
    if (store == NULL)
        fail(message);
    return store;
}

static char *read_whole(const char *path) {
    char *text = calloc(1, 65536);
    FILE *file = fopen(path, "re");
    if (text == NULL || file == NULL || fread(text, 1, 65535, file) == 0)
        fail(path);
    fclose(file);
    return text;
}

static void fill_store(struct store *store, const char *url, const char *ca) {
    struct fill fill = {.job = {.run = fill_run}, .arena = arena_new(64U << 20), .url = url, .ca = ca};
    for (fill.from = 0; fill.from < ALERTS; fill.from += BATCH) {
        fill.first = fill.from == 0;
        fill.count = BATCH;
        if (store_write_now(store, &fill.job) != JOB_DONE)
            fail("the store refused the facts");
    }
    arena_free(&fill.arena);
}

static void measure(const char *folder) {
    struct receiver receiver;
    char certificate[PATH_MAX_BYTES + 32];
    char key[PATH_MAX_BYTES + 32];
    char url[64];
    struct catalogue_error wrong;
    snprintf(certificate, sizeof certificate, "%s/receiver.pem", folder);
    snprintf(key, sizeof key, "%s/receiver.key", folder);
    receiver_open(&receiver, certificate, key);
    snprintf(url, sizeof url, "https://127.0.0.1:%d/fhir", receiver.port);
    struct catalogue *catalogue =
        catalogue_parse(embed_config_catalogue_conf, embed_config_catalogue_conf_size, &wrong);
    alert_compose_init(catalogue, &(struct alert_pharmacy){.name = "Testham Pharmacy"});
    char *ca = read_whole(certificate);
    struct store *store = open_store(folder);
    fill_store(store, url, ca);
    if (!store_start(store))
        fail("the store's threads");
    double idle = supplies(store, 1, SUPPLIES);
    struct event_base *loop = event_base_new();
    double began = now_ms();
    struct courier *courier = courier_new(&(struct courier_options){.store = store, .loop = loop});
    if (courier == NULL)
        fail("the courier");
    double busy = supplies(store, SUPPLIES + 1, SUPPLIES);
    struct fill urgent = {.job = {.run = fill_run, .done = fill_done},
                          .arena = arena_new(1U << 20),
                          .count = 1,
                          .urgent = true};
    int before = atomic_load(&received);
    double asked = now_ms();
    store_write(store, &urgent.job);
    while (atomic_load(&received) < ALERTS + 1)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    double rate = ALERTS * 1000.0 / (now_ms() - began);
    courier_free(&courier);
    printf("alerts: drained to a receiver on this machine\t%.0f\talerts/s\t>= 500\n", rate);
    printf("alerts: a supply's commit, 99th percentile, idle\t%.2f\tms\n", idle);
    printf("alerts: the same while they drain\t%.2f\tms\n", busy);
    printf("alerts: while they drain, to idle\t%.2f\tratio\t<= 2\n", busy / idle);
    printf("alerts: an urgent one begins, %d still queued\t%.1f\tms\t<= 1000\n", ALERTS - before,
           atomic_load(&urgent_at) - asked);
    event_base_free(loop);
    store_close(&store);
    arena_free(&urgent.arena);
    catalogue_free(&catalogue);
    SSL_CTX_free(receiver.tls);
    free(ca);
}

int main(void) {
    const char *below = getenv("BENCH_FOLDER");
    char folder[PATH_MAX_BYTES];
    char remove_it[PATH_MAX_BYTES + 16];
    signal(SIGPIPE, SIG_IGN);
    snprintf(folder, sizeof folder, "%s/alerts-XXXXXX", below == NULL ? "build" : below);
    if (evthread_use_pthreads() != 0 || !clock_init("Europe/London", false, 0) || mkdtemp(folder) == NULL)
        fail("a folder of its own");
    measure(folder);
    snprintf(remove_it, sizeof remove_it, "rm -rf '%s'", folder);
    return system(remove_it) == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}
