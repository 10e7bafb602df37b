/*
 * plan_set.h - the part of the plan (plan.h) that is about sets: performers, tags, collections. Pure.
 *
 * In the history of a set 'pushed' has the names that are there by us, and 'seen' those that a
 * person may remove from now on, as Plex spells them.
 */
#ifndef PLEXSYNC_PUSH_PLAN_SET_H
#define PLEXSYNC_PUSH_PLAN_SET_H

#include "push/plan_field.h"

void plan_set(const struct plan_input *, enum field, struct plan_field *, struct arena *);

/* A second push of a set begins before the first one is confirmed: either may have arrived. */
void plan_set_doubt(struct history *, enum field, struct arena *);

enum plan_outcome plan_set_outcome(const struct plan_input *, enum field, const struct plan_field *,
	const struct value *now, struct arena *);

/* What is remembered of it after a push. */
void plan_set_settle(const struct plan_input *, enum field, const struct plan_field *,
	const struct value *now, struct history *, struct arena *);

#endif
