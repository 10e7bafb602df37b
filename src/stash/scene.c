#include "stash/scene.h"

#include <string.h>

#include "base/day.h"
#include "base/json.h"
#include "base/utf8.h"

/* So many studios above a studio are read: Stash has no question for all of them. */
#define PARENT(above)  "parent_studio{id name" above "}"
#define PARENTS(above) PARENT(" " PARENT(above))
#define FOUR(above)    PARENTS(" " PARENTS(above))

static const struct {
	const char *word; /* that Stash does not know */
	const char *with, *without;
} parts[SCENE_PARTS] = {
	[SCENE_MOVIES] = {"movies", "movies{movie{id name}}", ""},
	[SCENE_GROUPS] = {"groups", "groups{group{id name}}", ""},
	[SCENE_CODE] = {"code", "code", ""},
	[SCENE_PARENT_STUDIOS] = {"parent_studio", "studio{id name " FOUR(" " FOUR("")) "}",
		"studio{id name}"},
	[SCENE_GENDERS] = {"gender", "performers{gender}", ""},
	[SCENE_DISAMBIGUATIONS] = {"disambiguation", "performers{disambiguation}", ""},
};

const char *scene_fields(unsigned lacking, struct arena *a)
{
	struct str text;

	str_init(&text, a);
	str_add(&text,
		"id title details director date rating100 organized updated_at "
		"performers{name} tags{id name} files{path size duration} stash_ids{stash_id}");
	if (!(lacking & 1u << SCENE_MOVIES))
		lacking |= 1u << SCENE_GROUPS;
	for (size_t i = 0; i < SCENE_PARTS; i++)
		str_addf(&text, " %s", lacking & 1u << i ? parts[i].without : parts[i].with);
	return text.s;
}

unsigned scene_lacks(const char *error)
{
	static const char says[] = "Cannot query field ";
	const char *found = strstr(error, says);

	if (found == NULL || found[sizeof(says) - 1] == '\0')
		return 0;
	found += sizeof(says); /* and a quote, of whatever kind */
	for (unsigned i = 0; i < SCENE_PARTS; i++) {
		size_t len = strlen(parts[i].word);
		if (strncmp(found, parts[i].word, len) == 0 && strchr("\"'", found[len]) != NULL)
			return 1u << i;
	}
	return 0;
}

/* Stash's are seconds, with a fraction. */
static int64_t duration_ms(const cJSON *file)
{
	const cJSON *value = json_get(file, "duration");
	double ms = cJSON_IsNumber(value) ? value->valuedouble * 1000 : 0;

	return ms > 0 && ms < UINT32_MAX ? (int64_t)(ms + 0.5) : 0;
}

static bool parse_files(const cJSON *from, struct scene *scene, struct arena *a, struct err *err)
{
	size_t count;
	const cJSON *list = json_list(from, "files", &count), *file;

	scene->files = arena_array(a, count, sizeof(*scene->files));
	cJSON_ArrayForEach(file, list)
	{
		struct scene_file *to = &scene->files[scene->file_count];
		to->path = arena_strdup(a, json_text(file, "path"));
		to->size = json_int(file, "size", 0);
		to->duration_ms = duration_ms(file);
		if (str_blank(to->path) || strlen(to->path) > LIMIT_PATH_BYTES)
			return err_set(err, ERR_JOB, "a file of the scene has no usable path");
		scene->file_count++;
	}
	return true;
}

static void parse_performers(const cJSON *from, struct scene *scene, struct arena *a)
{
	size_t count;
	const cJSON *list = json_list(from, "performers", &count), *performer;

	str_list_init(&scene->performers, a);
	str_list_init(&scene->bare_performers, a);
	str_list_init(&scene->genders, a);
	cJSON_ArrayForEach(performer, list)
	{
		char *name = json_copy(a, performer, "name");
		const char *which = str_trim(a, json_copy(a, performer, "disambiguation"));
		if (str_blank(name))
			continue;
		str_list_add(&scene->bare_performers, name);
		str_list_add(&scene->genders, json_copy(a, performer, "gender"));
		if (*which != '\0')
			name = arena_printf(a, "%s (%s)", str_trim(a, name), which);
		str_list_add(&scene->performers, name);
	}
}

static void parse_tags(const cJSON *from, struct scene *scene, struct arena *a)
{
	size_t count;
	const cJSON *list = json_list(from, "tags", &count), *tag;

	str_list_init(&scene->tags, a);
	scene->tag_ids = arena_array(a, count, sizeof(*scene->tag_ids));
	cJSON_ArrayForEach(tag, list)
	{
		char *name = json_copy(a, tag, "name");
		if (*name == '\0')
			continue;
		scene->tag_ids[scene->tags.n] = json_int(tag, "id", 0);
		str_list_add(&scene->tags, name);
	}
}

static void parse_studio(const cJSON *studio, struct scene *scene, struct arena *a)
{
	const cJSON *above = studio;
	size_t count = 0;

	while ((above = json_get(above, "parent_studio")) != NULL)
		count++;
	scene->studio = json_copy(a, studio, "name");
	scene->studio_id = json_int(studio, "id", 0);
	scene->parent_ids = arena_array(a, count, sizeof(*scene->parent_ids));
	str_list_init(&scene->parent_studios, a);
	while ((studio = json_get(studio, "parent_studio")) != NULL) {
		scene->parent_ids[scene->parent_studios.n] = json_int(studio, "id", 0);
		str_list_add(&scene->parent_studios, json_copy(a, studio, "name"));
	}
}

static void parse_groups(
	const cJSON *from, const char *list, const char *word, struct scene *scene, struct arena *a)
{
	size_t count;
	const cJSON *entries = json_list(from, list, &count), *entry;

	str_list_init(&scene->groups, a);
	scene->group_ids = arena_array(a, count, sizeof(*scene->group_ids));
	cJSON_ArrayForEach(entry, entries)
	{
		const cJSON *group = json_get(entry, word);
		char *name = json_copy(a, group, "name");
		if (str_blank(name))
			continue;
		scene->group_ids[scene->groups.n] = json_int(group, "id", 0);
		str_list_add(&scene->groups, name);
	}
}

static bool is_identified(const cJSON *from)
{
	size_t count;
	const cJSON *list = json_list(from, "stash_ids", &count), *element;

	cJSON_ArrayForEach(element, list)
	{
		if (!str_blank(json_text(element, "stash_id")))
			return true;
	}
	return false;
}

bool scene_parse(const cJSON *from, struct scene *scene, struct arena *a, struct err *err)
{
	bool groups = json_get(from, "groups") != NULL;

	*scene = (struct scene){.id = json_int(from, "id", 0)};
	if (scene->id <= 0)
		return err_set(err, ERR_LATER, "Stash's answer contains no scene");
	scene->title = json_copy(a, from, "title");
	scene->details = json_copy(a, from, "details");
	scene->date = json_copy(a, from, "date");
	scene->director = json_copy(a, from, "director");
	scene->updated = json_copy(a, from, "updated_at");
	scene->code = json_copy(a, from, "code");
	scene->rating100 = json_int(from, "rating100", 0);
	scene->organized = cJSON_IsTrue(json_get(from, "organized"));
	parse_studio(json_get(from, "studio"), scene, a);
	scene->identified = is_identified(from);
	parse_performers(from, scene, a);
	parse_tags(from, scene, a);
	parse_groups(from, groups ? "groups" : "movies", groups ? "group" : "movie", scene, a);
	return parse_files(from, scene, a, err);
}

static bool has_day(const struct scene *scene)
{
	struct arena a;
	const char *day;
	bool has;

	arena_init(&a);
	day = day_of(scene->date, &a);
	has = day != NULL && *day != '\0';
	arena_clear(&a);
	return has;
}

bool scene_is_blank(const struct scene *scene)
{
	return str_blank(scene->title) && str_blank(scene->details) && !has_day(scene) &&
	       str_blank(scene->studio) && scene->rating100 == 0 && scene->performers.n == 0 &&
	       str_blank(scene->director) && scene->tags.n == 0 && scene->groups.n == 0;
}

bool scene_has_tag(const struct scene *scene, const char *name)
{
	return utf8_has_name(&scene->tags, name);
}
