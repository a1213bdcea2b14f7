/* Starting, ending, being killed, being crowded; configuration and accounts from the command line. */
#include <setjmp.h>
#include <signal.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "peer.h"

/* What was answered is there after SIGKILL, each time, and a repeat is still a repeat. */
static void test_killed(void **state) {
    (void)state;
    struct peer *one = peer_start(NULL);
    char ids[30][PEER_ID], status[40];
    for (int i = 0; i < 30; i++) {
        peer_id(ids[i]);
        char *body = peer_message("missed_pickup", ids[i], NULL);
        struct peer_answer answer = peer_post(one, ids[i], body, NULL);
        peer_expect(one, &answer, 200);
        if (i % 6 == 5) {
            peer_kill(one);
            peer_start_again(one);
            struct peer_answer again = peer_post(one, ids[i], body, NULL);
            peer_expect(one, &again, 200);
            /* Location and url have another port; the answer's id and time are the first's. */
            assert_string_equal(peer_text(&again, "id"), peer_text(&answer, "id"));
            assert_string_equal(peer_text(&again, "timestamp"), peer_text(&answer, "timestamp"));
            peer_done(&again);
        }
        peer_done(&answer);
        free(body);
    }
    for (int i = 0; i < 30; i++) {
        peer_poll(one, ids[i], status, sizeof status);
        assert_string_equal(status, "requested");
    }
    assert_int_equal(peer_count(one, "SELECT count(*) FROM message"), 30);
    /* An answer of a keyworker, too. */
    struct peer_person sam = peer_sign_in(one, 0);
    struct peer_answer answer =
        peer_act(one, &sam, ids[0], "{\"status\":\"accepted\",\"note\":\"x\",\"seen\":0}");
    peer_expect(one, &answer, 201);
    peer_done(&answer);
    peer_kill(one);
    peer_start_again(one);
    peer_poll(one, ids[0], status, sizeof status);
    assert_string_equal(status, "accepted");
    peer_stop(&one);
}

static void test_ends(void **state) {
    (void)state;
    struct peer *one = peer_start(NULL);
    char id[PEER_ID];
    peer_send(one, "missed_pickup", id);
    SSL *idle = peer_connect(one); /* somebody who says nothing does not hold it up for long */
    time_t before = time(NULL);
    peer_terminate(one);
    assert_true(time(NULL) - before <= 7);
    peer_disconnect(&idle);
    peer_start_again(one);
    before = time(NULL);
    peer_end(one);
    assert_true(time(NULL) - before <= 2);
    peer_stop(&one);
}

static void test_port_in_use(void **state) {
    (void)state;
    struct peer *one = peer_start(NULL);
    char listen[64], out[2048];
    snprintf(listen, sizeof listen, "127.0.0.1:%d", one->port);
    const char *arguments[] = {"--demo", "--listen", listen, NULL};
    assert_int_equal(peer_run(arguments, NULL, out, sizeof out), 1);
    assert_non_null(strstr(out, listen));
    assert_non_null(strstr(out, "another program already listens there"));
    /* And the folder is its own. */
    char data[PEER_TEXT + 16];
    snprintf(data, sizeof data, "%s/data", one->folder);
    const char *same[] = {"--demo", "--data", data, NULL};
    assert_int_equal(peer_run(same, NULL, out, sizeof out), 1);
    assert_non_null(strstr(out, "another instalment-inbox is running"));
    peer_stop(&one);
}

/* Ten seconds for a request, however slowly its bytes come; others are served meanwhile. */
static void test_slow(void **state) {
    (void)state;
    struct peer *one = peer_start("request_seconds = 1\n");
    char id[PEER_ID], got[64];
    SSL *silent = peer_connect(one);
    SSL *drip = peer_connect(one);
    assert_non_null(silent);
    assert_non_null(drip);
    struct timespec begin, now;
    clock_gettime(CLOCK_MONOTONIC, &begin);
    static const char head[] =
        "POST /fhir/$process-message HTTP/1.1\r\nHost: x\r\nContent-Length: 9000\r\n\r\n";
    assert_true(SSL_write(drip, head, sizeof head - 1) > 0);
    int dripped = 0;
    for (bool open = true; open && dripped < 400;) {
        struct timespec wait = {.tv_nsec = 20000000};
        nanosleep(&wait, NULL);
        open = SSL_write(drip, "x", 1) == 1;
        dripped++;
        if (dripped == 10) {
            peer_send(one, "missed_pickup", id);
        }
    }
    clock_gettime(CLOCK_MONOTONIC, &now);
    assert_true(dripped >= 10 && dripped < 400);
    assert_true(now.tv_sec - begin.tv_sec <= 5);
    assert_true(SSL_read(silent, got, sizeof got) <= 0);
    peer_disconnect(&silent);
    peer_disconnect(&drip);
    peer_stop(&one);
}

/* Whoever asks and does not wait for the answer harms nobody. */
static void test_gone(void **state) {
    (void)state;
    struct peer *one = peer_start("connections_per_address = 64\n");
    static const char body[] = "{\"name\":\"Sam Taylor\",\"password\":\"never mind the answer\"}";
    char text[16384], id[PEER_ID], status[40];
    for (int i = 0; i < 20; i++) {
        peer_id(id);
        char *message = peer_message("missed_pickup", id, NULL);
        struct peer_signed mark = peer_sign(one->secret, id, message, strlen(message), 0);
        int len = i % 2 == 0
                      ? snprintf(text, sizeof text,
                                 "POST /api/session HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
                                 "Content-Length: %zu\r\n\r\n%s",
                                 strlen(body), body)
                      : snprintf(text, sizeof text,
                                 "POST /fhir/$process-message HTTP/1.1\r\nHost: x\r\nContent-Type: "
                                 "application/fhir+json\r\n%s\r\n%s\r\n%s\r\nContent-Length: %zu\r\n\r\n%s",
                                 mark.id, mark.timestamp, mark.signature, strlen(message), message);
        SSL *tls = peer_connect(one);
        assert_non_null(tls);
        assert_int_equal(SSL_write(tls, text, len), len);
        peer_disconnect(&tls);
        free(message);
    }
    peer_poll(one, id, status, sizeof status); /* the last one: it came whole */
    assert_string_equal(status, "requested");
    peer_stop(&one);
}

static void test_crowd(void **state) {
    (void)state;
    struct peer *one = peer_start("connections_per_address = 4\n");
    SSL *all[8] = {NULL};
    int open = 0;
    for (int i = 0; i < 8; i++) {
        all[i] = peer_connect(one);
        open += all[i] == NULL ? 0 : 1;
    }
    assert_int_equal(open, 4);
    for (int i = 0; i < 8; i++) {
        peer_disconnect(&all[i]);
    }
    char id[PEER_ID];
    for (int i = 0; i < 100 && one->pid > 0; i++) { /* until it has seen them go */
        SSL *tls = peer_connect(one);
        if (tls != NULL) {
            peer_disconnect(&tls);
            break;
        }
    }
    peer_send(one, "missed_pickup", id);
    peer_stop(&one);
}

/* Both secrets count while one is changed; the old one ends with the next reading. */
static void reload(struct peer *one, const char *secrets) {
    char path[PEER_TEXT + 40], line[512];
    snprintf(path, sizeof path, "%s/data/pharmacy.secret", one->folder);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs(secrets, file);
    fclose(file);
    snprintf(path, sizeof path, "%s/log", one->folder);
    int before = 0;
    for (int turn = 0; turn < 2; turn++) {
        int lines = 0;
        for (int i = 0; i < 500; i++) {
            lines = 0;
            file = fopen(path, "r");
            while (file != NULL && fgets(line, sizeof line, file) != NULL) {
                lines += strstr(line, "event=reloaded") != NULL || strstr(line, "event=config_kept") != NULL;
            }
            fclose(file);
            if (turn == 0 || lines > before) {
                break;
            }
            usleep(10000);
        }
        if (turn == 0) {
            before = lines;
            kill(one->pid, SIGHUP);
        } else {
            assert_int_equal(lines, before + 1);
        }
    }
}

static int post_status(struct peer *one, const char *secret) {
    char id[PEER_ID];
    peer_id(id);
    snprintf(one->secret, sizeof one->secret, "%s", secret);
    char *body = peer_message("missed_pickup", id, NULL);
    struct peer_answer answer = peer_post(one, id, body, NULL);
    int status = answer.status;
    peer_done(&answer);
    free(body);
    return status;
}

static void test_secret_changed(void **state) {
    (void)state;
    static const char next[] = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    char old[PEER_TEXT], both[PEER_TEXT * 2];
    struct peer *one = peer_start(NULL);
    snprintf(old, sizeof old, "%s", one->secret);
    assert_int_equal(post_status(one, next), 401);
    snprintf(both, sizeof both, "%s\n%s\n", old, next);
    reload(one, both);
    assert_int_equal(post_status(one, old), 200);
    assert_int_equal(post_status(one, next), 200);
    reload(one, next);
    assert_int_equal(post_status(one, old), 401);
    assert_int_equal(post_status(one, next), 200);
    reload(one, "no secret\n"); /* is not taken: the one before stays */
    assert_int_equal(post_status(one, next), 200);
    peer_stop(&one);
}

/* As a service runs it: certificate and secret from the credential directory, nobody made up, no parent to end it. */
static void test_service(void **state) {
    (void)state;
    static const char secret[] = "whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
    static const char *const moved[] = {"certificate.pem", "key.pem"};
    struct peer *one = peer_start(NULL);
    char from[PEER_TEXT + 40], to[PEER_TEXT + 40], id[PEER_ID], status[40];
    peer_end(one);
    for (size_t i = 0; i < 2; i++) {
        snprintf(from, sizeof from, "%s/data/%s", one->folder, moved[i]);
        snprintf(to, sizeof to, "%s/%s", one->folder, moved[i]);
        assert_int_equal(rename(from, to), 0);
    }
    snprintf(to, sizeof to, "%s/secrets_greenway.secret", one->folder);
    FILE *file = fopen(to, "w");
    assert_non_null(file);
    fprintf(file, "%s\n", secret);
    fclose(file);
    peer_config(
        one, "url = \"https://inbox.example.org\"\npharmacy \"greenway\" {\n secret = greenway.secret\n}\n");
    one->real = true;
    peer_start_again(one);
    assert_null(cJSON_GetObjectItem(one->ready, "secret"));
    assert_null(cJSON_GetObjectItem(one->ready, "staff"));
    close(one->keep); /* is nothing to it */
    peer_id(id);
    snprintf(one->secret, sizeof one->secret, "%s", secret);
    char *body = peer_message("missed_pickup", id, NULL);
    struct peer_answer answer = peer_post(one, id, body, NULL);
    peer_expect(one, &answer, 200);
    assert_non_null(strstr(answer.head, "Location: https://inbox.example.org/fhir/Task/"));
    peer_done(&answer);
    free(body);
    peer_poll(one, id, status, sizeof status);
    assert_string_equal(status, "requested");
    peer_terminate(one);
    peer_stop(&one);
}

static void test_config(void **state) {
    (void)state;
    static const struct {
        const char *text, *said;
    } rows[] = {
        {"", NULL},
        {"# nothing\n\npolls = signed\nlisten = \"[::1]:0\"\n", NULL},
        {"pharmacy \"a\" {\n secret = \"a.secret\"\n}\n", NULL},
        {"# one\n# two\npolls = often\n", ":3: polls: must be one of"},
        {"connections_max = many\n", ":1: connections_max: must be a number from 8 to 4096"},
        {"\nconnections_max = 7\n", ":2: connections_max"},
        {"polls = open\npolls = open\n", ":2: polls: is given twice"},
        {"colour = blue\n", ":1: no such option 'colour'"},
        {"listen = nowhere\n", ":1: listen: must be ADDRESS:PORT"},
        {"pharmacy \"a\" {\n name = \"A\"\n}\n", "pharmacy a: names no secret"},
        {"pharmacy \"A b\" {\n secret = \"a\"\n}\n", "its name must be of small letters"},
        {"client_certificates = required\n", "needs client_ca"},
        {"url = \"http://x\"\n", "url: must be https://"},
    };
    char path[] = "/tmp/instalment-inbox-conf-XXXXXX";
    char out[2048];
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    const char *arguments[] = {"--check-config", "--config", path, NULL};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        fputs(rows[i].text, file);
        fclose(file);
        int status = peer_run(arguments, NULL, out, sizeof out);
        if (status != (rows[i].said == NULL ? 0 : 1) ||
            (rows[i].said != NULL && strstr(out, rows[i].said) == NULL)) {
            fail_msg("%s: %d, %s", rows[i].text, status, out);
        }
    }
    unlink(path);
    const char *missing[] = {"--check-config", "--config", "/nowhere/at/all", NULL};
    assert_int_equal(peer_run(missing, NULL, out, sizeof out), 1);
    assert_non_null(strstr(out, "/nowhere/at/all: cannot be opened"));
}

/* The sample is a good configuration, with every option as it is anyway. */
static void test_sample(void **state) {
    (void)state;
    static const char *const sample[] = {"--sample-config", NULL};
    static const char *const check[] = {"--check-config", "--config", "config/inbox.conf", NULL};
    char out[16384], text[16384];
    assert_int_equal(peer_run(sample, NULL, out, sizeof out), 0);
    FILE *file = fopen("config/inbox.conf", "r");
    assert_non_null(file);
    size_t len = fread(text, 1, sizeof text - 1, file);
    fclose(file);
    text[len] = '\0';
    assert_string_equal(text, out); /* build/bin/instalment-inbox --sample-config > config/inbox.conf */
    assert_int_equal(peer_run(check, NULL, out, sizeof out), 0);
}

static void test_command_line(void **state) {
    (void)state;
    static const struct {
        const char *arguments[4];
        int status;
    } rows[] = {
        {{"--version"}, 0}, {{"--help"}, 0},          {{"--nonsense"}, 2},    {{"--data"}, 2},
        {{"serve"}, 2},     {{"--add-keyworker"}, 2}, {{"--listen", "x"}, 1},
    };
    char out[8192];
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *list[6] = {rows[i].arguments[0], rows[i].arguments[1], NULL};
        const char *demo[] = {"--demo", "--listen", "x", NULL};
        assert_int_equal(peer_run(rows[i].status == 1 ? demo : list, NULL, out, sizeof out), rows[i].status);
    }
}

/* A copy made while it serves is whole: an inbox starts on it and knows everything. */
static void test_backup(void **state) {
    (void)state;
    struct peer *one = peer_start(NULL);
    struct peer *two = peer_start(NULL);
    char id[PEER_ID], data[PEER_TEXT + 16], copy[PEER_TEXT + 32], status[40], out[2048];
    peer_send(one, "missed_pickup", id);
    peer_end(two);
    snprintf(data, sizeof data, "%s/data", one->folder);
    snprintf(copy, sizeof copy, "%s/data/inbox.db", two->folder);
    const char *arguments[] = {"--backup", copy, "--data", data, NULL};
    assert_int_equal(peer_run(arguments, NULL, out, sizeof out), 1); /* never over a file that is there */
    static const char *const parts[] = {"", "-wal", "-shm"};
    for (size_t i = 0; i < 3; i++) {
        char path[PEER_TEXT + 48];
        snprintf(path, sizeof path, "%s%s", copy, parts[i]);
        unlink(path);
    }
    assert_int_equal(peer_run(arguments, NULL, out, sizeof out), 0);
    peer_start_again(two);
    peer_poll(two, id, status, sizeof status);
    assert_string_equal(status, "requested");
    peer_stop(&one);
    peer_stop(&two);
}

/* A file that is not ours is left alone; one that is damaged is told. */
static void test_foreign(void **state) {
    (void)state;
    struct peer *one = peer_start(NULL);
    char path[PEER_TEXT + 32], data[PEER_TEXT + 16], out[2048];
    peer_end(one);
    snprintf(data, sizeof data, "%s/data", one->folder);
    snprintf(path, sizeof path, "%s/inbox.db", data);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    fputs("this is no database at all, but text that somebody wanted to keep", file);
    fclose(file);
    const char *arguments[] = {"--keyworkers", "--data", data, NULL};
    assert_int_equal(peer_run(arguments, NULL, out, sizeof out), 1);
    assert_non_null(strstr(out, "no database"));
    struct stat status;
    assert_int_equal(stat(path, &status), 0);
    assert_int_equal(status.st_size, 65);
    peer_stop(&one);
}

/* What was written is not changed by anybody who opens the file, either. */
static void test_append_only(void **state) {
    (void)state;
    static const char *const changes[] = {"DELETE FROM message",   "UPDATE message SET urgent = 0",
                                          "DELETE FROM action",    "UPDATE action SET note = ''",
                                          "DELETE FROM keyworker", "UPDATE keyworker SET name = 'x'",
                                          "DELETE FROM audit",     "UPDATE audit SET what = ''"};
    struct peer *one = peer_start(NULL);
    char id[PEER_ID], path[PEER_TEXT + 32];
    sqlite3 *db = NULL;
    peer_send(one, "missed_pickup", id);
    struct peer_person sam = peer_sign_in(one, 0);
    struct peer_answer answer =
        peer_act(one, &sam, id, "{\"status\":\"accepted\",\"note\":\"x\",\"seen\":0}");
    peer_expect(one, &answer, 201);
    peer_done(&answer);
    peer_end(one);
    snprintf(path, sizeof path, "%s/data/inbox.db", one->folder);
    assert_int_equal(sqlite3_open_v2(path, &db, SQLITE_OPEN_READWRITE, NULL), SQLITE_OK);
    for (size_t i = 0; i < sizeof changes / sizeof changes[0]; i++) {
        assert_int_equal(sqlite3_exec(db, changes[i], NULL, NULL, NULL), SQLITE_CONSTRAINT);
    }
    sqlite3_close(db);
    peer_stop(&one);
}

/* The disk takes no more: nobody is told that his message is kept, and the program ends. */
static void test_full_disk(void **state) {
    (void)state;
    const struct rlimit none = {0};
    struct peer *one = peer_start(NULL);
    char id[PEER_ID], kept[PEER_ID], got[40];
    int status = 0;
    peer_send(one, "missed_pickup", kept);
    peer_id(id);
    char *body = peer_message("missed_pickup", id, NULL);
    /* Its log is a file too: only what it writes from now on is lost. */
    assert_int_equal(prlimit(one->pid, RLIMIT_FSIZE, &none, NULL), 0);
    struct peer_answer answer = peer_post(one, id, body, NULL);
    peer_expect(one, &answer, 503);
    assert_non_null(strcasestr(answer.head, "Retry-After: "));
    peer_done(&answer);
    assert_int_equal(waitpid(one->pid, &status, 0), one->pid);
    assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 1);
    close(one->keep);
    peer_start_again(one);
    peer_poll(one, kept, got, sizeof got);
    assert_string_equal(got, "requested");
    peer_poll(one, id, got, sizeof got);
    assert_string_equal(got, "");
    answer = peer_post(one, id, body, NULL);
    peer_expect(one, &answer, 200);
    peer_done(&answer);
    free(body);
    peer_stop(&one);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_killed),         cmocka_unit_test(test_ends),
        cmocka_unit_test(test_port_in_use),    cmocka_unit_test(test_slow),
        cmocka_unit_test(test_gone),           cmocka_unit_test(test_crowd),
        cmocka_unit_test(test_secret_changed), cmocka_unit_test(test_service),
        cmocka_unit_test(test_config),         cmocka_unit_test(test_sample),
        cmocka_unit_test(test_command_line),   cmocka_unit_test(test_backup),
        cmocka_unit_test(test_foreign),        cmocka_unit_test(test_append_only),
        cmocka_unit_test(test_full_disk),
    };
    return cmocka_run_group_tests_name("life", tests, NULL, NULL);
}
