/* filter.c - see filter.h. */
#include "sync/filter.h"

#include "base/str.h"

/* Nothing is said about it: not identified yet. */
static bool is_blank(const struct scene *scene)
{
	return str_blank(scene->title) && str_blank(scene->details) && str_blank(scene->date) &&
	       str_blank(scene->studio) && scene->rating100 == 0 && scene->performers.n == 0 &&
	       str_blank(scene->director) && scene->tags.n == 0 && scene->groups.n == 0;
}

const char *filter_reason(
	const struct scene *scene, const struct settings *settings, bool was_pushed)
{
	if (scene->file_count == 0)
		return "it has no file";
	if (settings->only_organized && !scene->organized)
		return "it is not marked organized (setting sceneOnlyOrganized)";
	if (*settings->skip_tag != '\0' && scene_has_tag(scene, settings->skip_tag))
		return "it has the tag of setting sceneSkipTag";
	if (is_blank(scene) && !was_pushed)
		return "nothing is known about it yet";
	return NULL;
}
