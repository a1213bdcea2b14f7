/* Any text as a catalogue: an error with its line, or products that are whole, sorted and found by their code. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "core/catalogue.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool condition) {
    if (!condition) {
        abort();
    }
}

static void check_product(const struct catalogue *catalogue, const struct product *product) {
    need(product->code[0] != '\0' && product->name[0] != '\0' && product->drug[0] != '\0');
    need(product->form[0] != '\0' && product->strength[0] != '\0' && product->unit[0] != '\0');
    need(product->schedule >= 2 && product->schedule <= 4 && product->micrograms > 0);
    need(product->label_count >= 1 && product->label_count <= 3 && product->drug_class < CLASS_COUNT);
    need(product->concentrate == (strcmp(product->unit, "ml") == 0 && product->micrograms > 1000));
    for (size_t i = 0; i < product->label_count; i++) {
        need(product->labels[i] != 26 || product->route == ROUTE_SUBLINGUAL);
    }
    need(catalogue_find(catalogue, product->code, strlen(product->code)) == product);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    char *text = malloc(size + (size == 0));
    need(text != NULL);
    memcpy(text, data, size);
    struct catalogue_error error = {.line = -1};
    struct catalogue *catalogue = catalogue_parse(text, size, &error);
    free(text);
    if (catalogue == NULL) {
        need(error.line >= 0 && error.message != NULL);
        return 0;
    }
    need(catalogue->version != NULL && catalogue->version[0] != '\0');
    for (size_t i = 0; i < catalogue->count; i++) {
        check_product(catalogue, &catalogue->products[i]);
        need(i == 0 || strcmp(catalogue->products[i - 1].code, catalogue->products[i].code) < 0);
    }
    need(catalogue_find(catalogue, "no-such-product", 15) == NULL || catalogue->count > 0);
    catalogue_free(&catalogue);
    need(catalogue == NULL);
    return 0;
}
