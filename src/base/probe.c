/* probe.c - see probe.h. */
#include "base/probe.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/limits.h"

/* The file that both look at: one byte that the child writes through its map,
 * one that it writes with pwrite(2), each on a page of its own. */
#define PROBE_BYTES 32768
#define MAP_AT	    4096
#define WRITE_AT    16384
#define MARK	    'x'

/* What the child found. */
enum { CHILD_FINE = 0, CHILD_NO_LOCKS, CHILD_NO_MAP, CHILD_NO_WRITE };

static int set_lock(int fd, short type)
{
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = 0, .l_len = 1};

	return fcntl(fd, F_SETLK, &lock);
}

static char *map_file(int fd)
{
	void *map = mmap(NULL, PROBE_BYTES, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

	return map == MAP_FAILED ? NULL : map;
}

/* The parent holds the lock; the child must not get it, and leaves its marks. */
static int child(const char *path)
{
	const char mark = MARK;
	int fd = open(path, O_RDWR | O_CLOEXEC);
	char *map;

	if (fd < 0)
		return CHILD_NO_WRITE;
	if (set_lock(fd, F_WRLCK) == 0 || (errno != EACCES && errno != EAGAIN))
		return CHILD_NO_LOCKS;
	map = map_file(fd);
	if (map == NULL)
		return CHILD_NO_MAP;
	map[MAP_AT] = MARK;
	return pwrite(fd, &mark, 1, WRITE_AT) == 1 ? CHILD_FINE : CHILD_NO_WRITE;
}

static int run_child(const char *path)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0)
		_exit(child(path));
	while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
	}
	return pid > 0 && WIFEXITED(status) ? WEXITSTATUS(status) : CHILD_NO_WRITE;
}

static bool is_broken_for_tests(void)
{
#ifdef PLEXSYNC_TESTING
	const char *wanted = getenv("PLEXSYNC_TEST_FILESYSTEM");
	return wanted != NULL && strcmp(wanted, "fuse-broken") == 0;
#else
	return false;
#endif
}

static const char *try_out(int fd, const char *path)
{
	char through_file = 0;
	const char *lacks = NULL;
	char *mapped;
	volatile const char *map;
	int found;

	if (ftruncate(fd, PROBE_BYTES) != 0 || fsync(fd) != 0)
		return "files cannot be written";
	if (is_broken_for_tests() || set_lock(fd, F_WRLCK) != 0)
		return "it has no record locks";
	mapped = map_file(fd);
	if (mapped == NULL)
		return "files cannot be mapped into shared memory";
	map = mapped;
	found = map[MAP_AT] + map[WRITE_AT]; /* both pages are there before the child's marks */
	found = found == 0 ? run_child(path) : CHILD_NO_WRITE;
	if (found == CHILD_NO_LOCKS)
		lacks = "record locks are not seen by other processes";
	else if (found != CHILD_FINE)
		lacks = "files cannot be shared between processes";
	else if (map[MAP_AT] != MARK || map[WRITE_AT] != MARK ||
		 pread(fd, &through_file, 1, MAP_AT) != 1 || through_file != MARK)
		lacks = "what one process writes is not what another one reads";
	munmap(mapped, PROBE_BYTES);
	return lacks;
}

bool probe_folder(const char *dir, const char **lacks)
{
	char path[LIMIT_PATH_BYTES];
	int fd;

	/* A name of its own: others may try out the same folder at this moment. */
	snprintf(path, sizeof(path), "%s/probe-%ld", dir, (long)getpid());
	unlink(path);
	fd = open(path, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	if (fd < 0) {
		*lacks = "files cannot be made";
		return false;
	}
	*lacks = try_out(fd, path);
	close(fd);
	unlink(path);
	return *lacks == NULL;
}
