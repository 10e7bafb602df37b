/*
 * art.h - what Stash has for a collection of Plex: of a group its front image and synopsis, of a
 * studio its image and details.
 */
#ifndef PLEXSYNC_STASH_ART_H
#define PLEXSYNC_STASH_ART_H

#include "stash/stash.h"

struct stash_art {
	enum input_noun noun; /* what is asked for: NOUN_GROUP or NOUN_STUDIO, */
	int64_t id;	      /* and which */

	bool found;	     /* Stash has it, and: */
	const char *name;    /* never "" */
	const char *text;    /* "" if it has none */
	const char *picture; /* its path, see stash_read_cover; "": none but Stash's default one */
	const char *stamp;   /* differs if the picture may */
};

/* Asks for all of them in one request. False as stash_read. */
bool stash_read_art(struct stash *, struct stash_art *, size_t count, struct stash_time,
	struct arena *, struct err *);

/* The picture at an address that Stash gave; "" if it is a default one. What host it names does
 * not matter, nor what is before the path: it may be meant for browsers. Pure. */
const char *stash_art_picture(enum input_noun, int64_t id, const char *address, struct arena *);

#endif
