/*
 * artwork.h - a scene's cover as poster and background of its items.
 *
 * A step of its own behind the text: what fails here neither undoes nor repeats the
 * text, and is tried again alone. The cover is asked for by its ETag, and Plex is only
 * asked if it is another one than was last dealt with for the item. A picture that a
 * person chose in Plex stays.
 */
#ifndef PLEXSYNC_PUSH_ARTWORK_H
#define PLEXSYNC_PUSH_ARTWORK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "plex/item.h"
#include "state/history.h"
#include "run/env.h"

/* The cover of one scene. */
struct artwork {
	struct env *env;
	int64_t scene;
	const char *etag, *sha1; /* "" if not known, or no cover */
	const void *data;	 /* its bytes; NULL until they are needed */
	size_t len;
	bool asked;
	struct arena *arena;
};

/* 'etag' and 'sha1' as remembered from the last time; "" if they are not. */
void artwork_init(struct artwork *, struct env *, int64_t scene, const char *etag, const char *sha1,
	struct arena *);

/* True if the settings want pictures at all. */
bool artwork_wanted(const struct settings *);

/* One item on its way. */
struct artwork_item {
	const struct item *item;
	int section, type;
	const char *machine;
	struct history *history; /* in and out, to be stored whatever came of it */
	unsigned done;		 /* out: fields that were written, or would be in a dry run */
	unsigned kept;		 /* out: left to Plex */
	unsigned refused;	 /* out: larger than Plex takes */
};

/* False with the error; what was done before it is told all the same. */
bool artwork_push(struct artwork *, struct artwork_item *, struct err *);

#endif
