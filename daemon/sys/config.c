#include "config.h"

#include <assert.h>
#include <confuse.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"

#define FILE_MAX (256U << 10)
#define OPTIONS_MAX 32
#define PATH_LONGEST 256
#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* clang-format off */
#define AT(member) offsetof(struct config, member)

static const char *const clocks[] = {"system", "demo", NULL};
static const char *const levels[] = {"error", "warning", "notice", "debug", NULL};
static const char *const nations[] = {"england", "wales", "scotland", "northern_ireland", NULL};

static const struct config_option options[] = {
    {"data", CONFIG_PATH, false, AT(data), 1, PATH_LONGEST, NULL, "/var/lib/instalmentd",
     "The folder of the database. Other files that are named without a leading slash are below it."},
    {"listen", CONFIG_LISTEN, false, AT(listen), 0, 0, NULL, "127.0.0.1:8443",
     "Address and port for the counter page and other programs, always with TLS. 0.0.0.0:8443 serves the "
     "pharmacy's network; port 0 takes a free one."},
    {"certificate", CONFIG_PATH, false, AT(certificate), 1, PATH_LONGEST, NULL, "certificate.pem",
     "The TLS certificate with its chain, PEM. Made at the first start where there is none."},
    {"key", CONFIG_PATH, false, AT(key), 1, PATH_LONGEST, NULL, "key.pem",
     "The certificate's private key, PEM."},
    {"ctl_socket", CONFIG_PATH, false, AT(ctl_socket), 0, 100, NULL, "/run/instalmentd/ctl.sock",
     "The Unix socket of the command line on this machine. Empty: none."},
    {"web_socket", CONFIG_PATH, false, AT(web_socket), 0, 100, NULL, "",
     "A Unix socket for a proxy of your own in front of the page. Empty: none."},
    {"zone", CONFIG_TEXT, false, AT(zone), 1, 64, NULL, "Europe/London",
     "The pharmacy's time zone, by its name in the TZ database."},
    {"clock", CONFIG_CHOICE, false, AT(clock), 0, 0, clocks, "system",
     "demo is a clock that can be moved, for --demo alone."},
    {"connections_max", CONFIG_NUMBER, false, AT(connections_max), 8, 4096, NULL, "256",
     "Connections at a time, in all."},
    {"connections_per_address", CONFIG_NUMBER, false, AT(connections_per_address), 1, 4096, NULL, "16",
     "Connections at a time from one address."},
    {"request_seconds", CONFIG_NUMBER, false, AT(request_seconds), 1, 120, NULL, "10",
     "How long receiving one request may take, in all."},
    {"session_idle_minutes", CONFIG_NUMBER, false, AT(session_idle_minutes), 1, 240, NULL, "15",
     "A session without a request ends after so many minutes."},
    {"session_hours", CONFIG_NUMBER, false, AT(session_hours), 1, 24, NULL, "12",
     "A session ends so many hours after sign-in, whatever happens."},
    {"log_level", CONFIG_CHOICE, true, AT(log_level), 0, 0, levels, "notice",
     "How much is logged. No level says anything about a patient."},
    {"pharmacy_name", CONFIG_TEXT, true, AT(pharmacy_name), 0, 80, NULL, "",
     "As it stands on labels, cards and messages."},
    {"pharmacy_address", CONFIG_TEXT, true, AT(pharmacy_address), 0, 200, NULL, "",
     "In one line, with commas."},
    {"pharmacy_telephone", CONFIG_TEXT, true, AT(pharmacy_telephone), 0, 30, NULL, "",
     "Where services and patients call back."},
    {"pharmacy_ods_code", CONFIG_TEXT, true, AT(pharmacy_ods_code), 0, 10, NULL, "",
     "The organisation code (ODS), where there is one."},
    {"pharmacy_nation", CONFIG_CHOICE, false, AT(pharmacy_nation), 0, 0, nations, "england",
     "Whose bank holidays are proposed."},
};
/* clang-format on */

static_assert(COUNT(options) <= OPTIONS_MAX, "more options than are read");

const struct config_option *config_options(size_t *count) {
    *count = COUNT(options);
    return options;
}

static void error_format(struct config_error *error, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void error_format(struct config_error *error, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(error->text, sizeof error->text, format, arguments);
    va_end(arguments);
}

static char **text_of(struct config *config, const struct config_option *option) {
    return (char **)(void *)((char *)config + option->offset);
}

static int32_t *number_of(struct config *config, const struct config_option *option) {
    return (int32_t *)(void *)((char *)config + option->offset);
}

/* ---- values ------------------------------------------------------------------------------------- */

/* The length of one character of UTF-8 that is not a control character, or 0. */
static size_t character(const unsigned char *text) {
    static const struct {
        unsigned char mask;
        unsigned char lead;
        uint32_t from; /* shorter forms of the same are refused */
    } forms[] = {{0x80, 0x00, 0x20}, {0xe0, 0xc0, 0xa0}, {0xf0, 0xe0, 0x800}, {0xf8, 0xf0, 0x10000}};
    for (size_t more = 0; more < COUNT(forms); more++) {
        if ((text[0] & forms[more].mask) != forms[more].lead) {
            continue;
        }
        uint32_t code = text[0] & (unsigned char)~forms[more].mask;
        for (size_t i = 1; i <= more; i++) {
            if ((text[i] & 0xc0) != 0x80) {
                return 0;
            }
            code = code << 6 | (text[i] & 0x3f);
        }
        bool wrong =
            code < forms[more].from || code == 0x7f || (code >= 0xd800 && code <= 0xdfff) || code > 0x10ffff;
        return wrong ? 0 : more + 1;
    }
    return 0;
}

static bool text_plain(const char *text) {
    const unsigned char *at = (const unsigned char *)text;
    while (*at != '\0') {
        size_t len = character(at);
        if (len == 0) {
            return false;
        }
        at += len;
    }
    return true;
}

/* "127.0.0.1:8443": something, the last colon, a port. Whether the address is one, binding tells. */
static bool listen_valid(const char *value) {
    const char *colon = strrchr(value, ':');
    int64_t port = 0;
    return colon != NULL && colon != value && strlen(value) <= 64 &&
           strcspn(value, " \t\"'/") == strlen(value) && number_parse(colon + 1, 0, 65535, &port) &&
           (strchr(value, ':') == colon || (value[0] == '[' && colon[-1] == ']'));
}

static bool choice_valid(const char *const *choices, const char *value) {
    while (*choices != NULL && strcmp(*choices, value) != 0) {
        choices++;
    }
    return *choices != NULL;
}

void config_takes(const struct config_option *option, struct buffer *out) {
    switch (option->type) {
    case CONFIG_NUMBER: buffer_format(out, "a whole number from %d to %d", option->min, option->max); break;
    case CONFIG_LISTEN: buffer_text(out, "ADDRESS:PORT, as 127.0.0.1:8443 or [::1]:8443"); break;
    case CONFIG_CHOICE:
        for (const char *const *choice = option->choices; *choice != NULL; choice++) {
            buffer_format(out, "%s%s",
                          choice == option->choices ? ""
                          : choice[1] == NULL       ? " or "
                                                    : ", ",
                          *choice);
        }
        break;
    case CONFIG_TEXT:
    case CONFIG_PATH:
        buffer_format(out, "%d to %d bytes of text without control characters", option->min, option->max);
        break;
    }
}

const char *config_value(const struct config *config, const struct config_option *option,
                         char number[CONFIG_NUMBER_SIZE]) {
    const char *member = (const char *)config + option->offset;
    if (option->type != CONFIG_NUMBER) {
        return *(const char *const *)(const void *)member;
    }
    (void)snprintf(number, CONFIG_NUMBER_SIZE, "%d", *(const int32_t *)(const void *)member);
    return number;
}

/* Says what an option takes, after "KEY: ". */
static void error_range(struct config_error *error, const struct config_option *option) {
    struct buffer said;
    buffer_init(&said, sizeof error->text - 1);
    buffer_format(&said, "%s: must be ", option->key);
    config_takes(option, &said);
    error_format(error, "%s", buffer_ok(&said) ? said.bytes : option->key);
    buffer_release(&said);
}

static bool value_valid(const struct config_option *option, const char *value, int64_t *number) {
    switch (option->type) {
    case CONFIG_NUMBER: return number_parse(value, option->min, option->max, number);
    case CONFIG_LISTEN: return listen_valid(value);
    case CONFIG_CHOICE: return choice_valid(option->choices, value);
    case CONFIG_TEXT:
    case CONFIG_PATH:
        return strlen(value) >= (size_t)option->min && strlen(value) <= (size_t)option->max &&
               text_plain(value);
    }
    return false;
}

static bool option_put(struct config *config, const struct config_option *option, const char *value,
                       struct config_error *error) {
    int64_t number = 0;
    if (!value_valid(option, value, &number)) {
        error_range(error, option);
        return false;
    }
    if (option->type == CONFIG_NUMBER) {
        *number_of(config, option) = (int32_t)number;
        return true;
    }
    char *copy = strdup(value);
    if (copy == NULL) {
        error_format(error, "%s: no memory", option->key);
        return false;
    }
    free(*text_of(config, option));
    *text_of(config, option) = copy;
    return true;
}

bool config_set(struct config *config, const char *key, const char *value, struct config_error *error) {
    for (size_t i = 0; i < COUNT(options); i++) {
        if (strcmp(options[i].key, key) == 0) {
            return option_put(config, &options[i], value, error);
        }
    }
    error_format(error, "%s: there is no such option", key);
    return false;
}

struct config *config_new(void) {
    struct config *config = calloc(1, sizeof *config);
    struct config_error error;
    for (size_t i = 0; config != NULL && i < COUNT(options); i++) {
        if (!option_put(config, &options[i], options[i].preset, &error)) {
            config_free(&config);
        }
    }
    return config;
}

void config_free(struct config **config) {
    if (*config == NULL) {
        return;
    }
    for (size_t i = 0; i < COUNT(options); i++) {
        if (options[i].type != CONFIG_NUMBER) {
            free(*text_of(*config, &options[i]));
        }
    }
    free(*config);
    *config = NULL;
}

/* ---- files -------------------------------------------------------------------------------------- */

/* Whom libconfuse's callbacks work for: they get no context. NULL while nothing is read. */
static struct reading {
    struct config *config;
    struct config_error *error;
    bool failed;
    bool seen[OPTIONS_MAX];
} * reading;

/* Only the first error counts. */
static void reading_failed(cfg_t *cfg, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void reading_failed(cfg_t *cfg, const char *format, va_list arguments) {
    char message[400];
    if (reading == NULL || reading->failed) {
        return;
    }
    reading->failed = true;
    (void)vsnprintf(message, sizeof message, format, arguments);
    error_format(reading->error, "%s:%d: %s", cfg->filename, cfg->line, message);
}

/* One value, in quotes or not. 0: taken. */
static int reading_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result) {
    for (size_t i = 0; i < COUNT(options); i++) {
        struct config_error error;
        if (strcmp(options[i].key, opt->name) != 0) {
            continue;
        }
        if (reading->seen[i]) {
            cfg_error(cfg, "%s: is given twice", opt->name);
            return -1;
        }
        reading->seen[i] = true;
        if (!option_put(reading->config, &options[i], value, &error)) {
            cfg_error(cfg, "%s", error.text);
            return -1;
        }
        *(const char **)result = value;
        return 0;
    }
    return -1;
}

static bool reading_run(FILE *stream, const char *name) {
    cfg_opt_t opts[COUNT(options) + 1];
    for (size_t i = 0; i < COUNT(options); i++) {
        opts[i] = (cfg_opt_t){
            .name = options[i].key, .type = CFGT_STR, .flags = CFGF_NODEFAULT, .parsecb = reading_value};
    }
    opts[COUNT(options)] = (cfg_opt_t)CFG_END();
    cfg_t *cfg = cfg_init(opts, CFGF_NONE);
    if (cfg == NULL) {
        return false;
    }
    (void)cfg_set_error_function(cfg, reading_failed);
    cfg->filename = strdup(name);
    int result = cfg->filename == NULL ? CFG_FILE_ERROR : cfg_parse_fp(cfg, stream);
    (void)cfg_free(cfg);
    return result == CFG_SUCCESS;
}

/* The end of a text in quotes that begins at `at`: its last quote, or the final NUL. */
static char *string_end(char *at) {
    char quote = *at++;
    while (*at != '\0' && *at != quote) {
        at += at[0] == '\\' && at[1] != '\0' ? 2 : 1;
    }
    return at;
}

/*
 * Turns comments into blanks, line by line: libconfuse counts the lines of comments more than once, and takes a
 * comment without end for the end of the file. False where there is such a one.
 */
static bool comments_blank(char *text) {
    char before = '\n';
    for (char *at = text; *at != '\0'; before = *at++) {
        if (*at == '"' || *at == '\'') {
            at = string_end(at);
            if (*at == '\0') {
                return true;
            }
        } else if (*at == '\r') {
            *at = ' '; /* is counted as a line too */
        } else if (*at == '#' || (at[0] == '/' && at[1] == '/' && strchr(" \t\n=", before) != NULL)) {
            memset(at, ' ', strcspn(at, "\n"));
        } else if (at[0] == '/' && at[1] == '*') {
            char *end = strstr(at + 2, "*/");
            if (end == NULL) {
                return false;
            }
            for (char *blank = at; blank < end + 2; blank++) {
                *blank = *blank == '\n' ? '\n' : ' ';
            }
        }
    }
    return true;
}

bool config_read_text(struct config *config, const char *name, const char *text, size_t len,
                      struct config_error *error) {
    struct reading now = {.config = config, .error = error};
    error_format(error, "%s: cannot be read", name);
    if (memchr(text, '\0', len) != NULL) {
        error_format(error, "%s: is no text: there is a NUL in it", name);
        return false;
    }
    struct buffer copy;
    buffer_init(&copy, FILE_MAX);
    buffer_add(&copy, text, len);
    buffer_char(&copy, '\n');
    FILE *stream = NULL;
    bool done = false;
    if (buffer_ok(&copy) && !comments_blank(copy.bytes)) {
        error_format(error, "%s: a comment that begins with /* does not end", name);
    } else if (buffer_ok(&copy)) {
        stream = fmemopen(copy.bytes, copy.len, "r");
    }
    if (stream != NULL) {
        reading = &now;
        done = reading_run(stream, name) && !now.failed;
        reading = NULL;
        (void)fclose(stream);
    }
    buffer_release(&copy);
    return done;
}

bool config_read(struct config *config, const char *path, struct config_error *error) {
    char *text = malloc(FILE_MAX);
    FILE *file = fopen(path, "re");
    bool done = false;
    if (file == NULL || text == NULL) {
        error_format(error, "%s: cannot be opened: %s", path, strerrordesc_np(errno));
    } else {
        size_t len = fread(text, 1, FILE_MAX, file);
        if (ferror(file) != 0) {
            error_format(error, "%s: cannot be read: %s", path, strerrordesc_np(errno));
        } else if (len == FILE_MAX) {
            error_format(error, "%s: is too large", path);
        } else {
            done = config_read_text(config, path, text, len, error);
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    free(text);
    return done;
}

/* ---- the whole ---------------------------------------------------------------------------------- */

bool config_check(const struct config *config, struct config_error *error) {
    if (config->data[0] != '/') {
        error_format(error, "data: must begin with a slash");
    } else if (config->connections_per_address > config->connections_max) {
        error_format(error, "connections_per_address: must not be more than connections_max (%d)",
                     config->connections_max);
    } else if (config->ctl_socket[0] != '\0' && strcmp(config->ctl_socket, config->web_socket) == 0) {
        error_format(error, "web_socket: must be another than ctl_socket");
    } else {
        return true;
    }
    return false;
}

static bool option_same(struct config *a, struct config *b, const struct config_option *option) {
    return option->type == CONFIG_NUMBER ? *number_of(a, option) == *number_of(b, option)
                                         : strcmp(*text_of(a, option), *text_of(b, option)) == 0;
}

/* Both owners keep something: nothing here can fail. */
static void option_swap(struct config *a, struct config *b, const struct config_option *option) {
    if (option->type == CONFIG_NUMBER) {
        int32_t number = *number_of(a, option);
        *number_of(a, option) = *number_of(b, option);
        *number_of(b, option) = number;
    } else {
        char *text = *text_of(a, option);
        *text_of(a, option) = *text_of(b, option);
        *text_of(b, option) = text;
    }
}

void config_reload(struct config *running, struct config **fresh, void (*kept)(const char *key)) {
    for (size_t i = 0; i < COUNT(options); i++) {
        if (option_same(running, *fresh, &options[i])) {
            continue;
        }
        if (options[i].reloadable) {
            option_swap(running, *fresh, &options[i]);
        } else if (kept != NULL) {
            kept(options[i].key);
        }
    }
    config_free(fresh);
}

char *config_below(const struct config *config, const char *path) {
    char *whole = NULL;
    if (path[0] == '/') {
        return strdup(path);
    }
    return asprintf(&whole, "%s/%s", config->data, path) < 0 ? NULL : whole;
}

/* ---- for people --------------------------------------------------------------------------------- */

/* A text in lines of at most `width`, each after `lead`. */
static void write_wrapped(struct buffer *out, const char *lead, const char *text, size_t width) {
    while (*text != '\0') {
        size_t len = strlen(text);
        if (len > width) {
            for (len = width; len > 0 && text[len] != ' ';) {
                len--;
            }
            len = len == 0 ? width : len;
        }
        buffer_text(out, lead);
        buffer_add(out, text, len);
        buffer_char(out, '\n');
        text += len;
        text += strspn(text, " ");
    }
}

/* "1 to 24", "system or demo": nothing for texts. */
static void write_range(struct buffer *out, const struct config_option *option) {
    if (option->type == CONFIG_NUMBER) {
        buffer_format(out, "%d to %d", option->min, option->max);
    } else if (option->type == CONFIG_CHOICE) {
        for (const char *const *choice = option->choices; *choice != NULL; choice++) {
            buffer_format(out, "%s%s", choice == option->choices ? "" : ", ", *choice);
        }
    }
}

void config_help(struct buffer *out) {
    for (size_t i = 0; i < COUNT(options); i++) {
        bool ranged = options[i].type == CONFIG_NUMBER || options[i].type == CONFIG_CHOICE;
        buffer_format(out, "  %s%s", options[i].key, ranged ? " (" : "");
        write_range(out, &options[i]);
        buffer_format(out, "%s; default \"%s\"%s\n", ranged ? ")" : "", options[i].preset,
                      options[i].reloadable ? "; SIGHUP changes it" : "");
        write_wrapped(out, "      ", options[i].help, 90);
    }
}

void config_sample(struct buffer *out) {
    buffer_text(
        out, "# The configuration of instalmentd, as `instalmentd --sample-config` prints it: every option "
             "with its\n# default. What differs, write without the '#'; `instalmentd --check-config "
             "--config FILE` looks at it.\n# Hours, people, services and policy are not here: staff "
             "change them at the counter page.\n");
    for (size_t i = 0; i < COUNT(options); i++) {
        const char *quote = options[i].type == CONFIG_NUMBER ? "" : "\"";
        bool ranged = options[i].type == CONFIG_NUMBER || options[i].type == CONFIG_CHOICE;
        buffer_char(out, '\n');
        write_wrapped(out, "# ", options[i].help, 100);
        if (ranged) {
            buffer_text(out, "# (");
            write_range(out, &options[i]);
            buffer_text(out, ")\n");
        }
        if (options[i].reloadable) {
            buffer_text(out, "# SIGHUP changes it while the service runs.\n");
        }
        buffer_format(out, "#%s = %s%s%s\n", options[i].key, quote, options[i].preset, quote);
    }
}
