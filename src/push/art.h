/*
 * art.h - the poster and the summary of a collection in Plex that scenes of ours are in: of a group
 * its front image and synopsis, of a studio its image and details (setting fieldCollectionArt).
 *
 * A push of a scene only takes note of the collections that it put an item into, in the commit that
 * settles it. What is to be done for them is owed from then on (state/art.h), and done after
 * the scenes (work/art.h): the first item makes the collection. It is then a push like any
 * other, with the collection for its one target, so that what a person chose in Plex stays by
 * the same rules.
 */
#ifndef PLEXSYNC_PUSH_ART_H
#define PLEXSYNC_PUSH_ART_H

#include "plex/collection.h"
#include "plex/library.h"
#include "push/push.h"
#include "stash/art.h"
#include "state/art.h"

/* Of a push that is being settled: collections that are new to us become owed. Where none is, it
 * writes nothing. */
void art_note(const struct env *, struct txn *, const struct push *);
/* Of a dry run: says which they are, each once in a run. */
void art_foretell(const struct env *, const struct push *);

/* One entry, and what it is compared with. */
struct art_case {
	struct art *entry;
	const struct stash_art *stash;
	const struct library *library;
	const struct collection_list *collections; /* of that library */
	bool dry_run;

	/* what came of it */
	const char *name;    /* of the collection */
	bool changed;	     /* the entry was */
	bool forget;	     /* it is nothing of ours any more */
	const char *trouble; /* for people: why not all was done; NULL: it was */
	const char *key;     /* of the collection whose history is another one now; NULL: of none */
	struct history after;
};

/* Looks at the case, and does what is to be done. The entry and the history say it, and are not
 * stored yet. False with an error that every other case would have, too. */
bool art_push(const struct env *, struct art_case *, struct arena *, struct err *);

/* The trouble that an error is which others may not have. */
const char *art_later(const struct err *, struct arena *);

/* --- decisions ---------------------------------------------------------------- */

struct art_facts {
	bool found;	     /* Stash has it, and the settings do not leave it alone, */
	bool same_name;	     /* under the name that the last push wrote, */
	bool same;	     /* and all that it had when the entry was dealt with */
	bool dealt_with;     /* some time */
	bool again;	     /* it is to be looked at in any case */
	size_t plain, smart; /* collections of that name */
	bool hidden;	     /* Plex cannot list all of them */
	bool there;	     /* one of the plain ones is that which was dealt with */
};
enum art_step {
	ART_FORGET, /* the entry: a push tells what is new */
	ART_ABSENT, /* Plex does not have the collection yet */
	ART_HIDDEN, /* it may be one that Plex cannot list */
	ART_SMART,  /* it is a filter of somebody's */
	ART_SAME,
	ART_LOOK, /* at what is in it, and what Plex holds */
};
enum art_step art_decide(const struct art_facts *);

#endif
