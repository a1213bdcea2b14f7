/*
 * `instalment counter`: the loop. Waits for a key, an event, or half a second; makes the requests that the state wants,
 * one after the other; draws. Whether somebody answers is asked every two seconds on a connection of its own, so that a
 * lost line shows within five.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/timerfd.h>
#include <unistd.h>

#include "commands.h"
#include "counter_draw.h"

#define PATH_SIZE 512
#define ANSWER_SECONDS 5
#define PING_SECONDS 2
#define PING_EVERY 4 /* ticks of half a second */
#define IDLE_MIN 5
#define IDLE_MAX 3600

struct counter_loop {
    struct counter state;
    struct instalment *client; /* with the session */
    struct instalment *ping;   /* without one: is anybody there? */
    struct instalment_watch *watch;
    int wake;  /* an epoll descriptor: a key, or the timer */
    int timer; /* every half second */
    uint64_t ticks;
    bool going;
    /* What was sent last and is not known: sent again, it has the same key. */
    char *last_body, last_key[INSTALMENT_KEY_SIZE];
};

/* ---- requests */

static void watch_again(struct counter_loop *loop) {
    instalment_watch_close(&loop->watch);
    if (loop->state.staff[0] != '\0' && loop->state.line)
        loop->watch = instalment_watch_open(loop->client);
}

/* What became of a request that is not a 2xx. True: it is one, and the answer is the caller's. */
static bool settle(struct counter_loop *loop, enum instalment_result result,
                   struct instalment_reply **reply) {
    int status = instalment_status(*reply);
    const char *code = instalment_text(*reply, "code");
    const char *detail = instalment_text(*reply, "detail");
    if (result == INSTALMENT_ANSWERED && status < 300)
        return true;
    if (result == INSTALMENT_UNKNOWN)
        counter_not_known(&loop->state);
    else if (result != INSTALMENT_ANSWERED)
        counter_not_sent(&loop->state);
    else if (code != NULL && strcmp(code, "session_locked") == 0)
        counter_key(&loop->state, (struct counter_pressed){.kind = COUNTER_KEY_LOCK});
    else if (status == 401 && (code == NULL || strcmp(code, "sign_in_failed") != 0))
        counter_session_over(&loop->state, detail == NULL ? "The session has ended." : detail);
    else
        counter_refused(&loop->state, status, cJSON_Duplicate(instalment_json(*reply), true));
    instalment_reply_free(reply);
    return false;
}

static bool get(struct counter_loop *loop, const char *path, struct instalment_reply **reply) {
    return settle(loop, instalment_get(loop->client, path, reply), reply);
}

/* The body of an answer, taken out of it. */
static cJSON *take(struct instalment_reply **reply) {
    cJSON *tree = cJSON_Duplicate(instalment_json(*reply), true);
    instalment_reply_free(reply);
    return tree;
}

static bool post(struct counter_loop *loop, const char *path, cJSON *body, const char *key,
                 struct instalment_reply **reply) {
    char *text = cJSON_PrintUnformatted(body);
    cJSON_Delete(body);
    *reply = NULL;
    if (text == NULL)
        return false;
    enum instalment_result result = instalment_post(loop->client, path, text, key, reply);
    explicit_bzero(text, strlen(text));
    free(text);
    return settle(loop, result, reply);
}

/* An outcome or a concern: the same words after an answer that was lost have the same key, and are written once. */
static bool post_once(struct counter_loop *loop, const char *path, cJSON *body,
                      struct instalment_reply **reply) {
    char *text = cJSON_PrintUnformatted(body);
    if (text == NULL || loop->last_body == NULL || strcmp(text, loop->last_body) != 0)
        (void)instalment_key(loop->last_key);
    free(loop->last_body);
    loop->last_body = text;
    bool good = post(loop, path, body, loop->last_key, reply);
    if (good) {
        free(loop->last_body);
        loop->last_body = NULL;
    }
    return good;
}

static void sign_out(struct counter_loop *loop) {
    struct instalment_reply *reply = NULL;
    instalment_watch_close(&loop->watch);
    (void)instalment_sign_out(loop->client, &reply);
    instalment_reply_free(&reply);
}

static void ask_sign_in(struct counter_loop *loop) {
    struct instalment_reply *reply = NULL;
    enum instalment_result result =
        instalment_sign_in(loop->client, loop->state.staff, loop->state.input, &reply);
    if (!settle(loop, result, &reply))
        return;
    counter_signed_in(&loop->state, instalment_json(reply));
    instalment_reply_free(&reply);
    watch_again(loop);
}

static void ask_lock(struct counter_loop *loop, bool down) {
    struct instalment_reply *reply = NULL;
    cJSON *body = cJSON_CreateObject();
    if (!down)
        cJSON_AddStringToObject(body, "pin", loop->state.input);
    char *text = cJSON_PrintUnformatted(body);
    cJSON_Delete(body);
    const struct instalment_request request = {
        .method = "POST", .path = down ? "/session/lock" : "/session/unlock", .body = text};
    enum instalment_result result =
        text == NULL ? INSTALMENT_FAILED : instalment_send(loop->client, &request, &reply);
    if (text != NULL)
        explicit_bzero(text, strlen(text));
    free(text);
    bool locked_already = down && instalment_status(reply) >= 300 && instalment_status(reply) != 401;
    if (locked_already || !settle(loop, result, &reply)) {
        instalment_reply_free(&reply);
        return;
    }
    instalment_reply_free(&reply);
    if (!down)
        counter_unlocked(&loop->state);
}

static void ask_session(struct counter_loop *loop) {
    struct instalment_reply *reply = NULL;
    if (!get(loop, "/session", &reply))
        return;
    bool locked = cli_true(instalment_json(reply), "locked");
    instalment_reply_free(&reply);
    if (locked && loop->state.mode != COUNTER_LOCKED)
        counter_key(&loop->state, (struct counter_pressed){.kind = COUNTER_KEY_LOCK});
    watch_again(loop);
}

static void ask_day(struct counter_loop *loop) {
    struct instalment_reply *reply = NULL;
    if (get(loop, "/day", &reply))
        counter_day(&loop->state, take(&reply));
}

/* The patient of the prescription that is chosen; NULL: settled. */
static cJSON *ask_patient(struct counter_loop *loop) {
    struct instalment_reply *reply = NULL;
    char path[PATH_SIZE];
    (void)snprintf(path, sizeof path, "/prescriptions/%s", loop->state.rx);
    if (!get(loop, path, &reply))
        return NULL;
    (void)snprintf(path, sizeof path, "/patients/%.64s", cli_text(instalment_json(reply), "patient"));
    instalment_reply_free(&reply);
    return get(loop, path, &reply) ? take(&reply) : NULL;
}

static void ask_decision(struct counter_loop *loop) {
    struct instalment_reply *reply = NULL;
    cJSON *patient = NULL;
    char path[PATH_SIZE], query[128];
    if (loop->state.rx[0] == '\0')
        return;
    if (loop->state.patient == NULL && (patient = ask_patient(loop)) == NULL)
        return;
    counter_decision_query(&loop->state, query, sizeof query);
    (void)snprintf(path, sizeof path, "/prescriptions/%s/decision%s", loop->state.rx, query);
    if (get(loop, path, &reply))
        counter_decision(&loop->state, patient, take(&reply));
    else
        cJSON_Delete(patient);
}

static void ask_signs(struct counter_loop *loop) {
    struct instalment_reply *reply = NULL;
    if (get(loop, "/concerns/signs", &reply))
        counter_signs(&loop->state, take(&reply));
}

static void ask_supply(struct counter_loop *loop) {
    struct instalment_reply *reply = NULL;
    cJSON *body = counter_supply_body(&loop->state);
    cJSON_AddStringToObject(body, "pin", loop->state.input);
    if (!post(loop, "/supplies", body, counter_supply_key(&loop->state), &reply))
        return;
    bool replayed = instalment_replayed(reply);
    counter_recorded(&loop->state, take(&reply), replayed);
}

static void ask_outcome(struct counter_loop *loop) {
    struct instalment_reply *reply = NULL;
    if (post_once(loop, "/outcomes", counter_outcome_body(&loop->state), &reply))
        counter_recorded(&loop->state, take(&reply), false);
}

static void ask_concern(struct counter_loop *loop) {
    struct instalment_reply *reply = NULL;
    if (post_once(loop, "/concerns", counter_concern_body(&loop->state), &reply))
        counter_recorded(&loop->state, take(&reply), false);
}

static void ask(struct counter_loop *loop, unsigned want) {
    counter_draw(&loop->state,
                 (want & (COUNTER_WANTS_SUPPLY | COUNTER_WANTS_OUTCOME | COUNTER_WANTS_CONCERN)) != 0
                     ? "recording ..."
                     : "asking ...");
    switch ((enum counter_want)want) {
    case COUNTER_WANTS_QUIT: loop->going = false; break;
    case COUNTER_WANTS_SIGN_OUT: sign_out(loop); break;
    case COUNTER_WANTS_LOCK: ask_lock(loop, true); break;
    case COUNTER_WANTS_UNLOCK: ask_lock(loop, false); break;
    case COUNTER_WANTS_SIGN_IN: ask_sign_in(loop); break;
    case COUNTER_WANTS_SESSION: ask_session(loop); break;
    case COUNTER_WANTS_SUPPLY: ask_supply(loop); break;
    case COUNTER_WANTS_OUTCOME: ask_outcome(loop); break;
    case COUNTER_WANTS_CONCERN: ask_concern(loop); break;
    case COUNTER_WANTS_SIGNS: ask_signs(loop); break;
    case COUNTER_WANTS_DECISION: ask_decision(loop); break;
    case COUNTER_WANTS_DAY: ask_day(loop); break;
    }
}

/* ---- time and the line */

static void ping(struct counter_loop *loop) {
    struct instalment_reply *reply = NULL;
    bool up = instalment_get(loop->ping, "/healthz", &reply) == INSTALMENT_ANSWERED &&
              instalment_status(reply) < 300;
    const char *now = up ? instalment_text(reply, "now") : NULL;
    if (now != NULL)
        (void)snprintf(loop->state.now, sizeof loop->state.now, "%s", now);
    instalment_reply_free(&reply);
    counter_line(&loop->state, up);
    if (!up)
        instalment_watch_close(&loop->watch);
}

static void tick(struct counter_loop *loop) {
    uint64_t passed = 0;
    if (read(loop->timer, &passed, sizeof passed) != (ssize_t)sizeof passed)
        return;
    for (uint64_t i = 0; i < passed; i++) {
        if (++loop->ticks % 2 == 0)
            counter_second(&loop->state);
    }
    if (loop->ticks % PING_EVERY < passed || !loop->state.line)
        ping(loop);
}

/* Until a key, an event, or the timer. */
static void wait_for_something(struct counter_loop *loop) {
    const char *name = "";
    struct pollfd waker = {.fd = loop->wake, .events = POLLIN};
    if (loop->watch == NULL) {
        (void)poll(&waker, 1, 1000);
        return;
    }
    switch (instalment_watch_wait(loop->watch, loop->wake, 1000, &name)) {
    case INSTALMENT_WATCH_EVENT:
        if (strcmp(name, "day") == 0)
            counter_heard(&loop->state);
        break;
    case INSTALMENT_WATCH_LOST:
        instalment_watch_close(&loop->watch);
        ping(loop);
        if (loop->state.line)
            loop->state.wants |= COUNTER_WANTS_SESSION;
        break;
    case INSTALMENT_WATCH_OTHER:
    case INSTALMENT_WATCH_TIME: break;
    }
}

static void run(struct counter_loop *loop) {
    struct counter_pressed key;
    ping(loop);
    while (loop->going) {
        unsigned want = 0;
        counter_draw(&loop->state, "");
        wait_for_something(loop);
        while (counter_read_key(&key)) {
            counter_key(&loop->state, key);
            while (loop->going && (want = counter_take(&loop->state)) != 0)
                ask(loop, want);
        }
        tick(loop);
        while (loop->going && (want = counter_take(&loop->state)) != 0)
            ask(loop, want);
        /* The terminal is gone. */
        struct pollfd input = {.fd = STDIN_FILENO, .events = POLLIN};
        if (poll(&input, 1, 0) > 0 && (input.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0)
            loop->going = false;
    }
}

/* ---- begin and end */

static struct instalment *open_client(const struct cli *cli, long seconds) {
    const struct instalment_options options = {.url = cli->url == NULL ? NULL : cli->server,
                                               .ca = cli->ca,
                                               .socket = cli->url == NULL ? cli->server : NULL,
                                               .terminal = cli->owned[1],
                                               .seconds = seconds};
    return instalment_open(&options);
}

static bool open_wake(struct counter_loop *loop) {
    static const struct itimerspec half = {.it_interval = {.tv_nsec = 500000000},
                                           .it_value = {.tv_nsec = 500000000}};
    loop->timer = timerfd_create(CLOCK_BOOTTIME, TFD_NONBLOCK | TFD_CLOEXEC);
    loop->wake = epoll_create1(EPOLL_CLOEXEC);
    struct epoll_event input = {.events = EPOLLIN};
    return loop->timer >= 0 && loop->wake >= 0 && timerfd_settime(loop->timer, 0, &half, NULL) == 0 &&
           epoll_ctl(loop->wake, EPOLL_CTL_ADD, STDIN_FILENO, &input) == 0 &&
           epoll_ctl(loop->wake, EPOLL_CTL_ADD, loop->timer, &input) == 0;
}

static bool idle_wanted(struct cli *cli, int *idle) {
    const char *said = cli_option(cli, "idle");
    char *end = NULL;
    long seconds = said == NULL ? COUNTER_IDLE : strtol(said, &end, 10);
    if (said != NULL && (end == said || *end != '\0' || seconds < IDLE_MIN || seconds > IDLE_MAX)) {
        (void)cli_fail(cli, CLI_USAGE, "--idle is a number of seconds from %d to %d.", IDLE_MIN, IDLE_MAX);
        return false;
    }
    *idle = (int)seconds;
    return true;
}

/* Somebody must be there before the screen is taken: an address that is wrong is better said in words. */
static bool check_line(struct cli *cli) {
    struct instalment_reply *reply = NULL;
    bool good = cli_get(cli, "/healthz", &reply);
    instalment_reply_free(&reply);
    return good;
}

enum cli_status command_counter(struct cli *cli) {
    struct counter_loop loop = {.wake = -1, .timer = -1, .going = true};
    int idle = 0;
    if (!idle_wanted(cli, &idle))
        return cli->status;
    if (cli->json || !cli->person || !cli_can_ask())
        return cli_fail(cli, CLI_USAGE, "the counter needs a terminal to draw on.");
    if (!cli_connect(cli) || !check_line(cli))
        return cli->status;
    loop.client = open_client(cli, ANSWER_SECONDS);
    loop.ping = open_client(cli, PING_SECONDS);
    counter_begin(&loop.state, cli->staff == NULL ? "" : cli->staff, idle);
    if (loop.client == NULL || loop.ping == NULL || !open_wake(&loop))
        (void)cli_fail(cli, CLI_FAILED, "the counter cannot begin: %s", strerror(errno));
    else if (!counter_screen_begin(cli->colour))
        (void)cli_fail(cli, CLI_FAILED, "this terminal cannot show a screen: is TERM right?");
    else
        run(&loop);
    counter_screen_end();
    if (loop.client != NULL)
        sign_out(&loop);
    counter_end(&loop.state);
    free(loop.last_body);
    instalment_close(&loop.client);
    instalment_close(&loop.ping);
    if (loop.wake >= 0)
        (void)close(loop.wake);
    if (loop.timer >= 0)
        (void)close(loop.timer);
    return cli->status;
}
