/*
 * The log: lines of key=value on standard error, for journald or a terminal. Four verbs, each with one meaning.
 *
 * NEVER A PATIENT: no name, date of birth, identifier, address or note, no prescription's contents, no PIN, token or
 * key, and no text that a request brought along. What a line may carry: opaque ids of things (not of patients), codes,
 * numbers, names of files and settings. An auditor reads this file and the calls below to be sure.
 *
 * A line is written in one piece. The first key is always event, a constant word: log_notice("event=ready url=%s", url).
 * Values with blanks are put in double quotes by the caller. Control characters become '?', so that one call is one
 * line. Any thread.
 */
#ifndef INSTALMENT_SYS_LOG_H
#define INSTALMENT_SYS_LOG_H

#include <stdbool.h>

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_NOTICE, LOG_LEVEL_DEBUG };

/*
 * Up to which level lines are written (notice until it is called), and to which descriptor (2 until then). With
 * JOURNAL_STREAM in the environment lines begin with journald's priority, "<3>"; without it with the clock's time.
 */
void log_init(enum log_level level, int fd);

/* Changes the level only. Any thread. */
void log_set_level(enum log_level level);

/* "error", "warning", "notice", "debug"; the parser leaves *out untouched, and returns false, on any other text. */
const char *log_level_text(enum log_level level);
bool log_level_parse(const char *text, enum log_level *out);

/* Something that was to be done has not been done, and a person must act: shown on the counter's screen too. */
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* It goes on, but not as it should: a person should look at it within days. */
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* What an administrator wants to find afterwards: started, stopped, reloaded, terminal enrolled. A few lines a day. */
void log_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* For whoever works on the program; not written unless asked for. */
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * Each level may write LOG_BURST lines at once and LOG_A_SECOND more each second; what is beyond that is counted, and
 * the next line that is written says how many were not: "event=log_dropped count=12".
 */
#define LOG_BURST 100
#define LOG_A_SECOND 10

/* The longest line; a longer one is cut. */
#define LOG_LINE_MAX 1024

#endif
