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

/* The selected ones, read from Plex now. ERR_SETUP if a name in libraryNames matches none. */
bool chosen_read(const struct env *, const struct request *, struct library_list *, struct arena *,
	struct err *);

#endif
