/*
 * test_locate.c - what the library index answers for a file: what it has, and how sure it may
 * be of that.
 */
#include "helpers.h"

#include "base/log.h"
#include "find/locate.h"
#include "state/library_index.h"

#define PATH "/media/Harbour Lights.mp4"

static char dir[TEMP_BYTES];
static struct arena arena;
static struct state state;
static struct env_settings use;
static struct env_run run;
static struct env env = {.arena = &arena, .state = &state, .use = &use, .run = &run};

static int setup(void **unused)
{
	struct err err;

	(void)unused;
	arena_init(&arena);
	temp_make(dir);
	use = (struct env_settings){.known = true};
	return state_open(&state, dir, &err) ? 0 : -1;
}

static int teardown(void **unused)
{
	(void)unused;
	state_close(&state);
	temp_remove(dir);
	arena_clear(&arena);
	return 0;
}

/* A library of 'count' films, each in a folder of its own, of which the last one has the
 * size of ours. */
static void add_library(int id, const char *title, size_t count, bool complete)
{
	struct index_section section = {
		.id = id, .title = title, .type = "movie", .generation = 1, .complete = complete};
	struct txn txn;

	assert_true(state_begin_cache(&state, &txn, TXN_WRITE));
	library_index_save_section(&txn, &section);
	for (size_t i = 0; i < count; i++) {
		struct index_part part = {.section = id,
			.rating_key = (int64_t)(100 * id + 1000 * (int)i),
			.size = i + 1 == count ? 10 : 99,
			.path = arena_printf(&arena, "/films/%d/%zu/Harbour Lights.mp4", id, i)};
		assert_true(library_index_put(&txn, &section, 1, &part));
	}
	assert_true(store_commit(&txn, NULL));
}

static struct location locate(void)
{
	struct scene_file file = {.path = PATH, .size = 10};
	struct location where;

	assert_true(locate_by_index(&env, &file, &where, &arena));
	return where;
}

/* A list of candidates that is full may lack one of the same size. */
static void test_full_list(void **unused)
{
	static const struct {
		const char *name;
		size_t films;
		enum locate_answer want;
	} rows[] = {
		{"one of this name and size", 1, LOCATE_FOUND},
		{"one of a few has the size", LIMIT_CANDIDATES - 1, LOCATE_FOUND},
		{"one of as many as are looked at", LIMIT_CANDIDATES, LOCATE_AMBIGUOUS},
		{"more than are looked at", LIMIT_CANDIDATES + 1, LOCATE_AMBIGUOUS},
	};
	bool ok = true;

	for (size_t i = 0; i < ROWS(rows); i++) {
		setup(unused);
		add_library(1, "Films", rows[i].films, true);
		ok &= row_int(rows[i].name, locate().answer, rows[i].want);
		teardown(unused);
	}
	assert_true(ok);
}

static void test_incomplete(void **unused)
{
	(void)unused;
	add_library(1, "Films", 0, true);
	assert_int_equal(locate().answer, LOCATE_ABSENT);
	add_library(2, "Shorts", 0, false);
	assert_int_equal(locate().answer, LOCATE_UNKNOWN);
	add_library(1, "Films", 1, true); /* what is there is there */
	assert_int_equal(locate().answer, LOCATE_FOUND);
}

static void test_selected(void **unused)
{
	char name[] = "shorts", *names[] = {name};
	struct location where;

	(void)unused;
	add_library(1, "Films", 1, true);
	add_library(2, "Shorts", 1, true);
	assert_int_equal(locate().count, 2); /* one in each */
	use.s.libraries = (struct str_list){.v = names, .n = 1};
	where = locate();
	assert_int_equal(where.answer, LOCATE_FOUND);
	assert_int_equal(where.count, 1);
	assert_string_equal(where.items[0].library, "Shorts");
}

static void test_just_read(void **unused)
{
	static const struct {
		const char *name;
		struct index_section section;
		bool want;
	} rows[] = {
		{"read as a whole since then",
			{.complete = true, .full_pass_ms = 60, .confirmed_ms = 60}, true},
		{"at that very time", {.complete = true, .full_pass_ms = 50, .confirmed_ms = 50},
			true},
		{"before", {.complete = true, .full_pass_ms = 49, .confirmed_ms = 49}, false},
		{"before, and confirmed since",
			{.complete = true, .full_pass_ms = 49, .confirmed_ms = 60}, false},
		{"since then, and something came later",
			{.complete = true, .full_pass_ms = 60, .confirmed_ms = 70}, false},
		{"at a time that is still to come",
			{.complete = true, .full_pass_ms = 101, .confirmed_ms = 101}, false},
		{"in part", {.full_pass_ms = 60, .confirmed_ms = 60}, false},
		{"never", {.complete = true}, false},
	};
	bool ok = true;

	(void)unused;
	for (size_t i = 0; i < ROWS(rows); i++)
		ok &= row_int(rows[i].name, locate_was_just_read(&rows[i].section, 50, 100),
			rows[i].want);
	assert_true(ok);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_full_list),
		cmocka_unit_test_setup_teardown(test_incomplete, setup, teardown),
		cmocka_unit_test_setup_teardown(test_selected, setup, teardown),
		cmocka_unit_test(test_just_read),
	};

	log_init(LOG_TERMINAL, LOG_ERROR);
	return cmocka_run_group_tests_name("locate", tests, NULL, NULL);
}
