/*
 * test_outcome.c - what came of a scene, as JSON and as words: the keys that
 * scripts depend on; which libraries the settings select; and the one document
 * that Stash reads from stdout.
 */
#include "helpers.h"

#include "base/log.h"
#include "cmd/output.h"
#include "find/indexer.h"
#include "push/outcome.h"

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
	log_hide_paths(false);
	arena_clear(&arena);
	return 0;
}

static const char *json_of(const struct outcome *outcome)
{
	cJSON *json = outcome_json(outcome);
	char *text = cJSON_PrintUnformatted(json);
	const char *copy = arena_strdup(&arena, text);

	cJSON_free(text);
	cJSON_Delete(json);
	return copy;
}

static void test_synced(void **state)
{
	struct outcome_item items[] = {
		{.key = "55", .library = "Films", .rule = MATCH_PATH},
		{.key = "9007199254740993", .library = "\"Clips\"", .rule = MATCH_NAME},
	};
	struct outcome outcome = {.scene = 45,
		.title = "Harbour Lights",
		.path = "/data/a.mkv",
		.result = OUTCOME_SYNCED,
		.fields = 1u << FIELD_TITLE | 1u << FIELD_TAGS,
		.kept = 1u << FIELD_SUMMARY,
		.items = items,
		.item_count = 2,
		.ms = 12.34};

	(void)state;
	assert_string_equal(json_of(&outcome),
		"{\"scene_id\":\"45\",\"result\":\"synced\",\"fields\":[\"title\",\"tags\"],"
		"\"kept\":["
		"\"summary\"],\"items\":[{\"key\":\"55\",\"library\":\"Films\",\"rule\":\"path\","
		"\"confidence\":\"high\"},{\"key\":\"9007199254740993\",\"library\":"
		"\"\\\"Clips\\\"\","
		"\"rule\":\"name\",\"confidence\":\"low\"}],\"candidates\":[],\"dry_run\":false,"
		"\"ms\":12.3}");
}

static void test_ambiguous(void **state)
{
	struct outcome_item candidates[] = {
		{.key = "55", .library = "Films", .path = "/m/a.mkv"},
		{.key = "56", .library = "Films"},
	};
	struct outcome outcome = {.scene = 9007199254740993,
		.title = "",
		.path = "",
		.result = OUTCOME_AMBIGUOUS,
		.reason = "two of them",
		.candidates = candidates,
		.candidate_count = 2,
		.dry_run = true};

	(void)state;
	assert_string_equal(json_of(&outcome),
		"{\"scene_id\":\"9007199254740993\",\"result\":\"ambiguous\",\"fields\":[],"
		"\"kept\":[],"
		"\"items\":[],\"candidates\":[{\"key\":\"55\",\"library\":\"Films\",\"path\":\"/m/"
		"a.mkv\"},{"
		"\"key\":\"56\",\"library\":\"Films\"}],\"reason\":\"two of "
		"them\",\"dry_run\":true,\"ms\":0}");
	log_hide_paths(true);
	assert_null(strstr(json_of(&outcome), "/m/a.mkv"));
}

static void test_results(void **state)
{
	static const char *const words[] = {
		[OUTCOME_SYNCED] = "synced",
		[OUTCOME_UNCHANGED] = "unchanged",
		[OUTCOME_QUEUED] = "queued",
		[OUTCOME_NOT_FOUND] = "not_found",
		[OUTCOME_AMBIGUOUS] = "ambiguous",
		[OUTCOME_IGNORED] = "ignored",
	};

	(void)state;
	for (size_t i = 0; i < ROWS(words); i++) {
		struct outcome outcome = {
			.scene = 1, .title = "", .path = "", .result = (enum outcome_result)i};
		assert_string_equal(outcome_word((enum outcome_result)i), words[i]);
		assert_string_equal(json_of(&outcome),
			arena_printf(&arena,
				"{\"scene_id\":\"1\",\"result\":\"%s\",\"fields\":[],\"kept\":[],"
				"\"items\":[],"
				"\"candidates\":[],\"dry_run\":false,\"ms\":0}",
				words[i]));
	}
}

static void test_field_list(void **state)
{
	(void)state;
	assert_string_equal(outcome_field_list(0, &arena), "");
	assert_string_equal(outcome_field_list(1u << FIELD_TITLE, &arena), "title");
	assert_string_equal(outcome_field_list((1u << (FIELD_TAGS + 1)) - 1, &arena),
		"title, summary, date, studio, performers, tags");
}

/* --- log ---------------------------------------------------------------------------- */

/* What a function writes to a descriptor. */
static const char *written(int fd, void (*function)(const void *), const void *arg)
{
	char *text = arena_alloc(&arena, 20000);
	FILE *file = tmpfile();
	int kept = dup(fd);
	size_t len;

	fflush(NULL);
	dup2(fileno(file), fd);
	function(arg);
	fflush(NULL);
	dup2(kept, fd);
	close(kept);
	rewind(file);
	len = fread(text, 1, 19999, file);
	text[len] = '\0';
	fclose(file);
	return text;
}

static void log_it(const void *outcome)
{
	outcome_log(outcome);
}

static void test_log(void **state)
{
	static struct outcome_item item = {.key = "55", .library = "Films", .rule = MATCH_PATH};
	static const struct {
		struct outcome outcome;
		const char *line;
	} rows[] = {
		{{.scene = 45,
			 .title = "Harbour Lights",
			 .path = "/a",
			 .result = OUTCOME_SYNCED,
			 .fields = 1,
			 .items = &item,
			 .item_count = 1},
			"\x01i\x02Scene 45 \"Harbour Lights\": wrote title in Films item 55\n"},
		{{.scene = 45,
			 .title = "Harbour Lights",
			 .path = "/a",
			 .result = OUTCOME_SYNCED,
			 .fields = 1,
			 .kept = 2,
			 .items = &item,
			 .item_count = 1,
			 .dry_run = true},
			"\x01i\x02Scene 45 \"Harbour Lights\": would write title in Films item 55; "
			"left to "
			"Plex: summary\n"},
		{{.scene = 45, .title = "", .path = "/a.mkv", .result = OUTCOME_UNCHANGED},
			"\x01"
			"d\x02Scene 45 \"/a.mkv\": nothing to write\n"},
		{{.scene = 45, .title = "x", .path = "", .result = OUTCOME_UNCHANGED, .kept = 1},
			"\x01i\x02Scene 45 \"x\": nothing to write; left to Plex: title\n"},
		{{.scene = 45,
			 .title = "x",
			 .path = "",
			 .result = OUTCOME_AMBIGUOUS,
			 .reason = "two"},
			"\x01w\x02Scene 45 \"x\": not written: two\n"},
		{{.scene = 45,
			 .title = "x",
			 .path = "",
			 .result = OUTCOME_NOT_FOUND,
			 .reason = "gone"},
			"\x01i\x02Scene 45 \"x\": gone; it waits until Plex has it\n"},
		{{.scene = 45, .title = "", .path = "", .result = OUTCOME_QUEUED},
			"\x01"
			"d\x02Scene 45: queued\n"},
		{{.scene = 45,
			 .title = "x\ny",
			 .path = "",
			 .result = OUTCOME_IGNORED,
			 .reason = "why"},
			"\x01"
			"d\x02Scene 45 \"x\\x0ay\": ignored: why\n"},
	};
	bool ok = true;

	(void)state;
	log_init(LOG_STASH, LOG_TRACE);
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_text(rows[i].line, written(STDERR_FILENO, log_it, &rows[i].outcome),
			rows[i].line);
	assert_true(ok);
}

/* --- stdout ---------------------------------------------------------------------------- */

static void output_it(const void *output)
{
	output_for_stash(output, NULL);
}

static void report_it(const void *err)
{
	output_for_stash(NULL, err);
}

static void test_output(void **state)
{
	static const struct {
		const char *text, *document;
	} rows[] = {
		{"setting connectUrl is empty", "{\"error\":\"setting connectUrl is empty\"}"},
		{"", "{\"error\":\"\"}"},
		{"a \"quoted\"\nline\\", "{\"error\":\"a \\\"quoted\\\"\\nline\\\\\"}"},
		{"cut \xc3", "{\"error\":\"cut \xef\xbf\xbd\"}"},
		{"the token tok-1234-secret", "{\"error\":\"the token ***************\"}"},
	};
	cJSON *output = cJSON_CreateObject();
	bool ok = true;

	(void)state;
	log_secret("tok-1234-secret");
	cJSON_AddStringToObject(output, "token", "tok-1234-secret");
	ok &= row_text("output", written(STDOUT_FILENO, output_it, output),
		"{\"output\":{\"token\":\"***************\"}}");
	ok &= row_text("null", written(STDOUT_FILENO, output_it, NULL), "{\"output\":null}");
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct err err = {.kind = ERR_SETUP};
		snprintf(err.text, sizeof(err.text), "%s", rows[i].text);
		ok &= row_text(
			rows[i].text, written(STDOUT_FILENO, report_it, &err), rows[i].document);
	}
	cJSON_Delete(output);
	assert_true(ok);
}

static void show_it(const void *output)
{
	output_for_person(output, false);
}

static void test_output_for_a_person(void **state)
{
	struct outcome_item item = {.key = "55", .library = "Films", .rule = MATCH_PATH};
	struct outcome outcome = {.scene = 45,
		.title = "",
		.path = "",
		.result = OUTCOME_SYNCED,
		.fields = 1,
		.items = &item,
		.item_count = 1,
		.ms = 2.5};
	cJSON *json = outcome_json(&outcome);

	(void)state;
	assert_string_equal(written(STDOUT_FILENO, show_it, json),
		"scene_id: 45\nresult: synced\nfields: \n  -: title\nkept: none\nitems: \n  -: \n  "
		"  key: 55\n"
		"    library: Films\n    rule: path\n    confidence: high\ncandidates: "
		"none\ndry_run: no\n"
		"ms: 2.5\n");
	cJSON_Delete(json);
}

/* A title from Stash, a library's name, a reason with a server's words in it:
 * none of them may command the terminal. */
static void test_terminal_is_not_commanded(void **state)
{
	cJSON *json = cJSON_CreateObject();
	const char *text;

	(void)state;
	cJSON_AddStringToObject(json, "reason",
		"a\x1b[2J\x1b]0;x\x07"
		"b");
	text = written(STDOUT_FILENO, show_it, json);
	cJSON_Delete(json);
	assert_null(strchr(text, '\x1b'));
}

/* --- libraries -------------------------------------------------------------------------- */

static void test_selected_libraries(void **state)
{
	static const struct {
		const char *setting;
		int id;
		const char *title, *type;
		bool selected;
	} rows[] = {
		{"", 1, "Films", "movie", true},
		{"", 2, "Series", "show", false},
		{"", 3, "Music", "artist", false},
		{"Films", 1, "Films", "movie", true},
		{"films", 1, "FILMS", "movie", true},
		{"Caf\xc3\xa9", 1, "CAFE\xcc\x81", "movie", true},
		{"Films", 2, "Films 2", "movie", false},
		{"Films, Series", 2, "Series", "show", true},
		{"1", 1, "Films", "movie", true},
		{"1", 11, "Films", "movie", false},
		{"01", 1, "Films", "movie", true},
		{"2014", 1, "2014", "movie", true},
		{"x, 1", 1, "Films", "movie", true},
		{"-1", 1, "Films", "movie", false},
		{"4294967297", 1, "Films", "movie", false},
	};
	bool ok = true;

	(void)state;
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct settings settings = {.libraries = str_split(&arena, rows[i].setting, ',')};
		ok &= row_int(arena_printf(&arena, "%s: %s", rows[i].setting, rows[i].title),
			indexer_selects(&settings, rows[i].id, rows[i].title, rows[i].type),
			rows[i].selected);
	}
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_synced, setup, teardown),
		cmocka_unit_test_setup_teardown(test_ambiguous, setup, teardown),
		cmocka_unit_test_setup_teardown(test_results, setup, teardown),
		cmocka_unit_test_setup_teardown(test_field_list, setup, teardown),
		cmocka_unit_test_setup_teardown(test_log, setup, teardown),
		cmocka_unit_test_setup_teardown(test_output, setup, teardown),
		cmocka_unit_test_setup_teardown(test_output_for_a_person, setup, teardown),
		cmocka_unit_test_setup_teardown(test_terminal_is_not_commanded, setup, teardown),
		cmocka_unit_test_setup_teardown(test_selected_libraries, setup, teardown),
	};

	return cmocka_run_group_tests_name("outcome", tests, NULL, NULL);
}
