#include "backoff.h"

static int64_t jittered(int64_t ms, uint32_t chance) {
    return ms * (800 + (int64_t)(chance % 401)) / 1000;
}

int64_t backoff_ms(int32_t attempt, uint32_t chance, int64_t asked_ms) {
    static const int64_t waits[] = {5000, 30000, 120000, 300000, 600000, 900000};
    const int32_t last = (int32_t)(sizeof waits / sizeof waits[0]) - 1;
    int32_t index = attempt < 1 ? 0 : attempt - 1;
    int64_t wait = jittered(waits[index > last ? last : index], chance);
    int64_t asked = asked_ms > BACKOFF_ASKED_MAX_MS ? BACKOFF_ASKED_MAX_MS : asked_ms;
    return wait > asked ? wait : asked;
}

int64_t backoff_probe_ms(int32_t failures, uint32_t chance) {
    return backoff_ms(failures - BACKOFF_BREAKER + 1, chance, 0);
}
