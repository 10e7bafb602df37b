/*
 * picture.h - the poster and the background of an item.
 *
 * Plex names an uploaded picture by the SHA-1 of its bytes and can never delete it, so
 * nothing is uploaded twice.
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
	const char *key; /* "upload://posters/SHA-1", or an agent's */
	bool selected;
};

struct picture_list {
	struct picture *v;
	size_t n;
};

/* The pictures of an item. Errors as plex_get. */
bool picture_read(struct plex *, const char *rating_key, enum picture_kind,
	const struct plex_time *, struct picture_list *, struct arena *, struct err *);

/* The selected one, and the one uploaded with this SHA-1; NULL if there is none. */
const struct picture *picture_selected(const struct picture_list *);
const struct picture *picture_find(const struct picture_list *, const char *sha1);
/* True if it was uploaded with this SHA-1, in lower-case hexadecimal. False for "". */
bool picture_is(const struct picture *, const char *sha1);

/* The SHA-1 of what was uploaded; "": the key is an agent's. */
const char *picture_sha1(const char *key);
/* A key of what was uploaded with this SHA-1; Plex's own may have another path before it. */
const char *picture_key(enum picture_kind, const char *sha1, struct arena *);
/* True if both name the same picture: the same key, or an upload of the same bytes. */
bool picture_same(const char *key, const char *other);

/* What these bytes are, for people, if their first ones are not those of a JPEG, PNG or WebP: an
 * upload of anything else would stay for good. NULL: they are. Pure. */
const char *picture_wrong(const void *data, size_t len, struct arena *);

bool picture_upload(struct plex *, const char *rating_key, enum picture_kind, const void *data,
	size_t len, const struct plex_time *, struct err *);
bool picture_select(struct plex *, const char *rating_key, enum picture_kind, const char *key,
	const struct plex_time *, struct err *);

#endif
