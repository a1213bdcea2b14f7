/*
 * The configuration file: one table of options, which the parser, the sample and the help walk. Unset options have
 * their default. What is wrong is told as "FILE:LINE: sentence".
 */
#ifndef INSTALMENT_INBOX_CONFIG_H
#define INSTALMENT_INBOX_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "signature.h"

#define CONFIG_SECRETS_MAX 4
#define CONFIG_ERROR_SIZE 512

/* A pharmacy that may send. */
struct config_pharmacy {
    char *id; /* the section's name: in the log and in the database */
    char *name, *ods, *telephone, *secret;
    struct secret secrets[CONFIG_SECRETS_MAX];
    size_t secret_count;
};

struct config {
    char *data, *listen, *url, *certificate, *key, *client_ca, *service_name;
    char *client_certificates; /* off, required */
    char *polls;               /* open, signed */
    char *log_level;
    long connections_max, connections_per_address, request_seconds, session_idle_minutes, session_hours;
    struct config_pharmacy *pharmacies;
    size_t pharmacy_count;
};

/* The defaults, then the file; path NULL: the defaults alone. NULL with the reason. config_free it. */
struct config *config_read(const char *path, char error[CONFIG_ERROR_SIZE]);
void config_free(struct config **config);

/* Puts a copy in the place of a text option (`place` is a member of the configuration). False: no memory. */
bool config_replace(char **place, const char *text);

/* A path of the configuration, below the data folder where it has no leading slash. Free it. */
char *config_below(const struct config *config, const char *path);
/*
 * The same for certificates, keys and secrets: a name without a slash is looked for in systemd's credential directory
 * first, as it is and as one of the folder "secrets" (which systemd names secrets_NAME there).
 */
char *config_credential(const struct config *config, const char *name);

/*
 * Reads the secrets of each pharmacy: a file (config_credential) with one "whsec_…" a line, at most CONFIG_SECRETS_MAX.
 */
bool config_read_secrets(struct config *config, char error[CONFIG_ERROR_SIZE]);
/* Adds a pharmacy with its secret's file. False: no memory. */
bool config_add_pharmacy(struct config *config, const char *id, const char *secret);

/* A file with every option and its default. */
void config_sample(FILE *out);

#endif
