/*
 * path.h - paths of two other machines, as text: the one that Stash sees and
 * the one that Plex sees. Nothing here touches a file system.
 */
#ifndef PLEXSYNC_BASE_PATH_H
#define PLEXSYNC_BASE_PATH_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/str.h"

/* True for a drive letter or a UNC root: there case and separators do not count. */
bool path_is_windows(const char *);

/* The part after the last separator; both separators count, since a Windows
 * server may be given a Unix path and the other way round. Borrowed. */
const char *path_base(const char *);

/* Equal as the server of 'theirs' compares: folded where its root looks like
 * Windows, bytewise in NFC elsewhere. */
bool path_same(struct arena *, const char *ours, const char *theirs);

/* True if 'path' is 'folder' or lies below it, compared like path_same. */
bool path_inside(struct arena *, const char *path, const char *folder);
/* The same for one of several folders. */
bool path_inside_any(struct arena *, const char *path, const struct str_list *folders);

/* How many folders above the file name have equal names, counted from the end. */
size_t path_common_folders(struct arena *, const char *, const char *);

/* Keys: of the path in one spelling for all that may be the same path (NFC, case-folded,
 * '\' as '/', no separator at the end), and of the file name. */
struct digest path_digest(const char *path);
struct digest path_name_digest(const char *path);

#endif
