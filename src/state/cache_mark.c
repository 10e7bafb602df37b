/* cache_mark.c - see cache_mark.h. */
#include "state/cache_mark.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fault.h"

/* Names the machine's current boot; "" where the system does not tell. */
static void boot_id(char id[64])
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd >= 0 ? read(fd, id, 63) : 0;

	if (fd >= 0)
		close(fd);
	id[n > 0 ? n : 0] = '\0';
}

/* What cache-dirty says: FOUND with its text, or ABSENT. */
static enum lookup read_dirty(const char *path, char text[64])
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return errno == ENOENT ? ABSENT : FAILED;
	n = read(fd, text, 63);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return FOUND;
}

bool cache_mark_survived_a_stop(const char *dir)
{
	char dirty[LIMIT_PATH_BYTES], then[64], now[64];

	snprintf(dirty, sizeof(dirty), "%s/cache-dirty", dir);
	boot_id(now);
	return read_dirty(dirty, then) == FOUND && strcmp(then, now) != 0;
}

static void sync_dir(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return;
	fsync(fd);
	close(fd);
}

void cache_mark_set(const char *dir)
{
	char dirty[LIMIT_PATH_BYTES], fresh[LIMIT_PATH_BYTES], id[64];
	int fd;

	snprintf(dirty, sizeof(dirty), "%s/cache-dirty", dir);
	if (access(dirty, F_OK) == 0)
		return;
	FAULT("cache.dirty");
	snprintf(fresh, sizeof(fresh), "%s/cache-dirty.new", dir);
	boot_id(id);
	fd = open(fresh, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0)
		return;
	if (write(fd, id, strlen(id)) >= 0 && fsync(fd) == 0 && rename(fresh, dirty) == 0)
		sync_dir(dir);
	close(fd);
}

void cache_mark_remove(const char *dir)
{
	char dirty[LIMIT_PATH_BYTES];

	snprintf(dirty, sizeof(dirty), "%s/cache-dirty", dir);
	unlink(dirty);
}
