/*
 * A disk for SQLite that lives in memory and can fail. It knows what was written but not synced: where the power goes,
 * each sector of each such write is kept, lost or torn (its beginning new, its end old), a file's new length is kept or
 * lost, a new file may be gone, a deleted one back, all by a seed. Or one operation returns an error.
 *
 * One disk a process; any number of connections in one thread or several.
 */
#ifndef INSTALMENT_TESTS_FAULT_VFS_H
#define INSTALMENT_TESTS_FAULT_VFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FAULT_VFS "fault"

enum fault_operation {
    FAULT_READ = 1,
    FAULT_WRITE = 2,
    FAULT_SYNC = 4,
    FAULT_TRUNCATE = 8,
    FAULT_DELETE = 16,
    FAULT_OPEN = 32,
    /* What changes the disk: the power goes just before, or in the middle of, one of these. */
    FAULT_CHANGES = FAULT_WRITE | FAULT_SYNC | FAULT_TRUNCATE | FAULT_DELETE | FAULT_OPEN
};

/* Makes the disk known to SQLite, once. */
void fault_register(void);

/* An empty disk; no file may be open. */
void fault_format(void);

/* Keeps a copy of all files as they are (synced), and puts it back. No file may be open. */
void fault_save(void);
void fault_restore(void);

/* The power goes at the `at`-th changing operation from now, from 1; 0: never. */
void fault_power_off_at(int at, uint64_t seed);

/* Has it gone? Everything fails from then on, until fault_power_on: the files are what survived. None may be open. */
bool fault_power_is_off(void);
void fault_power_on(void);

/* The `at`-th operation from now of these kinds (fault_operation, or-ed) returns this SQLite code; 0: none. */
void fault_error_at(int at, unsigned kinds, int code);
bool fault_error_was_hit(void);

/* Changing operations since fault_power_off_at, or of the kinds since fault_error_at. */
int fault_operations(void);

/* Files open now. */
int fault_open_files(void);

#endif
