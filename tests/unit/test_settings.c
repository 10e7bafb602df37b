/*
 * test_settings.c - the user's settings: every key, what values of other types
 * become, messages that name the setting, and what is needed to talk to Plex.
 */
#include "arena_open.h"

#include "base/json.h"
#include "base/log.h"
#include "stash/settings.h"

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
	struct settings none;
	struct err err;

	assert_true(settings_parse(NULL, &none, &arena, &err));
	return settings_same(s, &none, SETTINGS_ALL);
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
	assert_true(*settings.plex_url == '\0' && *settings.plex_token == '\0' &&
		    *settings.path_map == '\0' && *settings.skip_tag == '\0' &&
		    settings.ca_file == NULL && settings.libraries.n == 0 &&
		    settings.ignore_tags.n == 0 && !settings.no.title && !settings.scan_new);
	for (size_t i = 0; i < ROWS(texts); i++)
		ok &= row_true(texts[i], parse(texts[i], &settings, &err) && is_default(&settings));
	assert_true(ok);
}

static void test_booleans(void **state)
{
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
	for (size_t k = 0; k < settings_count; k++) {
		for (size_t v = 0; v < ROWS(values) && settings_table[k].type == SETTING_FLAG;
			v++) {
			const char *key = settings_table[k].name;
			const char *row = arena_printf(&arena, "{\"%s\":%s}", key, values[v].value);
			struct settings settings;
			struct err err;
			bool parsed = parse(row, &settings, &err), *flag;
			ok &= row_int(row, parsed, values[v].flag >= 0);
			if (!parsed) {
				ok &= row_int(row, err.kind, ERR_SETUP);
				ok &= row_true(row, strstr(err.text, key) != NULL);
				continue;
			}
			flag = (bool *)(void *)((char *)&settings + settings_table[k].at);
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
	for (size_t k = 0; k < settings_count; k++) {
		for (size_t v = 0; v < ROWS(values) && settings_table[k].type == SETTING_TEXT;
			v++) {
			const char *key = settings_table[k].name;
			const char *row = arena_printf(&arena, "{\"%s\":%s}", key, values[v].value);
			struct settings settings;
			struct err err;
			bool parsed = parse(row, &settings, &err);
			ok &= row_int(row, parsed, values[v].text != NULL);
			if (parsed) {
				const char *const *text = (const char *const *)(const void
						*)((const char *)&settings + settings_table[k].at);
				ok &= row_text(row, *text, values[v].text);
			} else {
				ok &= row_int(row, err.kind, ERR_SETUP);
				ok &= row_true(row, strstr(err.text, key) != NULL);
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
		{"\"\\\"Black, White\\\", Fog\"", "Black, White|Fog"},
		{"\"Fog,\\\"Black, White\\\"\"", "Fog|Black, White"},
		{"\"\\\"a \\\"\\\"b\\\"\\\"\\\"\"", "a \"b\""},
		{"\"12\\\" disc, 7\\\"\"", "12\" disc|7\""},
		{"\"\\\"\\\", \\\" \\\"\"", ""},
		{"\"Films\\nClips\\r\\nShorts\"", "Films|Clips|Shorts"},
		{"\"\\\"Black, White\"", NULL},
		{"\"Fog, \\\"\"", NULL},
		{"\"\\\"Black\\\" White, Fog\"", NULL},
		{"true", NULL},
		{"[\"Films\"]", NULL},
		{"{}", NULL},
		{"1.5", NULL},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		for (size_t k = 0; k < settings_count; k++) {
			const char *key = settings_table[k].name;
			const char *row = arena_printf(&arena, "{\"%s\":%s}", key, rows[i].value);
			struct settings settings;
			struct err err;
			bool parsed;
			/* The genders may be a few words only. */
			if (settings_table[k].type != SETTING_LIST ||
				strcmp(key, "fieldPerformerGenders") == 0)
				continue;
			parsed = parse(row, &settings, &err);
			ok &= row_int(row, parsed, rows[i].list != NULL);
			if (!parsed)
				ok &= row_true(row,
					err.kind == ERR_SETUP && strstr(err.text, key) != NULL);
			else
				ok &= row_text(row,
					join((const void *)((char *)&settings +
							    settings_table[k].at)),
					rows[i].list);
		}
	}
	assert_true(ok);
}

/* Texts of which only some can be used; what they become. */
static void test_what_a_setting_may_be(void **state)
{
	static const struct {
		const char *json, *said; /* NULL: it is taken */
	} rows[] = {
		{"{\"fieldTagsAs\":\"\"}", NULL},
		{"{\"fieldTagsAs\":\" Labels \"}", NULL},
		{"{\"fieldTagsAs\":\"collections\"}", NULL},
		{"{\"fieldTagsAs\":\"label\"}",
			"\"label\" is not one of genres, labels, collections"},
		{"{\"fieldTagsAs\":true}", "text was expected"},
		{"{\"fieldPerformerGenders\":\"\"}", NULL},
		{"{\"fieldPerformerGenders\":\"female, Trans-Male, NON_BINARY, other\"}", NULL},
		{"{\"fieldPerformerGenders\":\"F\"}", "\"F\" is not one of MALE"},
		{"{\"fieldTitleFormat\":\"{title}\"}", NULL},
		{"{\"fieldTitleFormat\":\"{name}\"}", "{name} at character 1"},
		{"{\"fieldSortTitleFormat\":\"]\"}", "the ] at character 1"},
	};
	struct settings settings;
	struct err err;
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		bool parsed = parse(rows[i].json, &settings, &err);
		ok &= row_int(rows[i].json, parsed, rows[i].said == NULL);
		if (rows[i].said != NULL && !parsed)
			ok &= row_true(err.text,
				err.kind == ERR_SETUP && strstr(err.text, rows[i].said) != NULL);
	}
	assert_true(ok);
	assert_true(parse("{\"fieldPerformerGenders\":\"female, Trans-Male, other\","
			  "\"fieldTagsAs\":\"LABELS\",\"fieldStudioPrefix\":\" Studio - \","
			  "\"fieldGroupPrefix\":\"  \"}",
		&settings, &err));
	assert_string_equal(join(&settings.genders), "FEMALE|TRANSGENDER_MALE|OTHER");
	assert_int_equal(settings.tags_as, TAGS_LABELS);
	assert_string_equal(settings.studio_prefix, " Studio - "); /* blanks at its ends count */
	assert_string_equal(settings.group_prefix, "");		   /* blanks alone do not */
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

/* --- the table ------------------------------------------------------------------ */

/* Two sets of settings that differ in this one, and in nothing else. */
static void parse_pair(const struct setting *row, struct settings *off, struct settings *on)
{
	struct err err;
	const char *text = row->type == SETTING_WORD			     ? row->words[1]
			   : strcmp(row->name, "fieldPerformerGenders") == 0 ? "FEMALE"
									     : "Low Tide";
	const char *json = arena_printf(&arena,
		row->type == SETTING_FLAG ? "{\"%s\":true}" : "{\"%s\":\"%s\"}", row->name, text);

	assert_true(settings_parse(NULL, off, &arena, &err));
	assert_true(parse(json, on, &err));
}

static void test_every_setting_counts(void **state)
{
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < settings_count; i++) {
		const struct setting *row = &settings_table[i];
		unsigned others = SETTINGS_ALL & ~row->effects;
		struct settings off, on, copy;

		parse_pair(row, &off, &on);
		settings_copy(&copy, &on, &arena);
		ok &= row_true(row->name, row->effects != 0 && row->effects <= SETTINGS_ALL);
		ok &= row_true(row->name, !settings_same(&off, &on, SETTINGS_ALL));
		ok &= row_true(row->name, !settings_same(&off, &on, row->effects));
		ok &= row_true(row->name, settings_same(&off, &on, others));
		ok &= row_true(row->name, settings_same(&copy, &on, SETTINGS_ALL));
		ok &= row_true(row->name,
			settings_digest(&off, row->effects) != settings_digest(&on, row->effects));
		ok &= row_true(
			row->name, settings_digest(&off, others) == settings_digest(&on, others));
		ok &= row_true(row->name,
			settings_digest(&copy, SETTINGS_ALL) == settings_digest(&on, SETTINGS_ALL));
	}
	assert_true(ok);
}

static void test_a_copy_has_its_own_texts(void **state)
{
	static const char json[] =
		"{\"connectToken\":\"abcdef\",\"libraryNames\":\"Films, Clips\"}";
	struct settings settings, copy;
	struct arena other;
	cJSON *map;
	struct err err;

	(void)state;
	arena_init(&other);
	map = json_parse(json, strlen(json), &err);
	assert_true(settings_parse(map, &settings, &other, &err));
	cJSON_Delete(map);
	settings_copy(&copy, &settings, &arena);
	arena_clear(&other);
	assert_string_equal(copy.plex_token, "abcdef");
	assert_string_equal(join(&copy.libraries), "Films|Clips");
	assert_null(copy.ca_file);
}

static void test_no_two_lists_are_one(void **state)
{
	static const char *const texts[] = {"{\"libraryNames\":\"a,b\"}",
		"{\"libraryNames\":\"ab\"}", "{\"libraryNames\":\"b,a\"}",
		"{\"libraryNames\":\"a\",\"libraryPathMap\":\"b\"}"};
	uint64_t digests[ROWS(texts)];
	struct settings settings;
	struct err err;

	(void)state;
	for (size_t i = 0; i < ROWS(texts); i++) {
		assert_true(parse(texts[i], &settings, &err));
		digests[i] = settings_digest(&settings, SETTINGS_MATCH);
		for (size_t before = 0; before < i; before++)
			assert_true(digests[i] != digests[before]);
	}
}

/* The settings of plexsync.yml, whose lines are "  name:" and "    type: WORD". */
static void test_the_manifest_has_the_same(void **state)
{
	FILE *file = fopen("plexsync.yml", "r");
	char line[1024], name[64] = "", type[16];
	bool inside = false, ok = true;
	size_t count = 0;

	(void)state;
	assert_non_null(file);
	while (fgets(line, sizeof(line), file) != NULL) {
		const struct setting *row = settings_table;
		inside = line[0] == ' ' ? inside : strcmp(line, "settings:\n") == 0;
		if (inside && line[2] != ' ')
			sscanf(line, " %63[^:]", name);
		if (!inside || sscanf(line, " type: %15s", type) != 1)
			continue;
		while (row < settings_table + settings_count && strcmp(row->name, name) != 0)
			row++;
		count++;
		ok &= row_true(name, row < settings_table + settings_count);
		if (row < settings_table + settings_count)
			ok &= row_text(
				name, type, row->type == SETTING_FLAG ? "BOOLEAN" : "STRING");
	}
	fclose(file);
	assert_true(ok);
	assert_int_equal(count, settings_count);
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
		{"http://nas:32400/web", "http://nas:32400"},
		{"http://nas:32400/web/", "http://nas:32400"},
		{"http://nas:32400/web/index.html", "http://nas:32400"},
		{"http://nas:32400/web/index.html#!/settings/server", "http://nas:32400"},
		{"https://nas/plex/web/index.html", "https://nas/plex"},
		{"http://nas:32400/WEB", "http://nas:32400"},
		{"http://nas:32400/#!/media", "http://nas:32400"},
		{"http://nas:32400/web#!/media", "http://nas:32400"},
		{"HTTP://Nas:32400", "http://Nas:32400"},
		{"http://web:32400", "http://web:32400"},
		{"http://web/web", "http://web"},
		{"http://nas/webb", "http://nas/webb"},
		{"http://nas/cobweb/", "http://nas/cobweb"},
		{"http://nas/web.old", "http://nas/web.old"},
		{"http://myplex.tv.example:32400", "http://myplex.tv.example:32400"},
		{"http://notplex.tv", "http://notplex.tv"},
		{"", NULL},
		{"/", NULL},
		{"web", NULL},
		{"https://app.plex.tv/desktop/#!/server/abc", NULL},
		{"https://app.plex.tv", NULL},
		{"https://plex.tv:443/", NULL},
		{"https://my.plexapp.com", NULL},
		{"'http://nas:32400'", NULL},
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
		const char *token, *words; /* of the kind of mistake; NULL: it is none */
	} rows[] = {
		{"abcdef", NULL},
		{"eyJhbGciOiJFZERTQSJ9.eyJ_-x.y~", NULL},
		{"abc-claim-", NULL},
		{"", "empty"},
		{"  ", "empty"},
		{"abc def", "blank"},
		{"abc\\ndef", "line end"},
		{"abc\\tdef", "blank"},
		{"abc\\u0001def", "no Plex token"},
		{"abc\\u00e9", "no Plex token"},
		{"abc\\u007f", "no Plex token"},
		{"claim-abc", "claim code"},
		{"Claim-abc", "claim code"},
		{"\\\"abc\\\"", "quotes"},
		{"'abc'", "quotes"},
		{"abc'", "quotes"},
		{"\xe2\x80\x9c"
		 "abc\xe2\x80\x9d",
			"quotes"},
		{"X-Plex-Token=abc", "what follows"},
		{"x-plex-token=abc", "what follows"},
		{"Token=abc", "what follows"},
		{"abc&X-Plex-Client=x", "what follows"},
		{"abc?x=1", "what follows"},
		{"abc==", NULL},
		{"X-Plex-Token: abc", "what follows"},
		{"http://nas/library?X-Plex-Token=abc", "what follows"},
		{"http://nas:32400/abc", "address"},
		{"<abc>", "placeholder"},
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
		ok &= row_int(row, settings_check(&settings, &err), rows[i].words == NULL);
		if (rows[i].words != NULL)
			ok &= row_true(row, err.kind == ERR_SETUP &&
						    strstr(err.text, "connectToken") != NULL &&
						    strstr(err.text, rows[i].words) != NULL &&
						    strstr(err.text, "abc") == NULL);
	}
	assert_true(ok);
}

static void test_globs(void **state)
{
	static const struct {
		const char *globs, *wrong; /* the one that fits nothing; NULL: all may fit */
	} rows[] = {
		{"", NULL},
		{"/data/films/**", NULL},
		{"**/Private/**, D:\\\\Clips\\\\*.mp4,,", NULL},
		{"\\\"/data/a,b/*\\\"", NULL},
		{"/data/**, films/**", "\"films/**\""},
		{"*.mp4", "\"*.mp4\""},
		{"/data/films/", "\"/data/films/\""},
	};
	static const char *const keys[] = {"scenePathOnly", "scenePathSkip"};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows) * ROWS(keys); i++) {
		const char *row = rows[i / 2].globs, *key = keys[i % 2];
		struct settings settings;
		struct err err;
		assert_true(
			parse(arena_printf(&arena,
				      "{\"connectUrl\":\"http://nas\",\"connectToken\":\"abcdef\","
				      "\"%s\":\"%s\"}",
				      key, row),
				&settings, &err));
		ok &= row_int(row, settings_check(&settings, &err), rows[i / 2].wrong == NULL);
		if (rows[i / 2].wrong != NULL)
			ok &= row_true(row, err.kind == ERR_SETUP &&
						    strstr(err.text, key) != NULL &&
						    strstr(err.text, rows[i / 2].wrong) != NULL);
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
		cmocka_unit_test_setup_teardown(test_what_a_setting_may_be, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_map, setup, teardown),
		cmocka_unit_test_setup_teardown(test_contradictions, setup, teardown),
		cmocka_unit_test_setup_teardown(test_every_setting_counts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_a_copy_has_its_own_texts, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_two_lists_are_one, setup, teardown),
		cmocka_unit_test_setup_teardown(test_the_manifest_has_the_same, setup, teardown),
		cmocka_unit_test_setup_teardown(test_url, setup, teardown),
		cmocka_unit_test_setup_teardown(test_token, setup, teardown),
		cmocka_unit_test_setup_teardown(test_globs, setup, teardown),
		cmocka_unit_test_setup_teardown(test_token_file, setup, teardown),
		cmocka_unit_test_setup_teardown(test_tokens_are_secrets, setup, teardown),
	};

	return cmocka_run_group_tests_name("settings", tests, NULL, NULL);
}
