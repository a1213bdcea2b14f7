#include "pdf.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cairo.h>
#include <cmocka.h>

#define GOLDEN "tests/golden/print"
#define OUTPUT_MAX (64U << 20)
#define SQUARE 4
/* Of 255: how much a square may differ, and all of them on average. */
#define SQUARE_MAX 64
#define MEAN_MAX 2

/* A page's picture, a byte a dot. */
struct picture {
    int width;
    int height;
    unsigned char *dots;
};

/* Runs a command and reads all that it writes. */
static void run(struct buffer *out, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void run(struct buffer *out, const char *format, ...) {
    char command[1000];
    char bytes[65536];
    size_t len;
    va_list arguments;
    va_start(arguments, format);
    assert_in_range(vsnprintf(command, sizeof command, format, arguments), 1, sizeof command - 1);
    va_end(arguments);
    FILE *pipe = popen(command, "r");
    assert_non_null(pipe);
    while ((len = fread(bytes, 1, sizeof bytes, pipe)) > 0) {
        buffer_add(out, bytes, len);
    }
    (void)pclose(pipe);
    assert_true(buffer_ok(out));
}

/* A temporary file with the PDF; removed by file_end. */
struct file {
    char path[64];
};

static struct file file_begin(const struct buffer *pdf) {
    struct file file = {"/tmp/instalment-pdf-XXXXXX"};
    int fd = mkstemp(file.path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, pdf->bytes, pdf->len), pdf->len);
    assert_int_equal(close(fd), 0);
    return file;
}

static void file_end(const struct file *file) {
    assert_int_equal(unlink(file->path), 0);
}

static void pages_option(char out[40], int page) {
    (void)snprintf(out, 40, page == 0 ? "-f 1" : "-f %d -l %d", page, page);
}

void pdf_text(const struct buffer *pdf, int page, struct buffer *text) {
    char pages[40];
    struct buffer raw;
    struct file file = file_begin(pdf);
    buffer_init(&raw, OUTPUT_MAX);
    buffer_init(text, OUTPUT_MAX);
    pages_option(pages, page);
    run(&raw, "pdftotext -raw -enc UTF-8 %s %s -", pages, file.path);
    file_end(&file);
    bool blank = true;
    for (size_t i = 0; i < raw.len; i++) {
        bool now = strchr(" \n\f\r\t", raw.bytes[i]) != NULL;
        if (!now) {
            buffer_char(text, raw.bytes[i]);
        } else if (!blank) {
            buffer_char(text, ' ');
        }
        blank = now;
    }
    assert_true(buffer_ok(text) && text->len > 0);
    buffer_release(&raw);
}

int pdf_pages(const struct buffer *pdf, double *width, double *height) {
    struct buffer out;
    struct file file = file_begin(pdf);
    buffer_init(&out, OUTPUT_MAX);
    run(&out, "pdfinfo %s", file.path);
    file_end(&file);
    const char *pages = strstr(out.bytes, "\nPages:");
    const char *size = strstr(out.bytes, "\nPage size:");
    assert_non_null(pages);
    assert_non_null(size);
    char *end;
    int count = (int)strtol(pages + 7, NULL, 10);
    *width = strtod(size + 11, &end) * 25.4 / 72;
    *height = strtod(strchr(end, 'x') + 1, NULL) * 25.4 / 72;
    buffer_release(&out);
    return count;
}

void pdf_code(const struct buffer *pdf, int page, int dpi, struct buffer *code) {
    struct file file = file_begin(pdf);
    buffer_init(code, OUTPUT_MAX);
    run(code,
        "pdftoppm -r %d -f %d -l %d -png -singlefile %s %s && zbarimg --nodbus -q --raw -S*.enable=0 "
        "-Sqrcode.enable=1 "
        "%s.png 2>/dev/null; rm -f %s.png",
        dpi, page, page, file.path, file.path, file.path, file.path);
    file_end(&file);
    while (code->len > 0 && code->bytes[code->len - 1] == '\n') {
        code->bytes[--code->len] = '\0';
    }
}

/* ---- pictures ---- */

/* The next picture of a run of portable graymaps (P5); false at the end. */
static bool picture_next(const struct buffer *pages, size_t *at, struct picture *out) {
    if (*at >= pages->len) {
        return false;
    }
    char *end;
    const char *head = pages->bytes + *at;
    assert_memory_equal(head, "P5", 2);
    out->width = (int)strtol(head + 2, &end, 10);
    out->height = (int)strtol(end, &end, 10);
    assert_int_equal(strtol(end, &end, 10), 255);
    out->dots = (unsigned char *)end + 1;
    *at = (size_t)(end + 1 - pages->bytes) + (size_t)out->width * (size_t)out->height;
    assert_true(*at <= pages->len);
    return true;
}

static void draw_pages(const struct buffer *pdf, int dpi, struct buffer *pages) {
    struct file file = file_begin(pdf);
    buffer_init(pages, OUTPUT_MAX);
    run(pages, "pdftoppm -gray -r %d %s", dpi, file.path);
    file_end(&file);
    assert_true(pages->len > 0);
}

/* The sum of a square's dots (of what lies within the picture). */
static int square(const struct picture *p, int x, int y) {
    int sum = 0;
    for (int row = y; row < y + SQUARE && row < p->height; row++) {
        for (int column = x; column < x + SQUARE && column < p->width; column++) {
            sum += p->dots[row * p->width + column];
        }
    }
    return sum;
}

static bool alike(const struct picture *a, const struct picture *b) {
    long total = 0;
    long squares = 0;
    if (a->width != b->width || a->height != b->height) {
        return false;
    }
    for (int y = 0; y < a->height; y += SQUARE) {
        for (int x = 0; x < a->width; x += SQUARE) {
            int apart = abs(square(a, x, y) - square(b, x, y)) / (SQUARE * SQUARE);
            if (apart > SQUARE_MAX) {
                return false;
            }
            total += apart;
            squares++;
        }
    }
    return total <= MEAN_MAX * squares;
}

bool pdf_alike(const struct buffer *a, const struct buffer *b, int dpi) {
    struct buffer pages[2];
    struct picture pictures[2];
    size_t at[2] = {0, 0};
    draw_pages(a, dpi, &pages[0]);
    draw_pages(b, dpi, &pages[1]);
    assert_true(picture_next(&pages[0], &at[0], &pictures[0]) &&
                picture_next(&pages[1], &at[1], &pictures[1]));
    bool same = alike(&pictures[0], &pictures[1]);
    buffer_release(&pages[0]);
    buffer_release(&pages[1]);
    return same;
}

/* A picture as a cairo surface of grey, and back. */
static void picture_write(const struct picture *p, const char *path) {
    cairo_surface_t *surface = cairo_image_surface_create(CAIRO_FORMAT_A8, p->width, p->height);
    int stride = cairo_image_surface_get_stride(surface);
    unsigned char *data = cairo_image_surface_get_data(surface);
    assert_non_null(data);
    for (int y = 0; y < p->height; y++) {
        memcpy(data + (ptrdiff_t)y * stride, p->dots + (ptrdiff_t)y * p->width, (size_t)p->width);
    }
    cairo_surface_mark_dirty(surface);
    assert_int_equal(cairo_surface_write_to_png(surface, path), CAIRO_STATUS_SUCCESS);
    cairo_surface_destroy(surface);
}

/* To be freed: picture->dots. */
static bool picture_read(const char *path, struct picture *out) {
    cairo_surface_t *surface = cairo_image_surface_create_from_png(path);
    if (cairo_surface_status(surface) != CAIRO_STATUS_SUCCESS) {
        cairo_surface_destroy(surface);
        return false;
    }
    out->width = cairo_image_surface_get_width(surface);
    out->height = cairo_image_surface_get_height(surface);
    int stride = cairo_image_surface_get_stride(surface);
    int wide = cairo_image_surface_get_format(surface) == CAIRO_FORMAT_A8 ? 1 : 4;
    const unsigned char *data = cairo_image_surface_get_data(surface);
    out->dots = malloc((size_t)out->width * (size_t)out->height);
    assert_non_null(out->dots);
    for (int y = 0; y < out->height; y++) {
        for (int x = 0; x < out->width; x++) {
            out->dots[y * out->width + x] = data[(ptrdiff_t)y * stride + (ptrdiff_t)x * wide];
        }
    }
    cairo_surface_destroy(surface);
    return true;
}

/* ---- golden files ---- */

static bool updating(void) {
    const char *update = getenv("UPDATE_GOLDEN");
    return update != NULL && strcmp(update, "1") == 0;
}

static void golden_text(const struct buffer *pdf, const char *name) {
    char path[200];
    struct buffer text;
    struct buffer golden;
    pdf_text(pdf, 0, &text);
    buffer_char(&text, '\n');
    buffer_init(&golden, OUTPUT_MAX);
    assert_in_range(snprintf(path, sizeof path, GOLDEN "/%s.txt", name), 1, sizeof path - 1);
    if (updating()) {
        FILE *file = fopen(path, "w");
        assert_non_null(file);
        assert_int_equal(fwrite(text.bytes, 1, text.len, file), text.len);
        assert_int_equal(fclose(file), 0);
    }
    run(&golden, "cat %s", path);
    assert_string_equal(text.bytes, golden.len > 0 ? golden.bytes : "");
    buffer_release(&text);
    buffer_release(&golden);
}

void pdf_golden(const struct buffer *pdf, const char *name, int dpi) {
    char path[200];
    struct buffer pages;
    struct picture page;
    size_t at = 0;
    golden_text(pdf, name);
    draw_pages(pdf, dpi, &pages);
    for (int number = 1; picture_next(&pages, &at, &page); number++) {
        struct picture golden = {0};
        assert_in_range(snprintf(path, sizeof path, GOLDEN "/%s-%d.png", name, number), 1, sizeof path - 1);
        if (updating()) {
            picture_write(&page, path);
        }
        if (!picture_read(path, &golden)) {
            fail_msg("%s is missing: look at what was drawn, then UPDATE_GOLDEN=1", path);
        } else if (!alike(&page, &golden)) {
            picture_write(&page, "build/golden-differs.png");
            fail_msg("page %d is not drawn as %s: see build/golden-differs.png", number, path);
        }
        free(golden.dots);
    }
    buffer_release(&pages);
}
