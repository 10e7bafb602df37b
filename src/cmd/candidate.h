/* candidate.h - a file in Plex that may be a scene's: what there is to decide by. */
#ifndef PLEXSYNC_CMD_CANDIDATE_H
#define PLEXSYNC_CMD_CANDIDATE_H

#include <cjson/cJSON.h>

#include "stash/scene.h"
#include "state/library_index.h"

/* {"key", "library", "path", "size", "duration_s", "for": […], "against": […]}: what speaks for it and what
 * against it, in words. 'mapped': the file's path as Plex would say it, or as Stash does. */
cJSON *candidate_json(const struct library_index *, const struct index_part *,
	const struct scene_file *, const char *mapped, struct arena *);

#endif
