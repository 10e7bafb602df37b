/*
 * peers.h - other plugins that bring Stash's scenes to Plex, and what their settings become here.
 */
#ifndef PLEXSYNC_STASH_PEERS_H
#define PLEXSYNC_STASH_PEERS_H

#include <cjson/cJSON.h>

#include "base/arena.h"

/* What is taken over, and what is not. */
struct peers_import {
	/* [{"id", "name", "settings": {ours: theirs}}]: whose settings were found, and which of
	 * ours came from which of theirs */
	cJSON *from;
	cJSON *settings; /* ours, by name; the token among them is the token itself */
	cJSON *left;	 /* [{"setting": theirs, "from": a plugin's name, "why"}] */
};

/* Pure: from all that Stash has saved for its plugins. What is set here stays. Free its three
 * with cJSON_Delete. The token is masked in the log from then on. */
void peers_import(const cJSON *plugins, struct peers_import *, struct arena *);

#endif
