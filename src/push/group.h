/*
 * group.h - equal edits of several items share a request.
 */
#ifndef PLEXSYNC_PUSH_GROUP_H
#define PLEXSYNC_PUSH_GROUP_H

#include "push/push.h"

/* Scenes of a batch whose edits may be shared, and that are not sent yet. */
struct group {
	struct push *pushes[LIMIT_BATCH];
	struct target *targets[LIMIT_BATCH]; /* the one of each that is written */
	const char *queries[LIMIT_BATCH];    /* NULL: it is sent by itself */
	size_t count;
};

/* Leaves those out that cannot share. Where the server was found to take only one item at a
 * time, the group is empty. */
void group_make(const struct env *, struct group *, struct push *const *, size_t count);

/* Sends the edit of a scene together with all others that are the same; they are out of the
 * group then. True if it was sent. False: it has to be sent by itself, unless *broken, with
 * the error. */
bool group_send(
	const struct env *, struct group *, const struct push *, bool *broken, struct err *);

/* An edit that was shared changed nothing here, and did when it was sent alone: from now on
 * this server gets them one by one. */
void group_never_again(const struct env *, const char *machine);

#endif
