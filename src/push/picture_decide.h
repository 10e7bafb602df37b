/*
 * picture_decide.h - what is to be done about one picture of one item, and which pictures were
 * ours before. Pure.
 */
#ifndef PLEXSYNC_PUSH_PICTURE_DECIDE_H
#define PLEXSYNC_PUSH_PICTURE_DECIDE_H

#include <stdbool.h>

#include "plex/picture.h"
#include "state/history.h"

struct picture_facts {
	bool seen;     /* this very cover was dealt with before */
	bool wrong;    /* it is not a picture that Plex takes */
	bool pushed;   /* and it is what was put there */
	bool lost;     /* Plex may have lost it: with its lock, or to an earlier one in a database
			  that was put back */
	bool free;     /* nobody chose what Plex shows, and nothing need be known of it */
	bool listed;   /* Plex was asked what it has, and: */
	bool selected; /* it is the one that Plex shows */
	bool there;    /* it is among them */
	bool meant;    /* it was about to be put there by a push that was cut off */
	bool refused;  /* Plex did not take it before; if it is 'meant' still, Plex said yes and
			  did not list it by then */
	bool chosen;   /* Plex shows one that a person chose */
	bool force;
};
enum picture_act {
	PICTURE_LEAVE, /* nothing is to be done */
	PICTURE_KEEP,  /* Plex's own stays; it is reported */
	PICTURE_ASK,   /* ask Plex what it has, and decide again */
	PICTURE_ADOPT, /* it is there: from now on it is ours */
	PICTURE_LOCK,  /* it is there by us, and only has to be locked */
	PICTURE_PUT,
	PICTURE_REFUSED, /* it is not sent again; it is reported */
};
enum picture_act picture_decide(const struct picture_facts *);

/* True if the value is the SHA-1 of this picture, which was uploaded. */
bool picture_is_value(const struct picture *, const struct value *);

/* From now on the picture with this SHA-1 is the one that we put there; NULL: none is. The one
 * before it is remembered. */
void picture_note_ours(struct history *, enum field, const char *sha1);
/* True if we put it there once, and another one took its place. */
bool picture_was_ours(const struct history *, enum field, const struct picture *);

#endif
