/*
 * plan_field.h - what a field's part of the plan is made of (see plan.h), and is. Pure.
 */
#ifndef PLEXSYNC_PUSH_PLAN_FIELD_H
#define PLEXSYNC_PUSH_PLAN_FIELD_H

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
	bool went_back;	 /* so was this item (then it is 'restored', too), and nobody has touched
			    it since: it is older than our last push left it */
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
	struct str_list away;	 /* of a set: names of ours that a person took away    */
	struct str_list respell; /* of a set: names of the result that Stash writes otherwise
				    since the last push; sent once, by themselves */
};

/* See plan_outcome(). */
enum plan_outcome {
	PLAN_TAKEN,
	PLAN_TAKEN_PARTLY, /* of a set: without some of its names */
	PLAN_NOT_TAKEN,
};

/* The same to a reader: paragraphs count, what is around the text does not. */
bool plan_same_text(const char *, const char *, struct arena *);

/* Nobody asked, and nothing is remembered of a value that somebody locked in Plex. */
bool plan_is_held(const struct plan_input *, enum field);

/* Whether a field may have lost what was written. A person's edit locks it; what was locked and is
 * not any more, and is as it was before, or empty, was lost with the lock. In a database that was
 * put back the lock may be there: then it holds what it held before some push of ours, and not what
 * a person was seen to have put there since. Of a field that Plex never said to be locked only such
 * a database tells, and only if no person was seen to have put anything there. */
bool plan_may_be_reset(const struct plan_input *, enum field);

/* Plex was seen to say that it is locked with our value. */
bool plan_was_locked(const struct plan_input *, enum field);

/* It may hold what it held before the first push, lock or not, without a person's doing. */
bool plan_may_be_original(const struct plan_input *, enum field);

#endif
