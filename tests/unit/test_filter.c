/*
 * test_filter.c - which scenes are left alone, and why.
 */
#include "arena_open.h"

#include <stddef.h>

#include "push/filter.h"

static struct str_list names(const char *text)
{
	return str_split(&arena, text, '|');
}

static struct scene empty_scene(void)
{
	static struct scene_file file = {.path = "/data/films/quay.mp4", .size = 1};

	return (struct scene){.id = 45,
		.title = "",
		.details = "",
		.date = "",
		.director = "",
		.studio = "",
		.files = &file,
		.file_count = 1};
}

static const char *reason(const struct scene *scene, bool was_pushed)
{
	struct settings settings = {.skip_tag = ""};

	return filter_reason(scene, &settings, was_pushed);
}

static bool is_blank(const struct scene *scene)
{
	const char *why = reason(scene, false);

	return why != NULL && strcmp(why, "nothing is known about it yet") == 0;
}

static void test_nothing(void **state)
{
	static const struct {
		const char *name;
		size_t text; /* offset of the text that is set */
		const char *value;
	} rows[] = {
		{"title", offsetof(struct scene, title), "x"},
		{"details", offsetof(struct scene, details), "x"},
		{"date", offsetof(struct scene, date), "2019"},
		{"director", offsetof(struct scene, director), "x"},
		{"studio", offsetof(struct scene, studio), "x"},
	};
	struct scene scene = empty_scene();
	bool ok = true;

	(void)state;
	ok &= row_true("nothing at all", is_blank(&scene));
	scene.organized = true;
	ok &= row_true("organized says nothing", is_blank(&scene));
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct scene one = scene;
		const char **text = (const char **)(void *)((char *)&one + rows[i].text);
		*text = rows[i].value;
		ok &= row_true(rows[i].name, !is_blank(&one));
		*text = " \n\t";
		ok &= row_true(rows[i].name, is_blank(&one));
	}
	scene.rating100 = 1;
	ok &= row_true("rating", !is_blank(&scene));
	scene.rating100 = 0;
	scene.performers = names("Ana Duarte");
	ok &= row_true("performers", !is_blank(&scene));
	scene.performers = names("");
	scene.tags = names("Drama");
	ok &= row_true("tags", !is_blank(&scene));
	scene.tags = names("");
	scene.groups = names("Lights");
	ok &= row_true("groups", !is_blank(&scene));
	assert_true(ok);
}

static void test_emptied_after_a_push(void **state)
{
	struct scene scene = empty_scene();

	(void)state;
	assert_non_null(reason(&scene, false));
	assert_null(reason(&scene, true));
}

static void test_settings(void **state)
{
	struct settings settings = {.skip_tag = "no plex", .only_organized = true};
	struct scene scene = empty_scene();

	(void)state;
	scene.title = "Harbour Lights";
	assert_non_null(strstr(filter_reason(&scene, &settings, true), "sceneOnlyOrganized"));
	scene.organized = true;
	assert_null(filter_reason(&scene, &settings, false));
	scene.tags = names("Drama|No Plex");
	assert_non_null(strstr(filter_reason(&scene, &settings, true), "sceneSkipTag"));
	scene.file_count = 0;
	assert_string_equal(filter_reason(&scene, &settings, true), "it has no file");
}

/* Which of the filters stops it; "": none. */
static const char *stopped_by(const struct scene *scene, const struct settings *settings)
{
	for (size_t i = 0; i < filter_count; i++) {
		if (filter_table[i].stops(scene, settings, true))
			return filter_table[i].name;
	}
	return "";
}

static void test_gates(void **state)
{
	static const char path[] = "/data/films/old/quay.mp4";
	static const struct {
		const char *name;
		bool only_stash_id, identified;
		const char *need, *tags, *only, *skip;
		const char *file; /* NULL: it has none */
		const char *stops;
	} rows[] = {
		{"nothing is set", false, false, "", "", "", "", path, ""},
		{"identified", true, true, "", "", "", "", path, ""},
		{"not identified", true, false, "", "", "", "", path, "setting sceneOnlyStashId"},
		{"nobody asks", false, true, "", "", "", "", path, ""},
		{"a needed tag", false, false, "Plex", "Boats|plex", "", "", path, ""},
		{"one of two", false, false, "Shown|Plex", "Boats|Plex ", "", "", path, ""},
		{"other tags", false, false, "Plex", "Boats|Plexi", "", "", path,
			"setting sceneNeedTags"},
		{"no tags", false, false, "Plex", "", "", "", path, "setting sceneNeedTags"},
		{"there", false, false, "", "", "/data/FILMS/**", "", path, ""},
		{"there by one of two", false, false, "", "", "/a/*|/data/**", "", path, ""},
		{"elsewhere", false, false, "", "", "/data/films/*", "", path,
			"setting scenePathOnly"},
		{"skipped", false, false, "", "", "", "/a/*|**/old/*", path,
			"setting scenePathSkip"},
		{"not skipped", false, false, "", "", "", "/a/*|**/new/*", path, ""},
		{"both", false, false, "", "", "/data/**", "**/old/*", path,
			"setting scenePathSkip"},
		{"no file", false, false, "", "", "**", "**", NULL, "it has a file"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct settings settings = {.skip_tag = "",
			.only_stash_id = rows[i].only_stash_id,
			.need_tags = names(rows[i].need),
			.only_paths = names(rows[i].only),
			.skip_paths = names(rows[i].skip)};
		/* The primary file alone counts. */
		struct scene_file files[] = {{.path = rows[i].file}, {.path = "/a/b"}};
		struct scene scene = empty_scene();
		scene.identified = rows[i].identified;
		scene.tags = names(rows[i].tags);
		scene.files = files;
		scene.file_count = rows[i].file != NULL ? 2 : 0;
		ok &= row_text(rows[i].name, stopped_by(&scene, &settings), rows[i].stops);
		for (size_t f = 0; f < filter_count && rows[i].file == NULL; f++)
			filter_table[f].stops(&scene, &settings, true); /* explain asks all */
	}
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_emptied_after_a_push, setup, teardown),
		cmocka_unit_test_setup_teardown(test_settings, setup, teardown),
		cmocka_unit_test_setup_teardown(test_gates, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
