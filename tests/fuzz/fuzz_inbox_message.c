/* Any bytes as a pharmacy's message: refused with a sentence, or one whose view can be made and printed. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../client/inbox/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void need(bool condition) {
    if (!condition) {
        abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    struct message message;
    const char *error = NULL;
    char *text = malloc(size + (size == 0));
    need(text != NULL);
    memcpy(text, data, size);
    enum message_result result = message_read(text, size, &message, &error);
    free(text);
    if (result != MESSAGE_GOOD) {
        need(error != NULL && error[0] != '\0' && message.root == NULL);
        return 0;
    }
    need(error == NULL && message.text[0] != '\0' && message.kind[0] != '\0');
    need(strlen(message.alert) <= 64 && strlen(message.id) <= 64);
    cJSON *view = cJSON_CreateObject();
    need(message_view(&message, view));
    char *printed = cJSON_PrintUnformatted(view);
    need(printed != NULL);
    cJSON_free(printed);
    cJSON_Delete(view);
    message_free(&message);
    return 0;
}
