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
 */
#ifndef PLEXSYNC_PUSH_PLAN_H
#define PLEXSYNC_PUSH_PLAN_H

#include <stdbool.h>

#include "base/arena.h"
#include "state/fields.h"
#include "state/history.h"

struct plan_input {
	const struct fields *ours;   /* unknown fields are left alone */
	const struct fields *theirs; /* every field known */
	const struct history *base;  /* empty without history */
	bool locked[FIELD_COUNT];    /* in Plex */
	bool keep_plex_edits, force;
	bool unattended; /* nobody asked for this push, see PLAN_HOLD */
};

enum plan_verdict {
	PLAN_LEAVE = 0, /* nothing is said about the field, or nothing is to be done     */
	PLAN_SAME,	/* Plex holds what Stash has                                     */
	PLAN_WRITE,
	PLAN_KEEP, /* Plex's value differs and stays                                */
	PLAN_HOLD, /* it differs, is locked, and was never pushed from here: whose it is
		      nobody knows, so that only a person may have it replaced        */
};

struct plan_field {
	enum plan_verdict verdict;
	bool kept;		/* something of Plex's was left, also beside a write (a set) */
	struct value result;	/* what Plex will hold after a write               */
	struct str_list remove; /* of a set: names of theirs that go               */
};

struct plan {
	struct plan_field f[FIELD_COUNT];
	unsigned writes; /* bit 1 << field */
	unsigned kept;
	unsigned held;
};

/* Replaces in->base by the base as this very look at Plex settles it, in the
 * arena: what an unconfirmed push was found to have done counts as pushed. */
void plan_make(struct plan_input *in, struct plan *, struct arena *);

/* The history after a push in which the fields of 'done' were written, and
 * 'now' is what Plex holds (as read back, or as intended). Fields that were
 * planned and not done keep what was recorded as meant. */
void plan_settle(const struct plan_input *, const struct plan *, unsigned done,
	const struct fields *now, struct history *, struct arena *);

/* The history to record before the requests leave. */
void plan_intend(const struct plan_input *, const struct plan *, struct history *, struct arena *);

#endif
