/*
 * item.h - one item of Plex as plain values: a film, a clip, an episode, a collection.
 *
 * A listing truncates tags and omits locks, so only the detail is compared with anything.
 */
#ifndef PLEXSYNC_PLEX_ITEM_H
#define PLEXSYNC_PLEX_ITEM_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/err.h"
#include "base/str.h"
#include "plex/plex.h"

struct item_part {
	const char *path;	   /* as Plex's server sees it */
	int64_t size, duration_ms; /* 0: not given */
	bool first;		   /* the first part of the first medium */
};

struct item_role {
	const char *name, *role, *thumb, *tag_key; /* all but the name NULL if not set */
};

struct item {
	const char *rating_key;	  /* decimal digits */
	int section;		  /* library id; 0: not given */
	const char *section_uuid; /* NULL: not given */
	int type;		  /* Plex's number: 1 movie, 4 episode, 12 clip, 18 collection */
	int64_t added, updated;	  /* Plex's stamps, seconds; 0: not given */
	int64_t duration_ms;	  /* 0: not given */
	/* "" if empty, never NULL */
	const char *title, *summary, *studio, *date;
	const char *sort_title; /* the title, if it has none of its own */
	const char *content_rating;
	const char *rating, *critic_rating; /* the user's and the critics', 0 to 10: "8.5" */
	struct item_role *roles;
	size_t role_count;
	struct str_list genres, directors, collections, labels;
	struct str_list locked;	 /* names of fields */
	struct item_part *parts; /* without those of optimized versions */
	size_t part_count;
	bool has_thumb, has_art; /* it shows a poster, a background */
	bool deleted;		 /* in the trash */
};

/* From one element of "Metadata". False if it has no usable rating key. */
bool item_parse(const cJSON *, struct item *, struct arena *);

/* Reads the detail. FOUND; ABSENT: it does not exist, or is in the trash; FAILED as
 * plex_get. */
enum lookup item_get(struct plex *, const char *rating_key, const struct plex_time *, struct item *,
	struct arena *, struct err *);

/* Reads the details of several items in one request: found[i], FOUND or ABSENT, and items[i] are
 * of keys[i]. False as plex_get of PLEX_LIST: with ERR_LATER one of them may be to blame. */
bool item_get_many(struct plex *, const char *const *keys, size_t count, const struct plex_time *,
	enum lookup *found, struct item *items, struct arena *, struct err *);

/* The part with exactly this path; NULL if there is none. */
const struct item_part *item_part(const struct item *, const char *path);

bool item_is_locked(const struct item *, const char *field);

/* Where Plex's own page shows the item; NULL if the server's machine id is not known (NULL or
 * ""). */
const char *item_url(const char *machine, const char *rating_key, struct arena *);

#endif
