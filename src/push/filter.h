/*
 * filter.h - which scenes PlexSync has anything to do with.
 *
 * Asked by a push and by a sweep alike, so that both leave the same scenes alone.
 */
#ifndef PLEXSYNC_PUSH_FILTER_H
#define PLEXSYNC_PUSH_FILTER_H

#include <stdbool.h>
#include <stddef.h>

#include "stash/scene.h"
#include "stash/settings.h"
#include "state/choice.h"

struct filter {
	const char *name;   /* what is asked, for people */
	const char *reason; /* why a scene that does not pass is left alone */
	bool (*stops)(const struct scene *, const struct settings *, bool was_pushed);
};

extern const struct filter filter_table[];
extern const size_t filter_count;

/* Why the scene is left alone, in words for people (a literal); NULL if it is to be
 * pushed. 'was_pushed': it was before, so that it may now be emptied. */
const char *filter_reason(const struct scene *, const struct settings *, bool was_pushed);

/* The same for what a person chose, which comes first. */
const char *filter_choice(const struct choice *);

#endif
