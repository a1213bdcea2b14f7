/* What an administrator does on the command line: keyworkers' accounts, a backup. Beside a running inbox or without. */
#ifndef INSTALMENT_INBOX_ACCOUNTS_H
#define INSTALMENT_INBOX_ACCOUNTS_H

#include "options.h"
#include "store.h"

/* Does what options->mode asks. False with a sentence on standard error. */
bool accounts_run(struct store *store, const struct options *options);

#endif
