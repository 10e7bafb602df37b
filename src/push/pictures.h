/*
 * pictures.h - a scene's cover as poster and background of its items.
 *
 * A step of its own after the text: what fails here neither undoes nor repeats the text, and
 * is tried again alone. The cover is asked for by its ETag, and Plex is only asked if it is
 * another one than was last dealt with for the item. A picture that a person chose in Plex
 * stays.
 */
#ifndef PLEXSYNC_PUSH_PICTURES_H
#define PLEXSYNC_PUSH_PICTURES_H

#include "push/push.h"

/* For every settled target of the push (in a dry run: every one of its own). False with the
 * error; the targets say what was done before it. */
bool pictures_push(const struct env *, struct push *, struct err *);

/* What is to be done about one picture of one item. Pure. */
struct pictures_facts {
	bool seen;     /* this very cover was dealt with before */
	bool wrong;    /* it is not a picture that Plex takes */
	bool pushed;   /* and it is what was put there */
	bool lost;     /* Plex's database was put back, and nobody chose a picture in it */
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

#endif
