/*
 * One line for each thing of note, key=value, to standard error. Never a patient, a note, a message's text or a secret;
 * people by their sign-in name only in the database's audit, not here.
 */
#ifndef INSTALMENT_INBOX_LOG_H
#define INSTALMENT_INBOX_LOG_H

enum log_level { LOG_ERROR, LOG_WARNING, LOG_NOTICE, LOG_DEBUG };

void log_set_level(enum log_level level);

/* ERROR: it does not go on like that. WARNING: somebody should look. NOTICE: what an administrator wants to know. */
void log_line(enum log_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* systemd's notification socket, where there is one: "READY=1" and the like. */
void log_notify(const char *state);

#endif
