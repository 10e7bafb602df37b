/*
 * art.h - which collections of Plex were given the picture and the text of which group or studio.
 *
 * There is one entry for each group or studio of Stash and each library in which a push has put an
 * item into its collection. What Plex held before and after is in the history of the collection,
 * which is an item like any other (history.h). Until its entry was dealt with, and whenever
 * that has to be done again, a group or studio is among those that are owed (owed.h).
 */
#ifndef PLEXSYNC_STATE_ART_H
#define PLEXSYNC_STATE_ART_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/digest.h"
#include "base/err.h"
#include "store/store.h"

struct art {
	uint8_t noun; /* the caller's number for the kind: a group, a studio */
	int64_t id;
	const char *machine; /* Plex's machine id */
	int section;
	struct digest name;	 /* of the collection, as the last push wrote it: art_name() */
	const char *rating_key;	 /* of the collection that was dealt with; "": none was */
	struct digest stash;	 /* what Stash had then; zero: it is to be looked at again */
	const char *etag, *sha1; /* of its picture in Stash then; "" if not known, or none */
	bool restored;		 /* Plex's database was put back since */
	bool force;		 /* a person wants Stash's to be there, whatever Plex has */
	struct digest told;	 /* what was last said of it in the log; zero: nothing */
};

/* Two spellings that are one name to Plex are the same. */
struct digest art_name(const char *);

enum lookup art_get(struct txn *, uint8_t noun, int64_t id, const char *machine, int section,
	struct art *, struct arena *);
void art_put(struct txn *, const struct art *);
void art_forget(struct txn *, const struct art *);

/* Those of one group or studio, in the arena; their count. */
size_t art_list(struct txn *, uint8_t noun, int64_t id, struct art **, struct arena *);

/* All of them, those of one group or studio side by side. */
size_t art_list_all(struct txn *, struct art **, struct arena *);

/* It has to be looked whether something is to be done for this one, which has an entry; or for
 * all that have one. */
void art_owe(struct txn *, uint8_t noun, int64_t id);
void art_owe_all(struct txn *, bool force);
/* The same if it was edited: its stamps count whole seconds. */
void art_owe_edited(struct txn *, uint8_t noun, int64_t id);
/* The same where that server's database was put back. */
void art_owe_restored(struct txn *, const char *machine);

#endif
