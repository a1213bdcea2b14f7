/*
 * Tells systemd how the service stands (sd_notify's protocol, a datagram to the socket in NOTIFY_SOCKET). Without that
 * variable nothing happens. Loop thread only.
 */
#ifndef INSTALMENT_SYS_NOTIFY_H
#define INSTALMENT_SYS_NOTIFY_H

#include <stdbool.h>
#include <stdint.h>

/* Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID. Before any thread; may be called again. */
void notify_init(void);

/* Sends lines of NAME=value: "READY=1\nSTATUS=serving", "STOPPING=1", "WATCHDOG=1". Best effort: false where it was not
 * sent. */
bool notify_send(const char *state);

/* How often WATCHDOG=1 is to be sent (half of what systemd waits), in milliseconds; 0: not at all. */
int64_t notify_watchdog_ms(void);

#endif
