/* path_map.h - from Stash's path of a file to Plex's: the setting libraryPathMap. */
#ifndef PLEXSYNC_STASH_PATH_MAP_H
#define PLEXSYNC_STASH_PATH_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"

struct path_map {
	struct path_map_rule {
		const char *from, *to;
	} * rules; /* longest 'from' first */
	size_t count;
};

/* From the setting's text. False with ERR_SETUP, which names the setting. */
bool path_map_parse(const char *text, struct path_map *, struct arena *, struct err *);

/* Stash's path as Plex sees it: the longest prefix that fits, at a folder's boundary, is
 * replaced; if none does, the path itself. */
const char *path_map_apply(const struct path_map *, const char *path, struct arena *);

#endif
