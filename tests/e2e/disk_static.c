/*
 * disk_static.c - lets disk.c into a static executable, which loads nothing before itself.
 *
 * In the tests' static build every call of PlexSync and of LMDB that disk.c has is compiled
 * as disk_NAME, and disk.c's functions with it. What disk.c then asks of dlsym is found here.
 */
#include <fcntl.h>
#include <lmdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <dlfcn.h>

/* One a line: the Makefile reads them, too. */
#define CALLS			\
	X(write)		\
	X(pwrite)		\
	X(writev)		\
	X(pwritev)		\
	X(fsync)		\
	X(fdatasync)		\
	X(ftruncate)		\
	X(posix_fallocate)	\
	X(fallocate)		\
	X(open)			\
	X(mkdir)		\
	X(rename)		\
	X(unlink)		\
	X(unlinkat)		\
	X(mdb_env_open)		\
	X(mdb_txn_begin)

typedef void (*any_call)(void);

static const struct {
	const char *name;
	any_call real;
} calls[] = {
#define X(name) {#name, (any_call)name},
	CALLS
#undef X
};

void *dlsym(void *restrict handle, const char *restrict name)
{
	void *found;

	(void)handle;
	for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); i++) {
		if (strcmp(calls[i].name, name) == 0) {
			memcpy(&found, &calls[i].real, sizeof(found));
			return found;
		}
	}
	abort(); /* disk.c has a call that is not in the list */
}
