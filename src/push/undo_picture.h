/* undo_picture.h - puts back the pictures that an item showed before a push. */
#ifndef PLEXSYNC_PUSH_UNDO_PICTURE_H
#define PLEXSYNC_PUSH_UNDO_PICTURE_H

#include "push/push.h"
#include "push/undo_field.h"
#include "state/activity.h"

/* For the pictures that the push changed: says what is to be done in fields[], does it unless it
 * is a dry run, and notes it in the target. *why: what could not be put back, for people. False
 * with the error. */
bool undo_pictures(const struct env *, const struct push *, struct target *,
	const struct activity_item *, struct undo_field fields[FIELD_COUNT], const char **why,
	struct err *);

#endif
