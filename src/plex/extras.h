/*
 * extras.h - files that Plex takes for an extra of another film (a trailer, a deleted scene): it
 * may play them with that film, but no listing of the library holds them.
 */
#ifndef PLEXSYNC_PLEX_EXTRAS_H
#define PLEXSYNC_PLEX_EXTRAS_H

#include "base/arena.h"

/* What in a path makes Plex take the file for an extra, for people; NULL: nothing. 'below' is
 * the part of the path below the library's location, whose own name does not matter; NULL: it
 * is not known. */
const char *extras_sign(const char *path, const char *below, struct arena *);

#endif
