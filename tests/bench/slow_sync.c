/*
 * A disk as in a shop: each sync takes 8 ms longer. Loaded into the server to be measured (LD_PRELOAD), the daemon and
 * the peer alike.
 */
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define SYNC_NS 8000000

static void wait_for_disk(void) {
    (void)nanosleep(&(struct timespec){.tv_nsec = SYNC_NS}, NULL);
}

int fsync(int fd) {
    wait_for_disk();
    return (int)syscall(SYS_fsync, fd);
}

int fdatasync(int fd) {
    wait_for_disk();
    return (int)syscall(SYS_fdatasync, fd);
}
