/*
 * The data folder: made, locked against a second daemon, and removed at the end where it is temporary.
 */
#ifndef INSTALMENT_FOLDER_H
#define INSTALMENT_FOLDER_H

#include <stdbool.h>

struct folder {
    char *path;     /* owned; NULL: not open */
    int lock;       /* a locked descriptor; the kernel lets go of it whatever happens to the process */
    bool temporary; /* removed with everything in it by folder_close */
};

/*
 * Opens `path`, which is made (0700) where it does not exist, or a new temporary folder for NULL. False, with a line on
 * standard error, where it cannot be used or another daemon uses it.
 */
bool folder_open(struct folder *folder, const char *path);

/* Lets go of it. A folder that was never opened (all zero) is allowed. */
void folder_close(struct folder *folder);

#endif
