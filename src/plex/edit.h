/*
 * edit.h - planned changes of one item, and the requests that make them.
 *
 * PUT /library/sections/S/all?type=T&id=K with everything in the query: no server reads it
 * from a body. Without "id" Plex would change every item of the library, so an edit without
 * one ends the process. Sources disagree whether Plex adds or replaces named tags, so an
 * edit of tags names the whole resulting set and what has to go.
 */
#ifndef PLEXSYNC_PLEX_EDIT_H
#define PLEXSYNC_PLEX_EDIT_H

#include <stdbool.h>
#include <stddef.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "plex/item.h"
#include "plex/plex.h"

/* One field's change, which also locks the field, or unlocks it. */
struct edit_change {
	unsigned fields;  /* the caller's bits for it, given back in edit_request */
	const char *name; /* Plex's: "title", "originallyAvailableAt", "actor", "genre" */
	const char *text; /* a scalar's new value, "" clears; NULL: it is a set */
	const struct item_role *names; /* a set's whole result; all but the names are optional */
	size_t name_count;
	struct str_list remove; /* of a set: names that must go */
	bool unlock;
};

struct edit {
	int section, type;
	const char *rating_key;
	const struct edit_change *changes;
	size_t count;
};

struct edit_request {
	const char *path; /* with its query */
	unsigned fields;  /* of the changes in it */
	bool long_value;  /* a single value that exceeds the length of a safe URL */
};

/* The requests for an edit, in the order to send them: changes share a request of up to
 * LIMIT_URL_BYTES, the server's address ('origin_len') included; a longer one goes alone and
 * last. Returns how many. */
size_t edit_build(const struct edit *, size_t origin_len, struct edit_request **, struct arena *);

/* All changes of an edit as a query, without the item. */
const char *edit_query(const struct edit *, struct arena *);

/* The path of one request that makes the same edit in several items of one library and type.
 * There must be at least one, or the process ends. */
const char *edit_path(int section, int type, const char *const *rating_keys, size_t count,
	const char *query, struct arena *);

#endif
