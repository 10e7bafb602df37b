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

/* What is to be done about one picture of one item. Pure. */
struct pictures_facts {
	bool seen;     /* this very cover was dealt with before */
	bool wrong;    /* it is not a picture that Plex takes */
	bool pushed;   /* and it is what was put there */
	bool lost;     /* Plex's database was put back, and nobody chose a picture in it */
	bool blank;    /* Plex shows none, does not have it locked, and none of ours was there */
	bool listed;   /* Plex was asked what it has, and: */
	bool selected; /* it is the one that Plex shows */
	bool meant;    /* it was about to be put there by a push that was cut off */
	bool chosen;   /* Plex shows one that a person chose */
	bool force;
};
enum pictures_step {
	PICTURES_LEAVE, /* nothing is to be done */
	PICTURES_KEEP,	/* Plex's own stays; it is reported */
	PICTURES_ASK,	/* ask Plex what it has, and decide again */
	PICTURES_ADOPT, /* it is there: from now on it is ours */
	PICTURES_LOCK,	/* it is there by us, and only has to be locked */
	PICTURES_PUT,
};
enum pictures_step pictures_decide(const struct pictures_facts *);

/* Whether an item that Plex shows after an upload proves that the picture is shown, where Plex is
 * known to show what is uploaded: nothing else brings a first one, or a lock. Pure. */
struct pictures_look {
	bool shows, locked;
};
bool pictures_is_shown(const struct pictures_look *before, const struct pictures_look *now);

#endif
