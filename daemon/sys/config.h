/*
 * The configuration: what the machine needs. What staff change (hours, services, people, policy) are facts in the store.
 *
 * There is one table of options. The reader of files, the command line, --help, the sample file and the comparison at a
 * reload walk it; another option is another line there and another member here. Loop thread only (libconfuse's lexer
 * has global state).
 */
#ifndef INSTALMENT_SYS_CONFIG_H
#define INSTALMENT_SYS_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buffer.h"

/* The values. Texts are owned and never NULL; "" is "not given". */
struct config {
    char *data;
    char *listen;
    char *certificate;
    char *key;
    char *ctl_socket;
    char *web_socket;
    char *zone;
    char *clock;
    char *log_level;
    char *pharmacy_name;
    char *pharmacy_address;
    char *pharmacy_telephone;
    char *pharmacy_ods_code;
    char *pharmacy_nation;
    int32_t connections_max;
    int32_t connections_per_address;
    int32_t request_seconds;
    int32_t session_idle_minutes;
    int32_t session_hours;
};

enum config_type {
    CONFIG_TEXT,   /* min .. max bytes of UTF-8 without control characters */
    CONFIG_PATH,   /* the same */
    CONFIG_LISTEN, /* "127.0.0.1:8443", "[::1]:0" */
    CONFIG_NUMBER, /* min .. max */
    CONFIG_CHOICE  /* one of `choices`, which ends with NULL */
};

struct config_option {
    const char *key;
    enum config_type type;
    bool reloadable; /* a reload changes it; otherwise the next start does */
    size_t offset;   /* in struct config: of a char *, or of an int32_t */
    int32_t min;
    int32_t max;
    const char *const *choices;
    const char *preset; /* the default, as it would be written in a file, without quotes */
    const char *help;   /* one sentence or two, for people */
};

/* What is wrong: "/etc/instalment.conf:12: session_hours: must be a whole number from 1 to 24". */
struct config_error {
    char text[512];
};

/* The table. */
const struct config_option *config_options(size_t *count);

/* The value of an option as it would be written in a file, without quotes; a number goes to `number`. Borrowed. */
#define CONFIG_NUMBER_SIZE 12
const char *config_value(const struct config *config, const struct config_option *option,
                         char number[CONFIG_NUMBER_SIZE]);
/* What an option takes, in words: "a whole number from 1 to 24". */
void config_takes(const struct config_option *option, struct buffer *out);

/* A configuration with every default, or NULL where memory is short; to be freed with config_free. */
struct config *config_new(void);

/* Frees *config and sets it to NULL; NULL inside is allowed. */
void config_free(struct config **config);

/*
 * Reads a file over what is there. False, with the first error, where it cannot be read or anything in it is wrong:
 * an unknown key, a key twice, a value out of range. The configuration is then half read: to be thrown away.
 */
bool config_read(struct config *config, const char *path, struct config_error *error);

/* The same from memory; `name` stands for the file in messages. */
bool config_read_text(struct config *config, const char *name, const char *text, size_t len,
                      struct config_error *error);

/* Sets one option by its key, as from the command line. False with *error where there is none, or the value is wrong. */
bool config_set(struct config *config, const char *key, const char *value, struct config_error *error);

/* What can only be said of options together. False with the first error. Has no side effect. */
bool config_check(const struct config *config, struct config_error *error);

/*
 * A reload, once `fresh` has been read and checked: *running takes over the values that may change while running, and
 * `kept` is called (NULL: not) with the key of each that would change but must wait for the next start. Nothing in it
 * can fail. Frees *fresh and sets it to NULL.
 */
void config_reload(struct config *running, struct config **fresh, void (*kept)(const char *key));

/* A path of the configuration: below the data folder where it is relative. New, to be freed; NULL: no memory. */
char *config_below(const struct config *config, const char *path);

/* The options for --help, and the sample file: every option with its help and its default, commented out. */
void config_help(struct buffer *out);
void config_sample(struct buffer *out);

#endif
