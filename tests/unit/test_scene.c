/*
 * test_scene.c - a scene as Stash's GraphQL answers it: nulls, groups and the
 * movies of older versions, files, and the tag to skip.
 */
#include "arena_open.h"

#include "base/json.h"
#include "base/limits.h"
#include "stash/scene.h"

static bool parse(const char *json, struct scene *scene, struct err *err)
{
	cJSON *tree = json_parse(json, strlen(json), err);
	bool parsed;

	assert_non_null(tree);
	parsed = scene_parse(tree, scene, &arena, err);
	cJSON_Delete(tree); /* nothing may point into it */
	return parsed;
}

static const char *join(const struct str_list *list)
{
	struct str text;

	str_init(&text, &arena);
	for (size_t i = 0; i < list->n; i++)
		str_addf(&text, "%s%s", i > 0 ? "|" : "", list->v[i]);
	return text.s;
}

static void test_full(void **state)
{
	struct scene scene;
	struct err err;

	(void)state;
	assert_true(parse(
		"{\"id\":\"45\",\"title\":\"Harbour Lights\",\"details\":\"One.\\n\\nTwo.\","
		"\"director\":\"Li\",\"date\":\"2014-05-17\",\"rating100\":80,\"organized\":true,"
		"\"studio\":{\"id\":\"3\",\"name\":\"Pier\",\"parent_studio\":{\"id\":\"2\","
		"\"name\":"
		"\"Sea\",\"parent_studio\":null}},\"performers\":[{\"name\":\"Ana "
		"Duarte\"},{\"name\":"
		"\"Li\"}],\"tags\":[{\"name\":\"Drama\"},{\"name\":\"Noir\"}],\"files\":[{\"path\":"
		"\"/data/a.mkv\",\"size\":13400382},{\"path\":\"/data/b.mkv\",\"size\":"
		"5000000000000}],\"groups\":[{\"group\":{\"id\":\"8\",\"name\":\"\"}},"
		"{\"group\":{\"id\":\"9\",\"name\":\"Lights\"}}],\"more\":[]}",
		&scene, &err));
	assert_int_equal(scene.studio_id, 3);
	assert_int_equal(scene.parent_ids[0], 2);
	assert_int_equal(scene.group_ids[0], 9);
	assert_int_equal(scene.id, 45);
	assert_string_equal(scene.title, "Harbour Lights");
	assert_string_equal(scene.details, "One.\n\nTwo.");
	assert_string_equal(scene.director, "Li");
	assert_string_equal(scene.date, "2014-05-17");
	assert_string_equal(scene.studio, "Pier");
	assert_int_equal(scene.rating100, 80);
	assert_true(scene.organized);
	assert_string_equal(join(&scene.performers), "Ana Duarte|Li");
	assert_string_equal(join(&scene.tags), "Drama|Noir");
	assert_string_equal(join(&scene.groups), "Lights");
	assert_int_equal(scene.file_count, 2);
	assert_string_equal(scene.files[0].path, "/data/a.mkv");
	assert_int_equal(scene.files[0].size, 13400382);
	assert_string_equal(scene.files[1].path, "/data/b.mkv");
	assert_int_equal(scene.files[1].size, 5000000000000);
}

/* What is missing, null, or of another type is empty. */
static void test_empty(void **state)
{
	static const char *const texts[] = {
		"{\"id\":\"45\"}",
		"{\"id\":45}",
		"{\"id\":\"45\",\"title\":null,\"details\":null,\"director\":null,\"date\":null,"
		"\"rating100\":"
		"null,\"organized\":null,\"studio\":null,\"performers\":null,\"tags\":null,"
		"\"files\":null,"
		"\"groups\":null,\"movies\":null}",
		"{\"id\":\"45\",\"title\":\"\",\"details\":\"\",\"organized\":false,\"studio\":{"
		"\"name\":null},"
		"\"performers\":[],\"tags\":[],\"files\":[],\"groups\":[]}",
		"{\"id\":\"45\",\"title\":7,\"details\":[],\"director\":{},\"date\":2014,"
		"\"rating100\":\"x\","
		"\"organized\":\"true\",\"studio\":\"Pier\",\"performers\":\"Ana\",\"tags\":{},"
		"\"files\":{},"
		"\"groups\":7}",
		"{\"id\":\"45\",\"performers\":[null,7,\"x\",{},{\"name\":null},{\"name\":\" "
		"\"}],\"tags\":"
		"[[]],\"groups\":[{},{\"group\":null},{\"group\":{\"name\":\"\"}},null]}",
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(texts); i++) {
		struct scene scene;
		struct err err;
		if (!row_true(texts[i], parse(texts[i], &scene, &err))) {
			ok = false;
			continue;
		}
		ok &= row_int(texts[i], scene.id, 45);
		ok &= row_text(texts[i], scene.title, "");
		ok &= row_text(texts[i], scene.details, "");
		ok &= row_text(texts[i], scene.director, "");
		ok &= row_text(texts[i], scene.date, "");
		ok &= row_text(texts[i], scene.studio, "");
		ok &= row_int(texts[i], scene.rating100, 0);
		ok &= row_true(texts[i], !scene.organized);
		ok &= row_int(
			texts[i], (int64_t)(scene.performers.n + scene.tags.n + scene.groups.n), 0);
		ok &= row_int(texts[i], (int64_t)scene.file_count, 0);
	}
	assert_true(ok);
}

static void test_disambiguation(void **state)
{
	struct scene scene;
	struct err err;

	(void)state;
	assert_true(
		parse("{\"id\":1,\"performers\":[{\"name\":\"Jane Doe\",\"disambiguation\":\"\"},"
		      "{\"name\":\" Jane Doe \",\"disambiguation\":\" Adult \"},{\"name\":\"Li\","
		      "\"disambiguation\":null},{\"name\":\"Jo\",\"disambiguation\":\" \"},"
		      "{\"name\":\"\",\"disambiguation\":\"Adult\"},{\"name\":\"Ana\","
		      "\"disambiguation\":\"b. 1980 (Lisbon), actor\"}]}",
			&scene, &err));
	assert_string_equal(join(&scene.performers),
		"Jane Doe|Jane Doe (Adult)|Li|Jo|Ana (b. 1980 (Lisbon), actor)");
	assert_string_equal(join(&scene.bare_performers), "Jane Doe| Jane Doe |Li|Jo|Ana");
}

static void test_groups_and_movies(void **state)
{
	static const struct {
		const char *json, *groups;
	} rows[] = {
		{"{\"id\":\"1\",\"groups\":[{\"group\":{\"name\":\"A\"}},{\"group\":{\"name\":"
		 "\"B\"}}]}",
			"A|B"},
		{"{\"id\":\"1\",\"movies\":[{\"movie\":{\"name\":\"A\"}}]}", "A"},
		{"{\"id\":\"1\",\"movies\":[{\"movie\":{\"name\":\"M\"}}],\"groups\":[{\"group\":{"
		 "\"name\":\"G\"}}]}",
			"G"},
		{"{\"id\":\"1\",\"movies\":[{\"movie\":{\"name\":\"M\"}}],\"groups\":[]}", ""},
		{"{\"id\":\"1\",\"movies\":[{\"movie\":{\"name\":\"M\"}}],\"groups\":null}", "M"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct scene scene;
		struct err err;
		ok &= row_true(rows[i].json, parse(rows[i].json, &scene, &err));
		ok &= row_text(rows[i].json, join(&scene.groups), rows[i].groups);
	}
	assert_true(ok);
}

static void test_no_scene(void **state)
{
	static const char *const texts[] = {"{}", "[]", "7", "\"x\"", "null", "{\"id\":null}",
		"{\"id\":\"\"}", "{\"id\":0}", "{\"id\":-1}", "{\"id\":\"x\"}", "{\"id\":4.5}",
		"{\"title\":\"x\"}"};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(texts); i++) {
		struct scene scene;
		struct err err;
		ok &= row_true(texts[i], !parse(texts[i], &scene, &err));
		ok &= row_int(texts[i], err.kind, ERR_LATER);
	}
	assert_true(ok);
}

static void test_sizes(void **state)
{
	static const struct {
		const char *size;
		int64_t bytes;
	} rows[] = {
		{"5", 5},
		{"\"5\"", 5},
		{"0", 0},
		{"null", 0},
		{"\"\"", 0},
		{"4294967296", 4294967296},
		{"9007199254740991", 9007199254740991},
		{"1.5", 0},
		{"true", 0},
		{"1e30", 0},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct scene scene;
		struct err err;
		ok &= row_true(rows[i].size,
			parse(arena_printf(&arena,
				      "{\"id\":1,\"files\":[{\"path\":\"/a\",\"size\":%s}]}",
				      rows[i].size),
				&scene, &err));
		ok &= row_int(rows[i].size, scene.files[0].size, rows[i].bytes);
	}
	assert_true(ok);
}

/* Stash gives seconds. */
static void test_durations(void **state)
{
	static const struct {
		const char *seconds;
		int64_t ms;
	} rows[] = {
		{"600", 600000},
		{"600.04", 600040},
		{"0.0006", 1},
		{"0", 0},
		{"-1", 0},
		{"1e30", 0},
		{"null", 0},
		{"\"600\"", 0},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct scene scene;
		struct err err;
		ok &= row_true(rows[i].seconds,
			parse(arena_printf(&arena,
				      "{\"id\":1,\"files\":[{\"path\":\"/a\",\"duration\":%s}]}",
				      rows[i].seconds),
				&scene, &err));
		ok &= row_int(rows[i].seconds, scene.files[0].duration_ms, rows[i].ms);
	}
	assert_true(ok);
}

static void test_paths_that_cannot_be_used(void **state)
{
	static const char *const files[] = {"{}", "null", "7", "{\"path\":null}", "{\"path\":\"\"}",
		"{\"path\":\" \"}", "{\"path\":7}"};
	char *longest = arena_alloc(&arena, LIMIT_PATH_BYTES + 2);
	struct scene scene;
	struct err err;
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(files); i++) {
		ok &= row_true(files[i],
			!parse(arena_printf(&arena, "{\"id\":1,\"files\":[{\"path\":\"/a\"},%s]}",
				       files[i]),
				&scene, &err));
		ok &= row_int(files[i], err.kind, ERR_JOB);
	}
	assert_true(ok);
	memset(longest, 'x', LIMIT_PATH_BYTES);
	assert_true(parse(arena_printf(&arena, "{\"id\":1,\"files\":[{\"path\":\"%s\"}]}", longest),
		&scene, &err));
	longest[LIMIT_PATH_BYTES] = 'x';
	assert_false(
		parse(arena_printf(&arena, "{\"id\":1,\"files\":[{\"path\":\"%s\"}]}", longest),
			&scene, &err));
}

static void test_has_tag(void **state)
{
	static const struct {
		const char *tag;
		bool has;
	} rows[] = {
		{"Drama", true},
		{"drama", true},
		{"DRAMA", true},
		{"caf\xc3\xa9", true},
		{"CAFE\xcc\x81", true},
		{"Dram", false},
		{"Dramas", false},
		{"", false},
		{"Noir", false},
		/* The setting is trimmed; a tag's name in Stash need not be. */
		{"Padded", true},
	};
	struct scene scene;
	struct err err;
	bool ok = true;

	(void)state;
	assert_true(parse(
		"{\"id\":1,\"tags\":[{\"name\":\"Drama\"},{\"name\":\"Caf\xc3\xa9\"},{\"name\":"
		"\" Padded \"}]}",
		&scene, &err));
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(rows[i].tag, scene_has_tag(&scene, rows[i].tag), rows[i].has);
	assert_true(ok);
}

/* A studio's parents, performers' genders and tags' ids, in the order of the names. */
static void test_what_goes_with_names(void **state)
{
	struct scene scene;
	struct err err;

	(void)state;
	assert_true(parse(
		"{\"id\":\"1\",\"code\":\"HL-1\",\"studio\":{\"name\":\"S\",\"parent_studio\":{"
		"\"name\":\"P\",\"parent_studio\":{\"name\":\"Q\",\"parent_studio\":null}}},"
		"\"performers\":[{\"name\":\"Ana\",\"gender\":\"FEMALE\"},{\"name\":\" \"},"
		"{\"name\":\"Li\",\"gender\":null}],"
		"\"tags\":[{\"id\":\"7\",\"name\":\"Noir\"},{\"id\":\"8\",\"name\":\"\"},"
		"{\"id\":\"9\",\"name\":\"Sea\"}]}",
		&scene, &err));
	assert_string_equal(scene.code, "HL-1");
	assert_string_equal(join(&scene.parent_studios), "P|Q");
	assert_string_equal(join(&scene.genders), "FEMALE|");
	assert_string_equal(join(&scene.tags), "Noir|Sea");
	assert_int_equal(scene.tag_ids[0], 7);
	assert_int_equal(scene.tag_ids[1], 9);
	assert_true(parse("{\"id\":\"1\"}", &scene, &err));
	assert_int_equal(scene.parent_studios.n + scene.genders.n + scene.tags.n, 0);
	assert_string_equal(scene.code, "");
	assert_true(scene_is_blank(&scene));
}

/* What is not a day says nothing about a scene. */
static void test_blank_but_for_the_date(void **state)
{
	static const struct {
		const char *date;
		bool blank;
	} rows[] = {
		{"", true},
		{"unknown", true},
		{"0000-00-00", true},
		{"0001-01-01", true},
		{"0001-01-01T00:00:00Z", true},
		{"2023-02-31", true},
		{"2023", false},
		{"2023-02-28", false},
		{"2023-12-29T00:00:00+01:00", false},
	};
	struct scene scene;
	struct err err;
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		char json[64];
		snprintf(json, sizeof(json), "{\"id\":\"1\",\"date\":\"%s\"}", rows[i].date);
		ok &= row_true(rows[i].date, parse(json, &scene, &err));
		ok &= row_int(rows[i].date, scene_is_blank(&scene), rows[i].blank);
	}
	assert_true(ok);
}

static void test_what_a_stash_lacks(void **state)
{
	static const struct {
		const char *error;
		unsigned lacks;
	} rows[] = {
		{"", 0},
		{"Cannot query field", 0},
		{"Cannot query field ", 0},
		{"Cannot query field \"", 0},
		{"Cannot query field \"title\" on type \"Scene\".", 0},
		{"Cannot query field \"codec\" on type \"Scene\".", 0},
		{"Cannot query field \"code\" on type \"Scene\".", 1u << SCENE_CODE},
		{"Stash says: Cannot query field \"movies\" on type \"Scene\".",
			1u << SCENE_MOVIES},
		{"Cannot query field 'parent_studio' on type 'Studio'.",
			1u << SCENE_PARENT_STUDIOS},
		{"the code is wrong", 0},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(rows[i].error, scene_lacks(rows[i].error), rows[i].lacks);
	assert_true(ok);
	assert_non_null(strstr(scene_fields(0, &arena), "movies{movie{id name}}"));
	assert_null(strstr(scene_fields(0, &arena), "groups"));
	assert_null(strstr(scene_fields(1u << SCENE_MOVIES, &arena), "movies"));
	assert_non_null(strstr(scene_fields(1u << SCENE_MOVIES, &arena), "groups{group{id name}}"));
	assert_non_null(
		strstr(scene_fields(1u << SCENE_PARENT_STUDIOS, &arena), "studio{id name}"));
	assert_null(strstr(scene_fields(~0u, &arena), "gender"));
}

static void test_identified(void **state)
{
	static const struct {
		const char *ids;
		bool identified;
	} rows[] = {
		{"[{\"stash_id\":\"3f2a\"}]", true},
		{"[{\"stash_id\":\"\"},{\"stash_id\":\"3f2a\"}]", true},
		{"[]", false},
		{"null", false},
		{"[{\"stash_id\":\" \"}]", false},
		{"[{\"stash_id\":null},{},7]", false},
		{"{\"stash_id\":\"3f2a\"}", false},
	};
	struct scene scene;
	struct err err;
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		assert_true(parse(arena_printf(&arena, "{\"id\":1,\"stash_ids\":%s}", rows[i].ids),
			&scene, &err));
		ok &= row_int(rows[i].ids, scene.identified, rows[i].identified);
	}
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_empty, setup, teardown),
		cmocka_unit_test_setup_teardown(test_disambiguation, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_goes_with_names, setup, teardown),
		cmocka_unit_test_setup_teardown(test_blank_but_for_the_date, setup, teardown),
		cmocka_unit_test_setup_teardown(test_what_a_stash_lacks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_groups_and_movies, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_scene, setup, teardown),
		cmocka_unit_test_setup_teardown(test_sizes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_durations, setup, teardown),
		cmocka_unit_test_setup_teardown(test_paths_that_cannot_be_used, setup, teardown),
		cmocka_unit_test_setup_teardown(test_has_tag, setup, teardown),
		cmocka_unit_test_setup_teardown(test_identified, setup, teardown),
	};

	return cmocka_run_group_tests_name("scene", tests, NULL, NULL);
}
