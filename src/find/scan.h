/*
 * scan.h - asks Plex to scan the folder of a file that it does not have yet
 * (setting libraryScanNew).
 *
 * Plex answers 200 to anything, and scans only folders inside of a library's
 * locations; so only those are asked for, each once in ten minutes. A scan goes on
 * by itself: a drain that asked for one waits for its outcome, a minute at most.
 */
#ifndef PLEXSYNC_FIND_SCAN_H
#define PLEXSYNC_FIND_SCAN_H

#include "run/env.h"
#include "run/request.h"

/* 'path' is Plex's path of a file that is not in its libraries. Does nothing if the
 * setting is off, in a hook or a dry run, or if no library's location is around it.
 * What fails is a warning: the file is found when Plex scans by itself. */
void scan_ask(const struct env *, const struct request *, const char *path);

/* How many of the files that this run asked for are still waited for. */
size_t scan_open(const struct env *);

/* Asks for the folders above those that brought nothing: a new folder is sometimes
 * missed where its parent is not. */
void scan_ask_parents(const struct env *);

#endif
