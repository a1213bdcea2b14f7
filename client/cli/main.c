/* instalment: the pharmacy's counter from a terminal. See instalment(1). */
#include <errno.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli.h"

/* Names come in every script, whatever the terminal's own language is. */
static void set_up(struct cli *cli) {
    const char *term = getenv("TERM");
    struct winsize size = {0};
    if (setlocale(LC_CTYPE, "C.UTF-8") == NULL)
        (void)setlocale(LC_CTYPE, "");
    (void)signal(SIGPIPE, SIG_IGN);
    cli->person = isatty(STDOUT_FILENO) != 0;
    cli->colour = cli->person && getenv("NO_COLOR") == NULL && term != NULL && strcmp(term, "dumb") != 0;
    cli->width =
        cli->person && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20 ? size.ws_col : 80;
}

/* What was printed must have arrived; that the reader of a pipe has seen enough is no failure. */
static enum cli_status finish(struct cli *cli, enum cli_status status) {
    if (fflush(stdout) != 0 || ferror(stdout) != 0) {
        if (errno == EPIPE)
            return status;
        return cli_fail(cli, CLI_FAILED, "standard output cannot be written: %s", strerror(errno));
    }
    return status;
}

int main(int argc, char **argv) {
    struct cli cli = {.status = CLI_OK};
    set_up(&cli);
    enum cli_status status = cli_parse(&cli, argc, argv) ? cli.command->run(&cli) : cli.status;
    cli_progress_end(&cli);
    cli_remember_flush();
    status = finish(&cli, status);
    cli_disconnect(&cli);
    return status;
}
