/*
 * disk.c - trouble with the disk, for tests: loaded before the libraries of PlexSync (LD_PRELOAD),
 * it makes calls below one folder fail as a disk would that is full, read-only, or not ours.
 *
 *   DISK_FOLDER   what is in trouble: a folder with everything below it, or a file
 *   DISK_TROUBLE  "full"        what needs room fails with ENOSPC
 *                 "short"       the same, but the first write that fails writes half
 *                 "sparse"      the same, but files can be made, and made longer: the room is missed where
 *                               their new pages are touched in a map, and that is a SIGBUS
 *                 "broken"      what needs room fails with EIO
 *                 "read-only"   what changes anything fails with EROFS
 *                 "unmapped"    nothing can be mapped to be shared (ENODEV), as on FUSE with direct_io
 *                 "unreadable"  opening fails with EACCES, as of a file of somebody else
 *                 anything else: nothing fails, calls are only counted
 *   DISK_FROM     the first of the process's calls that fails, from 1; the ones before it work
 *   DISK_COUNT    how many fail from there on; without it all
 *   DISK_LOG      a file to which each call that could fail is appended: its name, and the file's below the folder
 *
 * And what would take hundreds of processes:
 *
 *   DISK_READERS  the process begins so many read transactions, or as many as it can, where it would
 *                 begin its first one after opening DISK_READ_FOLDER, writes "ready" to stdout, and waits to be killed
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include <dlfcn.h>
#include <lmdb.h>

/* What the caller would have called. */
#define REAL(name) ((__typeof__(&(name)))dlsym(RTLD_NEXT, #name))

enum need { NEEDS_ROOM, NEEDS_A_NAME, NEEDS_TO_CHANGE, NEEDS_TO_OPEN };

static const char *setting(const char *name)
{
	const char *value = getenv(name);

	return value != NULL ? value : "";
}

static long number(const char *name, long otherwise)
{
	const char *value = setting(name);

	return *value != '\0' ? strtol(value, NULL, 10) : otherwise;
}

static int is_trouble(const char *name)
{
	return strcmp(setting("DISK_TROUBLE"), name) == 0;
}

static int is_below(const char *path, const char *folder)
{
	size_t len = strlen(folder);

	return len > 0 && strncmp(path, folder, len) == 0 &&
	       (path[len] == '/' || path[len] == '\0');
}

static int error_of(enum need need)
{
	if (is_trouble("unreadable"))
		return need == NEEDS_TO_OPEN ? EACCES : 0;
	if (is_trouble("read-only"))
		return need == NEEDS_TO_OPEN ? 0 : EROFS;
	if (need == NEEDS_TO_CHANGE || need == NEEDS_TO_OPEN ||
		(need == NEEDS_A_NAME && is_trouble("sparse")))
		return 0;
	if (is_trouble("full") || is_trouble("short") || is_trouble("sparse"))
		return ENOSPC;
	return is_trouble("broken") ? EIO : 0;
}

static void note(const char *call, const char *path)
{
	const char *log = setting("DISK_LOG");
	char line[PATH_MAX + 32];
	int len = snprintf(
		line, sizeof(line), "%s %s\n", call, path + strlen(setting("DISK_FOLDER")));
	int fd = *log != '\0' ? (int)syscall(SYS_openat, AT_FDCWD, log,
					O_WRONLY | O_CREAT | O_APPEND, 0600)
			      : -1;

	if (fd < 0)
		return;
	if (syscall(SYS_write, fd, line, (size_t)len) != len)
		abort();
	close(fd);
}

/* True, with errno, if this call is one that fails. */
static int fails(enum need need, const char *call, const char *path)
{
	static long calls;
	long from = number("DISK_FROM", 1), count = number("DISK_COUNT", LONG_MAX - from);
	int error = error_of(need);

	if (!is_below(path, setting("DISK_FOLDER")) || (error == 0 && need > NEEDS_A_NAME))
		return 0;
	note(call, path);
	calls++;
	if (error == 0 || calls < from || calls - from >= count)
		return 0;
	errno = error;
	return 1;
}

static const char *path_of(int fd, char path[PATH_MAX])
{
	char name[32];
	ssize_t len;

	snprintf(name, sizeof(name), "/proc/self/fd/%d", fd);
	len = readlink(name, path, PATH_MAX - 1);
	path[len > 0 ? len : 0] = '\0';
	return path;
}

static int fd_fails(enum need need, const char *call, int fd)
{
	char path[PATH_MAX];
	int before = errno, failed = fails(need, call, path_of(fd, path));

	if (!failed)
		errno = before;
	return failed;
}

/* Half of a write, once: what a disk does that becomes full. 0: nothing of it. */
static size_t part_of(size_t len)
{
	static int written;

	return is_trouble("short") && !written++ ? len / 2 : 0;
}

ssize_t write(int fd, const void *data, size_t len)
{
	if (!fd_fails(NEEDS_ROOM, "write", fd))
		return REAL(write)(fd, data, len);
	len = part_of(len);
	return len > 0 ? REAL(write)(fd, data, len) : -1;
}

ssize_t pwrite(int fd, const void *data, size_t len, off_t at)
{
	if (!fd_fails(NEEDS_ROOM, "pwrite", fd))
		return REAL(pwrite)(fd, data, len, at);
	len = part_of(len);
	return len > 0 ? REAL(pwrite)(fd, data, len, at) : -1;
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
	return fd_fails(NEEDS_ROOM, "writev", fd) ? -1 : REAL(writev)(fd, parts, count);
}

ssize_t pwritev(int fd, const struct iovec *parts, int count, off_t at)
{
	return fd_fails(NEEDS_ROOM, "pwritev", fd) ? -1 : REAL(pwritev)(fd, parts, count, at);
}

int fsync(int fd)
{
	return fd_fails(NEEDS_ROOM, "fsync", fd) ? -1 : REAL(fsync)(fd);
}

int fdatasync(int fd)
{
	return fd_fails(NEEDS_ROOM, "fdatasync", fd) ? -1 : REAL(fdatasync)(fd);
}

int ftruncate(int fd, off_t size)
{
	if (!fd_fails(NEEDS_ROOM, "ftruncate", fd))
		return REAL(ftruncate)(fd, size);
	return is_trouble("sparse") ? 0
				    : -1; /* there are no pages behind its end: as good as a hole */
}

int posix_fallocate(int fd, off_t at, off_t len)
{
	return fd_fails(NEEDS_ROOM, "fallocate", fd) ? errno : REAL(posix_fallocate)(fd, at, len);
}

int fallocate(int fd, int mode, off_t at, off_t len)
{
	return fd_fails(NEEDS_ROOM, "fallocate", fd) ? -1 : REAL(fallocate)(fd, mode, at, len);
}

static int exists(const char *path)
{
	struct stat st;
	int before = errno, found = stat(path, &st) == 0;

	errno = before;
	return found;
}

static int open_fails(const char *path, int flags)
{
	int changes = (flags & O_ACCMODE) != O_RDONLY || (flags & (O_CREAT | O_TRUNC)) != 0;

	if (fails(NEEDS_TO_OPEN, "open", path))
		return 1;
	if ((flags & O_CREAT) && !exists(path))
		return fails(NEEDS_A_NAME, "create", path);
	return changes && fails(NEEDS_TO_CHANGE, "open", path);
}

int open(const char *path, int flags, ...)
{
	va_list args;
	mode_t mode;

	va_start(args, flags);
	mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
	va_end(args);
	return open_fails(path, flags) ? -1 : REAL(open)(path, flags, mode);
}

int mkdir(const char *path, mode_t mode)
{
	return !exists(path) && fails(NEEDS_A_NAME, "mkdir", path) ? -1 : REAL(mkdir)(path, mode);
}

int rename(const char *from, const char *to)
{
	return fails(NEEDS_TO_CHANGE, "rename", to) ? -1 : REAL(rename)(from, to);
}

int unlink(const char *path)
{
	return fails(NEEDS_TO_CHANGE, "unlink", path) ? -1 : REAL(unlink)(path);
}

int unlinkat(int dir, const char *name, int flags)
{
	return fd_fails(NEEDS_TO_CHANGE, "unlink", dir) ? -1 : REAL(unlinkat)(dir, name, flags);
}

int mdb_env_open(MDB_env *env, const char *path, unsigned flags, mdb_mode_t mode)
{
	if (is_trouble("unmapped") && is_below(path, setting("DISK_FOLDER")))
		return ENODEV;
	return REAL(mdb_env_open)(env, path, flags, mode);
}

static void be_many(MDB_env *env, long count)
{
	MDB_txn *reader;

	while (count-- > 0 && REAL(mdb_txn_begin)(env, NULL, MDB_RDONLY, &reader) == 0)
		;
	if (REAL(write)(STDOUT_FILENO, "ready\n", 6) != 6)
		abort();
	for (;;)
		pause();
}

int mdb_txn_begin(MDB_env *env, MDB_txn *parent, unsigned flags, MDB_txn **txn)
{
	long readers = number("DISK_READERS", 0);
	const char *path = "";
	static int begun;

	if (readers > 0 && (flags & MDB_RDONLY) && mdb_env_get_path(env, &path) == 0 &&
		is_below(path, setting("DISK_READ_FOLDER")) && begun++ > 0)
		be_many(env, readers);
	return REAL(mdb_txn_begin)(env, parent, flags, txn);
}
