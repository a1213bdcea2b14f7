/* The screen of the counter (ncurses): draws a state, reads keys. One thread, one screen. */
#ifndef INSTALMENT_CLI_COUNTER_DRAW_H
#define INSTALMENT_CLI_COUNTER_DRAW_H

#include "counter_state.h"

/* Takes the terminal. False: it cannot show a screen (no such terminal type). */
bool counter_screen_begin(bool colour);
/* Gives it back as it was; allowed twice. */
void counter_screen_end(void);
/* busy: what is being asked for, "" nothing. */
void counter_draw(struct counter *counter, const char *busy);
/* A key that waits; false where none does. A new size of the terminal is none: draw again. */
bool counter_read_key(struct counter_pressed *out);

#endif
