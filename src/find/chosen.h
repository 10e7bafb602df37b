/*
 * chosen.h - which of Plex's libraries the settings select.
 */
#ifndef PLEXSYNC_FIND_CHOSEN_H
#define PLEXSYNC_FIND_CHOSEN_H

#include "plex/library.h"
#include "run/env.h"
#include "run/request.h"

/* True if the settings select this library. */
bool chosen_has(const struct settings *, int id, const char *title, const char *type);

/* What is wrong with libraryNames, for people: the names that fit no video library of these,
 * and what there is; NULL if all of them do. *none: not one of them does. Pure. */
const char *chosen_wrong(
	const struct settings *, const struct library_list *, bool *none, struct arena *);

/* The selected ones, read from Plex now. ERR_SETUP if libraryNames fits none of them; a name
 * that fits none beside others that do is logged, once until that changes. */
bool chosen_read(const struct env *, const struct request *, struct library_list *, struct arena *,
	struct err *);

#endif
