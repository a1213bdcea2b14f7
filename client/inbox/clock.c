#include "clock.h"

#include <time.h>

int64_t clock_now(void) {
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_REALTIME, &now);
    return now.tv_sec;
}

int64_t clock_elapsed_ms(void) {
    struct timespec now = {0};
    (void)clock_gettime(CLOCK_BOOTTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

void clock_text(int64_t at, char out[CLOCK_TEXT_SIZE]) {
    struct tm parts;
    time_t seconds = at;
    out[0] = '\0';
    if (gmtime_r(&seconds, &parts) == NULL ||
        strftime(out, CLOCK_TEXT_SIZE, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
        out[0] = '\0';
    }
}
