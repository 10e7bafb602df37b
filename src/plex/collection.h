/*
 * collection.h - the collections of a library, which are items of a type of their own, and what is
 * in them.
 */
#ifndef PLEXSYNC_PLEX_COLLECTION_H
#define PLEXSYNC_PLEX_COLLECTION_H

#include "base/str.h"
#include "plex/plex.h"

#define COLLECTION_TYPE 18

struct collection {
	const char *rating_key, *title;
	bool smart; /* it holds what a filter finds, and nothing can be put into it */
};

struct collection_list {
	struct collection *v;
	size_t n;
	struct str_list left_out; /* why some are not here: Plex cannot list them */
};

/* All collections of a library that Plex can list. Errors as plex_get of PLEX_LIST. */
bool collection_read(struct plex *, int section, const struct plex_time *, struct collection_list *,
	struct arena *, struct err *);

/* A page of what is in one: the rating keys from 'start' on, none at the end. The next page begins
 * 'received' items later. Errors as plex_get of PLEX_ITEM. */
bool collection_items(struct plex *, const char *rating_key, int64_t start,
	const struct plex_time *, struct str_list *rating_keys, size_t *received, struct arena *,
	struct err *);

#endif
