#include "push/filter.h"

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
	{"setting sceneSkipTag", "it has the tag of setting sceneSkipTag", has_skip_tag},
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
