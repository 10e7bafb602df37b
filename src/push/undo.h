/*
 * undo.h - puts back what a push replaced in Plex, from the journal.
 *
 * A field that still holds what the push wrote gets back what it held before, with its lock; what
 * was changed since is kept. Of a set, what the push added and removed is taken back, nothing
 * else. To the merge a field that was put back is one that somebody edited in Plex: it stays
 * until Stash changes it. An undo has an entry of its own, so it can be undone.
 */
#ifndef PLEXSYNC_PUSH_UNDO_H
#define PLEXSYNC_PUSH_UNDO_H

#include "push/push.h"
#include "push/undo_field.h"
#include "state/activity.h"
#include "state/owed.h"

/* One push that is undone. */
struct undo {
	const struct activity *entry;
	struct push push; /* with a target for each item of the entry, in their order */
	struct undo_field (*fields)[FIELD_COUNT]; /* of each target */
	const char *why; /* for people, what could not be put back; NULL: nothing */
	bool done;	 /* it is over, and push.result says how; if not, 'push.err' says why */
};

/* All of it lives in the arena. */
void undo_init(struct undo *, const struct activity *, bool dry_run, struct arena *);

/* Undoes up to LIMIT_BATCH pushes of different scenes side by side, and enters that in the journal
 * as run 'as' (0: this run of the program), and what is owed after them ('next', NULL: nothing to
 * say), in one commit. False with the error where every one would fail; those that are done are
 * entered all the same. A dry run of several takes it that their pictures are as they were. */
bool undo_run(const struct env *, struct undo *, size_t count, int64_t as,
	const struct owed_undo *next, struct err *);

#endif
