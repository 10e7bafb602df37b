#include "push/filter.h"

#include "base/glob.h"
#include "base/str.h"

static bool has_no_file(const struct scene *scene, const struct settings *settings, bool was_pushed)
{
	(void)settings;
	(void)was_pushed;
	return scene->file_count == 0;
}

static bool is_not_organized(
	const struct scene *scene, const struct settings *settings, bool was_pushed)
{
	(void)was_pushed;
	return settings->only_organized && !scene->organized;
}

static bool is_unidentified(
	const struct scene *scene, const struct settings *settings, bool was_pushed)
{
	(void)was_pushed;
	return settings->only_stash_id && !scene->identified;
}

static bool lacks_tags(const struct scene *scene, const struct settings *settings, bool was_pushed)
{
	const struct str_list *needed = &settings->need_tags;

	(void)was_pushed;
	for (size_t i = 0; i < needed->n; i++) {
		if (scene_has_tag(scene, needed->v[i]))
			return false;
	}
	return needed->n > 0;
}

/* A scene's path is that of its primary file. */
static bool is_in(const struct str_list *globs, const struct scene *scene)
{
	return scene->file_count > 0 && glob_any(globs, scene->files[0].path);
}

static bool is_elsewhere(
	const struct scene *scene, const struct settings *settings, bool was_pushed)
{
	(void)was_pushed;
	return settings->only_paths.n > 0 && !is_in(&settings->only_paths, scene);
}

static bool is_in_skipped_path(
	const struct scene *scene, const struct settings *settings, bool was_pushed)
{
	(void)was_pushed;
	return is_in(&settings->skip_paths, scene);
}

static bool has_skip_tag(
	const struct scene *scene, const struct settings *settings, bool was_pushed)
{
	(void)was_pushed;
	return *settings->skip_tag != '\0' && scene_has_tag(scene, settings->skip_tag);
}

/* Nothing is said about it: not identified yet. */
static bool is_blank(const struct scene *scene, const struct settings *settings, bool was_pushed)
{
	(void)settings;
	return !was_pushed && scene_is_blank(scene);
}

const struct filter filter_table[] = {
	{"it has a file", "it has no file", has_no_file},
	{"setting sceneOnlyOrganized", "it is not marked organized (setting sceneOnlyOrganized)",
		is_not_organized},
	{"setting sceneOnlyStashId", "no stash-box identified it (setting sceneOnlyStashId)",
		is_unidentified},
	{"setting sceneNeedTags", "it has none of the tags of setting sceneNeedTags", lacks_tags},
	{"setting sceneSkipTag", "it has the tag of setting sceneSkipTag", has_skip_tag},
	{"setting scenePathOnly", "its path fits nothing of setting scenePathOnly", is_elsewhere},
	{"setting scenePathSkip", "its path fits setting scenePathSkip", is_in_skipped_path},
	{"something is known about it", "nothing is known about it yet", is_blank},
};
const size_t filter_count = sizeof(filter_table) / sizeof(*filter_table);

const char *filter_reason(
	const struct scene *scene, const struct settings *settings, bool was_pushed)
{
	for (size_t i = 0; i < filter_count; i++) {
		if (filter_table[i].stops(scene, settings, was_pushed))
			return filter_table[i].reason;
	}
	return NULL;
}

const char *filter_choice(const struct choice *choice)
{
	return choice->kind == CHOICE_NONE ? "a person chose that it is not in Plex" : NULL;
}
