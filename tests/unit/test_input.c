/*
 * test_input.c - what Stash writes to stdin: every kind of call, every source
 * of a hook's input, wrong types of each member, and documents that end early.
 */
#include "arena_open.h"

#include "base/limits.h"
#include "base/log.h"
#include "base/str.h"
#include "stash/input.h"

static bool parse(const char *text, struct input *input, struct err *err)
{
	*err = (struct err){.text = ""};
	return input_parse(text, strlen(text), input, &arena, err);
}

#define COOKIE                                                                                     \
	"{\"Name\":\"session\",\"Value\":\"MTcwMDAwMDAwMA\",\"Path\":\"/\",\"Domain\":\"\","       \
	"\"Expires\":\"2026-01-11T09:07:53.1Z\",\"RawExpires\":\"\",\"MaxAge\":3600,"              \
	"\"Secure\":false,\"HttpOnly\":false,\"SameSite\":2,\"Raw\":\"\",\"Unparsed\":null}"
#define CONNECTION                                                                                 \
	"{\"Scheme\":\"http\",\"Host\":\"0.0.0.0\",\"Port\":9999,\"SessionCookie\":" COOKIE        \
	",\"Dir\":\"/root/.stash\",\"PluginDir\":\"/root/.stash/plugins/plexsync\"}"

/* A whole document around the arguments. */
static const char *with_args(const char *args)
{
	return arena_printf(&arena, "{\"server_connection\":" CONNECTION ",\"args\":%s}", args);
}

static const char *with_hook(const char *id, const char *type, const char *input)
{
	return with_args(arena_printf(&arena,
		"{\"hookContext\":{\"id\":%s,\"type\":\"%s\",\"input\":%s,\"inputFields\":[\"id\","
		"\"title\"]}}",
		id, type, input));
}

static const char *ids_text(const struct input_hook *hook)
{
	struct str text;

	str_init(&text, &arena);
	for (size_t i = 0; i < hook->scene_count; i++)
		str_addf(&text, "%s%lld", i > 0 ? " " : "", (long long)hook->scenes[i]);
	return text.s;
}

/* --- the connection ------------------------------------------------------------ */

static void test_the_documented_sample(void **state)
{
	struct input input;
	struct err err;

	(void)state;
	assert_true(parse(with_hook("45", "Scene.Update.Post",
				  "{\"id\":\"45\",\"title\":\"Harbour "
				  "Lights\"}"),
		&input, &err));
	assert_string_equal(input.stash.url, "http://127.0.0.1:9999");
	assert_string_equal(input.stash.cookie_name, "session");
	assert_string_equal(input.stash.cookie, "MTcwMDAwMDAwMA");
	assert_null(input.stash.api_key);
	assert_string_equal(input.stash.dir, "/root/.stash");
	assert_true(input.is_hook);
	assert_int_equal(input.hook.id, 45);
	assert_string_equal(input.hook.type, "Scene.Update.Post");
	assert_int_equal(input.hook.noun, NOUN_SCENE);
	assert_int_equal(input.hook.verb, VERB_UPDATE);
	assert_true(input.hook.names_one);
	assert_null(input.hook.path);
	assert_null(input.mode);
	assert_int_equal(input.args.days, -1);
}

static const char *with_connection(const char *connection)
{
	return arena_printf(&arena,
		"{\"server_connection\":%s,\"args\":{\"hookContext\":{\"id\":45,\"type\":"
		"\"Scene.Update.Post\",\"input\":null}}}",
		connection);
}

static void test_host(void **state)
{
	static const struct {
		const char *scheme, *host, *url; /* host: JSON, NULL: not there */
	} rows[] = {
		{"http", "\"0.0.0.0\"", "http://127.0.0.1:9999"},
		{"https", "\"0.0.0.0\"", "https://127.0.0.1:9999"},
		{"http", "\"\"", "http://127.0.0.1:9999"},
		{"http", NULL, "http://127.0.0.1:9999"},
		{"http", "null", "http://127.0.0.1:9999"},
		{"http", "17", "http://127.0.0.1:9999"},
		{"http", "\"::\"", "http://[::1]:9999"},
		{"http", "\"[::]\"", "http://[::1]:9999"},
		{"http", "\"::1\"", "http://[::1]:9999"},
		{"http", "\"[::1]\"", "http://[::1]:9999"},
		{"http", "\"fe80::1\"", "http://[fe80::1]:9999"},
		{"http", "\"127.0.0.1\"", "http://127.0.0.1:9999"},
		{"http", "\"192.168.1.5\"", "http://192.168.1.5:9999"},
		{"http", "\"localhost\"", "http://localhost:9999"},
		{"https", "\"nas.example.org\"", "https://nas.example.org:9999"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *host = rows[i].host ? arena_printf(&arena, "\"Host\":%s,", rows[i].host)
						: "";
		struct input input;
		struct err err;
		bool parsed = parse(with_connection(arena_printf(&arena,
					    "{\"Scheme\":\"%s\",%s\"Port\":9999,\"Dir\":\"/d\"}",
					    rows[i].scheme, host)),
			&input, &err);
		ok &= row_true(rows[i].url, parsed) &&
		      row_text(rows[i].url, input.stash.url, rows[i].url);
	}
	assert_true(ok);
}

/* Whatever is wrong with it: the hook is read, and so is the folder. */
static void test_wrong_connection(void **state)
{
	static const struct {
		const char *connection, *says;
	} rows[] = {
		{"{\"Port\":9999,\"Dir\":\"/d\"}", "Scheme"},
		{"{\"Scheme\":null,\"Port\":9999,\"Dir\":\"/d\"}", "Scheme"},
		{"{\"Scheme\":\"\",\"Port\":9999,\"Dir\":\"/d\"}", "Scheme"},
		{"{\"Scheme\":\"HTTP\",\"Port\":9999,\"Dir\":\"/d\"}", "Scheme"},
		{"{\"Scheme\":\"ftp\",\"Port\":9999,\"Dir\":\"/d\"}", "Scheme"},
		{"{\"Scheme\":\"http://\",\"Port\":9999,\"Dir\":\"/d\"}", "Scheme"},
		{"{\"Scheme\":1,\"Port\":9999,\"Dir\":\"/d\"}", "Scheme"},
		{"{\"Scheme\":\"http\",\"Host\":\"0.0?0.0\",\"Port\":9999,\"Dir\":\"/d\"}", "Host"},
		{"{\"Scheme\":\"http\",\"Host\":\"me@films\",\"Port\":9999,\"Dir\":\"/d\"}",
			"Host"},
		{"{\"Scheme\":\"http\",\"Host\":\"films/x\",\"Port\":9999,\"Dir\":\"/d\"}", "Host"},
		{"{\"Scheme\":\"http\",\"Dir\":\"/d\"}", "Port"},
		{"{\"Scheme\":\"http\",\"Port\":null,\"Dir\":\"/d\"}", "Port"},
		{"{\"Scheme\":\"http\",\"Port\":0,\"Dir\":\"/d\"}", "Port"},
		{"{\"Scheme\":\"http\",\"Port\":-1,\"Dir\":\"/d\"}", "Port"},
		{"{\"Scheme\":\"http\",\"Port\":65536,\"Dir\":\"/d\"}", "Port"},
		{"{\"Scheme\":\"http\",\"Port\":4294977295,\"Dir\":\"/d\"}", "Port"},
		{"{\"Scheme\":\"http\",\"Port\":99.5,\"Dir\":\"/d\"}", "Port"},
		{"{\"Scheme\":\"http\",\"Port\":1e300,\"Dir\":\"/d\"}", "Port"},
		{"{\"Scheme\":\"http\",\"Port\":[9999],\"Dir\":\"/d\"}", "Port"},
		{"{\"Scheme\":\"http\",\"Port\":\"x\",\"Dir\":\"/d\"}", "Port"},
		{"{\"scheme\":\"http\",\"port\":9999,\"Dir\":\"/d\"}", "Scheme"},
		{"null", "server_connection"},
		{"[]", "server_connection"},
		{"\"http\"", "server_connection"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct input input;
		struct err err;
		const char *row = rows[i].connection;
		ok &= row_true(row, !parse(with_connection(row), &input, &err));
		ok &= row_int(row, err.kind, ERR_INPUT);
		ok &= row_true(row, strstr(err.text, rows[i].says) != NULL);
		ok &= row_true(row, input.is_hook && input.hook.id == 45);
		ok &= row_text(row, input.stash.dir, row[0] == '{' ? "/d" : NULL);
	}
	assert_true(ok);
}

static void test_cookie_and_folder(void **state)
{
	static const struct {
		const char *name, *members, *cookie_name, *cookie, *dir;
	} rows[] = {
		{"all", "\"SessionCookie\":{\"Name\":\"s\",\"Value\":\"v\"},\"Dir\":\"/d\"", "s",
			"v", "/d"},
		{"nothing", "\"PluginDir\":\"/p\"", NULL, NULL, NULL},
		{"null", "\"SessionCookie\":null,\"Dir\":null", NULL, NULL, NULL},
		{"no value", "\"SessionCookie\":{\"Name\":\"s\"}", NULL, NULL, NULL},
		{"no name", "\"SessionCookie\":{\"Value\":\"v\"}", NULL, NULL, NULL},
		{"null value", "\"SessionCookie\":{\"Name\":\"s\",\"Value\":null}", NULL, NULL,
			NULL},
		{"wrong types", "\"SessionCookie\":{\"Name\":1,\"Value\":[]},\"Dir\":7", NULL, NULL,
			NULL},
		{"a text", "\"SessionCookie\":\"s=v\",\"Dir\":{}", NULL, NULL, NULL},
		{"newer Go",
			"\"SessionCookie\":{\"Name\":\"s\",\"Value\":\"v\",\"Quoted\":false,"
			"\"Partitioned\":true},\"Dir\":\"/d\"",
			"s", "v", "/d"},
		{"unknown keys",
			"\"Shoe\":{\"Dir\":\"/x\"},\"SessionCookie\":{\"Name\":\"s\",\"Value\":"
			"\"v\",\"x\":1},\"dir\":\"/y\",\"Dir\":\"/d\"",
			"s", "v", "/d"},
		{"escapes",
			"\"SessionCookie\":{\"Name\":\"s\",\"Value\":\"\\u003cv\\u0026\\u003e\"},"
			"\"Dir\":\"/Ana \\ud83c\\udfac \\u00e9\\\\\\\"\"",
			"s", "<v&>", "/Ana \xf0\x9f\x8e\xac \xc3\xa9\\\""},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *name = rows[i].name;
		struct input input;
		struct err err;
		bool parsed = parse(with_connection(arena_printf(&arena,
					    "{\"Scheme\":\"http\",\"Host\":\"h\",\"Port\":1,%s}",
					    rows[i].members)),
			&input, &err);
		if (!row_true(name, parsed)) {
			ok = false;
			continue;
		}
		ok &= row_text(name, input.stash.cookie_name, rows[i].cookie_name);
		ok &= row_text(name, input.stash.cookie, rows[i].cookie);
		ok &= row_text(name, input.stash.dir, rows[i].dir);
		ok &= row_text(name, input.stash.url, "http://h:1");
	}
	assert_true(ok);
}

static void test_cookie_is_a_secret(void **state)
{
	char line[] = "Cookie: session=MTcwMDAwMDAwMA";
	struct input input;
	struct err err;

	(void)state;
	assert_true(parse(with_args("{\"mode\":\"status\"}"), &input, &err));
	log_mask(line);
	assert_null(strstr(line, "MTcwMDAwMDAwMA"));
}

/* --- hooks ---------------------------------------------------------------------- */

static void test_types(void **state)
{
	static const struct {
		const char *type;
		bool known;
		enum input_noun noun;
		enum input_verb verb;
	} rows[] = {
		{"Scene.Create.Post", true, NOUN_SCENE, VERB_CREATE},
		{"Scene.Update.Post", true, NOUN_SCENE, VERB_UPDATE},
		{"Scene.Destroy.Post", true, NOUN_SCENE, VERB_DESTROY},
		{"Performer.Update.Post", true, NOUN_PERFORMER, VERB_UPDATE},
		{"Studio.Update.Post", true, NOUN_STUDIO, VERB_UPDATE},
		{"Tag.Update.Post", true, NOUN_TAG, VERB_UPDATE},
		{"Tag.Merge.Post", true, NOUN_TAG, VERB_MERGE},
		{"Group.Update.Post", true, NOUN_GROUP, VERB_UPDATE},
		{"", false, 0, 0},
		{"Scene", false, 0, 0},
		{"Scene.", false, 0, 0},
		{"Scene.Update", false, 0, 0},
		{"Scene.Update.Pos", false, 0, 0},
		{"Scene.Update.Post2", false, 0, 0},
		{"Scene.Update.Pre", false, 0, 0},
		{"scene.update.post", false, 0, 0},
		{"SceneMarker.Update.Post", false, 0, 0},
		{"Movie.Update.Post", false, 0, 0},
		{"Image.Update.Post", false, 0, 0},
		{" Scene.Update.Post", false, 0, 0},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct input input;
		struct err err;
		bool known = parse(with_hook("45", rows[i].type, "null"), &input, &err);
		ok &= row_int(rows[i].type, known, rows[i].known);
		if (rows[i].known) {
			ok &= row_int(rows[i].type, input.hook.noun, rows[i].noun);
			ok &= row_int(rows[i].type, input.hook.verb, rows[i].verb);
		} else {
			ok &= row_true(err.text, strstr(err.text, "hookContext.type") != NULL);
		}
	}
	assert_true(ok);
}

static void test_hook_sources(void **state)
{
	static const struct {
		const char *name, *type, *id, *input, *scenes;
		bool names_one;
		const char *path;
	} rows[] = {
		/* One scene. */
		{"sceneUpdate", "Scene.Update.Post", "45", "{\"id\":\"45\",\"title\":\"x\"}", "45",
			true, NULL},
		{"sceneUpdate, id a number", "Scene.Update.Post", "45", "{\"id\":45}", "45", true,
			NULL},
		{"sceneUpdate with lists of ids", "Scene.Update.Post", "45",
			"{\"id\":\"45\",\"tag_ids\":[\"1\",\"2\"],\"gallery_ids\":[3],\"groups\":[{"
			"\"group_id\":\"7\"}],\"urls\":null}",
			"45", true, NULL},
		{"sceneUpdate, context id a text", "Scene.Update.Post", "\"45\"", "{\"id\":\"45\"}",
			"45", true, NULL},
		{"sceneUpdate of another", "Scene.Update.Post", "45", "{\"id\":\"46\"}", "46 45",
			false, NULL},
		{"no id", "Scene.Update.Post", "45", "{\"title\":\"x\"}", "45", false, NULL},
		{"empty id", "Scene.Update.Post", "45", "{\"id\":\"\"}", "45", false, NULL},
		{"id null", "Scene.Update.Post", "45", "{\"id\":null}", "45", false, NULL},
		{"id of a wrong type", "Scene.Update.Post", "45", "{\"id\":{\"x\":7}}", "45", false,
			NULL},
		{"id no number", "Scene.Update.Post", "45", "{\"id\":\"12x\"}", "45", false, NULL},
		{"id with a fraction", "Scene.Update.Post", "45", "{\"id\":46.5}", "45", false,
			NULL},
		{"id negative", "Scene.Update.Post", "45", "{\"id\":-46}", "45", false, NULL},
		/* A scan, sceneCreate. */
		{"null", "Scene.Create.Post", "45", "null", "45", false, NULL},
		{"a text", "Scene.Update.Post", "45", "\"45\"", "45", false, NULL},
		{"a number", "Scene.Update.Post", "45", "45", "45", false, NULL},
		{"true", "Scene.Update.Post", "45", "true", "45", false, NULL},
		{"empty object", "Scene.Update.Post", "45", "{}", "45", false, NULL},
		{"empty array", "Scene.Update.Post", "45", "[]", "45", false, NULL},
		/* scenesUpdate. */
		{"scenesUpdate", "Scene.Update.Post", "45",
			"[{\"id\":\"44\"},{\"id\":\"45\"},{\"id\":\"46\"}]", "44 45 46", false,
			NULL},
		{"scenesUpdate of one", "Scene.Update.Post", "45", "[{\"id\":\"45\"}]", "45", true,
			NULL},
		{"scenesUpdate, repeats", "Scene.Update.Post", "45",
			"[{\"id\":\"46\"},{\"id\":45},{\"id\":\"46\"},{\"id\":\"45\"},{\"id\":"
			"\"44\"}]",
			"46 45 46 45 44", false, NULL},
		{"scenesUpdate with rubbish", "Scene.Update.Post", "45",
			"[{\"id\":\"44\"},null,{},7.5,\"x\",{\"id\":\"45\"},[46],{\"id\":null},{"
			"\"id\":0}]",
			"44 45", false, NULL},
		{"scenesUpdate of another", "Scene.Update.Post", "45", "[{\"id\":\"44\"}]", "44 45",
			false, NULL},
		{"one scene, named twice", "Scene.Update.Post", "45",
			"[{\"id\":\"45\"},{\"id\":45}]", "45 45", false, NULL},
		/* bulkSceneUpdate. */
		{"bulk", "Scene.Update.Post", "45",
			"{\"ids\":[\"44\",\"45\",\"46\"],\"organized\":true}", "44 45 46", false,
			NULL},
		{"bulk, ids numbers", "Scene.Update.Post", "45", "{\"ids\":[44,45,46]}", "44 45 46",
			false, NULL},
		{"bulk, ids mixed", "Scene.Update.Post", "45", "{\"ids\":[44,\"45\",46.0]}",
			"44 45 46", false, NULL},
		{"bulk, order kept", "Scene.Update.Post", "45", "{\"ids\":[\"46\",\"44\",\"45\"]}",
			"46 44 45", false, NULL},
		{"bulk, repeats", "Scene.Update.Post", "45",
			"{\"ids\":[\"45\",\"44\",\"45\",\"44\"]}", "45 44 45 44", false, NULL},
		{"bulk with modes", "Scene.Update.Post", "45",
			"{\"ids\":[\"44\",\"45\"],\"tag_ids\":{\"ids\":[\"1\",\"2\"],\"mode\":"
			"\"ADD\"}}",
			"44 45", false, NULL},
		{"bulk of one", "Scene.Update.Post", "45", "{\"ids\":[\"45\"]}", "45", true, NULL},
		{"bulk without it", "Scene.Update.Post", "45", "{\"ids\":[\"44\",\"46\"]}",
			"44 46 45", false, NULL},
		{"bulk of nothing", "Scene.Update.Post", "45", "{\"ids\":[]}", "45", false, NULL},
		{"bulk, ids null", "Scene.Update.Post", "45", "{\"ids\":null}", "45", false, NULL},
		{"bulk, ids a text", "Scene.Update.Post", "45", "{\"ids\":\"44\"}", "45", false,
			NULL},
		{"bulk, ids an object", "Scene.Update.Post", "45", "{\"ids\":{\"0\":\"44\"}}", "45",
			false, NULL},
		{"bulk, all rubbish", "Scene.Update.Post", "45", "{\"ids\":[null,\"x\",-1,0,\"\"]}",
			"45", false, NULL},
		/* Destroy. */
		{"sceneDestroy", "Scene.Destroy.Post", "45",
			"{\"id\":\"45\",\"delete_file\":true,\"delete_generated\":true,"
			"\"checksum\":\"\","
			"\"oshash\":\"abc\",\"path\":\"/data/Harbour Lights.mkv\"}",
			"45", true, "/data/Harbour Lights.mkv"},
		{"scenesDestroy", "Scene.Destroy.Post", "45",
			"{\"ids\":[\"45\",\"46\"],\"delete_file\":false,\"checksum\":\"\","
			"\"oshash\":\"\","
			"\"path\":\"/data/a.mkv\"}",
			"45 46", false, "/data/a.mkv"},
		{"clean task", "Scene.Destroy.Post", "45",
			"{\"id\":\"\",\"delete_file\":null,\"delete_generated\":null,\"checksum\":"
			"\"\","
			"\"oshash\":\"\",\"path\":\"/data/Ana \\u0026 co.mkv\"}",
			"45", false, "/data/Ana & co.mkv"},
		{"destroy, path null", "Scene.Destroy.Post", "45", "{\"id\":\"45\",\"path\":null}",
			"45", true, NULL},
		{"destroy, path no text", "Scene.Destroy.Post", "45",
			"{\"id\":\"45\",\"path\":[1]}", "45", true, NULL},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *name = rows[i].name;
		const struct input_hook *hook;
		struct digest none = {{0}};
		struct input input;
		struct err err;
		if (!row_true(name, parse(with_hook(rows[i].id, rows[i].type, rows[i].input),
					    &input, &err))) {
			ok = false;
			continue;
		}
		hook = &input.hook;
		ok &= row_true(name, input.is_hook);
		ok &= row_int(name, hook->id, 45);
		ok &= row_text(name, hook->type, rows[i].type);
		ok &= row_text(name, ids_text(hook), rows[i].scenes);
		ok &= row_int(name, hook->names_one, rows[i].names_one);
		ok &= row_text(name, hook->path, rows[i].path);
		ok &= row_int(
			name, memcmp(&hook->edit, &none, sizeof(none)) != 0, hook->scene_count > 1);
	}
	assert_true(ok);
}

static void test_input_may_be_missing(void **state)
{
	struct input input;
	struct err err;

	(void)state;
	assert_true(parse(with_args("{\"hookContext\":{\"id\":45,\"type\":\"Scene.Create.Post\"}}"),
		&input, &err));
	assert_string_equal(ids_text(&input.hook), "45");
	assert_false(input.hook.names_one);
	/* The order of keys is Go's, and does not count. */
	assert_true(parse("{\"args\":{\"mode\":\"status\",\"hookContext\":{\"inputFields\":null,"
			  "\"input\":{\"id\":\"45\"},\"type\":\"Scene.Update.Post\",\"id\":45}},"
			  "\"x\":[[]],\"server_connection\":" CONNECTION "}",
		&input, &err));
	assert_true(input.is_hook);
	assert_true(input.hook.names_one);
}

static void test_other_nouns(void **state)
{
	struct input input;
	struct err err;

	(void)state;
	assert_true(parse(with_hook("3", "Tag.Update.Post", "{\"id\":\"3\"}"), &input, &err));
	assert_true(input.is_hook);
	assert_int_equal(input.hook.noun, NOUN_TAG);
	assert_int_equal(input.hook.id, 3);
	assert_int_equal(input.hook.scene_count, 0);
}

/* All hooks of one edit have the same digest, other edits another. */
static void test_digest_of_an_edit(void **state)
{
	static const char *const same[] = {
		"{\"ids\":[\"44\",\"45\"],\"title\":\"x\"}",
		"{ \"ids\" : [ \"44\", \"45\" ], \"title\" : \"x\" }",
		"{\"ids\":[\"44\",\"45\"],\"title\":\"\\u0078\"}",
	};
	static const char *const other[] = {
		"{\"ids\":[\"44\",\"45\"],\"title\":\"y\"}",
		"{\"ids\":[\"44\",\"45\",\"46\"],\"title\":\"x\"}",
		"{\"ids\":[\"45\",\"44\"],\"title\":\"x\"}",
		"{\"ids\":[\"44\",\"45\"]}",
		"[{\"id\":\"44\"},{\"id\":\"45\"}]",
	};
	struct input first, input;
	struct err err;

	(void)state;
	assert_true(parse(with_hook("44", "Scene.Update.Post", same[0]), &first, &err));
	for (size_t i = 0; i < ROWS(same); i++) {
		assert_true(parse(with_hook("45", "Scene.Update.Post", same[i]), &input, &err));
		assert_memory_equal(&input.hook.edit, &first.hook.edit, sizeof(first.hook.edit));
		assert_string_equal(ids_text(&input.hook), ids_text(&first.hook));
	}
	/* inputFields come in random order. */
	assert_true(parse(
		with_args(arena_printf(&arena,
			"{\"hookContext\":{\"id\":45,\"type\":\"Scene.Update.Post\",\"input\":%s,"
			"\"inputFields\":[\"title\",\"ids\"]}}",
			same[0])),
		&input, &err));
	assert_memory_equal(&input.hook.edit, &first.hook.edit, sizeof(first.hook.edit));
	for (size_t i = 0; i < ROWS(other); i++) {
		assert_true(parse(with_hook("45", "Scene.Update.Post", other[i]), &input, &err));
		assert_memory_not_equal(
			&input.hook.edit, &first.hook.edit, sizeof(first.hook.edit));
	}
}

static void test_wrong_hooks(void **state)
{
	static const struct {
		const char *context, *says;
	} rows[] = {
		{"{\"id\":45}", "type is missing"},
		{"{\"id\":45,\"type\":null}", "type is missing"},
		{"{\"id\":45,\"type\":7}", "type is missing"},
		{"{\"id\":45,\"type\":\"\"}", "type is unknown"},
		{"{\"id\":45,\"type\":\"Scene.Merge.Pre\"}", "type is unknown"},
		{"{\"type\":\"Scene.Update.Post\"}", "not a usable id"}, /* 0 is left out */
		{"{\"id\":0,\"type\":\"Scene.Update.Post\"}", "not a usable id"},
		{"{\"id\":-1,\"type\":\"Scene.Update.Post\"}", "not a usable id"},
		{"{\"id\":4.5,\"type\":\"Scene.Update.Post\"}", "not a usable id"},
		{"{\"id\":\"x\",\"type\":\"Scene.Update.Post\"}", "not a usable id"},
		{"{\"id\":null,\"type\":\"Scene.Update.Post\"}", "not a usable id"},
		{"{\"id\":[45],\"type\":\"Scene.Update.Post\"}", "not a usable id"},
		{"{}", "type is missing"},
		{"[]", "type is missing"},
		{"\"Scene.Update.Post\"", "type is missing"},
		{"7", "type is missing"},
		{"true", "type is missing"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *row = rows[i].context;
		struct input input;
		struct err err;
		ok &= row_true(
			row, !parse(with_args(arena_printf(&arena, "{\"hookContext\":%s}", row)),
				     &input, &err));
		ok &= row_int(row, err.kind, ERR_INPUT);
		ok &= row_true(row, !input.is_hook);
		ok &= row_text(row, input.stash.dir, "/root/.stash");
		if (strstr(err.text, rows[i].says) == NULL)
			ok &= row_text(row, err.text, rows[i].says);
	}
	assert_true(ok);
}

static char *bulk_of(unsigned count)
{
	struct str text;

	str_init(&text, &arena);
	str_add(&text, "{\"server_connection\":" CONNECTION
		       ",\"args\":{\"hookContext\":{\"id\":45,\"type\":\"Scene.Update.Post\","
		       "\"input\":{\"ids\":[");
	for (unsigned i = 1; i <= count; i++)
		str_addf(&text, "%s\"%u\"", i > 1 ? "," : "", i);
	str_add(&text, "]}}}}");
	return text.s;
}

static void test_most_scenes(void **state)
{
	struct input input;
	struct err err;

	(void)state;
	assert_true(parse(bulk_of(LIMIT_BULK_SCENES), &input, &err));
	assert_int_equal(input.hook.scene_count, LIMIT_BULK_SCENES);
	assert_int_equal(input.hook.scenes[LIMIT_BULK_SCENES - 1], LIMIT_BULK_SCENES);
}

/* "A hook with an id must not be lost because of the rest." */
static void test_more_scenes_than_that(void **state)
{
	struct input input;
	struct err err;

	(void)state;
	assert_false(parse(bulk_of(LIMIT_BULK_SCENES + 1), &input, &err));
	assert_int_equal(err.kind, ERR_INPUT);
	assert_true(input.is_hook);
	assert_int_equal(input.hook.id, 45);
	assert_string_equal(ids_text(&input.hook), "45");
}

/* --- tasks and operations --------------------------------------------------------- */

static void test_args(void **state)
{
	static const struct {
		const char *args, *mode;
		int64_t scene;
		bool dry_run, force;
		const char *library;
		int64_t days;
	} rows[] = {
		/* A task: everything from the manifest is a text. */
		{"{\"mode\":\"drain\"}", "drain", 0, false, false, NULL, -1},
		{"{\"mode\":\"sync-all\",\"dry_run\":\"true\",\"force\":\"false\"}", "sync-all", 0,
			true, false, NULL, -1},
		{"{\"mode\":\"sync-all\",\"dry_run\":\"1\",\"force\":\"0\"}", "sync-all", 0, true,
			false, NULL, -1},
		{"{\"mode\":\"clear-failed\",\"days\":\"7\"}", "clear-failed", 0, false, false,
			NULL, 7},
		{"{\"mode\":\"clear-failed\",\"days\":0}", "clear-failed", 0, false, false, NULL,
			0},
		/* An operation: types as they were given. */
		{"{\"mode\":\"sync-scene\",\"scene_id\":45}", "sync-scene", 45, false, false, NULL,
			-1},
		{"{\"mode\":\"sync-scene\",\"scene_id\":\"45\"}", "sync-scene", 45, false, false,
			NULL, -1},
		{"{\"mode\":\"sync-scene\",\"scene_id\":45.0,\"dry_run\":true,\"force\":true}",
			"sync-scene", 45, true, true, NULL, -1},
		{"{\"mode\":\"sync-scene\",\"scene_id\":45,\"dry_run\":false,\"force\":1}",
			"sync-scene", 45, false, true, NULL, -1},
		{"{\"mode\":\"clear-cache\",\"library\":\"Films\"}", "clear-cache", 0, false, false,
			"Films", -1},
		{"{\"mode\":\"clear-cache\",\"library\":2}", "clear-cache", 0, false, false, "2",
			-1},
		/* Nothing said. */
		{"{\"mode\":\"status\",\"scene_id\":null,\"dry_run\":null,\"force\":null,"
		 "\"library\":null,"
		 "\"days\":null,\"hookContext\":null,\"other\":{}}",
			"status", 0, false, false, NULL, -1},
		{"{\"mode\":\"\"}", "", 0, false, false, NULL, -1},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *row = rows[i].args;
		struct input input;
		struct err err;
		if (!row_true(row, parse(with_args(row), &input, &err))) {
			ok = false;
			continue;
		}
		ok &= row_true(row, !input.is_hook);
		ok &= row_text(row, input.mode, rows[i].mode);
		ok &= row_int(row, input.args.scene, rows[i].scene);
		ok &= row_int(row, input.args.dry_run, rows[i].dry_run);
		ok &= row_int(row, input.args.force, rows[i].force);
		ok &= row_text(row, input.args.library, rows[i].library);
		ok &= row_int(row, input.args.days, rows[i].days);
	}
	assert_true(ok);
}

/* A wish that cannot be understood is an error, never another wish. */
static void test_wrong_args(void **state)
{
	static const struct {
		const char *args, *says;
	} rows[] = {
		{"{}", "mode"},
		{"{\"mode\":null}", "mode"},
		{"{\"mode\":7}", "mode"},
		{"{\"mode\":[\"drain\"]}", "mode"},
		{"{\"Mode\":\"drain\"}", "mode"},
		{"{\"mode\":\"sync-all\",\"dry_run\":\"yes\"}", "dry_run"},
		{"{\"mode\":\"sync-all\",\"dry_run\":\"\"}", "dry_run"},
		{"{\"mode\":\"sync-all\",\"dry_run\":2}", "dry_run"},
		{"{\"mode\":\"sync-all\",\"dry_run\":{}}", "dry_run"},
		{"{\"mode\":\"sync-all\",\"force\":\"TRUE\"}", "force"},
		{"{\"mode\":\"sync-all\",\"force\":-1}", "force"},
		{"{\"mode\":\"sync-scene\",\"scene_id\":0}", "scene_id"},
		{"{\"mode\":\"sync-scene\",\"scene_id\":-45}", "scene_id"},
		{"{\"mode\":\"sync-scene\",\"scene_id\":\"\"}", "scene_id"},
		{"{\"mode\":\"sync-scene\",\"scene_id\":\"x\"}", "scene_id"},
		{"{\"mode\":\"sync-scene\",\"scene_id\":4.5}", "scene_id"},
		{"{\"mode\":\"sync-scene\",\"scene_id\":true}", "scene_id"},
		{"{\"mode\":\"sync-scene\",\"scene_id\":[45]}", "scene_id"},
		/* Else every failed scene would be forgotten, every library's cache. */
		{"{\"mode\":\"clear-failed\",\"days\":\"seven\"}", "days"},
		{"{\"mode\":\"clear-failed\",\"days\":\"\"}", "days"},
		{"{\"mode\":\"clear-failed\",\"days\":-7}", "days"},
		{"{\"mode\":\"clear-failed\",\"days\":1.5}", "days"},
		{"{\"mode\":\"clear-failed\",\"days\":[7]}", "days"},
		{"{\"mode\":\"clear-cache\",\"library\":[\"Films\"]}", "library"},
		{"{\"mode\":\"clear-cache\",\"library\":true}", "library"},
		{"null", "args"},
		{"[]", "args"},
		{"\"mode\"", "args"},
		{"7", "args"},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		const char *row = rows[i].args;
		struct input input;
		struct err err;
		if (!row_true(row, !parse(with_args(row), &input, &err))) {
			ok = false;
			continue;
		}
		ok &= row_int(row, err.kind, ERR_INPUT);
		ok &= row_true(row, !input.is_hook);
		ok &= row_true(row, strstr(err.text, rows[i].says) != NULL);
	}
	assert_true(ok);
}

static void test_no_document(void **state)
{
	static const char *const texts[] = {"", " ", "null", "[]", "7", "\"x\"", "true", "{", "}",
		"{}", "{\"args\":{\"mode\":\"status\"}}", "{\"server_connection\":{}}",
		"\xef\xbb\xbf{}", "<html></html>", "{\"args\":{}}{\"args\":{}}", "{'args':1}",
		"nul"};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(texts); i++) {
		struct input input;
		struct err err;
		ok &= row_true(texts[i], !parse(texts[i], &input, &err));
		ok &= row_int(texts[i], err.kind, ERR_INPUT);
		ok &= row_true(texts[i], strncmp(err.text, "plugin input: ", 14) == 0);
		ok &= row_true(texts[i], !input.is_hook);
		ok &= row_int(texts[i], input.args.days, -1);
	}
	assert_true(ok);
}

static void test_deep_nesting(void **state)
{
	char deep[20000];
	struct input input;
	struct err err;

	(void)state;
	memset(deep, '[', sizeof(deep) - 1);
	deep[sizeof(deep) - 1] = '\0';
	assert_false(parse(with_hook("45", "Scene.Update.Post", deep), &input, &err));
	assert_true(input.is_hook); /* by the scanner */
	assert_int_equal(input.hook.id, 45);
}

/* --- text that is no document ----------------------------------------------------- */

/* The document in memory of its very length, so that the sanitizer sees every byte
 * that is read too far. True if a hook was found in what is not a whole document. */
static bool scan_cut(const char *text, size_t len, struct input *input)
{
	char *exact = malloc(len + 1);
	struct err err;

	memcpy(exact, text, len);
	exact[len] = '\0';
	assert_false(input_parse(exact, len, input, &arena, &err));
	free(exact);
	return input->is_hook;
}

/* Cut at every byte: the folder and the hook are found as soon as they are
 * complete, and never anything else. */
static bool cut_everywhere(const char *text, int64_t id, const char *dir, const char *type)
{
	const char *dir_text = arena_printf(&arena, "\"Dir\":\"%s\"", dir);
	const char *type_text = arena_printf(&arena, "\"type\":\"%s\"", type);
	size_t dir_end = (size_t)(strstr(text, dir_text) - text) + strlen(dir_text);
	size_t hook_end = (size_t)(strstr(text, type_text) - text) + strlen(type_text);
	size_t len = strlen(text);
	bool ok = true;

	for (size_t cut = 0; cut < len; cut++) {
		const char *row = arena_printf(&arena, "%s cut at %zu", type, cut);
		struct input input;
		bool found = scan_cut(text, cut, &input);
		ok &= row_int(row, found, cut >= hook_end);
		ok &= row_text(row, input.stash.dir, cut >= dir_end ? dir : NULL);
		if (!found)
			continue;
		ok &= row_int(row, input.hook.id, id);
		ok &= row_text(row, input.hook.type, type);
		ok &= row_text(
			row, ids_text(&input.hook), arena_printf(&arena, "%lld", (long long)id));
		ok &= row_int(row, input.hook.names_one, false);
	}
	return ok;
}

static void test_cut_at_every_byte(void **state)
{
	(void)state;
	assert_true(cut_everywhere(
		with_hook("45", "Scene.Update.Post",
			"{\"id\":\"99\",\"type\":\"Tag.Update.Post\",\"title\":\"\\\"id\\\":98\"}"),
		45, "/root/.stash", "Scene.Update.Post"));
	assert_true(cut_everywhere(with_hook("1234567890123", "Scene.Destroy.Post",
					   "{\"ids\":[\"1\",\"2\"],\"path\":\"/data/a.mkv\"}"),
		1234567890123, "/root/.stash", "Scene.Destroy.Post"));
	assert_true(cut_everywhere(with_hook("7", "Scene.Create.Post", "null"), 7, "/root/.stash",
		"Scene.Create.Post"));
}

static void test_scan(void **state)
{
	static const struct {
		const char *name, *text;
		int64_t id; /* 0: none is found */
		const char *dir;
	} rows[] = {
		{"nothing", "", 0, NULL},
		{"blanks", "\"hookContext\" : { \"id\" : 45 , \"type\" : \"Scene.Update.Post\" ,",
			45, NULL},
		{"lines",
			"\"Dir\":\n\t\"/"
			"d\",\"hookContext\":\n{\n\t\"id\":\n\t45,\n\t\"type\":\n\t\"Scene."
			"Update.Post\",\n",
			45, "/d"},
		{"type first: another's id",
			"\"hookContext\":{\"type\":\"Scene.Update.Post\",\"input\":{\"id\":"
			"46,",
			0, NULL},
		{"no id: it was 0",
			"\"hookContext\":{\"type\":\"Scene.Update.Post\",\"input\":null}", 0, NULL},
		{"no hookContext", "\"args\":{\"id\":45,\"type\":\"Scene.Update.Post\"}", 0, NULL},
		{"id before hookContext",
			"\"id\":44,\"hookContext\":{\"id\":45,\"type\":\"Scene.Update.Post\"", 45,
			NULL},
		{"another noun", "\"hookContext\":{\"id\":45,\"type\":\"Tag.Update.Post\",", 0,
			NULL},
		{"another type", "\"hookContext\":{\"id\":45,\"type\":\"Scene.Merge.Pre\",", 0,
			NULL},
		{"type cut", "\"hookContext\":{\"id\":45,\"type\":\"Scene.Update.Po", 0, NULL},
		{"id a text", "\"hookContext\":{\"id\":\"45\",\"type\":\"Scene.Update.Post\",", 0,
			NULL},
		{"id negative", "\"hookContext\":{\"id\":-45,\"type\":\"Scene.Update.Post\",", 0,
			NULL},
		{"id zero", "\"hookContext\":{\"id\":0,\"type\":\"Scene.Update.Post\",", 0, NULL},
		{"id null", "\"hookContext\":{\"id\":null,\"type\":\"Scene.Update.Post\",", 0,
			NULL},
		{"id with a fraction",
			"\"hookContext\":{\"id\":45.5,\"type\":\"Scene.Update.Post\",", 0, NULL},
		{"id beyond all numbers",
			"\"hookContext\":{\"id\":99999999999999999999999,\"type\":\"Scene."
			"Update.Post\",",
			0, NULL},
		{"escapes in the folder", "\"Dir\":\"/a\\\"b\\u00e9\\\\\",\"x", 0,
			"/a\"b\xc3\xa9\\"},
		{"a folder that ends in an escape", "\"Dir\":\"/a\\", 0, NULL},
		{"a folder with half an escape", "\"Dir\":\"/a\\u00", 0, NULL},
		{"a wrong escape", "\"Dir\":\"/a\\q\",", 0, NULL},
		{"no folder", "\"Dir\":null,\"PluginDir\":\"/p\"", 0, NULL},
		{"PluginDir is another", "\"PluginDir\":\"/p\",", 0, NULL},
		{"a value of that name", "\"Name\":\"Dir\",\"Dir\":\"/d\",", 0, "/d"},
		{"values of those names",
			"\"hookContext\":{\"id\":45,\"x\":\"type\",\"type\":\"Scene.Update."
			"Post\",",
			45, NULL},
		{"rubbish", "\xff\xfe\"hookContext\"\"id\"\"type\"\"", 0, NULL},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct input input;
		bool found = scan_cut(rows[i].text, strlen(rows[i].text), &input);
		ok &= row_int(rows[i].name, found, rows[i].id != 0);
		ok &= row_int(rows[i].name, input.is_hook, rows[i].id != 0);
		if (rows[i].id != 0 && found)
			ok &= row_int(rows[i].name, input.hook.id, rows[i].id);
		ok &= row_text(rows[i].name, input.stash.dir, rows[i].dir);
	}
	assert_true(ok);
}

/* Far behind a megabyte of cover nothing is looked for. */
static void test_scan_is_bounded(void **state)
{
	size_t len = 300000;
	char *text = arena_alloc(&arena, len + 1);
	const char *hook = "\"hookContext\":{\"id\":45,\"type\":\"Scene.Update.Post\",";
	struct input input;

	(void)state;
	memset(text, '"', len);
	memcpy(text + len - 1000, hook, strlen(hook));
	assert_false(scan_cut(text, len, &input));
	memcpy(text + 1000, hook, strlen(hook));
	assert_true(scan_cut(text, len, &input));
	assert_int_equal(input.hook.id, 45);
}

/* A byte changed here and there: no crash, and an error whenever it is no
 * input any more. */
static void test_damaged_documents(void **state)
{
	static const char bytes[] = "\"\\{}[],:0-e.x\x01\xff";
	const char *text = with_hook("45", "Scene.Update.Post", "{\"ids\":[\"44\",\"45\"]}");
	size_t len = strlen(text);

	(void)state;
	for (size_t at = 0; at < len; at++) {
		for (size_t b = 0; b < sizeof(bytes); b++) {
			char *copy = malloc(len + 1);
			struct arena a;
			struct input input;
			struct err err;
			arena_init(&a);
			memcpy(copy, text, len + 1);
			copy[at] = bytes[b];
			if (input_parse(copy, len, &input, &a, &err))
				assert_true(!input.is_hook || input.hook.id > 0);
			if (input.is_hook)
				assert_true(input.hook.scene_count > 0);
			arena_clear(&a);
			free(copy);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_the_documented_sample, setup, teardown),
		cmocka_unit_test_setup_teardown(test_host, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrong_connection, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cookie_and_folder, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cookie_is_a_secret, setup, teardown),
		cmocka_unit_test_setup_teardown(test_types, setup, teardown),
		cmocka_unit_test_setup_teardown(test_hook_sources, setup, teardown),
		cmocka_unit_test_setup_teardown(test_input_may_be_missing, setup, teardown),
		cmocka_unit_test_setup_teardown(test_other_nouns, setup, teardown),
		cmocka_unit_test_setup_teardown(test_digest_of_an_edit, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrong_hooks, setup, teardown),
		cmocka_unit_test_setup_teardown(test_most_scenes, setup, teardown),
		cmocka_unit_test_setup_teardown(test_more_scenes_than_that, setup, teardown),
		cmocka_unit_test_setup_teardown(test_args, setup, teardown),
		cmocka_unit_test_setup_teardown(test_wrong_args, setup, teardown),
		cmocka_unit_test_setup_teardown(test_no_document, setup, teardown),
		cmocka_unit_test_setup_teardown(test_deep_nesting, setup, teardown),
		cmocka_unit_test_setup_teardown(test_cut_at_every_byte, setup, teardown),
		cmocka_unit_test_setup_teardown(test_scan, setup, teardown),
		cmocka_unit_test_setup_teardown(test_scan_is_bounded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_damaged_documents, setup, teardown),
	};

	return cmocka_run_group_tests_name("input", tests, NULL, NULL);
}
