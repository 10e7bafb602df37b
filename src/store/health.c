/* health.c - see health.h. */
#include "store/health.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/limits.h"

#define RUNS_IN_A_ROW 2

static const char *sign(char path[LIMIT_PATH_BYTES], const char *dir, const char *name)
{
	snprintf(path, LIMIT_PATH_BYTES, "%s/%s", dir, name);
	return path;
}

/* -1 if there is none, also where the disk is full or read-only: it keeps no signs. */
static int open_sign(const char *dir, const char *name, int flags)
{
	char path[LIMIT_PATH_BYTES];

	return open(sign(path, dir, name), flags | O_CLOEXEC, 0600);
}

static unsigned char read_count(int fd)
{
	unsigned char count;

	return pread(fd, &count, 1, 0) == 1 ? count : 0;
}

static void write_count(int fd, unsigned char count)
{
	ssize_t ignored = pwrite(fd, &count, 1, 0);

	(void)ignored;
}

static void close_sign(int fd)
{
	if (fd >= 0)
		close(fd);
}

bool health_is_doubtful(const char *dir, bool alone)
{
	char path[LIMIT_PATH_BYTES];
	bool doubtful;
	int fd;

	if (access(sign(path, dir, "damaged"), F_OK) == 0)
		return true;
	fd = alone ? open_sign(dir, "opened", O_RDONLY) : -1;
	doubtful = fd >= 0 && read_count(fd) >= RUNS_IN_A_ROW;
	close_sign(fd);
	return doubtful;
}

void health_opened(const char *dir)
{
	int fd = open_sign(dir, "opened", O_RDWR | O_CREAT);
	unsigned char count = fd >= 0 ? read_count(fd) : 0;

	if (fd >= 0 && count < RUNS_IN_A_ROW)
		write_count(fd, count + 1);
	close_sign(fd);
}

void health_closed(const char *dir)
{
	int fd = open_sign(dir, "opened", O_WRONLY);

	if (fd >= 0)
		write_count(fd, 0);
	close_sign(fd);
}

void health_mark(const char *dir)
{
	close_sign(open_sign(dir, "damaged", O_WRONLY | O_CREAT));
}

void health_clear(const char *dir)
{
	char path[LIMIT_PATH_BYTES];

	health_closed(dir);
	unlink(sign(path, dir, "damaged"));
}
