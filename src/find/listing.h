/*
 * listing.h - walks through the items of one of Plex's libraries, page by page with constant
 * memory, and around items that Plex cannot show.
 */
#ifndef PLEXSYNC_FIND_LISTING_H
#define PLEXSYNC_FIND_LISTING_H

#include "plex/library.h"
#include "run/env.h"
#include "run/request.h"

/* What is done with a page; *more: whether the walk goes on after it. */
typedef bool listing_taker(
	void *what, struct library_page *, bool *more, struct arena *, struct err *);

struct listing {
	const struct env *env;
	const struct request *request; /* NULL: nobody waits */
	const struct library *library;
	enum library_order order;
	listing_taker *take;
	void *what; /* its first argument */

	/* afterwards */
	bool moved;	/* the total changed meanwhile */
	size_t refused; /* items that are left out because Plex answered with its own 500 */

	/* while it walks */
	bool more;
	int64_t total; /* < 0: not known yet */
};

/* Errors as library_page, but one that may be an item's only if there are too many of them, and
 * then ERR_SERVER. Items that are left out are named in the log, once. */
bool listing_walk(struct listing *, struct err *);

/* How many items the library has. */
bool listing_total(const struct env *, const struct request *, const struct library *,
	int64_t *total, struct err *);

#endif
