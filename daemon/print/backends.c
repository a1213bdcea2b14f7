#include <string.h>

#include "backend.h"

static const struct backend *const backends[] = {&backend_cups, &backend_file};

const struct backend *backend_find(const char *name) {
    for (size_t i = 0; i < sizeof backends / sizeof backends[0]; i++) {
        if (strcmp(backends[i]->name, name) == 0) {
            return backends[i];
        }
    }
    return NULL;
}
