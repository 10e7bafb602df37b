/* journal.h - what a push says in the journal of what was done to Plex (state/activity.h). */
#ifndef PLEXSYNC_PUSH_JOURNAL_H
#define PLEXSYNC_PUSH_JOURNAL_H

#include "push/push.h"
#include "state/activity.h"

/* The entry of a push that is over; false if there is nothing to say: it changed nothing, or waits
 * as it did before. 'gives_up': it failed for good. 'reason': for people, or NULL. When it was and
 * in which run is the caller's to add. What a push wrote that was killed before it could say so
 * counts as this one's. Pure. */
bool journal_entry(
	const struct push *, bool gives_up, const char *reason, struct activity *, struct arena *);

#endif
