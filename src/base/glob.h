/*
 * glob.h - patterns of paths, as the settings scenePathOnly and scenePathSkip have them.
 *
 * A glob is about the whole path, without case. "*" is anything within a folder, "**" anything
 * across folders, "**" and a separator where a folder's name would begin also no folder at all,
 * "?" one character. On a path that begins with '/' only '/' separates; on any other '\' does as
 * well, and the two are alike.
 */
#ifndef PLEXSYNC_BASE_GLOB_H
#define PLEXSYNC_BASE_GLOB_H

#include <stdbool.h>

#include "base/str.h"

/* Takes time by the product of the two lengths at most, whatever is in them. */
bool glob_fits(const char *glob, const char *path);

/* True if one of them fits. */
bool glob_any(const struct str_list *globs, const char *path);

/* Why it can fit no whole path of a file, for people, as what follows the glob in a sentence (a
 * literal); NULL if it may fit one. */
const char *glob_wrong(const char *glob);

#endif
