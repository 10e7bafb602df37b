/*
 * pictures.h - a scene's cover as poster and background of its items.
 *
 * A step of its own after the text: what fails here neither undoes nor repeats the text, and
 * is tried again alone. The cover is asked for by its ETag, and Plex is only asked if it is
 * another one than was last dealt with for the item, and something can be there. A picture that a
 * person chose in Plex stays.
 */
#ifndef PLEXSYNC_PUSH_PICTURES_H
#define PLEXSYNC_PUSH_PICTURES_H

#include "push/push.h"

struct ahead; /* push/ahead.h */

/* For every settled target of these pushes (in a dry run: every one of its own). Each is
 * 'pictured' afterwards, or its 'err' says why not and its targets what was done before it; or it
 * was left for another time, because all would fail after one that failed, or because 'go_on' (may
 * be NULL), which is asked before the pictures of each are uploaded, said no. Of several, 'ahead'
 * is used to look at what came of it; it is NULL for one alone. */
void pictures_push(const struct env *, struct push *const *, size_t count, struct ahead *,
	push_go_on *go_on, void *what);

#endif
