/* sample.c - takes the scenes with the lowest ids, which costs the fewest questions. */
#include "cmd/sample.h"

#include <string.h>

#include "base/path.h"
#include "find/locate.h"
#include "push/filter.h"
#include "run/scenes.h"

/* Scenes that are looked for in the index, and at how many it looks to find so many that the
 * settings do not leave alone. */
#define TRIED  100
#define LOOKED (5 * (size_t)LIMIT_SCENE_PAGE)

struct taking {
	const struct env *env;
	struct arena *arena;
	struct sample *sample;
	size_t looked;
};

/* How the rule fares that decides about such a file; NULL: none does. */
static struct sample_rule *rule_about(const struct taking *t, const char *path)
{
	const struct path_map *map = &t->env->use->path_map;
	size_t i = 0;

	while (i < map->count && !path_map_fits(&map->rules[i], path, t->arena))
		i++;
	return i < map->count ? &t->sample->rules[i] : NULL;
}

/* "/a/films/x/y.mp4" and "/b/x/y.mp4" differ in "/a/films" and "/b". */
static void note_prefix(struct taking *t, const char *ours, const char *theirs)
{
	struct sample *sample = t->sample;
	struct sample_prefix *at = sample->prefixes;
	struct sample_rule *rule = rule_about(t, ours);
	const char *from = ours, *to = theirs;

	if (rule != NULL)
		rule->wrong++;
	for (size_t n = path_common_folders(t->arena, ours, theirs) + 1; n > 0; n--) {
		from = path_folder(t->arena, from);
		to = path_folder(t->arena, to);
	}
	sample->differing++;
	while (at < sample->prefixes + sample->prefix_count &&
		(strcmp(at->from, from) != 0 || strcmp(at->to, to) != 0))
		at++;
	if (at == sample->prefixes + SAMPLE_PREFIXES)
		return;
	if (at == sample->prefixes + sample->prefix_count) {
		*at = (struct sample_prefix){.from = from, .to = to};
		sample->prefix_count++;
	}
	at->count++;
}

/* The one file in Plex with this name and this size or duration, if its path differs. */
static void look_for_twin(struct taking *t, const struct scene_file *file, const char *mapped)
{
	struct index_part *parts = arena_array(t->arena, LIMIT_CANDIDATES, sizeof(*parts));
	size_t count = locate_candidates(t->env, mapped, parts, LIMIT_CANDIDATES, t->arena);
	const struct index_part *twin = NULL;

	for (size_t i = 0; i < count; i++) {
		if (!match_same_size(file->size, parts[i].size) &&
			!match_same_duration(file->duration_ms, parts[i].duration_ms))
			continue;
		if (twin != NULL)
			return;
		twin = &parts[i];
	}
	if (twin == NULL || path_same(t->arena, mapped, twin->path))
		return;
	t->sample->by_duration += !match_same_size(file->size, twin->size);
	note_prefix(t, file->path, twin->path);
}

static void try_scene(struct taking *t, const struct scene *scene)
{
	const struct scene_file *file = &scene->files[0];
	struct sample *sample = t->sample;
	struct sample_rule *rule;
	struct location where;

	if (!locate_by_index(t->env, file, &where, t->arena))
		return;
	sample->seen++;
	if (where.answer == LOCATE_FOUND) {
		sample->by_rule[where.rule]++;
	} else if (where.answer == LOCATE_ABSENT) {
		sample->absent++;
		sample->absent_example = scene->id;
	} else {
		sample->uncertain++;
	}
	if (where.answer != LOCATE_FOUND || match_proves(MATCH_NAME_SIZE, where.rule))
		look_for_twin(t, file, where.mapped);
	else if ((rule = rule_about(t, file->path)) != NULL)
		rule->right++;
}

static void look_at(struct taking *t, const struct scene *scene)
{
	const char *reason;

	if (scene->unreadable || scene->file_count == 0)
		return;
	t->looked++;
	for (size_t i = 0; i < scene->file_count; i++)
		str_list_add(&t->sample->paths, arena_strdup(t->arena, scene->files[i].path));
	/* One of which nothing is known yet is tried all the same. */
	reason = filter_reason(scene, &t->env->use->s, true);
	if (reason == NULL) {
		try_scene(t, scene);
		return;
	}
	t->sample->left_alone++;
	t->sample->left_example = scene->id;
	t->sample->left_reason = reason;
}

static bool goes_on(const struct taking *t)
{
	return t->sample->seen < TRIED && t->looked < LOOKED;
}

static bool take_page(
	void *what, const struct stash_page *page, bool *more, struct arena *a, struct err *err)
{
	struct taking *t = what;

	(void)a;
	(void)err;
	for (size_t i = 0; i < page->n && goes_on(t); i++)
		look_at(t, &page->scenes[i]);
	*more = goes_on(t);
	return true;
}

bool sample_take(const struct env *env, struct sample *sample, struct arena *a, struct err *err)
{
	struct taking taking = {.env = env, .arena = a, .sample = sample};
	struct scenes scenes = {.env = env, .take = take_page, .what = &taking};

	*sample = (struct sample){
		.rules = arena_array(a, env->use->path_map.count, sizeof(*sample->rules))};
	str_list_init(&sample->paths, a);
	return scenes_walk(&scenes, err);
}
