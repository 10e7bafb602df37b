/*
 * test_settings.c - the user's settings: every key, what values of other types
 * become, messages that name the setting, and what is needed to talk to Plex.
 */
#include "helpers.h"

#include "base/json.h"
#include "base/log.h"
#include "stash/settings.h"

static struct arena arena;

static int setup(void **state)
{
	(void)state;
	arena_init(&arena);
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	arena_clear(&arena);
	return 0;
}

static bool parse(const char *json, struct settings *settings, struct err *err)
{
	cJSON *map = json_parse(json, strlen(json), err);
	bool parsed;

	assert_non_null(map);
	parsed = settings_parse(map, settings, &arena, err);
	cJSON_Delete(map); /* nothing may point into it */
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

static bool is_default(const struct settings *s)
{
	return *s->plex_url == '\0' && *s->plex_token == '\0' && !s->no.title && !s->no.summary &&
	       !s->no.date && !s->no.studio && !s->no.performers && !s->no.tags &&
	       s->ignore_tags.n == 0 && !s->keep_plex_edits && !s->hook_queue_only &&
	       s->libraries.n == 0 && *s->path_map == '\0' && !s->hide_paths && !s->match_by_name &&
	       !s->only_organized && *s->skip_tag == '\0' && s->ca_file == NULL && !s->skip_verify;
}

static void test_nothing_is_set(void **state)
{
	static const char *const texts[] = {"{}", "{\"unknown\":true,\"fieldnotitle\":true}",
		"{\"connectUrl\":null,\"fieldNoTitle\":null,\"libraryNames\":null,\"tlsCaFile\":"
		"null}",
		"{\"connectUrl\":\"\",\"fieldNoTitle\":\"\",\"libraryNames\":\"\",\"tlsCaFile\":"
		"\"\"}",
		"{\"connectUrl\":\"  \",\"libraryNames\":\" , ,\",\"sceneSkipTag\":\" \\t\"}"};
	struct settings settings;
	struct err err;
	bool ok = true;

	(void)state;
	assert_true(settings_parse(NULL, &settings, &arena, &err));
	assert_true(is_default(&settings));
	for (size_t i = 0; i < ROWS(texts); i++)
		ok &= row_true(texts[i], parse(texts[i], &settings, &err) && is_default(&settings));
	assert_true(ok);
}

static void test_booleans(void **state)
{
	static const struct {
		const char *key;
		size_t at;
	} keys[] = {
		{"fieldNoTitle", offsetof(struct settings, no.title)},
		{"fieldNoSummary", offsetof(struct settings, no.summary)},
		{"fieldNoDate", offsetof(struct settings, no.date)},
		{"fieldNoStudio", offsetof(struct settings, no.studio)},
		{"fieldNoPerformers", offsetof(struct settings, no.performers)},
		{"fieldNoTags", offsetof(struct settings, no.tags)},
		{"fieldKeepPlexEdits", offsetof(struct settings, keep_plex_edits)},
		{"hookQueueOnly", offsetof(struct settings, hook_queue_only)},
		{"logHidePaths", offsetof(struct settings, hide_paths)},
		{"matchByName", offsetof(struct settings, match_by_name)},
		{"sceneOnlyOrganized", offsetof(struct settings, only_organized)},
		{"tlsSkipVerify", offsetof(struct settings, skip_verify)},
	};
	static const struct {
		const char *value;
		int flag; /* -1: an error */
	} values[] = {
		{"true", 1},
		{"false", 0},
		{"\"true\"", 1},
		{"\"false\"", 0},
		{"1", 1},
		{"0", 0},
		{"\"1\"", 1},
		{"\"0\"", 0},
		{"\"\"", 0},
		{"null", 0},
		{"2", -1},
		{"-1", -1},
		{"0.5", -1},
		{"\"yes\"", -1},
		{"\"True\"", -1},
		{"\" true\"", -1},
		{"[]", -1},
		{"{}", -1},
		{"[true]", -1},
	};
	bool ok = true;

	(void)state;
	for (size_t k = 0; k < ROWS(keys); k++) {
		for (size_t v = 0; v < ROWS(values); v++) {
			const char *row = arena_printf(
				&arena, "{\"%s\":%s}", keys[k].key, values[v].value);
			struct settings settings;
			struct err err;
			bool parsed = parse(row, &settings, &err), *flag;
			ok &= row_int(row, parsed, values[v].flag >= 0);
			if (!parsed) {
				ok &= row_int(row, err.kind, ERR_SETUP);
				ok &= row_true(row, strstr(err.text, keys[k].key) != NULL);
				continue;
			}
			flag = (bool *)(void *)((char *)&settings + keys[k].at);
			ok &= row_int(row, *flag, values[v].flag);
			*flag = false; /* and nothing else is set */
			ok &= row_true(row, is_default(&settings));
		}
	}
	assert_true(ok);
}

static void test_texts(void **state)
{
	static const struct {
		const char *key;
		size_t at;
	} keys[] = {
		{"connectUrl", offsetof(struct settings, plex_url)},
		{"connectToken", offsetof(struct settings, plex_token)},
		{"libraryPathMap", offsetof(struct settings, path_map)},
		{"sceneSkipTag", offsetof(struct settings, skip_tag)},
		{"tlsCaFile", offsetof(struct settings, ca_file)},
	};
	static const struct {
		const char *value, *text; /* NULL: an error */
	} values[] = {
		{"\"x\"", "x"},
		{"\"  Harbour Lights \\n\"", "Harbour Lights"},
		{"2014", "2014"},
		{"-7", "-7"},
		{"\"\\u00e9 \\ud83c\\udfac\"", "\xc3\xa9 \xf0\x9f\x8e\xac"},
		{"true", NULL},
		{"false", NULL},
		{"1.5", NULL},
		{"[]", NULL},
		{"{}", NULL},
		{"[\"x\"]", NULL},
	};
	bool ok = true;

	(void)state;
	for (size_t k = 0; k < ROWS(keys); k++) {
		for (size_t v = 0; v < ROWS(values); v++) {
			const char *row = arena_printf(
				&arena, "{\"%s\":%s}", keys[k].key, values[v].value);
			struct settings settings;
			struct err err;
			bool parsed = parse(row, &settings, &err);
			ok &= row_int(row, parsed, values[v].text != NULL);
			if (parsed) {
				const char *const *text = (const char *const *)(const void
						*)((const char *)&settings + keys[k].at);
				ok &= row_text(row, *text, values[v].text);
			} else {
				ok &= row_int(row, err.kind, ERR_SETUP);
				ok &= row_true(row, strstr(err.text, keys[k].key) != NULL);
			}
		}
	}
	assert_true(ok);
}

static void test_lists(void **state)
{
	static const struct {
		const char *value, *list; /* NULL: an error */
	} rows[] = {
		{"\"Films\"", "Films"},
		{"\"Films, Clips\"", "Films|Clips"},
		{"\" Films ,, Clips , \"", "Films|Clips"},
		{"\",\"", ""},
		{"2", "2"},
		{"\"2,3\"", "2|3"},
		{"\"Home movies\"", "Home movies"},
		{"true", NULL},
		{"[\"Films\"]", NULL},
		{"{}", NULL},
		{"1.5", NULL},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		for (int k = 0; k < 2; k++) {
			const char *key = k == 0 ? "libraryNames" : "fieldIgnoreTags";
			const char *row = arena_printf(&arena, "{\"%s\":%s}", key, rows[i].value);
			struct settings settings;
			struct err err;
			bool parsed = parse(row, &settings, &err);
			ok &= row_int(row, parsed, rows[i].list != NULL);
			if (!parsed)
				ok &= row_true(row,
					err.kind == ERR_SETUP && strstr(err.text, key) != NULL);
			else
				ok &= row_text(row,
					join(k == 0 ? &settings.libraries : &settings.ignore_tags),
					rows[i].list);
		}
	}
	assert_true(ok);
}

static void test_no_map(void **state)
{
	static const char *const texts[] = {"[]", "7", "\"x\"", "true"};
	struct settings settings;
	struct err err;
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(texts); i++)
		ok &= row_true(
			texts[i], !parse(texts[i], &settings, &err) && err.kind == ERR_SETUP);
	assert_true(ok);
}

static void test_contradictions(void **state)
{
	struct settings settings;
	struct err err;

	(void)state;
	assert_false(parse("{\"tlsCaFile\":\"/ca.pem\",\"tlsSkipVerify\":true}", &settings, &err));
	assert_int_equal(err.kind, ERR_SETUP);
	assert_non_null(strstr(err.text, "tlsCaFile"));
	assert_non_null(strstr(err.text, "tlsSkipVerify"));
	assert_true(parse("{\"tlsCaFile\":\" \",\"tlsSkipVerify\":true}", &settings, &err));
	assert_true(parse("{\"tlsCaFile\":\"/ca.pem\",\"tlsSkipVerify\":false}", &settings, &err));
}

/* --- what is needed ------------------------------------------------------------- */

static void test_url(void **state)
{
	static const struct {
		const char *given, *url; /* NULL: not accepted */
	} rows[] = {
		{"http://192.168.1.10:32400", "http://192.168.1.10:32400"},
		{"http://192.168.1.10:32400/", "http://192.168.1.10:32400"},
		{" https://nas.example.org:32400/// ", "https://nas.example.org:32400"},
		{"http://[::1]:32400", "http://[::1]:32400"},
		{"http://nas/plex/", "http://nas/plex"},
		{"https://1-2-3-4.abc.plex.direct:32400", "https://1-2-3-4.abc.plex.direct:32400"},
		{"", NULL},
		{"/", NULL},
		{"192.168.1.10:32400", NULL},
		{"http://", NULL},
		{"http:///", NULL},
		{"http://:32400", NULL},
		{"ftp://nas", NULL},
		{"file:///etc/passwd", NULL},
		{"http://ana:secret@nas", NULL},
		{"http://nas?X-Plex-Token=secret", NULL},
		{"http://nas/#/settings", NULL},
		{"http://nas plex", NULL},
		{"http://nas\\r\\nX-Evil: 1", NULL},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *row = rows[i].given;
		const char *json = arena_printf(
			&arena, "{\"connectUrl\":\"%s\",\"connectToken\":\"abcdef\"}", row);
		struct settings settings;
		struct err err;
		ok &= row_true(row, parse(json, &settings, &err));
		ok &= row_int(row, settings_check(&settings, &err), rows[i].url != NULL);
		if (rows[i].url != NULL)
			ok &= row_text(row, settings.plex_url, rows[i].url);
		else
			ok &= row_true(row, err.kind == ERR_SETUP &&
						    strstr(err.text, "connectUrl") != NULL &&
						    strstr(err.text, "secret") == NULL);
	}
	assert_true(ok);
}

static void test_token(void **state)
{
	static const struct {
		const char *token;
		bool good;
	} rows[] = {
		{"abcdef", true},
		{"eyJhbGciOiJFZERTQSJ9.eyJ_-x.y~", true},
		{"", false},
		{"  ", false},
		{"abc def", false},
		{"abc\\ndef", false},
		{"abc\\u0001def", false},
		{"abc\\u00e9", false},
		{"abc\\u007f", false},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *row = rows[i].token;
		const char *json = arena_printf(
			&arena, "{\"connectUrl\":\"http://nas\",\"connectToken\":\"%s\"}", row);
		struct settings settings;
		struct err err;
		ok &= row_true(row, parse(json, &settings, &err));
		ok &= row_int(row, settings_check(&settings, &err), rows[i].good);
		if (!rows[i].good)
			ok &= row_true(row, err.kind == ERR_SETUP &&
						    strstr(err.text, "connectToken") != NULL &&
						    strstr(err.text, "abc") == NULL);
	}
	assert_true(ok);
}

static void write_file(const char *path, const char *text, size_t len)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, len, file), len);
	fclose(file);
}

static void test_token_file(void **state)
{
	static const struct {
		const char *name, *content;
		bool readable, good;
		const char *token;
	} rows[] = {
		{"a token", "abcdef", true, true, "abcdef"},
		{"a line", "  abcdef\r\n", true, true, "abcdef"},
		{"two lines", "abc\ndef\n", false, false, NULL},
		{"empty", "", true, false, ""},
		{"a blank line", " \n", true, false, ""},
	};
	char dir[TEMP_BYTES], path[2 * TEMP_BYTES];
	struct settings settings;
	struct err err;
	bool ok = true;

	(void)state;
	temp_make(dir);
	temp_path(path, dir, "token");
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *json = arena_printf(&arena,
			"{\"connectUrl\":\"http://nas\",\"connectToken\":\"file:%s\"}", path);
		write_file(path, rows[i].content, strlen(rows[i].content));
		ok &= row_true(rows[i].name, parse(json, &settings, &err));
		ok &= row_int(rows[i].name, settings_read_token(&settings, &arena, &err),
			rows[i].readable);
		ok &= row_text(rows[i].name, settings.plex_token, rows[i].token);
		if (rows[i].readable)
			ok &= row_int(rows[i].name, settings_check(&settings, &err), rows[i].good);
		else
			ok &= row_true(rows[i].name, strstr(err.text, "connectToken") != NULL);
	}
	assert_true(ok);
	/* No such file; a folder; something far too long. */
	unlink(path);
	settings.plex_token = arena_printf(&arena, "file:%s", path);
	assert_false(settings_read_token(&settings, &arena, &err));
	assert_int_equal(err.kind, ERR_SETUP);
	assert_non_null(strstr(err.text, "connectToken"));
	settings.plex_token = arena_printf(&arena, "file:%s", dir);
	assert_false(settings_read_token(&settings, &arena, &err));
	assert_int_equal(err.kind, ERR_SETUP);
	write_file(path, arena_alloc(&arena, 100000), 100000);
	settings.plex_token = arena_printf(&arena, "file:%s", path);
	assert_false(settings_read_token(&settings, &arena, &err));
	assert_int_equal(err.kind, ERR_SETUP);
	settings.plex_token = "file:";
	assert_false(settings_read_token(&settings, &arena, &err));
	/* A token that is none of a file stays. */
	settings.plex_token = "abcdef";
	assert_true(settings_read_token(&settings, &arena, &err));
	assert_string_equal(settings.plex_token, "abcdef");
	temp_remove(dir);
}

static void test_tokens_are_secrets(void **state)
{
	char line[] = "tokens inSettings7 and inAFile8";
	char dir[TEMP_BYTES], path[2 * TEMP_BYTES];
	struct settings settings;
	struct err err;

	(void)state;
	temp_make(dir);
	write_file(temp_path(path, dir, "token"), "inAFile8\n", 9);
	assert_true(parse("{\"connectToken\":\"inSettings7\"}", &settings, &err));
	settings.plex_token = arena_printf(&arena, "file:%s", path);
	assert_true(settings_read_token(&settings, &arena, &err));
	log_mask(line);
	assert_string_equal(line, "tokens *********** and ********");
	temp_remove(dir);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_nothing_is_set, setup, teardown),
		cmocka_unit_test_setup_teardown(test_booleans, setup, teardown),
		cmocka_unit_test_setup_teardown(test_texts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_lists, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_map, setup, teardown),
		cmocka_unit_test_setup_teardown(test_contradictions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_url, setup, teardown),
		cmocka_unit_test_setup_teardown(test_token, setup, teardown),
		cmocka_unit_test_setup_teardown(test_token_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tokens_are_secrets, setup, teardown),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
