/* lock.c - the scenes' bytes start far above the named ones. */
#include "base/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#define SCENES_START 1024

bool lock_open(struct locks *locks, const char *path, struct err *err)
{
	*locks = (struct locks){.fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600)};
	if (locks->fd < 0)
		return err_set(err, ERR_STORE, "%s: %s", path, strerror(errno));
	return true;
}

void lock_close(struct locks *locks)
{
	if (locks->fd >= 0)
		close(locks->fd);
	locks->fd = -1;
}

static int control(struct locks *locks, int command, short type, off_t at)
{
	struct flock lock = {.l_type = type, .l_whence = SEEK_SET, .l_start = at, .l_len = 1};
	int r;

	if (locks->fd < 0)
		return 0;
	do {
		r = fcntl(locks->fd, command, &lock);
	} while (r != 0 && errno == EINTR);
	if (r == 0 && command == F_GETLK)
		return lock.l_type != F_UNLCK;
	return r;
}

static enum lookup try_at(struct locks *locks, off_t at)
{
	if (control(locks, F_SETLK, F_WRLCK, at) == 0)
		return FOUND;
	return errno == EACCES || errno == EAGAIN ? ABSENT : FAILED;
}

static off_t scene_at(int64_t scene)
{
	return (off_t)(SCENES_START + (scene & (INT64_MAX >> 1)));
}

enum lookup lock_try(struct locks *locks, enum lock_name name)
{
	return try_at(locks, (off_t)name);
}

enum lookup lock_try_scene(struct locks *locks, int64_t scene)
{
	return try_at(locks, scene_at(scene));
}

bool lock_wait(struct locks *locks, enum lock_name name)
{
	return control(locks, F_SETLKW, F_WRLCK, (off_t)name) == 0;
}

bool lock_share(struct locks *locks, enum lock_name name)
{
	return control(locks, F_SETLK, F_RDLCK, (off_t)name) == 0;
}

bool lock_enter(struct locks *locks)
{
	if (locks->alone && locks->depth == 0 && !lock_wait(locks, LOCK_ALONE))
		return false;
	locks->depth++;
	return true;
}

void lock_leave(struct locks *locks)
{
	if (--locks->depth == 0 && locks->alone)
		lock_release(locks, LOCK_ALONE);
}

void lock_release(struct locks *locks, enum lock_name name)
{
	control(locks, F_SETLK, F_UNLCK, (off_t)name);
}

void lock_release_scene(struct locks *locks, int64_t scene)
{
	control(locks, F_SETLK, F_UNLCK, scene_at(scene));
}

bool lock_held(struct locks *locks, enum lock_name name)
{
	return control(locks, F_GETLK, F_WRLCK, (off_t)name) == 1;
}
