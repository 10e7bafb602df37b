/*
 * plan.h - what would be written to an item: a three-way merge, field by field.
 *
 * Pure: no clock, no log, no I/O. A dry run prints the plan and stops, so it
 * cannot lie.
 *
 * base is what the last confirmed push left (history: 'pushed' is what Stash
 * had, 'seen' what Plex then held), ours the scene now, theirs the item's
 * detail. A push that was begun and not confirmed ('meant') may or may not have
 * arrived: Plex counts as changed only if it holds neither 'seen' nor 'meant'.
 *
 * What Plex makes of a value (a rounded rating, the day before a date, one blank for two) is
 * 'seen' like any other: its spelling of it, not somebody's edit. What it does not make
 * anything of is refused.
 *
 * An item may lose what was written, with the lock or, in a database that was put back, without
 * it. That is no edit of anybody's: what it holds then is known from the history's 'original',
 * 'previous' and 'past', where what a person was seen to do is told apart.
 */
#ifndef PLEXSYNC_PUSH_PLAN_H
#define PLEXSYNC_PUSH_PLAN_H

#include "push/plan_field.h"

struct plan {
	struct plan_field f[FIELD_COUNT];
	unsigned writes; /* bit 1 << field */
	unsigned kept;
	unsigned held;
	unsigned refused, reset;
};

/* Replaces in->base by the base as this very look at Plex settles it, in the
 * arena: what an unconfirmed push was found to have done counts as pushed, and 'replaced' is
 * what it replaced. */
void plan_make(struct plan_input *in, struct plan *, struct arena *);

/* What Plex made of a field that was sent, by what it holds 'now', and whether it has that locked.
 * What it may have made of a value counts only if something came of the edit, or if it is known to
 * make that of it: what is as before was not taken. */
enum plan_outcome plan_outcome(const struct plan_input *, const struct plan *, enum field,
	const struct fields *now, bool locked, struct arena *);

/* Of a text: Plex shows exactly what it showed before it was sent, which is not what Stash has, nor
 * known as what Plex makes of it. */
bool plan_stood_still(
	const struct plan_input *, enum field, const struct fields *now, struct arena *);

/* The history after a push: the fields of 'seen' were sent, accepted or not, and 'now' is what
 * Plex holds, as read back, with its locks. Fields that were planned and are not among them
 * keep what was recorded as meant. */
void plan_settle(const struct plan_input *, const struct plan *, unsigned seen,
	const struct fields *now, const bool locked[FIELD_COUNT], struct history *, struct arena *);

/* The history to record before the requests leave. */
void plan_intend(const struct plan_input *, const struct plan *, struct history *, struct arena *);

#endif
