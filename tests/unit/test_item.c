/*
 * test_item.c - an item of Plex as JSON: ids as texts and numbers, what is
 * missing, copies that Plex made itself, and items in the trash.
 */
#include "arena_open.h"

#include "base/json.h"
#include "base/limits.h"
#include "plex/item.h"

static bool parse(const char *json, struct item *item)
{
	struct err err;
	cJSON *tree = json_parse(json, strlen(json), &err);
	bool parsed;

	assert_non_null(tree);
	parsed = item_parse(tree, item, &arena);
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

/* "path:size*" for the first part, "path:size" for others. */
static const char *parts_text(const struct item *item)
{
	struct str text;

	str_init(&text, &arena);
	for (size_t i = 0; i < item->part_count; i++)
		str_addf(&text, "%s%s:%lld%s", i > 0 ? " " : "", item->parts[i].path,
			(long long)item->parts[i].size, item->parts[i].first ? "*" : "");
	return text.s;
}

static void test_full(void **state)
{
	struct item item;

	(void)state;
	assert_true(parse("{\"ratingKey\":\"55\",\"key\":\"/library/metadata/"
			  "55\",\"guid\":\"local://55\",\"studio\":"
			  "\"Pier\",\"type\":\"movie\",\"title\":\"Harbour "
			  "Lights\",\"summary\":\"One.\\n\\nTwo.\","
			  "\"userRating\":8.0,\"year\":2014,\"originallyAvailableAt\":\"2014-05-"
			  "17\",\"addedAt\":"
			  "1579514088,\"updatedAt\":1579514152,\"librarySectionID\":3,"
			  "\"librarySectionUUID\":\"u-u\","
			  "\"Media\":[{\"id\":46,\"Part\":[{\"id\":46,\"file\":\"/data/"
			  "x.mkv\",\"size\":13400382}]}],"
			  "\"Genre\":[{\"id\":1,\"filter\":\"genre=1\",\"tag\":\"Drama\"},{\"tag\":"
			  "\"Noir\"}],"
			  "\"Role\":[{\"tag\":\"Ana "
			  "Duarte\",\"role\":\"Keeper\",\"thumb\":\"http://h/a.jpg\",\"tagKey\":"
			  "\"5d77\"},{\"tag\":\"Li\"}],\"Field\":[{\"name\":\"title\",\"locked\":"
			  "true},{\"name\":\"genre\","
			  "\"locked\":true}]}",
		&item));
	assert_string_equal(item.rating_key, "55");
	assert_int_equal(item.section, 3);
	assert_string_equal(item.section_uuid, "u-u");
	assert_int_equal(item.type, 1);
	assert_int_equal(item.added, 1579514088);
	assert_int_equal(item.updated, 1579514152);
	assert_string_equal(item.title, "Harbour Lights");
	assert_string_equal(item.summary, "One.\n\nTwo.");
	assert_string_equal(item.studio, "Pier");
	assert_string_equal(item.date, "2014-05-17");
	assert_string_equal(join(&item.genres), "Drama|Noir");
	assert_string_equal(join(&item.locked), "title|genre");
	assert_int_equal(item.role_count, 2);
	assert_string_equal(item.roles[0].name, "Ana Duarte");
	assert_string_equal(item.roles[0].role, "Keeper");
	assert_string_equal(item.roles[0].thumb, "http://h/a.jpg");
	assert_string_equal(item.roles[0].tag_key, "5d77");
	assert_string_equal(item.roles[1].name, "Li");
	assert_true(!item.roles[1].role && !item.roles[1].thumb && !item.roles[1].tag_key);
	assert_string_equal(parts_text(&item), "/data/x.mkv:13400382*");
	assert_false(item.deleted);
	assert_true(item_is_locked(&item, "title"));
	assert_true(item_is_locked(&item, "genre"));
	assert_false(item_is_locked(&item, "titl"));
	assert_false(item_is_locked(&item, "summary"));
	assert_non_null(item_part(&item, "/data/x.mkv"));
	assert_null(item_part(&item, "/data/X.mkv"));
	assert_null(item_part(&item, ""));
}

static void test_empty(void **state)
{
	static const char *const texts[] = {
		"{\"ratingKey\":\"55\"}",
		"{\"ratingKey\":55}",
		"{\"ratingKey\":\"55\",\"title\":null,\"Media\":null,\"Genre\":null,\"Role\":null,"
		"\"Field\":null,"
		"\"deletedAt\":null,\"type\":null,\"librarySectionID\":null}",
		"{\"ratingKey\":\"55\",\"Media\":[],\"Genre\":[],\"Role\":[],\"Field\":[]}",
		"{\"ratingKey\":\"55\",\"title\":7,\"summary\":[],\"studio\":{},"
		"\"originallyAvailableAt\":2014,"
		"\"Media\":{},\"Genre\":\"x\",\"Role\":7,\"Field\":true,\"type\":1,\"addedAt\":"
		"\"x\","
		"\"librarySectionID\":\"x\"}",
		"{\"ratingKey\":\"55\",\"Media\":[null,7,{},{\"Part\":null},{\"Part\":{}},{"
		"\"Part\":[]},{\"Part\":"
		"[null,7,{},{\"file\":null},{\"file\":\"\"},{\"file\":7}]}],\"Genre\":[null,{},{"
		"\"tag\":\"\"},"
		"{\"tag\":7}],\"Role\":[null,{},{\"tag\":\"\"},{\"role\":\"x\"}],\"Field\":[{}]}",
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(texts); i++) {
		struct item item;
		if (!row_true(texts[i], parse(texts[i], &item))) {
			ok = false;
			continue;
		}
		ok &= row_text(texts[i], item.rating_key, "55");
		ok &= row_int(texts[i], item.section, 0);
		ok &= row_text(texts[i], item.section_uuid, NULL);
		ok &= row_int(texts[i], item.type, 0);
		ok &= row_int(texts[i], item.added, 0);
		ok &= row_text(texts[i], item.title, "");
		ok &= row_text(texts[i], item.summary, "");
		ok &= row_text(texts[i], item.studio, "");
		ok &= row_text(texts[i], item.date, "");
		ok &= row_int(texts[i], (int64_t)(item.role_count + item.part_count), 0);
		ok &= row_int(texts[i], (int64_t)(item.genres.n + item.locked.n), 0);
		ok &= row_true(texts[i], !item.deleted && !item_is_locked(&item, "title"));
	}
	assert_true(ok);
}

static void test_rating_key(void **state)
{
	static const struct {
		const char *json, *key; /* NULL: of no use */
	} rows[] = {
		{"{\"ratingKey\":\"9223372036854775807\"}", "9223372036854775807"},
		{"{\"ratingKey\":123456789012}", "123456789012"},
		{"{\"ratingKey\":55.0}", "55"},
		{"{}", NULL},
		{"[]", NULL},
		{"null", NULL},
		{"\"55\"", NULL},
		{"{\"ratingKey\":null}", NULL},
		{"{\"ratingKey\":\"\"}", NULL},
		{"{\"ratingKey\":\"x\"}", NULL},
		{"{\"ratingKey\":\"55,56\"}", NULL},
		{"{\"ratingKey\":\"55&title.value=x\"}", NULL},
		{"{\"ratingKey\":\"../55\"}", NULL},
		{"{\"ratingKey\":\" 55\"}", NULL},
		{"{\"ratingKey\":\"+55\"}", NULL},
		{"{\"ratingKey\":-55}", NULL},
		{"{\"ratingKey\":\"-55\"}", NULL},
		{"{\"ratingKey\":5.5}", NULL},
		{"{\"ratingKey\":[55]}", NULL},
		{"{\"ratingKey\":\"99999999999999999999\"}", NULL},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct item item;
		ok &= row_int(rows[i].json, parse(rows[i].json, &item), rows[i].key != NULL);
		if (rows[i].key != NULL)
			ok &= row_text(rows[i].json, item.rating_key, rows[i].key);
	}
	assert_true(ok);
}

static void test_types(void **state)
{
	static const struct {
		const char *word;
		int number;
	} rows[] = {{"movie", 1}, {"show", 2}, {"season", 3}, {"episode", 4}, {"clip", 12},
		{"track", 0}, {"Movie", 0}, {"", 0}};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct item item;
		ok &= row_true(rows[i].word,
			parse(arena_printf(
				      &arena, "{\"ratingKey\":1,\"type\":\"%s\"}", rows[i].word),
				&item));
		ok &= row_int(rows[i].word, item.type, rows[i].number);
	}
	assert_true(ok);
}

static void test_parts(void **state)
{
	static const struct {
		const char *name, *media, *parts;
	} rows[] = {
		{"two media",
			"[{\"Part\":[{\"file\":\"/a\",\"size\":1}]},{\"Part\":[{\"file\":\"/"
			"b\",\"size\":2}]}]",
			"/a:1* /b:2"},
		{"two parts",
			"[{\"Part\":[{\"file\":\"/a\",\"size\":1},{\"file\":\"/b\",\"size\":2}]}]",
			"/a:1* /b:2"},
		{"optimized",
			"[{\"Part\":[{\"file\":\"/"
			"a\",\"size\":1}]},{\"proxyType\":42,\"Part\":[{\"file\":"
			"\"/o\",\"size\":2}]}]",
			"/a:1*"},
		{"optimized first",
			"[{\"proxyType\":42,\"Part\":[{\"file\":\"/o\"}]},{\"Part\":[{\"file\":\"/"
			"a\","
			"\"size\":1}]}]",
			"/a:1*"},
		{"optimized, as a text", "[{\"proxyType\":\"42\",\"Part\":[{\"file\":\"/o\"}]}]",
			""},
		{"another proxy type",
			"[{\"proxyType\":1,\"Part\":[{\"file\":\"/a\",\"size\":1}]}]", "/a:1*"},
		{"size a text", "[{\"Part\":[{\"file\":\"/a\",\"size\":\"13400382\"}]}]",
			"/a:13400382*"},
		{"no size", "[{\"Part\":[{\"file\":\"/a\"}]}]", "/a:0*"},
		{"large size", "[{\"Part\":[{\"file\":\"/a\",\"size\":50000000000}]}]",
			"/a:50000000000*"},
		{"no file", "[{\"Part\":[{\"size\":1},{\"file\":\"/a\",\"size\":2}]}]", "/a:2*"},
		{"no parts, then some", "[{\"id\":1},{\"Part\":[{\"file\":\"/a\",\"size\":2}]}]",
			"/a:2*"},
		{"Windows", "[{\"Part\":[{\"file\":\"D:\\\\Films\\\\a.mkv\",\"size\":2}]}]",
			"D:\\Films\\a.mkv:2*"},
		{"the same file twice", "[{\"Part\":[{\"file\":\"/a\"},{\"file\":\"/a\"}]}]",
			"/a:0* /a:0"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct item item;
		ok &= row_true(rows[i].name,
			parse(arena_printf(&arena, "{\"ratingKey\":1,\"Media\":%s}", rows[i].media),
				&item));
		ok &= row_text(rows[i].name, parts_text(&item), rows[i].parts);
	}
	assert_true(ok);
}

/* Milliseconds, of the part, or of a medium that has no other. */
static void test_durations(void **state)
{
	static const struct {
		const char *medium;
		int64_t want; /* of its first part */
	} rows[] = {
		{"{\"Part\":[{\"file\":\"/a\",\"duration\":5062}]}", 5062},
		{"{\"Part\":[{\"file\":\"/a\",\"duration\":\"5062\"}]}", 5062},
		{"{\"duration\":7,\"Part\":[{\"file\":\"/a\",\"duration\":5062}]}", 5062},
		{"{\"duration\":7,\"Part\":[{\"file\":\"/a\"}]}", 7},
		{"{\"duration\":7,\"Part\":[{\"file\":\"/a\",\"duration\":0}]}", 7},
		{"{\"duration\":7,\"Part\":[{\"file\":\"/a\"},{\"file\":\"/b\"}]}", 0},
		{"{\"duration\":-1,\"Part\":[{\"file\":\"/a\"}]}", 0},
		{"{\"Part\":[{\"file\":\"/a\",\"duration\":\"long\"}]}", 0},
		{"{\"Part\":[{\"file\":\"/a\",\"duration\":null}]}", 0},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct item item;
		assert_true(parse(
			arena_printf(&arena, "{\"ratingKey\":1,\"Media\":[%s]}", rows[i].medium),
			&item));
		ok &= row_int(rows[i].medium, item.parts[0].duration_ms, rows[i].want);
	}
	assert_true(ok);
}

static void test_long_path(void **state)
{
	char *path = arena_alloc(&arena, LIMIT_PATH_BYTES + 2);
	struct item item;

	(void)state;
	memset(path, 'x', LIMIT_PATH_BYTES);
	assert_true(
		parse(arena_printf(&arena,
			      "{\"ratingKey\":1,\"Media\":[{\"Part\":[{\"file\":\"%s\"}]}]}", path),
			&item));
	assert_int_equal(item.part_count, 1);
	path[LIMIT_PATH_BYTES] = 'x';
	assert_true(parse(arena_printf(&arena,
				  "{\"ratingKey\":1,\"Media\":[{\"Part\":[{\"file\":\"%s\"},{"
				  "\"file\":\"/a\"}]}]}",
				  path),
		&item));
	assert_string_equal(parts_text(&item), "/a:0*");
}

/* Under an address that says no more. */
static void test_shows(void **state)
{
	struct item item;

	(void)state;
	assert_true(parse("{\"ratingKey\":1,\"thumb\":\"/library/metadata/1/thumb/7\"}", &item));
	assert_true(item.has_thumb && !item.has_art);
	assert_true(parse("{\"ratingKey\":1,\"art\":\"/library/metadata/1/art/7\"}", &item));
	assert_true(!item.has_thumb && item.has_art);
	assert_true(parse("{\"ratingKey\":1,\"thumb\":\"\",\"art\":null}", &item));
	assert_true(!item.has_thumb && !item.has_art);
}

static void test_deleted(void **state)
{
	struct item item;

	(void)state;
	assert_true(parse("{\"ratingKey\":1,\"deletedAt\":1579514088}", &item) && item.deleted);
	assert_true(parse("{\"ratingKey\":1,\"deletedAt\":\"1579514088\"}", &item) && item.deleted);
	assert_true(parse("{\"ratingKey\":1,\"deletedAt\":null}", &item) && !item.deleted);
}

static void test_url(void **state)
{
	static const struct {
		const char *machine, *server; /* NULL: no address */
	} rows[] = {
		{"a0B1c2", "a0B1c2"},
		{"a/b?c#d e", "a%2Fb%3Fc%23d%20e"},
		{"", NULL},
		{NULL, NULL},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_text(rows[i].machine ? rows[i].machine : "(null)",
			item_url(rows[i].machine, "55", &arena),
			rows[i].server == NULL
				? NULL
				: arena_printf(&arena,
					  "https://app.plex.tv/desktop/#!/server/%s/details"
					  "?key=%%2Flibrary%%2Fmetadata%%2F55",
					  rows[i].server));
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_full, setup, teardown),
		cmocka_unit_test_setup_teardown(test_empty, setup, teardown),
		cmocka_unit_test_setup_teardown(test_rating_key, setup, teardown),
		cmocka_unit_test_setup_teardown(test_types, setup, teardown),
		cmocka_unit_test_setup_teardown(test_parts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_durations, setup, teardown),
		cmocka_unit_test_setup_teardown(test_long_path, setup, teardown),
		cmocka_unit_test_setup_teardown(test_shows, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deleted, setup, teardown),
		cmocka_unit_test_setup_teardown(test_url, setup, teardown),
	};

	return cmocka_run_group_tests_name("item", tests, NULL, NULL);
}
