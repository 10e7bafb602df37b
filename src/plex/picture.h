/*
 * picture.h - the poster and the background of an item: what Plex has, uploading,
 * selecting.
 *
 * Plex names an uploaded picture by the SHA-1 of its bytes and can never delete it
 * again, so nothing is uploaded that is there already.
 */
#ifndef PLEXSYNC_PLEX_PICTURE_H
#define PLEXSYNC_PLEX_PICTURE_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "plex/plex.h"

enum picture_kind { PICTURE_POSTER, PICTURE_BACKGROUND };

struct picture {
	const char *key; /* "upload://posters/SHA-1", or something of an agent's */
	bool selected;
};

struct picture_list {
	struct picture *v;
	size_t n;
};

/* Those that the item has. Errors as plex_get. */
bool picture_read(struct plex *, const char *rating_key, enum picture_kind,
	const struct plex_time *, struct picture_list *, struct arena *, struct err *);

/* The one that is selected, and the one that was uploaded with this SHA-1; or NULL. */
const struct picture *picture_selected(const struct picture_list *);
const struct picture *picture_find(const struct picture_list *, const char *sha1);
/* True if it was uploaded with this SHA-1 (lower-case hexadecimal; "" is none). */
bool picture_is(const struct picture *, const char *sha1);

bool picture_upload(struct plex *, const char *rating_key, enum picture_kind, const void *data,
	size_t len, const struct plex_time *, struct err *);
bool picture_select(struct plex *, const char *rating_key, enum picture_kind, const char *key,
	const struct plex_time *, struct err *);

#endif
