/* The guard: any bytes, in pieces as the input's first byte says; the verdict must not depend on the pieces. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "http/guard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void feed(struct guard *guard, const uint8_t *data, size_t size, size_t step) {
    guard_init(guard, 4096);
    for (size_t at = 0; at < size; at += step) {
        guard_feed(guard, data + at, size - at < step ? size - at : step);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct guard whole, pieces;
    if (size < 2) {
        return 0;
    }
    feed(&whole, data + 1, size - 1, size);
    feed(&pieces, data + 1, size - 1, (size_t)data[0] + 1);
    if (whole.requests != pieces.requests || whole.state != pieces.state ||
        whole.error.status != pieces.error.status ||
        (whole.state == GUARD_REFUSED) != (whole.error.status != 0)) {
        abort();
    }
    return 0;
}
