/*
 * path.h - paths as text, as Stash's and Plex's machines see them. Nothing here touches a
 * file system.
 */
#ifndef PLEXSYNC_BASE_PATH_H
#define PLEXSYNC_BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/str.h"

/* True for a drive letter or a UNC root, where case and separators do not count. */
bool path_is_windows(const char *);

/* On a path that begins with '/' only '/' separates; on any other '\' does as well. */

/* The part after the last separator. Borrowed. */
const char *path_base(const char *);

/* The folder that a file or folder is in; a root ("/", "S:\", "\\server\share") is its own. */
char *path_folder(struct arena *, const char *);

/* Equal as the server of 'theirs' compares: without case where its root looks like
 * Windows (utf8_lower), bytewise in NFC elsewhere. U+FFFD in one of them may be any bytes of
 * the other that are not UTF-8, so it takes more than this to call them the same file. */
bool path_same(struct arena *, const char *ours, const char *theirs);

/* The same for their file names. */
bool path_same_name(struct arena *, const char *ours, const char *theirs);

/* The next name in a path from *at on, which is then after it; false at the end. */
bool path_next(const char *path, const char **at, const char **name, size_t *len);

/* What follows the folder in a path that is there; borrowed from 'path'. NULL: it is not. */
const char *path_below(struct arena *, const char *path, const char *folder);

/* A path in or below a folder, with the folder as that is spelled (case, separators, one at
 * its end); NULL if it is not there. */
char *path_respell(struct arena *, const char *path, const char *folder);

/* True if 'path' is 'folder' or below it, compared like path_same. */
bool path_inside(struct arena *, const char *path, const char *folder);
/* The same for one of several folders. */
bool path_inside_any(struct arena *, const char *path, const struct str_list *folders);

/* How many folders above the file have the same names, counted from the end. */
size_t path_common_folders(struct arena *, const char *, const char *);

/* Keys of the path and of its file name, in one spelling for all paths that may be the same
 * (NFC, case-folded, '\' as '/' where it separates, bytes that are not UTF-8 as U+FFFD, no
 * separator at the end). */
struct digest path_digest(const char *path);
struct digest path_name_digest(const char *path);

#endif
