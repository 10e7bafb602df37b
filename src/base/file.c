#include "base/file.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/str.h"

#define READ_BYTES ((size_t)65536)
#define SECRET_MS  500

char *file_read_fd(int fd, size_t limit, size_t *len)
{
	size_t cap = READ_BYTES, used = 0;
	char *data = arena_malloc(cap + 1);
	ssize_t n;

	do {
		if (used > limit)
			used = limit + 1; /* the rest overwrites itself */
		if (used == cap) { /* not earlier: most inputs are small, and the copy costs */
			cap = 2 * cap + READ_BYTES;
			data = arena_realloc(data, cap + 1);
		}
		n = read(fd, data + used, cap - used < READ_BYTES ? cap - used : READ_BYTES);
		if (n < 0 && errno != EINTR) {
			free(data);
			return NULL;
		}
		used += n > 0 ? (size_t)n : 0;
	} while (n != 0);
	*len = used;
	data[used > limit ? limit : used] = '\0';
	return data;
}

bool file_write_fd(int fd, const char *data, size_t len)
{
	while (len > 0) {
		ssize_t n = write(fd, data, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		data += n;
		len -= (size_t)n;
	}
	return true;
}

/* A pipe without a writer must not keep a Save waiting. */
static ssize_t read_soon(int fd, char *text, size_t size)
{
	struct pollfd wanted = {.fd = fd, .events = POLLIN};
	ssize_t n = read(fd, text, size);

	if (n < 0 && errno == EAGAIN && poll(&wanted, 1, SECRET_MS) > 0)
		n = read(fd, text, size);
	return n;
}

char *file_read_secret(struct arena *a, const char *path, const char *what, struct err *err)
{
	char text[LIMIT_SECRET_FILE + 1], *secret = NULL;
	ssize_t n;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);

	if (fd < 0) {
		err_set(err, ERR_SETUP, "%s: the file %s cannot be read: %s", what, path,
			strerror(errno));
		return NULL;
	}
	n = read_soon(fd, text, sizeof(text));
	close(fd);
	if (n >= 0 && (size_t)n <= LIMIT_SECRET_FILE && memchr(text, '\0', (size_t)n) == NULL)
		secret = str_trimn(a, text, (size_t)n);
	if (str_one_line(secret))
		return secret;
	err_set(err, ERR_SETUP, "%s: the file %s is not a single line of text", what, path);
	return NULL;
}

bool file_write_secret(struct arena *a, const char *path, const char *text, struct err *err)
{
	const char *fresh = arena_printf(a, "%s.%ld", path, (long)getpid());
	int fd = open(fresh, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600), why;
	bool written = fd >= 0 && file_write_fd(fd, text, strlen(text)) && fsync(fd) == 0;

	why = errno;
	if (fd >= 0)
		close(fd);
	if (written && rename(fresh, path) == 0)
		return true;
	if (written)
		why = errno;
	if (fd >= 0)
		unlink(fresh);
	return err_set(err, ERR_STORE, "the file %s cannot be written: %s", path, strerror(why));
}

static bool is_folder(const char *path)
{
	struct stat st;

	return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

bool file_make_dirs(const char *path, struct err *err)
{
	char part[LIMIT_PATH_BYTES];
	size_t len = strlen(path);

	if (len == 0 || len >= sizeof(part))
		return err_set(err, ERR_STORE, "the folder's name is empty or too long");
	if (is_folder(path)) /* as it nearly always is */
		return true;
	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0700) != 0 && errno != EEXIST && path[i] == '\0')
			return err_set(err, ERR_STORE, "the folder %s cannot be created: %s", path,
				strerror(errno));
	}
	return is_folder(path) || err_set(err, ERR_STORE, "%s is not a folder", path);
}

/* f_type of statfs(2), from linux/magic.h and the kernel's smb client. */
static const struct known_system {
	unsigned long type;
	enum file_system kind;
	const char *name;
} known_systems[] = {
	{0x6969, FILE_SYSTEM_NETWORK, "NFS"},
	{0x517b, FILE_SYSTEM_NETWORK, "SMB"},
	{0xfe534d42, FILE_SYSTEM_NETWORK, "SMB"},
	{0xff534d42, FILE_SYSTEM_NETWORK, "SMB"},
	{0x65735546, FILE_SYSTEM_FUSE, "FUSE"},
};

static bool is_on(const struct known_system *known, const struct statfs *fs)
{
#ifdef PLEXSYNC_TESTING
	const char *wanted = getenv("PLEXSYNC_TEST_FILESYSTEM");
	if (wanted != NULL)
		return strcasecmp(wanted, known->name) == 0;
#endif
	return ((unsigned long)fs->f_type & 0xffffffffUL) == known->type;
}

enum file_system file_system(const char *path, const char **name)
{
	struct statfs fs;

	if (statfs(path, &fs) != 0)
		return FILE_SYSTEM_LOCAL;
	for (size_t i = 0; i < sizeof(known_systems) / sizeof(*known_systems); i++) {
		*name = known_systems[i].name;
		if (is_on(&known_systems[i], &fs))
			return known_systems[i].kind;
	}
	return FILE_SYSTEM_LOCAL;
}

bool file_empty_dir(const char *path)
{
	DIR *dir = opendir(path);
	const struct dirent *entry;
	bool empty = true;

	if (dir == NULL)
		return errno == ENOENT;
	while ((entry = readdir(dir)) != NULL) {
		if (strcmp(entry->d_name, ".") == 0 || strcmp(entry->d_name, "..") == 0)
			continue;
		if (unlinkat(dirfd(dir), entry->d_name, 0) != 0)
			empty = false;
	}
	closedir(dir);
	return empty;
}
