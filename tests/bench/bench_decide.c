/*
 * Lines a second through `instalmentd decide`, JSON in and out: the specification's examples over and over,
 * from a file to a file, so that nobody else's work is measured.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ROUNDS 500
#define EXAMPLES "tests/rules/decisions.jsonl"
#define TEXT_MAX (1U << 20)

static double now(void) {
    struct timespec ts;
    (void)clock_gettime(CLOCK_MONOTONIC, &ts);
    return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

static void fail(const char *what) {
    perror(what);
    exit(1);
}

/* A file without a name that holds the examples ROUNDS times; *lines is how many. */
static FILE *input_make(double *lines) {
    static char text[TEXT_MAX];
    FILE *examples = fopen(EXAMPLES, "r");
    FILE *input = tmpfile();
    if (examples == NULL || input == NULL) {
        fail(EXAMPLES);
    }
    size_t len = fread(text, 1, sizeof text, examples);
    (void)fclose(examples);
    size_t newlines = 0;
    for (size_t i = 0; i < len; i++) {
        newlines += text[i] == '\n';
    }
    for (int i = 0; i < ROUNDS; i++) {
        if (fwrite(text, 1, len, input) != len) {
            fail("the input");
        }
    }
    if (fflush(input) != 0) {
        fail("the input");
    }
    *lines = (double)newlines * ROUNDS;
    return input;
}

static void decide_run(FILE *input) {
    pid_t child = fork();
    if (child < 0) {
        fail("fork");
    }
    if (child == 0) {
        int null = open("/dev/null", O_WRONLY | O_CLOEXEC);
        if (null < 0 || lseek(fileno(input), 0, SEEK_SET) != 0 || dup2(fileno(input), STDIN_FILENO) < 0 ||
            dup2(null, STDOUT_FILENO) < 0) {
            fail("the child");
        }
        execl("build/bin/instalmentd", "instalmentd", "decide", (char *)NULL);
        fail("build/bin/instalmentd");
    }
    int status = 0;
    if (waitpid(child, &status, 0) != child || !WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        fprintf(stderr, "bench: instalmentd decide ended with status %d\n", status);
        exit(1);
    }
}

int main(void) {
    double lines = 0;
    FILE *input = input_make(&lines);
    double start = now();
    decide_run(input);
    printf("instalmentd decide, the examples\t%.0f\tlines/s\t>= 50000\n", lines / (now() - start));
    (void)fclose(input);
    return 0;
}
