/*
 * settings.h - the user's settings, as Stash keeps them for a plugin.
 *
 * Stash sends only keys that were saved; every boolean means "false when
 * unset". A value of the wrong type, or two that contradict each other, are an
 * error that names the setting.
 */
#ifndef PLEXSYNC_STASH_SETTINGS_H
#define PLEXSYNC_STASH_SETTINGS_H

#include <cjson/cJSON.h>
#include <stdbool.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

struct settings {
	const char *plex_url;	/* connectUrl, without '/' at its end */
	const char *plex_token; /* connectToken, read from its file if it names one */
	struct {
		bool title, summary, date, studio, rating, performers, director, tags;
		bool collections, studio_collection, poster, background;
	} no; /* fieldNo…: leave that field alone */
	struct str_list ignore_tags;
	bool keep_plex_edits;
	bool hook_queue_only;
	struct str_list libraries; /* names or ids; empty: all of type movie */
	const char *path_map;	   /* libraryPathMap, checked by match */
	bool scan_new;
	bool hide_paths;
	bool match_by_name;
	bool only_organized;
	const char *skip_tag; /* "" if unset */
	const char *ca_file;  /* NULL if unset */
	bool skip_verify;
};

/* 'map' is what Stash has for this plugin; NULL or an empty object: nothing is set.
 * False with ERR_SETUP. Announces the token to the log as a secret. */
bool settings_parse(const cJSON *map, struct settings *, struct arena *, struct err *);

/* Checks what is needed to talk to Plex. False with ERR_SETUP, naming the setting. */
bool settings_check(const struct settings *, struct err *);

/* A token that says file:PATH is read from there. */
bool settings_read_token(struct settings *, struct arena *, struct err *);

#endif
