#include "cups.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <pwd.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define WAIT_SECONDS 20
#define TEXT_MAX 8192

#define LABEL_SIZE "{ MEMBER integer x-dimension 7000 MEMBER integer y-dimension 3500 }"
#define A4_SIZE "{ MEMBER integer x-dimension 21000 MEMBER integer y-dimension 29700 }"
#define MARGINS                                                               \
    "MEMBER integer media-top-margin 0 MEMBER integer media-bottom-margin 0 " \
    "MEMBER integer media-left-margin 0 MEMBER integer media-right-margin 0 " \
    "MEMBER keyword media-source \"main\" MEMBER keyword media-type \"labels\""
#define MEDIA(name, size)                                                     \
    "ATTR keyword media-supported \"" name "\"\n"                             \
    "ATTR keyword media-default \"" name "\"\n"                               \
    "ATTR keyword media-ready \"" name "\"\n"                                 \
    "ATTR collection media-size-supported " size "\n"                         \
    "ATTR collection media-col-database { MEMBER collection media-size " size \
    " MEMBER keyword media-size-name \"" name "\" " MARGINS " }\n"            \
    "ATTR collection media-col-ready { MEMBER collection media-size " size    \
    " MEMBER keyword media-size-name \"" name "\" " MARGINS " }\n"            \
    "ATTR collection media-col-default { MEMBER collection media-size " size  \
    " MEMBER keyword media-size-name \"" name "\" " MARGINS " }\n"
#define FORMAT(type)                                          \
    "ATTR mimeMediaType document-format-supported " type "\n" \
    "ATTR mimeMediaType document-format-default " type "\n"

const char cups_labels[] = MEDIA("om_label_70x35mm", LABEL_SIZE) FORMAT("\"application/pdf\"");
const char cups_a4[] = MEDIA("iso_a4_210x297mm", A4_SIZE) FORMAT("\"application/pdf\"");
const char cups_raster[] = MEDIA("om_label_70x35mm", LABEL_SIZE)
    FORMAT("\"image/pwg-raster\"") "ATTR keyword pwg-raster-document-type-supported \"sgray_8\"\n"
                                   "ATTR resolution pwg-raster-document-resolution-supported 300dpi\n";

static const char print_command[] =
    "#!/bin/sh\n"
    "# Does what the file beside it says, and keeps what was printed.\n"
    "here=$(dirname \"$0\")\n"
    "what() { cat \"$here/what\"; }\n"
    "if [ \"$(what)\" = empty ]; then\n"
    "  echo 'STATE: +media-empty-error' >&2\n"
    "  while [ \"$(what)\" = empty ]; do sleep 0.2; done\n"
    "  echo 'STATE: -media-empty-error' >&2\n"
    "fi\n"
    "case $(what) in abort) exit 1 ;; slow) sleep 1 ;; esac\n"
    "cp \"$1\" \"$here/part\" && mv \"$here/part\" \"$here/$(date +%s%N).pdf\"\n";

/* ---- processes ---- */

static void nap(void) {
    nanosleep(&(struct timespec){.tv_nsec = 20000000}, NULL);
}

static void write_file(const char *path, const char *text, mode_t mode) {
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
    assert_int_equal(chmod(path, mode), 0);
}

struct text {
    char bytes[TEXT_MAX];
};

static struct text say(const char *format, ...) __attribute__((format(printf, 1, 2)));

static struct text say(const char *format, ...) {
    struct text text;
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(text.bytes, sizeof text.bytes, format, arguments);
    va_end(arguments);
    assert_true(len >= 0 && (size_t)len < sizeof text.bytes);
    return text;
}

void cups_command(char *out, size_t size, const char *format, ...) {
    char command[TEXT_MAX];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(command, sizeof command, format, arguments);
    va_end(arguments);
    assert_true(len >= 0 && (size_t)len < sizeof command);
    FILE *pipe = popen(command, "re");
    assert_non_null(pipe);
    size_t got = fread(out, 1, size - 1, pipe);
    out[got] = '\0';
    char rest[1024];
    while (fread(rest, 1, sizeof rest, pipe) > 0) {}
    int status = pclose(pipe);
    if (status != 0) {
        fail_msg("%s: status %d: %s", command, status, out);
    }
}

/* Ends with the test, whatever happens to it. */
static pid_t start(const char *log, const char *const *arguments, const char *bus) {
    pid_t parent = getpid();
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid > 0) {
        return pid;
    }
    int fd = open(log, O_WRONLY | O_CREAT | O_APPEND, 0644);
    int none = open("/dev/null", O_RDONLY);
    (void)prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (fd < 0 || none < 0 || getppid() != parent || dup2(none, 0) < 0 || dup2(fd, 1) < 0 ||
        dup2(fd, 2) < 0) {
        _exit(126);
    }
    if (bus != NULL) {
        (void)setenv("DBUS_SYSTEM_BUS_ADDRESS", bus, 1);
    }
    (void)unsetenv("CUPS_SERVER");
    execvp(arguments[0], (char *const *)(uintptr_t)arguments);
    _exit(127);
}

static void end(pid_t *pid) {
    if (*pid > 0) {
        (void)kill(*pid, SIGCONT);
        (void)kill(*pid, SIGKILL);
        (void)waitpid(*pid, NULL, 0);
        *pid = 0;
    }
}

static int free_port(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t len = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_true(fd >= 0);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof address), 0);
    assert_int_equal(getsockname(fd, (struct sockaddr *)&address, &len), 0);
    close(fd);
    return ntohs(address.sin_port);
}

static void wait_for_port(int port, const char *log) {
    struct sockaddr_in address = {
        .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK), .sin_port = htons((uint16_t)port)};
    time_t until = time(NULL) + WAIT_SECONDS;
    while (time(NULL) <= until) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
        bool open = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
        close(fd);
        if (open) {
            return;
        }
        nap();
    }
    char text[2000];
    cups_command(text, sizeof text, "tail -n 20 $(dirname '%s')/* 2>&1", log);
    fail_msg("nobody listens on port %d: %s", port, text);
}

/* ---- the print server ---- */

static void start_cupsd(struct cups *cups) {
    char conf[2][CUPS_PATH + 32];
    snprintf(conf[0], sizeof conf[0], "%s/etc/cupsd.conf", cups->folder);
    snprintf(conf[1], sizeof conf[1], "%s/etc/cups-files.conf", cups->folder);
    const char *arguments[] = {"/usr/sbin/cupsd", "-f", "-c", conf[0], "-s", conf[1], NULL};
    cups->cupsd = start(say("%s/log/out", cups->folder).bytes, arguments, NULL);
    wait_for_port(cups->port, say("%s/log/error", cups->folder).bytes);
}

static void start_bus(struct cups *cups) {
    char conf[CUPS_PATH + 64];
    snprintf(conf, sizeof conf, "--config-file=%s/bus.conf", cups->folder);
    write_file(say("%s/bus.conf", cups->folder).bytes,
               say("<busconfig><type>session</type><listen>unix:path=%s/bus</listen><auth>EXTERNAL</auth>"
                   "<policy context=\"default\"><allow send_destination=\"*\" eavesdrop=\"true\"/>"
                   "<allow eavesdrop=\"true\"/><allow own=\"*\"/></policy>"
                   "</busconfig>",
                   cups->folder)
                   .bytes,
               0644);
    const char *arguments[] = {"dbus-daemon", "--nofork", conf, NULL};
    cups->bus = start(say("%s/log/bus", cups->folder).bytes, arguments, NULL);
    time_t until = time(NULL) + WAIT_SECONDS;
    while (access(say("%s/bus", cups->folder).bytes, F_OK) != 0) {
        assert_true(time(NULL) <= until);
        nap();
    }
}

/* As root cupsd wants its filters to be somebody else, who needs the folders; otherwise everything is ours. */
static void give_folders(struct cups *cups, char users[64]) {
    static const char *const names[] = {"spool", "cache", "state", "log", "tmp"};
    const struct passwd *lp = getuid() == 0 ? getpwnam("lp") : NULL;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[CUPS_PATH + 16];
        snprintf(path, sizeof path, "%s/%s", cups->folder, names[i]);
        assert_int_equal(mkdir(path, 0755), 0);
        if (lp != NULL) {
            assert_int_equal(chown(path, lp->pw_uid, lp->pw_gid), 0);
        }
    }
    snprintf(users, 64, "%s", lp == NULL ? "" : "User lp\nGroup lp\n");
}

void cups_open(struct cups *cups) {
    char users[64];
    memset(cups, 0, sizeof *cups);
    const char *below = getenv("TMPDIR");
    snprintf(cups->folder, sizeof cups->folder, "%s/instalment-cups-XXXXXX", below == NULL ? "/tmp" : below);
    assert_non_null(mkdtemp(cups->folder));
    assert_int_equal(chmod(cups->folder, 0755), 0);
    assert_int_equal(mkdir(say("%s/etc", cups->folder).bytes, 0755), 0);
    assert_int_equal(mkdir(say("%s/root", cups->folder).bytes, 0755), 0);
    give_folders(cups, users);
    cups->port = free_port();
    snprintf(cups->server, sizeof cups->server, "127.0.0.1:%d", cups->port);
    write_file(
        say("%s/etc/cups-files.conf", cups->folder).bytes,
        say("ServerRoot %s/etc\nDataDir /usr/share/cups\nServerBin /usr/lib/cups\nRequestRoot %s/spool\n"
            "CacheDir %s/cache\nStateDir %s/state\nTempDir %s/tmp\nDocumentRoot %s/root\n"
            "AccessLog %s/log/access\nErrorLog %s/log/error\nPageLog %s/log/page\n%sSystemGroup root\n",
            cups->folder, cups->folder, cups->folder, cups->folder, cups->folder, cups->folder, cups->folder,
            cups->folder, cups->folder, users)
            .bytes,
        0644);
    write_file(
        say("%s/etc/cupsd.conf", cups->folder).bytes,
        say("Listen 127.0.0.1:%d\nLogLevel debug\nBrowsing No\nBrowseLocalProtocols none\nWebInterface No\n"
            "DefaultAuthType None\nDefaultEncryption Never\nErrorPolicy abort-job\nMaxLogSize 0\n"
            "<Location />\nOrder allow,deny\nAllow all\n</Location>\n"
            "<Policy default>\nJobPrivateAccess all\nJobPrivateValues none\n"
            "SubscriptionPrivateAccess all\nSubscriptionPrivateValues none\n"
            "<Limit All>\nOrder deny,allow\nAllow all\n</Limit>\n</Policy>\n",
            cups->port)
            .bytes,
        0644);
    /* The filter that cups-filters has, in its simplest form: a PDF is passed on as it is. */
    write_file(say("%s/etc/local.convs", cups->folder).bytes,
               "application/pdf application/vnd.cups-pdf 0 -\n", 0644);
    start_cupsd(cups);
    start_bus(cups);
}

void cups_close(struct cups *cups) {
    for (size_t i = 0; i < cups->count; i++) {
        end(&cups->printers[i].pid);
    }
    end(&cups->cupsd);
    end(&cups->bus);
    if (cups->folder[0] != '\0') {
        char out[256];
        cups_command(out, sizeof out, "rm -rf '%s'", cups->folder);
    }
    cups->folder[0] = '\0';
}

void cups_stall(struct cups *cups, bool stalled) {
    assert_int_equal(kill(cups->cupsd, stalled ? SIGSTOP : SIGCONT), 0);
}

void cups_restart(struct cups *cups) {
    (void)kill(cups->cupsd, SIGTERM);
    (void)waitpid(cups->cupsd, NULL, 0);
    start_cupsd(cups);
}

/* ---- printers ---- */

static struct cups_printer_at *printer_of(struct cups *cups, const char *name) {
    for (size_t i = 0; i < cups->count; i++) {
        if (strcmp(cups->printers[i].name, name) == 0) {
            return &cups->printers[i];
        }
    }
    fail_msg("no printer %s", name);
    abort(); /* not reached */
}

static void printer_start(struct cups *cups, struct cups_printer_at *printer) {
    char texts[6][CUPS_PATH + 64];
    snprintf(texts[0], sizeof texts[0], "%d", printer->port);
    snprintf(texts[1], sizeof texts[1], "%s/%s/spool", cups->folder, printer->name);
    snprintf(texts[2], sizeof texts[2], "%s/%s/media", cups->folder, printer->name);
    snprintf(texts[3], sizeof texts[3], "%s/%s/print", cups->folder, printer->name);
    snprintf(texts[4], sizeof texts[4], "unix:path=%s/bus", cups->folder);
    snprintf(texts[5], sizeof texts[5], "%s/log/%s", cups->folder, printer->name);
    const char *arguments[] = {"ippeveprinter", "-vvv", "-r",     "off", "-n",     "localhost", "-p",
                               texts[0],        "-d",   texts[1], "-a",  texts[2], "-c",        texts[3],
                               printer->name,   NULL};
    printer->pid = start(texts[5], arguments, texts[4]);
    wait_for_port(printer->port, texts[5]);
}

void cups_add(struct cups *cups, const char *name, const char *media) {
    char out[1024];
    assert_true(cups->count < CUPS_PRINTERS);
    struct cups_printer_at *printer = &cups->printers[cups->count++];
    *printer = (struct cups_printer_at){.port = free_port(), .media = media};
    snprintf(printer->name, sizeof printer->name, "%s", name);
    assert_int_equal(mkdir(say("%s/%s", cups->folder, name).bytes, 0755), 0);
    assert_int_equal(mkdir(say("%s/%s/spool", cups->folder, name).bytes, 0755), 0);
    write_file(say("%s/%s/media", cups->folder, name).bytes, media, 0644);
    write_file(say("%s/%s/print", cups->folder, name).bytes, print_command, 0755);
    cups_tell(cups, name, "ok");
    printer_start(cups, printer);
    cups_command(out, sizeof out,
                 "lpadmin -h %s -p %s -v ipp://localhost:%d/ipp/print -E -m everywhere -o "
                 "printer-error-policy=abort-job 2>&1",
                 cups->server, name, printer->port);
}

void cups_off(struct cups *cups, const char *name) {
    end(&printer_of(cups, name)->pid);
}

void cups_on(struct cups *cups, const char *name) {
    printer_start(cups, printer_of(cups, name));
}

void cups_tell(struct cups *cups, const char *name, const char *what) {
    char path[CUPS_PATH + 64];
    char part[CUPS_PATH + 64];
    snprintf(path, sizeof path, "%s/%s/what", cups->folder, name);
    snprintf(part, sizeof part, "%s/%s/what.part", cups->folder, name);
    write_file(part, what, 0644);
    assert_int_equal(rename(part, path), 0);
}

int cups_printed(struct cups *cups, const char *name, char path[CUPS_PATH]) {
    char out[CUPS_PATH + 64];
    cups_command(out, sizeof out, "ls %s/%s/*.pdf 2>/dev/null | wc -l", cups->folder, name);
    int count = (int)strtol(out, NULL, 10);
    if (path != NULL && count > 0) {
        cups_command(out, sizeof out, "ls %s/%s/*.pdf | tail -n 1 | tr -d '\\n'", cups->folder, name);
        snprintf(path, CUPS_PATH, "%.*s", CUPS_PATH - 1, out);
    }
    return count;
}

/* ---- jobs behind the daemon's back ---- */

#define ASK                                                                                      \
    "GROUP operation-attributes-tag ATTR charset attributes-charset utf-8 ATTR naturalLanguage " \
    "attributes-natural-language en ATTR uri printer-uri $uri ATTR name requesting-user-name $user "

int cups_bare_job(struct cups *cups, const char *name, const char *title) {
    char out[256];
    write_file(say("%s/create", cups->folder).bytes,
               say("{ OPERATION Create-Job " ASK
                   "ATTR name job-name \"%s\" STATUS successful-ok DISPLAY job-id }",
                   title)
                   .bytes,
               0644);
    cups_command(out, sizeof out, "ipptool -q -c ipp://%s/printers/%s %s/create | tail -n 1", cups->server,
                 name, cups->folder);
    int job = (int)strtol(out, NULL, 10);
    assert_true(job > 0);
    return job;
}

void cups_job_state(struct cups *cups, const char *name, int job, char state[32]) {
    write_file(say("%s/look", cups->folder).bytes,
               say("{ OPERATION Get-Job-Attributes " ASK
                   "ATTR integer job-id %d STATUS successful-ok DISPLAY job-state }",
                   job)
                   .bytes,
               0644);
    cups_command(state, 32, "ipptool -q -c ipp://%s/printers/%s %s/look | tail -n 1 | tr -d '\\n'",
                 cups->server, name, cups->folder);
}
