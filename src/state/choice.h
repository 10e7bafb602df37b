/*
 * choice.h - what a person chose for a scene: an item of Plex, or none.
 *
 * It comes before every rule of matching, and is kept with the queue: neither clearing the
 * caches nor rebuilding the index forgets it. It ends when it is replaced, taken back, or when
 * the scene is gone.
 */
#ifndef PLEXSYNC_STATE_CHOICE_H
#define PLEXSYNC_STATE_CHOICE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "state/history.h"
#include "store/store.h"

/* Stored as numbers: never renumber, add at the end. */
enum choice_kind {
	CHOICE_AUTO = 0, /* nothing was chosen: the rules decide */
	CHOICE_ITEM,
	CHOICE_NONE, /* it is not in Plex: left alone */
	CHOICE_KINDS
};

struct choice {
	enum choice_kind kind;
	int64_t number; /* of several choices of one item the one with the highest counts */
	/* The item, as it was when it was chosen; NULL or "" if there is none. */
	const char *machine, *rating_key, *path; /* of its first part */
	const char *library_uuid;		 /* "" if not known */
	const char *library, *library_type;	 /* the library's title and type */
	int section;
	/* There is a record, but it cannot be read: what was chosen is not known. */
	bool unreadable;
};

/* Empty (CHOICE_AUTO) if nothing was chosen, or the transaction failed. */
void choice_get(struct txn *, int64_t scene, struct choice *, struct arena *);

/* Puts a choice in the place of what was chosen before, with a number of its own; CHOICE_AUTO
 * forgets that. Jobs that waited for an item that was chosen before are due. */
void choice_put(struct txn *, int64_t scene, const struct choice *, int64_t now_ms);

/* True if it is this item that was chosen. */
bool choice_is(const struct choice *, const char *machine, const char *rating_key);

/* The number of the choice of this item for a scene; 0 if that is not what was chosen. */
int64_t choice_number(struct txn *, int64_t scene, const char *machine, const char *rating_key);

/* history_put() for a push that found the item to be that of scene 'seen' (0: nobody's): if a
 * person has since chosen it for another scene, that one keeps it, and is queued by hand, for the
 * push may write what it has to put right. */
void choice_put_history(struct txn *, const char *machine, const char *rating_key,
	const struct history *, int64_t seen, int64_t now_ms);

#endif
