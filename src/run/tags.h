/*
 * tags.h - which tags the settings fieldOnlyTags and fieldIgnoreTags mean.
 */
#ifndef PLEXSYNC_RUN_TAGS_H
#define PLEXSYNC_RUN_TAGS_H

#include "run/env.h"
#include "run/request.h"
#include "stash/scene.h"
#include "state/tag_cover.h"

/* For the settings in use and a scene's tags. *cover is NULL where the settings list none; it
 * lives as long as the run. A hook takes what an earlier run read, if it knows all of the scene's
 * tags; others read Stash's tag tree once. 'asked': NULL for a sweep. False with an error as
 * stash_read. */
bool tags_cover(const struct env *, const struct request *asked, const struct scene *,
	const struct tag_cover **cover, struct err *);

/* A sweep begins: the tree is read again when it is needed. */
void tags_forget(const struct env *);

#endif
