#include "push/ahead.h"

#include <string.h>

#include "base/rows.h"
#include "push/judge.h"

/* One that cannot be read is asked for alone, and its trouble told, when it is needed. */
static bool leave(void *what, size_t row, const struct err *why, struct err *err)
{
	(void)what;
	(void)row;
	(void)why;
	(void)err;
	return true;
}

struct walk {
	const struct env *env;
	struct ahead *ahead;
};

/* A request for many of whatever kind; the rows that spoil it are left out. */
static bool walk_rows(const struct env *env, struct ahead *ahead, size_t count,
	bool (*ask)(void *, size_t, size_t, size_t *, struct err *), struct err *err)
{
	struct walk walk = {.env = env, .ahead = ahead};
	struct rows rows = {
		.what = &walk, .ask = ask, .leave = leave, .end = count, .most = LIMIT_BATCH};

	return rows_walk(&rows, err) || judge_may_be_one(err);
}

static bool ask_scenes(void *what, size_t first, size_t count, size_t *done, struct err *err)
{
	const struct walk *walk = what;
	struct ahead *ahead = walk->ahead;
	int64_t *ids = arena_array(ahead->arena, count, sizeof(*ids));
	enum lookup *found = arena_array(ahead->arena, count, sizeof(*found));
	struct scene *scenes = arena_array(ahead->arena, count, sizeof(*scenes));

	*done = count;
	for (size_t i = 0; i < count; i++)
		ids[i] = ahead->scenes[first + i].id;
	if (!stash_read_many(walk->env->stash, ids, count, request_stash_time(NULL), found, scenes,
		    &ahead->settings, ahead->arena, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		ahead->scenes[first + i].found = found[i];
		ahead->scenes[first + i].scene = scenes[i];
	}
	return true;
}

bool ahead_read_scenes(const struct env *env, struct ahead *ahead, const int64_t *ids, size_t count,
	struct err *err)
{
	ahead->scenes = arena_array(ahead->arena, count, sizeof(*ahead->scenes));
	ahead->scene_count = count;
	for (size_t i = 0; i < count; i++)
		ahead->scenes[i] = (struct ahead_scene){.id = ids[i], .found = FAILED};
	return walk_rows(env, ahead, count, ask_scenes, err);
}

static bool ask_items(void *what, size_t first, size_t count, size_t *done, struct err *err)
{
	const struct walk *walk = what;
	struct ahead *ahead = walk->ahead;
	struct plex_time time = request_plex_time(NULL, LIMIT_REQUEST_MS);
	const char **keys = arena_array(ahead->arena, count, sizeof(*keys));
	enum lookup *found = arena_array(ahead->arena, count, sizeof(*found));
	struct item *items = arena_array(ahead->arena, count, sizeof(*items));

	*done = count;
	for (size_t i = 0; i < count; i++)
		keys[i] = ahead->items[first + i].rating_key;
	if (!item_get_many(
		    walk->env->use->plex, keys, count, &time, found, items, ahead->arena, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		ahead->items[first + i].found = found[i];
		ahead->items[first + i].item = items[i];
	}
	return true;
}

static const struct ahead_item *find_item(const struct ahead *ahead, const char *rating_key)
{
	for (size_t i = 0; ahead != NULL && i < ahead->item_count; i++) {
		if (strcmp(ahead->items[i].rating_key, rating_key) == 0)
			return &ahead->items[i];
	}
	return NULL;
}

bool ahead_read_items(const struct env *env, struct ahead *ahead,
	const struct str_list *rating_keys, struct err *err)
{
	ahead->items = arena_array(ahead->arena, rating_keys->n, sizeof(*ahead->items));
	ahead->item_count = 0;
	for (size_t i = 0; i < rating_keys->n; i++) {
		if (find_item(ahead, rating_keys->v[i]) == NULL)
			ahead->items[ahead->item_count++] = (struct ahead_item){
				.rating_key = rating_keys->v[i], .found = FAILED};
	}
	/* One alone is asked for by whoever needs it. */
	if (ahead->item_count < 2 || walk_rows(env, ahead, ahead->item_count, ask_items, err))
		return true;
	judge_item(env, NULL, "to show several items", err, ahead->arena);
	return judge_may_be_one(err);
}

const struct ahead_scene *ahead_scene(const struct ahead *ahead, int64_t id)
{
	for (size_t i = 0; ahead != NULL && i < ahead->scene_count; i++) {
		if (ahead->scenes[i].id == id)
			return &ahead->scenes[i];
	}
	return NULL;
}

const struct item *ahead_item(const struct ahead *ahead, const char *rating_key)
{
	const struct ahead_item *found = find_item(ahead, rating_key);

	return found != NULL && found->found == FOUND ? &found->item : NULL;
}

enum lookup ahead_get_item(const struct env *env, const struct ahead *ahead,
	const struct request *request, const char *rating_key, bool anew, struct item *item,
	struct arena *a, struct err *err)
{
	struct plex_time time = request_plex_time(request, LIMIT_REQUEST_MS);
	const struct ahead_item *found = find_item(ahead, rating_key);

	if (anew || found == NULL || found->found == FAILED)
		return item_get(env->use->plex, rating_key, &time, item, a, err);
	*item = found->item;
	return found->found;
}
