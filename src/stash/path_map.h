/* path_map.h - from Stash's path of a file to Plex's: the setting libraryPathMap. */
#ifndef PLEXSYNC_STASH_PATH_MAP_H
#define PLEXSYNC_STASH_PATH_MAP_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct path_map {
	struct path_map_rule {
		const char *from, *to;
	} * rules; /* longest 'from' first */
	size_t count;
};

/* From the setting's text: FROM => TO, with ";" or a line end between rules; a side in double
 * quotes may hold anything. A rule that can never fit is an error like one that cannot be
 * read: false with ERR_SETUP, which names the setting and the rule. */
bool path_map_parse(const char *text, struct path_map *, struct arena *, struct err *);

/* A path as a side of a rule: in double quotes if it needs them. */
const char *path_map_side(const char *path, struct arena *);

/* True if this is one of the files that the rule is about. */
bool path_map_fits(const struct path_map_rule *, const char *path, struct arena *);

/* Why the rule fits none of these paths of Stash, for people; NULL if it fits one, or there are
 * none. */
const char *path_map_misfit(
	const struct path_map_rule *, const struct str_list *paths, struct arena *);

/* Stash's path as Plex sees it: the longest prefix that fits, at a folder's boundary, is
 * replaced; if none does, the path itself. */
const char *path_map_apply(const struct path_map *, const char *path, struct arena *);

#endif
