/*
 * test_report.c - what came of a push, as JSON and as words: the keys that scripts depend on.
 */
#include "helpers.h"
#include "written.h"

#include "base/log.h"
#include "push/report.h"

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

/* --- a push that is over ------------------------------------------------------------- */

static struct target films = {.found = {.rating_key = "55", .library = "Films"},
	.item.rating_key = "55",
	.rule = MATCH_PATH};

static void begin(struct push *push, int64_t scene, enum push_result result)
{
	struct request asked = {.scene = scene};

	push_init(push, &asked, NULL, &arena);
	push->result = result;
}

static void add(struct push *push, struct target *target, unsigned written, unsigned kept)
{
	target->written = written;
	target->kept = kept;
	push->targets[push->target_count++] = target;
}

static const char *text_of(cJSON *json)
{
	char *text = cJSON_PrintUnformatted(json);
	const char *copy = arena_strdup(&arena, text);

	cJSON_free(text);
	cJSON_Delete(json);
	return copy;
}

/* --- JSON ---------------------------------------------------------------------------- */

static void test_synced(void **state)
{
	struct target clips = {.found = {.rating_key = "9007199254740993", .library = "\"Clips\""},
		.machine = "4f/1",
		.rule = MATCH_NAME};
	struct target foreign = {.found = {.rating_key = "7", .library = "Films"}, .foreign = true};
	struct push push;

	(void)state;
	begin(&push, 45, PUSH_SYNCED);
	add(&push, &films, 1u << FIELD_TITLE, 0);
	add(&push, &foreign, 0, 0);
	add(&push, &clips, 1u << FIELD_TAGS, 1u << FIELD_SUMMARY);
	push.ms = 12.34;
	assert_string_equal(text_of(report_json(&push)),
		"{\"scene_id\":\"45\",\"result\":\"synced\",\"fields\":[\"title\",\"tags\"],"
		"\"kept\":[\"summary\"],\"items\":[{\"key\":\"55\",\"library\":\"Films\","
		"\"rule\":\"path\",\"confidence\":\"high\"},{\"key\":\"9007199254740993\","
		"\"library\":\"\\\"Clips\\\"\",\"url\":\"https://app.plex.tv/desktop/#!/server/"
		"4f%2F1/details?key=%2Flibrary%2Fmetadata%2F9007199254740993\","
		"\"rule\":\"name\",\"confidence\":\"low\"}],"
		"\"candidates\":[],\"dry_run\":false,\"ms\":12.3}");
}

static void test_ambiguous(void **state)
{
	struct locate_item candidates[] = {
		{.rating_key = "55", .library = "Films", .path = "/m/a.mkv"},
		{.rating_key = "56", .library = "Films"},
	};
	struct place place = {.state = PLACE_AMBIGUOUS, .where = {.items = candidates, .count = 2}};
	struct push push;

	(void)state;
	begin(&push, 9007199254740993, PUSH_AMBIGUOUS);
	push.asked.dry_run = true;
	push.reason = "two of them";
	push.places = &place;
	push.place_count = 1;
	assert_string_equal(text_of(report_json(&push)),
		"{\"scene_id\":\"9007199254740993\",\"result\":\"ambiguous\",\"fields\":[],"
		"\"kept\":[],\"items\":[],\"candidates\":[{\"key\":\"55\",\"library\":\"Films\","
		"\"path\":\"/m/a.mkv\"},{\"key\":\"56\",\"library\":\"Films\"}],"
		"\"reason\":\"two of them\",\"dry_run\":true,\"ms\":0}");
	log_hide_paths(true);
	assert_null(strstr(text_of(report_json(&push)), "/m/a.mkv"));
}

static void test_results(void **state)
{
	static const char *const words[] = {
		[PUSH_SYNCED] = "synced",
		[PUSH_UNCHANGED] = "unchanged",
		[PUSH_QUEUED] = "queued",
		[PUSH_NOT_FOUND] = "not_found",
		[PUSH_AMBIGUOUS] = "ambiguous",
		[PUSH_IGNORED] = "ignored",
	};

	(void)state;
	for (size_t i = 0; i < ROWS(words); i++) {
		enum push_result result = (enum push_result)i;
		const char *want = arena_printf(&arena,
			"{\"scene_id\":\"1\",\"result\":\"%s\",\"fields\":[],\"kept\":[],"
			"\"items\":[],\"candidates\":[],\"dry_run\":false,\"ms\":0}",
			words[i]);
		struct push push;
		begin(&push, 1, result);
		assert_string_equal(report_word(result), words[i]);
		assert_string_equal(text_of(report_json(&push)), want);
		assert_string_equal(text_of(report_not_pushed(1, result, NULL, 0)), want);
	}
}

static void test_field_list(void **state)
{
	(void)state;
	assert_string_equal(report_fields(0, &arena), "");
	assert_string_equal(report_fields(1u << FIELD_TITLE, &arena), "title");
	assert_string_equal(report_fields((1u << (FIELD_TAGS + 1)) - 1, &arena),
		"title, summary, date, studio, performers, tags");
}

/* --- log ---------------------------------------------------------------------------- */

static void log_it(const void *push)
{
	report_log(push);
}

static void test_log(void **state)
{
	static const struct {
		const char *title;
		enum push_result result;
		unsigned written, kept;
		bool dry_run;
		const char *reason, *lines;
	} rows[] = {
		{"Harbour Lights", PUSH_SYNCED, 1, 0, false, NULL,
			"\x01i\x02Scene 45 \"Harbour Lights\": wrote title in Films item 55\n"},
		{"Harbour Lights", PUSH_SYNCED, 1, 2, true, NULL,
			"\x01i\x02Scene 45 \"Harbour Lights\": would write title in Films item 55; "
			"left to Plex: summary\n"},
		{"", PUSH_UNCHANGED, 0, 0, false, NULL,
			"\x01"
			"d\x02Scene 45 \"/a.mkv\": nothing to write\n"},
		{"x", PUSH_UNCHANGED, 0, 1, false, NULL,
			"\x01i\x02Scene 45 \"x\": nothing to write; left to Plex: title\n"},
		{"x", PUSH_AMBIGUOUS, 0, 0, false, "two",
			"\x01w\x02Scene 45 \"x\": not written: two\n"},
		{"x", PUSH_AMBIGUOUS, 2, 0, false, "title differs",
			"\x01i\x02Scene 45 \"x\": wrote summary in Films item 55\n"
			"\x01w\x02Scene 45 \"x\": not written: title differs\n"},
		{"x", PUSH_NOT_FOUND, 0, 0, false, "gone",
			"\x01i\x02Scene 45 \"x\": gone; it waits until Plex has it\n"},
		{"", PUSH_QUEUED, 0, 0, false, NULL,
			"\x01"
			"d\x02Scene 45: queued\n"},
		{"x\ny", PUSH_IGNORED, 0, 0, false, "why",
			"\x01"
			"d\x02Scene 45 \"x\\x0ay\": ignored: why\n"},
	};
	struct scene_file file = {.path = "/a.mkv"};
	bool ok = true;

	(void)state;
	log_init(LOG_STASH, LOG_TRACE);
	for (size_t i = 0; i < ROWS(rows); i++) {
		struct push push;
		begin(&push, 45, rows[i].result);
		push.scene.title = rows[i].title;
		push.scene.files = &file;
		push.scene.file_count = 1;
		push.asked.dry_run = rows[i].dry_run;
		push.reason = rows[i].reason;
		add(&push, &films, rows[i].written, rows[i].kept);
		ok &= row_text(rows[i].lines, written(&arena, STDERR_FILENO, log_it, &push),
			rows[i].lines);
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
