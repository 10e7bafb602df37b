/* room.c - see room.h. */
#include "store/room.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/limits.h"

int room_for_lock(const char *dir)
{
	const off_t size = LIMIT_READERS * 64 + 4096;
	char path[LIMIT_PATH_BYTES];
	struct stat st;
	int fd, code = 0;

	snprintf(path, sizeof(path), "%s/lock.mdb", dir);
	fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (fd < 0)
		return errno;
	if (fstat(fd, &st) == 0 && st.st_blocks * 512 < size &&
		fallocate(fd, FALLOC_FL_KEEP_SIZE, 0, size) != 0 && errno == ENOSPC)
		code = ENOSPC;
	close(fd);
	return code;
}

int room_fill_up(int fd, uint64_t bytes)
{
	off_t size = (off_t)bytes;

	if (lseek(fd, 0, SEEK_END) >= size)
		return 0;
	return posix_fallocate(fd, size - 1, 1);
}

void room_for_map(const char *name, size_t *first, size_t *most)
{
	*first = sizeof(void *) >= 8 ? LIMIT_MAP_BYTES : LIMIT_MAP_SMALL_BYTES;
	*most = LIMIT_MAP_BYTES;
	(void)name;
#ifdef PLEXSYNC_TESTING
	const char *bytes = getenv("PLEXSYNC_TEST_MAP");
	char *end;
	if (bytes == NULL)
		return;
	if (strncmp(bytes, name, strlen(name)) == 0)
		bytes += strlen(name);
	else if (*bytes > '9')
		return;
	*first = strtoull(bytes, &end, 10);
	if (*end == ':')
		*most = strtoull(end + 1, NULL, 10);
#endif
}
