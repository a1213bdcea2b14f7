/*
 * Rendering: a label after the first, the first one with the fonts, and what memory a thousand labels leave behind.
 */
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "../support/papers.h"

#define LABELS 1000
#define ROUNDS 5

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static void make(struct renderer *renderer, const char *product, int number, struct buffer *pdf) {
    char name[60];
    struct render_answer answer;
    struct render_label label = papers_label(product, 1000 * (1 + number % 90), 1);
    snprintf(name, sizeof name, "Rowan %c%c Ashdown", 'A' + number % 26, 'a' + number / 26 % 26);
    label.patient = name;
    if (render_label(renderer, &render_media_label, &label, pdf, &answer) != RENDER_OK) {
        fprintf(stderr, "bench: %s\n", answer.sentence);
        abort();
    }
}

static int compare(const void *left, const void *right) {
    double a = *(const double *)left;
    double b = *(const double *)right;
    return (a > b) - (a < b);
}

/* The median and the 99th of a hundred labels, each timed alone. */
static void measure(struct renderer *renderer, const char *product, const char *what, struct buffer *pdf) {
    static double times[LABELS];
    for (int i = 0; i < LABELS; i++) {
        double start = now();
        make(renderer, product, i, pdf);
        times[i] = now() - start;
    }
    qsort(times, LABELS, sizeof times[0], compare);
    printf("label, %s: median\t%.2f\tms\t<= 3\n", what, times[LABELS / 2]);
    printf("label, %s: 99th of 100\t%.2f\tms\n", what, times[LABELS * 99 / 100]);
}

/* Of this process, all that it has in memory. */
static double resident_mb(void) {
    char line[200];
    FILE *status = fopen("/proc/self/statm", "r");
    if (status == NULL || fgets(line, sizeof line, status) == NULL) {
        abort();
    }
    fclose(status);
    return (double)strtol(strchr(line, ' '), NULL, 10) * 4096 / 1e6;
}

int main(void) {
    struct buffer pdf;
    buffer_init(&pdf, 1U << 20);
    double resident = resident_mb();
    double start = now();
    struct renderer *renderer = papers_renderer();
    printf("renderer with its fonts\t%.1f\tms\n", now() - start);
    start = now();
    make(renderer, "methadone-1mg-ml-sf", 0, &pdf);
    printf("label, the first\t%.1f\tms\n", now() - start);
    measure(renderer, "methadone-1mg-ml-sf", "methadone", &pdf);
    size_t before = mallinfo2().uordblks;
    measure(renderer, "methadone-1mg-ml-sf", "methadone again", &pdf);
    size_t after = mallinfo2().uordblks;
    measure(renderer, "buprenorphine-naloxone-2mg-0.5mg-sl", "two needed", &pdf);
    printf("memory, 1000 labels later\t%.0f\tkB\t<= 8192\n",
           after > before ? (double)(after - before) / 1024 : 0.0);
    printf("resident memory for fonts and rendering\t%.1f\tMB\n", resident_mb() - resident);
    buffer_release(&pdf);
    renderer_free(&renderer);
    return 0;
}
