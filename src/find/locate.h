/*
 * locate.h - from a file of a scene to the Plex items that play it: through the
 * match cache, else the library index, which is brought up to date where its
 * answer would be "no".
 */
#ifndef PLEXSYNC_FIND_LOCATE_H
#define PLEXSYNC_FIND_LOCATE_H

#include "stash/scene.h"
#include "find/match.h"
#include "run/env.h"
#include "run/request.h"
#include "state/choice.h"

enum locate_answer {
	LOCATE_FOUND,
	LOCATE_AMBIGUOUS, /* candidates, but no certainty                      */
	LOCATE_ABSENT,	  /* Plex, asked after 'since_ms', does not have it    */
	LOCATE_UNKNOWN,	  /* cannot be said now (a hook may not wait, or the index is incomplete) */
};

struct locate_item {
	const char *rating_key;
	int section;
	const char *library;	  /* its title */
	const char *library_uuid; /* as indexed; "" if not known */
	const char *path; /* of the part, as Plex sees it; NULL if it comes from the match cache */
};

struct location {
	enum locate_answer answer;
	enum match_rule rule;
	bool cached;		   /* by the match cache: to be verified */
	bool fresh;		   /* candidates: their rows are as new as their details would be */
	const char *mapped;	   /* the path as Plex would say it */
	struct locate_item *items; /* found, or the candidates */
	size_t count;
	const char *why; /* for people, if not found */
	uint64_t gains;	 /* of the index, when it was looked into */
};

/* By the match cache, unless it was found wrong ('again'), else by the library index: one
 * that was confirmed before the request's event is confirmed again before "absent" is said.
 * False only for errors as plex_get. */
bool locate_file(const struct env *, const struct scene_file *, const struct request *, bool again,
	struct location *, struct arena *, struct err *);

/* What the index says of the file at this moment, without the match cache and without
 * asking Plex. False if there is no index. */
bool locate_by_index(
	const struct env *, const struct scene_file *, struct location *, struct arena *);

/* The same of the match cache, which forgets a match when the index gains a row of the file's
 * name. False if it knows none. */
bool locate_by_match(
	const struct env *, const struct scene_file *, struct location *, struct arena *);

/* The item that a person chose for the scene of this file; whether Plex still has it is not
 * known. */
void locate_chosen(const struct env *, const struct scene_file *, const struct choice *,
	struct location *, struct arena *);

/* What the index has for a path of Plex: parts that may be it, then those of the same
 * file name, each once. Returns how many. */
size_t locate_candidates(
	const struct env *, const char *mapped, struct index_part *, size_t limit, struct arena *);

/* True if one of them is of this item. */
bool locate_has_row(const struct env *, const char *path, const char *rating_key, struct arena *);

/* Plex, asked again, does not have the item of this row of the index: drops the
 * row. Other rows that are out of date are found by the full pass that is owed now. */
void locate_drop_row(const struct env *, const struct locate_item *);

/* True if a page of the index brought something new since this location was looked for. */
bool locate_has_gained(const struct env *, const struct location *);

/* --- decisions ------------------------------------------------------------- */

/* True if the rows of a library are of a pass through all of it that began after 'since_ms', and
 * are the last that was heard of it: a row that was read later may contradict older ones, as when
 * an item is split and its other half is news. */
bool locate_was_just_read(const struct index_section *, int64_t since_ms, int64_t now_ms);

#endif
