/* fuzz_scene.c - any JSON in place of a scene, and the values that come of it. */
#include "fuzz.h"

#include "base/limits.h"
#include "stash/scene.h"
#include "push/filter.h"
#include "push/values.h"

static void check_names(const struct value *set, struct arena *a)
{
	for (size_t i = 0; i < set->names.n; i++) {
		const char *name = set->names.v[i];
		assert(*name != '\0' && strcmp(utf8_clean_line(a, name), name) == 0);
		for (size_t j = 0; j < i; j++)
			assert(strcmp(utf8_fold(a, set->names.v[j]), utf8_fold(a, name)) != 0);
	}
}

static void check(const struct scene *scene, struct arena *a)
{
	struct settings settings = {.skip_tag = ""};
	bool blank;
	struct fields fields;
	const char *notes[FIELD_COUNT];

	assert(scene->id > 0);
	for (size_t i = 0; i < scene->file_count; i++) {
		assert(!str_blank(scene->files[i].path));
		assert(strlen(scene->files[i].path) <= LIMIT_PATH_BYTES);
	}
	values_of_scene(scene, &settings, NULL, &fields, a);
	values_notes(scene, &settings, NULL, notes, a);
	assert(scene->performers.n == scene->bare_performers.n);
	blank = filter_reason(scene, &settings, false) != NULL;
	for (enum field f = 0; f < FIELD_POSTER; f++) {
		bool no_date = f == FIELD_DATE && notes[f] != NULL;
		assert(fields.v[f].known == !no_date);
		if (no_date)
			continue;
		assert(fuzz_is_utf8(fields.v[f].text));
		check_names(&fields.v[f], a);
		assert(!blank || scene->file_count == 0 || *fields.v[f].text == '\0');
	}
	assert(notes[FIELD_DATE] != NULL || strlen(fields.v[FIELD_DATE].text) % 10 == 0);
	for (size_t i = 0; i < scene->tags.n; i++)
		assert(scene_has_tag(scene, utf8_clean_line(a, scene->tags.v[i])));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	cJSON *tree = fuzz_json(data, size);
	struct scene scene;
	struct err err = {0};
	struct arena a;

	arena_init(&a);
	if (scene_parse(tree, &scene, &a, &err))
		check(&scene, &a);
	else
		assert(err.kind != ERR_NONE && err.text[0] != '\0');
	arena_clear(&a);
	cJSON_Delete(tree);
	return 0;
}
