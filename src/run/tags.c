#include "run/tags.h"

#include "stash/tag_tree.h"

static bool knows(const struct tag_cover *cover, const struct scene *scene)
{
	for (size_t i = 0; i < scene->tags.n; i++) {
		if (scene->tag_ids[i] > cover->newest)
			return false;
	}
	return true;
}

static int64_t newest_of(const struct tag_tree *tree, const struct scene *scene)
{
	int64_t newest = tree->n > 0 ? tree->tags[tree->n - 1].id : 0;

	for (size_t i = 0; i < scene->tags.n; i++) { /* a tag that is newer than the answer */
		if (scene->tag_ids[i] > newest)
			newest = scene->tag_ids[i];
	}
	return newest;
}

static struct tag_ids below(
	const struct tag_tree *tree, const struct str_list *names, struct arena *a)
{
	struct tag_ids ids = {.v = arena_array(a, tree->n, sizeof(*ids.v))};

	ids.n = tag_tree_below(tree, names, ids.v);
	return ids;
}

/* How many tags were edited, as far as anybody remembers, before the tree is read. */
static int64_t edits_so_far(const struct env *env, bool in_hook)
{
	struct tag_cover now;
	struct txn txn;
	enum lookup found;

	if (in_hook) /* which has just begun */
		return env->run->tags_before.edits;
	store_begin(&txn, env->state->queue, TXN_READ);
	found = tag_cover_get(&txn, &now, env->arena);
	store_abort(&txn);
	return found == FAILED ? -1 : now.edits;
}

static bool read_tree(const struct env *env, const struct request *asked, const struct scene *scene,
	struct tag_cover *cover, struct err *err)
{
	const struct settings *s = &env->use->s;
	struct tag_tree tree;
	struct arena a;
	bool done;

	arena_init(&a);
	done = tag_tree_read(env->stash, request_stash_time(asked), &tree, &a, err);
	if (done) {
		cover->settings = env->use->tags;
		cover->newest = newest_of(&tree, scene);
		cover->only = below(&tree, &s->only_tags, env->arena);
		cover->ignored = below(&tree, &s->ignore_tags, env->arena);
	}
	arena_clear(&a);
	return done;
}

bool tags_cover(const struct env *env, const struct request *asked, const struct scene *scene,
	const struct tag_cover **out, struct err *err)
{
	const struct settings *s = &env->use->s;
	struct tag_cover *cover = env->run->tags;
	bool in_hook = asked != NULL && request_in_hook(asked);

	*out = NULL;
	if (s->only_tags.n == 0 && s->ignore_tags.n == 0)
		return true;
	if (cover == NULL && in_hook && env->run->tags_known)
		cover = &env->run->tags_before;
	if (cover == NULL || cover->settings != env->use->tags || !knows(cover, scene)) {
		cover = arena_alloc(env->arena, sizeof(*cover));
		cover->edits = edits_so_far(env, in_hook);
		if (!read_tree(env, asked, scene, cover, err))
			return false;
		env->run->tags_are_news = true;
	}
	*out = env->run->tags = cover;
	return true;
}

void tags_forget(const struct env *env)
{
	env->run->tags = NULL;
}
