/* The program as its administrator sees it: starting, the ready line, a second start, signals, what is left behind. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cjson/cJSON.h>
#include <cmocka.h>
#include <dirent.h>
#include <fcntl.h>
#include <ftw.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#define WAIT_MS 20000
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* ---- the scene: a folder for each test, which is also where temporary folders are made ---- */

static char scene[64];
static pid_t running[8]; /* to be killed where a test fails half-way */

static int begin(void **state) {
    (void)state;
    snprintf(scene, sizeof scene, "/tmp/instalmentd-test-XXXXXX");
    return mkdtemp(scene) != NULL && setenv("TMPDIR", scene, 1) == 0 ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int kind, struct FTW *where) {
    (void)status;
    (void)kind;
    (void)where;
    return remove(path);
}

static int end(void **state) {
    (void)state;
    unsetenv("NOTIFY_SOCKET");
    for (size_t i = 0; i < COUNT(running); i++) {
        if (running[i] != 0) {
            kill(running[i], SIGKILL);
            waitpid(running[i], NULL, 0);
            running[i] = 0;
        }
    }
    return nftw(scene, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

struct path {
    char text[128];
};

static struct path in_scene(const char *name) {
    struct path path;
    snprintf(path.text, sizeof path.text, "%s/%s", scene, name);
    return path;
}

static void write_file(const char *path, const char *text) {
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

/* How many entries begin so. */
static int entries(const char *prefix) {
    int count = 0;
    DIR *folder = opendir(scene);
    for (const struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder))
        count += strncmp(entry->d_name, prefix, strlen(prefix)) == 0;
    closedir(folder);
    return count;
}

/* ---- one run of the program ---- */

struct run {
    pid_t pid;
    int out;
    char errors[32]; /* the file of its standard error, below the scene */
};

/* One process takes another's place in the list; 0 is nobody. */
static void running_is(pid_t before, pid_t after) {
    for (size_t i = 0; i < COUNT(running); i++) {
        if (running[i] == before) {
            running[i] = after;
            return;
        }
    }
}

static struct run run_start(const char *const *arguments) {
    static int number;
    struct run run = {0};
    int ends[2];
    char program[256];
    const char *bin = getenv("TEST_BIN");
    const char *words[16] = {program};
    snprintf(program, sizeof program, "%s/instalmentd", bin == NULL ? "build/bin" : bin);
    for (size_t i = 0; arguments[i] != NULL; i++)
        words[i + 1] = arguments[i];
    snprintf(run.errors, sizeof run.errors, "errors-%d", ++number);
    assert_int_equal(pipe2(ends, O_CLOEXEC), 0);
    run.pid = fork();
    if (run.pid == 0) {
        int errors = open(in_scene(run.errors).text, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
        dup2(ends[1], STDOUT_FILENO);
        dup2(errors, STDERR_FILENO);
        execv(program, (char *const *)(uintptr_t)words);
        _exit(127);
    }
    close(ends[1]);
    run.out = ends[0];
    running_is(0, run.pid);
    return run;
}

/* One line of its standard output, or what there is when it ends. */
static char *run_line(const struct run *run) {
    static char line[65536];
    size_t len = 0;
    struct pollfd descriptor = {.fd = run->out, .events = POLLIN};
    while (len + 1 < sizeof line && poll(&descriptor, 1, WAIT_MS) == 1 &&
           read(run->out, line + len, 1) == 1 && line[len] != '\n')
        len++;
    line[len] = '\0';
    return line;
}

static const char *run_errors(const struct run *run) {
    static char text[65536];
    FILE *file = fopen(in_scene(run->errors).text, "re");
    assert_non_null(file);
    text[fread(text, 1, sizeof text - 1, file)] = '\0';
    fclose(file);
    return text;
}

/* Its exit status; a signal is 1000 and more. */
static int run_wait(struct run *run) {
    int status = 0;
    for (int i = 0; i < WAIT_MS / 10; i++) {
        pid_t got = waitpid(run->pid, &status, WNOHANG);
        if (got == run->pid) {
            running_is(run->pid, 0);
            close(run->out);
            return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
        }
        usleep(10000);
    }
    kill(run->pid, SIGKILL);
    waitpid(run->pid, &status, 0);
    running_is(run->pid, 0);
    close(run->out);
    return -1;
}

static int run_stop(struct run *run) {
    kill(run->pid, SIGTERM);
    return run_wait(run);
}

/* Waits until its log has a text. */
static void run_says(const struct run *run, const char *text) {
    for (int i = 0; i < WAIT_MS / 10 && strstr(run_errors(run), text) == NULL; i++)
        usleep(10000);
    if (strstr(run_errors(run), text) == NULL)
        fail_msg("\"%s\" is not in:\n%s", text, run_errors(run));
}

/* Reads the ready line; the answer is to be freed with cJSON_Delete. */
static cJSON *run_ready(const struct run *run) {
    cJSON *ready = cJSON_Parse(run_line(run));
    if (ready == NULL || !cJSON_IsTrue(cJSON_GetObjectItem(ready, "ready")))
        fail_msg("it is not ready:\n%s", run_errors(run));
    return ready;
}

static const char *text_of(const cJSON *ready, const char *name) {
    const char *text = cJSON_GetStringValue(cJSON_GetObjectItem(ready, name));
    if (text == NULL)
        fail_msg("%s is not there", name);
    return text;
}

static void assert_members(const cJSON *object, const char *const *names) {
    size_t count = 0;
    for (; names[count] != NULL; count++) {
        if (!cJSON_HasObjectItem(object, names[count]))
            fail_msg("%s is not there", names[count]);
    }
    assert_int_equal(cJSON_GetArraySize(object), count);
}

/* ---- quick answers ---- */

static void quick_answers_are_given(void **state) {
    (void)state;
    static const struct {
        const char *words[6];
        int status;
        const char *begins; /* standard output */
    } cases[] = {
        {{"--version"}, 0, "instalmentd "},
        {{"--help"}, 0, "usage: instalmentd "},
        {{"--sample-config"}, 0, "# The configuration of instalmentd"},
        {{"--check-config"}, 0, ""},
        {{"--check-config", "--config", "config/instalment.conf"}, 0, ""},
        {{"--check-config", "--config", "/nowhere"}, 1, ""},
        {{"--check-config", "--listen", "nowhere"}, 1, ""},
        {{"--bogus"}, 2, ""},
        {{"--data"}, 2, ""},
        {{"--data="}, 2, ""},
        {{"--datax", "x"}, 2, ""},
        {{"--demo=full"}, 2, ""},
        {{"decide", "x"}, 2, ""},
        {{"--now", "2026-11-23T09:00:00"}, 2, ""},
        {{"--demo", "--now", "tomorrow"}, 1, ""},
    };
    for (size_t i = 0; i < COUNT(cases); i++) {
        struct run run = run_start(cases[i].words);
        const char *line = run_line(&run);
        bool begins = strncmp(line, cases[i].begins, strlen(cases[i].begins)) == 0;
        int status = run_wait(&run);
        if (!begins || status != cases[i].status || (status != 0) != (run_errors(&run)[0] != '\0'))
            fail_msg("%s %s: %d, \"%s\"", cases[i].words[0],
                     cases[i].words[1] == NULL ? "" : cases[i].words[1], status, line);
    }
}

/* ---- the demonstration ---- */

static void a_demonstration_starts_and_leaves_nothing(void **state) {
    (void)state;
    static const char *const members[] = {"ready",  "url",   "page",   "ca",  "terminal", "staff",
                                          "socket", "inbox", "labels", "now", NULL};
    static const char *const person[] = {"staff", "pin", "role", NULL};
    struct run run = run_start((const char *const[]){"--demo=empty", NULL});
    cJSON *ready = run_ready(&run);
    assert_members(ready, members);
    assert_memory_equal(text_of(ready, "url"), "https://127.0.0.1:", 18);
    assert_string_not_equal(text_of(ready, "url"), "https://127.0.0.1:0");
    size_t len = strlen(text_of(ready, "url"));
    assert_memory_equal(text_of(ready, "page"), text_of(ready, "url"), len);
    assert_memory_equal(text_of(ready, "page") + len, "/#enrol=", 8);
    assert_string_equal(text_of(ready, "now"), "2026-11-23T09:00:00+00:00");
    assert_int_equal(access(text_of(ready, "ca"), R_OK), 0);
    assert_int_equal(access(text_of(ready, "socket"), F_OK), 0);
    const cJSON *staff = cJSON_GetObjectItem(ready, "staff");
    assert_int_equal(cJSON_GetArraySize(staff), 6);
    for (const cJSON *one = staff->child; one != NULL; one = one->next)
        assert_members(one, person);
    assert_int_equal(entries("instalmentd-demo-"), 1);
    cJSON_Delete(ready);
    assert_int_equal(run_stop(&run), 0);
    assert_int_equal(entries("instalmentd-demo-"), 0);
}

/* A signal that comes while it is starting is not lost, and nothing is left behind. */
static void a_signal_at_any_time_ends_it_cleanly(void **state) {
    (void)state;
    for (int ms = 5; ms <= 640; ms *= 2) {
        struct run run = run_start((const char *const[]){"--demo=empty", NULL});
        usleep((useconds_t)ms * 1000);
        kill(run.pid, ms % 3 == 0 ? SIGTERM : SIGINT);
        int status = run_wait(&run);
        /* Before it has looked at signals there is nothing yet that could be left. */
        if (status != 0 && status != 1000 + SIGINT && status != 1000 + SIGTERM)
            fail_msg("after %d ms: %d\n%s", ms, status, run_errors(&run));
        assert_int_equal(entries("instalmentd-demo-"), 0);
    }
}

static void a_second_start_goes_on(void **state) {
    (void)state;
    char terminal[64];
    const struct path folder = in_scene("data");
    const char *data = folder.text;
    const struct {
        const char *now; /* as asked for, or NULL */
        const char *is;
    } starts[] = {
        {NULL, "2026-11-23T09:00:00+00:00"},
        {"2026-11-25T10:00:00", "2026-11-25T10:00:00+00:00"},
        {NULL, "2026-11-25T10:00:00+00:00"},
        {"2026-11-24T10:00:00", "2026-11-25T10:00:00+00:00"}, /* never back */
        {"2026-11-25T10:00:01Z", "2026-11-25T10:00:01+00:00"},
    };
    for (size_t i = 0; i < COUNT(starts); i++) {
        struct run run = run_start((const char *const[]){
            "--demo=empty", "--data", data, starts[i].now == NULL ? NULL : "--now", starts[i].now, NULL});
        cJSON *ready = run_ready(&run);
        assert_string_equal(text_of(ready, "now"), starts[i].is);
        if (i == 0)
            strncpy(terminal, text_of(ready, "terminal"), sizeof terminal - 1);
        assert_memory_equal(text_of(ready, "terminal"), terminal, 43);
        cJSON_Delete(ready);
        assert_int_equal(run_stop(&run), 0);
    }
    assert_int_equal(entries("data"), 1);
}

/* ---- a pharmacy's own ---- */

static void demonstrations_and_pharmacies_are_kept_apart(void **state) {
    (void)state;
    static const char *const members[] = {"ready", "url", "page", "ca", "socket", "now", NULL};
    const struct path file = in_scene("instalment.conf");
    const char *config = file.text;
    write_file(config, "ctl_socket = \"ctl.sock\"\nlisten = \"127.0.0.1:0\"\n");
    const struct path real_folder = in_scene("real");
    const struct path demo_folder = in_scene("demo");
    const char *real = real_folder.text;
    const char *demo = demo_folder.text;
    struct run run = run_start((const char *const[]){"--config", config, "--data", real, NULL});
    cJSON *ready = run_ready(&run);
    assert_members(ready, members);
    assert_non_null(strstr(text_of(ready, "page"), "/#enrol="));
    cJSON_Delete(ready);

    struct run other = run_start((const char *const[]){"--config", config, "--data", real, NULL});
    assert_int_equal(run_wait(&other), 1);
    assert_non_null(strstr(run_errors(&other), "another instalmentd is running on this folder"));
    assert_int_equal(run_stop(&run), 0);

    run = run_start((const char *const[]){"--demo", "--data", real, NULL});
    assert_int_equal(run_wait(&run), 1);
    assert_non_null(strstr(run_errors(&run), "a pharmacy's"));

    run = run_start((const char *const[]){"--demo=empty", "--data", demo, NULL});
    cJSON_Delete(run_ready(&run));
    assert_int_equal(run_stop(&run), 0);
    run = run_start((const char *const[]){"--config", config, "--data", demo, NULL});
    assert_int_equal(run_wait(&run), 1);
    assert_non_null(strstr(run_errors(&run), "a demonstration's"));
}

static void a_reload_is_all_or_nothing(void **state) {
    (void)state;
    const struct path file = in_scene("instalment.conf");
    const char *config = file.text;
    write_file(config, "ctl_socket = \"ctl.sock\"\nlisten = \"127.0.0.1:0\"\n");
    struct run run =
        run_start((const char *const[]){"--config", config, "--data", in_scene("data").text, NULL});
    cJSON_Delete(run_ready(&run));
    write_file(config, "ctl_socket = \"ctl.sock\"\nlisten = \"127.0.0.1:0\"\nlog_level = \"loud\"\n");
    kill(run.pid, SIGHUP);
    run_says(&run, "instalment.conf:3: log_level: must be error, warning, notice or debug");
    write_file(config, "ctl_socket = \"ctl.sock\"\nlisten = \"127.0.0.1:0\"\nsession_hours = 9\n");
    kill(run.pid, SIGHUP);
    run_says(&run, "event=config_needs_restart key=session_hours");
    run_says(&run, "event=config_reloaded");
    write_file(config, "clock = \"demo\"\n");
    kill(run.pid, SIGHUP);
    run_says(&run, "clock: demo is for a demonstration alone");
    assert_int_equal(run_stop(&run), 0);
}

static void the_service_manager_is_told(void **state) {
    (void)state;
    char got[128] = "";
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s/notify", scene);
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    struct timeval patience = {.tv_sec = WAIT_MS / 1000};
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    setenv("NOTIFY_SOCKET", address.sun_path, 1);
    struct run run = run_start((const char *const[]){"--demo=empty", NULL});
    cJSON_Delete(run_ready(&run));
    assert_true(recv(fd, got, sizeof got - 1, 0) > 0);
    assert_memory_equal(got, "READY=1\n", 8);
    assert_int_equal(run_stop(&run), 0);
    memset(got, 0, sizeof got);
    assert_true(recv(fd, got, sizeof got - 1, 0) > 0);
    assert_memory_equal(got, "STOPPING=1\n", 11);
    close(fd);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(quick_answers_are_given, begin, end),
        cmocka_unit_test_setup_teardown(a_demonstration_starts_and_leaves_nothing, begin, end),
        cmocka_unit_test_setup_teardown(a_signal_at_any_time_ends_it_cleanly, begin, end),
        cmocka_unit_test_setup_teardown(a_second_start_goes_on, begin, end),
        cmocka_unit_test_setup_teardown(demonstrations_and_pharmacies_are_kept_apart, begin, end),
        cmocka_unit_test_setup_teardown(a_reload_is_all_or_nothing, begin, end),
        cmocka_unit_test_setup_teardown(the_service_manager_is_told, begin, end),
    };
    return cmocka_run_group_tests_name("start", tests, NULL, NULL);
}
