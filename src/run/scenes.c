/*
 * scenes.c - see scenes.h. A question that fails says nothing of the scene that it fails for, not
 * even its id: the next scene is then asked for by its place after the last one that is known.
 */
#include "run/scenes.h"

#include "base/log.h"
#include "base/rows.h"
#include "run/request.h"
#include "state/told.h"

/* The page that was asked for ahead, if it is the one that is wanted, or else a new question. */
static bool read_page(
	struct scenes *scenes, struct stash_page *page, struct arena *a, struct err *err)
{
	struct stash_begun *begun = scenes->begun;

	scenes->begun = NULL;
	if (scenes->which.skip == 0 && scenes->which.most == LIMIT_SCENE_PAGE && begun != NULL) {
		if (stash_list_end(begun, page, err))
			return true;
	} else {
		stash_list_drop(begun);
	}
	return stash_list(
		scenes->env->stash, &scenes->which, request_stash_time(NULL), page, a, err);
}

static void ask_ahead(struct scenes *scenes, const struct stash_page *page)
{
	struct stash_which next = scenes->which;

	if (!scenes->ahead || page->last == 0 || next.skip > 0 || next.most < LIMIT_SCENE_PAGE ||
		page->count <= (int64_t)page->n)
		return;
	next.after = page->last;
	scenes->begun = stash_list_begin(scenes->env->stash, &next, request_stash_time(NULL),
		&scenes->arenas[scenes->turn ^ 1]);
}

static bool ask_page(void *what, size_t first, size_t count, size_t *done, struct err *err)
{
	struct scenes *scenes = what;
	struct stash_which *which = &scenes->which;
	struct arena *a = &scenes->arenas[scenes->turn];
	struct stash_page page;
	bool ok, more = true;

	*done = 0;
	if (scenes->ended)
		return true;
	which->most = which->skip > 0 ? 1 : count;
	ok = read_page(scenes, &page, a, err);
	if (!ok && err->kind == ERR_LATER && which->most == 1) {
		scenes->gap = which->after;
		which->skip++;
	}
	if (ok) {
		ask_ahead(scenes, &page);
		scenes->next = page.n > 0 ? page.scenes[0].id : 0;
		ok = scenes->take(scenes->what, &page, &more, a, err);
		scenes->ended = !more || page.last == 0 ||
				page.count <= (int64_t)(which->skip + page.n);
		*done = page.n;
		if (page.last > 0) {
			which->after = page.last;
			which->skip = 0;
			scenes->at = first + page.n;
		}
	}
	arena_clear(a);
	scenes->turn ^= 1;
	return ok;
}

/* By its place after the last one that is known, or that one itself. */
static enum lookup see_scene(void *what, size_t row, size_t *end, struct err *err)
{
	struct scenes *scenes = what;
	struct stash_which one = scenes->which;
	bool is_later = row >= scenes->at;
	enum lookup found = ABSENT;
	struct stash_page page;
	struct arena a;

	one.after -= is_later ? 0 : 1;
	one.skip = is_later ? row - scenes->at : 0;
	one.most = 1;
	arena_init(&a);
	if (!stash_list(scenes->env->stash, &one, request_stash_time(NULL), &page, &a, err))
		found = FAILED;
	else if (page.n > 0)
		found = FOUND;
	else if (is_later && scenes->at + (size_t)page.count < *end)
		*end = scenes->at + (size_t)page.count;
	arena_clear(&a);
	return found;
}

static bool leave_scene(void *what, size_t row, const struct err *why, struct err *err)
{
	const struct scenes *scenes = what;
	struct arena a;
	char *which, *about, *text;

	(void)row;
	(void)err;
	arena_init(&a);
	which = scenes->next == scenes->gap + 2
			? arena_printf(&a, "scene %lld", (long long)scenes->gap + 1)
		: scenes->next > 0
			? arena_printf(&a, "a scene between the scenes %lld and %lld",
				  (long long)scenes->gap, (long long)scenes->next)
			: arena_printf(&a, "a scene after scene %lld", (long long)scenes->gap);
	about = arena_printf(&a, "left out after %lld: %.300s", (long long)scenes->gap, why->text);
	text = arena_printf(&a, "Stash cannot list %s, which is left out of the comparison (%s)",
		which, why->text);
	log_at(told_is_news(scenes->env->state, about, "told") ? LOG_WARNING : LOG_DEBUG, "%s",
		text);
	arena_clear(&a);
	return true;
}

bool scenes_walk(struct scenes *scenes, struct err *err)
{
	struct rows rows = {.what = scenes,
		.ask = ask_page,
		.leave = leave_scene,
		.see = see_scene,
		.end = SIZE_MAX,
		.most = LIMIT_SCENE_PAGE};
	bool done;

	scenes->ended = false;
	scenes->which.skip = scenes->at = 0;
	scenes->begun = NULL;
	scenes->turn = 0;
	arena_init(&scenes->arenas[0]);
	arena_init(&scenes->arenas[1]);
	done = rows_walk(&rows, err);
	stash_list_drop(scenes->begun);
	arena_clear(&scenes->arenas[0]);
	arena_clear(&scenes->arenas[1]);
	return done;
}
