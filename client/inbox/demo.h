/* What a demonstration makes for itself: a secret, keyworkers, passwords. All of it in its own folder. */
#ifndef INSTALMENT_INBOX_DEMO_H
#define INSTALMENT_INBOX_DEMO_H

#include <stdbool.h>
#include <stddef.h>

#include "config.h"
#include "store.h"

#define DEMO_PEOPLE 2
#define DEMO_PASSWORD_SIZE 24
#define DEMO_SECRET "pharmacy.secret"
#define DEMO_SECRET_SIZE 128

struct demo_person {
    const char *name;
    char password[DEMO_PASSWORD_SIZE];
};

/*
 * A pharmacy "demo" whose secret is pharmacy.secret of the data folder, made where it is not there; nothing where the
 * configuration names pharmacies. secret: the first line of the file, "" where there is none. False with a sentence.
 */
bool demo_secret(struct config *config, char secret[DEMO_SECRET_SIZE], char error[CONFIG_ERROR_SIZE]);

/* Made-up keyworkers, with new passwords each time. False: no memory, or the store failed. */
bool demo_people(struct store *store, struct demo_person people[DEMO_PEOPLE]);

#endif
