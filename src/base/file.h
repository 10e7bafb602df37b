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

/* The name of the network file system that the folder is on ("NFS", "SMB"), where
 * neither locks nor shared maps can be relied on; NULL if it is on none. */
const char *file_network(const char *path);

/* Removes the plain files in a folder, not the folder. True if none is left. */
bool file_empty_dir(const char *path);

#endif
