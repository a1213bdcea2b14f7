#include "fault_vfs.h"

#include <assert.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SECTOR 512
#define FILES 8
#define NAME 64
#define REGIONS 16
#define LOCKS 8

struct bytes {
    unsigned char *at;
    int64_t len;
    int64_t room;
};

/* A write (data) or a truncation (no data, to `offset`) that was not synced. */
struct pending {
    struct pending *next;
    int64_t offset;
    int64_t len;
    bool truncates;
    unsigned char data[];
};

struct node {
    char name[NAME]; /* "": free */
    bool exists;     /* for whoever looks now */
    bool exists_synced;
    struct bytes now;
    struct bytes synced;
    struct pending *first;
    struct pending *last;
    void *regions[REGIONS]; /* shared memory: lost with the power, never on the disk */
    int region_users;
    int shared[LOCKS];
    bool exclusive[LOCKS];
    int readers; /* the file's own locks */
    bool reserved;
    bool writing;
};

struct saved {
    char name[NAME];
    struct bytes bytes;
};

struct handle {
    sqlite3_file base;
    struct node *node;
    int lock;
    unsigned held_shared;    /* bits of the shared memory's locks */
    unsigned held_exclusive; /* the same */
    bool mapped;
    bool deletes;
    bool
        syncs_folder; /* a log or journal that was perhaps made just now: its first sync is one of the folder too */
};

static pthread_mutex_t disk_lock = PTHREAD_MUTEX_INITIALIZER;
static struct node nodes[FILES];
static struct saved saved[FILES];
static int open_files;
static int power_at;
static uint64_t chance;
static bool power_is_off;
static int error_at;
static unsigned error_kinds;
static int error_code;
static bool error_hit;
static int operations;

/* ---- small things ---- */

static uint64_t next_chance(void) {
    chance ^= chance << 13;
    chance ^= chance >> 7;
    chance ^= chance << 17;
    return chance;
}

static void bytes_resize(struct bytes *bytes, int64_t len) {
    if (len > bytes->room) {
        bytes->room = len * 2;
        bytes->at = realloc(bytes->at, (size_t)bytes->room);
        assert(bytes->at != NULL);
    }
    if (len > bytes->len)
        memset(bytes->at + bytes->len, 0, (size_t)(len - bytes->len));
    bytes->len = len;
}

static void bytes_put(struct bytes *bytes, int64_t offset, const void *data, int64_t len) {
    if (offset + len > bytes->len)
        bytes_resize(bytes, offset + len);
    memcpy(bytes->at + offset, data, (size_t)len);
}

static void bytes_copy(struct bytes *to, const struct bytes *from) {
    bytes_resize(to, from->len);
    if (from->len > 0)
        memcpy(to->at, from->at, (size_t)from->len);
}

static void bytes_release(struct bytes *bytes) {
    free(bytes->at);
    *bytes = (struct bytes){0};
}

static void forget_pending(struct node *node) {
    while (node->first != NULL) {
        struct pending *next = node->first->next;
        free(node->first);
        node->first = next;
    }
    node->last = NULL;
}

static void forget_regions(struct node *node) {
    for (int i = 0; i < REGIONS; i++) {
        free(node->regions[i]);
        node->regions[i] = NULL;
    }
}

static void add_pending(struct node *node, const void *data, int64_t offset, int64_t len) {
    struct pending *one = malloc(sizeof *one + (size_t)(data == NULL ? 0 : len));
    assert(one != NULL);
    *one = (struct pending){.offset = offset, .len = len, .truncates = data == NULL};
    if (data != NULL)
        memcpy(one->data, data, (size_t)len);
    if (node->last == NULL)
        node->first = one;
    else
        node->last->next = one;
    node->last = one;
}

static struct node *node_find(const char *name) {
    for (int i = 0; i < FILES; i++)
        if (nodes[i].name[0] != '\0' && strcmp(nodes[i].name, name) == 0)
            return &nodes[i];
    return NULL;
}

static struct node *node_add(const char *name) {
    for (int i = 0; i < FILES; i++) {
        if (nodes[i].name[0] == '\0') {
            snprintf(nodes[i].name, NAME, "%s", name);
            return &nodes[i];
        }
    }
    abort();
}

static void node_sync(struct node *node) {
    bytes_copy(&node->synced, &node->now);
    forget_pending(node);
    node->exists_synced = node->exists;
}

/* Which files there are is on the disk from now on. */
static void folder_sync(void) {
    for (int i = 0; i < FILES; i++) {
        if (!nodes[i].exists)
            node_sync(&nodes[i]);
        nodes[i].exists_synced = nodes[i].exists;
    }
}

static void node_release(struct node *node) {
    forget_pending(node);
    forget_regions(node);
    bytes_release(&node->now);
    bytes_release(&node->synced);
    *node = (struct node){0};
}

/* ---- the power goes ---- */

/* One write that was under way: every sector by itself. */
static void survive_write(struct bytes *disk, const struct pending *one) {
    int64_t done = 0;
    while (done < one->len) {
        int64_t offset = one->offset + done;
        int64_t len = SECTOR - offset % SECTOR;
        if (len > one->len - done)
            len = one->len - done;
        uint64_t fate = next_chance() % 8;
        if (fate < 4)
            bytes_put(disk, offset, one->data + done, len);
        else if (fate == 4)
            bytes_put(disk, offset, one->data + done, (int64_t)(next_chance() % (uint64_t)len));
        done += len;
    }
}

/* What the disk has of a file after the power went. Now and then all of it, or nothing, for the extremes. */
static void survive(struct node *node) {
    uint64_t extreme = next_chance() % 8;
    for (struct pending *one = node->first; one != NULL; one = one->next) {
        if (extreme == 0)
            continue;
        if (one->truncates) {
            if (extreme == 1 || next_chance() % 2 == 0)
                bytes_resize(&node->synced, one->offset);
        } else if (extreme == 1) {
            bytes_put(&node->synced, one->offset, one->data, one->len);
        } else {
            survive_write(&node->synced, one);
        }
    }
    if (node->exists != node->exists_synced)
        node->exists_synced = next_chance() % 2 == 0;
}

static void power_off(void) {
    power_is_off = true;
    for (int i = 0; i < FILES; i++) {
        if (nodes[i].name[0] != '\0')
            survive(&nodes[i]);
    }
}

/* Counts an operation. SQLITE_OK: it goes ahead; anything else: it has failed. */
static int operate(unsigned kind) {
    if (power_is_off)
        return SQLITE_IOERR;
    if (error_kinds != 0) {
        if ((kind & error_kinds) != 0 && ++operations == error_at) {
            error_hit = true;
            return error_code;
        }
        return SQLITE_OK;
    }
    if ((kind & FAULT_CHANGES) != 0 && ++operations == power_at) {
        power_off();
        return SQLITE_IOERR;
    }
    return SQLITE_OK;
}

/* ---- the file's methods ---- */

static int file_close(sqlite3_file *file) {
    struct handle *handle = (struct handle *)file;
    pthread_mutex_lock(&disk_lock);
    open_files--;
    if (handle->deletes)
        node_release(handle->node);
    pthread_mutex_unlock(&disk_lock);
    return SQLITE_OK;
}

static int file_read(sqlite3_file *file, void *out, int len, sqlite3_int64 offset) {
    struct node *node = ((struct handle *)file)->node;
    pthread_mutex_lock(&disk_lock);
    int code = operate(FAULT_READ);
    if (code == SQLITE_OK) {
        int64_t there = node->now.len - offset;
        there = there < 0 ? 0 : there > len ? len : there;
        if (there > 0)
            memcpy(out, node->now.at + offset, (size_t)there);
        memset((char *)out + there, 0, (size_t)(len - there));
        code = there == len ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
    }
    pthread_mutex_unlock(&disk_lock);
    return code;
}

/* The write at which the power goes is itself one of those that may survive in part. */
static int file_write(sqlite3_file *file, const void *data, int len, sqlite3_int64 offset) {
    struct node *node = ((struct handle *)file)->node;
    pthread_mutex_lock(&disk_lock);
    if (!power_is_off && error_kinds == 0 && operations + 1 == power_at)
        add_pending(node, data, offset, len);
    int code = operate(FAULT_WRITE);
    if (code == SQLITE_OK) {
        add_pending(node, data, offset, len);
        bytes_put(&node->now, offset, data, len);
    }
    pthread_mutex_unlock(&disk_lock);
    return code;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 len) {
    struct node *node = ((struct handle *)file)->node;
    pthread_mutex_lock(&disk_lock);
    int code = operate(FAULT_TRUNCATE);
    if (code == SQLITE_OK) {
        add_pending(node, NULL, len, 0);
        bytes_resize(&node->now, len);
    }
    pthread_mutex_unlock(&disk_lock);
    return code == SQLITE_IOERR ? SQLITE_IOERR_TRUNCATE : code;
}

static int file_sync(sqlite3_file *file, int flags) {
    (void)flags;
    struct handle *handle = (struct handle *)file;
    pthread_mutex_lock(&disk_lock);
    int code = operate(FAULT_SYNC);
    if (code == SQLITE_OK) {
        node_sync(handle->node);
        if (handle->syncs_folder)
            folder_sync();
        handle->syncs_folder = false;
    }
    pthread_mutex_unlock(&disk_lock);
    return code == SQLITE_IOERR ? SQLITE_IOERR_FSYNC : code;
}

static int file_size(sqlite3_file *file, sqlite3_int64 *out) {
    pthread_mutex_lock(&disk_lock);
    *out = ((struct handle *)file)->node->now.len;
    int code = power_is_off ? SQLITE_IOERR_FSTAT : SQLITE_OK;
    pthread_mutex_unlock(&disk_lock);
    return code;
}

static bool may_lock(const struct handle *handle, int lock) {
    const struct node *node = handle->node;
    if (lock == SQLITE_LOCK_SHARED)
        return !node->writing;
    if (lock == SQLITE_LOCK_RESERVED)
        return !node->reserved || handle->lock >= SQLITE_LOCK_RESERVED;
    return (!node->reserved || handle->lock >= SQLITE_LOCK_RESERVED) && node->readers == 1;
}

static int file_lock(sqlite3_file *file, int lock) {
    struct handle *handle = (struct handle *)file;
    pthread_mutex_lock(&disk_lock);
    int code = SQLITE_OK;
    if (handle->lock < lock) {
        if (may_lock(handle, lock)) {
            handle->node->readers += handle->lock == SQLITE_LOCK_NONE;
            handle->node->reserved = handle->node->reserved || lock >= SQLITE_LOCK_RESERVED;
            handle->node->writing = handle->node->writing || lock == SQLITE_LOCK_EXCLUSIVE;
            handle->lock = lock;
        } else {
            code = SQLITE_BUSY;
        }
    }
    pthread_mutex_unlock(&disk_lock);
    return code;
}

static int file_unlock(sqlite3_file *file, int lock) {
    struct handle *handle = (struct handle *)file;
    pthread_mutex_lock(&disk_lock);
    if (handle->lock > lock) {
        if (handle->lock >= SQLITE_LOCK_RESERVED) {
            handle->node->reserved = false;
            handle->node->writing = false;
        }
        handle->node->readers -= lock == SQLITE_LOCK_NONE;
        handle->lock = lock;
    }
    pthread_mutex_unlock(&disk_lock);
    return SQLITE_OK;
}

static int file_reserved(sqlite3_file *file, int *out) {
    pthread_mutex_lock(&disk_lock);
    *out = ((struct handle *)file)->node->reserved;
    pthread_mutex_unlock(&disk_lock);
    return SQLITE_OK;
}

static int file_control(sqlite3_file *file, int operation, void *argument) {
    (void)file;
    (void)operation;
    (void)argument;
    return SQLITE_NOTFOUND;
}

static int file_sector(sqlite3_file *file) {
    (void)file;
    return SECTOR;
}

/* Nothing but what Debian's own file system layer says: a write leaves its neighbours alone. */
static int file_character(sqlite3_file *file) {
    (void)file;
    return SQLITE_IOCAP_POWERSAFE_OVERWRITE;
}

static int shm_map(sqlite3_file *file, int region, int size, int extend, void volatile **out) {
    struct handle *handle = (struct handle *)file;
    struct node *node = handle->node;
    assert(region < REGIONS);
    pthread_mutex_lock(&disk_lock);
    node->region_users += !handle->mapped;
    handle->mapped = true;
    if (node->regions[region] == NULL && extend) {
        node->regions[region] = calloc(1, (size_t)size);
        assert(node->regions[region] != NULL);
    }
    *out = node->regions[region];
    pthread_mutex_unlock(&disk_lock);
    return SQLITE_OK;
}

static bool shm_free(const struct handle *handle, int slot, bool exclusive) {
    const struct node *node = handle->node;
    int others = node->shared[slot] - (int)(handle->held_shared >> slot & 1);
    return !node->exclusive[slot] && (!exclusive || others == 0);
}

static void shm_take(struct handle *handle, int slot, bool exclusive) {
    unsigned bit = 1U << slot;
    if (exclusive) {
        handle->node->exclusive[slot] = true;
        handle->held_exclusive |= bit;
    } else if ((handle->held_shared & bit) == 0) {
        handle->node->shared[slot]++;
        handle->held_shared |= bit;
    }
}

static void shm_give(struct handle *handle, int slot) {
    unsigned bit = 1U << slot;
    if ((handle->held_exclusive & bit) != 0)
        handle->node->exclusive[slot] = false;
    if ((handle->held_shared & bit) != 0)
        handle->node->shared[slot]--;
    handle->held_exclusive &= ~bit;
    handle->held_shared &= ~bit;
}

static int shm_lock(sqlite3_file *file, int offset, int count, int flags) {
    struct handle *handle = (struct handle *)file;
    bool exclusive = (flags & SQLITE_SHM_EXCLUSIVE) != 0;
    bool free_now = true;
    pthread_mutex_lock(&disk_lock);
    for (int i = offset; i < offset + count; i++) {
        if ((flags & SQLITE_SHM_UNLOCK) != 0)
            shm_give(handle, i);
        else
            free_now = free_now && shm_free(handle, i, exclusive);
    }
    for (int i = offset; (flags & SQLITE_SHM_LOCK) != 0 && free_now && i < offset + count; i++)
        shm_take(handle, i, exclusive);
    pthread_mutex_unlock(&disk_lock);
    return free_now ? SQLITE_OK : SQLITE_BUSY;
}

static void shm_barrier(sqlite3_file *file) {
    (void)file;
    pthread_mutex_lock(&disk_lock);
    pthread_mutex_unlock(&disk_lock);
}

static int shm_unmap(sqlite3_file *file, int deletes) {
    (void)deletes;
    struct handle *handle = (struct handle *)file;
    pthread_mutex_lock(&disk_lock);
    for (int i = 0; i < LOCKS; i++)
        shm_give(handle, i);
    if (handle->mapped && --handle->node->region_users == 0)
        forget_regions(handle->node);
    handle->mapped = false;
    pthread_mutex_unlock(&disk_lock);
    return SQLITE_OK;
}

static const sqlite3_io_methods METHODS = {
    .iVersion = 2,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_unlock,
    .xCheckReservedLock = file_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector,
    .xDeviceCharacteristics = file_character,
    .xShmMap = shm_map,
    .xShmLock = shm_lock,
    .xShmBarrier = shm_barrier,
    .xShmUnmap = shm_unmap,
};

/* ---- the disk's methods ---- */

static int open_node(struct handle *handle, const char *name, int flags) {
    static unsigned temporary;
    char own[NAME];
    if (name == NULL) {
        snprintf(own, sizeof own, "temporary-%u", temporary++);
        name = own;
    }
    struct node *node = node_find(name);
    if (node == NULL || !node->exists) {
        if ((flags & SQLITE_OPEN_CREATE) == 0)
            return SQLITE_CANTOPEN;
        int code = operate(FAULT_OPEN);
        if (code != SQLITE_OK)
            return SQLITE_CANTOPEN;
        node = node == NULL ? node_add(name) : node;
        node->exists = true;
    }
    handle->node = node;
    handle->syncs_folder =
        (flags & SQLITE_OPEN_CREATE) != 0 && (flags & (SQLITE_OPEN_WAL | SQLITE_OPEN_MAIN_JOURNAL)) != 0;
    handle->deletes = (flags & SQLITE_OPEN_DELETEONCLOSE) != 0;
    handle->base.pMethods = &METHODS;
    open_files++;
    return SQLITE_OK;
}

static int disk_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *out) {
    (void)vfs;
    struct handle *handle = (struct handle *)file;
    *handle = (struct handle){0};
    pthread_mutex_lock(&disk_lock);
    int code = power_is_off ? SQLITE_CANTOPEN : open_node(handle, name, flags);
    pthread_mutex_unlock(&disk_lock);
    if (out != NULL)
        *out = flags;
    return code;
}

static int disk_delete(sqlite3_vfs *vfs, const char *name, int sync_folder) {
    (void)vfs;
    pthread_mutex_lock(&disk_lock);
    struct node *node = node_find(name);
    int code = node == NULL || !node->exists ? SQLITE_IOERR_DELETE_NOENT : operate(FAULT_DELETE);
    if (code == SQLITE_OK) {
        node->exists = false;
        add_pending(node, NULL, 0, 0);
        bytes_resize(&node->now, 0);
        if (sync_folder)
            folder_sync();
    }
    pthread_mutex_unlock(&disk_lock);
    return code == SQLITE_IOERR ? SQLITE_IOERR_DELETE : code;
}

static int disk_access(sqlite3_vfs *vfs, const char *name, int flags, int *out) {
    (void)vfs;
    (void)flags;
    pthread_mutex_lock(&disk_lock);
    const struct node *node = node_find(name);
    *out = node != NULL && node->exists;
    int code = power_is_off ? SQLITE_IOERR_ACCESS : SQLITE_OK;
    pthread_mutex_unlock(&disk_lock);
    return code;
}

static int disk_path(sqlite3_vfs *vfs, const char *name, int room, char *out) {
    (void)vfs;
    snprintf(out, (size_t)room, "%s", name);
    return SQLITE_OK;
}

static sqlite3_vfs *real(void) {
    return sqlite3_vfs_find("unix");
}

static int disk_random(sqlite3_vfs *vfs, int len, char *out) {
    (void)vfs;
    return real()->xRandomness(real(), len, out);
}

static int disk_sleep(sqlite3_vfs *vfs, int microseconds) {
    (void)vfs;
    return real()->xSleep(real(), microseconds);
}

static int disk_time(sqlite3_vfs *vfs, double *out) {
    (void)vfs;
    return real()->xCurrentTime(real(), out);
}

static int disk_error(sqlite3_vfs *vfs, int room, char *out) {
    (void)vfs;
    (void)room;
    (void)out;
    return 0;
}

void fault_register(void) {
    static sqlite3_vfs vfs = {
        .iVersion = 1,
        .szOsFile = sizeof(struct handle),
        .mxPathname = NAME - 1,
        .zName = FAULT_VFS,
        .xOpen = disk_open,
        .xDelete = disk_delete,
        .xAccess = disk_access,
        .xFullPathname = disk_path,
        .xRandomness = disk_random,
        .xSleep = disk_sleep,
        .xCurrentTime = disk_time,
        .xGetLastError = disk_error,
    };
    int code = sqlite3_vfs_register(&vfs, 0);
    assert(code == SQLITE_OK);
    (void)code;
}

/* ---- for the tests ---- */

void fault_format(void) {
    assert(open_files == 0);
    for (int i = 0; i < FILES; i++)
        node_release(&nodes[i]);
    fault_power_off_at(0, 1);
    power_is_off = false;
}

void fault_save(void) {
    assert(open_files == 0);
    for (int i = 0; i < FILES; i++) {
        bytes_release(&saved[i].bytes);
        saved[i].name[0] = '\0';
        if (nodes[i].name[0] != '\0' && nodes[i].exists) {
            memcpy(saved[i].name, nodes[i].name, NAME);
            bytes_copy(&saved[i].bytes, &nodes[i].now);
        }
    }
}

void fault_restore(void) {
    fault_format();
    for (int i = 0; i < FILES; i++) {
        if (saved[i].name[0] != '\0') {
            struct node *node = node_add(saved[i].name);
            bytes_copy(&node->now, &saved[i].bytes);
            node->exists = true;
            node_sync(node);
        }
    }
}

void fault_power_off_at(int at, uint64_t seed) {
    power_at = at;
    chance = seed * 0x9E3779B97F4A7C15U + 1;
    operations = 0;
    error_at = 0;
    error_kinds = 0;
    error_hit = false;
}

bool fault_power_is_off(void) {
    return power_is_off;
}

void fault_power_on(void) {
    assert(open_files == 0);
    power_is_off = false;
    power_at = 0;
    for (int i = 0; i < FILES; i++) {
        struct node *node = &nodes[i];
        forget_pending(node);
        forget_regions(node);
        if (node->name[0] != '\0' && !node->exists_synced) {
            node_release(node);
        } else {
            bytes_copy(&node->now, &node->synced);
            node->exists = node->exists_synced;
        }
    }
}

void fault_error_at(int at, unsigned kinds, int code) {
    fault_power_off_at(0, 1);
    error_at = at;
    error_kinds = kinds;
    error_code = code;
}

bool fault_error_was_hit(void) {
    return error_hit;
}

int fault_operations(void) {
    return operations;
}

int fault_open_files(void) {
    return open_files;
}
