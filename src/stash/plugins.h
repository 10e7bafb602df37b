/*
 * plugins.h - what Stash has saved for its plugins: their settings, as they are. They may hold
 * secrets of others; nothing of them is logged.
 */
#ifndef PLEXSYNC_STASH_PLUGINS_H
#define PLEXSYNC_STASH_PLUGINS_H

#include <cjson/cJSON.h>

#include "stash/stash.h"

/* A map of settings for each plugin, by its id; those without any are not there. NULL with an
 * error as stash_read. Free with cJSON_Delete. */
cJSON *plugins_read(struct stash *, struct stash_time, struct arena *, struct err *);

/* Adds these settings of ours to those that are saved, or replaces them. Stash knows only how
 * to replace the whole map, so it is read first: what is saved in between is lost. */
bool plugins_save(
	struct stash *, const cJSON *settings, struct stash_time, struct arena *, struct err *);

#endif
