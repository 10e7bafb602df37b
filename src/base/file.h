/*
 * file.h - small files and folders.
 */
#ifndef PLEXSYNC_BASE_FILE_H
#define PLEXSYNC_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

/* Reads everything from a descriptor, 'limit' bytes at most; NUL-terminated.
 * What lies beyond the limit is read and dropped, so that the writer is not
 * left with a broken pipe, and *len is limit + 1. NULL with errno. */
char *file_read_fd(int fd, size_t limit, size_t *len);

/* The text of a small file, trimmed (a token, a key). 'what' names the setting
 * or option in the message. NULL with the error set. */
char *file_read_secret(struct arena *, const char *path, const char *what, struct err *);

/* Makes a folder and those above it, mode 0700. */
bool file_make_dirs(const char *path, struct err *);

/* What a folder is on, as far as locks and shared maps are concerned. */
enum file_system {
	FILE_SYSTEM_LOCAL,   /* as far as is known: they work                      */
	FILE_SYSTEM_NETWORK, /* NFS or SMB: neither can be relied on               */
	FILE_SYSTEM_FUSE,    /* in user space: most of them do                     */
};

/* *name: of what it is, if it is not local ("NFS"). A test build obeys the
 * environment variable PLEXSYNC_TEST_FILESYSTEM: nfs, smb, fuse. */
enum file_system file_system(const char *path, const char **name);

/* Removes the plain files in a folder, not the folder. True if none is left. */
bool file_empty_dir(const char *path);

#endif
