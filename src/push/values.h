/*
 * values.h - the scene and the item as fields, in the form in which they are
 * compared and written.
 */
#ifndef PLEXSYNC_PUSH_VALUES_H
#define PLEXSYNC_PUSH_VALUES_H

#include <stdbool.h>

#include "base/arena.h"
#include "base/digest.h"
#include "plex/item.h"
#include "state/fields.h"
#include "stash/scene.h"
#include "stash/settings.h"
#include "state/tag_cover.h"

/* What Stash wants: fields that the settings switch off are unknown, and so is a date that is
 * not one; names are trimmed and each there once; a date without day is the first of its
 * month. 'cover': of the settings' lists of tags, see tags.h; NULL: only what they name. */
void values_of_scene(const struct scene *, const struct settings *, const struct tag_cover *cover,
	struct fields *, struct arena *);

/* What the settings of the last push would make of the scene as it is now, for the values that a
 * setting has a part in; the others are unknown. 'ours': by the settings in use. */
void values_by(const struct scene *, const struct settings *, const struct fields *ours,
	const struct fields *pushed, struct fields *, struct arena *);

/* What a group's or a studio's collection is called in Plex; "" if it has none. */
const char *values_collection(const char *name, const char *prefix, struct arena *);
/* What Stash wants of such a collection: its summary. */
void values_of_collection(const char *text, struct fields *, struct arena *);

/* What is worth a word about a field's value in Stash, for people: a date that is not one, names
 * that Plex does not tell apart. NULL: nothing. */
void values_notes(const struct scene *, const struct settings *, const struct tag_cover *,
	const char *notes[FIELD_COUNT], struct arena *);

/* What Plex holds. */
void values_of_item(const struct item *, struct fields *, struct arena *);

/* Of all that decides what is pushed where, but the pictures: the values, the files,
 * and the settings that decide a match (their digest). */
struct digest values_digest(const struct fields *, const struct scene *, uint64_t match_settings);

#endif
