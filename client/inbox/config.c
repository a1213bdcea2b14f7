#include "config.h"

#include <assert.h>
#include <confuse.h>
#include <errno.h>
#include <sodium.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "number.h"

#define FILE_MAX ((size_t)64 << 10)
#define TEXT_MAX 255
#define PHARMACIES_MAX 500
#define COUNT(array) (sizeof(array) / sizeof(array)[0])
#define AT(member) offsetof(struct config, member)

enum kind { KIND_TEXT, KIND_NUMBER, KIND_CHOICE, KIND_LISTEN };

struct option {
    const char *key;
    enum kind kind;
    size_t at;
    const char *preset;
    long min, max;
    const char *choices[5];
    const char *help;
};

static const struct option options[] = {
    {"data",
     KIND_TEXT,
     AT(data),
     "/var/lib/instalment-inbox",
     1,
     TEXT_MAX,
     {NULL},
     "The folder of the database. Other files that are named without a leading slash are below it."},
    {"listen",
     KIND_LISTEN,
     AT(listen),
     "127.0.0.1:8444",
     1,
     TEXT_MAX,
     {NULL},
     "Address and port, always with TLS: [::]:8444 serves every network; port 0 takes a free one."},
    {"url",
     KIND_TEXT,
     AT(url),
     "",
     0,
     TEXT_MAX,
     {NULL},
     "How pharmacies and browsers reach it, without a path: https://inbox.example.org. Empty: the address "
     "above."},
    {"service_name",
     KIND_TEXT,
     AT(service_name),
     "",
     0,
     TEXT_MAX,
     {NULL},
     "The name of your service, as the page shows it."},
    {"certificate",
     KIND_TEXT,
     AT(certificate),
     "certificate.pem",
     1,
     TEXT_MAX,
     {NULL},
     "The TLS certificate with its chain, PEM."},
    {"key", KIND_TEXT, AT(key), "key.pem", 1, TEXT_MAX, {NULL}, "The certificate's private key, PEM."},
    {"client_ca",
     KIND_TEXT,
     AT(client_ca),
     "",
     0,
     TEXT_MAX,
     {NULL},
     "The authority (PEM) whose certificates pharmacies show. Empty: none is asked for."},
    {"client_certificates",
     KIND_CHOICE,
     AT(client_certificates),
     "off",
     0,
     0,
     {"off", "required", NULL},
     "required: messages and polls need a certificate of client_ca. The page never does."},
    {"polls",
     KIND_CHOICE,
     AT(polls),
     "open",
     0,
     0,
     {"open", "signed", NULL},
     "open: whoever knows an alert's id may ask what became of it. "
     "signed: the question must carry the pharmacy's signature."},
    {"connections_max",
     KIND_NUMBER,
     AT(connections_max),
     "256",
     8,
     4096,
     {NULL},
     "Connections at a time, in all."},
    {"connections_per_address",
     KIND_NUMBER,
     AT(connections_per_address),
     "16",
     1,
     4096,
     {NULL},
     "Connections at a time from one address."},
    {"request_seconds",
     KIND_NUMBER,
     AT(request_seconds),
     "10",
     1,
     120,
     {NULL},
     "How long receiving one request may take, in all."},
    {"session_idle_minutes",
     KIND_NUMBER,
     AT(session_idle_minutes),
     "60",
     1,
     720,
     {NULL},
     "A keyworker who does nothing for so long is signed out. Watching the page is nothing."},
    {"session_hours",
     KIND_NUMBER,
     AT(session_hours),
     "12",
     1,
     24,
     {NULL},
     "A keyworker is signed out so many hours after signing in, whatever happens."},
    {"log_level",
     KIND_CHOICE,
     AT(log_level),
     "notice",
     0,
     0,
     {"error", "warning", "notice", "debug", NULL},
     "How much is logged. No level says anything about a patient."},
};

static const struct {
    const char *key;
    const char *help;
} pharmacy_options[] = {
    {"name", "Its name, where its messages do not say it."},
    {"ods", "Its organisation code (ODS): a message that names another is refused."},
    {"telephone", "Its telephone number, where its messages do not say it."},
    {"secret", "The file with the secret that it signs with; two lines while the secret is changed."},
};

static void say(char error[CONFIG_ERROR_SIZE], const char *format, ...) __attribute__((format(printf, 2, 3)));

static void say(char error[CONFIG_ERROR_SIZE], const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(error, CONFIG_ERROR_SIZE, format, arguments);
    va_end(arguments);
}

/* ---- one value ------------------------------------------------------------------------------------------- */

static char **text_of(struct config *config, const struct option *option) {
    return (char **)(void *)((char *)config + option->at);
}

static long *number_of(struct config *config, const struct option *option) {
    return (long *)(void *)((char *)config + option->at);
}

bool config_replace(char **place, const char *text) {
    char *copy = strdup(text);
    if (copy == NULL) {
        return false;
    }
    free(*place);
    *place = copy;
    return true;
}

static bool is_listen(const char *value) {
    const char *colon = strrchr(value, ':');
    int64_t port = 0;
    return colon != NULL && colon != value && number_parse(colon + 1, 0, 65535, &port);
}

static bool is_choice(const struct option *option, const char *value) {
    for (size_t i = 0; option->choices[i] != NULL; i++) {
        if (strcmp(option->choices[i], value) == 0) {
            return true;
        }
    }
    return false;
}

/* False with what it must be. */
static bool put(struct config *config, const struct option *option, const char *value,
                char error[CONFIG_ERROR_SIZE]) {
    int64_t number = 0;
    switch (option->kind) {
    case KIND_NUMBER:
        if (!number_parse(value, option->min, option->max, &number)) {
            say(error, "%s: must be a number from %ld to %ld", option->key, option->min, option->max);
            return false;
        }
        *number_of(config, option) = (long)number;
        return true;
    case KIND_CHOICE:
        if (!is_choice(option, value)) {
            say(error, "%s: must be one of the words that the sample file names", option->key);
            return false;
        }
        break;
    case KIND_LISTEN:
        if (!is_listen(value)) {
            say(error, "%s: must be ADDRESS:PORT", option->key);
            return false;
        }
        break;
    case KIND_TEXT:
        if (strlen(value) < (size_t)option->min || strlen(value) > (size_t)option->max) {
            say(error, "%s: is too long, or empty", option->key);
            return false;
        }
        break;
    }
    return config_replace(text_of(config, option), value);
}

/* ---- the file ---------------------------------------------------------------------------------------------- */

/* Whom libconfuse's callbacks work for: they get no context. NULL while nothing is read. */
static struct reading {
    struct config *config;
    char *error;
    bool failed;
    bool seen[COUNT(options)];
} * reading;

/* Only the first error counts. */
static void reading_failed(cfg_t *cfg, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

static void reading_failed(cfg_t *cfg, const char *format, va_list arguments) {
    char sentence[CONFIG_ERROR_SIZE / 2];
    if (reading == NULL || reading->failed) {
        return;
    }
    reading->failed = true;
    (void)vsnprintf(sentence, sizeof sentence, format, arguments);
    say(reading->error, "%s:%d: %s", cfg->filename, cfg->line, sentence);
}

/* One value outside a section. 0: taken. */
static int reading_value(cfg_t *cfg, cfg_opt_t *opt, const char *value, void *result) {
    char error[CONFIG_ERROR_SIZE];
    for (size_t i = 0; i < COUNT(options); i++) {
        if (strcmp(options[i].key, opt->name) != 0) {
            continue;
        }
        if (reading->seen[i]) {
            cfg_error(cfg, "%s: is given twice", opt->name);
            return -1;
        }
        reading->seen[i] = true;
        if (!put(reading->config, &options[i], value, error)) {
            cfg_error(cfg, "%s", error);
            return -1;
        }
        *(const char **)result = value;
        return 0;
    }
    return -1;
}

static bool is_plain_name(const char *name) {
    size_t len = name == NULL ? 0 : strlen(name);
    return len > 0 && len <= 40 && strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-_") == len;
}

bool config_add_pharmacy(struct config *config, const char *id, const char *secret) {
    struct config_pharmacy *more =
        realloc(config->pharmacies, (config->pharmacy_count + 1) * sizeof *config->pharmacies);
    if (more == NULL) {
        return false;
    }
    config->pharmacies = more;
    struct config_pharmacy *one = &more[config->pharmacy_count++];
    *one = (struct config_pharmacy){.id = strdup(id), .secret = strdup(secret)};
    return one->id != NULL && one->secret != NULL;
}

/* A section at its end: libconfuse validates it with the line of its closing brace. */
static int reading_pharmacy(cfg_t *cfg, cfg_opt_t *opt) {
    cfg_t *section = cfg_opt_getnsec(opt, cfg_opt_size(opt) - 1);
    const char *secret = section == NULL ? NULL : cfg_getstr(section, "secret");
    struct config *config = reading->config;
    if (section == NULL || !is_plain_name(cfg_title(section))) {
        cfg_error(cfg, "pharmacy: its name must be of small letters, digits, - and _");
        return -1;
    }
    if (secret == NULL || secret[0] == '\0') {
        cfg_error(cfg, "pharmacy %s: names no secret", cfg_title(section));
        return -1;
    }
    if (config->pharmacy_count >= PHARMACIES_MAX ||
        !config_add_pharmacy(config, cfg_title(section), secret)) {
        cfg_error(cfg, "pharmacy: there are too many");
        return -1;
    }
    struct config_pharmacy *one = &config->pharmacies[config->pharmacy_count - 1];
    return config_replace(&one->name, cfg_getstr(section, "name")) &&
                   config_replace(&one->ods, cfg_getstr(section, "ods")) &&
                   config_replace(&one->telephone, cfg_getstr(section, "telephone"))
               ? 0
               : -1;
}

/* Comments become blanks: libconfuse counts their lines more than once. */
static void blank_comments(char *text) {
    char quote = '\0';
    for (char *at = text; *at != '\0'; at++) {
        if (quote != '\0') {
            if (*at == '\\' && at[1] != '\0') {
                at++;
            } else if (*at == quote) {
                quote = '\0';
            }
        } else if (*at == '"' || *at == '\'') {
            quote = *at;
        } else if (*at == '#') {
            for (; at[1] != '\0' && at[1] != '\n'; at++) {
                *at = ' ';
            }
            *at = ' ';
        } else if (*at == '\r') {
            *at = ' ';
        }
    }
}

static bool parse(struct reading *now, FILE *stream, const char *name) {
    cfg_opt_t in_pharmacy[] = {CFG_STR("name", "", CFGF_NONE), CFG_STR("ods", "", CFGF_NONE),
                               CFG_STR("telephone", "", CFGF_NONE), CFG_STR("secret", "", CFGF_NONE),
                               CFG_END()};
    cfg_opt_t opts[COUNT(options) + 2];
    for (size_t i = 0; i < COUNT(options); i++) {
        opts[i] = (cfg_opt_t){
            .name = options[i].key, .type = CFGT_STR, .flags = CFGF_NODEFAULT, .parsecb = reading_value};
    }
    opts[COUNT(options)] =
        (cfg_opt_t)CFG_SEC("pharmacy", in_pharmacy, CFGF_MULTI | CFGF_TITLE | CFGF_NO_TITLE_DUPES);
    opts[COUNT(options) + 1] = (cfg_opt_t)CFG_END();
    cfg_t *cfg = cfg_init(opts, CFGF_NONE);
    if (cfg == NULL) {
        return false;
    }
    (void)cfg_set_error_function(cfg, reading_failed);
    (void)cfg_set_validate_func(cfg, "pharmacy", reading_pharmacy);
    cfg->filename = strdup(name);
    reading = now;
    int result = cfg->filename == NULL ? CFG_FILE_ERROR : cfg_parse_fp(cfg, stream);
    reading = NULL;
    (void)cfg_free(cfg);
    return result == CFG_SUCCESS && !now->failed;
}

/* The whole file with a NUL, free it; NULL with the reason. */
static char *read_file(const char *path, size_t *len, char error[CONFIG_ERROR_SIZE]) {
    char *text = malloc(FILE_MAX + 1);
    FILE *file = fopen(path, "re");
    bool good = false;
    if (file == NULL || text == NULL) {
        say(error, "%s: cannot be opened: %s", path, strerrordesc_np(errno));
    } else {
        *len = fread(text, 1, FILE_MAX, file);
        if (ferror(file) != 0 || *len == FILE_MAX || memchr(text, '\0', *len) != NULL) {
            say(error, "%s: cannot be read, is too large, or is no text", path);
        } else {
            text[*len] = '\0';
            good = true;
        }
    }
    if (file != NULL) {
        (void)fclose(file);
    }
    if (!good) {
        free(text);
        text = NULL;
    }
    return text;
}

static bool read_over(struct config *config, const char *path, char error[CONFIG_ERROR_SIZE]) {
    struct reading now = {.config = config, .error = error};
    size_t len = 0;
    char *text = read_file(path, &len, error);
    if (text == NULL) {
        return false;
    }
    blank_comments(text);
    say(error, "%s: cannot be read", path);
    FILE *stream = len == 0 ? NULL : fmemopen(text, len, "r");
    bool good = len == 0 || (stream != NULL && parse(&now, stream, path));
    if (stream != NULL) {
        (void)fclose(stream);
    }
    free(text);
    return good;
}

/* What no single option can say. */
static bool check(const struct config *config, const char *path, char error[CONFIG_ERROR_SIZE]) {
    assert(config->client_certificates != NULL && config->client_ca != NULL && config->url != NULL);
    if (config->connections_per_address > config->connections_max) {
        say(error, "%s: connections_per_address: must not be more than connections_max", path);
    } else if (strcmp(config->client_certificates, "required") == 0 && config->client_ca[0] == '\0') {
        say(error, "%s: client_certificates: required needs client_ca", path);
    } else if (config->url[0] != '\0' &&
               (strncmp(config->url, "https://", 8) != 0 || strchr(config->url + 8, '/') != NULL)) {
        say(error, "%s: url: must be https:// and a name, without a path", path);
    } else {
        return true;
    }
    return false;
}

struct config *config_read(const char *path, char error[CONFIG_ERROR_SIZE]) {
    struct config *config = calloc(1, sizeof *config);
    bool good = true;
    say(error, "There is not enough memory.");
    if (config == NULL) {
        return NULL;
    }
    for (size_t i = 0; good && i < COUNT(options); i++) {
        good = put(config, &options[i], options[i].preset, error);
    }
    if (!good || (path != NULL && !read_over(config, path, error)) ||
        !check(config, path == NULL ? "configuration" : path, error)) {
        config_free(&config);
    }
    return config;
}

void config_free(struct config **config) {
    if (*config == NULL) {
        return;
    }
    for (size_t i = 0; i < COUNT(options); i++) {
        if (options[i].kind != KIND_NUMBER) {
            free(*text_of(*config, &options[i]));
        }
    }
    for (size_t i = 0; i < (*config)->pharmacy_count; i++) {
        struct config_pharmacy *one = &(*config)->pharmacies[i];
        sodium_memzero(one->secrets, sizeof one->secrets);
        free(one->id);
        free(one->name);
        free(one->ods);
        free(one->telephone);
        free(one->secret);
    }
    free((*config)->pharmacies);
    free(*config);
    *config = NULL;
}

char *config_below(const struct config *config, const char *path) {
    char *whole = NULL;
    if (path[0] == '/') {
        return strdup(path);
    }
    return asprintf(&whole, "%s/%s", config->data, path) < 0 ? NULL : whole;
}

/* ---- secrets ----------------------------------------------------------------------------------------------- */

char *config_credential(const struct config *config, const char *name) {
    static const char *const prefixes[] = {"", "secrets_"};
    const char *folder = getenv("CREDENTIALS_DIRECTORY"); /* NOLINT(concurrency-mt-unsafe): never set here */
    for (size_t i = 0; folder != NULL && strchr(name, '/') == NULL && i < COUNT(prefixes); i++) {
        char *path = NULL;
        if (asprintf(&path, "%s/%s%s", folder, prefixes[i], name) < 0) {
            return NULL;
        }
        if (access(path, R_OK) == 0) {
            return path;
        }
        free(path);
    }
    return config_below(config, name);
}

static bool read_lines(struct config_pharmacy *pharmacy, const char *path, const char *text,
                       char error[CONFIG_ERROR_SIZE]) {
    int line = 1;
    pharmacy->secret_count = 0;
    for (const char *at = text; *at != '\0'; line++) {
        size_t len = strcspn(at, "\r\n");
        if (len > 0 && (pharmacy->secret_count == CONFIG_SECRETS_MAX ||
                        !secret_parse(at, len, &pharmacy->secrets[pharmacy->secret_count++]))) {
            say(error, "%s:%d: must be whsec_ and the base64 of 24 to 64 bytes, at most %d of them", path,
                line, CONFIG_SECRETS_MAX);
            return false;
        }
        at += len;
        at += *at == '\r' ? 1 : 0;
        at += *at == '\n' ? 1 : 0;
    }
    if (pharmacy->secret_count == 0) {
        say(error, "%s: there is no secret in it", path);
    }
    return pharmacy->secret_count > 0;
}

bool config_read_secrets(struct config *config, char error[CONFIG_ERROR_SIZE]) {
    for (size_t i = 0; i < config->pharmacy_count; i++) {
        size_t len = 0;
        char *path = config_credential(config, config->pharmacies[i].secret);
        char *text = path == NULL ? NULL : read_file(path, &len, error);
        bool good = text != NULL && read_lines(&config->pharmacies[i], path, text, error);
        if (text != NULL) {
            sodium_memzero(text, len);
        }
        free(text);
        free(path);
        if (!good) {
            return false;
        }
    }
    return true;
}

/* ---- for people -------------------------------------------------------------------------------------------- */

void config_sample(FILE *out) {
    fputs(
        "# The configuration of instalment-inbox, as `instalment-inbox --sample-config` prints it: every "
        "option\n"
        "# with its default. What differs, write without the '#'; `instalment-inbox --check-config --config\n"
        "# FILE` looks at it. SIGHUP reads pharmacies, secrets and the certificate again.\n",
        out);
    for (size_t i = 0; i < COUNT(options); i++) {
        const char *quote = options[i].kind == KIND_NUMBER ? "" : "\"";
        fprintf(out, "\n# %s\n", options[i].help);
        if (options[i].kind == KIND_NUMBER) {
            fprintf(out, "# (%ld to %ld)\n", options[i].min, options[i].max);
        }
        for (size_t k = 0; options[i].kind == KIND_CHOICE && options[i].choices[k] != NULL; k++) {
            fprintf(out, "%s%s%s", k == 0 ? "# (" : ", ", options[i].choices[k],
                    options[i].choices[k + 1] == NULL ? ")\n" : "");
        }
        fprintf(out, "#%s = %s%s%s\n", options[i].key, quote, options[i].preset, quote);
    }
    fputs("\n# One section for each pharmacy that may send.\n#pharmacy \"greenway\" {\n", out);
    for (size_t i = 0; i < COUNT(pharmacy_options); i++) {
        fprintf(out, "#    # %s\n#    %s = \"%s\"\n", pharmacy_options[i].help, pharmacy_options[i].key,
                strcmp(pharmacy_options[i].key, "secret") == 0 ? "greenway.secret" : "");
    }
    fputs("#}\n", out);
}
