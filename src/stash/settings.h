/*
 * settings.h - the user's settings, as Stash keeps them for a plugin.
 *
 * Every setting is one row of settings_table, which all functions here walk: a new one
 * needs a member, a row, and its entry in plexsync.yml. Stash sends only keys that were
 * saved; every boolean is false when unset.
 */
#ifndef PLEXSYNC_STASH_SETTINGS_H
#define PLEXSYNC_STASH_SETTINGS_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"

/* What Stash's tags are in Plex. */
enum settings_tags { TAGS_GENRES, TAGS_LABELS, TAGS_COLLECTIONS };

/* In the list of genders: those that are not named, and performers without one. */
#define SETTINGS_OTHER_GENDER "OTHER"

struct settings {
	const char *plex_url;	/* connectUrl, without '/' at its end */
	const char *plex_token; /* connectToken, read from its file if it names one */
	struct {
		bool title, summary, date, studio, rating, performers, director, tags;
		bool collections, studio_collection, poster, background, disambiguation;
	} no;					/* fieldNo…: leave that field alone */
	struct str_list only_tags, ignore_tags; /* with all that is below them in the tag tree */
	int tags_as;				/* enum settings_tags */
	bool parent_studio;
	const char *studio_prefix, *group_prefix;     /* with the blanks at their ends */
	const char *content_rating;		      /* "" if unset */
	const char *title_format, *sort_title_format; /* checked, see format.h; "" if unset */
	struct str_list genders; /* of performers that go to Plex, in their order; empty: all */
	bool critic_rating;
	bool collection_art;
	bool keep_plex_edits;
	bool hook_queue_only;
	struct str_list libraries; /* names or ids; empty: all of type movie */
	const char *path_map;	   /* libraryPathMap, checked by match */
	bool scan_new;
	bool hide_paths;
	bool match_by_name;
	struct str_list need_tags; /* sceneNeedTags; empty: none is needed */
	bool only_organized;
	bool only_stash_id;
	struct str_list only_paths, skip_paths; /* scenePathOnly, scenePathSkip: globs */
	const char *skip_tag;			/* "" if unset */
	const char *ca_file;			/* NULL if unset */
	bool skip_verify;
};

/* What a setting affects: what is stored and depends on it is stored with the digest of the
 * settings with that effect. */
enum settings_effects {
	SETTINGS_CONNECTION = 1, /* how Plex is reached */
	SETTINGS_MATCH = 2,	 /* which item a file is */
	SETTINGS_PUSH = 4,	 /* which values are pushed */
	SETTINGS_SCENES = 8,	 /* which scenes are pushed */
	SETTINGS_EDITS = 16,	 /* who wins over a person's edit in Plex */
	SETTINGS_SCAN = 32,
	SETTINGS_HOOK = 64,
	SETTINGS_LOG = 128,

	SETTINGS_TAGS = 256, /* what the tag tree is read for */

	SETTINGS_ALL = 511,
	/* What can change the result of a sweep of all scenes. */
	SETTINGS_OF_SWEEP = SETTINGS_MATCH | SETTINGS_PUSH | SETTINGS_SCENES,
	/* What can be wrong with the settings, the token included. */
	SETTINGS_OF_TROUBLE = SETTINGS_MATCH | SETTINGS_CONNECTION | SETTINGS_SCENES
};

enum setting_type {
	SETTING_FLAG, /* bool */
	SETTING_TEXT, /* const char * */
	SETTING_RAW,  /* the same, with the blanks around it */
	SETTING_LIST, /* struct str_list */
	SETTING_WORD, /* an enum: one of 'words', by its place */
};

struct setting {
	const char *name; /* as in plexsync.yml */
	size_t at;	  /* of its member in struct settings */
	enum setting_type type;
	unsigned effects;
	const char *const
		*words; /* of a SETTING_WORD: what it may be, the first if unset; to NULL */
};

extern const struct setting settings_table[];
extern const size_t settings_count;

/* 'map' is what Stash has for this plugin; NULL: nothing is set. False with ERR_SETUP, which
 * names the setting. The token is masked in the log from then on. */
bool settings_parse(const cJSON *map, struct settings *, struct arena *, struct err *);

/* Checks what is needed to talk to Plex, and that every glob can fit something. False with
 * ERR_SETUP, naming the setting. */
bool settings_check(const struct settings *, struct err *);

/* A token of the form file:PATH is read from that file. */
bool settings_read_token(struct settings *, struct arena *, struct err *);

/* A copy whose texts live in the arena. */
void settings_copy(struct settings *to, const struct settings *from, struct arena *);

/* Whether the settings with one of these effects are equal, and a number that differs if
 * they are not. */
bool settings_same(const struct settings *, const struct settings *, unsigned effects);
uint64_t settings_digest(const struct settings *, unsigned effects);

#endif
