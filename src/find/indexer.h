/*
 * indexer.h - keeps the library index current with Plex.
 *
 * Confirming costs one request for the libraries and one for the total of
 * each. Where something moved, what is new is read; where that does not explain
 * it, or the library itself changed, the whole library, page by page with
 * constant memory, at most once an hour.
 */
#ifndef PLEXSYNC_FIND_INDEXER_H
#define PLEXSYNC_FIND_INDEXER_H

#include <stdbool.h>

#include "base/err.h"
#include "plex/library.h"
#include "state/library_index.h"
#include "run/env.h"

enum indexer_mode {
	INDEXER_CONFIRM, /* read what is new where something moved      */
	INDEXER_LOOK,	 /* read what is new, whether or not it did     */
	INDEXER_REBUILD, /* read every library as a whole               */
};

/* Brings the index up to date. True if it is current now; errors as plex_get. Never called in a hook, and
 * only with a cache. Jobs that waited for a file that appeared become due. */
bool indexer_confirm(struct env *, enum indexer_mode, struct err *);

/* True if the settings select this library. */
bool indexer_selects(const struct settings *, int id, const char *title, const char *type);

/* Without an index: walks through all selected libraries and collects the parts
 * that have this file name. */
bool indexer_walk(struct env *, const char *path, struct index_part *parts, size_t limit,
	size_t *count, struct library_list *, struct arena *, struct err *);

#endif
