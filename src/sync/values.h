/*
 * values.h - the scene and the item as fields, in the form in which they are
 * compared and written.
 */
#ifndef PLEXSYNC_SYNC_VALUES_H
#define PLEXSYNC_SYNC_VALUES_H

#include <stdbool.h>

#include "base/arena.h"
#include "plex/item.h"
#include "state/fields.h"
#include "stash/scene.h"
#include "stash/settings.h"

/* What Stash wants: fields that the settings switch off are unknown; names are
 * trimmed and each there once; a date without day is the first of its month. */
void values_of_scene(
	const struct scene *, const struct settings *, struct fields *, struct arena *);

/* What Plex holds. */
void values_of_item(const struct item *, struct fields *, struct arena *);

/* True if the scene says nothing about itself: not identified yet. */
bool values_nothing(const struct scene *);

/* Plex's word for a field in an edit ("actor"), and in the list of locks. */
const char *values_plex_name(enum field);

#endif
