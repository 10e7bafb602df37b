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

#include "plex/library.h"
#include "run/env.h"
#include "run/request.h"

enum indexer_mode {
	INDEXER_CONFIRM, /* read what is new where something moved      */
	INDEXER_LOOK,	 /* read what is new, whether or not it did     */
	INDEXER_REBUILD, /* read every library as a whole               */
};

/* Brings the index up to date. True if it is current now, but for libraries that Plex answers with
 * its own 500 while it shows others: these are not confirmed. Errors as plex_get. Never called in a
 * hook, and only with a cache. Jobs that waited for a file that appeared become due; those that
 * failed because something was not certain do when a row with their file's name changes, and with
 * every full pass. */
bool indexer_confirm(const struct env *, enum indexer_mode, struct err *);

/* The detail of an item was read: its rows say what it says. True if they did not before. */
bool indexer_note_item(const struct env *, int section, const struct item *);

/* Without an index: walks through all selected libraries and collects the parts
 * that have this file name. */
bool indexer_walk(const struct env *, const struct request *, const char *path,
	struct index_part *parts, size_t limit, size_t *count, struct library_list *,
	struct arena *, struct err *);

/* --- decisions ------------------------------------------------------------- */

/* What reading what is new has found in a library. */
struct indexer_change {
	bool moved;   /* its counter or its total is another one than stored */
	bool any_new; /* a part was not known, or an item was updated after the stamp */
	int64_t total_before, total;
	size_t gained; /* parts that were not known */
};

/* True if what was read accounts for what moved: no item can have gone, or changed its
 * files, unnoticed. */
bool indexer_explains(const struct indexer_change *);

struct indexer_facts {
	enum indexer_mode mode;
	bool changed;	     /* it is another library than the stored one */
	bool complete;	     /* the stored rows are all of it */
	bool moved;	     /* as above */
	int64_t pass_age_ms; /* since the last full pass began; < 0: the clock jumped */
};

enum indexer_step {
	INDEXER_CURRENT,  /* nothing to read                                                */
	INDEXER_READ_NEW, /* read what is newer than the stamps                             */
	INDEXER_PASS,	  /* read all of it                                                 */
	INDEXER_LEAVE,	  /* too large, or a pass that broke off less than an hour ago      */
};

enum indexer_step indexer_decide(const struct indexer_facts *);

#endif
