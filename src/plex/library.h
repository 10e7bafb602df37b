/* library.h - Plex's libraries ("sections") and their paged listings. */
#ifndef PLEXSYNC_PLEX_LIBRARY_H
#define PLEXSYNC_PLEX_LIBRARY_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "plex/item.h"
#include "plex/plex.h"

struct library {
	int id;
	const char *uuid, *title, *type, *scanner; /* "" if not given */
	const char *counter;	  /* contentChangedAt as text: a counter, not a time */
	int64_t scanned, updated; /* scannedAt and updatedAt: seconds since 1970; 0: not given */
	struct str_list locations;
};

struct library_list {
	struct library *v;
	size_t n;
};

/* All libraries, of every type. Succeeds only with the owner's token. */
bool library_read(struct plex *, const struct plex_time *, struct library_list *, struct arena *,
	struct err *);

/* The type of the items that have media: 1 in movie libraries, 4 in show libraries, 0 in
 * libraries without video. */
int library_item_type(const struct library *);

/* Asks for a scan of one folder, which must be in a location of the library: for others Plex
 * agrees and does nothing. The scan goes on after the answer. */
bool library_scan(
	struct plex *, int id, const char *folder, const struct plex_time *, struct err *);

enum library_order { LIBRARY_BY_ID, LIBRARY_NEWEST_ADDED, LIBRARY_NEWEST_UPDATED };

struct library_page {
	struct item *items;
	size_t n;	 /* usable items */
	size_t received; /* elements that were sent; the next page begins after them */
	int64_t total;	 /* of the whole library */
};

/* One page. 'size' 0 asks for the total alone. Errors as plex_get: ERR_LATER if one of the
 * elements may be to blame. */
bool library_page(struct plex *, const struct library *, enum library_order, int64_t start,
	unsigned size, const struct plex_time *, struct library_page *, struct arena *,
	struct err *);

/* A page of the items whose titles have this word, as Plex compares. Errors as library_page. */
bool library_search(struct plex *, const struct library *, const char *word, int64_t start,
	unsigned size, const struct plex_time *, struct library_page *, struct arena *,
	struct err *);

#endif
