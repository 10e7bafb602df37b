/* file.h - small files and folders. */
#ifndef PLEXSYNC_BASE_FILE_H
#define PLEXSYNC_BASE_FILE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

/* Reads everything from a descriptor, 'limit' bytes at most; NUL-terminated. What is beyond
 * the limit is read and dropped, to spare the writer a broken pipe, and *len is then
 * limit + 1. NULL with errno. */
char *file_read_fd(int fd, size_t limit, size_t *len);

/* Writes all of it. False if the reader is gone. */
bool file_write_fd(int fd, const char *data, size_t len);

/* The text of a small file, trimmed (a token, a key). 'what' names the setting
 * or option in the message. NULL with the error set. */
char *file_read_secret(struct arena *, const char *path, const char *what, struct err *);

/* Writes the text into a file that only its owner can read, in place of the one that is there;
 * a kill leaves the one or the other. */
bool file_write_secret(struct arena *, const char *path, const char *text, struct err *);

/* Creates a folder and its parents, mode 0700. */
bool file_make_dirs(const char *path, struct err *);

/* What a folder is on, as far as locks and shared maps go. */
enum file_system {
	FILE_SYSTEM_LOCAL,   /* as far as is known: they work                      */
	FILE_SYSTEM_NETWORK, /* NFS or SMB: neither can be relied on               */
	FILE_SYSTEM_FUSE,    /* in user space: most of them do                     */
};

/* *name: its name if it is not local ("NFS"). A test build obeys PLEXSYNC_TEST_FILESYSTEM:
 * nfs, smb, fuse. */
enum file_system file_system(const char *path, const char **name);

/* Removes the plain files in a folder, not the folder. True if none is left. */
bool file_empty_dir(const char *path);

#endif
