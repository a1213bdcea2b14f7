/* The folder of the database, locked by whoever serves from it. */
#ifndef INSTALMENT_INBOX_FOLDER_H
#define INSTALMENT_INBOX_FOLDER_H

#include <stdbool.h>

struct folder {
    char *path; /* NULL: closed */
    int lock;
    bool temporary;
};

/* Makes the folder where it does not exist. path NULL: a new one, which folder_close removes. False with a sentence. */
bool folder_open(struct folder *folder, const char *path, bool lock);
void folder_close(struct folder *folder);

#endif
