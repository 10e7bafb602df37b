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
	const struct fields *then;   /* ours, as the settings of the last push would make it; where
					it is unknown, and with NULL, they would make the same */
	const struct history *base;  /* empty without history */
	bool locked[FIELD_COUNT];    /* in Plex */
	bool keep_plex_edits, force;
	bool unattended; /* nobody asked for this push, see PLAN_HOLD */
	bool retry;	 /* a person asks again for what Plex refused */
	bool restored;	 /* Plex's database was put back to what it was some time ago */
};

enum plan_verdict {
	PLAN_LEAVE = 0, /* nothing is said about the field, or nothing is to be done     */
	PLAN_SAME,	/* Plex holds what Stash has                                     */
	PLAN_WRITE,
	PLAN_KEEP,    /* Plex's value differs and stays                                */
	PLAN_HOLD,    /* it differs, is locked, and was never pushed from here: whose it is
		      nobody knows, so that only a person may have it replaced        */
	PLAN_REFUSED, /* Plex did not take this very value before                     */
};

struct plan_field {
	enum plan_verdict verdict;
	bool kept;		 /* something of Plex's was left, also beside a write (a set) */
	bool edits;		 /* it is written, beside what is only respelled */
	bool refused;		 /* something is not sent, because Plex refused it before */
	bool unlock;		 /* written without a lock: it had none (see undo.h) */
	bool reset;		 /* Plex lost what was written: it is written again    */
	struct value result;	 /* what Plex will hold after a write                  */
	struct str_list remove;	 /* of a set: names of theirs that go                  */
	struct str_list respell; /* of a set: names of the result that Stash writes otherwise
				    since the last push; sent once, by themselves */
};

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

/* What Plex made of a field that was sent, by what it holds 'now'. */
enum plan_outcome {
	PLAN_TAKEN,
	PLAN_TAKEN_PARTLY, /* of a set: without some of its names */
	PLAN_NOT_TAKEN,
};
enum plan_outcome plan_outcome(const struct plan_input *, const struct plan *, enum field,
	const struct fields *now, struct arena *);

/* The history after a push: the fields of 'seen' were sent, accepted or not, and 'now' is what
 * Plex holds, as read back, with its locks. Fields that were planned and are not among them
 * keep what was recorded as meant. */
void plan_settle(const struct plan_input *, const struct plan *, unsigned seen,
	const struct fields *now, const bool locked[FIELD_COUNT], struct history *, struct arena *);

/* The history to record before the requests leave. */
void plan_intend(const struct plan_input *, const struct plan *, struct history *, struct arena *);

#endif
