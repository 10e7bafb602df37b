/*
 * about.h - what Stash says about itself, for people.
 */
#ifndef PLEXSYNC_STASH_ABOUT_H
#define PLEXSYNC_STASH_ABOUT_H

#include "stash/stash.h"

struct stash_plugin {
	const char *id, *name;
	bool enabled;
};
struct stash_about {
	const char *version; /* "" if not given */
	int64_t scenes;
	struct stash_plugin *plugins;
	size_t plugin_count;
};

/* False as stash_read. */
bool stash_about(
	struct stash *, struct stash_time, struct stash_about *, struct arena *, struct err *);

#endif
