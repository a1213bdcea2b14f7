/* sys/notify: what a service manager receives. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "sys/notify.h"

static int forget(void **state) {
    (void)state;
    unsetenv("NOTIFY_SOCKET");
    unsetenv("WATCHDOG_USEC");
    unsetenv("WATCHDOG_PID");
    return 0;
}

/* A socket without a file, as systemd makes them in containers. */
static int listener(char *name, size_t size) {
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(name, size, "@instalmentd-test-%d", (int)getpid());
    memcpy(address.sun_path + 1, name + 1, strlen(name) - 1);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address,
                          (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name))),
                     0);
    return fd;
}

static void states_arrive(void **state) {
    (void)state;
    char name[64];
    char got[64] = "";
    int fd = listener(name, sizeof name);
    setenv("NOTIFY_SOCKET", name, 1);
    notify_init();
    assert_true(notify_send("READY=1\nSTATUS=serving"));
    assert_int_equal(recv(fd, got, sizeof got - 1, MSG_DONTWAIT), 22);
    assert_string_equal(got, "READY=1\nSTATUS=serving");
    close(fd);
    assert_false(notify_send("STOPPING=1")); /* nobody there: no harm */
}

static void without_a_socket_nothing_is_sent(void **state) {
    (void)state;
    static const char *const bad[] = {"", "/", "relative", "@",
                                      "/a-path-that-is-longer-than-any-unix-socket-may-be/"
                                      "a-path-that-is-longer-than-any-unix-socket-may-be/sock"};
    setenv("WATCHDOG_USEC", "1000000", 1);
    notify_init();
    assert_false(notify_send("READY=1"));
    assert_int_equal(notify_watchdog_ms(), 0);
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        setenv("NOTIFY_SOCKET", bad[i], 1);
        notify_init();
        assert_false(notify_send("READY=1"));
    }
}

static void the_watchdog_is_fed_at_half_time(void **state) {
    (void)state;
    char pid[16];
    setenv("NOTIFY_SOCKET", "/nowhere/notify", 1);
    setenv("WATCHDOG_USEC", "30000000", 1);
    notify_init();
    assert_int_equal(notify_watchdog_ms(), 15000);
    snprintf(pid, sizeof pid, "%d", (int)getpid());
    setenv("WATCHDOG_PID", pid, 1);
    notify_init();
    assert_int_equal(notify_watchdog_ms(), 15000);
    setenv("WATCHDOG_PID", "1", 1);
    notify_init();
    assert_int_equal(notify_watchdog_ms(), 0);
    unsetenv("WATCHDOG_PID");
    setenv("WATCHDOG_USEC", "x", 1);
    notify_init();
    assert_int_equal(notify_watchdog_ms(), 0);
    setenv("WATCHDOG_USEC", "1", 1);
    notify_init();
    assert_int_equal(notify_watchdog_ms(), 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(states_arrive, forget, forget),
        cmocka_unit_test_setup_teardown(without_a_socket_nothing_is_sent, forget, forget),
        cmocka_unit_test_setup_teardown(the_watchdog_is_fed_at_half_time, forget, forget),
    };
    return cmocka_run_group_tests_name("notify", tests, NULL, NULL);
}
