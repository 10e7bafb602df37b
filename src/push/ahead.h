/*
 * ahead.h - what is read ahead for scenes that are pushed side by side, up to LIMIT_BATCH to a
 * request: the scenes from Stash, and the details of their items from Plex.
 *
 * It is a store of answers, no more: what it does not have (a row that spoils the request that
 * it is in, an item that was found later) is asked for alone, by whoever needs it.
 */
#ifndef PLEXSYNC_PUSH_AHEAD_H
#define PLEXSYNC_PUSH_AHEAD_H

#include "plex/item.h"
#include "run/env.h"
#include "run/request.h"
#include "stash/scene.h"

struct ahead_scene {
	int64_t id;
	enum lookup found; /* FAILED: not read */
	struct scene scene;
};

struct ahead_item {
	const char *rating_key;
	enum lookup found; /* FAILED: not read */
	struct item item;
};

struct ahead {
	struct arena *arena;
	struct settings settings; /* those that came with the scenes */
	struct ahead_scene *scenes;
	size_t scene_count;
	struct ahead_item *items;
	size_t item_count;
};

/* Both in the place of what was read before. False with the error if the server would answer
 * nobody now. */
bool ahead_read_scenes(
	const struct env *, struct ahead *, const int64_t *ids, size_t count, struct err *);
bool ahead_read_items(
	const struct env *, struct ahead *, const struct str_list *rating_keys, struct err *);

/* NULL: not read; 'ahead' may be NULL. */
const struct ahead_scene *ahead_scene(const struct ahead *, int64_t id);

/* As it was read ahead; NULL: it was not, or Plex does not have it. */
const struct item *ahead_item(const struct ahead *, const char *rating_key);

/* The item as it was read ahead or, if it was not, or 'anew', as Plex shows it now. Answers and
 * errors as item_get; 'ahead' may be NULL. */
enum lookup ahead_get_item(const struct env *, const struct ahead *, const struct request *,
	const char *rating_key, bool anew, struct item *, struct arena *, struct err *);

#endif
